// Making a card: the image for a device, of a base image on this machine, a board, a kit and keys.
import { fill, h } from "./dom.js"
import { get, path, post } from "./api.js"
import { announce, attempt, field, kept, select, textOf } from "./shell.js"
import { followed } from "./card-channel.js"
import { worker } from "./check.js"

/** The part of the view Device that makes a card: `{ content, keys, changed, close }`. */
export async function cardMaker({ head, session }) {
  const project = head.id
  let view = await get(path(project, "cards"))
  const jobs = worker(project, "image", read)
  const memory = `card:${project}`
  const before = kept.get(memory) ?? {}
  const made = h("div.stack", {})
  const about = h("p.small.quiet", { role: "status" })
  const base = h("input", { type: "text", dir: "ltr", value: before.base ?? "", spellcheck: "false", autocomplete: "off",
    placeholder: "/home/ana/Downloads/base.img", onchange: look })
  const keys = h("input", { type: "file", accept: ".pub", multiple: true })
  const serial = h("input", { type: "text", maxlength: "40", spellcheck: "false", autocomplete: "off" })
  const journal = h("input", { type: "checkbox", checked: true })
  const draft = h("input", { type: "checkbox" })
  const draftChoice = h("label.choice", {}, draft, h("span", {}, h("b", {}, "This DRAFT is for a trial"),
    h("span.quiet", {}, " with people who know it. No board for the field takes it.")))
  const known = h("div.stack", {})
  const updates = followed(before)
  let board = before.board ?? view.boards[0]
  let kit = view.kits[0]?.file
  const boards = select(view.boards.map((name) => [name, name]), board, (value) => { board = value })
  const kitPlace = h("div.field", {})

  async function read() {
    view = await get(path(project, "cards"))
    draw()
  }

  function draw() {
    if (!view.kits.some((one) => one.file === kit)) kit = view.kits[0]?.file
    fill(kitPlace, field("Kit", select(view.kits.map((one) => [one.file, `${one.file}${one.draft ? " (DRAFT)" : ""}`]),
      kit, (value) => {
        kit = value
        showDraft()
      })))
    showDraft()
    updates.draw(view.channels)
    const chosen = new Set([...known.querySelectorAll("input:checked")].map((one) => one.value))
    fill(known, view.known.length === 0 ? null : h("fieldset", {}, h("legend", {}, "Keys that this program knows"),
      view.known.map((id) => h("label.choice", {}, h("input", { type: "checkbox", value: id, checked: chosen.has(id) }),
        h("code", {}, id)))))
    fill(made, view.last ? outcome(view.last) : null, view.cards.length === 0 ? null
      : h("section.stack", { "aria-labelledby": "cards-made" }, h("h2", { id: "cards-made" }, "Cards made so far"),
        h("ul.stack", {}, view.cards.map(entry)),
        h("p.quiet.small", {}, "They are in ", h("code", {}, view.directory), ".")))
  }

  function showDraft() {
    draftChoice.hidden = !view.kits.find((one) => one.file === kit)?.draft
  }

  /** Reads what the base image says of itself. */
  function look() {
    about.textContent = ""
    if (base.value.trim() === "") return
    return attempt(async () => {
      const found = await post(path(project, "cards", "base"), { base: base.value.trim() })
      about.textContent = `Base image ${found.version}, ${Math.round(found.bytes / 1e6)} MB, for ${
        found.boards.join(", ") || "a Raspberry Pi"}, ${found.network ? "with" : "without"} a network${
        found.login ? ". Somebody can log in: not for the field" : ""}.`
    })
  }

  const form = h("form.card.stack", { "aria-labelledby": "make-card", onsubmit: (event) => {
    event.preventDefault()
    make()
  } }, h("h2", { id: "make-card" }, "Make a card"),
  h("p", {}, "A card is the whole device on an SD card: system, board, kit and keys. The base image is the same for ",
    "everybody; the README of Hardware says where it comes from."),
  field("Base image on this machine", base, "The path of the file base.img, from / on. It is only read."), about,
  h("div.row", {}, field("Board", boards), kitPlace),
  field("The publishers' public keys (.pub)", keys, "The device plays what these keys have signed, and nothing else."),
  known,
  h("div.row", {}, field("Serial", serial, "A name for this device, if you like: letters, digits, hyphens.")),
  h("label.choice", {}, journal, h("span", {}, h("b", {}, "The device keeps a journal"),
    h("span.quiet", {}, " if its board does: what was played and answered."))), draftChoice,
  updates.element,
  h("div.row", {}, h("button.main", { type: "submit" }, "Make the card")), jobs.place)

  function make() {
    return attempt(async () => {
      kept.set(memory, { base: base.value.trim(), board, ...updates.memory() })
      if (base.value.trim() === "") {
        base.focus()
        throw new Error("there is no base image: write its path")
      }
      if (!kit) throw new Error("there is no kit yet: build one on the view Kits")
      const texts = []
      for (const file of keys.files) texts.push(await textOf({ files: [file] }))
      const wish = { base: base.value.trim(), board, kit, keys: texts, journal: journal.checked,
        known: [...known.querySelectorAll("input:checked")].map((one) => one.value) }
      if (serial.value.trim() !== "") wish.serial = serial.value.trim()
      if (!draftChoice.hidden && draft.checked) wish.allowDraft = true
      wish.channel = await updates.wish()
      jobs.watch(await post(path(project, "cards"), wish))
    }, form)
  }

  const address = (file, ...rest) => `/api/1/${path(project, "cards", file, ...rest)}`

  function outcome(last) {
    announce("The card is made")
    return h("section.card.stack", { "aria-labelledby": "card-made" }, h("h2", { id: "card-made" }, "The last card"),
      h("p.good", {}, h("b", {}, h("bdi", {}, last.file)), ` has ${last.record.kit} ${last.record.version} for the board ${
        last.record.board}.`),
      h("dl.facts", {}, h("dt", {}, "File"), h("dd", {}, h("code", {}, last.path)),
        h("dt", {}, "SHA-256"), h("dd", {}, h("code", {}, last.sha256)),
        h("dt", {}, "Keys"), h("dd", {}, last.record.keys.map((key) => [h("code", {}, key.id), " "])),
        last.record.channel ? [h("dt", {}, "Channel"), h("dd", {}, last.record.channel.map((one, index) =>
          [index > 0 ? ", " : null, h("bdi", {}, one)]))] : null),
      last.warnings.length === 0 ? null : h("ul.stack", {}, last.warnings.map((one) => h("li.finding.warning", {},
        one.message, one.remedy ? `: ${one.remedy}` : null))),
      h("p", {}, "Next: open its sheet. It says how to write the file to an SD card, and what to try first."))
  }

  function entry(card) {
    return h("li.card", { "data-card": card.file }, h("h3", {}, h("bdi", {}, card.file)),
      h("p.small.quiet", {}, `${Math.round(card.bytes / 1e6)} MB, `,
        h("time", { datetime: card.written }, new Date(card.written).toLocaleString())),
      h("div.row", {}, card.sheet ? h("a.button", { href: address(card.file, "sheet"), target: "_blank", rel: "noopener" },
        "Sheet") : null,
      h("a.button", { href: address(card.file), download: card.file }, "Download")))
  }

  draw()
  if (view.job) jobs.watch(view.job)
  else jobs.resume()
  if (base.value !== "") look()
  return {
    content: [session.readOnly ? null : form, made],
    keys: session.readOnly ? [] : [{ key: "m", does: "make a card", act: () => base.focus() }],
    changed: read,
    close: jobs.close,
  }
}
