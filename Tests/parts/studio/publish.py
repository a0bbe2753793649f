"""Tests of Publish: a publisher's whole path on the page, which the command line and python-tuf confirm."""

import contextlib, json, os, subprocess
from kits import say
from runner import must, test
from projects import HERE, Studio, empty, run

KEYS = ["anna", "ben", "chris", "dora", "kits", "online", "publisher"]


def desk(bench):
    """A directory with a project, a kit and keys, beside which channels lie."""
    place = bench.top + "/publishing"
    empty(place)
    run(bench.firstword, place, "new", "pub", "--languages", "ro", "--prompts", "safe-here")
    os.makedirs(place + "/pub/recordings/ro/f1")
    say(place + "/pub/recordings/ro/f1/03-safe-here.wav", "Acum sunteți în siguranță aici, cu noi.")
    for name in KEYS:
        run(bench.firstword, place, "keygen", name, "--no-password")
    os.makedirs(place + "/pub/kits")
    run(bench.firstword, place, "build", "--project", "pub", "--key", "publisher.key", "-o", "pub/kits/pub-1.0.kit")
    # Two devices: one plays the kit, one has none.
    for number in (1, 2):
        run(bench.firstword, place, "store", "trust", "publisher.pub", "--store", f"store-{number}")
    run(bench.firstword, place, "install", "pub/kits/pub-1.0.kit", "--allow-draft", "--store", "store-1")
    os.makedirs(place + "/stick")
    for number in (1, 2):
        os.makedirs(f"{place}/device-{number}")
        run(
            *(bench.firstword, place, "channel", "receipt", "stick", "--store", f"store-{number}"),
            *("--key-directory", f"device-{number}"),
        )
    return place


class Publisher:
    """A person at the page: chooses files, clicks, and types."""

    def __init__(self, bench, page, place):
        self.bench, self.page, self.place = bench, page, place

    def choose(self, selector, *names):
        self.page.wait(f"document.querySelector({json.dumps(selector)})", selector)
        document = self.page.send("DOM.getDocument")["root"]["nodeId"]
        field = self.page.send("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        self.page.send("DOM.setFileInputFiles", nodeId=field, files=[f"{self.place}/{name}" for name in names])

    def click(self, selector):
        self.page.wait(f"document.querySelector({json.dumps(selector)})?.disabled === false", f"{selector} to be possible")
        self.page.js(f"document.querySelector({json.dumps(selector)}).click()")

    def write(self, selector, text):
        self.page.js(f"(one => (one.value = '', one.focus(), 1))(document.querySelector({json.dumps(selector)}))")
        self.page.type(text)

    def says(self, text, selector="main", seconds=30):
        self.page.wait(
            f"document.querySelector({json.dumps(selector)})?.innerText.includes({json.dumps(text)})", text, seconds
        )

    def sign(self, *names):
        """Signs, and returns what the page says of it."""
        self.choose("[data-field=key]", *[f"{name}.key" for name in names])
        self.click("[data-sign]")
        self.page.wait("document.querySelector('[data-field=key]').files.length === 0", "the signatures")
        return self.page.js("document.querySelector('[role=status] ul').innerText")

    def line(self, *words):
        done = subprocess.run(
            [self.bench.firstword, "channel", *words], cwd=self.place, capture_output=True, text=True
        )
        return done.stdout

    def agrees(self):
        """The command line shows the same roles and files."""
        line = json.loads(self.line("status", "web", "--json"))
        page = self.page.js("fetch('/api/1/channels/web').then(answer => answer.json())")
        for part in ("roles", "targets"):
            must(line[part] == page[part], f"{part}: {line[part]} and {page[part]}")
        return line

    def looks(self, what):
        """axe finds nothing, and nothing is wider than the window; takes pictures."""
        own, self.bench.chromium = self.bench.chromium, self.page
        wrong = []
        try:
            for scheme, direction, width in (
                ("light", "ltr", 1280),
                ("dark", "ltr", 1280),
                ("light", "ltr", 360),
                ("dark", "rtl", 360),
                ("light", "rtl", 1280),
            ):
                self.page.size(width, 900)
                self.page.scheme(scheme)
                self.page.js(f"(document.documentElement.dir = '{direction}', 1)")
                over = self.page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if over > 0:
                    wrong.append(f"{over} px wider than {width} px, {direction}")
                if (scheme, direction) != ("light", "rtl"):
                    wrong += [f"{scheme}, {direction}, {width}: {one}" for one in self.bench.violations()]
                if self.bench.pictures:
                    self.page.picture(f"{self.bench.pictures}/publish-{what}-{width}-{scheme}-{direction}.png", True)
        finally:
            self.page.js("(document.documentElement.dir = 'ltr', 1)")
            self.page.scheme("light")
            self.page.size(1280, 900)
            self.bench.chromium = own
        must(not wrong, f"{what}: {'; '.join(wrong[:4])}")


@contextlib.contextmanager
def at_publish(bench):
    place = desk(bench)
    with Studio(bench.firstword, place, "pub") as studio, bench.chromium.stranger() as page:
        page.size(1280, 900)
        bench.enter(studio, page)
        page.studio = studio
        bench.open("#/project/pub/publish", page)
        yield Publisher(bench, page, place)


def read_by_python_tuf(bench, place):
    """What python-tuf, which begins with the first root, reads of the channel: the kit's bytes, the list, and the version
    of the root that it trusts then; None if python-tuf cannot be had here."""
    found = subprocess.run([f"{HERE}/Tests/parts/channel/python"], capture_output=True, text=True)
    if found.returncode:
        return None
    script = (
        "import sys; from publisher import Bench; bench = Bench('', sys.argv[1]);"
        "place = bench.reader(); print(len(bench.download(place, 'pub-1.0.kit')[0]),"
        " bench.download(bench.reader(), 'recalls.json')[1], bench.roots(place))"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-c", script, place],
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=f"{found.stdout.strip()}:{HERE}/Tests/parts/channel"),
    )
    must(done.returncode == 0, f"python-tuf: {done.stderr[-300:]}")
    return done.stdout.strip()


