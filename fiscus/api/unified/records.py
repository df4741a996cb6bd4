"""Records: intentions and what concludes them; the one road into the journal."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from fiscus.api.http import House
from fiscus.api.unified import translate
from fiscus.api.unified.access import changed, given
from fiscus.api.unified.door import FAMILY, Call
from fiscus.api.unified.errors import NOT_YET
from fiscus.api.unified.paging import page
from fiscus.issuing.answers import Failed
from fiscus.issuing.recording import NOT_OPERATIVE
from fiscus.journal import read
from fiscus.journal.read import Found
from fiscus.model.documents import ClosingType, Draft, Kind
from fiscus.model.faults import Conflict, Missing, Refused, Trouble
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter, Issue, Open, Order
from fiscus.model.records import Said
from fiscus.registry import labels
from fiscus.store.connect import reading

VISIBLE = frozenset(EntryKind) - {EntryKind.OUTAGE, EntryKind.RESTORED, EntryKind.EXCHANGED}
KINDS = {
    "INTENTION": (EntryKind.INTENT,),
    "TRANSACTION": (EntryKind.DOCUMENT, EntryKind.VOID, EntryKind.ABORT, EntryKind.REFUSAL),
    "CLOSING": (EntryKind.CLOSING,),
}
"""The kinds of entries among which records of a type are looked for."""

CLOSINGS = {
    "DAILY": ClosingType.DAILY,
    "MONTHLY": ClosingType.MONTHLY,
    "YEARLY": ClosingType.ANNUAL,
}


async def create(house: House, call: Call) -> dict[str, Any]:
    """Hand an intention or what concludes one to the writer, and show the record it became."""
    answer = await house.issue(_order(call))
    if isinstance(answer, Failed):
        call.is_replay = answer.is_replay
        raise _in_words(call, answer.trouble)
    call.is_replay = answer.is_replay
    if answer.record.kind == EntryKind.CLOSING:
        # What was asked for is the intention; the closing it led to uses it.
        return await house.in_thread(_intention, house, call, answer.record.body.intent)
    return translate.record(
        answer.record, created=True, wants=frozenset(), previous_id=answer.previous_id,
        serial=answer.serial, metadata=_metadata(answer.metadata),
    )  # fmt: skip


def _intention(house: House, call: Call, id_: str) -> dict[str, Any]:
    with reading(house.engine) as tx:
        found = read.one(tx, call.caller.organization, id_)
        return _shown(house, tx, found, frozenset({"operation"}))


def _in_words(call: Call, trouble: Trouble) -> Trouble:
    """A place that may not act now is told with the kind of record that was wanted."""
    if trouble.code.id != NOT_OPERATIVE.id:
        return trouble
    wanted = f"{call.content.type}::{call.content.operation.type}"
    return Conflict(
        NOT_OPERATIVE,
        f"cannot create new record of '{wanted}', legal entity is not in mode 'OPERATIVE'",
    )


def _order(call: Call) -> Order:
    content, operation = call.content, call.content.operation
    metadata = given(call)
    text = translate.echo(call.said.content.operation)
    claim = call.claim(text, _target(content), msgspec.json.encode(metadata).decode())
    said = Said(family=FAMILY, version=call.version, text=text)
    if content.type == "INTENTION" and operation.type == "CLOSING":
        return Enter(
            organization=call.caller.organization,
            register=translate.identifier(content.system.id), said=said, claim=claim,
            draft=Draft(kind=Kind.CLOSING, closing=CLOSINGS[operation.period]),
        )  # fmt: skip
    if content.type == "INTENTION":
        if operation.type != "TRANSACTION":
            raise Refused(NOT_YET, f"'INTENTION::{operation.type}'")
        return Open(
            organization=call.caller.organization,
            register=translate.identifier(content.system.id), said=said, claim=claim,
            is_training=bool(operation.details and operation.details.training),
        )  # fmt: skip
    return Issue(
        organization=call.caller.organization,
        intent=translate.identifier(content.record.id),
        draft=translate.draft(operation, training=False), said=said, claim=claim,
    )  # fmt: skip


def _target(content: Any) -> str:
    """What the operation is about: its system, or the intention it concludes."""
    target = content.system if content.type == "INTENTION" else content.record
    return f"{content.type} {target.model_dump_json()}"


def _metadata(text: str) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}


def list_(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    types = frozenset(call.query.get("type", ()))
    kinds = {kind for type_ in types for kind in KINDS.get(type_.partition("::")[0], ())}
    if types and not kinds:
        return translate.page([])
    where = {
        column: translate.identifier(call.query[name]) if name in call.query else None
        for name, column in (
            ("taxpayer_id", "taxpayer"), ("location_id", "location"), ("system_id", "register"),
        )
    }  # fmt: skip
    return page(
        call,
        lambda after, limit: read.page(
            tx,
            call.caller.organization,
            after=after,
            limit=limit,
            kinds=kinds or VISIBLE,
            is_wanted=lambda record: not types or translate.type_of(record) in types,
            **where,
        ),
        lambda found: found.record.body.id,
        lambda found: _shown(house, tx, found, frozenset()),
    )


def _shown(house: House, tx: Connection, found: Found, wants: frozenset[str]) -> dict[str, Any]:
    serial = ""
    if "file-integrity" in wants:
        serial = house.desk.journal_key(tx, found.record.body.register).serial
    return translate.record(
        found.record, created=False, wants=wants, previous_id=found.previous_id,
        serial=serial, metadata=_metadata(found.metadata),
    )  # fmt: skip


def retrieve(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    found = _visible(tx, call.caller.organization, call.path["record_id"])
    return _shown(house, tx, found, frozenset(call.query))


def _visible(tx: Connection, organization: str, id_: str) -> Found:
    found = read.one(tx, organization, id_)
    if EntryKind(found.record.kind) not in VISIBLE:
        raise Missing(read.UNKNOWN_RECORD, "record_id")
    return found


def update(house: House, tx: Connection, call: Call) -> dict[str, Any]:
    """Only the metadata of a record can change."""
    id_ = call.path["record_id"]
    found = read.one(tx, call.caller.organization, id_)
    labels.put(tx, id_, changed(_metadata(found.metadata), call))
    return _shown(house, tx, read.one(tx, call.caller.organization, id_), frozenset())


READS = {"listRecords": list_, "retrieveRecord": retrieve}
WRITES = {"updateRecord": update}
