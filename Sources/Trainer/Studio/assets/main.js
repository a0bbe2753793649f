// The frame of the page: session, address, navigation. A view's address is `#/project/ID/VIEW/…?filter=…`.
import { fill, h } from "./dom.js"
import { Fault, get, listen, openEvents, path, post } from "./api.js"
import { address, attempt, clearReport, report } from "./shell.js"
import { setCommonKeys, setKeys } from "./keys.js"
import { start } from "./start.js"
import { matrix } from "./matrix.js"
import { words } from "./words.js"
import { booth } from "./booth.js"
import { review } from "./review.js"
import { check } from "./check.js"
import { kits } from "./kits.js"
import { publish } from "./publish.js"
import { practice } from "./practice.js"
import { device } from "./device.js"
import { importer } from "./import.js"
import { byPost } from "./post.js"

/** The views of a project, in the order of the navigation. */
const views = { matrix, words, booth, review, post: byPost, import: importer, check, kits, publish, practice,
  device }

const main = document.getElementById("main")
let session = null
let heads = []
let shown = null
let turn = 0

/** Reads an address: `{ view, project, parts, query }`. */
function read(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?")
  const parts = path.split("/").map(decodePart)
  const query = Object.fromEntries(new URLSearchParams(search))
  if (parts[0] === "project" && parts[1] && views[parts[2]]) {
    return { view: parts[2], project: parts[1], parts: parts.slice(3), query }
  }
  return { view: "start", project: null, parts: [], query }
}

function decodePart(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Shows the view of the address. A view may take a new address within itself by `update`. */
async function show({ isFirst = false } = {}) {
  const place = read(location.hash)
  const mine = ++turn
  delete document.body.dataset.ready
  main.setAttribute("aria-busy", "true")
  try {
    if (shown?.open.update && shown.place.view === place.view && shown.place.project === place.project) {
      shown.place = place
      await shown.open.update(place)
      if (mine !== turn) return
      clearReport()
      navigation(place)
      return setReady()
    }
    const head = place.project === null ? null : await get(path(place.project))
    let wanted = null
    const title = (text) => {
      wanted = text
      if (!shown || shown.place.view === place.view) setTitle(text, head)
    }
    const context = { session, head, place, views: Object.keys(views), title }
    const open = await (place.view === "start" ? start : views[place.view])(context)
    if (mine !== turn) return open.close?.()
    shown?.open.close?.()
    shown = { place, open }
    clearReport()
    const heading = h("h1", { tabindex: "-1" }, open.title)
    fill(main, heading, open.content)
    setTitle(wanted ?? open.title, head)
    setKeys(open.keys ?? [])
    navigation(place, head)
    if (!isFirst) heading.focus()
    open.shown?.()
    setReady()
  } catch (fault) {
    if (mine !== turn) return
    if (fault.status === 401) return askForAddress()
    report(fault)
    if (!shown || shown.place.view !== place.view) {
      fill(main, h("h1", { tabindex: "-1" }, "This view cannot be shown"),
        h("p", {}, h("a", { href: "#/start" }, "Go to Start")))
      setKeys([])
      navigation(place)
    }
    setReady()
  } finally {
    if (mine === turn) main.removeAttribute("aria-busy")
  }
}

/** Notes that the view can be used: for tests and for measurements. */
function setReady() {
  document.body.dataset.ready = location.hash
  requestAnimationFrame(() => setTimeout(() => performance.mark("ready")))
}

function setTitle(title, head) {
  document.title = [title, head?.name, "Firstword studio"].filter(Boolean).join(" · ")
}

function navigation(place, head) {
  const link = (to, name, isCurrent) =>
    h("li", {}, h("a", { href: to, "aria-current": isCurrent ? "page" : null }, name))
  const project = place.project ?? (session?.single ? heads[0]?.id : null)
  fill(document.getElementById("views"), link("#/start", "Start", place.view === "start"),
    project === null || project === undefined ? null
      : Object.entries(views).map(([key, view]) => link(address(project, key), view.label, place.view === key)))
  if (head !== undefined) {
    fill(document.getElementById("project"), head ? h("bdi", {}, head.name) : null,
      session?.readOnly ? h("b", {}, " read only") : null)
  }
}

/** A digit opens one of the first nine views: the links of the navigation, counted. */
function viewKeys() {
  const links = () => [...document.querySelectorAll("#views a")]
  return [{ key: "1–9", does: "views" }, ...Array.from({ length: 9 }, (_, index) => (
    { key: String(index + 1), isListed: false, act: () => links()[index]?.click() }))]
}

/** Shown where the browser has no session: the program was started again, or the address was typed by hand. */
function askForAddress(fault) {
  shown?.open.close?.()
  shown = null
  const input = h("input", { type: "text", autocomplete: "off", spellcheck: "false", id: "address" })
  const form = h("form.card.stack", {
    onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => enter(tokenIn(input.value)), form)
    },
  }, h("p", {}, "Each start of the program makes a new address, and only that address opens the page. "
    + "Your work is kept."),
  h("div.field", {}, h("label", { for: "address" }, "The address that 'firstword studio' printed"), input),
  h("div.row", {}, h("button.main", { type: "submit" }, "Open")))
  fill(main, h("h1", { tabindex: "-1" }, "Open the printed address"), form)
  setTitle("Open the printed address")
  setKeys([])
  fill(document.getElementById("views"))
  main.removeAttribute("aria-busy")
  setReady()
  if (fault) report(fault)
}

const tokenIn = (text) => text.match(/token=([\w-]+)/)?.[1] ?? text.trim()

async function enter(token) {
  session = await post("session", { token })
  // The view that was open before, or Start; the token is spent, and leaves the address.
  history.replaceState(null, "", sessionStorage.getItem("place") ?? "#/start")
  await begin()
}

async function begin() {
  openEvents()
  if (session.single) heads = (await get("projects")).projects
  await show({ isFirst: true })
}

async function load() {
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault()
    main.focus()
  })
  addEventListener("hashchange", async () => {
    if (location.hash.startsWith("#token=")) return location.reload()
    if (session) await show()
  })
  addEventListener("pagehide", () => {
    if (location.hash.startsWith("#/")) sessionStorage.setItem("place", location.hash)
  })
  listen((kind, data) => {
    if (!shown) return
    if (kind === "again" || (kind === "project" && (!shown.place.project || data.id === shown.place.project))) {
      shown.open.changed?.(kind, data)
    }
  })
  setCommonKeys(viewKeys())
  const token = location.hash.match(/^#token=([\w-]+)/)?.[1]
  try {
    if (token) return await enter(token)
    session = await get("session")
    await begin()
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault
    if (token && fault.status === 403) {
      // The page was reloaded, or opened twice: the cookie may already be here.
      try {
        session = await get("session")
        history.replaceState(null, "", sessionStorage.getItem("place") ?? "#/start")
        return await begin()
      } catch {}
    }
    askForAddress(fault.status === 401 ? undefined : fault)
  }
}

load()
