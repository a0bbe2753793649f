"""A staged roll-out: which of many devices take a kit, by the rule of their keys."""

import base64, concurrent.futures, hashlib, os, shutil
from bench import must, test
from kits import firstword, manifest
from published import offered
from sync import Follower


def place(device, hash):
    """The place of a device among all, 0 to 99, computed from its key's file and the kit's hash alone."""
    with open(f"{device.top}/sync/device.pub") as file:
        key = base64.b64decode(file.read().splitlines()[1])
    # After two bytes of algorithm and eight of the id.
    return int(hashlib.sha256(hash.encode() + key[10:]).hexdigest()[:15], 16) % 100


@test("a roll-out of 25 percent reaches exactly the devices of its rule, a pause no other, and 100 percent all")
def staged(bench):
    kits, channel = offered(bench)
    devices = [Follower(bench, channel, [channel.url]) for _ in range(40 if bench.is_long else 12)]
    numbers = range(len(devices))
    firstword(bench, "store", "trust", kits.key, "--store", f"{devices[0].top}/store")
    devices[0].run()
    devices[0].apply()
    for device in devices[1:]:
        shutil.copytree(f"{devices[0].top}/store", f"{device.top}/store", dirs_exist_ok=True)
    hash = manifest(kits.paths["1.1"])
    with open(kits.paths["1.1"], "rb") as file:
        data = file.read()
    taken, counts = set(), []

    def below(percent):
        return {number for number in numbers if place(devices[number], hash) < percent}

    def turn(number):
        """One device asks, and installs what was handed over; returns whether it took the kit."""
        device = devices[number]
        report, found = device.run(), list(device.spooled().values())
        must(found in ([], [data]) and len(report["handed"]) == len(found), f"device {number} got {report['handed']}")
        if found:
            must(number not in taken, f"device {number} took the kit twice")
            device.apply()
        version = "1.1" if found or number in taken else "1.0"
        active = device.read("store/store.json")["active"]
        must(active.startswith(f"shelter-{version}-"), f"device {number} has {active}, and should have {version}")
        return bool(found)

    def turns(expected, *words):
        """The publisher changes something, and every device asks once."""
        if words:
            channel.channel(*words)
            channel.publish()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            took = list(pool.map(turn, numbers))
        taken.update(number for number in numbers if took[number])
        must(taken == expected(), f"{words}: {sorted(taken)} have the kit, and the rule says {sorted(expected())}")
        counts.append(len(taken))

    # The first time, a device makes its key.
    turns(set)
    turns(lambda: below(25), "add", kits.paths["1.1"], "--trust", kits.key, "--percent", "25")
    # A pause admits nobody, whatever the share is, and takes nothing away.
    turns(lambda: below(25), "roll-out", "shelter-1.1.kit", "--percent", "60", "--pause")
    turns(lambda: below(60), "roll-out", "shelter-1.1.kit", "--resume")
    # Nor does a smaller share.
    turns(lambda: below(60), "roll-out", "shelter-1.1.kit", "--percent", "0")
    turns(lambda: set(numbers), "roll-out", "shelter-1.1.kit", "--percent", "100")
    print(f"     of {len(devices)} devices {counts[1]} at 25 percent, {counts[3]} at 60, {counts[5]} at 100")
