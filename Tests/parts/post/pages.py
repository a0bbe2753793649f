"""Tests of a speaker's and a reviewer's page, from the file that goes out to the kit that is built."""

import json, os, re, subprocess, time, zipfile
from browsers import Chromium, Firefox
from desk import LOOKS, SENDER, agree, click, fill, following, keep, measure, record, run, step
from runner import must, test


def project(desk, name, prompts="language-name,safe-here,interpreter-coming,goodbye", languages="ro"):
    desk.firstword("new", name, "--languages", languages, "--prompts", prompts)
    desk.firstword("post", "booth", "ro", *SENDER, "--words", "en,fr,ar", "-o", f"{name}.html", "--project", name)


def opened(desk, path):
    """Checks a saved file with other programs, and returns its directory and content."""
    run("unzip", "-tq", path)
    where = path + ".d"
    zipfile.ZipFile(path).extractall(where)
    run("minisign", "-V", "-p", where + "/key.pub", "-m", where + "/return.json")
    return where, json.load(open(where + "/return.json"))


def compare(desk, where, content):
    """Compares each take with what the microphone played.

    On a busy machine the sound server and the browser drop sound before the page has it, which no frame number shows:
    then one take must be exact, and the count is printed. On an idle machine all are.
    """
    exact = 0
    for take in content["takes"]:
        decoded = subprocess.run(
            ["flac", "-d", "-s", "-c", "--force-raw-format", "--endian=little", "--sign=signed", f"{where}/{take['file']}"],
            capture_output=True,
        )
        must(decoded.returncode == 0, f"{take['file']}: {decoded.stderr[-200:]}")
        must(take["bits"] == 16, f"{take['file']} has {take['bits']} bits, and the microphone 16")
        must(len(decoded.stdout) == 2 * take["samples"], f"{take['file']} has not its samples")
        exact += desk.sound.holds(decoded.stdout)
    count, load = len(content["takes"]), os.getloadavg()[0]
    print(f"     {exact} of {count} takes are what the microphone played, sample for sample; load {load:.0f}")
    must(exact == count or exact > 0 and load >= os.cpu_count(), f"only {exact} of {count} takes are what the microphone played")


def speaker(desk, kind, name):
    project(desk, name)
    with desk.browser(kind) as page:
        desk.open(page, name + ".html")
        code = agree(page)
        heard = measure(page)
        must("dB" in heard, f"the room: {heard}")
        texts = page.js("JSON.parse(document.getElementById('data').textContent).texts.map(one => one.item)")
        record(page, block=True)
        following(page)
        record(page)
        # Closed in the middle: what is recorded stays.
        page.go("about:blank")
        desk.open(page, name + ".html")
        step(page, "texts")
        must(page.js("document.querySelector('progress').value") == 2, "a recording is lost")
        for index in range(2, len(texts)):
            if index == 3:
                click(page, "#main > .acts:last-of-type button")
                step(page, "complain")
                fill(page, "#note", "Nobody says <b>this</b>.")
                click(page, "button[type=submit]")
                page.wait("document.body.dataset.step === 'texts'")
                page.wait(f"document.getElementById('count').innerText.startsWith('{min(index + 2, len(texts))} ')", "the next text")
                continue
            record(page)
            if index < len(texts) - 1:
                following(page)
        page.go("about:blank")
        desk.open(page, name + ".html")
        step(page, "finish")
        click(page, "button.main")
        path = desk.download(page, 1)
        page.wait("document.querySelector('.saved')", "the page to say what was saved")
        desk.quiet(page, name)
        where, content = opened(desk, path)
        must(len(content["takes"]) == len(texts) - 1 and len(content["notes"]) == 1, f"it has {len(content['takes'])} takes")
        compare(desk, where, content)
        # Everything is deleted, and the page begins anew.
        click(page, "footer button")
        step(page, "remove")
        click(page, "button.main")
        step(page, "removed")
        desk.open(page, name + ".html")
        step(page, "welcome")
    return path, code, texts


