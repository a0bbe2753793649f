"""hostile.py DIRECTORY [STICK…]: plugs hostile sticks into an emulated device, one after another, while it plays. Prints
a line for each. Exit status: 0 all passed; 1 one failed.

DIRECTORY is that of image.py, with card.img and cache/debian. The sticks are those of Tests/parts/hostile/sticks.py,
and damaged copies of them, which no other kernel must mount. After each one the device must play a message, and neither
its kernel nor its daemon may have failed. STICK: only these.
"""
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../hostile"))
import sticks
from emulated import NEXT, PATIENCE, SAFE, Virt
from machine import Lost

# Seconds until udev has recognised a file system, or has found that there is none.
RECOGNITION = 90
# The lab's kit: it is found, and refused.
DRAFT = "shelter.kit: this kit is a DRAFT"
SOUND = {"fat-plain", "fat-crowd", "fat-names", "ext4-strange", "ext4-many", "ext4-panic"}


def make(place, kit):
    """Writes all sticks, and returns their names."""
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    names = sticks.fats(place, kit) + sticks.ext4s(place, kit) + [sticks.crowded(place, kit)]
    for of in ("ext4-panic", "ext4-strange"):
        for seed in range(3):
            names.append(f"{of}-damaged-{seed}")
            sticks.damaged(f"{place}/{of}.img", f"{place}/{names[-1]}.img", seed)
    sticks.rootless(f"{place}/ext4-panic.img", f"{place}/ext4-panic-rootless.img")
    os.link(f"{place}/ext4-many.img", f"{place}/ext4-many-pulled.img")
    return names + ["ext4-panic-rootless", "ext4-many-pulled"]


class Trial:
    """A card of its own, and a machine that starts again if it is lost."""

    def __init__(self, directory):
        self.directory, self.failed, self.machine = directory, False, None
        self.card = f"{directory}/hostile.img"
        subprocess.run(["cp", "--sparse=always", f"{directory}/card.img", self.card], check=True)
        Virt.prepare(f"{directory}/hostile-virt", self.card, f"{directory}/cache/debian")

    def check(self, passed, text, *otherwise):
        print(f"pass stick {text}" if passed else f"FAIL stick {': '.join([text, *map(str, otherwise)])}", flush=True)
        self.failed |= not passed

    def start(self):
        self.machine = Virt(f"{self.directory}/hostile-virt", self.card, f"{self.directory}/hostile.wav")
        self.machine.await_ready()
        self.machine.say(NEXT)

    def read(self, pattern, seconds, start):
        """Waits for a line on the console; returns None if it does not come."""
        try:
            return self.machine.read(pattern, seconds, start)
        except Lost:
            if self.machine.ended:
                raise
            return None

    def visit(self, name, image):
        """Plugs a stick in while the device plays, and pulls it."""
        machine, begin = self.machine, time.monotonic()
        start = len(machine.console)
        stick = machine.plug(image)
        machine.press(SAFE)
        begun = self.read(r"Starting firstword-stick@", RECOGNITION, start)
        if name.endswith("pulled"):
            stick.pull()
        ended = begun and self.read(r"(Finished|Failed to start) firstword-stick@", PATIENCE, start)
        took = time.monotonic() - begin
        if not name.endswith("pulled"):
            stick.pull()
        machine.finish()
        machine.say(SAFE)
        log = machine.console[start:]
        report = [match[1] for line in log if (match := re.search(r" firstword\[\d+\]: (?:firstword: )?(.*)", line))]
        faults = [line for line in log if re.search(r"Kernel panic|Oops|BUG:|firstwordd\[\d+\]: .*ready in", line)]
        how = ended[1] if ended else "it has no end" if begun else "no file system"
        found = name not in SOUND or any(DRAFT in line for line in report)
        text = f"{name}: {how}, {took:.0f} s, a report of {len(report)} lines; the device plays"
        self.check((ended or not begun) and found and not faults, text, faults or report[-3:])

    def run(self, names):
        place = f"{self.directory}/hostile"
        made = make(place, f"{self.directory}/../kit/lab.kit")
        try:
            for name in names or made:
                try:
                    if not self.machine:
                        self.start()
                    self.visit(name, f"{place}/{name}.img")
                except Lost as lost:
                    self.check(False, name, lost)
                    if self.machine:
                        self.machine.kill()
                    self.machine = None
        finally:
            if self.machine:
                self.machine.kill()


def main():
    trial = Trial(sys.argv[1])
    trial.run(sys.argv[2:])
    return trial.failed


if __name__ == "__main__":
    sys.exit(main())
