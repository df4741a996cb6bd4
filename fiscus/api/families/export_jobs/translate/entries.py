"""Accounting entries, between the words of the API and our own."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from fiscus.accounting.entries import AccountingEntry, EntryDraft, EntryDraftLine, EntryLine
from fiscus.accounting.entry_rows import EntryStatus, line_id
from fiscus.accounting.search import FAMILIES, EntryFamily, EntryFilter
from fiscus.api.families.export_jobs.translate.scalars import (
    Json,
    derived,
    midnight,
    minors,
    moment,
)
from fiscus.api.families.export_jobs.wire import entries as wire
from fiscus.api.families.export_jobs.wire.scalars import at
from fiscus.model.amounts import plain
from fiscus.model.times import instant

SHOWN: Mapping[EntryFamily, str] = {
    EntryFamily.SALES: "CARD_PURCHASE",
    EntryFamily.PAYMENTS: "WALLET",
    EntryFamily.CASH: "WALLET",
    EntryFamily.OTHER: "BALANCE_AMENDMENT",
}
"""The vendor's word for a family: it knows only spending, and a refund is a purchase below zero."""

_BY_KIND = {kind: family for family, kinds in FAMILIES.items() for kind in kinds}
_MOMENT = timedelta(microseconds=1)


def entry(one: AccountingEntry) -> Json:
    """What has no value is left out: the contract's optional members are not nullable."""
    money = _money(minors(one.amount), one.currency)
    content = one.content
    lines = [(line_id(one.id, position), line) for position, line in enumerate(content.lines)]
    shown: Json = {
        "id": one.id,
        "companyId": one.company,
        "family": SHOWN[_BY_KIND.get(one.sub_type, EntryFamily.OTHER)],
        "status": "COMPLETED",
        "reviewStatus": "NOT_REQUIRED",
        "exportStatus": one.status,
        "performedAt": moment(one.performed_at),
        "settledAt": moment(one.performed_at),
        "bookkeepingDate": midnight(one.day),
        "createdAt": moment(one.created_at),
        "updatedAt": moment(one.updated_at),
        "transactionValue": money,
        "totalBillValue": money,
        "attendees": [],
        "receiptIds": [],
        "tags": [],
        "splitItems": [_split(*each, one) for each in lines] if len(lines) > 1 else [],
        "lines": [_line(*each) for each in lines],
    }
    optional: Json = {
        "deletedAt": moment(one.deleted_at),
        "note": content.note,
        "accountCode": content.lines[0].account if len(lines) == 1 else "",
        "type": one.type,
        "subType": one.sub_type,
        "reference": one.reference,
        "registerId": one.register,
        "recordId": one.record,
        "recordHash": content.link,
        "documents": content.documents,
        "reverses": one.reverses,
        "exportJobId": one.job,
        "exportedAt": moment(one.exported_at),
        "externalId": one.external_id,
        "externalUrl": one.external_url,
        "partner": content.partner,
        "partnerTaxNumber": content.partner_tax_number,
        "extras": dict(content.extras),
    }
    return shown | {name: value for name, value in optional.items() if value}


def _money(cents: int, currency: str) -> Json:
    return {"currency": currency, "minors": cents}


def _line(id_: str, line: EntryLine) -> Json:
    return {
        "id": id_,
        "key": line.key,
        "account": line.account,
        "net": minors(line.net),
        "vat": minors(line.vat),
        "gross": minors(line.amount),
        "taxCode": line.tax_code,
        "percentage": plain(line.percentage),
        "text": line.text,
    }


def _split(id_: str, line: EntryLine, one: AccountingEntry) -> Json:
    money = _money(minors(line.amount), one.currency)
    shown: Json = {
        "id": id_,
        "createdAt": moment(one.created_at),
        "updatedAt": moment(one.updated_at),
        "tags": [],
        "transactionValue": money,
        "totalBillValue": money,
    }
    return shown | ({"accountCode": line.account} if line.account else {})


