"""The text that is signed, and the seal that makes a draft a document."""

from datetime import UTC, date, datetime
from decimal import Decimal

from fiscus.model.amounts import money
from fiscus.model.documents import StatedTotals
from fiscus.model.records import Case, Seal, Slot, TaxShare
from fiscus.model.times import local
from fiscus.regimes import SealFlow
from fiscus.regimes.pt import qr
from fiscus.regimes.pt.assess import assess
from fiscus.regimes.pt.corrections import corrected
from fiscus.regimes.pt.parties import country, tax_number
from fiscus.regimes.pt.printing import printed_characters, prints
from fiscus.regimes.pt.rates import TIMEZONE, issue_day
from fiscus.regimes.pt.series import short_id
from fiscus.regimes.pt.sums import notices, tax_shares, totals
from fiscus.signers import RsaSha1

OPERATOR_LENGTH_MAX = 30


def seal(case: Case) -> SealFlow:
    """Sign the draft together with the signature before it in the same series.

    There is no `except SignerDown`: an unsigned document does not exist in Portugal, so an outage
    refuses the sale and the shop falls back to its paper pads.
    """
    slot = case.slot
    assert slot is not None
    lines, sums, code = assess(case), totals(case.draft), atcud(slot)
    taxes = tax_shares(lines, sums)
    day, entered = issue_day(case), entry(case.at, slot)
    text = signed_text(day, entered, number(slot), sums.inclusive, slot.carried)
    signature = yield RsaSha1(text.encode("ascii"))
    excerpt, certificate = printed_characters(signature), case.settings["certificate_number"]
    return Seal(
        number=number(slot),
        document_type=slot.series.document_type,
        day=day,
        entered=entered,
        net=sums.exclusive,
        vat=sums.amount,
        gross=sums.inclusive,
        lines=lines,
        taxes=taxes,
        notices=tuple(notices(case.draft.totals, sums)),
        signed_text=text,
        signature=signature,
        carry=signature,
        key_version=case.settings["key_version"],
        code=code,
        qr=_qr_text(case, slot, sums, taxes, excerpt),
        excerpt=excerpt,
        certificate=certificate,
        prints=prints(case, atcud=code, excerpt=excerpt, certificate=certificate, lines=lines),
        facts=_facts(case),
    )


def signed_text(
    day: date, entered: datetime, document_number: str, gross: Decimal, carried: str
) -> str:
    """Date, time of entry on the Lisbon clock, number, total, signature before (Despacho, 2.1)."""
    moment = local(entered, TIMEZONE).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{day.isoformat()};{moment};{document_number};{money(gross)};{carried}"


def number(slot: Slot) -> str:
    return f"{slot.series.document_type} {slot.series.name}/{slot.number}"


def atcud(slot: Slot) -> str:
    return f"{slot.series.validation_code}-{slot.number}"


def entry(at: datetime, slot: Slot) -> datetime:
    """The second of entry, which never goes back within a series, not even on the wall clock.

    In the hour that autumn repeats the time of the last document before it is kept: the law's
    time has no zone, so going back an hour would read as a broken order.
    """
    entered = at.astimezone(UTC).replace(microsecond=0)
    if slot.last_at is None:
        return entered
    wall, last_wall = local(entered, TIMEZONE), local(slot.last_at, TIMEZONE)
    if wall.replace(tzinfo=None, fold=0) < last_wall.replace(tzinfo=None, fold=0):
        return slot.last_at
    return max(entered, slot.last_at)


def _qr_text(
    case: Case, slot: Slot, sums: StatedTotals, taxes: tuple[TaxShare, ...], excerpt: str
) -> str:
    buyer = case.draft.buyer
    blocks, not_subject = qr.blocks(taxes)
    return qr.text(
        qr.QrContent(
            issuer=case.place.taxpayer.facts["tax_id_number"],
            buyer=tax_number(buyer),
            country=country(buyer),
            document_type=slot.series.document_type,
            day=issue_day(case),
            number=number(slot),
            atcud=atcud(slot),
            blocks=blocks,
            not_subject=not_subject,
            tax=sums.amount,
            gross=sums.inclusive,
            excerpt=excerpt,
            certificate=case.settings["certificate_number"],
        )
    )


def _facts(case: Case) -> dict[str, str]:
    """What files and reports need besides: buyer, operator, activity, the document corrected."""
    draft, buyer = case.draft, case.draft.buyer
    facts = {
        "buyer_tax_number": tax_number(buyer),
        "buyer_country": country(buyer),
        "operator": draft.operator.strip()[:OPERATOR_LENGTH_MAX] or f"caixa-{short_id(case.place)}",
    }
    if len(draft.activity) == 5 and draft.activity.isdecimal():
        facts["activity"] = draft.activity
    original = corrected(case)
    if original:
        facts["original_number"] = original.number
        facts["original_day"] = original.day.isoformat()
    return facts
