"""The tax number and the VAT id, and what a taxpayer must tell before it may sell."""

import re
from collections.abc import Iterator, Mapping

from fiscus.model.faults import Code, Fault

TAX_NUMBER = Code(
    "DE-IDENTITY-01", "a tax number has 10 to 13 digits, slashes between them allowed"
)
VAT_ID_SHAPE = Code("DE-IDENTITY-02", "a VAT id is DE and nine digits")
VAT_ID_CHECK = Code("DE-IDENTITY-03", "the check digit of the VAT id is wrong")

FROZEN_FACTS: tuple[str, ...] = ()
"""None: a tax number changes with the tax office, and each closing keeps those of its time."""

TAX_NUMBER_FACT = "tax_number"
"""The number of the tax office; `tax_id_number` is that of a person, for life."""

PREFIX = "DE"
DIGITS = range(10, 14)

_TAX_NUMBER = re.compile(r"[0-9]+(/[0-9]+)*")
_VAT_ID = re.compile(r"(?:DE)?([1-9][0-9]{8})")


def identity(facts: Mapping[str, str], is_live: bool) -> Iterator[Fault]:
    """Both numbers must be there and well-formed. The check digit counts in live only: test
    environments use invented numbers."""
    number, vat_id = facts.get(TAX_NUMBER_FACT, ""), facts.get("vat_id_number", "")
    if not is_tax_number(number):
        yield _fault(TAX_NUMBER, "DSFinV-K, STNR", TAX_NUMBER_FACT)
    if not has_vat_id_shape(vat_id):
        yield _fault(VAT_ID_SHAPE, "UStG § 27a", "vat_id_number")
    elif is_live and not is_vat_id(vat_id):
        yield _fault(VAT_ID_CHECK, "UStG § 27a", "vat_id_number")


def vat_number(facts: Mapping[str, str]) -> str:
    """The VAT id with its prefix, however it was given."""
    digits = facts.get("vat_id_number", "").removeprefix(PREFIX)
    return f"{PREFIX}{digits}" if digits else ""


def is_tax_number(text: str) -> bool:
    """As an office writes it (`21/815/08150`) or as ELSTER does (13 digits)."""
    return bool(_TAX_NUMBER.fullmatch(text)) and len(text.replace("/", "")) in DIGITS


def has_vat_id_shape(text: str) -> bool:
    return _VAT_ID.fullmatch(text) is not None


def is_vat_id(text: str) -> bool:
    """Eight digits and their check digit by ISO 7064, MOD 11,10."""
    found = _VAT_ID.fullmatch(text)
    if found is None:
        return False
    product = 10
    for digit in found[1][:-1]:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return int(found[1][-1]) == (11 - product) % 10


def _fault(code: Code, law: str, path: str) -> Fault:
    return Fault(code=code.id, text=code.text, law=law, paths=(path,))
