"""Tests of the program under strain: killed at any moment, and with several people at the same files at once."""

import array, hashlib, io, json, os, random, re, shutil, subprocess, threading, time, wave
from runner import must, test
from browsers import Failure
from client import Client, NoAnswer
from projects import Studio, empty, run

ITEMS = ["raise-hand", "safe-here", "interpreter-coming", "need-doctor"]
HEAD = "# The words of our house. This line must stay.\n"


def shelf(bench, name):
    """A directory with a project `p` of two languages and four messages, with its own Romanian words."""
    top = f"{bench.top}/{name}"
    empty(top)
    run(bench.firstword, top, "new", "p", "--languages", "ro,km", "--prompts", ",".join(ITEMS))
    os.makedirs(f"{top}/p/Languages")
    with open(f"{top}/p/Languages/ro.yaml", "w") as file:
        file.write(HEAD + 'tag: "ro"\ndrafted: person\nwordings:\n')
        for item in ITEMS:
            file.write(f"  # About {item}.\n  {item}:\n    text: \"Textul {item} unu.\"  # after it\n")
    return top


def texts(path):
    """The texts of a file of wordings, by item."""
    text = open(path).read()
    return dict(re.findall(r'^  ([a-z-]+):\n(?:    .*\n)*?    text: "([^"]*)"', text, re.M))


def word(number):
    """A number as letters: wordings have no digits."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


class Worker(threading.Thread):
    """Acts again and again, until the program does not answer any more."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.failure, self.ends = act, None, False
        self.start()

    def run(self):
        try:
            while not self.ends:
                self.act()
        except NoAnswer:
            pass
        except Exception as error:
            self.failure = error


def leftovers(top):
    """Files that a killed program left: half-written ones, takes that nobody kept, an import that was not finished."""
    found = []
    for place, directories, names in os.walk(top):
        # A draft of an import is removed as a whole.
        directories[:] = [name for name in directories if name not in ("cache", ".uploads")]
        for name in names + [one for one in directories if one == ".import"]:
            if name.endswith(".part") or name == ".import" or re.match(r"\..*\.\d+\.wav", name):
                found.append(os.path.relpath(f"{place}/{name}", top))
    return found


def hashes(top, known={}):
    """The SHA-256 of the samples of all recordings below a directory, by path. `known` has those of unchanged files."""
    found = {}
    for place, _, names in os.walk(top):
        for name in names:
            path = f"{place}/{name}"
            if name.startswith(".") or not name.endswith(".wav"):
                continue
            status = os.stat(path)
            stamp = (path, status.st_ino, status.st_mtime_ns, status.st_size)
            if stamp not in known:
                with wave.open(path) as file:
                    known[stamp] = hashlib.sha256(file.readframes(file.getnframes())).hexdigest()
            found[os.path.relpath(path, top)] = known[stamp]
    return found


