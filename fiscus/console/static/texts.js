// Texts of a page for its scripts, in the visitor's language: the page brings them in an element
// with the id "texts", as parts.texts() writes it.

const element = document.getElementById("texts");
const texts = element ? JSON.parse(element.textContent) : {};

// The text of that key, each {name} in it replaced by its value; the key itself if there is none.
export function text(key, values = {}) {
  const said = texts[key] ?? key;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
