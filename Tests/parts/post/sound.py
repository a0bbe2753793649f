"""A sound server of its own, whose microphone plays known samples."""

import array, os, random, subprocess, tempfile, threading, time
from browsers import Failure

RATE = 48000


class PulseAudio:
    """Feeds a microphone with a minute of noise, over and over."""

    def __init__(self, top):
        self.top = tempfile.mkdtemp(prefix="pulse-", dir=top)
        self.environment = {"PULSE_SERVER": f"unix:{self.top}/socket", "HOME": self.top}
        with open(self.top + "/pulse.pa", "w") as file:
            file.write(
                f"load-module module-native-protocol-unix auth-anonymous=1 socket={self.top}/socket\n"
                f"load-module module-null-sink sink_name=out rate={RATE} channels=1\n"
                f"load-module module-null-sink sink_name=mic rate={RATE} channels=1 format=s16le\n"
                "load-module module-remap-source master=mic.monitor source_name=micin "
                "source_properties=device.description=mic\n"
                "set-default-source micin\nset-default-sink out\n"
            )
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
        self.fed = speech(60)
        self.feeder = subprocess.Popen(
            ["pacat", "--device=mic", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=200"],
            env=dict(os.environ, **self.environment),
            stdin=subprocess.PIPE,
        )
        threading.Thread(target=self.feed, daemon=True).start()

    def browser(self, kind, *words):
        """Starts a browser that has this microphone."""
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
        """Whether the samples were fed like this, one after the other."""
        endless = self.fed + self.fed
        place = endless.find(data[:64])
        while place % 2 == 1:
            place = endless.find(data[:64], place + 1)
        return place >= 0 and endless[place : place + len(data)] == data

    def quit(self):
        for process in (self.feeder, self.server):
            process.kill()
            process.wait()


def speech(seconds):
    """Noise in syllables at about -20 dBFS, no two of which are alike, between pauses of quiet noise."""
    generator = random.Random(1)
    samples = array.array("h")
    while len(samples) < seconds * RATE:
        for size, count in ((6000, 14000), (20, 5000)):
            samples.extend(generator.randrange(-size, size) for _ in range(count))
    return samples[: seconds * RATE].tobytes()
