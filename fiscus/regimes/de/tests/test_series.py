"""One counter for all that is signed, others for reports."""

import pytest

from fiscus.model.documents import ClosingType, Draft
from fiscus.regimes.de import GERMANY
from fiscus.regimes.de.tests.builders import (
    REGISTER,
    a_closing,
    a_count_without_difference,
    a_draft,
    a_place,
    a_return,
    an_abort,
    an_online_place,
    an_opening,
    with_,
)


def series(draft: Draft) -> tuple[str, str, bool]:
    wanted = GERMANY.series(draft, a_place())
    assert wanted
    return wanted.document_type, wanted.name, wanted.is_training


@pytest.mark.parametrize(
    "draft",
    [
        a_draft(),
        a_draft(is_training=True),
        a_return(),
        an_abort(),
        an_opening(),
        a_count_without_difference(),
        a_closing(ClosingType.SHIFT),
        a_closing(ClosingType.DAILY),
    ],
)
def test_all_that_is_signed_draws_from_one_counter(draft: Draft) -> None:
    assert series(draft) == ("BON", "0123456789AB", False)


def test_reports_have_a_counter_for_each_type() -> None:
    names = {type_: series(a_closing(type_, is_report=True))[0] for type_ in ClosingType}
    assert names == {
        ClosingType.SHIFT: "SCHICHTBERICHT",
        ClosingType.DAILY: "TAGESBERICHT",
        ClosingType.MONTHLY: "MONATSBERICHT",
        ClosingType.ANNUAL: "JAHRESBERICHT",
    }


def test_what_is_sold_online_counts_apart() -> None:
    wanted = GERMANY.series(a_draft(), an_online_place())

    assert wanted
    assert (wanted.document_type, wanted.name) == ("ONLINE", "0123456789AB")


def test_registers_count_apart() -> None:
    place = a_place()
    other = with_(place, register=with_(place.register, id=REGISTER.replace("012345", "999999")))

    assert GERMANY.series(a_draft(), other) != GERMANY.series(a_draft(), place)
