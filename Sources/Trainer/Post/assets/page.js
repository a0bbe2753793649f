// What the pages that go by post share: their data and words, steps, faults, the file to send back.
import { h, fill } from "./dom.js"
import { sha256, Signer } from "./minisign.js"
import { Shelf } from "./shelf.js"
import { zip } from "./zip.js"

/** What the trainer put into the page. */
export const data = JSON.parse(document.getElementById("data").textContent)

/** What the page keeps, and the key that signs; set before the first step. */
export const own = { shelf: null, signer: null }

// Words

let tongue = Object.keys(data.words)[0]

/** Returns words of the page in the chosen language; `{name}` in them is replaced by `fields.name`. */
export function say(key, fields = {}) {
  const words = data.words[tongue][key] ?? key
  return words.replace(/\{(\w+)\}/g, (whole, name) => fields[name] ?? whole)
}

/** The label of a button: the word of the speaker's language first, where it is another one. */
export function label(key, fields) {
  const word = data.own[key]
  if (!word || data.language.tag === tongue) return say(key, fields)
  return [h("span.own", { lang: data.language.tag, dir: data.language.direction }, word), " ",
    h("span.small", {}, say(key, fields))]
}

/** A text in the language of the recordings. */
export function spoken(text, kind = "p.text") {
  return h(kind, { lang: data.language.tag, dir: data.language.direction }, text)
}

/** A text in English, which the responders' catalogue is written in. */
export const english = (text, kind = "span") => h(kind, { lang: "en", dir: "ltr" }, text)

function choose(tag) {
  tongue = tag
  document.documentElement.lang = tag
  document.documentElement.dir = data.directions[tag] ?? "ltr"
}

/** The tag of the language that the person reads here. */
export const chosen = () => tongue

// Steps

let shown = null

/** Shows a step: a function that returns the content of the page, which begins with a heading. */
export function show(step) {
  shown = step
  fault("")
  const main = document.getElementById("main")
  fill(main, step())
  const heading = main.querySelector("h1")
  heading.tabIndex = -1
  heading.focus()
  window.scrollTo(0, 0)
  document.body.dataset.step = step.name
}

/** Shows what went wrong; an empty text hides it. */
export function fault(text) {
  const place = document.getElementById("fault")
  place.hidden = text === ""
  fill(place, text)
}

/** Wraps a listener: what it throws, also later, is shown. */
export function act(listener) {
  return async (event) => {
    event?.preventDefault?.()
    try {
      fault("")
      await listener(event)
    } catch (error) {
      fault(say("failed", { what: `${error.name}: ${error.message}` }))
    }
  }
}

/** A button. `kind` has its classes: `button.main`. */
export function button(kind, key, listener, fields = {}) {
  return h(kind, { type: "button", onclick: act(listener), ...fields }, label(key))
}

/** Says something to a person who cannot see the page change. */
export function tell(text, isBad = false) {
  const place = document.getElementById("told")
  place.className = isBad ? "bad" : ""
  fill(place, text)
}

/** Today by the clock of this device: 2026-11-30. */
export function today() {
  const now = new Date()
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-")
}

/** One line of what a person typed: composed, without control and direction characters. */
export function line(text, length) {
  const plain = text.normalize("NFC").replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").replace(/(?![\u200B-\u200D])\p{Cf}/gu, "")
  return [...plain.replace(/ {2,}/g, " ").trim()].slice(0, length).join("").trim()
}

/** A field with its label; `more` are texts below the label. */
export function field(id, key, input, ...more) {
  input.id = id
  return h("p.field", {}, h("label", { for: id }, say(key)), more, input)
}

// The file to send back

/**
 * Saves the signed file: `return.json` with its signature and key, and other files.
 *
 * @param {object} content what the page says; page, serial number and time are added.
 * @param {{name: string, data: Blob|Uint8Array}[]} files
 * @returns {Promise<string>} the file's name.
 */
