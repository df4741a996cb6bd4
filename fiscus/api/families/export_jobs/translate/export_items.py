"""Export items, in the shape of each version.

What may be null and what is left out differs from version to version, as the contract has it.
"""

from collections.abc import Mapping
from decimal import Decimal

from fiscus.accounting.frozen import FrozenItem
from fiscus.api.families.export_jobs.translate.scalars import (
    Json,
    derived,
    fraction,
    midnight,
    minors,
)
from fiscus.api.families.export_jobs.wire.export_items import TYPES_V0
from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookedEntry, BookedLine, BookedTax

V1, V2, V3 = 1, 2, 3
NOBODY = "Fiscus"
"""Who spent it, for versions in which somebody must have."""

SPENT = "card_purchase"
"""How v0 shows the types that came later."""


def export_item(
    frozen: FrozenItem, *, company: str, is_vendor_based: bool, version: int, address: str
) -> Json:
    """One item. `address` is where this service is reached."""
    booked = frozen.booked
    shown: Json = {
        "_links": _links(booked, address),
        "accountingEntryId": booked.id,
        "companyId": company,
        "date": midnight(booked.day),
        "type": _type(frozen.type, version),
        "amount": _amount(sum((line.amount for line in booked.lines), Decimal(0)), booked.currency),
        "accountingEntryLines": [
            _line(line, booked, frozen.accounts, company, version) for line in booked.lines
        ],
        "supplier": _supplier(booked, version),
        "files": None,
        "note": booked.note or None,
    }
    shown |= _information(booked, version)
    shown |= _people(version)
    if version >= V2:
        shown["servicePeriod"] = None
        shown["bookkeeping"] = {"method": frozen.method} if is_vendor_based else None
        shown |= _sub_type(booked, version)
        shown |= _vendor(booked, company, version) if is_vendor_based else _no_vendor(version)
    if version >= V3:
        shown["contraAccount"] = _account(booked.contra, frozen.accounts, company, version)
    return shown


def _links(booked: BookedEntry, address: str) -> Json:
    at = f"{address}/v1/accounting-entries/"
    api = {"exportItem": f"{at}{booked.id}{'#' if booked.link else ''}{booked.link}"}
    if booked.reverses:
        api["reverses"] = f"{at}{booked.reverses}"
    return {"web": {}, "mobile": {}, "api": api}


def _type(type_: str, version: int) -> str:
    return type_ if version >= V1 or type_ in TYPES_V0 else SPENT


def _sub_type(booked: BookedEntry, version: int) -> Json:
    """Null in v2, left out in v3."""
    if version < V3:
        return {"subType": booked.sub_type or None}
    return {"subType": booked.sub_type} if booked.sub_type else {}


def _amount(amount: Decimal, currency: str) -> Json:
    money = {"currency": currency, "value": minors(amount)}
    return {"inSupplierCurrency": money, "inWalletCurrency": money}


def _line(
    line: BookedLine,
    booked: BookedEntry,
    accounts: Mapping[str, ChartAccount],
    company: str,
    version: int,
) -> Json:
    return {
        "accountingEntryLineId": line.id,
        "lineAmount": _amount(line.amount, booked.currency),
        "netAmount": _amount(line.net, booked.currency),
        "account": _account(line.account, accounts, company, version),
        "tags": [],
        "tax": None if line.tax is None else _tax(line.tax, booked.currency, company, version),
    }


def _account(
    code: str, accounts: Mapping[str, ChartAccount], company: str, version: int
) -> Json | None:
    if not code:
        return None
    known = accounts.get(code)
    identifier = known.identifier if known is not None else ""
    shown: Json = {"code": code, "identifier": identifier or None}
    if version >= V1:
        shown["id"] = derived(company, "account", code)
        shown["name"] = known.name if known is not None else code
    return shown


def _tax(tax: BookedTax, currency: str, company: str, version: int) -> Json:
    """Always `exclusive`: the net amount does not contain it."""
    shown: Json = {
        "code": tax.code or None,
        "rate": fraction(tax.percentage),
        "type": "exclusive",
        "amount": _amount(tax.amount, currency),
    }
    if version >= V1:
        shown["id"] = derived(company, "tax", tax.code)
    if version >= V3 and tax.account:
        shown["outgoingTaxAccount"] = tax.account
    return shown


def _supplier(booked: BookedEntry, version: int) -> Json | None:
    if not booked.partner and not booked.partner_tax_number:
        return None
    return {
        "name": booked.partner or None,
        "code" if version >= V1 else "identifier": None,
        "account": None,
        "categoryCode": None,
        "country": None,
        "taxIdentifier": booked.partner_tax_number or None,
    }


def _vendor(booked: BookedEntry, company: str, version: int) -> Json:
    if not booked.partner:
        return _no_vendor(version)
    named = booked.partner_tax_number or booked.partner
    shown = {
        "id": derived(company, "partner", named),
        "name": booked.partner,
        "defaultCurrency": booked.currency,
    }
    if booked.partner_tax_number:
        shown["taxRegistrationNumber"] = booked.partner_tax_number
    return {"vendor": shown}


def _no_vendor(version: int) -> Json:
    """Null in v3, left out in v2."""
    return {"vendor": None} if version >= V3 else {}


def _information(booked: BookedEntry, version: int) -> Json:
    said: Json = {
        "reconciliationId": booked.reference,
        "attendees": None,
        "invoiceInformation": None,
    }
    if version < V1:
        return {"metadata": said}
    return {"additionalInformation": {**said, "reconciledEntries": None}}


def _people(version: int) -> Json:
    """Nobody is attached to what a till has sold; but v0 and v1 want somebody."""
    shown: Json = {}
    if version < V3:
        shown["teamCode"] = None
    if version >= V1:
        shown["team"] = None
    if version >= V2:
        shown["user"] = None
    elif version == V1:
        shown["user"] = {"id": None, "name": NOBODY, "code": None}
    else:
        shown["user"] = {"name": NOBODY, "code": None}
    return shown
