"""A channel that `firstword channel` publishes, for the tests of devices."""

import os, tempfile
from kits import firstword, released


class Published:
    """A channel below nginx, with one key for each of its people. `publish` signs with all of them."""

    KEYS = ("anna", "kits", "online")

    def __init__(self, bench):
        bench.count += 1
        self.bench, self.number = bench, bench.count
        self.top, self.url = f"{bench.top}/www/{bench.count}", f"{bench.nginx.url}/{bench.count}"
        self.desk = tempfile.mkdtemp(dir=bench.top)
        self.keys = f"{bench.top}/keys"
        if not os.path.isdir(self.keys):
            os.mkdir(self.keys)
            for name in self.KEYS:
                self.firstword("keygen", f"{self.keys}/{name}", "--no-password")
        root, kits, online = (f"{self.keys}/{name}.pub" for name in self.KEYS)
        self.channel("new", "--root", root, "--threshold", "1", "--targets", kits, "--online", online)
        self.publish()

    def firstword(self, *words):
        """Runs a command at the publisher's desk, an empty directory."""
        return firstword(self.bench, *words, top=self.desk)

    def channel(self, command, *words):
        return self.firstword("channel", command, self.top, *words)

    def publish(self):
        self.channel("sign", *[word for name in self.KEYS for word in ("--key", f"{self.keys}/{name}.key")])

    def recall(self, key, *words):
        """Adds to the recall list, signs it with a publisher's key, and offers it."""
        self.firstword("recall", "add", "recalls.json", "--reason", "withdrawn", *words)
        self.firstword("recall", "sign", "recalls.json", "--key", f"{key}.key")
        self.channel("recall", "recalls.json", "--trust", f"{key}.pub")

    def requests(self):
        """The requests for files, as nginx has logged them: status, bytes, path."""
        return [line for line in self.bench.nginx.log() if line[2].startswith(f"/{self.number}/targets/")]


def offered(bench):
    """The kits of this run of the tests, and a channel that offers the first of them."""
    kits, channel = released(bench), Published(bench)
    channel.channel("add", kits.paths["1.0"], "--trust", kits.key)
    channel.publish()
    return kits, channel
