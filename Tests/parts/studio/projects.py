"""Projects for the lane, and the program that serves them."""

import os, re, shutil, signal, subprocess, threading
from browsers import Failure

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PROMPTS = ["language-name", "raise-hand", "safe-here", "interpreter-coming", "need-doctor"]


def make_small(firstword, top):
    """Four languages in four scripts, five messages; Romanian is recorded by a speaker, with markup in its name."""
    run(firstword, top, "new", "small", "--languages", "ro,ar,km,ur", "--prompts", ",".join(PROMPTS))
    place = top + "/small/recordings/ro/f1"
    os.makedirs(place)
    texts = {
        "01-language-name": "Limba română.",
        "03-safe-here": "Acum sunteți în siguranță aici, cu noi.",
        "13-need-doctor": "Aveți nevoie de un medic?",
    }
    for name, text in texts.items():
        subprocess.run(["espeak-ng", "-v", "ro", "-s", "140", "-w", f"{place}/{name}.wav", text], check=True)
    with open(top + "/small/speakers.yaml", "w") as file:
        file.write(
            '# The people.\nspeakers:\n  - { pseudonym: Iris, language: "ro", voice: f1, '
            "consent: 2026-04-30, licence: any, contact: a@b }\n"
        )
    os.makedirs(top + "/small/Languages")
    with open(top + "/small/Languages/ro.yaml", "w") as file:
        file.write(
            'tag: "ro"\ndrafted: person\nwordings:\n  # A comment that must stay.\n'
            '  interpreter-coming:\n    text: "Vine un interpret."\n'
            '    back: "An interpreter is coming."\n    note: "<img src=x onerror=alert(1)> & <b>bold</b>"\n'
        )


def make_large(firstword, top):
    """50 languages and 50 messages: the catalogue's, and the project's own."""
    run(firstword, top, "new", "large")
    kit = open(top + "/large/kit.yaml").read()
    tags = re.findall(r'^  - "([\w-]+)"$', kit, re.M)
    bases = {f"{tag.split('-')[0]}-ZZ": tag for tag in tags[: 50 - len(tags)]}
    os.makedirs(top + "/large/Languages")
    os.makedirs(top + "/large/Prompts")
    for index, (tag, base) in enumerate(bases.items()):
        # Its own name is all that it has.
        text = open(f"{HERE}/Languages/{base}.yaml").read().split("\nwordings:")[0]
        for key, value in (
            ("number", 60 + index),
            ("tag", f'"{tag}"'),
            ("english", f'"Own language {index + 1}"'),
            ("autonym", f'"Own {index + 1}"'),
        ):
            text = re.sub(f"^{key}: .*$", f"{key}: {value}", text, flags=re.M)
        open(f"{top}/large/Languages/{tag}.yaml", "w").write(
            f'{text}\nwordings:\n  language-name:\n    text: "Own {index + 1}."\n    back: "Own {index + 1}."\n'
        )
    messages = len(
        [
            name
            for name in os.listdir(HERE + "/Prompts")
            if re.match(r"[0-5]?\d-", name) and "\nwithdrawn:" not in open(f"{HERE}/Prompts/{name}").read()
        ]
    )
    for index in range(50 - messages):
        open(f"{top}/large/Prompts/{60 + index}-own-{index + 1}.yaml", "w").write(
            f"number: {60 + index}\nid: own-{index + 1}\nmodule: information\n"
            "audience: all\nanswer: none\njurisdiction: false\n"
            f'title: "Own message {index + 1}"\ncaution: "Play it when it is true."\nlength: 2.0\n'
        )
    kit = kit.replace(f'  - "{tags[-1]}"\n', f'  - "{tags[-1]}"\n' + "".join(f'  - "{tag}"\n' for tag in bases))
    open(top + "/large/kit.yaml", "w").write(kit)


def empty(directory):
    """Makes a directory, without what an earlier try of a test left there."""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)


def run(firstword, top, *words):
    made = subprocess.run([firstword, *words], cwd=top, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if made.returncode:
        raise Failure(f"firstword {' '.join(words)} ended with {made.returncode}: {made.stderr[-400:]}")


class Studio:
    """A running `firstword studio`. `address` has a token that lets one browser in."""

    def __init__(self, firstword, top, *words, environment={}):
        self.process = subprocess.Popen(
            [firstword, "studio", *words, "--no-open"],
            cwd=top,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(os.environ, XDG_CACHE_HOME=top + "/cache", SWIFT_BACKTRACE="enable=no", **environment),
        )
        self.lines, self.more = [], threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.address = self.token(0)

    def read(self):
        for line in self.process.stdout:
            with self.more:
                self.lines.append(line)
                self.more.notify_all()
        with self.more:
            self.lines.append(None)
            self.more.notify_all()

    def token(self, index):
        """The address that was printed after `index` others."""

        def found():
            return re.findall(r"http://127\.0\.0\.1:\d+/#token=\S+", "".join(filter(None, self.lines)))

        with self.more:
            self.more.wait_for(lambda: len(found()) > index or None in self.lines, 60)
            if len(found()) <= index:
                raise Failure(f"firstword studio printed no address: {''.join(filter(None, self.lines))[-400:]}")
            return found()[index]

    @property
    def origin(self):
        return self.address.split("/#")[0]

    @property
    def port(self):
        return self.origin.rsplit(":", 1)[1]

    def memory(self):
        """Resident bytes. /proc/PID/status"""
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def peak(self):
        """The most bytes that were resident. /proc/PID/status"""
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def own_memory(self):
        """Resident bytes that are of no file: not the program's and the libraries' code. /proc/PID/status"""
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024

    def quit(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise Failure("firstword studio does not end on SIGTERM")
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
