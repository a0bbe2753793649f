"""Runs the tests of Tests/channel: PROGRAMS [--long] [NAME…]."""

import os, sys, tempfile, time, traceback
from bench import TESTS, Bench
import client, sync, device, rollout, trust, town, proof  # they add their tests


def main(programs, *words):
    is_long = "--long" in words
    names = [word for word in words if word != "--long"]
    if any(name.startswith("-") for name in names):
        print("usage: Tests/channel [--long] [NAME…]", file=sys.stderr)
        return 64
    begin, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="firstword-channel-") as top:
        bench = Bench(programs, top, is_long)
        try:
            for does, function, only_long in TESTS:
                if only_long and not is_long or names and not any(name in does for name in names):
                    continue
                start = time.monotonic()
                try:
                    function(bench)
                    print(f"pass channel: {does} ({time.monotonic() - start:.1f} s)", flush=True)
                except Exception as error:
                    failed += 1
                    frames = traceback.extract_tb(error.__traceback__)
                    where = [frame for frame in frames if frame.name == function.__name__][-1]
                    place = f"{os.path.basename(where.filename)}:{where.lineno}"
                    print(f"FAIL channel: {does}: {error} ({place})", flush=True)
        finally:
            bench.quit()
    print(f"channel: {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
