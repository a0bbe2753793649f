"""What the tests of the lane share."""

import glob, json, os, shutil, subprocess, time
from browsers import Chromium, Firefox
from runner import must
from sound import PulseAudio, syllables

ASSETS = os.path.dirname(os.path.abspath(__file__)) + "/../../../Sources/Trainer"
LOOKS = (("light", 360), ("dark", 1280), ("dark", 360), ("light", 1280))
SENDER = ("--from", "Ana, <b>Shelter</b>", "--contact", "ana@example.org")


def run(*words, status=0, **more):
    """Runs a program, and returns what it wrote."""
    made = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", **more)
    must(made.returncode == status, f"{' '.join(words)[-200:]} ended with {made.returncode}: {made.stdout[-300:]}{made.stderr[-300:]}")
    return made.stdout + made.stderr


class Fox(Firefox):
    """Firefox that gives the microphone without a question, and saves to a directory."""

    def __init__(self, downloads):
        self.downloads = downloads
        super().__init__()

    def prepare(self):
        super().prepare()
        settings = {
            "media.navigator.permission.disabled": True,
            "browser.download.folderList": 2,
            "browser.download.dir": self.downloads,
            "browser.download.useDownloadDir": True,
            "browser.download.always_ask_before_handling_new_types": False,
            "browser.download.alwaysOpenPanel": False,
        }
        with open(self.profile + "/user.js", "a") as file:
            for name, value in settings.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")


class Desk:
    """The programs, a microphone, and the browsers of speakers and reviewers."""

    def __init__(self, programs, axe, top, pictures, is_long):
        self.program, self.top, self.pictures, self.is_long = programs + "/firstword", top, pictures, is_long
        self.axe = open(axe).read()
        self.sound = PulseAudio(top, syllables())

    def quit(self):
        self.sound.__exit__()

    def firstword(self, *words, status=0):
        # What a first try of a test has left.
        if words[0] == "new":
            shutil.rmtree(f"{self.top}/{words[1]}", ignore_errors=True)
        if words[0] == "keygen":
            for path in glob.glob(f"{self.top}/{words[1]}.*"):
                os.remove(path)
        environment = dict(os.environ, XDG_CACHE_HOME=self.top + "/cache", SWIFT_BACKTRACE="enable=no")
        return run(self.program, *words, status=status, cwd=self.top, env=environment)

    def browser(self, kind):
        """Starts a browser whose downloads lie in `browser.saved`."""
        saved = f"{self.top}/saved-{time.monotonic_ns()}"
        os.makedirs(saved)
        if kind is Firefox:
            browser = self.sound.browser(Fox, saved)
        else:
            browser = self.sound.browser(Chromium, "--use-fake-ui-for-media-stream")
            browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=saved)
        browser.saved = saved
        return browser

    def open(self, browser, name):
        browser.go(f"file://{self.top}/{name}")
        browser.wait("document.body?.dataset.ready", "the page to be ready")

    def quiet(self, browser, name):
        """Fails if the page complained, or asked for anything but itself."""
        complaints = browser.complaints()
        must(not complaints, f"{name}: {complaints[:3]}")
        page = f"file://{self.top}/"
        asked = [url for url in browser.requests() if not url.startswith((page, "data:", f"blob:{page[:7]}", "about:", "blob:null"))]
        must(not asked, f"{name} asked {asked[:3]}")

    def look(self, page, name, looks=LOOKS):
        """Runs axe on a step in schemes and widths; returns what is wrong."""
        wrong = []
        page.send("Page.setBypassCSP", enabled=True)
        for scheme, width in looks:
            page.size(width, 800)
            page.scheme(scheme)
            if not page.js("!!window.axe"):
                page.send("Runtime.evaluate", expression=self.axe)
            found = page.js(
                "axe.run(document, { resultTypes: ['violations'] }).then(result => result.violations.map(one => "
                "`${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)} "
                "${one.nodes[0].any[0]?.message ?? ''}`))"
            )
            wrong += [f"{name}, {scheme}, {width} px: {one}" for one in found]
            over = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                wrong.append(f"{name} is {over} px wider than {width} px")
            if self.pictures:
                page.picture(f"{self.pictures}/{name.replace(' ', '-')}-{scheme}-{width}.png", True)
        page.size(1280, 800)
        page.scheme("light")
        return wrong

    def download(self, browser, count):
        """Waits for the download with this number, and returns its path."""
        end = time.monotonic() + 30
        while True:
            found = sorted(glob.glob(browser.saved + "/*.zip"), key=os.path.getmtime)
            if len(found) >= count and not glob.glob(browser.saved + "/*.part") + glob.glob(browser.saved + "/*.crdownload"):
                return found[-1]
            must(time.monotonic() < end, "nothing was saved")
            time.sleep(0.05)


def click(page, selector):
    must(page.js(f"(one => one && !one.disabled && (one.click(), true))(document.querySelector({json.dumps(selector)}))"), f"no {selector} to press on {page.js('document.querySelector(`main`).innerText')[:200]}")


def step(page, name):
    page.wait(f"document.body.dataset.step === {json.dumps(name)}", f"the step {name}")


def fill(page, selector, text):
    must(page.js(f"(one => one && (one.value = {json.dumps(text)}, true))(document.querySelector({json.dumps(selector)}))"), f"no {selector} to fill")


def agree(page, name="Iris", voice="woman"):
    """Goes from the beginning to the room, and returns the withdrawal code."""
    step(page, "welcome")
    click(page, "button.main")
    step(page, "consent")
    fill(page, "#name", name)
    fill(page, "#words", "For people who need help. <i>Nothing</i> else.")
    code = page.js("document.getElementById('code').innerText")
    for box in (voice, "kept"):
        click(page, f"#{box}")
    click(page, "button[type=submit]")
    step(page, "room")
    return code


def measure(page):
    click(page, "button.main")
    page.wait("!document.querySelector('#main > .acts').children[1].hidden", "the room to be measured")
    heard = page.js("document.getElementById('heard').innerText")
    click(page, "#main > .acts button:nth-child(2)")
    step(page, "texts")
    return heard


def record(page, seconds=0.7, block=False):
    """Records the text that is shown."""
    click(page, "button.record")
    page.wait("document.querySelector('button.record').dataset.act === 'stop'", "the recording to begin")
    if block:
        page.js("(() => { const end = performance.now() + 500; while (performance.now() < end); return 1 })()")
    time.sleep(seconds)
    keep(page)
    told = page.js("document.getElementById('told').innerText")
    must("Good" in told, f"the page says: {told}")


def keep(page):
    """Ends the take that is being recorded. On a busy machine it can be torn: then the page asks for another one."""
    act = "document.querySelector('button.record').dataset.act"
    for _ in range(5):
        # A take that became too long has ended by itself.
        if page.js(act) == "stop":
            click(page, "button.record")
        page.wait(f"{act} !== 'stop'", "the take to end")
        if page.js(act) == "again":
            return
        click(page, "button.record")
        page.wait(f"{act} === 'stop'", "the recording to begin")
        time.sleep(1)
    must(False, "five takes were torn")


def following(page):
    """Goes to the next text, or to the end."""
    click(page, "#main > .acts:nth-last-of-type(2) button:nth-child(2)")
