"""build.py PACKAGES PAYLOAD OUT: builds the image. Hardware/image runs it.

PACKAGES has the Debian packages; PAYLOAD has Firstword's own packages (*.deb), or its programs and Hardware. Writes
OUT/base.img and its parts. The same input makes the same bytes. Needs no root, no loop device and no mount.
The environment has SOURCE_DATE_EPOCH, and VERSION, COMMIT, NETWORK and LOGIN (0 or 1) and BOARD (a compiled board, or
nothing)."""
import fnmatch
import glob
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import boot
from tree import Tree

HERE = os.path.dirname(os.path.abspath(__file__))
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])
VERSION, COMMIT = os.environ["VERSION"], os.environ["COMMIT"]
LOGIN, BOARD = os.environ["LOGIN"] == "1", os.environ.get("BOARD", "")
NETWORK = os.environ.get("NETWORK") == "1"
MIB = 1 << 20

# The card. The number is the disk signature in the partition table. QEMU wants a size that is a power of two.
CARD, CARD_SIZE = "f1257000", 1024 * MIB
UUID = "f1257000-0d00-4000-8000-00000000000"
PARTITIONS = {"boot": (1, 4, 96, 0x0C), "a": (2, 100, 192, 0x83), "b": (3, 292, 192, 0x83), "data": (4, 484, 512, 0x83)}
MANIFEST, MANIFEST_SIZE = 2 * MIB, 64 << 10
# The file that the firmware's configuration includes, before it has settings.
SETTINGS = b"# firstword image writes the settings of the board here.\n".ljust(4095, b"#") + b"\n"
# Files on the data partition belong to these accounts, and stay when the system changes.
ACCOUNTS = {"firstword": 900, "gpio": 901, "firstword-sync": 902}

# Needed while packages are installed or changed, which never happens here; and by people who log in.
NOT_INSTALLED = """apt debconf debconf-i18n debian-archive-keyring debianutils diffutils dpkg gcc-14-base init-system-helpers libdb5.3t64
  login.defs passwd perl-base raspi-firmware sensible-utils sqv tar tzdata adduser libdebconfclient0 libpam-runtime libpam-modules
  libpam-modules-bin dmsetup libdevmapper1.02.1 busybox-static login libpam0g-dev logsave libfdisk1 libapt-pkg7.0 liblastlog2-2
  util-linux-extra mawk original-awk bsdutils hostname findutils gzip""".split()
UNWANTED = """usr/share/man usr/share/locale usr/share/info usr/share/lintian usr/share/bash-completion usr/share/zsh usr/share/fish
  usr/share/doc-base usr/share/bug usr/share/menu usr/share/pixmaps usr/share/polkit-1 usr/share/i18n usr/share/debconf
  usr/share/initramfs-tools usr/share/reportbug usr/share/alsa/ucm2 usr/share/alsa/topology usr/share/dbus-1
  usr/lib/udev/hwdb.d usr/lib/udev/hwdb.bin usr/lib/*/gconv usr/lib/locale usr/lib/*/perl* usr/share/perl* usr/bin/perl*
  usr/bin/localedef usr/sbin/debugfs usr/sbin/e4* usr/sbin/mke2fs usr/sbin/mkfs.ext* usr/sbin/resize2fs usr/sbin/tune2fs usr/sbin/e2image
  usr/sbin/e2undo usr/sbin/dumpe2fs usr/sbin/badblocks usr/sbin/fsck.cramfs usr/sbin/mkfs* usr/sbin/mkswap usr/sbin/update-passwd usr/bin/lslogins
  usr/lib/systemd/systemd-networkd* usr/lib/systemd/system/systemd-networkd* usr/bin/networkctl
  usr/bin/systemd-cryptenroll usr/bin/systemd-firstboot usr/bin/bootctl usr/bin/kernel-install usr/bin/systemd-dissect usr/bin/portablectl
  usr/lib/systemd/system-generators usr/lib/systemd/user-generators usr/lib/systemd/user
  usr/lib/kernel usr/lib/systemd/boot usr/lib/systemd/systemd-bless-boot usr/lib/systemd/systemd-pcr* usr/lib/systemd/systemd-measure
  etc/apt etc/cron* etc/logrotate.d etc/kernel etc/network etc/skel etc/init.d etc/rc?.d etc/default usr/lib/systemd/catalog var/*
  usr/share/firstword/Prompts usr/share/firstword/Languages usr/lib/firstword/libsimcard.so usr/share/keyrings""".split()
