"""Tests of the studio's view of the pages by post."""

import glob, json, os, time, zipfile
from bench import READY
from browsers import Chromium
from desk import agree, click, fill, following, measure, record, step
from pages import answer
from projects import Studio
from runner import must, test


def main(page):
    return page.js("document.querySelector('main').innerText")


def put(page, name, value):
    """Sets a field of the form, as a person does."""
    page.js(
        f"(one => (one.value = {json.dumps(value)}, one.dispatchEvent(new Event('change')), 1))"
        f"(document.querySelector('[data-field={name}]'))"
    )


def press(page, selector):
    """Presses a button as soon as it can be pressed."""
    page.wait(f"(one => one && !one.disabled)(document.querySelector({json.dumps(selector)}))", selector)
    page.js(f"document.querySelector({json.dumps(selector)}).click()")


def to_post(page, studio, project):
    """Goes back to the studio, whose cookie the browser has."""
    address = f"#/project/{project}/post"
    if page.js("location.origin") == studio.origin:
        page.js(f"(location.hash = {json.dumps(address)}, 1)")
    else:
        page.go(f"{studio.origin}/{address}")
    page.wait(f"document.body?.dataset.ready === {json.dumps(address)}", "the view of the post")


def written(page, count):
    """Saves the page that was written, and returns its path."""
    page.wait("document.querySelector('[data-save]')", "the page to be written", 60)
    press(page, "[data-save]")
    end = time.monotonic() + 30
    while True:
        found = sorted(glob.glob(page.saved + "/*.html"), key=os.path.getmtime)
        if len(found) == count and not glob.glob(page.saved + "/*.crdownload"):
            return found[-1]
        must(time.monotonic() < end, "the page was not saved")
        time.sleep(0.05)


def opened(page, path):
    page.go("file://" + path)
    page.wait("document.body?.dataset.ready", "the page to be ready")


@test(
    "the studio writes the pages, shows and imports what comes back, vouches for a key, and takes a voice down",
    only_long=True,
)
def door(desk):
    name = "door"
    desk.firstword("new", name, "--languages", "ro", "--prompts", "safe-here,goodbye")
    with Studio(desk.program, desk.top, name) as studio, desk.browser(Chromium) as page:
        page.go(studio.address)
        page.wait(READY, "the studio")
        to_post(page, studio, name)
        put(page, "from", "Ana, <b>Shelter</b>")
        put(page, "contact", "ana@example.org")
        press(page, "[data-write]")
        path = written(page, 1)
        wrong = desk.look(page, "studio post")
        must(not wrong, f"{wrong[:3]}")
        opened(page, path)
        code = agree(page)
        measure(page)
        texts = page.js("JSON.parse(document.getElementById('data').textContent).texts.length")
        for index in range(texts):
            record(page, 0.5)
            if index < texts - 1:
                following(page)
        click(page, "#main > .acts:nth-last-of-type(2) button:nth-child(2)")
        step(page, "finish")
        click(page, "button.main")
        saved = desk.download(page, 1)

        to_post(page, studio, name)
        page.drop(saved)
        page.wait("document.querySelector('[data-agree]')", "the plan", 60)
        must("For people who need help. <i>Nothing</i> else." in main(page), "the consent is not shown as it is written")
        must(page.js("document.querySelectorAll('tr[data-item]').length") == texts, "a recording is missing in the plan")
        must(page.js("document.querySelector('[data-key=make]').disabled"), "nobody has to agree to the consent")
        wrong = desk.look(page, "studio returned")
        must(not wrong, f"{wrong[:3]}")
        press(page, "[data-agree]")
        press(page, "[data-key=make]")
        page.wait("document.querySelector('[data-next]')", "the import", 60)
        there = f"{desk.top}/{name}/recordings/ro/f1"
        with zipfile.ZipFile(saved) as archive:
            for file in os.listdir(there):
                must(open(f"{there}/{file}", "rb").read() == archive.read(f"takes/{file}"), f"{file} differs")
        must(len(os.listdir(there)) == texts, f"there are {os.listdir(there)}")

        to_post(page, studio, name)
        put(page, "kind", "review")
        press(page, "[data-write]")
        page.wait("document.querySelector('[data-save]')?.download === 'review-ro.html'", "the reviewer's page", 60)
        opened(page, written(page, 2))
        fill(page, "#name", "Sok <i>D.</i>")
        click(page, "form button")
        step(page, "texts")
        answer(page, "You are safe.", recordings=0)
        page.wait("document.querySelector('[data-yes=wording]').getAttribute('aria-pressed') === 'true'", "the yes")
        click(page, "#main > .acts:last-of-type button")
        step(page, "finish")
        number = page.js("document.querySelector('#main code').innerText")
        click(page, "button.main")
        saved = desk.download(page, 2)
        to_post(page, studio, name)
        page.drop(saved)
        page.wait("document.querySelector('main').innerText.includes('nobody has vouched for it')", "the trust", 60)
        press(page, "[data-key=make]")
        page.wait("document.querySelector('[data-next]')?.innerText === 'Vouch for the key'", "the import", 60)
        press(page, "[data-next]")
        page.wait("document.querySelector('[data-field=number]')", "the keys")
        for typed in ("1234567890ABCDEF", number.lower()):
            fill(page, "[data-field=number]", typed)
            press(page, "[data-vouch]")
            page.wait(
                "document.querySelector('#fault').innerText"
                " || document.querySelector('[data-field=number]').value === ''"
            )
        page.wait(
            "[...document.querySelectorAll('main li b')].some(one => one.innerText.includes('vouched for'))",
            "the vouching",
        )
        vouched = os.listdir(f"{desk.top}/{name}/reviewers")
        must(vouched == [number.replace(" ", "") + ".pub"], f"{vouched} are vouched for, not {number}")

        fill(page, "[data-field=speaker]", code.lower().replace("-", " "))
        press(page, "[data-find]")
        press(page, "[data-take-down]")
        page.wait("document.querySelector('main').innerText.includes('is withdrawn')", "the take-down")
        must(not os.path.exists(there), "the voice is still there")
        # A refusal is no fault of the page; Chromium writes its status to the console.
        complaints = [one for one in page.complaints() if "status of 422" not in one]
        must(not complaints, f"{complaints[:3]}")
        allowed = (studio.origin + "/", "data:", "blob:", "about:", f"file://{page.saved}/")
        asked = [url for url in page.requests() if not url.startswith(allowed)]
        must(not asked, f"it asked {asked[:3]}")