@test("a channel is made, signed in turns, rolled out, paused, recalled, counted, its lost key replaced; others read the same")
def publishes(bench):
    with at_publish(bench) as person:
        page = person.page
        must(page.js("document.querySelectorAll('[data-ceremony] input').length") == 10, "the ceremony has not ten steps")
        if bench.pictures:
            person.looks("new")
        person.choose("[data-field=root]", "anna.pub", "ben.pub", "chris.pub")
        person.choose("[data-field=targets]", "kits.pub")
        person.choose("[data-field=online]", "online.pub")
        page.js("(document.querySelector('[data-ceremony] input').focus(), 1)")
        page.press(" ")
        page.js("(document.querySelector('[data-field=name]').focus(), 1)")
        page.press("Enter")
        page.wait("document.querySelector('h1')?.innerText === 'Channel web'", "the new channel")
        ticks = page.js("[...document.querySelectorAll('[data-ceremony] input')].map(one => one.checked).join()")
        must(ticks == "true,false,false,true,false,false,false,false,false,false", f"the ticks are {ticks}")

        person.choose("[data-field=trust]", "publisher.pub")
        person.write("[data-field=percent]", "25")
        person.click("[data-field=draft]")
        person.click("[data-offer]")
        person.says("waits for signatures", "[data-target='pub-1.0.kit']")
        must("1 more needed" in person.sign("anna"), "it does not say that a signature is missing")
        bench.reload(page)
        person.says("root 1 needs 1 more signature. Each of these keys can give one: ben, chris.", "[data-step=sign]")
        person.looks("turns")
        page.press("s")
        must(page.js("document.activeElement.dataset.field") == "key", "the key does not lead to the signature")
        must("Published: " in person.sign("ben", "kits", "online"), "nothing is published")
        person.says("published", "[data-target='pub-1.0.kit'] h3")
        must(person.agrees()["targets"][0]["percent"] == 25, "the roll-out is another")

        page.js("(document.querySelector('[data-percent]').focus(), 1)")
        for _ in range(5):
            page.press("ArrowRight")
        person.says("Roll out to 50 %", "[data-roll]")
        page.press("Enter")
        person.says("50 % of the devices", "[data-target='pub-1.0.kit']")
        person.click("[data-pause]")
        person.says("paused", "[data-target='pub-1.0.kit']")
        # The command line changes it meanwhile: the page shows that before anybody signs.
        person.line("roll-out", "web", "pub-1.0.kit", "--percent", "75")
        person.says("75 % of the devices", "[data-target='pub-1.0.kit']")

        page.js("(document.querySelector('[data-target] summary').click(), 1)")
        person.write("[data-field=reason]", "a clip was swapped")
        person.choose("[data-field=publisher]", "publisher.key")
        person.click("[data-recall]")
        person.says("a clip was swapped", "[data-recalled]")
        person.sign("kits", "online")
        target = person.agrees()["targets"][0]
        must(target["percent"] == 75 and target["paused"], f"the kit is {target}")

        receipts = [f"stick/{name}" for name in os.listdir(person.place + "/stick")]
        person.choose(".drop input[type=file]", *receipts)
        page.wait("document.querySelector('[data-devices]')?.dataset.devices === '2'", "the receipts")
        person.says("1 device lacks the newest kit")
        table = page.js("fetch(document.querySelector('[data-table]').href).then(answer => answer.text())")
        must(table.count("\r\n") == 3 and "lacks the newest" in table, f"the table is {table}")
        # A root key is lost: two of the keys before and two of those after sign.
        page.js("(document.querySelectorAll('details').forEach(one => { one.open = true }), 1)")
        page.js("(document.querySelector('[data-field=old]').focus(), 1)")
        page.press("ArrowDown")
        shown = page.js("document.querySelector('[data-field=old]').selectedOptions[0].innerText")
        must(shown == "root: ben", f"the arrow leads to the key '{shown}'")
        person.choose("[data-field=new]", "dora.pub")
        person.click("[data-replace]")
        person.says("root 2 needs 2 more signatures", "[data-step=sign]")
        must("1 more needed" in person.sign("anna", "dora"), "the keys after the change are enough")
        must("root 2" in person.sign("chris", "online"), "the new root is not published")
        names = next(role for role in person.agrees()["roles"] if role["name"] == "root")["keys"]
        must(sorted(names) == ["anna", "chris", "dora"], f"root has the keys {names}")
        page.js("(document.querySelectorAll('details').forEach(one => { one.open = true }), 1)")
        person.looks("all")
        bench.quiet(page, page.studio.origin, "publish")

        shown = read_by_python_tuf(bench, person.place)
        kit = os.path.getsize(person.place + "/pub/kits/pub-1.0.kit")
        must(shown in (None, f"{kit} {{'recalls': 1}} 2"), f"python-tuf reads {shown}")
        if shown is None:
            print("     python-tuf cannot be had here: it read nothing")
        secret = open(person.place + "/publisher.key").read().split("\n")[1]
        seen = page.js("document.documentElement.outerHTML + location.href + JSON.stringify(localStorage)")
        must(secret not in seen + "".join(filter(None, page.studio.lines)), "a secret key is on the page")
