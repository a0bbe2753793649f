// By post: pages for speakers and reviewers who are elsewhere, the files that come back, keys, and withdrawals.
import { counted, fill, h, inLanguage } from "./dom.js"
import { get, path, post } from "./api.js"
import { address, announce, attempt, field, kept, refill, report, select } from "./shell.js"
import { worker } from "./check.js"
import { dropPlace, isReturned, megabytes, takeReturned } from "./drop.js"

const kinds = { booth: "a speaker", review: "a reviewer" }

/** The view of the pages by post. */
export async function byPost({ head, session }) {
  const project = head.id
  const readOnly = session.readOnly
  const at = (...parts) => path(project, "post", ...parts)
  const key = `post:${project}`
  const making = worker(project, "page", async (job) => {
    await read()
    if (job.state !== "done") return
    fill(making.place)
    made.querySelector("a")?.focus()
    announce("The page is written. Save it, and the message.")
  })
  const [made, sent, keys, people] = Array.from({ length: 4 }, () => h("div.stack", {}))
  let view = await get(at())
  const nameOf = (tag) => view.languages.find((one) => one.language.tag === tag)?.language.english ?? tag

  // MARK: A page

  const first = view.languages[0]?.language.tag
  const given = { kind: "booth", language: first, from: "", contact: "", why: "", voice: "", address: "",
    words: [head.operatorLanguage ?? "en"], ...kept.get(key) }
  if (!view.languages.some((one) => one.language.tag === given.language)) given.language = first
  given.words = given.words.filter((tag) => view.tongues.some((one) => one.tag === tag))
  const keep = (part) => {
    Object.assign(given, part)
    kept.set(key, given)
  }
  const text = (name, more) => h("input", { type: "text", value: given[name], autocomplete: "off", "data-field": name,
    ...more, onchange: (event) => keep({ [name]: event.target.value.trim() }) })
  const voices = h("div", {})
  const why = h("textarea", { rows: 2, maxlength: "600", "data-field": "why", value: given.why,
    onchange: (event) => keep({ why: event.target.value.trim() }) })
  const whyField = field("Why you ask, in your own words and the speaker's language", why, "It may stay empty.")

  function drawVoices() {
    const own = view.languages.find((one) => one.language.tag === given.language)?.voices ?? []
    if (!own.includes(given.voice)) given.voice = ""
    fill(voices, given.kind !== "booth" || own.length === 0 ? null : field("Which texts",
      select([["", "all texts, for a new voice"], ...own.map((voice) => [voice, `what ${voice} has no recording of`])],
        given.voice, (voice) => keep({ voice }), { "data-field": "voice" })))
    whyField.hidden = given.kind !== "booth"
  }

  const form = h("form.card.stack", { onsubmit: (event) => {
    event.preventDefault()
    write()
  } }, h("h2", {}, "Write a page"),
  h("p", {}, "One file, which a person opens in a browser, offline, and without installing anything. The page saves "
    + "one signed file, which comes back by the person's own way. Nothing is uploaded."),
  h("div.row", {},
    field("For", select(Object.entries(kinds), given.kind, (kind) => {
      keep({ kind })
      drawVoices()
    }, { "data-field": "kind" })),
    field("Language", select(view.languages.map((one) => [one.language.tag, one.language.english]), given.language,
      (language) => {
        keep({ language })
        drawVoices()
      }, { "data-field": "language" })), voices),
  h("div.row", {}, field("Sender", text("from", { required: true, minlength: "3", maxlength: "80" }),
    "The name of the person or project that asks."),
  field("Where the file goes back to", text("contact", { required: true, minlength: "3", maxlength: "120" }),
    "And where a speaker withdraws: an address that stays valid.")),
  h("fieldset", {}, h("legend", {}, "The page can be read in"), h("div.row", {}, view.tongues.map((one) =>
    h("label.choice", {}, h("input", { type: "checkbox", checked: given.words.includes(one.tag), "data-word": one.tag,
      onchange: (event) => keep({ words: event.target.checked ? [...given.words, one.tag]
        : given.words.filter((tag) => tag !== one.tag) }) }), inLanguage(one.autonym, one))))),
  whyField,
  field("Where the same page is on the web", text("address", { type: "url", pattern: "https:/{2}.*" }),
    "For the message; it may stay empty. Telephones such as the iPhone open no files."),
  h("div.row", {}, h("button.main", { type: "submit", "data-write": "" }, "Write the page")))

  async function write() {
    if (readOnly) return
    await attempt(async () => making.watch(await post(at("pages"), given)), form)
  }

  /** The page that was written last. */
  function written(one) {
    const message = h("div.stack", {})
    const show = (tag) => {
      const part = one.messages.find((each) => each.tag === tag)
      const area = h("textarea", { rows: 10, readOnly: true, lang: part.tag, dir: part.direction, value: part.text,
        "aria-label": `Message in ${part.autonym}` })
      fill(message, area, h("div.row", {}, h("button", { type: "button", onclick: () => attempt(async () => {
        await navigator.clipboard.writeText(part.text)
        announce("Copied")
      }) }, "Copy the message")))
    }
    show(one.messages[0].tag)
    return h("section.card.next.stack", { "aria-label": "The page that was written" },
      h("p", {}, h("b", {}, `The page for ${kinds[one.kind]} is written: `),
        `${counted(one.texts, "text")} in ${nameOf(one.language)}, ${megabytes(one.bytes)}.`),
      one.remarks.map((remark) => h("p.finding.note", {}, remark)),
      h("div.row", {},
        h("a.button.main", { href: `/api/1/${at("pages", one.page)}`, download: one.file, "data-save": "" },
          `Save ${one.file}`),
        h("a.button", { href: `/api/1/${at("pages", one.page, "message")}`,
          download: one.file.replace(/html$/, "txt") }, "Save the message in all languages")),
      field("The message to send with it", select(one.messages.map((each) => [each.tag, each.autonym]),
        one.messages[0].tag, show, { "data-field": "message" })), message)
  }

  // MARK: What came back

  const drop = readOnly ? null : dropPlace({ ask: "Drop the files that came back here.", act: take })

  async function take(files) {
    await attempt(async () => {
      const back = await Promise.all(files.map(({ file }) => isReturned(file)))
      if (back.includes(false)) {
        throw new Error(`${files[back.indexOf(false)].name} was not saved by such a page: drop recordings on Import`)
      }
      await takeReturned(project, files)
    })
  }

  function drawSent() {
    const names = new Map(view.languages.map((one) => [one.language.tag, one.language.english]))
    refill(sent, view.pages, () => view.pages.length === 0 ? h("p.quiet", {}, "No page was written yet.")
      : h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Pages" }, h("table.plain", {},
        h("thead", {}, h("tr", {}, ["Written", "For", "Language", "Came back"].map((name) =>
          h("th", { scope: "col" }, name)))),
        h("tbody", {}, view.pages.map((one) => h("tr", {}, h("td", {}, one.date), h("td", {}, kinds[one.kind],
          one.voice ? ` (${one.voice})` : null), h("td", {}, names.get(one.language) ?? one.language),
        h("td", {}, one.returned.length === 0 ? "–" : one.returned.map((file, index) => [index > 0 ? ", " : null,
          h("bdi", {}, file.name), ` on ${file.date}`]))))))))
  }

  // MARK: Keys

  const number = h("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false", maxlength: "40",
    "data-field": "number" })
  const vouching = h("form.stack", { onsubmit: async (event) => {
    event.preventDefault()
    await attempt(async () => {
      const row = await post(at("vouch"), { number: number.value })
      number.value = ""
      await read()
      announce(`The key belongs to ${row.name}: the approvals that it signed are proved`)
    }, vouching)
  } }, h("p", {}, "A reviewer's page makes a key in that browser, and shows its number. Until somebody vouches for the "
    + "key, its approvals are claims. Let the reviewer tell you the number by telephone, or face to face, and type "
    + "what you hear: once for each key."),
  h("div.row", {}, field("The number that the reviewer told you", number),
    h("button", { type: "submit", disabled: readOnly, "data-vouch": "" }, "Vouch for it")))

  function drawKeys() {
    refill(keys, view.reviewers, () => view.reviewers.length === 0 ? h("p.quiet", {}, "No review came back yet.")
      : [h("ul.stack", {}, view.reviewers.map((one) => h("li", {}, h("bdi", {}, one.name), " ",
        one.vouched ? h("code", {}, one.key) : null, one.vouched ? h("b", {}, " vouched for")
          : h("span.finding.warning", {}, `a key first seen on ${one.firstSeen}: nobody has vouched for it`)))),
      vouching])
  }

  // MARK: Withdrawals

  const speaker = h("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false", maxlength: "80",
    "data-field": "speaker" })
  const found = h("div.stack", { role: "status" })
  const withdrawing = h("form.stack", { onsubmit: async (event) => {
    event.preventDefault()
    const name = speaker.value
    await attempt(async () => drawFound(await post(path(project, "takedown"), { speaker: name }), name), withdrawing)
  } }, h("p", {}, "A speaker who recorded by post has a code with which to withdraw. It removes the recordings, and no "
    + "kit is built with the voice any more."),
  h("div.row", {}, field("The speaker's code, or pseudonym", speaker),
    h("button", { type: "submit", "data-find": "" }, "Find the voice")))

  function drawFound(one, name) {
    const kits = one.kits.map((kit) => h("li", {}, h("bdi", {}, kit.file), `: ${counted(kit.clips, "clip")}`))
    const list = one.list ? [" Its clips are in ", h("code", {}, one.list), "; ", h("code", {},
      `firstword recall add recalls.json --from ${one.list}`), " recalls them."] : null
    if (one.done) {
      speaker.value = ""
      return fill(found, h("p.good", {}, h("bdi", {}, one.speaker), ` is withdrawn, and ${counted(one.files.length,
        "file")} removed.`), kits.length > 0 ? h("p", {}, "Kits that were given away have the voice.", list) : null,
      kits.length > 0 ? h("ul.bullets", {}, kits) : null,
      h("p", {}, "Remove other copies yourself: backups, originals, the history of git."))
    }
    fill(found, h("div.card.stack", {}, h("p", {}, h("b", {}, h("bdi", {}, one.speaker)), `: ${counted(one.files.length,
      "file")} in this project`, kits.length > 0 ? ", and these kits:" : ", and no kit in it."),
    kits.length > 0 ? h("ul.bullets", {}, kits) : null,
    h("div.row", {}, h("button", { type: "button", disabled: readOnly, "data-take-down": "", onclick: () =>
      attempt(async () => {
        const done = await post(path(project, "takedown"), { speaker: name, confirm: true })
        await read()
        drawFound(done, name)
        announce(found.innerText)
      }, found) }, "Remove the voice, for good"),
    h("button", { type: "button", onclick: () => fill(found) }, "Leave it"))))
  }

  function drawPeople() {
    refill(people, view.speakers, () => view.speakers.length === 0
      ? h("p.quiet", {}, "The project has no speaker yet.") : [h("ul.stack", {},
      view.speakers.map((one) => h("li", {}, h("bdi", {}, one.pseudonym),
        one.withdrawn ? ` withdrew on ${one.withdrawn}` : one.hasCode ? " has a code" : null))), withdrawing, found])
  }

  function draw() {
    drawVoices()
    refill(made, view.made ?? null, () => view.made && written(view.made))
    drawSent()
    drawKeys()
    drawPeople()
  }

  async function read() {
    view = await get(at())
    draw()
  }

  draw()
  if (view.job) making.watch(view.job)
  else making.resume()
  return {
    title: "By post",
    content: [readOnly ? h("p.note", {}, "This studio is read only: nothing can be written or imported.") : form,
      making.place, made,
      h("section.card.stack", {}, h("h2", {}, "What came back"), drop?.place, sent,
        h("p", {}, h("a", { href: address(project, "import") }, "Files that are not finished are on Import"))),
      h("section.card.stack", {}, h("h2", {}, "Keys of reviewers"), keys),
      h("section.card.stack", {}, h("h2", {}, "When a speaker withdraws"), people)],
    keys: drop ? [{ key: "o", does: "choose files that came back", act: drop.choose }] : [],
    changed: () => read().catch(report),
    close: making.close,
  }
}
byPost.label = "Post"
