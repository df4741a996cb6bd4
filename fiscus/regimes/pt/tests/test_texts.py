"""A text is as long as the audit file takes it: the last length that passes, the first that does
not."""

from typing import Any

import pytest

from fiscus.model.documents import DeliveryPlace, Draft, Party
from fiscus.model.records import Case
from fiscus.regimes.pt.tests.builders import (
    a_cancellation,
    a_case,
    a_credit,
    a_draft,
    a_line,
    a_note_case,
    an_address,
    an_exempt_vat,
    broken,
    with_,
)


def a_sale(**more: Any) -> Case:
    return a_case(a_draft(**more))


def of_line(**more: Any) -> Case:
    return a_case(a_draft(with_(a_line(), **more)))


def billed(**more: Any) -> Case:
    return a_sale(buyer=Party(**{"name": "Ana", "address": an_address(), **more}))


def living(**more: Any) -> Case:
    return billed(address=with_(an_address(), **more))


def delivered(name: str = "", **more: Any) -> Case:
    return a_sale(delivery=DeliveryPlace(address=with_(an_address(), number="", **more), name=name))


def an_exemption(reason: str) -> Case:
    return a_case(a_draft(a_line(vat=an_exempt_vat("2.00", reason=reason))))


CASES = [
    ("reason", lambda text: a_note_case(a_cancellation(reason=text)), 50),
    ("reason", lambda text: a_note_case(a_credit(reason=text)), 50),
    ("operator", lambda text: a_sale(operator=text), 30),
    ("payment_terms", lambda text: a_sale(payment_terms=text), 100),
    ("order_references", lambda text: a_sale(order_references=("PO1", text)), 60),
    ("lines[0].text", lambda text: of_line(text=text), 200),
    ("lines[0].measure", lambda text: of_line(measure=text), 20),
    ("lines[0].product", lambda text: of_line(product=text), 60),
    ("lines[0].serial", lambda text: of_line(serial=text), 100),
    ("buyer.name", lambda text: billed(name=text), 100),
    ("buyer.address.street", lambda text: living(street=text, number=""), 210),
    ("buyer.address.city", lambda text: living(city=text), 50),
    ("buyer.address.code", lambda text: living(code=text), 20),
    ("buyer.address.region", lambda text: living(region=text), 50),
    ("delivery.address.street", lambda text: delivered(street=text), 210),
    ("delivery.address.city", lambda text: delivered(city=text), 50),
    ("delivery.name", lambda text: delivered(name=text, street="Cais"), 204),
]


def broken_texts(case: Case) -> dict[str, tuple[str, ...]]:
    mine = ("PT-TEXT", "PT-ACTIVITY")
    return {code: paths for code, paths in broken(case).items() if code.startswith(mine)}


@pytest.mark.parametrize(("path", "made", "length_max"), CASES)
def test_a_text_is_refused_from_the_first_character_that_would_be_cut(
    path: str, made: Any, length_max: int
) -> None:
    assert broken_texts(made("x" * length_max)) == {}
    assert path in broken_texts(made("x" * (length_max + 1)))["PT-TEXT-01"]


def test_blanks_that_the_file_does_not_keep_do_not_count() -> None:
    assert broken_texts(a_sale(operator=f"  {'x' * 29}\n")) == {}


@pytest.mark.parametrize(
    ("length", "is_right"), [(0, True), (5, False), (6, True), (60, True), (61, False)]
)
def test_the_reason_of_an_exemption_has_six_to_sixty_characters(
    length: int, is_right: bool
) -> None:
    found = broken_texts(an_exemption("x" * length))

    assert found == ({} if is_right else {"PT-TEXT-02": ("lines[0].vat.reason",)})


@pytest.mark.parametrize(("reason", "is_right"), [("M07", True), ("CAUSE_6", True), ("M99", False)])
def test_the_code_of_an_exemption_stands_for_the_law_s_own_words(
    reason: str, is_right: bool
) -> None:
    assert ("PT-TEXT-02" not in broken_texts(an_exemption(reason))) is is_right


@pytest.mark.parametrize(
    ("activity", "is_right"),
    [("", True), ("47111", True), ("4711", False), ("471110", False), ("4711a", False)],
)
def test_an_activity_has_five_digits(activity: str, is_right: bool) -> None:
    draft: Draft = a_draft(activity=activity)

    assert broken_texts(a_case(draft)) == ({} if is_right else {"PT-ACTIVITY-01": ("activity",)})
