"""Tests of kits on the page: keys, build, what is new, cards. They have a project of their own in three scripts."""

import contextlib, json, os, subprocess
from runner import must, test
from browsers import Firefox
from projects import Studio, run

TEXTS = ["O propoziție scurtă pentru probă.", "Aceasta este a doua propoziție, ceva mai lungă."]
TAGS = ["ro", "ar", "km"]


def say(path, text, speed=140):
    subprocess.run(["espeak-ng", "-v", "ro", "-s", str(speed), "-w", path, text], check=True)


def project(bench):
    """Makes the project at the first call: three languages with two recordings each, one message without any."""
    place = bench.top + "/printed"
    if os.path.exists(place):
        return place
    run(
        *(bench.firstword, bench.top, "new", "printed", "--languages", ",".join(TAGS)),
        *("--prompts", "safe-here,need-doctor,goodbye"),
    )
    kit = open(place + "/kit.yaml").read()
    with open(place + "/kit.yaml", "w") as file:
        file.write(kit + '\nanswers: { modes: [card, hand] }\n')
    for index, tag in enumerate(TAGS):
        os.makedirs(f"{place}/recordings/{tag}/f1", exist_ok=True)
        for number, name in enumerate(("03-safe-here", "13-need-doctor")):
            say(f"{place}/recordings/{tag}/f1/{name}.wav", TEXTS[number], 120 + 15 * index + 7 * number)
    run(bench.firstword, bench.top, "keygen", "publisher", "--no-password")
    return place


def build(bench, *words):
    """Builds with the command line."""
    made = subprocess.run(
        [bench.firstword, "build", "--project", "printed", "--key", "publisher.key", *words],
        cwd=bench.top,
        capture_output=True,
        text=True,
        env=dict(os.environ, XDG_CACHE_HOME=bench.top + "/cache"),
    )
    must(made.returncode == 0, made.stderr[-300:])


@contextlib.contextmanager
def at_kits(bench, kind=None, is_quiet=True):
    """The page of the project at Kits: in another browser, or in a page of the shared Chromium."""
    project(bench)
    start = kind or bench.chromium.stranger
    with Studio(bench.firstword, bench.top, "printed") as studio, start() as page:
        if not kind:
            page.size(1280, 900)
        bench.enter(studio, page)
        page.studio = studio
        bench.open("#/project/printed/kits", page)
        yield page
        if is_quiet:
            bench.quiet(page, studio.origin, "kits")


