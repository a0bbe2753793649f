"""The partitions of a card, and what is on them."""
import hashlib
import json
import os
import subprocess

# Where Hardware/image describes the card.
MANIFEST, MANIFEST_SIZE = 2 << 20, 64 << 10


def describe(card):
    """Returns the description on a card."""
    with open(card, "rb") as file:
        file.seek(MANIFEST)
        return json.loads(file.read(MANIFEST_SIZE).rstrip(b"\0"))


def partition(card, role):
    """Returns the offset and the size of a partition."""
    row = next(row for row in describe(card)["partitions"] if row["role"] == role)
    return row["start"], row["size"]


def digest(card, role):
    """Returns the SHA-256 of a partition."""
    start, left = partition(card, role)
    found = hashlib.sha256()
    with open(card, "rb") as file:
        file.seek(start)
        while left:
            chunk = file.read(min(1 << 20, left))
            found.update(chunk)
            left -= len(chunk)
    return found.hexdigest()


def from_boot(card, name, target):
    """Copies a file of the firmware's partition."""
    subprocess.run(["mcopy", "-o", "-n", "-i", f"{card}@@{partition(card, 'boot')[0]}", f"::{name}", target], check=True)


def extract(card, path, target):
    """Copies a directory of the data partition, after the file system's journal is applied: fsck(8) of a copy."""
    data = target + ".ext4"
    start, size = partition(card, "data")
    subprocess.run(["dd", f"if={card}", f"of={data}", "bs=1M", f"skip={start >> 20}", f"count={size >> 20}", "conv=sparse",
                    "status=none"], check=True)
    status = subprocess.run(["e2fsck", "-p", data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    again = subprocess.run(["e2fsck", "-f", "-n", data], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    subprocess.run(["rm", "-rf", target], check=True)
    os.makedirs(target)
    subprocess.run(["debugfs", "-R", f"rdump {path} {target}", data], check=True, stderr=subprocess.DEVNULL)
    os.unlink(data)
    return status.returncode in (0, 1) and again.returncode == 0, status.stdout + again.stdout
