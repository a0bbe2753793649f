// Import: files are dropped, the plan says what becomes of each, a person corrects it, and then it is made.
import { counted, fill, h, inLanguage, itemName } from "./dom.js"
import { Fault, get, path, post } from "./api.js"
import { address, amendAddress, announce, attempt, field, report, select } from "./shell.js"
import { setKeys } from "./keys.js"
import { worker } from "./check.js"
import { begin, dropPlace, isReturned, isTranslation, megabytes, send, sendTranslation, takeReturned } from "./drop.js"
import { exportCard, translation } from "./exchange.js"
import { cuts } from "./cuts.js"
import { returned } from "./returned.js"

/** The view of all imports, or of one. */
export async function importer(context) {
  return context.place.parts[0] ? one(context, context.place.parts[0]) : all(context)
}
importer.label = "Import"

// MARK: All imports

async function all({ head, session }) {
  const project = head.id
  const open = h("div.stack", {})
  const sending = h("div.stack", {})
  const former = h("div", {})
  const outcome = h("div.stack", {})
  const stop = new AbortController()
  let isSending = false
  const drop = session.readOnly ? null : dropPlace({
    ask: "Drop recordings here: files, a folder or a ZIP. Or a translator's PO, XLIFF or CSV file. Or the files that "
      + "speakers and reviewers sent back.", act: take,
  })
  const { languages } = await get(path(project, "matrix"))

  async function read() {
    const { imports, last } = await get(path(project, "imports"))
    drawLast(last)
    fill(open, imports.length === 0 ? null : h("section.stack", {}, h("h2", {}, "Not finished"),
      h("ul.tiles", {}, imports.map((one) => h("li.card", {},
        h("h3", {}, h("a", { href: address(project, "import", [one.id]) },
          one.files === 0 ? "No file" : one.files === 1 ? one.name : `${one.files} files, ${one.name} …`)),
        h("p.quiet.small", {}, { words: "A translator's file", return: "By post" }[one.kind] ?? "Recordings",
          ` · ${megabytes(one.size)} · kept until `,
          h("time", { datetime: one.until }, new Date(one.until).toLocaleString())))))))
  }

  /** The last import, and its way back in two steps. */
  function drawLast(last) {
    if (!last || session.readOnly) return fill(former)
    const what = counted(last.recordings, "recording")
    const ask = h("button", { type: "button", id: "undo", onclick: () => {
      fill(acts, h("p", {}, "Recordings that nobody has changed since are removed, and those that they replaced come back."),
        h("div.row", {}, sure, h("button", { type: "button", onclick: () => drawLast(last) }, "Keep it")))
      sure.focus()
    } }, "Undo it")
    const sure = h("button", { type: "button", id: "undo-sure", onclick: () => attempt(async () => {
      const undone = await post(path(project, "imports", "undo"), { id: last.id })
      await read()
      const text = `${counted(undone.removed, "recording")} of the last import removed.`
      fill(outcome, h("p.good", {}, text), undone.kept.length === 0 ? null : h("div", {},
        h("p.finding.note", {}, "These were changed since, and stay:"),
        h("ul.bullets", {}, undone.kept.map((one) => h("li", {}, h("bdi", {}, one))))))
      announce(text)
    }, former) }, `Undo the import of ${what}`)
    const acts = h("div.stack", {}, h("div.row", {}, ask))
    fill(former, h("section.card.stack", { "aria-labelledby": "last-import" }, h("h2", { id: "last-import" },
      "The last import"), h("p", {}, `${what}, on ${last.date}.`), acts))
  }

  async function take(files) {
    if (isSending) return report(new Error("files are being sent: wait until they have arrived"))
    isSending = true
    await attempt(async () => {
      if (files.length === 1 && isTranslation(files[0].name)) {
        const draft = await sendTranslation(project, files[0])
        location.hash = address(project, "import", [draft.id])
        return
      }
      const back = await Promise.all(files.map(({ file }) => isReturned(file)))
      if (back.includes(true)) {
        if (back.includes(false)) {
          throw new Error("some of these files were sent back by a speaker or reviewer: drop those without the others")
        }
        await takeReturned(project, files)
        // Several of them are listed on this page.
        return await read()
      }
      const draft = await begin(project)
      const bar = h("progress", { "aria-label": "Sending" })
      const text = h("p.small", {})
      fill(sending, h("section.card.stack", {}, h("h2", {}, `Sending ${counted(files.length, "file")}`), bar, text,
        h("div.row", {}, h("button", { type: "button", onclick: () => stop.abort(new Error("nothing was imported")) },
          "Stop"))))
      // From here on a reload finds what has arrived.
      amendAddress(address(project, "import", [draft.id]))
      try {
        await send(project, draft.id, files, {
          signal: stop.signal,
          step: (arrived, sent, whole) => {
            bar.max = whole || 1
            bar.value = sent
            text.textContent = `${arrived} of ${files.length}, ${megabytes(sent)} of ${megabytes(whole)}`
          },
        })
        await post(path(project, "imports", draft.id, "plan"))
      } catch (fault) {
        await post(path(project, "imports", draft.id, "discard")).catch(() => {})
        amendAddress(address(project, "import"))
        throw fault
      } finally {
        fill(sending)
      }
      dispatchEvent(new HashChangeEvent("hashchange"))
    })
    isSending = false
  }

  await read()
  return {
    title: "Import",
    content: [
      h("p", {}, "Recordings that exist already: the names of the files show what they are, and you see what becomes "
        + "of each before anything is made. The files on your machine stay as they are."),
      drop?.place ?? h("p.note", {}, "This studio is read only: nothing can be imported."), sending, open,
      outcome, former, exportCard(project, languages),
    ],
    keys: drop ? [{ key: "o", does: "choose files", act: drop.choose }] : [],
    changed: read,
    close: () => stop.abort(new Error("the page was left")),
  }
}

