"""A group of items is one line, or a line under each tax of its items; its items make it up."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fiscus.api.families.unified.translate.lines import entry_of, lines
from fiscus.api.families.unified.wire.entries import Entry
from fiscus.api.families.unified.wire.v2026_06_01 import Entry as LaterEntry
from fiscus.model.documents import DraftLine
from fiscus.model.faults import Refused

OWN = Path(__file__).parent / "examples" / "own"
Json = dict[str, Any]


def an_item(
    text: str,
    net: str,
    percentage: str = "23",
    code: str = "STANDARD",
    quantity: str = "1",
    **changes: Any,
) -> Json:
    exclusive = Decimal(net)
    amount = exclusive * Decimal(percentage) / 100
    vat = {
        "type": "VAT_RATE",
        "code": code,
        "percentage": percentage,
        "amount": f"{amount:.2f}",
        "exclusive": net,
        "inclusive": f"{exclusive + amount:.2f}",
    }
    price = (exclusive + amount) / Decimal(quantity)
    item = {
        "type": "ITEM",
        "text": text,
        "unit": {"quantity": quantity, "price": f"{price:.4f}"},
        "value": {"base": net},
        "vat": vat,
    }
    return {**item, **changes}


BURGER = an_item("Hambúrguer", "2.00")
WATER = an_item("Água", "1.00", "13", "REDUCED_1")


def a_group(*items: Json, quantity: str = "1", **vat: str) -> Json:
    """At 23 %, whatever its items bear, unless told otherwise."""
    sums = {
        name: f"{sum((Decimal(x['vat'][name]) for x in items), Decimal(0)):.2f}"
        for name in ("amount", "exclusive", "inclusive")
    }
    tax = {"type": "VAT_RATE", "code": "STANDARD", "percentage": "23"}
    return {
        "type": "GROUP",
        "text": "Menu",
        "unit": {
            "quantity": quantity,
            "price": f"{Decimal(sums['inclusive']) / Decimal(quantity):.4f}",
        },
        "value": {"base": sums["exclusive"]},
        "vat": {**tax, **sums, **vat},
        "items": list(items),
    }


def an_entry(data: Json) -> Json:
    return {"type": "SALE", "data": data, "details": {"concept": "GOOD", "number": "7"}}


def made(*data: Json) -> tuple[DraftLine, ...]:
    entries = [Entry.model_validate(an_entry(each)) for each in data]
    return lines(entries, "content.operation.entries")


def places(*data: Json) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(Refused) as refused:
        made(*data)
    return refused.value.code.id, refused.value.paths


HERE = "content.operation.entries"


def test_a_group_whose_items_bear_two_rates_is_a_line_under_each() -> None:
    first, second = made(a_group(BURGER, WATER))

    assert (first.text, second.text) == ("Menu: Hambúrguer", "Menu: Água")
    assert [x.vat.percentage for x in (first, second)] == [Decimal(23), Decimal(13)]
    assert [x.vat.inclusive for x in (first, second)] == [Decimal("2.46"), Decimal("1.13")]
    assert [x.vat.amount for x in (first, second)] == [Decimal("0.46"), Decimal("0.13")]
    assert [x.unit_price for x in (first, second)] == [Decimal("2.46"), Decimal("1.13")]
    assert {x.number for x in (first, second)} == {"7"}


def test_a_group_of_one_rate_is_one_line_in_its_own_words() -> None:
    (line,) = made(a_group(BURGER, an_item("Batatas", "1.00")))

    assert (line.text, line.vat.inclusive) == ("Menu", Decimal("3.69"))


def test_a_group_whose_items_all_bear_another_rate_bears_theirs() -> None:
    (line,) = made(a_group(WATER, an_item("Sumo", "2.00", "13", "REDUCED_1")))

    assert (line.text, line.vat.percentage) == ("Menu: Água, Sumo", Decimal(13))
    assert line.vat.code == "REDUCED_1"


def test_two_menus_have_the_quantity_of_the_group_under_each_rate() -> None:
    items = an_item("Hambúrguer", "4.00", quantity="2"), an_item("Água", "2", "13", quantity="2")

    found = made(a_group(*items, quantity="2"))

    assert [(x.quantity, x.unit_price) for x in found] == [
        (Decimal(2), Decimal("2.46")),
        (Decimal(2), Decimal("1.13")),
    ]


def test_a_text_that_grows_too_long_names_the_rate_instead() -> None:
    long = a_group(an_item("x" * 200, "2.00"), {**WATER, "text": "y" * 200})

    assert [x.text for x in made(long)] == ["Menu (23 %)", "Menu (13 %)"]


@pytest.mark.parametrize(
    "changes",
    [
        {"inclusive": "9.99"},
        {"amount": "0.83"},
        {"amount": "0.66"},
        {"exclusive": "2.50"},
        {"inclusive": "3.61", "exclusive": "3.02"},
    ],
)
def test_a_group_that_its_items_do_not_make_is_refused(changes: dict[str, str]) -> None:
    group = a_group(BURGER, WATER, **changes)

    assert places(WATER, group) == ("UNIFIED-GROUP-01", (f"{HERE}[1].data.items",))


def test_all_groups_that_differ_are_told_at_once() -> None:
    wrong = a_group(BURGER, WATER, inclusive="9.99")

    assert places(wrong, BURGER, wrong)[1] == (f"{HERE}[0].data.items", f"{HERE}[2].data.items")


def test_a_group_of_one_rate_is_compared_with_its_items_too() -> None:
    assert places(a_group(BURGER, BURGER, inclusive="2.46"))[0] == "UNIFIED-GROUP-01"


def test_a_discount_of_a_group_under_several_rates_is_that_of_its_items() -> None:
    cheaper = {**an_item("Água", "1.00", "13"), "value": {"base": "1.00", "discount": "0.20"}}
    cheaper["unit"] = {"quantity": "1", "price": "1.33"}
    group = a_group(BURGER, cheaper)
    group["unit"]["price"] = "3.79"

    assert places(group) == ("UNIFIED-GROUP-01", (f"{HERE}[0].data.value",))

    group["value"]["discount"] = "0.20"
    first, second = made(group)
    assert (first.discount, second.discount) == (Decimal(0), Decimal("0.20"))
    assert second.unit_price == Decimal("1.33")


def test_an_item_is_its_quantity_times_its_price() -> None:
    wrong = {**WATER, "unit": {"quantity": "2", "price": "1.13"}}

    assert places(a_group(BURGER, wrong)) == (
        "UNIFIED-GROUP-02",
        (f"{HERE}[0].data.items[1].unit",),
    )


def test_a_group_that_is_split_is_its_quantity_times_its_price() -> None:
    group = a_group(BURGER, WATER)
    group["unit"]["price"] = "99.00"

    assert places(group) == ("UNIFIED-GROUP-02", (f"{HERE}[0].data.unit",))


def test_items_without_a_region_are_of_that_of_their_group() -> None:
    group = a_group(BURGER, WATER)
    group["vat"]["fiscal_location"] = {"country": "PT", "region": "MADEIRA"}

    assert {x.vat.region for x in made(group)} == {"PT-MADEIRA"}


def test_an_exempt_item_is_a_line_of_its_own() -> None:
    exempt = {
        **an_item("Selo", "1.00"),
        "unit": {"quantity": "1", "price": "1.00"},
        "vat": {"type": "VAT_EXEMPTION", "code": "CAUSE_6"},
    }
    group = a_group(BURGER)
    group["items"].append(exempt)
    group["vat"] |= {"exclusive": "3.00", "inclusive": "3.46"}
    group["unit"]["price"] = "3.46"

    first, second = made(group)

    assert (first.vat.is_exempt, second.vat.is_exempt) == (False, True)
    assert second.vat.inclusive == Decimal("1.00")


def test_a_later_version_states_prices_without_vat_too() -> None:
    body = json.loads((OWN / "later.createReceipt.json").read_text())
    said = [LaterEntry.model_validate(x) for x in body["content"]["operation"]["entries"]]

    assert [str(x.unit_net) for x in lines(said, HERE)] == ["2.00", "2.00", "2.40"]


def test_a_serial_number_of_a_product_is_the_line_s() -> None:
    product = {
        "type": "SKU",
        "number": "PH-1",
        "details": {"name": "Telefone", "serial": "IMEI-35"},
    }

    (line,) = made({**BURGER, "product": product})

    assert (line.product, line.serial) == ("PH-1", "IMEI-35")


@pytest.mark.parametrize(
    ("index", "entry"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 3), (5, 4), (99, 4)]
)
def test_each_line_is_found_again_in_the_entry_that_made_it(index: int, entry: int) -> None:
    said: Sequence[Json] = [
        an_entry(BURGER),
        an_entry(a_group(BURGER, WATER)),
        an_entry(a_group(BURGER, BURGER)),
        an_entry(WATER),
    ]
    assert len(made(*(each["data"] for each in said))) == 5

    assert entry_of(index, said) == entry
