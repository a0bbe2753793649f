"""Attacks from another page in a real browser, and names with markup. Raw sockets are in StudioAttackTests."""

import hashlib, http.server, json, os, re, threading, time
from runner import must, test
from browsers import Chromium
from client import Client
from projects import HERE, Studio, empty, run

# What a page of somebody else tries; STUDIO is the studio's origin. Each try ends with what it got.
TRIES = """
  const studio = 'STUDIO', tries = {}
  const wait = (start) => new Promise((done) => { start(done); setTimeout(() => done('nothing'), 3000) })
  const plain = { method: 'POST', credentials: 'include', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }
  const made = JSON.stringify({ directory: 'evil', languages: ['ro'] })
  const tag = (kind, fields) => wait((done) => {
    const element = document.createElement(kind)
    element.onload = () => done('loaded'); element.onerror = () => done('refused')
    Object.assign(element, fields); document.body.append(element)
  })
  const read = (at, fields) => fetch(studio + at, { credentials: 'include', ...fields })
    .then(async (answer) => answer.type === 'opaque' ? 'opaque' : `${answer.status} ${await answer.text()}`, () => 'refused')
  tries.read = await read('/api/1/projects/p/matrix')
  tries.quietly = await read('/api/1/projects/p/matrix', { mode: 'no-cors' })
  tries.page = await read('/')
  tries.create = await read('/api/1/projects', { ...plain, body: made })
  tries.json = await read('/api/1/projects', { method: 'POST', body: made,
    headers: { 'Content-Type': 'application/json', 'X-Firstword': '1' } })
  tries.check = await read('/api/1/projects/p/check', { ...plain, body: '{}' })
  tries.upload = await read('/api/1/projects/p/check', { ...plain, body: new Blob([new Uint8Array(3 << 20)]) })
  tries.beacon = String(navigator.sendBeacon(studio + '/api/1/projects', made))
  tries.events = await wait((done) => {
    const source = new EventSource(studio + '/api/1/events', { withCredentials: true })
    source.onopen = () => done('open'); source.onerror = () => { source.close(); done('refused') }
  })
  tries.socket = await wait((done) => {
    const socket = new WebSocket(studio.replace('http', 'ws') + '/api/1/events')
    socket.onopen = () => done('open'); socket.onerror = () => done('refused')
  })
  tries.image = await tag('img', { src: studio + '/icon.svg' })
  tries.script = await tag('script', { src: studio + '/dom.js', type: 'module' })
  tries.classic = await tag('script', { src: studio + '/dom.js' })
  tries.sound = await tag('audio', { src: studio + '/api/1/projects/p/clips/ro/f1/safe-here' })
  const frame = document.createElement('iframe')
  frame.name = 'inner'; frame.src = studio + '/#/project/p/matrix'
  await wait((done) => { frame.onload = () => done(); document.body.append(frame) })
  try { tries.frame = frame.contentWindow.document.body ? 'read' : 'empty' } catch { tries.frame = 'closed' }
  const form = document.createElement('form')
  Object.assign(form, { action: studio + '/api/1/projects', method: 'POST', enctype: 'text/plain', target: 'inner' })
  const input = document.createElement('input')
  input.name = made.slice(0, -1) + ', "x": "'; input.value = '"}'
  form.append(input); document.body.append(form); form.submit()
  const other = window.open(studio + '/#/project/p/review')
  await new Promise((done) => setTimeout(done, 500))
  try { tries.window = other?.document ? 'read' : 'none' } catch { tries.window = 'closed' }
  tries.alive = String(!(other?.closed ?? true))
  return tries
"""


class Elsewhere:
    """A server with a page of somebody else, on another port."""

    def __init__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>Elsewhere</title><body>A nice page.")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def digest(top):
    """What is in all files below a directory."""
    whole = hashlib.sha256()
    for place, directories, names in os.walk(top):
        directories.sort()
        for name in sorted(names):
            whole.update(f"{place}/{name}".encode() + open(f"{place}/{name}", "rb").read())
    return whole.hexdigest()


@test("a page of somebody else reads nothing, changes nothing, and shows nothing of the studio")
def elsewhere(bench):
    top = bench.top + "/attacked"
    empty(top)
    run(bench.firstword, top, "new", "p", "--languages", "ro,km", "--prompts", "safe-here,goodbye")
    before = digest(top + "/p")
    with Studio(bench.firstword, top) as studio, Elsewhere() as other, Chromium(
        "--host-resolver-rules=MAP rebound.example 127.0.0.1", "--disable-popup-blocking"
    ) as page:
        bench.enter(studio, page)
        tries = TRIES.replace("STUDIO", studio.origin)
        # Another port of the same host is the same site: the browser sends the cookie. Another name is not.
        for host in ("127.0.0.1", "localhost"):
            page.go(f"http://{host}:{other.port}/")
            got = page.js(f"(async () => {{ {tries} }})()")
            for name, value in got.items():
                must(
                    value in ("refused", "opaque", "closed", "nothing", "none", "empty", "false")
                    or name == "beacon",
                    f"from {host}: {name} got '{str(value)[:100]}'",
                )
            # A link: the address bar leads to what a stranger wrote, and shows no data.
            for target in ("/api/1/projects/p/matrix", "/api/1/session"):
                page.js(f"(location.href = {json.dumps(studio.origin + target)}, 1)")
                page.wait(f"location.href.startsWith({json.dumps(studio.origin)}) && document.body?.innerText")
                text = page.js("document.body.innerText")
                must("errors" in text and "safe-here" not in text and "readOnly" not in text, f"a link shows {text[:100]}")
                page.go(f"http://{host}:{other.port}/")
        # A name that leads to this machine after a while.
        page.go(f"http://rebound.example:{studio.port}/")
        must("Host" in page.js("document.body.innerText"), "the page is served under another name")
        must(os.listdir(top).count("evil") == 0, "a project was made")
        must(digest(top + "/p") == before, "files of the project changed")
        page.go(studio.origin + "/")
        page.wait("document.querySelectorAll('#views a').length > 0", "the studio, whose session is still there")


