"""trial.py TREES BASE PACKAGES RELEASE: installs, upgrades, downgrades, removes, purges and reinstalls the packages in a
fresh Debian, with real dpkg and apt; first where no systemd runs, then with systemd as the first process. The first time
they come from a signed repository, by http. Under systemd the units do what they are for: kits by the spool, by a stick
and by a channel (a directory, a stick, a neighbour), requests of the daemon, power. Prints a line for each check. Exit
status: 0 all passed; 1 one failed.

TREES is a directory for the tree, BASE a Debian in which nothing was done. PACKAGES/earlier and PACKAGES/later hold the
packages of two revisions."""

import hashlib
import json
import os
import re
import sys
import time

from people import make_released
from repository import Repository
from stick import Stick
from tree import Failed, Tree

STORE, SPOOL, BOARD = "/var/lib/firstword", "/var/spool/firstword", "/etc/firstword/board.json"
JOURNAL = STORE + "/daemon/journal"
CHANNEL = "/var/lib/firstword-sync"
PACKAGES = ["firstword", "firstwordd", "firstword-sync", "firstword-words", "firstword-boards"]
UNITS = ["firstwordd.service", "firstword-store.path"]
FOLLOWING = ["firstword-sync.timer", "firstword-sync-neighbour.socket"]
# What only the image has.
SLOTS = ["firstword-system.path", "firstword-system.service", "firstword-good.path", "firstword-good.service",
         "firstword-trial.timer", "firstword-trial.service"]
# The most that systemd-analyze security may say of a unit in the running system, and of those that mount a stick:
# CAP_SYS_ADMIN, until the program gives it up.
EXPOSURE = 1.3
STICK_EXPOSURE = 1.7
# The simulated card of firstword's own package, in real time.
CARD = """pcm_type.simcard { lib "/usr/lib/firstword/libsimcard.so" }
pcm.card { type simcard record "/var/lib/firstword/daemon/card.record" rate [ 48000 ] }
"""
INSTALL = "apt-get install -y -q --no-install-recommends --allow-downgrades"
PLACE = "/srv/trial"
LIB = "/usr/lib/systemd/system"
SYSTEMD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Hardware/systemd")
# apt with Firstword's repository alone, as if it had never been read. Each command has a /tmp of its own.
ONLY = ("mkdir -p /tmp/lists/partial /tmp/archives/partial && apt-get -o Dir::Etc::SourceList=/dev/null "
        "-o Dir::State::Lists=/tmp/lists -o Dir::Cache::Archives=/tmp/archives -o APT::Update::Error-Mode=any")


