"""Records: intentions and what concludes them; the only operations that write documents."""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection

from fiscus import regimes
from fiscus.api.families.unified import translate
from fiscus.api.families.unified.access import changed, given
from fiscus.api.families.unified.calls import FAMILY, UnifiedCall
from fiscus.api.families.unified.errors import NOT_YET
from fiscus.api.families.unified.paging import page
from fiscus.issuing.answers import OrderFailed
from fiscus.issuing.cases import UNKNOWN_ORIGINAL
from fiscus.issuing.recording import NO_DEVICE, NOT_OPERATIVE
from fiscus.journal import proving, read
from fiscus.journal.read import FoundRecord
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.faults import Conflict, Missing, Refused, Trouble
from fiscus.model.kinds import EntryKind
from fiscus.model.orders import Enter, Issue, Open, Order
from fiscus.model.records import CallerWords, EntryBody, Record
from fiscus.registry import labels, taxpayers
from fiscus.reporting import listing
from fiscus.services import Services
from fiscus.store.connect import reading

VISIBLE = frozenset(EntryKind) - {EntryKind.OUTAGE, EntryKind.RESTORED, EntryKind.EXCHANGED}
KINDS = {
    "INTENTION": (EntryKind.INTENT,),
    "TRANSACTION": (EntryKind.DOCUMENT, EntryKind.VOID, EntryKind.ABORT, EntryKind.REFUSAL),
    "CLOSING": (EntryKind.CLOSING,),
}
"""The kinds of entries among which records of a type are looked for."""

NO_DEVICE_YET = (
    "its signing device is not fitted yet; read the system until its mode is OPERATIVE, and send"
    " state COMMISSIONED again if its logs tell of a failure"
)

CLOSINGS = {
    "DAILY": ClosingType.DAILY,
    "MONTHLY": ClosingType.MONTHLY,
    "YEARLY": ClosingType.ANNUAL,
}


async def create(services: Services, call: UnifiedCall) -> dict[str, Any]:
    """Hand an intention or what concludes one to the writer, and show the record it became."""
    wanted = order(call)
    if call.caller.systems and isinstance(wanted, Issue) and wanted.draft.refers_to:
        await services.in_thread(_expect_original, services, call, wanted.draft.refers_to)
    answer = await services.issue(wanted)
    if isinstance(answer, OrderFailed):
        call.is_replay = answer.is_replay
        raise _in_words(call, answer.trouble)
    call.is_replay = answer.is_replay
    if answer.record.kind == EntryKind.CLOSING:
        # What was asked for is the intention; the closing it led to uses it.
        return await services.in_thread(_intention, services, call, answer.record.body.intent)
    call.headers.update(translate.headers(answer.record, await _receipt(services, answer.record)))
    return translate.record(
        answer.record,
        created=True,
        wants=frozenset(),
        previous_id=answer.previous_id,
        metadata=_metadata(answer.metadata),
    )


async def _receipt(services: Services, known: Record) -> str:
    """The address of its page for the customer. Mostly it is known without asking the database."""
    if services.receipts.needs_look(known.kind, known.body):
        return await services.in_thread(services.receipts.of, known.kind, known.body)
    return services.receipts.of(known.kind, known.body)


def _expect_original(services: Services, call: UnifiedCall, id_: str) -> None:
    """A till that is limited to systems corrects what was issued there."""
    with reading(services.engine) as tx:
        original = read.body(tx, id_)
    if original is None or not call.caller.reaches(original.register):
        raise Refused(UNKNOWN_ORIGINAL, "refers_to")


def _intention(services: Services, call: UnifiedCall, id_: str) -> dict[str, Any]:
    with reading(services.engine) as tx:
        found = read.one(tx, call.caller.organization, id_)
        return shown(found, frozenset({"operation"}))


def _in_words(call: UnifiedCall, trouble: Trouble) -> Trouble:
    """A place that may not act now is told with the kind of record that was wanted."""
    if trouble.code.id not in (NOT_OPERATIVE.id, NO_DEVICE.id):
        return trouble
    wanted = f"{call.content.type}::{call.content.operation.type}"
    said = f"cannot create new record of '{wanted}', legal entity is not in mode 'OPERATIVE'"
    if trouble.code.id == NO_DEVICE.id:
        said += f": {NO_DEVICE_YET}"
    return Conflict(NOT_OPERATIVE, said)


