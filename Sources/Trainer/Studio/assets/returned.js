// A file that came back by post: who it is by, what its import does, and the import.
import { counted, fill, h, inLanguage, itemName } from "./dom.js"
import { Fault, get, line, path, post } from "./api.js"
import { address, announce, attempt, field, report, select } from "./shell.js"
import { worker } from "./check.js"

const fates = { new: "new", replaces: "replaces a recording", known: "is there already", open: "needs a decision",
  unusable: "cannot be used", "left-out": "left out" }

/**
 * The view of one returned file.
 *
 * @param {{project: string, view: object, readOnly: boolean, title: function(string): void}} options
 */
export function returned({ project, view, readOnly, title }) {
  const at = (...parts) => path(project, "imports", view.head.id, ...parts)
  const place = h("div.stack", {})
  const done = h("div.stack", { tabindex: "-1" })
  const sound = new Audio()
  let hasAgreed = false
  let isClosed = false
  let isImporting = false
  let isPlanning = false

  const planning = worker(project, `plan:${view.head.id}`, async (job) => {
    isPlanning = false
    await read()
    if (job.state === "done") fill(planning.place)
  })
  const making = worker(project, `import:${view.head.id}`, async (job) => {
    isImporting = false
    if (job.state === "done") return finished()
    await read()
    if (view.plan === undefined) await plan()
  })

  async function read() {
    const next = await get(at())
    if (isClosed) return
    view = next
    draw()
  }

  const plan = (choices) => attempt(async () => {
    isPlanning = true
    try {
      await planning.watch(await post(at("plan"), { choices }))
    } finally {
      isPlanning = false
    }
  }, place)

  const choose = (part) =>
    plan({ trustsNumbers: false, isLong: false, voice: view.voice, replaces: view.replaces, ...part })

  // MARK: The import

  const taken = () => view.takes.filter((one) => one.fate === "new" || one.fate === "replaces")
  const openTakes = () => view.takes.filter((one) => one.fate === "open" || one.fate === "unusable")

  async function make() {
    if (readOnly || isImporting || view.plan === undefined || view.isEmpty) return
    if (view.speaker?.isNew && !hasAgreed) {
      place.querySelector("[data-agree]")?.focus()
      return report(new Error("read the speaker's consent, and agree to it first"))
    }
    isImporting = true
    const isStarted = await attempt(async () => {
      try {
        await making.watch(await post(at("apply"), { version: view.version, plan: view.plan, agreed: hasAgreed }))
      } catch (fault) {
        if (fault instanceof Fault && fault.status === 409 && fault.current) {
          view = fault.current
          draw()
        }
        throw fault
      }
    }, place)
    if (!isStarted) isImporting = false
  }

  function finished() {
    isClosed = true
    const words = parts()
    const isClaim = view.trust === "new" || view.trust === "seen"
    fill(planning.place)
    fill(making.place)
    fill(place)
    fill(done, h("section.card.next.stack", {}, h("p", {}, h("b", {}, `Imported: ${words}.`)),
      isClaim ? h("p", {}, "Nobody has vouched for the key of ", h("bdi", {}, view.name), ": let the reviewer tell you "
        + "its number, and type it on Post.") : null,
      h("div.row", {}, view.kind === "booth" ? h("a.button.main", { href: address(project, "check"), "data-next": "" },
        "Check the recordings") : h("a.button.main", { href: address(project, isClaim ? "post" : "words",
        isClaim || !view.language ? [] : [view.language.tag]), "data-next": "" }, isClaim ? "Vouch for the key"
        : "Look at the words"), h("a.button", { href: address(project, "matrix") }, "Look at the matrix"))))
    done.focus()
    announce(done.innerText)
  }

  async function discard() {
    await attempt(async () => {
      await post(at("discard"))
      location.hash = address(project, "import")
    }, place)
  }

  function parts() {
    const counts = [[taken().length, "recording"], [view.approvals.length, "approval"], [view.notes.length, "note"]]
    const list = counts.filter(([count]) => count > 0).map(([count, noun]) => counted(count, noun))
    if (view.speaker?.isNew) list.push("a consent")
    if (view.speaker?.entersKey) list.push("a key of the speaker")
    return list.join(", ")
  }

  // MARK: Drawing

  function consent() {
    const { speaker, consent: given } = view
    if (!given) return null
    return h("section.card.stack", { "aria-label": "Consent" }, h("h2", {}, "Consent"),
      h("p", {}, h("bdi", {}, view.name), `, a ${given.voice === "woman" ? "woman's" : "man's"} voice, on ${given.day}`,
        ", in the speaker's own words:"),
      h("blockquote", { dir: "auto" }, given.words),
      view.room === undefined ? null : h("p.quiet", {}, `Noise of the room, as the page measured it: ${
        view.room.toFixed(1)} dBFS`),
      !speaker ? null : speaker.isNew
        ? [h("p", {}, "The voice becomes ", h("b", {}, speaker.voice), ". Pseudonym, day, words and contact (",
          h("bdi", {}, speaker.contact), ") are entered in speakers.yaml, with the hash of a code that only the "
            + "speaker has."),
        h("label.choice", {}, h("input", { type: "checkbox", checked: hasAgreed, disabled: readOnly, "data-agree": "",
          "data-key": "agree", onchange: (event) => {
            hasAgreed = event.target.checked
            draw()
          } }), "I have read it, and we use the voice for this and nothing else")]
        : h("p", {}, "A known speaker: the voice is ", h("b", {}, speaker.voice),
          `, the consent of ${speaker.consent} holds.`, speaker.entersKey ? " The key of the browser is entered, with "
            + "the hash of the code with which the speaker can withdraw." : null))
  }

  function choices() {
    if (view.kind !== "booth" || view.imported) return null
    const free = ["f1", "m1", "f2", "m2", "f3", "m3", "f4", "m4"]
    const owners = new Map(view.speakers.map((one) => [one.voice, one.pseudonym]))
    const voices = [...new Set([...owners.keys(), ...free, view.voice].filter(Boolean))].sort()
    return h("details.card.stack", { open: view.plan === undefined || openTakes().length > 0 },
      h("summary", {}, h("b", {}, "Voice, and recordings that are there")),
      field("Voice", select([["", "as the file says"], ...voices.map((voice) => [voice, owners.has(voice)
        ? `${voice}, of ${owners.get(voice)}` : voice])], view.voice ?? "",
      (voice) => choose({ voice: voice || undefined }), { disabled: readOnly, "data-key": "voice" }),
      "A voice of a known speaker: if you know that it is the same person."),
      h("label.choice", {}, h("input", { type: "checkbox", checked: view.replaces, disabled: readOnly, "data-key":
        "replaces", onchange: (event) => choose({ replaces: event.target.checked }) }),
      "Replace recordings that are there; the old ones are kept in the project's directory 'takes'"))
  }

  function take(one, index) {
    const isAside = one.isAside && one.fate === "new"
    return h("tr", { "data-item": one.item?.id ?? one.name }, h("th", { scope: "row" }, one.item ? itemName(one.item)
      : h("bdi", {}, one.name)),
    h("td", {}, one.text && view.language ? inLanguage(one.text, view.language) : null),
    h("td", {}, `${one.seconds.toFixed(1)} s`),
    h("td", {}, isAside ? "set aside" : fates[one.fate] ?? one.fate,
      [...one.doubts, ...one.remarks, one.replaces ? `it replaces ${one.replaces}` : null].filter(Boolean).map((text) =>
        h("p.finding.warning", {}, text)),
      one.findings.filter((each) => each.severity !== "note").map((each) => h(`p.finding.${each.severity}`, {},
        h("b", {}, `${each.severity}: `), line({ message: each.message, remedy: each.remedy })))),
    h("td", {}, one.fate === "unusable" ? null : h("button.plain", { type: "button", "data-key": `hear-${index}`,
      "aria-label": `Hear ${one.item?.title ?? one.name}`, onclick: () => hear(one.file) }, "Hear")))
  }

  function hear(file) {
    sound.src = `/api/1/${at("sound", String(file))}`
    sound.play().catch((fault) => {
      if (fault.name !== "AbortError") report(new Error("it cannot be played: it may hold no sound"))
    })
  }

  function table(name, columns, rows) {
    if (rows.length === 0) return null
    return h("section.card", {}, h("h2", {}, `${name} (${rows.length})`),
      h("div.scroll", { tabindex: "0", role: "region", "aria-label": name }, h("table.plain", {},
        h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)))), h("tbody", {}, rows))))
  }

  const trust = () => view.trust === "vouched" ? h("p.good", {}, "Somebody has vouched for this key.")
    : view.trust === "seen" ? h("p.finding.warning", {},
      `A key first seen on ${view.firstSeen}: nobody has vouched for it.`)
      : view.trust === "new" ? h("p.finding.warning", {},
        "A key first seen today: its approvals are claims until somebody vouches for it.") : null

  const what = (kind) => kind === "wording" ? "the words" : "the recording"

  function draw() {
    const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : null
    const name = view.language?.english ?? "a language that the project does not have"
    title(`${name} by ${view.name}`)
    const isPlanned = view.plan !== undefined
    const words = isPlanned ? parts() : ""
    const left = openTakes().length
    fill(place,
      h("p", {}, `From ${view.kind === "booth" ? "the speaker" : "the reviewer"} `, h("b", {}, h("bdi", {}, view.name)),
        `: file ${view.serial}, saved at `, h("time", { datetime: view.made }, view.made), ", signed by the key ",
        h("code", {}, view.key), "."),
      view.imported ? h("p.card.next", {}, `This file was imported on ${view.imported}. Nothing is left to do.`) : null,
      trust(), consent(), choices(),
      isPlanned ? [
        view.remarks.map((remark) => h("p.finding.note", {}, remark)),
        left > 0 ? h("p.finding.warning", {}, `${counted(left, "recording")} stay${left === 1 ? "s" : ""} out, and `
          + "cannot be taken from this file later: decide first.") : null,
        table("Recordings", ["Message", "Text", "Length", "What becomes of it", "Hear"], view.takes.map(take)),
        table("Approvals", ["Message", "Of", "Answer"], view.approvals.map((one) => h("tr", {},
          h("th", { scope: "row" }, one.item ? itemName(one.item) : "–"), h("td", {}, what(one.kind)),
          h("td", {}, one.isRevoked ? "the earlier yes is revoked" : "yes")))),
        table("Notes", ["Message", "Of", "Note"], view.notes.map((one) => h("tr", {},
          h("th", { scope: "row" }, one.item ? itemName(one.item) : "–"), h("td", {}, what(one.kind)),
          h("td", {}, one.note ? h("p", { dir: "auto" }, one.note) : null,
            one.back ? h("p.quiet", {}, "understood: ", h("bdi", {}, one.back)) : null)))),
      ] : null,
      h("div.row", {}, isPlanned ? view.imported ? null : h("button.main", { type: "button", "data-key": "make",
        disabled: readOnly || view.isEmpty || (view.speaker?.isNew && !hasAgreed), onclick: make },
      view.isEmpty ? "Nothing to import" : `Import ${words}`)
        : h("button.main", { type: "button", "data-key": "plan", onclick: () => plan() }, "Read the file"),
      h("button", { type: "button", disabled: readOnly, "data-key": "discard", onclick: discard }, "Discard the file")))
    if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus()
  }

  draw()
  planning.resume()
  making.resume()
  if (view.plan === undefined) plan()
  return {
    title: `${view.language?.english ?? "A file"} by ${view.name}`,
    content: [done, planning.place, making.place, place],
    keys: readOnly ? [] : [{ key: "i", does: "import", act: make }],
    changed: async () => {
      if (isClosed || isImporting || isPlanning) return
      try {
        await read()
        if (view.plan === undefined) await plan()
      } catch (fault) {
        if (fault.status !== 404) throw fault
      }
    },
    close: () => {
      isClosed = true
      sound.pause()
      planning.close()
      making.close()
    },
  }
}
