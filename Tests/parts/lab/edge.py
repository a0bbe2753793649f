"""edge.py LAB: from the edge of a line to the start of the card, on the emulated board: the shipped daemon, and the C program
of Tests/bench with the same lines. Prints a line for each; exit status: 0 every press started the card; 1 one did not.

The board's kernel writes the times (tracefs): the first interrupt of the controller of lines after a silence, and the sound
driver's trigger. An emulated processor is much slower than a board's, so only the ratio says something.

LAB/edge holds a board whose initramfs has the C program (device probe)."""
import re
import statistics
import sys
import time

from machine import Machine
from trial import BUTTONS, NEXT, SAFE, STOP

PRESSES = 20
TRACE = "/sys/kernel/tracing"


class Edges:
    def __init__(self, lab):
        self.machine, self.failed = Machine(f"{lab}/edge", f"{lab}/edge/edge.wav"), 0
        self.machine.boot()
        for line in BUTTONS:
            self.machine.drive(line, 1)
        self.shell(f"mount -t tracefs tracefs {TRACE}; echo mono >{TRACE}/trace_clock; "
                   f"for event in irq/irq_handler_entry hda_controller/azx_pcm_trigger; do "
                   f"echo 1 >{TRACE}/events/$event/enable; done")

    def shell(self, command):
        return self.machine.shell(command)[1]

    def await_line(self, path, text):
        end = time.monotonic() + 60
        while not any(text in line for line in self.shell(f"cat {path}")):
            if time.monotonic() > end:
                raise SystemExit(f"{path} does not have '{text}': {self.shell(f'cat {path}')}")
            time.sleep(0.2)

    def press(self, line):
        self.machine.drive(line, 0)
        time.sleep(0.3)
        self.machine.drive(line, 1)
        time.sleep(0.3)

    def measure(self, name, stops):
        """Presses the button of a message; `stops`: and the stop button after it. Returns the median in ms."""
        self.shell(f"echo >{TRACE}/trace; echo 1 >{TRACE}/tracing_on")
        for _ in range(PRESSES):
            self.press(SAFE)
            self.press(STOP) if stops else time.sleep(0.3)
        self.shell(f"echo 0 >{TRACE}/tracing_on")
        # In sysfs the interrupt has the name gpiolib; by the character device that of the program.
        events = self.shell(f"grep -e azx_pcm_trigger -e name=gpiolib -e name=firstword {TRACE}/trace")
        times, edge, last = [], None, 0
        for event in events:
            found = re.search(r" ([\d.]+): (\S+): (.*)", event)
            if not found:
                continue
            moment = float(found[1])
            if found[2] == "irq_handler_entry":
                # The contact opens 0.3 s after it closes.
                if moment - last > 0.2:
                    edge = moment
                last = moment
            elif "cmd=1" in found[3] and edge is not None:
                times.append((moment - edge) * 1000)
                edge = None
        if len(times) < PRESSES:
            print(f"FAIL {name}: {PRESSES} presses started the card {len(times)} times")
            self.failed = 1
        return statistics.median(times) if times else None

    def daemon(self, way):
        self.shell(f"firstwordd --board /kit/{way}.json --kit /kit/lab.kit --trust /kit/publisher.pub --allow-draft "
                   f"--socket /run/control --journal /run/journal-{way} >/run/log-{way} 2>&1 & daemon=$!")
        self.await_line(f"/run/log-{way}", " ready in ")
        self.press(NEXT)
        # The cache of the language is filled meanwhile.
        time.sleep(5)
        median = self.measure(f"firstwordd, {way}", True)
        self.shell("kill $daemon; wait $daemon")
        return median

    def probe(self):
        base = int(self.shell("for one in /sys/class/gpio/gpiochip*; do "
                              "grep -q pl061 $one/label && cat $one/base; done")[-1])
        lines = [f"gpio{base + line}" for line in sorted(BUTTONS, key=lambda line: line != SAFE)]
        self.shell("; ".join(f"echo {line[4:]} >/sys/class/gpio/export; echo both >/sys/class/gpio/{line}/edge"
                             for line in lines))
        values = " ".join(f"/sys/class/gpio/{line}/value" for line in lines)
        self.shell(f"ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf floor plughw:0,0 /clip.raw line {PRESSES} {values} "
                   ">/run/floor 2>&1 &")
        self.await_line("/run/floor", "ready")
        return self.measure("the C program", False)

    def run(self):
        found = {way: self.daemon(way) for way in ("sysfs", "character")}
        base = self.probe()
        for way, median in found.items():
            if median and base:
                print(f"pass from the edge to the card's start, {way}: {median:.2f} ms, {median / base:.2f} times the "
                      f"{base:.2f} ms of a C program (medians of {PRESSES})")
        return self.failed


def main():
    edges = Edges(sys.argv[1])
    try:
        return edges.run()
    finally:
        edges.machine.kill()


if __name__ == "__main__":
    sys.exit(main())