@test("ten pages of one browser work at once, and all hear of a change")
def many(bench):
    top = bench.top + "/many"
    empty(top)
    run(bench.firstword, top, "new", "p", "--languages", "ro", "--prompts", "safe-here,goodbye")
    with Studio(bench.firstword, top, "p") as studio, Chromium("--disable-popup-blocking") as page:
        bench.enter(studio, page)
        client = Client(studio)
        address = "#/project/p/words/ro/goodbye"
        bench.open(address, page)
        pages = [page.another(f"{studio.origin}/{address}") for _ in range(9)]
        try:
            for other in pages:
                other.wait("document.querySelector('textarea')?.value", "another page to be shown", 20)

            def change(text):
                view = client.view("projects/p/words/ro")
                version = [one for one in view["items"] if one["id"] == "goodbye"][0]["version"]
                status, view = client.post(
                    "projects/p/words/ro/goodbye", {"version": version, "changes": {"text": text}}
                )
                must(status == 200, f"the change is answered with {status} {view}")
                return f"document.querySelector('textarea').value === {json.dumps(text)}"

            shown = change("La revedere, cu bine.")
            for other in [page, *pages]:
                other.wait(shown, "a page to hear of the change", 15)
            # The page that had the stream is closed; another one takes it over.
            page.go("about:blank")
            shown = change("La revedere, cu drag.")
            for other in pages:
                other.wait(shown, "a page to hear of the change after the first was closed", 15)
        finally:
            for other in pages:
                other.leave()


