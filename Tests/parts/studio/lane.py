"""Runs the tests of Tests/studio: PROGRAMS AXE [--long] [--pictures DIR] [NAME…]."""

import sys
from bench import Bench
from runner import run
import attack, booth, cards, imports, kits, page, pictures, practice, publish, strain, trainer, work  # they add their tests

# The longest first, so that both processes end together.
MODULES = ["trainer", "strain", "practice", "imports", "kits", "publish", "cards", "attack", "booth", "page", "work", "pictures"]

if __name__ == "__main__":
    sys.exit(run("studio", Bench, *sys.argv[1:], shared=MODULES))
