"""image.py DIRECTORY: boots the image of a device and uses it. Prints a line for each check. Exit status: 0 all passed; 1 one
failed.

DIRECTORY has card.img and pi.img, as `firstword image` made them, newer.kit, cache/debian, and beside it kit/lab.kit. Both
cards are used at the same time: card.img in QEMU's `virt`, where the power is cut while it speaks, and pi.img in QEMU's
Raspberry Pi 3, with a number pad, a sound card and a stick on USB."""
import re
import sys
import threading
import time
import traceback

import card as cards
import sound
from emulated import GOOD, NEXT, PATIENCE, READY, SAFE, RaspberryPi, Virt, make_stick
from machine import Lost


class Trial:
    """Checks of the cards in a directory."""

    def __init__(self, directory):
        self.directory, self.failed = directory, False
        self.library = sound.clips(f"{directory}/../kit/lab.kit")
        self.languages = list(dict.fromkeys(clip.language for clip in self.library))

    def check(self, passed, text, *otherwise):
        print(f"pass image: {text}" if passed else f"FAIL image: {': '.join([text, *map(str, otherwise)])}", flush=True)
        self.failed |= not passed

    def start(self, what, name="card"):
        """Boots a card in `virt` until the daemon is ready and the system is good."""
        machine = Virt(f"{self.directory}/virt", f"{self.directory}/{name}.img", f"{self.directory}/{what}.wav")
        try:
            ready = machine.await_ready()
            machine.press(NEXT)
            spoken = time.monotonic() - machine.started
            self.check(True, f"{what}: ready {ready:.0f} s after the start, and at {spoken:.0f} s a press is answered")
            machine.finish()
            return machine
        except BaseException:
            machine.kill()
            raise

    def use(self):
        """Uses the system of the image in `virt`: buttons, LEDs and sound, frame by frame; and cuts the power."""
        card = f"{self.directory}/card.img"
        before = {role: cards.digest(card, role) for role in ("boot", "a", "b")}
        machine = self.start("first-boot")
        failed = [line for line in machine.console if re.search(r"systemd\[1\]: .*Failed (to start|with result)", line)]
        self.check(not failed, "no unit fails", failed)
        machine.press(SAFE)
        time.sleep(0.5)
        machine.kill()
        self.extract("cut", "the power is cut while it speaks")
        machine = self.start("after-the-cut")
        machine.say(SAFE)
        machine.off()
        self.listen("after-the-cut")
        self.extract("after", "a second cut")
        for role, digest in before.items():
            self.check(cards.digest(card, role) == digest, f"the partition {role} is unchanged after use")

    def extract(self, what, text):
        """Copies the journal of card.img to a directory, and checks the file system."""
        whole, report = cards.extract(f"{self.directory}/card.img", "/store/daemon", f"{self.directory}/{what}")
        self.check(whole, f"{text}: the data partition is sound", report)

    def listen(self, what):
        """Checks that the card played the two messages, each to its end."""
        left, _ = sound.recording(f"{self.directory}/{what}.wav")
        found, strange = sound.find(self.library, left)
        order = [str(one.clip) for one in found]
        first = self.languages[0]
        self.check(order == [f"{first} language-name", f"{first} safe-here"] and all(one.whole for one in found),
                   "after the cut two messages play to their end", order)
        # A busy machine starves the emulated card; the trial of the programs judges breaks.
        print(f"image: {sum(len(one.breaks) for one in found) + len(strange)} breaks in the sound of the emulated card")

    def boot_pi(self):
        """Boots the other card, as it is, in a Raspberry Pi 3, and brings it another kit by a stick."""
        name, newer = "Raspberry Pi 3", f"{self.directory}/newer.kit"
        pi = RaspberryPi(f"{self.directory}/pi", f"{self.directory}/pi.img", f"{self.directory}/pi.wav")
        try:
            pi.read(READY, PATIENCE)
            self.check(True, f"{name}: ready {time.monotonic() - pi.started:.0f} s after the start, with kernel, initramfs, "
                             "device tree and command line of the card")
            pi.read(r"input-found: 'QEMU QEMU USB Keyboard'", PATIENCE)
            self.check(True, f"{name}: the USB number pad is found")
            pi.read(GOOD, PATIENCE)
            begin = pi.played()
            pi.press("kp_divide")
            first = pi.hear(begin, PATIENCE)
            place = len(pi.console)
            plugged = time.monotonic()
            pi.plug(make_stick(f"{self.directory}/stick.img", newer))
            pi.read(r"Finished firstword-store\.service", PATIENCE, place)
            self.check(True, f"{name}: {time.monotonic() - plugged:.0f} s after a stick is plugged in its kit is installed")
            pi.rest()
            begin = pi.played()
            pi.press("kp_divide")
            second = pi.hear(begin, PATIENCE)
        finally:
            pi.off()
        frames = pi.recording()
        self.heard(f"{name}: a key is pressed, and the USB sound card plays its message", self.library, frames[:begin], first)
        self.heard(f"{name}: the next press plays the kit of the stick", sound.clips(newer), frames[begin:], second)

    def heard(self, text, library, frames, heard):
        """Checks that the name of a kit's first language is the first message of a recording. On a busy machine the emulated
        USB controller loses packets, so the frames until the first loss must be the message's."""
        found, strange = sound.find(library, frames) if heard else ([], [])
        if heard and not found:
            print(f"skip image: {text}: the emulated USB controller lost too much of it: {strange}", flush=True)
            return
        one = found[0] if found else None
        self.check(one and str(one.clip) == f"{library[0].language} language-name", text, [str(one.clip) for one in found])
        if one:
            print(f"image: {one.heard} of {len(one.clip.frames)} frames are the message's, with {len(one.breaks)} breaks"
                  f"{'' if one.whole else '; the emulated USB controller lost the others'}")


def main():
    trial = Trial(sys.argv[1])
    card, debian = f"{trial.directory}/card.img", f"{trial.directory}/cache/debian"

    def run(part):
        try:
            part()
        except Lost as lost:
            trial.check(False, str(lost))
        except Exception:
            trial.check(False, traceback.format_exc())

    def use():
        Virt.prepare(f"{trial.directory}/virt", card, debian)
        trial.use()

    parts = [threading.Thread(target=run, args=(part,)) for part in (use, trial.boot_pi)]
    for part in parts:
        part.start()
    for part in parts:
        part.join()
    return trial.failed


if __name__ == "__main__":
    sys.exit(main())
