// A long take as a waveform, with a cut before and after each piece. Time runs from left to right in every language.
import { counted, fill, h, inLanguage, itemName } from "./dom.js"
import { select } from "./shell.js"

/** The smallest step of a cut, and the large one, in seconds. */
const step = 0.01
const stride = 0.1
/** What is shown beside a piece, in seconds. */
const margin = 1.5

/** Returns a time as `1:02.34`. */
export function clock(seconds) {
  const hundredths = Math.round(seconds * 100)
  const minutes = Math.floor(hundredths / 6000)
  return `${minutes}:${((hundredths - minutes * 6000) / 100).toFixed(2).padStart(5, "0")}`
}

const rounded = (seconds) => Math.round(seconds * 100) / 100

/**
 * The pieces of one take.
 *
 * @param {object} options `take` and `pieces` as the view has them; `levels` are the highest amplitudes of each
 *   hundredth of a second; `items` and `language` name the messages; `changed` gets all pieces after a change; `hear`
 *   gets a piece.
 */
export function cuts({ take, pieces, levels, items, language, readOnly, changed, hear }) {
  let list = pieces.map((piece) => ({ ...piece }))
  let at = Math.max(0, list.findIndex((piece) => piece.uncertain))
  let timer = null
  const byID = new Map(items.map((item) => [item.id, item]))

  const overview = h("canvas.take", { "aria-hidden": "true", onclick: (event) => {
    const box = overview.getBoundingClientRect()
    const time = (event.clientX - box.left) / box.width * take.seconds
    const distance = (piece) => Math.max(piece.start - time, time - piece.end, 0)
    choose(list.reduce((best, piece, index) => (distance(piece) < distance(list[best]) ? index : best), 0))
  } })
  const canvas = h("canvas", { "aria-hidden": "true" })
  const handles = { start: handle("start"), end: handle("end") }
  const wave = h("div.wave", { dir: "ltr" }, canvas, handles.start, handles.end)
  const title = h("p.row", {})
  const rows = h("ol.list.pieces", {})
  const missing = h("p.quiet.small", {})
  const place = h("div.stack", {}, h("div", { dir: "ltr" }, overview), title, wave, h("p.quiet.small", {},
    "Arrow keys move a cut by 10 ms, with Shift by 100 ms; Tab goes to the other cut."), rows, missing)

  const name = (piece) => (piece.fate === "left-out" ? "left out" : byID.has(piece.prompt)
    ? itemName(byID.get(piece.prompt)) : "no message chosen")

  /** The part of the take that the large drawing shows. */
  function range() {
    const piece = list[at]
    return { from: Math.max(0, piece.start - margin), to: Math.min(take.seconds, piece.end + margin) }
  }

  // Both ends of the drawing stay where they are while a cut moves.
  let shown = null

  function handle(edge) {
    const element = h(`div.cut.${edge}`, {
      role: "slider", tabindex: readOnly ? "-1" : "0", "aria-orientation": "horizontal",
      "aria-disabled": readOnly ? "true" : null,
      onkeydown: (event) => {
        const large = event.shiftKey || event.key.startsWith("Page")
        const sign = { ArrowLeft: -1, ArrowDown: -1, PageDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 1 }[event.key]
        if (!sign || event.ctrlKey || event.altKey || event.metaKey) return
        event.preventDefault()
        move(edge, list[at][edge] + sign * (large ? stride : step))
      },
      onpointerdown: (event) => {
        if (readOnly) return
        element.setPointerCapture(event.pointerId)
        element.focus()
        event.preventDefault()
      },
      onpointermove: (event) => {
        if (!element.hasPointerCapture(event.pointerId)) return
        const box = wave.getBoundingClientRect()
        move(edge, shown.from + (event.clientX - box.left) / box.width * (shown.to - shown.from))
      },
    })
    return element
  }

  function move(edge, to) {
    if (readOnly) return
    const piece = list[at]
    const time = rounded(edge === "start" ? Math.min(Math.max(0, to), piece.end - 0.1)
      : Math.max(Math.min(take.seconds, to), piece.start + 0.1))
    if (time === piece[edge]) return
    piece[edge] = time
    piece.seconds = piece.end - piece.start
    if (time < shown.from || time > shown.to) shown = range()
    drawWave()
    drawRow(at)
    report(400)
  }

  /** Reports a change, after a pause in which there may be more. */
  function report(pause = 0) {
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = null
      changed(list)
    }, pause)
  }

  function choose(index, focus) {
    at = Math.max(0, Math.min(list.length - 1, index))
    shown = range()
    for (const [number, row] of [...rows.children].entries()) row.classList.toggle("chosen", number === at)
    drawWave()
    if (focus) rows.children[at]?.querySelector("button")?.focus()
    rows.children[at]?.scrollIntoView({ block: "nearest" })
  }

  function setPrompt(index, prompt) {
    const piece = list[index]
    piece.fate = prompt === "-" ? "left-out" : "open"
    piece.prompt = prompt === "-" || prompt === "" ? undefined : prompt
    confirm(index)
  }

  /** The piece is what it says: the doubt ends. */
  function confirm(index) {
    list[index].doubt = undefined
    list[index].uncertain = false
    drawRow(index)
    report()
  }

  /** Cuts a piece in two, in its longest pause. */
  function split(index) {
    const piece = list[index]
    const middle = quietest(piece)
    const second = { ...piece, start: middle, prompt: undefined, fate: "open", doubt: "was cut off from another piece",
      uncertain: true }
    piece.end = middle
    list.splice(index + 1, 0, second)
    draw()
    report()
  }

  /** The time in the middle half of a piece where it is most quiet for 100 ms. */
  function quietest(piece) {
    const from = Math.round((piece.start + piece.seconds / 4) * 100)
    const to = Math.round((piece.end - piece.seconds / 4) * 100)
    let best = { time: (piece.start + piece.end) / 2, level: Infinity }
    for (let index = from; index + 10 < to; index += 1) {
      const level = levels.subarray(index, index + 10).reduce((sum, one) => sum + one, 0)
      if (level < best.level) best = { time: (index + 5) / 100, level }
    }
    return rounded(best.time)
  }

  const colour = (name) => getComputedStyle(place).getPropertyValue(name).trim()

  function prepare(canvas, height) {
    const ratio = devicePixelRatio || 1
    const width = canvas.clientWidth
    canvas.width = Math.max(1, Math.round(width * ratio))
    canvas.height = Math.round(height * ratio)
    const pen = canvas.getContext("2d")
    pen.scale(ratio, ratio)
    return { pen, width, height }
  }

  function drawLevels({ pen, width, height }, from, to, highest) {
    pen.fillStyle = colour("--ink")
    for (let x = 0; x < width; x += 1) {
      const first = Math.floor((from + (x / width) * (to - from)) * 100)
      const last = Math.max(first + 1, Math.floor((from + ((x + 1) / width) * (to - from)) * 100))
      let level = 0
      for (let index = first; index < last && index < levels.length; index += 1) level = Math.max(level, levels[index])
      const size = Math.max(1, (level / highest) * (height - 4))
      pen.fillRect(x, (height - size) / 2, 1, size)
    }
  }

  const highest = Math.max(8, levels.reduce((most, level) => Math.max(most, level), 0))

  function band(piece) {
    return colour(piece.fate === "left-out" ? "--missing" : piece.uncertain || piece.fate === "open" ? "--findings"
      : "--approved")
  }

  function drawWave() {
    const small = prepare(overview, 56)
    for (const [index, piece] of list.entries()) {
      small.pen.fillStyle = band(piece)
      const x = (piece.start / take.seconds) * small.width
      const width = Math.max(1, ((piece.end - piece.start) / take.seconds) * small.width)
      small.pen.fillRect(x, 0, width, small.height)
      if (index === at) {
        small.pen.strokeStyle = colour("--accent")
        small.pen.lineWidth = 3
        small.pen.strokeRect(x, 1.5, width, small.height - 3)
      }
    }
    drawLevels(small, 0, take.seconds, highest)
    const piece = list[at]
    shown ??= range()
    const large = prepare(canvas, 144)
    const x = (time) => ((time - shown.from) / (shown.to - shown.from)) * large.width
    for (const one of list) {
      large.pen.fillStyle = band(one)
      large.pen.globalAlpha = one === piece ? 1 : 0.35
      large.pen.fillRect(x(one.start), 0, x(one.end) - x(one.start), large.height)
    }
    large.pen.globalAlpha = 1
    drawLevels(large, shown.from, shown.to, highest)
    for (const edge of ["start", "end"]) {
      const element = handles[edge]
      element.style.setProperty("left", `${(x(piece[edge]) / large.width) * 100}%`)
      element.setAttribute("aria-label", `${edge === "start" ? "Start" : "End"} of ${name(piece)}`)
      element.setAttribute("aria-valuemin", "0")
      element.setAttribute("aria-valuemax", String(take.seconds))
      element.setAttribute("aria-valuenow", String(piece[edge]))
      element.setAttribute("aria-valuetext", clock(piece[edge]))
    }
    fill(title, h("b", {}, `Piece ${at + 1} of ${list.length}: `, name(piece)),
      h("span.position", {}, `${clock(piece.start)} to ${clock(piece.end)}`))
  }

  function row(index) {
    const piece = list[index]
    const isOut = piece.fate === "left-out"
    const choices = [["", "choose the message"], ["-", "leave it out"],
      ...items.map((item) => [item.id, itemName(item)])]
    return h("li.piece", { onfocusin: () => { if (at !== index) choose(index) } },
      h("div.row", {},
        h("button.plain", { type: "button", "data-key": `hear-${index}`, onclick: () => hear(list[index]),
          "aria-label": `Hear piece ${index + 1}` }, "Hear"),
        h("span.position", { dir: "ltr" }, `${clock(piece.start)} – ${clock(piece.end)}`),
        select(choices, isOut ? "-" : piece.prompt ?? "", (value) => setPrompt(index, value),
          { "data-key": `prompt-${index}`, "aria-label": `Message of piece ${index + 1}`, disabled: readOnly })),
      piece.text && !isOut ? inLanguage(piece.text, language, "p.text") : null,
      piece.doubts.length > 0 ? h("p.finding.warning", {}, `${piece.doubts.join("; ")}.`, piece.uncertain
        && piece.chance !== undefined ? ` By its place and length alone, the message is ${
          Math.min(99, Math.round(piece.chance * 100))} % likely.` : null) : null,
      piece.remarks.length > 0 ? h("p.finding.note", {}, piece.remarks.join("; ")) : null,
      readOnly ? null : h("div.row", {},
        piece.uncertain && !isOut && piece.prompt ? h("button.plain", { type: "button", "data-key": `yes-${index}`,
          onclick: () => confirm(index) }, "It is this message") : null,
        isOut || piece.seconds < 0.6 ? null : h("button.plain", { type: "button", "data-key": `split-${index}`,
          onclick: () => split(index) }, "Cut in two")))
  }

  function drawRow(index) {
    const old = rows.children[index]
    const key = old?.contains(document.activeElement) ? document.activeElement.dataset.key : null
    const next = row(index)
    next.classList.toggle("chosen", index === at)
    old.replaceWith(next)
    if (key) next.querySelector(`[data-key="${key}"]`)?.focus()
  }

  function draw() {
    const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : null
    fill(rows, list.map((_, index) => row(index)))
    rows.children[at]?.classList.add("chosen")
    if (key) rows.querySelector(`[data-key="${key}"]`)?.focus()
    const said = new Set(list.filter((piece) => piece.fate !== "left-out").map((piece) => piece.prompt))
    const rest = items.filter((item) => !said.has(item.id))
    missing.textContent = rest.length === 0 ? "" : `${counted(rest.length, "message")} of ${language.english} ${
      rest.length === 1 ? "is" : "are"} not in this take: ${rest.map(itemName).join(", ")}.`
    drawWave()
  }

  const resized = new ResizeObserver(() => drawWave())
  const scheme = matchMedia("(prefers-color-scheme: dark)")
  scheme.addEventListener("change", drawWave)
  draw()
  resized.observe(wave)
  return {
    place,
    /** Takes the pieces as the program sees them after a change; what was changed since then stays. */
    take(next) {
      if (timer !== null) return
      // How sure the program was is known of the pieces that it cut itself.
      const chances = next.length === list.length ? list.map((piece) => piece.chance) : []
      list = next.map((piece, index) => ({ chance: chances[index], ...piece }))
      at = Math.min(at, list.length - 1)
      draw()
    },
    choose: (by) => choose(at + by, true),
    hear: () => hear(list[at]),
    confirm: () => { if (!readOnly && list[at].prompt) confirm(at) },
    leaveOut: () => { if (!readOnly) setPrompt(at, list[at].fate === "left-out" ? "" : "-") },
    focusCut: () => handles.start.focus(),
    isDirty: () => timer !== null,
    close() {
      if (timer !== null) changed(list)
      clearTimeout(timer)
      resized.disconnect()
      scheme.removeEventListener("change", drawWave)
    },
  }
}