def imported(desk, name, path, texts):
    plan = desk.firstword("import", path, "--project", name, "--dry-run")
    must("For people who need help. <i>Nothing</i> else." in plan and "ro/f1" in plan, f"the plan is {plan}")
    must(not os.path.exists(f"{desk.top}/{name}/recordings/ro/f1"), "a dry run wrote something")
    desk.firstword("import", path, "--project", name, "--yes")
    again = desk.firstword("import", path, "--project", name, "--yes")
    must("was imported on" in again, f"the second import says {again}")
    files = os.listdir(f"{desk.top}/{name}/recordings/ro/f1")
    must(len(files) == len(texts) - 1, f"there are {files}")
    where = path + ".d/takes/"
    for file in files:
        must(open(f"{desk.top}/{name}/recordings/ro/f1/{file}", "rb").read() == open(where + file, "rb").read(), f"{file} differs")
    must("Nobody says <b>this</b>." in desk.firstword("words", "ro", "--project", name), "the note is not shown")


@test("a speaker records in Chromium, closes the page, resumes and saves; each sample is imported and built")
def chromium(desk):
    path, code, texts = speaker(desk, Chromium, "spoken")
    imported(desk, "spoken", path, texts)
    desk.firstword("check", "--project", "spoken", status=1)
    desk.firstword("keygen", "publisher", "--no-password")
    desk.firstword("build", "--project", "spoken", "-o", f"{desk.top}/spoken.kit", "--key", "publisher.key", "--partial")
    must("safe-here" in desk.firstword("list", f"{desk.top}/spoken.kit"), "the kit has no clip")
    # The code that only the speaker has takes the voice down.
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    desk.firstword("takedown", wrong, "--project", "spoken", status=2)
    shown = desk.firstword("takedown", code.lower().replace("-", " "), "--project", "spoken")
    must("would remove" in shown, f"takedown says {shown}")


@test("a speaker records in Firefox, closes the page, resumes and saves; each sample is imported")
def firefox(desk):
    path, _, texts = speaker(desk, Firefox, "fox")
    imported(desk, "fox", path, texts)


def answer(page, mine, refuse=None, recordings=1):
    """Answers the text that is shown: yes to all, or no with a reason."""
    fill(page, "#mine", mine)
    must(not page.js("document.querySelector('dl')"), "the meaning is shown before the translation")
    click(page, "form button.main")
    page.wait("document.querySelector('[data-yes=wording]')", "the question of the words")
    if refuse:
        click(page, "[data-no=wording]")
        fill(page, "#wording-reason", refuse)
        click(page, "fieldset form button")
        page.wait("document.querySelector('[data-no=wording]').getAttribute('aria-pressed') === 'true'", "the no")
        return
    click(page, "[data-yes=wording]")
    for index in range(recordings):
        page.wait(f"document.querySelector('[data-yes=recording-{index}]')", "the question of the recording")
        must(page.js(f"document.querySelector('[data-yes=recording-{index}]').disabled"), "yes is possible before it was heard")
        click(page, "section button")
        page.wait(f"!document.querySelector('[data-yes=recording-{index}]').disabled", "the recording to end")
        click(page, f"[data-yes=recording-{index}]")
        page.wait(f"document.querySelector('[data-yes=recording-{index}]').getAttribute('aria-pressed') === 'true'", "the yes")


def reviewer(desk, kind, name, who, refused=None):
    """Reviews the first two texts of a project, and returns the saved file and the key's number."""
    with desk.browser(kind) as page:
        desk.open(page, name + "-review.html")
        fill(page, "#name", who)
        click(page, "form button")
        step(page, "texts")
        recorded = page.js("JSON.parse(document.getElementById('data').textContent).texts.map(one => one.recordings.length)")
        answer(page, "It says something good.", recordings=recorded[0])
        following(page)
        page.go("about:blank")
        desk.open(page, name + "-review.html")
        step(page, "texts")
        must(page.js("document.getElementById('count').innerText").startswith("2 "), "it does not resume at the second text")
        answer(page, "It says another thing.", refuse=refused, recordings=recorded[1])
        click(page, "#main > .acts:last-of-type button")
        step(page, "finish")
        number = page.js("document.querySelector('code').innerText")
        click(page, "button.main")
        path = desk.download(page, 1)
        desk.quiet(page, name)
    return path, number


