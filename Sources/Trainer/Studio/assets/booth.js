// Booth: a speaker records, one message at a time, by one key for each act. The program keeps the session; this page
// shows it, and records where the browser's microphone is used.
import { counted, fill, h, inLanguage, itemName } from "./dom.js"
import { get, listen, path, post, upload } from "./api.js"
import { address, amendAddress, announce, attempt, badge, field, findings, kept, report, select } from "./shell.js"
import { keyName, setKeys } from "./keys.js"
import { Recorder, wav } from "./recorder.js"

const signNames = { yes: "yes", no: "no", "not-understood": "I do not understand", "prefer-not": "I prefer not to answer",
  stop: "stop" }
const floor = -60 // dBFS, the left end of the meter
const hold = 1500 // ms that the highest peak stays
const minus = (value) => value.toFixed(0).replace("-", "−")

export async function booth({ head, session, place, title }) {
  const project = head.id
  if (session.readOnly) return { title: "Booth",
    content: h("p.card", {}, "This studio is read only: nobody can record in it.") }
  if (head.languages.length === 0) return { title: "Booth", content: h("p.card", {}, "This project has no language.") }

  const content = h("div.stack", {})
  const english = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })
  let query = { ...place.query }
  let plan = null
  /** The open booth; null before. */
  let view = null
  /** The browser's microphone, where it is the source. */
  let recorder = null
  /** What this page does by itself with the browser's microphone: counting down, measuring, sending. */
  let own = null
  let isShown = false
  let timer = null
  let sound = null
  /** A take that was recorded here and could not be sent. */
  let unsent = null
  let turn = 0
  const peak = { held: floor, at: 0, clippedAt: -Infinity }

  const base = (...parts) => path(project, "booths", view.id, ...parts)

  // Before the booth is open

  async function showPlan(tag, item) {
    const mine = ++turn
    const next = await get(path(project, "booth", tag))
    if (mine !== turn) return
    plan = next
    if (plan.open?.project === project && plan.open.language.tag === tag) return enter(plan.open)
    leave()
    amendAddress(address(project, "booth", [tag, item].filter(Boolean), query))
    title(english.of(tag))
    drawPlan(item)
  }

  function drawPlan(item) {
    const tag = plan.language.tag
    const wishKey = `booth:${project}`
    const draftKey = `speaker:${project}/${tag}`
    const wish = { ...kept.get(wishKey) }
    const draft = { ...kept.get(draftKey) }
    const usable = plan.speakers.filter((one) => !one.withdrawn)
    let speaker = draft.isNew ? "+" : usable.find((one) => one.voice === wish[tag])?.voice ?? usable[0]?.voice ?? "+"
    let source = wish.source ?? plan.source
    if (source === "machine" && plan.microphones.length === 0) source = "browser"

    const note = (change) => {
      Object.assign(draft, change)
      kept.set(draftKey, draft)
    }
    const text = (key, fields) => h("input", { type: "text", autocomplete: "off", value: draft[key] ?? "",
      oninput: (event) => note({ [key]: event.target.value }), ...fields })
    const pseudonym = text("pseudonym", { maxlength: 40 })
    const voice = text("voice", { value: draft.voice ?? plan.free.woman, maxlength: 20, pattern: "[a-z0-9\\-]+",
      spellcheck: "false" })
    const day = h("input", { type: "date", value: draft.consent ?? session.today, max: session.today,
      oninput: () => note({ consent: day.value }) })
    const licence = text("licence", { value: draft.licence ?? "for first-contact kits only", maxlength: 120 })
    const contact = text("contact", { maxlength: 120 })
    const children = h("input", { type: "checkbox", checked: draft.forChildren === true,
      onchange: () => note({ forChildren: children.checked }) })
    const signed = h("input", { type: "checkbox" })
    const kind = (name, letter) => h("label.choice", {}, h("input", { type: "radio", name: "kind", value: letter,
      checked: (draft.voice ?? plan.free.woman).startsWith(letter), onchange: () => {
        voice.value = letter === "f" ? plan.free.woman : plan.free.man
        note({ voice: voice.value })
      } }), name)
    const newSpeaker = h("fieldset.stack.inset", {}, h("legend", {}, "The new speaker"),
      h("div.row", {}, field("Pseudonym", pseudonym, "Never the real name: that is on the signed form only."),
        h("fieldset", {}, h("legend", {}, "Voice"), kind("a woman", "f"), kind("a man", "m")),
        field("Name of the voice", voice, "The directory of the recordings.")),
      h("div.row", {}, field("Day of the consent", day), field("What the consent permits", licence),
        field("Contact to withdraw it", contact, "An address or a telephone number of your organisation.")),
      h("label.choice", {}, children, "The voice suits children"),
      h("label.choice", {}, signed, "The speaker has signed the consent form; I keep it elsewhere"))
    const drawSpeaker = () => {
      newSpeaker.hidden = onlyAdd.hidden = speaker !== "+"
      for (const input of [pseudonym, voice, day, licence, contact, signed]) input.required = speaker === "+"
    }
    const choose = (value) => {
      speaker = value
      note({ isNew: value === "+" })
      drawSpeaker()
    }
    const choice = (value, ...label) => h("label.choice", {}, h("input", { type: "radio", name: "speaker", value,
      checked: speaker === value, onchange: () => choose(value) }), h("span", {}, ...label))
    const speakers = h("fieldset", {}, h("legend", {}, "Who speaks?"),
      plan.speakers.map((one) => (one.withdrawn
        ? h("p.choice.quiet", {}, h("bdi", {}, one.pseudonym), ` · ${one.voice}: withdrew the consent on ${one.withdrawn}`)
        : choice(one.voice, h("b", {}, h("bdi", {}, one.pseudonym)), ` · ${one.voice} · consent of ${one.consent} · `,
          one.missing === 0 ? "everything is recorded" : `${counted(one.missing, "message")} to record`))),
      choice("+", "Another speaker"),
      choice("?", `Nobody yet: for trials only (${plan.free.woman})`))

    const device = select(plan.microphones.map((one) => [one.name, one.name === one.description ? one.name
      : `${one.name} · ${one.description}`]), plan.microphones.some((one) => one.name === wish.device) ? wish.device
      : plan.device, () => {}, { "aria-label": "Microphone" })
    const sourceChoice = (value, label, isOff, ...more) => h("div.row", {}, h("label.choice", {}, h("input", {
      type: "radio", name: "source", value, checked: source === value, disabled: isOff,
      onchange: () => { source = value } }), label), ...more)
    const sources = h("fieldset", {}, h("legend", {}, "Which microphone?"),
      sourceChoice("machine", "A microphone of this computer", plan.microphones.length === 0,
        plan.microphones.length === 0 ? h("span.quiet", {}, "there is none") : h("div.field", {}, device)),
      sourceChoice("browser", "The browser's microphone", false,
        h("span.quiet.small", {}, "The browser asks for permission.")))
    const countdown = select([["3", "3 seconds"], ["1", "1 second"], ["0", "none"]], wish.countdown ?? "3", () => {})
    const all = h("input", { type: "checkbox", checked: query.all === "1" })

    const onlyAdd = h("button", { type: "submit", id: "only-add" }, "Only add the speaker")
    const form = h("form.card.stack", { onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => {
        let chosen = usable.find((one) => one.voice === speaker)
        if (speaker === "+") {
          await post(path(project, "speakers"), { pseudonym: pseudonym.value.trim(), language: tag,
            voice: voice.value.trim(), forChildren: children.checked, consent: day.value, licence: licence.value.trim(),
            contact: contact.value.trim() })
          chosen = { pseudonym: pseudonym.value.trim(), voice: voice.value.trim() }
          kept.drop(draftKey)
          if (event.submitter === onlyAdd) {
            await showPlan(tag, item)
            return announce(`${chosen.pseudonym} is added.`)
          }
        }
        kept.set(wishKey, { ...wish, [tag]: chosen?.voice ?? null, source, device: device.value,
          countdown: countdown.value })
        await openBooth(tag, { speaker: chosen?.pseudonym, voice: chosen?.voice ?? plan.free.woman, source,
          device: source === "machine" ? device.value : undefined, countdown: Number(countdown.value), item,
          all: all.checked || undefined })
      }, form)
    } }, speakers, newSpeaker, sources,
    h("div.row", {}, field("Countdown", countdown), h("label.choice", {}, all, "Show recorded messages, too")),
    h("p.small.quiet", {}, "A good place is a small room with curtains and clothes. Place the microphone about 25 cm from "
      + "the mouth, a little to the side. The loudest words should reach −12 to −6 dB."),
    h("div.row", {}, h("button.main", { type: "submit" }, "Open the booth"), onlyAdd,
      h("span.quiet", {}, "The room is measured first: two seconds of silence.")))
    drawSpeaker()
    fill(content, h("div.row", {}, languageField(tag)), plan.open ? h("div.card.stack", {}, h("p", {},
      `The booth is open for ${english.of(plan.open.language.tag)}, `, h("bdi", {}, plan.open.speaker ?? plan.open.voice),
      plan.open.project === project ? "." : ", in another project."), h("div.row", {}, plan.open.project === project
      ? h("a.button", { href: address(project, "booth", [plan.open.language.tag]) }, "Continue there") : null,
      h("button", { type: "button", onclick: () => attempt(async () => {
        await post(path(plan.open.project, "booths", plan.open.id, "end"))
        await showPlan(tag, item)
      }) }, "End it"))) : null,
    plan.items === 0 ? h("p.card", {}, "There are no words to record in this language. ",
      h("a", { href: address(project, "words", [tag]) }, "Write them first"), ".") : form)
    showKeys()
  }

  const languageField = (tag) => field("Language", select(head.languages.map((one) => [one, `${english.of(one)} (${one})`]),
    tag, (one) => { location.hash = address(project, "booth", [one], query) }))

  /** Opens the booth as it was wished; the wish is kept for "Continue". */
  async function openBooth(tag, wish) {
    let words = wish
    if (wish.source === "browser") {
      await openRecorder()
      words = { ...wish, device: recorder.label || "the browser's microphone", rate: recorder.rate }
    }
    sessionStorage.setItem(`booth:${project}/${tag}`, JSON.stringify({ ...wish, item: undefined }))
    try {
      enter(await post(path(project, "booth", tag), words))
    } catch (fault) {
      closeRecorder()
      throw fault
    }
  }

  // The browser's microphone

  async function openRecorder() {
    if (recorder && !recorder.isClosed) return
    recorder = await Recorder.open({ worklet: "recorder-worklet.js", onLevel: hear, onEnd: (reason) => {
      report(new Error(`${reason}: plug it in, and use it again`))
      if (view?.phase === "recording") send("cancel")
      recorder = null
      own = null
      draw()
    } })
    if (recorder.unwanted.length > 0) {
      const names = recorder.unwanted.join(", ")
      closeRecorder()
      throw new Error(`the browser changes the sound (${names}), and does not turn that off: use another browser, or a `
        + "microphone of this computer")
    }
  }

  function closeRecorder() {
    recorder?.close()
    recorder = null
    own = null
    clearInterval(timer)
  }

  function hear({ peak: value, isClipped }) {
    const level = value > 0 ? Math.max(floor, 20 * Math.log10(value)) : floor
    const now = performance.now()
    if (level >= peak.held || now - peak.at > hold) Object.assign(peak, { held: level, at: now })
    if (isClipped) peak.clippedAt = now
    showLevel({ peak: level, held: peak.held, clipped: now - peak.clippedAt < 4000, elapsed: recorder?.elapsed ?? 0 })
  }

  /** Measures the room for the session. */
  async function measure() {
    if (own || !recorder) return
    own = { kind: "room" }
    recorder.start()
    await pause(2200)
    if (own?.kind !== "room" || !recorder) return
    const room = await recorder.stop()
    own = null
    if (view?.phase !== "room") return
    await attempt(async () => take(await upload(base("room"), new Blob([wav(room.samples, room.rate)]))))
  }

  const pause = (time) => new Promise((resolve) => { setTimeout(resolve, time) })

  async function countDown() {
    own = { kind: "countdown", left: view.countdown }
    const mine = own
    silence()
    while (own === mine && own.left > 0) {
      draw()
      await pause(1000)
      own.left -= 1
    }
    if (own !== mine) return
    own = null
    recorder.start()
    await command("record")
  }

  async function finish() {
    if (own || !recorder) return
    own = { kind: "sending" }
    const { samples, rate, isTorn } = await recorder.stop()
    unsent = { item: view.item.id, isTorn, blob: new Blob([wav(samples, rate)]) }
    await sendTake()
  }

  async function sendTake() {
    const { item, isTorn, blob } = unsent
    own = { kind: "sending" }
    const search = new URLSearchParams({ item, ...(isTorn ? { torn: "1" } : {}) })
    const isSent = await attempt(async () => {
      try {
        take(await upload(`${base("take")}?${search}`, blob))
      } catch (fault) {
        // The session does not want it any more, or it is no sound: recording again is all that helps.
        if (fault.status === 409 || fault.status === 422) {
          unsent = null
          await command("cancel")
        }
        throw fault
      }
    })
    if (isSent) unsent = null
    own = null
    draw()
  }

  // The open booth

  function enter(next) {
    plan = null
    view = next
    const { tag } = view.language
    title(`${itemName(view.item)}, ${english.of(tag)}`)
    // Its take was lost with the page that recorded it.
    if (view.source === "browser" && view.phase === "recording" && !recorder) command("cancel")
    arrive()
  }

  /** Takes over a state of the session, unless this page knows a later one. */
  function take(next) {
    if (!view || next.id !== view.id || next.serial < view.serial) return
    const before = view
    view = next
    if (next.playing !== before.playing) play(next.playing)
    arrive(before)
  }

  function arrive(before) {
    if (view.phase !== "ended") amendAddress(address(project, "booth", [view.language.tag, view.item.id], query))
    if (before?.item.id !== view.item.id) title(`${itemName(view.item)}, ${english.of(view.language.tag)}`)
    if (view.phase === "ended") closeRecorder()
    draw()
    if (!before || before.phase !== view.phase || before.notice !== view.notice) tell()
    if (view.source === "browser" && view.phase === "room") measure()
    if (view.source === "browser" && view.phase === "recording" && recorder) watchTake()
  }

  /** Says to a screen reader where the session stands. */
  function tell() {
    const trial = view.phase === "reviewing" && view.trial
    announce([view.notice, trial ? verdict(trial) : status().text].filter(Boolean).join(" "))
  }

  /** A take of the browser's microphone ends at the longest length, and its time runs on this page. */
  function watchTake() {
    clearInterval(timer)
    timer = setInterval(() => {
      if (!recorder || view?.phase !== "recording") return clearInterval(timer)
      if (recorder.elapsed >= view.longest) finish()
    }, 250)
  }

  async function command(name) {
    return attempt(async () => take(await post(base("command"), { command: name })))
  }

  /** Does what a key or a button means. */
  async function send(name) {
    if (!view || !isOffered(name)) return
    focusCard()
    if (name === "end") return attempt(async () => take(await post(base("end"))))
    if (name === "continue") return attempt(carryOn)
    if (name === "microphone") {
      await attempt(openOwn, content)
      return
    }
    if (["record", "again", "finish"].includes(name)) silence()
    if (name === "play" && view.phase === "ready") silence()
    if (view.source === "browser") {
      if (name === "send") return sendTake()
      if (name === "record") return countDown()
      if (name === "again") {
        unsent = null
        recorder.start()
      }
      if (name === "cancel" && own?.kind === "countdown") {
        own = null
        return draw()
      }
      if (name === "cancel" && view.phase === "recording") {
        unsent = null
        recorder?.drop()
      }
      if (name === "finish") return finish()
    }
    if (name === "previous" || name === "next") return go(view.position + (name === "next" ? 1 : -1))
    if (name === "takes") return nextTake()
    return command(name)
  }

  async function openOwn() {
    await openRecorder()
    if (recorder.rate !== view.rate) {
      closeRecorder()
      throw new Error("this microphone has another rate: end the booth, and open it again")
    }
    draw()
    if (view.phase === "room") measure()
  }

  /** Opens the booth again, with what is still missing. */
  async function carryOn() {
    const { tag } = view.language
    const text = sessionStorage.getItem(`booth:${project}/${tag}`)
    view = null
    if (!text) return showPlan(tag)
    await openBooth(tag, JSON.parse(text))
    focusCard()
  }

  const go = (index) => (view.items[index] ? attempt(async () => take(await post(base("item"),
    { item: view.items[index].id }))) : null)

  function nextTake() {
    const takes = view.item.takes
    if (takes.length === 0) return
    const now = takes.indexOf(view.trial?.take)
    return choose(takes[now <= 0 ? takes.length - 1 : now - 1])
  }

  const choose = (name) => attempt(async () => take(await post(base("choose"), { take: name })))

  function play(number) {
    silence()
    if (number === undefined || number === null) return
    sound = new Audio(`/api/1/${base("clips", String(number))}`)
    sound.play().catch(() => {})
  }

  function silence() {
    if (!sound) return
    sound.pause()
    // A paused sound can hold one of the browser's six connections to the program.
    sound.removeAttribute("src")
    sound.load()
    sound = null
  }

  // What is possible now

  const needsMicrophone = () => view.source === "browser" && !recorder && view.phase !== "ended"

  /** The acts of the moment, the most likely first: name, key, words. */
  function acts() {
    if (!view) return []
    if (view.phase === "ended") return view.missing > 0 ? [["continue", " ", "Continue with what is missing"]] : []
    if (own?.kind === "countdown") return [["cancel", "Escape", "Cancel"]]
    if (own?.kind === "sending") return []
    if (unsent) return [["send", " ", "Send it again"], ["cancel", "Escape", "Throw it away"]]
    const can = (name) => view.commands.includes(name)
    const list = []
    const add = (name, key, words, isPossible = can(name)) => { if (isPossible) list.push([name, key, words]) }
    if (needsMicrophone()) add("microphone", " ", "Use this browser's microphone", true)
    const records = !needsMicrophone()
    switch (view.phase) {
      case "roomFindings":
        add("measureRoom", "n", "Measure again", records)
        add("ignoreRoom", "c", "Continue anyway")
        break
      case "ready":
        add("record", " ", "Record", records)
        add("play", "p", "Hear the recording", Boolean(view.item.recording))
        add("takes", "t", "Hear the takes", view.item.takes.length > 0)
        add("skip", "s", "Skip")
        add("previous", "ArrowLeft", "Back", view.position > 0)
        add("next", "ArrowRight", "Forward", view.position < view.items.length - 1)
        add("measureRoom", "n", "Measure the room", records)
        break
      case "countdown":
        add("cancel", "Escape", "Cancel")
        break
      case "recording":
        add("finish", " ", "Stop", records)
        add("again", "b", "Bad, again", records)
        add("cancel", "Escape", "Throw it away")
        break
      case "unwritten":
        add("retryWriting", " ", "Try again")
        add("record", "r", "Record again", records)
        add("skip", "s", "Skip")
        break
      case "reviewing":
        add("keep", "k", "Keep")
        add("again", "b", "Bad, again", records)
        add("record", " ", "Another take", records)
        add("play", "p", "Hear it", view.trial?.audible === true)
        add("takes", "t", "Other takes", view.item.takes.length > 1)
        add("skip", "s", "Skip")
        add("previous", "ArrowLeft", "Back", view.position > 0)
        add("next", "ArrowRight", "Forward", view.position < view.items.length - 1)
        break
      case "confirming":
        add("replace", "o", "Replace it")
        add("cancel", "Escape", "Leave it")
        break
      default:
    }
    add("end", "q", "End", true)
    return list
  }

  const isOffered = (name) => acts().some(([act]) => act === name)

  function showKeys() {
    if (!isShown) return
    setKeys(acts().flatMap(([name, key, words]) => {
      const list = [{ key, does: words.toLowerCase(), act: () => send(name) }]
      // The same key begins a take and ends it, so any other habit is served as well.
      if (key === " ") list.push({ key: "Enter", isListed: false, act: () => send(name) })
      if (name === "cancel" && (own?.kind === "countdown" || view?.phase === "countdown")) {
        list.push({ key: " ", isListed: false, act: () => send(name) })
      }
      return list
    }))
  }

  // The page of the open booth

  const meterNow = h("span.now", {})
  const meterHeld = h("span.held", {})
  const meterFigure = h("b.position", { dir: "auto" }, "")
  const meter = h("div.meter", { role: "meter", "aria-label": "Level", "aria-valuemin": floor, "aria-valuemax": 0,
    "aria-valuenow": floor }, meterNow, h("span.zone", {}), meterHeld)
  const light = h("p.light", {})
  const card = h("section.card.stack.booth", { tabindex: "-1", "aria-label": "Message to record" })

  function showLevel(level) {
    if (!view) return
    const part = (value) => `${100 * (1 - Math.max(floor, value) / floor)}%`
    meterNow.style.setProperty("inline-size", part(level.peak))
    meterHeld.style.setProperty("inset-inline-start", part(level.held))
    meter.dataset.state = level.clipped || level.held > -3 ? "loud" : level.held > -12 ? "near" : "good"
    meter.setAttribute("aria-valuenow", Math.round(level.held))
    meterFigure.textContent = level.stalled ? "the microphone gives no audio" : level.held > floor
      ? `${minus(level.held)} dB${level.clipped ? " · too loud" : ""}` : "silent"
    const time = light.querySelector("[data-time]")
    if (time) time.textContent = level.elapsed.toFixed(1)
  }

  /** Where the session stands: a word for the style, and a text. */
  function status() {
    if (unsent && !own) return { kind: "bad", text: "The take could not be sent." }
    if (own?.kind === "countdown") return { kind: "wait", text: String(own.left) }
    if (own?.kind === "sending") return { kind: "wait", text: "Checking the take …" }
    if (needsMicrophone()) return { kind: "bad", text: "This page has no microphone yet." }
    if (view.loss) return { kind: "bad", text: `No microphone: ${view.loss}` }
    switch (view.phase) {
      case "room": return { kind: "wait", text: "Be silent for two seconds: the room is measured." }
      case "roomFindings": return { kind: "bad", text: "The room is not good yet." }
      case "ready": return { kind: "", text: view.item.recording && view.items[view.position].recorded
        ? "Recorded. Space records it again." : "Press Space when the speaker is ready." }
      case "countdown": return { kind: "wait", text: String(view.level.left) }
      case "recording": return view.level.speech ? { kind: "live", text: "Recording", isTimed: true }
        : { kind: "go", text: "Speak now", isTimed: true }
      case "writing": return { kind: "wait", text: "Checking the take …" }
      case "unwritten": return { kind: "bad", text: `The take was not written: ${view.reason}` }
      case "keeping": return { kind: "wait", text: "Keeping the take …" }
      case "confirming": return { kind: "bad", text: "The message has a recording already. Replace it? The old one stays "
        + "among the takes." }
      case "ended": return { kind: "", text: "The booth is closed." }
      default: return { kind: "", text: "Listen, and decide." }
    }
  }

  function verdict(trial) {
    const bad = trial.findings.filter((one) => one.severity !== "note")
    return bad.length === 0 ? `${trial.seconds.toFixed(1)} s recorded: the check finds nothing wrong.`
      : `${trial.seconds.toFixed(1)} s recorded: ${counted(bad.length, "finding")}.`
  }

  function draw() {
    if (!view) return
    const focused = content.contains(document.activeElement) ? document.activeElement.dataset.act ?? "" : null
    if (view.phase === "ended") drawEnd()
    else drawBooth()
    showKeys()
    if (focused === null) return
    const again = focused && content.querySelector(`[data-act="${CSS.escape(focused)}"]:not(:disabled)`)
    if (again) again.focus()
    else if (!content.contains(document.activeElement)) card.focus({ preventScroll: true })
  }

  function drawBooth() {
    const { item, language } = view
    const done = view.items.filter((one) => one.recorded).length
    const now = status()
    light.className = `light ${now.kind}`
    fill(light, now.text, now.isTimed ? [" ", h("span.position", { "data-time": "" }, "0.0"), " s"] : null)
    fill(card,
      h("div.row.ends", {}, h("h2", {}, itemName(item)), h("span.position", {},
        `${view.position + 1} of ${view.items.length}`)),
      light,
      inLanguage(item.text, language, "p.wording.script"),
      h("div.meaning", {}, h("dl.facts", {}, fact("Meaning", item.source || item.title), fact("It says", item.back),
        fact("Word for word", item.gloss), fact("Caution", item.caution), fact("Doubt", item.doubt)),
        item.signs.length > 0 ? h("div.signs", {}, item.signs.map((one) => h("img", {
          src: `/api/1/signs/${encodeURIComponent(one.mode)}/${encodeURIComponent(one.sign)}`, width: 96, height: 104,
          alt: `the sign for: ${signNames[one.sign] ?? one.sign}` }))) : null),
      item.notes.map((note) => h("div.note", {}, h("p", {}, h("b", {}, `${note.name}, ${note.date}: `),
        note.note ?? "sent back without a reason"))),
      h("div.level", {}, meter, meterFigure),
      view.notice ? h("p.finding.note", {}, view.notice) : null,
      view.phase === "roomFindings" ? findings(view.room.findings) : null,
      h("div.row.acts", {}, acts().filter(([name]) => name !== "end").map(([name, key, words], index) =>
        h(index === 0 ? "button.main" : "button", { type: "button", "data-act": name, onclick: () => send(name) }, words,
          h("kbd", { "aria-hidden": "true" }, keyName(key))))),
      ["reviewing", "confirming", "keeping"].includes(view.phase) && view.trial ? drawTrial(view.trial) : null,
      drawTakes())
    const list = h("ol", {}, view.items.map((one, index) => h("li", {}, h("a", {
      href: address(project, "booth", [language.tag, one.id], query), "aria-current": index === view.position ? "true"
        : null }, badge(one.recorded ? "d" : "m", "recordings", ""), h("span", {}, itemName(one),
      h("span.unseen", {}, one.recorded ? ": recorded" : ": to record"))))))
    const room = view.room?.level === undefined ? null : ` · room ${minus(view.room.level)} dBFS`
    fill(content, h("div.row.ends", {}, h("p", {}, languageWords(language), " · ", h("b", {},
      h("bdi", {}, view.speaker ?? "nobody yet")), ` · ${view.voice} · `, h("span.quiet", {},
      view.source === "machine" ? "microphone: " : "browser: ", h("bdi", {}, view.device)), h("span.quiet", {}, room)),
    h("button.plain", { type: "button", "data-act": "end", onclick: () => send("end") }, "End",
      h("kbd", { "aria-hidden": "true" }, "q"))),
    view.obstacle ? h("p.small.quiet", {}, `Before a release: ${view.obstacle}.`) : null,
    h("div.columns", {}, card, h("section.card.stack", { "aria-label": "All messages" },
      h("progress", { value: done, max: view.items.length, "aria-label": "Recorded" }),
      h("p.small.quiet", {}, `${done} of ${counted(view.items.length, "message")} recorded`),
      h("nav.prompts", { "aria-label": "Messages", tabindex: "0" }, list))))
    content.querySelector(".prompts [aria-current]")?.scrollIntoView({ block: "nearest" })
    showLevel(view.source === "machine" ? view.level : { peak: floor, held: peak.held, elapsed: recorder?.elapsed ?? 0 })
  }

  const fact = (term, value) => (value ? [h("dt", {}, term), h("dd", {}, value)] : null)
  const languageWords = (language) => h("b", {}, english.of(language.tag))

  /** What check says at once: as figures, and as what to do. */
  function drawTrial(trial) {
    const voice = trial.measures?.voice
    const parts = voice ? [`${voice.length.toFixed(1)} s of speech`, `the kit leaves out ${voice.before.toFixed(1)} s before `
      + `and ${voice.after.toFixed(1)} s after it`, `loudness ${minus(voice.loudness)} LUFS`,
    voice.noise === undefined ? null : `room ${minus(voice.noise)} dBFS`, `peak ${minus(trial.measures.truePeak)} dBTP`]
      : []
    return h("div.stack", {}, h(trial.findings.some((one) => one.severity !== "note") ? "p" : "p.good", {},
      verdict(trial)), parts.length > 0 ? h("p.small.quiet", {}, parts.filter(Boolean).join(" · "), ".") : null,
    trial.findings.length > 0 ? findings(trial.findings.map(({ path: _, ...one }) => one)) : null)
  }

  function drawTakes() {
    const { item } = view
    if (!item.recording && item.takes.length === 0) return null
    const number = (name) => name.match(/\.(\d+)\.\w+$/)?.[1] ?? name
    const mayChoose = ["ready", "reviewing"].includes(view.phase)
    return h("section.stack", { "aria-label": "Takes" }, h("h3", {}, "Takes"), h("ul.takes", {},
      item.recording ? h("li", {}, badge("d", "recordings", "the recording")) : null,
      item.takes.map((name) => h("li", {}, h("button.plain", { type: "button", "data-act": `take-${name}`,
        disabled: !mayChoose, "aria-pressed": String(view.trial?.take === name), onclick: () => choose(name) },
      `Take ${number(name)}`)))),
    h("p.small.quiet", {}, "All takes stay. Choose one to hear it, and keep it as the recording."))
  }

  function drawEnd() {
    const { tag } = view.language
    fill(content, h("section.card.stack", { "aria-label": "The end" },
      view.missing === 0 ? h("p.good", {}, `Every message is recorded in ${english.of(tag)}. Thank you.`)
        : h("p", {}, h("b", {}, `${counted(view.missing, "message")} of ${view.items.length} still missing.`)),
      h("p", {}, `${view.kept} kept, ${view.skipped} skipped in this session.`),
      view.obstacle ? h("p.finding.note", {}, `Before a release: ${view.obstacle}.`) : null,
      h("div.row", {}, acts().map(([name, key, words]) => h("button.main", { type: "button", "data-act": name,
        onclick: () => send(name) }, words, h("kbd", { "aria-hidden": "true" }, keyName(key)))),
      h("button", { type: "button", onclick: () => attempt(async () => { view = null; await showPlan(tag) }) },
        "Another speaker, or again"),
      h("a.button", { href: address(project, "check") }, "Check the recordings"),
      h("a.button", { href: address(project, "review", [tag]) }, "Review"))))
  }

  function focusCard() {
    if (card.isConnected) card.focus({ preventScroll: true })
  }

  /** Forgets the open booth; it goes on in the program until nobody asks for it. */
  function leave() {
    view = null
    closeRecorder()
    silence()
  }

  async function open(parts) {
    const tag = head.languages.includes(parts[0]) ? parts[0] : head.languages[0]
    if (view && view.language.tag === tag && view.phase !== "ended") {
      const index = view.items.findIndex((one) => one.id === parts[1])
      if (index >= 0 && index !== view.position) await go(index)
      return
    }
    await showPlan(tag, parts[1])
  }

  const stop = listen((kind, data) => {
    if (kind === "booth") {
      if (view) take(data)
      else if (plan && data.project === project && data.language.tag === plan.language.tag && data.phase !== "ended"
        && !content.querySelector("form[aria-busy]")) showPlan(plan.language.tag)
    } else if (kind === "level" && view && data.booth === view.id && view.source === "machine") {
      showLevel(data)
    } else if (kind === "again" && view) {
      refresh()
    }
  })

  async function refresh(fresh = "") {
    if (!view || view.phase === "ended") return
    try {
      take(await get(base() + fresh))
    } catch (fault) {
      if (fault.status !== 404) return
      // The program was started again, or the booth was left for long: what was recorded is kept.
      const { tag } = view.language
      leave()
      await attempt(() => showPlan(tag))
    }
  }

  const heartbeat = setInterval(() => refresh(), 5000)
  await open(place.parts)
  return {
    title: "Booth",
    content,
    keys: [],
    shown() {
      isShown = true
      showKeys()
      focusCard()
    },
    async update(next) {
      query = { ...next.query }
      await open(next.parts)
    },
    async changed() {
      if (view) await refresh("?fresh=1")
      else if (plan && !content.contains(document.activeElement)) await showPlan(plan.language.tag)
    },
    close() {
      stop()
      clearInterval(heartbeat)
      clearInterval(timer)
      if (view?.phase === "recording" || view?.phase === "countdown") command("cancel")
      silence()
      recorder?.close()
    },
  }
}
booth.label = "Booth"
