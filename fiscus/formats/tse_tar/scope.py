"""How far the checker of a TSE's archive goes."""

from collections.abc import Mapping

from fiscus.formats import CheckScope

_SCOPE = CheckScope(
    checked=(
        "The form: the archive, the names of its files, and each log message.",
        "The signature of each log message, by the certificate in the archive.",
        "Counters: of signatures and of transactions, and gaps in them.",
        "The certificates: each one was issued by the next, and was valid at the time.",
    ),
    unchecked=(
        "Whether the uppermost certificate is that of a certified maker.",
        "Whether the device logged more after the last message.",
        "Whether the receipts of the register are the ones that were logged.",
    ),
    needed=(
        "The root certificate from the maker of the TSE or the BSI.",
        "A newer export of the same TSE.",
        "The DSFinV-K file of the same days.",
    ),
)


def scope(settings: Mapping[str, str]) -> CheckScope:
    return _SCOPE
