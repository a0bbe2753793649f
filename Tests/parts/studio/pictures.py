"""Pictures: views in five languages, narrow and wide, light and dark; and those of the README."""

import os, subprocess
from runner import must, test
from browsers import Chromium
from client import Client
from practice import open_practice
from projects import HERE, Studio, run

LANGUAGES = ["ar", "km", "am", "ro", "vi"]
KIT = "shelter-1.0-DRAFT.kit"
MESSAGES = ["language-name", "raise-hand", "safe-here", "interpreter-coming", "who-we-are", "need-doctor", "goodbye"]
MOST = 60_000  # bytes of a picture in the repository


def shelter(bench):
    """A project in the middle of the work: recordings, approvals, a text that was sent back."""
    top = bench.top + "/pictured"
    if os.path.exists(top):
        return top
    os.makedirs(top)
    run(bench.firstword, top, "new", "shelter", "--languages", ",".join(LANGUAGES), "--prompts", ",".join(MESSAGES))
    files = {name.split("-", 1)[1]: name for name in os.listdir(HERE + "/Prompts") if "-" in name}
    for index, tag in enumerate(LANGUAGES):
        place = f"{top}/shelter/recordings/{tag}/f1"
        os.makedirs(place, exist_ok=True)
        for number, message in enumerate(MESSAGES[: 6 - index]):
            words = ["espeak-ng", "-v", "ro", "-s", str(130 + 9 * number + 5 * index), "-w"]
            subprocess.run([*words, f"{place}/{files[message + '.yaml'][:-5]}.wav", "Acum sunteți în siguranță aici."], check=True)
    for tag, count in (("ar", 3), ("ro", 2)):
        for message in MESSAGES[:count]:
            for name in ("Ana", "Sok"):
                for kind in ("--wording", "--recording"):
                    words = ["approve", f"{tag}/{message}", kind, "--by", name, "--project", "shelter"]
                    if kind == "--wording" or message in MESSAGES[:2]:
                        subprocess.run([bench.firstword, *words], cwd=top, check=True, capture_output=True)
    with open(top + "/shelter/speakers.yaml", "w") as file:
        file.write("speakers:\n")
        for tag in LANGUAGES:
            file.write(
                f'  - {{ pseudonym: Iris, language: "{tag}", voice: f1, consent: 2026-04-30, licence: any, contact: a@b }}\n'
            )
    return top


def begin_review(bench, page, tag, message):
    page.js("sessionStorage.clear()")
    bench.open(f"#/project/shelter/review/{tag}/{message}", page)
    page.js("document.querySelector('form input').focus()")
    page.press("a", 2)
    page.type("Dara")
    page.press("Enter")
    page.wait("document.querySelector('section .wording')", "the message")


# Views without a language of their own.
VIEWS = ["matrix", "import", "check", "kits", "kits/settings", "publish", "practice", "device"]


@test("every view fits narrow and wide windows, light and dark, with content in five languages (pictures)", only_long=True)
def languages(bench):
    top = shelter(bench)
    run(bench.firstword, top, "keygen", "k", "--no-password")
    os.makedirs(top + "/shelter/kits", exist_ok=True)
    run(bench.firstword, top, "build", "--project", "shelter", "--key", "k.key", "--partial", "-o", f"shelter/kits/{KIT}")
    with Studio(bench.firstword, top, "shelter") as studio, Chromium() as page:
        bench.enter(studio, page)

        def look(name):
            for direction in ("ltr", "rtl") if "/" not in name else ("ltr",):
                page.js(f"(document.documentElement.dir = '{direction}', 1)")
                for width in (360, 1280):
                    page.size(width, 900)
                    over = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    must(over <= 0, f"{name} is {over} px wider than {width} px, {direction}")
                    for scheme in ("light", "dark"):
                        page.scheme(scheme)
                        if bench.pictures and (direction == "ltr" or scheme == "light"):
                            words = [name.replace("/", "-"), str(width), scheme, direction]
                            page.picture(f"{bench.pictures}/{'-'.join(words)}.png", True)
            page.js("(document.documentElement.dir = 'ltr', 1)")

        bench.open("#/start", page)
        look("start")
        for view in VIEWS:
            bench.open(f"#/project/shelter/{view}", page)
            look(view.replace("/", "-"))
        for tag in LANGUAGES:
            bench.open(f"#/project/shelter/words/{tag}/safe-here", page)
            look(f"words/{tag}")
            bench.open(f"#/project/shelter/booth/{tag}", page)
            look(f"booth/{tag}")
            begin_review(bench, page, tag, "safe-here")
            look(f"review/{tag}")
            clipped = page.js(
                "[...document.querySelectorAll('.wording, textarea')]"
                ".filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className)"
            )
            must(not clipped, f"the review in {tag} cuts off {clipped}")
            bench.open(f"#/project/shelter/kits/cards/{KIT}?kind=listener&language={tag}", page)
            page.wait("document.querySelector('iframe')?.contentDocument?.body?.innerText.length > 20", "the card")
            look(f"card/{tag}")


@test("the pictures of the README")
def readme(bench):
    if not bench.pictures:
        return  # they are made on request
    top = shelter(bench)
    run(bench.firstword, top, "synthesize", "--project", "shelter")
    with Studio(bench.firstword, top, "shelter") as studio, Chromium() as page:
        page.size(1120, 720)
        page.scheme("light")
        bench.enter(studio, page)

        def take(name, page=page):
            path = f"{bench.pictures}/{name}.webp"
            page.picture(path)
            size = os.path.getsize(path)
            must(size < MOST, f"{name}.webp has {size} bytes")
            print(f"     {name}.webp: {size / 1000:.0f} kB")

        client = Client(studio)
        reviewer = client.post("projects/shelter/reviewers", {"name": "Sok"})[1]["id"]
        items = client.view(f"projects/shelter/review/am?reviewer={reviewer}")["items"]
        wish = {"reviewer": reviewer, "kind": "wording", "verdict": "returned", "note": "Too formal."}
        for item in items[2:4]:
            status, view = client.post(f"projects/shelter/review/am/{item['id']}", {**wish, "hash": item["hash"]})
            must(status == 200, f"a verdict is answered with {status} {view}")
        bench.open("#/project/shelter/matrix", page)
        take("matrix")
        begin_review(bench, page, "am", "safe-here")
        page.js("document.querySelector('section textarea').focus()")
        page.type("You are safe here with us now.")
        page.press("Enter", 2)
        page.wait("document.querySelector('[data-yes]')", "the comparison")
        page.js("scrollTo(0, 0)")
        take("review")
        bench.open("#/project/shelter/booth/ro", page)
        take("booth")
        device = open_practice(bench, "number-pad.yaml")
        device.size(1120, 720)
        for key in "*29":
            device.press(key)
        device.wait("document.querySelector('.stage .facts').innerText.includes('Romanian')", "the language 29")
        device.press("3")
        device.wait("document.querySelectorAll('.log li').length > 1", "a line of the journal")
        device.js("document.querySelector('.stage').scrollIntoView()")
        take("practice", device)
