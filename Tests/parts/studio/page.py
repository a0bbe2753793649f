"""Tests of the page itself: views, keys, accessibility, addresses, size."""

import json, os, time
from runner import must, test
from browsers import Chromium, Firefox
from client import Client
from projects import Studio


@test("every view opens without a complaint, and asks no other server")
def opens(bench):
    page = bench.at_small()
    for address in bench.views():
        bench.open(address)
        must(page.js("document.querySelector('h1')?.innerText"), f"{address} has no heading")
        must(
            page.js("document.getElementById('fault').innerText") == "",
            f"{address}: {page.js('document.getElementById(`fault`).innerText')}",
        )
        bench.reload()
        must(
            page.js("document.querySelector('#views [aria-current=page]')?.hash") == address,
            f"{address} is another view after a reload",
        )
        bench.quiet(page, bench.small.origin, address)


@test("axe finds nothing on any view: light, dark, right to left, at 200 %")
def accessible(bench):
    page = bench.at_small()
    addresses = bench.views()
    base = next(address for address in addresses if "/words" in address)
    addresses = [address for address in addresses if address != base] + [
        f"{base}/ro/interpreter-coming",
        f"{base}/ur/safe-here",
    ]
    wrong = []
    for address in addresses:
        bench.open(address)
        for way, width, height, scheme, direction in (
            ("light", 1280, 900, "light", "ltr"),
            ("dark", 1280, 900, "dark", "ltr"),
            ("right to left", 1280, 900, "light", "rtl"),
            ("200 %", 640, 450, "light", "ltr"),
        ):
            page.size(width, height, 2 if way == "200 %" else 1)
            page.scheme(scheme)
            page.js(f"document.documentElement.dir = '{direction}'")
            wrong += [f"{address}, {way}: {one}" for one in bench.violations()]
            bench.picture(f"{address.removeprefix('#/').replace('/', '-')}-{way.replace(' ', '-')}")
        page.js("document.documentElement.dir = 'ltr'")
    must(not wrong, "; ".join(wrong[:8]))


@test("no view is wider than a window of 360 px, in either direction")
def narrow(bench):
    page = bench.at_small()
    for address in bench.views():
        bench.open(address)
        for width in (360, 640, 1920):
            for direction in ("ltr", "rtl"):
                page.size(width, 800)
                page.js(f"document.documentElement.dir = '{direction}'")
                over = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                must(over <= 0, f"{address} is {over} px wider than {width} px, {direction}")


@test("the keyboard alone leads from Start through the matrix to a wording, and on")
def keyboard(bench):
    page = bench.at_small()
    page.press("2")
    page.wait("document.querySelector('h1')?.innerText === 'Matrix'")
    page.press("m")
    page.wait("document.activeElement.matches('[role=gridcell]')", "the focus in the table")
    page.press("Home", 2)
    page.press("ArrowDown")
    page.press("ArrowRight")
    page.press("ArrowRight")
    where = page.js("document.activeElement.dataset.x + ' ' + document.activeElement.dataset.y")
    must(where == "2 1", f"the arrows lead to cell {where}, not 2 1")
    must(
        page.js("document.querySelectorAll('[role=gridcell][tabindex=\"0\"]').length") == 1,
        "more than one cell is in the order of Tab",
    )
    address = page.js("location.hash")
    must("at=ar" in address, f"the address has no cell: {address}")
    bench.reload()
    must(page.js("location.hash") == address, "the reload forgets the cell")
    page.press("m")
    page.press("ArrowRight")
    page.press("Enter")
    page.wait("document.querySelector('h1')?.innerText === 'Words'", "the wording of the cell")
    must(page.js("location.hash").endswith("/words/ar/safe-here"), f"Enter leads to {page.js('location.hash')}")
    page.press("j")
    page.wait("location.hash.endsWith('/words/ar/interpreter-coming')", "the next message")
    page.press("k")
    page.wait("location.hash.endsWith('/words/ar/safe-here')", "the message before")
    # Tab never traps: it leaves the page's last element.
    page.js("document.body.focus()")
    seen = set()
    for _ in range(200):
        page.press("Tab")
        if page.js("document.activeElement === document.body"):
            break
        seen.add(page.js("document.activeElement.outerHTML.slice(0, 80)"))
    must(len(seen) > 3, f"Tab reaches only {seen}")
    must(page.js("[...document.querySelectorAll('kbd')].length") > 3, "the page does not list its keys")


@test("keys can be turned off, and stay off")
def keys_off(bench):
    page = bench.at_small()
    page.js("document.getElementById('keys-switch').click()")
    page.press("2")
    must(page.js("document.querySelector('h1').innerText") == "Start", "a key acts while keys are off")
    bench.reload()
    page.press("2")
    time.sleep(0.2)
    must(page.js("document.querySelector('h1').innerText") == "Start", "keys are on again after a reload")


