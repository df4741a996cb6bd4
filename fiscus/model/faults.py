"""What can go wrong: a code, a fault, and five errors; doors translate them, nobody adds one."""

from typing import NamedTuple

import msgspec


class Code(NamedTuple):
    """A stable name for one kind of trouble. Ids are never reused; texts carry no values."""

    id: str
    text: str


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One broken rule: its code, the sentence, the law, and the places where it is broken."""

    code: str
    text: str
    law: str = ""
    paths: tuple[str, ...] = ()

    def sentence(self) -> str:
        where = f" ({', '.join(self.paths)})" if self.paths else ""
        return f"{self.code}: {self.text}{where}"


class Trouble(Exception):
    """The common shape of the five errors; raised only as one of them."""

    def __init__(self, code: Code, *paths: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(code.id)
        self.code = code
        self.paths = paths
        self.faults = faults or (Fault(code=code.id, text=code.text, paths=paths),)

    def __str__(self) -> str:
        return "; ".join(fault.sentence() for fault in self.faults)


class Refused(Trouble):
    """The request cannot be carried out as it is: change it. Nothing was written."""


class Conflict(Trouble):
    """The request met a state that does not allow it: look again, then decide."""


class Missing(Trouble):
    """No such thing, or not visible to the one who asks."""


class Unavailable(Trouble):
    """Not now: send the same request again later. Nothing is half done."""


class Corrupt(Trouble):
    """What is stored contradicts itself: stop and call a person."""
