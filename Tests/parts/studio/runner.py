"""Runs the tests of a lane in browsers: PROGRAMS AXE [--long] [--pictures DIR] [NAME…]."""

import os, subprocess, sys, tempfile, threading, time, traceback
from browsers import Failure

TESTS = []
# What a worker prints when it has done its task.
READY = "\0ready"


def test(does, only_long=False, is_alone=False):
    """Adds a test; its name is a sentence about behaviour.

    One that is `only_long` runs with --long, or by its name. One that is `is_alone` measures times: nothing else of the
    lane runs beside it.
    """

    def add(function):
        TESTS.append((does, function, only_long, is_alone))
        return function

    return add


def must(condition, what):
    if not condition:
        raise Failure(what)


def run(lane, make_bench, programs, axe, *words, shared=()):
    """Runs the tests that were added, and returns the exit status.

    lane: the name of the program below Tests. make_bench: makes what the tests share, from PROGRAMS, AXE, a directory,
    the directory of pictures, and whether --long is given. shared: the modules of the tests that two processes share out
    in this order, each with a bench of its own, unless tests are named or pictures are wanted; none for one process.
    """
    names, pictures, is_long, is_worker = [], None, False, False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--long":
            is_long = True
        elif word == "--worker":
            is_worker = True
        elif word == "--pictures" and rest:
            pictures = os.path.abspath(rest.pop(0))
            os.makedirs(pictures, exist_ok=True)
        elif word.startswith("-"):
            print(f"usage: Tests/{lane} [--long] [--pictures DIR] [NAME…]", file=sys.stderr)
            return 64
        else:
            names.append(word)
    begin = time.monotonic()
    if shared and not names and not pictures and not is_worker:
        failed = share_out(list(shared), [programs, axe, *words])
        print(f"{lane}: {failed} failed, {time.monotonic() - begin:.0f} s")
        return 1 if failed else 0
    failed = 0
    with tempfile.TemporaryDirectory(prefix=f"firstword-{lane}-") as top:
        bench = make_bench(programs, axe, top, pictures, is_long)
        try:
            if is_worker:
                for line in sys.stdin:
                    module, is_alone = line.split()
                    for one in TESTS:
                        if one[1].__module__ == module and one[3] == (is_alone == "alone"):
                            perform(lane, bench, one)
                    print(READY, flush=True)
                return 0
            for one in TESTS:
                if not names or any(name in one[0] for name in names):
                    failed += not perform(lane, bench, one, is_named=bool(names))
        finally:
            bench.quit()
    print(f"{lane}: {failed} failed, {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


def perform(lane, bench, one, is_named=False):
    """Runs a test, prints its outcome, and returns whether it passed, or does not run."""
    does, function, only_long, _ = one
    if only_long and not bench.is_long and not is_named:
        return True
    failure = attempt(lane, does, function, bench)
    if failure:
        # A page may have been short of time: what fails twice has failed.
        print(f"first try: {failure}", flush=True)
        failure = attempt(lane, does, function, bench)
    if failure:
        print(failure, flush=True)
    return failure is None


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


class Worker:
    """A process of this program that runs the tests of modules, one after the other."""

    printing = threading.Lock()

    def __init__(self, words):
        # What one leaves in the directory for temporary files is not the other's.
        self.top = tempfile.TemporaryDirectory(prefix="lane-")
        self.process = subprocess.Popen(
            [sys.executable, "-u", sys.argv[0], *words, "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(os.environ, TMPDIR=self.top.name),
        )
        self.failed = 0

    def perform(self, module, way):
        """Runs the tests of a module, and prints what they print, test by test. Returns false if the process ended."""
        self.process.stdin.write(f"{module} {way}\n")
        self.process.stdin.flush()
        block = []
        for line in self.process.stdout:
            if line.startswith(READY):
                return True
            block.append(line)
            if line.startswith(("pass ", "FAIL ")):
                self.failed += line.startswith("FAIL ")
                with self.printing:
                    print("".join(block), end="", flush=True)
                block = []
        print("".join(block), f"FAIL the process that ran '{module}' ended", sep="", flush=True)
        self.failed += 1
        return False

    def work(self, modules):
        """Runs modules until the list is empty."""
        while modules:
            try:
                module = modules.pop(0)
            except IndexError:
                break
            if not self.perform(module, "beside"):
                break
        self.end()

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            self.failed += 1
        self.top.cleanup()


def share_out(modules, words):
    """Runs all tests in two processes, and returns how many failed."""
    known = {function.__module__ for _, function, _, _ in TESTS}
    must(known == set(modules), f"the modules of the lane are {known}")
    first = Worker(words)
    for module in dict.fromkeys(function.__module__ for _, function, _, is_alone in TESTS if is_alone):
        if not first.perform(module, "alone"):
            first.end()
            return first.failed
    workers = [first, Worker(words)]
    threads = [threading.Thread(target=worker.work, args=(modules,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(worker.failed for worker in workers)
