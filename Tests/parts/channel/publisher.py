"""python-tuf, the reference implementation of TUF, reads what `firstword channel` writes: PROGRAMS.

PYTHONPATH names the directory that Tests/parts/channel/python prints. Exit status: 0 passed; 1 failed.
"""

import datetime, hashlib, inspect, json, os, subprocess, sys, tempfile, time

from tuf.api.exceptions import DownloadHTTPError, RepositoryError
from tuf.ngclient import Updater
from tuf.ngclient.fetcher import FetcherInterface


class Files(FetcherInterface):
    """Reads addresses as paths."""

    def _fetch(self, url):
        try:
            with open(url.removeprefix("file://"), "rb") as file:
                return iter([file.read()])
        except FileNotFoundError:
            raise DownloadHTTPError("missing", 404)


class Bench:
    def __init__(self, programs, top):
        self.program, self.top, self.readers = f"{programs}/firstword", top, 0

    def path(self, name):
        return f"{self.top}/{name}"

    def firstword(self, *words, status=0):
        done = subprocess.run([self.program, *words], cwd=self.top, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        must(done.returncode == status, f"firstword {' '.join(words)}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def channel(self, command, *words, status=0):
        return self.firstword("channel", command, "web", *words, status=status)

    def kit(self, version):
        """Builds a DRAFT of one message with synthetic speech."""
        if not os.path.exists(self.path("project")):
            self.firstword("keygen", "publisher", "--no-password")
            self.firstword("new", "project", "--languages", "ro", "--prompts", "safe-here")
            self.firstword("synthesize", "--project", "project")
        yaml = self.path("project/kit.yaml")
        lines = [f"version: {version!r}\n" if line.startswith("version:") else line for line in open(yaml)]
        open(yaml, "w").writelines(lines)
        self.firstword("build", "--project", "project", "-o", f"{version}.kit", "--key", "publisher.key")
        return f"{version}.kit"

    def reader(self, root=1):
        """Makes a reader that begins with a root."""
        self.readers += 1
        place = self.path(f"reader-{self.readers}")
        os.makedirs(f"{place}/targets")
        with open(self.path(f"web/metadata/{root}.root.json"), "rb") as file:
            content = file.read()
        # Versions before 6 take the root from the directory.
        os.makedirs(f"{place}/metadata")
        open(f"{place}/metadata/root.json", "wb").write(content)
        return place

    def updater(self, place):
        more = {"bootstrap": None} if "bootstrap" in inspect.signature(Updater.__init__).parameters else {}
        updater = Updater(
            f"{place}/metadata", f"file://{self.path('web/metadata')}/", f"{place}/targets",
            f"file://{self.path('web/targets')}/", fetcher=Files(), **more,
        )
        updater.refresh()
        return updater

    def download(self, place, target):
        """Downloads a target as a device would, and returns its content and what its publisher says of it."""
        updater = self.updater(place)
        info = updater.get_targetinfo(target)
        must(info is not None, f"{target} is not offered")
        return open(updater.download_target(info, f"{place}/targets/file"), "rb").read(), info.custom

    def roots(self, place):
        return json.load(open(f"{place}/metadata/root.json"))["signed"]["version"]


def must(condition, what):
    if not condition:
        raise AssertionError(what)


def content(bench, name):
    return open(bench.path(name), "rb").read()


def made(bench):
    for name in ("anna", "ben", "chris", "dora", "kits", "online", "job", "chisinau"):
        bench.firstword("keygen", name, "--no-password")
    bench.channel(
        "new", "--root", "anna.pub", "--root", "ben.pub", "--root", "chris.pub", "--threshold", "2",
        "--targets", "kits.pub", "--online", "online.pub",
    )
    bench.channel("sign", "--key", "anna.key", "--key", "kits.key")
    must(not os.path.exists(bench.path("web/metadata/timestamp.json")), "published with one root key")
    said = bench.channel("sign", "--key", "ben.key", "--key", "online.key")
    must("published: targets 1, snapshot 1, timestamp 1, root 1" in said, said)
    must(bench.updater(bench.reader()).get_targetinfo("sample.kit") is None, "something is offered")


def added(bench):
    kit = bench.kit("1.0")
    bench.channel("add", kit, "--trust", "publisher.pub", "--allow-draft", "--percent", "25")
    bench.channel("sign", "--key", "kits.key", "--key", "online.key")
    got, custom = bench.download(bench.reader(), "project-1.0.kit")
    must(got == content(bench, kit), "another kit")
    must(custom["kit"] == "project" and custom["rollout"] == {"percent": 25, "paused": False}, custom)


def recalled(bench):
    bench.firstword("recall", "add", "recalls.json", "--kit", "1.0.kit", "--reason", "two clips were swapped")
    bench.firstword("recall", "sign", "recalls.json", "--key", "publisher.key")
    bench.channel("recall", "recalls.json", "--trust", "publisher.pub")
    bench.channel("remove", "project-1.0.kit")
    place = bench.reader()
    bench.channel("sign", "--key", "kits.key", "--key", "online.key")
    for name in ("recalls.json", "recalls.json.minisig"):
        got, _ = bench.download(place, name)
        must(got == content(bench, name), name)
    must(bench.updater(place).get_targetinfo("project-1.0.kit") is None, "the recalled kit is still offered")


def delegated(bench):
    bench.channel("delegate", "moldova", "--key", "chisinau.pub")
    bench.channel("add", bench.kit("2.0"), "--role", "moldova", "--allow-draft")
    bench.channel("sign", "--key", "kits.key", "--key", "online.key")
    place = bench.reader()
    must(bench.updater(place).get_targetinfo("moldova/project-2.0.kit") is None, "published without its key")
    bench.channel("sign", "--key", "chisinau.key", "--key", "online.key")
    got, custom = bench.download(place, "moldova/project-2.0.kit")
    must(got == content(bench, "2.0.kit") and custom["version"] == "2.0", custom)


def rotated(bench):
    old = bench.reader()
    bench.updater(old)
    bench.channel("rotate", "--role", "root", "--add", "dora.pub", "--remove", "ben")
    bench.channel("sign", "--key", "anna.key", "--key", "chris.key", "--key", "online.key")
    for role in ("snapshot", "timestamp"):
        bench.channel("rotate", "--role", role, "--add", "job.pub", "--remove", "online")
    bench.channel("sign", "--key", "anna.key", "--key", "dora.key", "--key", "online.key", "--key", "job.key")
    bench.updater(old)
    must(bench.roots(old) == 3, f"root {bench.roots(old)}")
    bench.download(bench.reader(), "moldova/project-2.0.kit")
    bench.channel("sign", "--online", "--key", "job.key")
    # A job with a key that is no longer the channel's must not look as if all were well.
    said = bench.channel("sign", "--online", "--key", "online.key", status=1)
    must("online.key: signs neither snapshot nor timestamp" in said, said)


def refused(bench):
    """A reader that has seen the newest state refuses an older one, so the test above tests something."""
    place = bench.reader()
    bench.updater(place)
    new = content(bench, "web/metadata/timestamp.json")
    bench.channel("add", bench.kit("3.0"), "--allow-draft")
    bench.channel("sign", "--key", "kits.key", "--key", "job.key")
    bench.updater(place)
    now = content(bench, "web/metadata/timestamp.json")
    open(bench.path("web/metadata/timestamp.json"), "wb").write(new)
    try:
        bench.updater(place)
    except RepositoryError:
        open(bench.path("web/metadata/timestamp.json"), "wb").write(now)
        return
    raise AssertionError("an old timestamp was accepted")


TESTS = [
    ("python-tuf reads a new channel, and nothing before its threshold", made),
    ("python-tuf downloads a kit, byte for byte", added),
    ("python-tuf reads a recall list, and no longer the kit that was removed", recalled),
    ("python-tuf reads a country's role", delegated),
    ("python-tuf follows the chain of roots, and the job's new key", rotated),
    ("python-tuf refuses an old timestamp", refused),
]


def main():
    programs, failed = os.path.abspath(sys.argv[1]), 0
    with tempfile.TemporaryDirectory(prefix="firstword-publisher-") as top:
        bench = Bench(programs, top)
        for does, test in TESTS:
            start = time.monotonic()
            try:
                test(bench)
                print(f"ok   {does} ({time.monotonic() - start:.1f} s)", flush=True)
            except Exception as error:
                print(f"FAIL {does}: {type(error).__name__}: {error}", flush=True)
                failed += 1
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
