"""Makes hostile sticks: directories, and images of FAT and ext4 file systems.

Tests/hostile has `firstword stick` visit them; Tests/parts/lab/sticks.py plugs them into an emulated device. Each has the
kit `shelter.kit`, unless its description says otherwise. The same call makes the same FAT image.
"""
import os, random, re, shutil, socket, stat, struct, subprocess

ESCAPE = "\x1b]0;owned\x07\x1b[2K\r\u202e"
FILES = 100_000


def strange(top, kit):
    """Everything that a file system may have beside a kit. Device files only where this account may make them."""
    os.makedirs(top + "/firstword/firstword/firstword")
    shutil.copy(kit, top + "/shelter.kit")
    for name, target in {"link": "/etc/shadow", "loop": "loop.kit", "up": "../../../../etc/passwd", "gone": "nowhere"}.items():
        os.symlink(target, f"{top}/{name}.kit")
    os.symlink("/", top + "/FIRSTWORD")
    os.symlink("/etc", top + "/FirstWord")
    os.mkfifo(top + "/pipe.kit")
    os.mkfifo(top + "/pipe.json")
    here = os.getcwd()
    os.chdir(top)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.kit")
    os.chdir(here)
    if os.geteuid() == 0:
        os.mknod(top + "/memory.kit", stat.S_IFCHR | 0o666, os.makedev(1, 1))
        os.mknod(top + "/zero.kit", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        os.mknod(top + "/card.system", stat.S_IFBLK | 0o666, os.makedev(179, 0))
    os.makedirs(top + "/directory.kit")
    for name in (ESCAPE + "a.kit", "b\nc.kit", "-rf.kit", "$(reboot).pub", "%s%n.json", "\u202etik.exe.kit", "a" * 251 + ".kit"):
        with open(f"{top}/{name}", "wb") as file:
            file.write(b"PK\x05\x06" + ESCAPE.encode())
    for name in (b"\xff.kit", b"\xc3\x28.json", b"\xed\xa0\x80.pub"):
        with open(os.fsencode(top) + b"/" + name, "wb") as file:
            file.write(b"x")
    for name, size in {"four.kit": 4 << 30, "four.system": 5 << 30, "four.json": 4 << 30}.items():
        with open(f"{top}/{name}", "wb") as file:
            file.write(b"PK\x03\x04")
            file.truncate(size)
    with open(top + "/four.json.minisig", "wb") as file:
        file.truncate(4 << 30)


def many(top, kit, count=FILES):
    """So many photographs in the directories that are examined, and 100 files that are called kits."""
    for place in ("", "firstword", "Firstword", "FIRSTWORD"):
        os.makedirs(f"{top}/{place}", exist_ok=True)
        for number in range(count // 4):
            os.close(os.open(f"{top}/{place}/IMG_{number}.JPG", os.O_CREAT | os.O_WRONLY))
    for number in range(100):
        with open(f"{top}/{'k' * 150}{number}.kit", "wb") as file:
            file.write(b"PK")
    shutil.copy(kit, top + "/shelter.kit")


def ext4(image, directory, megabytes, *options):
    """Writes a directory to an image of an ext4 file system."""
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    source = ["-d", directory] if directory else []
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", *options, *source, image], check=True)


def loops(image):
    """Makes directories of an ext4 image lead to their own parents."""
    commands = ["mkdir firstword", "link <2> firstword/firstword", "link <2> Firstword", "link <2> FIRSTWORD"]
    for command in commands:
        subprocess.run(["debugfs", "-w", "-R", command, image], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)


def damaged(image, copy, seed, flips=400):
    """Copies an image, and changes bytes of its first megabyte, but not of the superblock."""
    shutil.copyfile(image, copy)
    chance = random.Random(seed)
    with open(copy, "r+b") as file:
        for _ in range(flips):
            place = chance.randrange(4096, 1 << 20)
            file.seek(place)
            file.write(bytes([chance.randrange(256)]))


def rootless(image, copy):
    """Copies an ext4 image, and overwrites the entries of its root directory."""
    shutil.copyfile(image, copy)
    shown = subprocess.run(["debugfs", "-R", "stat <2>", image], check=True, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True).stdout
    block = int(re.search(r"\(0\):(\d+)", shown)[1])
    size = subprocess.run(["dumpe2fs", "-h", image], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout
    size = int(re.search(r"Block size: +(\d+)", size)[1])
    with open(copy, "r+b") as file:
        file.seek(block * size + 24)
        file.write(b"\xff" * (size - 24))


class Fat:
    """An image of FAT32 with clusters of one sector. Microsoft's FAT specification (fatgen103)."""
    SECTOR, RESERVED, ROOT, END = 512, 32, 2, 0x0FFFFFFF

    def __init__(self, clusters=70_000):
        self.table = [0x0FFFFFF8, self.END] + [0] * clusters
        self.content, self.next = {}, self.ROOT

    def put(self, content):
        """Stores bytes in a chain of new clusters, and returns the first."""
        first = self.next
        count = max(1, -(-len(content) // self.SECTOR))
        for number in range(count):
            self.content[self.next] = content[number * self.SECTOR:(number + 1) * self.SECTOR]
            self.table[self.next] = self.next + 1 if number + 1 < count else self.END
            self.next += 1
        return first

    @staticmethod
    def entry(short, cluster, size, attributes=0x20):
        return struct.pack("<11sBBBHHHHHHHI", short, attributes, 0, 0, 0, 0, 0, cluster >> 16, 0, 0, cluster & 0xFFFF, size)

    @classmethod
    def long(cls, name, short, cluster, size, attributes=0x20):
        """Returns an entry with a long name: a text, or bytes of UTF-16."""
        sum_ = 0
        for byte in short:
            sum_ = ((sum_ >> 1) | (sum_ & 1) << 7) + byte & 0xFF
        units = name if isinstance(name, bytes) else name.encode("utf-16-le")
        if len(units) % 26:
            units += b"\0\0"
        units += b"\xff" * (-len(units) % 26)
        parts = [units[place:place + 26] for place in range(0, len(units), 26)]
        entries = b""
        for number in range(len(parts), 0, -1):
            part = parts[number - 1]
            order = number | (0x40 if number == len(parts) else 0)
            entries += struct.pack("<B10sBBB12sH4s", order, part[:10], 0x0F, 0, sum_, part[10:22], 0, part[22:])
        return entries + cls.entry(short, cluster, size, attributes)

    def write(self, path, **boot):
        """Writes the image. `boot`: other values than the right ones, by their names."""
        sectors = -(-len(self.table) * 4 // self.SECTOR)
        field = dict(bytes=self.SECTOR, cluster=1, reserved=self.RESERVED, fats=1, sectors=sectors, root=self.ROOT)
        field.update(boot)
        all_ = self.RESERVED + sectors + len(self.table) - 2
        first = struct.pack("<3s8sHBHBHHBHHHIIIHHIHH12sBBBI11s8s", b"\xeb\x58\x90", b"MSDOS5.0", field["bytes"],
                            field["cluster"], field["reserved"], field["fats"], 0, 0, 0xF8, 0, 63, 255, 0, all_,
                            field["sectors"], 0, 0, field["root"], 1, 6, b"", 0x80, 0, 0x29, 0x46573031, b"FIRSTWORD  ",
                            b"FAT32   ")
        first = first.ljust(510, b"\0") + b"\x55\xaa"
        with open(path, "wb") as file:
            file.write(first)
            file.seek(6 * self.SECTOR)
            file.write(first)
            file.seek(self.SECTOR)
            file.write(b"RRaA".ljust(484, b"\0") + b"rrAa" + b"\xff" * 8 + b"\0" * 14 + b"\x55\xaa")
            file.seek(self.RESERVED * self.SECTOR)
            file.write(struct.pack(f"<{len(self.table)}I", *self.table))
            for cluster, content in self.content.items():
                file.seek((self.RESERVED + sectors + cluster - 2) * self.SECTOR)
                file.write(content)
            file.truncate(all_ * self.SECTOR)


def fats(top, kit):
    """Writes the FAT images, and returns their names."""
    with open(kit, "rb") as file:
        shelter = file.read()
    names = []

    def make(name, entries, change=None, **boot):
        """`entries`: gets the image and returns the root's. `change`: changes the finished table."""
        image = Fat()
        image.next = 3
        root = entries(image)
        at = image.put(root)
        # The root begins at cluster 2.
        image.content[2] = root[:512]
        image.table[2] = at + 1 if len(root) > 512 else Fat.END
        if change:
            change(image)
        image.write(f"{top}/{name}.img", **boot)
        names.append(name)

    def own(image):
        return Fat.long("shelter.kit", b"SHELTER KIT", image.put(shelter), len(shelter))

    make("fat-plain", own)

    def cycles(image):
        directory = image.put(b"".join(Fat.entry(b"PHOTO%03dJPG" % number, 0, 0) for number in range(16)))
        image.table[directory] = directory
        file = image.put(b"PK\x03\x04" * 128)
        image.table[file] = file
        pair = image.put(bytes(1024))
        image.table[pair + 1] = pair
        return (own(image) + Fat.long("firstword", b"FIRSTW~1   ", directory, 0, 0x10)
                + Fat.long("Firstword", b"FIRSTW~2   ", Fat.ROOT, 0, 0x10)
                + Fat.long("FIRSTWORD", b"FIRSTW~3   ", pair, 0, 0x10)
                + Fat.long("loop.kit", b"LOOP    KIT", file, 0xFFFFFFFF) + Fat.long("two.system", b"TWO     SYS", pair, 1 << 30)
                + Fat.long("short.kit", b"SHORT   KIT", image.put(b"PK"), 0xFFFFFFFF)
                + Fat.long("zero.kit", b"ZERO    KIT", 0, 4096) + Fat.long("out.kit", b"OUT     KIT", 0x0FFFFFF0, 4096)
                + Fat.long("bad.json", b"BAD     JSO", 0x0FFFFFF7, 64) + Fat.long("bad.json.minisig", b"BAD     MIN", 1, 64))

    make("fat-loops", cycles)

    def endless(image):
        image.table[2] = 2

    # No kit is found: the root has no end.
    make("fat-endless-root", own, endless)

    def crowd(image):
        photos = b"".join(Fat.entry(b"P%07dJPG" % number, 0, 0) for number in range(60_000))
        return photos + own(image)

    make("fat-crowd", crowd)

    def odd(image):
        texts = [ESCAPE + ".kit", "nul\u0001.pub", "x" * 251 + ".kit", "\u202egpj.kit"]
        entries = b"".join(Fat.long(name, b"ODD%05dKIT" % number, image.put(b"PK"), 2) for number, name in enumerate(texts))
        # Surrogates without their partners, and a short name of control characters.
        entries += Fat.long(b"\x00\xd8.\x00k\x00i\x00t\x00", b"HALF    KIT", image.put(b"PK"), 2)
        return entries + Fat.entry(b"\x1b[31m\x07\xff\x05KIT", image.put(b"PK"), 2) + own(image)

    make("fat-names", odd)

    # The kernel ends the reading of a directory at a name that is a path.
    def paths(image):
        texts = ["../../etc/passwd.kit", "a/b.kit"]
        return own(image) + b"".join(
            Fat.long(name, b"PATH%04dKIT" % number, image.put(b"PK"), 2) for number, name in enumerate(texts))

    make("fat-paths", paths)
    for name, boot in {"cluster-0": {"cluster": 0}, "sector-3": {"bytes": 3}, "no-table": {"sectors": 0, "fats": 0},
                       "root-outside": {"root": 0x0FFFFFF0}, "table-outside": {"sectors": 0x7FFFFFFF}}.items():
        make(f"fat-{name}", own, **boot)
    for seed in range(4):
        def noise(image, seed=seed):
            chance = random.Random(seed)
            for _ in range(300):
                image.table[chance.randrange(2, image.next + 2)] = chance.randrange(1 << 28)
        make(f"fat-noise-{seed}", cycles, noise)
    return names


def ext4s(top, kit):
    """Writes the ext4 images, and returns their names. Needs e2fsprogs."""
    os.makedirs(top + "/strange")
    strange(top + "/strange", kit)
    ext4(top + "/ext4-strange.img", top + "/strange", 64)
    os.makedirs(top + "/plain")
    shutil.copy(kit, top + "/plain/shelter.kit")
    ext4(top + "/ext4-loops.img", top + "/plain", 16)
    loops(top + "/ext4-loops.img")
    ext4(top + "/ext4-panic.img", top + "/plain", 16, "-e", "panic")
    return ["ext4-strange", "ext4-loops", "ext4-panic"]


def crowded(top, kit):
    """Writes an ext4 image with FILES files, and returns its name. Needs root: mke2fs takes minutes to fill it."""
    image, place = top + "/ext4-many.img", top + "/many"
    ext4(image, None, 256, "-N", "120000")
    os.makedirs(place)
    subprocess.run(["mount", "-o", "loop", image, place], check=True)
    try:
        many(place, kit)
    finally:
        subprocess.run(["umount", place], check=True)
    return "ext4-many"
