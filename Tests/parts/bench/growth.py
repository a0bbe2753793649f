"""How costs grow with the number of languages and clips, and with the length of a journal. Times are those of the
processor, so that a busy machine gives the same."""
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess


def work(command, **options):
    """Seconds of processor that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_journal(path, count):
    """A journal of this many lines, as firstwordd chains them."""
    previous, boot, clip = "0" * 64, "04da7777-fea5-407a-9f9a-5d6388c6157d", "ab" * 32
    with open(path, "wb") as file:
        for number in range(1, count + 1):
            second, day = number % 60, 1 + number // 86_400
            fields = {
                "boot": boot, "format": 2, "monotonic": number * 1_000_000_000, "number": number, "previous": previous,
                "time": f"2026-01-{day:02}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{second:02}.000Z",
                "audience": "listener", "clip": clip, "event": "started" if number % 2 else "completed", "language": "ro",
                "prompt": "safe-here", "voice": "f1",
            }
            if number % 2 == 0:
                fields["heard"] = 2000
            object = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            line = object[:-1] + b',"whole":"' + hashlib.sha256(object).hexdigest().encode() + b'"}'
            previous = hashlib.sha256(line).hexdigest()
            file.write(line + b"\n")


def journals(top, firstword, counts=(1000, 10_000, 100_000, 1_000_000)):
    """Seconds to verify a journal, and its size in MB, by its number of lines."""
    found = {}
    path = top + "/grown.jsonl"
    for count in counts:
        write_journal(path, count)
        found[count] = {"verify s": round(work([firstword, "journal", "verify", path]), 3),
                        "MB": round(os.path.getsize(path) / 1e6, 1)}
    os.unlink(path)
    return found


def make_project(top, firstword, here, languages, messages, recordings):
    """A project of many languages. The first forty are its own, copies of Romanian in whose recordings a few samples
    differ: a project has no more numbers. The others are those of `recordings`, whose words are not Romanian's."""
    project, source = f"{top}/grown", f"{recordings}/ro/synthetic"
    shutil.rmtree(project, ignore_errors=True)
    items = sorted(name for name in os.listdir(source) if name.endswith(".wav"))
    ids = sorted({re.sub(r"^\d+-|\.wav$", "", name).split(".")[0] for name in items if name[0].isdigit()})[:messages]
    others = sorted(os.listdir(recordings))
    own = [f"ro-{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(min(languages, 40))]
    tags = own + [tag for tag in others if tag != "ro"][:languages - len(own)]
    subprocess.run([firstword, "new", project, "--languages", "ro", "--prompts", ",".join(ids)], check=True,
                   stdout=subprocess.DEVNULL)
    os.makedirs(project + "/Languages")
    words = open(here + "/Languages/ro.yaml").read()
    for index, tag in enumerate(own):
        text = words
        for key, value in (("number", 60 + index), ("tag", f'"{tag}"'), ("english", f'"Romanian {index + 1}"'),
                           ("autonym", f'"română {index + 1}"')):
            text = re.sub(f"^{key}: .*$", f"{key}: {value}", text, count=1, flags=re.M)
        open(f"{project}/Languages/{tag}.yaml", "w").write(text)
    kit = open(project + "/kit.yaml").read()
    kit = re.sub(r'^  - "ro"\n', "".join(f'  - "{tag}"\n' for tag in tags), kit, flags=re.M)
    open(project + "/kit.yaml", "w").write(kit)
    clips = 0
    for index, tag in enumerate(tags):
        directory = f"{project}/recordings/{tag}/synthetic"
        os.makedirs(directory)
        origin = source if tag in own else f"{recordings}/{tag}/synthetic"
        for name in sorted(name for name in os.listdir(origin) if name.endswith(".wav")):
            if name[0].isdigit() and re.sub(r"^\d+-|\.wav$", "", name).split(".")[0] not in ids:
                continue
            data = bytearray(open(f"{origin}/{name}", "rb").read())
            middle = len(data) // 4 * 2
            # The lowest bits of eight samples say which language it is.
            for bit in range(8 if tag in own else 0):
                data[middle + 2 * bit] = data[middle + 2 * bit] & 0xFE | index >> bit & 1
            open(f"{directory}/{name}", "wb").write(data)
            clips += 1
    return project, len(tags), clips


def kits(top, firstword, here, recordings, sizes, look, say):
    """Costs by the number of languages and messages.

    - Parameter recordings: the directory of a project's recordings in forty languages, Romanian among them.
    - Parameter look: returns what the daemon costs with a kit, given its path and name."""
    found = {}
    for languages, messages in sizes:
        project, count, _ = make_project(top, firstword, here, languages, messages, recordings)
        name = f"{count} languages"
        say(f"bench: growth, {name} of {messages} messages at most")
        kit, key = top + "/grown.kit", top + "/key.pub"
        options = {"cwd": top, "env": dict(os.environ, XDG_CACHE_HOME=top + "/grown-cache")}
        figures = {"build s": round(work([firstword, "build", "--project", project, "-o", kit, "--key", "key.key"],
                                         **options), 1)}
        verified = subprocess.run([firstword, "verify", kit, "--trust", key], check=True, stdout=subprocess.PIPE,
                                  text=True).stdout
        figures["clips"] = int(re.search(r"(\d+) clips", verified)[1])
        figures["kit MB"] = round(os.path.getsize(kit) / 1e6, 1)
        figures["verify s"] = round(work([firstword, "verify", kit, "--trust", key]), 2)
        store = top + "/grown-store"
        shutil.rmtree(store, ignore_errors=True)
        subprocess.run([firstword, "store", "trust", key, "--store", store], check=True, stdout=subprocess.DEVNULL)
        figures["install s"] = round(work([firstword, "install", kit, "--store", store, "--allow-draft"]), 2)
        figures.update(look(kit, key, f"grown-{languages}-{messages}"))
        found[f"{name}, {figures['clips']} clips"] = figures
        say(f"bench: {figures}")
        shutil.rmtree(top + "/grown-cache", ignore_errors=True)
    return found
