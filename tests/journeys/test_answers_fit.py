"""What is answered fits the schema that `/openapi.json` shows, also at its edges."""

from base64 import b64encode
from typing import Any

import pytest
from pydantic import TypeAdapter

from fiscus.api.families.unified import operations
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, refusal

REGIONS = {"AZORES": ("16", "9", "4"), "MADEIRA": ("22", "12", "4")}
RATES = ("STANDARD", "REDUCED_1", "REDUCED_2")


def fits(operation_id: str, answer: Any) -> None:
    TypeAdapter(operations.find(operation_id).response).validate_python(answer)


def island_lines() -> list[Json]:
    lines = [
        words.line(
            f"{code} {region}",
            "100000.00",
            code=code,
            percentage=percentage,
            vat={"fiscal_location": {"country": "PT", "region": region}},
        )
        for region, percentages in REGIONS.items()
        for code, percentage in zip(RATES, percentages, strict=True)
    ]
    return [words.line(code, "100000.00", code=code) for code in RATES] + lines


def test_a_document_of_three_tax_regions_has_a_long_qr_code(till: Till) -> None:
    amount = words.total(island_lines())["inclusive"]
    paid = {"type": "ONLINE", "name": "bank", "details": {"amount": amount}}
    wanted = words.receipt(*island_lines(), payments=[paid])

    record = {"id": till.intends()}
    content = {"type": "TRANSACTION", "record": record, "operation": wanted}
    response = till.send("POST", "/records", envelope(content))

    assert response.json()["content"]["state"] == "COMPLETED"
    assert len(response.json()["content"]["compliance"]["qr_code"]) > 256
    fits("createRecord", response.json())


def test_a_receipt_of_a_thousand_lines_is_shown_whole(till: Till) -> None:
    lines = [words.line(f"Item {n}", "0.10", number=str(n + 1)) for n in range(1000)]
    record = {"id": till.intends()}
    content = {"type": "TRANSACTION", "record": record, "operation": words.receipt(*lines)}
    made = till.send("POST", "/records", envelope(content)).json()
    flags = "?operation&file-artifact&compliance-artifact"
    shown = till.send("GET", f"/records/{made['content']['id']}{flags}").json()

    assert shown["content"]["operation"] == made["content"]["operation"]
    fits("retrieveRecord", shown)


def test_a_company_does_not_take_the_name_of_a_person(unit: Till) -> None:
    made = unit.made("/taxpayers", words.taxpayer())
    person = {"gender": "FEMALE", "forename": "Ana", "surname": "Sá"}
    path = f"/taxpayers/{made['id']}"

    response = unit.send("PATCH", path, envelope({"name": {"legal": "Ana Sá", "person": person}}))

    assert "UNIFIED-TAXPAYER-03" in refusal(response, 422)
    assert unit.get(path)["name"] == made["name"]


@pytest.mark.parametrize(
    "member",
    [
        {"label": "T1"},
        {"acquirer": {"tax_id_number": "1", "legal_name": "Bank"}},
        {"connected_to": []},
    ],
)
def test_a_fiscal_device_does_not_take_members_of_a_terminal(till: Till, member: Json) -> None:
    path = f"/systems/{till.system}"
    till.changed(path, {"mode": "SUSPENDED"})

    response = till.send("PATCH", path, envelope(member))

    assert "UNIFIED-SYSTEM-01" in refusal(response, 422)
    fits("retrieveSystem", till.send("GET", path).json())


def test_a_file_takes_no_metadata(till: Till) -> None:
    content = {"type": "AUDIT", "range": {"from": "2026-10-01", "to": "2026-10-31"}}

    refusal(till.send("POST", "/files", envelope(content, {"a": "b"})), 400)


def test_a_place_that_may_not_act_is_told_in_the_words_of_the_reference(till: Till) -> None:
    till.changed(f"/systems/{till.system}", {"mode": "SUSPENDED"})
    content = {
        "type": "INTENTION",
        "system": {"id": till.system},
        "operation": {"type": "TRANSACTION"},
    }

    assert refusal(till.send("POST", "/records", envelope(content)), 405) == (
        "record operation invalid: cannot create new record of 'INTENTION::TRANSACTION', "
        "legal entity is not in mode 'OPERATIVE'"
    )


def test_a_group_without_a_taxpayer_is_told_in_the_words_of_the_reference(
    premises: Premises,
) -> None:
    group = premises.group()

    assert refusal(group.send("POST", "/taxpayers", envelope(words.taxpayer())), 405) == (
        "taxpayer operation invalid: cannot create new legal taxpayer for non-unit organization "
        f"'{group.organization}'"
    )


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_moment_at_the_end_of_time_is_refused(till: Till, moment: str) -> None:
    record = {"id": till.intends()}
    operation = words.receipt(head={"issued_at": moment})
    content = {"type": "TRANSACTION", "record": record, "operation": operation}

    assert "issued_at" in refusal(till.send("POST", "/records", envelope(content)), 400)


@pytest.mark.parametrize("header", ["X-Scope-Identifier", "X-Idempotency-Key"])
def test_an_empty_header_is_not_an_absent_one(premises: Premises, header: str) -> None:
    said = {"X-Api-Version": "2026-05-04", "Authorization": f"Bearer {premises.unit().bearer}"}
    method, path = ("POST", "/files") if header == "X-Idempotency-Key" else ("GET", "/subjects")
    range_ = {"from": "2026-10-01", "to": "2026-10-31"}

    response = premises.http.request(
        method,
        path,
        headers={**said, header: ""},
        json=envelope({"type": "AUDIT", "range": range_}),
    )

    assert header in refusal(response, 400)


def test_a_page_token_that_is_no_text_is_refused(unit: Till) -> None:
    token = b64encode(b'{"after": "\\ud800"}').decode()

    assert "token" in refusal(unit.send("GET", f"/taxpayers?token={token}"), 400)
