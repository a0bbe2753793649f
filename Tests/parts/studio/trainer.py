"""A new trainer's path, from an empty shelf to a signed kit and its cards: what it takes in clicks, keys and seconds."""

import json, os, shutil, subprocess, time
from booth import DECIDE, RECORDING, ROOM, SPEAK, SimulatedMicrophone, light, speak
from runner import must, test
from browsers import Chromium, Firefox
from imports import finish, planned, speak as say
from kits import choose
from practice import LIVE, METER
from projects import Studio

LANGUAGES = {"ro": "romanian", "ar": "arabic", "vi": "vietnamese"}
MESSAGES = {"language-name": "01-language-name", "thank-you": "40-thank-you"}
PASSPHRASE = "four words that nobody guesses"
VERDICTS = 2 * 2 * len(LANGUAGES) * len(MESSAGES)  # two people; wording and recording


class Walk:
    """Acts as a person does, and counts. A text that is typed counts once."""

    def __init__(self, bench, page, directory):
        self.bench, self.page, self.directory = bench, page, directory
        self.counts, self.begin, self.steps = {"clicks": 0, "keys": 0, "texts": 0}, time.monotonic(), []
        self.last = self.begin

    def click(self, find):
        """Clicks the element to which an expression leads."""
        self.page.wait(f"!!({find}) && !({find}).disabled", f"{find} to be possible")
        self.page.js(f"({find}).click()")
        self.counts["clicks"] += 1

    def press(self, key):
        self.page.press(key)
        self.counts["keys"] += 1

    def write(self, find, text):
        self.page.wait(f"!!({find})", f"{find} to be there")
        self.page.js(
            f"(one => (one.focus(), one.value = {json.dumps(text)},"
            f" one.dispatchEvent(new Event('input', {{ bubbles: true }})), 1))({find})"
        )
        self.counts["texts"] += 1

    def pick(self, find, value):
        """Chooses a value of a selection."""
        self.page.wait(f"!!({find})", f"{find} to be there")
        self.page.js(
            f"(one => (one.value = {json.dumps(value)}, one.dispatchEvent(new Event('change', {{ bubbles: true }})), 1))"
            f"({find})"
        )
        self.counts["clicks"] += 1

    def choose(self, selector, path):
        """Chooses a file in a field."""
        self.page.wait(f"document.querySelector({json.dumps(selector)})", f"{selector} to be there")
        choose(self.page, selector, path)
        self.counts["clicks"] += 1

    def submit(self, find):
        """Presses Enter in a form."""
        self.page.js(f"({find}).requestSubmit()")
        self.counts["keys"] += 1

    def go(self, view, *parts):
        """Opens a view by its place in the navigation, as its key does."""
        self.bench.open("/".join([f"#/project/{self.directory}/{view}", *parts]), self.page)
        self.counts["keys"] += 1

    def step(self, name):
        now = time.monotonic()
        self.steps.append(f"{name} {now - self.last:.0f} s")
        self.last = now

    def report(self, browser):
        counts = ", ".join(f"{number} {kind}" for kind, number in self.counts.items())
        print(f"     {browser}: {counts}, {time.monotonic() - self.begin:.0f} s: {', '.join(self.steps)}")


def field(label, within="main"):
    """An expression that leads to the control with a label."""
    return (
        f"[...document.querySelectorAll({json.dumps(within + ' .field')})].find(one => one.checkVisibility()"
        f" && one.querySelector('label')?.innerText === {json.dumps(label)})?.querySelector('input, select')"
    )


def button(text):
    return f"[...document.querySelectorAll('main button')].find(one => one.innerText.startsWith({json.dumps(text)}))"


def new_project(walk):
    page = walk.page
    walk.press("n")
    walk.write("document.querySelector('form input')", walk.directory)
    for tag, name in LANGUAGES.items():
        walk.write("document.querySelector('input[type=search]')", name)
        walk.click(f"document.querySelector('.choices [lang={tag}]')?.closest('label').querySelector('input')")
    walk.pick("document.querySelector('#new-messages')", "one by one")
    for message in MESSAGES:
        walk.click(f"document.querySelector('.choices input[value={message}]')")
    walk.submit("document.querySelector('form')")
    page.wait("document.querySelector('h1').innerText === 'Matrix'", "the matrix of the new project")
    must("Next: " in page.js("document.querySelector('main').innerText"), "the page does not say what to do next")
    walk.step("project")