// MARK: One import

async function one({ head, session, title }, id) {
  const project = head.id
  const readOnly = session.readOnly
  const at = (...parts) => path(project, "imports", id, ...parts)
  let view
  try {
    view = await get(at())
  } catch (fault) {
    if (!(fault instanceof Fault) || fault.status !== 404) throw fault
    return {
      title: "Import",
      content: [h("p.card", {}, "This import is finished, was discarded, or is more than a day old: nothing of its "
        + "files is kept."), h("p", {}, h("a.button.main", { href: address(project, "import") }, "Back to Import"))],
    }
  }
  if (view.head.kind === "return") return returned({ project, readOnly, view, title })
  if (view.head.kind === "words") {
    const part = translation({ project, view, readOnly })
    return {
      title: "A translator's file", content: [part.place],
      keys: readOnly ? [] : [{ key: "w", does: "write the changes", act: part.write }],
      changed: async () => {
        if (part.isWriting()) return
        try {
          part.take(await get(at()))
        } catch (fault) {
          if (fault.status !== 404) throw fault
        }
      },
    }
  }
  const sound = new Audio()
  const place = h("div.stack", {})
  const done = h("div.stack", { tabindex: "-1" })
  const planning = worker(project, `plan:${id}`, async (job) => {
    await read()
    if (job.state !== "done") return
    fill(planning.place)
    // The choices were changed while the files were read.
    if (view.plan === undefined) await plan()
  })
  const making = worker(project, `import:${id}`, made)
  const takes = new Map() // by the index of the file
  let saving = null
  let wanted = null // choices that were made since the last plan
  let isClosed = false
  let count = 0

  async function read() {
    take(await get(at()))
  }

  function take(next) {
    if (isClosed) return
    const hadTakes = view.takes.length > 0
    view = next
    wanted = null
    draw()
    if (hadTakes !== view.takes.length > 0) setKeys(keys())
  }

  const plan = (choices) => attempt(async () => planning.watch(await post(at("plan"), { choices })), place)

  // MARK: Corrections

  /** Sends the corrections of files, one request at a time: the next one carries the version of the last answer. */
  async function correct(files) {
    const before = saving
    const mine = (async () => {
      await before
      await attempt(async () => {
        try {
          const next = await post(at("rows"), { version: view.version, files })
          if (next.plan === undefined) {
            view = next
            await plan()
          } else if (saving === mine) take(next)
          else view = next
        } catch (fault) {
          if (fault instanceof Fault && fault.status === 409 && fault.current) take(fault.current)
          throw fault
        }
      })
    })()
    saving = mine
    await mine
    if (saving === mine) saving = null
  }

  function correctRow(row, change) {
    const given = { ...row.given, ...change }
    for (const key of Object.keys(given)) if (given[key] === "") delete given[key]
    correct([{ file: row.name, rows: Object.keys(given).length === 0 ? [] : [given] }])
  }

  const correctTake = (name, pieces) => correct([{ file: name, rows: pieces.map((piece) => ({
    start: Math.round(piece.start * 100) / 100, end: Math.round(piece.end * 100) / 100, language: piece.language,
    voice: piece.voice, prompt: piece.fate === "left-out" ? "-" : piece.prompt, doubt: piece.doubt,
  })) }])

  function hear(file, piece) {
    const part = piece ? `?${new URLSearchParams({ from: piece.start, to: piece.end })}` : ""
    sound.src = `/api/1/${at("sound", String(file))}${part}`
    sound.play().catch((fault) => {
      if (fault.name !== "AbortError") report(new Error("it cannot be played: it may hold no sound"))
    })
  }

  /** The languages of recordings whose speaker is not known: nobody has written down a consent. */
  function strangers() {
    const known = new Set(view.speakers.map((one) => `${one.language}/${one.voice}`))
    return [...new Set(placed().filter((row) => row.voice !== "synthetic" && !known.has(`${row.language}/${row.voice}`))
      .map((row) => row.language))]
  }

  // MARK: Making it

  const placed = () => view.rows.filter((row) => row.fate === "new" || row.fate === "replaces")
  const undecided = () => view.rows.filter((row) => row.fate === "open")

  async function make() {
    if (readOnly || placed().length === 0) return
    count = placed().length
    await attempt(async () => {
      while (saving) await saving
      try {
        await making.watch(await post(at("apply"), { version: view.version, plan: view.plan }))
      } catch (fault) {
        if (fault instanceof Fault && fault.status === 409 && fault.current) take(fault.current)
        throw fault
      }
    }, place)
  }

  async function made(job) {
    await read()
    if (job.state !== "done") return
    fill(making.place)
    const imported = counted(count || job.of, "recording")
    const rest = undecided().length
    fill(done, h("section.card.next.stack", {}, h("p", {}, h("b", {}, `${imported} imported.`), rest > 0
      ? ` ${counted(rest, "file or piece", "files or pieces")} below still ${rest === 1 ? "needs" : "need"} a decision.`
      : " Nothing is left to decide: remove the sent copies, and check the recordings."),
    h("div.row", {}, h("button.main", { type: "button", "data-finish": "", onclick: () => discard("check") },
      "Remove the copies, and check"),
    h("a.button", { href: address(project, "matrix") }, "Look at the matrix"))))
    done.focus()
    announce(done.innerText)
  }

  async function discard(to) {
    await attempt(async () => {
      await post(at("discard"))
      location.hash = address(project, to)
    }, place)
  }

  // MARK: Drawing

  const languageOf = (tag) => view.languages.find((one) => one.language.tag === tag)
  const itemsOf = (tag) => {
    const needed = languageOf(tag) ? new Set(languageOf(tag).items) : null
    return view.items.filter((item) => !needed || needed.has(item.id))
  }
  const voices = () => [...new Set([...view.speakers.map((one) => one.voice), ...view.rows.map((row) => row.voice),
    "f1", "f2", "m1", "m2", "synthetic"].filter(Boolean))].sort()

  function choices() {
    const now = view.choices
    const change = (part) => {
      wanted = { ...(wanted ?? now), ...part }
      plan(wanted)
    }
    const box = (key, text) => h("label.choice", {}, h("input", { type: "checkbox", checked: now[key],
      disabled: readOnly, "data-key": key, onchange: (event) => change({ [key]: event.target.checked }) }), text)
    const pick = (key, label, options, help) => field(label, select([["", "as each name says"], ...options],
      now[key] ?? "", (value) => change({ [key]: value || undefined }), { disabled: readOnly, "data-key": key }), help)
    const people = [...new Set(view.speakers.filter((one) => !one.withdrawn).map((one) => one.pseudonym))]
    return h("details.card.stack", { open: undecided().length > 0 || view.choices.language !== undefined },
      h("summary", {}, h("b", {}, "What holds for all files")),
      h("div.row", {},
        pick("language", "Language", view.languages.map((one) => [one.language.tag, one.language.english])),
        pick("speaker", "Speaker", people.map((name) => [name, name])),
        pick("voice", "Voice", voices().map((voice) => [voice, voice]), "f1 the first woman, m1 the first man")),
      h("div", {}, box("trustsNumbers", "Numbers are the messages' numbers, and do not only count the files"),
        box("replaces", "Replace recordings that are there; the old ones are kept in the project's directory 'takes'"),
        box("isLong", "Long takes: each file holds many messages, in the order of the script")))
  }

  /** A file that is one recording. */
  function line(row, index) {
    const isOpen = row.fate === "open" || row.isShown
    const language = languageOf(row.language)?.language
    const item = view.items.find((one) => one.id === row.prompt)
    const pick = (key, label, options, value) => select([["", `${label}: as its name says`], ...options], value ?? "",
      (chosen) => correctRow(row, { [key]: chosen }),
      { "aria-label": `${label} of ${row.name}`, "data-key": `${key}-${index}` })
    return h("li.file", {}, h("div.row.ends", {},
      h("span", {}, h("bdi.filename", {}, row.name), row.seconds > 0
        ? h("span.position", {}, ` ${row.seconds.toFixed(1)} s`) : null),
      h("span.row", {}, row.fate === "unusable" && row.seconds === 0 ? null
        : h("button.plain", { type: "button", "data-key": `hear-${index}`, "aria-label": `Hear ${row.name}`,
          onclick: () => hear(row.file) }, "Hear"),
      isOpen || readOnly || row.fate === "known" ? null : h("button.plain", { type: "button",
        "data-key": `change-${index}`, onclick: () => { row.isShown = true; draw(`language-${index}`) } }, "Correct"))),
    isOpen && !readOnly ? h("div.three", {},
      pick("language", "Language", view.languages.map((one) => [one.language.tag, one.language.english]),
        row.given?.language ?? row.language),
      pick("prompt", "Message", [["-", "leave it out"], ...itemsOf(row.language).map((one) => [one.id, itemName(one)])],
        row.given?.prompt ?? row.prompt),
      pick("voice", "Voice", voices().map((voice) => [voice, voice]), row.given?.voice ?? row.voice))
      : h("p", {}, [language?.english, row.voice, item ? itemName(item) : null].filter(Boolean).join(" · ")),
    row.text && language ? inLanguage(row.text, language, "p.text") : null,
    row.reasons.length > 0 ? h("p.quiet.small", {}, row.fate === "known" ? row.reasons.join(", ")
      : `by ${row.reasons.join(", ")}`, row.isConverted ? "; converted to WAV" : null) : null,
    row.replaces ? h("p.finding.warning", {}, `It replaces ${row.replaces}.`) : null,
    row.doubts.length > 0 ? h(`p.finding.${row.fate === "unusable" ? "error" : "warning"}`, {}, row.doubts.join("; "))
      : null,
    row.remarks.length > 0 ? h("p.finding.note", {}, row.remarks.join("; ")) : null,
    row.given && !readOnly ? h("p", {}, h("button.link", { type: "button", "data-key": `reset-${index}`,
      onclick: () => correct([{ file: row.name, rows: [] }]) }, "Undo the correction")) : null)
  }

  function section(name, rows, isOpen) {
    if (rows.length === 0) return null
    return h("details.card", { open: isOpen, "data-section": name }, h("summary", {}, h("h2.inline", {},
      `${name} (${rows.length})`)), h("ul.list", {}, rows.map((row) => line(row, view.rows.indexOf(row)))))
  }

  /** The takes of many messages, each with its waveform. */
  function takeCards() {
    for (const [file, one] of takes) {
      if (view.takes.some((take) => take.file === file)) continue
      one.part?.close()
      takes.delete(file)
    }
    return view.takes.map((take) => {
      const pieces = view.rows.filter((row) => row.file === take.file && row.start !== undefined)
      const known = takes.get(take.file)
      if (known) {
        known.part?.take(pieces)
        return known.card
      }
      const body = h("div", {})
      const open = pieces.filter((piece) => piece.uncertain).length
      const card = h("section.card.stack", { "aria-label": take.name }, h("h2", {}, h("bdi", {}, take.name)),
        h("p.quiet", {}, `${counted(pieces.length, "piece")} in ${Math.round(take.seconds)} s. There is no speech `
          + "recognition: a piece is known by its place and its length. Compare the text with what you hear"
          + (open > 0 ? `, above all of the ${counted(open, "uncertain piece")}.` : ".")), body)
      const entry = { card, part: null }
      takes.set(take.file, entry)
      levelsOf(take.file).then((levels) => {
        if (isClosed) return
        const now = view.rows.filter((row) => row.file === take.file && row.start !== undefined)
        const tag = now.find((piece) => piece.language)?.language
        entry.part = cuts({
          take, pieces: now, levels, items: itemsOf(tag), readOnly,
          language: languageOf(tag)?.language ?? { tag: "und", english: "the language" },
          changed: (list) => correctTake(take.name, list), hear: (piece) => hear(take.file, piece),
        })
        fill(body, entry.part.place)
      }, report)
      return card
    })
  }

  async function levelsOf(file) {
    const response = await fetch(`/api/1/${at("levels", String(file))}`)
    if (!response.ok) throw new Error("the waveform cannot be read: reload the page")
    return new Uint8Array(await response.arrayBuffer())
  }

  function draw(focus) {
    const key = focus ?? (place.contains(document.activeElement) ? document.activeElement.dataset.key : null)
    const opened = new Map([...place.querySelectorAll("details")].map((one) => [one.dataset.section, one.open]))
    title(view.head.files === 1 ? `Import of ${view.head.name}` : `Import of ${counted(view.head.files, "file")}`)
    if (view.plan === undefined) {
      fill(place, h("p", {}, `${counted(view.head.files, "file")} arrived, ${megabytes(view.head.size)}. `,
        "They have to be read before the plan can be shown."),
      h("div.row", {}, h("button.main", { type: "button", disabled: view.head.files === 0, onclick: () => plan() },
        "Read the files"), h("button", { type: "button", disabled: readOnly, onclick: () => discard("import") },
        "Discard")))
      return
    }
    const takeFiles = new Set(view.takes.map((take) => take.file))
    const rows = view.rows.filter((row) => !takeFiles.has(row.file))
    const of = (...fates) => rows.filter((row) => fates.includes(row.fate))
    const [news, open] = [placed().length, undecided().length]
    fill(place,
      h("div.card.next", {}, h("p", {}, news === 0 ? "Nothing can be imported yet."
        : `${counted(news, "recording")} can be imported now.`, open === 0 ? null : open === 1
        ? " One file or piece needs a decision first, and stays out until then."
        : ` ${open} files or pieces need a decision first, and stay out until then.`)),
      view.remarks.length > 0 ? h("ul.stack", {}, view.remarks.map((one) => h("li.finding.note", {}, one))) : null,
      strangers().map((tag) => h("p", {}, h("a", { href: address(project, "booth", [tag]) },
        `Add the speaker of ${languageOf(tag)?.language.english ?? tag}, with the consent, in the booth`))),
      h("div.row", {}, h("button.main", { type: "button", "data-key": "make", disabled: readOnly || news === 0,
        onclick: make }, `Import ${counted(news, "recording")}`),
      h("button", { type: "button", "data-key": "discard", disabled: readOnly, onclick: () => discard("import") },
        "Discard the plan and the files"),
      h("a", { href: `/api/1/${at("map")}`, download: "" }, "The plan as a table (CSV)")),
      choices(),
      takeCards(),
      section("Need a decision", of("open"), true),
      section("To import", of("new", "replaces"), true),
      section("Cannot be used", of("unusable"), true),
      section("Imported already", of("known"), false),
      section("Left out", of("left-out"), false),
      view.leftOut.length === 0 ? null : h("details.card", { "data-section": "aside" }, h("summary", {},
        h("h2.inline", {}, `No recordings (${view.leftOut.length})`)), h("ul.list", {}, view.leftOut.map((one) =>
        h("li", {}, h("bdi.filename", {}, one.name), h("span.quiet", {}, ` ${one.why}`))))))
    for (const one of place.querySelectorAll("details")) {
      if (opened.get(one.dataset.section) !== undefined) one.open = opened.get(one.dataset.section)
    }
    if (key) place.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus()
  }

  const first = () => [...takes.values()].map((one) => one.part).filter(Boolean)
    .find((part) => part.place.contains(document.activeElement)) ?? [...takes.values()][0]?.part

  /** The keys of a take are there where there is one. */
  function keys() {
    const change = readOnly ? [] : [
      { key: "c", does: "move its cuts", act: () => first()?.focusCut() },
      { key: "y", does: "it is this message", act: () => first()?.confirm() },
      { key: "x", does: "leave it out", act: () => first()?.leaveOut() },
    ]
    return [...(view.takes.length === 0 ? [] : [
      { key: "j", does: "next piece", act: () => first()?.choose(1) },
      { key: "k", does: "piece before", act: () => first()?.choose(-1) },
      { key: "p", does: "hear it", act: () => first()?.hear() },
      ...change,
    ]), ...(readOnly ? [] : [{ key: "i", does: "import", act: make }])]
  }

  draw()
  planning.resume()
  making.resume()
  if (view.plan === undefined && view.head.files > 0) plan()
  return {
    title: view.head.files === 1 ? `Import of ${view.head.name}` : `Import of ${counted(view.head.files, "file")}`,
    content: [done, planning.place, making.place, place],
    keys: keys(),
    changed: async () => {
      if (saving || [...takes.values()].some((one) => one.part?.isDirty())) return
      try {
        await read()
      } catch (fault) {
        if (fault.status !== 404) throw fault
      }
    },
    close: () => {
      for (const one of takes.values()) one.part?.close()
      isClosed = true
      sound.pause()
      planning.close()
      making.close()
    },
  }
}
