"""Tests of the client: what a mirror sends, and what becomes of it."""

import os, random, shutil, signal, subprocess, time
from bench import Device, must, test
from repository import days
from servers import Hostile


@test("a channel of python-tuf is followed: rotation of every key, delegation, SHA-512")
def follows(bench):
    channel, url = bench.channel()
    device = Device(bench, channel, url)
    channel.offer("a.kit", b"first")
    channel.delegate("ro", ["ro/*"])
    channel.offer("ro/b.kit", b"second", "ro", ["sha512"])
    channel.advance()
    device.download("a.kit")
    device.download("ro/b.kit")
    must(device.read("a.kit") == b"first" and device.read("ro%2Fb.kit") == b"second", "a target is another")
    must(device.versions() == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2, "ro": 1 + 1}, device.versions())
    for role in ("timestamp", "snapshot", "targets", "root"):
        channel.rotate(role)
        channel.advance()
    device.accepts("refresh")
    must(device.versions()["root"] == 5 and device.versions()["targets"] == 6, device.versions())
    device.refuses("has no such target", "download", "--target-name", "bg/b.kit")


@test("an older timestamp, and a newer one of older targets, are refused")
def rollback(bench):
    channel, url = bench.channel()
    old = channel.copy(f"{bench.top}/www/old-{bench.count}")
    device = Device(bench, channel, url)
    channel.advance()
    device.accepts("refresh")
    device.refuses("is older than version 2", "refresh", url=f"{bench.nginx.url}/{os.path.basename(old)}")
    channel.targets["targets"].version = 1
    channel.snapshot.version += 1
    channel.timestamp.version += 1
    channel.publish()
    device.refuses("targets.json: version 1 is older than version 2", "refresh")
    must(device.versions()["targets"] == 2, device.versions())


@test("a mirror that lags, or whose parts are of two days, is refused; another one goes on")
def mixed(bench):
    channel, url = bench.channel()
    channel.advance()
    mixed = channel.copy(f"{bench.top}/www/mixed-{bench.count}")
    device = Device(bench, channel, url)
    channel.advance()
    # The mirror has the new timestamp and snapshot, and under the new targets' name the old ones.
    for name in ("timestamp.json", "3.snapshot.json"):
        shutil.copy(f"{channel.top}/metadata/{name}", f"{mixed}/metadata/{name}")
    shutil.copy(f"{mixed}/metadata/2.targets.json", f"{mixed}/metadata/3.targets.json")
    mirror = f"{bench.nginx.url}/{os.path.basename(mixed)}"
    device.refuses("3.targets.json: its length or hash is not the listed one", "refresh", url=mirror)
    os.remove(f"{mixed}/metadata/3.targets.json")
    device.refuses("3.targets.json: the source has no such file", "refresh", url=mirror)
    must("targets" not in device.versions(), device.versions())
    device.accepts("refresh")
    must(device.versions()["targets"] == 3, device.versions())


@test("a freeze is noticed at the end of the timestamp; in 1970 nothing has ended, and in 2099 everything")
def clocks(bench):
    channel, url = bench.channel()
    device = Device(bench, channel, url)
    device.accepts("refresh")
    device.clock = days(8).strftime("%Y-%m-%d %H:%M:%S")
    device.refuses("timestamp.json: it expired", "refresh")
    device.clock = "1970-01-02 00:00:00"
    channel.advance()
    device.accepts("refresh")
    device.clock = "2099-01-01 00:00:00"
    device.refuses("root.json: it expired", "refresh")
    must(device.versions()["timestamp"] == 2, device.versions())


@test("after stolen keys have used up the versions, new keys begin again")
def fast_forward(bench):
    channel, url = bench.channel()
    device = Device(bench, channel, url)
    for signed in (channel.timestamp, channel.snapshot, channel.targets["targets"]):
        signed.version = 1 << 40
    channel.publish()
    device.accepts("refresh")
    channel.timestamp.version = channel.snapshot.version = channel.targets["targets"].version = 1
    channel.publish()
    device.refuses("is older than version 1099511627776", "refresh")
    channel.rotate("timestamp")
    channel.rotate("snapshot")
    channel.publish()
    device.accepts("refresh")
    must(device.versions() == {"root": 3, "timestamp": 1, "snapshot": 1, "targets": 1}, device.versions())


