"""plain.py DIRECTORY install|compare: a plain Debian 13 for arm64 in QEMU's `virt`, to compare the image's start with.

DIRECTORY is that of image.py, after it. install: makes plain/disk.img there from plain/root, a tree of
`debootstrap --foreign`, and finishes the installation in QEMU. compare: starts it until all its services run, and the image
until a press is heard, three times in turn, and prints both, their ratio, and the critical chain of login.img, which is the
image with a shell. Kernel, machine and sound card are the same; the plain initramfs has only what mounts the disk, and is
quicker than Debian's own."""
import glob
import os
import shutil
import subprocess
import sys
import time

import sound
from emulated import DRIVERS, GOOD, LOG, NEXT, PATIENCE, READY, Virt, boot, cards, tree
from machine import Machine

INIT = f"""#!/bin/sh
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for module in {" ".join(DRIVERS)} ext4; do modprobe $module; done
until mount -t ext4 /dev/vda /root; do sleep 0.05; done
for place in dev proc sys; do mount --move /$place /root/$place; done
read -r line </root/proc/cmdline
case $line in *" install") exec switch_root /root /install ;; esac
exec switch_root /root /sbin/init
"""
INSTALL = """#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
mount -t tmpfs tmpfs /run
/debootstrap/debootstrap --second-stage && echo "/dev/vda / ext4 errors=remount-ro 0 1" >/etc/fstab &&
  echo plain >/etc/hostname && rm /install && sync && echo "@@ installed"
while :; do sleep 100; done
"""


def prepare(directory, card, debian):
    """Makes the disk, and the kernel and initramfs for it."""
    package = glob.glob(f"{debian}/linux-image-*.deb")[0]
    root = f"{directory}/root"
    subprocess.run(["dpkg-deb", "-x", package, f"{directory}/kernel"], check=True)
    version = cards.describe(card)["kernel"]
    shutil.copytree(f"{directory}/kernel/usr/lib/modules/{version}", f"{root}/usr/lib/modules/{version}", dirs_exist_ok=True)
    subprocess.run(["depmod", "-b", root, version], check=True)
    with open(f"{root}/install", "w") as file:
        file.write(INSTALL)
    os.chmod(f"{root}/install", 0o755)
    disk = f"{directory}/disk.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-d", root, disk, "2G"], check=True)
    cards.from_boot(card, "vmlinuz", f"{directory}/vmlinuz")
    kernel = tree.Tree()
    kernel.add_package(package)
    modules = boot.Modules(kernel, version)
    names = modules.closure(DRIVERS + ["ext4"] + [name for name in boot.CHECKSUMS if name in modules.paths])
    files = {f"lib/modules/{path}": (0o100644, data) for path, data in modules.files(names).items()}
    busybox = tree.Tree()
    busybox.add_package(glob.glob(f"{debian}/busybox-static_*.deb")[0])
    files["bin/busybox"] = (0o100755, busybox.entries["usr/bin/busybox"].data)
    for applet in boot.APPLETS:
        files[f"bin/{applet}"] = (0o120777, b"busybox")
    files["sbin/modprobe"] = (0o120777, b"/bin/busybox")
    files["init"] = (0o100755, INIT.encode())
    with open(f"{directory}/initramfs", "wb") as file:
        file.write(boot.cpio(files, 0))


def start(directory, word):
    return Machine(directory, f"{directory}/plain.wav", f"console=ttyAMA0 quiet {LOG} systemd.default_device_timeout_sec=900 {word}",
                   ["-drive", f"if=none,id=disk,file={directory}/disk.img,format=raw,cache=unsafe",
                    "-device", "virtio-blk-pci,drive=disk", "-device", "qemu-xhci,id=usb"])


def start_plain(directory):
    """Returns what a start until all services run takes, as Emulator.spent() does."""
    machine = start(f"{directory}/plain", "")
    try:
        machine.read(r"Reached target multi-user\.target", PATIENCE)
        return machine.spent()
    finally:
        machine.off()


def start_image(directory):
    """Returns what a start takes until the daemon is ready, and until a press is heard."""
    card = f"{directory}/compared.img"
    subprocess.run(["cp", "--sparse=always", f"{directory}/card.img", card], check=True)
    machine = Virt(f"{directory}/virt", card, f"{directory}/compared.wav")
    try:
        machine.read(READY, PATIENCE)
        ready = machine.spent()
        machine.press(NEXT)
        while not machine.played() or max(map(abs, sound.recording(machine.wav)[0])) < 500:
            time.sleep(0.05)
        return ready, machine.spent()
    finally:
        machine.kill()


def compare(directory):
    """Starts both. A busy machine changes the time, and not the processor's seconds."""
    plain, (ready, heard) = start_plain(directory), start_image(directory)

    def text(spent):
        return f"{spent[0]:.1f} s ({spent[1]:.1f} s of a processor)"

    print(f"image: a plain Debian is up after {text(plain)}; the image ready after {text(ready)}, the first press heard after "
          f"{text(heard)}: {heard[0] / plain[0]:.2f} of the time, {heard[1] / plain[1]:.2f} of the processor's; load "
          f"{os.getloadavg()[0]:.0f}", flush=True)


def critical_chain(directory):
    """Prints what the daemon waited for."""
    machine = Virt(f"{directory}/virt", f"{directory}/login.img", f"{directory}/login.wav")
    try:
        machine.read(GOOD, PATIENCE)
        time.sleep(20)
        place = len(machine.console)
        machine.shell("systemd-analyze --no-pager critical-chain firstwordd.service; systemd-analyze --no-pager; "
                      "systemd-analyze --no-pager blame | head -n 12")
        print("\n".join(machine.console[place:]))
    finally:
        machine.kill()


def main():
    directory, command = sys.argv[1:]
    if command == "install":
        prepare(f"{directory}/plain", f"{directory}/card.img", f"{directory}/cache/debian")
        machine = start(f"{directory}/plain", "install")
        try:
            machine.read("@@ installed", 3600)
        finally:
            machine.off()
        subprocess.run(["e2fsck", "-f", "-y", f"{directory}/plain/disk.img"], stdout=subprocess.DEVNULL)
        return
    # The first start of an installed system makes what later ones have.
    start_plain(directory)
    for _ in range(3):
        compare(directory)
    critical_chain(directory)


if __name__ == "__main__":
    main()
