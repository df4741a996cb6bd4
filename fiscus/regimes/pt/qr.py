"""The text of the QR code that every printed document bears."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from fiscus.model.amounts import ZERO, cents_half_up, money
from fiscus.model.records import Assessed
from fiscus.regimes.pt.taxes import REGIONS

LETTERS = "IJK"


class Block(msgspec.Struct, frozen=True, kw_only=True):
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


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What the code says. `tax` is VAT and stamp duty, `free` the issuer's own words."""

    issuer: str
    buyer: str
    country: str
    document_type: str
    status: str = "N"
    day: date
    number: str
    atcud: str
    blocks: tuple[Block, ...]
    not_subject: Decimal | None = None
    stamp_duty: Decimal | None = None
    tax: Decimal
    gross: Decimal
    withheld: Decimal | None = None
    excerpt: str
    certificate: str
    free: str = ""


def text(content: Content) -> str:
    """Fields in the order of the authority's specification; optional ones without data left out."""
    assert 1 <= len(content.blocks) <= len(LETTERS)
    return "*".join(f"{name}:{value}" for name, value in _fields(content))


def _fields(content: Content) -> Iterator[tuple[str, str]]:
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


def blocks(
    lines: Sequence[Assessed], net: Decimal, vat: Decimal
) -> tuple[tuple[Block, ...], Decimal | None]:
    """The region blocks and the value not subject to VAT, to the cent.

    The rounded parts must make up the rounded totals, so what rounding leaves over goes to the
    largest part.
    """
    bases: dict[tuple[str, str], Decimal] = {}
    taxes: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        key = (line.region if line.tax_type != "NS" else "", line.tax_code)
        bases[key] = bases.get(key, ZERO) + line.net
        if line.percentage:
            taxes[key] = taxes.get(key, ZERO) + line.vat
    bases, taxes = _parts(bases, net), _parts(taxes, vat)
    used = {line.region for line in lines}
    made = (_block(region, bases, taxes) for region in REGIONS if region in used)
    return tuple(made), bases.get(("", "NS"))


def _block(
    region: str, bases: dict[tuple[str, str], Decimal], taxes: dict[tuple[str, str], Decimal]
) -> Block:
    return Block(
        region=region,
        exempt=bases.get((region, "ISE")),
        reduced=bases.get((region, "RED")),
        reduced_vat=taxes.get((region, "RED")),
        intermediate=bases.get((region, "INT")),
        intermediate_vat=taxes.get((region, "INT")),
        standard=bases.get((region, "NOR")),
        standard_vat=taxes.get((region, "NOR")),
    )


def _parts(
    amounts: dict[tuple[str, str], Decimal], total: Decimal
) -> dict[tuple[str, str], Decimal]:
    """The amounts in cents so that they add up to the total, none of them negative."""
    parts = {key: cents_half_up(amount) for key, amount in amounts.items()}
    rest = total - sum(parts.values(), ZERO)
    while rest and parts:
        largest = max(parts, key=lambda key: parts[key])
        step = max(rest, -parts[largest])
        assert step
        parts[largest] += step
        rest -= step
    return parts
