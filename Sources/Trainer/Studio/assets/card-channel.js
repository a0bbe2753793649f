// Updates by a channel, a part of making a card: where the device gets new kits, which root it trusts first, and how it
// reaches the network.
import { h } from "./dom.js"
import { field, refill, select } from "./shell.js"

/** The maximum size of a root in bytes. */
const limit = 512 << 10

/**
 * The part of the form.
 *
 * @param {{mirrors?: string, channel?: string}} before what was chosen the last time.
 * @returns {{element: HTMLElement, draw: function({id: string, sha256: string}[]): void, wish: function(): Promise,
 *   memory: function(): object}} `draw` gets the channels beside the projects; `wish` returns the part of the request,
 *   undefined if the device follows no channel, and throws where something is missing; `memory` has no secret.
 */
export function followed(before) {
  /** The choice of a person: the name of a channel, or "" for one by its file; and the one that is shown. */
  let chosen = before.channel
  let channel = ""
  let isWireless = false
  const follows = h("input", { type: "checkbox", "data-field": "follows", onchange: show })
  const mirrors = h("textarea", { rows: "2", dir: "ltr", spellcheck: "false", autocomplete: "off",
    value: before.mirrors ?? "", "data-field": "mirrors" })
  const root = h("input", { type: "file", accept: ".json", "data-field": "root" })
  const name = h("input", { type: "text", maxlength: "32", spellcheck: "false", autocomplete: "off",
    "data-field": "wifi" })
  const passphrase = h("input", { type: "password", maxlength: "64", autocomplete: "off",
    "data-field": "wifi-passphrase" })
  const country = h("input", { type: "text", maxlength: "2", size: "2", spellcheck: "false", autocomplete: "off",
    "data-field": "country" })
  const choice = h("div.stack", {})
  const file = field("The channel's first root", root, "The file 1.root.json, from the hands of the people who publish.")
  const radio = h("div.row", {}, field("Name of the Wi-Fi", name, "Exactly as a phone shows it; not a hidden one. WPA2 with a passphrase."),
    field("Its passphrase", passphrase, "It goes onto the card and into its image, and is kept nowhere else. Delete the "
      + "image when the card is written."),
    field("Country", country, "Two letters, as RO or DE: the radio keeps to its frequencies."))
  const network = select([["cable", "Cable"], ["wifi", "Wi-Fi or cable"]], "cable", (value) => {
    isWireless = value === "wifi"
    show()
  }, { "data-field": "network" })
  const more = h("div.stack", {}, field("Addresses of the channel, one in a line", mirrors,
    "Of the directory on each web server, from http on. The device tries another when one does not answer."),
  choice, file, field("The device reaches the network by", network, "The base image must be one with a network."), radio)
  const element = h("fieldset.stack", {}, h("legend", {}, "Updates by a channel"),
    h("label.choice", {}, follows, h("span", {}, h("b", {}, "The device follows a channel"),
      h("span.quiet", {}, " and gets new kits by a network. Without one it has no network, and takes sticks."))), more)

  function show() {
    more.hidden = !follows.checked
    file.hidden = channel !== ""
    radio.hidden = !isWireless
  }

  function draw(channels) {
    channel = chosen === "" || channels.some((one) => one.id === chosen) ? chosen : channels[0]?.id ?? ""
    refill(choice, channels, () => {
      const about = (id) => channels.find((one) => one.id === id)?.sha256
      const hash = h("code", {}, about(channel))
      const line = h("p.small", { hidden: channel === "" }, "SHA-256 of its first root, to compare with the minutes: ", hash)
      return [field("Channel", select([...channels.map((one) => [one.id, one.id]), ["", "another one, by its file"]],
        channel, (id) => {
          channel = chosen = id
          hash.textContent = about(id) ?? ""
          line.hidden = id === ""
          show()
        }, { "data-field": "channel" })), line]
    })
    show()
  }

  async function wish() {
    if (!follows.checked) return undefined
    function missing(control, text) {
      control.focus()
      throw new Error(text)
    }
    const part = { mirrors: mirrors.value.split(/\s+/).filter(Boolean) }
    if (part.mirrors.length === 0) missing(mirrors, "there is no address of the channel: write that of its directory")
    if (channel !== "") {
      part.id = channel
    } else {
      const [own] = root.files
      if (!own) missing(root, "there is no root of the channel: choose its file 1.root.json")
      if (own.size > limit) missing(root, `${own.name} is too large for a root: choose the file 1.root.json`)
      part.root = await own.text()
    }
    if (isWireless) {
      part.wifi = { name: name.value, passphrase: passphrase.value, country: country.value.trim() }
    }
    return part
  }

  show()
  return { element, draw, wish, memory: () => ({ mirrors: mirrors.value, channel: chosen }) }
}
