"""Tests of receipts, of what is said about a silent channel, and of a daemon that speaks meanwhile."""

import datetime, glob, http.server, json, os, shutil, socket, subprocess, threading, time
from bench import must, test
from kits import firstword, released
from sync import Follower, kit


class Collector:
    """Takes what is posted to it, and answers with `status`."""

    def __init__(self):
        self.status, self.bodies = 200, []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(collector.status)
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"thanks")

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/receipts"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def quit(self):
        self.server.shutdown()
        self.server.server_close()


def receipts(device):
    """What the publisher's command counts in the device's own folder."""
    return json.loads(firstword(device.bench, "channel", "receipts", f"{device.top}/sync/receipts", "--json"))


@test("a receipt says what the device has, changes with it, and is counted by the publisher's command")
def receipt(bench):
    kits = released(bench)
    channel, url = bench.channel()
    kits.offer(channel, "1.0")
    channel.advance()
    device = Follower(bench, channel, [url])
    firstword(bench, "store", "trust", kits.key, "--store", f"{device.top}/store")
    report = device.run()
    must(report["receipt"] == {"number": 1, "isNew": True}, report["receipt"])
    must(receipts(device)["kits"] == [{"devices": 1}], receipts(device))
    device.apply()
    must(device.run()["receipt"] == {"number": 2, "isNew": True}, "no receipt of the installed kit")
    must(device.run()["receipt"] == {"number": 2, "isNew": False}, "a receipt of nothing new")
    count = receipts(device)
    must([(kit["version"], kit["devices"]) for kit in count["kits"]] == [("1.0", 1)], count)
    must(count["channels"] == [{"channel": 2, "devices": 1}] and count["faultCount"] == 0, count)
    kits.offer(channel, "1.1")
    channel.advance()
    device.run()
    device.apply()
    # A folder that was lost does not make the numbers begin again.
    name = os.listdir(f"{device.top}/sync/receipts")[0]
    os.remove(f"{device.top}/sync/receipts/{name}")
    number = device.run()["receipt"]["number"]
    must(number == 4 and receipts(device)["kits"][0]["version"] == "1.1", f"receipt {number}: {receipts(device)}")
    # The same by hand, for a stick: a receipt that counts as the latest.
    stick = f"{device.top}/by-hand"
    os.mkdir(stick)
    words = ("--key-directory", f"{device.top}/sync", "--store", f"{device.top}/store")
    said = firstword(bench, "channel", "receipt", stick, *words)
    must(f"receipt {number}\n" in said, said)
    firstword(bench, "install", kits.paths["1.0"], "--store", f"{device.top}/store", "--allow-downgrade")
    said = firstword(bench, "channel", "receipt", stick, *words)
    must(f"receipt {number + 1}\n" in said, said)
    count = json.loads(firstword(bench, "channel", "receipts", stick, f"{device.top}/sync/receipts", "--json"))
    must(count["kits"][0]["version"] == "1.0" and count["channels"][0]["channel"] == 3, count)
    must(device.run()["receipt"] == {"number": number + 1, "isNew": False}, "it was counted twice")
    # The receipt is the only thing in it, and names nothing but key, kit and versions.
    with open(f"{device.top}/sync/receipts/{name}") as file:
        content = json.loads(json.load(file)["receipt"])
    must(sorted(content) == ["channel", "device", "format", "kit", "number", "recalls"], sorted(content))


@test("a receipt is posted once where the configuration names a URL, again after a failure, and else nowhere")
def posted(bench):
    channel, url = bench.channel()
    kit(channel, "1.0")
    channel.advance()
    collector = Collector()
    try:
        device = Follower(bench, channel, [url])
        must("isPosted" not in device.run()["receipt"] and collector.bodies == [], "it was posted unasked")
        device.configure([url], receipts=collector.url)
        collector.status = 503
        report = device.run()
        must("503" in report["receipt"]["error"] and not report["receipt"]["isPosted"], report["receipt"])
        collector.status = 200
        must(device.run()["receipt"] == {"number": 1, "isNew": False, "isPosted": True}, "it was not posted")
        device.run()
        must(len(collector.bodies) == 2, f"it was posted {len(collector.bodies)} times")
        [name] = os.listdir(f"{device.top}/sync/receipts")
        with open(f"{device.top}/sync/receipts/{name}", "rb") as file:
            must(collector.bodies[1] == file.read(), "another receipt was posted")
        # A server that is gone delays nothing but the receipt.
        channel.advance()
        device.configure([url], receipts="http://127.0.0.1:9/")
        must("error" in device.run()["receipt"], "no error")
    finally:
        collector.quit()


