// Elements without markup: every text becomes a text node, so that a name with `<b>` in it is shown as it is written.

/**
 * Creates an element.
 *
 * @param {string} kind a tag name with classes: `p.quiet.small`.
 * @param {object} [fields] attributes; `onclick` and other `on…` are listeners; `value`, `checked` and the like are
 *   properties; a value of `null`, `undefined` or `false` is left out.
 * @param {...(Node|string|number|Array|null|undefined|false)} children nodes and texts, also nested.
 * @returns {HTMLElement}
 */
export function h(kind, fields, ...children) {
  const [name, ...classes] = kind.split(".")
  const element = document.createElement(name)
  if (classes.length > 0) element.className = classes.join(" ")
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (value === null || value === undefined || value === false) continue
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value)
    else if (properties.has(key)) element[key] = value
    else element.setAttribute(key, value === true ? "" : value)
  }
  element.append(...nodes(children))
  return element
}

const properties = new Set(["value", "checked", "disabled", "readOnly", "selected", "indeterminate", "tabIndex"])

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)))
}

/** Replaces the content of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children))
  return element
}

/**
 * Creates an element with a text in its own language, isolated from the text around it.
 *
 * @param {string} text
 * @param {{tag: string, direction?: string}} language
 * @param {string} [kind]
 */
export function inLanguage(text, language, kind = "span") {
  return h(kind, { lang: language.tag, dir: language.direction ?? "auto" }, text)
}

/** The name of an item: number and title. Formulas, how to answer, have no number. */
export const itemName = (item) => (item.kind === "formula" ? item.title : `${item.number} ${item.title}`)

/** Returns `1 recording`, `3 recordings`. */
export function counted(number, noun, plural = noun + "s") {
  return `${number} ${number === 1 ? noun : plural}`
}
