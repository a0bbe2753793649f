"""Tests of Practice and Device: a device on the page, driven by mouse, by keyboard and by another page."""

import json, os, re, shutil, signal, subprocess, time
from runner import must, test
from browsers import Chromium, Failure
from projects import Studio, run

MESSAGES = ["language-name", "raise-hand", "safe-here", "interpreter-coming", "need-doctor"]
LIVE = "document.querySelector('.stage .facts')?.dataset.state"
METER = "document.querySelector('.sound meter').dataset"


def stage(bench):
    """A project with synthetic speech and a kit, and the studio that shows it; made once."""
    if getattr(bench, "talk", None) is None:
        run(bench.firstword, bench.top, "new", "talk", "--languages", "ro,vi", "--prompts", ",".join(MESSAGES))
        run(bench.firstword, bench.top, "synthesize", "--project", "talk")
        run(bench.firstword, bench.top, "keygen", "k", "--no-password")
        os.makedirs(bench.top + "/talk/kits")
        run(bench.firstword, bench.top, "build", "--project", "talk", "--key", "k.key", "--partial", "-o", "talk/kits/talk.kit")
        bench.talk = Studio(bench.firstword, bench.top, "talk", "--read-only")
        bench.stop_also(bench.talk)
        bench.talk_page = Chromium()
        bench.stop_also(bench.talk_page)
        bench.enter(bench.talk, bench.talk_page)
    page = bench.talk_page
    page.size(1280, 900)
    page.scheme("light")
    page.js("(localStorage.clear(), document.documentElement.dir = 'ltr', 1)")
    return page


def open_practice(bench, board, kit="kits/talk.kit"):
    """The view of the practice, with a running device on a board."""
    page = stage(bench)
    over(bench)
    bench.open(f"#/project/talk/practice?board={board}&kit={kit}", page)
    page.wait("document.getElementById('begin')", "the end of the practice before")
    page.press("b")
    page.wait("document.querySelector('[data-contact]') && !document.querySelector('.stage').hidden", "the device")
    page.wait(LIVE + " === 'draft'", "the device to be ready")
    return page


def over(bench):
    """Ends a practice of another test."""
    page = bench.talk_page
    if not daemons(bench.talk):
        return
    page.js(
        "fetch('/api/1/practice/end', { method: 'POST', body: '{}', "
        "headers: { 'Content-Type': 'application/json', 'X-Firstword': '1' } }).then(() => 1)"
    )
    end = time.monotonic() + 20
    while daemons(bench.talk) and time.monotonic() < end:
        time.sleep(0.05)
    must(not daemons(bench.talk), "the daemon does not end with the practice")


def daemons(studio):
    """The process ids of the daemons that a studio started."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit():
                words = open(f"/proc/{name}/stat").read().rsplit(")", 1)
                if words[0].endswith("(firstwordd") and words[1].split()[1] == str(studio.process.pid):
                    found.append(int(name))
        except OSError:
            pass  # it has ended
    return found


def place(page, button):
    """The middle of the responder's button for a meaning, by its words."""
    return page.js(
        "(words => { const one = [...document.querySelectorAll('[data-contact]')]"
        ".find(each => each.querySelector('.does').innerText === words);"
        " one.scrollIntoView({ block: 'center' }); const box = one.getBoundingClientRect();"
        f" return [box.x + box.width / 2, box.y + box.height / 2] }})({json.dumps(button)})"
    )


def mouse(page, button, seconds=0.05):
    """Presses a button of the device with the mouse."""
    x, y = place(page, button)
    fields = dict(x=x, y=y, button="left", clickCount=1)
    page.send("Input.dispatchMouseEvent", type="mousePressed", **fields)
    time.sleep(seconds)
    page.send("Input.dispatchMouseEvent", type="mouseReleased", **fields)


def touch(page, button, seconds):
    """Presses a button of the device with a finger."""
    x, y = place(page, button)
    page.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    time.sleep(seconds)
    page.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


def hold(page, key, seconds):
    """Holds a key down."""
    page.send("Input.dispatchKeyEvent", type="keyDown", key=key, code="", text=key)
    page.send("Input.dispatchKeyEvent", type="keyDown", key=key, code="", text=key, autoRepeat=True)
    time.sleep(seconds)
    page.send("Input.dispatchKeyEvent", type="keyUp", key=key, code="")


def journal(page, kind, text):
    """Waits for a line of the journal."""
    page.wait(
        f"[...document.querySelectorAll('.log li[data-kind={kind}]')]"
        f".some(one => one.innerText.includes({json.dumps(text)}))",
        f"'{kind} … {text}' in the journal",
    )


