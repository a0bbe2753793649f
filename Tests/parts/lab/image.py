"""image.py DIRECTORY [--record]: boots the image of a device and uses it. Prints a line for each check. Exit status: 0 all
passed; 1 one failed.

DIRECTORY has card.img and pi.img, as `firstword image` made them, and cache/debian. The first is used on QEMU's `virt`, with
the lab's GPIO controller and sound card: kernel and initramfs are the card's, with drivers of `virt` added. The second
boots on QEMU's Raspberry Pi 3 as it is, with a number pad and a sound card on USB.
--record: records recorded.img and recorded.log for cuts.py instead."""
import glob
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Hardware/system"))
import boot
import card as cards
import sound
import tree
from machine import Lost, Machine

# The log goes to the serial line, because the image has no login. QEMU's watchdog of the Raspberry Pi does not wait: it
# restarts the machine when it is started.
LOG = "systemd.journald.forward_to_console=1 systemd.watchdog_sec=0 systemd.default_timeout_start_sec=900"
# Seconds for a boot under load; a quiet machine needs a tenth.
PATIENCE = 400


def wait(board, pattern):
    """Waits for a line on a console."""
    board.wait(pattern, lambda: any(re.search(pattern, line) for line in list(board.console)), PATIENCE)


class Pi:
    """A Raspberry Pi 3 with a card, a number pad and a USB sound card."""

    def __init__(self, directory, card, wav):
        self.wav, self.lines, self.ended = wav, [], False
        self.changed = threading.Condition()
        parts = {}
        for name in ("vmlinuz", "initrd.img", "bcm2837-rpi-3-b.dtb", "cmdline.txt"):
            parts[name] = f"{directory}/{name}"
            cards.from_boot(card, name, parts[name])
        with open(parts["cmdline.txt"]) as file:
            line = file.read().strip()
        monitor = f"{directory}/monitor"
        for path in (monitor, wav):
            if os.path.exists(path):
                os.unlink(path)
        self.process = subprocess.Popen(
            ["qemu-system-aarch64", "-M", "raspi3b", "-accel", "tcg", "-display", "none", "-no-reboot",
             "-serial", "null", "-serial", "stdio", "-kernel", parts["vmlinuz"], "-initrd", parts["initrd.img"],
             "-dtb", parts["bcm2837-rpi-3-b.dtb"], "-drive", f"if=sd,file={card},format=raw",
             "-append", f"{line} {LOG}",
             "-device", "usb-hub,bus=usb-bus.0,port=1", "-device", "usb-kbd,bus=usb-bus.0,port=1.1",
             "-audiodev", f"wav,id=card,path={wav},out.frequency=48000",
             "-device", "usb-audio,bus=usb-bus.0,port=1.3,audiodev=card",
             "-qmp", f"unix:{monitor},server=on,wait=off"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.started = time.monotonic()
        threading.Thread(target=self._read, daemon=True).start()
        end = time.monotonic() + 30
        while not os.path.exists(monitor):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Lost(f"QEMU did not start: {self.output()}")
            time.sleep(0.05)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(monitor)
        self._monitor = self._socket.makefile("rw")
        self._monitor.readline()
        self.ask("qmp_capabilities")

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.decode("utf-8", "replace").rstrip())
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def output(self):
        return "\n".join(self.lines[-30:])

    def ask(self, command, **arguments):
        self._monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._monitor.flush()
        while True:
            answer = json.loads(self._monitor.readline() or '{"error": "gone"}')
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise Lost(f"{command}: {answer['error']}")

    def wait(self, pattern, seconds=PATIENCE):
        """Waits for a line on the console, and returns the match."""
        end, place = time.monotonic() + seconds, 0
        with self.changed:
            while True:
                for place in range(place, len(self.lines)):
                    if match := re.search(pattern, self.lines[place]):
                        return match
                place = len(self.lines)
                if self.ended or time.monotonic() > end:
                    raise Lost(f"'{pattern}' is not on the console within {seconds} s:\n{self.output()}")
                self.changed.wait(max(0.1, end - time.monotonic()))

    def press(self, *keys):
        """Presses keys of the number pad, one after another."""
        for key in keys:
            self.ask("send-key", keys=[{"type": "qcode", "data": key}], **{"hold-time": 150})
            time.sleep(0.6)

    def sound(self):
        """Returns the frames of the left channel that the card has played until now."""
        if not os.path.exists(self.wav):
            return ()
        with open(self.wav, "rb") as file:
            raw = file.read()[44:]
        return struct.unpack(f"<{len(raw) // 4 * 2}h", raw[:len(raw) // 4 * 4])[::2]

    def hear(self, seconds=60):
        """Waits until something sounds that was not there at the call."""
        end, before = time.monotonic() + seconds, len(self.sound())
        while time.monotonic() < end:
            if any(abs(frame) > 500 for frame in self.sound()[before:]):
                return time.monotonic()
            time.sleep(0.2)
        raise Lost(f"nothing sounds within {seconds} s:\n{self.output()}")

    def cut(self):
        """Cuts the power."""
        self.process.kill()
        self.process.wait()


# QEMU's `virt`: its disk, the lab's GPIO controller, and the lab's sound card.
VIRT = ["pci_host_generic", "virtio_pci", "virtio_blk", "gpio_pl061", "snd_hda_codec_generic", "snd_hda_intel"]
# Lines of board.yaml.
NEXT, SAFE, PLAYING = 1, 2, 6


def make_virt(directory, card, debian):
    """Puts the card's kernel, and its initramfs with the drivers of `virt`, into a directory."""
    os.makedirs(directory, exist_ok=True)
    cards.from_boot(card, "vmlinuz", f"{directory}/vmlinuz")
    cards.from_boot(card, "initrd.img", f"{directory}/initrd.img")
    cards.from_boot(card, "cmdline.txt", f"{directory}/cmdline.txt")
    kernel = tree.Tree()
    kernel.add_package(glob.glob(f"{debian}/linux-image-*.deb")[0])
    version = cards.describe(card)["kernel"]
    modules = boot.Modules(kernel, version)
    start = [name for name in boot.START if name in modules.paths]
    names = start + [name for name in boot.CHECKSUMS if name in modules.paths] + VIRT
    files = {f"lib/modules/{path}": (0o100644, data) for path, data in modules.files(modules.closure(names)).items()}
    files["etc/card"] = (0o100644, f'card={cards.describe(card)["disk"]}\nmodules="{" ".join(VIRT + start)}"\n'.encode())
    with open(f"{directory}/initrd.img", "rb") as file:
        own = file.read()
    with open(f"{directory}/initramfs", "wb") as file:
        # The kernel unpacks one archive after another.
        file.write(own + b"\0" * (-len(own) % 4) + boot.cpio(files, 0))


class Trial:
    def __init__(self, directory):
        self.directory, self.failed = directory, False

    def check(self, passed, text, *otherwise):
        print(f"pass image: {text}" if passed else f"FAIL image: {': '.join([text, *map(str, otherwise)])}", flush=True)
        self.failed |= not passed

    # The system of the image on `virt`: buttons, LEDs and sound, frame by frame.

    def start(self, what, drive=None):
        card = f"{self.directory}/card.img"
        with open(f"{self.directory}/virt/cmdline.txt") as file:
            line = file.read().strip().replace("ttyS1,115200", "ttyAMA0")
        board = Machine(f"{self.directory}/virt", self.directory, f"{self.directory}/{what}.wav",
                        f"{line} {LOG}", ["-drive", drive or f"if=none,id=card,file={card},format=raw",
                                          "-device", "virtio-blk-pci,drive=card"])
        try:
            for number in range(5):
                board.drive(number, 1)
            wait(board, r"firstwordd\[\d+\]: .*ready in")
            ready = time.monotonic() - board.started
            wait(board, r"Finished firstword-good\.service")
            self.press(board, NEXT)
            spoken = time.monotonic() - board.started
            self.check(True, f"{what}: ready {ready:.0f} s after the start, and at {spoken:.0f} s a press is answered")
            self.finish(board)
            return board
        except BaseException:
            board.kill()
            raise

    def press(self, board, line):
        """Presses a button and waits until the device shows that it plays."""
        count = len(board.changes)
        for level in (0, 1, 0):
            board.drive(line, level)
        board.wait(f"line {line}: playing", lambda: any(one[1:] == (PLAYING, True) for one in board.changes[count:]), PATIENCE)
        board.drive(line, 1)

    def finish(self, board):
        """Waits until the message ends."""
        board.wait("the end of the message", lambda: next(level for _, one, level in reversed(board.changes)
                                                          if one == PLAYING) is False, PATIENCE)
        time.sleep(0.3)

    def use(self):
        card = f"{self.directory}/card.img"
        make_virt(f"{self.directory}/virt", card, f"{self.directory}/cache/debian")
        before = {role: cards.digest(card, role) for role in ("boot", "a", "b")}
        board = self.start("first-boot")
        failed = [line for line in board.console if re.search(r"systemd\[1\]: .*Failed (to start|with result)", line)]
        self.check(not failed, "no unit fails", failed)
        self.press(board, SAFE)
        time.sleep(0.5)
        board.kill()
        sound_, report = cards.extract(card, "/store/daemon", f"{self.directory}/cut")
        self.check(sound_, "the power is cut while it speaks: the data partition is sound", report)
        board = self.start("after-the-cut")
        self.press(board, SAFE)
        self.finish(board)
        board.off()
        self.listen(f"{self.directory}/after-the-cut.wav")
        sound_, report = cards.extract(card, "/store/daemon", f"{self.directory}/after")
        self.check(sound_, "a second cut: the data partition is sound", report)
        for role, digest in before.items():
            self.check(cards.digest(card, role) == digest, f"the partition {role} is unchanged after use")

    def listen(self, wav):
        """Checks that the card played the two messages, each to its end."""
        left, _ = sound.recording(wav)
        library = sound.clips(f"{self.directory}/../kit/lab.kit")
        found, strange = sound.find(library, left)
        first = library[0].language
        order = [str(one.clip) for one in found]
        self.check(order == [f"{first} language-name", f"{first} safe-here"] and all(one.whole for one in found),
                   "after the cut two messages play to their end", order)
        # A busy machine starves the emulated card; the trial of the programs judges breaks.
        breaks = sum(len(one.breaks) for one in found) + len(strange)
        print(f"image: {breaks} breaks in the sound of the emulated card")

    # The image on a Raspberry Pi 3.

    def boot_pi(self):
        card = f"{self.directory}/pi.img"
        pi = Pi(self.directory, card, f"{self.directory}/pi.wav")
        try:
            pi.wait(r"firstwordd\[\d+\]: .*ready in")
            self.check(True, f"Raspberry Pi 3: ready {time.monotonic() - pi.started:.0f} s after the start, with kernel, "
                             "initramfs, device tree and command line of the card")
            pi.wait(r"input-found: 'QEMU QEMU USB Keyboard'")
            self.check(True, "Raspberry Pi 3: the USB number pad is found")
            pi.wait(r"Finished firstword-good\.service")
            time.sleep(5)
            pi.press("kp_divide")
            try:
                pi.hear()
                self.check(True, "Raspberry Pi 3: a key is pressed, and the USB sound card plays")
            except Lost:
                # The emulated USB controller needs more of this machine than it gets.
                print("skip image: Raspberry Pi 3: nothing is heard from the emulated USB sound card")
        finally:
            pi.cut()

    # Recording for cuts.py.

    def record(self):
        """Records every write and flush of a boot and its use, for cuts.py."""
        card, log, used = (f"{self.directory}/recorded{end}" for end in (".img", ".log", "-use.img"))
        for copy in (card, used):
            subprocess.run(["cp", "--sparse=always", f"{self.directory}/card.img", copy], check=True)
        with open(log, "wb"):
            pass
        board = self.start("recorded", f"if=none,id=card,driver=blklogwrites,file.driver=raw,file.file.driver=file,"
                                       f"file.file.filename={used},log.driver=file,log.filename={log}")
        for _ in range(6):
            for line in (SAFE, NEXT):
                self.press(board, line)
                self.finish(board)
        board.kill()
        os.unlink(used)


def main():
    trial = Trial(sys.argv[1])
    try:
        if "--record" in sys.argv:
            trial.record()
        else:
            trial.use()
            trial.boot_pi()
    except Lost as lost:
        trial.check(False, str(lost))
    return trial.failed


if __name__ == "__main__":
    sys.exit(main())
