"""Runs the tests of Tests/post: PROGRAMS AXE [--long] [--pictures DIR] [NAME…]."""

import sys
from desk import Desk
from runner import run
import door, hostile, pages, parts  # they add their tests

if __name__ == "__main__":
    sys.exit(run("post", Desk, *sys.argv[1:]))
