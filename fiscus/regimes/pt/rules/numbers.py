"""The number that a till says it has printed is the one that the document gets."""

import re
from collections.abc import Iterator

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes.pt.documents import DOCUMENT_TYPES, document_type
from fiscus.regimes.pt.rules.law import rule
from fiscus.regimes.pt.series import series

_CLAIM = re.compile(r"(?:(?:(?P<type>[A-Z]{2}) )?(?P<series>\S+)/)?(?P<number>[0-9]+)", re.ASCII)
"""Bare digits, or a number with its series, as it is printed; the type may be left out."""


@rule(
    Code(
        "PT-NUMBER-01",
        "the till's number is not the next of its series: print ours, or ignore the system's"
        " numbers",
    ),
    law="CIVA, art. 36 (5)",
    is_final=True,
)
def claimed_number_is_the_next(case: Case) -> Iterator[str]:
    """A reference of the till's own, such as an order number with letters, claims nothing. Without
    a slot the series is new, and begins at 1."""
    kind, wanted = document_type(case.draft), series(case.draft, case.place)
    claim = _CLAIM.fullmatch(case.draft.reference)
    if not case.is_number_claimed or claim is None or kind is None or wanted is None:
        return
    name = case.slot.series.name if case.slot else wanted.name
    said = claim["series"]
    if said is not None and not _is_one_of(said, (name, wanted.name, wanted.said)):
        return
    if claim["type"] is not None and claim["type"] not in DOCUMENT_TYPES:
        return
    number = case.slot.number if case.slot else 1
    if int(claim["number"]) != number or claim["type"] not in (None, kind.code):
        yield f"reference {case.draft.reference}, next is {kind.code} {name}/{number}"


def _is_one_of(said: str, names: tuple[str, ...]) -> bool:
    """In any letter case, as the authority compares names; a slash became a hyphen."""
    return said.replace("/", "-").casefold() in {name.casefold() for name in names}


NUMBERS = (claimed_number_is_the_next,)
