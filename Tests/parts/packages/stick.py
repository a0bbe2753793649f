"""A USB stick's file system on a loop device, for a booted tree."""

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


class Stick:
    """An ext4 stick with files and directories of the tree; a loop device until the end of `with`. None in place of a file
    is an empty directory that everybody may write to."""

    def __init__(self, tree, files):
        self.work = tempfile.mkdtemp()
        self.device = None
        try:
            for name, source in files.items():
                path = f"{self.work}/files/{name}"
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if source is None:
                    os.mkdir(path)
                    os.chmod(path, 0o1777)
                elif os.path.isdir(tree.place(source)):
                    shutil.copytree(tree.place(source), path)
                else:
                    shutil.copyfile(tree.place(source), path)
            self.image = f"{self.work}/image"
            with open(self.image, "wb") as file:
                file.truncate(32 << 20)
            output("mkfs.ext4", "-q", "-d", f"{self.work}/files", self.image)
            self.device = output("losetup", "--find", "--show", self.image).strip()
            node = os.stat(self.device)
            assert stat.S_ISBLK(node.st_mode)
            tree.run(f"rm -f {self.device} && mknod -m 660 {self.device} b {os.major(node.st_rdev)} {os.minor(node.st_rdev)}")
            self.first = self.hash()
        except BaseException:
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        if self.device:
            subprocess.run(["losetup", "--detach", self.device], check=False)
        shutil.rmtree(self.work, ignore_errors=True)

    def hash(self):
        with open(self.image, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def unchanged(self):
        """Whether no byte of the stick has changed."""
        return self.hash() == self.first

    def names(self):
        """The names in its root."""
        os.sync()
        return [line.split("/")[5] for line in output("debugfs", "-R", "ls -p /", self.image).splitlines() if line.count("/") > 5]

    def take_home(self, name, directory):
        """Copies a directory of the stick into a directory of this machine, as another computer reads it."""
        os.sync()
        os.makedirs(directory, exist_ok=True)
        output("debugfs", "-R", f"rdump /{name} {directory}", self.image)