SOUND = """(async () => {
  let [from, energy] = [0, 0]
  for (;;) {
    const answer = await fetch(`/api/1/practice/sound?from=${from}`)
    const samples = new Int16Array(await answer.arrayBuffer())
    if (samples.length === 0) return { frames: from, energy }
    for (const sample of samples) energy += sample * sample
    from += samples.length
  }
})()"""


@test("practice: a contact by mouse: language, question, answer, journal, lights, and every frame of the card is heard")
def by_mouse(bench):
    page = open_practice(bench, "raspberry-pi.yaml")
    mouse(page, "next language")
    page.wait("document.querySelector('.stage .facts').innerText.includes('Romanian')", "the language")
    page.wait(LIVE + " === 'draft'", "the end of its name")
    mouse(page, "Do you need medical help?")
    page.wait(LIVE + " === 'playing'", "the question")
    page.wait(LIVE + " === 'waiting'", "the wait for an answer")
    page.wait("document.querySelectorAll('.lamp')[1].matches('.lit')", "the light for 'waiting'")
    page.wait("!document.querySelectorAll('.lamp')[1].matches('.lit')", "the light to blink")
    bench.picture_of(page, "practice")
    mouse(page, "answer: yes")
    journal(page, "played", "Do you need medical help?")
    journal(page, "answered", "judged by the responder")
    page.wait(LIVE + " === 'draft'", "the device to be ready again")
    heard = page.js(SOUND)
    must(heard["frames"] > 48_000, f"only {heard['frames']} frames left the card")
    page.wait(f"Number({METER}.frames) === {heard['frames']}", "all frames of the card on the page")
    must(float(page.js(METER + ".energy")) == heard["energy"], "the page has other samples than the card")
    page.wait(f"Number({METER}.played) === {heard['frames']}", "all frames to be heard")
    print(f"     {heard['frames'] / 48000:.1f} s left the card, and were heard with {page.js(METER + '.gaps')} gaps")
    # A reload loses nothing: the device goes on.
    bench.reload(page)
    page.wait("document.querySelector('.stage .facts').innerText.includes('Romanian')", "the device after a reload")
    journal(page, "answered", "judged by the responder")
    sheet = page.js(
        "Promise.all([...document.querySelectorAll('main a[target=_blank]')].map(one => fetch(one.href)"
        ".then(answer => answer.text())))"
    )
    must(len(sheet) == 2 and "Do you need medical help?" in sheet[0], "the hand-over sheet lacks the question")
    must("PRACTICE: " in sheet[0] and "PRACTICE: " in sheet[1], "a sheet of a practice can be taken for a real one")
    must("redacted" not in sheet[0] and ">redacted<" in sheet[1], "the sheets are not one whole and one redacted")
    bench.quiet(page, bench.talk.origin, "practice by mouse")
    # In a tab it is a page with its own style, without a complaint.
    page.go(page.js("document.querySelector('main a[target=_blank]').href"))
    must(page.js("getComputedStyle(document.body).maxWidth") != "none", "the sheet has no style")
    bench.quiet(page, bench.talk.origin, "the sheet")
    bench.picture_of(page, "practice-sheet")
    page.go(bench.talk.origin + "/#/project/talk/practice")
    page.wait(LIVE + " === 'draft'", "the device")


@test("practice: the keyboard alone: a number pad, a long press, STOP, the hand-over sheet, and the end")
def by_keyboard(bench):
    page = open_practice(bench, "number-pad.yaml")
    for key in "*29":
        page.press(key)
    page.wait("document.querySelector('.stage .facts').innerText.includes('Romanian')", "the language 29")
    page.wait(LIVE + " === 'draft'", "the end of its name")
    for key in "13":
        page.press(key)
    page.wait(LIVE + " === 'waiting'", "the question 13")
    page.press("+")
    journal(page, "answered", "yes")
    hold(page, ".", 1.2)
    journal(page, "sequence", "first-contact began")
    page.press("Escape")
    page.wait(LIVE + " === 'draft'", "the stop")
    # The same by a finger, and by the mouse.
    count = "document.querySelectorAll('.log li[data-kind=sequence]').length"
    before = page.js(count)
    touch(page, "repeat", 1.2)
    page.wait(f"{count} > {before}", "the sequence by touch")
    page.press("Escape")
    page.wait(LIVE + " === 'draft'", "the stop")
    mouse(page, "next language", 1.2)
    page.wait("document.querySelector('.stage .facts').innerText.includes('finder')", "the finder, by a long press")
    page.press("Escape")
    page.wait(LIVE + " === 'draft'", "the stop")
    # The view's own keys, and a button that has the focus.
    must(page.js("location.hash.includes('practice')"), "a digit has left the view")
    page.js("document.querySelector('[data-contact]').focus()")
    page.press("Enter")
    page.js("document.activeElement.blur()")
    page.press("e")
    page.wait("document.getElementById('begin')", "the end")
    must("has ended" in page.js("document.querySelector('main').innerText"), "it does not say that it has ended")
    must(page.js("document.querySelectorAll('main a[target=_blank]').length") == 2, "the sheets are gone with the device")
    bench.quiet(page, bench.talk.origin, "practice by keyboard")


