// Makes a pair of keys. The program keeps neither, so both are saved from the page.
import { fill, h } from "./dom.js"
import { post } from "./api.js"
import { announce, attempt, field } from "./shell.js"

/** Returns the form. */
export function keyMaker() {
  const name = h("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false", value: "publisher",
    pattern: "[A-Za-z0-9._\\-]+" })
  const first = h("input", { type: "password", autocomplete: "new-password", required: true })
  const second = h("input", { type: "password", autocomplete: "new-password", required: true })
  const made = h("div.stack", {})

  function make(weak) {
    return attempt(async () => {
      if (first.value !== second.value) {
        second.focus()
        throw new Error("the passphrases differ: type the same one twice")
      }
      let pair
      try {
        pair = await post("keys", { passphrase: first.value, weak })
      } catch (fault) {
        if (fault.code !== "weak") throw fault
        fill(made, h("p.finding", {}, `${fault.errors[0].message}: ${fault.errors[0].remedy}.`),
          h("button", { type: "button", onclick: () => make(true) }, "Use it all the same"))
        announce(fault.errors[0].message)
        first.focus()
        return
      }
      first.value = second.value = ""
      fill(made, h("p.good", {}, "The keys are made. Save both files now: the studio keeps neither."),
        h("div.row", {}, save(`${name.value}.key`, pair.secret, "Save the secret key"),
          save(`${name.value}.pub`, pair.public, "Save the public key")),
        h("ul.bullets", {},
          h("li", {}, h("b", {}, h("bdi", {}, `${name.value}.key`)), " is secret. Keep it, and a copy in another safe "
            + "place: without it you cannot update your kits. Give it to nobody."),
          h("li", {}, h("b", {}, h("bdi", {}, `${name.value}.pub`)), " goes to every device, once: ",
            h("code", {}, `firstword store trust ${name.value}.pub`), ". Compare its id there: ", h("code", {}, pair.id),
            "."),
          h("li", {}, "Then choose the secret key above, and build.")))
      announce("The keys are made. Save both files.")
      made.querySelector("a").focus()
    }, form)
  }

  const form = h("form.stack", { onsubmit: (event) => {
    event.preventDefault()
    make(false)
  } }, h("p", {}, "A kit is signed with a secret key, and a device plays only kits of a key that it trusts. Make a pair "
    + "once, for all your kits."),
  h("div.row", {}, field("Name of the files", name),
    field("Passphrase", first, "Four words or more. Never kept."), field("The passphrase again", second)),
  h("div.row", {}, h("button", { type: "submit" }, "Make keys"), h("span.quiet.small", {}, "It takes some seconds.")),
  made)
  return h("details.card", {}, h("summary", {}, h("b", {}, "Make a pair of keys")), form)
}

function save(name, text, label) {
  return h("a.button", { download: name, href: URL.createObjectURL(new Blob([text], { type: "text/plain" })) }, label)
}
