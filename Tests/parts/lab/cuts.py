"""cuts.py DIRECTORY COUNT FIRSTWORD: cuts the power COUNT times in a recorded use of a device. Prints a line for each kind of
check. Exit status: 0 all passed; 1 one failed.

DIRECTORY/recorded.log has every write and flush to the card, as QEMU's blklogwrites recorded it, and recorded.img the
card before them. For each cut the writes up to a random place are applied; of those that were not yet flushed, a random
half is lost. Then e2fsck repairs the data partition, and FIRSTWORD reads store and journal."""
import os
import random
import struct
import subprocess
import sys
import tempfile

import card as cards

FLUSH, FUA, DISCARD = 1, 2, 4
MAGIC = 0x6A736677736872


def entries(path):
    """Yields (offset, bytes, flags) of a log. The format is that of the kernel's dm-log-writes."""
    with open(path, "rb") as file:
        magic, _, _, size = struct.unpack("<QQQI", file.read(28))
        if magic != MAGIC:
            raise SystemExit(f"cuts: {path} is not a log of writes")
        place = size
        while True:
            file.seek(place)
            head = file.read(32)
            if len(head) < 32:
                return
            sector, count, flags, _ = struct.unpack("<QQQQ", head)
            if not count and not flags:
                return
            length = 0 if flags & DISCARD else count * size
            file.seek(place + size)
            data = file.read(length)
            if len(data) < length:
                return
            yield sector * size, data, flags
            place += size + length


def main():
    directory, count, firstword = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    card = f"{directory}/recorded.img"
    log = list(entries(f"{directory}/recorded.log"))
    start, size = cards.partition(card, "data")
    outside = [(offset, len(data)) for offset, data, _ in log
               if data and not start <= offset < start + size and offset not in (1 << 20, (1 << 20) + 4096)]
    failed = []

    def check(passed, text, *otherwise):
        print(f"pass image: {text}" if passed else f"FAIL image: {': '.join([text, *map(str, otherwise)])}", flush=True)
        if not passed:
            failed.append(text)

    check(not outside, f"{len(log)} writes and flushes go to the data partition and the state of the slots", outside[:5])
    base = f"{directory}/cut.base"
    subprocess.run(["dd", f"if={card}", f"of={base}", "bs=1M", f"skip={start >> 20}", f"count={size >> 20}", "conv=sparse",
                    "status=none"], check=True)
    chance = random.Random(7)
    faults = {"file system": [], "kit": [], "journal": []}
    lines = []
    for number in range(count):
        end = chance.randrange(1, len(log) + 1)
        flushed = max((i for i in range(end) if log[i][2] & FLUSH), default=0)
        data = f"{directory}/cut.ext4"
        subprocess.run(["cp", "--sparse=always", base, data], check=True)
        with open(data, "r+b") as file:
            for i, (offset, content, flags) in enumerate(log[:end]):
                if not content or not start <= offset < start + size:
                    continue
                if i > flushed and not flags & FUA and chance.random() < 0.5:
                    continue
                file.seek(offset - start)
                file.write(content)
        repair = subprocess.run(["e2fsck", "-p", data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        after = subprocess.run(["e2fsck", "-f", "-n", data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if repair.returncode not in (0, 1) or after.returncode:
            faults["file system"].append((number, repair.stdout[-200:], after.stdout[-200:]))
        with tempfile.TemporaryDirectory(dir=directory) as scratch:
            subprocess.run(["debugfs", "-R", f"rdump /store {scratch}", data], check=True, stderr=subprocess.DEVNULL)
            listed = subprocess.run([firstword, "store", "list", "--store", f"{scratch}/store", "--json"],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if listed.returncode or ".kit" not in listed.stdout:
                faults["kit"].append((number, listed.stdout[-200:]))
            daemon = f"{scratch}/store/daemon"
            journals = sorted(name for name in os.listdir(daemon) if name.startswith("journal")) if os.path.isdir(daemon) else []
            if journals:
                verified = subprocess.run([firstword, "journal", "verify", *(f"{daemon}/{name}" for name in journals)],
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                if verified.returncode:
                    faults["journal"].append((number, verified.stdout[-200:]))
                with open(f"{daemon}/{journals[0]}", "rb") as file:
                    lines.append(file.read().count(b"\n"))
    for kind, found in faults.items():
        check(not found, f"{count} power cuts: the {kind} is sound after each", f"{len(found)} times not", found[:2])
    check(not count or max(lines, default=0) > 2, f"they meet the journal with up to {max(lines, default=0)} lines")
    for name in ("cut.base", "cut.ext4"):
        if os.path.exists(f"{directory}/{name}"):
            os.unlink(f"{directory}/{name}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
