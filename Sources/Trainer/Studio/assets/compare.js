// What is new: two kits side by side, with both sounds of each clip.
import { counted, fill, h, inLanguage } from "./dom.js"
import { get, path } from "./api.js"
import { address, announce, field, select } from "./shell.js"

/** The view `/kits/compare?old=FILE&new=FILE`. */
export async function compare({ head, place }) {
  const project = head.id
  const { kits } = await get(path(project, "kits"))
  const whole = kits.filter((kit) => !kit.problem)
  const after = whole.find((kit) => kit.file === place.query.new) ?? whole[0]
  const older = whole.slice(whole.indexOf(after) + 1)
  const before = whole.find((kit) => kit.file === place.query.old) ?? older.find((kit) => !kit.draft) ?? older[0] ?? after
  if (!after) {
    return { title: "What is new", content: [h("p.card", {}, "No kit has been built here yet. ",
      h("a", { href: address(project, "kits") }, "Build one"), ".")], changed: () => {} }
  }
  const view = await get(`${path(project, "compare")}?${new URLSearchParams({ old: before.file, new: after.file })}`)
  const options = whole.map((kit) => [kit.file, kit.file])
  const go = (change) => { location.hash = address(project, "kits", ["compare"],
    { old: before.file, new: after.file, ...change }) }
  const player = new Audio()
  let playing = null
  const pairs = []

  function play(button) {
    const was = playing
    quiet()
    if (was === button) return
    playing = button
    button.setAttribute("aria-pressed", "true")
    player.src = button.dataset.sound
    player.play().catch(() => { announce("The sound cannot be played."); quiet() })
  }

  function quiet() {
    player.pause()
    playing?.setAttribute("aria-pressed", "false")
    playing = null
  }
  player.addEventListener("ended", quiet)

  function side(pair, sound, name, kit, group) {
    if (!sound) return h("div.side.quiet", {}, name === "before" ? "not in the old kit" : "not in the new kit")
    const isNew = pair[name === "before" ? "after" : "before"]?.text !== sound.text
    const at = `/api/1/${path(project, "kits", kit.file, "clips", group.tag, pair.voice, pair.item)}`
    return h(`div.side${isNew ? ".changed" : ""}`, {},
      h("div.row", {}, h("button", { type: "button", "aria-pressed": "false", "data-sound": at, "data-side": name,
        onclick: (event) => play(event.currentTarget) }, "▶ ", name === "before" ? "Before" : "After"),
      h("span.quiet.small", {}, `${sound.seconds.toFixed(1)} s, ${sound.loudness.toFixed(1).replace("-", "−")} LUFS, ${
        sound.status}${sound.synthetic ? ", synthetic" : ""}`)),
      inLanguage(sound.text, group, "p.text-of"), sound.back ? h("p.quiet", { lang: "en", dir: "ltr" }, sound.back) : null)
  }

  function article(pair, group) {
    const element = h("article.pair", { tabindex: "-1" },
      h("h3", {}, `${pair.number} ${pair.title} `, h("span.quiet", {}, `${pair.item}, ${pair.voice}`)),
      h("p.row", {}, pair.marks.map((mark) => h("span.tag", {}, mark)), pair.same ? h("span.quiet.small", {},
        "both sound alike") : null),
      h("div.sides", {}, side(pair, pair.before, "before", before, group), side(pair, pair.after, "after", after, group)))
    return element
  }

  const groups = view.groups.map((group, index) => {
    const inside = h("div", {})
    const show = () => {
      if (inside.childNodes.length === 0) fill(inside, group.pairs.map((pair) => article(pair, group)))
    }
    if (index === 0 || view.groups.length <= 3) show()
    return h("details.card", { open: index === 0 || view.groups.length <= 3, ontoggle: show },
      h("summary", {}, h("b", {}, inLanguage(group.autonym, group), ` ${group.english}`),
        ` · ${counted(group.pairs.length, "clip")}`), inside)
  })
  const count = view.groups.reduce((sum, group) => sum + group.pairs.length, 0)

  /** Moves to another clip; those of a closed language are opened. */
  function move(step) {
    for (const group of groups) if (!group.open) { group.open = true }
    const all = [...document.querySelectorAll("article.pair")]
    const at = all.indexOf(document.activeElement?.closest("article.pair"))
    all[Math.min(all.length - 1, Math.max(0, at + step))]?.focus()
  }

  const hear = (name) => {
    const here = document.activeElement?.closest("article.pair") ?? document.querySelector("article.pair")
    const button = here?.querySelector(`[data-side=${name}]`)
    if (button) play(button)
  }

  return {
    title: "What is new",
    content: [
      h("p", {}, h("a", { href: address(project, "kits") }, "All kits")),
      h("div.card", {}, h("div.row", {},
        field("The old kit", select(options, before.file, (file) => go({ old: file }))),
        field("The new kit", select(options, after.file, (file) => go({ new: file }))))),
      count + view.changes.length === 0 ? h("p.good", {}, "Both kits have the same texts and sounds.")
        : h("p", {}, `${counted(count, "clip")} and ${counted(view.changes.length, "other thing")} differ between `,
          h("bdi", {}, view.before.name), " and ", h("bdi", {}, view.after.name), "."),
      view.changes.length === 0 ? null : h("section.card", {}, h("h2", {}, "The kit"),
        h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Differences of the kit" }, h("table.plain", {},
          h("thead", {}, h("tr", {}, ["What", "Before", "After"].map((name) => h("th", { scope: "col" }, name)))),
          h("tbody", {}, view.changes.map((change) => h("tr", {}, h("th", { scope: "row" }, change.what),
            h("td", { dir: "auto" }, change.before ?? "–"), h("td", { dir: "auto" }, change.after ?? "–"))))))),
      groups,
    ],
    keys: count === 0 ? [] : [
      { key: "j", does: "next clip", act: () => move(1) },
      { key: "k", does: "clip before", act: () => move(-1) },
      { key: "b", does: "hear before", act: () => hear("before") },
      { key: "a", does: "hear after", act: () => hear("after") },
      { key: "Escape", does: "quiet", act: quiet },
    ],
    close: quiet,
  }
}
