// Publish: channels, which bring kits to many devices. One is made, signed in turns, and changed.
import { counted, fill, h } from "./dom.js"
import { Fault, get, listen, path, post } from "./api.js"
import { address, announce, attempt, field, kept, refill, report, select, textOf } from "./shell.js"
import { ceremony } from "./ceremony.js"
import { megabytes } from "./drop.js"
import { keyMaker } from "./key-maker.js"
import { receipts } from "./receipts.js"

/** The view and the one below it: `/publish`, `/publish/CHANNEL`. */
export async function publish(context) {
  const [channel] = context.place.parts
  return channel ? one(context, channel) : list(context)
}
publish.label = "Publish"

/** What the roles of a channel sign, for people. */
const works = {
  root: "which keys the others have", targets: "what is offered", snapshot: "the newest state",
  timestamp: "the newest day",
}

/** Returns a step as a sentence. */
function sentence(step) {
  const role = step.role === undefined ? null : h("b", {}, h("bdi", {}, step.role))
  const keys = step.keys.map((name, index) => [index > 0 ? ", " : null, h("bdi", {}, name)])
  switch (step.kind) {
    case "sign":
      return [role, ` ${step.version} needs ${counted(step.lacking, "more signature")}. `, step.keys.length > 1
        ? "Each of these keys can give one: " : "Only this key can give it: ", keys,
      ". Choose it below, or take the directory to the person who has it."]
    case "publish":
      return "Everything is signed. Choose the key of the daily job below: that publishes it."
    case "expired":
      return [role, " has expired: ", step.isOnline ? "sign it with the key of the daily job." : "give it a later end."]
    default:
      return [role, ` expires in ${counted(step.days, "day")}: `, step.isOnline
        ? "sign it with the key of the daily job." : "give it a later end."]
  }
}

/** Returns the public or secret keys in a field: the name of each file, and its text. */
async function keysIn(input, ending) {
  const keys = []
  for (const file of input.files) {
    keys.push({ name: file.name.replace(ending, ""), key: await textOf({ files: [file] }) })
  }
  return keys
}

const publicKeys = (name) => h("input", { type: "file", accept: ".pub", multiple: true, "data-field": name })

// MARK: All channels

async function list({ head, session }) {
  const project = head.id
  const channels = h("div.stack", {})
  let view = null

  async function read() {
    view = await get("channels")
    refill(channels, view, () => [view.channels.length === 0 ? h("p.card", {}, "There is no channel yet.")
      : h("ul.tiles", {}, view.channels.map((one) => h("li.card", { "data-channel": one.id },
        h("h3", {}, h("a", { href: address(project, "publish", [one.id]) }, h("bdi", {}, one.id))),
        one.problem ? h("p.finding.error", {}, one.problem)
          : [h("p.quiet.small", {}, one.isPublished ? one.kits.length === 0 ? "Published, without a kit"
            : one.kits.map((kit, index) => [index > 0 ? ", " : null, h("bdi", {}, kit)]) : "Not published yet"),
          one.next ? h(one.isUrgent ? "p.finding.error" : "p.card.next", {}, sentence(one.next))
            : h("p.good", {}, "Nothing waits.")]))),
    h("p.quiet.small", {}, "Channels lie in ", h("code", {}, view.directory), ".")])
    return view
  }

  await read()
  const maker = session.readOnly ? null : newChannel(project, view.channels.length === 0)
  const stop = listen((kind) => { if (kind === "channel") read().catch(report) })
  return {
    title: "Publish",
    content: [h("p", {}, "A channel brings kits to many devices: a directory of files that any web server or stick can "
      + "carry. Nobody on the way can give a device a kit that is foreign, changed or older."), channels, maker,
    session.readOnly ? null : keyMaker()],
    keys: maker ? [{ key: "n", does: "new channel", act: () => {
      maker.open = true
      maker.querySelector("input[type=text]").focus()
    } }] : [],
    changed: () => {},
    close: stop,
  }
}

