/* The small parts the designer's page is made of. */

/** An element: attributes, `on…` handlers, and children; what is null or undefined is left out. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const icon = (look) => make("i", { class: `fa ${look}`, "aria-hidden": "true" });

/** A button that is an icon; its label is read aloud and shown when the pointer rests on it. */
export const tool = (look, label, act, more = {}) =>
  make("button", { type: "button", class: "tool", title: label, "aria-label": label, onclick: act, ...more }, icon(look));
