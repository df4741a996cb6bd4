"""What differs between two records of all answers, grouped by kind for a reviewer."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from tests.answers.masks import PLACEHOLDER

Json = Any
SHOWN_MAX = 3
NOTHING = "(nothing)"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place where two records part. `kind` and `what` make the group it is told in."""

    kind: str
    what: str
    place: str
    old: str
    new: str


@dataclass(kw_only=True)
class Names:
    """Which placeholder of the new record stands for which of the old one, within one test: one
    more id somewhere moves all numbers after it, and means nothing."""

    there: dict[str, str] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)

    def are_same(self, old: str, new: str) -> bool:
        """Equal but for the names of placeholders, which must always stand for each other."""
        if PLACEHOLDER.sub(_without_number, old) != PLACEHOLDER.sub(_without_number, new):
            return False
        pairs = zip(PLACEHOLDER.findall(old), PLACEHOLDER.findall(new), strict=True)
        return all([self._are_one(one, other) for one, other in pairs])

    def _are_one(self, old: str, new: str) -> bool:
        return self.there.setdefault(old, new) == new and self.back.setdefault(new, old) == old


def _without_number(found: re.Match[str]) -> str:
    return "<" + found[1].rpartition("-")[0]


def differences(old: Path, new: Path) -> Iterator[Difference]:
    """Of two folders, test by test."""
    before, after = _files(old), _files(new)
    for name in sorted(before.keys() | after.keys()):
        if name not in after or name not in before:
            what = "is gone" if name in before else "is new"
            yield Difference(kind="test", what=what, place=name, old="", new="")
            continue
        yield from of_tests(name, _read(before[name]), _read(after[name]))


def _files(folder: Path) -> dict[str, Path]:
    return {str(file.relative_to(folder)): file for file in folder.rglob("*.json")}


def _read(file: Path) -> list[Json]:
    found: list[Json] = json.loads(file.read_text(encoding="utf-8"))["exchanges"]
    return found


def of_tests(test: str, old: Sequence[Json], new: Sequence[Json]) -> Iterator[Difference]:
    """Requests are paired by what was asked, so one more of them does not shift all others."""
    names = Names()
    matcher = SequenceMatcher(
        None, [_asked(one) for one in old], [_asked(one) for one in new], False
    )
    for tag, first, last, other_first, other_last in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(old[first:last], new[other_first:other_last], strict=True):
                yield from of_exchanges(test, one, other, names)
            continue
        for one in old[first:last]:
            yield Difference(kind="request", what="is gone", place=test, old=_asked(one), new="")
        for one in new[other_first:other_last]:
            yield Difference(kind="request", what="is new", place=test, old="", new=_asked(one))


def _asked(exchange: Json) -> str:
    """Method and path, without the numbers of placeholders."""
    request = exchange["request"]
    return PLACEHOLDER.sub(_without_number, f"{request['method']} {request['path']}")


def of_exchanges(test: str, old: Json, new: Json, names: Names) -> Iterator[Difference]:
    """At one request: first what was asked, then what was answered."""
    place = f"{test}: {old['request']['method']} {old['request']['path']}"
    if old.get("at once") or new.get("at once"):
        names = Names()
    names.are_same(old["request"]["path"], new["request"]["path"])
    asked, answered = (old["request"], new["request"]), (old["answer"], new["answer"])
    yield from _members(place, "request header", "", *_part(asked, "headers"), names)
    yield from _members(place, "request body", "", *_part(asked, "body"), names)
    if old["answer"]["status"] != new["answer"]["status"]:
        before, after = (str(one["answer"]["status"]) for one in (old, new))
        what = f"{before} became {after}"
        yield Difference(kind="status", what=what, place=place, old=before, new=after)
    yield from _members(place, "header", "", *_part(answered, "headers"), names)
    yield from _members(place, "body", "", *_part(answered, "body"), names)


def _part(pair: tuple[Json, Json], name: str) -> tuple[Json, Json]:
    return pair[0][name], pair[1][name]


def _members(
    place: str, kind: str, path: str, old: Json, new: Json, names: Names
) -> Iterator[Difference]:
    """Down to the members that differ; the place in a list does not count for the group."""
    match old, new:
        case dict(), dict():
            yield from _of_objects(place, kind, path, old, new, names)
        case list(), list() if len(old) == len(new):
            for one, other in zip(old, new, strict=True):
                yield from _members(place, kind, f"{path}[]", one, other, names)
        case str(), str():
            if not names.are_same(old, new):
                is_text = kind == "body" and " " in old and " " in new
                yield _difference(place, "text" if is_text else kind, path, old, new)
        case _ if old != new or type(old) is not type(new):
            yield _difference(place, kind, path, old, new)


def _of_objects(
    place: str, kind: str, path: str, old: Json, new: Json, names: Names
) -> Iterator[Difference]:
    """Members whose names hold placeholders (files of an archive) are paired by their order."""
    before, after = ({_named(one): one for one in members} for members in (old, new))
    if len(before) != len(old) or len(after) != len(new):
        before, after = ({str(n): one for n, one in enumerate(members)} for members in (old, new))
    for name in [*before, *(one for one in after if one not in before)]:
        inner = f"{path}.{name}" if path else name
        if name not in after:
            yield Difference(
                kind=kind,
                what=f"{inner} is gone",
                place=place,
                old=_shown(old[before[name]]),
                new="",
            )
        elif name not in before:
            yield Difference(
                kind=kind, what=f"{inner} is new", place=place, old="", new=_shown(new[after[name]])
            )
        else:
            names.are_same(before[name], after[name])
            yield from _members(place, kind, inner, old[before[name]], new[after[name]], names)
    common = [one for one in before if one in after]
    if common != [one for one in after if one in before]:
        what = f"{path or 'members'}: another order"
        yield Difference(
            kind=kind, what=what, place=place, old=", ".join(before), new=", ".join(after)
        )


def _named(name: str) -> str:
    return PLACEHOLDER.sub(_without_number, name)


def _difference(place: str, kind: str, path: str, old: Json, new: Json) -> Difference:
    return Difference(
        kind=kind, what=path or "as a whole", place=place, old=_shown(old), new=_shown(new)
    )


def _shown(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]} … ({len(text)} characters)"


def report(found: Sequence[Difference]) -> str:
    """Groups with their number and some of their places, the kinds in a fixed order."""
    groups: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for one in found:
        groups[one.kind, one.what].append(one)
    order = (
        "test",
        "request",
        "request header",
        "request body",
        "status",
        "header",
        "body",
        "text",
    )
    lines = []
    for kind in order:
        of_kind = {what: ones for (its, what), ones in groups.items() if its == kind}
        if not of_kind:
            continue
        lines.append(f"\n== {kind}: {sum(len(ones) for ones in of_kind.values())}")
        for what, ones in sorted(of_kind.items()):
            lines += [f"\n{what} ({len(ones)})", *_examples(ones)]
    return "\n".join(lines).strip()


def _examples(ones: Sequence[Difference]) -> Iterator[str]:
    """Each pair of old and new once, with the first place."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in ones:
        pairs[one.old, one.new].append(one.place)
    for (old, new), places in list(pairs.items())[:SHOWN_MAX]:
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        yield f"  {places[0]}{more}"
        if old or new:
            yield f"    - {old or NOTHING}"
            yield f"    + {new or NOTHING}"
    if len(pairs) > SHOWN_MAX:
        yield f"  … {len(pairs) - SHOWN_MAX} other pairs of old and new"