def crowded(size, part):
    """JSON of about that size, in which one part is repeated."""
    return b'{"files":[' + b",".join([part] * (size // (len(part) + 1))) + b"]}"


@test("a journal of 48 MB is read or refused, whatever is in it, and its memory is given back")
def bodies(bench):
    top = bench.top + "/bodies"
    empty(top)
    run(bench.firstword, top, "new", "p", "--languages", "ro", "--prompts", "safe-here,goodbye")
    size = 47 << 20 if bench.is_long else 1 << 20
    with Studio(bench.firstword, top, "p") as studio:
        client = Client(studio)
        client.patience = 600
        client.view("projects/p/matrix")
        before = studio.memory()
        begin = time.monotonic()
        for name, body in (
            ("text that is no journal", b'{"files":[{"name":"journal.jsonl","text":"' + b"x" * size + b'"}]}'),
            ("lists in lists", b"[" * size),
            ("many files", crowded(size, b'{"name":"journal.jsonl","text":""}')),
            ("many lines", crowded(size, b'{"name":"journal.jsonl","text":"' + b"\\n" * 450_000 + b'"}')),
            ("no values", crowded(size, b"{}")),
        ):
            status, view = client.ask("POST", "projects/p/journals", body, client.page("application/json"))
            must(status in (400, 422), f"{name}: it is answered with {status} {str(view)[:200]}")
            must(client.get("projects/p/matrix")[0] == 200, f"after {name} the program does not answer")
            more = studio.memory() - before
            must(more < 24 << 20, f"after {name} the program holds {more / 1e6:.0f} MB more")
        seconds = time.monotonic() - begin
        headers = {**client.page("application/json"), "Content-Length": str((48 << 20) + 1)}
        status, view = client.ask("POST", "projects/p/journals", b"", headers)
        must(status == 413, f"more than the limit is answered with {status} {view}")
        print(f"     5 bodies of {size >> 20} MiB in {seconds:.1f} s, at most {studio.peak() / 1e6:.0f} MB, then "
              f"{studio.memory() / 1e6:.0f} MB")


@test("a file of 1 GB is sent to the disk, never to the memory, and is gone when it is discarded", only_long=True)
def gigabyte(bench):
    top = bench.top + "/gigabyte"
    empty(top)
    run(bench.firstword, top, "new", "p", "--languages", "ro", "--prompts", "safe-here,goodbye")
    with Studio(bench.firstword, top, "p") as studio:
        client = Client(studio)
        before, block = studio.memory(), os.urandom(1 << 20)
        draft = client.post("projects/p/imports")[1]["id"]
        begin = time.monotonic()
        headers = {**client.page("application/octet-stream"), "Content-Length": str(1 << 30)}
        status, view = client.ask(
            "POST", f"projects/p/imports/{draft}/files?name=long.wav", (block for _ in range(1024)), headers
        )
        seconds = time.monotonic() - begin
        must(status == 201 and view["size"] == 1 << 30, f"it is answered with {status} {view}")
        must(studio.peak() < before + (16 << 20), f"the program used {studio.peak() / 1e6:.0f} MB")
        must(client.post(f"projects/p/imports/{draft}/discard")[0] == 200, "it cannot be discarded")
        must(not os.path.exists(f"{top}/p/.uploads"), "the file is still there")
        print(f"     1 GiB in {seconds:.1f} s; {before / 1e6:.0f} MB before, at most {studio.peak() / 1e6:.0f} MB")


FIELDS = ("directory", "autonym", "english", "speaker", "reviewer", "note", "wording", "back", "title", "kit")


def evil(field):
    """A name of at most 40 characters."""
    return f"<b>{field}</b><img src=x onerror=a()>"


@test("names with markup are shown as they are written, in every view")
def names(bench):
    top = bench.top + "/markup"
    # A directory's name cannot have a slash.
    name = evil("directory").replace("/", "")
    empty(top)
    run(bench.firstword, top, "new", "plain", "--languages", "ro", "--prompts", "safe-here,goodbye")
    os.rename(f"{top}/plain", f"{top}/{name}")
    project = f"{top}/{name}"
    base = open(f"{top}/{name}/kit.yaml").read()
    os.makedirs(f"{project}/Languages")
    os.makedirs(f"{project}/Prompts")
    os.makedirs(f"{project}/recordings/ro/f1")
    with open(f"{project}/Languages/ro.yaml", "w") as file:
        file.write(
            f'tag: "ro"\ndrafted: person\nwordings:\n  safe-here:\n    text: "{evil("wording")}"\n'
            f'    back: "{evil("back")}"\n    note: "{evil("note")}"\n'
        )
    with open(f"{project}/Languages/ro-ZZ.yaml", "w") as file:
        text = open(f"{HERE}/Languages/ro.yaml").read().split("\nwordings:")[0]
        for key, value in (
            ("number", "60"),
            ("tag", '"ro-ZZ"'),
            ("english", f'"{evil("english")}"'),
            ("autonym", f'"{evil("autonym")}"'),
        ):
            text = re.sub(f"^{key}: .*$", f"{key}: {value}", text, flags=re.M)
        file.write(f'{text}\nwordings:\n  safe-here:\n    text: "{evil("wording")}"\n    back: "Safe."\n')
    with open(f"{project}/Prompts/60-own.yaml", "w") as file:
        file.write(
            "number: 60\nid: own\nmodule: information\naudience: all\nanswer: none\njurisdiction: false\n"
            f'title: "{evil("title")}"\ncaution: "{evil("caution")}"\nlength: 2.0\n'
        )
    with open(f"{project}/kit.yaml", "w") as file:
        file.write(base.replace('  - "ro"\n', '  - "ro"\n  - "ro-ZZ"\n').replace("  - goodbye\n", "  - goodbye\n  - own\n"))
    with open(f"{project}/speakers.yaml", "w") as file:
        file.write(
            f'speakers:\n  - {{ pseudonym: "{evil("speaker")}", language: "ro", voice: f1, '
            "consent: 2026-04-30, licence: any, contact: a@b }\n"
        )
    run(bench.firstword, top, "approve", "ro/safe-here", "--wording", "--by", evil("reviewer"), "--project", name)
    run(bench.firstword, top, "synthesize", "--project", name)
    with Studio(bench.firstword, top) as studio, bench.chromium.stranger() as page:
        bench.enter(studio, page)
        client = Client(studio)
        head = client.view("projects")["projects"][0]
        must("counts" in head, f"the project cannot be read: {head}")
        seen = page.js("document.querySelector('main').innerText")
        matrix = page.js("document.querySelector('main a[href*=matrix]').hash")
        bench.open(matrix, page)
        more = [address for address in bench.views(page) if "/project/" in address]
        more += [matrix.replace("/matrix", f"/words/ro/{item}") for item in ("safe-here", "own")]
        more += [matrix.replace("/matrix", "/words/ro-ZZ/safe-here"), matrix.replace("/matrix", "/review/ro-ZZ/safe-here")]
        for address in more:
            bench.open(address, page)
            seen += page.js(
                "[document.querySelector('main').innerText, document.getElementById('project').innerText,"
                " ...[...document.querySelectorAll('textarea, input, option')].map(one => one.value + one.innerText)]"
                ".join(' ')"
            )
            must(
                page.js("document.querySelectorAll('main b > img, img[src=x], [onerror]').length") == 0,
                f"{address} has an element of a name",
            )
        bench.quiet(page, studio.origin, "names with markup")
        missing = [field for field in FIELDS if field != "kit" and evil(field) not in seen and field != "directory"]
        must(not missing, f"no view shows {missing}")
        must(name in seen, "no view shows the directory")
