// Files from the user's machine: dropped, or chosen by keyboard. They are sent as they are; nothing is read here.
import { h } from "./dom.js"
import { path, post, upload } from "./api.js"
import { address } from "./shell.js"

/** The largest file that the program takes, in bytes. */
const limit = 2 * 1024 ** 3

/** Returns whether a file is one that systems make in folders. */
const isClutter = (name) => name.split("/").some((part) => part.startsWith(".") || part === "__MACOSX" ||
  part === "Thumbs.db" || part === "desktop.ini")

/**
 * Returns the files of a drop with their paths, also those in folders: `[{ name, file }]`. A single folder's own name
 * is left out.
 *
 * @param {DataTransfer} transfer
 */
export async function filesOf(transfer) {
  // The list is empty after the first pause of this function.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean)
  if (entries.length === 0) return named([...transfer.files].map((file) => ({ name: file.name, file })))
  const found = []
  for (const entry of entries) await walk(entry, "", found)
  return named(found)
}

async function walk(entry, place, found) {
  const name = place + entry.name
  if (entry.isFile) {
    found.push({ name, file: await new Promise((resolve, reject) => entry.file(resolve, reject)) })
    return
  }
  const reader = entry.createReader()
  // A reader returns some entries at a time, and none at the end.
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) return
    for (const child of part) await walk(child, `${name}/`, found)
  }
}

/** Leaves out what is no file of a person, and the name of the only folder. */
function named(list) {
  const files = list.filter(({ name }) => !isClutter(name))
  const top = files[0]?.name.split("/")[0]
  const isOneFolder = files.length > 0 && files.every(({ name }) => name.startsWith(`${top}/`))
  return isOneFolder ? files.map(({ name, file }) => ({ name: name.slice(top.length + 1), file })) : files
}

/**
 * A place to drop files on, with buttons that choose files or a folder.
 *
 * @param {{ask: string, act: function({name: string, file: File}[]): void}} options
 */
export function dropPlace({ ask, act }) {
  const input = (fields) => h("input.unseen", {
    type: "file", multiple: true, tabindex: "-1", "aria-hidden": "true", ...fields,
    onchange: (event) => {
      const files = named([...event.target.files].map((file) => ({ name: file.webkitRelativePath || file.name, file })))
      event.target.value = ""
      if (files.length > 0) act(files)
    },
  })
  const files = input({})
  const folder = input({ webkitdirectory: true })
  const place = h("div.drop.card", {
    ondragover: (event) => {
      event.preventDefault()
      place.classList.add("over")
    },
    ondragleave: (event) => { if (!place.contains(event.relatedTarget)) place.classList.remove("over") },
    ondrop: async (event) => {
      event.preventDefault()
      place.classList.remove("over")
      const dropped = await filesOf(event.dataTransfer)
      if (dropped.length > 0) act(dropped)
    },
  }, h("p", {}, ask), h("div.row", {},
    h("button.main", { type: "button", onclick: () => files.click() }, "Choose files"),
    h("button", { type: "button", onclick: () => folder.click() }, "Choose a folder")), files, folder)
  return { place, choose: () => files.click() }
}

/**
 * Sends files to a draft, three at a time.
 *
 * @param {{step: function(number, number, number): void, signal: AbortSignal}} options `step` gets the number of files
 *   that arrived, the bytes that were sent, and all bytes.
 */
export async function send(project, draft, files, { step, signal }) {
  const large = files.find(({ file }) => file.size > limit)
  if (large) throw new Error(`${large.name} is larger than 2 GiB: cut it into parts first`)
  const all = files.reduce((sum, { file }) => sum + file.size, 0)
  const sent = new Map()
  let next = 0
  let arrived = 0
  const report = () => step(arrived, [...sent.values()].reduce((sum, bytes) => sum + bytes, 0), all)
  async function worker() {
    while (next < files.length) {
      const { name, file } = files[next++]
      await upload(`${path(project, "imports", draft, "files")}?name=${encodeURIComponent(name)}`, file, {
        signal,
        progress: (bytes) => {
          sent.set(file, bytes)
          report()
        },
      })
      arrived += 1
      sent.set(file, file.size)
      report()
    }
  }
  await Promise.all([worker(), worker(), worker()])
}

/** Returns whether a file is a translator's. */
export const isTranslation = (name) => /\.(po|pot|xlf|xliff|csv|tsv)$/i.test(name)

/** Sends a translator's file, and returns its draft. */
export const sendTranslation = (project, { name, file }) =>
  upload(`${path(project, "translations")}?name=${encodeURIComponent(name)}`, file)

/** Returns whether a file was saved by a page of a speaker or reviewer: its first entry is `return.json`. */
export async function isReturned(file) {
  const head = new Uint8Array(await file.slice(0, 41).arrayBuffer())
  return new TextDecoder().decode(head.slice(0, 4)) === "PK\x03\x04" &&
    new TextDecoder().decode(head.slice(30)) === "return.json"
}

/** Sends a file that came back by post, and returns its draft. */
export const sendReturned = (project, { name, file }) =>
  upload(`${path(project, "returns")}?name=${encodeURIComponent(name)}`, file)

/**
 * Sends files that came back by post, and goes to the plan: of the file, or of all of them.
 *
 * @param {{name: string, file: File}[]} files
 */
export async function takeReturned(project, files) {
  let draft = null
  for (const one of files) draft = await sendReturned(project, one)
  location.hash = address(project, "import", files.length === 1 ? [draft.id] : [])
}

/** Begins a draft. */
export const begin = (project) => post(path(project, "imports"))

/** Returns `3.4 MB`. */
export function megabytes(bytes) {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
