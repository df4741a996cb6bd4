"""The lines the law wants on paper (KassenSichV § 6); the till prints what was sold itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from fiscus.model.amounts import ZERO, money, plain
from fiscus.model.documents import Draft
from fiscus.model.records import AssessedLine, Case, DeviceSigning
from fiscus.model.times import local
from fiscus.regimes.de import taxes
from fiscus.regimes.de.assess import signed, totals
from fiscus.regimes.de.documents import RECEIVABLE, is_receipt
from fiscus.regimes.de.rates import timezone

TRAINING = "Trainingsbeleg - keine Rechnung"
DEVICE_OUT = "TSE ausgefallen: Dieser Beleg ist nicht durch eine TSE gesichert."

_TEXTS = {str(row.key): row.text for row in taxes.KEYS}


def prints(
    case: Case, lines: Sequence[AssessedLine], *, signing: DeviceSigning | None, entered: datetime
) -> tuple[str, ...]:
    """Only what a customer gets is printed, and only at a register."""
    if not is_receipt(case.draft) or case.place.is_online:
        return ()
    zone = timezone(case.place)
    return (
        *_issuer(case),
        *_amounts(case.draft, lines),
        f"Kasse: {case.place.register.id}",
        *_ordered(case, zone),
        *(_signed(signing, zone) if signing else (f"Ende: {entered.isoformat()}", DEVICE_OUT)),
    )


def _issuer(case: Case) -> Iterator[str]:
    owner = case.place.taxpayer
    if case.draft.is_training:
        yield TRAINING
    yield owner.legal_name
    yield f"{owner.address.line()}, {owner.address.code} {owner.address.city}"


def _amounts(draft: Draft, lines: Sequence[AssessedLine]) -> Iterator[str]:
    """Each rate with its sums, what bears no VAT with the reason, the total, what is still owed."""
    owed = -sum((signed(line) for line in lines if line.case == RECEIVABLE), ZERO)
    lines = [line for line in lines if line.case != RECEIVABLE]
    keys = dict.fromkeys((int(line.tax_code), line.percentage) for line in lines)
    for key, percentage in sorted(keys):
        mine = [x for x in lines if (int(x.tax_code), x.percentage) == (key, percentage)]
        if percentage:
            sums = totals(mine)
            yield (
                f"{_comma(plain(percentage))} % USt: netto {_money(sums.exclusive)}, "
                f"Steuer {_money(sums.amount)}, brutto {_money(sums.inclusive)}"
            )
        else:
            yield f"{_TEXTS[str(key)]}: {_money(sum(map(signed, mine), ZERO))}"
    yield from dict.fromkeys(line.exemption_text for line in lines if line.exemption_text)
    yield f"Gesamt: {_money(totals(lines).inclusive)} {draft.currency}"
    if owed:
        yield f"Davon offen: {_money(owed)} {draft.currency}"


def _ordered(case: Case, zone: str) -> Iterator[str]:
    """What was ordered hours before it is paid began with its first order."""
    for first in case.tab[:1]:
        signing = first.seal.signing if first.seal else None
        yield f"Erste Bestellung: {_moment(signing.started_at if signing else first.at, zone)}"


def _signed(signing: DeviceSigning, zone: str) -> Iterator[str]:
    yield f"Beginn: {_moment(signing.started_at, zone)}"
    yield f"Ende: {_moment(signing.finished_at, zone)}"
    yield f"TSE-Transaktion: {signing.number}"
    yield f"TSE-Signaturzähler: {signing.counter}"
    yield f"TSE-Seriennummer: {signing.serial}"
    yield f"TSE-Prüfwert: {signing.signature}"


def _moment(at: datetime, zone: str) -> str:
    return local(at, zone).isoformat(timespec="seconds")


def _money(amount: Decimal) -> str:
    return _comma(money(amount))


def _comma(number: str) -> str:
    return number.replace(".", ",")
