"""Documents that the authority shall forget, by a list or by a range of days.

Inside the reporting period (until the fifth of the month after) it forgets at once; what is older
is looked at by a person, so that its deletion is only asked for.
"""

import sqlite3
from datetime import date

from fiscus.channels.at_portugal.simulator import known
from fiscus.channels.at_portugal.simulator.families import (
    DocumentRefusal,
    DocumentRule,
    TaxDocumentFamily,
)
from fiscus.channels.at_portugal.simulator.known import KnownDocument
from fiscus.channels.at_portugal.simulator.login import AtUser
from fiscus.channels.at_portugal.simulator.values import day
from fiscus.channels.at_portugal.simulator.world import Now
from fiscus.grammars.reading import Flaw, ReadElement

REPORTING_DAY = 5
NUMBER_MAX = 60

MIXED_PERIOD, TWO_YEARS, UNKNOWN, NUMBER_LONG, TWICE = 400, 401, 478, 483, 491
EMPTY_LIST, NO_CUSTOMER_COUNTRY, SEVERAL_CUSTOMERS = 477, 489, 490

DELETED = "Operação efetuada com sucesso."
ASKED = "O pedido de eliminação foi registado e carece de análise."

_MISSING = {
    "StartDate": 474,
    "EndDate": 475,
    "documentsList|dateRange": EMPTY_LIST,
    "CustomerTaxID": 482,
    "CustomerTaxIDCountry": NO_CUSTOMER_COUNTRY,
}
_MALFORMED = {"StartDate": 484, "EndDate": 485}


def deleted(
    db: sqlite3.Connection,
    user: AtUser,
    family: TaxDocumentFamily,
    message: ReadElement,
    places: list[tuple[Flaw, str]],
    now: Now,
) -> str:
    """Forget the documents, or ask for it; what was done, in a text."""
    codes = family.deleting
    if places:
        raise DocumentRefusal(
            _code(family, message, *places[0]), "; ".join(path for _, path in places)
        )
    if message.text("TaxRegistrationNumber").strip() != user.nif:
        raise DocumentRefusal(codes[DocumentRule.OTHER_ISSUER], "o emitente não é o do utilizador")
    if message.all("dateRange"):
        chosen = _in_range(db, user, family, message.part("dateRange"))
    else:
        chosen = _listed(db, user, family, message.part("documentsList").all(family.item))
    if len({one.dated[:4] for one in chosen}) > 1:
        raise DocumentRefusal(TWO_YEARS, "há documentos de anos diferentes")
    within = [one for one in chosen if _is_within(date.fromisoformat(one.dated), now)]
    if within and len(within) < len(chosen):
        raise DocumentRefusal(MIXED_PERIOD, "há documentos dentro e fora do período")
    standing = "deleted" if within else "deletion asked"
    for one in chosen:
        known.change(db, one.id, standing=standing, reason=message.text("reason"))
    return DELETED if within else ASKED


def is_same(family: TaxDocumentFamily, header: ReadElement, document: KnownDocument) -> bool:
    """Whether a header tells of this very document."""
    return (
        document.atcud,
        document.dated,
        document.document_type,
        document.customer.strip(),
        document.country,
    ) == (
        header.text("ATCUD"),
        day(header.text(family.dated)).isoformat(),
        header.text(family.kind),
        header.text("CustomerTaxID").strip(),
        header.text("CustomerTaxIDCountry"),
    )


def _listed(
    db: sqlite3.Connection, user: AtUser, family: TaxDocumentFamily, headers: list[ReadElement]
) -> list[KnownDocument]:
    numbers = [header.text(family.number) for header in headers]
    if len(set(numbers)) < len(numbers):
        raise DocumentRefusal(TWICE, "a lista repete documentos")
    found = []
    for header, number in zip(headers, numbers, strict=True):
        document = known.find(db, user.nif, family.name, number)
        if document is None or not is_same(family, header, document):
            raise DocumentRefusal(UNKNOWN, f"não existe o documento {number}")
        found.append(document)
    return found


def _in_range(
    db: sqlite3.Connection, user: AtUser, family: TaxDocumentFamily, wanted: ReadElement
) -> list[KnownDocument]:
    first, last = day(wanted.text("StartDate")), day(wanted.text("EndDate"))
    if last < first:
        raise DocumentRefusal(
            family.deleting[DocumentRule.INCOHERENT], "a data de fim é anterior à de início"
        )
    if first.year != last.year:
        raise DocumentRefusal(TWO_YEARS, "as datas são de anos diferentes")
    found = known.between(db, user.nif, family.name, first, last)
    if not found:
        raise DocumentRefusal(UNKNOWN, "não há documentos nessas datas")
    return found


def _is_within(dated: date, now: Now) -> bool:
    """Whether the document's month may still be reported."""
    month = dated.year * 12 + dated.month
    ends = date(month // 12, month % 12 + 1, REPORTING_DAY)
    return now.today <= ends


def _code(family: TaxDocumentFamily, message: ReadElement, flaw: Flaw, path: str) -> int:
    """The number for a fault of the message itself."""
    name = path.rpartition("/")[2]
    if flaw is Flaw.MISSING:
        named = {
            **_MISSING,
            family.item: EMPTY_LIST,
            family.dated: 479,
            family.number: 480,
            family.kind: 481,
        }
        return named.get(name, family.deleting[DocumentRule.INPUT])
    if flaw is Flaw.MALFORMED:
        return {**_MALFORMED, family.dated: 486}.get(name, family.deleting[DocumentRule.INPUT])
    if flaw is Flaw.REPEATED and name == "CustomerTaxID":
        return SEVERAL_CUSTOMERS
    if name == "TaxRegistrationNumber":
        return family.deleting[DocumentRule.NIF]
    if name == family.number and _is_long(family, message):
        return NUMBER_LONG
    return family.deleting[DocumentRule.INPUT]


def _is_long(family: TaxDocumentFamily, message: ReadElement) -> bool:
    headers = message.part("documentsList").all(family.item)
    return any(len(header.text(family.number)) > NUMBER_MAX for header in headers)
