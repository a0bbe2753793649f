"""A new trainer's path, from an empty directory on: what it takes in clicks, keys and seconds (figures)."""

import json, os, subprocess, time
from runner import must, test
from browsers import Chromium, Firefox
from projects import Studio

LANGUAGES = {"ro": "romanian", "ar": "arabic", "km": "khmer"}
SAID = {"03-safe-here": "Acum sunteți în siguranță aici.", "13-need-doctor": "Aveți nevoie de un medic?"}


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


def new_project(walk):
    page = walk.page
    walk.press("n")
    walk.write("document.querySelector('form input')", walk.directory)
    for tag, name in LANGUAGES.items():
        walk.write("document.querySelector('input[type=search]')", name)
        walk.click(f"document.querySelector('.choices [lang={tag}]')?.closest('label').querySelector('input')")
    walk.submit("document.querySelector('form')")
    page.wait("document.querySelector('h1').innerText === 'Matrix'", "the matrix of the new project")
    must("Next: " in page.js("document.querySelector('main').innerText"), "the page does not say what to do next")
    walk.step("project")


def record(walk, top):
    """Puts recordings where a microphone would: two messages in each language."""
    for index, tag in enumerate(LANGUAGES):
        place = f"{top}/{walk.directory}/recordings/{tag}/f1"
        os.makedirs(place, exist_ok=True)
        for name, text in SAID.items():
            speed = str(150 + 12 * index)
            subprocess.run(["espeak-ng", "-v", "ro", "-s", speed, "-w", f"{place}/{name}.wav", text], check=True)
    walk.page.wait("document.querySelectorAll('tbody td.recorded').length >= 6", "the recordings in the matrix")
    walk.step("recordings (copied)")


def review(walk, person):
    """Reviews what is recorded. A translation that one person began is not shown to the next."""
    page = walk.page
    walk.go("review")
    walk.write("document.querySelector('main form input')", person)
    walk.submit("document.querySelector('main form')")
    walk.go("review", "ro", "goodbye")
    page.wait("!!document.querySelector('section textarea')", "the field for the translation")
    must(page.js("document.querySelector('section textarea').value") == "", f"{person} sees another's translation")
    walk.write("document.querySelector('section textarea')", f"{person} begins.")
    for tag in LANGUAGES:
        for name in SAID:
            walk.go("review", tag, name[3:])
            walk.write("document.querySelector('section textarea')", "You are safe here, or need a doctor.")
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
            page.wait("!document.querySelector('button[data-needs]').disabled", "the recording to be heard")
            walk.press("y")
            page.wait(f"!location.hash.endsWith('/{tag}/{name[3:]}')", "the next message")
    walk.click("[...document.querySelectorAll('main button')].find(one => one.innerText === 'End the review')")
    page.wait("!!document.querySelector('main form input')", "the review to end")
    walk.step(f"review by {person}")


def check(walk):
    walk.go("check")
    walk.click("document.querySelector('main button.main')")
    walk.page.wait("document.querySelector('main').innerText.includes('6 recordings')", "the report of the check", 90)
    walk.step("check")


def path(bench, browser, directory):
    top = f"{bench.top}/{directory}"
    os.makedirs(top, exist_ok=True)
    with Studio(bench.firstword, top) as studio, browser() as page:
        bench.enter(studio, page)
        walk = Walk(bench, page, directory)
        new_project(walk)
        record(walk, top)
        review(walk, "Ana")
        review(walk, "Ben")
        check(walk)
        walk.go("matrix")
        approved = page.js("document.querySelectorAll('tbody td.approved').length")
        found = page.js("document.querySelectorAll('tbody td.findings').length")
        must(approved + found == 6, f"{approved} cells are approved and {found} have findings, of 6")
        ledger = [json.loads(line) for line in open(f"{top}/{directory}/approvals.jsonl")]
        must(len(ledger) == 24, f"the ledger has {len(ledger)} approvals, not 24")
        bench.quiet(page, studio.origin, "a trainer's path")
        walk.report(browser.__name__)


@test("a new trainer's path in Chromium: project, recordings, two reviewers, check (figures)")
def in_chromium(bench):
    path(bench, Chromium, "shelter")


@test("a new trainer's path in Firefox (figures)", only_long=True)
def in_firefox(bench):
    path(bench, Firefox, "refuge")