# What no device needs. Without a login nothing waits for a person, and without a network nothing waits for it. No card ever
# had a store of an earlier version's kind, which firstword-migrate takes over.
MASKED = """getty.target systemd-logind.service systemd-user-sessions.service remote-fs.target fstrim.timer e2scrub_all.timer
  e2scrub_reap.service systemd-update-utmp.service systemd-update-done.service ldconfig.service systemd-hwdb-update.service
  systemd-journal-catalog-update.service systemd-firstboot.service systemd-pcrlock.socket systemd-pcrphase.service
  systemd-pcrphase-sysinit.service systemd-machine-id-commit.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount
  dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount
  sys-kernel-config.mount systemd-journal-flush.service systemd-sysusers.service systemd-ask-password-console.path
  systemd-ask-password-wall.path systemd-boot-random-seed.service systemd-random-seed.service systemd-rfkill.socket
  systemd-tpm2-setup.service systemd-tpm2-setup-early.service systemd-battery-check.service systemd-repart.service
  systemd-growfs-root.service systemd-hibernate-clear.service systemd-sysext.service systemd-confext.service
  systemd-udev-load-credentials.service systemd-remount-fs.service systemd-creds.socket systemd-hostnamed.socket
  systemd-mute-console.socket systemd-factory-reset.socket systemd-networkd.service systemd-networkd.socket emergency.service
  rescue.service ctrl-alt-del.target debug-shell.service systemd-sysext.socket
  firstword-migrate.service""".split()
# What a device with a network has all the same.
NETWORK_PARTS = ["usr/lib/systemd/systemd-networkd*", "usr/lib/systemd/system/systemd-networkd*"]
NETWORK_UNITS = ["systemd-networkd.service", "systemd-networkd.socket"]
NETWORK_TMPFILES = ["systemd-network.conf"]
# The firmware of the radio of a Raspberry Pi 3, 4 and Zero 2 W; the package has that of many other computers.
RADIO = ("usr/lib/firmware/brcm/brcmfmac43430", "usr/lib/firmware/brcm/brcmfmac43436", "usr/lib/firmware/brcm/brcmfmac43455",
         "usr/lib/firmware/brcm/BCM", "usr/lib/firmware/cypress/cyfmac43430", "usr/lib/firmware/cypress/cyfmac43455",
         "usr/lib/firmware/regulatory.db")
# Nothing on the device uses them; wpa_supplicant and systemd-resolved work without a bus.
NETWORK_UNUSED = ["usr/share/dbus-1", "usr/bin/dbus-*", "usr/lib/systemd/system/dbus*", "usr/lib/systemd/system/*.wants/dbus.*",
                  "usr/lib/dbus-1.0", "etc/dbus-1", "etc/wpa_supplicant",
                  "usr/lib/systemd/system/wpa_supplicant*", "usr/bin/wpa_passphrase", "usr/sbin/wpa_cli", "usr/bin/resolvectl",
                  "usr/bin/openssl", "usr/lib/*/sasl2", "usr/share/mozilla"]
# Directories that exist in the image, or that nothing here uses.
TMPFILES = "credstore.conf debian.conf etc.conf home.conf legacy.conf provision.conf systemd-network.conf".split()


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, **options)


def say(text):
    print(f"image: {text}", file=sys.stderr)


def package_name(path):
    return os.path.basename(path).split("_")[0]


def packages(directory):
    """Returns the packages of a directory by name."""
    return {package_name(path): path for path in sorted(glob.glob(f"{directory}/*.deb"))}


