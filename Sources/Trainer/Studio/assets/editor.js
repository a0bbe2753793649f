// The fields of a wording. The program checks while the user types, and says what a change costs before it is saved.
import { counted, fill, h, inLanguage } from "./dom.js"
import { path, post } from "./api.js"
import { announce, attempt, field, findings, kept, report } from "./shell.js"

const forms = [["by-woman", "Said by a woman"], ["by-man", "Said by a man"], ["to-woman", "Said to a woman"],
  ["to-man", "Said to a man"]]

/** The key under which an unsaved wording is kept in this browser. */
export const keptKey = (project, tag, id) => `wording:${project}/${tag}/${id}`

/** The value that a wording has for a key of `changes`. */
function valueOf(item, key) {
  if (key === "title") return item.titleText ?? ""
  if (key === "caution") return item.cautionText ?? ""
  if (forms.some(([form]) => form === key)) return item.variants[key] ?? ""
  return item[key] ?? ""
}

/**
 * The fields of one wording.
 *
 * @param {object} options `saved` gets the item after it was saved; `redraw` is called when it becomes changed or
 *   unchanged.
 * @returns {{content: Node, save: function, isDirty: function, conflict: function, close: function}}
 */
export function editor({ project, language, item, hasTitles, saved, redraw }) {
  const key = keptKey(project, language.tag, item.id)
  const at = path(project, "words", language.tag, item.id)
  const inputs = new Map()
  let base = item
  let turn = 0
  let timer = null
  let checked = null // the change that `preview` is of, as text
  let preview = null
  let isClosed = false

  const input = (name, isForeign) => {
    const control = h("textarea", {
      rows: 1, value: valueOf(base, name), autocomplete: "off", oninput: edited,
      ...(isForeign ? { lang: language.tag, dir: language.direction, spellcheck: "false" }
        : { lang: "en", dir: "ltr" }),
    })
    inputs.set(name, control)
    return control
  }
  const text = input("text", true)
  text.className = "wording"
  const length = h("p.small", {})
  const results = h("div.stack", { role: "status" })
  const falls = h("div", { tabindex: "-1" })
  const clash = h("div", { tabindex: "-1" })
  const state = h("span.quiet.small", { role: "status" })
  const saveButton = h("button.main", { type: "submit", disabled: true }, "Save")
  const dropButton = h("button", { type: "button", disabled: true, onclick: discard }, "Discard changes")
  const form = h("form.card.stack", { onsubmit: (event) => { event.preventDefault(); save() } },
    field(["Wording in ", language.english, language.autonym === language.english ? null
      : [" · ", inLanguage(language.autonym, language)]], text), length, results, clash,
    field("Back-translation", input("back", false),
      item.backOutdated ? "It is of an earlier wording: write it anew."
      : "What the wording says, in English, by a person who has not seen the meaning."),
    field("Word for word", input("gloss", false)),
    field("Doubt, or a note to the next reader", input("note", false)),
    h("details", { open: forms.some(([name]) => item.variants[name]) },
      h("summary", {}, hasTitles ? "Forms by speaker and listener, title and caution"
        : "Forms by speaker and listener"),
      h("div.stack", {}, forms.map(([name, label]) => field(label, input(name, true))),
        hasTitles ? [field("Title, for a responder who reads this language", input("title", true)),
          field("Caution, for a responder who reads this language", input("caution", true))] : null)),
    falls, h("div.row", {}, saveButton, dropButton, state))

  /** What differs from the wording as it was read; an empty field removes its part. */
  function changes() {
    const list = {}
    for (const [name, control] of inputs) {
      const before = valueOf(base, name)
      // A part is one line: the field only shows it in several.
      const value = control.value.replace(/\s*\n\s*/g, " ")
      if (value !== before) list[name] = value === "" && name !== "text" ? null : value
    }
    return list
  }

  const isDirty = () => Object.keys(changes()).length > 0

  function edited() {
    const now = changes()
    const isChanged = Object.keys(now).length > 0
    const wasChanged = !dropButton.disabled
    if (isChanged) kept.set(key, { version: base.version, changes: now })
    else kept.drop(key)
    saveButton.disabled = dropButton.disabled = !isChanged
    state.textContent = isChanged ? "Not saved; kept in this browser" : ""
    if (isChanged !== wasChanged) redraw()
    clearTimeout(timer)
    timer = setTimeout(() => check().catch(report), 250)
  }

  /** Asks the program what it thinks of the change. */
  async function check() {
    const now = changes()
    const of = JSON.stringify(now)
    const mine = ++turn
    if (of === "{}") {
      preview = null
      checked = of
    } else {
      let next
      try {
        next = await post(`${at}/preview`, { version: base.version, changes: now })
      } catch (fault) {
        if (fault.status === 409 && !isClosed) return conflict(fault.current)
        throw fault
      }
      if (mine !== turn || isClosed) return
      preview = next
      checked = of
    }
    show()
  }

  function show() {
    const now = preview ?? { findings: base.findings, seconds: base.seconds, limit: base.limit, falls: null }
    length.textContent = text.value === "" ? "No wording yet"
      : `${[...text.value].length} of ${now.limit} characters, about ${now.seconds.toFixed(1)} s`
    fill(results, now.findings.length > 0 ? findings(now.findings) : text.value === "" ? null
      : h("p.good", {}, "The checks find nothing."))
    const lost = fallen()
    fill(falls, lost === 0 ? null : h("div.card.falls", {}, h("h3", {}, "What falls when this is saved"),
      h("ul", {}, now.falls.approvals.map((one) => h("li", {},
        `the approval of the ${one.kind} by ${one.name}, ${one.date}`)),
        now.falls.recordings.map((one) => h("li", {},
          `the recording ${one.voice}${one.speaker ? ` by ${one.speaker}` : ""}: it says the old wording`)))),
    now.falls?.back && inputs.get("back").value !== ""
      ? h("p.small", {}, "The back-translation is of the old wording: write it anew.") : null)
    saveButton.textContent = lost === 0 ? "Save" : `Save, ${counted(lost, "thing falls", "things fall")}`
  }

  const fallen = () => (preview ? preview.falls.approvals.length + preview.falls.recordings.length : 0)

  async function save() {
    if (!isDirty()) return
    clearTimeout(timer)
    const known = saveButton.textContent
    await attempt(async () => {
      if (checked !== JSON.stringify(changes())) await check()
      // What falls is read before it is saved: the first press shows it, the second saves.
      if (fallen() > 0 && saveButton.textContent !== known) {
        falls.focus()
        return announce(`${falls.innerText}. Save again to confirm.`)
      }
      let next
      try {
        next = await post(at, { version: base.version, changes: changes() })
      } catch (fault) {
        if (fault.status !== 409) throw fault
        return conflict(fault.current)
      }
      kept.drop(key)
      announce(`Saved: ${item.title}`)
      saved(next)
    }, form)
    saveButton.disabled = dropButton.disabled = !isDirty()
  }

  function discard() {
    for (const [name, control] of inputs) control.value = valueOf(base, name)
    edited()
    text.focus()
  }

  /** Shows that the wording was changed by another hand, and lets the user choose. Nothing is merged. */
  function conflict(current) {
    const mine = changes()
    fill(clash, h("div.card.falls.stack", {}, h("h3", {}, "Changed meanwhile by another program or person"),
      h("p", {}, "There now:"), inLanguage(current.text === "" ? "(no wording)" : current.text, language, "p.wording"),
      h("p", {}, "Yours:"), inLanguage(text.value, language, "p.wording"),
      h("div.row", {},
        h("button", { type: "button", onclick: () => { kept.drop(key); saved(current) } }, "Take what is there"),
        h("button", { type: "button", onclick: () => {
          // The other fields come from what is there; only what the user typed stays.
          base = current
          for (const [name, control] of inputs) control.value = name in mine ? mine[name] ?? "" : valueOf(base, name)
          fill(clash)
          edited()
          text.focus()
        } }, "Keep mine on top of it"))))
    clash.focus()
    announce("This wording was changed meanwhile. Choose what is there, or yours.")
  }

  const before = kept.get(key)
  if (before) {
    for (const [name, value] of Object.entries(before.changes)) if (inputs.has(name)) inputs.get(name)
      .value = value ?? ""
    if (before.version !== item.version && isDirty()) queueMicrotask(() => conflict(item))
    saveButton.disabled = dropButton.disabled = !isDirty()
    state.textContent = isDirty() ? "Not saved; kept in this browser" : ""
    if (isDirty()) check().catch(report)
    else kept.drop(key)
  }
  show()
  return { content: form, save, isDirty, conflict, close: () => { isClosed = true; clearTimeout(timer) } }
}
