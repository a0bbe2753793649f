"""Runs the tests of Tests/studio: PROGRAMS AXE [--long] [--pictures DIR] [NAME…]."""

import os, sys, tempfile, time, traceback
from bench import TESTS, Bench
import attack, booth, imports, kits, page, pictures, practice, strain, trainer, work  # they add their tests


def main(programs, axe, *words):
    names, pictures, is_long = [], None, False
    words = list(words)
    while words:
        word = words.pop(0)
        if word == "--long":
            is_long = True
        elif word == "--pictures" and words:
            pictures = os.path.abspath(words.pop(0))
            os.makedirs(pictures, exist_ok=True)
        elif word.startswith("-"):
            print("usage: Tests/studio [--long] [--pictures DIR] [NAME…]", file=sys.stderr)
            return 64
        else:
            names.append(word)
    begin, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="firstword-studio-") as top:
        bench = Bench(programs, axe, top, pictures, is_long)
        try:
            for does, function, only_long in TESTS:
                if not any(name in does for name in names) and (names or only_long and not is_long):
                    continue
                start = time.monotonic()
                try:
                    function(bench)
                    print(f"pass studio: {does} ({time.monotonic() - start:.1f} s)", flush=True)
                except Exception as error:
                    failed += 1
                    where = [
                        frame for frame in traceback.extract_tb(error.__traceback__) if frame.name == function.__name__
                    ]
                    print(
                        f"FAIL studio: {does}: {error} ({os.path.basename(where[-1].filename)}:{where[-1].lineno})",
                        flush=True,
                    )
        finally:
            bench.quit()
    print(f"studio: {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
