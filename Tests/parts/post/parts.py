"""Tests of the pages' own FLAC, ZIP and signatures against other programs."""

import array, base64, json, os, random, subprocess, urllib.parse
from browsers import Chromium
from desk import ASSETS, run
from runner import must, test

KINDS = ("noise", "quiet", "silence", "extremes", "steps")


def samples(kind, count, bits, generator):
    top = 1 << (bits - 1)
    return {
        "noise": lambda index: generator.randrange(-top, top),
        "quiet": lambda index: generator.randrange(-40, 40),
        "silence": lambda index: 0,
        "extremes": lambda index: top - 1 if index % 2 else -top,
        "steps": lambda index: (index >> 8) % 3 * 1000 - (top // 2 if index % 999 == 0 else 0),
    }[kind], count


def module(name):
    return "data:text/javascript;charset=utf-8," + urllib.parse.quote(open(f"{ASSETS}/Post/assets/{name}").read())


@test("FLAC of 16 and 24 bits decodes to the same samples, by flac")
def flac(desk):
    generator = random.Random(2)
    with Chromium() as page:
        count = 0
        for bits in (16, 24):
            for rate, length in ((8000, 5), (44100, 4095), (48000, 4096), (48000, 30001), (96000, 17)):
                for kind in KINDS:
                    value, _ = samples(kind, length, bits, generator)
                    values = [value(index) for index in range(length)]
                    text = base64.b64encode(array.array("i", values).tobytes()).decode()
                    encoded = page.js(
                        f"import({json.dumps(module('flac.js'))}).then(({{ FlacEncoder }}) => {{"
                        f" const bytes = Uint8Array.from(atob('{text}'), one => one.charCodeAt(0));"
                        f" const all = new Int32Array(bytes.buffer), encoder = new FlacEncoder({rate}, {bits});"
                        " for (let at = 0; at < all.length; at += 1777) encoder.write(all.subarray(at, at + 1777));"
                        " let text = ''; for (const byte of encoder.finish()) text += String.fromCharCode(byte);"
                        " return btoa(text) })"
                    )
                    path = f"{desk.top}/part.flac"
                    open(path, "wb").write(base64.b64decode(encoded))
                    raw = subprocess.run(
                        ["flac", "-d", "-s", "-c", "-w", "--force-raw-format", "--endian=little", "--sign=signed", path],
                        capture_output=True,
                    )
                    wanted = b"".join(one.to_bytes(bits // 8, "little", signed=True) for one in values)
                    must(raw.returncode == 0 and raw.stdout == wanted, f"{bits} bits, {rate} Hz, {length} {kind}: {raw.stderr[-200:]}")
                    count += 1
        print(f"     {count} files")


@test("a FLAC encoder needs little time for a minute")
def speed(desk):
    with Chromium() as page:
        seconds = page.js(
            f"import({json.dumps(module('flac.js'))}).then(({{ FlacEncoder }}) => {{"
            " const all = Int32Array.from({ length: 48000 * 60 }, (_, at) => Math.sin(at / 20) * 9000 + Math.random() * 40);"
            " const begin = performance.now(); const encoder = new FlacEncoder(48000, 16); encoder.write(all);"
            " encoder.finish(); return (performance.now() - begin) / 1000 })"
        )
        print(f"     {seconds:.2f} s of processor time for a minute of 48 kHz")
        must(seconds < 10, f"it took {seconds:.1f} s")


@test("a signature is valid for minisign, and an archive for unzip and Python")
def signatures(desk):
    where = f"{desk.top}/signed"
    os.makedirs(where, exist_ok=True)
    with Chromium() as page:
        # A page of a file may use the key; a blank one has no secure context.
        page.go(f"file://{where}")
        made = page.js(
            f"Promise.all([import({json.dumps(module('minisign.js'))}), import({json.dumps(module('zip.js'))})])"
            ".then(async ([{ Signer }, { zip }]) => { const signer = await Signer.of(await Signer.pair());"
            " const text = 'ñ 你好\\n'.repeat(3000), bytes = new TextEncoder().encode(text);"
            " const archive = await zip([{ name: 'é/x.txt', data: bytes }, { name: 'b', data: new Blob([bytes]) }], new Date());"
            " let packed = ''; for (const byte of new Uint8Array(await archive.arrayBuffer())) packed += String.fromCharCode(byte);"
            " return { text, key: signer.file, id: signer.id, packed: btoa(packed),"
            " signature: await signer.sign(text, 'firstword review x 1') } })"
        )
    for name, text in (("a", made["text"]), ("a.minisig", made["signature"]), ("key.pub", made["key"])):
        open(f"{where}/{name}", "w").write(text)
    must("firstword review x 1" in run("minisign", "-V", "-p", f"{where}/key.pub", "-m", f"{where}/a"), "the comment is lost")
    open(f"{where}/a", "a").write("x")
    run("minisign", "-V", "-p", f"{where}/key.pub", "-m", f"{where}/a", status=1)
    open(f"{where}/a.zip", "wb").write(base64.b64decode(made["packed"]))
    run("unzip", "-t", f"{where}/a.zip")
    run("python3", "-c", f"import zipfile; z = zipfile.ZipFile('{where}/a.zip'); assert z.testzip() is None and z.namelist() == ['é/x.txt', 'b']")
