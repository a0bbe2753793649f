"""proof.py DIRECTORY week | slots | system | network PORT | record | boots COUNT: what takes too long for every run. Prints a
line for each check. Exit status: 0 all passed; 1 one failed.

DIRECTORY is that of image.py, after it. week: seven days of use, with power cuts, kits from sticks and a clock that jumps;
then no partition but the data's has changed. slots: a system that cannot be mounted, and one whose daemon does not come up
(broken.img), give way to the one before. system: a stick brings an update of the system (newer.system), and others that are
refused (stranger.system, older.system). network: network.img follows the channel in web, which is served on 127.0.0.1:PORT,
and plays the kit that it finds there; the image has a shell (--login), because its timer waits for hours. record: records
recorded.img and recorded.log for cuts.py. boots: boots cards after the first COUNT cuts of cuts.py. What week and system
leave of the data partition is in DIRECTORY/week and DIRECTORY/updated, and that of boots in DIRECTORY/booted."""
import datetime
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
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
                # A new kit begins without a language.
                machine.say(NEXT)
                machine.press(SAFE)
                presses += 2
            finally:
                machine.kill()
        whole, report = cards.extract(card, "/store/daemon", f"{self.directory}/week")
        self.check(whole, f"a week: {presses} presses, {installed} sticks, {len(days)} starts and power cuts: the data partition is "
                          "sound", report)
        with open(f"{self.directory}/week/daemon/journal", "rb") as file:
            lines = [json.loads(line) for line in file if line.endswith(b"\n")]
        times = [line["time"] for line in lines]
        self.check(len({line["boot"] for line in lines}) == len(days) and times == sorted(times) and times[-1] > "2037",
                   f"a week: the {len(lines)} lines of the journal are those of all starts, and their time never goes back, with a "
                   "clock that does", times[0], times[-1])
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

    def begin(self, card, what="slots"):
        """Boots a card until the initramfs has chosen, and returns the machine and the slot."""
        # The initramfs speaks through the kernel.
        machine = self.boot(what, card, words="loglevel=5")
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

    # An update of the system.

    def bring(self, machine, name, end):
        """Plugs in a stick with an update. Returns a function that waits until the stick's service ends as in the pattern `end`,
        and returns what was logged."""
        place, content = len(machine.console), make_stick(f"{self.directory}/system.stick", f"{self.directory}/{name}.system")
        stick = machine.plug(content)

        def wait():
            # To copy, write and read it back takes minutes.
            machine.read(end, 3 * PATIENCE, place)
            # The signal.
            time.sleep(5)
            stick.pull()
            return "\n".join(machine.console[place:])

        return wait

    def sounds(self, what):
        """Returns the messages and signals of a recording that play to their end."""
        found, _ = sound.find(self.library + sound.signals(), sound.recording(f"{self.directory}/{what}.wav")[0])
        return [str(one.clip) for one in found if one.whole]

    def kept(self, card, what):
        """Checks the data partition, and returns the journal."""
        whole, report = cards.extract(card, "/store/daemon", f"{self.directory}/{what}")
        self.check(whole, f"system: {what}: the data partition is sound", report)
        with open(f"{self.directory}/{what}/daemon/journal", "rb") as file:
            return file.read()

    def system(self):
        card, first = self.copy("system"), self.languages[0]
        before = {role: cards.digest(card, role) for role in ("boot", "a")}
        refused, done = r"firstword-stick@.*Failed with result", r"Finished firstword-stick@"
        machine, slot = self.begin(card, "system")
        try:
            machine.await_ready()
            machine.say(NEXT)
            said = self.bring(machine, "stranger", refused)()
            self.check(slot == "a" and "is not a trusted key" in said, "system: an update that no trusted key signed is refused", said)
            self.check(self.state(card) == ("a", "good", "0"), "system: and the slots are as before", self.state(card))
            place = len(machine.console)
            end, begun = self.bring(machine, "newer", done), time.monotonic()
            machine.read(r"Starting firstword-system\.service", 3 * PATIENCE, place)
            machine.say(SAFE)
            said = end()
            self.check("is in slot b, and starts at the next start" in said,
                       f"system: {time.monotonic() - begun:.0f} s after a stick is plugged in its update is in slot b", said)
        finally:
            machine.off()
        heard = self.sounds("system")
        self.check(heard == [f"{first} language-name", "signal refused", f"{first} safe-here", "signal done"],
                   "system: one signal says refused, and another one done; a message between them plays to its end", heard)
        self.check(self.state(card) == ("b", "3", "0"), "system: it is on trial", self.state(card))
        journal = self.kept(card, "updating")

        machine, slot = self.begin(card, "system")
        try:
            machine.await_ready()
            machine.say(NEXT)
            self.check(slot == "b", "system: the next start takes the new system, and its daemon is ready", slot)
            self.check(self.state(card) == ("b", "good", "0"), "system: and it is good", self.state(card))
            said = self.bring(machine, "older", refused)()
            self.check("is older than" in said, "system: an older one is refused", said)
        finally:
            machine.off()
        heard = self.sounds("system")
        self.check(heard == [f"{first} language-name", "signal refused"],
                   "system: the new system plays the next press, and signals refused", heard)
        self.check(self.state(card) == ("b", "good", "0"), "system: the new system stays", self.state(card))
        self.check(self.kept(card, "updated").startswith(journal[:journal.rindex(b"\n")]), "system: the journal is continued")
        for role, digest in before.items():
            self.check(cards.digest(card, role) == digest, f"system: the partition {role} is unchanged")
        os.unlink(card)

    # A channel.

    def network(self, port):
        asked = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, text, *words):
                asked.append(text % words)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", port),
                                                 functools.partial(Handler, directory=f"{self.directory}/web"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        card, newer = f"{self.directory}/network.img", sound.clips(f"{self.directory}/newer.kit")
        Virt.prepare(f"{self.directory}/network", card, f"{self.directory}/cache/debian-network")
        # The host is 10.0.2.2 there.
        machine = Virt(f"{self.directory}/network", card, f"{self.directory}/network.wav",
                       more=["-netdev", "user,id=net", "-device", "usb-net,netdev=net,bus=usb.0"])
        try:
            machine.await_ready()
            machine.say(NEXT)
            address = machine.read(r"systemd-networkd\[\d+\]: (\w+): DHCPv4 address ([0-9.]+)", PATIENCE)
            self.check(True, f"network: an adapter on USB ({address[1]}) has an address by DHCP")
            self.check(machine.shell("! grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6") == 0, "network: nothing listens")
            self.check(machine.shell("systemctl is-active firstword-sync.timer") == 0, "network: the timer waits")
            place = len(machine.console)
            settings = "[Timer]\\nOnBootSec=\\nOnActiveSec=1\\nRandomizedDelaySec=0\\nAccuracySec=1\\n"
            status = machine.shell(f"d=/run/systemd/system/firstword-sync.timer.d; mkdir -p $d && printf '{settings}' >$d/soon.conf && "
                                   "systemctl daemon-reload && systemctl restart firstword-sync.timer")
            machine.read(r"Finished firstword-store\.service", PATIENCE, place)
            machine.read(r"Finished firstword-sync\.service", PATIENCE, place)
            self.check(status == 0, "network: the timer, which is set to now, has a kit fetched from the channel and installed")
            machine.say(NEXT)
        finally:
            machine.off()
            server.shutdown()
        found, _ = sound.find(self.library + newer, sound.recording(machine.wav)[0])
        heard = [str(one.clip) for one in found]
        self.check([one.clip in newer for one in found] == [False, True] and all(one.whole for one in found),
                   f"network: a press before plays the old kit, and one after it the kit of the channel: {', '.join(heard)}", heard)
        print(f"image: {len(asked)} requests: {'; '.join(asked)}")

    # Power cuts.

    def record(self):
        """Records every write and flush of the first boot, of presses, of a kit from a stick, and of a stick that is pulled."""
        used, log = self.copy("recorded-use"), f"{self.directory}/recorded.log"
        # Without phases cuts.py ends, and cannot take an earlier recording for this one.
        if os.path.exists(f"{self.directory}/recorded.json"):
            os.unlink(f"{self.directory}/recorded.json")
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
        os.makedirs(f"{self.directory}/booted")
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
        elif command == "network":
            proof.network(int(sys.argv[3]))
        else:
            {"week": proof.week, "slots": proof.slots, "system": proof.system, "record": proof.record}[command]()
    except Lost as lost:
        proof.check(False, str(lost))
    return proof.failed


if __name__ == "__main__":
    sys.exit(main())
