"""Export items in the shape of each version: golden, member by member."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.accounting.frozen import FrozenItem
from fiscus.api.families.export_jobs.examples.jobs import COMPANY, ENTRY, LINE, a_frozen_sale
from fiscus.api.families.export_jobs.translate.export_items import export_item
from fiscus.api.families.export_jobs.wire.export_items import (
    TYPES_V0,
    ExportItemV0,
    ExportItemV1,
    ExportItemV2,
    ExportItemV3,
)
from fiscus.model.booked import BookedEntry, BookedLine

MODELS = (ExportItemV0, ExportItemV1, ExportItemV2, ExportItemV3)
ADDRESS = "https://fiscus.example"
ENCODER = msgspec.json.Encoder(decimal_format="number")


def shown(frozen: FrozenItem, version: int, *, is_vendor_based: bool = False) -> Any:
    """As bytes show it to a program."""
    item = export_item(
        frozen,
        company=COMPANY,
        is_vendor_based=is_vendor_based,
        version=version,
        address=ADDRESS,
    )
    return json.loads(ENCODER.encode(item))


def with_booked(**changes: Any) -> FrozenItem:
    sale = a_frozen_sale()
    return msgspec.structs.replace(sale, booked=msgspec.structs.replace(sale.booked, **changes))


def money(value: int) -> Any:
    one = {"currency": "EUR", "value": value}
    return {"inSupplierCurrency": one, "inWalletCurrency": one}


LINKS = {
    "web": {},
    "mobile": {},
    "api": {"exportItem": f"{ADDRESS}/v1/accounting-entries/{ENTRY}#5c1b0f"},
}


def test_v3_is_golden() -> None:
    item = shown(a_frozen_sale(), 3)
    account, contra = item["accountingEntryLines"][0]["account"], item["contraAccount"]
    tax = item["accountingEntryLines"][0]["tax"]

    assert item == {
        "_links": LINKS,
        "accountingEntryId": ENTRY,
        "companyId": COMPANY,
        "date": "2026-03-05T00:00:00Z",
        "type": "refund",
        "subType": "sale",
        "amount": money(-11900),
        "accountingEntryLines": [
            {
                "accountingEntryLineId": LINE,
                "lineAmount": money(-11900),
                "netAmount": money(-10000),
                "account": {
                    "id": account["id"],
                    "name": "Umsatz 19 %",
                    "code": "8400",
                    "identifier": None,
                },
                "tags": [],
                "tax": {
                    "id": tax["id"],
                    "code": "USt19",
                    "rate": 0.19,
                    "type": "exclusive",
                    "amount": money(-1900),
                    "outgoingTaxAccount": "1776",
                },
            }
        ],
        "additionalInformation": {
            "reconciliationId": "Z-17",
            "attendees": None,
            "invoiceInformation": None,
            "reconciledEntries": None,
        },
        "contraAccount": {
            "id": contra["id"],
            "name": "Verrechnung Kasse",
            "code": "1371",
            "identifier": None,
        },
        "bookkeeping": None,
        "vendor": None,
        "supplier": None,
        "team": None,
        "user": None,
        "files": None,
        "note": "Closing 17",
        "servicePeriod": None,
    }


def test_v2_says_null_where_v3_leaves_out_and_the_other_way_round() -> None:
    newest, item = shown(a_frozen_sale(), 3), shown(a_frozen_sale(), 2)
    line = item["accountingEntryLines"][0]

    assert newest.keys() - item.keys() == {"contraAccount", "vendor"}
    assert item.keys() - newest.keys() == {"teamCode"}
    assert "outgoingTaxAccount" not in line["tax"]
    nameless = shown(with_booked(sub_type=""), 2)
    assert nameless["subType"] is None
    assert "subType" not in shown(with_booked(sub_type=""), 3)


def test_v1_has_a_user_and_nothing_of_vendors() -> None:
    newest, item = shown(a_frozen_sale(), 3), shown(a_frozen_sale(), 1, is_vendor_based=True)
    gone = {"contraAccount", "vendor", "bookkeeping", "subType", "servicePeriod"}

    assert newest.keys() - item.keys() == gone
    assert item["user"] == {"id": None, "name": "Fiscus", "code": None}


def test_v0_is_golden() -> None:
    assert shown(a_frozen_sale(), 0) == {
        "_links": LINKS,
        "accountingEntryId": ENTRY,
        "companyId": COMPANY,
        "date": "2026-03-05T00:00:00Z",
        "type": "refund",
        "amount": money(-11900),
        "accountingEntryLines": [
            {
                "accountingEntryLineId": LINE,
                "lineAmount": money(-11900),
                "netAmount": money(-10000),
                "account": {"code": "8400", "identifier": None},
                "tags": [],
                "tax": {
                    "code": "USt19",
                    "rate": 0.19,
                    "type": "exclusive",
                    "amount": money(-1900),
                },
            }
        ],
        "metadata": {
            "reconciliationId": "Z-17",
            "attendees": None,
            "invoiceInformation": None,
        },
        "supplier": None,
        "teamCode": None,
        "user": {"name": "Fiscus", "code": None},
        "files": None,
        "note": "Closing 17",
    }


@pytest.mark.parametrize("version", [0, 1, 2, 3])
@pytest.mark.parametrize("is_vendor_based", [True, False])
@pytest.mark.parametrize("partner", ["", "Gasthof Anker"])
def test_every_item_fits_its_model(version: int, is_vendor_based: bool, partner: str) -> None:
    frozen = with_booked(partner=partner, partner_tax_number="DE123" if partner else "")
    item = shown(frozen, version, is_vendor_based=is_vendor_based)

    MODELS[version].model_validate_json(json.dumps(item))


@pytest.mark.parametrize(("version", "name"), [(0, "identifier"), (1, "code"), (2, "code")])
def test_a_named_customer_is_the_supplier(version: int, name: str) -> None:
    item = shown(with_booked(partner="Gasthof Anker", partner_tax_number="DE123"), version)

    assert item["supplier"] == {
        "name": "Gasthof Anker",
        name: None,
        "account": None,
        "categoryCode": None,
        "country": None,
        "taxIdentifier": "DE123",
    }
    assert "vendor" not in item


@pytest.mark.parametrize("version", [2, 3])
def test_a_vendor_based_job_shows_vendor_and_method(version: int) -> None:
    named = shown(with_booked(partner="Gasthof Anker"), version, is_vendor_based=True)
    assert named["bookkeeping"] == {"method": "journal"}
    assert named["vendor"] == {
        "id": named["vendor"]["id"],
        "name": "Gasthof Anker",
        "defaultCurrency": "EUR",
    }
    nobody = shown(a_frozen_sale(), version, is_vendor_based=True)
    assert nobody.get("vendor") is None
    assert ("vendor" in nobody) is (version == 3)


def test_money_is_an_integer_of_minor_units() -> None:
    line = BookedLine(id=LINE, account="8400", amount=Decimal("18.99"), net=Decimal("18.99"))
    item = export_item(
        with_booked(lines=(line,)),
        company=COMPANY,
        is_vendor_based=False,
        version=3,
        address=ADDRESS,
    )
    raw = ENCODER.encode(item)

    assert b'"value":1899}' in raw
    assert shown(with_booked(lines=(line,)), 3)["accountingEntryLines"][0]["tax"] is None


def test_net_and_tax_come_to_the_line_to_the_cent() -> None:
    (line,) = shown(a_frozen_sale(), 3)["accountingEntryLines"]
    values = [
        part["inWalletCurrency"]["value"]
        for part in (line["netAmount"], line["tax"]["amount"], line["lineAmount"])
    ]

    assert line["tax"]["type"] == "exclusive"
    assert values[0] + values[1] == values[2]


def test_a_reversal_names_what_it_takes_back() -> None:
    other = "0f5b8a0e-0a5e-5a43-8f0a-2f6f5c1c7a21"
    links = shown(with_booked(reverses=other, link=""), 3)["_links"]

    assert links["api"] == {
        "exportItem": f"{ADDRESS}/v1/accounting-entries/{ENTRY}",
        "reverses": f"{ADDRESS}/v1/accounting-entries/{other}",
    }


def test_types_that_came_later_are_purchases_in_v0() -> None:
    fee = msgspec.structs.replace(a_frozen_sale(), type="fee")

    assert [shown(fee, version)["type"] for version in range(4)] == [
        "card_purchase",
        "fee",
        "fee",
        "fee",
    ]
    assert "card_purchase" in TYPES_V0


def test_ids_of_accounts_are_the_same_each_time_and_of_one_company() -> None:
    def id_of(company: str) -> str:
        item = export_item(
            a_frozen_sale(), company=company, is_vendor_based=False, version=3, address=ADDRESS
        )
        found: str = item["contraAccount"]["id"]
        return found

    assert id_of(COMPANY) == id_of(COMPANY) != id_of(ENTRY)


def test_a_rate_is_a_number_without_a_rest() -> None:
    booked = BookedEntry(
        id=ENTRY,
        day=date(2026, 3, 5),
        reference="1",
        sub_type="sale",
        currency="EUR",
        contra="1371",
        lines=a_frozen_sale().booked.lines,
    )
    frozen = FrozenItem(booked=booked, type="refund", performed_at=datetime(2026, 3, 5, tzinfo=UTC))
    for percentage, rate in (("7.00", 0.07), ("0", 0), ("5.5", 0.055), ("100", 1)):
        (line,) = frozen.booked.lines
        assert line.tax is not None
        tax = msgspec.structs.replace(line.tax, percentage=Decimal(percentage))
        changed = msgspec.structs.replace(booked, lines=(msgspec.structs.replace(line, tax=tax),))
        item = shown(msgspec.structs.replace(frozen, booked=changed), 3)
        assert item["accountingEntryLines"][0]["tax"]["rate"] == rate
        assert item["accountingEntryLines"][0]["account"]["name"] == "8400"
