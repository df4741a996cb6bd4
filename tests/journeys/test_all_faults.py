"""Everything that is wrong with a document is told at once, with place, law and what to do."""

from fiscus.api.families.reporting.tests.caller import Caller, platform
from fiscus.api.families.reporting.tests.caller import refusal as refused
from tests.journeys.test_both_families import shown
from tests.journeys.week import goods, line
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Till, logs, refusal


def test_rules_of_lines_totals_payments_and_numbers_are_told_together(till: Till) -> None:
    wrong = words.line("Pão", "1.00", percentage="19", quantity="1", number="2")
    operation = words.receipt(words.line(), wrong, number="7")
    operation["document"]["total_vat"]["inclusive"] = "9.99"
    operation["payments"][0]["details"]["amount"] = "-1.00"

    told = logs(till.records(operation))

    for code, place in (
        ("PT-NUMBER-01", "content.operation.document.number 7"),
        ("PT-TAX-02", "content.operation.entries[1].data.vat.percentage"),
        ("PT-TOTAL-01", "content.operation.document.total_vat.inclusive"),
        ("PT-PAYMENT-01", "content.operation.payments[0].details.amount"),
    ):
        lines = [one for one in told.splitlines() if code in one]
        assert place in "".join(lines), code
        assert f"{code} law: " in "".join(lines), code
    assert "what to do: take a code and percentage of the system's vat_rates" in told


def test_what_is_formally_incomplete_is_told_with_all_that_is_wrong_besides(till: Till) -> None:
    sold = till.sells(words.receipt())
    note = words.correction(sold["id"], words.back(text="Bolo"), reason="")

    message = refusal(till.concludes(note), 422)

    assert "PT-NOTE-01" in message
    assert "PT-NOTE-07" in message
    assert "content.operation.data.entries[0].data.text" in message
    assert "law: " in message


def test_a_thousand_wrong_lines_are_told_with_a_hundred_places(till: Till) -> None:
    lines = [
        words.line(percentage="19", number=str(number + 1), code="STANDARD")
        for number in range(150)
    ]

    record = till.records(words.receipt(*lines))

    told = logs(record)
    assert record["state"] == "REJECTED"
    assert told.count("].data.vat.percentage") <= 100
    assert "places more" in told
    assert all(len(one["message"]) <= 256 for one in record["logs"])


def merchant(premises: Premises, till: Till) -> Caller:
    return platform(premises).for_(
        {"id": shown("merchant", till.taxpayer), "organization_id": shown("org", till.organization)}
    )


def test_the_other_family_lists_each_fault_with_law_and_remedy(
    premises: Premises, till: Till
) -> None:
    wrong = line("Café", "1.19", "0.19", "0.19")
    operation = goods(wrong, wrong, source="ONLINE")

    response = merchant(premises, till).send(
        "POST", "/operations", operation, Idempotency_Key="wrong"
    )

    errors = refused(response, 422, "regime_validation_failed")["details"]["errors"]
    rates = [one for one in errors if one["code"] == "PT-TAX-02"]
    assert [one["path"] for one in rates] == [
        f"line_items[{number}].taxes[0].rate" for number in range(2)
    ]
    assert all(one["law"] and one["remedy"] for one in rates)
