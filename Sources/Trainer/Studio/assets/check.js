// Check: all recordings are measured, and compared with the words.
import { counted, fill, h } from "./dom.js"
import { follow, get, line, path, post } from "./api.js"
import { address, amendAddress, announce, attempt, field, select } from "./shell.js"

/** Runs long work of a project, and shows how far it is. After a reload it is found again. */
export function worker(project, kind, ended) {
  const place = h("div.stack", {})
  const key = `job:${project}:${kind}`
  const stop = new AbortController()

  async function watch(job) {
    sessionStorage.setItem(key, job.id)
    const bar = h("progress", { "aria-label": "Progress" })
    const text = h("p.small", {})
    const button = job.stoppable ? h("button", { type: "button", onclick: () => attempt(async () => {
      await post(`jobs/${encodeURIComponent(job.id)}/stop`)
      text.textContent = "stops"
      button.disabled = true
    }) }, "Stop") : null
    fill(place, bar, h("div.row", {}, text, button))
    const end = await follow(job, (now) => {
      if (now.of > 0) {
        bar.max = now.of
        bar.value = now.done
      }
      if (!button?.disabled) text.textContent = now.of > 0 ? `${now.done} of ${now.of}` : "begins"
    }, stop.signal)
    if (!end) return
    sessionStorage.removeItem(key)
    const word = { done: "Done", failed: "Failed", stopped: "Stopped" }[end.state]
    const kind = { done: "p.good", failed: "p.finding.error", stopped: "p.finding.note" }[end.state]
    fill(place, h(kind, {}, word, end.state === "failed" ? ":" : ".",
      end.errors.length === 0 && end.state === "failed" ? " no reason was given" : null), end.errors.length > 0
        ? problems(end.errors) : null)
    announce(word)
    await attempt(() => ended(end))
  }

  async function resume() {
    const id = sessionStorage.getItem(key)
    if (!id) return
    try {
      await watch(await get(`jobs/${encodeURIComponent(id)}`))
    } catch {
      sessionStorage.removeItem(key) // of an earlier program
    }
  }

  return { place, watch, resume, close: () => stop.abort() }
}

const problems = (list) => h("ul.stack", {}, list.map((one) => h("li.finding.error", {}, line(one))))

export async function check({ head, session, place }) {
  const project = head.id
  let query = { ...place.query }
  let result = null
  const report = h("div.stack", {})
  const jobs = worker(project, "check", read)

  async function read() {
    result = await get(path(project, "check"))
    draw()
  }

  function draw() {
    if (!result.at) return fill(report,
      h("p.card", {}, "The recordings have not been checked since the program was started."))
    const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })
    const list = result.findings.filter((one) => !query.severity || one.severity === query.severity)
    const languages = [...new Set(list.map((one) => one.language ?? ""))]
    fill(report, h("p", {}, `${counted(result.recordings, "recording")} checked, ${counted(result.findings.length,
      "finding")}, at `,
      h("time", { datetime: result.at }, new Date(result.at).toLocaleString()), "."),
    result.findings.length === 0 ? h("p.good", {}, "The check finds nothing.") : null,
    languages.map((tag) => {
      const own = list.filter((one) => (one.language ?? "") === tag)
      return h("section.card", {}, h("h2", {}, tag === "" ? "The project" : names.of(tag),
        ` · ${counted(own.length, "finding")}`),
        h("ul.stack", {}, own.map((one) => h(`li.finding.${one.severity}`, {},
          h("b", {}, `${one.severity}: `), line(one),
          one.language && one.prompt ? [" ", h("a", { href: address(project, "words", [one.language, one.prompt]) },
            "Open")] : null))))
    }))
  }

  async function run() {
    if (begin.disabled) return
    begin.disabled = true
    await attempt(async () => jobs.watch(await post(path(project, "check"))))
    begin.disabled = session.readOnly
  }

  const begin = h("button.main", { type: "button", disabled: session.readOnly, onclick: run }, "Check all recordings")
  await read()
  jobs.resume()
  return {
    title: "Check",
    content: [h("div.row", {}, begin,
      field("Show", select([["", "all findings"], ["error", "errors"], ["warning", "warnings"]], query.severity ?? "",
      (severity) => {
      query = { ...query, severity }
      amendAddress(address(project, "check", [], query))
      draw()
    }))), jobs.place, report],
    keys: [{ key: "c", does: "check", act: run }],
    close: jobs.close,
  }
}
check.label = "Check"
