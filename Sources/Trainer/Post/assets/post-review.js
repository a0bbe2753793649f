// The page of a reviewer: hear, translate, compare, say yes or no; the signed file to send back.
import { h, fill } from "./dom.js"
import { act, begin, button, data, english, fault, field, line, own, save, say, sendBack, show, spoken, today } from "./page.js"

const state = { name: "", at: 0, answers: new Map(), heard: new Set() }

const keyOf = (text) => `answer/${text.item}/${text.wording}`
const answerOf = (text) => state.answers.get(keyOf(text)) ?? {}

/** Returns what is still to be answered of a text: nothing of its recordings where its words were refused. */
function isDone(text) {
  const { wording, recordings = {} } = answerOf(text)
  return wording !== undefined && (!wording.yes || text.recordings.every(({ sha256 }) => sha256 in recordings))
}

async function keep(text, change) {
  const answer = { ...answerOf(text), ...change, date: today() }
  state.answers.set(keyOf(text), answer)
  await own.shelf.put("facts", keyOf(text), answer)
}

function welcome() {
  const name = h("input", { autocomplete: "off", maxlength: 80, required: true, value: state.name })
  return [
    h("h1", {}, say("review-asks", { who: data.from, language: data.language.names[document.documentElement.lang] ?? data.language.autonym })),
    h("p", {}, say("review-how")), h("p", {}, say("private")),
    h("form", { onsubmit: act(async () => {
      const kept = line(name.value, 80)
      if (!/[\p{L}\p{N}]/u.test(kept)) return fault(say("missing"))
      state.name = kept
      await own.shelf.put("facts", "name", kept)
      show(texts)
    }) }, field("name", "your-name", name, h("span.small", {}, say("your-name-why"))),
    h("p.acts", {}, h("button.main", { type: "submit" }, say("continue")))),
  ]
}

function texts() {
  const text = data.texts[state.at]
  const answer = answerOf(text)
  const go = (step) => () => {
    silence()
    state.at += step
    show(texts)
  }
  const done = data.texts.filter(isDone).length
  return [
    h("h1.small", {}, say(answer.mine === undefined ? "what-means" : "is-it-right")),
    h("p.small", { id: "count" }, say("progress", { n: state.at + 1, m: data.texts.length }), " · ",
      say("answered", { n: done })),
    h("progress", { max: data.texts.length, value: done, "aria-label": say("answered", { n: done }) }),
    spoken(text.text),
    answer.mine === undefined ? translate(text) : compare(text, answer),
    h("p.acts", {}, button("button", "back", go(-1), { disabled: state.at === 0 }),
      state.at < data.texts.length - 1 ? button("button", "next", go(1)) : button("button", "finish", () => show(finish))),
    h("p.acts", {}, button("button.quiet", "finish", () => show(finish))),
  ]
}

function translate(text) {
  const mine = h("textarea", { rows: 3, maxlength: 300, required: true })
  return [
    text.recordings.length > 0 ? h("p.acts", {}, hear(text.recordings[0])) : h("p.small", {}, say("no-recording")),
    h("form", { onsubmit: act(async () => {
      const kept = line(mine.value, 300)
      if (!kept) return fault(say("missing"))
      await keep(text, { mine: kept })
      show(texts)
    }) }, field("mine", "your-meaning", mine),
    h("p.acts", {}, h("button.main", { type: "submit" }, say("show-meant")))),
  ]
}

function compare(text, answer) {
  return [
    h("dl", {}, h("dt", {}, say("yours")), h("dd", { dir: "auto" }, answer.mine),
      h("dt", {}, say("meant")), h("dd", {}, english(text.meant),
        text.meantHere?.[document.documentElement.lang] && h("p", {}, text.meantHere[document.documentElement.lang])),
      text.isForChild && [h("dt", {}, say("to-whom")), h("dd", {}, say("to-child"))]),
    question(text, "wording", say("wording-right"), answer.wording, true, (verdict) => keep(text, { wording: verdict })),
    answer.wording?.yes && text.recordings.map((recording, index) => h("section", {},
      h("p.acts", {}, hear(recording)),
      question(text, `recording-${index}`, say("recording-right", { voice: recording.voice }),
        answer.recordings?.[recording.sha256], state.heard.has(recording.sha256) || recording.sha256 in (answer.recordings ?? {}),
        (verdict) => keep(text, { recordings: { ...answerOf(text).recordings, [recording.sha256]: verdict } })))),
  ]
}