export async function save(content, files) {
  const serial = ((await own.shelf.get("facts", "serial")) ?? 0) + 1
  await own.shelf.put("facts", "serial", serial)
  const now = new Date()
  const text = JSON.stringify({
    format: "firstword-return/1", kind: data.kind, page: data.page, project: data.project,
    language: data.language.tag, serial, made: now.toISOString().replace(/\.\d+/, ""), key: own.signer.key,
    agent: navigator.userAgent.slice(0, 200), ...content,
  }, null, 1) + "\n"
  const bytes = (text) => new TextEncoder().encode(text)
  const archive = await zip([
    { name: "return.json", data: bytes(text) },
    { name: "return.json.minisig",
      data: bytes(await own.signer.sign(text, `firstword ${data.kind} ${data.page} ${serial}`)) },
    { name: "key.pub", data: bytes(own.signer.file) }, ...files,
  ], now)
  const name = `firstword-${data.kind}-${data.language.tag}-${data.page.slice(0, 6)}-${serial}.zip`
  const link = h("a", { href: URL.createObjectURL(archive), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return name
}

/** What to do with a saved file. */
export const sendBack = (name) =>
  h("div.saved", {}, h("p", {}, say("saved", { name })), h("p", {}, say("send", { contact: data.contact })))

/** Keeps a screen on while a person works, where the browser can. */
export function stayAwake() {
  navigator.wakeLock?.request("screen").catch(() => {})
}

// Beginning and end

function remove() {
  return [
    h("h1", {}, say("delete")), h("p", {}, say("delete-sure")),
    h("p.acts", {}, button("button.main", "delete-yes", async () => {
      await own.shelf.clear()
      show(removed)
    }), button("button", "cancel", () => location.reload())),
  ]
}

function removed() {
  return [h("h1", {}, say("deleted")), h("p.acts", {}, button("button", "begin", () => location.reload()))]
}

/** The heads of all steps: the languages to read in, and deleting. */
function frame() {
  const languages = Object.keys(data.words)
  fill(document.getElementById("head"), h("strong", {}, "Firstword"), languages.length > 1 &&
    h("select", { "aria-label": say("language"), onchange: act(async (event) => {
      choose(event.target.value)
      await own.shelf?.put("facts", "tongue", tongue)
      frame()
      show(shown)
    }) }, languages.map((tag) => h("option", { value: tag, selected: tag === tongue, lang: tag }, data.names[tag]))))
  fill(document.getElementById("foot"), h("p", {}, say("private")),
    own.signer && h("p", {}, button("button.quiet", "delete", () => show(remove))))
}

function unable(key) {
  return function unableStep() {
    return [h("h1", {}, say("not-here")), h("p", {}, say(key))]
  }
}

/**
 * Begins: opens what is kept, makes the key, and shows the first step.
 *
 * @param {() => Promise<Function>} first returns the first step.
 * @param {string|null} lack the words for what this browser lacks.
 */
export async function begin(first, lack) {
  const wanted = navigator.languages.flatMap((tag) => [tag, tag.split("-")[0], { zh: "cmn-Hans" }[tag.split("-")[0]]])
  choose(wanted.find((tag) => tag in data.words) ?? tongue)
  frame()
  try {
    if (!globalThis.crypto?.subtle || !globalThis.indexedDB) lack = "too-old"
    if (lack === null) {
      try {
        own.shelf = await Shelf.open(data.page)
      } catch {
        lack = "no-store"
      }
    }
    if (lack === null) {
      // Browsers ask nobody, or never answer: nothing waits for it.
      navigator.storage?.persist?.().catch(() => {})
      try {
        own.signer = await Signer.of(await own.shelf.pair(Signer.pair))
      } catch (error) {
        lack = error.name === "DataCloneError" ? "no-store" : "too-old"
      }
    }
    if (lack === null) {
      // By which an import knows whether a wording has changed.
      for (const text of data.texts) text.wording = await sha256(text.text)
      const kept = await own.shelf.get("facts", "tongue")
      if (kept in data.words) choose(kept)
      frame()
    }
    show(lack === null ? await first() : unable(lack))
  } catch (error) {
    fault(say("failed", { what: `${error.name}: ${error.message}` }))
  }
  document.body.dataset.ready = "1"
}

/** A code that nobody guesses: 100 bits in letters and digits that look like no others. */
export function code() {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
  const random = crypto.getRandomValues(new Uint8Array(20))
  return Array.from(random, (byte) => letters[byte % 32]).join("").replace(/.{5}(?=.)/g, "$&-")
}

/** What the trainer learns of a code: nobody can find the code by it. */
export const codeHash = (code) => sha256(`firstword-withdrawal/1\n${code.replaceAll("-", "")}\n`)
