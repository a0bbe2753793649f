"""Reads the record of the simulated card. The format comes from simcard.h: this module parses its enumerations and
structures, so no offset or number is repeated here."""
import array
import os
import re
import struct

HEADER = os.path.join(os.path.dirname(__file__), "../../../Sources/Tester/simcard/include/simcard.h")
RATE = 48000
# Samples above this are audible.
LOUD = 100
CODES = {"uint32_t": "I", "int64_t": "q", "uint64_t": "Q", "char": "s"}


class Structure:
    """A packed little-endian structure of the header."""

    def __init__(self, fields):
        self.names = [name for _, name, _ in fields]
        self.format = struct.Struct("<" + "".join(f"{length or ''}{CODES[kind]}" for kind, name, length in fields))
        self.size = self.format.size

    def unpack(self, data, offset):
        return dict(zip(self.names, self.format.unpack_from(data, offset)))


class Format:
    """The constants and structures of simcard.h."""

    def __init__(self, path=HEADER):
        with open(path) as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
        self.constants = {name: int(value) for name, value in re.findall(r"(SIMCARD_\w+) = (\d+)", text)}
        for name, value in re.findall(r"#define SIMCARD_(\w+) (\w+)u", text):
            self.constants["SIMCARD_" + name] = int(value, 0)
        self.magic = re.search(r'#define SIMCARD_FILE_MAGIC "(\w+)"', text)[1].encode() + b"\0"
        structures = re.findall(r"struct (simcard_\w+) \{(.*?)\};", text, flags=re.DOTALL)
        self.structures = {name: Structure(re.findall(r"(\w+) (\w+)(?:\[(\d+)\])?;", body)) for name, body in structures}

    def __getitem__(self, name):
        return self.constants["SIMCARD_" + name]


FORMAT = Format()


class CardRecord:
    """A record: `streams` are pairs of the first frame's time and the samples of the first channel; `events` are
    triples (kind, time, count) of all other blocks. Times are CLOCK_MONOTONIC in nanoseconds."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.streams, self.events = [], []
        head, block, setup = (FORMAT.structures["simcard_" + name] for name in ("file", "block", "setup"))
        first = head.unpack(data, 0)
        if first["magic"] != FORMAT.magic or first["version"] != FORMAT["VERSION"] or first["head"] != block.size:
            raise ValueError(f"{path}: not a record of this version")
        offset, channels, wide = head.size, 1, False
        while offset + block.size <= len(data):
            fields = block.unpack(data, offset)
            if fields["magic"] != FORMAT["BLOCK_MAGIC"]:
                raise ValueError(f"{path}: no block at byte {offset}")
            payload = offset + block.size
            if payload + fields["bytes"] > len(data):
                break
            if fields["kind"] == FORMAT["SETUP"]:
                parameters = setup.unpack(data, payload)
                channels, wide = parameters["channels"], parameters["format"] == FORMAT["S32_LE"]
            elif fields["kind"] == FORMAT["FRAMES"]:
                samples = array.array("i" if wide else "h", data[payload:payload + fields["bytes"]])[::channels]
                self.streams[-1][1].extend(array.array("h", (s >> 16 for s in samples)) if wide else samples)
            else:
                self.events.append((fields["kind"], fields["time"], fields["count"]))
                if fields["kind"] == FORMAT["START"]:
                    self.streams.append((fields["time"], array.array("h")))
            offset = payload + fields["bytes"]

    def loud(self, since, before):
        """Returns the time of the first audible frame between two times, its stream's start and samples, and its index;
        None if there is none."""
        for start, samples in self.streams:
            if start >= before or start + len(samples) * 1e9 / RATE <= since:
                continue
            first = max(0, int((since - start) * RATE / 1e9) + 1)
            last = min(len(samples), int((before - start) * RATE / 1e9))
            for index in range(first, last):
                if abs(samples[index]) > LOUD:
                    return start + index * 1e9 / RATE, start, samples, index
        return None