def later(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")


@test("a mirror that repeats the last state is accepted, and the device says for how many days it has heard nothing")
def frozen(bench):
    channel, url = bench.channel()
    kit(channel, "1.0")
    channel.advance()
    device = Follower(bench, channel, [url])
    first = device.run()["news"]
    must(first["renewed"] == first["heard"] and device.read("news.json") == first, first)
    device.clock = later(12.5)
    report = device.run()
    must(report["news"]["renewed"] == first["renewed"] and report["news"]["heard"] > first["heard"], report["news"])
    must("timestamp.json" in report["news"]["warnings"][0], report["news"])
    must("reminded" not in report["state"], "12 days are no long silence")
    device.clock = later(31)
    must("reminded" in device.run()["state"], "31 days are no silence")
    device.configure([url], silentDays=0)
    must("reminded" not in device.run()["state"], "it was signalled though it must not be")
    # A new statement of the publisher ends it.
    device.configure([url])
    device.run()
    channel.advance()
    report = device.run()
    must("reminded" not in report["state"] and report["news"]["renewed"] > first["renewed"], report["news"])
    device.configure(["http://127.0.0.1:9/"])
    must(len(device.run(69)["news"]["faults"]) == 1, "an unreachable mirror is not reported")


class Daemon:
    """A daemon with a simulated card in real time, and a subscriber to its events."""

    def __init__(self, bench, top):
        self.top = top
        run = lambda *words: firstword(bench, *words, top=top)
        prompts = "language-name,who-we-are,safe-here"
        run("new", "spoken", "--languages", "ro", "--prompts", prompts)
        run("synthesize", "spoken")
        # A message that lasts until it is stopped, on a busy machine too.
        [clip] = glob.glob(f"{top}/spoken/recordings/ro/*/*-who-we-are.*")
        subprocess.run(["sox", clip, f"{top}/long.wav", "repeat", "9"], check=True)
        os.replace(f"{top}/long.wav", clip)
        run("keygen", "spoken-key", "--no-password")
        run("build", "spoken", "-o", "spoken.kit", "--sign", "spoken-key.key")
        with open(f"{os.path.dirname(__file__)}/../../../Hardware/boards/number-pad.yaml") as file:
            board = file.read()
        lines = ['  pcm: "card"' if line.strip().startswith("pcm:") else line for line in board.splitlines()]
        with open(f"{top}/board.yaml", "w") as file:
            file.write("\n".join(lines) + "\n")
        run("board", "compile", "board.yaml", "-o", "board.json")
        with open(f"{top}/card.conf", "w") as file:
            file.write(f'pcm_type.simcard {{ lib "{bench.programs}/libsimcard.so" }}\n')
            file.write(f'pcm.card {{ type simcard record "{top}/card.record" rate [ 48000 ] }}\n')
        self.path = f"{top}/control"
        with open(f"{top}/daemon.log", "w") as log:
            self.process = subprocess.Popen(
                [f"{bench.programs}/firstwordd", "--board", "board.json", "--kit", "spoken.kit", "--trust",
                 "spoken-key.pub", "--allow-draft", "--socket", self.path],
                cwd=top, stdout=log, stderr=log,
                env={**os.environ, "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{top}/card.conf"},
            )  # fmt: skip
        end = time.monotonic() + 60
        while True:
            try:
                self.events = self.connect()
                break
            except OSError:
                must(time.monotonic() < end and self.process.poll() is None, open(f"{top}/daemon.log").read()[-500:])
                time.sleep(0.05)
        self.events.sendall(b'{"id":1,"do":"subscribe"}\n')
        self.lines = self.events.makefile()
        self.is_playing = False

    def connect(self):
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(60)
        one.connect(self.path)
        return one

    def press(self, button):
        with self.connect() as one:
            one.sendall(json.dumps({"id": 2, "do": "press", "button": button}).encode() + b"\n")
            must(json.loads(one.makefile().readline())["ok"], f"{button} was refused")

    def wait(self, holds):
        """Reads events until one fulfils a condition, and returns it."""
        while True:
            event = json.loads(self.lines.readline())
            if event.get("event") == "state":
                self.is_playing = event["state"].get("playing") is not None
            if holds(event):
                return event

    def wait_for_play(self, plays):
        if self.is_playing != plays:
            self.wait(lambda event: self.is_playing == plays)

    def quit(self):
        self.events.close()
        self.process.terminate()
        self.process.wait()


def wait_until(holds, process, what):
    """Waits for something that a running program brings about."""
    end = time.monotonic() + 60
    while not holds():
        must(time.monotonic() < end and process.poll() is None, what)
        time.sleep(0.02)


@test("while the device speaks nothing is fetched, a transfer under way ends, and goes on where it was")
def quiet(bench):
    channel, _ = bench.channel()
    data = kit(channel, "1.0", 300_000)
    channel.advance()
    device = Follower(bench, channel, [f"{bench.nginx.url}/lazy/{bench.count}"])
    daemon = Daemon(bench, device.top)
    requests = lambda: [line for line in bench.nginx.log() if f"/lazy/{channel.number}/" in line[2]]
    try:
        daemon.press("next-language")
        daemon.wait_for_play(True)
        daemon.wait_for_play(False)
        daemon.press("who-we-are")
        daemon.wait_for_play(True)
        device.words = ["--socket", daemon.path]
        process = subprocess.Popen(device.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wait_until(lambda: os.path.exists(f"{device.top}/sync/device.key"), process, "it did not begin")
        # It asks the daemon every two seconds.
        time.sleep(3)
        must(requests() == [], f"requests while the device spoke: {requests()}")
        daemon.press("stop")
        daemon.wait_for_play(False)
        part = lambda: [name for name in os.listdir(f"{device.top}/sync/files") if name.endswith(".part")]
        place = f"{device.top}/sync/files"
        wait_until(
            lambda: os.path.isdir(place) and any(os.path.getsize(f"{place}/{name}") > 0 for name in part()),
            process, "nothing arrived")  # fmt: skip
        daemon.press("who-we-are")
        daemon.wait_for_play(True)
        cut = lambda: [line for line in requests() if "/targets/" in line[2]]
        wait_until(cut, process, "the transfer went on while the device spoke")
        must(len(cut()) == 1 and int(cut()[0][1]) < len(data), f"the transfer was not cut: {cut()}")
        daemon.press("stop")
        daemon.wait_for_play(False)
        output = process.communicate(timeout=60)[0]
        must(process.returncode == 0, output)
        must(list(device.spooled().values()) == [data], "the kit is another")
        statuses = [line[0] for line in cut()]
        must(statuses[0] == "200" and set(statuses[1:]) == {"206"}, f"it was not resumed: {statuses}")
        print(f"     {[line[:2] for line in cut()]}")
    finally:
        daemon.quit()


@test("a long silence is signalled by the daemon once a week, and shown by ctl status")
def signalled(bench):
    channel, url = bench.channel()
    kit(channel, "1.0")
    channel.advance()
    device = Follower(bench, channel, [url])
    daemon = Daemon(bench, device.top)
    try:
        status = lambda *words: firstword(
            bench, "ctl", "status", "--socket", daemon.path, "--news", f"{device.top}/news.json", *words
        )
        must("channel " not in status(), "a channel is shown where none is followed")
        device.words = ["--socket", daemon.path]
        device.run()
        must("channel   version 2, last heard of today" in status(), status())
        said = json.loads(status("--json"))["channel"]
        must(said["days"] == 0 and not said["isSilent"] and said["timestamp"] == 2, said)
        device.clock = later(31)
        device.run()
        event = daemon.wait(lambda event: event.get("event") == "notice")
        must(event["reason"] == "failed" and event["detail"] == "the channel was last heard of 31 days ago", event)
        device.clock = later(32)
        device.run()
        device.clock = later(39)
        device.run()
        event = daemon.wait(lambda event: event.get("event") == "notice")
        must("39 days ago" in event["detail"], f"it was signalled twice in a week: {event}")
    finally:
        daemon.quit()


@test("a stick brings the channel and takes the receipt home, an older one is refused, and another stick is left alone")
def stick(bench):
    kits = released(bench)
    channel, _ = bench.channel()
    kits.offer(channel, "1.0")
    channel.advance()
    device = Follower(bench, channel, ["http://127.0.0.1:9/"])
    firstword(bench, "store", "trust", kits.key, "--store", f"{device.top}/store")
    place = f"{device.top}/stick"
    os.mkdir(place)
    device.words = ["--stick", place]
    must(device.run() == "" and not os.path.exists(f"{device.top}/sync"), "a stick without a channel was taken")
    channel.copy(f"{place}/channel")
    old = channel.copy(f"{device.top}/old")
    device.words += ["--wait", "60"]
    process = subprocess.Popen(device.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until(lambda: device.spooled().keys() and all(not name.startswith(".") for name in device.spooled()),
               process, "no kit was handed over")  # fmt: skip
    device.apply()
    output = process.communicate(timeout=60)[0]
    must(process.returncode == 0, output)
    report = json.loads(output)
    must(report["state"]["handed"][0]["outcome"] == "done", "it did not wait for the store")
    must(report["mirrors"] == [{"mirror": "channel", "isRefused": False}], report["mirrors"])
    count = json.loads(firstword(bench, "channel", "receipts", place, "--json"))
    must([(kit["version"], kit["devices"]) for kit in count["kits"]] == [("1.0", 1)], count)
    # The channel moves on by the web; the stick that stayed behind has nothing to say any more.
    channel.advance()
    shutil.rmtree(f"{place}/channel")
    channel.copy(f"{place}/channel")
    device.run()
    shutil.rmtree(f"{place}/channel")
    os.rename(old, f"{place}/channel")
    must("is older than version" in device.run(65)["mirrors"][0]["error"], "an older channel was accepted")
    [name] = os.listdir(f"{place}/receipts")
    with open(f"{place}/receipts/{name}", "rb") as on_stick, open(f"{device.top}/sync/receipts/{name}", "rb") as own:
        must(on_stick.read() == own.read(), "the stick has another receipt")
    mounted(bench, channel, device)


def mounted(bench, channel, device):
    """The same with a file system of its own, which the program mounts."""
    image, tree = f"{device.top}/stick.img", f"{device.top}/tree"
    os.makedirs(f"{tree}/receipts")
    channel.advance()
    channel.copy(f"{tree}/channel")
    made = subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", tree, image, "16M"], capture_output=True)
    loop = subprocess.run(["losetup", "-f", "--show", image], capture_output=True, text=True)
    if made.returncode or loop.returncode:
        print("     SKIPPED: no loop devices here; a directory stood in for the stick")
        return
    loop = loop.stdout.strip()
    try:
        device.words = ["--stick", loop]
        report = device.run()
        must(report["state"]["timestamp"] == channel.timestamp.version, report["state"])
    finally:
        subprocess.run(["losetup", "-d", loop], check=True)
    [name] = os.listdir(f"{device.top}/sync/receipts")
    found = subprocess.run(["debugfs", "-R", f"cat /receipts/{name}", image], capture_output=True)
    with open(f"{device.top}/sync/receipts/{name}", "rb") as file:
        must(found.stdout == file.read(), f"the mounted stick has no receipt: {found.stderr}")
