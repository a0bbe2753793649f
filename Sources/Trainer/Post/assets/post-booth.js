// The page of a speaker: consent, the room, one text after the other, the file to send back.
import { h, fill } from "./dom.js"
import { encode, pcm } from "./flac.js"
import { sha256 } from "./minisign.js"
import { Recorder } from "./recorder.js"
import { act, begin, button, code, codeHash, data, english, fault, field, label, line, own, save, say, sendBack, show,
  spoken, stayAwake, tell, today, chosen } from "./page.js"

const longest = 55 // seconds: a kit takes no longer recording than a minute
const state = { consent: null, at: 0, takes: new Set(), notes: new Map(), recorder: null, level: null, busy: false }

const keyOf = (text) => `${text.item}/${text.wording}`
const takeOf = (text) => own.shelf.get("takes", keyOf(text))
const decibels = (value) => 20 * Math.log10(value + 1e-9)

// Steps

function welcome() {
  return [
    h("h1", {}, say("asks", { who: data.from })),
    h("p", {}, say("why")), data.why && h("p.why", {}, data.why),
    h("p", {}, say("how-many", { n: data.texts.length })), h("p", {}, say("private")),
    h("p.acts", {}, button("button.main", "continue", () => show(consent))),
  ]
}

function consent() {
  const secret = code()
  const name = h("input", { autocomplete: "off", maxlength: 40, required: true })
  const words = h("textarea", { rows: 3, maxlength: 120, required: true, "aria-describedby": "words-example" })
  const sexes = ["woman", "man"].map((sex) => [
    h("input", { type: "radio", name: "voice", id: sex, value: sex, required: true }), " ",
    h("label", { for: sex }, say(sex)), " ",
  ])
  const kept = h("input", { type: "checkbox", required: true, id: "kept" })
  const form = h("form", {
    onsubmit: act(async () => {
      const [pseudonym, licence] = [line(name.value, 40), line(words.value, 120)]
      if (!/[\p{L}\p{N}]/u.test(pseudonym) || !licence) return fault(say("missing"))
      state.consent = {
        pseudonym, words: licence, voice: form.elements.voice.value, day: today(), tongue: chosen(),
        withdrawal: await codeHash(secret),
      }
      await own.shelf.put("facts", "consent", state.consent)
      show(room)
    }),
  },
  field("name", "pseudonym", name, h("span.small", {}, say("pseudonym-why"))),
  h("fieldset", {}, h("legend", {}, say("voice")), sexes),
  field("words", "own-words", words, h("span.small", { id: "words-example" }, say("own-words-example"))),
  h("h2", {}, say("withdraw")), h("p", {}, say("withdraw-how", { contact: data.contact })),
  h("p.code", { dir: "ltr", id: "code" }, secret),
  h("p", {}, kept, " ", h("label", { for: "kept" }, say("code-kept"))),
  h("p", {}, say("agree-day", { day: today(), who: data.from })),
  h("p.acts", {}, h("button.main", { type: "submit" }, say("agree")), button("button", "back", () => show(welcome))))
  return [h("h1", {}, say("consent")), form]
}

function room() {
  const heard = h("p", { id: "heard", role: "status" })
  const next = button("button.main", "continue", () => show(texts))
  next.hidden = true
  const measure = h("button.main", { type: "button", onclick: act(async () => {
    measure.disabled = true
    try {
      fill(heard, say("opening"))
      const recorder = await microphone()
      fill(heard, say("silent-now"))
      const [silence] = await listen(recorder, 2)
      const level = decibels(noise(silence, recorder.rate))
      if (level < -110) return fill(heard, say("room-dead"))
      await own.shelf.put("facts", "room", Number(level.toFixed(1)))
      fill(heard, say("speak-now"))
      const [voice, isTorn] = await listen(recorder, 4)
      const peak = decibels(highest(voice))
      fill(heard, h("span", { class: level > data.noise && "bad" },
        say(level > data.noise ? "room-loud" : "room-good", { n: Math.round(level) })), " ",
      h("span", { class: peakFault(peak) && "bad" }, isTorn ? say("torn") : say(peakFault(peak) ?? "voice-good")),
      recorder.unwanted.length > 0 && [" ", h("span.bad", {}, say("processed"))])
    } finally {
      measure.disabled = false
      next.hidden = false
    }
  }) }, say("measure"))
  return [
    h("h1", {}, say("room")), h("p", {}, say("room-how")), meter(), heard, h("p.acts", {}, measure, next),
  ]
}