@test("two reviewers judge in two browsers; vouched keys approve, and a no comes back with its reason")
def review(desk):
    name = "judged"
    project(desk, name, "safe-here,goodbye")
    with desk.browser(Chromium) as page:
        desk.open(page, name + ".html")
        agree(page)
        measure(page)
        count = len(page.js("JSON.parse(document.getElementById('data').textContent).texts"))
        for index in range(count):
            record(page)
            if index < count - 1:
                following(page)
        click(page, "#main > .acts:nth-last-of-type(2) button:nth-child(2)")
        step(page, "finish")
        click(page, "button.main")
        desk.firstword("import", desk.download(page, 1), "--project", name, "--yes")
        desk.firstword("post", "review", "ro", *SENDER, "--words", "en,ar", "-o", f"{name}-review.html", "--project", name)
        # The speaker's own browser cannot approve the own voice.
        desk.open(page, name + "-review.html")
        fill(page, "#name", "Somebody else")
        click(page, "form button")
        step(page, "texts")
        answer(page, "It says something good.")
        click(page, "#main > .acts:last-of-type button")
        step(page, "finish")
        click(page, "button.main")
        own = desk.firstword("import", desk.download(page, 2), "--project", name, "--dry-run")
        must("nobody approves the own voice" in own, f"the speaker's review says {own}")
        desk.quiet(page, name)
    first, number = reviewer(desk, Chromium, name, "Ana P.")
    second, other = reviewer(desk, Firefox, name, "Sok <i>D.</i>", refused="It <b>threatens</b>.")
    shown = desk.firstword("import", first, "--project", name, "--yes")
    must("a key first seen today" in shown and number in shown, f"the import says {shown}")
    desk.firstword("import", second, "--project", name, "--yes")
    must("was imported on" in desk.firstword("import", second, "--project", name, "--yes"), "a replayed review is imported")
    desk.firstword("vouch", "1234567890ABCDEF", "--project", name, status=2)
    listed = desk.firstword("vouch", "--project", name)
    must(number in listed and other in listed, f"vouch lists {listed}")
    for one in (number, other):
        desk.firstword("vouch", one.lower(), "--project", name)
    lines = [json.loads(line) for line in open(f"{desk.top}/{name}/approvals.jsonl")]
    must(len(lines) == 6 and all(line.get("signature") for line in lines), f"the ledger has {len(lines)} lines")
    words = desk.firstword("words", "ro", "--project", name, "--json")
    states = [one["status"] for one in json.loads(words)]
    must(states.count("approved") == 1 and states.count("reviewed") == 1, f"the words are {states}")
    must("It <b>threatens</b>." in desk.firstword("words", "ro", "--project", name), "the reason is not shown")


@test("every step of both pages is accessible, in both schemes, 360 and 1280 px wide, and right to left")
def looks(desk):
    desk.firstword("new", "look", "--languages", "ro,ar,km,am")
    for tag in ("ar", "km", "am"):
        desk.firstword(
            "post", "booth", f"{tag}", *SENDER, "--words", "en,ar,fr", "--why", "We open in May.", "-o", f"{tag}.html", "--project", "look"
        )
    desk.firstword("post", "review", "ar", *SENDER, "--words", "ar,en", "-o", "ar-review.html", "--project", "look")
    wrong = []
    with desk.browser(Chromium) as page:
        # A scheme changes colours and a width the lines, not the language: one has them all.
        for tag, looks in (("ar", LOOKS), ("km", LOOKS[:1]), ("am", LOOKS[2:3])):
            desk.open(page, tag + ".html")
            if tag == "ar":
                page.js("(one => (one.value = 'ar', one.dispatchEvent(new Event('change'))))(document.querySelector('select'))")
                page.wait("document.documentElement.dir === 'rtl'", "the page from right to left")
            wrong += desk.look(page, f"{tag} welcome", looks)
            click(page, "button.main")
            step(page, "consent")
            wrong += desk.look(page, f"{tag} consent", looks)
            click(page, "form .acts button:nth-child(2)")
            agree(page)
            wrong += desk.look(page, f"{tag} room", looks)
            click(page, "button.main")
            page.wait("!document.querySelector('#main > .acts').children[1].hidden", "the room to be measured")
            wrong += desk.look(page, f"{tag} measured", looks)
            click(page, "#main > .acts button:nth-child(2)")
            step(page, "texts")
            wrong += desk.look(page, f"{tag} text", looks)
            click(page, "button.record")
            page.wait("document.querySelector('button.record').dataset.act === 'stop'", "the recording to begin")
            wrong += desk.look(page, f"{tag} recording", looks)
            keep(page)
            wrong += desk.look(page, f"{tag} recorded", looks)
            click(page, "#main > .acts:last-of-type button:nth-child(1)")
            step(page, "complain")
            wrong += desk.look(page, f"{tag} complaint", looks)
            click(page, "form .acts button:nth-child(2)")
            step(page, "texts")
            click(page, "#main > .acts:last-of-type button:nth-child(2)")
            step(page, "finish")
            wrong += desk.look(page, f"{tag} end", looks)
            click(page, "footer button")
            step(page, "remove")
            wrong += desk.look(page, f"{tag} delete", looks)
        desk.open(page, "ar-review.html")
        wrong += desk.look(page, "review welcome")
        fill(page, "#name", "Ana")
        click(page, "form button")
        step(page, "texts")
        wrong += desk.look(page, "review translate")
        fill(page, "#mine", "x")
        click(page, "form button.main")
        page.wait("document.querySelector('[data-no=wording]')")
        click(page, "[data-no=wording]")
        wrong += desk.look(page, "review compare")
        click(page, "#main > .acts:last-of-type button")
        step(page, "finish")
        wrong += desk.look(page, "review end")
        desk.quiet(page, "the pages")
    must(not wrong, f"{len(wrong)}: " + "; ".join(wrong[:6]))


