"""A sealed document as the authority is told of it: the same values that the SAF-T will have."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from fiscus.channels import ReportedDocument
from fiscus.channels.at_portugal.documents import (
    NO_HASH,
    DocumentContent,
    DocumentHeader,
    LineSummary,
    SourceDocument,
    SummaryTax,
)
from fiscus.model.amounts import ZERO, cents_nearest_to
from fiscus.model.documents import Draft
from fiscus.model.records import AssessedLine, EntryBody, Seal
from fiscus.regimes.pt.documents import NC, ND
from fiscus.regimes.pt.parties import named_on

_CORRECTIONS = frozenset({NC.code, ND.code})
_ACTIVITY_LENGTH = 5


class LineGroup(NamedTuple):
    """What lines have in common that are told as one; tax point and reference are the document's
    own here, so all its lines share them."""

    region: str
    type: str
    code: str
    percentage: Decimal
    exemption: str
    is_debit: bool


def issuer(told: ReportedDocument) -> str:
    """The NIF of who issued it."""
    return told.taxpayer.facts["tax_id_number"]


def certificate(told: ReportedDocument) -> str:
    """The number of the certificate it was sealed under."""
    _, seal = _sealed(told.body)
    return seal.certificate or told.settings["certificate_number"]


def header(told: ReportedDocument) -> DocumentHeader:
    """What tells the document from all others."""
    draft, seal = _sealed(told.body)
    country, number = named_on(draft.buyer, seal.facts)
    return DocumentHeader(
        number=seal.number,
        atcud=seal.code or "0",
        day=seal.day,
        type=seal.document_type,
        customer_number=number,
        customer_country=country,
    )


def content(told: ReportedDocument) -> DocumentContent:
    """The document as it was issued. That it was cancelled since is told by itself: the same report
    has the same content whenever it is sent."""
    draft, seal = _sealed(told.body)
    activity = draft.activity
    return DocumentContent(
        header=header(told),
        status_at=seal.entered,
        entered_at=seal.entered,
        hash_characters=seal.excerpt or NO_HASH,
        activity=activity if len(activity) == _ACTIVITY_LENGTH and activity.isdecimal() else "",
        lines=tuple(_lines(draft, seal)),
        tax=seal.vat,
        net=seal.net,
        gross=seal.gross,
    )


def _sealed(body: EntryBody) -> tuple[Draft, Seal]:
    assert body.draft is not None, "what is reported has been issued"
    assert body.seal is not None, "what is reported has been sealed"
    return body.draft, body.seal


def _lines(draft: Draft, seal: Seal) -> Iterator[LineSummary]:
    """One for each group of lines, in cents that add up to the sealed net total."""
    tax_point: date = draft.supplied_on or seal.day
    original = seal.facts.get("original_number", "")
    is_note = seal.document_type in _CORRECTIONS
    for group, amount in summed(seal).items():
        yield LineSummary(
            tax_point=tax_point,
            is_debit=group.is_debit,
            amount=amount,
            tax=SummaryTax(
                type=group.type,
                region=group.region,
                code=group.code,
                percentage=group.percentage,
            ),
            exemption=group.exemption,
            references=(original,) if is_note and original else (),
            sources=tuple([SourceDocument(number=one) for one in draft.order_references]),
        )


def summed(seal: Seal) -> dict[LineGroup, Decimal]:
    """What the lines of each group come to, in cents and without VAT. Together they are what was
    sealed for their tax, and so the sealed net total."""
    exact: dict[LineGroup, Decimal] = {}
    for line in seal.lines:
        group = _group(line)
        exact[group] = exact.get(group, ZERO) + line.net
    shares = {
        (one.region, one.tax_type, one.tax_code, one.percentage): one.net for one in seal.taxes
    }
    if not shares:  # sealed before taxes were: the whole document is one share
        return _in_cents(seal, exact, seal.net)
    found: dict[LineGroup, Decimal] = {}
    for tax, net in shares.items():
        found |= _in_cents(seal, {one: exact[one] for one in exact if one[:4] == tax}, net)
    return {group: found[group] for group in exact}


def _in_cents(
    seal: Seal, exact: dict[LineGroup, Decimal], net: Decimal
) -> dict[LineGroup, Decimal]:
    """Lines on the other side than their document's count against it."""
    is_debit = seal.document_type == NC.code
    signs = [1 if group.is_debit is is_debit else -1 for group in exact]
    signed = [sign * amount for sign, amount in zip(signs, exact.values(), strict=True)]
    cents = cents_nearest_to(signed, net)
    return {group: sign * one for group, sign, one in zip(exact, signs, cents, strict=True)}


def _group(line: AssessedLine) -> LineGroup:
    return LineGroup(
        line.region, line.tax_type, line.tax_code, line.percentage, line.exemption, line.is_debit
    )
