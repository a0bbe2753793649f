// Requests to the program. The table of requests is in ../README.md.

/** A refused or failed request. `errors` are the findings of the program; the first one explains the status. */
export class Fault extends Error {
  /**
   * @param {number} status of HTTP; 0 where no response came.
   * @param {object[]} errors as the program reports them.
   * @param {object} [current] what is there now, after a conflict.
   */
  constructor(status, errors, current) {
    super(errors.map(line).join(" "))
    this.status = status
    this.errors = errors
    this.current = current
  }

  get code() { return this.errors[0]?.code }
}

/** Returns a finding in one line: where, what, what to do. */
export function line(finding) {
  const place = [finding.path, finding.line].filter(Boolean).join(":")
  return [place, finding.message, finding.remedy].filter(Boolean).join(": ")
}

/** Returns the path of a project's request; each part is encoded. */
export function path(project, ...parts) {
  return ["projects", project, ...parts].map(encodeURIComponent).join("/")
}

/** Returns the view at a path below `/api/1/`. */
export const get = (at) => send("GET", at)

/** Sends a change, and returns the response's view. */
export const post = (at, body = {}) => send("POST", at, body)

const noAnswer = () => new Fault(0, [{
  code: "no-answer", message: "the studio's program does not answer",
  remedy: "start 'firstword studio' again, and open the address that it prints",
}])

/** Returns the file at a path below `/api/1/`. */
export async function getFile(at) {
  return (await ask("GET", at)).blob()
}

async function send(method, at, body) {
  const response = await ask(method, at, body)
  try {
    return await response.json()
  } catch {
    throw new Fault(response.status, [{ message: `the program answered ${response.status} without a view` }])
  }
}

/** Returns a response that is no refusal. */
async function ask(method, at, body) {
  let response
  try {
    response = await fetch(`/api/1/${at}`, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json", "X-Firstword": "1" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    })
  } catch {
    throw noAnswer()
  }
  if (response.ok) return response
  let view
  try {
    view = await response.json()
  } catch {
    throw new Fault(response.status, [{ message: `the program answered ${response.status} without a view` }])
  }
  throw new Fault(response.status, view.errors ?? [], view.current)
}

/**
 * Sends a file as it is, and returns the response's view. The program keeps it on the disk, never in memory.
 *
 * @param {string} at the path below `/api/1/`, with its query.
 * @param {Blob} blob
 * @param {{progress?: function(number, number): void, signal?: AbortSignal}} [options] `progress` gets the bytes that
 *   were sent, and all; `signal` ends the upload, and nothing of it stays.
 */
export function upload(at, blob, { progress, signal } = {}) {
  return new Promise((resolve, reject) => {
    // XMLHttpRequest alone reports how much was sent.
    const request = new XMLHttpRequest()
    request.open("POST", `/api/1/${at}`)
    request.setRequestHeader("Content-Type", "application/octet-stream")
    request.setRequestHeader("X-Firstword", "1")
    request.upload.addEventListener("progress", (event) => progress?.(event.loaded, event.total))
    request.addEventListener("load", () => {
      let view = {}
      try {
        view = JSON.parse(request.responseText)
      } catch {}
      if (request.status < 400) return resolve(view)
      reject(new Fault(request.status, view.errors ?? [{ message: `the program answered ${request.status}` }]))
    })
    request.addEventListener("error", () => reject(noAnswer()))
    request.addEventListener("abort", () => reject(signal.reason))
    signal?.addEventListener("abort", () => request.abort(), { once: true })
    if (signal?.aborted) return reject(signal.reason)
    request.send(blob)
  })
}

const listeners = new Set()
const channel = new BroadcastChannel("events")
let listens = false

/**
 * Listens to the program's events until the returned function is called.
 *
 * @param {function(string, object): void} heard gets the kind and the data; the kind is `again` after a reconnection,
 *   when events may have been missed.
 */
export function listen(heard) {
  listeners.add(heard)
  return () => listeners.delete(heard)
}

/**
 * Opens the stream of events, which reconnects by itself. One page of a browser has it, and passes the events to the
 * others: a browser opens six connections to a server, and a seventh page with a stream of its own would wait for ever.
 */
export function openEvents() {
  if (listens) return
  listens = true
  channel.addEventListener("message", ({ data }) => publish(data.kind, data.data))
  takeStream(false)
  // A page that the browser keeps for the way back does not keep the stream.
  addEventListener("pagehide", () => leaveStream())
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return
    takeStream(true)
    publish("again", {})
  })
}

let leaveStream = () => {}

/** Opens the stream when no other page has it; `missed` says whether events may have been lost before. */
async function takeStream(missed) {
  const end = new AbortController()
  leaveStream = () => end.abort()
  const hold = (missed) => new Promise((done) => {
    stream(missed, end.signal)
    end.signal.addEventListener("abort", done, { once: true })
  })
  const isTaken = await navigator.locks.request("events", { ifAvailable: true }, (lock) => lock ? hold(missed) : true)
  if (isTaken === true && !end.signal.aborted) {
    navigator.locks.request("events", { signal: end.signal }, () => hold(true)).catch(() => {})
  }
}

function stream(missed, signal) {
  if (signal.aborted) return
  const source = new EventSource("/api/1/events")
  signal.addEventListener("abort", () => source.close(), { once: true })
  source.addEventListener("open", () => {
    if (missed) spread("again", {})
    missed = true
  })
  for (const kind of ["job", "project", "channel", "practice", "booth", "level"]) {
    source.addEventListener(kind, (event) => spread(kind, JSON.parse(event.data)))
  }
  // After a refusal the browser does not try again: the program was started anew, or too many listen.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(() => stream(true, signal), 5000)
  })
}

/** Passes an event to this page and to the others of the browser. */
function spread(kind, data) {
  channel.postMessage({ kind, data })
  publish(kind, data)
}

function publish(kind, data) {
  for (const heard of [...listeners]) heard(kind, data)
}

/**
 * Waits for the end of long work.
 *
 * @param {object} job as the program returned it.
 * @param {function(object): void} step gets the job at each step, the last one included.
 * @param {AbortSignal} signal ends the waiting, not the work.
 */
export function follow(job, step, signal) {
  return new Promise((resolve) => {
    const stop = listen(async (kind, data) => {
      if (kind === "job" && data.id === job.id) take(data)
      if (kind === "again") take(await get(`jobs/${encodeURIComponent(job.id)}`))
    })
    function take(now) {
      if (signal.aborted) return
      step(now)
      if (now.state !== "running") end(now)
    }
    function end(now) {
      stop()
      resolve(now)
    }
    signal.addEventListener("abort", () => end(null), { once: true })
    take(job)
    // The work may have ended before this page listened.
    if (job.state === "running") get(`jobs/${encodeURIComponent(job.id)}`).then(take, () => {})
  })
}
