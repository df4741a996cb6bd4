"""The service of transport documents (portugal.md 5.5): told before the goods move."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from fiscus.channels.at_portugal.simulator import known, permissions, series
from fiscus.channels.at_portugal.simulator.envelope import element
from fiscus.channels.at_portugal.simulator.grammar import TRANSPORT, TRANSPORT_GRAMMAR
from fiscus.channels.at_portugal.simulator.known import KnownDocument
from fiscus.channels.at_portugal.simulator.login import AtUser, is_nif
from fiscus.channels.at_portugal.simulator.operations import OperationAnswer
from fiscus.channels.at_portugal.simulator.values import day, moment
from fiscus.channels.at_portugal.simulator.world import Now
from fiscus.grammars.reading import Flaw, ReadElement, read

OPERATION = "envioDocumentoTransporte"
MONTHS = 3
"""How long before and after the start a transport may be told."""

DONE = "Documento registado com sucesso."
CARRY_PAPER = "O documento não apresenta um ATCUD válido: o transporte leva o documento impresso."
ALREADY_STARTED = "A data de início de transporte já passou: fica como mera comunicação."

_FAMILY = "movement"
_MESSAGE_MAX = 256
_FIRST_REFERENCE = 1_000_000_000
_NUMBER = re.compile(r"[^ ]+ ([^/^ ]+)/([0-9]+)")
_ATCUD = re.compile(r"([A-Z0-9]{8,})-([0-9]+)")

Statuses = Iterator[tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class Movement:
    """A transport document that asks to be registered, changed or cancelled."""

    message: ReadElement
    number: str
    kind: str
    status: str
    dated: date
    starts_at: datetime
    partner: str
    atcud: str
    reference: str

    @property
    def place(self) -> tuple[str, int]:
        found = _ATCUD.fullmatch(self.atcud)
        return (found[1], int(found[2])) if found else ("", 0)


def answered(
    db: sqlite3.Connection, user: AtUser, operation: str, body: etree._Element, now: Now
) -> OperationAnswer:
    """Work a message and answer it; all that is wrong is told at once."""
    flaws: list[tuple[Flaw, str]] = []
    table = "StockMovement"
    message = read(
        body, TRANSPORT_GRAMMAR, table, table, lambda flaw, path: flaws.append((flaw, path))
    )
    if flaws:
        return told([_malformed(flaw, path.removeprefix(f"{table}/")) for flaw, path in flaws])
    movement = _movement(message)
    before = known.find(db, user.nif, _FAMILY, movement.number)
    if movement.reference:
        before = known.by_reference(db, _FAMILY, movement.reference)
        found = list(_of_change(user, movement, before, now))
    else:
        found = list(_of_new(movement, before))
    found += [*_of_parties(db, user, movement), *_of_time(movement, now)]
    if not found:
        found = list(_of_atcud(db, user, movement, before))
    if found:
        return told(found, movement.number)
    reference = _kept(db, user, movement, before, now)
    return told(_good(db, user, movement, now), movement.number, movement.atcud, reference)


def refused(operation: str, code: int, text: str, now: Now) -> OperationAnswer:
    """An answer that refuses."""
    return told([(code, text)])


def _movement(message: ReadElement) -> Movement:
    return Movement(
        message=message,
        number=message.text("DocumentNumber"),
        kind=message.text("MovementType"),
        status=message.text("MovementStatus"),
        dated=day(message.text("MovementDate")),
        starts_at=moment(message.text("MovementStartTime")),
        partner=(message.text("CustomerTaxID") or message.text("SupplierTaxID")).strip(),
        atcud=message.text("ATCUD"),
        reference=message.text("ATDocCodeID"),
    )


def _malformed(flaw: Flaw, path: str) -> tuple[int, str]:
    name = path.rpartition("/")[2]
    if name == "MovementStatus" and flaw is not Flaw.MISSING:
        return -5, "Estado inválido"
    if name == "ATCUD":
        return -22, "ATCUD não preenchido ou com formato inválido"
    return -1, f"Parâmetro inválido: {path}"


def _of_parties(db: sqlite3.Connection, user: AtUser, movement: Movement) -> Statuses:
    if movement.message.text("TaxRegistrationNumber").strip() != user.nif:
        yield -7, "O remetente não é o utilizador"
    elif not permissions.is_active(db, user.nif):
        yield -10, "O remetente não tem atividade registada"
    if re.fullmatch("[0-9]{9}", movement.partner) and not is_nif(movement.partner):
        yield -20, "O NIF do destinatário não é válido"


def _of_time(movement: Movement, now: Now) -> Statuses:
    start = movement.starts_at.date()
    if _months_after(start) < now.today:
        yield -17, "Passaram mais de três meses desde o início do transporte"
    if start > _months_after(now.today):
        yield -21, "Faltam mais de três meses para o início do transporte"


def _of_new(movement: Movement, before: KnownDocument | None) -> Statuses:
    if before is not None:
        cancelled = before.status == "A"
        yield (-4, "O documento já foi anulado") if cancelled else (-3, "O documento já existe")
    elif movement.status == "A":
        yield -5, "Só se anula um documento pelo seu código AT"


def _of_change(
    user: AtUser, movement: Movement, before: KnownDocument | None, now: Now
) -> Statuses:
    if before is None:
        yield -8, "Não existe documento com esse código AT"
        return
    if before.taxpayer != user.nif:
        yield -19, "O remetente não é o que foi comunicado"
        return
    if before.status == "A":
        yield -4, "O documento já foi anulado"
    if before.number != movement.number:
        yield -9, "O número não é o que foi comunicado"
    if before.customer != movement.partner:
        yield -11, "O adquirente não é o que foi comunicado"
    if before.document_type != movement.kind:
        yield -18, "O tipo não pode ser alterado"
    if before.dated != movement.dated.isoformat():
        yield -16, "A data de emissão não pode ser alterada"
    if before.atcud != movement.atcud:
        yield -26, "O ATCUD não pertence ao documento"
    if moment(before.starts_at) <= now.local:
        yield -13, "O transporte já se iniciou"
    elif movement.starts_at < now.local:
        yield -6, "O início do transporte não pode ser anterior à data atual"


def _of_atcud(
    db: sqlite3.Connection, user: AtUser, movement: Movement, before: KnownDocument | None
) -> Statuses:
    """A code that nobody knows is no refusal: the paper must travel (`_good`)."""
    if not movement.atcud or before is not None:
        return
    code, sequence = movement.place
    if not code:
        yield -22, "O ATCUD tem formato inválido"
        return
    row = series.by_code(db, user.nif, code)
    if row is None:
        return
    named = _NUMBER.fullmatch(movement.number)
    if row.state == "N":
        yield -23, "O ATCUD não corresponde a uma série válida"
    if row.document_type != movement.kind:
        yield -20005, "O código não é de uma série deste tipo"
    if not named or named[1].lower() != row.folded_name:
        yield -20007, "O par série e código não é válido"
    elif int(named[2]) != sequence:
        yield -20008, "As sequências do número e do ATCUD diferem"
    if sequence < int(row.first_number) or (row.last_number and sequence > int(row.last_number)):
        yield -20009, "A sequência está fora do intervalo comunicado"
    if row.purpose != "R" and movement.dated < date.fromisoformat(row.starts_on):
        yield -20006, "A série não vigorava na data do documento"
    if known.by_atcud(db, code, sequence):
        yield -24, "O ATCUD já pertence a outro documento"


def _good(
    db: sqlite3.Connection, user: AtUser, movement: Movement, now: Now
) -> list[tuple[int, str]]:
    code, _ = movement.place
    is_known = bool(code) and series.by_code(db, user.nif, code) is not None
    statuses = [(0, DONE if is_known else CARRY_PAPER)]
    if movement.starts_at < now.local:
        statuses.append((-100, ALREADY_STARTED))
    return statuses


def _kept(
    db: sqlite3.Connection,
    user: AtUser,
    movement: Movement,
    before: KnownDocument | None,
    now: Now,
) -> str:
    """Remember the movement; the code that it has at the authority."""
    told_now = {
        "status": movement.status,
        "status_date": now.stamp(),
        "starts_at": movement.starts_at.isoformat(),
        "content": known.content(movement.message),
    }
    if before is not None:
        known.change(db, before.id, **told_now)
        return before.reference
    code, sequence = movement.place
    id_ = known.keep(
        db,
        taxpayer=user.nif,
        family=_FAMILY,
        number=movement.number,
        document_type=movement.kind,
        dated=movement.dated.isoformat(),
        atcud=movement.atcud,
        code=code,
        sequence=str(sequence),
        customer=movement.partner,
        country="",
        registered_at=now.stamp(),
        **told_now,
    )
    reference = str(_FIRST_REFERENCE + id_)
    known.change(db, id_, reference=reference)
    return reference


def _months_after(start: date) -> date:
    month = start.year * 12 + start.month - 1 + MONTHS
    if month // 12 > date.max.year:
        return date.max
    first = date(month // 12, month % 12 + 1, 1)
    for number in range(start.day, 0, -1):
        try:
            return first.replace(day=number)
        except ValueError:
            continue
    return first


def told(
    statuses: list[tuple[int, str]], number: str = "", atcud: str = "", reference: str = ""
) -> OperationAnswer:
    """An answer of the service."""
    content = (
        f'<ns0:{OPERATION}ResponseElem xmlns:ns0="{TRANSPORT}">'
        + "".join(
            f"<ResponseStatus><ReturnCode>{code}</ReturnCode>"
            f"{element('ReturnMessage', text[:_MESSAGE_MAX])}</ResponseStatus>"
            for code, text in statuses
        )
        + element("DocumentNumber", number)
        + element("ATCUD", atcud)
        + element("ATDocCodeID", reference)
        + f"</ns0:{OPERATION}ResponseElem>"
    )
    codes = " ".join(str(code) for code, _ in statuses)
    return OperationAnswer(content=content, code=codes, subject=number)