def settings(walk, top):
    """Names the kit, and raises its version: comments of kit.yaml stay, and another program's change is a conflict."""
    page, path = walk.page, f"{top}/{walk.directory}/kit.yaml"
    before = open(path).read()
    walk.go("kits")
    walk.press("s")
    page.wait("document.querySelector('h1').innerText === 'Settings of the kit'", "the settings")
    walk.write(field("Name of the kit"), "harbour")
    walk.write(field("Version"), "2.0")
    # Another program saves the file meanwhile.
    with open(path, "w") as file:
        file.write(before.replace('version: "1.0"', 'version: "1.5"'))
    page.wait("document.querySelector('main').innerText.includes('Changed meanwhile')", "the conflict")
    walk.click(button("Keep mine"))
    walk.submit("document.querySelector('main form')")
    page.wait("document.getElementById('live').innerText.startsWith('Saved')", "the settings to be saved")
    expected = before.replace(f"name: {walk.directory}", 'name: "harbour"').replace('version: "1.0"', 'version: "2.0"')
    must(open(path).read() == expected, f"kit.yaml is\n{open(path).read()}")
    walk.step("settings")


def add_speaker(walk, tag, name):
    walk.go("booth", tag)
    walk.write(field("Pseudonym"), name)
    walk.write(field("Contact to withdraw it"), "voices@example.org")
    walk.click("[...document.querySelectorAll('label.choice')].find(one => one.innerText.includes('signed'))?.control")


def booth(walk, microphone, top):
    """Records Romanian by keyboard, with a speaker who consents."""
    page = walk.page
    add_speaker(walk, "ro", "Iris")
    walk.pick(field("Countdown"), "0")
    walk.submit("document.querySelector('main form')")
    said = light(page, ROOM, "Press Space", "The room")
    if said.startswith(ROOM):
        said = light(page, "Press Space", "The room")
    if said.startswith("The room"):
        walk.press("c")
        light(page, "Press Space")
    for _ in MESSAGES:
        name = page.js("document.querySelector('.booth h2').innerText")
        text = page.js("document.querySelector('.script').innerText")
        walk.press(" ")
        light(page, SPEAK)
        speak(page, microphone, text)
        walk.press("k")
        page.wait(
            f"document.querySelector('.booth h2')?.innerText !== {json.dumps(name)}"
            " && document.querySelector('.booth, main section[aria-label=\"The end\"]')",
            "the next message",
        )
        walk.counts["keys"] += 1
    made = sorted(os.listdir(f"{top}/{walk.directory}/recordings/ro/f1"))
    must(made == sorted(f"{name}.wav" for name in MESSAGES.values()), f"the booth made {made}")
    walk.step("booth")


def bring(walk, top):
    """Drops a folder with what two other speakers recorded elsewhere."""
    for tag, name in (("ar", "Lily"), ("vi", "Lotus")):
        add_speaker(walk, tag, name)
        walk.click("document.querySelector('#only-add')")
        walk.page.wait(f"document.querySelector('main').innerText.includes('{name}')", f"{name} among the speakers")
        for message, stem in MESSAGES.items():
            say(f"{top}/from elsewhere/{tag}/{stem}.wav", tag, message)
    walk.go("import")
    walk.page.drop(f"{top}/from elsewhere")
    planned(walk.page)
    # The only speaker of each language is known.
    walk.page.wait("document.querySelector('[data-key=make]').innerText === 'Import 4 recordings'", "four recordings")
    walk.page.js("document.activeElement.blur()")
    finish(walk.page, "4 recordings")
    walk.counts["clicks"] += 2
    walk.counts["keys"] += 1
    walk.step("import")


def speak_lines(walk):
    """Lets the machine speak what only the responder hears."""
    walk.go("kits", "settings")
    walk.press("m")
    walk.page.wait(
        "document.querySelector('#lines').parentElement.innerText.includes('in synthetic speech')"
        " && !document.querySelector('#speak')",
        "the device's lines",
        60,
    )
    walk.step("device's lines")


def arrived(path):
    """Waits until a download is complete, and returns its path."""
    end = time.monotonic() + 60
    while not (os.path.exists(path) and os.path.getsize(path) > 0):
        must(time.monotonic() < end, f"{path} was not saved")
        time.sleep(0.03)
    return path


