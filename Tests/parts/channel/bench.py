"""What the tests of Tests/channel share."""

import json, os, subprocess, tempfile
from repository import Repository
from servers import Nginx

TESTS = []


class Failure(Exception):
    pass


def test(does, only_long=False):
    """Adds a test; its name is a sentence about behaviour. With `only_long` it runs with --long alone."""

    def add(function):
        TESTS.append((does, function, only_long))
        return function

    return add


def must(condition, what):
    if not condition:
        raise Failure(what)


class Device:
    """A device that follows a channel by tuf-client."""

    def __init__(self, bench, repository, url, clock=None):
        self.bench, self.url, self.clock = bench, url, clock
        self.top = tempfile.mkdtemp(dir=bench.top)
        self.metadata, self.targets = f"{self.top}/metadata", f"{self.top}/targets"
        root = f"{repository.top}/metadata/1.root.json"
        must(self.run("init", root).returncode == 0, "the first root was refused")

    def command(self, *words, url=None):
        url = url or self.url
        return [
            *(["faketime", self.clock] if self.clock else []), f"{self.bench.programs}/tuf-client", "--metadata-dir",
            self.metadata, "--metadata-url", f"{url}/metadata", "--target-base-url", f"{url}/targets", "--target-dir",
            self.targets, "--stalled", "5", *words,
        ]  # fmt: skip

    def run(self, *words, url=None):
        return subprocess.run(self.command(*words, url=url), capture_output=True, text=True, timeout=60)

    def accepts(self, *words, url=None):
        outcome = self.run(*words, url=url)
        must(outcome.returncode == 0, f"{words} failed: {outcome.stderr.strip()}")

    def refuses(self, why, *words, url=None):
        outcome = self.run(*words, url=url)
        must(outcome.returncode == 1, f"{words} ended with {outcome.returncode}, not 1: {outcome.stderr.strip()}")
        must(why in outcome.stderr, f"{words} was refused for another reason: {outcome.stderr.strip()}")

    def versions(self):
        found = {}
        for name in sorted(os.listdir(self.metadata)):
            if name.endswith(".json"):
                with open(f"{self.metadata}/{name}") as file:
                    found[name[:-5]] = json.load(file)["signed"]["version"]
        return found

    def read(self, name):
        with open(f"{self.targets}/{name}", "rb") as file:
            return file.read()

    def download(self, name, url=None):
        self.accepts("download", "--target-name", name, url=url)


class Bench:
    def __init__(self, programs, top, is_long):
        self.programs, self.top, self.is_long = os.path.abspath(programs), top, is_long
        self.nginx = Nginx(top)
        self.count = 0
        self.released = None

    def channel(self):
        """Returns a new channel, and its URL at nginx."""
        self.count += 1
        repository = Repository(f"{self.top}/www/{self.count}")
        repository.number = self.count
        return repository, f"{self.nginx.url}/{self.count}"

    def quit(self):
        self.nginx.quit()