def wanted(said: wire.SearchAccountingEntries, company: str) -> EntryFilter | None:
    """What is searched for in the books of a company; None: nothing of ours can be that."""
    statuses = tuple(EntryStatus(one) for one in said.export_status if one in list(EntryStatus))
    families = tuple(one for one, word in SHOWN.items() if word in said.families)
    is_nothing = (said.export_status and not statuses) or (said.families and not families)
    if is_nothing or said.is_of_nobody:
        return None
    since = at(said.performed_from or said.settled_from)
    until = at(said.performed_until or said.settled_until)
    booked_from, booked_until = at(said.booked_from), at(said.booked_until)
    return EntryFilter(
        include_deleted=said.include_deleted,
        statuses=statuses,
        families=families,
        sub_types=tuple(said.sub_types),
        first=None if booked_from is None else _first(booked_from),
        last=None if booked_until is None else (booked_until - _MOMENT).date(),
        since=since,
        until=None if until is None else until - _MOMENT,
        is_account=_is_one_of(said.accounts, company, "account"),
        is_tax=_is_one_of(said.tax_codes, company, "tax"),
        has_account=said.has_account,
        register=said.register_id or "",
        reference=said.reference or "",
    )


def _is_one_of(ids: list[str], company: str, kind: str) -> Callable[[str], bool] | None:
    """Whether a code has one of these ids, as export items show it; None: none are said."""
    known = frozenset(ids)
    return (lambda code: derived(company, kind, code) in known) if known else None


def _first(since: datetime) -> date:
    """The first day that does not begin before an instant: days are shown as their midnights."""
    is_midnight = since == datetime.combine(since.date(), time(), UTC)
    return since.date() if is_midnight else since.date() + timedelta(days=1)


def draft(said: wire.CreateAccountingEntry) -> EntryDraft:
    return EntryDraft(
        day=date.fromisoformat(said.day),
        performed_at=instant(said.performed_at or midnight(date.fromisoformat(said.day))),
        lines=tuple(_drafted(said.lines)),
        sub_type=said.sub_type,
        type=said.type,
        reference=said.reference,
        currency=said.currency,
        contra_key=said.contra_key,
        note=said.note,
        partner=said.partner,
        partner_tax_number=said.partner_tax_number,
        reverses=said.reverses or "",
        extras=said.extras,
    )


def changed(one: AccountingEntry, said: wire.ChangeAccountingEntry) -> EntryDraft:
    """The entry as it is, with what is said put in its place."""
    content = one.content
    kept = EntryDraft(
        day=one.day,
        performed_at=one.performed_at,
        lines=tuple(
            EntryDraftLine(
                net=line.net,
                vat=line.vat,
                key=line.key,
                account=line.account,
                tax_code=line.tax_code,
                percentage=line.percentage,
                text=line.text,
            )
            for line in content.lines
        ),
        sub_type=one.sub_type,
        type=one.type,
        reference=one.reference,
        currency=one.currency,
        contra_key=content.contra_key,
        note=content.note,
        partner=content.partner,
        partner_tax_number=content.partner_tax_number,
        reverses=one.reverses,
        extras=content.extras,
    )
    return msgspec.structs.replace(kept, **dict(_said(said)))


def _said(said: wire.ChangeAccountingEntry) -> Iterator[tuple[str, object]]:
    for name in said.model_fields_set:
        value = getattr(said, name)
        if value is None:
            continue
        if name == "day":
            yield name, date.fromisoformat(value)
        elif name == "performed_at":
            yield name, instant(value)
        elif name == "lines":
            yield name, tuple(_drafted(value))
        else:
            yield name, value


def _drafted(lines: list[wire.CreateEntryLine]) -> Iterator[EntryDraftLine]:
    for line in lines:
        yield EntryDraftLine(
            net=Decimal(line.net).scaleb(-2),
            vat=Decimal(line.vat).scaleb(-2),
            key=line.key,
            account=line.account,
            tax_code=line.tax_code,
            percentage=Decimal(line.percentage),
            text=line.text,
        )