@test("what is not there, too long, of another length, or another file is refused")
def wrong_files(bench):
    channel, url = bench.channel()
    data = random.Random(1).randbytes(100_000)
    target = channel.offer("a.kit", data)
    channel.advance()
    device = Device(bench, channel, url)
    name = f"{channel.top}/targets/{target.hashes['sha256']}.a.kit"
    words = ("download", "--target-name", "a.kit")
    for content, why in (
        (data + b"x", "longer than 100000 bytes"), (data[:-1], "it ended after 99999 of 100000 bytes"),
        (data[:-1] + b"x", "its length or hash"), (None, "no such file"),
    ):  # fmt: skip
        os.remove(name)
        if content is not None:
            with open(name, "wb") as file:
                file.write(content)
        device.refuses(why, *words)
        must(not os.path.exists(f"{device.targets}/a.kit"), f"a file was kept: {why}")
        if content is None:
            open(name, "wb").close()
    with open(name, "wb") as file:
        file.write(data)
    device.download("a.kit")
    must(device.read("a.kit") == data, "the file is another")


@test("redirects are followed a few times, within http; errors, loops and other protocols end the transfer")
def redirects(bench):
    channel, url = bench.channel()
    channel.offer("a.kit", b"content")
    channel.advance()
    device = Device(bench, channel, url)
    device.download("a.kit", url=f"{bench.nginx.url}/away/{bench.count}")
    must(device.read("a.kit") == b"content", "the file is another")
    for place, why in (("loop", "redirect"), ("file", "rotocol"), ("error", "answers with 503")):
        device.refuses(why, "refresh", url=f"{bench.nginx.url}/{place}")


@test("a transfer that drips is given up, and one that is slow is not")
def drips(bench):
    channel, url = bench.channel()
    channel.offer("a.kit", random.Random(2).randbytes(300_000))
    channel.advance()
    device = Device(bench, channel, url)
    start = time.monotonic()
    device.refuses("low", "refresh", url=f"{bench.nginx.url}/slow/{bench.count}")
    must(time.monotonic() - start < 30, "it took too long")
    device.download("a.kit", url=f"{bench.nginx.url}/steady/{bench.count}")


