// The ceremony in which a channel begins: ten steps, ticked by the people, or by the program where it sees that they
// are done.
import { fill, h } from "./dom.js"
import { kept } from "./shell.js"

const steps = [
  "Everybody who keeps a root key makes it on their own stick, with a passphrase of four or more words, and writes "
    + "down its id.",
  "Everybody copies their stick to a second one, which lies in another building.",
  "The publisher makes a key for what is offered, and one for the daily job.",
  "Make the channel from the public keys. Read the ids aloud, and compare.",
  "As many root keys sign as must, one after the other. The directory may travel from person to person.",
  "Offer the first kit. Every clip is verified.",
  "Sign it with the key for what is offered, then with the key of the daily job: that publishes it.",
  "Print this page for the minutes.",
  "Give 1.root.json to the people who prepare devices. Print its SHA-256 beside your signatures.",
  "Copy the directories metadata and targets to the web server, put the key of the daily job on its machine, and lock "
    + "the sticks away.",
]

/**
 * The ten steps.
 *
 * @param {string} memory the key under which the browser keeps what people ticked.
 * @param {Map<number, boolean>} seen the steps that the program sees, and whether each is done.
 * @returns {{element: HTMLElement, show: function(Map<number, boolean>): void}}
 */
export function ceremony(memory, seen) {
  const element = h("ol.stack", { "data-ceremony": "" })
  const boxes = steps.map(() => h("input", { type: "checkbox", onchange: () => {
    const ticked = boxes.flatMap((box, at) => box.checked && !seen.has(at + 1) ? [at + 1] : [])
    kept.set(memory, ticked)
  } }))
  fill(element, steps.map((text, index) => h("li", {}, h("label.choice", {}, boxes[index],
    h("span", {}, h("b", {}, `${index + 1}. `), text)))))

  function show(now) {
    seen = now
    const ticked = kept.get(memory) ?? []
    boxes.forEach((box, index) => {
      box.disabled = now.has(index + 1)
      box.checked = now.get(index + 1) ?? ticked.includes(index + 1)
    })
  }

  show(seen)
  return { element, show }
}