def keys(walk, saved):
    """Makes a pair of keys for the publisher and for each reviewer, and saves both files from the page."""
    page = walk.page
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=saved)
    walk.go("kits")
    walk.click("document.querySelector('details:has(input[type=password]) summary')")
    form = "document.querySelector('details form')"
    for name in ("publisher", "ana", "ben"):
        walk.write(f"{form}.querySelector('input[type=text]')", name)
        for index in (0, 1):
            walk.write(f"{form}.querySelectorAll('input[type=password]')[{index}]", PASSPHRASE)
        walk.submit(form)
        # A key is made hard to guess by a time that a busy machine doubles.
        page.wait(f"{form}.querySelector('a[download=\"{name}.pub\"]')", f"the keys of {name}", 120)
        for ending in ("key", "pub"):
            walk.click(f"{form}.querySelector('a[download=\"{name}.{ending}\"]')")
            arrived(f"{saved}/{name}.{ending}")
    walk.go("kits", "settings")
    for count, name in enumerate(("ana", "ben"), 1):
        walk.choose("input[accept='.pub']", f"{saved}/{name}.pub")
        page.wait(f"document.querySelectorAll('main ul.bullets li').length === {count}", "the reviewer's key")
    walk.step("keys")


def record(walk, top):
    """Puts recordings where a microphone would: two messages in each language."""
    for tag in LANGUAGES:
        for message, stem in MESSAGES.items():
            say(f"{top}/{walk.directory}/recordings/{tag}/f1/{stem}.wav", tag, message)
    walk.page.wait("document.querySelectorAll('tbody td.recorded').length >= 6", "the recordings in the matrix")
    walk.step("recordings (copied)")


def review(walk, person, key=None):
    """Reviews what is recorded. A translation that one person began is not shown to the next."""
    page = walk.page
    walk.go("review")
    walk.write("document.querySelector('main form input')", person)
    if key:
        walk.choose("main input[accept='.key']", key)
        walk.write("document.querySelector('main input[type=password]')", PASSPHRASE)
    walk.submit("document.querySelector('main form')")
    page.wait("document.querySelector('section .wording')", "the review to begin", 120)
    said = "approvals are signed" if key else "approvals are unproved"
    must(said in page.js("document.querySelector('main').innerText"), f"it does not say that {said}")
    walk.go("review", "ro", "thank-you")
    page.wait("!!document.querySelector('section textarea')", "the field for the translation")
    must(page.js("document.querySelector('section textarea').value") == "", f"{person} sees another's translation")
    for tag in LANGUAGES:
        for message in MESSAGES:
            walk.go("review", tag, message)
            walk.write("document.querySelector('section textarea')", f"{person} understands the language, or thanks.")
            walk.submit("document.querySelector('section form')")
            page.wait("!!document.querySelector('[data-yes]')", "the comparison")
            walk.press("Escape")
            walk.press("y")
            page.wait("!!document.querySelector('button[data-needs]')", "the question of the recording")
            must(
                page.js("document.querySelector('button[data-needs]').disabled"),
                f"{person} may say yes to a recording that only another has heard",
            )
            walk.press("p")
            page.wait("!document.querySelector('button[data-needs]').disabled", "the recording to be heard", 60)
            walk.press("y")
            page.wait(f"!location.hash.endsWith('/{tag}/{message}')", "the next message")
    walk.click(button("End the review"))
    page.wait("!!document.querySelector('main form input')", "the review to end")
    walk.step(f"review by {person}")


def check(walk):
    walk.go("check")
    walk.click("document.querySelector('main button.main')")
    walk.page.wait("document.querySelector('main').innerText.includes('recordings checked')", "the report", 90)
    walk.step("check")


def release(walk, saved, top):
    """Builds and verifies a kit for the field, and returns its path."""
    page = walk.page
    walk.go("kits")
    walk.click("document.querySelector('input[value=release]')")
    walk.choose("input[accept='.key']", f"{saved}/publisher.key")
    walk.write(field("Its passphrase"), PASSPHRASE)
    walk.submit("document.querySelector('main form')")
    page.wait("document.querySelector('#outcome')", "the outcome of the build", 120)
    text = page.js("document.querySelector('#outcome').parentElement.innerText")
    must("harbour-2.0.kit is built" in text and "DRAFT" not in text, f"the build says {text[:600]}")
    # A letter acts outside of the field for the passphrase.
    walk.press("Tab")
    walk.press("v")
    page.wait("document.querySelector('[data-kit] .good')?.innerText.includes('Whole: ')", "the kit's proof", 60)
    must("for the field" in page.js("document.querySelector('[data-kit]').innerText"), "the kit is a draft")
    walk.step("release, verified")
    return f"{top}/{walk.directory}/kits/harbour-2.0.kit"


