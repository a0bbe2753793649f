// Device: a card for one, and the journal of one, verified, session by session, with its hand-over sheets.
import { counted, fill, h } from "./dom.js"
import { get, path, post } from "./api.js"
import { address, amendAddress, announce, attempt, field } from "./shell.js"
import { journalRows, zone } from "./journal.js"
import { cardMaker } from "./card-maker.js"

/** The maximum size of a journal's files together. */
const limit = 24 << 20

export async function device(context) {
  const { head, place } = context
  const maker = await cardMaker(context)
  let query = { ...place.query }
  const result = h("div.stack", {})
  const input = h("input", { type: "file", multiple: true, id: "journal-files", onchange: () => read(input.files) })
  const drop = h("div.card.stack.drop", {},
    h("p", {}, "A device keeps its journal in the file ", h("code", {}, "journal.jsonl"),
      ", and full files beside it with a number at the end. Choose all of them, or drop them here."),
    h("div.field", {}, h("label", { for: input.id }, "The journal's files"), input),
    h("p.quiet.small", {}, "The journal stays in the memory of this program, and is forgotten when it ends. Nothing is",
      " written to the project. Names come from the kit that was played, if it is in the project."))
  drop.addEventListener("dragover", (event) => {
    event.preventDefault()
    drop.classList.add("over")
  })
  drop.addEventListener("dragleave", () => drop.classList.remove("over"))
  drop.addEventListener("drop", (event) => {
    event.preventDefault()
    drop.classList.remove("over")
    read(event.dataTransfer.files)
  })

  async function read(files) {
    const list = [...files]
    if (list.length === 0) return
    await attempt(async () => {
      if (list.reduce((sum, file) => sum + file.size, 0) > limit) {
        throw new Error("the files are larger than 24 MB: read them with 'firstword journal show'")
      }
      const contents = await Promise.all(list.map(async (file) => ({ name: file.name, text: await file.text() })))
      const { id } = await post(path(head.id, "journals"), { files: contents })
      query = { journal: id }
      amendAddress(address(head.id, "device", [], query))
      await show()
    })
    input.value = ""
  }

  async function show() {
    if (!query.journal) return fill(result)
    const id = query.journal
    let view
    try {
      view = await get(`${path(head.id, "journals", id)}?zone=${encodeURIComponent(zone())}${
        query.holds ? `&holds=${encodeURIComponent(query.holds)}` : ""}`)
    } catch (fault) {
      if (fault.status !== 404) throw fault
      query = {}
      amendAddress(address(head.id, "device"))
      return fill(result, h("p.note", {}, "The journal that was shown here is forgotten: the program was started again.",
        " Choose its files again."))
    }
    const verdict = view.intact
      ? h("p.good", {}, h("b", {}, "Intact: "), `no line of ${view.lines} was changed, removed, added or moved.`)
      : h("p.finding.error", {}, h("b", {}, "Not intact: "), "lines were changed, removed, added or moved.")
    announce(view.intact ? "The journal is intact" : "The journal is not intact")
    const list = (texts, kind) => (texts.length === 0 ? null
      : h("ul.stack", {}, texts.slice(0, 50).map((text) => h(`li.finding.${kind}`, {}, text)),
        texts.length > 50 ? h("li", {}, `and ${texts.length - 50} more`) : null))
    const noted = h("input", { type: "text", value: query.holds ?? "", spellcheck: "false", autocomplete: "off" })
    const compare = h("form.stack", { onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => {
        query = { ...query, holds: noted.value.trim() }
        await show()
        amendAddress(address(head.id, "device", [], query))
      }, compare)
    } }, field("A SHA-256 that was noted before", noted,
      "Of a hand-over sheet, or of the device. Without one, nobody sees that the journal was written anew."),
    view.holds === undefined ? null : view.holds
      ? h("p.good", {}, "A line has this SHA-256: up to there, the journal is the one from which it was noted.")
      : h("p.finding.error", {}, "No line has this SHA-256: lines were removed, or the journal was written anew."),
    h("div.row", {}, h("button", { type: "submit" }, "Compare")))
    const close = h("button", { type: "button", onclick: forget }, "Forget this journal")
    fill(result, h("section.card.stack", {}, h("h2", {}, "Is it whole?"), verdict, list(view.findings, "error"),
      list(view.remarks, "note"),
      view.hash ? h("p.small", {}, "SHA-256 of the last line: ", h("code", {}, view.hash)) : null,
      view.isEnded ? null : h("p.small.quiet", {}, "The last line is not 'end': the device was on, lost its power, or "
        + "later lines were removed."), compare, h("div.row.end", {}, close)),
    h("h2", {}, counted(view.sessions.length, "session")),
    view.sessions.length === 0 ? h("p", {}, "The device was not used yet.") : null,
    view.sessions.toReversed().map((one, index) => session(one, id, index === 0)))
  }

  function session(one, id, isOpen) {
    const link = (text, redacted) => h("a.button", { target: "_blank", rel: "noopener",
      href: `/api/1/${path(head.id, "journals", id, "sheet", one.number)}?zone=${encodeURIComponent(zone())}${
        redacted ? "&redacted=1" : ""}` }, text)
    const content = h("div.stack", {})
    const draw = () => fill(content, one.hasWords ? null : h("p.note", {}, "The kit that was played is not in this "
      + "project, so messages have their ids. Put it in the directory 'kits' to see their words."),
    h("ol.journal", {}, journalRows(one)), h("div.row", {}, link("Hand-over sheet", false), link("Redacted", true),
      h("span.small.quiet", {}, "opens a page to print")))
    if (isOpen) draw()
    return h("details.card", { open: isOpen, ontoggle: (event) => { if (event.target.open) draw() } },
      h("summary", {}, h("b", {}, one.title)), content)
  }

  async function forget() {
    await attempt(async () => {
      await post(path(head.id, "journals", query.journal, "end"))
      query = {}
      amendAddress(address(head.id, "device"))
      fill(result)
      input.focus()
    })
  }

  await show()
  return {
    title: "Device",
    content: [maker.content, h("h2", {}, "Read a device's journal"), drop, result],
    keys: [...maker.keys, { key: "o", does: "choose a journal", act: () => input.click() }],
    changed: maker.changed,
    close: maker.close,
    update: async ({ query: to }) => {
      if (to.journal === query.journal && to.holds === query.holds) return
      query = { ...to }
      await show()
    },
  }
}
device.label = "Device"