def sha256(path, length=None):
    digest, left = hashlib.sha256(), length
    with open(path, "rb") as file:
        while chunk := file.read(MIB if left is None else min(MIB, left)):
            digest.update(chunk)
            if left is not None:
                left -= len(chunk)
                if left == 0:
                    break
    return digest.hexdigest()


# The system.

def add_network(tree, hardware):
    """Adds what a device with a channel needs: addresses by DHCP, names, radio, and firstword-sync."""
    if hardware:
        for name in sorted(os.listdir(f"{hardware}/systemd/sync")):
            with open(f"{hardware}/systemd/sync/{name}") as file:
                text = file.read()
            if name.endswith((".service", ".timer")) and "neighbour" not in name:
                tree.put(f"usr/lib/systemd/system/{name}", text)
            elif name.endswith(".sysusers"):
                tree.put("usr/lib/sysusers.d/firstword-sync.conf", text)
            elif name.endswith(".rules"):
                tree.put(f"usr/lib/udev/rules.d/91-{name}", text)
        tree.enable("firstword-sync.timer")
    # Where no channel is followed, nothing of it starts.
    condition = "[Unit]\nConditionPathExists=/etc/firstword/channel.json\nAfter=firstword-data.service\n"
    for name in ("systemd-networkd.service", "systemd-networkd.socket", "systemd-resolved.service"):
        tree.put(f"usr/lib/systemd/system/{name}.d/firstword.conf", condition)
        tree.enable(name)
    # The networks may be of any kind, and one of them is enough.
    tree.put("usr/lib/systemd/network/80-firstword.network",
             "[Match]\nType=ether wlan\n\n[Link]\nRequiredForOnline=no\n\n"
             "[Network]\nDHCP=yes\nLLMNR=no\nMulticastDNS=no\nLinkLocalAddressing=ipv6\n\n"
             "[DHCPv4]\nSendHostname=no\nUseHostname=no\nUseTimezone=no\nUseNTP=no\nAnonymize=yes\n")
    tree.put("usr/lib/systemd/resolved.conf.d/firstword.conf",
             "[Resolve]\nLLMNR=no\nMulticastDNS=no\nDNSStubListener=no\n")
    tree.put_link("etc/resolv.conf", "/run/systemd/resolve/resolv.conf")
    # libcurl reads one file of authorities, which Debian's package makes when it is installed.
    authorities = sorted(name for name in tree.entries if fnmatch.fnmatch(name, "usr/share/ca-certificates/*.crt"))
    tree.put("etc/ssl/certs/ca-certificates.crt", b"".join(tree.entries[name].data for name in authorities))
    tree.put("usr/lib/systemd/system/firstword-wifi.service",
             "# Joins the networks by radio that /etc/firstword/wifi.conf names.\n\n"
             "[Unit]\nDescription=Firstword, joins a network by radio\nConditionPathExists=/etc/firstword/wifi.conf\n"
             "BindsTo=sys-subsystem-net-devices-wlan0.device\n"
             "After=sys-subsystem-net-devices-wlan0.device firstword-data.service\n\n"
             "[Service]\nExecStart=/usr/sbin/wpa_supplicant -i wlan0 -D nl80211 -c /etc/firstword/wifi.conf\n"
             "Restart=on-failure\nRestartSec=30\nNice=10\n\n"
             "[Install]\nWantedBy=sys-subsystem-net-devices-wlan0.device\n")
    tree.enable("firstword-wifi.service")


