"""The image of a device on emulated machines. Virt: QEMU's `virt`, with the lab's GPIO controller and sound card; kernel and
initramfs are the card's, with drivers of `virt` added. RaspberryPi: QEMU's Raspberry Pi 3 with a number pad and a sound
card on USB; the card boots as it is."""
import glob
import os
import subprocess
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Hardware/system"))
import boot
import card as cards
import sound
import tree
from machine import Emulator, Machine

# The log goes to the serial line, because the image has no login; the kernel's own messages would break its lines. QEMU's
# watchdog of the Raspberry Pi does not wait: it restarts the machine when it is started.
LOG = "loglevel=1 systemd.journald.forward_to_console=1 systemd.watchdog_sec=0 systemd.default_timeout_start_sec=900"
# Seconds for a boot under load; a quiet machine needs a tenth.
PATIENCE = 600
READY, GOOD = r"firstwordd\[\d+\]: .*ready in", r"Finished firstword-good\.service"

# What QEMU's `virt` has: a disk, the lab's GPIO controller and its sound card.
DRIVERS = ["pci_host_generic", "virtio_pci", "virtio_blk", "gpio_pl061", "snd_hda_codec_generic", "snd_hda_intel"]
# Lines of board.yaml.
STOP, NEXT, SAFE, DOCTOR, COMING = range(5)
BUTTONS = range(5)
DRAFT, PLAYING, WAITING = 5, 6, 7


def make_stick(image, *files):
    """Makes the content of a USB stick: files in a FAT file system."""
    size = sum(map(os.path.getsize, files))
    if os.path.exists(image):
        os.unlink(image)
    subprocess.run(["mkfs.vfat", "-C", "-n", "STICK", image, str((size >> 10) + (64 << 10))], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["mcopy", "-i", image, *files, "::"], check=True)
    return image


class Stick:
    """A USB stick that is plugged into a machine, and pulled."""
    count = 0

    def __init__(self, machine, port, image, rate=None):
        """`image`: what is on it; `rate`: how many bytes it gives in a second, if it is slow."""
        Stick.count += 1
        self.machine, self.name = machine, f"stick{Stick.count}"
        node = {"driver": "raw", "read-only": True, "file": {"driver": "file", "filename": image}}
        if rate:
            machine.ask("object-add", **{"qom-type": "throttle-group", "id": f"{self.name}-slow", "limits": {"bps-read": rate}})
            node = {"driver": "throttle", "throttle-group": f"{self.name}-slow", "read-only": True, "file": node}
        machine.ask("blockdev-add", **node, **{"node-name": self.name})
        machine.ask("device_add", driver="usb-storage", id=self.name, drive=self.name, **port)

    def pull(self):
        self.machine.ask("device_del", id=self.name)
        # The kernel has to see it before another one is plugged in.
        time.sleep(2)


