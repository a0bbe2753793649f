"""Tests of the booth: recording with a microphone of this machine (simulated) and with the browser's (PulseAudio)."""

import array, json, os, random, re, shutil, signal, subprocess, tempfile, time, wave
from runner import must, test
from browsers import Chromium, Failure, Firefox
from projects import Studio, run
from sound import PulseAudio

LIGHT = "document.querySelector('.light')?.innerText ?? ''"
ROOM, SPEAK, RECORDING, DECIDE = "Be silent", "Speak now", "Recording", "Listen"


def light(page, *begins, seconds=30):
    """Waits until the light says one of these, and returns what it says."""
    words = json.dumps(begins)
    try:
        page.wait(f"{words}.some(word => ({LIGHT}).startsWith(word))", f"the light to say {begins}", seconds)
    except Failure as failure:
        raise Failure(f"{failure}; the page says {page.js('document.body.innerText')[:400]}") from None
    return page.js(LIGHT)


def project(bench, name, *words):
    """A new Romanian project with a consenting speaker, Iris."""
    shutil.rmtree(f"{bench.top}/{name}", ignore_errors=True)
    run(bench.firstword, bench.top, "new", name, "--languages", "ro", *words)
    with open(f"{bench.top}/{name}/speakers.yaml", "w") as file:
        file.write(
            'speakers:\n  - { pseudonym: Iris, language: "ro", voice: f1, '
            "consent: 2026-04-30, licence: any, contact: a@b }\n"
        )


def files(bench, name, directory):
    place = f"{bench.top}/{name}/{directory}/ro/f1"
    return sorted(one for one in os.listdir(place) if one.endswith(".wav")) if os.path.isdir(place) else []


def samples(path):
    """The samples of a WAV file with one channel, rounded to 16 bits: Chromium divides by 32767 what is above zero."""
    with wave.open(path) as file:
        must(file.getnchannels() == 1, f"{path} has {file.getnchannels()} channels")
        width, data = file.getsampwidth(), file.readframes(file.getnframes())
    if width == 3:
        wide = (int.from_bytes(data[index : index + 3], "little", signed=True) for index in range(0, len(data), 3))
        data = array.array("h", ((value + 128) >> 8 for value in wide)).tobytes()
    return data


