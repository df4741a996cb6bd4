"""Looks at a page as it is shown, and says what is wrong with it."""

from collections.abc import Iterator
from itertools import pairwise

from tests.browser.watching import WatchedPage

PHONE, WIDE = 390, 1440
PAPER = 718
"""A4 with margins, in pixels of 1/96 inch."""

HEIGHT = 900

STOPS_IN_A_DATE = 3
"""Day, month, year, and the calendar: so many more than of another field."""

_CONTROLS = """
(() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const found = [...document.querySelectorAll(wanted)].filter((one) =>
    one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true}) &&
    !(one.type === "radio" && !one.checked && document.querySelector(
      `input[type=radio][name="${CSS.escape(one.name)}"]:checked`)));
  found.forEach((one, index) => { one.dataset.control = index; });
  return found.map((one) => one.outerHTML.slice(0, 120));
})()
"""
"""Marks what a keyboard must reach. Of radio buttons only the chosen one is a stop."""

_STOP = """
(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {
    control: one.dataset.control ?? "",
    html: one.outerHTML.slice(0, 120),
    shows: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || !!style.boxShadow
      && style.boxShadow !== "none",
    isInWindow: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
})()
"""

_HEADINGS = """
[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((one) => one.checkVisibility())
  .map((one) => Number(one.tagName[1]))
"""

_SMALL = """
[...document.querySelectorAll("main *, header *, footer *")].filter((one) =>
  one.checkVisibility() && [...one.childNodes].some((node) => node.nodeType === 3
  && node.textContent.trim()) && parseFloat(getComputedStyle(one).fontSize) < 12)
  .map((one) => one.outerHTML.slice(0, 120))
"""

_CUT = """
[...document.querySelectorAll("main *")].filter((one) => {
  const style = getComputedStyle(one);
  return one.checkVisibility() && style.overflowX === "hidden" && style.clipPath === "none"
    && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1;
}).map((one) => one.outerHTML.slice(0, 120))
"""


LOOKS = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
"""Rules of axe that see how a page looks; all others see what it is."""


def shown(it: WatchedPage, width: int, dark: bool, *rules: str) -> Iterator[str]:
    """What is wrong at this width and with these colours."""
    it.page.set_viewport_size({"width": width, "height": HEIGHT})
    it.page.emulate_media(color_scheme="dark" if dark else "light")
    place = f"{width} px, {'dark' if dark else 'light'}"
    if (beyond := it.width_beyond()) > 0:
        yield f"{place}: {beyond} pixels wider than the window: {it.too_wide()}"
    yield from (f"{place}: the text is cut off: {one}" for one in it.page.evaluate(_CUT))
    yield from (f"{place}: {one}" for one in it.axe(*rules))


def told(it: WatchedPage, language: str) -> Iterator[str]:
    """What is wrong with how the page says what it is."""
    said = it.page.evaluate("document.documentElement.lang")
    if said != language:
        yield f"the language is said to be {said!r}"
    title = it.page.title()
    if not title.partition(" · ")[0].strip() or not title.endswith(" · Fiscus"):
        yield f"the title is {title!r}"
    levels = it.page.evaluate(_HEADINGS)
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"the headings begin with {levels[:3]}, and one h1 stands first"
    if any(later > earlier + 1 for earlier, later in pairwise(levels)):
        yield f"a level of headings is left out: {levels}"
    yield from (f"smaller than 12 px: {one}" for one in it.page.evaluate(_SMALL))


def reached(it: WatchedPage) -> Iterator[str]:
    """What the key Tab does not reach, and where it does not show where it is."""
    controls = it.page.evaluate(_CONTROLS)
    it.page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    seen: list[str] = []
    dates = it.page.locator("input:is([type=date], [type=month])").count()
    for _ in range(len(controls) + dates * STOPS_IN_A_DATE + 5):
        it.page.keyboard.press("Tab")
        stop = it.page.evaluate(_STOP)
        if stop is None:
            break
        seen.append(stop["control"])
        if not stop["shows"]:
            yield f"the focus is not shown: {stop['html']}"
        if not stop["isInWindow"]:
            yield f"the focus is out of sight: {stop['html']}"
    missed = [html for index, html in enumerate(controls) if str(index) not in seen]
    yield from (f"Tab does not reach {html}" for html in missed)
    order = [int(one) for one in seen if one]
    if order != sorted(order):
        yield f"Tab goes another way than the page: {order}"


def printed(it: WatchedPage) -> Iterator[str]:
    """What is wrong on paper."""
    it.page.set_viewport_size({"width": PAPER, "height": HEIGHT})
    it.page.emulate_media(media="print", color_scheme="dark")
    try:
        if (beyond := it.width_beyond()) > 0:
            yield f"print: {beyond} pixels wider than paper: {it.too_wide()}"
        if not it.page.locator("h1").is_visible():
            yield "print: no heading"
        if it.page.locator("header nav, .pager").locator("visible=true").count():
            yield "print: the navigation is printed"
        paper = it.page.evaluate("getComputedStyle(document.body).backgroundColor")
        if paper != "rgb(255, 255, 255)":
            yield f"print: the paper is {paper}"
    finally:
        it.page.emulate_media(media="screen")
