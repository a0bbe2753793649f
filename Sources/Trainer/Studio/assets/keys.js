// One key for each act of a view. They are listed on the page, and a person can turn them off: speech input and some
// aids type letters that are not meant as acts.
import { fill, h } from "./dom.js"

let acts = []
let areOn = localStorage.getItem("keys") !== "off"

/**
 * Sets the keys of the view that is shown.
 *
 * @param {{key: string, does: string, act: function(KeyboardEvent): void}[]} list `key` as `KeyboardEvent.key` has it;
 *   an act without `act` is only listed (a key of a table), and one with `isListed: false` is not.
 */
export function setKeys(list) {
  acts = list
  show()
}

const names = { "Ctrl+ArrowDown": "Ctrl+↓", "Ctrl+ArrowUp": "Ctrl+↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc",
  " ": "Space" }

/** Returns a key as the page shows it. */
export const keyName = (key) => names[key] ?? key

function show() {
  const place = document.getElementById("keys")
  const all = [...acts, ...common].filter((one) => one.isListed !== false)
  fill(
    place,
    areOn
      ? h("dl.keys", {}, all.map((one) => h("div", {}, h("dt", {}, h("kbd", {}, keyName(one.key))),
        h("dd", {}, one.does))))
      : null,
    h("button.plain", { type: "button", id: "keys-switch", "aria-pressed": String(areOn), onclick: toggle }, "Keys"))
}

/** Whether keys act. */
export const areKeysOn = () => areOn

function toggle() {
  areOn = !areOn
  localStorage.setItem("keys", areOn ? "on" : "off")
  show()
  document.getElementById("keys-switch").focus()
}

let common = []

/** Sets the keys that every view has. */
export function setCommonKeys(list) {
  common = list
  show()
}

const typed = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]"

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.metaKey || event.isComposing) return
  const inText = event.target instanceof Element && event.target.matches(typed)
  const key = event.ctrlKey ? `Ctrl+${event.key}` : event.key
  if (!event.ctrlKey && event.key !== "Escape" && (!areOn || inText)) return
  // A button and a link keep their own Enter and Space.
  if ((key === "Enter" || key === " ") && event.target instanceof Element &&
      event.target.matches("button, a, summary, input, [role=gridcell]")) return
  if (event.repeat) return
  const found = [...acts, ...common].find((one) => one.act && one.key === key)
  if (!found) return
  event.preventDefault()
  found.act(event)
})
