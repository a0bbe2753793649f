"""Tests of firstword-sync: what a device gets of its channel, and hands to the spool."""

import glob, hashlib, json, os, random, re, signal, subprocess, tempfile, zipfile
from bench import must, test
from kits import firstword
from servers import Gate, free_port


class Follower:
    """A device with a store, a spool and firstword-sync."""

    def __init__(self, bench, channel, mirrors, **settings):
        self.bench, self.clock = bench, None
        self.top = tempfile.mkdtemp(dir=bench.top)
        os.makedirs(f"{self.top}/spool/in")
        os.makedirs(f"{self.top}/store")
        self.root = f"{channel.top}/metadata/1.root.json"
        self.configure(mirrors, **settings)

        self.prefix, self.words = [], []

    def configure(self, mirrors, **settings):
        content = {"format": "firstword-channel/1", "mirrors": mirrors, "kits": ["shelter"], "stallSeconds": 5,
                   "retrySeconds": 0}  # fmt: skip
        content.update(settings)
        with open(f"{self.top}/channel.json", "w") as file:
            json.dump(content, file)

    def command(self):
        return [
            *self.prefix, *(["faketime", self.clock] if self.clock else []), f"{self.bench.programs}/firstword-sync", "--once", "--json",
            "--config", f"{self.top}/channel.json", "--root", self.root, "--folder", f"{self.top}/sync", "--store",
            f"{self.top}/store", "--spool", f"{self.top}/spool", "--socket", f"{self.top}/no-socket",
            "--news", f"{self.top}/news.json", *self.words,
        ]  # fmt: skip

    def run(self, status=0):
        outcome = subprocess.run(self.command(), capture_output=True, text=True, timeout=60)
        must(outcome.returncode == status, f"ended with {outcome.returncode}: {outcome.stdout} {outcome.stderr}")
        return json.loads(outcome.stdout) if outcome.stdout else outcome.stderr

    def spooled(self):
        found = {}
        for name in os.listdir(f"{self.top}/spool/in"):
            with open(f"{self.top}/spool/in/{name}", "rb") as file:
                found[name] = file.read()
        return found

    def apply(self):
        """Does what root's service does with the spool, by the program that it runs."""
        places = ["--store", f"{self.top}/store", "--spool", f"{self.top}/spool", "--socket", f"{self.top}/no-socket"]
        return firstword(self.bench, "store", "apply", *places)

    def read(self, name):
        """Reads a JSON file of the device."""
        with open(f"{self.top}/{name}") as file:
            return json.load(file)

    def content(self, place):
        """The files below a directory of the device, with the hashes of their contents."""
        found = {}
        for top, _, names in os.walk(f"{self.top}/{place}"):
            for name in names:
                with open(f"{top}/{name}", "rb") as file:
                    found[os.path.relpath(f"{top}/{name}", self.top)] = hashlib.sha256(file.read()).hexdigest()
        return found

    def answer(self, outcome):
        """Does what root's service does with the spool: takes what waits, and reports."""
        results = [
            {"item": name, "outcome": outcome, "attempts": 1, "time": "2026-11-30T00:00:00.000Z", "message": "said"}
            for name in self.spooled() if not name.endswith(".minisig")
        ]  # fmt: skip
        with open(f"{self.top}/spool/results.json", "w") as file:
            json.dump({"format": "firstword-spool/1", "results": results}, file)
        for name in self.spooled():
            os.remove(f"{self.top}/spool/in/{name}")


def kit(channel, version, size=100_000, seed=1, path=None):
    """Offers a kit; for the synchronizer it is bytes that the store will judge."""
    data = random.Random(f"{version} {seed}").randbytes(size)
    manifest = hashlib.sha256(f"{version} {seed}".encode()).hexdigest()
    custom = {"kit": "shelter", "version": version, "manifest": manifest}
    channel.offer(path or f"shelter-{version}.kit", data, custom=custom)
    return data


@test("the newest kit comes to the spool once, by web and from a directory with the same bytes")
def newest(bench):
    channel, url = bench.channel()
    kit(channel, "1.9")
    data = kit(channel, "1.10")
    channel.offer("notes.txt", b"no kit")
    channel.advance()
    for mirror in (url, channel.top):
        device = Follower(bench, channel, [mirror])
        report = device.run()
        must(list(device.spooled().values()) == [data], f"the spool has {list(device.spooled())}")
        must(report["state"]["timestamp"] == 2 and report["state"]["handed"][0]["outcome"] == "waiting", report)
        must(device.run()["fetched"] == [] and len(device.spooled()) == 1, "it was handed over twice")
        device.answer("done")
        must(device.run()["state"]["handed"][0]["outcome"] == "done", "the answer was not read")
        must(device.spooled() == {} and os.listdir(f"{device.top}/sync/files") == [], "a file was left")


