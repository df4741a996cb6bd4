"""How far the checkers of journals in plain text go."""

from collections.abc import Mapping

from fiscus.formats import CheckScope

_SCOPE = CheckScope(
    checked=(
        "The form of each line that we write: days, accounts, amounts.",
        "Sums: the postings of each transaction add up to zero.",
        "Accounts: each one is opened or declared in the file.",
    ),
    unchecked=(
        "Lines of other kinds: the notes name them.",
        "Where the file is from: files of this kind are not signed.",
        "Whether the bookings are those of the journal, and whether all of them are there.",
    ),
    needed=("The program that wrote the file, or its journal, to compare the bookings with.",),
)


def scope(settings: Mapping[str, str]) -> CheckScope:
    return _SCOPE
