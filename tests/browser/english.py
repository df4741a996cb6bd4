"""No English is left on a German or Portuguese page, but what is nobody's to translate."""

import re

from tests.browser.watching import WatchedPage

_SEEN = """
(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  const read = (node) => node.parentElement.tagName === "NOSCRIPT"
    ? new DOMParser().parseFromString(node.textContent, "text/html").body.textContent
    : node.textContent;  // to who runs scripts, the elements in it are one text
  const foreign = "script, style, code, pre, textarea, option, [translate=no], [lang='en']";
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const said = read(node).trim();
    if (said && !node.parentElement.closest(foreign)) found.push(said);
  }
  return [...found, ...[...document.querySelectorAll("[aria-label], [placeholder], [title]")]
    .flatMap((one) => [one.ariaLabel, one.placeholder, one.title]).filter(Boolean)];
})()
"""

ENGLISH = re.compile(
    r"\b(the|and|with|which|this|these|from|your|of|is|are|was not|not|for|been|you|by|"
    r"nothing|nobody|signed|sealed|issued|already|exported|payment)\b",
    re.IGNORECASE,
)
"""Words that an English sentence hardly does without, and that the other languages do not have."""


def english(it: WatchedPage) -> list[str]:
    """The texts of a page in which English is left."""
    return [one for one in it.page.evaluate(_SEEN) if ENGLISH.search(one)]
