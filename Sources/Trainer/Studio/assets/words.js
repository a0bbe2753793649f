// Words: the wordings of a language. One message at a time, with its meaning, its notes and its recordings.
import { counted, fill, h, inLanguage, itemName } from "./dom.js"
import { get, path } from "./api.js"
import { address, amendAddress, badge, field, findings, kept, letterOf, select, stateOf } from "./shell.js"
import { editor, keptKey } from "./editor.js"

const filters = [
  ["", "all messages", () => true],
  ["todo", "to do", (item) => item.status !== "approved" || item.text === ""],
  ["missing", "missing", (item) => item.text === ""],
  ["draft", "draft", (item) => item.text !== "" && item.status === "draft"],
  ["notes", "with notes of reviewers", (item) => item.open.length > 0],
  ["findings", "with findings", (item) => item.findings.length > 0],
  ["doubt", "with a doubt", (item) => Boolean(item.note)],
]

export async function words({ head, session, place, title }) {
  const project = head.id
  let query = { ...place.query }
  let view
  let item = null
  let shownEditor = null
  let goesToField = false
  let target = null
  let turn = 0
  const list = h("nav.prompts.card", { "aria-label": "Messages", tabindex: "0" })
  const panel = h("section.stack", { "aria-label": "Wording" })
  const english = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })
  const languageChoice = select(head.languages.map((tag) => [tag, `${english.of(tag)} (${tag})`]), "", (tag) => {
    location.hash = address(project, "words", [tag, item?.id].filter(Boolean), query)
  })
  const filterChoice = select(filters.map(([key, name]) => [key, name]), query.show ?? "", (show) => amend({ show }))
  const find = h("input", { type: "search", value: query.find ?? "", autocomplete: "off",
    oninput: () => amend({ find: find.value }) })
  const name = h("p.quiet", {})
  const whole = h("div", {})

  function amend(change) {
    query = { ...query, ...change }
    amendAddress(address(project, "words", [view.language.tag, item?.id].filter(Boolean), query))
    drawList()
  }

  /** Reads a language. Returns false if another one was asked for meanwhile. */
  async function read(tag) {
    const mine = ++turn
    const next = await get(path(project, "words", tag))
    if (mine !== turn) return false
    view = next
    view.items.sort((a, b) => a.number - b.number || (a.id < b.id ? -1 : 1))
    return true
  }

  /** What `item` has to be shown as: sent back is more urgent than the number of approvals. */
  const letter = (one) => (one.text === "" ? "m" : one.open.length > 0 ? "s" : letterOf(one.status))

  function visible() {
    const test = filters.find(([key]) => key === (query.show ?? ""))?.[2] ?? (() => true)
    const text = (query.find ?? "").trim().toLowerCase()
    return view.items.filter((one) => test(one) && (text === "" || [one.id, one.title, one.text, one.source,
      String(one.number), one.back ?? ""]
      .some((part) => part.toLowerCase().includes(text))))
  }

  function drawList() {
    const items = visible()
    fill(list, items.length === 0 ? h("p.quiet", {}, "No message matches.") : h("ol", {}, items.map((one) => h("li", {},
      h("a", { href: address(project, "words", [view.language.tag, one.id], query), "aria-current": one.id === item?.id
        ? "true" : null },
        badge(letter(one), "wordings", ""),
        h("span", {}, itemName(one), h("span.unseen", {}, `: ${stateOf(letter(one), "wordings").word}`),
          kept.get(keptKey(project, view.language.tag, one.id)) ? h("b", {}, " · unsaved") : null),
        inLanguage(one.text, view.language, "span.text"))))))
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" })
  }

  function drawItem() {
    shownEditor?.close()
    shownEditor = null
    if (!item) return fill(panel, h("p.card", {}, "No message is chosen."))
    const items = visible()
    const index = items.findIndex((one) => one.id === item.id)
    const canEdit = view.language.writable && !session.readOnly
    const body = canEdit ? (shownEditor = editor({
      project, language: view.language, item, saved, redraw: drawList,
      // Languages of responders have titles and cautions.
      hasTitles: view.items.some((one) => one.titleText !== undefined),
    }))
      .content : reading()
    fill(panel, h("div.row", {}, h("h2", {}, itemName(item)),
      badge(letter(item), "wordings", `${stateOf(letter(item), "wordings").word}${signed()}`),
      h("span.position", {}, index < 0 ? "" : `${index + 1} of ${items.length}`)),
    h("dl.facts.card", {}, fact("Meaning", h("b", {}, item.source || item.title)), fact("Caution", item.caution),
      fact("Form", item.form), fact("Drafted by", item.drafted === "machine"
        ? "a machine: a speaker of the language must read it" : null),
      fact("From", item.inherited ? `the wording of ${item.inherited}, its base language` : null)),
    item.open.map((note) => h("div.note", {}, h("p", {}, h("b", {}, `${note.name}, ${note.date}: `),
      note.note ?? "sent back without a reason"),
      note.back ? h("p.small", {}, "Understood as: ", note.back) : null)),
    body, recordings(), h("div.row.end", {},
      h("button", { type: "button", onclick: () => step(-1), disabled: index <= 0 }, "Previous"),
      h("button", { type: "button", onclick: () => step(1), disabled: index < 0 || index >= items.length - 1 },
        "Next")))
  }

  const signed = () => (item.people > 0 ? `, ${item.proved} of ${counted(item.people, "approval")} signed` : "")

  const fact = (term, value) => (value ? [h("dt", {}, term), h("dd", {}, value)] : null)

  /** The wording without fields: a base language's, or a read-only studio's. */
  function reading() {
    return h("div.stack", {}, item.text === "" ? h("p.card", {}, "There is no wording yet.") : inLanguage(item.text,
      view.language, "p.wording.card"),
      h("dl.facts", {}, fact("Back-translation",
        item.back ? `${item.back}${item.backOutdated ? " (of an earlier wording)" : ""}` : null),
        fact("Word for word", item.gloss), fact("Doubt", item.note),
        Object.entries(item.variants).map(([form, text]) => fact(form, inLanguage(text, view.language))),
        fact("Length", item.text === "" ? null : `about ${item.seconds.toFixed(1)} s`)),
      item.findings.length > 0 ? findings(item.findings) : null)
  }

  function recordings() {
    const toBooth = item.text === "" || session.readOnly ? null
      : h("a", { href: address(project, "booth", [view.language.tag, item.id]) }, "Record it in the booth")
    if (item.takes.length === 0) return h("p.quiet", {}, "No recording yet. ", toBooth)
    return h("section", {}, h("h3", {}, "Recordings"), toBooth, h("ul.list", {}, item.takes.map((take) => h("li.stack", {},
      h("div.row", {}, h("b", {}, take.voice), take.speaker ? h("span", {}, take.speaker) : null,
        take.synthetic ? badge("t", "cells", "speech synthesis, for trials") : badge(letterOf(take.status ?? "draft"),
          "recordings"),
        take.seconds ? h("span.quiet", {}, `${take.seconds.toFixed(1)} s`) : null),
      h("audio", { controls: true, preload: "none", "aria-label": `Recording ${take.voice} of ${item.title}`,
        src: `/api/1/${path(project, "clips", view.language.tag, take.voice, item.id)}` })))))
  }

  function saved(next) {
    item = next
    view.items[view.items.findIndex((one) => one.id === next.id)] = next
    drawList()
    drawItem()
  }

  function step(by, toField = false) {
    const items = visible()
    const next = items[items.findIndex((one) => one.id === (target ?? item?.id)) + by]
    if (!next) return
    goesToField = toField
    target = next.id // the next key may come before the address is read
    location.hash = address(project, "words", [view.language.tag, next.id], query)
  }

  async function open(parts) {
    const tag = head.languages.includes(parts[0]) ? parts[0] : head.languages[0]
    if (view?.language.tag !== tag && !await read(tag)) return
    target = null
    item = view.items.find((one) => one.id === parts[1]) ?? visible()[0] ?? null
    languageChoice.value = tag
    fill(whole, view.findings.length === 0 ? null : h("details.card", {},
      h("summary", {}, `${counted(view.findings.length, "finding")} of the language as a whole`),
        findings(view.findings)))
    name.textContent = view.language.writable ? "" : "The wordings of this language cannot be changed here."
    amendAddress(address(project, "words", [tag, item?.id].filter(Boolean), query))
    title(`${item ? `${itemName(item)}, ` : ""}${view.language.english}`)
    drawList()
    drawItem()
  }

  if (head.languages.length === 0) return { title: "Words", content: h("p.card", {}, "This project has no language.") }
  await open(place.parts)
  const canEdit = view.language.writable && !session.readOnly
  return {
    title: "Words",
    content: [h("div.row", {}, field("Language", languageChoice), field("Show", filterChoice), field("Find", find)),
      name, whole,
      h("div.words", {}, list, panel)],
    keys: [
      { key: "j", does: "next", act: () => step(1) },
      { key: "k", does: "previous", act: () => step(-1) },
      { key: "Ctrl+ArrowDown", does: "next, from a field", isListed: canEdit, act: () => step(1, true) },
      { key: "Ctrl+ArrowUp", isListed: false, act: () => step(-1, true) },
      { key: "e", does: "edit", isListed: canEdit, act: () => panel.querySelector("textarea")?.focus() },
      { key: "p", does: "play", act: () => play(panel) },
      { key: "f", does: "find", act: () => find.focus() },
      { key: "Ctrl+Enter", does: "save", isListed: canEdit, act: () => shownEditor?.save() },
      { key: "Escape", does: "leave the field", act: () => document.activeElement?.blur() },
    ],
    async update(next) {
      query = { ...next.query }
      filterChoice.value = query.show ?? ""
      find.value = query.find ?? ""
      await open(next.parts)
      const text = panel.querySelector("textarea")
      if (goesToField) text?.focus()
      else text?.scrollIntoView({ block: "nearest" })
      goesToField = false
    },
    async changed() {
      const before = item
      if (!await read(view.language.tag)) return
      const now = view.items.find((one) => one.id === before?.id) ?? null
      drawList()
      if (now && shownEditor?.isDirty()) {
        if (now.version !== before.version) shownEditor.conflict(now)
      } else if (JSON.stringify(now) !== JSON.stringify(before)) {
        item = now
        const hadFocus = panel.querySelector("textarea") === document.activeElement
        drawItem()
        if (hadFocus) panel.querySelector("textarea")?.focus()
      }
    },
    close: () => shownEditor?.close(),
  }
}
words.label = "Words"

/** Plays the first sound of `place`, or pauses it. */
function play(place) {
  const sound = place.querySelector("audio")
  if (!sound) return
  if (sound.paused) sound.play().catch(() => {})
  else sound.pause()
}
