"""Makes hostile files: small inputs that ask a careless reader for much time, memory or trust.

`classes()` returns, for each kind of file, contents by name. Tests/hostile runs the programs on them, and Tests/fuzz
starts from them. The same call makes the same bytes.
"""
import io, json, struct, warnings, zipfile

ESCAPE = "\x1b]0;owned\x07\x1b[2K\rwhole: signed by you\u202e\x07"


def bomb(gap, levels=12):
    """Aliases that double with each level, with `gap` before each anchor and alias."""
    lines = [f"a0:{gap}&a0 [x, x]"]
    lines += [f"a{n}:{gap}&a{n} [{gap}*a{n - 1},{gap}*a{n - 1}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def key_bomb(levels=12):
    """The same in keys, which a reader compares."""
    lines = ["? &a0 [x, x]", ": b"]
    for n in range(1, levels):
        lines += [f"? &a{n} [*a{n - 1}, *a{n - 1}]", ": b"]
    return "\n".join(lines) + "\n"


def yaml():
    return {
        "bomb-space": bomb(" "), "bomb-tab": bomb("\t"), "bomb-line": bomb("\n      "), "bomb-keys": key_bomb(),
        "unknown-keys": "".join(f"unknwon-{n}: 1\n" for n in range(20_000)),
        "same-keys": "a: 1\n" * 20_000, "deep-list": "[" * 100_000, "deep-keys": "? " * 20_000 + "a",
        "wide": "a: [" + "b," * 500_000 + "]\n", "long-word": "a: " + "b" * 1_000_000 + "\n",
        "escapes": f'name: "{json.dumps(ESCAPE)[1:-1]}"\n', "too-large": " " * ((1 << 20) + 1), "nothing": "",
        "zero-bytes": "a: \x00\x00\n", "open-quote": 'a: "' + "b\n" * 100_000,
    }


def documents():
    return {
        "deep": "[" * 200_000, "deep-objects": '{"a":' * 100_000, "same-keys": '{"format":1,"format":2}',
        "large-number": '{"format":1e999999999}', "largest": '{"format":9223372036854775807}',
        "smallest": '{"format":-9223372036854775808}', "too-long": '{"format":' + "9" * 100_000 + "}",
        "escapes": json.dumps({"name": ESCAPE, "format": ESCAPE}), "surrogate": '{"name":"\\ud800"}', "nothing": "",
        "many-keys": "{" + ",".join(f'"k{n}":1' for n in range(20_000)) + "}", "zero-bytes": "\x00" * 1000,
    }


def journals():
    def line(number, previous="0" * 64, **more):
        return json.dumps({"boot": "b", "event": "ready", "kit": "k 1.0 00", "monotonic": 1, "number": number,
                           "previous": previous, "time": "2026-05-01T10:00:00.000Z", **more}) + "\n"
    return {
        "largest-number": line(2**63 - 1), "smallest-number": line(-2**63), "gap": line(1) + line(10**12),
        "largest-time": line(1, monotonic=2**63 - 1) + line(2, monotonic=-2**63),
        "extremes": line(2**63 - 1, frames=2**63 - 1, milliseconds=2**63 - 1, latency=-2**63),
        "escapes": line(1, detail=ESCAPE, kit=ESCAPE), "no-end": line(1) + '{"number":2', "deep": "[" * 100_000 + "\n",
        "long-line": line(1, detail="x" * 1_000_000), "nothing": "",
    }


def tables():
    return {
        "formulas": "file,language,prompt,voice\r\n" + "".join(
            f"{sign}cmd,ro,03,f1\r\n" for sign in ("=", "+", "-", "@", "\uff1d", "\u200b=")),
        "same-column": "file,file,language,language,id,text\r\na,b,c,d,e,f\r\n", "open-quote": '"' + "a," * 200_000,
        "wide": "," * 500_000 + "\r\n", "long": "language,id,text\r\n" + "ro,unknown-id,x\r\n" * 20_000,
        "escapes": f"language,id,text\r\nro,{ESCAPE},x\r\n", "nothing": "",
    }


def po():
    return {
        "many-units": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nLanguage: ro\\n"\n\n' + "".join(
            f'msgctxt "unknown-{n}.text"\nmsgid "a"\nmsgstr "b"\n\n' for n in range(10_000)),
        "open-quote": 'msgid "' + "a" * 500_000, "escapes": f'msgctxt "{ESCAPE}"\nmsgid "a"\nmsgstr "b"\n',
    }


def xliff():
    return {
        "entities": '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
            f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 30)) + "]><a>&a29;</a>",
        "outside": '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>', "deep": "<a>" * 100_000,
        "attributes": "<a " + " ".join(f'b{n}="c"' for n in range(20_000)) + "/>", "open": "<a b='" + "c" * 500_000,
    }


def archives():
    def archive(*entries, method=zipfile.ZIP_STORED):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as made, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # two entries of one name are meant
            for name, content in entries:
                made.writestr(zipfile.ZipInfo(name, (2026, 5, 1, 0, 0, 0)), content, method)
        return file.getvalue()

    def declared(size):
        """One small entry that claims an unpacked size, in both of its headers."""
        made = bytearray(archive(("ro/03.wav", b"RIFF" * 1000), method=zipfile.ZIP_DEFLATED))
        made[22:26] = struct.pack("<I", size)
        directory = bytes(made).rindex(b"PK\x01\x02")
        made[directory + 24:directory + 28] = struct.pack("<I", size)
        return bytes(made)

    return {
        "bomb": archive(("ro/03.wav", bytes(64 << 20)), method=zipfile.ZIP_DEFLATED),
        "claims-4-GiB": declared(0xFFFFFFFE), "claims-1-GiB": declared(1 << 30), "claims-nothing": declared(0),
        "outside": archive(("../../precious/letter", b"x"), ("/etc/passwd", b"x"), ("..\\..\\a.wav", b"RIFF")),
        "many": archive(*((f"{n}.wav", b"") for n in range(12_000))),
        "escapes": archive((f"{ESCAPE}.wav", b"RIFF")), "same-names": archive(("a.wav", b"R"), ("a.wav", b"S")),
        "cut": archive(("ro/03.wav", b"RIFF" * 1000))[:-40], "end-only": b"PK\x05\x06" + bytes(18),
    }


def keys():
    return {
        "escapes": f"untrusted comment: {ESCAPE}\n" + "R" * 56 + "\n", "long": "untrusted comment: " + "a" * 1_000_000,
        "zero-bytes": "\x00" * 200, "nothing": "",
    }


def requests():
    return {
        "deep": "[" * 4000 + "\n", "same-keys": '{"id":1,"id":2,"do":"stop","do":"status"}\n',
        "largest": '{"id":9223372036854775807,"do":"status"}\n', "too-long": "x" * 100_000, "zero-bytes": "\x00\n" * 100,
        "escapes": json.dumps({"id": 1, "do": "press", "button": ESCAPE}) + "\n",
    }


def classes():
    """All contents as bytes: {kind: {name: bytes}}."""
    made = {"yaml": yaml(), "json": documents(), "journal": journals(), "csv": tables(), "po": po(), "xliff": xliff(),
            "zip": archives(), "key": keys(), "request": requests()}
    return {kind: {name: content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
                   for name, content in contents.items()} for kind, contents in made.items()}
