"""An emulated arm64 board: Debian's kernel in QEMU, with a GPIO controller (PL061) whose lines are driven and observed
from outside, a sound card (Intel HDA) that plays to a WAV file, and a shell on its serial line."""
import json
import os
import re
import socket
import subprocess
import threading
import time

# The kernel's label of the controller.
CHIP = "9030000.pl061"


class Lost(Exception):
    """The board did not respond in time, or QEMU has ended."""


class Machine:
    def __init__(self, board, scratch, wav, command="console=ttyAMA0 quiet rdinit=/init panic=-1", more=()):
        """Boots `board`, a directory with `vmlinuz` and `initramfs`. The sockets are in the directory `scratch`. `command`:
        the kernel's command line; `more`: options of QEMU."""
        self.console, self.changes = [], []
        self.changed = threading.Condition()
        self.ended = False
        monitor, test = scratch + "/monitor", scratch + "/test"
        for path in (monitor, test, wav):
            if os.path.exists(path):
                os.unlink(path)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-accel", "tcg", "-m", "1024", "-smp", "1",
             "-display", "none", "-nodefaults", "-no-reboot", "-serial", "stdio",
             "-kernel", board + "/vmlinuz", "-initrd", board + "/initramfs",
             "-append", command, *more,
             # Without the mixer the file has the frames unchanged. The card fetches 1 ms at a time, like a DMA: with
             # the default of 10 ms, frames that a rewind takes back would still play.
             "-device", "intel-hda", "-device", "hda-output,audiodev=card,mixer=off,use-timer=off",
             "-audiodev", f"wav,id=card,path={wav},out.frequency=48000,timer-period=1000",
             "-qmp", f"unix:{monitor},server=on,wait=off",
             "-qtest", f"unix:{test},server=on,wait=off", "-qtest-log", "/dev/null"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read_console, daemon=True).start()
        try:
            self._monitor = self._connect(monitor)
            self._monitor.readline()
            self._ask("qmp_capabilities")
            unattached = "/machine/unattached"
            self.chip = next(f"{unattached}/{child['name']}" for child in self._ask("qom-list", path=unattached)
                             if child["type"] == "child<pl061>")
            self._test = self._connect(test)
            self._replies = []
            threading.Thread(target=self._read_test, daemon=True).start()
            self._order(f"irq_intercept_out {self.chip}")
        except BaseException:
            self.kill()
            raise

    # Output of the board.

    def _connect(self, path):
        end = time.monotonic() + 30
        while True:
            try:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(path)
                return connection.makefile("rw", newline="\n")
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Lost("QEMU did not start:\n" + self.output())
                time.sleep(0.02)

    def _read_console(self):
        for line in self.process.stdout:
            with self.changed:
                self.console.append(line.decode("utf-8", "replace").rstrip())
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _read_test(self):
        try:
            for line in self._test:
                with self.changed:
                    change = re.match(r"IRQ (raise|lower) (\d+)", line)
                    if change:
                        self.changes.append((time.monotonic(), int(change[2]), change[1] == "raise"))
                    else:
                        self._replies.append(line.strip())
                    self.changed.notify_all()
        except (OSError, ValueError):
            pass

    def output(self):
        return "\n".join(self.console[-40:])

    def wait(self, what, condition, seconds=60):
        """Waits until `condition` returns a value, and returns it. Evaluated after each line or GPIO change of the board."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                found = condition()
                if found is not None and found is not False:
                    return found
                left = end - time.monotonic()
                if left <= 0 or self.ended:
                    raise Lost(f"{what}: not within {seconds} s; the last output of the board:\n{self.output()}")
                self.changed.wait(left)

    # Input to the board.

    def _ask(self, command, **arguments):
        self._monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._monitor.flush()
        while True:
            answer = json.loads(self._monitor.readline() or '{"error": "gone"}')
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise Lost(f"{command}: {answer['error']}")

    def _order(self, command):
        with self.changed:
            count = len(self._replies)
        self._test.write(command + "\n")
        self._test.flush()
        reply = self.wait(command, lambda: self._replies[count] if len(self._replies) > count else None, 20)
        if not reply.startswith("OK"):
            raise Lost(f"{command}: {reply}")

    def drive(self, line, level):
        """Sets the level of an input line of the chip."""
        self._order(f"set_irq_in {self.chip} unnamed-gpio-in {line} {level}")

    def boot(self):
        """Waits for the shell and returns the seconds that the boot took."""
        self.wait("boot", lambda: "@@ up" in self.console, 180)
        return time.monotonic() - self.started

    def shell(self, command, seconds=60):
        """Runs a command on the board and returns its exit status and output lines."""
        with self.changed:
            start = len(self.console)
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()

        def end():
            return next((i for i in range(start, len(self.console)) if re.fullmatch(r"@@ \d+", self.console[i])), None)

        last = self.wait(command, end, seconds)
        return int(self.console[last][3:]), self.console[start:last]

    def starved(self):
        """Returns the maximum share of time that a thread of QEMU waited for a processor."""
        waits = [0.0]
        directory = f"/proc/{self.process.pid}/task"
        for thread in os.listdir(directory):
            try:
                # Nanoseconds on a processor, and nanoseconds waiting for one. proc(5)
                with open(f"{directory}/{thread}/schedstat") as file:
                    waits.append(int(file.read().split()[1]) / 1e9 / (time.monotonic() - self.started))
            except (OSError, IndexError):
                pass
        return max(waits)

    def off(self):
        """Ends QEMU so that the WAV file is complete."""
        try:
            self._monitor.write(json.dumps({"execute": "quit"}) + "\n")
            self._monitor.flush()
            self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
