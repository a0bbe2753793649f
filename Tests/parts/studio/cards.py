"""Test of Device: the page makes the image of an SD card, of a small base image."""

import hashlib, json, os, re, shutil, subprocess
from runner import must, test
from kits import accessible, at_kits, build, choose, click
from projects import run

TOOLS = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", E2FSPROGS_FAKE_TIME="1735689600", TZ="UTC0")
BOARDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Hardware/boards")
MEGA = 1 << 20


def base_image(path, megabytes=40, network=False):
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
    if network:
        about["network"] = True
    text = json.dumps(about).encode()
    image[2 * MEGA : 2 * MEGA + len(text)] = text
    with open(path, "wb") as file:
        file.write(image + data)


MIRROR = "https://kits.example.org/channel"
SECRET = 'a long "pass phrase" #1'
WIFI = f'country=RO\nnetwork={{\n  ssid="shelter"\n  psk="{SECRET}"\n}}\n'


def make_channel(bench):
    """Publishes a channel without a kit beside the project."""
    keys = ("--root", "publisher.pub", "--threshold", "1", "--targets", "publisher.pub", "--online", "publisher.pub")
    run(bench.firstword, bench.top, "channel", "new", "web", *keys)
    run(bench.firstword, bench.top, "channel", "sign", "web", "--key", "publisher.key")


def line(bench, base, *words):
    """Makes the same card by the command line."""
    return subprocess.run(
        [
            *(bench.firstword, "image", base, "--board", BOARDS + "/raspberry-pi-zero.yaml"),
            *("--kit", "printed/kits/small-1.0-DRAFT.kit", "--trust", "publisher.pub", "--allow-draft"),
            *("-o", "line.img", *words),
        ],
        cwd=bench.top,
        capture_output=True,
        text=True,
    )


def take_parts(bench, page):
    """Chooses board, kit and key."""
    page.js(
        "(() => { for (const [field, value] of [[0, 'raspberry-pi-zero'], [1, 'small-1.0-DRAFT.kit']]) {"
        " const one = document.querySelectorAll('form select')[field]; one.value = value;"
        " one.dispatchEvent(new Event('change')) } })()"
    )
    choose(page, "input[accept='.pub']", bench.top + "/publisher.pub")


