"""The service of documents: registered, their status changed, deleted (portugal.md 5.4)."""

import sqlite3

from lxml import etree

from fiscus.channels.at_portugal.simulator import deleting, judging, known
from fiscus.channels.at_portugal.simulator.families import (
    FAMILIES,
    DocumentRefusal,
    DocumentRule,
    TaxDocumentFamily,
    told,
)
from fiscus.channels.at_portugal.simulator.grammar import DOCUMENTS_GRAMMAR
from fiscus.channels.at_portugal.simulator.judging import CLOCK_SLACK, TaxDocument
from fiscus.channels.at_portugal.simulator.login import AtUser
from fiscus.channels.at_portugal.simulator.operations import OperationAnswer
from fiscus.channels.at_portugal.simulator.values import moment
from fiscus.channels.at_portugal.simulator.world import Now
from fiscus.grammars.reading import Flaw, ReadElement, read

DONE = "Operação efetuada com sucesso."

_BY_OPERATION = {
    f"{doing.format(family.element)}": (doing, family)
    for family in FAMILIES
    for doing in ("Register{}", "Change{}Status", "Delete{}")
}
OPERATIONS = tuple(_BY_OPERATION)

_NEXT = {"N": frozenset("AF"), "S": frozenset("AF"), "F": frozenset("AN"), "A": frozenset[str]()}
"""To which status a document may go: a cancelled one to none."""


def answered(
    db: sqlite3.Connection, user: AtUser, operation: str, body: etree._Element, now: Now
) -> OperationAnswer:
    """Work one operation and answer it."""
    doing, family = _BY_OPERATION[operation]
    found: list[tuple[Flaw, str]] = []
    root = f"{operation}Request"
    message = read(
        body, DOCUMENTS_GRAMMAR, root, root, lambda flaw, path: found.append((flaw, path))
    )
    places = [(flaw, path.removeprefix(f"{root}/")) for flaw, path in found]
    try:
        if doing.startswith("Register"):
            return _registered(db, user, family, message, places, now)
        if doing.startswith("Change"):
            return _changed(db, user, family, message, places, now)
        text = deleting.deleted(db, user, family, message, places, now)
        return told(operation, 0, text, now)
    except DocumentRefusal as refusal:
        return told(operation, refusal.code, refusal.text, now, _subject(family, message))


def refused(operation: str, code: int, text: str, now: Now) -> OperationAnswer:
    """An answer that refuses."""
    return told(operation, code, text, now)


def _registered(
    db: sqlite3.Connection,
    user: AtUser,
    family: TaxDocumentFamily,
    message: ReadElement,
    places: list[tuple[Flaw, str]],
    now: Now,
) -> OperationAnswer:
    codes = family.registering
    if places:
        rule = _rule(family, *places[0])
        raise DocumentRefusal(codes[rule], "; ".join(path for _, path in places))
    taxpayer = message.text("TaxRegistrationNumber").strip()
    if taxpayer != user.nif:
        raise DocumentRefusal(codes[DocumentRule.PERMISSION], "o emitente não é o do utilizador")
    document = TaxDocument(
        family=family,
        taxpayer=taxpayer,
        certificate=int(message.text("SoftwareCertificateNumber")),
        data=message.part(family.data),
    )
    said = known.content(document.data, without="DocumentStatus")
    before = known.find(db, taxpayer, family.name, document.number)
    if before is not None:
        rule = _again(before, document, said)
        raise DocumentRefusal(codes[rule], "o documento já foi comunicado")
    flaws = list(judging.flaws(db, document, now))
    if flaws:
        first = codes[flaws[0][0]]
        raise DocumentRefusal(
            first, "; ".join(text for rule, text in flaws if codes[rule] == first)
        )
    code, sequence = document.place
    known.keep(
        db,
        taxpayer=taxpayer,
        family=family.name,
        number=document.number,
        document_type=document.kind,
        dated=document.dated.isoformat(),
        atcud=document.data.text("ATCUD"),
        code=code,
        sequence=str(sequence),
        customer=document.data.text("CustomerTaxID"),
        country=document.data.text("CustomerTaxIDCountry"),
        status=document.status,
        status_date=document.status_date,
        content=said,
        registered_at=now.stamp(),
    )
    return told(f"Register{family.element}", 0, DONE, now, document.number)


def _rule(family: TaxDocumentFamily, flaw: Flaw, path: str) -> DocumentRule:
    """What a fault of the message itself is called."""
    if flaw is Flaw.MISSING:
        return DocumentRule.MISSING
    name = path.rpartition("/")[2]
    if name == family.kind:
        return DocumentRule.TYPE
    if name == family.dated:
        return DocumentRule.DATE
    if name == family.status:
        return DocumentRule.STATUS
    if name == "TaxRegistrationNumber":
        return DocumentRule.NIF
    return DocumentRule.EXEMPTION if name == "TaxExemptionCode" else DocumentRule.INPUT


def _again(before: known.KnownDocument, document: TaxDocument, said: str) -> DocumentRule:
    if before.content != said:
        return DocumentRule.OTHER_VALUES
    if document.status == "A" and before.status != "A":
        return DocumentRule.CANCELLATION
    return DocumentRule.KNOWN


def _changed(
    db: sqlite3.Connection,
    user: AtUser,
    family: TaxDocumentFamily,
    message: ReadElement,
    places: list[tuple[Flaw, str]],
    now: Now,
) -> OperationAnswer:
    codes = family.changing
    if places:
        is_nif = places[0][1] == "TaxRegistrationNumber" and places[0][0] is not Flaw.MISSING
        rule = DocumentRule.NIF if is_nif else DocumentRule.INPUT
        raise DocumentRefusal(codes[rule], "; ".join(path for _, path in places))
    if message.text("TaxRegistrationNumber").strip() != user.nif:
        raise DocumentRefusal(codes[DocumentRule.PERMISSION], "o emitente não é o do utilizador")
    header, wanted = message.part(family.header), message.part(family.status)
    before = known.find(db, user.nif, family.name, header.text(family.number))
    if before is None:
        raise DocumentRefusal(codes[DocumentRule.NOT_FOUND], "o documento não existe")
    if not deleting.is_same(family, header, before):
        raise DocumentRefusal(codes[DocumentRule.INCOHERENT], "os dados não são os do documento")
    status, since = wanted.text(family.status), wanted.text(f"{family.status}Date").strip()
    if status not in _NEXT[before.status]:
        raise DocumentRefusal(
            codes[DocumentRule.TRANSITION], f"o estado {before.status} não passa a {status}"
        )
    if moment(since) > now.local + CLOCK_SLACK:
        raise DocumentRefusal(codes[DocumentRule.FUTURE], "a data do estado é futura")
    if moment(since) < moment(before.status_date):
        raise DocumentRefusal(codes[DocumentRule.STATUS_DATE], "a data do estado é anterior")
    known.change(db, before.id, status=status, status_date=since)
    return told(f"Change{family.element}Status", 0, DONE, now, before.number)


def _subject(family: TaxDocumentFamily, message: ReadElement) -> str:
    data, header = message.part(family.data), message.part(family.header)
    return data.text(family.number) or header.text(family.number)
