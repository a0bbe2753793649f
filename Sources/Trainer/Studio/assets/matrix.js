// Matrix: languages by messages. One letter and one colour a cell; arrows move, Enter opens.
import { counted, fill, h, itemName } from "./dom.js"
import { get, path } from "./api.js"
import { address, amendAddress, badge, field, languageName, select, stateOf, states } from "./shell.js"

const layers = [["cells", "wording and recording"], ["wordings", "wordings"], ["recordings", "recordings"]]
const work = { record: ["recording", "recordings"], review: ["review", "reviews"], words: ["wording", "wordings"] }

export async function matrix({ head, place, views }) {
  const project = head.id
  let query = { ...place.query }
  let view = await get(path(project, "matrix"))
  const wrap = h("div.matrix", {})
  const cellLine = h("div.cell-line.card", {})
  const legend = h("div.legend", { role: "group", "aria-label": "Show only these states" })
  const sum = h("p.small.quiet", { role: "status" })
  const dues = h("section.card", { "aria-labelledby": "due" })
  let rows = []
  let columns = []
  let at = null

  /** Letters that are shown; empty: all. */
  const wanted = () => new Set(query.state ?? "")
  const letters = () => view[query.layer] ? query.layer : "cells"

  function amend(change) {
    query = { ...query, ...change }
    amendAddress(address(project, "matrix", [], query))
  }

  function draw() {
    const layer = view[letters()]
    const only = wanted()
    const text = (query.language ?? "").trim().toLowerCase()
    const isWanted = (letter) => only.size === 0 || only.has(letter)
    const inModule = view.items.map((item, index) => ({ item, index }))
      .filter(({ item }) => !query.module || item.module === query.module)
    rows = view.languages.map((language, index) => ({ language, index }))
      .filter(({ language }) => text === "" || [language.tag, language.english,
        language.autonym].some((name) => name.toLowerCase().includes(text)))
    columns = inModule.filter(({ index }) => only.size === 0 || rows.some((row) => only.has(layer[row.index][index])))
    rows = rows.filter((row) => only.size === 0 || columns.some((column) => only.has(layer[row.index][column.index])))
    let shown = 0
    const counts = {}
    for (const letters of layer) {
      for (const { index } of inModule) counts[letters[index]] = (counts[letters[index]] ?? 0) + 1
    }

    const body = document.createElement("tbody")
    for (const [y, row] of rows.entries()) {
      const line = document.createElement("tr")
      const name = h("th", { scope: "row", role: "rowheader" }, languageName(row.language))
      line.append(name)
      for (const [x, column] of columns.entries()) {
        const letter = layer[row.index][column.index]
        const cell = document.createElement("td")
        const state = stateOf(letter, letters())
        cell.className = state.kind
        if (isWanted(letter)) shown += 1
        else cell.className += " faded"
        cell.textContent = state.sign
        cell.setAttribute("role", "gridcell")
        cell.setAttribute("aria-label", state.word)
        cell.tabIndex = -1
        cell.dataset.x = x
        cell.dataset.y = y
        line.append(cell)
      }
      body.append(line)
    }
    const table = h("table", { role: "grid",
      "aria-label": `Languages by messages: ${layers.find(([key]) => key === letters())[1]}`,
      onkeydown: move, onclick: click, onfocusin: focused },
    h("thead", {}, h("tr", {}, h("th", { scope: "col", role: "columnheader" }, "Language"), columns.map(({ item }) =>
      h("th", { scope: "col", role: "columnheader", title: itemName(item) },
        h("span", {}, itemName(item)))))), body)
    fill(wrap, rows.length === 0 || columns.length === 0 ? h("p.card", {}, "No cell matches. Choose another filter.")
      : table)
    drawLegend(counts, only)
    sum.textContent = `${counted(shown, "cell")} of ${counted(rows.length, "language")} and ${counted(columns.length,
      "message")}`
    restoreCell()
  }

  function drawLegend(counts, only) {
    const hadFocus = legend.contains(document.activeElement) ? document.activeElement.dataset.letter : null
    fill(legend, states.filter(([letter]) => counts[letter] || only.has(letter)).map(([letter]) =>
      h("button", { type: "button", "data-letter": letter, title: stateOf(letter, letters()).meaning,
        "aria-pressed": String(only.has(letter)), onclick: () => {
        const next = wanted()
        if (!next.delete(letter)) next.add(letter)
        amend({ state: [...next].join("") })
        draw()
      } }, badge(letter, letters(), `${counts[letter] ?? 0} ${stateOf(letter, letters()).word}`))))
    if (hadFocus) legend.querySelector(`[data-letter="${hadFocus}"]`)?.focus()
  }

  /** Makes the cell of the address the one that Tab reaches. */
  function restoreCell() {
    const [tag, id] = (query.at ?? "").split("/")
    const y = Math.max(0, rows.findIndex((row) => row.language.tag === tag))
    const x = Math.max(0, columns.findIndex((column) => column.item.id === id))
    at = null
    choose(x, y)
  }

  const cellAt = (x, y) => wrap.querySelector("tbody")?.rows[y]?.cells[x + 1]

  function choose(x, y) {
    const cell = cellAt(x, y)
    if (!cell) return fill(cellLine, h("p.quiet", {}, "No cell is chosen."))
    if (at) {
      const before = cellAt(at.x, at.y)
      if (before) before.tabIndex = -1
    }
    at = { x, y }
    cell.tabIndex = 0
    const { language } = rows[y]
    const { item } = columns[x]
    const letter = view[letters()][rows[y].index][columns[x].index]
    const found = view.findings.filter((one) => one.language === rows[y].index && one.item === columns[x].index)
    fill(cellLine, badge(letter, letters()), h("p", {}, h("b", {}, language.english), " · ", itemName(item)),
      found.length > 0 ? h("p.small", {}, found[0].message) : h("p.quiet.small", {}, stateOf(letter, letters())
        .meaning),
      h("a.button", { href: open(language, item) }, "Open"))
  }

  const open = (language, item) => address(project, "words", [language.tag, item.id])

  function focused(event) {
    const cell = event.target.closest("td")
    if (!cell) return
    const [x, y] = [Number(cell.dataset.x), Number(cell.dataset.y)]
    if (at?.x !== x || at?.y !== y) choose(x, y)
    amend({ at: `${rows[y].language.tag}/${columns[x].item.id}` })
  }

  function click(event) {
    const cell = event.target.closest("td")
    if (!cell) return
    if (document.activeElement === cell && event.detail > 1) go(cell)
    else cell.focus()
  }

  function go(cell) {
    location.hash = open(rows[Number(cell.dataset.y)].language, columns[Number(cell.dataset.x)].item)
  }

  function move(event) {
    const cell = event.target.closest("td")
    if (!cell || event.altKey || event.metaKey) return
    if (event.key === "Enter") {
      event.preventDefault()
      return go(cell)
    }
    const forward = getComputedStyle(wrap).direction === "rtl" ? -1 : 1
    const step = { ArrowRight: [forward, 0], ArrowLeft: [-forward, 0], ArrowDown: [0, 1], ArrowUp: [0, -1],
      PageDown: [0, 10], PageUp: [0, -10] }[event.key]
    let [x, y] = [Number(cell.dataset.x), Number(cell.dataset.y)]
    if (step) [x, y] = [x + step[0], y + step[1]]
    else if (event.key === "Home") [x, y] = [0, event.ctrlKey ? 0 : y]
    else if (event.key === "End") [x, y] = [columns.length - 1, event.ctrlKey ? rows.length - 1 : y]
    else return
    event.preventDefault()
    cellAt(Math.min(Math.max(x, 0), columns.length - 1), Math.min(Math.max(y, 0), rows.length - 1))?.focus()
  }

  function drawDue() {
    const english = (tag) => view.languages.find((one) => one.tag === tag)?.english ?? tag
    const target = { record: "booth", review: "review", words: "words" }
    const grouped = (list, key) => [...Map.groupBy(list, (due) => due[key] ?? "")]
    const sums = (list) => Object.entries(work).map(([kind, nouns]) => {
      const count = list.filter((due) => due.work === kind).reduce((total, due) => total + due.count, 0)
      return count > 0 ? counted(count, ...nouns) : null
    }).filter(Boolean).join(", ")
    const part = (due) => {
      const name = counted(due.count, ...work[due.work])
      if (!views.includes(target[due.work])) return name
      return h("a", { href: address(project, target[due.work], [due.language]) }, name)
    }
    const languages = (list) => h("ul.small.quiet", {}, grouped(list, "language").map(([tag, dues]) =>
      h("li", {}, `${english(tag)}: `, dues.flatMap((due, index) => [index > 0 ? ", " : null, part(due)]))))
    const person = ([name, list]) => {
      const sum = [h("b", {}, name === "" ? "Nobody yet" : name), `: ${sums(list)}`]
      // A person with work in many languages would push all others off the page.
      if (grouped(list, "language").length <= 5) return h("li", {}, h("p", {}, sum), languages(list))
      return h("li", {}, h("details", {}, h("summary", {}, sum), languages(list)))
    }
    fill(dues, h("h2", { id: "due" }, "Before a release"), view.due.length === 0 ? h("p.good", {}, "Nothing is due.")
      : h("ul.list", {}, grouped(view.due, "person").map(person)))
  }

  const modules = [...new Set(view.items.map((item) => item.module))]
  const filterText = h("input", { type: "search", value: query.language ?? "", autocomplete: "off", oninput: () => {
    amend({ language: filterText.value })
    draw()
  } })
  const moduleChoice = select([["", "all"], ...modules.map((module) => [module, module])], query.module ?? "",
    (module) => {
    amend({ module })
    draw()
  })
  const layerChoice = select(layers, letters(), (layer) => {
    amend({ layer: layer === "cells" ? "" : layer })
    draw()
  })
  draw()
  drawDue()

  return {
    title: "Matrix",
    content: [
      head.next ? h("p.card.next", {}, "Next: ", views.includes(head.next.view)
        ? h("a", { href: address(project, head.next.view, head.next.language ? [head.next.language] : []) },
          head.next.text) : head.next.text, ".") : null,
      h("div.row", {}, field("Language", filterText), field("Module", moduleChoice), field("Show", layerChoice)),
      h("div.row.ends", {}, legend, sum), h("div.columns", {}, h("div.stack", {}, wrap, cellLine), dues),
    ],
    keys: [
      { key: "← ↑ ↓ →", does: "move in the table" },
      { key: "Enter", does: "open the cell" },
      { key: "m", does: "to the table", act: () => at && cellAt(at.x, at.y).focus() },
      { key: "f", does: "find a language", act: () => filterText.focus() },
      { key: "Escape", does: "all cells", act: () => {
        amend({ state: "", module: "", language: "" })
        filterText.value = moduleChoice.value = ""
        draw()
      } },
    ],
    shown() {
      // Cells that receive the focus stay clear of the headers.
      const corner = wrap.querySelector("thead th")
      if (!corner) return
      wrap.style.setProperty("scroll-padding-block-start", `${corner.offsetHeight}px`)
      wrap.style.setProperty("scroll-padding-inline-start", `${corner.offsetWidth}px`)
      if (query.at && at) cellAt(at.x, at.y).scrollIntoView({ block: "nearest", inline: "nearest" })
    },
    async changed() {
      const next = await get(path(project, "matrix"))
      if (next.version === view.version && next.checked === view.checked) return
      view = next
      const hadFocus = wrap.contains(document.activeElement)
      const [left, top] = [wrap.scrollLeft, wrap.scrollTop]
      draw()
      drawDue()
      wrap.scrollTo(left, top)
      if (hadFocus && at) cellAt(at.x, at.y).focus({ preventScroll: true })
    },
  }
}
matrix.label = "Matrix"
