"""Real kits for the tests of channels, made with the shipped program."""

import hashlib, os, re, subprocess, zipfile
from bench import must

SPEAKERS = """speakers:
  - pseudonym: "Iris"
    language: "ro"
    voice: f1
    consent: 2026-01-01
    licence: "for first-contact kits"
    contact: "voices@example.org"
"""


def firstword(bench, *words, top=None, timeout=600):
    outcome = subprocess.run(
        [f"{bench.programs}/firstword", *words], cwd=top, capture_output=True, text=True, timeout=timeout
    )
    must(outcome.returncode == 0, f"firstword {words}: {outcome.stdout[-300:]} {outcome.stderr[-300:]}")
    return outcome.stdout


class Released:
    """Two versions of a kit that a store takes without a person: approved, and signed. `paths` has their files."""

    def __init__(self, bench):
        self.bench, self.top = bench, f"{bench.top}/released"
        os.makedirs(self.top)
        self.run("new", "shelter", "--languages", "ro", "--prompts", "safe-here,thank-you")
        for name in ("publisher", "ana", "ben"):
            self.run("keygen", name, "--no-password")
        with open(f"{self.top}/shelter/speakers.yaml", "w") as file:
            file.write(SPEAKERS)
        self.key = f"{self.top}/publisher.pub"
        self.record("03-safe-here", "You are quite safe here, and nobody is angry with you")
        self.record("40-thank-you", "Many thanks for all of it")
        self.paths = {"1.0": self.build("1.0")}
        self.record("40-thank-you", "Thank you very much indeed")
        self.paths["1.1"] = self.build("1.1")

    def run(self, *words):
        return firstword(self.bench, *words, top=self.top)

    def record(self, name, text):
        """A stand-in for a person: speech without the mark of a machine."""
        place = f"{self.top}/shelter/recordings/ro/f1"
        os.makedirs(place, exist_ok=True)
        subprocess.run(["espeak-ng", "-v", "en", "-w", f"{place}/{name}.wav", text], check=True)

    def build(self, version, key="publisher", path=None):
        """Builds a version that a key signs, and returns its file."""
        path = path or f"{self.top}/{version}.kit"
        for name, key_of_person in (("Ana P.", "ana.key"), ("Ben", "ben.key")):
            words = ("approve", "ro", "--wording", "--recording", "--by", name, "--sign", key_of_person, "--yes")
            self.run(*words, "--project", "shelter")
        set_version(f"{self.top}/shelter", version)
        self.run("build", "shelter", "--release", "--sign", f"{key}.key", "-o", path)
        return path

    def offer(self, channel, version, **custom):
        """Offers a version in a channel, and returns its bytes."""
        with open(self.paths[version], "rb") as file:
            data = file.read()
        custom = {"kit": "shelter", "version": version, "manifest": manifest(self.paths[version]), **custom}
        channel.offer(f"shelter-{version}.kit", data, custom=custom)
        return data


def set_version(project, version):
    with open(f"{project}/kit.yaml") as file:
        text = file.read()
    with open(f"{project}/kit.yaml", "w") as file:
        file.write(re.sub(r"(?m)^version:.*$", f"version: '{version}'", text))


def manifest(path):
    """The hash by which a channel names a kit's content."""
    with zipfile.ZipFile(path) as archive:
        return hashlib.sha256(archive.read("kit.json")).hexdigest()


def released(bench):
    """The kits of this run of the tests; made once."""
    if bench.released is None:
        bench.released = Released(bench)
    return bench.released
