"""A till that numbers its documents itself is told when its numbers are not the legal ones."""

import httpx
import pytest

from fiscus.commands.tests.command_line import fiscus
from fiscus.commands.tests.places import place_of
from tests.journeys.test_versions import LATER, later
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, logs

SERIES = "FR-T01-2026"
HEADER = "X-Document-Number"


def sale(number: str, **changes: object) -> Json:
    return words.receipt(number=number, series=SERIES, **changes)


def refused(till: Till, operation: Json) -> str:
    """What the log says of a sale that must be refused for its number."""
    record = till.records(operation)
    assert record["state"] == "REJECTED"
    assert "PT-NUMBER-01" in logs(record)
    return logs(record)


def counted_by_the_till(till: Till, number: int) -> tuple[int, httpx.Response]:
    """As a till that counts by itself does: after each answer it goes on, sold or not."""
    return number + 1, till.concludes(sale(str(number)))


def health(premises: Premises) -> list[str]:
    premises.clock.move(seconds=2)  # it is made once a second
    found: list[str] = premises.http.get("/health").json()["problems"]
    return found


def test_a_till_is_one_ahead_after_a_refused_sale_and_told_both_numbers(
    premises: Premises, till: Till
) -> None:
    """A sale that was refused, then another sale: the till prints 2, the law says 1."""
    wrong = sale("1", payments=[{"type": "CASH", "details": {"amount": "1.00"}}])
    assert till.records(wrong)["state"] == "REJECTED"

    said = refused(till, sale("2"))

    assert "content.operation.document.number 2, next is FR FR-T01-2026/1" in said
    response = till.concludes(sale("1"))
    assert content(response)["state"] == "COMPLETED"
    assert response.headers[HEADER] == "FR FR-T01-2026/1"
    premises.assert_proved()


def test_a_till_that_skips_a_number_goes_on_once_its_numbers_are_ignored(
    premises: Premises, till: Till
) -> None:
    """It skips a number that may have been used; a shop must not stop."""
    other = premises.unit().opens_shop()
    till.sells(sale("1"))
    number = 3  # the answer to 2 was lost, so 2 may have been used
    for count in range(3):
        assert health(premises) == [], count
        number, response = counted_by_the_till(till, number)
        assert content(response)["state"] == "REJECTED"

    (problem,) = health(premises)
    command = f"fiscus systems set --numbers ignore --system {till.system}"
    assert f"`{command}`" in problem
    told = fiscus(*command.split()[1:], **place_of(premises))
    assert told.code == 0, told.error

    assert health(premises) == []
    _, response = counted_by_the_till(till, number)
    assert content(response)["state"] == "COMPLETED"
    assert response.headers[HEADER] == "FR FR-T01-2026/2"
    refused(other, sale("7"))
    premises.assert_proved()


def test_a_number_that_is_right_again_ends_the_warning(premises: Premises, till: Till) -> None:
    for _ in range(3):
        refused(till, sale("9"))
    assert len(health(premises)) == 1

    till.sells(sale("1"))

    assert health(premises) == []


@pytest.mark.parametrize(
    ("number", "is_refused"),
    [
        ("1", False),
        ("001", False),
        ("2", True),
        ("0", True),
        ("FR-T01-2026/1", False),
        ("FR-T01-2026/2", True),
        ("FR-T02-2026/2", False),  # of another series: a reference
        ("ORDER-17", False),
        ("TEST-001", False),
        ("A17", False),
        ("2026-11-16", False),
    ],
)
def test_what_claims_a_number_is_compared_and_a_reference_of_an_order_is_not(
    till: Till, number: str, is_refused: bool
) -> None:
    if is_refused:
        refused(till, sale(number))
    else:
        assert till.sells(sale(number))["compliance"]["sequence"]["number"] == "1"


def test_without_a_series_bare_digits_are_compared_with_the_series_that_we_gave(
    till: Till,
) -> None:
    head = sale("1")
    del head["document"]["series"]
    response = till.concludes(head)
    name = response.headers[HEADER].split(" ")[1].rpartition("/")[0]
    assert content(response)["state"] == "COMPLETED"

    said = refused(till, head)

    assert f"next is FR {name}/2" in said


def test_corrections_invoices_and_practice_count_in_series_of_their_own(till: Till) -> None:
    sold = till.sells(sale("1"))

    note = words.correction(sold["id"], words.back())
    note["data"]["document"]["number"] = "2"
    assert "content.operation.data.document.number 2, next is NC NC-2026/1" in refused(till, note)
    note["data"]["document"]["number"] = "1"
    assert till.sells(note)
    invoice = words.invoice()
    invoice["document"]["number"] = "FT-2026/1"
    assert till.sells(invoice)
    practice = {**words.BY, "training": True}
    assert till.sells(sale("1", details=practice))
    refused(till, sale("1", details=practice))


def test_each_version_is_told_at_its_own_place(till: Till) -> None:
    speaking = till.speaking(LATER)

    assert "content.operation.document.number 5" in refused(speaking, later(sale("5")))


def test_the_legal_number_travels_beside_each_document(premises: Premises, till: Till) -> None:
    """The series may be written otherwise than sent, and the QR text alone told."""
    operation = words.receipt(number="1", series="FR/1")
    response = till.concludes(operation)
    id_ = content(response)["id"]

    assert response.headers[HEADER] == "FR FR-1/1"
    for path in (f"/records/{id_}", f"/records/{id_}/document"):
        assert till.send("GET", path).headers[HEADER] == "FR FR-1/1"
    assert till.get(f"/records/{id_}/document")["number"] == "FR FR-1/1"
    assert refused(till, words.receipt(number="FR/1/1", series="FR/1"))


def test_a_repeated_request_has_the_same_number_in_its_header(till: Till) -> None:
    intention, key = till.intends(), "0e3f4c9e-4a49-4f0f-8b1e-6a2f0a1d2b3c"

    first, second = (till.concludes(sale("1"), intention, key=key) for _ in range(2))

    assert second.headers["X-Idempotency-Replayed"] == "true"
    assert first.headers[HEADER] == second.headers[HEADER] == "FR FR-T01-2026/1"


def test_an_intention_and_a_refusal_have_no_legal_number(till: Till) -> None:
    intention = till.intends()

    assert HEADER not in till.send("GET", f"/records/{intention}").headers
    assert HEADER not in till.concludes(sale("9"), intention).headers


def test_a_law_that_numbers_by_register_compares_nothing(premises: Premises) -> None:
    till = premises.unit("Bar Roma").opens_shop(
        words.italian(), code="00184", city="Roma", country="IT"
    )
    coffee = words.line("Espresso", "1.22", percentage="22", quantity="1")

    for _ in range(2):
        assert till.sells(words.receipt(coffee, number="17"))
