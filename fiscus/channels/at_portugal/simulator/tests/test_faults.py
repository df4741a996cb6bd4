"""Faults on demand: each kind, when, how often, ordered by whom."""

import subprocess
import sys
from time import perf_counter
from typing import Any

import httpx
import pytest
from lxml import etree

from fiscus.channels.at_portugal.simulator import faults
from fiscus.channels.at_portugal.simulator.faults import BadFault, FaultKind, FaultOrder
from fiscus.channels.at_portugal.simulator.listing import listed
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import (
    REGISTER_SERIES,
    Secrets,
    changed,
)
from fiscus.channels.at_portugal.simulator.tests.visitor import (
    Visitor,
    answer,
    text,
    texts,
)

REGISTER = messages.series_message("registarSerie", REGISTER_SERIES)


def order(visitor: Visitor, kind: FaultKind, **more: Any) -> int:
    return faults.order(visitor.folder, FaultOrder(kind=kind, **more))


def register(visitor: Visitor, **changes: Any) -> httpx.Response:
    message = messages.series_message("registarSerie", changed(REGISTER_SERIES, **changes))
    return visitor.ask(visitor.endpoints.series, message)


def known(visitor: Visitor) -> int:
    return len(listed(visitor.folder)["series"])


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT, FaultKind.RESET])
@pytest.mark.parametrize(("moment", "effect"), [("before", 0), ("after", 1)])
def test_no_answer_comes_before_or_after_the_effect(
    visitor: Visitor, kind: FaultKind, moment: str, effect: int
) -> None:
    order(visitor, kind, moment=moment)

    with pytest.raises(httpx.TransportError):
        register(visitor)
    assert known(visitor) == effect
    assert register(visitor, serie="B").status_code == 200


def test_silence_lasts_as_long_as_it_was_ordered(visitor: Visitor) -> None:
    order(visitor, FaultKind.TIMEOUT, argument="5")

    visitor.http.timeout = httpx.Timeout(0.3)

    with pytest.raises(httpx.ReadTimeout):
        register(visitor)


@pytest.mark.parametrize(("moment", "effect"), [("", 0), ("after", 1)])
@pytest.mark.parametrize(
    ("kind", "status", "mark"),
    [
        (FaultKind.HTML, 200, "<html>"),
        (FaultKind.UNAVAILABLE, 503, "<html>"),
        (FaultKind.SOAP_FAULT, 500, "<env:Reason>"),
    ],
)
def test_another_answer_comes_before_or_after_the_effect(
    visitor: Visitor, kind: FaultKind, status: int, mark: str, moment: str, effect: int
) -> None:
    order(visitor, kind, moment=moment)
    response = register(visitor)

    assert (response.status_code, mark in response.text) == (status, True)
    assert known(visitor) == effect


def test_half_an_answer_breaks_off(visitor: Visitor) -> None:
    order(visitor, FaultKind.HALF)

    with pytest.raises(httpx.RemoteProtocolError):
        register(visitor)
    assert known(visitor) == 1


def test_an_answer_of_another_request_comes_whole(visitor: Visitor) -> None:
    register(visitor)
    order(visitor, FaultKind.OTHER_ANSWER)
    response = register(visitor, serie="B")

    assert text(answer(response), "serie") == "LOJA-2026"
    assert known(visitor) == 2


def test_an_answer_of_another_operation_comes_where_there_is_none_of_this(
    visitor: Visitor,
) -> None:
    order(visitor, FaultKind.OTHER_ANSWER)

    assert answer(register(visitor)).tag == "{http://at.gov.pt/}consultarSeriesResponse"


def test_a_duplicate_is_worked_twice(visitor: Visitor) -> None:
    order(visitor, FaultKind.DUPLICATE)
    response = register(visitor)

    assert text(answer(response), "codResultOper") == "4001"
    assert known(visitor) == 1
    counted = [(one["code"], one["count"]) for one in listed(visitor.folder)["requests"]]
    assert counted == [("2001", 1), ("4001", 1)]


