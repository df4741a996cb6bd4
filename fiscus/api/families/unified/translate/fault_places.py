"""Where trouble lies, in the body that the caller sent: the core names fields of the order. Pure.

In a body of createRecord a place is followed as far as the body has it: a member that was left out
is told by what should hold it. In a thing of the registry a place is where the thing has the
member: a PATCH may break a rule with what was sent before. What this family says in its own words
already, and paths that are values or sentences, stay as they are.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from fiscus.api.families.unified.translate.contents import OFFICE_NUMBERS, REGISTRATION, Json
from fiscus.api.families.unified.translate.lines import entry_of
from fiscus.model.faults import Fault, Trouble

Places = tuple[str, ...]
"""Where a field may stand, by version and kind of document; the first that is there counts."""

CONTENT = "content"
RECORD_ORDER = "createRecord"
_OWN_CODE = "UNIFIED-"

_STEP = re.compile(r"[^.\[\]]+|\[[0-9]+\]")
_ITEM = re.compile(r"(lines|payments|breakdown)\[([0-9]+)\](?:\.(.+))?")
_ARRAYS = {"lines": "entries", "payments": "payments", "breakdown": "breakdown"}
_CORRECTION = "CORRECTION"

_OF_ORDER: dict[str, Places] = {
    "register": ("system.id", "record.id"),
    "intent": ("record.id",),
    "kind": ("operation.type",),
    "closing": ("operation.period",),
    "refers_to": ("operation.record.id",),
    "external_reference": (
        "operation.preceding_document.number",
        "operation.data.document.references.preceding_document.number",
    ),
    "external_text": ("operation.preceding_document",),
    "external_on": (
        "operation.preceding_document.issued_at",
        "operation.data.document.references.preceding_document.issued_at",
    ),
    "reason": ("operation.reason",),
    "operator": (
        "operation.details.creators[0].label",
        "operation.data.details.creators[0].label",
    ),
    "operator_name": (
        "operation.details.creators[0].label",
        "operation.data.details.creators[0].label",
    ),
    "is_full_reversal": ("operation.type",),
    "properties": ("operation.details.properties", "operation.data.details.properties"),
    "is_training": ("operation.details.training", "operation.data.details.training"),
}
_OF_DOCUMENT: dict[str, Places] = {
    "series": ("document.series",),
    "reference": ("document.number",),
    "issued_at": ("document.issued_at",),
    "supplied_on": ("document.operation_date",),
    "is_simplified": ("document.simplified_invoice",),
    "text": ("document.text",),
    "activity": ("document.activity_code",),
    "currency": ("payments[0].details.currency",),
    "breakdown": ("breakdown",),
    "order_references": ("document.references",),
    "payment_terms": ("document.payment_terms",),
    "delivery": ("recipients[0].shipping",),
    "delivery.on": ("recipients[0].shipping.date",),
    "delivery.name": ("recipients[0].shipping.name",),
    "delivery.address": ("recipients[0].shipping.address",),
    "delivery.address.street": ("recipients[0].shipping.address.line.street",),
    "delivery.address.code": ("recipients[0].shipping.address.code",),
    "delivery.address.city": ("recipients[0].shipping.address.city",),
    "delivery.address.region": ("recipients[0].shipping.address.region",),
    "delivery.address.country": ("recipients[0].shipping.address.country",),
    "lines": ("entries",),
    "payments": ("payments",),
    "totals": ("document.total_vat", "totals.vat"),
    "totals.exclusive": ("document.total_vat.exclusive", "totals.vat.exclusive"),
    "totals.amount": ("document.total_vat.amount", "totals.vat.amount"),
    "totals.inclusive": ("document.total_vat.inclusive", "totals.vat.inclusive"),
    "buyer": ("recipients[0]", "customer"),
    "buyer.name": ("recipients[0].name", "customer.code"),
    "buyer.code": ("recipients[0].identification.number", "customer.code"),
    "buyer.tax_number": ("recipients[0].identification.number", "customer.code"),
    "buyer.vat_number": ("recipients[0].identification.number", "customer.code"),
    "buyer.sort": ("recipients[0].type", "customer.type"),
    "buyer.is_business": ("recipients[0].type",),
    "buyer.is_staff": ("customer.type",),
    "buyer.is_foreign": ("recipients[0].origin",),
    "buyer.address": ("recipients[0].address",),
    "buyer.address.street": ("recipients[0].address.line.street",),
    "buyer.address.number": ("recipients[0].address.line.number",),
    "buyer.address.code": ("recipients[0].address.code",),
    "buyer.address.city": ("recipients[0].address.city",),
    "buyer.address.region": ("recipients[0].address.region",),
    "buyer.address.country": ("recipients[0].address.country",),
}
_OF_ITEM: dict[str, dict[str, Places]] = {
    "lines": {
        "direction": ("type",),
        "purpose": ("type",),
        "is_voucher": ("type",),
        "is_gift": ("details.purpose",),
        "is_service": ("details.concept",),
        "number": ("details.number",),
        "text": ("data.text",),
        "product": ("data.product.number",),
        "serial": ("data.product.details.serial",),
        "quantity": ("data.unit.quantity",),
        "measure": ("data.unit.measure",),
        "unit_price": ("data.unit.price.inclusive", "data.unit.price"),
        "unit_net": ("data.unit.price.exclusive", "data.unit.price"),
        "discount": ("data.value.discount",),
        "surcharge": ("data.value.surcharge",),
        "vat": ("data.vat",),
        "vat.code": ("data.vat.code",),
        "vat.percentage": ("data.vat.percentage",),
        "vat.amount": ("data.vat.amount",),
        "vat.exclusive": ("data.vat.exclusive", "data.value.base"),
        "vat.inclusive": ("data.vat.inclusive", "data.value.base"),
        "vat.region": ("data.vat.fiscal_location.region", "data.vat.fiscal_location.country"),
        "vat.reason": ("data.vat.reason",),
    },
    "payments": {
        "means": ("kind", "type"),
        "amount": ("details.amount",),
        "name": ("name",),
        "on": ("details.date",),
        "currency": ("details.currency",),
        "discount": ("details.discount",),
    },
    "breakdown": {name: (name,) for name in ("amount", "exclusive", "inclusive", "reason")},
}

_OF_TAXPAYER = {
    "tax_number": "fiscalization.tax_id_number",
    "facts": "fiscalization",
    **{f"facts.{name}": f"fiscalization.credentials.{name}" for name in OFFICE_NUMBERS},
    **{f"facts.registration_{name}": f"fiscalization.registration.{name}" for name in REGISTRATION},
    "state": "state",
    "mode": "mode",
}
_OF_LOCATION = {"taxpayer": "taxpayer.id", "state": "state", "mode": "mode"}
_OF_SYSTEM = {"location": "location.id", "state": "state", "mode": "mode"}
_OF_SUBJECT = {"name": "name", "registers": "systems", "code": "code"}
_OF_THINGS: Mapping[str, Mapping[str, str]] = {
    "createTaxpayer": _OF_TAXPAYER,
    "updateTaxpayer": _OF_TAXPAYER,
    "createLocation": _OF_LOCATION,
    "updateLocation": _OF_LOCATION,
    "createSystem": _OF_SYSTEM,
    "updateSystem": _OF_SYSTEM,
    "createSubject": _OF_SUBJECT,
    "updateSubject": _OF_SUBJECT,
    "createSeries": {
        "taxpayer": "taxpayer.id",
        "location": "location.id",
        "document_type": "document_type",
        "name": "name",
        "purpose": "purpose",
        "starts_on": "starts_on",
    },
    "createMonthDeclaration": {"type": "type", "reference": "reference"},
    "createFile": {
        "period": "range",
        "period.last": "range.to",
        "register": "system.id",
        "taxpayer": "taxpayer.id",
    },
}


def in_words(trouble: Trouble, operation_id: str, body: Any) -> Trouble:
    """The same trouble at the places of the body of that operation. `body` is what was sent,
    None if it was not read."""
    if trouble.code.id.startswith(_OWN_CODE):
        return trouble
    if operation_id == RECORD_ORDER and body is not None:
        content = body[CONTENT]
        faults = in_record(trouble.faults, content)
        paths = [_in_record(path, content) for path in trouble.paths]
    elif words := _OF_THINGS.get(operation_id):
        faults = tuple(
            _moved(fault, [_in_thing(path, words) for path in fault.paths])
            for fault in trouble.faults
        )
        paths = [_in_thing(path, words) for path in trouble.paths]
    else:
        return trouble
    return type(trouble)(trouble.code, *paths, faults=faults)


def in_record(faults: tuple[Fault, ...], content: Json) -> tuple[Fault, ...]:
    """The same faults at their places in the content of a record that was to be made."""
    return tuple(
        _moved(fault, [_in_record(path, content) for path in fault.paths]) for fault in faults
    )


def _moved(fault: Fault, paths: list[str]) -> Fault:
    return msgspec.structs.replace(fault, paths=tuple(dict.fromkeys(paths)))


def _in_thing(path: str, words: Mapping[str, str]) -> str:
    """By the longest beginning that has a word: `facts.x` is where facts are, and x there."""
    found = [name for name in words if path == name or path.startswith((f"{name}.", f"{name}["))]
    if not found:
        return path
    name = max(found, key=len)
    return f"{CONTENT}.{words[name]}{path[len(name) :]}"


def _in_record(path: str, content: Json) -> str:
    """The value that is meant may stand behind the field, after a blank."""
    field, blank, value = path.partition(" ")
    places = _places(field, content.get("operation", {}))
    if not places:
        return path
    reached = [_reached(place, content) for place in places]
    whole = [one for one, is_whole in reached if is_whole]
    place = CONTENT + (whole[0] if whole else max((one for one, _ in reached), key=len))
    return place + blank + value


def _places(path: str, operation: Json) -> Places:
    """Below the content. What a correction takes back or adds is a document within it."""
    if path in _OF_ORDER:
        return _OF_ORDER[path]
    document, said = "operation", operation
    if operation.get("type") == _CORRECTION:
        document, said = "operation.data", operation.get("data", {})
    if item := _ITEM.fullmatch(path):
        array, index, member = item.groups()
        if array == "lines":
            index = str(entry_of(int(index), said.get("entries", ())))
        here = f"{document}.{_ARRAYS[array]}[{index}]"
        members = _OF_ITEM[array].get(member or "", ())
        return tuple(f"{here}.{place}" for place in members) or (here,)
    return tuple(f"{document}.{place}" for place in _OF_DOCUMENT.get(path, ()))


def _reached(place: str, content: Any) -> tuple[str, bool]:
    """How far the content has this place, and whether to its end."""
    reached, node = "", content
    for step in _STEP.findall(place):
        index = int(step[1:-1]) if step.startswith("[") else None
        if index is not None and isinstance(node, list) and index < len(node):
            node, reached = node[index], reached + step
        elif index is None and isinstance(node, dict) and step in node:
            node, reached = node[step], f"{reached}.{step}"
        else:
            return reached, False
    return reached, True