class Trial:
    def __init__(self, tree, release):
        self.tree, self.release = tree, release
        self.failed = False
        # The version of the newest kit that the device was given.
        self.newest = None
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
        """The store with its kits and keys, the board, and what is known of the channel: by content, mode and owner."""
        found = {}
        for top in (STORE, os.path.dirname(BOARD), CHANNEL):
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

    def from_repository(self):
        """A user adds the repository, and apt takes the packages only as they were signed."""
        tree = self.tree
        tree.run("apt-get update -q")
        # Every Debian that was ever started has it.
        os.symlink("../proc/self/mounts", tree.place("/etc/mtab"))
        with Repository(tree, self.release) as repository:
            repository.add("earlier")
            tree.write("/etc/apt/sources.list.d/firstword.sources", repository.source())
            self.succeeds("apt-get update -q", "apt trusts the repository by the key in its .sources file")
            self.succeeds(
                f"{INSTALL} systemd-standalone-sysusers systemd-standalone-tmpfiles busybox espeak-ng fuse3 {' '.join(PACKAGES)}",
                "the packages install from the repository where systemd is not installed")
            for change, what, reason in repository.attacks():
                change()
                status, output = tree.attempt(
                    f"{ONLY} update -q && {ONLY} install -y -q --reinstall --download-only firstword-words")
                self.check(status != 0 and re.search(reason, output), f"apt refuses {what}", output[-1000:])
            repository.restore()
            repository.add("later")
            output = self.succeeds(f"{ONLY} update -q && {ONLY} upgrade -s", "apt reads the repository after an addition")
            wanted = [name for name in PACKAGES if re.search(rf"^Inst {name} .*u2", output, re.M)]
            self.check(wanted == PACKAGES, "apt would upgrade all packages from the repository", output[-1500:])
            repository.delay()
            self.succeeds(f"{ONLY} update -q", "a mirror that still has the signed list of before is whole")
        os.remove(tree.place("/etc/apt/sources.list.d/firstword.sources"))
        tree.run("apt-get update -q")

    def without_systemd(self):
        """As in a container, in WSL2, and while an image is built: no systemd runs, and none is installed."""
        tree = self.tree
        for program in ("firstword", "firstwordd", "firstword-sync"):
            self.succeeds(f"{program} --version && {program} --help", f"{program} starts")
        groups = tree.attempt("id -nG firstword")[1].split()
        self.check({"audio", "gpio", "input", "firstword"} <= set(groups), "the daemon's account has its groups", groups)
        groups = tree.attempt("id -nG firstword-sync")[1].split()
        self.check(set(groups) == {"firstword-sync", "firstword"}, "the channel's account has the spool's group alone", groups)
        owners = tree.attempt(f"stat -c '%a %U %G' {STORE} {SPOOL}/in")[1].splitlines()
        self.check(owners == ["755 root root", "3770 root firstword"], "store and spool have their owners", owners)
        links = [tree.exists(f"/etc/systemd/system/{link}") for link in (
            "multi-user.target.wants/firstwordd.service", "paths.target.wants/firstword-store.path",
            "timers.target.wants/firstword-sync.timer")]
        self.check(all(links), "the services are enabled", links)
        self.check(tree.attempt(f"dpkg --verify {' '.join(PACKAGES)}; dpkg --audit")[1] == "", "dpkg finds all files as packed")
        self.succeeds("for board in /usr/share/firstword/Hardware/boards/*.yaml; do firstword board check $board || exit 1; done",
                      "the boards of the package pass their check")
        # A trainer's laptop: an ordinary account, no sound card.
        tree.run(f"useradd --create-home trainer && mkdir {PLACE} && chown trainer {PLACE}")
        self.trainer(
            "firstword new project --languages ro,es "
            "--prompts language-name,safe-here,need-doctor,interpreter-coming && firstword synthesize project && "
            "firstword keygen publisher --no-password && firstword build project -o trial.kit --sign publisher.key",
            "a user without rights makes a kit with the words of the package")
        self.trainer("firstword test trial.kit --trust publisher.pub",
                     "firstword test proves the kit with the package's daemon, board and simulated card")
        make_released(self, PLACE)

    def trainer(self, command, text):
        """A command of an ordinary user."""
        return self.succeeds(f"runuser -u trainer -- env HOME=/home/trainer bash -c 'cd {PLACE} && {command}'", text)

    def prepare(self):
        """A board for the simulated card, and a daemon that plays a DRAFT."""
        tree = self.tree
        pad = tree.read("/usr/share/firstword/Hardware/boards/number-pad.yaml")
        assert 'pcm: "hw:CARD=Device"' in pad
        tree.write(f"{PLACE}/board.yaml", pad.replace('pcm: "hw:CARD=Device"', 'pcm: "card"'))
        tree.write(f"{PLACE}/card.conf", CARD)
        command = tree.run("sed -n '/^ExecStart=/,/[^\\\\]$/p' $(dpkg -L firstwordd | grep '/firstwordd.service$')").rstrip()
        tree.write("/etc/systemd/system/firstwordd.service.d/trial.conf",
                   f"[Service]\nEnvironment=ALSA_CONFIG_PATH=/usr/share/alsa/alsa.conf:{PLACE}/card.conf\n"
                   f"ExecStart=\n{command} --allow-draft\n")
        # Nothing follows the channel by itself while the trial compares what is kept.
        tree.write("/etc/systemd/system/firstword-sync.timer.d/trial.conf", "[Timer]\nOnBootSec=\nOnActiveSec=1d\n")

    def first_start(self):
        tree = self.tree
        state = tree.attempt("systemctl is-active " + " ".join(UNITS))[1].split()
        self.check(state == ["inactive", "active"], "without a board the daemon waits, and the spool is watched", state)
        self.succeeds(
            f"cd {PLACE} && firstword board compile board.yaml -o {BOARD} && firstword store trust publisher.pub && "
            "firstword install trial.kit --allow-draft && systemctl start firstwordd", "board, key, kit and start")
        self.check(self.answers(), "the daemon answers", tree.attempt("journalctl -n 20 --no-pager -u firstwordd")[1])
        self.press("next-language")
        entries = self.ended(0)
        self.check(entries and entries[-1]["event"] == "completed", "a language says its name", entries)
        sandbox = tree.attempt("systemctl show -p User -p NoNewPrivileges --value firstwordd")[1].split()
        self.check(sandbox == ["yes", "firstword"] or sandbox == ["firstword", "yes"], "it runs without root", sandbox)

    # What the units are for.

    def plays(self, version):
        """Whether the daemon has changed to a version of the kit."""
        return self.wait_for(lambda: (status := self.tree.status()) and f"project {version}" in json.dumps(status) and status)

    def takes(self, version):
        """The same, of a version that is the newest from then on."""
        self.newest = version
        return self.plays(version)

    def log(self, unit):
        return self.tree.attempt(f"journalctl -n 30 --no-pager -u {unit}")[1]

    def units(self):
        """systemd accepts the units, and says how much a fault in one could reach."""
        tree = self.tree
        names = sorted(name for name in os.listdir(tree.place(LIB)) if name.startswith("firstword"))
        sources = [name for directory in ("", "/sync") for name in os.listdir(f"{SYSTEMD}{directory}")
                   if name.endswith((".service", ".path", ".timer", ".socket"))]
        self.check(names == sorted(sources), f"the packages have all {len(sources)} units", names)
        output = self.succeeds("systemd-analyze verify --man=no " + " ".join(name.replace("@.", "@trial.") for name in names),
                               "systemd-analyze verify accepts the units")
        self.check(output == "", "systemd-analyze verify has no complaint", output)
        pages = [page for name in names
                 for page in re.findall(r"^Documentation=man:(\S+)\((\d)\)", tree.read(f"{LIB}/{name}"), re.M)]
        missing = [page for page in pages if not tree.exists(f"/usr/share/man/man{page[1]}/{page[0]}.{page[1]}.gz")]
        self.check(len(pages) == len(names) and not missing, "each unit names a man page of the packages", missing)
        failed = tree.attempt("systemctl list-units --state=failed --no-legend --plain 'firstword*'")[1]
        self.check(failed == "", "no unit has failed", failed)
        for name in names:
            if not name.endswith(".service"):
                continue
            output = tree.attempt(f"systemd-analyze security --no-pager {name.replace('@.', '@trial.')}")[1]
            value = re.search(r"exposure level for .*: ([0-9.]+)", output)
            most = STICK_EXPOSURE if "-stick" in name else EXPOSURE
            self.check(value and float(value[1]) <= most,
                       f"systemd-analyze security, in the running system: {name} {value and value[1]}", output[-1500:])

    def slots(self):
        """A device that was not made with an image has one system, and nothing tries to change it."""
        found = self.tree.attempt("systemctl is-active " + " ".join(SLOTS))[1].split()
        self.check(set(found) == {"inactive"}, "the units for two systems wait for an image", found)
        self.tree.attempt("systemctl start " + " ".join(SLOTS))
        found = self.tree.attempt("systemctl is-active " + " ".join(SLOTS))[1].split()
        self.check(set(found) == {"inactive"}, "nor does a start by hand change anything", found)

    def spool(self):
        """Kits come to the store by the spool, which root's unit empties."""
        tree = self.tree
        tree.run(f"cp {PLACE}/1.1.kit {SPOOL}/in/.one.part && mv {SPOOL}/in/.one.part {SPOOL}/in/one.kit")
        self.check(self.plays("1.1"), "a kit that is dropped into the spool is installed, and the daemon plays it",
                   self.log("firstword-store"))
        self.check(os.listdir(tree.place(f"{SPOOL}/in")) == [], "the spool is empty again")
        before = self.kept()
        tree.run(f"cp {PLACE}/stranger.kit {SPOOL}/in/.two.part && mv {SPOOL}/in/.two.part {SPOOL}/in/two.kit")
        gone = self.wait_for(lambda: os.listdir(tree.place(f"{SPOOL}/in")) == [])
        said = tree.attempt("firstword store results")[1]
        self.check(gone and "two.kit" in said, "a stranger's kit is taken out of the spool, and a result says so", said)
        kept = {path: value for path, value in self.kept().items() if "results" not in path}
        self.check(kept == {path: value for path, value in before.items() if "results" not in path},
                   "a stranger's kit changes nothing in the store")
        tree.run("useradd --groups firstword member")
        self.succeeds(f"runuser -u member -- firstword install {PLACE}/1.2.kit",
                      "a member of the group installs a kit without root, and hears the result")
        self.check(self.plays("1.2"), "the daemon plays the member's kit", self.log("firstword-store"))
        status, said = tree.attempt(f"runuser -u trainer -- firstword install {PLACE}/1.2.kit")
        self.check(status != 0, "somebody else cannot", said)

    def permit_loop(self, units):
        """Lets units read a loop device in place of a USB stick, and gives some of them another command."""
        for unit, command in units.items():
            self.tree.write(f"/etc/systemd/system/firstword-{unit}.service.d/trial.conf",
                            f"[Service]\nDeviceAllow=block-loop rw\n{command}")
        self.tree.run("systemctl daemon-reload")

    def stick(self):
        """A stick with a real file system, as a loop device: the container has no USB."""
        tree = self.tree
        try:
            stick = Stick(tree, {"1.3.kit": f"{PLACE}/1.3.kit", "firstword/9.0.kit": f"{PLACE}/stranger.kit",
                                 "third.pub": f"{PLACE}/third.pub", "letter.txt": f"{PLACE}/project/kit.yaml"})
        except OSError as reason:
            print(f"skip Debian {self.release}: no stick: {reason}")
            return
        with stick:
            self.permit_loop({"stick@": "", "sync-stick@": "", **{
                f"stick-{verb}": f"ExecStart=\nExecStart=/usr/bin/firstword stick {verb} {stick.device}\n"
                for verb in ("keys", "journal")}})
            unit = f"firstword-stick@{os.path.basename(stick.device)}"
            self.succeeds(f"systemctl start {unit}", "a stick is read")
            self.check(self.takes("1.3"), "the newest kit of a trusted publisher on an ext4 stick is installed, and played",
                       self.log(unit) + self.log("firstword-store"))
            self.check(stick.unchanged(), "reading changes nothing on the stick")
            mounts = tree.attempt("cat /proc/mounts")[1]
            self.check(stick.device not in mounts, "nobody else sees the stick's files", mounts)
            tree.run("runuser -u firstword -- touch /run/firstword/ask/stick-journal")
            written = self.wait_for(lambda: any(re.fullmatch(r"firstword-journal-\d+\.html", name) for name in stick.names()))
            self.check(written, "the chord journal-to-stick writes a new file to the stick",
                       [stick.names(), self.log("firstword-stick-journal")])
            tree.run("runuser -u firstword -- touch /run/firstword/ask/stick-keys")
            key = tree.read(f"{PLACE}/third.pub").split("\n")[0].split()[-1]
            trusted = self.wait_for(lambda: key in tree.attempt("firstword store list")[1])
            self.check(trusted, "the chord trust-stick trusts the key on the stick", self.log("firstword-stick-keys"))

    def channel(self):
        """A device with a network follows a channel, here a directory."""
        tree = self.tree
        self.check(tree.attempt("systemctl is-active firstword-sync.timer firstword-sync.service")[1].split() == ["inactive"] * 2,
                   "a device without a channel asks nobody")
        tree.run("systemctl start firstword-sync.timer firstword-sync.service")
        self.check(not tree.exists(f"{CHANNEL}/metadata") and
                   tree.attempt("systemctl is-active firstword-sync.timer")[1].strip() == "inactive",
                   "nor does a start by hand")
        self.succeeds(
            f"cd {PLACE} && firstword keygen root --no-password && firstword keygen kits --no-password && "
            "firstword keygen online --no-password && firstword channel new channel --root root.pub --threshold 1 "
            "--targets kits.pub --online online.pub && firstword channel sign channel --key root.key && "
            "firstword channel add channel 1.4.kit --trust publisher.pub && "
            "firstword channel sign channel --key kits.key --key online.key", "a publisher makes a channel")
        example = json.loads(tree.read("/usr/share/doc/firstword-sync/examples/channel.json"))
        example.update(mirrors=[f"{PLACE}/channel"], kits=["project"])
        tree.write("/etc/firstword/channel.json", json.dumps(example))
        tree.run(f"cp {PLACE}/channel/metadata/1.root.json /etc/firstword/root.json && systemctl start firstword-sync.timer")
        self.check(tree.attempt("systemctl is-active firstword-sync.timer")[1].strip() == "active",
                   "with a channel the timer waits for its time")
        self.succeeds("systemctl start firstword-sync.service", "the channel is followed by an account of its own")
        self.check(self.takes("1.4"), "the channel's kit is installed, and played", self.log("firstword-sync"))
        owners = set(tree.run(f"find {CHANNEL} -printf '%u\\n'").split())
        self.check(owners == {"firstword-sync"}, "its folder is its own", owners)
        said = json.loads(tree.run("firstword ctl status --json")).get("channel", {})
        self.check(said.get("days") == 0 and said.get("isSilent") is False,
                   "ctl status says when the channel was heard of", said)

    def channel_by_stick(self):
        """A stick brings the channel to a device without a link, and takes its receipt home."""
        tree = self.tree
        tree.run(f"cp -r {PLACE}/channel {PLACE}/older")
        self.succeeds(
            f"cd {PLACE} && firstword channel add channel 1.5.kit --trust publisher.pub && "
            "firstword channel sign channel --key kits.key --key online.key", "the publisher adds a kit to the channel")

        def stick(channel):
            return Stick(tree, {"channel/metadata": f"{channel}/metadata", "channel/targets": f"{channel}/targets",
                                "receipts": None})

        try:
            newer = stick(f"{PLACE}/channel")
        except OSError as reason:
            print(f"skip Debian {self.release}: no stick with a channel: {reason}")
            return
        with newer:
            name = os.path.basename(newer.device)
            units = f"firstword-stick@{name} firstword-sync-stick@{name}"
            # As udev's rules start both.
            self.succeeds(f"systemctl start {units}", "a stick with a channel is read by both units, one after the other")
            self.check(self.takes("1.5"), "the kit of the stick's channel is installed, and played",
                       self.log(f"firstword-sync-stick@{name}") + self.log("firstword-store"))
            newer.take_home("receipts", tree.place(f"{PLACE}/home"))
            said = tree.attempt(f"cd {PLACE} && firstword channel receipts home/receipts --json")[1]
            count = json.loads(said) if said.startswith("{") else {}
            self.check([(kit.get("version"), kit["devices"]) for kit in count.get("kits", [])] == [("1.5", 1)],
                       "the stick takes home a receipt, which says that the kit is installed", said)
            mounts = tree.attempt("cat /proc/mounts")[1]
            self.check(newer.device not in mounts, "nobody else sees the files of a stick with a channel", mounts)
            said = tree.attempt(f"systemd-analyze security --no-pager firstword-sync-stick@{name}")[1]
            value = re.search(r"exposure level for .*: ([0-9.]+)", said)
            self.check(value and float(value[1]) <= STICK_EXPOSURE,
                       f"systemd-analyze security, of the unit that has run: firstword-sync-stick@ {value and value[1]}",
                       said[-1500:])
        with stick(f"{PLACE}/older") as older:
            kept, name = self.kept(), os.path.basename(older.device)
            status = tree.attempt(f"systemctl start firstword-sync-stick@{name}")[0]
            said = self.log(f"firstword-sync-stick@{name}")
            after = self.kept()
            changed = [path for path in sorted(kept.keys() | after) if kept.get(path) != after.get(path)]
            self.check(status != 0 and "is older than" in said and not any(path.startswith(STORE) for path in changed),
                       "an older channel on a stick is refused, and the store is as before", [said, changed])
            tree.run("systemctl reset-failed")
        with Stick(tree, {"letter.txt": f"{PLACE}/project/kit.yaml"}) as other:
            self.succeeds(f"systemctl start firstword-sync-stick@{os.path.basename(other.device)}",
                          "a stick without a channel is no fault")
            self.check(other.unchanged(), "a stick without a channel is left as it was")

    def neighbour(self):
        """A device with a link keeps a copy of the channel for others, which ask it by http."""
        tree, place = self.tree, f"{PLACE}/neighbour"
        own = json.loads(tree.read("/etc/firstword/channel.json"))
        tree.write("/etc/firstword/channel.json", json.dumps({**own, "neighbours": True}))
        self.succeeds("systemctl start firstword-sync.service && systemctl enable --now firstword-sync-neighbour.socket",
                      "a copy of the channel is kept, and offered once its socket is enabled")
        tree.write(f"{place}/channel.json", json.dumps({**own, "mirrors": ["http://127.0.0.1:8766"]}))
        tree.run(f"mkdir -p {place}/spool/in {place}/store")
        status, said = tree.attempt(
            f"firstword-sync --once --json --config {place}/channel.json --root {PLACE}/channel/metadata/1.root.json "
            f"--folder {place}/sync --store {place}/store --spool {place}/spool --socket {place}/none --news {place}/news")
        self.check(status == 0, "another device follows the neighbour's copy", said + self.log("firstword-sync-neighbour@*"))
        found = tree.attempt(f"cd {place}/spool/in && sha256sum * | cut -c 1-64")[1].split()
        wanted = tree.run(f"sha256sum {PLACE}/{self.newest}.kit")[:64]
        self.check(found == [wanted], "the other device has the publisher's bytes", [found, wanted])
        ask = "exec 3<>/dev/tcp/127.0.0.1/8766 && printf 'GET %s HTTP/1.0\\r\\n\\r\\n' {} >&3 && head -n 1 <&3"
        tree.run(f"echo secret >{CHANNEL}/secret && chmod 644 {CHANNEL}/secret")
        said = [tree.attempt(ask.format(path))[1].split() for path in (
            "/metadata/timestamp.json", "/../secret", "/%2e%2e/secret", "/metadata/../../secret")]
        self.check([line[1:2] for line in said[:1]] == [["200"]] and not any("200" in line for line in said[1:]),
                   "nothing beside the copy is offered", said)
        tree.run(f"rm {CHANNEL}/secret")
        self.neighbour_at_work()

    def neighbour_at_work(self):
        """What a process that answers a neighbour may do, while it does."""
        tree = self.tree
        asking = tree.start("exec 3<>/dev/tcp/127.0.0.1/8766; cat <&3")
        unit = self.wait_for(lambda: re.search(r"firstword-sync-neighbour@\S+\.service", tree.attempt(
            "systemctl list-units --no-legend --plain --state=running 'firstword-sync-neighbour@*'")[1]), 30)
        if not unit:
            self.check(False, "a neighbour's connection has a process of its own",
                       self.log("firstword-sync-neighbour.socket"))
            asking.kill()
            return
        # Until then it is systemd's own process, which is about to give up its rights.
        lines = self.wait_for(lambda: (found := dict(line.split(":\t", 1) for line in tree.run(
            f"cat /proc/$(systemctl show --value -p MainPID '{unit[0]}')/status").splitlines() if ":\t" in line))
            and found["Name"] == "busybox" and found, 30)
        if not lines:
            self.check(False, "busybox answers the neighbour", self.log(unit[0]))
            asking.kill()
            return
        rights = {name: lines[name].split() for name in ("Uid", "CapEff", "CapBnd", "NoNewPrivs", "Seccomp")}
        self.check("0" not in rights["Uid"] and set("".join(rights["CapEff"] + rights["CapBnd"])) == {"0"}
                   and rights["NoNewPrivs"] == ["1"] and rights["Seccomp"] == ["2"],
                   "the process that answers a neighbour has no rights, and a filter of system calls", rights)
        said = tree.attempt(f"systemd-analyze security --no-pager '{unit[0]}'")[1]
        value = re.search(r"exposure level for .*: ([0-9.]+)", said)
        self.check(value and float(value[1]) <= EXPOSURE,
                   f"systemd-analyze security, while it runs: firstword-sync-neighbour@ {value and value[1]}", said[-1500:])
        tree.run(f"systemctl stop '{unit[0]}'")
        asking.communicate(timeout=60)

    def power(self):
        """The hooks for a battery, a weak supply, and the chord that switches off."""
        tree = self.tree
        self.succeeds("systemctl start firstword-power-low.service", "a weak supply starts its unit")
        said = self.wait_for(lambda: "the power is low" in self.log("firstwordd"))
        self.check(said, "the holder is warned that the power is low", self.log("firstwordd"))
        tree.run("systemctl start firstword-power-low.service")
        said = self.log("firstwordd")
        self.check(said.count("the power is low") == 1, "and not again at once", said)
        tree.write("/etc/firstword/power-off.d/battery", "#!/bin/sh\necho cut >/srv/trial/battery\n")
        os.chmod(tree.place("/etc/firstword/power-off.d/battery"), 0o755)
        number = len(self.journal())
        tree.run("runuser -u firstword -- touch /run/firstword/ask/power-off")
        self.check(tree.ends(60), "the chord power-off switches the device off", self.log("firstword-power-off"))
        self.check(tree.exists(f"{PLACE}/battery"), "before that the battery's program has run")
        entries = self.journal()
        self.check(len(entries) > number and entries[-1]["event"] == "end", "the journal has its end", entries[-2:])
        tree.boot()
        self.check(self.answers(), "the daemon answers after the next start", self.log("firstwordd"))
        self.check(self.plays(self.newest), "with the newest kit")

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
        versions = [self.version(package) for package in PACKAGES]
        self.check(all(version.endswith(wanted) for version in versions), f"{word}: all five have the version", versions)
        self.check(self.answers() and self.process() != process, f"{word}: the new daemon runs")
        state = tree.attempt(f"systemctl is-active {' '.join(FOLLOWING)}")[1].split()
        self.check(state == ["active"] * len(FOLLOWING), f"{word}: the channel is followed, and offered to neighbours", state)
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
        self.succeeds("apt-get remove -y -q " + " ".join(PACKAGES), "remove")
        state = tree.attempt("systemctl is-active " + " ".join(UNITS + FOLLOWING))[1].split()
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
        self.succeeds("apt-get purge -y -q " + " ".join(PACKAGES), "purge")
        left = tree.attempt(
            "find / -xdev \\( -path /proc -o -path /packages -o -path /srv -o -path /home -o -path /run -o -path /var/log "
            "-o -path /tmp \\) -prune -o -name '*firstword*' -print | "
            "grep -v -e '^/etc/systemd/system/firstword.*[.]d' -e '^/var/cache/apt'")[1]
        self.check(left == "", "purge: nothing is left but the account", left)
        self.check(tree.attempt("id firstword firstword-sync")[0] == 0,
                   "purge: the accounts stay, so that their numbers are not given to others")
        self.succeeds(f"{INSTALL} /packages/later/*.deb", "reinstall after purge")
        state = tree.attempt("systemctl is-active " + " ".join(UNITS))[1].split()
        self.check(state == ["inactive", "active"], "reinstall after purge: as new", state)

    def run(self):
        self.from_repository()
        self.without_systemd()
        self.prepare()
        self.tree.run(f"{INSTALL} systemd")
        self.tree.boot()
        self.first_start()
        self.slots()
        self.spool()
        self.stick()
        self.channel()
        self.channel_by_stick()
        self.neighbour()
        self.units()
        self.power()
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
