"""Which clips of a kit a recording holds: by the frames themselves, as opusdec decodes them."""
import array
import json
import struct
import subprocess
import sys
import zipfile

RATE = 48000
# Between two processors' decoders, and after rounding.
NEAR = 3
# The longest that is taken for a fade.
FADE = RATE // 50
# So many frames of a clip cannot agree by chance.
PROOF = 1200


def milliseconds(frames):
    return round(frames * 1000 / RATE)


class Clip:
    def __init__(self, language, prompt, frames):
        self.language, self.prompt, self.frames = language, prompt, frames
        # The first that is no silence: sound is searched for by what begins there.
        self.key = next((i for i, frame in enumerate(frames) if abs(frame) >= 200), None)

    def __str__(self):
        return f"{self.language} {self.prompt}"


def clips(kit):
    """All clips of a kit, in its order of languages, decoded by opusdec."""
    found = []
    with zipfile.ZipFile(kit) as archive:
        for bundle in json.loads(archive.read("kit.json"))["bundles"]:
            for clip in json.loads(archive.read(bundle["manifest"]))["clips"]:
                raw = subprocess.run(["opusdec", "--quiet", "--no-dither", "--rate", str(RATE), "-", "-"],
                                     input=archive.read(clip["file"]), check=True, stdout=subprocess.PIPE).stdout
                found.append(Clip(bundle["tag"], clip["prompt"], samples(raw)))
    return found


def samples(raw):
    frames = array.array("h", raw[:len(raw) // 2 * 2])
    if sys.byteorder == "big":
        frames.byteswap()
    return frames


def recording(path):
    """Left and right of a WAV file of two channels, 16 bits, 48 kHz."""
    with open(path, "rb") as file:
        data = file.read()
    channels, rate = struct.unpack("<HI", data[22:28])
    if data[:4] != b"RIFF" or (channels, rate) != (2, RATE):
        raise ValueError(f"{path}: {channels} channels at {rate} Hz, not 2 at {RATE}")
    both = samples(data[44:len(data) - len(data[44:]) % 4])
    return both[0::2], both[1::2]


class Sound:
    """A clip that was found."""

    def __init__(self, clip, start, end, heard, breaks, peak):
        self.clip = clip
        # Frames in the recording: its first, and the one after its last.
        self.start, self.end = start, end
        # Frames of the clip up to there.
        self.heard = heard
        # Frames that were left out (more than 0) or put in (less), each time.
        self.breaks = breaks
        self.peak = peak

    @property
    def whole(self):
        """To its end; silence there, and the card's last 40 ms, need not have come."""
        return self.heard >= len(self.clip.frames) - 40 * RATE // 1000 or all(
            abs(frame) < 200 for frame in self.clip.frames[self.heard:])


def agreement(clip, place, sound, start):
    """Frames that are the same from `place` of the clip and `start` of the sound on."""
    count = min(len(clip) - place, len(sound) - start)
    same = 0
    while same < count and clip[place:place + 256] == sound[start:start + 256] and same + 256 <= count:
        same, place, start = same + 256, place + 256, start + 256
    while same < count and -NEAR <= clip[place] - sound[start] <= NEAR:
        same, place, start = same + 1, place + 1, start + 1
    return same


def begin(library, sound, place):
    """The clip that begins at or after `place`: with the frame of the sound at which its first stands."""
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
    """Where a clip goes on after a break: the place in it, and that in the sound."""
    for distance in range(1, reach):
        for there, here in ((place + distance, start), (place, start + distance)):
            same = agreement(clip, there, sound, here)
            if same >= PROOF // 2 and any(abs(frame) >= 200 for frame in clip[there:there + same]):
                return there, here
    return None


def find(library, sound):
    """What sounds, in order; and what does but is nothing of the kit's: places and frames."""
    found, strange = [], []
    # `cut`: where the last clip was left; its fade may seem to go on into the next one's first frames.
    place = cut = 0
    while True:
        place = next((i for i in range(place, len(sound)) if abs(sound[i]) >= 200), None)
        if place is None:
            return found, strange
        first = begin(library, sound, max(cut, place - FADE))
        if first is None:
            end = place
            # Up to 10 ms of quiet.
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
        # What follows is its fade, at most 10 ms, or something else.
        place = cut = here
        if there < len(clip.frames):
            place = fade_end(clip.frames, there, sound, here)


def fade_end(clip, there, sound, here):
    """The end of a fade: as long as each frame is the clip's own, but weaker; at most 20 ms."""
    def weaker(wanted, got):
        return abs(got) <= NEAR or (abs(got) <= abs(wanted) + NEAR and (got < 0) == (wanted < 0))

    length = 0
    while (length < FADE and here + length < len(sound) and there + length < len(clip)
           and weaker(clip[there + length], sound[here + length])):
        length += 1
    return here + length
