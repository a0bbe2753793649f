"""Tests of the work on the page: wordings and review. They change the files of the small project."""

import json, re
from runner import must, test
from browsers import Chromium

SELECT_ALL = 2  # Ctrl


def write(page, text):
    """Replaces the text of the field that has the focus."""
    page.press("a", SELECT_ALL)
    page.type(text)


def view(bench, name, *parts):
    address = next(address for address in bench.views() if f"/{name}" in address)
    return "/".join([address, *parts])


def overlay(bench):
    return f"{bench.top}/small/Languages/ro.yaml"


@test("a wording that is typed survives a reload, and is saved with the file's comments")
def edits(bench):
    page = bench.at_small()
    bench.open(view(bench, "words", "ro", "interpreter-coming"))
    page.press("e")
    write(page, "Vine un interpret acum.")
    page.wait("!document.querySelector('form button.main').disabled", "Save to be on")
    bench.reload()
    must(
        page.js("document.querySelector('textarea').value") == "Vine un interpret acum.",
        "the reload loses what was typed",
    )
    must("acum" not in open(overlay(bench)).read(), "it was written before it was saved")
    page.press("e")
    page.press("Enter", 2)
    page.wait("document.getElementById('live').innerText.startsWith('Saved')", "the wording to be saved")
    text = open(overlay(bench)).read()
    must("Vine un interpret acum." in text and "# A comment that must stay." in text, f"the file is {text}")
    bench.reload()
    must(page.js("document.querySelector('form button.main').disabled"), "the saved wording is still marked as changed")
    bench.quiet(page, bench.small.origin, "editing")


@test("what a change costs is shown before it is saved")
def falls(bench):
    page = bench.at_small()
    bench.open(view(bench, "words", "ro", "safe-here"))
    page.press("e")
    write(page, "Aici sunteți în siguranță.")
    page.wait("document.querySelector('.falls')?.innerText.includes('Iris')", "the recording that falls")
    must(
        "falls" in page.js("document.querySelector('form button.main').innerText"),
        "the button does not say that something falls",
    )
    page.js("[...document.querySelectorAll('form button')].find(one => one.innerText.startsWith('Discard')).click()")
    page.wait("!document.querySelector('.falls')", "nothing to fall after the change is discarded")


@test("a file that an editor changes meanwhile is a conflict, and nothing is merged")
def conflict(bench):
    page = bench.at_small()
    bench.open(view(bench, "words", "ro", "interpreter-coming"))
    page.press("e")
    write(page, "Textul meu.")
    page.wait("!document.querySelector('form button.main').disabled", "Save to be on")
    before = open(overlay(bench)).read()
    with open(overlay(bench), "w") as file:
        file.write(re.sub(r"^(    text: ).*$", r'\1"Textul altcuiva."', before, flags=re.M))
    page.wait("document.querySelector('main').innerText.includes('Changed meanwhile')", "the conflict")
    must("Textul altcuiva." in page.js("document.querySelector('.falls').innerText"), "the other text is not shown")
    page.js("[...document.querySelectorAll('.falls button')].find(one => one.innerText.startsWith('Keep')).click()")
    page.press("Enter", 2)
    page.wait("document.getElementById('live').innerText.startsWith('Saved')", "the wording to be saved")
    must("Textul meu." in open(overlay(bench)).read(), "the choice is not written")


