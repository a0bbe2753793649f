"""Runs the tests of a lane in browsers: PROGRAMS AXE [--long] [--pictures DIR] [NAME…]."""

import os, sys, tempfile, time, traceback
from browsers import Failure

TESTS = []


def test(does, only_long=False):
    """Adds a test; its name is a sentence about behaviour. One that is `only_long` runs with --long, or by its name."""

    def add(function):
        TESTS.append((does, function, only_long))
        return function

    return add


def must(condition, what):
    if not condition:
        raise Failure(what)


def attempt(lane, does, function, bench):
    """Runs a test, and returns None, or the line that says how it failed."""
    start = time.monotonic()
    try:
        function(bench)
        print(f"pass {lane}: {does} ({time.monotonic() - start:.1f} s)", flush=True)
        return None
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        where = [frame for frame in frames if frame.name == function.__name__][-1]
        return f"FAIL {lane}: {does}: {error} ({os.path.basename(where.filename)}:{where.lineno})"


def run(lane, make_bench, programs, axe, *words):
    """Runs the tests that were added, and returns the exit status.

    lane: the name of the program below Tests. make_bench: makes what the tests share, from PROGRAMS, AXE, a directory,
    the directory of pictures, and whether --long is given.
    """
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
            print(f"usage: Tests/{lane} [--long] [--pictures DIR] [NAME…]", file=sys.stderr)
            return 64
        else:
            names.append(word)
    begin, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix=f"firstword-{lane}-") as top:
        bench = make_bench(programs, axe, top, pictures, is_long)
        try:
            for does, function, only_long in TESTS:
                if not any(name in does for name in names) and (names or only_long and not is_long):
                    continue
                failure = attempt(lane, does, function, bench)
                if failure:
                    # A page may have been short of time: what fails twice has failed.
                    print(f"first try: {failure}", flush=True)
                    failure = attempt(lane, does, function, bench)
                if failure:
                    failed += 1
                    print(failure, flush=True)
        finally:
            bench.quit()
    print(f"{lane}: {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0
