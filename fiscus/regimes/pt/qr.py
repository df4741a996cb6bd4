"""The text of the QR code that every printed document bears."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from fiscus.model.amounts import ZERO, money
from fiscus.model.records import TaxShare
from fiscus.regimes.pt.taxes import REGIONS

LETTERS = "IJK"


class RegionTotals(msgspec.Struct, frozen=True, kw_only=True):
    """The bases and taxes of one fiscal region; what was not used is None.

    `region` is `0` for documents that state no VAT at all.
    """

    region: str
    exempt: Decimal | None = None
    reduced: Decimal | None = None
    reduced_vat: Decimal | None = None
    intermediate: Decimal | None = None
    intermediate_vat: Decimal | None = None
    standard: Decimal | None = None
    standard_vat: Decimal | None = None

    def amounts(self) -> tuple[Decimal | None, ...]:
        """In the order of the field numbers 2 to 8."""
        return (
            self.exempt,
            self.reduced,
            self.reduced_vat,
            self.intermediate,
            self.intermediate_vat,
            self.standard,
            self.standard_vat,
        )


class QrContent(msgspec.Struct, frozen=True, kw_only=True):
    """What the code says. `tax` is VAT and stamp duty, `free` the issuer's own words."""

    issuer: str
    buyer: str
    country: str
    document_type: str
    status: str = "N"
    day: date
    number: str
    atcud: str
    blocks: tuple[RegionTotals, ...]
    not_subject: Decimal | None = None
    stamp_duty: Decimal | None = None
    tax: Decimal
    gross: Decimal
    withheld: Decimal | None = None
    excerpt: str
    certificate: str
    free: str = ""


def text(content: QrContent) -> str:
    """Fields in the order of the authority's specification; optional ones without data left out."""
    assert 1 <= len(content.blocks) <= len(LETTERS)
    return "*".join(f"{name}:{value}" for name, value in _fields(content))


def _fields(content: QrContent) -> Iterator[tuple[str, str]]:
    yield "A", content.issuer
    yield "B", content.buyer
    yield "C", content.country
    yield "D", content.document_type
    yield "E", content.status
    yield "F", content.day.strftime("%Y%m%d")
    yield "G", content.number
    yield "H", content.atcud
    for letter, block in zip(LETTERS, content.blocks, strict=False):
        yield f"{letter}1", block.region
        yield from _amounts((f"{letter}{n}", amount) for n, amount in enumerate(block.amounts(), 2))
    yield from _amounts((("L", content.not_subject), ("M", content.stamp_duty)))
    yield "N", money(content.tax)
    yield "O", money(content.gross)
    yield from _amounts((("P", content.withheld),))
    yield "Q", content.excerpt
    yield "R", content.certificate
    if content.free:
        yield "S", content.free


def _amounts(fields: Iterable[tuple[str, Decimal | None]]) -> Iterator[tuple[str, str]]:
    return ((name, money(amount)) for name, amount in fields if amount is not None)


def blocks(taxes: Sequence[TaxShare]) -> tuple[tuple[RegionTotals, ...], Decimal | None]:
    """The region blocks and the value not subject to VAT: the shares of the taxes, which add up
    to the totals."""
    used = {share.region for share in taxes}
    ordered = (*(x for x in REGIONS if x in used), *sorted(used.difference(REGIONS)))
    made = (_block(region, taxes) for region in ordered)
    return tuple(made), _sum(share.net for share in taxes if share.tax_type == "NS")


def _block(region: str, taxes: Sequence[TaxShare]) -> RegionTotals:
    def of(code: str) -> list[TaxShare]:
        return [x for x in taxes if (x.region, x.tax_code) == (region, code)]

    reduced, intermediate, standard = of("RED"), of("INT"), of("NOR")
    return RegionTotals(
        region=region,
        exempt=_sum(share.net for share in of("ISE")),
        reduced=_sum(share.net for share in reduced),
        reduced_vat=_sum(share.vat for share in reduced),
        intermediate=_sum(share.net for share in intermediate),
        intermediate_vat=_sum(share.vat for share in intermediate),
        standard=_sum(share.net for share in standard),
        standard_vat=_sum(share.vat for share in standard),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal | None:
    """None where there is nothing to add: a field without data is left out."""
    found = list(amounts)
    return sum(found, ZERO) if found else None
