"""The NIF, its check digit, and what a taxpayer must tell before it may sell."""

import re
from collections.abc import Iterator, Mapping

from fiscus.model.faults import Code, Fault

NIF_SHAPE = Code("PT-IDENTITY-01", "a NIF has nine digits and does not begin with zero")
NIF_CHECK = Code("PT-IDENTITY-02", "the check digit of the NIF is wrong")
CREDENTIALS_MISSING = Code(
    "PT-IDENTITY-03", "the tax authority's sub-user and password are needed to register series"
)

FROZEN_FACTS = ("tax_id_number",)

_LAW = "Decreto-Lei n.º 14/2013"
_AROUND = re.compile(r"[^0-9A-Z]")
_NIF = re.compile(r"[1-9][0-9]{8}")
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


def identity(facts: Mapping[str, str], is_live: bool) -> Iterator[Fault]:
    """The check digit counts in live only: test environments use invented numbers."""
    nif = facts.get("tax_id_number", "")
    if not has_nif_shape(nif):
        yield _fault(NIF_SHAPE, _LAW, "tax_id_number")
    elif is_live and not is_nif(nif):
        yield _fault(NIF_CHECK, _LAW, "tax_id_number")
    if not facts.get("has_credentials"):
        yield _fault(CREDENTIALS_MISSING, "Decreto-Lei n.º 28/2019, art. 35", "credentials")


def sole_number(facts: Mapping[str, str]) -> str:
    """The NIF without what people write around it: blanks, dots, the letters of the country. The
    VAT number is the same number."""
    written = facts.get("tax_id_number") or facts.get("vat_id_number", "")
    return _AROUND.sub("", written.upper()).removeprefix("PT")


def vat_number(facts: Mapping[str, str]) -> str:
    nif = facts.get("tax_id_number", "")
    return f"PT{nif}" if nif else ""


def has_nif_shape(text: str) -> bool:
    return _NIF.fullmatch(text) is not None


def is_nif(text: str) -> bool:
    """Nine digits of which the last is the check digit of the others, modulo eleven."""
    if not has_nif_shape(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    rest = total % 11
    return int(text[8]) == (0 if rest < 2 else 11 - rest)


def _fault(code: Code, law: str, path: str) -> Fault:
    return Fault(code=code.id, text=code.text, law=law, paths=(path,))
