"""Tests of Import: dropped files are planned, corrected and imported as the command line does it."""

import json, os, re, shutil, subprocess, wave, zipfile
from bench import READY
from runner import must, test
from projects import HERE, Studio, run

PROMPTS = ["safe-here", "interpreter-coming", "need-doctor", "thank-you"]
# What a take holds: a formula, and the messages in their order.
LINES = ["answer-card", *PROMPTS]


def wording(tag, item):
    """The text of an item in the catalogue."""
    text = open(f"{HERE}/Languages/{tag}.yaml").read()
    return re.search(rf'^  {re.escape(item.removeprefix("answer-"))}:\n    text: "(.*)"$', text, re.M)[1]


def speak(path, tag, item):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    subprocess.run(["espeak-ng", "-v", tag, "-s", "140", "-w", path, wording(tag, item)], check=True)


def samples(path):
    with wave.open(path) as file:
        return file.getframerate(), file.readframes(file.getnframes())


def twins(bench, name):
    """Two equal new projects: one for the page, one for the command line."""
    pair = [f"{name}-page", f"{name}-line"]
    for one in pair:
        # A second try begins anew.
        shutil.rmtree(f"{bench.top}/{one}", ignore_errors=True)
        run(bench.firstword, bench.top, "new", one, "--languages", "ro,es", "--prompts", ",".join(PROMPTS))
        with open(f"{bench.top}/{one}/kit.yaml") as file:
            text = file.read().replace(f'"{one}"', f'"{name}"').replace(one, name)
        with open(f"{bench.top}/{one}/kit.yaml", "w") as file:
            file.write(text)
    return pair


def tree(top):
    """The files of a project with their content."""
    found = {}
    for place, _, names in os.walk(top):
        for name in names:
            path = os.path.join(place, name)
            found[os.path.relpath(path, top)] = open(path, "rb").read()
    return found


def same(bench, page, line):
    page, line = tree(f"{bench.top}/{page}"), tree(f"{bench.top}/{line}")
    must(page.keys() == line.keys(), f"other files: {sorted(page.keys() ^ line.keys())}")
    other = [name for name in page if page[name] != line[name]]
    must(not other, f"other content: {other}")


class Opened:
    """A studio of one project, with a page of its own at Import."""

    def __init__(self, bench, project):
        self.bench, self.studio = bench, Studio(bench.firstword, bench.top, project)
        self.page = bench.chromium.stranger()
        bench.enter(self.studio, self.page)
        bench.open(f"#/project/{project}/import", self.page)

    def __enter__(self):
        return self.page

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.bench.quiet(self.page, self.studio.origin, "import")
        finally:
            self.page.quit()
            self.studio.__exit__()


def main(page):
    return page.js("document.querySelector('main').innerText")


def planned(page):
    page.wait("document.querySelector('[data-key=make]')", "the plan", 60)
    page.wait(READY, "the page")


def pick(page, key, value):
    """Chooses a value of a select, and waits for the plan after it."""
    page.js(
        "(one => (one.value = " + json.dumps(value) + ", one.dispatchEvent(new Event('change')), 1))"
        f"(document.querySelector('[data-key={json.dumps(key)}]'))"
    )


def row(page, name):
    """What the page says of a file."""
    return page.js(
        "[...document.querySelectorAll('li.file')].find(one => one.querySelector('.filename').innerText === "
        + json.dumps(name)
        + ")?.innerText"
    )


def finish(page, count):
    page.press("i")
    page.wait(f"document.querySelector('main').innerText.includes('{count} imported')", "the end of the import", 60)
    page.js("document.querySelector('[data-finish]').click()")
    page.wait("location.hash.endsWith('/check')", "Check")


