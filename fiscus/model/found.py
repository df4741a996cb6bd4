"""What a checker of files has found, gathered by code: a file broken throughout must not fill the
memory, nor the page on which somebody reads it."""

from collections.abc import Collection

from fiscus.model.faults import Code, Fault, severity_of

PATHS_MAX = 100
"""Places that are kept for one code; further ones are counted."""

PLACE_LENGTH_MAX = 300


class FoundPlaces:
    """The broken rules found so far, each with its first places in the order they were met."""

    def __init__(self, paths_max: int = PATHS_MAX) -> None:
        self._paths_max = paths_max
        self._places: dict[Code, dict[str, None]] = {}
        self._more: dict[Code, int] = {}
        self.count = 0
        """How often anything was found, also in the same place again."""

    def add(self, code: Code, place: str) -> None:
        """A place that is kept already is not counted again."""
        self.count += 1
        places = self._places.setdefault(code, {})
        shown = printable(place)
        if shown in places:
            return
        if len(places) < self._paths_max:
            places[shown] = None
        else:
            self._more[code] = self._more.get(code, 0) + 1

    def faults(
        self, *, notes: Collection[Code] = (), warnings: Collection[Code] = (), law: str = ""
    ) -> tuple[Fault, ...]:
        return tuple(
            Fault(
                code=code.id,
                text=code.text,
                law=law,
                paths=tuple(places),
                more=self._more.get(code, 0),
                severity=severity_of(code, notes=notes, warnings=warnings),
            )
            for code, places in sorted(self._places.items())
        )


def printable(text: str) -> str:
    """Names in a file are anybody's: what reaches a terminal or a page is short and harmless."""
    if len(text) <= PLACE_LENGTH_MAX and text.isprintable():
        return text
    shown = text if len(text) <= PLACE_LENGTH_MAX else f"{text[: PLACE_LENGTH_MAX - 1]}…"
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in shown)
