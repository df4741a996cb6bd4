"""What the authority can judge of a document from what it knows (portugal.md 5.4)."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from fiscus.channels.at_portugal.simulator import known, series, taxes
from fiscus.channels.at_portugal.simulator.families import (
    INVOICES,
    PAYMENTS,
    DocumentRule,
    TaxDocumentFamily,
)
from fiscus.channels.at_portugal.simulator.series import SeriesRow
from fiscus.channels.at_portugal.simulator.values import day, moment
from fiscus.channels.at_portugal.simulator.world import Now
from fiscus.grammars.reading import ReadElement

ATCUD_SINCE = date(2023, 1, 1)
"""Documents of before have none: they state `0`."""

CLOCK_SLACK = timedelta(minutes=5)
"""How far ahead of the authority's clock a document's times may lie."""

CENT = Decimal("0.01")
FINAL_CONSUMER = "999999990"
CORRECTING = frozenset({"NC", "ND"})

_NUMBER = re.compile(r"[^ ]+ ([^/^ ]+)/([0-9]+)")
_ATCUD = re.compile(r"([A-Z0-9]{8,})-([0-9]+)")

Flaws = Iterator[tuple[DocumentRule, str]]


@dataclass(frozen=True, kw_only=True)
class TaxDocument:
    """A document that asks to be registered."""

    family: TaxDocumentFamily
    taxpayer: str
    certificate: int
    data: ReadElement

    @property
    def number(self) -> str:
        return self.data.text(self.family.number)

    @property
    def kind(self) -> str:
        return self.data.text(self.family.kind)

    @property
    def dated(self) -> date:
        return day(self.data.text(self.family.dated))

    @property
    def status(self) -> str:
        return self.data.part("DocumentStatus").text(self.family.status)

    @property
    def status_date(self) -> str:
        return self.data.part("DocumentStatus").text(f"{self.family.status}Date").strip()

    @property
    def place(self) -> tuple[str, int]:
        """Validation code and number of its ATCUD; none before the ATCUD was there."""
        found = _ATCUD.fullmatch(self.data.text("ATCUD"))
        return (found[1], int(found[2])) if found else ("", 0)


def flaws(db: sqlite3.Connection, document: TaxDocument, now: Now) -> Flaws:
    """All that is wrong with it, the gravest first."""
    row = series.by_code(db, document.taxpayer, document.place[0])
    yield from _of_series(db, document, row, now)
    yield from _of_dates(document, row, now)
    yield from _of_status(document, now)
    yield from _of_customer(document)
    yield from _of_lines(document)
    yield from _of_totals(document)


def _of_series(
    db: sqlite3.Connection, document: TaxDocument, row: SeriesRow | None, now: Now
) -> Flaws:
    atcud, (code, number) = document.data.text("ATCUD"), document.place
    if atcud == "0" and document.dated < ATCUD_SINCE:
        return
    if not code:
        yield DocumentRule.INVALID, "o ATCUD não tem o formato previsto"
        return
    if row is None:
        yield DocumentRule.INVALID, "o ATCUD não corresponde a uma série comunicada"
        return
    named = _NUMBER.fullmatch(document.number)
    if not named or named[1].lower() != row.folded_name or int(named[2]) != number:
        yield DocumentRule.INVALID, "o ATCUD não pertence ao número do documento"
    if row.document_type != document.kind:
        yield DocumentRule.TYPE, "o tipo não é o da série"
    if int(row.certificate) != document.certificate:
        yield DocumentRule.CERTIFICATE, "o número de certificado não é o da série"
    if row.purpose == "F":
        yield DocumentRule.INVALID, "os documentos de formação não se comunicam"
    if not _is_open(row, number):
        yield DocumentRule.INVALID, "a série não abrange este número"
    if known.by_atcud(db, code, number):
        yield DocumentRule.INVALID, "o ATCUD já pertence a outro documento"


def _is_open(row: SeriesRow, number: int) -> bool:
    """A finished series still takes what it has up to its last number: reports come late."""
    if row.state == "N" or number < int(row.first_number):
        return False
    return row.state == "A" or number <= int(row.last_number)


def _of_dates(document: TaxDocument, row: SeriesRow | None, now: Now) -> Flaws:
    if document.dated > now.today:
        yield DocumentRule.DATE, "a data do documento é futura"
    if moment(document.data.text("SystemEntryDate")) > now.local + CLOCK_SLACK:
        yield DocumentRule.DATE, "a data de registo no sistema é futura"
    if row and row.purpose != "R" and document.dated < date.fromisoformat(row.starts_on):
        yield DocumentRule.DATE, "a data do documento é anterior ao início da série"


def _of_status(document: TaxDocument, now: Now) -> Flaws:
    since = moment(document.status_date)
    if since > now.local + CLOCK_SLACK:
        yield DocumentRule.STATUS_DATE, "a data do estado é futura"
    if since < moment(document.data.text("SystemEntryDate")):
        yield DocumentRule.STATUS_DATE, "a data do estado é anterior ao documento"
    if document.family is not INVOICES:
        return
    is_self_billed = int(document.data.text("SelfBillingIndicator")) == 1
    if document.status == "S" and not is_self_billed:
        yield DocumentRule.STATUS, "o estado S exige o indicador de autofaturação"


def _of_customer(document: TaxDocument) -> Flaws:
    customer = document.data.text("CustomerTaxID").strip()
    country = document.data.text("CustomerTaxIDCountry")
    if country == "PT" and not re.fullmatch("[0-9]{9}", customer):
        yield DocumentRule.NIF, "o NIF do adquirente não tem nove dígitos"
    if country == "Desconhecido" and customer != FINAL_CONSUMER:
        yield DocumentRule.INPUT, "só o consumidor final pode ter o país desconhecido"


def _of_lines(document: TaxDocument) -> Flaws:
    seen: set[tuple[object, ...]] = set()
    for line in document.data.all("LineSummary"):
        key = _key(line)
        if key in seen and document.family is not PAYMENTS:
            yield DocumentRule.INPUT, "há duas linhas com a mesma combinação"
        seen.add(key)
        if document.kind in CORRECTING and not line.all_texts("Reference"):
            yield DocumentRule.MISSING, "falta a referência ao documento retificado"
        tax = line.part("Tax")
        if tax.texts:
            yield from _of_tax(document, line, tax)
        elif document.family is PAYMENTS:
            yield DocumentRule.MISSING, "falta o imposto numa linha do recibo"


def _key(line: ReadElement) -> tuple[object, ...]:
    tax = line.part("Tax")
    orders = tuple(order.text("OriginatingON") for order in line.all("OrderReferences"))
    return (
        *(tax.text(name) for name in ("TaxType", "TaxCountryRegion", "TaxCode")),
        *(tax.text(name) for name in ("TaxPercentage", "TotalTaxAmount")),
        line.text("TaxExemptionCode"),
        line.text("TaxPointDate"),
        tuple(line.all_texts("Reference")),
        orders,
        line.text("DebitCreditIndicator"),
        "TotalTaxBase" in line.texts,
    )


def _of_tax(document: TaxDocument, line: ReadElement, tax: ReadElement) -> Flaws:
    code, region = tax.text("TaxCode"), tax.text("TaxCountryRegion")
    percent = tax.amount("TaxPercentage")
    untaxed = percent == 0 and tax.amount("TotalTaxAmount") == 0
    if tax.text("TaxType") == "IVA" and code not in taxes.VAT_CODES:
        yield DocumentRule.ANOMALOUS, f"a taxa {code} não existe no IVA"
    elif tax.text("TaxType") == "IVA" and region in taxes.REGIONS and code not in ("OUT", "NA"):
        days = () if document.kind in CORRECTING else _days(document, line)
        fits = percent == 0 if code == "ISE" else taxes.is_rate(region, code, percent, days)
        if not fits:
            yield DocumentRule.ANOMALOUS, f"a taxa {percent} não vigora em {region} como {code}"
    reason = line.text("TaxExemptionCode")
    if untaxed != bool(reason):
        yield DocumentRule.EXEMPTION, "o motivo de isenção acompanha a taxa zero, e só ela"
    elif reason and not taxes.is_exemption(reason, document.dated):
        yield DocumentRule.EXEMPTION, f"o motivo de isenção {reason} não consta da tabela"


def _days(document: TaxDocument, line: ReadElement) -> tuple[date, ...]:
    point = line.text("TaxPointDate")
    return (document.dated, day(point)) if point else (document.dated,)


def _of_totals(document: TaxDocument) -> Flaws:
    totals, lines = document.data.part("DocumentTotals"), document.data.all("LineSummary")
    tax, net, gross = (totals.amount(f) for f in ("TaxPayable", "NetTotal", "GrossTotal"))
    if net + tax != gross:
        yield DocumentRule.ANOMALOUS, "o total não é a soma do líquido e do imposto"
    amounts = (_signed(document, line, line.amount("Amount")) for line in lines)
    if abs(sum(amounts, Decimal(0)) - net) > CENT:
        yield DocumentRule.ANOMALOUS, "o total líquido não é a soma das linhas"
    if all(line.part("Tax").texts for line in lines):
        due = sum((_signed(document, line, _tax(line)) for line in lines), Decimal(0))
        if abs(due - tax) > CENT:
            yield DocumentRule.ANOMALOUS, "o imposto não é a soma do das linhas"
    held = (one.amount("WithholdingTaxAmount") for one in document.data.all("WithholdingTax"))
    if sum(held, Decimal(0)) > gross:
        yield DocumentRule.ANOMALOUS, "a retenção excede o total"


def _signed(document: TaxDocument, line: ReadElement, amount: Decimal) -> Decimal:
    """Credit notes are debits; a line of the other side takes away."""
    side = "D" if document.kind == "NC" else "C"
    return amount if line.text("DebitCreditIndicator") == side else -amount


def _tax(line: ReadElement) -> Decimal:
    tax, base = line.part("Tax"), line.amount("Amount") + line.amount("TotalTaxBase")
    return tax.amount("TotalTaxAmount") + base * tax.amount("TaxPercentage") / 100
