"""Tests of files that no page saves. What is signed is tested in ImportTests; here is what needs size."""

import os, resource, subprocess, time, zipfile
from runner import must, test


def refused(desk, path, words):
    """Imports a file, which must be refused soon and with little memory."""
    begin = time.monotonic()
    with subprocess.Popen(
        [desk.program, "import", path, "--project", "hostile", "--yes"],
        cwd=desk.top,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, 1 << 30)),
    ) as process:
        said = process.stdout.read()
        status = process.wait()
    must(status == 2 and words in said, f"{os.path.basename(path)}: {status} {said[-300:]}")
    must(time.monotonic() - begin < 20, f"{os.path.basename(path)} took {time.monotonic() - begin:.0f} s")


@test("a file of 1 GB, of 100,000 entries or of other content is refused at once")
def sizes(desk):
    desk.firstword("new", "hostile", "--languages", "ro", "--prompts", "safe-here")
    before = sorted(os.listdir(f"{desk.top}/hostile"))
    path = f"{desk.top}/large.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("return.json", "w", force_zip64=True) as file:
            for _ in range(1024):
                file.write(bytes(1 << 20))
    refused(desk, path, "no page saves so many")
    path = f"{desk.top}/many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("return.json", "{}")
        for index in range(100_000):
            archive.writestr(f"takes/{index}.flac", "")
    refused(desk, path, "no page saves more than")
    for name, content in (("empty", b""), ("null", b"null"), ("text", b"\xff\xfe"), ("deep", b"[" * 3000), ("twice", b'{"a":1,"a":2}')):
        path = f"{desk.top}/{name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("return.json", content)
            archive.writestr("return.json.minisig", "x")
        refused(desk, path, "return.json")
    must(sorted(os.listdir(f"{desk.top}/hostile")) == before, "a refused file left something")