@test("a name with markup is shown as it is written")
def markup(bench):
    page = bench.at_small()
    matrix = next(address for address in bench.views() if "/matrix" in address)
    bench.open(matrix.replace("/matrix", "/words/ro/interpreter-coming"))
    text = page.js(
        "[...document.querySelectorAll('main textarea, main dd')].map(one => one.value ?? one.innerText).join(' ')"
    )
    must("<img src=x onerror=alert(1)>" in text, "the note is not shown")
    must(page.js("document.querySelectorAll('main img, main b > b').length") == 0, "the note became an element")
    bench.quiet(page, bench.small.origin, "markup")


@test("a filter is in the address, and a reload keeps it")
def filters(bench):
    page = bench.at_small()
    bench.open(next(address for address in bench.views() if "/matrix" in address))
    all_cells = page.js("document.querySelectorAll('[role=gridcell]').length")
    must(all_cells >= 20 and all_cells % 4 == 0, f"{all_cells} cells, for four languages and at least five messages")
    page.js('document.querySelector(\'[data-letter="m"], [data-letter="d"]\').click()')
    page.js(
        "(i => (i.value = 'khmer', i.dispatchEvent(new Event('input'))))(document.querySelector('input[type=search]'))"
    )
    must(page.js("document.querySelectorAll('tbody tr').length") == 1, "the language is not filtered")
    address = page.js("location.hash")
    bench.reload()
    must(page.js("location.hash") == address, "the address changes by the reload")
    must(page.js("document.querySelectorAll('tbody tr').length") == 1, "the reload forgets the filter")
    must(page.js("document.querySelector('.legend [aria-pressed=true]') !== null"), "the reload forgets the state")


@test("a new project is made from Start, found by region; a reload in between loses nothing")
def new_project(bench):
    shelf = bench.top + "/shelf"
    os.makedirs(shelf, exist_ok=True)
    with Studio(bench.firstword, shelf) as studio, bench.chromium.stranger() as page:
        bench.enter(studio, page)
        must("no project yet" in page.js("document.querySelector('main').innerText"), "Start does not say what to do")
        page.press("n")
        page.type("shelter")
        for text, tag in (("moldova", "ro"), ("khmer", "km")):
            page.js("document.querySelector('input[type=search]').focus()")
            page.press("a", 2)
            page.type(text)
            page.wait(f"document.querySelector('.choices [lang={tag}]')", f"{tag} to be found by {text}")
            page.js(f"document.querySelector('.choices [lang={tag}]').closest('label').querySelector('input').click()")
        bench.reload(page)
        must(page.js("document.querySelector('form input').value") == "shelter", "the reload loses the name")
        must("2 languages chosen" in page.js("document.querySelector('form').innerText"), "the reload loses the choice")
        page.js("document.querySelector('form').requestSubmit()")
        page.wait("document.querySelector('h1').innerText === 'Matrix'", "the new project")
        page.wait("['ro', 'km'].every(tag => document.querySelector(`tbody th [lang=${tag}]`))", "its languages")
        kit = open(shelf + "/shelter/kit.yaml").read()
        must('- "ro"' in kit and '- "km"' in kit, "kit.yaml has other languages")
        bench.open("#/start", page)
        page.js("document.querySelector('details').open = true")
        page.js("document.querySelector('form input').focus()")
        page.type("shelter")
        page.js("document.querySelector('#new-languages input').click()")
        page.js("document.querySelector('form').requestSubmit()")
        page.wait("document.getElementById('fault').innerText", "a line that says why a second one is refused")
        must(open(shelf + "/shelter/kit.yaml").read() == kit, "the first project was replaced")


@test("a read-only studio shows every view and offers no change")
def read_only(bench):
    with Studio(bench.firstword, bench.top, "small", "--read-only") as studio, bench.chromium.stranger() as page:
        bench.enter(studio, page)
        for address in bench.views(page):
            bench.open(address, page)
            must(
                page.js(
                    "document.querySelector('.project')?.innerText.includes('read only') || location.hash === '#/start'"
                ),
                "it does not say so",
            )
            offered = page.js(
                "[...document.querySelectorAll('main button.main:not(:disabled, [data-harmless])')].map(one => one.innerText)"
            )
            must(not offered, f"{address} offers {offered}")
            must(
                page.js("document.querySelectorAll('main textarea').length") == 0,
                f"{address} has a field for a wording",
            )
        bench.quiet(page, studio.origin, "the read-only studio")