class Virt(Machine):
    """A card in QEMU's `virt`. Its buttons are not pressed at the start."""

    def __init__(self, directory, card, wav, drive=None, more=(), words=""):
        """`directory`: of prepare(). `drive`: QEMU's options of the disk, instead of the card's file. `words`: more of the
        kernel's command line."""
        with open(f"{directory}/cmdline.txt") as file:
            line = file.read().strip().replace("ttyS1,115200", "ttyAMA0")
        super().__init__(directory, wav, f"{line} {LOG} {words}",
                         ["-drive", drive or f"if=none,id=disk,file={card},format=raw",
                          "-device", "virtio-blk-pci,drive=disk", "-device", "qemu-xhci,id=usb", *more])
        for line in BUTTONS:
            self.drive(line, 1)

    @staticmethod
    def prepare(directory, card, debian):
        """Puts the card's kernel, and its initramfs with the drivers of `virt`, into a directory."""
        os.makedirs(directory, exist_ok=True)
        for name in ("vmlinuz", "initrd.img", "cmdline.txt"):
            cards.from_boot(card, name, f"{directory}/{name}")
        kernel = tree.Tree()
        kernel.add_package(glob.glob(f"{debian}/linux-image-*.deb")[0])
        described = cards.describe(card)
        modules = boot.Modules(kernel, described["kernel"])
        start = [name for name in boot.START if name in modules.paths]
        names = start + [name for name in boot.CHECKSUMS if name in modules.paths] + DRIVERS
        files = {f"lib/modules/{path}": (0o100644, data) for path, data in modules.files(modules.closure(names)).items()}
        files["etc/card"] = (0o100644, f'card={described["disk"]}\nmodules="{" ".join(DRIVERS + start)}"\n'.encode())
        with open(f"{directory}/initrd.img", "rb") as file:
            own = file.read()
        with open(f"{directory}/initramfs", "wb") as file:
            # The kernel unpacks one archive after another.
            file.write(own + b"\0" * (-len(own) % 4) + boot.cpio(files, 0))

    def await_ready(self):
        """Waits until the daemon is ready and its system is marked good. Returns the seconds until ready."""
        self.read(READY, PATIENCE)
        ready = time.monotonic() - self.started
        self.read(GOOD, PATIENCE)
        return ready

    def lit(self, led, since, level=True):
        """Waits until an LED has been switched since a number of changes, and returns when."""
        return self.wait(f"LED {led}: {level}",
                         lambda: next((at for at, one, to in self.changes[since:] if (one, to) == (led, level)), None), PATIENCE)

    def press(self, line, led=PLAYING):
        """Presses a button until an LED shows that the device acts: by default, that it plays."""
        count = len(self.changes)
        for level in (0, 1, 0):
            self.drive(line, level)
        self.lit(led, count)
        self.drive(line, 1)

    def finish(self):
        """Waits until the message ends."""
        self.wait("the end of the message", lambda: next(level for _, one, level in reversed(self.changes)
                                                         if one == PLAYING) is False, PATIENCE)
        time.sleep(0.3)

    def say(self, line):
        """Presses a button, and waits until its message ends."""
        self.press(line)
        self.finish()

    def plug(self, image, rate=None):
        return Stick(self, {"bus": "usb.0"}, image, rate)

    def shell(self, command, seconds=PATIENCE):
        """Runs a command in the shell of an image that was built with --login, and returns its exit status."""
        place = len(self.console)
        self.process.stdin.write(f"{command}; echo @@ $?\n".encode())
        self.process.stdin.flush()
        return int(self.read(r"^@@ (\d+)", seconds, place)[1])


class RaspberryPi(Emulator):
    """A card in QEMU's Raspberry Pi 3. Everything on it is the card's own."""

    def __init__(self, directory, card, wav):
        """`directory`: for copies of what the firmware reads."""
        os.makedirs(directory, exist_ok=True)
        for name in ("vmlinuz", "initrd.img", "bcm2837-rpi-3-b.dtb", "cmdline.txt"):
            cards.from_boot(card, name, f"{directory}/{name}")
        with open(f"{directory}/cmdline.txt") as file:
            line = file.read().strip()
        super().__init__(
            wav,
            ["-M", "raspi3b", "-serial", "null", "-serial", "stdio",
             "-kernel", f"{directory}/vmlinuz", "-initrd", f"{directory}/initrd.img",
             "-dtb", f"{directory}/bcm2837-rpi-3-b.dtb", "-drive", f"if=sd,file={card},format=raw",
             "-append", f"{line} {LOG}",
             "-device", "usb-hub,bus=usb-bus.0,port=1", "-device", "usb-kbd,bus=usb-bus.0,port=1.1",
             # Without the mixer the file has the frames unchanged.
             "-audiodev", f"wav,id=card,path={wav},out.mixing-engine=off",
             "-device", "usb-audio,bus=usb-bus.0,port=1.3,audiodev=card"])

    def press(self, *keys):
        """Presses keys of the number pad, one after another."""
        for key in keys:
            self.ask("send-key", keys=[{"type": "qcode", "data": key}], **{"hold-time": 150})
            time.sleep(0.6)

    def recording(self):
        """Returns the frames that the card has played. Without its mixer QEMU writes its default rate into the header."""
        return sound.recording(self.wav, 44100)[0]

    def hear(self, since, seconds):
        """Waits until something sounds after a number of frames, and until the card plays no more. Returns whether something
        sounds. `since`: played() before the press, because a short message ends before press() does."""
        end = time.monotonic() + seconds
        while self.played() <= since or max(map(abs, self.recording()[since:])) < 500:
            if time.monotonic() > end:
                return False
            time.sleep(0.5)
        self.rest()
        return True

    def rest(self):
        """Waits until the card plays nothing."""
        last = -1
        while last < self.played():
            last = self.played()
            time.sleep(4)

    def plug(self, image, rate=None):
        return Stick(self, {"bus": "usb-bus.0", "port": "1.2"}, image, rate)