def test_a_slow_answer_comes(visitor: Visitor) -> None:
    order(visitor, FaultKind.SLOW, argument="0.3")
    before = perf_counter()

    assert register(visitor).status_code == 200
    assert perf_counter() - before >= 0.3


def test_a_wrong_clock_lets_nobody_in(visitor: Visitor) -> None:
    number = order(visitor, FaultKind.CLOCK, times=None, argument="-301")
    assert text(answer(register(visitor)), "Code") == "10"
    faults.take_back(visitor.folder, number)
    order(visitor, FaultKind.CLOCK, times=None, argument="299")

    assert register(visitor).status_code == 200


def test_a_refusal_has_the_number_that_was_ordered_and_no_effect(visitor: Visitor) -> None:
    for _ in range(3):
        order(visitor, FaultKind.REFUSAL, argument="-97")
    assert text(answer(register(visitor)), "codResultOper") == "-97"
    assert visitor.documents("RegisterWork", messages.registering("Work")) == -97
    assert texts(visitor.transport(messages.MOVEMENT), "ReturnCode") == ["-97"]

    assert known(visitor) == 0
    assert listed(visitor.folder)["documents"] == []


def test_an_expired_certificate_is_shown_to_new_connections(visitor: Visitor) -> None:
    order(visitor, FaultKind.EXPIRED_CERTIFICATE, times=1)

    with pytest.raises(httpx.ConnectError, match="expired"):
        register(visitor)
    assert register(visitor).status_code == 200


def test_a_fault_strikes_only_its_operation_as_often_as_ordered(visitor: Visitor) -> None:
    order(visitor, FaultKind.UNAVAILABLE, operation="registarSerie", times=2)

    assert text(visitor.series("consultarSeries", []), "codResultOper") == "2002"
    assert [register(visitor).status_code for _ in range(3)] == [503, 503, 200]


def test_a_probability_strikes_the_same_requests_for_the_same_seed(visitor: Visitor) -> None:
    struck = []
    for _ in range(2):
        number = order(visitor, FaultKind.UNAVAILABLE, times=None, probability=0.5, seed=7)
        struck.append([register(visitor).status_code for _ in range(20)])
        [standing] = faults.ordered(visitor.folder)
        assert (standing["draws"], standing["hits"]) == (20, struck[-1].count(503))
        faults.take_back(visitor.folder, number)

    assert struck[0] == struck[1]
    assert 0 < struck[0].count(503) < 20


def test_another_process_orders_a_fault(visitor: Visitor) -> None:
    script = f"""
from pathlib import Path
from fiscus.channels.at_portugal.simulator import faults
faults.order(Path({str(visitor.folder)!r}), faults.FaultOrder(kind=faults.FaultKind.UNAVAILABLE))
"""
    subprocess.run([sys.executable, "-c", script], check=True)

    assert register(visitor).status_code == 503


def test_the_password_timeout_loses_the_answer_of_a_request_that_was_worked(
    visitor: Visitor,
) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        visitor.ask(visitor.endpoints.series, REGISTER, Secrets(password=b"timeout"))

    assert known(visitor) == 1


def test_all_faults_are_taken_back_at_once(visitor: Visitor) -> None:
    for kind in FaultKind:
        order(visitor, kind, times=None, argument="1")
    faults.take_back(visitor.folder)

    assert register(visitor).status_code == 200
    assert isinstance(etree.fromstring(register(visitor).content), etree._Element)


@pytest.mark.parametrize(
    "order",
    [
        {"moment": "later"},
        {"times": 0},
        {"probability": 1.5},
        {"kind": FaultKind.SLOW, "argument": "long"},
        {"kind": FaultKind.REFUSAL},
        {"kind": FaultKind.REFUSAL, "argument": "no"},
    ],
)
def test_an_order_that_makes_no_sense_is_refused(visitor: Visitor, order: dict[str, Any]) -> None:
    with pytest.raises(BadFault):
        faults.order(visitor.folder, FaultOrder(**{"kind": FaultKind.RESET, **order}))
    assert faults.ordered(visitor.folder) == []