class Voice:
    """Takes that pass for speech, of which no two are equal; those of two messages are not even alike."""

    rate = 44100
    lines = ["Arătați semnul.", "Ridicați mâna dreaptă.", "Sunteți în siguranță.", "Vine un interpret acum.", "Un medic?"]

    def __init__(self, top):
        self.top, self.number, self.lock, self.spoken = top, 0, threading.Lock(), {}
        for index, name in enumerate(("answer-card", *ITEMS)):
            for tag, speed, pitch in (("ro", 150, 40), ("km", 120, 70)):
                words = ["-v", "ro", "-s", str(speed), "-p", str(pitch), self.lines[index - (tag == "km") * 2]]
                subprocess.run(["espeak-ng", "-w", f"{top}/voice.wav", *words], check=True)
                with wave.open(f"{top}/voice.wav") as file:
                    spoken = array.array("h", file.readframes(file.getnframes()))
                self.spoken[tag, name] = array.array("h", (value for value in spoken for _ in range(2)))

    def take(self, tag, item=None):
        """A WAV file of a message, or of the silent room, and the SHA-256 of its samples."""
        with self.lock:
            self.number += 1
            generator = random.Random(self.number)
        quiet = array.array("h", (generator.randrange(-20, 20) for _ in range(self.rate // 3)))
        data = (quiet + self.spoken[tag, item] + quiet if item else quiet * 6).tobytes()
        with io.BytesIO() as buffer:
            with wave.open(buffer, "wb") as file:
                file.setparams((1, 2, self.rate, 0, "NONE", ""))
                file.writeframes(data)
            return buffer.getvalue(), hashlib.sha256(data).hexdigest()


class Work:
    """What people do in a project with a studio that may be killed at any moment, and what must be left of it.

    What the studio has answered is done. What it has not answered is in `doubt`: it is done whole, or not at all.
    """

    def __init__(self, bench, top):
        self.bench, self.top, self.place = bench, top, f"{top}/p"
        self.generator, self.voice, self.number = random.Random(18), Voice(top), 0
        self.counts = dict.fromkeys(
            ("wordings", "verdicts", "checks", "projects", "speakers", "settings")
            + ("takes", "kept", "imports", "builds"),
            0,
        )
        self.version = self.newest = "1.0"  # of the next kit, as answered, and as asked for
        self.texts, self.doubt = {}, {}  # of a wording
        self.verdicts, self.projects, self.speakers = 0, set(), set()
        self.takes = set()  # samples that must be among takes or recordings
        self.files, self.open = {}, {}  # samples of recordings, by path: as answered, and as asked for
        self.drafts, self.built = {}, False
        self.client = self.booth = None
        self.turn, self.until, self.reached = 0, 0, threading.Event()

    def acts(self):
        """What is done at once: one of the long acts and some of the others, or all. The kill waits for the long one."""
        long, short = [self.record, self.bring, self.build], [self.judge, self.check, self.create, self.speak]
        short += [self.word_one, self.word_two, self.settle]
        chosen = long[self.turn % 3]
        self.until = self.generator.randrange(1, 16 if chosen == self.record else 3)
        if self.generator.random() < 0.2:
            return [self.counted(act) for act in long + short]
        return [self.counted(chosen)] + self.generator.sample(short, self.generator.randrange(0, 3))

    def counted(self, act):
        """The act, which reports when as many acts were done as the next kill waits for."""
        self.reached.clear()

        def one():
            act()
            with self.voice.lock:
                self.until -= 1
            if self.until <= 0:
                self.reached.set()

        return one

    def next(self):
        """A word that was not used before."""
        with self.voice.lock:
            self.number += 1
            return word(self.number)

    def done(self, job):
        """Follows long work to its end, and returns whether it was done."""
        while job["state"] == "running":
            time.sleep(0.02)
            job = self.client.view(f"jobs/{job['id']}")
        return job["state"] == "done"

    # What is done

    def word(self, items):
        item = self.generator.choice(items)
        text = f"Textul {item} {self.next()}."
        view = self.client.view("projects/p/words/ro")
        version = [one for one in view["items"] if one["id"] == item][0]["version"]
        self.doubt[item] = text
        status, view = self.client.post(
            f"projects/p/words/ro/{item}", {"version": version, "changes": {"text": text}}
        )
        must(status in (200, 409, 423), f"a wording is answered with {status} {view}")
        if status == 200:
            self.texts[item] = text
            self.counts["wordings"] += 1
        self.doubt.pop(item)

    def word_one(self):
        self.word(ITEMS[::2])

    def word_two(self):
        self.word(ITEMS[1::2])

    def judge(self):
        status, reviewer = self.client.post("projects/p/reviewers", {"name": f"Ana {self.next()}"})
        must(status == 201, f"a reviewer is answered with {status} {reviewer}")
        view = self.client.view(f"projects/p/review/km?reviewer={reviewer['id']}")
        item = self.generator.choice(view["items"])
        wish = {"reviewer": reviewer["id"], "kind": "wording", "hash": item["hash"], "verdict": "accepted"}
        status, view = self.client.post(f"projects/p/review/km/{item['id']}", {**wish, "back": "You."})
        must(status == 200, f"a verdict is answered with {status} {view}")
        self.verdicts += 1
        self.counts["verdicts"] += 1

    def check(self):
        status, job = self.client.post("projects/p/check")
        must(status in (202, 409), f"a check is answered with {status} {job}")
        if status == 202 and self.done(job):
            self.counts["checks"] += 1

    def create(self):
        if len(self.projects) >= 40:
            return time.sleep(0.05)
        name = f"new-{self.next()}"
        status, view = self.client.post("projects", {"directory": name, "languages": ["ro"], "prompts": ["safe-here"]})
        must(status == 201, f"a new project is answered with {status} {view}")
        self.projects.add(name)
        self.counts["projects"] += 1

    def speak(self):
        if len(self.speakers) >= 40:
            return time.sleep(0.05)
        name = f"Ben {self.next()}"
        wish = {"pseudonym": name, "language": "km", "voice": f"f{self.number + 10}", "consent": "2026-04-30"}
        status, view = self.client.post("projects/p/speakers", {**wish, "licence": "any", "contact": "a@b"})
        must(status in (201, 423), f"a speaker is answered with {status} {view}")
        if status == 201:
            self.speakers.add(name)
            self.counts["speakers"] += 1

    def settle(self):
        """Changes the version of the next kit."""
        view = self.client.view("projects/p/settings")
        self.next()
        self.newest = f"1.{self.number}"
        wish = {key: view[key] for key in ("version", "name", "answers")}
        wish = {**wish, "kitVersion": self.newest, "operatorLanguage": view.get("operatorLanguage", "")}
        status, view = self.client.post("projects/p/settings", wish)
        must(status in (200, 409, 423), f"a setting is answered with {status} {view}")
        if status == 200:
            self.version = self.newest
            self.counts["settings"] += 1

    def record(self):
        """One step of a speaker in the booth, with the browser's microphone."""
        if self.booth is None:
            wish = {"source": "browser", "device": "USB", "rate": Voice.rate, "countdown": 0, "voice": "f1"}
            status, self.booth = self.client.post("projects/p/booth/ro", {**wish, "all": True})
            must(status == 201, f"the booth is answered with {status} {self.booth}")
        view, at = self.booth, f"projects/p/booths/{self.booth['id']}"
        phase, item = view["phase"], view["item"]
        number = "" if item["kind"] == "formula" else f"{item['number']:02}-"
        path = f"recordings/ro/f1/{number}{item['id']}.wav"
        command = {"roomFindings": "ignoreRoom", "ready": "record", "confirming": "replace"}.get(phase)
        if phase == "reviewing":
            command = self.generator.choice(("keep", "keep", "keep", "again", "record"))
        content, sound = self.voice.take("ro", None if phase == "room" else item["id"])
        if phase == "ended":
            self.booth = None
            return
        if phase == "room":
            status, self.booth = self.client.upload(f"{at}/room", content)
        elif phase == "recording":
            status, self.booth = self.client.upload(f"{at}/take?item={item['id']}", content)
        elif command:
            if command in ("keep", "replace"):
                self.open[path] = self.taken
            if command == "again":
                self.takes.discard(self.taken)
            status, self.booth = self.client.post(f"{at}/command", {"command": command})
        else:
            status, self.booth = self.client.get(at)
        must(status == 200, f"the booth is answered with {status} {self.booth}")
        now = self.booth["phase"]
        if phase == "recording":
            must(now == "reviewing", f"after a take the booth is {now}: {self.booth.get('notice')}")
            self.taken = sound
            self.takes.add(sound)
            self.counts["takes"] += 1
        elif command in ("keep", "replace") and now == "reviewing":
            # Another act held the project's lock; the page says so.
            must(self.booth.get("notice"), "a take is not kept, and no reason is given")
            self.open.pop(path)
        elif command in ("keep", "replace") and now != "confirming":
            must(now in ("ready", "ended"), f"after 'keep' the booth is {now}: {self.booth.get('reason')}")
            self.files[path] = self.open.pop(path)
            self.counts["kept"] += 1

    def bring(self):
        """An import by drop, from the first file to the end of its draft."""
        status, head = self.client.post("projects/p/imports")
        must(status == 201, f"an import is answered with {status} {head}")
        at, given = f"projects/p/imports/{head['id']}", {}
        self.drafts[head["id"]] = 0
        for item in self.generator.sample(ITEMS, 2):
            content, given[item] = self.voice.take("km", item)
            status, head = self.client.upload(f"{at}/files?name=km/m1/{item}.wav", content)
            must(status == 201, f"a file is answered with {status} {head}")
            self.drafts[head["id"]] += 1
        choices = {"language": "km", "voice": "m1", "trustsNumbers": False, "replaces": True, "isLong": False}
        status, job = self.client.post(f"{at}/plan", {"choices": choices})
        must(status == 202 and self.done(job), f"a plan is answered with {status} {job}")
        view = self.client.view(at)
        if "plan" in view:
            paths = {row["path"]: given[row["prompt"]] for row in view["rows"] if row.get("path")}
            must(len(paths) == 2, f"the plan places {paths} of {view['rows']}")
            self.open.update(paths)
            status, job = self.client.post(f"{at}/apply", {"version": view["version"], "plan": view["plan"]})
            must(status in (202, 409), f"an import is answered with {status} {job}")
            if status == 202 and self.done(job):
                self.files.update(paths)
                self.counts["imports"] += 1
            for path in paths:
                self.open.pop(path)
        while len(self.drafts) > 3 or self.generator.random() < 0.5:
            if not self.drafts:
                break
            draft, count = next(iter(self.drafts.items()))
            self.drafts[draft] = None
            status, view = self.client.post(f"projects/p/imports/{draft}/discard")
            must(status == 200, f"the end of an import is answered with {status} {view}")
            must(not os.path.exists(f"{self.place}/.uploads/{draft}"), "files of a discarded import stay")
            self.drafts.pop(draft)

    def build(self):
        key = open(f"{self.top}/publisher.key").read()
        status, job = self.client.post("projects/p/build", {"key": key, "partial": True})
        must(status in (202, 409, 422, 423), f"a build is answered with {status} {job}")
        if status == 202 and self.done(job):
            self.built = True
            self.counts["builds"] += 1
        time.sleep(0.02)

    # What must be left

    def look(self):
        """Compares what a studio that was started again shows with what was done."""
        client, self.booth = self.client, None
        heads = client.view("projects")["projects"]
        must(all("counts" in head for head in heads), f"a project cannot be read: {heads}")
        client.view("projects/p/matrix")
        left = leftovers(self.top)
        must(not left, f"after a start there are still {left}")
        there = {head["directory"].rsplit("/", 1)[-1] for head in heads}
        must(self.projects <= there, f"{self.projects - there} are gone")
        lines = [json.loads(line) for line in open(f"{self.place}/approvals.jsonl")] if self.verdicts else []
        must(len(lines) >= self.verdicts, f"{len(lines)} approvals of {self.verdicts} are there")
        self.verdicts = len(lines)
        now = {item["id"]: item["text"] for item in client.view("projects/p/words/ro")["items"]}
        for item, text in self.texts.items():
            must(now[item] in (text, self.doubt.get(item)), f"{item} is '{now[item]}', and not '{text}'")
        self.texts = {item: now[item] for item in self.texts}
        self.doubt.clear()
        version = client.view("projects/p/settings")["kitVersion"]
        must(version in (self.version, self.newest), f"the next kit is {version}, and not {self.version}")
        self.version = self.newest = version
        there = {one["pseudonym"] for one in client.view("projects/p/booth/km")["speakers"]}
        must(self.speakers <= there, f"{self.speakers - there} are gone")
        self.speakers = there
        sounds = hashes(self.place)
        lost = self.takes - set(sounds.values())
        must(not lost, f"{len(lost)} of {len(self.takes)} takes are gone")
        for path in self.files.keys() | self.open.keys():
            allowed = [places[path] for places in (self.files, self.open) if path in places]
            must(
                sounds.get(path) in allowed or path not in self.files and path not in sounds,
                f"{path} has neither the samples that were kept, nor those that were to be kept",
            )
            if path in sounds:
                self.files[path] = sounds[path]
        self.open.clear()
        drafts = {head["id"]: head["files"] for head in client.view("projects/p/imports")["imports"]}
        for draft, count in self.drafts.items():
            if count is not None:
                must(drafts.get(draft, -1) >= count, f"an import with {count} files has {drafts.get(draft)}")
        self.drafts = drafts

    def read(self):
        """Reads the files as they are after a kill, with the other program."""
        at = texts(f"{self.place}/Languages/ro.yaml")
        for item, text in self.texts.items():
            must(at[item] in (text, self.doubt.get(item)), f"{item} is '{at[item]}' after the kill, not '{text}'")
        sounds = hashes(self.place)
        lost = self.takes - set(sounds.values())
        must(not lost, f"{len(lost)} of {len(self.takes)} takes are gone after the kill")
        names = ["p", *self.generator.sample(sorted(self.projects), min(1, len(self.projects)))]
        for name in names:
            words = ["check", "--project", name, "--json"]
            done = subprocess.run([self.bench.firstword, *words], cwd=self.top, capture_output=True, text=True)
            must(done.returncode in (0, 1), f"check of {name} ends with {done.returncode}: {done.stderr[-300:]}")
            bad = re.findall(r'"code" ?: ?"(not-sound|truncated|silent)"', done.stdout)
            must(not bad, f"check of {name} finds {bad}")
        kits = [one for one in os.listdir(f"{self.place}/kits") if one.endswith(".kit")] if self.built else []
        must(kits or not self.built, "the kit that was built is gone")
        for kit in self.generator.sample(sorted(kits), min(2, len(kits))):
            words = ["verify", f"p/kits/{kit}", "--trust", "publisher.pub"]
            done = subprocess.run([self.bench.firstword, *words], cwd=self.top, capture_output=True, text=True)
            must(done.returncode == 0, f"{kit} is not whole: {done.stdout[-300:]}{done.stderr[-300:]}")


@test("killed at any moment of work, the program loses at most the act in progress, and tidies when it starts again")
def killed(bench):
    top = shelf(bench, "killed")
    run(bench.firstword, top, "keygen", "publisher", "--no-password")
    work = Work(bench, top)
    # What an import left that was killed before it moved anything.
    os.makedirs(f"{work.place}/.import")
    shutil.copy(f"{top}/voice.wav", f"{work.place}/.import/1.wav")
    rounds, left = 100 if bench.is_long else 6, 0
    for turn in range(rounds):
        studio = Studio(bench.firstword, top)
        work.client, work.turn = Client(studio), turn
        work.look()
        workers = [Worker(act) for act in work.acts()]
        work.reached.wait(6 if bench.is_long else 1.5)
        time.sleep(work.generator.uniform(0, 0.3))
        studio.process.kill()
        studio.process.wait()
        # One that has nothing to do asks nothing, and would not notice the end.
        for worker in workers:
            worker.ends = True
        for worker in workers:
            worker.join(40)
            if worker.failure:
                raise worker.failure
        left += len(leftovers(top))
        if bench.is_long or turn % 3 == 1:
            work.read()
    text = open(f"{work.place}/Languages/ro.yaml").read()
    must(text.startswith(HEAD) and all(f"  # About {item}.\n" in text for item in ITEMS), f"comments are gone: {text}")
    with Studio(bench.firstword, top) as studio:
        work.client = Client(studio)
        work.look()
    counts = ", ".join(f"{count} {name}" for name, count in work.counts.items())
    print(f"     {rounds} kills, after {counts}; {left} temporary files were left and tidied")


class Editor:
    """An editor in which somebody has the file open: it reads, waits, and writes all of it, in one of two ways."""

    def __init__(self, path, item, generator):
        self.path, self.item, self.generator, self.number = path, item, generator, 0
        self.last, self.saves, self.lost = None, [], []

    def act(self):
        text = open(self.path).read()
        if not text.endswith("\n"):
            return  # another editor writes it in place
        now = texts(self.path).get(self.item)
        if self.last and now is not None and now != self.last:
            self.lost.append(f"{self.last} became {now}")
        time.sleep(self.generator.uniform(0, 0.05))
        self.number += 1
        mine = f"Textul editorului {word(self.number)}."
        new = re.sub(rf'(^  {self.item}:\n    text: ")[^"]*', rf"\g<1>{mine}", text, flags=re.M)
        begin = time.monotonic()
        if self.number % 2:
            with open(self.path + "~", "w") as file:
                file.write(new)
            os.rename(self.path + "~", self.path)
        else:
            with open(self.path, "r+") as file:
                file.write(new)
                file.truncate()
        self.last = mine
        self.saves.append((begin, time.monotonic(), dict(re.findall(r'^  ([a-z-]+):\n    text: "([^"]*)"', new, re.M))))
        time.sleep(self.generator.uniform(0.1, 0.5))


@test("browsers, an editor and the command line change the same files at once, and nothing is lost")
def together(bench):
    top = shelf(bench, "together")
    path = f"{top}/p/Languages/ro.yaml"
    generator = random.Random(81)
    seconds = 600 if bench.is_long else 15
    changes, counts, approvals, lock = [], {}, [], threading.Lock()
    editor = Editor(path, ITEMS[0], generator)
    free = ITEMS[1:]

    with Studio(bench.firstword, top, "p") as studio:
        clients = [Client(studio), Client(studio)]
        page = bench.chromium
        page.size(1280, 900)
        bench.enter(studio)
        watched = f"#/project/p/words/ro/{free[0]}"
        bench.open(watched)
        page.js("document.documentElement.dir = 'ltr'")
        number = 0

        def change(client):
            nonlocal number
            item = generator.choice(free)
            with lock:
                number += 1
                text = f"Textul nou {word(number)}."
            status, view = client.get("projects/p/words/ro")
            if status != 200:
                counts[f"read {status}"] = counts.get(f"read {status}", 0) + 1
                return  # the editor is in the middle of its file
            version = [one for one in view["items"] if one["id"] == item][0]["version"]
            time.sleep(generator.uniform(0, 0.05))
            begin = time.monotonic()
            status, view = client.post(f"projects/p/words/ro/{item}", {"version": version, "changes": {"text": text}})
            with lock:
                counts[status] = counts.get(status, 0) + 1
                if status == 200:
                    changes.append((begin, time.monotonic(), item, text))
            must(status in (200, 409, 422, 423), f"a change is answered with {status} {view}")

        def approve():
            name = f"Ben {word(len(approvals))}"
            done = subprocess.run(
                [bench.firstword, "approve", "km/safe-here", "--wording", "--by", name, "--project", "p"],
                cwd=top, capture_output=True, text=True,
            )
            if done.returncode == 0:
                approvals.append(name)
            else:
                counts["approve"] = counts.get("approve", 0) + 1
            time.sleep(0.2)

        workers = [Worker(lambda: change(clients[0])), Worker(lambda: change(clients[1])), Worker(editor.act), Worker(approve)]
        end = time.monotonic() + seconds
        while time.monotonic() < end and all(worker.is_alive() for worker in workers):
            time.sleep(0.2)
        for worker in workers:
            worker.ends = True
        for worker in workers:
            worker.join(60)
            if worker.failure:
                raise worker.failure
        must(not editor.lost, f"the editor's saves were overwritten: {editor.lost[:3]}")
        final = texts(path)
        for item in free:
            own = [one for one in changes if one[2] == item]
            must(own, f"no change of {item} was accepted: {counts}")
            last = max(one[0] for one in own)
            allowed = [text for _, done, _, text in own if done >= last]
            allowed += [texts_then[item] for _, done, texts_then in editor.saves if done >= last]
            must(final[item] in allowed, f"{item} is '{final[item]}', not one of {allowed[-4:]}")
        must(final[ITEMS[0]] == editor.last, "the editor's last save is gone")
        text = open(path).read()
        must(text.startswith(HEAD) and text.count("  # after it\n") == 4, f"comments are gone: {text}")
        names = [json.loads(line)["name"] for line in open(f"{top}/p/approvals.jsonl")]
        must(names == approvals, f"{len(names)} approvals are there, and {len(approvals)} were made")
        page.wait(
            f"document.querySelector('textarea').value === {json.dumps(final[free[0]])}", "the page to show the last text"
        )
        clients[0].view("projects/p/words/ro")
    checked = subprocess.run([bench.firstword, "check", "--project", "p"], cwd=top, capture_output=True, text=True)
    must(checked.returncode in (0, 1), f"check ends with {checked.returncode}: {checked.stderr[-300:]}")
    print(f"     {seconds} s: {len(changes)} changes and {len(editor.saves)} saves of the editor, {len(approvals)} approvals; "
          f"answers: {', '.join(f'{key}: {value}' for key, value in sorted(counts.items(), key=str))}")