class SimulatedMicrophone:
    """The simulated microphone of this machine: what it hears is known."""

    def __init__(self, bench):
        library = os.path.dirname(bench.firstword) + "/libsimcard.so"
        must(os.path.exists(library), f"{library} is missing; build it")
        self.top, self.said = tempfile.mkdtemp(prefix="microphone-", dir=bench.top), 0
        with open(self.top + "/alsa.conf", "w") as file:
            file.write(
                f'pcm_type.simmic {{ lib "{library}" }}\n'
                f'pcm.microphone {{ type simmic voice "{self.top}/voice.wav" control "{self.top}/control" bits 16 '
                'channels 1 speed 1 hint { show on description "A microphone that is not there" } }\n'
            )
        self.environment = {"ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{self.top}/alsa.conf"}
        self.control("noise=66")

    def control(self, *words):
        with open(self.top + "/control.part", "w") as file:
            file.write(" ".join(words) + "\n")
        os.rename(self.top + "/control.part", self.top + "/control")

    def say(self, text):
        """Speaks a text into the microphone, and returns its length in seconds."""
        raw = self.top + "/raw.wav"
        subprocess.run(["espeak-ng", "-v", "ro", "-s", "150", "-w", raw, text], check=True)
        with wave.open(raw) as file:
            rate, spoken = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
        count = len(spoken) * 48000 // rate
        loud = 11000 / max(1, max(abs(value) for value in spoken))
        places = (index * rate / 48000 for index in range(count - rate // 4800))
        sound = array.array("h", (int(spoken[min(int(place), len(spoken) - 1)] * loud) for place in places))
        with wave.open(self.top + "/voice.wav", "wb") as file:
            file.setparams((1, 2, 48000, 0, "NONE", ""))
            file.writeframes(sound.tobytes())
        self.said += 1
        self.control("noise=66", f"say={self.said}")
        return count / 48000


def speak(page, microphone, text):
    """Speaks a text into a take that runs, and stops the take; on a busy machine silence has ended it before."""
    length = microphone.say(text)
    if light(page, RECORDING, DECIDE).startswith(RECORDING):
        time.sleep(length)
    if not page.js(LIGHT).startswith(DECIDE):
        page.press(" ")
    light(page, DECIDE)


def open_booth(bench, page, name, source, item=""):
    """Opens the booth without a countdown."""
    page.js(f"localStorage.setItem('kept:booth:{name}', JSON.stringify({{ source: '{source}', countdown: '0' }}))")
    bench.open(f"#/project/{name}/booth/ro" + (f"/{item}" if item else ""), page)
    page.wait("document.querySelector('form button.main')", "the form")
    page.js("document.querySelector('form').requestSubmit()")
    said = light(page, ROOM, "Press Space", "Recorded", "The room")
    if said.startswith(ROOM):
        said = light(page, "Press Space", "Recorded", "The room")
    if said.startswith("The room"):
        page.press("c")
        light(page, "Press Space", "Recorded")


@test(
    "a speaker records message after message by keyboard alone, and check and build accept the result", is_alone=True
)
def by_keyboard(bench):
    prompts = ["safe-here", "wait-here", "thank-you", "goodbye"]
    count = 40 if bench.is_long else len(prompts)
    project(bench, "spoken", *([] if bench.is_long else ["--prompts", ",".join(prompts)]))
    microphone = SimulatedMicrophone(bench)
    words = ("spoken", "--device", "microphone")
    with Studio(bench.firstword, bench.top, *words, environment=microphone.environment) as studio, Chromium() as page:
        page.size(1280, 900)
        bench.enter(studio, page)
        open_booth(bench, page, "spoken", "machine")
        begin, keys, waits = time.monotonic(), 0, []
        for index in range(count):
            name = page.js("document.querySelector('.booth h2').innerText")
            text = page.js("document.querySelector('.script').innerText")
            page.press(" ")
            light(page, SPEAK)
            if index == 1:
                # Bad, again: the light is green again before the speaker has taken a breath.
                for _ in range(3):
                    speak(page, microphone, "Acum.")
                    start = time.monotonic()
                    page.press("b")
                    light(page, SPEAK)
                    waits.append(time.monotonic() - start)
                    keys += 2
            speak(page, microphone, text)
            if index == 2:
                # A reload loses nothing: the take is still under review.
                bench.reload(page)
                light(page, DECIDE)
                now = page.js("document.querySelector('.booth h2').innerText")
                must(now == name, f"the reload leads from {name} to {now}")
            page.press("k")
            page.wait(
                f"document.querySelector('.booth h2')?.innerText !== {json.dumps(name)}"
                " && document.querySelector('.booth, main section[aria-label=\"The end\"]')",
                "the next message",
            )
            keys += 3
        seconds = time.monotonic() - begin
        must(max(waits) < 0.3, f"'bad, again' took {max(waits):.2f} s")
        must(len(files(bench, "spoken", "recordings")) == count, f"{files(bench, 'spoken', 'recordings')}")
        must(not files(bench, "spoken", "takes"), "a bad take was kept")
        print(f"     {count} messages, {keys} keys, {seconds:.0f} s; 'bad, again' within {max(waits) * 1000:.0f} ms")
        bench.quiet(page, studio.origin, "the booth")
        if bench.is_long:
            page.press("q")
        page.wait("document.querySelector('main section[aria-label=\"The end\"]')", "the end")
    checked = subprocess.run(
        [bench.firstword, "check", "--project", "spoken", "--json"], cwd=bench.top, capture_output=True, text=True
    )
    must(checked.returncode <= 1, checked.stderr)
    bad = [
        one
        for one in re.findall(r'"code" ?: ?"([\w-]+)"', checked.stdout)
        if one in ("truncated", "not-sound", "silent", "stray", "wrong-prompt", "doubled", "speaker-missing")
    ]
    must(not bad, f"check finds {bad}")
    run(bench.firstword, bench.top, "keygen", "booth", "--no-password")
    run(bench.firstword, bench.top, "build", "--project", "spoken", "--key", "booth.key", "-o", "spoken.kit")


@test("several takes stay, one is chosen; a returned or replaced recording is among them")
def takes(bench):
    project(bench, "takes", "--prompts", "safe-here,goodbye")
    microphone = SimulatedMicrophone(bench)
    words = ("takes", "--device", "microphone")
    studio = Studio(bench.firstword, bench.top, *words, environment=microphone.environment)
    with studio, bench.chromium.stranger() as page:
        page.size(1280, 900)
        bench.enter(studio, page)
        open_booth(bench, page, "takes", "machine")
        for number in (1, 2):
            page.press(" ")
            light(page, SPEAK)
            speak(page, microphone, "Sunteți în siguranță." if number == 1 else "Sunteți aici.")
            page.wait(f"document.querySelector('[aria-pressed=true]')?.innerText === 'Take {number}'", "the take")
        must(len(files(bench, "takes", "takes")) == 2, "the first take is lost")
        first = open(f"{bench.top}/takes/takes/ro/f1/03-safe-here.1.wav", "rb").read()
        page.press("t")
        page.wait("document.querySelector('[aria-pressed=true]')?.innerText === 'Take 1'", "the first take")
        page.press("k")
        page.wait("location.hash.endsWith('/goodbye')", "the next message")
        must(open(f"{bench.top}/takes/recordings/ro/f1/03-safe-here.wav", "rb").read() == first, "another was kept")
        page.press("ArrowLeft")
        page.wait("location.hash.endsWith('/safe-here')", "the message before")
        page.press("t")
        light(page, DECIDE)
        page.press("k")
        light(page, "The message has a recording")
        page.press("o")
        page.wait("location.hash.endsWith('/goodbye')", "the next message")
        must(len(files(bench, "takes", "takes")) == 1, "the replaced recording is lost")
        bench.quiet(page, studio.origin, "the takes")


@test("axe finds nothing in the open booth, and it fits 360 px: while it waits, records, and asks")
def open_accessible(bench):
    project(bench, "open", "--prompts", "raise-hand,need-doctor")
    microphone = SimulatedMicrophone(bench)
    words = ("open", "--device", "microphone")
    wrong = []
    studio = Studio(bench.firstword, bench.top, *words, environment=microphone.environment)
    with studio, bench.chromium.stranger() as page:
        page.size(1280, 900)
        bench.enter(studio, page)
        page.js("(location.hash = '#/project/open/booth/ro', 1)")
        page.wait("document.querySelector('input[value=\"+\"]')", "the form")
        page.js("document.querySelector('input[value=\"+\"]').click()")
        own, bench.chromium = bench.chromium, page

        def look(name):
            for way, width, height, scheme, direction in (
                ("light", 1280, 900, "light", "ltr"),
                ("dark", 1280, 900, "dark", "ltr"),
                ("right to left", 360, 780, "light", "rtl"),
                ("200 %", 640, 450, "light", "ltr"),
            ):
                page.size(width, height, 2 if way == "200 %" else 1)
                page.scheme(scheme)
                page.js(f"document.documentElement.dir = '{direction}'")
                wrong.extend(f"{name}, {way}: {one}" for one in bench.violations())
                over = page.js("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if over > 0:
                    wrong.append(f"{name} is {over} px wider than {width} px")
                if bench.pictures:
                    page.picture(f"{bench.pictures}/booth-{name}-{way.replace(' ', '-')}.png", True)
            page.size(1280, 900)
            page.js("document.documentElement.dir = 'ltr'")

        try:
            look("new speaker")
            page.js("localStorage.clear()")
            bench.reload(page)
            open_booth(bench, page, "open", "machine", "raise-hand")
            look("ready")
            page.press(" ")
            light(page, SPEAK)
            microphone.say("Dacă mă înțelegeți, arătați pătratul verde.")
            light(page, RECORDING, DECIDE)
            look("recording")
            if not page.js(LIGHT).startswith(DECIDE):
                page.press(" ")
            light(page, DECIDE)
            look("review")
        finally:
            bench.chromium = own
        must(not wrong, "; ".join(wrong[:6]))


def finish(page):
    """Ends a take of the browser's microphone, and returns whether it was taken: one with a loss is rejected."""
    page.press(" ")
    if light(page, DECIDE, "Press Space").startswith(DECIDE):
        return True
    text = page.js("document.querySelector('.booth').innerText")
    must("Audio was lost" in text, f"the take is rejected without a reason: {text[:300]}")
    return False


def renderers(pid):
    """The processes of a browser that run pages."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        for child in open(f"/proc/{pid}/task/{task}/children").read().split():
            found += renderers(int(child))
            with open(f"/proc/{child}/cmdline") as file:
                if "--type=renderer" in file.read():
                    found.append(int(child))
    return found


def record_blocked(page, sound, place, count, stops=()):
    """Records takes while the page is blocked for 500 ms at a time. In those of `stops` its process stands still until
    the browser loses audio.

    Returns the seconds of each take, and whether the microphone gave it so; None for one that was rejected.
    """
    taken = []
    for number in range(1, count + 1):
        page.press(" ")
        light(page, SPEAK)
        page.js("(() => { const end = performance.now() + 500; while (performance.now() < end); return 1 })()")
        if number in stops:
            own = renderers(page.process.pid)
            for pid in own:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(4)
            for pid in own:
                os.kill(pid, signal.SIGCONT)
        time.sleep(random.random() / 5)
        if not finish(page):
            taken.append(None)
            continue
        name = f"03-safe-here.{sum(one is not None for one in taken) + 1}.wav"
        must(os.path.exists(f"{place}/{name}"), f"take {number} is missing, {name}")
        data = samples(f"{place}/{name}")
        must(len(data) > 2 * 12000, f"take {number} has only {len(data) // 2} samples")
        taken.append((len(data) / 2 / 48000, sound.holds(data)))
    return taken


@test(
    "the browser's microphone: takes are what it gave, sample for sample, though the page is blocked, or rejected",
    is_alone=True,
)
def browser_takes(bench):
    count = 200 if bench.is_long else 8
    project(bench, "sent", "--prompts", "safe-here,goodbye")
    with PulseAudio(bench.top) as sound, Studio(bench.firstword, bench.top, "sent") as studio:
        with sound.browser(Chromium, "--use-fake-ui-for-media-stream") as page:
            page.size(1280, 900)
            bench.enter(studio, page)
            open_booth(bench, page, "sent", "browser")
            stops = range(4, count + 1, 20)
            taken = record_blocked(page, sound, f"{bench.top}/sent/takes/ro/f1", count, stops)
            wrong = [number for number, one in enumerate(taken, 1) if one and not one[1]]
            must(not wrong, f"takes {wrong} of {count} are not what the microphone gave, and were not rejected")
            must(not any(taken[number - 1] for number in stops), "a take with a loss was not rejected")
            lengths = [one[0] for one in taken if one]
            print(
                f"     {count} takes of {min(lengths):.2f} to {max(lengths):.2f} s: {len(lengths)} are what it gave, "
                f"{count - len(lengths)} were rejected, {len(stops)} of them as they should; "
                f"load {os.getloadavg()[0]:.0f}"
            )
            must(len(lengths) >= count / 2, "more than half of the takes were rejected")
            # Bad, again: the next take has nothing of the bad one, and begins within 300 ms.
            for _ in range(5):
                page.press(" ")
                light(page, SPEAK)
                time.sleep(1.2)
                start = time.monotonic()
                page.press("b")
                light(page, SPEAK)
                must(time.monotonic() - start < 0.3, f"'bad, again' took {time.monotonic() - start:.2f} s")
                time.sleep(0.3)
                if finish(page):
                    break
            name = f"03-safe-here.{len(lengths) + 1}.wav"
            data = samples(f"{bench.top}/sent/takes/ro/f1/{name}")
            must(len(data) < 2 * 1.2 * 48000, f"the new take has {len(data) // 2} samples")
            # A hole in the frame numbers, and frames that are late by the other clock, are noticed.
            cases = [[0, 0], [128, 0], [0, 60]]
            torn = page.js(f"""import('/recorder.js').then(({{ Recorder }}) => {cases}.map(([hole, late]) => {{
              const one = Object.assign(Object.create(Recorder.prototype),
                {{ rate: 48000, lags: [], track: {{}}, onFirst() {{}}, onLevel() {{}} }})
              one.start()
              for (let index = 0; index < 12; index += 1) {{
                const first = index * 128 + (index < 5 ? 0 : hole)
                const clock = (first + 128) / 48 + (index < 5 ? 0 : late)
                const end = Date.now() + 1000 + clock
                one.hear({{ first, samples: new Float32Array(128), clock, end, isTorn: false }})
              }}
              return one.take.isTorn
            }}))""")
            must(torn == [False, True, True], f"losses: {torn}")
            # A take with a loss is rejected, and the page says so.
            page.js(
                "import('/recorder.js').then(({ Recorder }) => { const stop = Recorder.prototype.stop;"
                " Recorder.prototype.stop = async function () { Recorder.prototype.stop = stop;"
                " return { ...await stop.call(this), isTorn: true } }; return 1 })"
            )
            page.press(" ")
            light(page, SPEAK)
            time.sleep(0.3)
            must(not finish(page), "a take with a loss is not rejected")
            must(len(files(bench, "sent", "takes")) == len(lengths) + 1, "the take with a loss was kept")
            page.press(" ")
            light(page, SPEAK)
            page.press("Escape")
            light(page, "Press Space")
            bench.quiet(page, studio.origin, "the browser's microphone")


@test("Firefox records in the booth, too (figure: how many takes are what was fed)", only_long=True, is_alone=True)
def firefox_takes(bench):
    project(bench, "fox", "--prompts", "safe-here,goodbye")
    with PulseAudio(bench.top) as sound, Studio(bench.firstword, bench.top, "fox") as studio:
        with sound.browser(Firefox) as page:
            bench.enter(studio, page)
            open_booth(bench, page, "fox", "browser")
            # Firefox adjusts the microphone's clock to that of the loudspeaker, and changes samples then.
            taken = record_blocked(page, sound, f"{bench.top}/fox/takes/ro/f1", 5)
            lengths = [one for one in taken if one]
            print(
                f"     {len(taken)} takes: {sum(isFed for _, isFed in lengths)} are what the microphone gave, "
                f"{len(taken) - len(lengths)} were rejected"
            )
            bench.quiet(page, studio.origin, "Firefox's microphone")


@test("without a microphone's own blocks, as in Safari, most damaged takes are rejected (figure)", only_long=True)
def graph_takes(bench):
    project(bench, "graph", "--prompts", "safe-here,goodbye")
    with PulseAudio(bench.top) as sound, Studio(bench.firstword, bench.top, "graph") as studio:
        with sound.browser(Chromium, "--use-fake-ui-for-media-stream") as page:
            page.size(1280, 900)
            bench.enter(studio, page)
            page.js("delete globalThis.MediaStreamTrackProcessor")
            open_booth(bench, page, "graph", "browser")
            taken = record_blocked(page, sound, f"{bench.top}/graph/takes/ro/f1", 16)
            accepted = [one for one in taken if one]
            print(
                f"     {len(taken)} takes: {sum(isFed for _, isFed in accepted)} are what the microphone gave, "
                f"{len(taken) - len(accepted)} were rejected, {sum(not isFed for _, isFed in accepted)} were damaged; "
                f"load {os.getloadavg()[0]:.0f}"
            )
