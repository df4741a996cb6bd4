"""Transport documents at the authority: told, changed and cancelled before the start."""

from datetime import timedelta
from typing import Any

import pytest

from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import MOVEMENT, Fields, changed
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor, text, texts


def movement(visitor: Visitor, number: int = 1, **changes: Any) -> Fields:
    """A movement of a series that is registered."""
    numbered = {
        "DocumentNumber": f"GT LOJA-2026/{number}",
        "ATCUD": f"{code(visitor)}-{number}",
    }
    return changed(MOVEMENT, **{**numbered, **changes})


def code(visitor: Visitor) -> str:
    known = visitor.series("consultarSeries", [("serie", "LOJA-2026"), ("tipoDoc", "GT")])
    return text(known, "codValidacaoSerie") or visitor.code_of("GT", "MG")


def with_reference(fields: Fields, reference: str) -> Fields:
    at = [name for name, _ in fields].index("MovementStatus")
    return [*fields[:at], ("ATDocCodeID", reference), *fields[at:]]


def codes(visitor: Visitor, fields: Fields) -> list[int]:
    return [int(one) for one in texts(visitor.transport(fields), "ReturnCode")]


def test_a_movement_gets_a_code_of_its_own(visitor: Visitor) -> None:
    first = visitor.transport(movement(visitor))
    second = visitor.transport(movement(visitor, 2))

    assert texts(first, "ReturnCode") == ["0"]
    assert text(first, "DocumentNumber") == "GT LOJA-2026/1"
    assert text(first, "ATCUD") == f"{code(visitor)}-1"
    assert text(first, "ATDocCodeID") != text(second, "ATDocCodeID") != ""


def test_a_movement_is_told_once(visitor: Visitor) -> None:
    visitor.transport(movement(visitor))

    assert codes(visitor, movement(visitor)) == [-3]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"TaxRegistrationNumber": "509876544"}, [-7]),
        ({"CustomerTaxID": "123456780"}, [-20]),
        ({"CustomerTaxID": "999999990"}, [0]),
        ({"MovementStatus": "X"}, [-5]),
        ({"MovementStatus": "A"}, [-5]),
        ({"MovementStatus": "T"}, [0]),
        ({"MovementType": "FT"}, [-1]),
        ({"AddressFrom": None}, [-1]),
        ({"CustomerAddress": [("PostalCode", "1200"), ("Country", "ES")]}, [-1, -1]),
        ({"ATCUD": "livre"}, [-22]),
        ({"ATCUD": ""}, [-22]),
        ({"MovementStartTime": "2026-05-04T09:00:00"}, [0, -100]),
        ({"MovementStartTime": "2026-02-03T09:00:00"}, [-17]),
        ({"MovementStartTime": "2026-02-04T09:00:00"}, [0, -100]),
        ({"MovementStartTime": "2026-08-04T09:00:00"}, [0]),
        ({"MovementStartTime": "2026-08-05T09:00:00"}, [-21]),
        ({"MovementDate": "2026-05-03"}, [-20006]),
    ],
)
def test_a_movement_is_judged_by_its_own_words(
    visitor: Visitor, changes: dict[str, Any], expected: list[int]
) -> None:
    assert codes(visitor, movement(visitor, **changes)) == expected


@pytest.mark.parametrize("atcud", [None, "ZZZZZZZZ-1"])
def test_without_a_known_atcud_the_paper_travels(visitor: Visitor, atcud: str | None) -> None:
    answer = visitor.transport(movement(visitor, ATCUD=atcud))

    assert text(answer, "ReturnCode") == "0"
    assert "ATCUD válido" in text(answer, "ReturnMessage")
    assert text(answer, "ATDocCodeID")


def test_the_atcud_fits_the_series_and_the_number(visitor: Visitor) -> None:
    mine, other = code(visitor), visitor.code_of("GR", "MG", numInicialSeq=5)

    assert codes(visitor, movement(visitor, ATCUD=f"{other}-5"))[0] == -20005
    assert codes(visitor, movement(visitor, DocumentNumber="GT B/1")) == [-20007]
    assert codes(visitor, movement(visitor, 2, ATCUD=f"{mine}-3")) == [-20008]
    late = movement(visitor, 4, ATCUD=f"{other}-4", MovementType="GR")
    assert codes(visitor, late) == [-20009]
    visitor.transport(movement(visitor))
    assert codes(visitor, movement(visitor, DocumentNumber="XGT LOJA-2026/1")) == [-24]


def test_a_cancelled_series_takes_no_movement(visitor: Visitor) -> None:
    cancel = changed(
        messages.CANCEL_SERIES, classeDoc="MG", tipoDoc="GT", codValidacaoSerie=code(visitor)
    )
    fields = movement(visitor)
    visitor.series("anularSerie", cancel)

    assert codes(visitor, fields) == [-23]


def test_a_movement_is_changed_and_cancelled_by_its_code_before_the_start(
    visitor: Visitor,
) -> None:
    reference = text(visitor.transport(movement(visitor)), "ATDocCodeID")
    car = with_reference(movement(visitor, VehicleID="11-BB-11"), reference)
    assert text(visitor.transport(car), "ATDocCodeID") == reference

    cancel = with_reference(movement(visitor, MovementStatus="A"), reference)
    assert codes(visitor, cancel) == [0]
    assert codes(visitor, cancel) == [-4]
    assert codes(visitor, movement(visitor)) == [-4]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DocumentNumber": "GT LOJA-2026/2"}, [-9]),
        ({"CustomerTaxID": "123456789"}, [-11]),
        ({"MovementType": "GR"}, [-18]),
        ({"MovementDate": "2026-05-05"}, [-16]),
        ({"ATCUD": "ABCDEFGH-1"}, [-26]),
        ({"MovementStartTime": "2026-05-04T09:00:00"}, [-6]),
    ],
)
def test_what_identifies_a_movement_stays(
    visitor: Visitor, changes: dict[str, Any], expected: list[int]
) -> None:
    reference = text(visitor.transport(movement(visitor)), "ATDocCodeID")

    assert codes(visitor, with_reference(movement(visitor, **changes), reference)) == expected


def test_an_unknown_code_and_a_transport_under_way_are_refused(visitor: Visitor) -> None:
    reference = text(visitor.transport(movement(visitor)), "ATDocCodeID")

    assert codes(visitor, with_reference(movement(visitor), "1")) == [-8]
    visitor.clock.at += timedelta(hours=3)
    cancel = with_reference(movement(visitor, MovementStatus="A"), reference)
    assert codes(visitor, cancel) == [-13]