@test("50 languages and 50 messages: weight, times and memory (figures)", is_alone=True)
def large(bench):
    with Studio(bench.firstword, bench.top, "large") as studio, Chromium() as page:
        page.size(1280, 900)
        bench.enter(studio, page)
        matrix = next(address for address in bench.views(page) if "/matrix" in address)
        bench.open(matrix, page)
        cells = page.js("document.querySelectorAll('[role=gridcell]').length")
        must(cells >= 2500, f"{cells} cells, not 2500 or more")
        # All that was loaded since the page was opened.
        weight = page.js("performance.getEntriesByType('resource').reduce((sum, one) => sum + one.decodedBodySize, 0)")
        times = []
        for _ in range(5 if bench.is_long else 3):
            bench.reload(page)
            times.append(page.wait("performance.getEntriesByName('ready').at(-1)?.startTime", "the mark of the page"))
        frames = page.js("""new Promise(done => {
          const place = document.querySelector('.matrix'), gaps = []
          let last = performance.now(), step = 0
          requestAnimationFrame(function next(now) {
            gaps.push(now - last); last = now; step += 1
            place.scrollTo(step * 23 % place.scrollWidth, step * 17 % place.scrollHeight)
            if (step < 120) requestAnimationFrame(next)
            else done([Math.max(...gaps.slice(2)), gaps.slice(2).sort((a, b) => a - b)[59]])
          })
        })""")
        moves = page.js("""(() => {
          document.querySelector('[role=gridcell][tabindex="0"]').focus()
          const begin = performance.now()
          for (let index = 0; index < 49; index += 1)
            document.activeElement.dispatchEvent(
              new KeyboardEvent('keydown', { key: index % 2 ? 'ArrowRight' : 'ArrowDown', bubbles: true }))
          return (performance.now() - begin) / 49
        })()""")
        print(
            f"     {cells} cells; weight {weight / 1000:.0f} kB; "
            f"interactive after {', '.join(f'{one:.0f}' for one in times)} ms; "
            f"scrolling: longest frame {frames[0]:.0f} ms, median {frames[1]:.0f} ms; "
            f"a step by keyboard {moves:.1f} ms; "
            f"the program uses {studio.memory() / 1e6:.0f} MB"
        )
        for address in bench.views(page):
            bench.open(address, page)
        client = Client(studio)
        reviewer = client.post("projects/large/reviewers", {"name": "Ana"})[1]["id"]
        for language in client.view("projects/large/matrix")["languages"]:
            client.view(f"projects/large/words/{language['tag']}")
            client.view(f"projects/large/review/{language['tag']}?reviewer={reviewer}")
        print(
            f"     after every view in every language: {studio.memory() / 1e6:.0f} MB, of which "
            f"{studio.own_memory() / 1e6:.0f} MB are no code"
        )
        must(studio.own_memory() < 30e6, f"the program holds {studio.own_memory() / 1e6:.0f} MB")
        bench.open(matrix, page)
        bench.quiet(page, studio.origin, "the large matrix")
        if bench.is_long:
            bench_page, bench.chromium = bench.chromium, page
            try:
                must(not (found := bench.violations()), f"axe: {found[:3]}")
            finally:
                bench.chromium = bench_page


@test("after the program was started again, the page asks for the printed address, and goes on where it was")
def restart(bench):
    with Studio(bench.firstword, bench.top, "small") as studio, bench.chromium.stranger() as page:
        bench.enter(studio, page)
        bench.open(next(address for address in bench.views(page) if "/matrix" in address), page)
        port = studio.port
        studio.quit()
        page.js("(location.hash = '#/start', 1)")
        page.wait("document.getElementById('fault').innerText.includes('does not answer')", "a line that says so")
        with Studio(bench.firstword, bench.top, "small", "--port", port) as studio:
            bench.reload(page)
            must(
                "Open the printed address" in page.js("document.querySelector('h1').innerText"),
                "it does not ask for the address",
            )
            page.js(
                f"(document.getElementById('address').value = {json.dumps(studio.address)}, "
                "document.querySelector('main form').requestSubmit(), 1)"
            )
            page.wait("document.querySelectorAll('#views a').length > 1", "the studio")
            must("token" not in page.js("location.href"), "the token stays in the address")


@test("Firefox shows every view without a complaint")
def firefox(bench):
    with Studio(bench.firstword, bench.top, "small") as studio, Firefox() as page:
        bench.enter(studio, page)
        for address in bench.views(page):
            bench.open(address, page)
            must(
                page.js("document.getElementById('fault').innerText") == "",
                f"{address}: {page.js('document.getElementById(`fault`).innerText')}",
            )
        bench.open(next(address for address in bench.views(page) if "/matrix" in address), page)
        page.press("m")
        page.press("ArrowDown")
        page.press("Enter")
        page.wait("location.hash.includes('/words/ar/')", "the wording of the cell")
        bench.quiet(page, studio.origin, "Firefox")