def order(call: UnifiedCall) -> Order:
    """What the writer is asked to do. Raises `Refused` for a kind that is not implemented yet."""
    content, operation = call.content, call.content.operation
    metadata = given(call)
    text = translate.echo(call.said.content.operation)
    claim = call.claim(text, _target(content), msgspec.json.encode(metadata).decode())
    said = CallerWords(family=FAMILY, version=call.version, text=text)
    if content.type == "INTENTION" and operation.type == "CLOSING":
        return Enter(
            organization=call.caller.organization,
            register=translate.identifier(content.system.id),
            said=said,
            claim=claim,
            draft=Draft(kind=DocumentKind.CLOSING, closing=CLOSINGS[operation.period]),
            within=call.caller.systems,
            by=call.caller.subject,
        )
    if content.type == "INTENTION":
        if operation.type != "TRANSACTION":
            raise Refused(NOT_YET, f"'INTENTION::{operation.type}'")
        return Open(
            organization=call.caller.organization,
            register=translate.identifier(content.system.id),
            said=said,
            claim=claim,
            is_training=bool(operation.details and operation.details.training),
            within=call.caller.systems,
            by=call.caller.subject,
        )
    draft = translate.draft(operation, training=False, said=call.said.content.operation)
    translate.expect_places(call.said.content)
    return Issue(
        organization=call.caller.organization,
        intent=translate.identifier(content.record.id),
        draft=draft,
        said=said,
        claim=claim,
        claims_number=True,
        within=call.caller.systems,
        by=call.caller.subject,
    )


def _target(content: Any) -> str:
    """What the operation is about: its system, or the intention it concludes."""
    target = content.system if content.type == "INTENTION" else content.record
    return f"{content.type} {target.model_dump_json()}"


def _metadata(text: str) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}


def list_(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    types = frozenset(call.query.get("type", ()))
    kinds = {kind for type_ in types for kind in KINDS.get(type_.partition("::")[0], ())}
    if types and not kinds:
        return translate.page([])
    where = {
        column: translate.identifier(call.query[name]) if name in call.query else None
        for name, column in (
            ("taxpayer_id", "taxpayer"),
            ("location_id", "location"),
            ("system_id", "chain"),
        )
    }
    return page(
        call,
        lambda after, limit: read.page(
            tx,
            call.caller.organization,
            after=after,
            limit=limit,
            kinds=kinds or VISIBLE,
            registers=call.caller.systems,
            is_wanted=lambda record: not types or translate.type_of(record) in types,
            **where,
        ),
        lambda found: found.record.body.id,
        lambda found: shown(found, frozenset()),
    )


def shown(found: FoundRecord, wants: frozenset[str]) -> dict[str, Any]:
    return translate.record(
        found.record,
        created=False,
        wants=wants,
        previous_id=found.previous_id,
        metadata=_metadata(found.metadata),
    )


def retrieve(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    found = _visible(tx, call)
    receipt = services.receipts.of(found.record.kind, found.record.body, tx)
    call.headers.update(translate.headers(found.record, receipt))
    return whole(tx, found, frozenset(call.query))


def whole(tx: Connection, found: FoundRecord, wants: frozenset[str]) -> dict[str, Any]:
    """With what an authority is told of it, if it is told anything."""
    answer = shown(found, wants)
    body = found.record.body
    if reports := listing.of_record(tx, body.id, body.refers or ""):
        answer["content"]["reports"] = translate.reports_of_record(reports)
    return answer


def companion(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """What the law made of it: legal number, totals by tax, lines to print, warnings."""
    found = _visible(tx, call).record
    receipt = services.receipts.of(found.kind, found.body, tx)
    call.headers.update(translate.headers(found, receipt))
    return translate.document(found, _marks(tx, found.body), receipt)


def _marks(tx: Connection, body: EntryBody) -> Iterator[str]:
    """What a reprint of a document says besides, once it was cancelled."""
    text = regimes.find(taxpayers.by_id(tx, body.place.taxpayer).taxpayer.regime).void_print
    if text and any(kind == EntryKind.VOID for kind, _ in read.about(tx, body.id)):
        yield text


def prove(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """The proof of a record. While there is none yet, the answer says when to ask again."""
    id_ = _visible(tx, call).record.body.id
    try:
        return translate.proof(id_, proving.of(tx, id_))
    except Conflict:
        every = services.settings.checkpoint_seconds
        call.headers["Retry-After"] = str(proving.seconds_left(tx, id_, call.at, every))
        raise


def _visible(tx: Connection, call: UnifiedCall) -> FoundRecord:
    """The record of the path, if it is one that this family shows."""
    found = _own(tx, call)
    if EntryKind(found.record.kind) not in VISIBLE:
        raise Missing(read.UNKNOWN_RECORD, "record_id")
    return found


def _own(tx: Connection, call: UnifiedCall) -> FoundRecord:
    """The record of the path, if the caller's key reaches it."""
    found = read.one(tx, call.caller.organization, call.path["record_id"])
    if not call.caller.reaches(found.record.body.register):
        raise Missing(read.UNKNOWN_RECORD, "record_id")
    return found


def update(services: Services, tx: Connection, call: UnifiedCall) -> dict[str, Any]:
    """Only the metadata of a record can change."""
    id_ = call.path["record_id"]
    found = _own(tx, call)
    organization = call.caller.organization
    labels.put(tx, organization, id_, changed(_metadata(found.metadata), call), call.caller.subject)
    return shown(read.one(tx, organization, id_), frozenset())


READS = {
    "listRecords": list_,
    "retrieveRecord": retrieve,
    "retrieveRecordDocument": companion,
    "retrieveRecordProof": prove,
}
WRITES = {"updateRecord": update}