/** A question with yes and no; a no needs its reason. */
function question(text, id, words, verdict, canAgree, keepVerdict) {
  const reason = h("textarea", { rows: 2, maxlength: 300, required: true, value: verdict?.reason ?? "" })
  const form = h("form", { hidden: verdict?.yes !== false, onsubmit: act(async () => {
    const kept = line(reason.value, 300)
    if (!kept) return fault(say("missing"))
    await keepVerdict({ yes: false, reason: kept })
    show(texts)
  }) }, field(`${id}-reason`, "what-wrong", reason),
  h("p.acts", {}, h("button.main", { type: "submit" }, say("keep-answer"))))
  const yes = button("button", "yes", async () => {
    await keepVerdict({ yes: true })
    show(texts)
  }, { "aria-pressed": String(verdict?.yes === true), disabled: !canAgree, "data-yes": id })
  const no = button("button", "no", () => {
    form.hidden = false
    reason.focus()
  }, { "aria-pressed": String(verdict?.yes === false), "data-no": id })
  return h("fieldset.question", {}, h("legend", {}, words), h("p.acts", {}, yes, no),
    !canAgree && h("p.small", {}, say("hear-first")), form)
}

function finish() {
  const place = h("div", { role: "status" })
  const answered = data.texts.filter((text) => answerOf(text).wording)
  const left = data.texts.filter((text) => !isDone(text)).length
  return [
    h("h1", {}, left === 0 ? say("all-answered") : say("left", { n: left })),
    h("p", {}, say("save-how")), h("p", {}, say("key-how", { who: data.from }), " ", h("code", { dir: "ltr" }, own.signer.id)),
    h("p.acts", {}, button("button.main", "save", async () => {
      const answers = []
      for (const text of answered) answers.push(...(await signed(text)))
      fill(place, sendBack(await save({ name: state.name, answers }, [])))
    }, { disabled: answered.length === 0 })), place,
    h("p.acts", {}, button("button", "back", () => show(texts))),
  ]
}

/** The answers to a text. Each yes is signed in the form of the project's ledger of approvals. */
async function signed(text) {
  const { mine, date, wording, recordings = {} } = answerOf(text)
  const verdicts = [["wording", text.wording, wording, "back-translator"],
    ...text.recordings.map(({ sha256 }) => ["recording", sha256, wording.yes ? recordings[sha256] : undefined, "listener"])]
  const answers = []
  for (const [kind, hash, verdict, role] of verdicts) {
    if (!verdict) continue
    const answer = { item: text.item, wording: text.wording, kind, hash, verdict: verdict.yes ? "accepted" : "returned", date }
    if (kind === "wording") answer.back = mine
    if (verdict.yes) {
      const statement = ["firstword-approval/1", "approves", kind, hash, data.language.tag, text.item, state.name, role,
        date, ""].join("\n") + "\n"
      answer.signature = await own.signer.sign(statement, "firstword approval")
    } else {
      answer.note = verdict.reason
    }
    answers.push(answer)
  }
  return answers
}

// Sound

let sounding = null

function silence() {
  sounding?.pause()
  sounding = null
}

/** A button that plays a recording; a recording that was heard to its end may be agreed to. */
function hear(recording) {
  return button("button", "hear", async () => {
    silence()
    sounding = new Audio("data:audio/ogg;base64," + recording.clip)
    sounding.onended = () => {
      const isNew = !state.heard.has(recording.sha256)
      state.heard.add(recording.sha256)
      const yes = document.querySelectorAll("[data-yes]:disabled")
      if (isNew && yes.length > 0) show(texts)
    }
    await sounding.play()
  })
}

begin(async () => {
  state.name = (await own.shelf.get("facts", "name")) ?? ""
  for (const key of await own.shelf.keys("facts", "answer/")) state.answers.set(key, await own.shelf.get("facts", key))
  const open = data.texts.findIndex((text) => !isDone(text))
  state.at = Math.max(0, open)
  if (!state.name) return welcome
  return open < 0 ? finish : texts
}, null)