@test("a folder is dropped, corrected and imported as the command line does it")
def folder(bench):
    ours, theirs = twins(bench, "folder")
    given = f"{bench.top}/given"
    speak(f"{given}/ro_03.wav", "ro", "safe-here")
    speak(f"{given}/Español/13 <b>doctor.wav", "es", "need-doctor")
    speak(f"{given}/ro/Recording 4.wav", "ro", "interpreter-coming")
    open(f"{given}/notes.txt", "w").write("for the trainer")
    open(f"{given}/.DS_Store", "w").write("x")
    with Opened(bench, ours) as page:
        page.drop(given)
        planned(page)
        address = page.js("location.hash")
        must(re.search(r"/import/\w+$", address), f"the plan has no address: {address}")
        must("the voice is unknown" in row(page, "ro_03.wav"), f"the doubt is not said: {row(page, 'ro_03.wav')}")
        must("--" not in main(page), "an option of the command line is named")
        pick(page, "voice", "f1")
        page.wait("document.querySelector('[data-key=make]').innerText === 'Import 2 recordings'", "two recordings")
        must(row(page, "Español/13 <b>doctor.wav"), "a name with markup is not shown as it is written")
        must("may only count" in row(page, "ro/Recording 4.wav"), row(page, "ro/Recording 4.wav"))
        bench.reload(page)
        planned(page)
        must(page.js("location.hash") == address, "the reload forgets the plan")
        index = page.js(
            "[...document.querySelectorAll('li.file')].find(one => one.innerText.includes('Recording 4'))"
            ".querySelector('select[data-key^=prompt]').dataset.key"
        )
        pick(page, index, "interpreter-coming")
        page.wait("document.querySelector('[data-key=make]').innerText === 'Import 3 recordings'", "three recordings")
        must("No recordings (1)" in main(page) and "DS_Store" not in main(page), "notes.txt is not shown, or too much")
        page.js("document.activeElement.blur()")
        finish(page, "3 recordings")
        must(not os.path.exists(f"{bench.top}/{ours}/.uploads"), "the sent copies stay")
        # Sent again, all of it is known.
        bench.open(f"#/project/{ours}/import", page)
        page.drop(f"{given}/ro_03.wav")
        planned(page)
        pick(page, "voice", "f1")
        page.wait("document.querySelector('main').innerText.includes('Imported already (1)')", "the known file")
        page.js("document.querySelector('[data-key=discard]').click()")
        page.wait("location.hash.endsWith('/import')", "the list of imports")
        must(not os.path.exists(f"{bench.top}/{ours}/.uploads"), "a discarded plan stays")
        page.wait("document.querySelector('main').innerText.includes('3 recordings, on ')", "the last import")
    with open(f"{bench.top}/map.csv", "w") as file:
        file.write("file,prompt\nro/Recording 4.wav,interpreter-coming\n")
    run(bench.firstword, bench.top, "import", "given", theirs, "--voice", "f1", "--map", "map.csv", "--yes")
    same(bench, ours, theirs)
    with Opened(bench, ours) as page:
        page.js("document.querySelector('#undo').click()")
        page.press("Enter")
        page.wait("document.querySelector('main').innerText.includes('3 recordings of the last import removed')", "the end")
        must(not page.js("document.querySelector('#undo')"), "it can be undone twice")
    run(bench.firstword, bench.top, "import", "--undo", "--project", theirs, "--yes")
    same(bench, ours, theirs)