@test("practice: the drill sets tasks, and says what was right and wrong")
def by_drill(bench):
    # Without a kit: a trial build of the project as it is.
    page = open_practice(bench, "raspberry-pi.yaml", kit="")
    page.press("t")
    page.wait("document.querySelector('.task')?.innerText.includes('language')", "the first task")
    mouse(page, "An interpreter is coming")
    for _ in range(3):
        page.press("n")
        page.wait(LIVE + " === 'playing'", "a name")
        page.wait(LIVE + " === 'draft'", "its end")
        mouse(page, "We want you to be safe here")
        page.wait("document.querySelector('.remarks .right, .remarks .wrong')", "a remark")
        page.press(" ")
        page.wait(LIVE + " !== 'playing'", "the stop")
        if page.js("document.querySelector('.task').innerText.includes('safe')"):
            break
    must("safe" in page.js("document.querySelector('.task').innerText"), "the language is not found")
    mouse(page, "We want you to be safe here")
    page.wait("document.querySelector('.task').innerText.includes('doctor')", "the next task")
    must(page.js("document.querySelector('.remarks .right') !== null"), "nothing says that it was right")
    page.js("[...document.querySelectorAll('.stage button')].find(one => one.innerText === 'End the drill').click()")
    page.wait("!document.querySelector('.task')", "the end of the drill")


@test("practice: two pages share one device, and the second one hears it too")
def shared(bench):
    page = open_practice(bench, "raspberry-pi.yaml")
    with bench.chromium.stranger() as other:
        bench.talk.address = bench.talk.token(
            len([line for line in bench.talk.lines if line and "#token=" in line]) - 1
        )
        bench.enter(bench.talk, other)
        bench.open("#/project/talk/practice", other)
        other.wait(LIVE + " === 'draft'", "the running device")
        must(len(daemons(bench.talk)) == 1, "there are two daemons")
        before = int(other.js(METER + ".frames ?? 0"))
        mouse(other, "next language")
        for one in (page, other):
            one.wait("document.querySelector('.stage .facts').innerText.includes('Romanian')", "the language")
            one.wait(LIVE + " === 'draft'", "its end")
        other.wait(f"Number({METER}.frames) > {before} + 4800", "sound on the second page")
        page.press("e")
        other.wait("document.getElementById('begin')", "the end on both pages")


@test("practice: of two tabs of one browser the one in front sounds, and the other one takes over on a wish")
def tabs(bench):
    page = open_practice(bench, "raspberry-pi.yaml")
    page.press("Shift")
    page.wait(f"{METER}.elsewhere === 'false'", "the only tab to sound")
    other = page.another(bench.talk.origin + "/#/project/talk/practice")
    try:
        other.wait(LIVE + " === 'draft'", "the running device")
        other.press("Shift")
        page.wait(f"{METER}.elsewhere === 'true'", "the first tab to be silent")
        other.wait(f"{METER}.elsewhere === 'false'", "the second tab to sound")
        before = int(page.js(METER + ".played ?? 0"))
        mouse(other, "next language")
        other.wait(f"Number({METER}.played) > 4800", "sound on the second tab")
        must(int(page.js(METER + ".played ?? 0")) == before, "both tabs sound")
        page.js("[...document.querySelectorAll('.sound button')].find(one => one.checkVisibility()).click()")
        page.wait(f"{METER}.elsewhere === 'false'", "the first tab to take over")
        other.wait(f"{METER}.elsewhere === 'true'", "the second tab to be silent")
    finally:
        other.leave()
    page.wait(f"{METER}.elsewhere === 'false'", "the tab that is left")
    page.press("e")
    page.wait("document.getElementById('begin')", "the end")


