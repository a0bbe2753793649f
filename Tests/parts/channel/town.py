"""Tests of neighbours: a device keeps a copy of its channel, and others on the local network follow it."""

import os, re, subprocess, sys, tempfile
from bench import must, test
from kits import firstword, released
from servers import CONFIGURATION, free_port, wait_for
from sync import Follower, kit


class Neighbour:
    """What the unit firstword-sync-neighbour does, over a device's copy."""

    def __init__(self, device, address="127.0.0.1", port=None, prefix=()):
        port = port or free_port()
        units = f"{os.path.dirname(__file__)}/../../../Hardware/systemd/sync"
        with open(f"{units}/firstword-sync-neighbour@.service") as file:
            words = re.search(r"^ExecStart=(.*)$", file.read(), re.M)[1].split()
        words = [f"{device.top}/sync/mirror" if word == "/var/lib/firstword-sync/mirror" else word for word in words]
        must(f"{device.top}/sync/mirror" in words, f"the unit serves another directory: {words}")
        self.url = f"http://{address}:{port}"
        self.process = subprocess.Popen(
            [*prefix, sys.executable, f"{os.path.dirname(__file__)}/inetd.py", address, str(port), *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if not prefix:
            wait_for(port)

    def quit(self):
        self.process.terminate()
        self.process.wait()


@test("a device keeps a copy of its channel for neighbours: every root, and what it follows, verified")
def copy(bench):
    channel, url = bench.channel()
    old = kit(channel, "1.0")
    channel.rotate("timestamp")
    channel.advance()
    # The copy has what any device should have: the gateway itself is not in the roll-out.
    channel.offer("shelter-2.0.kit", b"new", custom={
        "kit": "shelter", "version": "2.0", "manifest": "0" * 64, "rollout": {"percent": 0, "paused": True}})  # fmt: skip
    channel.offer("border-1.0.kit", b"other", custom={"kit": "border", "version": "1.0", "manifest": "1" * 64})
    channel.delegate("ro", ["ro/*"])
    channel.offer("ro/recalls.json", b"{}", "ro", custom={"recalls": 4})
    channel.offer("ro/recalls.json.minisig", b"signature", "ro", custom={"signature": "ro/recalls.json"})
    channel.advance()
    gateway = Follower(bench, channel, [url], neighbours=True)
    gateway.run()
    names = {os.path.basename(path).split(".", 1)[1] for path in gateway.content("sync/mirror/targets")}
    wanted = {"shelter-1.0.kit", "shelter-2.0.kit", "recalls.json", "recalls.json.minisig"}
    must(names == wanted, names)
    neighbour = Neighbour(gateway)
    try:
        # The second root is in the copy: a device that has the first only follows it.
        device = Follower(bench, channel, [neighbour.url])
        report = device.run()
        must(report["state"]["root"] == 2 and old in device.spooled().values(), report)
        must(len(device.spooled()) == 3, f"not everything came: {list(device.spooled())}")
        # What is damaged there is refused, and mended by the next run.
        [path] = [path for path in gateway.content("sync/mirror/targets") if path.endswith("1.0.kit")]
        os.remove(f"{gateway.top}/{path}")
        with open(f"{gateway.top}/{path}", "wb") as file:
            file.write(bytes(len(old)))
        other = Follower(bench, channel, [neighbour.url])
        must("shelter-1.0.kit" in other.run(74)["faults"][0], "a damaged copy was accepted")
        gateway.run()
        other.run()
        must(old in other.spooled().values(), "the copy was not mended")
        # The next state replaces it; the metadata before stays for one that is reading it.
        new = kit(channel, "3.0")
        channel.advance()
        before = set(os.listdir(f"{gateway.top}/sync/mirror/metadata"))
        gateway.run()
        after = set(os.listdir(f"{gateway.top}/sync/mirror/metadata"))
        must(before <= after and len(after) == len(before) + 3, sorted(after))
        channel.advance()
        gateway.run()
        must(len(os.listdir(f"{gateway.top}/sync/mirror/metadata")) == len(after), "old metadata is never removed")
        other.run()
        must(new in other.spooled().values(), "the next kit did not come")
        gateway.configure([url], kits=[], neighbours=True)
        gateway.run()
        names = [path for path in gateway.content("sync/mirror/targets") if path.endswith(".kit")]
        must(names == [], f"a kit that nobody follows stays: {names}")
    finally:
        neighbour.quit()


class Town:
    """Network namespaces: the web, a device with a link to it, and devices that reach only that one."""

    WEB, LINK, INSIDE = "10.199.0.1", "10.199.0.2", "10.199.1"

    def __init__(self, count):
        self.mark, self.names, self.servers = f"fw{os.getpid()}", [], []
        self.count = count

    def name(self, place):
        return f"{self.mark}-{place}"

    def ip(self, *words, place=None):
        prefix = ["-n", self.name(place)] if place else []
        outcome = subprocess.run(["ip", *prefix, *words], capture_output=True, text=True)
        must(outcome.returncode == 0, f"ip {words}: {outcome.stderr}")

    def add(self, place):
        self.ip("netns", "add", self.name(place))
        self.names.append(self.name(place))
        self.ip("link", "set", "lo", "up", place=place)

    def join(self, a, b, address_a, address_b):
        """Connects two places; an address of None makes the end a port of the place's bridge."""
        self.ip("link", "add", b, "type", "veth", "peer", "name", a, "netns", self.name(b), place=a)
        for place, other, address in ((a, b, address_a), (b, a, address_b)):
            if address:
                self.ip("address", "add", f"{address}/24", "dev", other, place=place)
            else:
                self.ip("link", "set", other, "master", "street", place=place)
            self.ip("link", "set", other, "up", place=place)

    def prefix(self, place):
        return ["ip", "netns", "exec", self.name(place)]

    def build(self):
        self.add("web")
        self.add("gate")
        self.join("web", "gate", self.WEB, self.LINK)
        self.ip("link", "add", "street", "type", "bridge", place="gate")
        self.ip("address", "add", f"{self.INSIDE}.1/24", "dev", "street", place="gate")
        self.ip("link", "set", "street", "up", place="gate")
        for number in range(self.count - 1):
            self.add(f"d{number}")
            self.join("gate", f"d{number}", None, f"{self.INSIDE}.{number + 10}")

    def wait_for(self, address, port):
        """Waits until a server is there, seen from the device with the link."""
        probe = f"until (echo > /dev/tcp/{address}/{port}) 2>/dev/null; do sleep 0.05; done"
        subprocess.run([*self.prefix("gate"), "bash", "-c", probe], check=True, timeout=30)

    def quit(self):
        for server in self.servers:
            server.quit()
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def has_namespaces():
    name = f"fw{os.getpid()}-probe"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode == 0
    if made:
        subprocess.run(["ip", "netns", "delete", name], capture_output=True)
    return made


class Web:
    """nginx in a namespace, with the files of the bench."""

    def __init__(self, bench, town):
        self.top = tempfile.mkdtemp(dir=bench.top)
        os.symlink(f"{bench.top}/www", f"{self.top}/www")
        with open(f"{self.top}/nginx.conf", "w") as file:
            file.write(CONFIGURATION.format(top=self.top, port=80).replace("127.0.0.1:80", f"{town.WEB}:80"))
        self.process = subprocess.Popen(
            [*town.prefix("web"), "nginx", "-e", f"{self.top}/error", "-c", f"{self.top}/nginx.conf", "-p", self.top],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def log(self):
        with open(f"{self.top}/nginx.log") as file:
            return file.read().splitlines()

    def quit(self):
        self.process.kill()
        self.process.wait()


def end_state(device):
    """What matters of a store: each file of it, but for the times."""
    return {path: hash for path, hash in device.content("store").items() if not path.endswith(".lock")}


@test("a town with one link: the others follow their neighbour; web, stick and neighbour end in the same store")
def town(bench):
    if not has_namespaces():
        print("     SKIPPED: no network namespaces here")
        return
    kits = released(bench)
    channel, _ = bench.channel()
    kits.offer(channel, "1.0")
    channel.advance()
    place = Town(10 if bench.is_long else 3)
    try:
        place.build()
        web = Web(bench, place)
        place.servers.append(web)
        inside = f"http://{place.INSIDE}.1:8766"
        mirrors = [f"http://{place.WEB}/{channel.number}", inside]
        devices = []
        for name in ["gate", *[f"d{number}" for number in range(place.count - 1)]]:
            device = Follower(bench, channel, mirrors)
            device.prefix = place.prefix(name)
            devices.append(device)
            firstword(bench, "store", "trust", kits.key, "--store", f"{device.top}/store")
        gateway = devices[0]
        gateway.configure([mirrors[0]], neighbours=True)
        stick = Follower(bench, channel, [channel.top])
        firstword(bench, "store", "trust", kits.key, "--store", f"{stick.top}/store")
        place.wait_for(place.WEB, 80)
        must(len(devices[1].run(69)["mirrors"]) == 2, "a device reached the web without the link")
        for version in ("1.0", "1.1"):
            if version == "1.1":
                kits.offer(channel, version)
                channel.advance()
            gateway.run()
            if version == "1.0":
                server = Neighbour(gateway, f"{place.INSIDE}.1", 8766, place.prefix("gate"))
                place.servers.append(server)
                place.wait_for(f"{place.INSIDE}.1", 8766)
            for device in [*devices[1:], stick]:
                report = device.run()
                must(not report["faults"], report["faults"])
            for device in [*devices, stick]:
                must(len(device.spooled()) == 1, f"{version} did not come: {device.spooled().keys()}")
                device.apply()
        states = [end_state(device) for device in [*devices, stick]]
        must(any(path.endswith(".kit") for path in states[0]), states[0])
        for state in states[1:]:
            differing = [path for path in state | states[0] if state.get(path) != states[0].get(path)]
            must(differing == [], f"stores differ in {differing}")
        served = [line for line in web.log() if "/targets/" in line]
        print(f"     {len(devices)} devices, {len(web.log())} requests at the web, {len(served)} for kits")
    finally:
        place.quit()
