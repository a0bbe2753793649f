// What all views share: reports, and the parts that look the same everywhere.
import { fill, h } from "./dom.js"
import { line } from "./api.js"

/** Reads a text to users of a screen reader; nothing is shown. */
export function announce(text) {
  const live = document.getElementById("live")
  live.textContent = ""
  setTimeout(() => { live.textContent = text }, 50)
}

/** Shows what went wrong, in one line, until it is closed or the next act succeeds. */
export function report(fault) {
  const place = document.getElementById("fault")
  const text = fault.errors ? fault.errors.map(line).join(" · ") : `${fault.message ?? fault}`
  fill(place, h("p", {}, text || "the program refused it, and gave no reason"),
    h("button.plain", { type: "button", onclick: clearReport }, "Close"))
  if (!fault.errors) console.error(fault)
}

/** Removes the line of `report`. */
export function clearReport() {
  document.getElementById("fault").replaceChildren()
}

/**
 * Performs an act of the user: a refusal is shown, and buttons of `form` are off meanwhile.
 *
 * @returns {Promise<boolean>} whether it succeeded.
 */
export async function attempt(act, form) {
  const off = form ? [...form.querySelectorAll("button:not(:disabled)")] : []
  for (const button of off) button.disabled = true
  form?.setAttribute("aria-busy", "true")
  try {
    await act()
    clearReport()
    return true
  } catch (fault) {
    report(fault)
    return false
  } finally {
    for (const button of off) button.disabled = false
    form?.removeAttribute("aria-busy")
  }
}

const shownStates = new WeakMap()

/**
 * Replaces the content of an element if what it shows has changed: else what a person opened or typed there stays.
 *
 * @param {HTMLElement} element
 * @param {*} state all of which the content is made.
 * @param {function(): (Node|string|Array|null)} make creates the content.
 * @returns {HTMLElement} the element.
 */
export function refill(element, state, make) {
  const text = JSON.stringify(state)
  if (shownStates.get(element) === text) return element
  shownStates.set(element, text)
  return fill(element, make())
}

/** The states of a cell, in the order of the work: letter, class of the style sheet, word, and what it means. */
export const states = [
  ["m", "missing", "missing", "no wording yet"],
  ["d", "draft", "draft", "a wording that nobody recorded or approved"],
  ["t", "trial", "trial", "synthetic speech only: never for a listener"],
  ["r", "recorded", "recorded", "recorded, and not yet approved by all"],
  ["f", "findings", "findings", "recorded, and the last check found something"],
  ["s", "returned", "sent back", "a reviewer sent it back with a reason"],
  ["a", "approved", "approved", "wording and recording are approved"],
  ["-", "none", "not needed", "the project does not need it in this language"],
]

const byLetter = new Map(states.map((state) => [state[0], state]))

/** Letters that mean something else where wordings or recordings are shown alone. */
const alone = {
  wordings: { d: ["draft", "draft", "nobody approved it"] },
  recordings: { m: ["missing", "missing", "no recording yet"],
    d: ["recorded", "recorded", "recorded, and nobody approved it"] },
}
for (const layer of Object.values(alone)) layer.r = ["recorded", "one approval", "one of two people approved it"]

/** Returns `{ kind, word, meaning, sign }` of a letter: a class of the style sheet, and what a cell shows. */
export function stateOf(letter, layer = "cells") {
  const [kind, word, meaning] = alone[layer]?.[letter] ?? (byLetter.get(letter) ?? states[0]).slice(1)
  const sign = word === "one approval" ? "1" : word === "not needed" ? "–" : kind === "returned" ? "S"
    : kind[0].toUpperCase()
  return { kind, word, meaning, sign }
}

const letters = { draft: "d", reviewed: "r", approved: "a", returned: "s" }

/** Returns the letter of a status of a wording or recording. */
export const letterOf = (status) => letters[status] ?? "m"

/** A state as letter, colour and word. */
export function badge(letter, layer = "cells", text = stateOf(letter, layer).word) {
  const { kind, sign } = stateOf(letter, layer)
  return h("span.state", {}, h(`span.letter.${kind}`, { "aria-hidden": "true" }, sign), text)
}

/** A field with its label; `help` is read with the field. */
export function field(label, control, help) {
  control.id ||= `field-${++fields}`
  if (help) control.setAttribute("aria-describedby", `${control.id}-help`)
  return h("div.field", {}, h("label", { for: control.id }, label), control,
    help ? h("p.quiet.small", { id: `${control.id}-help` }, help) : null)
}

let fields = 0

/** A selection: `options` are pairs of value and text. */
export function select(options, value, changed, fields) {
  return h("select", { ...fields, onchange: (event) => changed(event.target.value) },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)))
}

/** The findings of a check, worst first. */
export function findings(list) {
  const order = { error: 0, warning: 1 }
  return h("ul.stack", {}, [...list].sort((a, b) => (order[a.severity] ?? 2) - (order[b.severity] ?? 2))
    .map((one) => h(`li.finding.${one.severity}`, {}, h("b", {}, `${one.severity}: `),
      line(one))))
}

/** Returns a link's address of a view of a project. */
export function address(project, view, parts = [], query = {}) {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "")
  const search = set.length > 0 ? `?${new URLSearchParams(set)}` : ""
  return `#/project/${[project, view, ...parts].map(encodeURIComponent).join("/")}${search}`
}

/** Changes the address without a step in the browser's history: a filter, a place in a table. */
export function amendAddress(to) {
  if (location.hash !== to) history.replaceState(null, "", to)
}

/** Reads the text of a file that the user chose; null if none is chosen. */
export async function textOf(input) {
  const file = input.files[0]
  if (!file) return null
  if (file.size > 65536) throw new Error(`${file.name} is too large for a key file: choose the .key file`)
  return file.text()
}

/** What the user typed and has not yet saved. It survives a reload, and a crash of the browser. */
export const kept = {
  get(key) {
    const text = localStorage.getItem(`kept:${key}`)
    return text === null ? null : JSON.parse(text)
  },
  set(key, value) { localStorage.setItem(`kept:${key}`, JSON.stringify(value)) },
  drop(key) { localStorage.removeItem(`kept:${key}`) },
}

/** The name of a language: its own name, and English. */
export function languageName(language) {
  return [h("span.name", { lang: language.tag, dir: language.direction }, language.autonym),
    language.autonym === language.english ? null : h("span.quiet", {}, ` ${language.english}`)]
}
