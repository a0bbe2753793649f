"""proof.py DIRECTORY week | slots | record | boots COUNT: what takes too long for every run. Prints a line for each check.
Exit status: 0 all passed; 1 one failed.

DIRECTORY is that of image.py, after it. week: seven days of use, with power cuts, kits from sticks and a clock that jumps;
then no partition but the data's has changed. slots: a system that cannot be mounted, and one whose daemon does not come up
(broken.img), give way to the one before. record: records recorded.img and recorded.log for cuts.py. boots: boots cards
after the first COUNT cuts of cuts.py; their journals are in DIRECTORY/booted."""
import datetime
import os
import shutil
import subprocess
import sys
import time

import card as cards
import cuts
import sound
from emulated import NEXT, PATIENCE, SAFE, WAITING, Virt, make_stick
from image import Trial
from machine import Lost

SLOTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Hardware/system/slots")
INSTALLED = r"Finished firstword-store\.service"


class Proof(Trial):
    def copy(self, name):
        """Copies card.img."""
        path = f"{self.directory}/{name}.img"
        subprocess.run(["cp", "--sparse=always", f"{self.directory}/card.img", path], check=True)
        return path

    def boot(self, what, card, **more):
        return Virt(f"{self.directory}/virt", card, f"{self.directory}/{what}.wav", **more)

    def week(self):
        card = self.copy("week")
        before = {role: cards.digest(card, role) for role in ("boot", "a", "b")}
        sticks = [make_stick(f"{self.directory}/week-{kit}.stick", f"{self.directory}/{kit}.kit") for kit in ("newer", "broken")]
        presses = installed = 0
        first = datetime.datetime(2026, 12, 1, 8)
        # The fourth day's clock is a year early, and the sixth's eleven years late.
        days = [first + datetime.timedelta(days=day) for day in range(7)]
        days[3], days[5] = days[3].replace(year=2025), days[5].replace(year=2037)
        for number, day in enumerate(days):
            machine = self.boot("week", card, more=["-rtc", f"base={day:%Y-%m-%dT%H:%M:%S}"])
            try:
                machine.await_ready()
                for _ in range(3):
                    machine.say(NEXT)
                    machine.say(SAFE)
                    presses += 2
                if number in (1, 4):
                    place = len(machine.console)
                    stick = machine.plug(sticks[number == 4])
                    machine.read(INSTALLED if number == 1 else "firstword-stick@.*Failed", PATIENCE, place)
                    installed += 1
                    stick.pull()
                machine.press(SAFE)
                presses += 1
            finally:
                machine.kill()
        whole, report = cards.extract(card, "/store/daemon", f"{self.directory}/week")
        self.check(whole, f"a week: {presses} presses, {installed} sticks, {len(days)} starts and power cuts: the data partition is "
                          "sound", report)
        for role, digest in before.items():
            self.check(cards.digest(card, role) == digest, f"a week: the partition {role} is unchanged")
        os.unlink(card)

    # Slots.

    def fill(self, card, source):
        """Copies the system of another card, or the same, to slot b, on trial for three starts."""
        from_, length = cards.partition(source, "a")
        to, _ = cards.partition(card, "b")
        subprocess.run(["dd", f"if={source}", f"of={card}", "bs=1M", f"skip={from_ >> 20}", f"seek={to >> 20}",
                        f"count={length >> 20}", "conv=notrunc,sparse", "status=none"], check=True)
        subprocess.run(["sh", SLOTS, card, "try", "b", "3"], check=True)

    def state(self, card):
        """Returns the slot, its tries, and the starts since the daemon was ready."""
        shown = subprocess.run(["sh", SLOTS, card, "show"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        return shown[1], shown[2], shown[3]

    def begin(self, card):
        """Boots a card until the initramfs has chosen, and returns the machine and the slot."""
        # The initramfs speaks through the kernel.
        machine = self.boot("slots", card, words="loglevel=5")
        return machine, machine.read(r"firstword: slot ([ab]), version", PATIENCE)[1]

    def slots(self):
        # An update whose file system cannot be mounted.
        card = self.copy("slots")
        self.fill(card, card)
        with open(card, "r+b") as file:
            file.seek(cards.partition(card, "b")[0] + 1024)
            file.write(b"\xff" * 1024)
        machine, slot = self.begin(card)
        try:
            self.check(slot == "a" and any("slot b is not sound" in line for line in machine.console),
                       "slots: the superblock of the new system is destroyed: the one before starts", slot)
            machine.await_ready()
            machine.say(NEXT)
        finally:
            machine.kill()
        self.check(self.state(card) == ("a", "good", "0"), "slots: and it is good", self.state(card))

        # An update that boots, but its daemon does not come up.
        card = self.copy("slots")
        self.fill(card, f"{self.directory}/broken.img")
        machine, slot = self.begin(card)
        try:
            self.check(slot == "b", "slots: a system whose daemon does not come up is tried", slot)
            # QEMU ends where the machine would start again.
            machine.process.wait(2 * PATIENCE)
            took = time.monotonic() - machine.started
            self.check(machine.process.returncode == 0 and any("Starting firstword-trial.service" in line for line in machine.console),
                       f"slots: {took:.0f} s after its start the device starts again by itself", machine.output())
        except subprocess.TimeoutExpired:
            self.check(False, "slots: the device starts again by itself", machine.output())
        finally:
            machine.kill()
        for number in (2, 3):
            machine, slot = self.begin(card)
            machine.kill()
            self.check(slot == "b", f"slots: start {number} tries it again, and the power is cut", slot)
        machine, slot = self.begin(card)
        try:
            self.check(slot == "a", "slots: the fourth start takes the system before", slot)
            machine.await_ready()
            machine.say(NEXT)
        finally:
            machine.kill()
        self.check(self.state(card) == ("a", "good", "0"), "slots: and it is good", self.state(card))
        os.unlink(card)

    # Power cuts.

    def record(self):
        """Records every write and flush of the first boot, of presses, of a kit from a stick, and of a stick that is pulled."""
        used, log = self.copy("recorded-use"), f"{self.directory}/recorded.log"
        self.copy("recorded")
        with open(log, "wb"):
            pass
        content = make_stick(f"{self.directory}/newer.stick", f"{self.directory}/newer.kit")
        phases = []

        def end(phase):
            phases.append((phase, os.path.getsize(log)))

        machine = self.boot("recorded", used, drive=f"if=none,id=disk,driver=blklogwrites,file.driver=raw,file.file.driver=file,"
                                                    f"file.file.filename={used},log.driver=file,log.filename={log}")
        try:
            machine.await_ready()
            machine.say(NEXT)
            end("first boot")
            for _ in range(4):
                machine.say(SAFE)
                machine.say(NEXT)
            end("journal")
            count = len(machine.changes)
            stick = machine.plug(content, 64 << 10)
            machine.lit(WAITING, count)
            stick.pull()
            machine.say(NEXT)
            end("stick pulled while it is read")
            place = len(machine.console)
            stick = machine.plug(content)
            machine.read(r"Finished firstword-stick@", PATIENCE, place)
            machine.say(NEXT)
            stick.pull()
            end("install")
            for _ in range(4):
                machine.say(SAFE)
                machine.say(NEXT)
            end("journal")
        finally:
            machine.off()
        newer = sound.clips(f"{self.directory}/newer.kit")
        found, _ = sound.find(self.library + newer, sound.recording(machine.wav)[0])
        new = [one.clip in newer for one in found]
        self.check(any(new) and new == sorted(new),
                   "a stick is pulled while it is read, and plugged in again: then its kit plays, and the old one no more",
                   [str(one.clip) for one in found])
        cuts.write_phases(self.directory, phases)
        os.unlink(used)

    def boots(self, count):
        """Boots cards after power cuts: they play the old kit or the new one."""
        recording = cuts.Recording(self.directory)
        kits = {"old": self.library, "new": sound.clips(f"{self.directory}/newer.kit")}
        heard = {"old": 0, "new": 0}
        shutil.rmtree(f"{self.directory}/booted", ignore_errors=True)
        card = f"{self.directory}/cut.img"
        silent, damaged = [], []
        for number in range(count):
            recording.cut(number, card)
            machine = self.boot("cut", card)
            try:
                machine.await_ready()
                machine.say(NEXT)
            finally:
                machine.off()
            frames = sound.recording(machine.wav)[0]
            one = next((name for name, library in kits.items()
                        if (found := sound.find(library, frames)[0]) and found[0].clip in library), None)
            if one:
                heard[one] += 1
            else:
                silent.append(number)
            whole, report = cards.extract(card, "/store/daemon", f"{self.directory}/booted/{number}")
            if not whole:
                damaged.append((number, report))
            print(f"image: cut {number}, {recording.phase(number)}: {one}", flush=True)
        self.check(not silent, f"{count} power cuts, booted: {heard['old']} play the old kit, {heard['new']} the new one", silent)
        self.check(not damaged, f"{count} power cuts, booted: the data partition is sound after each", damaged)


def main():
    proof, command = Proof(sys.argv[1]), sys.argv[2]
    try:
        if command == "boots":
            proof.boots(int(sys.argv[3]))
        else:
            {"week": proof.week, "slots": proof.slots, "record": proof.record}[command]()
    except Lost as lost:
        proof.check(False, str(lost))
    return proof.failed


if __name__ == "__main__":
    sys.exit(main())
