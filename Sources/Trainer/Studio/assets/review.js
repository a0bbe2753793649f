// Review: a reviewer hears, translates back without the meaning, then accepts or sends back. One question at a time.
import { counted, fill, h, inLanguage } from "./dom.js"
import { get, path, post } from "./api.js"
import { address, amendAddress, announce, attempt, badge, field, kept, select, textOf } from "./shell.js"

const letter = { due: "d", accepted: "a", returned: "s" }
const verdictWord = { due: "to do", accepted: "accepted", returned: "sent back" }

export async function review({ head, session, place, title }) {
  const project = head.id
  const content = h("div.stack", {})
  const reviewerKey = `reviewer:${project}`
  let reviewer = sessionStorage.getItem(reviewerKey)
  let view = null
  let item = null
  let meaning = null
  let isReturning = false
  /** How often another place was asked for, and the language that was asked for last. */
  let turn = 0
  let wanted = null
  let query = { ...place.query }
  /** Verdicts of this tab, the last one at the end; `undo` takes them back. */
  const given = JSON.parse(sessionStorage.getItem(`given:${project}`) ?? "[]")
  /** Hashes of the recordings that this reviewer heard whole in this tab. */
  let heard = new Set()

  if (session.readOnly) return { title: "Review",
    content: h("p.card", {}, "This studio is read only: nobody can review in it.") }
  if (head.languages.length === 0) return { title: "Review", content: h("p.card", {}, "This project has no language.") }

  // The reviewer

  function askReviewer() {
    title("Review")
    const name = h("input", { type: "text", required: true, autocomplete: "off", value: kept.get("reviewer") ?? "" })
    const key = h("input", { type: "file", accept: ".key", required: head.approvals === "proved" })
    const passphrase = h("input", { type: "password", autocomplete: "off" })
    const form = h("form.card.stack", { onsubmit: (event) => {
      event.preventDefault()
      attempt(async () => {
        const secret = await textOf(key)
        const made = await post(path(project, "reviewers"), {
          name: name.value.trim(), ...(secret === null ? {} : { key: secret, passphrase: passphrase.value
            || undefined }),
        })
        passphrase.value = ""
        reviewer = made.id
        sessionStorage.setItem(reviewerKey, reviewer)
        kept.set("reviewer", made.name)
        await open(place.parts)
        focusQuestion()
      }, form)
    } }, h("p", {}, "You hear each message, write what it says in English, and only then see what is meant. "
      + "Every answer is saved at once."),
    h("div.row", {}, field("Your name or pseudonym", name),
      field("Your key file", key, head.approvals === "proved" ? "This project needs signed approvals."
        : "Without a key, your approvals are marked unproved."),
      field("Passphrase of the key", passphrase, "It is never kept.")),
    h("div.row", {}, h("button.main", { type: "submit" }, "Begin the review")))
    fill(content, form)
  }

  function leave() {
    attempt(async () => {
      await post(path(project, "reviewers", reviewer, "end"))
      sessionStorage.removeItem(reviewerKey)
      sessionStorage.removeItem(`given:${project}`)
      given.length = 0
      reviewer = view = item = null
      askReviewer()
    })
  }

  // The questions

  /** The recordings that this reviewer may judge, once the wording is accepted. */
  const dueRecordings = (one) => (one.wording === "accepted" ? one.recordings.filter((take) => take.state === "due"
    && !take.own) : [])
  const isDue = (one) => one.wording === "due" || dueRecordings(one).length > 0

  /** The question that is open: `{ kind, recording? }`; null if the item is done. */
  function question() {
    if (item.wording === "due") return { kind: "wording" }
    const [recording] = dueRecordings(item)
    return recording ? { kind: "recording", recording } : null
  }

  // What a person wrote and heard is that person's alone: the next one at this page sees nothing of it.
  const backKey = () => `back:${project}/${view.reviewer.name}/${view.language.tag}/${item.id}/${item.hash}`
  const heardKey = () => `heard:${view.reviewer.name}`

  /** Reads the wanted language. Returns false if another place was asked for meanwhile: a late answer replaces nothing. */
  async function read() {
    const mine = turn
    const next = await get(`${path(project, "review", wanted)}?reviewer=${encodeURIComponent(reviewer)}`)
    if (mine !== turn) return false
    view = next
    heard = new Set(JSON.parse(sessionStorage.getItem(heardKey()) ?? "[]"))
    view.items.sort((a, b) => a.number - b.number || (a.id < b.id ? -1 : 1))
    return true
  }

  async function open(parts) {
    turn += 1
    wanted = head.languages.includes(parts[0]) ? parts[0] : head.languages[0]
    try {
      if (!await read()) return
    } catch (fault) {
      if (fault.status !== 404 && fault.status !== 403) throw fault
      // The program was started again, and has forgotten the key.
      sessionStorage.removeItem(reviewerKey)
      reviewer = null
      return askReviewer()
    }
    await choose(view.items.find((one) => one.id === parts[1]) ?? view.items.find(isDue) ?? null)
  }

  async function choose(next) {
    item = next
    meaning = null
    isReturning = false
    amendAddress(address(project, "review", [view.language.tag, item?.id].filter(Boolean), query))
    title(item ? `${name(item)}, ${view.language.english}` : view.language.english)
    const before = item && item.wording === "due" ? kept.get(backKey()) : null
    if (before?.isShown) await showMeaning(before.back)
    draw()
  }

  async function showMeaning(back) {
    const [mine, asked, key] = [turn, item, backKey()]
    const found = await post(path(project, "review", view.language.tag, item.id, "meaning"),
      { reviewer, hash: item.hash, back })
    kept.set(key, { back, isShown: true })
    if (mine === turn && asked.id === item?.id && asked.hash === item.hash) meaning = { yours: back, ...found }
  }

  // The page

  /** The title would give the meaning away. */
  const name = (one) => (one.kind === "formula" ? "How to answer" : `Message ${one.number}`)

  function draw() {
    const done = view.items.filter((one) => !isDue(one)).length
    const languages = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" })
    const top = h("div.card", {},
      h("div.row.ends", {},
        h("p", {}, h("b", {}, view.reviewer.name), view.reviewer.proved ? " · approvals are signed"
          : " · approvals are unproved: no key"),
        h("button.plain", { type: "button", onclick: leave }, "End the review")),
      h("div.row", {}, field("Language", select(head.languages.map((tag) => [tag, `${languages.of(tag)} (${tag})`]),
        view.language.tag,
        (tag) => { location.hash = address(project, "review", [tag], query) })),
      field("Message", select(view.items.map((one) => [one.id,
        `${name(one)} · ${isDue(one) ? "to do" : verdictWord[one.wording]}`]), item?.id ?? "",
        (id) => { location.hash = address(project, "review", [view.language.tag, id], query) }))),
      h("progress", { value: done, max: view.items.length, "aria-label": "Reviewed" }),
      h("p.small.quiet", {}, `${done} of ${counted(view.items.length, "message")} reviewed`))
    if (!item) {
      return fill(content, top, h("p.good", {}, view.items.length === 0
        ? "There is nothing to review in this language." : "You have reviewed everything in this language. Thank you."),
        given.length > 0 ? h("div.row", {}, undoButton()) : null)
    }
    const open = question()
    fill(content, top, h("section.card.stack", { "aria-label": "Message" },
      h("div.row", {}, h("h2", {}, name(item)),
        badge(letter[item.wording], "wordings", `wording ${verdictWord[item.wording]}`)),
      inLanguage(item.text, view.language, "p.wording"), item.recordings.map(player),
        open ? ask(open) : h("p.good", {}, "This message is reviewed."),
      h("div.row", {}, h("button", { type: "button", onclick: skip }, "Skip"), given.length > 0 ? undoButton() : null)))
  }

  const undoButton = () => h("button", { type: "button", onclick: undo }, "Undo the last answer")

  function player(take) {
    const state = h("span.small.quiet", {}, heard.has(take.hash) ? "heard whole" : "not yet heard whole")
    const sound = h("audio", {
      controls: true, preload: "auto", "aria-label": `Recording ${take.voice}`, "data-hash": take.hash,
      src: `/api/1/${path(project, "clips", view.language.tag, take.voice, item.id)}`,
      ontimeupdate: () => listenTo(sound, take, state), onended: () => listenTo(sound, take, state),
    })
    return h("div.stack", {}, h("div.row", {}, h("b", {}, `Recording ${take.voice}`),
      badge(letter[take.state], "recordings", verdictWord[take.state]), state),
      sound, take.own ? h("p.small", {}, "This is your own recording: another person must approve it.") : null)
  }

  /** Notes that a recording was heard from its begin to its end; jumping to the end does not count. */
  function listenTo(sound, take, state) {
    if (heard.has(take.hash) || !(sound.duration > 0)) return
    let played = 0
    const parts = sound.played
    for (let index = 0; index < parts.length; index += 1) played += parts.end(index) - parts.start(index)
    if (played < sound.duration - 0.1) return
    heard.add(take.hash)
    sessionStorage.setItem(heardKey(), JSON.stringify([...heard]))
    state.textContent = "heard whole"
    const yes = content.querySelector(`button[data-needs="${CSS.escape(take.hash)}"]`)
    if (yes) {
      yes.disabled = false
      content.querySelector("[data-hint]")?.remove()
    }
  }

  function ask(open) {
    if (open.kind === "recording") {
      const isHeard = heard.has(open.recording.hash)
      return h("div.stack", {}, h("h3", {},
        `Does recording ${open.recording.voice} say exactly this text, clearly and calmly?`),
        isHeard ? null : h("p.small.quiet", { "data-hint": "" },
          "Hear it to the end before you say yes. You may say no at any time."), answers(open, isHeard))
    }
    if (meaning) {
      const row = (term, value) => (value ? [h("dt", {}, term), h("dd", {}, value)] : null)
      return h("div.stack", {}, h("dl.facts", {}, row("Yours", h("b", {}, meaning.yours)),
        row("Meant", h("b", {}, meaning.source || meaning.title)),
        row("On file", meaning.back && `${meaning.back}${meaning.backOutdated ? " (of an earlier wording)" : ""}`),
          row("Word for word", meaning.gloss), row("Caution", meaning.caution), row("Doubt", meaning.doubt),
        Object.entries(meaning.variants ?? {}).map(([form, text]) => row(form, inLanguage(text, view.language))),
        meaning.open.map((note) => row(`${note.name}, ${note.date}`, note.note ?? "sent back"))),
      h("h3", {}, "Does the wording say what is meant?"), answers(open, true))
    }
    const back = h("textarea", { lang: "en", dir: "ltr", rows: 2, required: true,
      value: kept.get(backKey())?.back ?? "",
      oninput: () => kept.set(backKey(), { back: back.value, isShown: false }) })
    const form = h("form.stack", { onsubmit: (event) => { event.preventDefault(); reveal() } },
      field("In English, what does it say?", back, "Write what you hear and read. You see what is meant afterwards."),
      h("div.row", {}, h("button.main", { type: "submit" }, "Compare with what is meant")))
    return form
  }

  async function reveal() {
    const back = content.querySelector("textarea")
    if (!back || back.value.trim() === "" || meaning) return
    if (await attempt(() => showMeaning(back.value.trim()), back.form) && meaning) {
      draw()
      content.querySelector("[data-yes]")?.focus()
      announce(`Meant: ${meaning.source || meaning.title}. Yours: ${meaning.yours}`)
    }
  }

  function answers(open, mayAccept) {
    if (isReturning) {
      const noteKey = `note:${project}/${view.reviewer.name}/${open.recording?.hash ?? item.hash}`
      const note = h("textarea", { rows: 2, required: true, value: kept.get(noteKey) ?? "",
        oninput: () => kept.set(noteKey, note.value) })
      const form = h("form.stack", { onsubmit: async (event) => {
        event.preventDefault()
        if (await judge("returned", note.value.trim(), form)) kept.drop(noteKey)
      } },
        field(open.kind === "wording" ? "What is wrong with the wording?" : "What is wrong with the recording?", note,
          "The speaker and the trainer read it."),
        h("div.row", {}, h("button.main", { type: "submit" }, "Send back"),
          h("button", { type: "button", onclick: keep }, "Cancel")))
      return form
    }
    return h("div.row", {},
      h("button.main", { type: "button", "data-yes": "", "data-needs": open.recording?.hash, disabled: !mayAccept,
        onclick: () => judge("accepted") }, "Yes"),
      h("button", { type: "button", "data-no": "", onclick: sendBack }, "No"))
  }

  /** Leaves the form for a reason; what was typed is kept. */
  function keep() {
    isReturning = false
    draw()
    content.querySelector("[data-yes]")?.focus()
  }

  function sendBack() {
    if (!content.querySelector("[data-no]")) return
    isReturning = true
    draw()
    content.querySelector("form textarea").focus()
  }

  async function judge(verdict, note, form) {
    const [open, mine] = [question(), turn]
    const words = { kind: open.kind, voice: open.recording?.voice, hash: open.recording?.hash ?? item.hash }
    const isDone = await attempt(async () => {
      const next = await post(path(project, "review", view.language.tag, item.id), {
        reviewer, ...words, verdict, note, back: open.kind === "wording" ? meaning.yours : undefined,
        heard: open.kind === "recording" && verdict === "accepted" ? true : undefined,
      })
      given.push({ tag: view.language.tag, item: item.id, ...words })
      sessionStorage.setItem(`given:${project}`, JSON.stringify(given))
      if (open.kind === "wording") kept.drop(backKey())
      if (mine === turn) replace(next)
    }, form ?? content)
    if (!isDone) return false
    // Somebody went on before the answer was there.
    if (mine !== turn) return true
    announce(`${verdict === "accepted" ? "Accepted" : "Sent back"}: ${open.kind}, ${name(item)}`)
    await choose(isDue(item) ? item : nextDue())
    focusQuestion()
    return true
  }

  function replace(next) {
    view.items[view.items.findIndex((one) => one.id === next.id)] = next
    if (item?.id === next.id) item = next
  }

  /** The next item with an open question, after this one or from the top. */
  function nextDue() {
    const index = view.items.findIndex((one) => one.id === item?.id)
    return [...view.items.slice(index + 1), ...view.items.slice(0, index)].find(isDue) ?? null
  }

  async function skip() {
    if (!item) return
    await choose(nextDue())
    focusQuestion()
  }

  async function undo() {
    const last = given.at(-1)
    if (!last) return
    const { tag, item: id, ...words } = last
    const isDone = await attempt(async () => {
      const next = await post(path(project, "review", tag, id, "undo"), { reviewer, ...words })
      given.pop()
      sessionStorage.setItem(`given:${project}`, JSON.stringify(given))
      if (view.language.tag !== tag) {
        turn += 1
        wanted = tag
        await read()
      }
      replace(next)
      await choose(view.items.find((one) => one.id === id))
    }, content)
    if (isDone) {
      announce(`Taken back: ${words.kind}, ${name(item)}`)
      focusQuestion()
    }
  }

  function focusQuestion() {
    const target = content.querySelector("section :is(textarea, [data-yes]:not(:disabled), audio, button)")
    target?.focus()
    content.querySelector("section")?.scrollIntoView({ block: "nearest" })
  }

  function play() {
    const open = item && question()
    const sound = content.querySelector(open?.recording ? `audio[data-hash="${CSS.escape(open.recording.hash)}"]`
      : "audio")
    if (!sound) return
    if (sound.paused) sound.play().catch(() => {})
    else sound.pause()
  }

  if (reviewer) await open(place.parts)
  else askReviewer()
  return {
    title: "Review",
    content,
    keys: [
      { key: "p", does: "play", act: play },
      { key: "Ctrl+Enter", does: "compare", act: reveal },
      { key: "y", does: "yes", act: () => content.querySelector("[data-yes]:not(:disabled)")?.click() },
      { key: "n", does: "no, with a reason", act: sendBack },
      { key: "s", does: "skip", act: skip },
      { key: "u", does: "undo", act: undo },
      { key: "Escape", does: "leave the field", act: () => document.activeElement?.blur() },
    ],
    async update(next) {
      place = next
      query = { ...next.query }
      if (reviewer) await open(next.parts)
    },
    async changed() {
      if (!reviewer || !view) return
      const mine = reviewer
      try {
        if (!await read()) return
      } catch (fault) {
        // The review was ended meanwhile.
        if (fault.status !== 404 || mine === reviewer) throw fault
        return
      }
      const now = view.items.find((one) => one.id === item?.id) ?? null
      if (JSON.stringify(now) === JSON.stringify(item)) return
      // The text that is judged has changed: what the reviewer wrote was about another one.
      const isSame = now?.hash === item?.hash
      item = now
      if (isSame) draw()
      else await choose(now)
    },
  }
}
review.label = "Review"
