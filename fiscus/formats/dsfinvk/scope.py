"""How far the checker of DSFinV-K goes."""

from collections.abc import Mapping

from fiscus.formats import CheckScope

_SCOPE = CheckScope(
    checked=(
        "The form: index.xml, every table that it names, and each value.",
        "Sums: lines, payments and taxes of each receipt, and those of each closing.",
        "References between the tables.",
        "The signatures of the TSE, by the certificates in the file, as far as they are of a known "
        "kind: which ones are not stands among the notes.",
    ),
    unchecked=(
        "Whether the certificates are those of a certified TSE: the chain above them is not part "
        "of this file.",
        "Whether every receipt and every closing of the period is in the file.",
    ),
    needed=(
        "The export of the TSE itself (TAR file) with its certificates, and the root certificate "
        "from its maker or the BSI.",
        "The journal package of the same days from whoever runs the register.",
    ),
)


def scope(settings: Mapping[str, str]) -> CheckScope:
    return _SCOPE
