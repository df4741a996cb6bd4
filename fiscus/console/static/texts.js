// Texts of a page for its scripts, in the visitor's language: the page brings them in an element
// with the id "texts", as parts.texts() writes it.

const element = document.getElementById("texts");
const texts = element ? JSON.parse(element.textContent) : {};

// The text of that key, each {name} in it replaced by its value; the key itself if there is none.
// A text that differs with a number comes for one thing and for more: `count` says which it is.
export function text(key, values = {}) {
  const found = texts[key] ?? key;
  const said = typeof found === "string" ? found : values.count === 1 ? found.one : found.other;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
