"""What can go wrong: a code, a fault, and five errors, which API families translate.

**Paths.** A fault says where it lies in neutral words: the names of fields of what was asked for.
Each side that speaks to callers (an API family, the command line) has its own word for each; below
those sides no path begins with a member of some body, or with an option.

- An order: `register`, `intent`, `kind`, and the fields of its `Draft` (`model/documents.py`), such
  as `lines[3].vat.amount`, `payments[0].amount`, `buyer.tax_number`, `refers_to`, `totals`.
- A thing of the registry: `name`, `state`, `mode`, `taxpayer`, `location`, `registers[0]`,
  `tax_number` (the one that its law knows it by), `facts` with the name of a fact behind it.
- A file: `taxpayer`, `register`, `location`, `period`, `period.last`, `since`, `until`.
- The books of a company: the fields of `BooksContent` (`accounting/mapping.py`), such as
  `rules[3].account`; of its file `line 4`.
- How a taxpayer reports: `reporting`; the deletion of what was reported: `reason`; what is said of
  a month: `month`, `type`, `reference`, `reason`.
- A series that is taken over: the fields of `Adoption` (`issuing/adopting.py`).

Behind a blank may stand the value that is meant: `last_number 41`. A path that is no such word is a
value or a sentence, such as the id of what is open still, and is shown as it is.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

import msgspec


class Code(NamedTuple):
    """A stable name for one kind of trouble. Ids are never reused; texts carry no values."""

    id: str
    text: str


class Severity(StrEnum):
    """What it means that a checker of files has found something.

    - `ERROR`: an authority refuses the file for it, or it shows that something was changed;
    - `WARNING`: files of certified products are seen doing it; a person should look at it;
    - `NOTE`: the checker could not judge it, and says so. Nothing is broken there.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One broken rule: its code, the sentence, the law, and the places where it is broken.

    `severity` is said by checkers of files: whatever else finds a fault refuses for it. They keep
    the first places alone; `more` are known to be there besides.
    """

    code: str
    text: str
    law: str = ""
    paths: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    more: int = 0

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def sentence(self) -> str:
        where = f" ({', '.join(self.paths)})" if self.paths else ""
        return f"{self.code}: {self.text}{where}"


def severity_of(
    code: Code, *, notes: Collection[Code] = (), warnings: Collection[Code] = ()
) -> Severity:
    """What a checker means by one of its codes: an error, unless it lists it otherwise."""
    if code in notes:
        return Severity.NOTE
    return Severity.WARNING if code in warnings else Severity.ERROR


def inside(field: str, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The same faults, their paths below a field: what a law says of facts names the fact alone."""
    return tuple(
        msgspec.structs.replace(fault, paths=tuple(f"{field}.{path}" for path in fault.paths))
        for fault in faults
    )


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller must know of a document that was issued: no fault, but `remedy` is to be
    done."""

    code: str
    text: str
    remedy: str
    law: str


def is_sound(faults: tuple[Fault, ...]) -> bool:
    """Whether a checker has found no error, whatever it warns of and could not judge."""
    return not any(fault.is_error for fault in faults)


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
