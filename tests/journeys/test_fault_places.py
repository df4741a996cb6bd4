"""Whatever is refused is named at its place in the body that the caller sent, in its version."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.test_versions import LATER, later
from tests.support import words
from tests.support.body_places import at, expect_there, transaction
from tests.support.premises import Premises
from tests.support.till import Json, Till, logs, refusal

NEVER = "01a1e395-ae80-7000-8000-00100001ecc4"
TWO = (words.line("Pão"), words.line())


def changed(operation: Json, place: str, value: Any) -> Json:
    """The operation with another value at one place, which is told from the content on."""
    holder, _, name = place.removeprefix("content.operation.").rpartition(".")
    (at(operation, holder) if holder else operation)[name] = value
    return operation


def a_group() -> Json:
    """Two items sold as one line, behind a line of its own: the entry counts, not its items."""
    group = words.line("Menu")
    item = {**words.line("Café", "1.23", quantity="1")["data"]}
    group["data"] |= {"type": "GROUP", "items": [item, {**item, "text": "Pastel"}]}
    return words.receipt(words.line(), group)


def elsewhere() -> Json:
    entry = words.line()
    entry["data"]["vat"]["fiscal_location"] = {"country": "PT", "region": "MALLORCA"}
    return words.receipt(words.line(), entry)


ENTRY = "content.operation.entries[1]"
BUYER = "content.operation.recipients[0]"
PAID = "content.operation.payments[0]"
HEAD = "content.operation.document"

REFUSED: dict[str, tuple[Callable[[], Json], str]] = {
    "quantity": (
        lambda: changed(words.receipt(*TWO), f"{ENTRY}.data.unit.quantity", "-1"),
        f"{ENTRY}.data.unit.quantity",
    ),
    "price of a group": (
        lambda: changed(a_group(), f"{ENTRY}.data.unit.price", "-1"),
        f"{ENTRY}.data.unit.price",
    ),
    "rate": (
        lambda: changed(words.receipt(*TWO), f"{ENTRY}.data.vat.percentage", "19"),
        f"{ENTRY}.data.vat.percentage",
    ),
    "VAT of a line": (
        lambda: changed(words.receipt(*TWO), f"{ENTRY}.data.vat.amount", "0.99"),
        f"{ENTRY}.data.vat.amount",
    ),
    "gross of a line": (
        lambda: changed(words.receipt(*TWO), f"{ENTRY}.data.vat.inclusive", "9.99"),
        f"{ENTRY}.data.vat.inclusive",
    ),
    "region": (elsewhere, f"{ENTRY}.data.vat.fiscal_location.region"),
    "direction": (lambda: words.receipt(words.line(), words.back()), f"{ENTRY}.type"),
    "total": (
        lambda: changed(words.receipt(), f"{HEAD}.total_vat.inclusive", "9.99"),
        f"{HEAD}.total_vat.inclusive",
    ),
    "amount of a payment": (
        lambda: changed(words.receipt(), f"{PAID}.details.amount", "-2.46"),
        f"{PAID}.details.amount",
    ),
    "day of a payment": (
        lambda: changed(words.receipt(), f"{PAID}.details.date", "2026-11-17"),
        f"{PAID}.details.date",
    ),
    "payments": (
        lambda: changed(words.receipt(), f"{PAID}.details.amount", "1.00"),
        "content.operation.payments",
    ),
    "number of a buyer": (
        lambda: changed(words.invoice(), f"{BUYER}.identification.number", "999999990"),
        f"{BUYER}.identification.number",
    ),
    "number of a customer": (
        lambda: words.receipt(customer={"type": "EXTERNAL", "code": "000000000"}),
        "content.operation.customer.code",
    ),
    "time": (
        lambda: words.receipt(head={"issued_at": "2015-06-01T10:00:00+01:00"}),
        f"{HEAD}.issued_at",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rejected_record_names_the_place_now_and_when_it_is_read(till: Till, name: str) -> None:
    make, place = REFUSED[name]
    operation = make()

    rejected = till.records(operation)

    assert rejected["state"] == "REJECTED"
    assert place in expect_there(logs(rejected), transaction(operation))
    assert logs(till.get(f"/records/{rejected['id']}")) == logs(rejected)


@pytest.mark.parametrize("name", ["number of a customer", "day of a payment", "total", "rate"])
def test_a_later_version_has_its_own_places(till: Till, name: str) -> None:
    make, place = REFUSED[name]
    operation = later(make())

    rejected = till.speaking(LATER).records(operation)

    shown = expect_there(logs(rejected), transaction(operation))
    assert place.replace("document.total_vat", "totals.vat") in shown
    read = till.get(f"/records/{rejected['id']}")  # by a caller of another version
    assert logs(read) == logs(rejected)


def test_a_correction_names_what_is_in_its_data(till: Till) -> None:
    sold = till.sells(words.receipt())
    data = "content.operation.data"
    other = words.correction(sold["id"])
    other["data"]["customer"] = {"type": "EXTERNAL", "code": "510111114"}
    more = words.correction(sold["id"], words.back(quantity="5", gross="6.15"))
    dearer = changed(words.correction(sold["id"]), f"{data}.entries[0].data.vat.percentage", "6")

    for operation, place in (
        (other, f"{data}.customer.code"),
        (more, f"{data}.entries[0].data.unit.quantity"),
        (dearer, f"{data}.entries[0].data.vat.percentage"),
    ):
        rejected = till.records(operation)
        shown = expect_there(logs(rejected), transaction(operation))
        assert place in shown, (place, logs(rejected))
    silent = words.correction(sold["id"], reason="")
    message = refusal(till.concludes(silent), 422)
    assert expect_there(message, transaction(silent)) == ["content.operation"]


def test_an_original_that_is_not_there_or_is_void_is_named_where_it_was_said(till: Till) -> None:
    unknown = words.correction(NEVER)
    place = ["content.operation.record.id"]
    assert expect_there(refusal(till.concludes(unknown), 422), transaction(unknown)) == place

    sold = till.sells(words.receipt())
    till.sells(words.cancellation(sold["id"]))
    again = words.cancellation(sold["id"])
    assert place == expect_there(logs(till.records(again)), transaction(again))


def test_what_is_not_there_is_named_where_it_was_said(till: Till) -> None:
    intention = {
        "type": "INTENTION",
        "system": {"id": NEVER},
        "operation": {"type": "TRANSACTION"},
    }
    body = {"content": intention}
    message = refusal(till.send("POST", "/records", body), 422)
    assert expect_there(message, body) == ["content.system.id"]

    message = refusal(till.concludes(words.receipt(), NEVER), 422)
    assert expect_there(message, transaction(words.receipt())) == ["content.record.id"]


def test_things_of_the_registry_are_named_where_they_stand(premises: Premises, till: Till) -> None:
    backwards = {"type": "AUDIT", "range": {"from": "2026-11-10", "to": "2026-11-01"}}
    ahead = {"type": "AUDIT", "range": {"from": "2026-11-10", "to": "2026-12-31"}}
    for content, place in ((backwards, "content.range"), (ahead, "content.range.to")):
        message = refusal(till.send("POST", "/files", {"content": content}), 422)
        assert expect_there(message, {"content": content}) == [place]

    group = premises.group()
    group.scope = till.organization
    key = {"type": "API_KEY", "name": "pos-1"}
    message = refusal(group.send("POST", "/subjects", {"content": key}), 409)
    assert expect_there(message, {"content": key}) == ["content.name"]
    limited = {**key, "name": "pos-7", "role": "till", "systems": [till.system, NEVER]}
    message = refusal(group.send("POST", "/subjects", {"content": limited}), 422)
    assert expect_there(message, {"content": limited}) == ["content.systems[1]"]

    back = {"content": {"state": "ACQUIRED"}}
    message = refusal(till.send("PATCH", f"/systems/{till.system}", back), 422)
    assert expect_there(message, back) == ["content.state"]


def test_a_number_that_another_has_is_named_where_it_was_said(
    premises: Premises, till: Till
) -> None:
    other = premises.unit("Outra")
    taxpayer = words.taxpayer(fiscalization=words.fiscalization(till.nif))
    message = refusal(other.send("POST", "/taxpayers", {"content": taxpayer}), 409)
    place = "content.fiscalization.tax_id_number"
    assert expect_there(message, {"content": taxpayer}) == [place]
