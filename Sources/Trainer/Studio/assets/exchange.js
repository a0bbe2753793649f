// A translator's file: what it changes, and what is doubtful, one by one; and the links to export such a file.
import { counted, fill, h, inLanguage, itemName } from "./dom.js"
import { Fault, path, post } from "./api.js"
import { address, announce, attempt, field, findings, kept, select } from "./shell.js"

const parts = { text: "text", back: "back-translation", gloss: "word for word", note: "note", title: "title",
  caution: "caution", "by-woman": "said by a woman", "by-man": "said by a man", "to-woman": "said to a woman",
  "to-man": "said to a man" }
const english = new Set(["back", "gloss", "note"])

/** The links to a translator's file of each language. */
export function exportCard(project, languages, language) {
  const links = h("p.row", {})
  function draw(tag) {
    const to = (format) => `/api/1/${path(project, "words", tag, "export")}?format=${format}`
    fill(links, [["po", "PO"], ["xliff", "XLIFF"], ["csv", "CSV"]].map(([format, name]) =>
      h("a.button", { href: to(format), download: "" }, name)))
  }
  const first = language ?? languages[0]?.tag
  if (first) draw(first)
  return h("section.card", {}, h("h2", {}, "For a translator"),
    h("p.quiet", {}, "A file with all texts of a language, their English and their limits. When it comes back, drop it "
      + "above: you see every change before it is made."),
    h("div.row", {}, field("Language", select(languages.map((one) => [one.tag, one.english]), first, draw))), links)
}

/**
 * The view of a translator's file.
 *
 * @param {{project: string, view: object, readOnly: boolean}} options
 */
export function translation({ project, view, readOnly }) {
  const id = view.head.id
  const key = `translation:${project}/${id}`
  const taken = new Set(kept.get(key) ?? [])
  const place = h("div.stack", {})
  let now = view
  // The draft ends with the act that writes it.
  let isWriting = false

  const questioned = () => now.changes.filter((one) => one.question)
  const written = () => now.changes.filter((one) =>
    !questioned().some((other) => other.item === one.item) || taken.has(one.item))

  function draw() {
    const { language } = now
    const falls = written().filter((one) => one.approvals.length > 0).length
    const open = new Set(questioned().map((one) => one.item).filter((item) => !taken.has(item))).size
    fill(place,
      h("p", {}, `${now.head.name}: `, counted(now.changes.length, "change"), ` in ${language.english}.`),
      now.faults.length > 0 ? h("section.stack", {}, h("h2", {}, `Not taken (${now.faults.length})`),
        findings(now.faults)) : null,
      now.changes.length === 0 ? h("p.good", {}, "The file says what the project says: there is nothing to write.")
        : h("div.card.next", {}, h("p", {}, open > 0 ? `${counted(open, "text")} in doubt ${open === 1 ? "is" : "are"
          } left out. ` : null, falls > 0
          ? `${counted(falls, "approved or reviewed text")} ${falls === 1 ? "becomes a draft" : "become drafts"}.`
          : null)),
      h("div.row", {},
        h("button.main", { type: "button", "data-write": "", disabled: readOnly || written().length === 0,
          onclick: write }, `Write ${counted(written().length, "change")}`),
        h("button", { type: "button", disabled: readOnly, onclick: discard }, "Discard the file")),
      h("ul.stack", {}, now.changes.map((one) => change(one, language))))
  }

  function change(one, language) {
    const isFirst = now.changes.find((other) => other.item === one.item && other.question) === one
    const text = (value, kind) => (english.has(one.part) ? h(kind, { lang: "en", dir: "ltr" }, value)
      : inLanguage(value, language, kind))
    const box = h("input", { type: "checkbox", checked: taken.has(one.item), "data-take": one.item,
      onchange: (event) => {
        if (event.target.checked) taken.add(one.item)
        else taken.delete(one.item)
        kept.set(key, [...taken])
        draw()
        place.querySelector(`[data-take="${CSS.escape(one.item)}"]`)?.focus()
      } })
    return h("li.card.stack", {}, h("h3", {}, itemName(one), h("span.quiet", {}, ` · ${parts[one.part] ?? one.part}`)),
      one.old === undefined ? null : h("p.old", {}, h("span.unseen", {}, "Old: "), text(one.old, "del")),
      one.new === undefined ? h("p", {}, "It is removed.")
        : h("p.new", {}, h("span.unseen", {}, "New: "), text(one.new, one.part === "text" ? "ins.wording" : "ins")),
      one.stale ? h("p.finding.warning", {}, "The English has changed since this file was exported.") : null,
      one.oldBack ? h("p.finding.note", {},
        "The back-translation is of the old text, and is marked as outdated: have a new one made.") : null,
      one.approvals.length > 0 ? h("p.finding.warning", {}, `It loses the approval of ${one.approvals.join(", ")}.`)
        : null,
      one.question ? h("p.finding.error", {}, h("b", {}, "In doubt: "), `${one.question}.`) : null,
      isFirst ? h("label.choice", {}, box, "I have looked at it: take this text all the same") : null)
  }

  async function write() {
    let done = null
    isWriting = true
    const isDone = await attempt(async () => {
      try {
        done = await post(path(project, "imports", id, "apply"), { version: now.version, taken: [...taken] })
      } catch (fault) {
        if (!(fault instanceof Fault) || fault.status !== 409 || !fault.current) throw fault
        now = fault.current
        draw()
        throw fault
      }
    }, place)
    isWriting = isDone
    if (!isDone) return
    kept.drop(key)
    announce(`${counted(done.changes, "change")} written`)
    fill(place, h("p.good", {}, `${counted(done.changes, "change")} written in ${now.language.english}.`,
      done.leftOut.length > 0 ? ` ${counted(done.leftOut.length, "text")} in doubt left as before.` : null),
    h("div.row", {}, h("a.button.main", { href: address(project, "words", [now.language.tag]) }, "Look at the words"),
      h("a.button", { href: address(project, "import") }, "Back to Import")))
    place.querySelector("a").focus()
  }

  async function discard() {
    await attempt(async () => {
      await post(path(project, "imports", id, "discard"))
      kept.drop(key)
      location.hash = address(project, "import")
    }, place)
  }

  draw()
  return { place, isWriting: () => isWriting, take: (next) => { now = next; draw() }, write }
}