/** The form of a new channel, with the steps of the ceremony. */
function newChannel(project, isOpen) {
  const name = h("input", { type: "text", required: true, value: "web", maxlength: "60", autocomplete: "off",
    spellcheck: "false", "data-field": "name" })
  const [root, targets, online] = ["root", "targets", "online"].map(publicKeys)
  const threshold = h("input", { type: "number", min: "1", max: "20", required: true, value: "2",
    "data-field": "threshold" })
  const form = h("form.stack", { onsubmit: (event) => {
    event.preventDefault()
    attempt(async () => {
      const wish = { name: name.value.trim(), threshold: Number(threshold.value) }
      for (const [role, input] of Object.entries({ root, targets, online })) {
        wish[role] = await keysIn(input, /\.pub$/)
        if (wish[role].length === 0) {
          input.focus()
          throw new Error("a key is missing: choose its .pub file")
        }
      }
      const made = await post("channels", wish)
      kept.set(`ceremony:${made.id}`, kept.get("ceremony:") ?? [])
      kept.drop("ceremony:")
      location.hash = address(project, "publish", [made.id])
    }, form)
  } }, h("div.row", {}, field("Name of its directory", name),
    field("How many root keys must sign", threshold, "Two or more: then one lost key is no loss, and one stolen key no "
      + "danger.")),
  h("div.row", {}, field("Root keys (.pub)", root, "Three or more, of different people. They name all other keys."),
    field("Keys for what is offered (.pub)", targets, "Of the people who publish."),
    field("Key of the daily job (.pub)", online, "It signs that this is the newest state, and can offer nothing.")),
  h("div.row.end", {}, h("button.main", { type: "submit", "data-make": "" }, "Make the channel")))
  return h("details.card", { open: isOpen }, h("summary", {}, h("b", {}, "New channel")),
    ceremony("ceremony:", new Map([4, 5, 6, 7, 8, 9, 10].map((step) => [step, false]))).element, form)
}

// MARK: One channel

