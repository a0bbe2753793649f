// What the views of a journal share.
import { h } from "./dom.js"

/** The browser's time zone: times are shown in it. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"

/** The rows of a session, as `firstword journal show` has them. */
export function journalRows(session) {
  return session.rows.map((row) => h(`li${row.isForResponder || row.kind === "break" ? ".quiet" : ""}`,
    { "data-kind": row.kind }, h("time", {}, row.time), h("b", {}, row.kind === "break" ? "" : row.kind),
    h("span", {}, row.parts.map((part) => (part.isBad ? h("strong.bad", {}, part.text) : part.text)))))
}