@test("a file that the store refused does not come again, and one that its disk failed for does")
def answers(bench):
    channel, url = bench.channel()
    data = kit(channel, "1.0")
    channel.advance()
    device = Follower(bench, channel, [url])
    device.run()
    device.answer("failed")
    must(device.run()["fetched"][0]["bytes"] == 0, "it was not kept for the next attempt")
    must(list(device.spooled().values()) == [data], "it was not handed over again")
    device.answer("refused")
    must(device.run()["state"]["handed"][0]["outcome"] == "refused" and device.spooled() == {}, "it came again")
    newer = kit(channel, "1.1")
    channel.advance()
    device.run()
    must(list(device.spooled().values()) == [newer], "the next version did not come")


@test("a recall list comes with its signature, before any kit")
def recalls(bench):
    channel, url = bench.channel()
    kit(channel, "1.0")
    channel.delegate("ro", ["ro/*"])
    channel.offer("ro/recalls.json", b"{}", "ro", custom={"recalls": 4})
    channel.offer("ro/recalls.json.minisig", b"signature", "ro", custom={"signature": "ro/recalls.json"})
    channel.advance()
    device = Follower(bench, channel, [url])
    report = device.run()
    must([file["path"] for file in report["fetched"]] == ["ro/recalls.json", "shelter-1.0.kit"], report["fetched"])
    found = {name.split(".", 1)[1]: data for name, data in device.spooled().items()}
    must(found["json"] == b"{}" and found["json.minisig"] == b"signature", list(found))


@test("of several mirrors, those that lag, fail or lie are reported, and the newest counts")
def several(bench):
    channel, url = bench.channel()
    kit(channel, "1.0")
    channel.advance()
    old = channel.copy(f"{bench.top}/www/lag-{bench.count}")
    data = kit(channel, "2.0")
    channel.advance()
    broken = [f"{bench.nginx.url}/error", f"http://127.0.0.1:{free_port()}", "/nowhere"]
    mirrors = [f"{bench.nginx.url}/{os.path.basename(old)}", *broken, url]
    device = Follower(bench, channel, mirrors)
    report = device.run()
    must(data in device.spooled().values(), "the newest kit did not come")
    must(report["state"]["timestamp"] == 3, report["state"])
    failed = {mirror["mirror"] for mirror in report["mirrors"] if mirror.get("error")}
    must(failed >= set(mirrors[1:4]) and url not in failed, report["mirrors"])
    device.configure(mirrors[1:4])
    must(len(device.run(69)["mirrors"]) == 3, "not every mirror was asked")
    device.configure(mirrors[:1])
    must("is older than version 3" in device.run(65)["mirrors"][0]["error"], "an old mirror was accepted")
    device.configure(mirrors[2:3])
    device.run(69)


@test("a wrong clock is a warning, or under the strict policy a refusal")
def policies(bench):
    channel, url = bench.channel()
    data = kit(channel, "1.0")
    channel.advance()
    device = Follower(bench, channel, [url])
    device.clock = "1970-01-02 00:00:00"
    must(device.run()["warnings"] == [] and list(device.spooled().values()) == [data], "1970 stopped it")
    device.clock = "2099-01-01 00:00:00"
    must(any("timestamp.json: it expired" in line for line in device.run()["warnings"]), "no warning")
    device.configure([url], expiry="strict")
    must("root.json: it expired" in device.run(65)["mirrors"][0]["error"], "it was accepted")