async function one({ head, session }, id) {
  const project = head.id
  const readOnly = session.readOnly
  const at = (...parts) => ["channels", id, ...parts].map(encodeURIComponent).join("/")
  let view = await get(at())
  let kits = (await get(path(project, "kits")))
  const [steps, offered, roles, adding, swap] = Array.from({ length: 5 }, () => h("div.stack", {}))
  const outcome = h("div", { role: "status" })
  /** The elements of the kits, by path: one that did not change keeps what a person opened. */
  const entries = new Map()
  const ticks = ceremony(`ceremony:${id}`, done())
  const counts = receipts({ at, take })

  /** Sends a change of what the page shows. If it is another state by now, that is shown instead. */
  async function change(act, wish, take) {
    try {
      return take(await post(at(act), { version: view.version, ...wish }))
    } catch (fault) {
      if (fault instanceof Fault && fault.status === 409 && fault.current) take(fault.current)
      throw fault
    }
  }

  function take(now) {
    view = now
    draw()
  }

  async function read() {
    const [channel, built] = await Promise.all([get(at()), get(path(project, "kits"))])
    kits = built
    take(channel)
  }

  const waits = () => view.steps.some((one) => one.kind === "sign" || one.kind === "publish")

  function draw() {
    refill(steps, [view.steps, view.isUrgent], () => h(`section.card${view.isUrgent ? ".falls" : ".next"}`,
      { "aria-labelledby": "steps" }, h("h2", { id: "steps" }, "What to do"), view.steps.length === 0
        ? h("p", {}, "Nothing waits. Sign again each day with the key of the daily job, by hand or by a job: ",
          h("code", {}, `firstword channel sign ${id} --online --key online.key`))
        : h("ul.bullets", {}, view.steps.map((step) => h("li", { "data-step": step.kind }, sentence(step),
          readOnly || step.isOnline || !step.kind.startsWith("expire") ? null : [" ", h("button.plain", {
            type: "button", "data-renew": step.role, onclick: (event) => attempt(() => change("renew",
              { role: step.role }, take), event.target.closest("section")) }, "Give it a later end")])))))
    // The signature of a list goes with it.
    const targets = view.targets.filter((one) => !one.path.endsWith(".minisig"))
    refill(offered, [targets, view.recalls], () => targets.length === 0
      ? h("p.quiet", {}, "Nothing is offered yet.") : h("ul.stack", {}, targets.map((target) => {
        const { path } = target
        if (!entries.has(path)) entries.set(path, h("li.card", { "data-target": path }))
        const recall = view.recalls.find((one) => one.manifest === target.manifest && one.role === target.role)
        return refill(entries.get(path), [target, recall], () => entry(target, recall))
      })))
    const isFirst = !targets.some((target) => target.kit)
    refill(adding, [kits.kits, kits.known, view.publishers, isFirst], () => offer(isFirst))
    refill(roles, [view.roles, view.keys, view.root], keys)
    refill(swap, view.roles.map((one) => [one.name, one.keys]), replacing)
    ticks.show(done())
    counts.show(view)
  }

  /** The steps of the ceremony that the program sees. */
  function done() {
    const root = view.roles.find((one) => one.name === "root")
    const isOut = (target) => target.kit && target.state !== "waits"
    return new Map([[4, true], [5, root.version !== undefined || root.lacking === 0],
      [6, view.targets.some((target) => target.kit)], [7, view.targets.some(isOut)]])
  }

  // MARK: Signing

  const key = h("input", { type: "file", accept: ".key", multiple: true, "data-field": "key" })
  const passphrase = h("input", { type: "password", autocomplete: "off", "data-field": "passphrase" })
  const signing = h("form.card.stack", { onsubmit: (event) => {
    event.preventDefault()
    sign()
  } }, h("h2", {}, "Sign"), h("p", {}, "A key signs everything that waits for it. What has all its signatures is "
    + "published when a key of the daily job signs, too."),
  h("div.row", {}, field("Secret keys (.key)", key, "Used once, and forgotten."),
    field("Passphrase", passphrase, "Never kept. Keys with different ones sign one after the other.")),
  h("div.row", {}, h("button.main", { type: "submit", "data-sign": "" }, "Sign")), outcome)

  function sign() {
    return attempt(async () => {
      fill(outcome)
      const keys = await keysIn(key, /\.key$/)
      if (keys.length === 0) {
        key.focus()
        throw new Error("there is no key: choose your .key file")
      }
      if (passphrase.value !== "") for (const one of keys) one.passphrase = passphrase.value
      try {
        await change("sign", { keys }, (answer) => {
          take(answer.channel ?? answer)
          if (!answer.channel) return
          key.value = passphrase.value = ""
          fill(outcome, h("ul.stack", {}, answer.signed.map((one) => h("li.good", {}, h("bdi", {}, one.key),
            ` signed ${one.role} ${one.version}: ${one.lacking === 0 ? "complete" : `${one.lacking} more needed`}`)),
          answer.published.length > 0 ? h("li.good", { "data-published": "" },
            `Published: ${answer.published.join(", ")}. Copy the directory to the mirrors now.`)
            : answer.signed.length === 0 ? h("li", {}, "Nothing had to be signed.") : null))
        })
      } catch (fault) {
        if (fault.code === "passphrase" || passphrase.value !== "") passphrase.focus()
        throw fault
      }
    }, signing)
  }

  // MARK: What is offered

  const words = { published: "published", waits: "waits for signatures", changes: "changes with the next signatures",
    ends: "ends with the next signatures" }

  /** The content of a file's element. */
  function entry(target, recall) {
    const title = h("h3.row", {}, h("bdi", {}, target.path), h(target.state === "published" ? "span.tag.approved"
      : "span.tag.draft", {}, words[target.state]))
    const about = [megabytes(target.size), view.publishers.length > 1 ? `by ${target.role}` : null]
    if (!target.kit) {
      return [title, h("p.quiet.small", {}, target.path.endsWith("recalls.json") ? "The list of recalled kits, " : null,
        about.filter(Boolean).join(", "))]
    }
    const isPaused = target.paused === true
    const share = h("p", {}, h("b", {}, `${target.percent} %`), " of the devices take it",
      isPaused ? [", and no further one: it is ", h("b", {}, "paused"), "."] : ".")
    const bar = h("div.bar", { "aria-hidden": "true" }, h("span.approved", {}), h("span", {}))
    bar.children[0].style.setProperty("flex-grow", target.percent)
    bar.children[1].style.setProperty("flex-grow", 100 - target.percent)
    const list = [title, h("p.quiet.small", {}, h("bdi", {}, target.kit), ", ", about.filter(Boolean).join(", ")),
      recall ? h("p.finding.error", { "data-recalled": "" }, h("b", {}, `Recalled on ${recall.date}: `), recall.reason)
        : null, share, bar]
    if (readOnly || target.state === "ends") return list
    const acts = h("div.stack", {})
    const percent = h("input", { type: "range", min: "0", max: "100", step: "5", value: target.percent,
      "data-percent": "", oninput: () => show() })
    const set = h("button", { type: "submit", "data-roll": "" })
    const show = () => {
      set.textContent = `Roll out to ${percent.value} %`
      percent.setAttribute("aria-valuetext", `${percent.value} percent`)
    }
    show()
    const send = (act, wish) => attempt(() => change(act, { target: target.path, ...wish }, take), acts)
    const remove = h("button", { type: "button", "data-remove": "", onclick: () => send("remove", {}) },
      "No longer offer it")
    // No device takes a kit that is recalled.
    fill(acts, recall ? remove : [h("form.row", { onsubmit: (event) => {
      event.preventDefault()
      send("roll", { percent: Number(percent.value) })
    } }, field("Share of the devices", percent), set,
    h("button", { type: "button", "data-pause": "", onclick: () => send("roll", { paused: !isPaused }) },
      isPaused ? "Resume" : "Pause"), remove), recalling(target)])
    return [...list, acts]
  }

  /** The form that recalls a kit. */
  function recalling(target) {
    const reason = h("input", { type: "text", required: true, minlength: "3", maxlength: "200", autocomplete: "off",
      "data-field": "reason" })
    const key = h("input", { type: "file", accept: ".key", "data-field": "publisher" })
    const passphrase = h("input", { type: "password", autocomplete: "off" })
    const form = h("form.stack", { onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => {
        const wish = { target: target.path, reason: reason.value, key: await textOf(key) }
        if (wish.key === null) {
          key.focus()
          throw new Error("a recall is signed: choose the key that signed the kit")
        }
        if (passphrase.value !== "") wish.passphrase = passphrase.value
        await change("recall", wish, (now) => {
          passphrase.value = ""
          take(now)
          announce("The kit is recalled with the next signatures.")
        })
      }, form)
    } }, h("p", {}, "Devices stop playing it when the recall reaches them. Then publish a kit with a higher version."),
    h("div.row", {}, field("Why, for the people who have it", reason, "One line; no names of speakers or listeners."),
      field("The key that signed the kit (.key)", key, "Used once, and forgotten."),
      field("Its passphrase", passphrase)),
    h("div.row", {}, h("button.danger", { type: "submit", "data-recall": "" }, "Recall it")))
    return h("details", {}, h("summary", {}, "Recall it"), form)
  }

  /** The form that offers a kit: the first one to all devices, a later one to few at first. */
  function offer(isFirst) {
    const list = kits.kits.filter((kit) => !kit.problem)
    if (readOnly) return null
    if (list.length === 0) {
      return h("p", {}, "No kit has been built here yet: ", h("a", { href: address(project, "kits") }, "build one"),
        ".")
    }
    let role = "targets"
    let kit = list[0]
    const trust = h("input", { type: "file", accept: ".pub", multiple: true, "data-field": "trust" })
    const percent = h("input", { type: "number", min: "0", max: "100", required: true,
      value: isFirst ? "100" : "5", "data-field": "percent" })
    const draft = h("input", { type: "checkbox", "data-field": "draft" })
    const isDraft = h("label.choice", { hidden: !kit.draft }, draft, h("span", {}, h("b", {},
      "This DRAFT is for a trial"), h("span.quiet", {}, " by devices whose people know it.")))
    const form = h("form.stack", { onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => {
        const keys = await keysIn(trust, /\.pub$/)
        const wish = { project, kit: kit.file, role, percent: Number(percent.value), trust: keys.map((one) => one.key) }
        if (kit.draft && draft.checked) wish.allowDraft = true
        try {
          await change("kits", wish, take)
          announce("The kit is verified, and offered with the next signatures.")
        } catch (fault) {
          if (fault.code === "key") trust.focus()
          throw fault
        }
      }, form)
    } }, h("h3", {}, "Offer a kit"), h("div.row", {}, field("Kit", select(list.map((one) => [one.file, one.file]),
      kit.file, (file) => {
        kit = list.find((one) => one.file === file)
        isDraft.hidden = !kit.draft
      }, { "data-field": "kit" })),
    field("The publisher's public key (.pub)", trust, kits.known.length > 0
      ? "Or none: then by a key that this program knows." : "It must have signed the kit. Every clip is verified."),
    field("Percent of the devices", percent, isFirst ? null
      : "Begin with few, and raise it when they are well."),
    view.publishers.length > 1 ? field("Publisher", select(view.publishers.map((one) => [one, one]), role,
      (one) => { role = one })) : null), isDraft,
    h("div.row", {}, h("button", { type: "submit", "data-offer": "" }, "Verify and offer")))
    return form
  }

  // MARK: Keys

  function keys() {
    const ids = new Map(view.keys.map((one) => [one.name, one.id]))
    const names = (list) => list.map((name, index) => [index > 0 ? ", " : null,
      h("bdi", { title: ids.get(name) }, name)])
    return [h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Roles and keys" }, h("table.plain.wide", {},
      h("thead", {}, h("tr", {}, ["Role", "Signs", "Version", "Until", "Keys", "Next", "Signed by"].map((name) =>
        h("th", { scope: "col" }, name)))),
      h("tbody", {}, view.roles.map((role) => h("tr", { "data-role": role.name },
        h("th", { scope: "row" }, h("bdi", {}, role.name)), h("td", {}, works[role.name] ?? `below ${role.name}/`),
        h("td", {}, role.version ?? "–"), h("td", {}, role.expires ?? "–"),
        h("td", {}, `${role.threshold} of `, names(role.keys)), h("td", {}, role.draft ?? "–"),
        h("td", {}, role.draft === undefined ? "–" : [names(role.signed), role.lacking === 0 ? null
          : [role.signed.length > 0 ? "; " : null, h("b", {}, `${role.lacking} missing`)]])))))),
    h("details", {}, h("summary", {}, "Ids of the keys, to read aloud and compare"), h("dl.facts", {},
      view.keys.map((one) => [h("dt", {}, h("bdi", {}, one.name)), h("dd", {}, h("code", {}, one.id))]))),
    view.root ? h("p", {}, "Each device gets ", h("a", { href: `/api/1/${at("root")}`, download: "1.root.json",
      "data-root": "" }, "1.root.json"), " from your hands, once. SHA-256: ", h("code", {}, view.root)) : null]
  }

  /** The form that replaces a key. */
  function replacing() {
    if (readOnly) return null
    const keysOf = (name) => view.roles.find((one) => one.name === name).keys
    const isOneJob = `${keysOf("snapshot")}` === `${keysOf("timestamp")}`
    const names = { targets: "what is offered", online: "the daily job" }
    const choices = view.roles.filter((role) => !isOneJob || role.name !== "snapshot").flatMap(({ name, keys }) => {
      const role = isOneJob && name === "timestamp" ? "online" : name
      return keys.map((old) => ({ role, old, text: `${names[role] ?? role}: ${old}` }))
    })
    let choice = choices[0]
    const added = h("input", { type: "file", accept: ".pub", "data-field": "new" })
    const form = h("form.stack", { onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => {
        const [key] = await keysIn(added, /\.pub$/)
        if (!key) {
          added.focus()
          throw new Error("there is no new key: choose its .pub file")
        }
        await change("replace", { role: choice.role, old: choice.old, new: key }, (now) => {
          take(now)
          announce("The key is replaced with the next signatures.")
        })
      }, form)
    } }, h("p", {}, "When a key is lost or stolen, or its person leaves. The root keys sign this: for one of their own, as "
      + "many of the keys before as must sign, and as many of the keys after. A key may count for both. The new key of "
      + "another role signs, too; if the old one is still there, let it sign once more: then no device sees a gap. Devices "
      + "follow by themselves."),
    h("div.row", {}, field("The key that goes", select(choices.map((one, index) => [String(index), one.text]), "0",
      (index) => { choice = choices[index] }, { "data-field": "old" })),
    field("The new key (.pub)", added, "Make it with its person, who keeps the .key file.")),
    h("div.row", {}, h("button", { type: "submit", "data-replace": "" }, "Replace the key")))
    return h("details", {}, h("summary", {}, "Replace a key"), form)
  }

  draw()
  const stop = listen((kind, data) => { if (kind === "channel" && data.id === id) read().catch(report) })
  return {
    title: `Channel ${id}`,
    content: [h("p.quiet.small", {}, h("a", { href: address(project, "publish") }, "All channels"), " · ",
      h("code", {}, view.directory)), steps, readOnly ? null : signing,
    h("section.card.stack", {}, h("h2", {}, "What is offered"), offered, adding),
    h("section.card.stack", {}, h("h2", {}, "Roles and keys"), roles, swap,
      h("div.row", {}, h("button", { type: "button", onclick: () => print() }, "Print this page"))),
    h("details.card", { open: view.root === undefined }, h("summary", {}, h("b", {}, "The ceremony in ten steps")),
      ticks.element), counts.element],
    keys: [
      readOnly ? null : { key: "s", does: "sign", act: () => key.focus() },
      readOnly ? null : { key: "o", does: "offer a kit", act: () => adding.querySelector("select")?.focus() },
      { key: "r", does: "receipts", act: counts.choose },
    ].filter(Boolean),
    changed: () => read().catch(report),
    close: stop,
  }
}