@test("endless answers end: metadata, targets, heads, and lengths that lie")
def endless(bench):
    channel, url = bench.channel()
    channel.offer("a.kit", b"0" * 50_000)
    channel.advance()
    device = Device(bench, channel, url)

    def pour(connection, head):
        connection.sendall(head)
        for _ in range(2000):
            connection.sendall(b" " * 65_536)

    plain = Hostile(lambda path, connection: pour(connection, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
    device.refuses("longer than", "refresh", url=plain.url)
    huge = Hostile(lambda path, connection: pour(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"))
    device.refuses("longer than", "refresh", url=huge.url)
    head = Hostile(lambda path, connection: pour(connection, b"HTTP/1.1 200 OK\r\nX: "))
    device.refuses("2.root.json", "refresh", url=head.url)
    device.accepts("refresh")
    outcome = device.run(
        "download", "--target-name", "a.kit", "--target-base-url", f"{plain.url}/", "--stalled", "5"
    )
    must(outcome.returncode == 1 and "longer than 50000" in outcome.stderr, outcome.stderr)
    away = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nConnection: close\r\n\r\n"
    aside = Hostile(lambda path, connection: pour(connection, away))
    device.refuses("", "refresh", url=aside.url)
    for server in (plain, huge, head, aside):
        server.quit()


@test("a connection that is cut anywhere leaves the old metadata or the new, and a file is resumed where it ended")
def cuts(bench):
    channel, url = bench.channel()
    data = random.Random(3).randbytes(3_000_000)
    channel.offer("a.kit", data)
    device = Device(bench, channel, url)
    device.accepts("refresh")
    channel.advance()
    limit = [0]

    def cut(path, connection):
        place = f"{channel.top}{path}"
        if not os.path.isfile(place):
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        with open(place, "rb") as file:
            content = file.read()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(content))
        connection.sendall(content[: limit[0]])

    server = Hostile(cut)
    for limit[0] in (0, 1, 100, 300):
        device.refuses("", "refresh", url=server.url)
        must(device.versions()["targets"] in (1, 2), device.versions())
    limit[0] = 2_000_000
    device.refuses("", "download", "--target-name", "a.kit", url=server.url)
    before = len(bench.nginx.log())
    device.download("a.kit")
    must(device.read("a.kit") == data, "the file is another")
    sent = [line for line in bench.nginx.log()[before:] if line[2].endswith(".a.kit")]
    must([line[:2] for line in sent] == [["206", "1000000"]], f"it was not resumed: {sent}")
    server.quit()


@test("a server without ranges sends the whole file, and the part that is known is left out")
def no_ranges(bench):
    channel, url = bench.channel()
    data = random.Random(4).randbytes(400_000)
    target = channel.offer("a.kit", data)
    channel.advance()
    device = Device(bench, channel, url)
    os.makedirs(device.targets)
    with open(f"{device.targets}/{target.hashes['sha256']}.part", "wb") as file:
        file.write(data[:150_000])
    device.download("a.kit", url=f"{bench.nginx.url}/whole/{bench.count}")
    must(device.read("a.kit") == data, "the file is another")


@test("a full disk keeps the old metadata, and room makes it go on")
def full_disk(bench):
    if os.geteuid() != 0:
        print("skip channel: a full disk needs root")
        return
    channel, url = bench.channel()
    channel.offer("a.kit", random.Random(5).randbytes(4_000_000))
    channel.advance()
    device = Device(bench, channel, url)
    place = f"{device.top}/disk"
    os.makedirs(place)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", place], capture_output=True).returncode:
        print("skip channel: a full disk needs a mount")
        return
    try:
        shutil.move(device.metadata, f"{place}/metadata")
        device.metadata, device.targets = f"{place}/metadata", f"{place}/targets"
        device.accepts("refresh")
        device.refuses("No space", "download", "--target-name", "a.kit")
        with open(f"{place}/ballast", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"0" * 4096)
            except OSError:
                pass
        channel.advance()
        device.refuses("No space", "refresh")
        must(device.versions() == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2}, device.versions())
        os.remove(f"{place}/ballast")
        device.accepts("refresh")
        must(device.versions()["targets"] == 3, device.versions())
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@test("kill -9 at random moments leaves each file old or new, and the next run goes on")
def killed(bench):
    channel, url = bench.channel()
    chance = random.Random(6)
    data, known, killed = b"", {}, 0

    def learn():
        for name in os.listdir(f"{channel.top}/metadata"):
            with open(f"{channel.top}/metadata/{name}", "rb") as file:
                known.setdefault(name.split(".")[-2], set()).add(file.read())

    device = Device(bench, channel, url)
    device.accepts("refresh")
    learn()
    url = f"{bench.nginx.url}/steady/{bench.count}"
    for round in range(200 if bench.is_long else 40):
        data = chance.randbytes(80_000)
        channel.offer("a.kit", data)
        if round % 5 == 4:
            channel.rotate("timestamp")
        channel.advance()
        learn()
        process = subprocess.Popen(
            device.command("download", "--target-name", "a.kit", url=url), stderr=subprocess.DEVNULL
        )
        try:
            process.wait(chance.uniform(0, 0.25))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        for name in os.listdir(device.metadata):
            if name.endswith(".json"):
                with open(f"{device.metadata}/{name}", "rb") as file:
                    must(file.read() in known[name[:-5]], f"{name} is neither old nor new")
    device.download("a.kit", url=url)
    must(device.read("a.kit") == data, "the file is another")
    must(killed > 10, f"only {killed} were killed")
    print(f"     {killed} killed")
