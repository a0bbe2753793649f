"""A tree of files in memory, made from Debian packages without running their scripts; and what those scripts would do
for a system that nobody changes: accounts, and units that start."""
import fnmatch
import io
import posixpath
import re
import shlex
import struct
import subprocess
import tarfile
from typing import NamedTuple, Union

# Debian's directories that are links into usr.
MERGED = ("bin", "sbin", "lib")


class Entry(NamedTuple):
    kind: str  # f: file, d: directory, l: symbolic link
    mode: int
    data: Union[bytes, str, None]
    uid: int = 0
    gid: int = 0


def place(name):
    """Returns the path that a package's file has in a merged system, without a slash before it."""
    name = posixpath.normpath(name).lstrip("/")
    first, _, rest = name.partition("/")
    return f"usr/{name}" if first in MERGED and rest else name


class Tree:
    def __init__(self):
        self.entries = {}
        for directory in MERGED:
            self.put_link(directory, f"usr/{directory}")

    # Contents.

    def put(self, name, data, mode=0o644):
        """Adds a file, with its directories."""
        self._parents(name)
        self.entries[name] = Entry("f", mode, data.encode() if isinstance(data, str) else data)

    def put_link(self, name, target):
        self._parents(name)
        self.entries[name] = Entry("l", 0o777, target)

    def put_directory(self, name, mode=0o755):
        self._parents(name)
        self.entries[name] = Entry("d", mode, None)

    def _parents(self, name):
        directory = posixpath.dirname(name)
        if directory and directory not in self.entries:
            self.put_directory(directory)

    def drop(self, *patterns):
        """Removes everything that a pattern of paths matches, and what lies below it."""
        gone = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))
        for name in [name for name in self.entries if gone.match(name)]:
            for below in [other for other in self.entries if other == name or other.startswith(name + "/")]:
                del self.entries[below]

    def text(self, name):
        return self.entries[name].data.decode()

    def read(self, name):
        """Returns the bytes of a file, following links; None if there is none."""
        for _ in range(20):
            entry = self.entries.get(place(name))
            if entry is None or entry.kind == "d":
                return None
            if entry.kind == "f":
                return entry.data
            name = entry.data.lstrip("/") if entry.data.startswith("/") else posixpath.join(posixpath.dirname(place(name)), entry.data)
        return None

    def add_package(self, path):
        """Adds the files of a Debian package."""
        tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], check=True, stdout=subprocess.PIPE).stdout
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            for member in archive:
                name = place(member.name)
                if name in ("", ".") or name in MERGED:
                    continue
                if member.isdir():
                    kind, data = "d", None
                elif member.issym():
                    kind, data = "l", member.linkname
                elif member.isreg():
                    kind, data = "f", archive.extractfile(member).read()
                elif member.islnk():
                    kind, data = "f", self.entries[place(member.linkname)].data
                else:
                    raise ValueError(f"{path}: {member.name} is a device or a pipe")
                if kind == "d" and name in self.entries:
                    continue
                self.entries[name] = Entry(kind, member.mode & 0o7777, data, member.uid, member.gid)

    def write(self, path, epoch):
        """Writes the tree as a tar file: the same bytes for the same content."""
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
            for name in sorted(self.entries):
                entry = self.entries[name]
                member = tarfile.TarInfo(name)
                member.mode, member.uid, member.gid, member.mtime = entry.mode, entry.uid, entry.gid, epoch
                if entry.kind == "d":
                    member.type = tarfile.DIRTYPE
                    archive.addfile(member)
                elif entry.kind == "l":
                    member.type, member.linkname = tarfile.SYMTYPE, entry.data
                    archive.addfile(member)
                else:
                    member.size = len(entry.data)
                    archive.addfile(member, io.BytesIO(entry.data))

    # Accounts, as systemd-sysusers(8) makes them.

    def make_accounts(self, fixed):
        """Writes passwd, group, shadow and gshadow: Debian's own accounts, and those of sysusers.d. `fixed` has the
        numbers of some, because files on another partition belong to them."""
        users, groups = {}, {}
        for line in self.text("usr/share/base-passwd/passwd.master").splitlines():
            name, _, uid, gid, gecos, home, _ = line.split(":")
            users[name] = [int(uid), int(gid), gecos, home]
        for line in self.text("usr/share/base-passwd/group.master").splitlines():
            name, _, gid, _ = line.split(":")
            groups[name] = (int(gid), [])

        def free(name):
            used = {gid for gid, _ in groups.values()} | {user[0] for user in users.values()} | set(fixed.values())
            return fixed[name] if name in fixed else next(number for number in range(999, 100, -1) if number not in used)

        def group(name, wanted="-"):
            if name not in groups:
                groups[name] = (int(wanted) if wanted.isdigit() else free(name), [])
            return groups[name][0]

        members = []
        for path in sorted(name for name in self.entries if fnmatch.fnmatch(name, "usr/lib/sysusers.d/*.conf")):
            for line in self.text(path).splitlines():
                words = shlex.split(line, comments=True)
                kind = words[0].rstrip("!") if words else ""
                words += ["-"] * (6 - len(words))
                if kind == "g":
                    group(words[1], words[2])
                elif kind == "u" and words[1] not in users:
                    uid, _, of = words[2].partition(":")
                    gid = int(of) if of.isdigit() else group(of or words[1], uid)
                    home = "/" if words[4] == "-" else words[4]
                    users[words[1]] = [int(uid) if uid.isdigit() else gid, gid, "" if words[3] == "-" else words[3], home]
                elif kind == "m":
                    members.append((words[1], words[2]))
        for user, name in members:
            group(name)
            if user not in groups[name][1]:
                groups[name][1].append(user)

        def login(name):
            return "/bin/sh" if name == "root" else "/usr/sbin/nologin"

        self.put("etc/passwd", "".join(
            f"{name}:x:{uid}:{gid}:{gecos}:{home}:{login(name)}\n" for name, (uid, gid, gecos, home) in users.items()))
        self.put("etc/group", "".join(f"{name}:x:{gid}:{','.join(who)}\n" for name, (gid, who) in groups.items()))
        # Nobody has a password.
        self.put("etc/shadow", "".join(f"{name}:!*:1::::::\n" for name in users), 0o640)
        self.put("etc/gshadow", "".join(f"{name}:!*::{','.join(who)}\n" for name, (_, who) in groups.items()), 0o640)
        return {name: users[name][0] for name in users}, {name: groups[name][0] for name in groups}

    # Units.

    def enable(self, name):
        """Makes the links of a unit's [Install] section, as `systemctl enable` does."""
        for word, directory in re.findall(r"^(WantedBy|RequiredBy)=(.*)$", self.text(f"usr/lib/systemd/system/{name}"), re.M):
            for target in directory.split():
                suffix = "wants" if word == "WantedBy" else "requires"
                self.put_link(f"etc/systemd/system/{target}.{suffix}/{name}", f"/usr/lib/systemd/system/{name}")

    def mask(self, *names):
        for name in names:
            self.put_link(f"etc/systemd/system/{name}", "/dev/null")

    # Programs and libraries.

    def library(self, name):
        """Returns the path of a shared library, where the loader finds it without a cache."""
        for directory in ("usr/lib/aarch64-linux-gnu", "usr/lib", "usr/lib/aarch64-linux-gnu/systemd"):
            if f"{directory}/{name}" in self.entries:
                return f"{directory}/{name}"
        return None

    def missing_libraries(self):
        """Returns the libraries that programs and libraries of the tree need and the tree does not have."""
        missing = {}
        for name, entry in self.entries.items():
            for wanted in needed(entry.data) if entry.kind == "f" else ():
                if self.library(wanted) is None:
                    missing.setdefault(wanted, name)
        return missing

    def closure(self, *names):
        """Returns the paths of files and of all libraries that they need."""
        found, left = {}, list(names)
        while left:
            name = left.pop()
            if name in found:
                continue
            data = self.read(name)
            if data is None:
                raise KeyError(name)
            found[name] = data
            for wanted in needed(data):
                library = self.library(wanted)
                if library is None:
                    raise KeyError(f"{wanted}, which {name} needs")
                left.append(library)
        return found


def needed(data):
    """Returns the names of the shared libraries that an ELF file of 64 bits needs. elf(5)"""
    if data[:5] != b"\x7fELF\x02":
        return []
    offset, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQ", data, offset + i * size) for i in range(count)]

    def at(address):
        return next(start + address - begin for kind, _, start, begin, _, length in segments
                    if kind == 1 and begin <= address < begin + length)

    for kind, _, start, _, _, length in segments:
        if kind != 2:
            continue
        tags = [struct.unpack_from("<QQ", data, start + i) for i in range(0, length, 16)]
        strings = next((at(value) for tag, value in tags if tag == 5), None)
        return [data[strings + value:data.index(b"\0", strings + value)].decode() for tag, value in tags if tag == 1]
    return []
