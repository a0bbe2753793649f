// Start: the projects, what to do next in each, and a new one.
import { counted, fill, h, inLanguage } from "./dom.js"
import { get, post } from "./api.js"
import { address, attempt, badge, field, findings, kept, select, states } from "./shell.js"

export async function start({ session }) {
  const projects = h("div.stack", {})
  const heads = await list()

  async function list() {
    const { projects: heads } = await get("projects")
    fill(projects, heads.length === 0
      ? h("p.card", {}, "There is no project yet. Make one below: choose languages, and all messages are in it.")
      : h("ul.tiles", {}, heads.map(tile)))
    return heads
  }

  const canMake = !session.single && !session.readOnly
  const maker = canMake ? newProject(await get("catalogue"), session, heads.length === 0) : null
  return {
    title: "Start",
    content: [
      session.readOnly ? h("p.note", {}, "This studio is read only: you can look at everything and change nothing.")
        : null,
      h("h2", {}, heads.length === 1 ? "Your project" : "Your projects"), projects, maker,
    ],
    keys: canMake ? [{ key: "n", does: "new project", act: () => { maker.open = true; maker.querySelector("input")
      .focus() } }] : [],
    changed: list,
  }
}

/** A project with its state, and the one thing to do next. */
function tile(head) {
  const name = h("h3", {}, head.counts ? h("a", { href: address(head.id, "matrix") }, head.name) : head.id)
  if (!head.counts) return h("li.card", {}, name, h("p.quiet.small", {}, head.directory), findings(head.problems))
  return h("li.card", {}, name,
    h("p.quiet.small", {}, [counted(head.languages.length, "language"), counted(head.items, "message"),
      `version ${head.version}`].join(" · ")),
    bar(head.counts),
    head.next ? h("p.card.next", {}, "Next: ", head.next.text, ".") : null,
    h("p.quiet.small", {}, h("code", {}, head.directory)),
    head.problems.length > 0 ? findings(head.problems) : null)
}

/** The states of all cells as a bar, and in words. */
export function bar(counts) {
  const fields = { m: "missing", d: "draft", t: "trial", r: "recorded", f: "findings", s: "sentBack", a: "approved" }
  const shares = states.map(([letter, kind, word]) => ({ letter, kind, word, count: counts[fields[letter]] ?? 0 }))
    .filter((share) => share.count > 0).reverse()
  return h("div", {}, h("div.bar", { "aria-hidden": "true" }, shares.map((share) => {
    const part = h(`span.${share.kind}`, {})
    part.style.setProperty("flex-grow", share.count)
    return part
  })), h("p.small.row", {}, shares.map((share) => badge(share.letter, "cells", `${share.count} ${share.word}`))))
}

/** The choice of messages one by one, among the sequences. */
const single = "one by one"

/** The form of a new project. What is typed survives a reload. */
function newProject(catalogue, session, isOpen) {
  const known = kept.get("new") ?? { directory: "", languages: [], sequence: "", operator: "en" }
  const chosen = new Set(known.languages)
  const directory = h("input", { type: "text", required: true, value: known.directory, autocomplete: "off",
    spellcheck: "false", oninput: keep })
  const search = h("input", { type: "search", autocomplete: "off", oninput: filter, "aria-controls": "new-languages" })
  const sum = h("p.small", { role: "status" })
  const boxes = h("div.choices", { id: "new-languages", role: "group", "aria-label": "Languages", tabindex: "0" })
  const found = h("p.quiet.small", {})
  const regions = new Intl.DisplayNames(["en"], { type: "region" })
  const languages = catalogue.languages.filter((one) => one.roles.includes("listener"))
    .map((one) => ({ ...one, regionNames: one.regions.map((region) => regions.of(region)) }))
  const sequences = select([["", `all ${catalogue.prompts.length} messages`],
    ...catalogue.sequences.map((one) => [one.id, `${one.title} (${counted(one.prompts.length, "message")})`]),
    [single, "chosen one by one"]], known.sequence, () => {
    list.hidden = sequences.value !== single
    keep()
  }, { id: "new-messages" })
  const picked = new Set(known.prompts ?? [])
  const list = h("fieldset.stack", { hidden: known.sequence !== single }, h("legend", {}, "The messages"),
    h("div.choices", { role: "group", "aria-label": "Messages", tabindex: "0" }, catalogue.prompts.map((one) =>
      h("label.choice", {}, h("input", { type: "checkbox", value: one.id, checked: picked.has(one.id),
        onchange: (event) => {
          if (event.target.checked) picked.add(one.id)
          else picked.delete(one.id)
          keep()
        } }), `${one.number} ${one.title}`))))
  const names = new Intl.DisplayNames(["en"], { type: "language" })
  const operator = select([...catalogue.operatorLanguages.map((tag) => [tag, names.of(tag)]),
    ["", "no language: it plays tones"]], known.operator, keep)

  function filter() {
    const text = search.value.trim().toLowerCase()
    const matching = languages.filter((one) => text === "" || chosen.has(one.tag) ||
      [one.tag, one.english, one.autonym, ...one.regionNames].some((name) => name.toLowerCase().includes(text)))
    fill(boxes, matching.map((one) => h("label.choice", {},
      h("input", { type: "checkbox", checked: chosen.has(one.tag), onchange: (event) => {
        if (event.target.checked) chosen.add(one.tag)
        else chosen.delete(one.tag)
        keep()
      } }),
      h("span", {}, inLanguage(one.autonym, one), one.autonym === one.english ? null : h("span.quiet", {},
        ` ${one.english}`)))))
    found.textContent = matching.length === 0 ? "No language has this name or region." : ""
  }

  function keep() {
    kept.set("new", { directory: directory.value, languages: [...chosen], sequence: sequences.value,
      prompts: [...picked], operator: operator.value })
    sum.textContent = chosen.size === 0 ? "No language is chosen." : `${counted(chosen.size, "language")} chosen: ${
      languages.filter((one) => chosen.has(one.tag)).map((one) => one.english).join(", ")}.`
  }

  const form = h("form.stack", { onsubmit: (event) => {
    event.preventDefault()
    attempt(async () => {
      if (chosen.size === 0) throw new Error("no language is chosen: choose at least one")
      if (sequences.value === single && picked.size === 0) throw new Error("no message is chosen: choose at least one")
      const prompts = sequences.value === single ? [...picked]
        : catalogue.sequences.find((one) => one.id === sequences.value)?.prompts ?? []
      const head = await post("projects", { directory: directory.value.trim(), languages: [...chosen], prompts,
        operatorLanguage: operator.value || undefined })
      kept.drop("new")
      location.hash = address(head.id, "matrix")
    }, form)
  } },
  h("div.row", {}, field("Name of its directory", directory, `Below ${session.shelf}`), field("Messages", sequences),
    field("The device speaks to the responder in", operator)), list,
  h("fieldset.stack", {}, h("legend", {}, "The listeners speak"), field("Find by language, country or tag", search),
    boxes, found, sum),
  h("div.row.end", {}, h("button.main", { type: "submit" }, "Make the project")))
  filter()
  keep()
  return h("details.card", { open: isOpen }, h("summary", {}, h("b", {}, "New project")), form)
}