def follow_channel(bench, page, own):
    """Makes a card whose device follows a channel, after a refusal; `own` is a card without one."""
    make_channel(bench)
    channel = ("--channel", MIRROR, "--root", "web/metadata/1.root.json")
    net = bench.top + "/net.img"
    base_image(net, network=True)
    # The channel is new: the page reads it when it is opened.
    bench.reload(page)
    take_parts(bench, page)
    click(page, "This DRAFT is for a trial", "form")
    for name in ("follows", "network"):
        page.js(f"(document.querySelector('[data-field={name}]').focus(), 1)")
        page.press(" " if name == "follows" else "ArrowDown")
    seen = "[...document.querySelectorAll('[data-field]')].filter(one => one.checkVisibility()).map(one => one.dataset.field)"
    shown = page.js(seen)
    must(shown == ["follows", "mirrors", "channel", "network", "wifi", "wifi-passphrase", "country"], f"it shows {shown}")
    for name, text in (("mirrors", MIRROR), ("wifi", "shelter"), ("wifi-passphrase", SECRET), ("country", "ro")):
        page.js(f"(document.querySelector('[data-field={name}]').focus(), 1)")
        page.type(text)
    root = hashlib.sha256(open(bench.top + "/web/metadata/1.root.json", "rb").read()).hexdigest()
    must(root in page.js("document.querySelector('form').innerText"), "it does not show the SHA-256 of the root")
    click(page, "Make the card", "form")
    page.wait("document.getElementById('fault').innerText.includes('no network')", "a refusal of a base without a network")
    refused = line(bench, bench.top + "/base.img", *channel)
    words = page.js("document.querySelector('#fault p').innerText")
    must(refused.returncode == 1 and words in refused.stderr, f"'{words}' is not what the command line says: {refused.stderr}")
    must(len(os.listdir(bench.top + "/printed/cards")) == 2, "the refused card has left something")
    page.js("(one => (one.value = '', one.focus(), 1))(document.querySelector('input[placeholder]'))")
    page.type(net)
    page.press("Tab")
    page.wait("document.querySelector('form [role=status]').innerText.includes('with a network')", "the other base image")
    accessible(bench, page, "card-channel")
    page.js("(document.querySelector('input[maxlength=\"40\"]').focus(), 1)")
    page.type("net-1")
    click(page, "Make the card", "form")
    page.wait("document.querySelectorAll('[data-card]').length === 2", "the second card", 60)
    page.wait("document.querySelector('#card-made').parentElement.innerText.includes('kits.example.org')", "the channel")
    name = page.js("document.querySelector('#card-made ~ p bdi').innerText")
    with open(bench.top + "/wifi.conf", "w") as file:
        file.write(WIFI)
    made = line(bench, net, *channel, "--wifi", "wifi.conf", "--serial", "net-1")
    must(made.returncode == 0, made.stderr[-300:])
    card = open(f"{bench.top}/printed/cards/{name}", "rb").read()
    must(open(bench.top + "/line.img", "rb").read() == card, "the command line makes another card of a channel")
    must(SECRET.encode() in card and SECRET.encode() not in own, "the passphrase is not on the card")
    must(os.stat(f"{bench.top}/printed/cards/{name}").st_mode & 0o777 == 0o600, "everybody can read the image")
    page.js("(document.querySelector('[data-field=wifi-passphrase]').value = '', 1)")
    seen = page.js("document.documentElement.outerHTML + location.href + JSON.stringify({ ...localStorage, ...sessionStorage })")
    must(SECRET not in seen + "".join(filter(None, page.studio.lines)), "the passphrase is kept by page or program")
    found = subprocess.run(["grep", "-rlF", SECRET, bench.top + "/printed"], capture_output=True, text=True)
    must(found.stdout.split("\n") == [f"{bench.top}/printed/cards/{name}", ""], f"the passphrase is in {found.stdout}")


@test("the page makes a card: the same bytes as the command line's, also with a channel and Wi-Fi; its sheet; refusals")
def made(bench):
    base = bench.top + "/base.img"
    base_image(base)
    # What an earlier try left.
    for name in ("web", "printed/cards"):
        shutil.rmtree(f"{bench.top}/{name}", ignore_errors=True)
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
        take_parts(bench, page)
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
        must(line(bench, base).returncode == 0, "the command line makes no card")
        must(open(bench.top + "/line.img", "rb").read() == own, "the command line makes other bytes")
        answers = page.js(
            "Promise.all([...document.querySelectorAll('[data-card] a')].map(one => fetch(one.href)"
            ".then(answer => answer.arrayBuffer()).then(bytes => bytes.byteLength)))"
        )
        must(answers[1] == len(own) and answers[0] > 2000, f"sheet and download have {answers} bytes")
        follow_channel(bench, page, own)
        bench.reload(page)
        must(page.js("document.querySelectorAll('[data-card]').length") == 2, "the reload loses a card")
        must(page.js("document.querySelector('input[placeholder]').value") == bench.top + "/net.img", "the path is forgotten")
        must(page.js("document.querySelector('[data-field=mirrors]').value") == MIRROR, "the address is forgotten")
        page.go(page.js("document.querySelector('[data-card] a').href"))
        must("First test" in page.js("document.body.innerText"), "the sheet lacks the first test")
        bench.picture_of(page, "card-sheet")
    # The tests of kits begin without this one.
    os.unlink(bench.top + "/printed/kits/small-1.0-DRAFT.kit")
    shutil.rmtree(bench.top + "/web")