def add_firstword(tree, payload):
    """Adds Firstword: from its packages, or from its programs and the files that its packages are made from."""
    if own := packages(payload):
        for path in own.values():
            tree.add_package(path)
        # What a device offers its neighbours is off, and has no server here.
        tree.drop("usr/lib/systemd/system/firstword-sync-neighbour*")
        units = [name for name in tree.entries if fnmatch.fnmatch(name, "usr/lib/systemd/system/firstword*")]
    else:
        units = []
        for name in sorted(os.listdir(f"{payload}/programs")):
            with open(f"{payload}/programs/{name}", "rb") as file:
                tree.put(f"usr/bin/{name}", file.read(), 0o755)
        hardware = f"{payload}/Hardware"
        others = {"firstword.sysusers": "usr/lib/sysusers.d/firstword.conf", "firstword.tmpfiles": "usr/lib/tmpfiles.d/firstword.conf"}
        for name in sorted(os.listdir(f"{hardware}/systemd")):
            # The files of firstword-sync.
            if os.path.isdir(f"{hardware}/systemd/{name}"):
                continue
            with open(f"{hardware}/systemd/{name}") as file:
                text = file.read()
            if name.endswith((".service", ".path", ".timer", ".socket", ".target", ".mount")):
                tree.put(f"usr/lib/systemd/system/{name}", text)
                units.append(f"usr/lib/systemd/system/{name}")
            elif name.endswith(".rules"):
                tree.put(f"usr/lib/udev/rules.d/{'90' if name == 'firstword-device.rules' else '60'}-{name}", text)
            elif name in others:
                tree.put(others[name], text)
        for part in ("boards", "headers"):
            for name in sorted(os.listdir(f"{hardware}/{part}")):
                with open(f"{hardware}/{part}/{name}", "rb") as file:
                    tree.put(f"usr/share/firstword/Hardware/{part}/{name}", file.read())
    for unit in units:
        tree.enable(os.path.basename(unit))


