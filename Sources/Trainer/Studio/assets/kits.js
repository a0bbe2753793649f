// Kits: build and sign, what was built, and from there to its cards and to what is new in it.
import { counted, fill, h } from "./dom.js"
import { get, line, path, post } from "./api.js"
import { address, amendAddress, announce, attempt, field, refill, textOf } from "./shell.js"
import { worker } from "./check.js"
import { cards } from "./cards.js"
import { compare } from "./compare.js"
import { keyMaker } from "./key-maker.js"
import { settings } from "./settings.js"

/** The view and those below it: `/kits`, `/kits/settings`, `/kits/compare?old=…&new=…`, `/kits/cards/FILE?kind=…`. */
export async function kits(context) {
  const [below, file] = context.place.parts
  if (below === "settings") return settings(context)
  if (below === "compare") return compare(context)
  if (below === "cards" && file) return cards(context, file)
  return list(context)
}
kits.label = "Kits"

const ways = [
  ["whole", "Everything", "Refused while a recording is missing. A DRAFT until everything is approved."],
  ["partial", "What is there", "Messages without a recording are left out. Always a DRAFT, for trials."],
  ["release", "A release, for the field",
    "Refused while anything is a draft, synthetic or not approved: all of that is listed."],
]

async function list({ head, session, place, views }) {
  const project = head.id
  let query = { ...place.query }
  let view = await get(path(project, "kits"))
  const next = h("p.card.next", {})
  const outcome = h("div.stack", {})
  const built = h("section.stack", { "aria-labelledby": "built" })
  const jobs = worker(project, "build", read)
  const key = h("input", { type: "file", accept: ".key" })
  const passphrase = h("input", { type: "password", autocomplete: "off" })
  const isWay = (way) => (query.as ?? "whole") === way
  /** The elements of the list, by file: a kit that did not change keeps the answer that it shows. */
  const entries = new Map()
  let turn = 0

  async function read() {
    const mine = ++turn
    const now = await get(path(project, "kits"))
    if (mine !== turn) return
    view = now
    draw()
  }

  function draw() {
    const name = `${view.name}-${view.version}.kit`
    const there = view.kits.find((kit) => kit.file === name)
    const unspoken = view.lines ? view.lines.count - view.lines.recorded - view.lines.synthetic : 0
    fill(next, "The next kit is ", h("b", {}, h("bdi", {}, view.name), ` ${view.version}`), ". ",
      there ? [h("b", {}, h("bdi", {}, name)), " is there already: another build of this version replaces it. Raise the "
        + "version to keep both. "] : null,
      unspoken > 0 ? `${counted(unspoken, "line")} that the device says to the responder ${
        unspoken === 1 ? "has" : "have"} no sound. ` : null,
      h("a", { href: address(project, "kits", ["settings"]) }, "Settings of the kit"))
    refill(outcome, view.last ?? null, () => view.last && result(project, view.last, views))
    const list = view.kits.map((kit) => [kit, former(kit)?.file])
    refill(built, [list, view.directory], () => [h("h2", { id: "built" }, "Built so far"),
      list.length === 0 ? h("p.card", {}, "No kit has been built here yet.")
        : h("ul.stack", {}, list.map((state) => {
          const [{ file }] = state
          if (!entries.has(file)) entries.set(file, h("li.card", { "data-kit": file }))
          return refill(entries.get(file), state, () => entry(state[0]))
        })),
      h("p.quiet.small", {}, "They are in ", h("code", {}, view.directory), ".")])
  }

  /** Starts a build, or only looks what one would refuse. */
  function start(dryRun) {
    return attempt(async () => {
      const wish = { release: isWay("release"), partial: isWay("partial") }
      if (dryRun) wish.dryRun = true
      else {
        wish.key = await textOf(key)
        if (wish.key === null) {
          key.focus()
          throw new Error("a kit is signed: choose your .key file, or make keys below")
        }
        if (passphrase.value !== "") wish.passphrase = passphrase.value
      }
      let job
      try {
        job = await post(path(project, "build"), wish)
      } catch (fault) {
        if (fault.code === "passphrase" || passphrase.value !== "") passphrase.focus()
        throw fault
      }
      passphrase.value = ""
      jobs.watch(job)
    }, builder)
  }

  const builder = h("form.card.stack", { onsubmit: (event) => {
    event.preventDefault()
    start(false)
  } }, h("h2", {}, session.readOnly ? "What a kit still needs" : "Build and sign a kit"),
  h("fieldset", {}, h("legend", {}, "What is in it"), ways.map(([way, name, meaning]) => h("label.choice", {},
    h("input", { type: "radio", name: "as", value: way, checked: isWay(way), onchange: () => {
      query = { ...query, as: way }
      amendAddress(address(project, "kits", [], query))
    } }), h("span", {}, h("b", {}, name), h("span.quiet", {}, ` ${meaning}`))))),
  session.readOnly ? null : h("div.row", {}, field("Your secret key (.key)", key, "Used for this build, and forgotten."),
    field("Its passphrase", passphrase, "Never kept. Leave it empty if the key has none.")),
  h("div.row", {}, session.readOnly ? null : h("button.main", { type: "submit" }, "Build and sign"),
    h("button", { type: "button", onclick: () => start(true) }, "Only look what is missing")), jobs.place)

  /** The content of a kit's element. */
  function entry(kit) {
    const answer = h("div", {})
    const title = h("h3.row", {}, h("bdi", {}, kit.file), kit.problem ? h("span.state", {}, "cannot be read")
      : kit.draft ? h("span.tag.draft", {}, "DRAFT, for trials") : h("span.tag.approved", {}, "for the field"))
    if (kit.problem) return [title, h("p.finding.error", {}, kit.problem)]
    const before = former(kit)
    return [title,
      h("dl.facts", {},
        fact("Kit", [h("bdi", {}, kit.name), ` ${kit.version}, ${counted(kit.languages, "language")}, ${
          counted(kit.clips, "clip")}, ${(kit.bytes / 1e6).toFixed(1)} MB`]),
        fact("Built", h("time", { datetime: kit.written }, new Date(kit.written).toLocaleString())),
        fact("Signed by", kit.signers.map((id) => [h("code", {}, id), " "])),
        fact("SHA-256", h("code", {}, kit.sha256))),
      h("div.row", {},
        h("a.button", { href: `/api/1/${path(project, "kits", kit.file)}`, download: kit.file }, "Download"),
        h("button", { type: "button", "data-verify": "", onclick: () => verify(kit, answer, {}) }, "Verify"),
        h("a.button", { "data-cards": "", href: address(project, "kits", ["cards", kit.file]) }, "Cards"),
        before ? h("a.button", { "data-compare": "", href: address(project, "kits", ["compare"],
          { old: before.file, new: kit.file }) }, "What is new since ", h("bdi", {}, before.file)) : null), answer]
  }

  /** The last release before a kit, or else the kit before it. */
  function former(kit) {
    const older = view.kits.slice(view.kits.indexOf(kit) + 1).filter((one) => !one.problem)
    return older.find((one) => !one.draft) ?? older[0]
  }

  function verify(kit, answer, wish) {
    return attempt(async () => {
      try {
        const found = await post(path(project, "kits", kit.file, "verify"), wish)
        fill(answer, found.whole
          ? h("p.good", {}, `Whole: ${counted(found.clips, "clip")}, signed by `,
            found.signers.map((id) => [h("code", {}, id), " "]))
          : h("ul.stack", {}, found.faults.map((fault) => h("li.finding.error", {}, fault))))
        announce(found.whole ? "The kit is whole, and signed." : "The kit is not whole, or not signed by this key.")
      } catch (fault) {
        if (fault.code !== "key") throw fault
        const file = h("input", { type: "file", accept: ".pub", onchange: async () => {
          const text = await textOf(file)
          if (text !== null) verify(kit, answer, { key: text })
        } })
        fill(answer, wish.key ? h("p.finding.error", {}, fault.errors.map(line).join(" ")) : null,
          field("By which public key (.pub)?", file, "The studio keeps none between two starts."))
        file.focus()
      }
    })
  }

  draw()
  if (view.job) jobs.watch(view.job)
  const newest = (name) => built.querySelector(`[data-${name}]`)
  return {
    title: "Kits",
    content: [next, builder, outcome, built, session.readOnly ? null : keyMaker()],
    keys: [
      session.readOnly ? null : { key: "b", does: "build", act: () => key.focus() },
      { key: "l", does: "look what is missing", act: () => start(true) },
      { key: "s", does: "settings", act: () => next.querySelector("a").click() },
      { key: "v", does: "verify the newest", act: () => newest("verify")?.click() },
      { key: "c", does: "its cards", act: () => newest("cards")?.click() },
      { key: "w", does: "what is new in it", act: () => newest("compare")?.click() },
    ].filter(Boolean),
    changed: read,
    close: jobs.close,
  }
}