def choose(page, selector, path):
    """Chooses a file in a field."""
    document = page.send("DOM.getDocument")["root"]["nodeId"]
    field = page.send("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
    page.send("DOM.setFileInputFiles", nodeId=field, files=[path])


def click(page, text, within="main"):
    page.js(
        f"[...document.querySelectorAll({json.dumps(within)} + ' :is(button, a, .choice)')]"
        f".find(one => one.innerText.includes({json.dumps(text)})).click()"
    )


def accessible(bench, page, what):
    own, bench.chromium = bench.chromium, page
    try:
        wrong = []
        for scheme, direction, width in (("light", "ltr", 1280), ("dark", "rtl", 640)):
            page.size(width, 900)
            page.scheme(scheme)
            page.js(f"document.documentElement.dir = '{direction}'")
            wrong += [f"{scheme}, {direction}: {one}" for one in bench.violations()]
            bench.picture(f"kits-{what}-{scheme}-{direction}")
        page.size(360, 800)
        over = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        bench.picture(f"kits-{what}-360")
        page.js("document.documentElement.dir = 'ltr'")
        page.scheme("light")
        page.size(1280, 900)
        must(not wrong, f"{what}: {'; '.join(wrong[:4])}")
        must(over <= 0, f"{what} is {over} px wider than 360 px")
    finally:
        bench.chromium = own


@test("the kit that the page builds and signs equals the command line's, byte for byte")
def equal(bench):
    with at_kits(bench) as page:
        must("No kit has been built" in page.js("document.querySelector('main').innerText"), "it lists a kit")
        click(page, "A release")
        must("as=release" in page.js("location.hash"), "the choice is not in the address")
        page.press("l")
        page.wait("document.querySelector('#outcome')", "what blocks a release", 60)
        text = page.js("document.querySelector('main').innerText")
        must("block a release" in text, f"it does not say what blocks a release: {text[-400:]}")
        page.js("document.querySelectorAll('details').forEach(one => one.open = true)")
        links = " && ".join(
            f"document.querySelector('details[open] .finding a[href*=\"{place}\"]')"
            for place in ("/review/ro/safe-here", "/goodbye")
        )
        page.wait(links, "links to what is not approved, and to what is missing")
        # An editor changes the project meanwhile: what a person opened stays open.
        kit = open(f"{bench.top}/printed/kit.yaml").read()
        for version in ("1.1", "1.0"):
            with open(f"{bench.top}/printed/kit.yaml", "w") as file:
                file.write(kit.replace('version: "1.0"', f'version: "{version}"'))
            page.wait(f"document.querySelector('.next').innerText.includes('{version}')", "the next kit's version")
            must(page.js(links.join(("!!(", ")"))), "a change of the project closes what was opened")
        choose(page, "input[accept='.key']", bench.top + "/publisher.key")
        click(page, "What is there")
        page.js("document.querySelector('form').requestSubmit()")
        page.wait("document.querySelector('[data-kit]')", "the kit in the list", 90)
        page.wait("document.querySelector('#outcome')?.parentElement.innerText.includes('verified: 6 clips')")
        name = page.js("document.querySelector('[data-kit]').dataset.kit")
        must(name == "printed-1.0-DRAFT.kit", f"it is called {name}")
        built = open(f"{bench.top}/printed/kits/{name}", "rb").read()
        size = page.js(
            "fetch(document.querySelector('[data-kit] a[download]').href).then(answer => answer.arrayBuffer())"
            ".then(bytes => bytes.byteLength)"
        )
        must(size == len(built), f"the download has {size} bytes, the file {len(built)}")
        build(bench, "--partial", "-o", "line.kit")
        must(open(bench.top + "/line.kit", "rb").read() == built, "the kits differ")
        page.press("v")
        page.wait("document.querySelector('[data-kit] .good')?.innerText.includes('Whole: 6 clips')", "the kit's proof")
        accessible(bench, page, "list")
        bench.reload(page)
        must(page.js("document.querySelectorAll('[data-kit]').length") == 1, "the reload loses the kit")


@test("keys are made with a passphrase that is not weak, and both files are saved from the page")
def keys(bench):
    # The browser reports the refusal of the weak one in its console.
    with at_kits(bench, is_quiet=False) as page:
        page.js("document.querySelector('details:has(input[type=password])').open = true")
        form = "document.querySelector('details:has(input[type=password]) form')"
        fill = (
            "(text => document.querySelectorAll('details form input[type=password]')"
            ".forEach(one => one.value = text))"
        )
        page.js(f"{fill}('short')")
        page.js(f"{form}.requestSubmit()")
        page.wait(f"{form}.innerText.includes('passphrase is weak')", "the warning")
        page.js(f"{fill}('four words that nobody guesses')")
        page.js(f"{form}.requestSubmit()")
        page.wait(f"{form}.querySelectorAll('a[download]').length === 2", "both files", 60)
        names = page.js(f"[...{form}.querySelectorAll('a[download]')].map(one => one.download)")
        must(names == ["publisher.key", "publisher.pub"], f"the files are {names}")
        must(page.js("document.querySelectorAll('details form input[type=password]')[0].value") == "", "it is still typed")


@test("what is new in a kit is shown with both sounds")
def new(bench):
    place = project(bench)
    os.makedirs(place + "/kits", exist_ok=True)
    build(bench, "--partial", "-o", "printed/kits/printed-1.0-DRAFT.kit")
    say(place + "/recordings/ar/f1/03-safe-here.wav", TEXTS[1], 165)
    kit = open(place + "/kit.yaml").read()
    open(place + "/kit.yaml", "w").write(kit.replace('version: "1.0"', 'version: "1.1"'))
    build(bench, "--partial", "-o", "printed/kits/printed-1.1-DRAFT.kit")
    with at_kits(bench) as page:
        page.press("w")
        page.wait("document.querySelector('h1')?.innerText === 'What is new'", "the comparison")
        text = page.js("document.querySelector('main').innerText")
        must("re-recorded" in text and "1.0" in text and "1.1" in text, f"it shows {text[:400]}")
        must(page.js("document.querySelectorAll('article.pair').length") == 1, "another clip differs")
        must(page.js("document.querySelector('.text-of').dir") == "rtl", "Arabic is not from right to left")
        sizes = page.js(
            "Promise.all([...document.querySelectorAll('[data-sound]')].map(one => fetch(one.dataset.sound)"
            ".then(answer => answer.arrayBuffer()).then(bytes => bytes.byteLength)))"
        )
        must(len(sizes) == 2 and sizes[0] != sizes[1] and min(sizes) > 1000, f"the sounds have {sizes} bytes")
        page.press("j")
        for key, side in (("b", "before"), ("a", "after")):
            page.press(key)
            page.wait(f"document.querySelector('[data-side={side}]').ariaPressed === 'true'", f"{side} to sound")
            page.wait(f"document.querySelector('[data-side={side}]').ariaPressed === 'false'", f"{side} to end")
        accessible(bench, page, "new")
        address = page.js("location.hash")
        bench.reload(page)
        must(page.js("location.hash") == address, "the reload leads elsewhere")
        must(page.js("document.querySelectorAll('article.pair').length") == 1, "the reload loses the comparison")


def card(page, name, value):
    """Chooses one of the card's options, and returns the text of the preview."""
    source = page.js("document.querySelector('iframe').src")
    page.js(
        "(([name, value]) => { const field = [...document.querySelectorAll('.field')]"
        ".find(one => one.innerText.startsWith(name)).querySelector('select'); field.value = value;"
        " field.dispatchEvent(new Event('change')) })(" + json.dumps([name, value]) + ")"
    )
    page.wait(
        f"document.querySelector('iframe').src !== {json.dumps(source)}"
        " && document.querySelector('iframe').contentDocument?.readyState === 'complete'"
        " && document.querySelector('iframe').contentDocument.body.innerText.length > 20",
        f"the card with {name} {value}",
    )
    return page.js("document.querySelector('iframe').contentDocument.body.innerText")


@test("cards are shown in Arabic and Khmer by answer mode, and printed from the page")
def cards(bench):
    place = project(bench)
    if not os.path.exists(place + "/kits"):
        os.makedirs(place + "/kits")
        build(bench, "--partial", "-o", "printed/kits/printed-1.0-DRAFT.kit")
    with at_kits(bench) as page:
        page.press("c")
        page.wait("document.querySelector('iframe')", "the cards")
        card(page, "What", "sheet")
        text = card(page, "Languages", "ar")
        must("العربية" in text and "ខ្មែរ" not in text, f"the Arabic sheet shows {text[:200]}")
        must(
            page.js("document.querySelector('iframe').contentDocument.querySelector('section p').dir") == "rtl",
            "the Arabic sheet is not from right to left",
        )
        must("DRAFT" in text, "the sheet of a draft does not say so")
        bench.picture_of(page, "kits-sheet-ar")
        text = card(page, "Languages", "km")
        must("ខ្មែរ" in text and "العربية" not in text, f"the Khmer sheet shows {text[:200]}")
        card(page, "What", "listener")
        both = page.js("document.querySelector('iframe').contentDocument.querySelectorAll('svg').length")
        card(page, "Answers", "hand")
        hand = page.js("document.querySelector('iframe').contentDocument.querySelectorAll('svg').length")
        must(0 < hand <= both, f"{hand} pictures by hand, {both} in all modes")
        bench.picture_of(page, "kits-listener-km")
        must("answers=hand" in page.js("location.hash"), "the choice is not in the address")
        # The browser's own print is the frame's; a window without a screen has none, so it is counted.
        page.js("(frame => (frame.print = () => { window.printed = (window.printed ?? 0) + 1 }, 1))(frames[0])")
        page.press("p")
        must(page.js("window.printed") == 1, "the key does not print the frame")
        card(page, "What", "responder")
        card(page, "Buttons of the board", "number-pad")
        bench.picture_of(page, "kits-responder")
        accessible(bench, page, "cards")
        address = page.js("location.hash")
        bench.reload(page)
        must(page.js("location.hash") == address, "the reload forgets the choices")
        # The document itself runs no script and asks for nothing.
        source = page.js("document.querySelector('iframe').src")
        policy = page.js(f"fetch({json.dumps(source)}).then(answer => answer.headers.get('content-security-policy'))")
        must("sandbox" in policy and "default-src 'none'" in policy, f"its policy is {policy}")
        if bench.pictures:
            data = page.js(
                f"fetch({json.dumps(source)}.replace('/card?', '/card.pdf?')).then(answer => answer.arrayBuffer())"
                ".then(bytes => new TextDecoder('latin1').decode(bytes.slice(0, 8)))"
            )
            must(data.startswith("%PDF"), f"the PDF begins with {data}")


@test("Firefox shows kits, cards and what is new")
def firefox(bench):
    with at_kits(bench, Firefox) as page:
        page.press("c")
        page.wait("document.querySelector('iframe')?.contentDocument?.body?.innerText.length > 20", "the card")
        page.js("(frame => (frame.print = () => { window.printed = 1 }, 1))(frames[0])")
        page.press("p")
        must(page.js("window.printed") == 1, "the key does not print the frame")
