"""An arm64 board that is not there: Debian's kernel in QEMU, with a GPIO controller (PL061) whose lines are driven and
watched from outside, a sound card (Intel HDA) whose sound goes to a WAV file, and a shell on its serial line."""
import json
import os
import re
import socket
import subprocess
import threading
import time

# As the kernel calls it.
CHIP = "9030000.pl061"


class Lost(Exception):
    """The board did not answer in time, or is gone."""


class Machine:
    def __init__(self, board, scratch, wav):
        """Boots `board`, a directory with `vmlinuz` and `initramfs`; sockets go to the directory `scratch`."""
        self.console, self.changes = [], []
        self.news = threading.Condition()
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
             "-append", "console=ttyAMA0 quiet rdinit=/init panic=-1",
             # Without a mixer what is played is what is in the file. The card fetches a millisecond at a time, as DMA does:
             # in bursts of ten, which are the default, what a rewind gave back would sound all the same.
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

    # What comes from it.

    def _connect(self, path):
        end = time.monotonic() + 30
        while True:
            try:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(path)
                return connection.makefile("rw", newline="\n")
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Lost("QEMU did not start:\n" + self.said())
                time.sleep(0.02)

    def _read_console(self):
        for line in self.process.stdout:
            with self.news:
                self.console.append(line.decode("utf-8", "replace").rstrip())
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def _read_test(self):
        try:
            for line in self._test:
                with self.news:
                    change = re.match(r"IRQ (raise|lower) (\d+)", line)
                    if change:
                        self.changes.append((time.monotonic(), int(change[2]), change[1] == "raise"))
                    else:
                        self._replies.append(line.strip())
                    self.news.notify_all()
        except (OSError, ValueError):
            pass

    def said(self):
        return "\n".join(self.console[-40:])

    def wait(self, what, condition, seconds=60):
        """Until `condition` gives something; it is asked again whenever the board has said or changed anything."""
        end = time.monotonic() + seconds
        with self.news:
            while True:
                found = condition()
                if found is not None and found is not False:
                    return found
                left = end - time.monotonic()
                if left <= 0 or self.ended:
                    raise Lost(f"{what}: not within {seconds} s; the board said last:\n{self.said()}")
                self.news.wait(left)

    # What goes to it.

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
        with self.news:
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
        """Waits for the shell; the seconds that it took."""
        self.wait("boot", lambda: "@@ up" in self.console, 180)
        return time.monotonic() - self.started

    def shell(self, command, seconds=60):
        """Runs a command there: its exit status and its lines."""
        with self.news:
            start = len(self.console)
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()

        def end():
            return next((i for i in range(start, len(self.console)) if re.fullmatch(r"@@ \d+", self.console[i])), None)

        last = self.wait(command, end, seconds)
        return int(self.console[last][3:]), self.console[start:last]

    def starved(self):
        """The share of its time that the emulated board's threads waited for a processor of this machine, at worst."""
        waits = [0.0]
        directory = f"/proc/{self.process.pid}/task"
        for thread in os.listdir(directory):
            try:
                # proc(5): nanoseconds on a processor, nanoseconds ready and waiting for one.
                with open(f"{directory}/{thread}/schedstat") as file:
                    waits.append(int(file.read().split()[1]) / 1e9 / (time.monotonic() - self.started))
            except (OSError, IndexError):
                pass
        return max(waits)

    def off(self):
        """Ends it as a power switch does not: the WAV file is whole afterwards."""
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
