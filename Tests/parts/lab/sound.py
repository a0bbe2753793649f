"""Finds the clips of a kit in a recording, by comparing frames with opusdec's decode."""
import array
import json
import math
import struct
import subprocess
import sys
import zipfile

RATE = 48000
# Maximum difference of equal frames: decoders of different processors round differently.
NEAR = 3
# Maximum length of a fade.
FADE = RATE // 50
# Number of frames that are never equal by chance.
PROOF = 1200


def milliseconds(frames):
    return round(frames * 1000 / RATE)


class Clip:
    def __init__(self, language, prompt, frames):
        self.language, self.prompt, self.frames = language, prompt, frames
        # Index of the first audible frame, at which the search compares.
        self.key = next((i for i, frame in enumerate(frames) if abs(frame) >= 200), None)

    def __str__(self):
        return f"{self.language} {self.prompt}"


def clips(kit):
    """Returns all clips of a kit, in its order of languages, decoded by opusdec."""
    found = []
    with zipfile.ZipFile(kit) as archive:
        for bundle in json.loads(archive.read("kit.json"))["bundles"]:
            for clip in json.loads(archive.read(bundle["manifest"]))["clips"]:
                raw = subprocess.run(["opusdec", "--quiet", "--no-dither", "--rate", str(RATE), "-", "-"],
                                     input=archive.read(clip["file"]), check=True, stdout=subprocess.PIPE).stdout
                found.append(Clip(bundle["tag"], clip["prompt"], samples(raw)))
    return found


def signals():
    """Returns the daemon's signals for a stick, as Sources/Device/Playback/Tone.swift makes them."""
    found = []
    for name, notes in {"done": (392, 523), "refused": (523, 330, 523, 330), "error": (523, 415, 330)}.items():
        frames = array.array("h")
        for note in notes:
            frames.extend(int(3276 * min(1, min(i, 4320 - i) / 480) * math.sin(2 * math.pi * note * i / RATE)) for i in range(4320))
            frames.extend([0] * 1440)
        found.append(Clip("signal", name, frames))
    return found


def samples(raw):
    frames = array.array("h", raw[:len(raw) // 2 * 2])
    if sys.byteorder == "big":
        frames.byteswap()
    return frames


def recording(path, stated=RATE):
    """Returns the left and right channel of a WAV file of 16 bits. `stated`: the rate in its header."""
    with open(path, "rb") as file:
        data = file.read()
    channels, rate = struct.unpack("<HI", data[22:28])
    if data[:4] != b"RIFF" or (channels, rate) != (2, stated):
        raise ValueError(f"{path}: {channels} channels at {rate} Hz, not 2 at {stated}")
    both = samples(data[44:len(data) - len(data[44:]) % 4])
    return both[0::2], both[1::2]


class Sound:
    """A clip found in a recording."""

    def __init__(self, clip, start, end, heard, breaks, peak):
        self.clip = clip
        # Positions in the recording: its first frame, and the one after its last.
        self.start, self.end = start, end
        # Number of frames of the clip until then.
        self.heard = heard
        # Number of frames missing (positive) or inserted (negative) at each break.
        self.breaks = breaks
        self.peak = peak

    @property
    def whole(self):
        """Whether it played to its end. Silence at the end, and the card's last 40 ms, may be missing."""
        return self.heard >= len(self.clip.frames) - 40 * RATE // 1000 or all(
            abs(frame) < 200 for frame in self.clip.frames[self.heard:])


def agreement(clip, place, sound, start):
    """Returns the number of equal frames from `place` of the clip and `start` of the sound on."""
    count = min(len(clip) - place, len(sound) - start)
    same = 0
    while same < count and clip[place:place + 256] == sound[start:start + 256] and same + 256 <= count:
        same, place, start = same + 256, place + 256, start + 256
    while same < count and -NEAR <= clip[place] - sound[start] <= NEAR:
        same, place, start = same + 1, place + 1, start + 1
    return same


def begin(library, sound, place):
    """Returns the clip that begins at or after `place`, and the position of its first frame; None if there is none."""
    best = None
    for i in range(place, min(place + RATE // 2, len(sound))):
        for clip in library:
            key = clip.key
            if key is None or abs(sound[i] - clip.frames[key]) > NEAR:
                continue
            same = agreement(clip.frames, key, sound, i)
            if same >= min(PROOF, len(clip.frames) - key) and (best is None or same > best[0]):
                best = (same, clip, i - key)
        if best and i > best[2] + best[1].key + 64:
            break
    return best and best[1:]


def resume(clip, place, sound, start, reach=RATE // 5):
    """Returns the positions in clip and sound at which a clip continues after a break; None if it does not."""
    for distance in range(1, reach):
        for there, here in ((place + distance, start), (place, start + distance)):
            same = agreement(clip, there, sound, here)
            if same >= PROOF // 2 and any(abs(frame) >= 200 for frame in clip[there:there + same]):
                return there, here
    return None


def find(library, sound):
    """Returns the clips in order, and the position and length of each sound that matches none."""
    found, strange = [], []
    # `cut`: the end of the last clip; its fade may seem to continue into the next one's first frames.
    place = cut = 0
    while True:
        place = next((i for i in range(place, len(sound)) if abs(sound[i]) >= 200), None)
        if place is None:
            return found, strange
        first = begin(library, sound, max(cut, place - FADE))
        if first is None:
            end = place
            # Up to 10 ms of silence.
            while end < len(sound) and any(abs(frame) >= 200 for frame in sound[end:end + RATE // 100]):
                end += RATE // 100
            strange.append((place, end - place))
            place = end
            continue
        clip, start = first
        if start > place:
            strange.append((place, start + clip.key - place))
        here, there, breaks = start + clip.key, clip.key, []
        while True:
            same = agreement(clip.frames, there, sound, here)
            here, there = here + same, there + same
            after = resume(clip.frames, there, sound, here) if there < len(clip.frames) else None
            if after is None:
                break
            breaks.append((after[0] - there) - (after[1] - here))
            there, here = after
        peak = max(abs(frame) for frame in sound[start:here])
        found.append(Sound(clip, start, here, there, breaks, peak))
        # Its fade may follow.
        place = cut = here
        if there < len(clip.frames):
            place = fade_end(clip.frames, there, sound, here)


def fade_end(clip, there, sound, here):
    """Returns the end of a fade: frames that are the clip's, but softer, for at most 20 ms."""
    def weaker(wanted, got):
        return abs(got) <= NEAR or (abs(got) <= abs(wanted) + NEAR and (got < 0) == (wanted < 0))

    length = 0
    while (length < FADE and here + length < len(sound) and there + length < len(clip)
           and weaker(clip[there + length], sound[here + length])):
        length += 1
    return here + length
