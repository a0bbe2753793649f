"""The parts of the image that start it: modules, initramfs, and the files of the firmware's partition."""
import gzip
import io
import lzma
import os
import posixpath
import re
import struct
import subprocess
import tempfile

# Modules by name. The initramfs loads those of START in this order: the card's, and USB, so that number pad and sound card
# are found while the system starts. CHECKSUMS are loaded on demand.
START = ["bcm2835_wdt", "fixed", "gpio_regulator", "sdhci_iproc", "bcm2835", "mmc_block", "phy_generic", "dwc2", "usbhid",
         "hid_generic", "snd_usb_audio", "erofs", "dm_verity", "ext4"]
CHECKSUMS = ["sha256_arm64", "sha256_generic", "crc32c_generic", "crc32c_cryptoapi", "crc32_generic"]
# The running system's: sound, number pads, sticks, and the file systems of sticks.
RUN = """snd_bcm2835 snd_soc_simple_card snd_soc_pcm5102a snd_soc_max98357a snd_soc_bcm2835_i2s bcm2835_dma
  usb_storage uas sd_mod evdev xhci_pci xhci_plat_hcd
  autofs4 vfat exfat nls_cp437 nls_ascii nls_iso8859_1 nls_utf8 loop leds_gpio ledtrig_timer ledtrig_heartbeat""".split()
# For a device that follows a channel: the network ports of the boards, adapters on USB, and the radio.
NETWORK = """bcmgenet mdio_bcm_unimac bcm7xxx broadcom genet smsc95xx smsc lan78xx microchip usbnet cdc_ether cdc_ncm r8152 ax88179_178a
  asix brcmfmac brcmfmac_wcc brcmfmac_cyw cfg80211 rfkill af_packet ipv6 unix""".split()
# Network, radio, graphics and cameras, which device trees ask for and this device does not have.
NEVER = re.compile(r"/drivers/(net|bluetooth|gpu|media|staging/media|infiniband|nfc)/|/net/(wireless|bluetooth|mac80211)/|/sound/.*hdmi")

FIRMWARE = ["bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat"]
TREES = ["bcm2711-rpi-4-b", "bcm2837-rpi-3-a-plus", "bcm2837-rpi-3-b", "bcm2837-rpi-3-b-plus", "bcm2837-rpi-zero-2-w"]

CONFIG = """# Firmware of the Raspberry Pi. This image is for Raspberry Pi 3, 4 and Zero 2 W.
arm_64bit=1
upstream_kernel=1
kernel=vmlinuz
initramfs initrd.img followkernel
enable_uart=1
disable_splash=1
boot_delay=0
avoid_warnings=1
# The sound card and the lines of the board, if the board file asks for something.
include firstword.txt
"""
APPLETS = "cat cut dd echo grep head mkdir modprobe mount od printf reboot sh sha256sum sleep switch_root tr umount".split()


class Modules:
    """The modules of a kernel package."""

    def __init__(self, kernel, version):
        self.kernel, self.version = kernel, version
        self.base = f"usr/lib/modules/{version}/"
        names = [name for name in kernel.entries if name.startswith(self.base) and ".ko" in name]
        # As the kernel names them.
        self.paths = {posixpath.basename(name).split(".ko")[0].replace("-", "_"): name for name in names}
        self.builtin = {posixpath.basename(line).split(".ko")[0].replace("-", "_")
                        for line in kernel.text(self.base + "modules.builtin").splitlines()}
        self.content, self.info = {}, {}

    def data(self, name):
        if name not in self.content:
            path = self.paths[name]
            raw = self.kernel.entries[path].data
            self.content[name] = lzma.decompress(raw) if path.endswith(".xz") else raw
        return self.content[name]

    def fields(self, name, key):
        """Returns the values of a field in a module's .modinfo."""
        if name not in self.info:
            self.info[name] = re.findall(rb"(?<=\0)([a-z]+)=([^\0]*)\0", section(self.data(name), b".modinfo", b"\0"))
        return [value.decode() for field, value in self.info[name] if field.decode() == key]

    def of_boards(self, trees):
        """Returns the modules that device trees ask for by `compatible`."""
        asked = set().union(*map(compatibles, trees))
        found = set()
        for name in self.paths:
            # Reading every module takes long; a driver for these boards lies in few directories.
            if NEVER.search(self.paths[name]) or not re.search(
                    r"/(drivers/(char|clk|dma|firmware|gpio|hwmon|i2c/busses|input|irqchip|leds|mailbox|mfd|mmc|nvmem|pci|phy|pinctrl|"
                    r"pps|ptp|pwm|regulator|reset|rtc|soc|spi|staging/vc04_services|thermal|tty|usb|watchdog)|sound/soc)/",
                    self.paths[name]):
                continue
            for alias in self.fields(name, "alias"):
                match = re.match(r"of:N\*T\*C(.+?)(C\*)?$", alias)
                if match and match[1] in asked:
                    found.add(name)
        return found

    def closure(self, names):
        """Returns these modules with all that they depend on."""
        found, left = set(), [name for name in names if name in self.paths]
        unknown = [name for name in names if name not in self.paths and name not in self.builtin]
        if unknown:
            raise KeyError(f"kernel {self.version} has no module {', '.join(unknown)}")
        while left:
            name = left.pop()
            if name in found or name not in self.paths:
                continue
            found.add(name)
            for value in self.fields(name, "depends"):
                left += [other.replace("-", "_") for other in value.split(",") if other]
        return sorted(found)

    def files(self, names):
        """Returns the files of a modules directory with these modules: {path from usr/lib/modules: bytes}."""
        with tempfile.TemporaryDirectory() as scratch:
            os.makedirs(f"{scratch}/usr/lib")
            os.symlink("usr/lib", f"{scratch}/lib")
            wanted = {self.paths[name].removesuffix(".xz"): self.data(name) for name in names}
            for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
                wanted[self.base + name] = self.kernel.entries[self.base + name].data
            for path, data in wanted.items():
                os.makedirs(f"{scratch}/{os.path.dirname(path)}", exist_ok=True)
                with open(f"{scratch}/{path}", "wb") as file:
                    file.write(data)
            subprocess.run(["depmod", "-b", scratch, self.version], check=True)
            found = {}
            for directory, _, files in os.walk(f"{scratch}/usr/lib/modules"):
                for name in files:
                    with open(f"{directory}/{name}", "rb") as file:
                        found[os.path.relpath(f"{directory}/{name}", f"{scratch}/usr/lib/modules")] = file.read()
            return found