const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value)]

/** Where a finding is mended. */
function repair(project, finding, views) {
  if (!finding.language || !finding.prompt) return null
  const view = { missing: "booth", "no-wording": "words", "approval-missing": "review", "approval-expired": "review" }[
    finding.code] ?? "words"
  return address(project, views.includes(view) ? view : "words", [finding.language, finding.prompt])
}

/** The outcome of the last build. */
function result(project, last, views) {
  const count = last.findings.length
  const needs = last.release ? "a release" : "the kit"
  const text = last.file
    ? h("p.good", {}, h("b", {}, h("bdi", {}, last.file)), " is built, signed by ", h("code", {}, last.signer),
      ` and verified: ${counted(last.verified, "clip")}.`)
    : count === 0 ? h("p.good", {}, `Nothing blocks ${needs}.`)
      : h("p.finding.error", {}, `${counted(count, "finding")} ${count === 1 ? "blocks" : "block"} ${needs}.`)
  const tags = [...new Set(last.findings.map((one) => one.language ?? ""))]
  const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })
  return h("section.card.stack", { "aria-labelledby": "outcome" },
    h("h2", { id: "outcome" }, last.dryRun ? "What is missing" : "The last build"),
    h("p.quiet.small", {}, h("time", { datetime: last.at }, new Date(last.at).toLocaleString())), text,
    last.file ? h("p", {}, "Next: print its cards below, and copy the file to the device: ",
      h("code", {}, `firstword install ${last.file}`), ".") : null,
    last.file && count > 0 ? h("p", {}, `It is a DRAFT. ${counted(count, "finding")} ${
      count === 1 ? "stands" : "stand"} before a release:`) : null,
    tags.map((tag) => {
      const own = last.findings.filter((one) => (one.language ?? "") === tag)
      const inside = h("ul.stack", {})
      const show = () => inside.childNodes.length === 0 && fill(inside, own.map((one) => {
        const to = repair(project, one, views)
        return h(`li.finding.${last.file ? "warning" : "error"}`, {}, line(one), to ? [" ", h("a", { href: to }, "Open")]
          : null)
      }))
      if (tags.length === 1) show()
      return h("details", { open: tags.length === 1, ontoggle: show },
        h("summary", {}, h("b", {}, tag === "" ? "The project" : names.of(tag)), ` · ${counted(own.length, "finding")}`),
        inside)
    }),
    last.remarks.length > 0 ? h("details", {}, h("summary", {}, "Remarks on this kit"),
      h("ul.stack", {}, last.remarks.map((one) => h("li.finding.note", {}, one)))) : null)
}
