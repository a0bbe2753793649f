"""trial.py TREES BASE PACKAGES RELEASE: installs, upgrades, downgrades, removes, purges and reinstalls the packages in a
fresh Debian, with real dpkg and apt; first where no systemd runs, then with systemd as the first process. Prints a line
for each check. Exit status: 0 all passed; 1 one failed.

TREES is a directory for the tree, BASE a Debian in which nothing was done. PACKAGES/earlier and PACKAGES/later hold the
packages of two revisions."""

import hashlib
import json
import os
import sys
import time

from tree import Failed, Tree

STORE, SPOOL, BOARD = "/var/lib/firstword", "/var/spool/firstword", "/etc/firstword/board.json"
JOURNAL = STORE + "/daemon/journal"
UNITS = ["firstwordd.service", "firstword-store.path"]
# The simulated card of firstword's own package, in real time.
CARD = """pcm_type.simcard { lib "/usr/lib/firstword/libsimcard.so" }
pcm.card { type simcard record "/var/lib/firstword/daemon/card.record" rate [ 48000 ] }
"""
INSTALL = "apt-get install -y -q --no-install-recommends --allow-downgrades"


class Trial:
    def __init__(self, tree, release):
        self.tree, self.release = tree, release
        self.failed = False
        self.waits = []

    def check(self, passed, text, found=""):
        if not passed:
            self.failed = True
        print(f"{'pass' if passed else 'FAIL'} Debian {self.release}: {text}" + ("" if passed else f": {found}"), flush=True)

    def succeeds(self, command, text):
        status, output = self.tree.attempt(command)
        self.check(status == 0, text, f"{command}: exit status {status}: {output[-1500:]}")
        return output

    # What must survive.

    def kept(self):
        """The store with its kits and keys, the board, and the journal's file: by content, mode and owner."""
        found = {}
        for top in (STORE, os.path.dirname(BOARD)):
            for directory, names, files in os.walk(self.tree.place(top)):
                if os.path.basename(directory) == "daemon":
                    names.clear()
                    continue
                for name in files:
                    path = os.path.join(directory, name)
                    information = os.lstat(path)
                    with open(path, "rb") as file:
                        content = hashlib.sha256(file.read()).hexdigest()
                    found[path[len(self.tree.path):]] = (
                        content, oct(information.st_mode), information.st_uid, information.st_gid)
        return found

    def journal(self):
        return [json.loads(line) for line in self.tree.read(JOURNAL).splitlines()] if self.tree.exists(JOURNAL) else []

    def version(self, package):
        return self.tree.attempt(f"dpkg-query -W -f '${{Version}}' {package}")[1]

    # The daemon.

    def wait_for(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.1)
        return None

    def answers(self):
        return self.wait_for(self.tree.status) is not None

    def press(self, button):
        self.tree.run(f"firstword ctl press {button}")

    def ended(self, number):
        """The journal's entries from a number on, once a message of them has ended."""
        return self.wait_for(lambda: (entries := self.journal()[number:]) and any(
            entry["event"] in ("completed", "stopped", "interrupted", "failed") for entry in entries) and entries)

    def process(self):
        return self.tree.run("systemctl show --value -p MainPID firstwordd").strip()

    # The parts of the trial.

    def without_systemd(self):
        """As in a container, and while an image is built: no systemd runs, and none is installed."""
        tree = self.tree
        tree.run("apt-get update -q")
        self.succeeds(
            f"{INSTALL} systemd-standalone-sysusers systemd-standalone-tmpfiles espeak-ng fuse3 /packages/earlier/*.deb",
            "the packages install where systemd is not installed")
        for program in ("firstword", "firstwordd"):
            self.succeeds(f"{program} --version", f"{program} starts")
        groups = tree.attempt("id -nG firstword")[1].split()
        self.check({"audio", "gpio", "input", "firstword"} <= set(groups), "the daemon's account has its groups", groups)
        owners = tree.attempt(f"stat -c '%a %U %G' {STORE} {SPOOL}/in")[1].splitlines()
        self.check(owners == ["755 root root", "3770 root firstword"], "store and spool have their owners", owners)
        links = [tree.exists(f"/etc/systemd/system/{link}") for link in (
            "multi-user.target.wants/firstwordd.service", "paths.target.wants/firstword-store.path")]
        self.check(all(links), "the services are enabled", links)
        self.check(tree.attempt("dpkg --verify firstword firstwordd firstword-words firstword-boards; dpkg --audit")[1] == "",
                   "dpkg finds all files as packed")
        self.succeeds("for board in /usr/share/firstword/Hardware/boards/*.yaml; do firstword board check $board || exit 1; done",
                      "the boards of the package pass their check")
        self.succeeds(
            "mkdir /root/trial && cd /root/trial && firstword new project --languages ro,es "
            "--prompts language-name,safe-here,need-doctor,interpreter-coming && firstword synthesize project && "
            "firstword keygen publisher --no-password && firstword build project -o trial.kit --sign publisher.key",
            "a kit is made with the words of the package")
        self.succeeds("cd /root/trial && firstword test trial.kit --trust publisher.pub",
                      "firstword test proves the kit with the package's daemon, board and simulated card")

    def prepare(self):
        """A board for the simulated card, and a daemon that plays a DRAFT."""
        tree = self.tree
        pad = tree.read("/usr/share/firstword/Hardware/boards/number-pad.yaml")
        assert 'pcm: "hw:CARD=Device"' in pad
        tree.write("/root/trial/board.yaml", pad.replace('pcm: "hw:CARD=Device"', 'pcm: "card"'))
        tree.write("/root/trial/card.conf", CARD)
        os.chmod(tree.place("/root"), 0o755)
        command = tree.run("sed -n '/^ExecStart=/,/[^\\\\]$/p' $(dpkg -L firstwordd | grep '/firstwordd.service$')").rstrip()
        tree.write("/etc/systemd/system/firstwordd.service.d/trial.conf",
                   "[Service]\nProtectHome=no\nEnvironment=ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:/root/trial/card.conf\n"
                   f"ExecStart=\n{command} --allow-draft\n")

    def first_start(self):
        tree = self.tree
        state = tree.attempt("systemctl is-active " + " ".join(UNITS))[1].split()
        self.check(state == ["inactive", "active"], "without a board the daemon waits, and the spool is watched", state)
        self.succeeds(
            f"cd /root/trial && firstword board compile board.yaml -o {BOARD} && firstword store trust publisher.pub && "
            "firstword install trial.kit --allow-draft && systemctl start firstwordd", "board, key, kit and start")
        self.check(self.answers(), "the daemon answers", tree.attempt("journalctl -n 20 --no-pager -u firstwordd")[1])
        self.press("next-language")
        entries = self.ended(0)
        self.check(entries and entries[-1]["event"] == "completed", "a language says its name", entries)
        sandbox = tree.attempt("systemctl show -p User -p NoNewPrivileges --value firstwordd")[1].split()
        self.check(sandbox == ["yes", "firstword"] or sandbox == ["firstword", "yes"], "it runs without root", sandbox)

    def change(self, revision, word):
        """Installs other revisions while a message is spoken."""
        tree = self.tree
        number = len(self.journal())
        self.press("next-language")
        self.ended(number)
        kept, journal, process = self.kept(), self.journal(), self.process()
        log = tree.place("/var/log/dpkg.log")
        start = os.path.getsize(log)

        def logged(text):
            with open(log, encoding="utf-8") as file:
                file.seek(start)
                return next((line for line in file if text in line), None)

        apt = tree.start(f"{INSTALL} /packages/{revision}/*.deb")
        # All are unpacked; a moment later the new daemon's script restarts the old one.
        if self.wait_for(lambda: logged(" configure firstword") or apt.poll() is not None, 300):
            self.press("safe-here")
        output = apt.communicate(timeout=300)[0]
        self.check(apt.returncode == 0, f"{word} while a message is spoken", output[-2000:])
        wanted = f"u{'1' if revision == 'earlier' else '2'}"
        versions = [self.version(package) for package in ("firstword", "firstwordd", "firstword-words", "firstword-boards")]
        self.check(all(version.endswith(wanted) for version in versions), f"{word}: all four have the version", versions)
        self.check(self.answers() and self.process() != process, f"{word}: the new daemon runs")
        entries = self.journal()
        self.check(entries[:len(journal)] == journal, f"{word}: the journal goes on")
        self.succeeds(f"firstword journal verify {JOURNAL}", f"{word}: the journal is intact")
        events = [entry["event"] for entry in entries[len(journal):]]
        ends = [entry for entry in entries[len(journal):] if entry["event"] in ("completed", "stopped", "interrupted")]
        self.check([entry["event"] for entry in ends] == ["completed"], f"{word}: the message is spoken to its end", events)
        # In the second after dpkg's line, or later: the new version waited for the message.
        configured = logged(" configure firstwordd:")
        if ends and configured:
            self.waits.append(ends[-1]["time"][:19].replace("T", " ") > configured[:19])
        self.check(self.kept() == kept, f"{word}: store, keys and board are as before",
                   sorted(set(kept.items()) ^ set(self.kept().items())))

    def remove(self):
        tree = self.tree
        kept, journal = self.kept(), self.journal()
        self.succeeds("apt-get remove -y -q firstwordd firstword firstword-words firstword-boards", "remove")
        state = tree.attempt("systemctl is-active " + " ".join(UNITS))[1].split()
        self.check("active" not in state and not tree.exists("/usr/bin/firstwordd"), "remove: nothing runs", state)
        self.check(self.kept() == kept, "remove: store, keys and board are as before",
                   sorted(set(kept.items()) ^ set(self.kept().items())))
        left = self.journal()
        self.check(left[:len(journal)] == journal and left[-1]["event"] == "end", "remove: the journal is kept", left[-2:])
        self.succeeds(f"{INSTALL} /packages/later/*.deb", "reinstall")
        self.check(self.answers(), "reinstall: the daemon runs again, with its kit",
                   tree.attempt("journalctl -n 20 --no-pager -u firstwordd")[1])
        number = len(self.journal())
        self.press("next-language")
        entries = self.ended(number)
        self.check(entries and entries[-1]["event"] == "completed", "reinstall: it speaks", entries)
        self.succeeds(f"firstword journal verify {JOURNAL}", "reinstall: the journal is intact")

    def purge(self):
        tree = self.tree
        self.succeeds("apt-get purge -y -q firstwordd firstword firstword-words firstword-boards", "purge")
        left = tree.attempt(
            "find / -xdev \\( -path /proc -o -path /packages -o -path /root -o -path /run -o -path /var/log -o -path /tmp \\) -prune "
            "-o -name '*firstword*' -print | grep -v -e '^/etc/systemd/system/firstwordd.service.d' -e '^/var/cache/apt'")[1]
        self.check(left == "", "purge: nothing is left but the account", left)
        self.check(tree.attempt("id firstword")[0] == 0, "purge: the account stays, so that its number is not given to another")
        self.succeeds(f"{INSTALL} /packages/later/*.deb", "reinstall after purge")
        state = tree.attempt("systemctl is-active " + " ".join(UNITS))[1].split()
        self.check(state == ["inactive", "active"], "reinstall after purge: as new", state)

    def run(self):
        self.without_systemd()
        self.prepare()
        self.tree.run(f"{INSTALL} systemd")
        self.tree.boot()
        self.first_start()
        self.change("later", "upgrade")
        self.change("earlier", "downgrade")
        if any(self.waits):
            self.check(True, "a new version waits for a message that is being spoken")
        else:
            print(f"skip Debian {self.release}: this machine was too slow to speak while the packages were configured")
        self.remove()
        self.purge()


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    trees, base, packages, release = sys.argv[1:]
    tree = Tree(os.path.join(trees, f"debian{release}"), packages)
    trial = Trial(tree, release)
    tree.copy_from(base)
    try:
        trial.run()
    except Failed as failure:
        trial.check(False, "the trial", failure)
    finally:
        tree.remove()
    return trial.failed


sys.exit(main())
