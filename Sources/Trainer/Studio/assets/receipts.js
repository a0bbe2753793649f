// Receipts: small signed files that devices leave. They are counted: how many devices have what, and which lack it.
import { counted, fill, h } from "./dom.js"
import { post, upload } from "./api.js"
import { attempt, field, refill } from "./shell.js"
import { dropPlace } from "./drop.js"

/** The maximum size of the files in one request, in bytes. */
const portion = 8 << 20

/**
 * The receipts of a channel.
 *
 * @param {{at: function(...string): string, take: function(object): void}} options `at` returns the path of a request,
 *   and `take` gets the channel afterwards.
 */
export function receipts({ at, take }) {
  const result = h("div.stack", {})
  const drop = dropPlace({ ask: "Drop receipts here: the files of a stick, its folder, or a ZIP archive.", act })
  const list = h("input", { type: "file", accept: ".txt,.csv", "data-field": "registered", onchange: () =>
    attempt(async () => {
      const [file] = list.files
      if (file) take(await post(at("receipts", "registered"), { text: await file.text() }))
      list.value = ""
    }, element) })
  const element = h("section.card.stack", { "aria-labelledby": "receipts" }, h("h2", { id: "receipts" }, "Receipts"),
    h("p", {}, "A receipt says which device, by its key, plays which kit. It names no person, no place and no message. "
      + "Nothing is written to the disk: what was counted is forgotten when the program ends."), drop.place,
    field("A list of all devices (.txt), one id in each line", list, "To see which of them left no receipt."), result)

  function act(files) {
    return attempt(async () => {
      const archives = files.filter(({ name }) => /\.zip$/i.test(name))
      const single = files.filter(({ name }) => name.endsWith(".receipt.json"))
      if (archives.length + single.length === 0) {
        throw new Error("there is no receipt among them: their names end with .receipt.json")
      }
      for (const { name, file } of archives) {
        take(await upload(`${at("receipts", "archive")}?name=${encodeURIComponent(name)}`, file))
      }
      let part = []
      let size = 0
      for (const [index, { name, file }] of single.entries()) {
        const text = file.size < 65536 ? await file.text() : ""
        part.push({ name, text })
        size += text.length
        if (size < portion && index < single.length - 1) continue
        take(await post(at("receipts"), { files: part }))
        part = []
        size = 0
      }
    }, element)
  }

  const ids = (list, count, text) => h("details", { "data-missing": "" }, h("summary", {}, h("b", {},
    counted(count, "device")), ` ${text}`), h("ul.three.small", {}, list.map((id) => h("li", {}, h("code", {}, id)))),
  count > list.length ? h("p.small", {}, `and ${count - list.length} more: the table has all of them`) : null)

  const table = (label, head, rows) => h("div.scroll", { tabindex: "0", role: "region", "aria-label": label },
    h("table.plain", {}, h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, rows)))

  function counts(view) {
    return [h("p.good", { "data-devices": String(view.devices) }, h("b", {}, counted(view.devices, "device")),
      view.devices === 1 ? " left a receipt." : " left receipts."),
    table("Devices by kit", ["Kit", "Version", "Devices", "Is it the newest?"], view.kits.map((one) => h("tr", {},
      h("th", { scope: "row" }, one.name ? h("bdi", {}, one.name) : "no kit"), h("td", {}, one.version ?? ""),
      h("td", {}, one.devices), h("td", {}, one.isNewest ? "yes" : "no")))),
    table("Devices by version of the channel", ["Version of the channel", "Devices"], view.channels.map((one) =>
      h("tr", {}, h("th", { scope: "row" }, one.channel ?? "none"), h("td", {}, one.devices)))),
    view.lackingCount > 0 ? ids(view.lacking, view.lackingCount, view.lackingCount === 1 ? "lacks the newest kit"
      : "lack the newest kit") : h("p", {}, "Every one of them has the newest kit."),
    view.unheardCount === undefined ? null : view.unheardCount > 0 ? ids(view.unheard, view.unheardCount,
      "of the list left no receipt") : h("p", {}, "Every device of the list left a receipt."),
    view.faultCount > 0 ? h("div.finding.warning", {}, h("p", {}, `${counted(view.faultCount, "file")} ${
      view.faultCount === 1 ? "is no valid receipt, and does" : "are no valid receipts, and do"} not count:`),
    h("ul.bullets", {}, view.faults.map((fault) => h("li", {}, fault)))) : null,
    h("div.row", {}, h("a.button", { href: `/api/1/${at("receipts", "devices")}`, download: "devices.csv",
      "data-table": "" }, "Save the table (CSV)"),
    h("button", { type: "button", onclick: () => print() }, "Print"),
    h("button", { type: "button", "data-forget": "", onclick: () => attempt(async () =>
      take(await post(at("receipts", "end"))), result) }, "Forget them"))]
  }

  return {
    element,
    choose: drop.choose,
    show: ({ receipts }) => refill(result, receipts ?? null, () => receipts ? counts(receipts) : null),
  }
}
