"""How far the checker of DATEV files goes."""

from collections.abc import Mapping

from fiscus.formats import CheckScope

_SCOPE = CheckScope(
    checked=(
        "The form: the two rows at the head, the columns, and each value.",
        "Days: each booking lies in the period and the fiscal year that the head names.",
    ),
    unchecked=(
        "Where the file is from: files of this kind are not signed.",
        "Whether the bookings are those of the journal, and whether all of them are there.",
        "Whether the accounts and tax keys are right for what was sold.",
    ),
    needed=(
        "The program that wrote the file, or its journal, to compare the bookings with.",
        "The chart of accounts of the company.",
    ),
)


def scope(settings: Mapping[str, str]) -> CheckScope:
    return _SCOPE
