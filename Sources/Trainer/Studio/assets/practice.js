// Practice: a device on the page. Its buttons close contacts of simulated lines; what is heard left a simulated card.
import { fill, h } from "./dom.js"
import { get, line, listen, path, post } from "./api.js"
import { address, amendAddress, announce, attempt, field, report, select } from "./shell.js"
import { areKeysOn, setKeys } from "./keys.js"
import { player } from "./player.js"
import { journalRows, zone } from "./journal.js"

const states = { ready: "ready", draft: "ready, with a draft kit", playing: "speaks", waiting: "waits for an answer",
  error: "cannot play" }

/** The names of keys that have no letter. */
const keyNames = { " ": "space", ">": "> →", "<": "< ←" }

export async function practice({ head, place, title }) {
  let query = { ...place.query }
  let offer = await get(path(head.id, "practice"))
  let now = offer.practice ?? null
  let sound = null
  let chain = Promise.resolve()
  let lines = -1
  let isReading = false
  const held = new Map()
  const ending = new AbortController()

  const top = h("div.stack", {})
  const device = h("div.device", { dir: "ltr", role: "group" })
  const lamps = h("ul.lamps.row", { "aria-label": "Lights" })
  const facts = h("dl.facts", {})
  const hint = h("p.small.hint", {})
  const meter = h("meter", { min: 0, max: 1, low: 0, "aria-label": "Sound" })
  const heard = h("p.small.quiet", {})
  const hereInstead = h("button", { type: "button", hidden: true, onclick: () => sound?.takeOver() }, "Hear it here")
  const drill = h("section.card.stack", { "aria-label": "Drill" })
  const journal = h("ol.journal", {})
  const acts = h("div.row", {})
  const side = h("div.stack", {}, h("section.card.stack", { "aria-label": "State" }, facts), drill)
  const bottom = h("div.stack", {})
  const stage = h("div.stage", { hidden: true },
    h("section.stack", { "aria-label": "The device" }, lamps, device, hint,
      h("div.sound", {}, meter, heard, hereInstead)), side)
  const record = h("section.card.stack", { hidden: true }, h("h2", {}, "Journal"),
    h("div.scroll.log", { tabindex: "0", role: "region", "aria-label": "Journal" }, journal), acts)

  const isOver = () => !now || now.phase === "ended"

  // MARK: Before and after

  function choose(changes) {
    query = { ...query, ...changes }
    amendAddress(address(head.id, "practice", [], query))
  }

  function starter() {
    if (offer.boards.length === 0) {
      return h("p.note", {}, "There is no board file beside the catalogue, in Hardware/boards, so there is no device to ",
        "practise with.")
    }
    const boards = offer.boards.map((one) => [one.file, `${one.name} (${one.buttons} buttons, ${
      one.lamps === 0 ? "no light" : one.lamps === 1 ? "1 light" : `${one.lamps} lights`})`])
    const board = offer.boards.some((one) => one.file === query.board) ? query.board
      : (offer.boards.find((one) => one.file === "raspberry-pi.yaml") ?? offer.boards[0])?.file
    const kit = offer.kits.some((one) => one.file === query.kit) ? query.kit : ""
    const kits = [["", "the project as it is now"], ...offer.kits.map((one) => [one.file, one.file])]
    const tasks = h("input", { type: "checkbox", checked: query.drill === "1",
      onchange: (event) => choose({ drill: event.target.checked ? "1" : "" }) })
    const form = h("form.card.stack", { onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => {
        take(await post(path(head.id, "practice"), { kit: query.kit || undefined, board: query.board ?? board,
          drill: query.drill === "1" }))
      }, form)
    } },
    h("p", {}, "The device of your kit, on this page: nothing is written to the project, and its journal is forgotten",
      " when the program ends."),
    h("div.row", {}, field("Play", select(kits, kit, (file) => choose({ kit: file }))),
      field("Board", select(boards, board, (file) => choose({ board: file })))),
    h("label.choice", {}, tasks, "Give me tasks (a drill)"),
    h("div.row.end", {}, h("button.main", { type: "submit", "data-harmless": true, id: "begin" }, "Begin ",
      h("kbd", {}, "b"))))
    return form
  }

  function problems() {
    const { end, log } = now.live
    return [end.map((one) => h(one.severity === "note" ? "p.note" : "p.finding.error", {}, line(one))),
      log.length > 0 ? h("pre.scroll", { tabindex: "0", role: "region", "aria-label": "Last lines of firstwordd" },
        log.join("\n")) : null]
  }

  function drawTop() {
    if (isOver()) {
      fill(top, now ? [h("p", {}, "The practice has ended."), problems()] : null, starter())
    } else if (now.phase === "running") {
      const other = now.project === head.id ? null : h("p.note", {}, `This device plays the project '${now.project}'.`)
      fill(top, h("div.row", {}, h("p", {}, h("b", {}, `${now.kit.name} ${now.kit.version}`),
        now.kit.draft ? " (draft: practise only)" : "", ` on ${now.board}`),
      h("button", { type: "button", onclick: end, id: "end" }, "End ", h("kbd", {}, "e"))), other)
    } else {
      const bar = h("progress", { "aria-label": "Progress" })
      if (now.live.of) [bar.max, bar.value] = [now.live.of, now.live.done]
      fill(top, h("p", { role: "status" }, now.phase === "building" ? "The recordings become a kit for this practice…"
        : "The device starts…"), bar)
    }
  }

  async function end() {
    await attempt(() => post("practice/end"))
  }

  // MARK: The device

  function drawDevice() {
    device.setAttribute("aria-label", `Buttons of ${now.board}`)
    const own = now.contacts.filter((one) => !one.isForListener)
    const listeners = now.contacts.filter((one) => one.isForListener)
    const columns = Math.max(...own.map((one) => one.column + one.columns - 1), listeners.length > 0 ? 4 : 1)
    const rows = Math.max(...own.map((one) => one.row + one.rows - 1))
    device.style.setProperty("--columns", columns)
    const width = listeners.length > 0 ? Math.max(...listeners.map((one) => one.column + one.columns - 1)) : 0
    fill(device, own.map((one) => cell(one, one.row, one.column)),
      listeners.length > 0 ? heading(rows + 1, columns) : null,
      listeners.map((one) => cell(one, rows + 1 + one.row, one.column + Math.max(0, Math.floor((columns - width) / 2)))))
    fill(lamps, now.lamps.map((one) => h("li.lamp", {}, h("span.bulb", { "aria-hidden": "true" }),
      h("span", {}, one.name, h("span.quiet", {}, ` ${one.shows.join(", ")}`)))))
    lamps.hidden = now.lamps.length === 0
  }

  function heading(row, columns) {
    const text = h("p.small.quiet.reach", {}, "In the listener's reach")
    text.style.setProperty("grid-area", `${row} / 1 / span 1 / span ${columns}`)
    return text
  }

  function cell(one, row, column) {
    const key = one.key && keyNames[one.key] || one.key
    const isPlain = one.label === one.words || (!one.label && key === one.words)
    const button = h(`button${one.button === "stop" ? ".halt" : ""}`, { type: "button", "data-contact": one.number },
      one.label && !isPlain ? h("span.cap", {}, one.label) : null,
      h("span.does", {}, one.words),
      one.hold ? h("span.held", {}, `held: ${one.hold}`) : null,
      one.withStop ? h("span.held", {}, `with STOP: ${one.withStop}`) : null,
      // The keys of a pad are on the pad; Num Lock is a key of its own everywhere.
      key && (!one.code || one.code === "NumLock") && key !== one.words ? h("kbd", { "aria-hidden": "true" }, key) : null)
    button.style.setProperty("grid-area", `${row} / ${column} / span ${one.rows} / span ${one.columns}`)
    return button
  }

  /** Sends a change of a contact after the ones before it: the order of presses is what is practised. */
  function send(contact, isDown) {
    device.querySelector(`[data-contact="${contact}"]`)?.classList.toggle("down", isDown)
    chain = chain.then(() => post(`practice/contacts/${contact}`, { isDown })).catch(report)
  }

  function press(contact, by) {
    if (held.has(by)) return
    held.set(by, contact)
    send(contact, true)
  }

  function release(by) {
    const contact = held.get(by)
    if (contact === undefined) return
    held.delete(by)
    if (![...held.values()].includes(contact)) send(contact, false)
  }

  const contactOf = (target) => {
    const number = target instanceof Element ? target.closest("[data-contact]")?.dataset.contact : undefined
    return number === undefined ? undefined : Number(number)
  }

  device.addEventListener("pointerdown", (event) => {
    const contact = contactOf(event.target)
    if (contact === undefined || event.button !== 0) return
    // The focus stays where it is: the space bar goes on to stop.
    event.preventDefault()
    event.target.closest("button").setPointerCapture(event.pointerId)
    press(contact, `pointer ${event.pointerId}`)
  })
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
    device.addEventListener(kind, (event) => release(`pointer ${event.pointerId}`))
  }
  device.addEventListener("contextmenu", (event) => event.preventDefault())
  // An aid that clicks presses for a moment. A click of a mouse has come as pointer events.
  device.addEventListener("click", (event) => {
    const contact = contactOf(event.target)
    if (contact === undefined || event.detail !== 0) return
    press(contact, "click")
    setTimeout(() => release("click"), 100)
  })

  /** The contact that a key presses: the focused button by Enter and Space, else the device's own key. */
  function contactFor(event) {
    const focused = contactOf(event.target)
    if (focused !== undefined && (event.code === "Enter" || event.code === "Space" || event.key === " "
      || event.key === "Enter") && event.code !== "NumpadEnter") return focused
    if (!areKeysOn()) return undefined
    const target = event.target
    if (target instanceof Element && target.matches("input:not([type=checkbox]), select, textarea")) return undefined
    if (target instanceof Element && target.matches("a, summary, button:not([data-contact])")
      && (event.key === "Enter" || event.key === " ")) return undefined
    const own = now.contacts.filter((one) => !one.isForListener)
    if (event.key === "Escape") return own.find((one) => one.button === "stop")?.number
    const found = own.find((one) => one.code && one.code === event.code) ?? own.find((one) => one.key === event.key)
    return found?.number
  }

  const nameOf = (event) => `key ${event.code || event.key}`

  document.addEventListener("keydown", (event) => {
    if (now?.phase !== "running" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return
    const contact = contactFor(event)
    if (contact === undefined) return
    event.preventDefault()
    event.stopPropagation()
    if (!event.repeat) press(contact, nameOf(event))
  }, { capture: true, signal: ending.signal })
  document.addEventListener("keyup", (event) => {
    if (!held.has(nameOf(event))) return
    event.preventDefault()
    release(nameOf(event))
  }, { capture: true, signal: ending.signal })
  const releaseAll = () => { for (const by of [...held.keys()]) release(by) }
  addEventListener("blur", releaseAll, { signal: ending.signal })
  document.addEventListener("visibilitychange", () => { if (document.hidden) releaseAll() }, { signal: ending.signal })

  // MARK: What it does

  function drawLive() {
    const live = now.live
    const fact = (name, value) => (value ? [h("dt", {}, name), h("dd", {}, value)] : [])
    fill(facts, fact("The device", states[live.state] ?? live.state), fact("Language", live.language ?? "none chosen"),
      fact("Now", live.now), fact("Typed", live.typed), fact("Settings", live.settings))
    facts.dataset.state = live.state ?? ""
    for (const [index, lamp] of [...lamps.children].entries()) lamp.classList.toggle("lit", live.lit[index] === true)
    const down = new Set([...live.down, ...held.values()])
    for (const button of device.querySelectorAll("[data-contact]")) {
      button.classList.toggle("down", down.has(Number(button.dataset.contact)))
    }
    const text = live.hint ? `No message: ${live.hint}.` : ""
    if (hint.textContent !== text) {
      hint.textContent = text
      if (text) announce(text)
    }
    drawDrill(live.drill)
    if (live.lines !== lines) readJournal()
  }

  let drawnDrill = ""
  function drawDrill(task) {
    const text = JSON.stringify([task, now.modes])
    if (text === drawnDrill) return
    drawnDrill = text
    if (!task) {
      return fill(drill, h("h2", {}, "Drill"), h("p", {}, "A person who does not speak your language sits before you. ",
        "You get tasks, and hear what was right."), h("div.row", {}, ways(), beginDrill("Begin a drill")))
    }
    const last = task.remarks.at(-1)
    if (last) announce(last.text)
    fill(drill, h("h2", {}, task.isDone ? "Drill" : `Task ${task.task} of ${task.of}`),
      task.isDone ? h("p.good", {}, `All ${task.of} tasks are done in ${task.seconds} s, with ${
        task.mistakes === 1 ? "1 mistake" : `${task.mistakes} mistakes`}.`) : h("p.task", {}, task.words),
      h("ul.stack.remarks", {}, task.remarks.map((one) => h(`li.${one.kind}`, {}, one.text))),
      h("div.row", {}, task.isDone ? ways() : null, beginDrill(task.isDone ? "Again" : "Begin anew"),
        h("button", { type: "button", onclick: () => setDrill(false) }, "End the drill")))
  }

  const answers = h("select", {})
  function ways() {
    if (now.modes.length < 2) return null
    const chosen = answers.value
    fill(answers, [["", "as the kit begins, and the next"], ...now.modes.map((mode) => [mode, `by ${mode}`])]
      .map(([value, text]) => h("option", { value, selected: value === chosen }, text)))
    return field("The person answers", answers)
  }

  const beginDrill = (text) => h("button", { type: "button", onclick: () => setDrill(true) }, text, " ",
    h("kbd", {}, "t"))

  async function setDrill(isOn) {
    await attempt(() => post("practice/drill", { isOn, answers: answers.value || undefined }))
  }

  async function readJournal() {
    if (isReading) return
    isReading = true
    try {
      const wanted = now.live.lines
      if (wanted > 0) {
        const view = await get(`practice/journal?zone=${encodeURIComponent(zone())}`)
        fill(journal, view.sessions.flatMap((one) => journalRows(one)))
        journal.parentElement.scrollTop = journal.parentElement.scrollHeight
        const link = (text, redacted) => h("a.button", { href: sheet(redacted), target: "_blank", rel: "noopener" },
          text)
        fill(acts, view.sessions.length > 0 ? [link(["Hand-over sheet ", h("kbd", {}, "h")], false),
          link("Redacted", true), h("span.small.quiet", {}, "opens a page to print")] : null)
        record.hidden = view.sessions.length === 0
      }
      lines = wanted
    } catch (fault) {
      if (fault.status !== 404) report(fault)
    } finally {
      isReading = false
      if (now && now.live.lines !== lines && now.live.lines > 0 && !ending.signal.aborted) setTimeout(readJournal, 300)
    }
  }

  const sheet = (redacted) => `/api/1/practice/sheet?zone=${encodeURIComponent(zone())}${redacted ? "&redacted=1" : ""}`

  function showSound(state) {
    meter.value = state.peak
    const gaps = state.gaps === 0 ? "" : ` ${state.gaps === 1 ? "1 gap" : `${state.gaps} gaps`} so far: the browser was`
      + " late."
    hereInstead.hidden = !state.isElsewhere
    meter.dataset.elsewhere = state.isElsewhere
    const text = state.isElsewhere ? "Another page of this browser plays the sound."
      : state.isMute ? "This browser has no sound here: the meter shows when the device speaks."
      : state.delay === null ? "The sound begins when you press something."
      : `You hear the device ${state.delay.toFixed(1)} s later than it speaks.${gaps}`
    if (heard.textContent !== text) heard.textContent = text
    Object.assign(meter.dataset, { frames: state.frames, energy: state.energy, played: state.played, gaps: state.gaps })
  }

  // MARK: The course

  let drawn = ""
  function take(view) {
    const before = now
    now = view
    const key = `${view.id} ${view.phase}`
    if (key !== drawn) {
      if (before?.id !== view.id) {
        lines = -1
        record.hidden = true
        fill(journal)
      }
      drawn = key
      stage.hidden = view.phase !== "running"
      ;(view.phase === "running" ? side : bottom).append(record)
      if (view.phase === "running") {
        drawDevice()
        sound ??= player(showSound)
      } else {
        sound?.close()
        sound = null
        held.clear()
      }
      drawTop()
      setKeys(keys())
      // What had the focus may be gone.
      if (document.activeElement === document.body) document.querySelector("h1")?.focus()
      if (before && before.phase !== view.phase) announce(view.phase === "ended" ? "The practice has ended"
        : view.phase === "running" ? "The device is ready" : "")
    } else if (view.phase !== "running" && view.phase !== "ended") {
      drawTop()
    }
    if (view.phase === "running") drawLive()
    else if (view.live.lines !== lines) readJournal()
  }

  async function refresh() {
    offer = await get(path(head.id, "practice"))
    if (offer.practice) take(offer.practice)
    else {
      now = null
      drawTop()
    }
  }

  function keys() {
    if (isOver()) return [{ key: "b", does: "begin", act: () => document.getElementById("begin")?.click() }]
    if (now.phase !== "running") return []
    const isPad = now.contacts.some((one) => one.key === "0")
    return [{ key: "Escape", does: "STOP" }, isPad ? { key: "0–9", does: "digits of the device" } : null,
      { key: "t", does: "drill", act: () => setDrill(true) },
      { key: "h", does: "hand-over sheet", act: () => acts.querySelector("a")?.click() },
      { key: "e", does: "end", act: end }].filter(Boolean)
  }

  const stop = listen((kind, data) => {
    if (kind === "again") return attempt(refresh)
    if (kind !== "practice") return
    if (now?.id === data.id && (now.phase === data.phase || data.phase === "ended")) {
      take({ ...now, phase: data.phase, live: data.live })
    } else {
      attempt(refresh)
    }
  })
  // While no sound is followed, this tells the program that a page is here.
  const pulse = setInterval(() => { if (now && !isOver() && !sound) get("practice").then(take, () => {}) }, 10_000)

  if (now) take(now)
  else drawTop()
  title("Practice")
  return {
    title: "Practice",
    content: [top, stage, bottom],
    keys: keys(),
    update: async ({ query: to }) => {
      query = { ...to }
      if (isOver()) drawTop()
    },
    close: () => {
      releaseAll()
      ending.abort()
      stop()
      clearInterval(pulse)
      sound?.close()
    },
  }
}
practice.label = "Practice"