function texts() {
  const text = data.texts[state.at]
  const take = { known: state.takes.has(keyOf(text)) }
  const told = h("p", { id: "told", role: "status" })
  const record = h("button.main.record", { type: "button" })
  const hear = button("button", "hear", () => play(text), { disabled: !take.known })
  const others = []
  const go = (step) => () => {
    state.at = Math.max(0, Math.min(data.texts.length - 1, state.at + step))
    show(texts)
  }
  const setLabel = (key) => {
    fill(record, label(key))
    record.dataset.act = key
  }
  setLabel(take.known ? "again" : "record")
  record.addEventListener("click", act(async () => {
    if (state.busy) return
    if (record.dataset.act === "stop") return stop()
    state.busy = true
    try {
      silence()
      others.forEach((other) => (other.disabled = true))
      tell(say("opening"))
      const recorder = await microphone()
      if (current() !== text) return
      recorder.start()
      setLabel("stop")
      tell(say("speak"))
      state.timer = setTimeout(act(stop), longest * 1000)
    } catch (error) {
      others.forEach((other) => (other.disabled = false))
      hear.disabled = !state.takes.has(keyOf(text))
      tell(error.name === "NotAllowedError" ? say("not-allowed") : say("failed", { what: error.message }), true)
    } finally {
      state.busy = false
    }
  }))

  async function stop() {
    if (state.busy || record.dataset.act !== "stop") return
    state.busy = true
    clearTimeout(state.timer)
    record.disabled = true
    try {
      const { samples, rate, isTorn } = await state.recorder.stop()
      const seconds = samples.length / rate
      if (isTorn) return tell(say("torn"), true)
      if (seconds < 0.3) return tell(say("too-short"), true)
      const whole = pcm(samples)
      const bytes = await encode(whole.samples, rate, whole.bits)
      await own.shelf.put("takes", keyOf(text), {
        item: text.item, wording: text.wording, bytes, sha256: await sha256(bytes), rate, bits: whole.bits,
        samples: samples.length, peak: Number(decibels(highest(samples)).toFixed(1)), at: new Date().toISOString(),
      })
      state.takes.add(keyOf(text))
      const wrong = peakFault(decibels(highest(samples)))
      tell(`${say("seconds", { n: seconds.toFixed(1) })} ${say(wrong ?? "good")}`, wrong !== null)
      count()
    } finally {
      record.disabled = false
      setLabel(state.takes.has(keyOf(text)) ? "again" : "record")
      others.forEach((other) => (other.disabled = false))
      hear.disabled = !state.takes.has(keyOf(text))
      state.busy = false
      record.focus()
    }
  }

  const counted = h("p.small", { id: "count" })
  const count = () => fill(counted, say("progress", { n: state.at + 1, m: data.texts.length }), " · ",
    say("recorded", { n: state.takes.size }))
  count()
  const back = button("button", "back", go(-1), { disabled: state.at === 0 })
  const next = state.at < data.texts.length - 1
    ? button("button", "next", go(1)) : button("button", "finish", () => show(finish))
  const wrong = button("button.quiet", "wrong", () => show(complain))
  const done = button("button.quiet", "finish", () => show(finish))
  others.push(...[back, next, wrong, done, hear].filter((one) => !one.disabled || one === hear))
  const variant = { woman: text.byWoman, man: text.byMan }[state.consent.voice]
  const note = state.notes.get(keyOf(text))
  return [
    h("h1.small", {}, say("say-this")), counted,
    h("progress", { max: data.texts.length, value: state.takes.size, "aria-label": say("recorded", { n: state.takes.size }) }),
    spoken(variant ?? text.text, "p.text"), signs(text),
    h("dl", {}, h("dt", {}, say("meaning")), h("dd", {}, english(text.back)),
      text.gloss && [h("dt", {}, say("word-for-word")), h("dd", {}, english(text.gloss))],
      text.isForChild && [h("dt", {}, say("to-whom")), h("dd", {}, say("to-child"))],
      note && [h("dt", {}, say("your-note")), h("dd", {}, note)]),
    meter(), told,
    h("p.acts", {}, record, hear), h("p.acts", {}, back, next), h("p.acts", {}, wrong, done),
  ]
}

/** The text that is shown; null in other steps. */
const current = () => (document.body.dataset.step === "texts" ? data.texts[state.at] : null)

function complain() {
  const text = data.texts[state.at]
  const note = h("textarea", { rows: 4, maxlength: 300, value: state.notes.get(keyOf(text)) ?? "" })
  return [
    h("h1", {}, say("wrong")), spoken(text.text),
    h("form", { onsubmit: act(async () => {
      const kept = line(note.value, 300)
      if (kept) {
        await own.shelf.put("facts", `note/${keyOf(text)}`, kept)
        state.notes.set(keyOf(text), kept)
      } else {
        await own.shelf.remove("facts", `note/${keyOf(text)}`)
        state.notes.delete(keyOf(text))
      }
      if (kept) state.at = Math.min(state.at + 1, data.texts.length - 1)
      show(texts)
    }) }, field("note", "wrong-how", note),
    h("p.acts", {}, h("button.main", { type: "submit" }, say("keep-note")),
      button("button", "cancel", () => show(texts)))),
  ]
}

