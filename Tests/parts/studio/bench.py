"""What the tests of the lane share."""

import json
import projects
from browsers import Chromium
from projects import Studio
from runner import must

READY = "document.body?.dataset.ready && !document.querySelector('main').hasAttribute('aria-busy')"


class Bench:
    """What the tests share: the programs, the projects, one Chromium, and the studios that run."""

    def __init__(self, programs, axe, top, pictures, is_long):
        self.firstword, self.top, self.pictures, self.is_long = programs + "/firstword", top, pictures, is_long
        self.axe = open(axe).read()
        projects.make_small(self.firstword, top)
        projects.make_large(self.firstword, top)
        self.chromium = Chromium()
        self.small = None
        self.others = []

    def enter(self, studio, browser=None):
        """Opens the studio's page with its token."""
        browser = browser or self.chromium
        browser.go("about:blank")
        browser.events.clear()
        browser.go(studio.address)
        browser.wait(READY, "the page to be ready")
        must("token" not in browser.js("location.href"), "the token stays in the address")
        studio.address = studio.token(len([line for line in studio.lines if line and "#token=" in line]) - 1)
        return browser

    def at_small(self):
        """The page of the small project, at Start; the studio is started once."""
        if not self.small or self.small.process.poll() is not None:
            self.small = Studio(self.firstword, self.top, "small")
            self.enter(self.small)
        elif self.chromium.js("location.origin") != self.small.origin:
            # The test before was at another studio, which has ended.
            self.enter(self.small)
        self.chromium.size(1280, 900)
        self.chromium.scheme("light")
        self.chromium.js("(localStorage.clear(), document.documentElement.dir = 'ltr')")
        self.open("#/start")
        return self.chromium

    def open(self, address, browser=None):
        browser = browser or self.chromium
        browser.js(
            "(address => (location.hash !== address"
            " && (delete document.body.dataset.ready, location.hash = address), 1))"
            f"({json.dumps(address)})"
        )
        browser.wait(READY, f"{address} to be shown")

    def reload(self, browser=None):
        browser = browser or self.chromium
        browser.reload()
        browser.wait(READY, "the page after a reload")

    def views(self, browser=None):
        """The addresses of all views, as the navigation has them."""
        return (browser or self.chromium).js("[...document.querySelectorAll('#views a')].map(a => a.hash)")

    def picture(self, name):
        """Writes a screenshot, if pictures are wanted."""
        self.picture_of(self.chromium, name)

    def picture_of(self, page, name):
        """Writes a screenshot of another browser's page, if pictures are wanted."""
        if self.pictures:
            page.picture(f"{self.pictures}/{name}.png")

    def stop_also(self, one):
        """Ends a browser or a studio with the lane."""
        self.others.append(one)

    def quiet(self, browser, origin, what):
        """Fails if the page complained, or asked another server."""
        complaints = browser.complaints()
        must(not complaints, f"{what}: {complaints[:3]}")
        foreign = [
            url for url in browser.requests() if not url.startswith((origin + "/", "data:", "blob:" + origin, "about:"))
        ]
        must(not foreign, f"{what} asked {foreign[:3]}")

    def violations(self):
        """What axe finds on the page: rule, count, and the first element."""
        if not self.chromium.js("!!window.axe"):
            # Beside the page's own policy, which forbids inline scripts.
            self.chromium.send("Runtime.evaluate", expression=self.axe)
        return self.chromium.js(
            "axe.run(document, { resultTypes: ['violations'] }).then(result => result.violations.map(one => "
            "`${one.id} ×${one.nodes.length}: ${one.nodes[0].html.slice(0, 160)} "
            "${one.nodes[0].any[0]?.message ?? ''}`))"
        )

    def quit(self):
        for one in reversed(self.others):
            one.__exit__()
        if self.small:
            self.small.__exit__()
        self.chromium.quit()
