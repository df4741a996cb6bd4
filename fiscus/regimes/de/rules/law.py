"""How a sentence of law is written down: a function with its code, its text and its source."""

from collections.abc import Callable, Iterator

from fiscus.model.faults import Code
from fiscus.model.records import Case
from fiscus.regimes import Rule

RECORDING = "AO § 146 (1)"
LOGGED = "KassenSichV § 2"
RECEIPT = "KassenSichV § 6"
EXPORT = "DSFinV-K"

BrokenAt = Callable[[Case], Iterator[str]]


def rule(
    code: Code, law: str, *, is_final: bool = False, is_not_yet: bool = False
) -> Callable[[BrokenAt], Rule]:
    """Makes a rule of the function below it: the sentence and its check stand together."""
    return lambda broken_at: Rule(
        code=code, law=law, broken_at=broken_at, is_final=is_final, is_not_yet=is_not_yet
    )
