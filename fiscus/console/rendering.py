"""Pages as HTML: Jinja2 that escapes everything and stops at what is not there, and the filters
that write numbers, days and money as a language does."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

from babel import dates, numbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from fiscus.console import languages

FOLDER = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_PREFIXES = ("", "k", "M", "G", "T")


def page(language: str, template: str, **values: Any) -> str:
    """`visit` is among the values. `zones` gathers the time zone that times are shown in, for the
    line below the page that names it."""
    return _environment(language).get_template(template).render(zones=[], **values)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    translations = languages.translations(language)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        amount=partial(amount, language),
        number=partial(number, language),
        percent=partial(percent, language),
        day=partial(day, language),
        moment=_moments(language),
        bytes=partial(size, language),
    )
    environment.globals.update(
        static=static,
        language=language,
        languages=languages.LANGUAGES,
        as_json=as_json,
        zone_name=partial(zone_name, language),
    )
    return environment


def amount(language: str, value: Decimal, currency: str = "EUR") -> str:
    """Money in a currency of ISO 4217; a value in its main unit, not in cents. Nothing has no
    minus."""
    return numbers.format_currency(value + 0, currency, locale=languages.locale(language))


def number(language: str, value: int | Decimal) -> str:
    return numbers.format_decimal(value, locale=languages.locale(language))


def percent(language: str, value: Decimal) -> str:
    """A rate such as 19 for 19 %."""
    return numbers.format_percent(value / 100, "#,##0.###%", locale=languages.locale(language))


def day(language: str, value: date) -> str:
    return dates.format_date(value, "medium", locale=languages.locale(language))


def _moments(language: str) -> Callable[..., Markup]:
    """The filter for instants. Templates give a zone only where it may be another one than the
    visit's; such a time names its zone itself, all others are named once, below the page."""

    @pass_context
    def shown(context: Context, value: datetime, zone: str = "") -> Markup:
        own: str = context["visit"].timezone
        is_other = bool(zone) and zone != own
        if not is_other and own not in context["zones"]:
            context["zones"].append(own)
        return moment(language, value, zone or own, is_named=is_other)

    return shown


def moment(language: str, value: datetime, zone: str, *, is_named: bool = False) -> Markup:
    """An instant by the clocks of a time zone (IANA), as an element that programs can read and
    that tells the time in UTC to who points at it; `is_named`: with the zone's name."""
    at = value.astimezone(dates.get_timezone(zone))
    written = dates.format_datetime(at, "medium", locale=languages.locale(language))
    name = f" {zone}" if is_named else ""
    utc = value.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC">{}{}</time>').format(
        utc.isoformat(), f"{utc:%Y-%m-%d %H:%M:%S}", written, name
    )


def zone_name(language: str, zone: str) -> str:
    """What people call a time zone (IANA), with its own name behind: that is exact."""
    if zone == "UTC":
        return zone
    named = dates.get_timezone_name(dates.get_timezone(zone), locale=languages.locale(language))
    return f"{named} ({zone})"


def size(language: str, value: int) -> str:
    """Bytes, in the unit in which there are less than a thousand."""
    scaled, prefix = Decimal(value), 0
    while scaled >= 1000 and prefix < len(_PREFIXES) - 1:
        scaled, prefix = scaled / 1000, prefix + 1
    return f"{number(language, round(scaled, 1).normalize())} {_PREFIXES[prefix]}B"


def as_json(value: Any) -> Markup:
    """JSON that can stand in a script element: it cannot end it."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    return Markup(text)  # noqa: S704 - escaped above


@cache
def files() -> Mapping[str, bytes]:
    """The files that pages load, by their path below `static/`."""
    found = (one for one in sorted(STATIC.rglob("*")) if one.suffix in TYPES)
    return {one.relative_to(STATIC).as_posix(): one.read_bytes() for one in found}


@cache
def digest() -> str:
    """Names the present state of all files, so that browsers may keep them for ever."""
    whole = hashlib.sha256()
    for name, content in files().items():
        whole.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()[:16]


def static(name: str) -> str:
    """The address of a file. Raises `KeyError` if there is none, so that a page cannot lack one."""
    if name not in files():
        raise KeyError(name)
    return f"/console/static/{digest()}/{name}"
