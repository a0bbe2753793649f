"""Runs the tests of Tests/post: PROGRAMS AXE [--long] [--pictures DIR] [NAME…]."""

import os, sys, tempfile, time, traceback
from desk import TESTS, Desk
import hostile, pages, parts  # they add their tests


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
            print("usage: Tests/post [--long] [--pictures DIR] [NAME…]", file=sys.stderr)
            return 64
        else:
            names.append(word)
    begin, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="firstword-post-") as top:
        desk = Desk(programs, axe, top, pictures, is_long)
        try:
            for does, function in TESTS:
                if names and not any(name in does for name in names):
                    continue
                start = time.monotonic()
                try:
                    function(desk)
                    print(f"pass post: {does} ({time.monotonic() - start:.1f} s)", flush=True)
                except Exception as error:
                    failed += 1
                    frames = traceback.extract_tb(error.__traceback__)
                    where = [frame for frame in frames if "/parts/post/" in frame.filename and frame.name != "must"][-1]
                    print(
                        f"FAIL post: {does}: {error} ({os.path.basename(where.filename)}:{where.lineno})", flush=True
                    )
        finally:
            desk.quit()
    print(f"post: {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
