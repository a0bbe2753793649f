"""A sound server of its own, whose microphone plays known samples."""

import array, os, random, subprocess, tempfile, threading, time
from browsers import Failure

RATE = 48000


def noise():
    """A minute of noise at about -20 dBFS that never repeats, and is never zero."""
    generator = random.Random(1)
    return array.array("h", (generator.randrange(-6000, 6000) | 1 for _ in range(60 * RATE))).tobytes()


def syllables():
    """A minute of such noise in syllables, between pauses of quiet noise: it passes for speech."""
    generator = random.Random(1)
    samples = array.array("h")
    while len(samples) < 60 * RATE:
        for size, count in ((6000, 14000), (20, 5000)):
            samples.extend(generator.randrange(-size, size) | 1 for _ in range(count))
    return samples[: 60 * RATE].tobytes()


class PulseAudio:
    """A sound server whose microphone is fed with known noise, over and over."""

    def __init__(self, top, fed=None):
        self.top = tempfile.mkdtemp(prefix="pulse-", dir=top)
        self.environment = {"PULSE_SERVER": f"unix:{self.top}/socket", "HOME": self.top}
        with open(self.top + "/pulse.pa", "w") as file:
            file.write(
                f"load-module module-native-protocol-unix auth-anonymous=1 socket={self.top}/socket\n"
                "load-module module-null-sink sink_name=out rate=48000 channels=1\n"
                "load-module module-null-sink sink_name=mic rate=48000 channels=1 format=s16le\n"
                "load-module module-remap-source master=mic.monitor source_name=micin "
                "source_properties=device.description=mic\n"
                "set-default-source micin\nset-default-sink out\n"
            )
        os.makedirs(self.top + "/.config/pulse")
        with open(self.top + "/.config/pulse/daemon.conf", "w") as file:
            file.write("default-sample-rate = 48000\n")  # which Chromium takes for the microphone's
        self.server = subprocess.Popen(
            ["pulseaudio", "-n", "-F", self.top + "/pulse.pa", "--exit-idle-time=-1", "--disallow-exit"],
            env=dict(os.environ, **self.environment, XDG_RUNTIME_DIR=self.top),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while not os.path.exists(self.top + "/socket"):
            if time.monotonic() > end or self.server.poll() is not None:
                raise Failure("PulseAudio does not start")
            time.sleep(0.05)
        self.fed = fed or noise()
        self.feeder = subprocess.Popen(
            ["pacat", "--device=mic", "--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=2000"],
            env=dict(os.environ, **self.environment),
            stdin=subprocess.PIPE,
        )
        threading.Thread(target=self.feed, daemon=True).start()
        self.past = 0
        with open(self.top + "/heard", "wb") as heard:
            self.listener = subprocess.Popen(
                ["parec", "--device=micin", "--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=1000"],
                env=dict(os.environ, **self.environment),
                stdout=heard,
            )

    def browser(self, kind, *words):
        """Starts a browser that uses this server's microphone."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            return kind(*words)
        finally:
            os.environ.clear()
            os.environ.update(before)

    def feed(self):
        try:
            while True:
                self.feeder.stdin.write(self.fed)
        except (BrokenPipeError, ValueError):
            pass

    def holds(self, data):
        """Whether the microphone gave these samples, one after the other: none is missing, doubled or changed.

        What it gave is recorded beside, because a server that waits for its feeder gives silence, which was not fed.
        """
        end = time.monotonic() + 10
        while True:
            with open(self.top + "/heard", "rb") as file:
                file.seek(self.past)
                heard = file.read()
            place = heard.find(data[:64])
            while place >= 0 and (place % 2 or not heard[place:].startswith(data)):
                if place % 2 == 0 and place + len(data) > len(heard):
                    break  # the rest is on its way
                place = heard.find(data[:64], place + 1)
            if place >= 0 and place + len(data) <= len(heard):
                self.past += place + len(data)
                return len(data) > 2 * 12000
            if time.monotonic() > end:
                return False
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.listener, self.feeder, self.server):
            process.kill()
            process.wait()