# Under load a press on a cut is lost while the answer to the press before it arrives.
@test(
    "a long take is cut by hand, by keyboard, and imported as the command line does it with the same map", only_long=True
)
def long_take(bench):
    ours, theirs = twins(bench, "take")
    parts = []
    for prompt in LINES:
        speak(f"{bench.top}/part.wav", "ro", prompt)
        rate, data = samples(f"{bench.top}/part.wav")
        parts += [data, bytes(2 * int(rate * 1.6))]
    with wave.open(f"{bench.top}/evening.wav", "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", None))
        file.writeframes(bytes(rate) + b"".join(parts))
    with Opened(bench, ours) as page:
        page.drop(f"{bench.top}/evening.wav")
        planned(page)
        pick(page, "language", "ro")
        page.wait("document.querySelector('[data-key=language]')?.value === 'ro'", "the language")
        pick(page, "voice", "f1")
        page.wait("document.querySelector('[data-key=voice]')?.value === 'f1'", "the voice")
        page.js("document.querySelector('[data-key=isLong]').click()")
        page.wait("document.querySelectorAll('li.piece').length === 5", "five pieces", 60)
        must(page.js("document.querySelectorAll('[role=slider]').length") == 2, "the cuts are no sliders")
        page.wait("document.querySelector('.wave canvas').width > 100", "the waveform")
        bench.picture("take")
        # The second piece begins 30 ms later, and ends 100 ms later.
        page.js("document.activeElement.blur()")
        page.press("j")
        page.press("c")
        page.wait("document.activeElement.getAttribute('aria-label')?.startsWith('Start of')", "the cut")
        before = float(page.js("document.activeElement.getAttribute('aria-valuenow')"))
        for _ in range(3):
            page.press("ArrowRight")
        page.press("Tab")
        page.press("ArrowRight", 8)
        after = float(page.js("document.querySelector('.cut.start').getAttribute('aria-valuenow')"))
        must(abs(after - before - 0.03) < 0.006, f"three presses move the cut by {after - before} s")
        end = float(page.js("document.querySelector('.cut.end').getAttribute('aria-valuenow')"))
        page.wait("!document.querySelector('[data-key=make]').disabled", "the corrected plan")
        page.wait(
            f"fetch('/api/1/projects/{ours}/imports/' + location.hash.split('/').pop()).then(one => one.json())"
            f".then(view => view.rows.some(row => row.start === {after} && row.end === {end} && row.fate === 'new'))",
            "the plan to have the new cut",
        )
        bench.reload(page)
        planned(page)
        page.wait("document.querySelectorAll('li.piece').length === 5", "five pieces after a reload")
        # What is heard is the piece.
        page.press("p")
        page.wait("performance.getEntriesByType('resource').some(one => one.name.includes('/sound/'))", "the sound")
        must("no message" not in main(page), "a piece has no message")
        table = page.js("fetch(document.querySelector('a[download]').href).then(one => one.text())")
        finish(page, "5 recordings")
    run(
        bench.firstword, bench.top, "import", "evening.wav", theirs, "--language", "ro", "--voice", "f1", "--long",
        "--write-map", "plan.csv",
    )  # fmt: skip
    lines = open(f"{bench.top}/plan.csv", encoding="utf-8-sig", newline="").read().split("\r\n")
    cells = lines[2].split(",")
    must(abs(float(cells[1]) - before) < 0.006, f"another plan: {lines[2]}, {before}")
    cells[1], cells[2] = repr(round(float(cells[1]) + 0.03, 2)), repr(round(float(cells[2]) + 0.1, 2))
    lines[2] = ",".join(cells)
    with open(f"{bench.top}/plan.csv", "w", newline="") as file:
        file.write("\r\n".join(lines))
    starts = lambda text: [line.split(",")[:6] for line in text.lstrip("\ufeff").split("\r\n") if line]
    must(starts(table) == starts("\r\n".join(lines)), f"the page's table is {table}")
    run(bench.firstword, bench.top, "import", "evening.wav", theirs, "--map", "plan.csv", "--yes")
    same(bench, ours, theirs)


@test("a ZIP with hostile names stays in the project, and is imported as the command line does it")
def archive(bench):
    ours, theirs = twins(bench, "archive")
    names = {
        "../../../outside ro 03.wav": ("ro", "safe-here"),
        "/abs/f1 Español 13.wav": ("es", "need-doctor"),
        "<img src=x onerror=alert()> ro 13.wav": ("ro", "need-doctor"),
    }
    with zipfile.ZipFile(f"{bench.top}/hostile.zip", "w") as packed:
        for name, (tag, prompt) in names.items():
            speak(f"{bench.top}/part.wav", tag, prompt)
            packed.writestr(zipfile.ZipInfo(name), open(f"{bench.top}/part.wav", "rb").read())
        packed.writestr("../kit.yaml", "version: evil")
        packed.writestr("__MACOSX/._x.wav", "x")
    before = set(os.listdir(bench.top)) | set(os.listdir(os.path.dirname(bench.top)))
    with Opened(bench, ours) as page:
        page.drop(f"{bench.top}/hostile.zip")
        planned(page)
        pick(page, "voice", "f1")
        page.wait("document.querySelector('[data-key=make]').innerText === 'Import 3 recordings'", "three recordings")
        for name in names:
            must(row(page, name), f"{name} is not shown as it is written")
        must(page.js("document.querySelectorAll('main img').length") == 0, "a name becomes markup")
        page.js("document.activeElement.blur()")
        finish(page, "3 recordings")
    run(bench.firstword, bench.top, "import", "hostile.zip", theirs, "--voice", "f1", "--yes")
    same(bench, ours, theirs)
    after = set(os.listdir(bench.top)) | set(os.listdir(os.path.dirname(bench.top)))
    new = {name for name in after - before if "browser" not in name and "tmp" not in name and ".org.chromium" not in name}
    must(not new, f"files outside of the project: {new}")


