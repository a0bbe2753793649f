"""Tests of the program under strain: killed at any moment, and with several people at the same files at once."""

import json, os, random, re, subprocess, threading, time
from runner import must, test
from browsers import Failure
from client import Client, NoAnswer
from projects import Studio, run

ITEMS = ["raise-hand", "safe-here", "interpreter-coming", "need-doctor"]
HEAD = "# The words of our house. This line must stay.\n"


def shelf(bench, name):
    """A directory with a project `p` of two languages and four messages, with its own Romanian words."""
    top = f"{bench.top}/{name}"
    os.makedirs(top)
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
        directories[:] = [name for name in directories if name != "cache"]
        for name in names + [one for one in directories if one == ".import"]:
            if name.endswith(".part") or name == ".import" or re.match(r"\..*\.\d+\.wav", name):
                found.append(os.path.relpath(f"{place}/{name}", top))
    return found


@test("killed at any moment of work, the program loses at most the act in progress, and tidies when it starts again")
def killed(bench):
    top = shelf(bench, "killed")
    generator = random.Random(18)
    saved, pending, verdicts, projects = {}, {}, 0, set()
    acts = {"wordings": 0, "verdicts": 0, "checks": 0, "projects": 0, "left": 0}
    number = 0
    rounds = 100 if bench.is_long else 10
    for turn in range(rounds):
        studio = Studio(bench.firstword, top)
        client = Client(studio)
        heads = client.view("projects")["projects"]
        must(all("counts" in head for head in heads), f"a project cannot be read: {heads}")
        client.view("projects/p/matrix")
        left = leftovers(top)
        must(not left, f"after a start there are still {left}")
        lines = [json.loads(line) for line in open(f"{top}/p/approvals.jsonl")] if verdicts else []
        must(len(lines) >= verdicts, f"{len(lines)} approvals of {verdicts} are there")
        verdicts = len(lines)
        view = client.view("projects/p/words/ro")
        known = {item["id"]: item for item in view["items"]}
        for item, text in saved.items():
            allowed = [text] + ([pending[item]] if item in pending else [])
            must(known[item]["text"] in allowed, f"{item} is '{known[item]['text']}', and not '{allowed}'")
        saved.update({item: known[item]["text"] for item in saved})
        pending.clear()

        def change(items):
            nonlocal number
            item = generator.choice(items)
            number += 1
            text = f"Textul {item} {word(number)}."
            version = [one for one in client.view("projects/p/words/ro")["items"] if one["id"] == item][0]["version"]
            pending[item] = text
            status, view = client.post(f"projects/p/words/ro/{item}", {"version": version, "changes": {"text": text}})
            must(status in (200, 409, 423), f"a wording is answered with {status} {view}")
            if status == 200:
                saved[item] = text
                acts["wordings"] += 1
            pending.pop(item)

        def judge():
            nonlocal verdicts
            name = f"Ana {word(generator.randrange(1000))}"
            status, reviewer = client.post("projects/p/reviewers", {"name": name})
            must(status == 201, f"a reviewer is answered with {status} {reviewer}")
            view = client.view(f"projects/p/review/km?reviewer={reviewer['id']}")
            item = generator.choice(view["items"])
            status, view = client.post(
                f"projects/p/review/km/{item['id']}",
                {"reviewer": reviewer["id"], "kind": "wording", "hash": item["hash"], "verdict": "accepted", "back": "You."},
            )
            must(status == 200, f"a verdict is answered with {status} {view}")
            verdicts += 1
            acts["verdicts"] += 1

        def check():
            must(client.post("projects/p/check")[0] == 202, "a check is refused")
            acts["checks"] += 1
            time.sleep(0.05)

        def create():
            name = f"new-{turn}-{len(projects)}"
            status, view = client.post("projects", {"directory": name, "languages": ["ro"], "prompts": ["safe-here"]})
            must(status == 201, f"a new project is answered with {status} {view}")
            projects.add(name)
            acts["projects"] += 1

        workers = [Worker(lambda: change(ITEMS[::2])), Worker(lambda: change(ITEMS[1::2])), Worker(judge), Worker(check)] + ([Worker(create)] if len(projects) < 40 else [])
        time.sleep(generator.uniform(0.02, 1.5))
        studio.process.kill()
        studio.process.wait()
        for worker in workers:
            worker.join(40)
            if worker.failure:
                raise worker.failure
        acts["left"] += len(leftovers(top))
        # The files as they are, by the other program.
        at = texts(f"{top}/p/Languages/ro.yaml")
        for item, text in saved.items():
            must(at[item] in (text, pending.get(item)), f"{item} is '{at[item]}' after the kill, not '{text}'")
        if turn % 5 == 0:
            for name in ["p", *generator.sample(sorted(projects), min(2, len(projects)))]:
                checked = subprocess.run([bench.firstword, "check", "--project", name], cwd=top, capture_output=True, text=True)
                must(checked.returncode in (0, 1), f"check of {name} ends with {checked.returncode}: {checked.stderr[-300:]}")
    must(all(os.path.exists(f"{top}/{name}/kit.yaml") for name in projects), "a project that was made is gone")
    text = open(f"{top}/p/Languages/ro.yaml").read()
    must(text.startswith(HEAD) and all(f"  # About {item}.\n" in text for item in ITEMS), f"comments are gone: {text}")
    with Studio(bench.firstword, top) as studio:
        client = Client(studio)
        client.view("projects/p/matrix")
        must(not (left := leftovers(top)), f"after the last start there are still {left}")
    print(f"     {rounds} kills, after {acts['wordings']} wordings, {acts['verdicts']} verdicts, {acts['checks']} checks, "
          f"{acts['projects']} projects; {acts['left']} temporary files were left and tidied")


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
