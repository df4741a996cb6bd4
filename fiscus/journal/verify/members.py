"""The forms of a body's members: what each must look like before anything is read from it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
EPOCH_MAX = 2**32 - 1
COUNT_MAX = 2**63 - 1
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", re.ASCII)
INSTANT_OF_ROW = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HASH = re.compile(r"[0-9a-f]{64}")
HASH_LENGTHS = frozenset((64,))
RELIED_MAX = 8
INSTANT_CHARACTERS_MAX = 27
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
PLACE_TEXTS = ("organization", "taxpayer", "location")
PLACE_NUMBERS = ("taxpayer_version", "location_version", "register_version")
PLACE = frozenset((*PLACE_TEXTS, *PLACE_NUMBERS))


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def is_any_text(value: object) -> bool:
    return isinstance(value, str)


def is_count(value: object) -> bool:
    return type(value) is int and 0 < value <= COUNT_MAX


def is_epoch(value: object) -> bool:
    return type(value) is int and 0 < value <= EPOCH_MAX


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def is_uuid(value: object) -> bool:
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_hash(value: object) -> bool:
    return isinstance(value, str) and HASH.fullmatch(value) is not None


@lru_cache(maxsize=256)
def are_hashes(values: tuple[object, ...]) -> bool:
    return all(map(is_hash, values))


def is_instant(value: object) -> bool:
    return micros(value) is not None


def is_members(value: object) -> bool:
    return isinstance(value, dict)


def is_list(value: object) -> bool:
    return isinstance(value, list)


def is_anything(value: object) -> bool:
    return value is not None


def is_place(value: object) -> bool:
    if not isinstance(value, dict) or not value.keys() >= PLACE:
        return False
    for name in PLACE_TEXTS:
        if not value[name] or type(value[name]) is not str:
            return False
    for name in PLACE_NUMBERS:  # noqa: SIM110 - quicker than `all`, and asked of every entry
        if type(value[name]) is not int:
            return False
    return True


def is_relied(value: object) -> bool:
    """Short ones are remembered: most entries of a chain rely on the same few links."""
    if not isinstance(value, dict):
        return False
    links = (*value.values(),)
    try:
        if len(links) <= RELIED_MAX and {*map(len, links)} <= HASH_LENGTHS:
            return are_hashes(links)
    except TypeError:  # not all of them are texts
        return False
    return all(map(is_hash, links))


def is_numbered(value: object) -> bool:
    return (
        isinstance(value, dict)
        and is_text(value.get("series"))
        and is_count(value.get("number"))
        and is_any_text(value.get("name", ""))
        and is_any_text(value.get("previous", ""))
    )


def is_seal(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    day = value.get("day")
    return (
        isinstance(day, str)
        and DAY.fullmatch(day) is not None
        and is_any_text(value.get("document_type"))
    )


def is_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


FORMS: Mapping[str, Callable[[object], bool]] = {
    "id": is_uuid,
    "kind": is_text,
    "chain": is_uuid,
    "epoch": is_epoch,
    "sequence": is_count,
    "previous": is_hash,
    "at": is_instant,
    "place": is_place,
    "relies": is_relied,
    "intent": is_any_text,
    "refers": is_any_text,
    "draft": is_members,
    "numbered": is_numbered,
    "seal": is_seal,
    "session": is_any_text,
    "said": is_anything,
    "claim": is_hash,
    "rows": is_rows,
    "faults": is_list,
    "closing": is_members,
    "note": is_any_text,
    "by": is_text,
    "adoption": is_members,
    "export": is_members,
    "request": is_members,
    "erased": is_rows,
    "key": is_members,
    "settings": is_anything,
    "finding": is_anything,
}


def unfit_members(body: Mapping[str, object]) -> list[str]:
    """The members of a wrong form; unknown names are judged with the kind."""
    find = FORMS.get
    return [name for name, value in body.items() if not find(name, is_anything)(value)]


@lru_cache(maxsize=64)
def micros_of(at: str) -> int | None:
    if INSTANT.fullmatch(at) is None:
        return None
    try:
        return (datetime.fromisoformat(at) - EPOCH) // MICROSECOND
    except (ValueError, OverflowError):
        return None


def micros(at: object) -> int | None:
    """Microseconds since 1970, or None if this is not an instant in UTC with `Z`."""
    return micros_of(at) if isinstance(at, str) and len(at) <= INSTANT_CHARACTERS_MAX else None


def row_instant(at: object) -> str | None:
    """The same instant as rows have it: UTC, six decimals of a second. Any zone is read."""
    if not isinstance(at, str):
        return None
    try:
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            return None
        text = instant.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return None
    return text.removesuffix("+00:00") + "Z"