def listen(walk):
    """Plays a message of the kit on the device of the page."""
    page = walk.page
    walk.go("practice")
    walk.pick(field("Play"), "kits/harbour-2.0.kit")
    walk.pick(field("Board"), "number-pad.yaml")
    walk.press("b")
    page.wait(f"{LIVE} === 'ready'", "the device, with a kit for the field", 60)
    for key in "*29":
        walk.press(key)
    page.wait("document.querySelector('.stage .facts').innerText.includes('Romanian')", "the language 29")
    page.wait(f"{LIVE} === 'ready'", "the end of its name")
    before = int(page.js(f"{METER}.played ?? 0"))
    for key in "40":
        walk.press(key)
    page.wait(
        "[...document.querySelectorAll('.log li[data-kind=played]')].some(one => one.innerText.includes('Thank you'))",
        "the message in the journal",
    )
    page.wait(f"Number({METER}.played) > {before + 12000}", "the message to be heard")
    page.wait(f"{LIVE} === 'ready'", "its end")
    walk.press("e")
    page.wait("document.getElementById('begin')", "the end of the practice")
    walk.step("listening")


def card(walk, saved):
    """Shows a card, prints it, and saves it as PDF."""
    page = walk.page
    walk.go("kits")
    walk.press("c")
    page.wait("document.querySelector('iframe')?.contentDocument?.body?.innerText.length > 20", "the card")
    text = page.js("document.querySelector('iframe').contentDocument.body.innerText")
    must("DRAFT" not in text and "harbour" in text, f"the card shows {text[:200]}")
    # The browser's own print is the frame's; a window without a screen has none, so it is counted.
    page.js("(frame => (frame.print = () => { window.printed = 1 }, 1))(frames[0])")
    walk.press("p")
    must(page.js("window.printed") == 1, "the key does not print the card")
    walk.click("document.querySelector('[data-pdf]')")
    path = arrived(f"{saved}/harbour-2.0-responder.pdf")
    must(open(path, "rb").read(5) == b"%PDF-", "what is saved is no PDF")
    walk.step("card")


def fresh(place):
    """An empty directory, also for a second try."""
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    return place


def verdicts(top, directory):
    ledger = [json.loads(line) for line in open(f"{top}/{directory}/approvals.jsonl")]
    must(len(ledger) == VERDICTS, f"the ledger has {len(ledger)} approvals, not {VERDICTS}")
    return ledger


@test("a new trainer's path in Chromium, from an empty shelf to a signed release and its printed card (figures)")
def in_chromium(bench):
    top, saved = fresh(f"{bench.top}/shelter"), fresh(f"{bench.top}/saved")
    microphone = SimulatedMicrophone(bench)
    words = ("--device", "microphone")
    with Studio(bench.firstword, top, *words, environment=microphone.environment) as studio, Chromium() as page:
        page.size(1280, 900)
        bench.enter(studio, page)
        walk = Walk(bench, page, "shelter")
        new_project(walk)
        settings(walk, top)
        booth(walk, microphone, top)
        bring(walk, top)
        speak_lines(walk)
        keys(walk, saved)
        review(walk, "Ana", f"{saved}/ana.key")
        review(walk, "Ben", f"{saved}/ben.key")
        check(walk)
        kit = release(walk, saved, top)
        listen(walk)
        card(walk, saved)
        must(all(line.get("key") for line in verdicts(top, "shelter")), "an approval is not signed")
        bench.quiet(page, studio.origin, "a trainer's path")
        walk.report("Chromium")
    for words, said in (
        (("verify", kit, "--trust", f"{saved}/publisher.pub"), "whole: harbour 2.0"),
        (("info", kit), f"approvals {VERDICTS}: {VERDICTS} proved by 2 keys, 0 unproved"),
    ):
        made = subprocess.run([bench.firstword, *words], cwd=bench.top, capture_output=True, text=True)
        must(made.returncode == 0 and said in made.stdout, f"{words[0]} says {made.stdout}{made.stderr}")


@test("a new trainer's path in Firefox: project, settings, two reviewers, check (figures)", only_long=True)
def in_firefox(bench):
    top = fresh(f"{bench.top}/refuge")
    with Studio(bench.firstword, top) as studio, Firefox() as page:
        bench.enter(studio, page)
        walk = Walk(bench, page, "refuge")
        new_project(walk)
        settings(walk, top)
        speak_lines(walk)
        walk.go("matrix")
        record(walk, top)
        review(walk, "Ana")
        review(walk, "Ben")
        check(walk)
        walk.go("matrix")
        approved = page.js("document.querySelectorAll('tbody td.approved').length")
        found = page.js("document.querySelectorAll('tbody td.findings').length")
        must(approved + found == 6, f"{approved} cells are approved and {found} have findings, of 6")
        verdicts(top, "refuge")
        bench.quiet(page, studio.origin, "a trainer's path")
        walk.report("Firefox")
