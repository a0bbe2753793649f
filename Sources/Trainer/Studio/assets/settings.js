// Settings: what the kit is called, how listeners answer, and what the device says to the responder.
import { counted, fill, h } from "./dom.js"
import { get, path, post } from "./api.js"
import { address, announce, attempt, field, kept, select, textOf } from "./shell.js"
import { worker } from "./check.js"

const modes = [["card", "by pointing at squares of a card"], ["hand", "by signs of one hand"],
  ["tap", "by tapping: once yes, twice no"], ["buttons", "by buttons in their own reach"]]

/** The view `/kits/settings`. */
export async function settings({ head, session, views }) {
  const project = head.id
  const key = `settings:${project}`
  let view = await get(path(project, "settings"))
  /** The version of the settings that the person changes. */
  let base = view.version
  const names = new Intl.DisplayNames(["en"], { type: "language" })
  const off = session.readOnly

  const name = h("input", { type: "text", required: true, maxlength: 60, pattern: "[A-Za-z0-9][A-Za-z0-9\\-]*",
    autocomplete: "off", spellcheck: "false", disabled: off, oninput: keep })
  const version = h("input", { type: "text", required: true, maxlength: 20, pattern: "[0-9]+(\\.[0-9]+)*",
    autocomplete: "off", disabled: off, oninput: keep })
  const boxes = modes.map(([mode]) => h("input", { type: "checkbox", value: mode, disabled: off, onchange: () => {
    drawFirst(chosen())
    keep()
  } }))
  const first = h("select", { disabled: off, onchange: keep })
  const language = select([["", "no language: it plays tones"], ...view.operatorLanguages.map((tag) => [tag,
    names.of(tag)])], "", keep, { disabled: off })
  const conflict = h("div", {})
  const lines = h("section.card.stack", { "aria-labelledby": "lines" })
  const reviewers = h("div", {})
  const jobs = worker(project, "speak", changed)

  const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value)

  function drawFirst(list, value = first.value) {
    fill(first, modes.filter(([mode]) => list.includes(mode)).map(([mode, words]) =>
      h("option", { value: mode, selected: mode === value }, words)))
  }

  /** What the form holds. */
  function values() {
    const list = chosen()
    const known = view.answers.filter((mode) => list.includes(mode))
    const rest = [...known, ...list.filter((mode) => !known.includes(mode))].filter((mode) => mode !== first.value)
    return { name: name.value.trim(), kitVersion: version.value.trim(),
      answers: list.includes(first.value) ? [first.value, ...rest] : rest, operatorLanguage: language.value }
  }

  const valuesOf = (one) => ({ name: one.name, kitVersion: one.kitVersion, answers: one.answers,
    operatorLanguage: one.operatorLanguage ?? "" })
  const isChanged = () => JSON.stringify(values()) !== JSON.stringify(valuesOf(view))

  function keep() {
    if (isChanged()) kept.set(key, { base, values: values() })
    else forget()
    drawSave()
  }

  function forget() {
    kept.drop(key)
    base = view.version
    fill(conflict)
  }

  function show(one) {
    name.value = one.name
    version.value = one.kitVersion
    for (const box of boxes) box.checked = one.answers.includes(box.value)
    drawFirst(one.answers, one.answers[0])
    language.value = one.operatorLanguage
    drawSave()
  }

  function drawSave() {
    for (const button of [save, discard]) button.disabled = !isChanged()
  }

  function drawConflict() {
    if (base === view.version || !isChanged()) return fill(conflict)
    const now = valuesOf(view)
    fill(conflict, h("div.falls.stack", {}, h("p", {}, h("b", {}, "Changed meanwhile"),
      ", here or by another program. Now there is: ", h("bdi", {}, now.name), ` ${now.kitVersion}; answers: ${
        now.answers.join(", ")}; the device speaks ${now.operatorLanguage ? names.of(now.operatorLanguage) : "no language"
      }.`),
    h("div.row", {}, h("button", { type: "button", onclick: () => {
      base = view.version
      fill(conflict)
      keep()
    } }, "Keep mine"), h("button", { type: "button", onclick: takeOther }, "Take what is there"))))
  }

  function takeOther() {
    forget()
    show(valuesOf(view))
  }

  function drawLines() {
    const said = view.lines
    if (!said) {
      return fill(lines, h("h2", { id: "lines" }, "What the device says to the responder"),
        h("p", {}, "Nothing: it plays tones. With a language it says names of languages, modes and errors."))
    }
    const missing = said.count - said.recorded - said.synthetic
    const spoken = [said.recorded > 0 ? `${said.recorded} recorded` : null,
      said.synthetic > 0 ? `${said.synthetic} in synthetic speech` : null].filter(Boolean).join(", ")
    fill(lines, h("h2", { id: "lines" }, "What the device says to the responder"),
      h("p", {}, `${counted(said.count, "line")} in ${names.of(said.language)}: ${spoken || "none has a sound"}`,
        missing > 0 && spoken ? `, ${missing} missing.` : "."),
      h("p.quiet.small", {}, "Only the responder hears them, so a released kit may have them in synthetic speech. A "
        + "recording that is there stays."),
      h("div.row", {}, off || missing === 0 ? null : h("button", { type: "button", id: "speak", onclick: speak },
        `Synthesize ${counted(missing, "line")}`),
      views.includes("booth") && !off ? h("a.button", { href: address(project, "booth", [said.language]) },
        "Record them in the booth") : null))
  }

  function drawReviewers() {
    fill(reviewers, view.reviewers.length === 0 ? h("p", {}, "No reviewer's key is known yet.")
      : h("ul.bullets", {}, view.reviewers.map((id) => h("li", {}, h("code", {}, id)))))
  }

  const publicKey = h("input", { type: "file", accept: ".pub", onchange: () => attempt(async () => {
    const text = await textOf(publicKey)
    if (text === null) return
    view = await post(path(project, "reviewer-keys"), { key: text })
    publicKey.value = ""
    drawReviewers()
    announce("The key is added.")
  }) })

  function speak() {
    return attempt(async () => jobs.watch(await post(path(project, "speak"))), lines)
  }

  async function changed() {
    const isMine = isChanged()
    view = await get(path(project, "settings"))
    if (isMine) drawConflict()
    else takeOther()
    drawLines()
    drawReviewers()
  }

  const save = h("button.main", { type: "submit" }, "Save")
  const discard = h("button", { type: "button", onclick: takeOther }, "Discard the changes")
  const form = h("form.card.stack", { onsubmit: async (event) => {
    event.preventDefault()
    await attempt(async () => {
      if (chosen().length === 0) throw new Error("listeners have no way to answer: choose at least one")
      try {
        view = await post(path(project, "settings"), { version: base, ...values() })
      } catch (fault) {
        if (fault.status !== 409) throw fault
        view = fault.current
        drawConflict()
        announce("Changed meanwhile")
        return
      }
      takeOther()
      drawLines()
      announce("Saved.")
    }, form)
    drawSave()
  } },
  h("div.row", {}, field("Name of the kit", name, "Letters, digits and hyphens."),
    field("Version", version, "Raise it for every kit that you hand out."),
    off ? null : h("button", { type: "button", onclick: () => {
      const parts = version.value.split(".")
      parts.push(String(Number(parts.pop()) + 1))
      version.value = parts.join(".")
      keep()
    } }, "Raise it")),
  h("fieldset", {}, h("legend", {}, "How listeners answer"), modes.map(([, words], index) =>
    h("label.choice", {}, boxes[index], words))),
  h("div.row", {}, field("At first", first, "A button of the device changes to the next."),
    field("The device speaks to the responder in", language)),
  conflict, off ? null : h("div.row", {}, save, discard),
  h("p.quiet.small", {}, "All other settings are explained in ", h("code", {}, view.file), "; its comments stay."))

  const mine = kept.get(key)
  show(mine?.values ?? valuesOf(view))
  if (mine) base = mine.base
  drawConflict()
  drawLines()
  drawReviewers()
  jobs.resume()
  return {
    title: "Settings of the kit",
    content: [h("p", {}, h("a", { href: address(project, "kits") }, "All kits")), form, lines, jobs.place,
      h("section.card.stack", { "aria-labelledby": "reviewers" }, h("h2", { id: "reviewers" }, "The reviewers' keys"),
        h("p", {}, "Approvals that are signed by one of these keys are proved; all others are names alone. Let each "
          + "reviewer hand you the .pub file, and add it here."), reviewers,
        off ? null : field("Add a reviewer's public key (.pub)", publicKey))],
    keys: off ? [] : [{ key: "e", does: "edit", act: () => name.focus() },
      { key: "m", does: "synthesize the device's lines", act: () => document.getElementById("speak")?.click() }],
    changed,
    close: jobs.close,
  }
}
