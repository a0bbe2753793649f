"""Chromium by the DevTools protocol and Firefox by WebDriver BiDi: headless, with Python's websockets alone."""

import asyncio, base64, json, os, re, shutil, subprocess, tempfile, threading, time, urllib.request
import websockets

ANSWER = 60  # seconds for one command, on a busy machine


class Failure(Exception):
    """A page did not do what the test asks."""


class Browser:
    """A browser process with one page. Its profile is a directory of its own, and ends with it."""

    def __init__(self, words, address):
        self.profile = tempfile.mkdtemp(prefix="firstword-browser-")
        self.prepare()
        self.process = subprocess.Popen(
            [word.replace("PROFILE", self.profile) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.loop, self.number, self.events, self.socket = asyncio.new_event_loop(), 0, [], None
        found, lines = None, []
        for line in self.process.stderr:
            lines.append(line)
            found = re.search(address, line)
            if found:
                break
        if not found:
            self.quit()
            raise Failure(f"{words[0]} did not start: {''.join(lines)[-300:]}")
        # A browser that writes much must not wait for a reader.
        threading.Thread(target=lambda: [None for _ in self.process.stderr], daemon=True).start()
        try:
            self.connect(found[1])
        except BaseException:
            self.quit()
            raise

    def prepare(self):
        pass

    def open_socket(self, url):
        async def connect():
            return await websockets.connect(url, max_size=None, compression=None, ping_interval=None)

        self.socket = self.loop.run_until_complete(connect())

    def receive(self, seconds):
        return json.loads(self.loop.run_until_complete(asyncio.wait_for(self.socket.recv(), seconds)))

    def send(self, method, **fields):
        self.number += 1
        number = self.number
        self.loop.run_until_complete(self.socket.send(json.dumps({"id": number, "method": method, "params": fields})))
        while True:
            answer = self.receive(ANSWER)
            if answer.get("id") == number:
                return self.result(method, answer)
            self.events.append(answer)

    def pump(self, seconds=0.02):
        """Takes events that have arrived."""
        try:
            while True:
                self.events.append(self.receive(seconds))
        except (asyncio.TimeoutError, TimeoutError):
            pass

    def wait(self, expression, what=None, seconds=30):
        """Waits until an expression is true, and returns its value."""
        end = time.monotonic() + seconds
        while True:
            value = self.js(f"(value => value instanceof Node || value)(await ({expression}))")
            if value:
                return value
            if time.monotonic() > end:
                raise Failure(f"waited {seconds} s for {what or expression}")
            time.sleep(0.03)

    def quit(self):
        try:
            self.close()
            self.loop.run_until_complete(self.socket.close())
            self.process.wait(10)
        except Exception:
            pass  # it is killed
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, 9)
                self.process.wait()
            self.loop.close()
            shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.quit()


class Chromium(Browser):
    """`requests` are the addresses that the page asked for; `complaints` what it wrote to the console as an error."""

    def __init__(self, *words):
        super().__init__(
            [
                "chromium",
                "--headless=new",
                "--no-sandbox",
                "--no-first-run",
                "--remote-debugging-port=0",
                "--user-data-dir=PROFILE",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--autoplay-policy=no-user-gesture-required",
                *words,
                "about:blank",
            ],
            r"DevTools listening on ws://([^/]+)/",
        )

    def connect(self, host):
        pages, end = [], time.monotonic() + ANSWER
        while not pages and time.monotonic() < end:
            with urllib.request.urlopen(f"http://{host}/json", timeout=ANSWER) as answer:
                pages = [one for one in json.load(answer) if one["type"] == "page"]
            time.sleep(0 if pages else 0.05)
        if not pages:
            raise Failure("the browser has no page")
        page = pages[0]
        self.host = host
        self.attach(page["webSocketDebuggerUrl"])

    def attach(self, url):
        self.open_socket(url)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(domain + ".enable")

    def result(self, method, answer):
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def js(self, expression):
        answer = self.send(
            "Runtime.evaluate",
            expression=f"(async () => ({expression}))()",
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise Failure(answer["exceptionDetails"].get("exception", {}).get("description", "exception"))
        return answer["result"].get("value")

    def go(self, url):
        """Loads a document. Not for a change of the fragment alone."""
        self.load("Page.navigate", url=url)

    def reload(self):
        self.load("Page.reload")

    def load(self, method, **fields):
        before = len(self.events)
        self.send(method, **fields)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events[before:]):
            self.events.append(self.receive(ANSWER))

    def press(self, key, modifiers=0):
        """Presses a key as `KeyboardEvent.key` names it; modifiers: 1 Alt, 2 Ctrl, 8 Shift."""
        codes = {
            "Tab": 9,
            "Enter": 13,
            "Escape": 27,
            " ": 32,
            "PageUp": 33,
            "PageDown": 34,
            "End": 35,
            "Home": 36,
            "ArrowLeft": 37,
            "ArrowUp": 38,
            "ArrowRight": 39,
            "ArrowDown": 40,
            "Backspace": 8,
        }
        text = {"Enter": "\r", " ": " "}.get(key, key if len(key) == 1 else None)
        fields = dict(
            key=key,
            code=key if len(key) > 1 else "",
            modifiers=modifiers,
            windowsVirtualKeyCode=codes.get(key, ord(key.upper()[0]) if len(key) == 1 else 0),
        )
        if text and not modifiers & 3:
            fields["text"] = text
        self.send("Input.dispatchKeyEvent", type="keyDown" if "text" in fields else "rawKeyDown", **fields)
        fields.pop("text", None)
        self.send("Input.dispatchKeyEvent", type="keyUp", **fields)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def size(self, width, height, scale=1):
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def scheme(self, name):
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self, path, whole=False):
        """Writes a PNG, or a WebP where the name ends with it."""
        fields = {"captureBeyondViewport": True} if whole else {}
        kind = dict(format="webp", quality=60) if path.endswith(".webp") else dict(format="png")
        data = self.send("Page.captureScreenshot", **kind, **fields)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def requests(self):
        self.pump()
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def complaints(self):
        self.pump()
        found = []
        for event in self.events:
            fields = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                details = fields["exceptionDetails"]
                found.append(details.get("exception", {}).get("description") or details["text"])
            elif event.get("method") == "Runtime.consoleAPICalled" and fields["type"] in ("error", "warning", "assert"):
                found.append(" ".join(str(one.get("value", one.get("description"))) for one in fields["args"]))
            elif event.get("method") == "Log.entryAdded" and fields["entry"]["level"] == "error":
                found.append(f"{fields['entry']['text']} {fields['entry'].get('url', '')}")
        return found

    def close(self):
        self.send("Browser.close")

    def drop(self, *paths):
        """Drops files or folders of this machine on the first place for them."""
        self.wait("document.querySelector('.drop')", "the place to drop files")
        self.js("document.querySelector('.drop').scrollIntoView({ block: 'center', behavior: 'instant' })")
        box = json.loads(self.js("JSON.stringify(document.querySelector('.drop').getBoundingClientRect())"))
        data = {"items": [], "files": list(paths), "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, data=data, x=box["x"] + 20, y=box["y"] + 10)

    def another(self, url):
        """Opens another page of this browser."""
        return Tab(self.host, self.send("Target.createTarget", url="about:blank")["targetId"], url)

    def stranger(self):
        """Opens a page with a storage of its own, as another browser has. It starts in a tenth of the time."""
        return Stranger(self)


class Tab(Chromium):
    """A further page of a browser. It ends with `leave`, or with the browser."""

    def __init__(self, host, identity, url):
        self.host, self.loop, self.number, self.events, self.socket = host, asyncio.new_event_loop(), 0, [], None
        self.attach(f"ws://{host}/devtools/page/{identity}")
        self.go(url)

    def leave(self):
        try:
            self.send("Page.close")
            self.loop.run_until_complete(self.socket.close())
        except Exception:
            pass  # it was closed with the browser
        self.loop.close()


class Endpoint(Chromium):
    """The browser itself: a page must not make contexts."""

    def __init__(self, host):
        self.host, self.loop, self.number, self.events, self.socket = host, asyncio.new_event_loop(), 0, [], None
        with urllib.request.urlopen(f"http://{host}/json/version", timeout=ANSWER) as answer:
            self.open_socket(json.load(answer)["webSocketDebuggerUrl"])

    def leave(self):
        self.loop.run_until_complete(self.socket.close())
        self.loop.close()


class Stranger(Tab):
    """A page of a browser that shares neither cookies nor storage with the others."""

    def __init__(self, browser):
        self.endpoint = Endpoint(browser.host)
        self.context = self.endpoint.send("Target.createBrowserContext")["browserContextId"]
        page = self.endpoint.send(
            "Target.createTarget", url="about:blank", browserContextId=self.context, newWindow=True
        )
        super().__init__(browser.host, page["targetId"], "about:blank")
        # Only one window has the focus, and all of them shall act as if they had it.
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    def quit(self):
        self.leave()
        self.endpoint.send("Target.disposeBrowserContext", browserContextId=self.context)
        self.endpoint.leave()


class Firefox(Browser):
    def __init__(self):
        super().__init__(
            [
                "firefox-esr",
                "--headless",
                "--no-remote",
                "--profile",
                "PROFILE",
                "--remote-debugging-port=0",
                "about:blank",
            ],
            r"WebDriver BiDi listening on (ws://\S+)",
        )

    def prepare(self):
        settings = {
            "remote.prefs.recommended": True,
            "browser.shell.checkDefaultBrowser": False,
            "app.normandy.enabled": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "browser.aboutwelcome.enabled": False,
            "media.autoplay.default": 0,
            "media.navigator.permission.disabled": True,
        }
        with open(self.profile + "/user.js", "w") as file:
            for name, value in settings.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
        os.environ["MOZ_DISABLE_CONTENT_SANDBOX"] = "1"  # as root in a container

    def connect(self, url):
        self.open_socket(url + "/session")
        self.version = self.send("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.page = self.send("browsingContext.getTree")["contexts"][0]["context"]
        self.send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def result(self, method, answer):
        if answer["type"] == "error":
            raise Failure(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def go(self, url):
        self.send("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def reload(self):
        self.send("browsingContext.reload", context=self.page, wait="complete")

    def js(self, expression):
        answer = self.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            awaitPromise=True,
            target={"context": self.page},
            userActivation=True,
        )
        if answer["type"] == "exception":
            raise Failure(answer["exceptionDetails"]["text"])
        value = answer["result"].get("value")
        return json.loads(value) if value else None

    def press(self, key):
        value = {
            "Enter": "\ue007",
            "Tab": "\ue004",
            "Escape": "\ue00c",
            "ArrowDown": "\ue015",
            "ArrowRight": "\ue014",
        }.get(key, key)
        self.send(
            "input.performActions",
            context=self.page,
            actions=[
                {
                    "type": "key",
                    "id": "keys",
                    "actions": [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}],
                }
            ],
        )

    def requests(self):
        self.pump()
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "network.beforeRequestSent"
        ]

    def complaints(self):
        self.pump()
        return [
            event["params"]["text"]
            for event in self.events
            if event.get("method") == "log.entryAdded" and event["params"]["level"] == "error"
        ]

    def close(self):
        self.send("browser.close")
