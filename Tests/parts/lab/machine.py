"""Emulated arm64 machines. Emulator: any machine of QEMU, with its console, QEMU's monitor, and the sound that it plays to
a WAV file. Machine: the lab's board, with a GPIO controller (PL061) whose lines are driven and observed from outside, and
a sound card (Intel HDA)."""
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time

# The kernel's label of the controller.
CHIP = "9030000.pl061"
# Where a WAV file of QEMU has its first frame; a frame has two channels of 16 bits.
HEADER, FRAME = 44, 4


class Lost(Exception):
    """The machine did not respond in time, or QEMU has ended."""


class Emulator:
    """A machine in QEMU, from its start on."""

    def __init__(self, wav, options):
        """`wav`: the file that the audio device `card` writes. `options`: QEMU's own; `{sockets}` in one is a directory that
        ends with the machine."""
        self.wav, self.console, self.ended = wav, [], False
        self.changed = threading.Condition()
        self.sockets = tempfile.TemporaryDirectory()
        # QEMU's own lines must not break those of the machine.
        self.errors = tempfile.TemporaryFile()
        if os.path.exists(wav):
            os.unlink(wav)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            ["qemu-system-aarch64", "-accel", "tcg", "-display", "none", "-no-reboot",
             *(option.replace("{sockets}", self.sockets.name) for option in options),
             "-qmp", f"unix:{self.sockets.name}/monitor,server=on,wait=off"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        threading.Thread(target=self._read_console, daemon=True).start()
        try:
            self._monitor = self.connect("monitor")
            self._monitor.readline()
            self.ask("qmp_capabilities")
        except BaseException:
            self.kill()
            raise

    # Output of the machine.

    def connect(self, name):
        """Connects to one of QEMU's sockets."""
        end = time.monotonic() + 30
        while True:
            try:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(f"{self.sockets.name}/{name}")
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

    def output(self):
        """Returns the last lines of the console, and what QEMU says."""
        errors = os.pread(self.errors.fileno(), 1 << 16, 0).decode("utf-8", "replace")
        return "\n".join([*self.console[-40:], errors[-1000:]])

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

    def read(self, pattern, seconds, start=0):
        """Waits for a line on the console, of those from number `start` on, and returns its match."""
        place = start

        def find():
            nonlocal place
            while place < len(self.console):
                place += 1
                if match := re.search(pattern, self.console[place - 1]):
                    return match
            return None

        return self.wait(f"a line with '{pattern}'", find, seconds)

    def played(self):
        """Returns how many frames the sound card has played until now."""
        return max(0, os.path.getsize(self.wav) - HEADER) // FRAME if os.path.exists(self.wav) else 0

    # Input to the machine.

    def ask(self, command, **arguments):
        """Runs a command of QEMU's monitor."""
        self._monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._monitor.flush()
        while True:
            answer = json.loads(self._monitor.readline() or '{"error": "gone"}')
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise Lost(f"{command}: {answer['error']}")

    def spent(self):
        """Returns the seconds from the start, and the processor's seconds that QEMU has taken."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        # utime and stime. proc_pid_stat(5)
        return time.monotonic() - self.started, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

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
            pass
        self.kill()

    def kill(self):
        """Cuts the power."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.sockets.cleanup()


class Machine(Emulator):
    """The lab's board."""

    def __init__(self, board, wav, command="console=ttyAMA0 quiet rdinit=/init panic=-1", more=()):
        """Boots `board`, a directory with `vmlinuz` and `initramfs`. `command`: the kernel's command line; `more`: options of
        QEMU."""
        self.changes, self._replies = [], []
        super().__init__(
            wav,
            ["-M", "virt", "-cpu", "cortex-a72", "-m", "1024", "-smp", "1", "-nodefaults", "-serial", "stdio",
             "-kernel", board + "/vmlinuz", "-initrd", board + "/initramfs",
             "-append", command, *more,
             # Without the mixer the file has the frames unchanged. The card fetches 1 ms at a time, like a DMA: with
             # the default of 10 ms, frames that a rewind takes back would still play.
             "-device", "intel-hda", "-device", "hda-output,audiodev=card,mixer=off,use-timer=off",
             "-audiodev", f"wav,id=card,path={wav},out.frequency=48000,timer-period=1000",
             "-qtest", "unix:{sockets}/test,server=on,wait=off", "-qtest-log", "/dev/null"])
        try:
            unattached = "/machine/unattached"
            self.chip = next(f"{unattached}/{child['name']}" for child in self.ask("qom-list", path=unattached)
                             if child["type"] == "child<pl061>")
            self._test = self.connect("test")
            threading.Thread(target=self._read_test, daemon=True).start()
            self._order(f"irq_intercept_out {self.chip}")
        except BaseException:
            self.kill()
            raise

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
