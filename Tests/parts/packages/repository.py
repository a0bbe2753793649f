"""A signed repository of the packages, served by http as any web server would."""

import functools
import glob
import http.server
import os
import shutil
import subprocess
import tempfile
import threading

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Hardware/repository")
LISTS = ("InRelease", "Release", "Release.gpg")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *values):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """apt closes its connection where it refuses what it gets."""


class Repository:
    """The repository of a tree's packages, with keys of its own for signing, and a server until the end of `with`."""

    def __init__(self, tree, release):
        self.tree, self.suite = tree, {"12": "bookworm", "13": "trixie"}[release]
        self.work = tempfile.mkdtemp()
        self.top, self.clean = f"{self.work}/www", f"{self.work}/clean"
        self.environment = {**os.environ, "GNUPGHOME": f"{self.work}/gnupg"}

    def __enter__(self):
        os.mkdir(f"{self.work}/gnupg", 0o700)
        os.mkdir(self.top)
        for name in ("packages", "stranger"):
            self.gpg("--passphrase", "", "--quick-generate-key", f"{name}@firstword.example", "ed25519", "sign", "never")
        serve = functools.partial(Quiet, directory=self.top)
        self.server = Server(("127.0.0.1", 0), serve)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        subprocess.run(["gpgconf", "--kill", "all"], env=self.environment, check=False)
        shutil.rmtree(self.work, ignore_errors=True)

    def gpg(self, *words):
        return subprocess.run(["gpg", "--batch", "--yes", "--quiet", *words], env=self.environment, check=True,
                              capture_output=True).stdout

    @property
    def lists(self):
        return f"{self.top}/dists/{self.suite}"

    def add(self, revision):
        """Adds the packages of a revision, as a maintainer does; keeps a copy for `restore`."""
        self.before = {name: open(f"{self.lists}/{name}", "rb").read() for name in LISTS if os.path.exists(self.lists)}
        url = f"http://127.0.0.1:{self.server.server_port}"
        subprocess.run([TOOL, "--key", "packages@firstword.example", "--url", url, "-o", self.top,
                        f"{self.tree.packages}/{revision}"], env=self.environment, check=True, capture_output=True)
        shutil.rmtree(self.clean, ignore_errors=True)
        shutil.copytree(self.top, self.clean)

    def source(self):
        """What a user copies to /etc/apt/sources.list.d."""
        with open(f"{self.top}/firstword-{self.suite}.sources", encoding="utf-8") as file:
            return file.read()

    def restore(self):
        for name in os.listdir(self.top):
            path = f"{self.top}/{name}"
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        shutil.copytree(self.clean, self.top, dirs_exist_ok=True)

    def delay(self):
        """The signed list of before, as a mirror has it that did not copy everything yet."""
        for name, content in self.before.items():
            with open(f"{self.lists}/{name}", "wb") as file:
                file.write(content)

    def attacks(self):
        """What somebody on the way could try, each on a whole repository: a function, its name, and apt's reason."""
        def append(pattern):
            self.restore()
            for path in glob.glob(f"{self.top}/{pattern}", recursive=True):
                if os.path.isfile(path):
                    with open(path, "ab") as file:
                        file.write(b"\n")

        def sign():
            self.restore()
            content = self.gpg("--local-user", "stranger@firstword.example", "--clearsign", "--output", "-",
                               f"{self.lists}/Release")
            for name in LISTS[1:]:
                os.remove(f"{self.lists}/{name}")
            with open(f"{self.lists}/InRelease", "wb") as file:
                file.write(content)

        def unsign():
            self.restore()
            os.remove(f"{self.lists}/InRelease")
            os.remove(f"{self.lists}/Release.gpg")

        yield lambda: append("dists/*/main/**"), "a list of packages that was changed", "Hash Sum mismatch|unexpected size"
        yield lambda: append("pool/*/firstword-words_*.deb"), "a package that was changed", "Hash Sum mismatch|unexpected size"
        yield sign, "lists that somebody else has signed", "NO_PUBKEY|Missing key|not signed"
        yield unsign, "lists without a signature", "is not signed|does not have a Release file"