@test("killed at random moments, it goes on where it ended, and hands each kit over whole")
def killed(bench):
    channel, _ = bench.channel()
    chance = random.Random(8)
    device = Follower(bench, channel, [f"{bench.nginx.url}/steady/{bench.count}"])
    wanted, count = [], 0
    for round in range(100 if bench.is_long else 15):
        wanted.append(kit(channel, f"1.{round}", 150_000))
        channel.advance()
        process = subprocess.Popen(device.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(chance.uniform(0.02, 0.5))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            count += 1
        whole = [data for name, data in device.spooled().items() if not name.startswith(".")]
        must(all(data in wanted for data in whole), "the spool has a file that is not whole")
    device.run()
    must(wanted[-1] in device.spooled().values(), "the last kit did not come")
    must(count > 2, f"only {count} were killed")
    print(f"     {count} killed")


@test("a configuration or a root that cannot be used is reported, and the next run goes on")
def misuse(bench):
    channel, url = bench.channel()
    device = Follower(bench, channel, [url])
    with open(f"{device.top}/channel.json", "w") as file:
        file.write("{}")
    device.run(66)
    device.configure([url])
    root, device.root = device.root, f"{channel.top}/metadata/timestamp.json"
    must("root.json" in device.run(73), "a timestamp was taken for a root")
    device.root = root
    device.run()


@test("a kit in which few clips changed is rebuilt from the store's, by ranges, and is the publisher's byte for byte")
def rebuilt(bench):
    program = f"{bench.programs}/firstword"
    top = tempfile.mkdtemp(dir=bench.top)

    def run(*words):
        outcome = subprocess.run([program, *words], cwd=top, capture_output=True, text=True, timeout=300)
        must(outcome.returncode == 0, f"firstword {words}: {outcome.stdout[-300:]} {outcome.stderr[-300:]}")

    # So many that the clips outweigh the manifests.
    prompts = "language-name,raise-hand,safe-here,who-we-are,may-stop,interpreter-coming,wrong-language"
    run("new", "shelter", "--languages", "ro,es", "--prompts", prompts)
    run("synthesize", "shelter")
    run("keygen", "key", "--no-password")
    channel, url = bench.channel()
    device = Follower(bench, channel, [url])
    manifests = []
    for version in ("1.0", "1.1"):
        with open(f"{top}/shelter/kit.yaml") as file:
            text = file.read()
        with open(f"{top}/shelter/kit.yaml", "w") as file:
            file.write(re.sub(r"(?m)^version:.*$", f"version: '{version}'", text))
        if version == "1.1":
            clip = sorted(glob.glob(f"{top}/shelter/recordings/es/*/03-*"))[0]
            subprocess.run(["sox", clip, f"{top}/louder.wav", "pad", "0", "0.2"], check=True)
            os.replace(f"{top}/louder.wav", clip)
        run("build", "shelter", "-o", f"{version}.kit", "--sign", "key.key")
        with zipfile.ZipFile(f"{top}/{version}.kit") as archive:
            manifests.append(hashlib.sha256(archive.read("kit.json")).hexdigest())
    run("store", "trust", "key.pub", "--store", f"{device.top}/store")
    run("install", "1.0.kit", "--store", f"{device.top}/store", "--allow-draft")
    with open(f"{top}/1.1.kit", "rb") as file:
        data = file.read()
    custom = {"kit": "shelter", "version": "1.1", "manifest": manifests[1]}
    channel.offer("shelter-1.1.kit", data, custom=custom)
    channel.advance()
    report = device.run()
    must(list(device.spooled().values()) == [data], "the kit is another")
    fetched = report["fetched"][0]
    must(fetched.get("requests", 99) <= 8 and fetched["bytes"] < fetched["size"], f"it was not rebuilt: {fetched}")
    print(f"     {fetched['bytes']} of {fetched['size']} bytes in {fetched['requests']} requests")
    # A server without ranges sends the whole file.
    other = Follower(bench, channel, [f"{bench.nginx.url}/whole/{bench.count}"])
    run("store", "trust", "key.pub", "--store", f"{other.top}/store")
    run("install", "1.0.kit", "--store", f"{other.top}/store", "--allow-draft")
    must(other.run()["fetched"][0]["bytes"] == len(data), "the whole file was not fetched")
    must(list(other.spooled().values()) == [data], "the kit is another")
    # Connections that are reset, one at its beginning and one in the middle of the ranges, are made again, and ranges
    # remain enough. A run needs no further one.
    gate = Gate(bench.nginx.port, [0, 8000])
    try:
        third = Follower(bench, channel, [f"{gate.url}/{bench.count}"], retrySeconds=1)
        run("store", "trust", "key.pub", "--store", f"{third.top}/store")
        run("install", "1.0.kit", "--store", f"{third.top}/store", "--allow-draft")
        again = third.run()["fetched"][0]
        must(gate.count == 3 and gate.cuts == 2, f"{gate.cuts} of {gate.count} connections were cut")
        must(list(third.spooled().values()) == [data], "the kit is another")
        must(again.get("requests", 99) <= 8 and again["bytes"] < again["size"], f"it was not rebuilt: {again}")
    finally:
        gate.quit()
