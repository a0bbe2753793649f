"""Long proofs, with --long: what one changed clip costs with a kit of full size, and thousands of devices at one server."""

import collections, concurrent.futures, glob, json, os, shutil, subprocess, time
from bench import must, test
from kits import firstword, manifest, released, set_version
from sync import Follower

DEVICES, AT_ONCE = 5000, 100


def large(bench):
    """A project of the size of a real one, spoken by machines: the usual messages in 19 languages."""
    top = f"{bench.top}/large"
    os.makedirs(top)
    voices = "es,sq,am,ar,bn,bg,my,cmn-Hans,cs,fa,fr,hi,hu,id,lt,ms,ne,pl,ro"
    firstword(bench, "new", "shelter", "--languages", voices, top=top)
    firstword(bench, "synthesize", "shelter", top=top, timeout=3600)
    firstword(bench, "keygen", "key", "--no-password", top=top)
    return top


@test("one changed clip of 1,680 costs under 1.5 clips and 200 KB in at most 8 requests, by the server's own log", only_long=True)
def delta(bench):
    top = large(bench)
    firstword(bench, "build", "shelter", "-o", "1.0.kit", "--sign", "key.key", top=top)
    set_version(f"{top}/shelter", "1.1")
    [clip] = glob.glob(f"{top}/shelter/recordings/es/*/03-safe-here.wav")
    subprocess.run(["sox", clip, f"{top}/louder.wav", "pad", "0", "0.2"], check=True)
    os.replace(f"{top}/louder.wav", clip)
    firstword(bench, "build", "shelter", "-o", "1.1.kit", "--sign", "key.key", top=top)
    measure(bench, top)


def measure(bench, top):
    """Follows a channel from 1.0.kit to 1.1.kit, and counts what the server sent."""
    channel, url = bench.channel()
    device = Follower(bench, channel, [url])
    firstword(bench, "store", "trust", f"{top}/key.pub", "--store", f"{device.top}/store")
    firstword(bench, "install", f"{top}/1.0.kit", "--store", f"{device.top}/store", "--allow-draft")
    with open(f"{top}/1.1.kit", "rb") as file:
        data = file.read()
    clips = len(json.loads(firstword(bench, "list", f"{top}/1.1.kit", "--json")))
    custom = {"kit": "shelter", "version": "1.1", "manifest": manifest(f"{top}/1.1.kit")}
    channel.offer("shelter-1.1.kit", data, custom=custom)
    channel.advance()
    report = device.run()
    must(list(device.spooled().values()) == [data], "the kit is another")
    sent = [int(line[1]) for line in bench.nginx.log() if f"/{channel.number}/targets/" in line[2]]
    print(f"     {clips} clips, {len(data)} bytes: {sum(sent)} bytes sent in {len(sent)} requests; {report['fetched']}")
    must(clips >= 1680, f"only {clips} clips")
    must(len(sent) <= 8, f"{len(sent)} requests")
    must(sum(sent) < 1.5 * len(data) / clips + 200_000, f"{sum(sent)} bytes")


@test("five thousand devices at one server: one update, and once more without news", only_long=True)
def crowd(bench):
    kits = released(bench)
    channel, url = bench.channel()
    old = kits.offer(channel, "1.0")
    channel.advance()
    # As a device is configured by default.
    first = Follower(bench, channel, [url], stallSeconds=60, retrySeconds=10)
    firstword(bench, "store", "trust", kits.key, "--store", f"{first.top}/store")
    first.run()
    first.apply()
    data = kits.offer(channel, "1.1")
    channel.advance()
    # The devices' own files are in memory: what is measured is the server and the network.
    top, elapsed = f"/dev/shm/firstword-channel-{os.getpid()}", []

    def run(number):
        place = f"{top}/{number}"
        os.makedirs(f"{place}/spool/in", exist_ok=True)
        words = [
            f"{bench.programs}/firstword-sync", "--once", "--json", "--config", f"{first.top}/channel.json", "--root",
            first.root, "--folder", f"{place}/sync", "--store", f"{first.top}/store", "--spool", f"{place}/spool",
            "--socket", f"{place}/none", "--news", f"{place}/news.json",
        ]  # fmt: skip
        start = time.monotonic()
        outcome = subprocess.run(words, capture_output=True, text=True, timeout=600)
        elapsed.append(time.monotonic() - start)
        names = os.listdir(f"{place}/spool/in")
        whole = False
        if len(names) == 1:
            with open(f"{place}/spool/in/{names[0]}", "rb") as file:
                whole = file.read() == data
        if whole and outcome.returncode == 0:
            return None
        try:
            report = json.loads(outcome.stdout)
            why = "; ".join([mirror["error"] for mirror in report["mirrors"] if "error" in mirror] + report["faults"])
        except ValueError:
            why = outcome.stderr[-300:]
        return f"{outcome.returncode}: {why.replace(url, '')}"

    def ticks():
        with open(f"/proc/{bench.nginx.process.pid}/stat") as file:
            fields = file.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    try:
        for name in ("update", "no news"):
            elapsed.clear()
            before, start, used = len(bench.nginx.log()), time.monotonic(), ticks()
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                results = list(pool.map(lambda number: run(number), range(DEVICES)))
            seconds, server = time.monotonic() - start, ticks() - used
            lines = bench.nginx.log()[before:]
            kinds = collections.Counter(line[0] for line in lines)
            sent = sum(int(line[1]) for line in lines)
            print(
                f"     {name}: {DEVICES} devices, {AT_ONCE} at a time, {seconds:.0f} s; {len(lines)} requests "
                f"({len(lines) / DEVICES:.1f} each), {sent / 1e6:.1f} MB ({sent / DEVICES / 1e3:.1f} kB each), "
                f"statuses {dict(kinds)}, nginx {server:.1f} s of one processor"
            )
            elapsed.sort()
            middle, last = elapsed[len(elapsed) // 2], elapsed[-1]
            print(f"     a device needed {middle:.1f} s in the middle, {last:.1f} s at most")
            failed = [result for result in results if result]
            for why, count in collections.Counter(failed).most_common(10):
                print(f"     {count} devices ended with {why}")
            must(failed == [], f"{name}: {len(failed)} devices failed")
        print(f"     the kit has {len(data)} bytes, the one before {len(old)}")
    finally:
        shutil.rmtree(top, ignore_errors=True)
