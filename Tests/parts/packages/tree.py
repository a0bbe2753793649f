"""A tree with a Debian of its own: programs run in it by chroot, and its systemd can be started in namespaces."""

import json
import os
import shutil
import signal
import subprocess
import time

# What a program in the tree sees of this machine's environment: nothing.
ENVIRONMENT = ["/usr/bin/env", "-i", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb", "DEBIAN_FRONTEND=noninteractive",
               "SWIFT_BACKTRACE=enable=no", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

CHROOT = """
set -e
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mkdir -p "$1/packages"
mount --bind "$2" "$1/packages"
root=$1
shift 2
exec chroot "$root" "$@"
"""

# A control group, and then namespaces of its own: no network, and no way to change this machine's settings.
BOOT = """
set -e
groups=$(mktemp -d)
mount -t cgroup2 cgroup2 "$groups"
mkdir -p "$groups/$3"
echo $$ >"$groups/$3/cgroup.procs"
umount "$groups"
rmdir "$groups"
exec unshare --mount --pid --cgroup --uts --ipc --net --fork --kill-child --propagation private bash -c '
  set -e
  cd "$1"
  mount --bind . .
  cd "$1"
  mkdir -p packages
  mount --bind "$2" packages
  mount -t proc proc proc
  mount --bind proc/sys proc/sys
  mount -o remount,bind,ro proc/sys
  mount -t sysfs -o ro sysfs sys
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount -t tmpfs -o mode=755 tmpfs dev
  for node in null zero full random urandom tty; do touch dev/$node; mount --bind /dev/$node dev/$node; done
  mkdir dev/pts dev/shm
  mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
  ln -s pts/ptmx dev/ptmx
  mount -t tmpfs tmpfs dev/shm
  mount -t tmpfs -o mode=755 tmpfs run
  mount -t tmpfs -o mode=1777 tmpfs tmp
  mkdir -p .old
  pivot_root . .old
  umount -l /.old
  rmdir /.old
  exec env -i container=firstword PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv --bounding-set -sys_module,-sys_time \
    /lib/systemd/systemd --show-status=false
' - "$1" "$2"
"""


class Failed(Exception):
    """A command that had to succeed did not."""


class Tree:
    """A directory with a Debian, and the packages that it sees in /packages."""

    def __init__(self, path, packages):
        self.path, self.packages = path, packages
        self.boots, self.init = None, None

    def copy_from(self, base):
        """Makes the tree anew from a Debian in which nothing was done."""
        subprocess.run(["rm", "-rf", "--one-file-system", self.path], check=True)
        subprocess.run(["cp", "-a", "--reflink=auto", base, self.path], check=True)

    def place(self, path):
        return os.path.join(self.path, path.lstrip("/"))

    def read(self, path):
        with open(self.place(path), encoding="utf-8") as file:
            return file.read()

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.place(path)), exist_ok=True)
        with open(self.place(path), "w", encoding="utf-8") as file:
            file.write(text)

    def exists(self, path):
        return os.path.lexists(self.place(path))

    def start(self, command):
        """Starts a shell command: in the running system if it was booted, else by chroot."""
        if self.init:
            # A shell opens the files: the tree is the root of the namespace.
            words = ["nsenter", "--target", str(self.init), "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup"]
        else:
            words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
                     "bash", "-c", CHROOT, "-", self.path, self.packages]
        return subprocess.Popen(words + ENVIRONMENT + ["bash", "-c", command], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    def attempt(self, command, seconds=600):
        """Runs a shell command: its exit status and its output."""
        process = self.start(command)
        try:
            text, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            text, _ = process.communicate()
            return 124, text
        return process.returncode, text

    def run(self, command, seconds=600):
        """Runs a shell command that must succeed: its output."""
        status, text = self.attempt(command, seconds)
        if status:
            raise Failed(f"{command}: exit status {status}\n{text[-3000:]}")
        return text

    def boot(self):
        """Starts systemd as the first process of the tree, and waits until its services are started."""
        name = f"firstword-packages-{os.getpid()}"
        self.boots = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "bash", "-c", BOOT, "-", self.path, self.packages, name],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if self.boots.poll() is not None:
                raise Failed(f"systemd does not start in {self.path}: {self.boots.stdout.read()[-2000:]}")
            if not self.init:
                with open(f"/proc/{self.boots.pid}/task/{self.boots.pid}/children", encoding="utf-8") as file:
                    for child in file.read().split():
                        with open(f"/proc/{child}/comm", encoding="utf-8") as comm:
                            self.init = int(child) if comm.read().strip() == "systemd" else None
            elif self.attempt("systemctl is-active --quiet multi-user.target", 30)[0] == 0:
                return
            time.sleep(0.2)
        raise Failed(f"systemd in {self.path} does not reach multi-user.target within 120 s")

    def halt(self):
        """Ends the running system."""
        if self.init:
            os.kill(self.init, signal.SIGKILL)
        if self.boots:
            self.boots.wait()
            for root in ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"]:
                top = f"{root}/firstword-packages-{os.getpid()}"
                for directory, _, _ in os.walk(top, topdown=False):
                    try:
                        os.rmdir(directory)
                    except OSError:
                        pass
        self.boots, self.init = None, None

    def ends(self, seconds):
        """Waits until the system has switched itself off; returns whether it has."""
        try:
            self.boots.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self.init = None
        self.halt()
        return True

    def remove(self):
        self.halt()
        shutil.rmtree(self.path, ignore_errors=True)

    def status(self):
        """What the daemon says about itself; None if it does not run."""
        code, text = self.attempt("firstword ctl status --json", 30)
        return json.loads(text)["status"] if code == 0 else None