def add_image(tree):
    """Adds the image's own scripts and units, and the settings of a device."""
    for name in ("data", "slots"):
        with open(f"{HERE}/{name}") as file:
            tree.put(f"usr/lib/firstword/{name}", file.read(), 0o755)
    for path in sorted(glob.glob(f"{HERE}/*.service") + glob.glob(f"{HERE}/*.timer")):
        name = os.path.basename(path)
        if name == "firstword-shell.service" and not LOGIN:
            continue
        with open(path) as file:
            tree.put(f"usr/lib/systemd/system/{name}", file.read())
        tree.enable(name)
    # `firstword image` writes the options that a kit needs.
    command = re.search(r"^ExecStart=((?:.*\\\n)*.*)$", tree.text("usr/lib/systemd/system/firstwordd.service"), re.M)[1]
    tree.put("usr/lib/systemd/system/firstwordd.service.d/image.conf",
             "[Unit]\nRequires=firstword-data.service\n\n"
             # Until udev has given the devices their groups, the daemon may not open them.
             "[Service]\nRestartSec=1\nEnvironmentFile=-/etc/firstword/daemon.env\n"
             f"ExecStart=\nExecStart={command} $FIRSTWORDD_OPTIONS\n")
    # What the daemon opens comes first.
    tree.put("usr/lib/systemd/system/systemd-udev-trigger.service.d/image.conf",
             "[Service]\nExecStart=\n"
             "ExecStart=-udevadm trigger --type=all --action=add --prioritized-subsystem=module,gpio,sound,input,block\n")
    tree.mask(*(name for name in MASKED if not NETWORK or name not in NETWORK_UNITS))
    tree.put_link("etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
    tree.put("etc/systemd/system.conf.d/firstword.conf",
             "[Manager]\n# The watchdog of a Raspberry Pi waits at most 16 s.\nRuntimeWatchdogSec=15s\nRebootWatchdogSec=2min\n"
             "DefaultTimeoutStopSec=5s\nDefaultDeviceTimeoutSec=20s\n")
    # The system's log is in memory: it would wear the card, and it names nobody's words.
    tree.put("etc/systemd/journald.conf.d/firstword.conf",
             "[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\nAudit=no\n")
    # Every USB sound card has the name that the boards use.
    tree.put("etc/modprobe.d/firstword.conf", "options snd-usb-audio id=Device\n")
    tree.put("etc/fstab", "# The initramfs mounts the system, and firstword-data.service the data partition.\n")
    tree.put("etc/hostname", "firstword\n")
    tree.put("etc/machine-id", "")
    tree.put("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\ngshadow: files\n"
             f"hosts: files{' dns' if NETWORK else ''}\n")
    tree.put("etc/hosts", "127.0.0.1 localhost firstword\n")
    tree.put_link("etc/mtab", "../proc/self/mounts")
    for name in TMPFILES if not NETWORK else sorted(set(TMPFILES) - set(NETWORK_TMPFILES)):
        tree.put_link(f"etc/tmpfiles.d/{name}", "/dev/null")
    for name in ("data", "dev", "etc/firstword", "proc", "run", "sys", "var", "mnt"):
        tree.put_directory(name)
    tree.put_directory("tmp", 0o1777)
    tree.put_directory("root", 0o700)


def make_system(debian, payload, modules, found):
    """Returns the tree of the system, and the numbers of its accounts."""
    tree = Tree()
    for name, path in debian.items():
        if name not in NOT_INSTALLED and not name.startswith("linux-image-"):
            tree.add_package(path)
    add_firstword(tree, payload)
    copyrights = {name: entry for name, entry in tree.entries.items() if fnmatch.fnmatch(name, "usr/share/doc/*/copyright")}
    if NETWORK:
        # With what of the others nothing uses.
        radio = [name for name in tree.entries if name.startswith("usr/lib/firmware/") and not name.startswith(RADIO)]
        tree.drop("usr/share/doc", *(name for name in UNWANTED if name not in NETWORK_PARTS), *NETWORK_UNUSED)
        for name in radio:
            if tree.entries.get(name) and tree.entries[name].kind != "d":
                del tree.entries[name]
    else:
        tree.drop("usr/share/doc", *UNWANTED)
    for name, entry in copyrights.items():
        tree.put(name, entry.data)
    add_image(tree)
    if NETWORK:
        add_network(tree, None if packages(payload) else f"{payload}/Hardware")
    for path, data in modules.files(found).items():
        tree.put(f"usr/lib/modules/{path}", data)
    users, groups = tree.make_accounts(ACCOUNTS)
    if missing := tree.missing_libraries():
        raise SystemExit("image: libraries are missing: " + ", ".join(f"{name} (for {of})" for name, of in sorted(missing.items())))
    return tree, users, groups


def make_slot(tree, out):
    """Writes a slot: file system, hash tree and trailer. Returns the words of the trailer and the length in bytes."""
    tar, image = f"{out}/system.tar", f"{out}/system.erofs"
    tree.write(tar, EPOCH)
    if os.path.exists(image):
        os.unlink(image)
    # Deduplication and fragments of whole files damage files without a word in erofs-utils 1.8.
    run("mkfs.erofs", "--tar=f", "-zzstd", "-C65536", "-Efragments", f"-T{EPOCH}", "-U", UUID + "2", image, tar,
        stderr=subprocess.DEVNULL)
    compare(tree, image, out)
    size = -(-os.path.getsize(image) // 4096) * 4096
    os.truncate(image, size)
    blocks = size // 4096
    salt = hashlib.sha256(f"firstword {VERSION}".encode()).hexdigest()
    report = subprocess.run(
        ["veritysetup", "format", "--data-block-size=4096", "--hash-block-size=4096", f"--data-blocks={blocks}",
         f"--hash-offset={size}", f"--salt={salt}", f"--uuid={UUID}5", image, image],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    root_hash = re.search(r"Root hash:\s+(\w+)", report)[1]
    words = f"firstword-slot/1 {VERSION} {blocks} {root_hash} {salt}"
    trailer = f"{words} {hashlib.sha256(f'{words}'.encode() + bytes([10])).hexdigest()[:16]}\n"
    return {"blocks": blocks, "rootHash": root_hash, "salt": salt}, trailer.encode(), os.path.getsize(image)


def compare(tree, image, out):
    """Extracts a file system and compares it with the tree, because mkfs.erofs has damaged files without a word."""
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        run("fsck.erofs", f"--extract={scratch}/x", "--no-preserve-owner", image, stderr=subprocess.DEVNULL)
        for name, entry in tree.entries.items():
            path = f"{scratch}/x/{name}"
            if entry.kind == "l":
                same = os.readlink(path) == entry.data
            elif entry.kind == "d":
                same = os.path.isdir(path)
            else:
                with open(path, "rb") as file:
                    same = file.read() == entry.data and os.stat(path).st_mode & 0o777 == entry.mode & 0o777
            if not same:
                raise SystemExit(f"image: mkfs.erofs has changed {name}")
        count = sum(len(directories) + len(files) for _, directories, files in os.walk(f"{scratch}/x"))
        if count != len(tree.entries):
            raise SystemExit(f"image: mkfs.erofs has written {count} files, not {len(tree.entries)}")


def share(tree, match):
    """Returns about what a part of the system takes when it is compressed."""
    content = b"".join(entry.data for name, entry in sorted(tree.entries.items()) if entry.kind == "f" and match(name))
    return len(subprocess.run(["zstd", "-q", "-3", "-c"], input=content, check=True, stdout=subprocess.PIPE).stdout)


# The firmware's partition.

def make_boot(kernel, debian, modules, initial, overlays, out):
    firmware = Tree()
    firmware.add_package(debian["raspi-firmware"])
    files = {name: firmware.entries[f"usr/lib/raspi-firmware/{name}"].data for name in boot.FIRMWARE}
    licence = next(name for name in firmware.entries if name.endswith("raspi-firmware/copyright"))
    files["LICENCE.broadcom"] = firmware.entries[licence].data
    for name in boot.TREES:
        files[f"{name}.dtb"] = kernel.entries[f"usr/lib/linux-image-{modules.version}/broadcom/{name}.dtb"].data
    for name, data in overlays.items():
        files[f"overlays/{name}.dtbo"] = data
    files["vmlinuz"] = boot.kernel_image(kernel.entries[f"boot/vmlinuz-{modules.version}"].data)
    files["initrd.img"] = initial
    files["config.txt"] = boot.CONFIG.encode()
    # A panic restarts the device.
    files["cmdline.txt"] = b"console=tty0 console=ttyS1,115200 quiet loglevel=4 panic=10\n"
    # `firstword image` overwrites it in place.
    files["firstword.txt"] = SETTINGS
    image, stage = f"{out}/boot.vfat", f"{out}/boot"
    shutil.rmtree(stage, ignore_errors=True)
    with open(image, "wb") as file:
        file.truncate(PARTITIONS["boot"][2] * MIB)
    run("mkfs.vfat", "--invariant", "-F", "32", "-s", "1", "-n", "FIRSTWORD", "-i", CARD, image)
    for directory in sorted({os.path.dirname(name) for name in files} - {""}):
        os.makedirs(f"{stage}/{directory}")
        run("mmd", "-i", image, f"::{directory}")
    for name, data in sorted(files.items()):
        with open(f"{stage}/{name}", "wb") as file:
            file.write(data)
        os.utime(f"{stage}/{name}", (EPOCH, EPOCH))
        run("mcopy", "-m", "-i", image, f"{stage}/{name}", f"::{name}")
    with open(image, "rb") as file:
        at = file.read().find(SETTINGS)
    if at < 0:
        raise SystemExit("image: firstword.txt is not in one piece")
    return image, PARTITIONS["boot"][1] * MIB + at


def make_overlays(kernel, version, out):
    """Compiles the overlays, and applies each to the device tree of every board."""
    found = {}
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        for source in sorted(glob.glob(f"{HERE}/overlays/*.dts")):
            name = os.path.splitext(os.path.basename(source))[0]
            compiled = f"{scratch}/{name}.dtbo"
            run("dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", compiled, source)
            for board in boot.TREES:
                with open(f"{scratch}/board.dtb", "wb") as file:
                    file.write(kernel.entries[f"usr/lib/linux-image-{version}/broadcom/{board}.dtb"].data)
                run("fdtoverlay", "-i", f"{scratch}/board.dtb", "-o", f"{scratch}/after.dtb", compiled)
                state = subprocess.run(["fdtget", f"{scratch}/after.dtb", "/soc/i2s@7e203000", "status"], check=True,
                                       stdout=subprocess.PIPE, text=True).stdout.strip()
                if state != "okay":
                    raise SystemExit(f"image: the overlay {name} does not switch I2S on in {board}")
            with open(compiled, "rb") as file:
                found[name] = file.read()
    return found


# The data partition and the card.

def make_data(out):
    image = f"{out}/data.ext4"
    if os.path.exists(image):
        os.unlink(image)
    environment = {**os.environ, "E2FSPROGS_FAKE_TIME": str(EPOCH)}
    run("mke2fs", "-q", "-t", "ext4", "-U", UUID + "4", "-L", "firstword-data", "-m", "1",
        "-E", f"hash_seed={UUID}4,lazy_itable_init=0,nodiscard,root_owner=0:0", "-O", "^metadata_csum_seed,metadata_csum,64bit",
        image, f"{PARTITIONS['data'][2]}M", env=environment)
    lines = ["mkdir /store", "mkdir /spool", "mkdir /etc", "mkdir /system", "sif /system mode 040700"]
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        open(f"{scratch}/clock", "w").close()
        os.utime(f"{scratch}/clock", (EPOCH, EPOCH))
        files = {"/clock": f"{scratch}/clock"}
        if BOARD:
            files["/etc/board.json"] = BOARD
        for name, source in files.items():
            lines += [f"write {source} {name}", f"sif {name} mode 0100644", f"sif {name} uid 0", f"sif {name} gid 0"]
            lines += [f"sif {name} {field} @{EPOCH}" for field in ("atime", "mtime", "ctime", "crtime")]
        script = f"{scratch}/script"
        with open(script, "w") as file:
            file.write("\n".join(lines) + "\n")
        report = subprocess.run(["debugfs", "-w", "-f", script, image], check=True, env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    for wrong in re.findall(r"^debugfs: (?!mkdir|write|sif).*$|^.*(?:not found|Unrecognized|invalid).*$", report, re.M):
        raise SystemExit(f"image: debugfs: {wrong}")
    check = subprocess.run(["e2fsck", "-f", "-n", image], env=environment, stdout=subprocess.PIPE, text=True)
    if check.returncode != 0:
        raise SystemExit(f"image: the data partition is not sound:\n{check.stdout}")
    return image


def make_card(parts, trailer, manifest, path):
    """Writes the card as a sparse file. `parts`: {role: (image, length)}."""
    table = bytearray(512)
    struct.pack_into("<I", table, 440, int(CARD, 16))
    for number, start, size, kind in PARTITIONS.values():
        struct.pack_into("<B3sB3sII", table, 446 + (number - 1) * 16, 0x80 if kind == 0x0C else 0, b"\xfe\xff\xff", kind,
                         b"\xfe\xff\xff", start * MIB // 512, size * MIB // 512)
    table[510:] = b"\x55\xaa"
    with open(path, "wb") as card:
        card.truncate(CARD_SIZE)
        card.write(table)
        card.seek(MANIFEST)
        card.write(manifest)
        for role, (image, length) in parts.items():
            _, start, size, _ = PARTITIONS[role]
            if length > size * MIB - (4096 if role == "a" else 0):
                raise SystemExit(f"image: {role} has {length} bytes, more than its partition")
            with open(image, "rb") as file:
                at = start * MIB
                while chunk := file.read(MIB):
                    if chunk.strip(b"\0"):
                        card.seek(at)
                        card.write(chunk)
                    at += len(chunk)
        _, start, size, _ = PARTITIONS["a"]
        card.seek((start + size) * MIB - 4096)
        card.write(trailer)


def main():
    source, payload, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    debian = packages(source)
    kernel_package = next(path for name, path in debian.items() if name.startswith("linux-image-"))
    kernel = Tree()
    kernel.add_package(kernel_package)
    version = next(name for name in kernel.entries if name.startswith("boot/vmlinuz-")).removeprefix("boot/vmlinuz-")
    modules = boot.Modules(kernel, version)
    trees = [kernel.entries[f"usr/lib/linux-image-{version}/broadcom/{name}.dtb"].data for name in boot.TREES]
    start = boot.START + [name for name in boot.CHECKSUMS if name in modules.paths or name in modules.builtin]
    network = [name for name in boot.NETWORK if name in modules.paths] if NETWORK else []
    found = modules.closure(start + boot.RUN + network + sorted(modules.of_boards(trees)))

    tree, users, groups = make_system(debian, payload, modules, found)
    listed = "".join(f"{os.path.basename(path).removesuffix('.deb')} {sha256(path)}\n"
                     for path in [*debian.values(), *packages(payload).values()])
    tree.put("usr/lib/firstword/packages", listed)
    tree.put("usr/lib/firstword/version", f"{VERSION}\n")
    slot, trailer, length = make_slot(tree, out)

    early = Tree()
    for name in ("dmsetup", "libdevmapper1.02.1", "libc6", "libselinux1", "libudev1", "libpcre2-8-0", "libcap2"):
        early.add_package(debian[name])
    busybox = Tree()
    busybox.add_package(debian["busybox-static"])
    scripts = {}
    for name in ("init", "slots"):
        with open(f"{HERE}/{name}", "rb") as file:
            scripts[name] = file.read()
    initial = boot.initramfs(modules, start, early, busybox.entries["usr/bin/busybox"].data, scripts, CARD, EPOCH)

    overlays = make_overlays(kernel, version, out)
    firmware, settings = make_boot(kernel, debian, modules, initial, overlays, out)
    parts = {"boot": (firmware, PARTITIONS["boot"][2] * MIB),
             "a": (f"{out}/system.erofs", length), "data": (make_data(out), PARTITIONS["data"][2] * MIB)}
    described = []
    for role, (number, first, size, _) in PARTITIONS.items():
        row = {"role": role, "number": number, "start": first * MIB, "size": size * MIB,
               "type": {"boot": "vfat", "data": "ext4"}.get(role, "erofs")}
        if role in ("a", "b"):
            row["used"] = length if role == "a" else 0
        if role == "a":
            row["rootHash"] = slot["rootHash"]
        if role in parts:
            row["sha256"] = sha256(parts[role][0])
        described.append(row)
    manifest = {
        "format": "firstword-base/1", "version": VERSION, "commit": COMMIT, "epoch": EPOCH, "disk": CARD,
        "size": CARD_SIZE, "debian": "13", "kernel": version, "login": LOGIN, "network": NETWORK,
        "boards": ["raspberry-pi-3", "raspberry-pi-4", "raspberry-pi-zero-2"], "partitions": described, "slot": slot,
        "config": {"offset": settings, "length": len(SETTINGS)},
        "programs": {"firstword": VERSION, "firstwordd": VERSION},
        "accounts": {"firstword": {"uid": users["firstword"], "gid": groups["firstword"]}}}
    text = json.dumps(manifest, indent=1).encode()
    if len(text) > MANIFEST_SIZE:
        raise SystemExit("image: the manifest is too long")
    with open(f"{out}/base.json", "wb") as file:
        file.write(text)
    make_card(parts, trailer, text, f"{out}/base.img")

    def megabytes(size):
        return f"{size / 1e6:.1f} MB"

    kernel_size = os.path.getsize(f"{out}/boot/vmlinuz")
    programs = share(tree, lambda name: name.startswith(("usr/bin/firstword", "usr/share/firstword/", "usr/lib/firstword/")))
    drivers = share(tree, lambda name: name.startswith("usr/lib/modules/"))
    say(f"system {VERSION}: {megabytes(length)}, of which about {megabytes(programs)} is Firstword and {megabytes(drivers)} "
        f"are {len(found)} modules")
    say(f"kernel {version} {megabytes(kernel_size)}, initramfs {megabytes(len(initial))}, "
        f"with {len(modules.closure(start))} modules")
    say(f"root hash {slot['rootHash']}")


main()
