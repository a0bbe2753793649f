"""Kits that are no drafts, without people: for tests only."""

import glob
import wave

SPEAKERS = """speakers:
  - { pseudonym: "Iris", language: "ro", voice: f1, consent: 2026-04-30, licence: "for tests only", contact: "a@example.org" }
  - { pseudonym: "Eva", language: "es", voice: f1, consent: 2026-04-30, licence: "for tests only", contact: "a@example.org" }
"""


def make_released(trial, place):
    """Makes 1.1.kit to 1.5.kit of the publisher, and stranger.kit of nobody that the device knows."""
    tree = trial.tree
    project = f"{place}/project"
    tree.run(f"cd {project}/recordings && for one in */synthetic; do mv $one ${{one%synthetic}}f1; done")
    # The speech synthesis marks its files, and a release refuses them.
    for path in glob.glob(tree.place(f"{project}/recordings/*/f1/*.wav")):
        with wave.open(path, "rb") as file:
            form, frames = file.getparams(), file.readframes(file.getnframes())
        with wave.open(path, "wb") as file:
            file.setparams(form)
            file.writeframes(frames)
    tree.write(f"{project}/speakers.yaml", SPEAKERS)
    settings = tree.read(f"{project}/kit.yaml")
    assert 'version: "1.0"' in settings
    commands = [f"firstword approve {language} --wording --recording --by {name} --yes --project project"
                for name in ("Ana", "Bea") for language in ("ro", "es")]
    trial.trainer(" && ".join(commands), "two reviewers approve the words and the recordings")
    trial.trainer("firstword keygen stranger --no-password && firstword keygen third --no-password", "keys of other people")
    for version, key, kit in (("1.1", "publisher", "1.1"), ("1.2", "publisher", "1.2"), ("1.3", "publisher", "1.3"),
                              ("1.4", "publisher", "1.4"), ("1.5", "publisher", "1.5"), ("9.0", "stranger", "stranger")):
        tree.write(f"{project}/kit.yaml", settings.replace('version: "1.0"', f'version: "{version}"'))
        trial.trainer(f"firstword build --project project -o {kit}.kit --key {key}.key --release", f"{kit}.kit is no draft")