@test("practice: a killed daemon is reported with its last lines, and another device can begin")
def killed(bench):
    page = open_practice(bench, "headless.yaml")
    os.kill(daemons(bench.talk)[0], signal.SIGKILL)
    page.wait("document.querySelector('main').innerText.includes('ended by itself')", "the reason")
    must(page.js("document.querySelector('pre').innerText.length") > 10, "the last lines are missing")
    bench.picture_of(page, "practice-killed")
    page.press("b")
    page.wait("!document.querySelector('.stage').hidden && " + LIVE + " === 'draft'", "another device")
    bench.quiet(page, bench.talk.origin, "a killed daemon")


@test("practice: axe finds nothing on a running device, and no board is wider than a window of 360 px")
def running(bench):
    wrong = []
    for board in ("listener-buttons.yaml", "number-pad.yaml"):
        page = open_practice(bench, board)
        page.press("t")
        page.wait("document.querySelector('.task')", "the drill")
        for way, width, scheme, direction in (
            ("light", 1280, "light", "ltr"),
            ("dark", 1280, "dark", "ltr"),
            ("rtl", 1280, "light", "rtl"),
            ("narrow", 360, "light", "ltr"),
        ):
            page.size(width, 900)
            page.scheme(scheme)
            page.js(f"(document.documentElement.dir = '{direction}', 1)")
            over = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            must(over <= 0, f"{board} is {over} px wider than {width} px")
            bench_page, bench.chromium = bench.chromium, page
            try:
                wrong += [f"{board}, {way}: {one}" for one in bench.violations()]
            finally:
                bench.chromium = bench_page
            bench.picture_of(page, f"practice-{board.split('.')[0]}-{way}")
        page.js("(document.documentElement.dir = 'ltr', 1)")
    must(not wrong, "; ".join(wrong[:6]))


@test("device: the journal of a device is verified and shown with its sheets, and a changed one is not intact")
def device(bench):
    page = open_practice(bench, "raspberry-pi.yaml")
    page.press("n")
    page.wait(LIVE + " === 'playing'", "a name")
    page.wait(LIVE + " === 'draft'", "its end")
    words = open(f"/proc/{daemons(bench.talk)[0]}/cmdline").read().split("\0")
    text = open(words[words.index("--journal") + 1]).read()
    os.makedirs(bench.top + "/stick", exist_ok=True)
    good, bad = bench.top + "/stick/journal.jsonl", bench.top + "/stick/bad.jsonl"
    open(good, "w").write(text)
    open(bad, "w").write(re.sub(r'"language":"ro"', '"language":"vi"', text, count=1))
    page.press("e")
    page.wait("document.getElementById('begin')", "the end")
    bench.open("#/project/talk/device", page)
    choose(page, good)
    page.wait("document.querySelector('main .good')?.innerText.startsWith('Intact')", "the verdict")
    must(page.js("document.querySelectorAll('details[open] li[data-kind=played]').length") > 0, "no message is shown")
    must(
        "Name of the language" in page.js("document.querySelector('details[open]').innerText"),
        "the messages have no names: the kit in the project was played",
    )
    bench.picture_of(page, "device")
    address = page.js("location.hash")
    bench.reload(page)
    page.wait("document.querySelector('main .good')", "the journal after a reload")
    must(page.js("location.hash") == address, "the reload forgets the journal")
    sheets = page.js(
        "Promise.all([...document.querySelectorAll('main a[target=_blank]')].map(one => fetch(one.href)"
        ".then(answer => answer.status)))"
    )
    must(sheets == [200, 200], f"the sheets answer {sheets}")
    last = page.js("[...document.querySelectorAll('main code')].at(-1).innerText")
    for noted, words in ((last, "A line has this SHA-256"), ("0" * 64, "No line has this SHA-256")):
        page.js(
            "(one => (one.value = '" + noted + "', one.form.requestSubmit(), 1))"
            "(document.querySelector('main form input'))"
        )
        page.wait(f"document.querySelector('main').innerText.includes('{words}')", words)
    choose(page, bad)
    page.wait("document.querySelector('main .finding.error')?.innerText.startsWith('Not intact')", "the verdict")
    with open(bench.top + "/stick/other.txt", "w") as file:
        file.write("no journal <b>at all</b>\n")
    choose(page, bench.top + "/stick/other.txt")
    page.wait("document.getElementById('fault').innerText.includes('no journal')", "a line that says so")
    page.js("[...document.querySelectorAll('main button')].find(one => one.innerText.startsWith('Forget')).click()")
    page.wait("!document.querySelector('main details')", "the journal to be forgotten")


def choose(page, path):
    """Chooses a file, as a person does in the browser's window."""
    root = page.send("DOM.getDocument")["root"]["nodeId"]
    node = page.send("DOM.querySelector", nodeId=root, selector="#journal-files")["nodeId"]
    page.send("DOM.setFileInputFiles", nodeId=node, files=[path])
