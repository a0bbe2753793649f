"""Test of Device: the page makes the image of an SD card, of a small base image."""

import hashlib, json, os, re, subprocess
from runner import must, test
from kits import accessible, at_kits, build, choose, click

TOOLS = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", E2FSPROGS_FAKE_TIME="1735689600", TZ="UTC0")
BOARDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Hardware/boards")
MEGA = 1 << 20


def base_image(path, megabytes=40):
    """Writes a base image like those of Hardware/image, but small: the same table, description and data partition."""
    regions = [(4 * MEGA, MEGA), (5 * MEGA, MEGA), (6 * MEGA, MEGA), (8 * MEGA, megabytes * MEGA)]
    image = bytearray(8 * MEGA)
    for index, (start, size) in enumerate(regions):
        image[450 + 16 * index] = 0x0C if index == 0 else 0x83
        image[454 + 16 * index : 462 + 16 * index] = b"".join((n // 512).to_bytes(4, "little") for n in (start, size))
    image[510:512] = b"\x55\xaa"
    uuid = "f1257000-0d00-4000-8000-000000000004"
    extended = f"hash_seed={uuid},lazy_itable_init=0,nodiscard"
    subprocess.run(
        ["mke2fs", "-q", "-F", "-t", "ext4", "-U", uuid, "-E", extended, path + ".data", f"{megabytes}m"],
        check=True,
        env=TOOLS,
        capture_output=True,
    )
    for name in ("etc", "store"):
        subprocess.run(["debugfs", "-w", "-R", "mkdir /" + name, path + ".data"], check=True, env=TOOLS, capture_output=True)
    data = open(path + ".data", "rb").read()
    os.unlink(path + ".data")
    parts = [
        {"role": role, "number": number + 1, "start": start, "size": size, "type": "", "used": 0}
        for number, (role, (start, size)) in enumerate(zip(("boot", "a", "b", "data"), regions))
    ]
    parts[3].update(used=len(data), sha256=hashlib.sha256(data).hexdigest())
    about = {"format": "firstword-base/1", "version": "0.1.0", "boards": ["raspberry-pi-4"], "partitions": parts}
    text = json.dumps(about).encode()
    image[2 * MEGA : 2 * MEGA + len(text)] = text
    with open(path, "wb") as file:
        file.write(image + data)


@test("the page makes a card: the same bytes as the command line's, its sheet, and a refusal that says what to do")
def made(bench):
    base = bench.top + "/base.img"
    base_image(base)
    # The browser reports the refusals in its console.
    with at_kits(bench, is_quiet=False) as page:
        os.makedirs(bench.top + "/printed/kits", exist_ok=True)
        build(bench, "--partial", "-o", "printed/kits/small-1.0-DRAFT.kit")
        bench.open("#/project/printed/device", page)
        page.press("m")
        must(page.js("document.activeElement.placeholder.includes('base.img')"), "the key leads to another field")
        page.type(bench.top + "/printed/kit.yaml")
        page.press("Tab")
        page.wait("document.getElementById('fault').innerText.includes('no base image')", "a refusal of another file")
        page.js("document.querySelector('input[placeholder]').value = ''")
        page.press("m")
        page.type(base)
        page.press("Tab")
        page.wait("document.querySelector('form [role=status]').innerText.includes('Base image 0.1.0')", "what it is")
        page.js(
            "(() => { for (const [field, value] of [[0, 'raspberry-pi-zero'], [1, 'small-1.0-DRAFT.kit']]) {"
            " const one = document.querySelectorAll('form select')[field]; one.value = value;"
            " one.dispatchEvent(new Event('change')) } })()"
        )
        choose(page, "input[accept='.pub']", bench.top + "/publisher.pub")
        click(page, "Make the card", "form")
        page.wait("document.getElementById('fault').innerText.includes('DRAFT')", "a refusal of the DRAFT")
        click(page, "This DRAFT is for a trial", "form")
        click(page, "Make the card", "form")
        page.wait("document.querySelector('[data-card]')", "the card in the list", 60)
        name = page.js("document.querySelector('[data-card]').dataset.card")
        must(re.fullmatch(r"printed-1\.[0-9]+(-DRAFT)?-raspberry-pi-zero\.img", name), f"it is called {name}")
        own = open(f"{bench.top}/printed/cards/{name}", "rb").read()
        shown = page.js("document.querySelector('#card-made').parentElement.innerText")
        must(hashlib.sha256(own).hexdigest() in shown, "the page has another SHA-256")
        subprocess.run(
            [
                *(bench.firstword, "image", base, "--board"),
                *(BOARDS + "/raspberry-pi-zero.yaml", "--kit", "printed/kits/small-1.0-DRAFT.kit"),
                *("--trust", "publisher.pub", "--allow-draft", "-o", "line.img"),
            ],
            cwd=bench.top,
            check=True,
            capture_output=True,
        )
        must(open(bench.top + "/line.img", "rb").read() == own, "the command line makes other bytes")
        answers = page.js(
            "Promise.all([...document.querySelectorAll('[data-card] a')].map(one => fetch(one.href)"
            ".then(answer => answer.arrayBuffer()).then(bytes => bytes.byteLength)))"
        )
        must(answers[1] == len(own) and answers[0] > 2000, f"sheet and download have {answers} bytes")
        accessible(bench, page, "card")
        bench.reload(page)
        must(page.js("document.querySelectorAll('[data-card]').length") == 1, "the reload loses the card")
        must(page.js("document.querySelector('input[placeholder]').value") == base, "the path is forgotten")
        page.go(page.js("document.querySelector('[data-card] a').href"))
        must("First test" in page.js("document.body.innerText"), "the sheet lacks the first test")
        bench.picture_of(page, "card-sheet")
    # The tests of kits begin without this one.
    os.unlink(bench.top + "/printed/kits/small-1.0-DRAFT.kit")
