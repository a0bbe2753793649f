"""What a publisher takes back, and what an operator refuses: by channel, spool and the store's own command."""

import json, os, shutil
from bench import must, test
from kits import firstword, released
from published import Published, offered
from sync import Follower


class Site(Follower):
    """A device with a store that trusts some keys."""

    def __init__(self, bench, channel, *keys):
        super().__init__(bench, channel, [channel.url])
        for key in keys:
            self.store("trust", *key.split())

    def store(self, command, *words):
        return firstword(self.bench, "store", command, *words, "--store", f"{self.top}/store")

    def turn(self):
        """Asks the channel, and does what root's service does; returns the paths that were handed over."""
        report = self.run()
        must(not report["faults"], report["faults"])
        paths = {file["hash"]: file["path"] for file in report["state"]["handed"]}
        self.apply()
        return [paths[hash] for hash in report["handed"]]

    def bring(self, path):
        """Puts a file into the spool, as a stick or a member of the group does; returns the store's answer."""
        name = "brought.kit"
        shutil.copyfile(path, f"{self.top}/spool/in/{name}")
        self.apply()
        [result] = [result for result in self.read("spool/results.json")["results"] if result["item"] == name]
        return f"{result['outcome']}: {result['message']}"

    def kit(self, version):
        """What the store's command says of a version."""
        [line] = [line for line in self.store("list").splitlines() if f" {version} " in line]
        return line

    def plays(self):
        """The version that the device's receipt names after one more look at the channel."""
        must(self.turn() == [], "something else came")
        [name] = os.listdir(f"{self.top}/sync/receipts")
        with open(f"{self.top}/sync/receipts/{name}") as file:
            return json.loads(json.load(file)["receipt"])["kit"]["version"]


@test("an operator's rollback holds against channel and spool until a later version comes, or the kit is recalled")
def rollback(bench):
    kits = released(bench)
    channel = Published(bench)
    device = Site(bench, channel, kits.key)

    def offer(version):
        channel.channel("add", kits.paths[version], "--trust", kits.key)
        channel.publish()
        path = f"shelter-{version}.kit"
        must(device.turn() == [path] and device.plays() == version, f"{version} was not installed")

    offer("1.0")
    offer("1.1")
    device.store("rollback")
    before = len(channel.requests())
    must(device.plays() == "1.0", "the rollback was undone")
    # The device does not remember it in the synchronizer's folder alone.
    shutil.rmtree(f"{device.top}/sync")
    must(device.plays() == "1.0" and len(channel.requests()) == before, "the kit was fetched again")
    answer = device.bring(kits.paths["1.1"])
    must(answer.startswith("refused") and "gone back from shelter 1.1 to shelter 1.0" in answer, answer)
    must("held back by an operator" in device.kit("1.1"), device.kit("1.1"))
    kits.paths["1.2"] = kits.build("1.2")
    offer("1.2")
    # What an operator holds back is better than what the publisher has recalled.
    device.store("rollback")
    must(device.plays() == "1.0", "the second rollback was undone")
    channel.recall(f"{kits.top}/publisher", "--kit", kits.paths["1.0"])
    channel.publish()
    must(device.turn() == ["recalls.json"] and "RECALLED" in device.kit("1.0"), device.kit("1.0"))
    must("held back" not in device.kit("1.2") and device.plays() == "1.2", device.kit("1.2"))


@test("99.0.0 of a leaked key bars no kit of the key that replaces or recalls it, and that key brings nothing more")
def leaked(bench):
    kits, channel = offered(bench)
    device, other = (Site(bench, channel, kits.key) for _ in range(2))
    must(device.turn() == ["shelter-1.0.kit"], "1.0 did not come")
    thief = kits.build("99.0.0", path=f"{channel.desk}/99.kit")
    answer = device.bring(thief)
    must(answer.startswith("done"), answer)
    # The publisher cannot get ahead of it with this key.
    channel.channel("add", kits.paths["1.1"], "--trust", kits.key)
    channel.publish()
    must(device.turn() == ["shelter-1.1.kit"] and device.plays() == "99.0.0", "1.1 was installed")
    for name in ("next", "ministry"):
        channel.firstword("keygen", name, "--no-password")
    new = kits.build("1.1", key=f"{channel.desk}/next", path=f"{channel.desk}/1.1.kit")
    channel.channel("remove", "shelter-1.1.kit")
    channel.firstword("rekey", "--old", f"{kits.top}/publisher.key", "--new", "next.pub", "-o", "new.json")
    channel.channel("add", "new.json", "--trust", kits.key)
    channel.channel("add", new, "--trust", "next.pub")
    channel.recall("next", "--kit", thief)
    channel.publish()
    for one in (device, other):
        came = one.turn()
        must(len(came) == 3 and came[0] == "recalls.json" and came[2] == "shelter-1.1.kit", came)
        must(one.plays() == "1.1", "the new key's kit was not installed")
        must("retired" in one.store("list"), one.store("list"))
        for path in (thief, kits.paths["1.1"]):
            answer = one.bring(path)
            must(answer.startswith("refused") and one.plays() == "1.1", answer)
    must("RECALLED" in device.kit("99.0.0"), device.kit("99.0.0"))
    # Where the old key is no longer safe enough to name its successor, another one recalls it.
    channel = Published(bench)
    ministry = os.path.dirname(new) + "/ministry"
    site = Site(bench, channel, kits.key, f"{ministry}.pub --recalls-all")
    must(site.bring(thief).startswith("done"), "99.0.0 was refused")
    channel.firstword("sign", new, "--key", f"{ministry}.key")
    channel.channel("add", new, "--trust", f"{ministry}.pub")
    channel.recall(ministry, "--key", kits.key)
    channel.publish()
    must(site.turn() == ["recalls.json", "shelter-1.1.kit"] and site.plays() == "1.1", site.store("list"))
    answer = site.bring(kits.paths["1.1"])
    must(answer.startswith("refused"), answer)
