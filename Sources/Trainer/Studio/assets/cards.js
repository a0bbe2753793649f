// Cards of a kit: what is printed on paper, shown before it is printed.
import { fill, h } from "./dom.js"
import { get, getFile, path } from "./api.js"
import { address, amendAddress, announce, attempt, field, select } from "./shell.js"

const kinds = { responder: "Responder's card", listener: "Listener's card", poster: "Poster for a wall",
  sheet: "Messages in large letters" }
const modes = { card: "by pointing at squares", hand: "by hand signs", tap: "by tapping", buttons: "by buttons" }

/** The view `/kits/cards/FILE?kind=…&language=…&answers=…&board=…&reader=…&paper=…`. */
export async function cards({ head, place, title }, file) {
  const project = head.id
  const choices = await get(path(project, "kits", file, "cards"))
  let query = { kind: "responder", ...place.query }
  const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })
  const frame = h("iframe.preview", { title: "Preview of the card", sandbox: "allow-same-origin allow-modals" })
  const tab = h("a.button", { target: "_blank", rel: "noopener" }, "Open in a new tab")
  const wait = h("span.small.quiet", { role: "status" })
  title(`Cards of ${choices.name} ${choices.version}`)

  const at = (name) => {
    const set = Object.entries(query).filter(([key, value]) => value && key in fields)
    return `${path(project, "kits", file, name)}?${new URLSearchParams(set)}`
  }

  function choose(name) {
    return (value) => {
      query = { ...query, [name]: value }
      show()
    }
  }

  function show() {
    // A sheet of phrases has no buttons.
    boards.disabled = query.kind === "sheet"
    if (boards.disabled) query = { ...query, board: "" }
    boards.value = query.board ?? ""
    amendAddress(address(project, "kits", ["cards", file], query))
    const source = `/api/1/${at("card")}`
    if (frame.getAttribute("src") !== source) {
      // Each preview is a document of its own, and no step in the browser's history.
      const fresh = frame.cloneNode()
      fresh.setAttribute("src", source)
      current.replaceWith(fresh)
      current = fresh
    }
    tab.href = source
  }

  const boards = select([["", "none"], ...choices.boards.map((name) => [name, name])], query.board ?? "",
    choose("board"))
  const fields = {
    kind: select(choices.kinds.map((kind) => [kind, kinds[kind] ?? kind]), query.kind, choose("kind")),
    language: select([["", "all of the kit"], ...choices.languages.map((one) => [one.tag,
      one.autonym === one.english ? one.english : `${one.autonym} · ${one.english}`])], query.language ?? "",
      choose("language")),
    answers: select([["", "all of the kit"], ...choices.answers.map((mode) => [mode, modes[mode] ?? mode])],
      query.answers ?? "", choose("answers")),
    board: boards,
    reader: select(choices.readers.map((tag) => [tag, names.of(tag)]), query.reader ?? choices.reader, choose("reader")),
    paper: select(choices.papers.map((name) => [name, name === "a4" ? "A4" : "US letter"]), query.paper ?? "a4",
      choose("paper")),
  }

  function print() {
    current.contentWindow.focus()
    current.contentWindow.print()
  }

  const tools = h("div.row", {},
    h("button", { type: "button", "data-print": "", onclick: print }, "Print"), tab,
    choices.pdf ? h("button", { type: "button", "data-pdf": "", onclick: () => attempt(async () => {
      wait.textContent = "The PDF is being printed; it takes some seconds."
      try {
        const pdf = await getFile(at("card.pdf"))
        const link = h("a", { href: URL.createObjectURL(pdf),
          download: `${choices.name}-${choices.version}-${query.kind}.pdf` })
        link.click()
        setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
        announce("The PDF is saved.")
      } finally {
        wait.textContent = ""
      }
    }, tools) }, "Save as PDF") : null, wait)

  let current = frame
  const holder = h("div", {}, frame)
  show()
  return {
    title: `Cards of ${choices.name} ${choices.version}`,
    content: [
      h("p", {}, h("a", { href: address(project, "kits") }, "All kits")),
      choices.draft ? h("p.note", {}, "This kit is a DRAFT, and its cards say so on every page.") : null,
      h("div.card.stack", {}, h("div.row", {}, field("What", fields.kind), field("Languages", fields.language),
        field("Answers", fields.answers), field("Buttons of the board", fields.board),
        field("The responder reads", fields.reader), field("Paper", fields.paper)), tools,
      h("p.quiet.small", {}, "Print in colour, and without the browser's own head and foot.")),
      holder,
    ],
    keys: [{ key: "p", does: "print", act: print }, { key: "o", does: "open in a new tab", act: () => tab.click() }],
  }
}
