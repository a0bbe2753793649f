"""cuts.py DIRECTORY COUNT FIRSTWORD: cuts the power COUNT times in a recorded use of a device. Prints a line for each kind of
check. Exit status: 0 all passed; 1 one failed.

DIRECTORY/recorded.log has every write and flush to the card, as QEMU's blklogwrites recorded it, recorded.img the card
before them, and recorded.json where each phase of the use ends. For each cut the writes up to a random place are applied;
of those that were not yet flushed, a random half is lost. Then e2fsck repairs the data partition, and FIRSTWORD reads store
and journal."""
import bisect
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import card as cards

FLUSH, FUA, DISCARD = 1, 2, 4
MAGIC = 0x6A736677736872
# Where the state of the slots lies.
SLOTS = (1 << 20, (1 << 20) + 4096)


def write_phases(directory, phases):
    """Writes the phases of a recording, each with the length of the log at its end."""
    with open(f"{directory}/recorded.json", "w") as file:
        json.dump(phases, file)


def entries(path):
    """Yields (offset, bytes, flags, place in the log) of a log. The format is that of the kernel's dm-log-writes."""
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
            yield sector * size, data, flags, place
            place += size + length


class Recording:
    """A card, and the writes of its use."""

    def __init__(self, directory):
        self.card = f"{directory}/recorded.img"
        self.log = list(entries(f"{directory}/recorded.log"))
        self.start, self.size = cards.partition(self.card, "data")
        with open(f"{directory}/recorded.json") as file:
            self.phases = json.load(file)

    def strange(self):
        """Returns the writes to other places than the data partition and the state of the slots."""
        return [(offset, len(data)) for offset, data, _, _ in self.log
                if data and not self.start <= offset < self.start + self.size and offset not in SLOTS]

    def place(self, number):
        """Returns how many writes and flushes come before a cut."""
        return random.Random(f"place {number}").randrange(1, len(self.log) + 1)

    def phase(self, number):
        """Returns the phase that a cut is in."""
        at = self.log[self.place(number) - 1][3]
        return self.phases[min(bisect.bisect_right([end for _, end in self.phases], at), len(self.phases) - 1)][0]

    def apply(self, number, path, first=0):
        """Applies what a cut leaves to a copy of the card from the byte `first` on."""
        end, chance = self.place(number), random.Random(f"lost {number}")
        flushed = max((i for i in range(end) if self.log[i][2] & FLUSH), default=0)
        with open(path, "r+b") as file:
            for i, (offset, content, flags, _) in enumerate(self.log[:end]):
                if not content or offset < first or (i > flushed and not flags & FUA and chance.random() < 0.5):
                    continue
                file.seek(offset - first)
                file.write(content)

    def cut(self, number, path):
        """Makes the card that a cut leaves."""
        subprocess.run(["cp", "--sparse=always", self.card, path], check=True)
        self.apply(number, path)


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Examination:
    """What is found on the data partition after cuts."""

    def __init__(self, recording, firstword):
        self.recording, self.firstword = recording, firstword
        self.faults = {"file system": [], "kit": [], "journal": []}
        self.phases, self.lines = collections.Counter(), []
        self.scratch = tempfile.TemporaryDirectory()
        self.base = f"{self.scratch.name}/base"
        run("dd", f"if={recording.card}", f"of={self.base}", "bs=1M", f"skip={recording.start >> 20}",
            f"count={recording.size >> 20}", "conv=sparse", "status=none")

    def examine(self, number):
        place = f"{self.scratch.name}/{number}"
        data, store = f"{place}/ext4", f"{place}/store"
        os.mkdir(place)
        self.phases[self.recording.phase(number)] += 1
        run("cp", "--sparse=always", self.base, data)
        self.recording.apply(number, data, self.recording.start)
        repair, after = run("e2fsck", "-p", data), run("e2fsck", "-f", "-n", data)
        if repair.returncode not in (0, 1) or after.returncode:
            self.faults["file system"].append((number, repair.stdout[-200:], after.stdout[-200:]))
        run("debugfs", "-R", f"rdump /store {place}", data)
        listed = run(self.firstword, "store", "list", "--store", store, "--json")
        if listed.returncode or ".kit" not in listed.stdout:
            self.faults["kit"].append((number, listed.stdout[-200:]))
        # The daemon may have other files beside its journal.
        daemon = f"{store}/daemon"
        names = os.listdir(daemon) if os.path.isdir(daemon) else []
        if journals := sorted(name for name in names if re.fullmatch(r"journal(\.\d+)?", name)):
            verified = run(self.firstword, "journal", "verify", *(f"{daemon}/{name}" for name in journals))
            if verified.returncode:
                self.faults["journal"].append((number, verified.stdout[-200:]))
            with open(f"{daemon}/{journals[0]}", "rb") as file:
                self.lines.append(file.read().count(b"\n"))
        shutil.rmtree(place)


def main():
    directory, count, firstword = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    recording = Recording(directory)
    failed = []

    def check(passed, text, *otherwise):
        print(f"pass image: {text}" if passed else f"FAIL image: {': '.join([text, *map(str, otherwise)])}", flush=True)
        if not passed:
            failed.append(text)

    strange = recording.strange()
    check(not strange, f"{len(recording.log)} writes and flushes go to the data partition and the state of the slots", strange[:5])
    found = Examination(recording, firstword)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        for _ in workers.map(found.examine, range(count)):
            pass
    for kind, faults in found.faults.items():
        check(not faults, f"{count} power cuts: the {kind} is sound after each", f"{len(faults)} times not", faults[:2])
    check(max(found.lines, default=0) > 2, f"they meet the journal with up to {max(found.lines, default=0)} lines")
    print(f"image: cuts in each phase: {dict(found.phases)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