@test("a translator's file is exported by a link, and taken back with each doubt confirmed")
def exchange(bench):
    ours, theirs = twins(bench, "exchange")
    run(bench.firstword, bench.top, "words", "export", "ro", "--project", theirs, "-o", "ro.po")
    with Opened(bench, ours) as page:
        link = page.js("[...document.querySelectorAll('a[download]')].find(one => one.innerText === 'PO').href")
        text = page.js(f"fetch({json.dumps(link)}).then(one => one.text())")
        must(text == open(f"{bench.top}/ro.po").read(), "the exported file is another one")

        def translate(item, value):
            nonlocal text
            text, count = re.subn(
                r'(msgctxt "%s\.text"\nmsgid (?:"[^\n]*\n)+)msgstr (?:"[^\n]*\n)+' % re.escape(item),
                lambda found: found[1] + f'msgstr "{value}"\n',
                text,
            )
            must(count == 1, f"{item} is not in the file")

        translate("safe-here", "Aici sunteți în siguranță acum.")
        translate("thank-you", "Мулцумим că ați răspuns.")
        with open(f"{bench.top}/back.po", "w") as file:
            file.write(text)
        page.drop(f"{bench.top}/back.po")
        page.wait("document.querySelector('[data-write]')", "the changes")
        must("Write 1 change" in main(page) or "Write 2 changes" in main(page), main(page))
        must("In doubt" in main(page) and "is no letter of the script" in main(page), "the doubt is not said")
        bench.picture("translation")
        page.js("document.querySelector('[data-take=thank-you]').click()")
        bench.reload(page)
        must(page.js("document.querySelector('[data-take=thank-you]').checked"), "the reload forgets the answer")
        page.press("w")
        page.wait("document.querySelector('main').innerText.includes('written in Romanian')", "the end")
        must(not os.path.exists(f"{bench.top}/{ours}/.uploads"), "the file stays")
    run(bench.firstword, bench.top, "words", "import", "back.po", "--project", theirs, "--questioned", "--yes")
    same(bench, ours, theirs)


@test("the plan of an import is narrow, right to left and in the dark without a fault")
def import_looks(bench):
    ours, theirs = twins(bench, "looks")
    given = f"{bench.top}/looks"
    shutil.rmtree(given, ignore_errors=True)
    speak(f"{given}/ro_03 with a very long name that says much about the evening when it was made.wav", "ro", "safe-here")
    speak(f"{given}/16.wav", "ro", "thank-you")
    parts = []
    for prompt in LINES:
        speak(f"{bench.top}/part.wav", "ro", prompt)
        rate, data = samples(f"{bench.top}/part.wav")
        parts += [data, bytes(2 * int(rate * 2.5))]
    with wave.open(f"{given}/romanian f1 evening.wav", "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", None))
        file.writeframes(bytes(rate) + b"".join(parts) + parts[0] + bytes(30 * rate))
    with Opened(bench, ours) as page:
        chromium, bench.chromium = bench.chromium, page
        try:
            page.drop(given)
            planned(page)
            page.wait("document.querySelector('.wave canvas')?.width > 100", "the waveform")
            wrong = []
            for way, width, height, scheme, direction in (
                ("light", 1280, 900, "light", "ltr"),
                ("dark", 1280, 900, "dark", "ltr"),
                ("right-to-left", 1280, 900, "light", "rtl"),
                ("narrow", 360, 800, "light", "ltr"),
                ("narrow-rtl", 360, 800, "dark", "rtl"),
            ):
                page.size(width, height)
                page.scheme(scheme)
                page.js(f"document.documentElement.dir = '{direction}'")
                over = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                must(over <= 0, f"{over} px too wide: {way}")
                wrong += [f"{way}: {one}" for one in bench.violations()]
                if bench.pictures:
                    page.picture(f"{bench.pictures}/import-{way}.png", whole=True)
            must(not wrong, "; ".join(wrong[:8]))
        finally:
            bench.chromium = chromium