function finish() {
  const place = h("div", { role: "status" })
  const nothing = state.takes.size + state.notes.size === 0
  const saving = button("button.main", "save", async () => {
    const [files, takes] = [[], []]
    for (const text of data.texts) {
      const take = await takeOf(text)
      if (!take) continue
      if (await sha256(take.bytes) !== take.sha256) throw Error(`${text.item}: the browser has changed the recording`)
      const { bytes, ...facts } = take
      files.push({ name: `takes/${text.stem}.flac`, data: bytes })
      takes.push({ ...facts, file: `takes/${text.stem}.flac` })
    }
    const name = await save({
      name: state.consent.pseudonym, consent: state.consent,
      sound: { room: await own.shelf.get("facts", "room"), settings: state.settings ?? (await own.shelf.get("facts", "settings")) },
      takes, notes: data.texts.filter((text) => state.notes.has(keyOf(text))).map((text) =>
        ({ item: text.item, wording: text.wording, note: state.notes.get(keyOf(text)), date: today() })),
    }, files)
    fill(place, sendBack(name))
  }, { disabled: nothing })
  const left = data.texts.filter((text) => !state.takes.has(keyOf(text)) && !state.notes.has(keyOf(text))).length
  return [
    h("h1", {}, left === 0 ? say("all-done") : say("left", { n: left })),
    h("p", {}, say("recorded", { n: state.takes.size }), state.notes.size > 0 && [" · ", say("noted", { n: state.notes.size })]),
    h("p", {}, say("save-how")), h("p.acts", {}, saving), place,
    h("p.acts", {}, button("button", "back", () => show(texts)), button("button.quiet", "room", () => show(room))),
  ]
}

// Sound

async function microphone() {
  if (state.recorder) return state.recorder
  const worklet = "data:text/javascript;charset=utf-8," + encodeURIComponent(document.getElementById("worklet").textContent)
  state.recorder = await Recorder.open({
    worklet, onLevel: ({ peak }) => state.level?.(peak),
    onEnd: () => {
      state.recorder = null
      tell(say("ended"), true)
      if (current()) show(texts)
    },
  })
  const { sampleRate, channelCount, echoCancellation, noiseSuppression, autoGainControl } = state.recorder.settings
  state.settings = { rate: state.recorder.rate, sampleRate, channelCount, echoCancellation, noiseSuppression, autoGainControl }
  await own.shelf.put("facts", "settings", state.settings)
  stayAwake()
  return state.recorder
}

async function listen(recorder, seconds) {
  recorder.start()
  await new Promise((done) => setTimeout(done, seconds * 1000))
  const { samples, isTorn } = await recorder.stop()
  return [samples, isTorn]
}

const highest = (samples) => samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** The words for a peak in dBFS that is too high or too low; null for a good one. */
const peakFault = (peak) => (peak > -0.1 ? "too-loud" : peak < -26 ? "too-quiet" : null)

/** The power of the quieter half of a room's sound, without what lies below 80 Hz. */
function noise(samples, rate) {
  const pull = Math.exp((-2 * Math.PI * 80) / rate)
  let [low, before] = [0, 0]
  const powers = []
  const size = Math.round(rate / 20)
  for (let begin = 0; begin + size <= samples.length; begin += size) {
    let sum = 0
    for (let index = begin; index < begin + size; index++) {
      low = pull * (low + samples[index] - before)
      before = samples[index]
      sum += low * low
    }
    powers.push(sum / size)
  }
  powers.sort((a, b) => a - b)
  return Math.sqrt(powers[powers.length >> 1] ?? 0)
}

/** The level of the microphone, which falls slowly from a peak. */
function meter() {
  const bar = h("meter", { min: 0, max: 60, low: 34, high: 59, optimum: 50, value: 0, "aria-label": say("level") })
  let held = 0
  state.level = (peak) => {
    held = Math.max(0, 60 + decibels(peak), held - 1.5)
    bar.value = held
  }
  return bar
}

let sounding = null

function silence() {
  sounding?.pause()
  sounding = null
}

async function play(text) {
  silence()
  const take = await takeOf(text)
  sounding = new Audio(URL.createObjectURL(new Blob([take.bytes], { type: "audio/flac" })))
  const { src } = sounding
  sounding.onended = sounding.onpause = () => URL.revokeObjectURL(src)
  await sounding.play()
}

/** The pictures of the signs that a text names. */
function signs(text) {
  if (!text.signs) return null
  return h("p.signs", {}, text.signs.map((name) => document.getElementById(`sign-${name}`).content.cloneNode(true)))
}

begin(async () => {
  state.consent = (await own.shelf.get("facts", "consent")) ?? null
  state.takes = new Set(await own.shelf.keys("takes"))
  for (const key of await own.shelf.keys("facts", "note/")) {
    state.notes.set(key.slice("note/".length), await own.shelf.get("facts", key))
  }
  if (!state.consent) return welcome
  const open = data.texts.findIndex((text) => !state.takes.has(keyOf(text)) && !state.notes.has(keyOf(text)))
  state.at = Math.max(0, open)
  if (state.takes.size === 0) return room
  return open < 0 ? finish : texts
}, navigator.mediaDevices && globalThis.AudioWorkletNode ? null : "no-microphone")