@test("a page without script, microphone or storage says what to do")
def lacks(desk):
    desk.firstword("new", "lack", "--languages", "ro", "--prompts", "safe-here")
    desk.firstword("post", "booth", "ro", *SENDER, "-o", "lack.html", "--project", "lack")
    with desk.browser(Chromium) as page:
        page.send("Emulation.setScriptExecutionDisabled", value=True)
        page.go(f"file://{desk.top}/lack.html")
        page.send("Emulation.setScriptExecutionDisabled", value=False)
        must("needs JavaScript" in page.js("document.querySelector('noscript').textContent"), "the page says nothing")
        for change, words in (
            ("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })", "no microphone"),
            ("delete globalThis.AudioWorkletNode", "no microphone"),
            ("crypto.subtle.generateKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))", "too old"),
            ("IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError') }", "keeps nothing"),
        ):
            made = page.send("Page.addScriptToEvaluateOnNewDocument", source=change)
            desk.open(page, "lack.html")
            must(words in page.js("document.querySelector('main').innerText"), f"{change}: {page.js('document.querySelector(`main`).innerText')[:200]}")
            page.send("Page.removeScriptToEvaluateOnNewDocument", identifier=made["identifier"])


@test("recording a minute takes little processor time")
def battery(desk):
    desk.firstword("new", "minute", "--languages", "ro", "--prompts", "safe-here")
    desk.firstword("post", "booth", "ro", *SENDER, "-o", "minute.html", "--project", "minute")
    with desk.browser(Chromium) as page:
        desk.open(page, "minute.html")
        agree(page)
        measure(page)

        def spent():
            # Of the browser and all its processes, in seconds.
            table = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,cputimes="], capture_output=True, text=True).stdout
            rows = [list(map(int, line.split())) for line in table.splitlines()]
            family = {page.process.pid}
            for _ in rows:
                family |= {pid for pid, parent, _ in rows if parent in family}
            return sum(time for pid, _, time in rows if pid in family)

        seconds = 50 if desk.is_long else 10
        before = spent()
        record(page, seconds)
        used = (spent() - before) * 60 / seconds
        print(f"     {used:.0f} s of processor time for a minute of recording, of the whole browser")
        must(used < 120, f"it took {used:.0f} s")


@test("all messages of a project are recorded one after the other, and imported (--long)")
def whole(desk):
    if not desk.is_long:
        return
    name = "whole"
    desk.firstword("new", name, "--languages", "ro")
    desk.firstword("post", "booth", "ro", *SENDER, "-o", f"{name}.html", "--project", name)
    with desk.browser(Chromium) as page:
        desk.open(page, name + ".html")
        agree(page)
        measure(page)
        count = len(page.js("JSON.parse(document.getElementById('data').textContent).texts"))
        for index in range(count):
            record(page, 0.4, block=index % 5 == 0)
            if index < count - 1:
                following(page)
        click(page, "#main > .acts:nth-last-of-type(2) button:nth-child(2)")
        step(page, "finish")
        click(page, "button.main")
        path = desk.download(page, 1)
        where, content = opened(desk, path)
        compare(desk, where, content)
        desk.firstword("import", path, "--project", name, "--yes")
        print(f"     {count} takes, {os.path.getsize(path) >> 10} KiB")