def section(data, name, otherwise=b""):
    """Returns a section of an ELF file of 64 bits, with `otherwise` before it. elf(5)"""
    offset, = struct.unpack_from("<Q", data, 40)
    size, count, strings = struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, offset + i * size) for i in range(count)]
    table = headers[strings][4]
    for header in headers:
        begin = table + header[0]
        if data[begin:data.index(b"\0", begin)] == name:
            return otherwise + data[header[4]:header[4] + header[5]]
    return otherwise


def compatibles(blob):
    """Returns all values of `compatible` in a device tree. Devicetree Specification, chapter 5"""
    structure, strings = struct.unpack_from(">2I", blob, 8)
    found, place = set(), structure
    while True:
        token, = struct.unpack_from(">I", blob, place)
        place += 4
        if token == 1:
            place = (blob.index(b"\0", place) + 4) & ~3
        elif token == 3:
            length, name = struct.unpack_from(">2I", blob, place)
            name = blob[strings + name:blob.index(b"\0", strings + name)]
            if name == b"compatible":
                found |= set(blob[place + 8:place + 8 + length].rstrip(b"\0").decode().split("\0"))
            place = (place + 8 + length + 3) & ~3
        elif token == 9:
            return found


def cpio(files, epoch):
    """Returns an archive as the kernel unpacks it. `files`: {path: (mode, bytes)}. The kernel's initramfs-buffer-format"""
    out, number = bytearray(), 0

    def add(name, mode, data=b"", device=(0, 0)):
        nonlocal number
        number += 1
        name = name.encode() + b"\0"
        fields = (number, mode, 0, 0, 1, epoch, len(data), 0, 0, *device, len(name), 0)
        out.extend(b"070701" + b"".join(b"%08x" % field for field in fields) + name)
        out.extend(b"\0" * (-len(out) % 4))
        out.extend(data)
        out.extend(b"\0" * (-len(out) % 4))

    directories = {"dev", "proc", "sys", "run", "root"}
    for name in files:
        parent = posixpath.dirname(name)
        while parent:
            directories.add(parent)
            parent = posixpath.dirname(parent)
    for name in sorted(directories):
        add(name, 0o40755)
    add("dev/console", 0o20600, device=(5, 1))
    for name in sorted(files):
        add(name, *files[name])
    add("TRAILER!!!", 0)
    return bytes(out)


def initramfs(modules, names, tree, busybox, scripts, card, epoch):
    """Returns the initramfs: busybox, dmsetup and its libraries, modules, and our first process."""
    files = {"bin/busybox": (0o100755, busybox)}
    for applet in APPLETS:
        files[f"bin/{applet}"] = (0o120777, b"busybox")
    files["sbin/modprobe"] = (0o120777, b"/bin/busybox")
    for path, data in tree.closure("usr/sbin/dmsetup", "usr/lib/ld-linux-aarch64.so.1").items():
        name = posixpath.basename(path)
        where = {"dmsetup": "bin", "ld-linux-aarch64.so.1": "lib"}.get(name, "lib/aarch64-linux-gnu")
        files[f"{where}/{name}"] = (0o100755, data)
    for path, data in modules.files(modules.closure(names)).items():
        if path.endswith((".ko", "/modules.dep", "/modules.alias", "/modules.builtin")):
            files[f"lib/modules/{path}"] = (0o100644, data)
    # As in the system: the name of every USB sound card.
    files["etc/modprobe.conf"] = (0o100644, b"options snd_usb_audio id=Device\n")
    files["init"] = (0o100755, scripts["init"])
    files["etc/slots"] = (0o100644, scripts["slots"])
    started = [name for name in START if name in modules.paths]
    files["etc/card"] = (0o100644, f'card={card}\nmodules="{" ".join(started)}"\n'.encode())
    raw = cpio(files, epoch)
    return subprocess.run(["zstd", "-q", "-12", "--no-progress", "-c"], input=raw, check=True, stdout=subprocess.PIPE).stdout


def kernel_image(data):
    """Returns the kernel as the firmware unpacks it: smaller, and read faster from the card."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        file.write(data)
    return out.getvalue()