@test("a reviewer hears, translates back blind, answers by keyboard, and undoes")
def review(bench):
    page = bench.at_small()
    page.js("sessionStorage.clear()")
    bench.open(view(bench, "review", "ro", "language-name"))
    page.js("document.querySelector('form input').focus()")
    page.type("Ana")
    page.press("Enter")
    page.wait("document.querySelector('section .wording')", "the first message")
    must(
        "Romanian" not in page.js("document.querySelector('section').innerText"),
        "the meaning is shown before the translation",
    )
    page.js("document.querySelector('section textarea').focus()")
    page.type("The Romanian language.")
    bench.reload()
    must(
        page.js("document.querySelector('section textarea').value") == "The Romanian language.",
        "the reload loses the translation",
    )
    page.js("document.querySelector('section textarea').focus()")
    page.press("Enter", 2)
    page.wait("document.querySelector('[data-yes]')", "the comparison")
    page.press("y")
    page.wait("document.querySelector('button[data-needs]')", "the question of the recording")
    must(
        page.js("document.querySelector('button[data-needs]').disabled"),
        "yes is possible before the recording was heard",
    )
    page.press("y")
    page.press("p")
    page.wait("!document.querySelector('button[data-needs]').disabled", "the recording to be heard whole")
    page.press("y")
    page.wait("!location.hash.includes('language-name')", "the next message")
    lines = [json.loads(line) for line in open(bench.top + "/small/approvals.jsonl")]
    kinds = [line["kind"] for line in lines if line["name"] == "Ana" and line["prompt"] == "language-name"]
    must(sorted(kinds) == ["recording", "wording"], f"the ledger has {kinds}")
    page.press("Escape")
    page.press("u")
    page.wait("location.hash.includes('language-name')", "the message whose answer is taken back")
    lines = [json.loads(line) for line in open(bench.top + "/small/approvals.jsonl")]
    must(lines[-1].get("revokes") and lines[-1]["kind"] == "recording", f"the last line is {lines[-1]}")
    # No, with a reason, before the recording is heard to its end.
    bench.open(view(bench, "review", "ro", "safe-here"))
    page.js("document.querySelector('section textarea').focus()")
    page.type("You are safe here with us now.")
    page.press("Enter", 2)
    page.wait("document.querySelector('[data-yes]')", "the comparison")
    page.press("n")
    page.wait("document.activeElement.matches('textarea')", "the field for the reason")
    page.type("Too formal <b>here</b>.")
    page.js("document.querySelector('section form').requestSubmit()")
    page.wait("!location.hash.includes('safe-here')", "the next message")
    bench.open(view(bench, "words", "ro", "safe-here"))
    must(
        "Too formal <b>here</b>." in page.js("document.querySelector('main').innerText"),
        "the reason is not shown to the trainer",
    )
    # A translation that one person began is not shown to the next.
    bench.open(view(bench, "review", "ro", "raise-hand"))
    page.js("document.querySelector('section textarea').focus()")
    page.type("Ana begins.")
    page.js("[...document.querySelectorAll('main button')].find(one => one.innerText === 'End the review').click()")
    page.wait("document.querySelector('main form input')", "the review to end")
    page.js("(one => (one.focus(), one.select(), 1))(document.querySelector('form input'))")
    page.type("Ben")
    page.press("Enter")
    page.wait("document.querySelector('section textarea')", "the field for the translation")
    bench.open(view(bench, "review", "ro", "raise-hand"))
    must(page.js("document.querySelector('section textarea').value") == "", "Ben sees Ana's translation")
    bench.quiet(page, bench.small.origin, "review")


@test("a speaker cannot approve the own recording")
def own(bench):
    page = bench.at_small()
    page.js("sessionStorage.clear()")
    bench.open(view(bench, "review", "ro", "need-doctor"))
    page.js("document.querySelector('form input').focus()")
    page.type("Iris")
    page.press("Enter")
    page.wait("document.querySelector('section .wording')", "the message")
    must(
        "your own recording" in page.js("document.querySelector('section').innerText"),
        "the own recording is not marked",
    )
    must(not page.js("document.querySelector('button[data-needs]')"), "the own recording can be approved")


@test("two browsers see each other's changes without a reload")
def two(bench):
    page = bench.at_small()
    address = view(bench, "words", "ro", "raise-hand")
    bench.open(address)
    with Chromium() as other:
        bench.small.address = bench.small.token(
            len([line for line in bench.small.lines if line and "#token=" in line]) - 1
        )
        bench.enter(bench.small, other)
        bench.open(address, other)
        text = "Dacă mă înțelegeți, arătați pătratul verde."
        other.press("e")
        write(other, text)
        other.wait("!document.querySelector('form button.main').disabled", "Save to be on")
        other.press("Enter", 2)
        other.wait("document.getElementById('live').innerText.startsWith('Saved')", "the wording to be saved")
        page.wait(f"document.querySelector('textarea').value === {json.dumps(text)}", "the other's wording")
