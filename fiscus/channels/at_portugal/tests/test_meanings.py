"""No number of the authority's manuals is without a meaning and a remedy."""

import json
from pathlib import Path
from typing import Any

import pytest

from fiscus.channels import AuthorityWords, Later, Rejected, Remedy
from fiscus.channels.at_portugal.errors import SUCCESSES
from fiscus.channels.at_portugal.meanings import (
    DOCUMENTS,
    LOGIN,
    SERIES,
    TRANSPORT,
    TRANSPORT_LOGIN,
    Meanings,
    refusal,
)


@pytest.fixture
def published(shared_data: Path) -> Any:
    return json.loads((shared_data / "pt" / "tables" / "ws_response_codes.json").read_text())


def numbers(*tables: Any) -> set[int]:
    return {int(number) for table in tables for number in table}


def test_series(published: Any) -> None:
    assert set(SUCCESSES) | set(SERIES) == numbers(*published["series"].values())


def test_documents(published: Any) -> None:
    assert set(DOCUMENTS) == numbers(*published["fatcorews"]["operations"].values()) - {0}


def test_transport_documents(published: Any) -> None:
    """-100 is no refusal but a warning."""
    assert set(TRANSPORT) == numbers(published["documentosTransporte"]["data"]) - {-100}


def test_who_asks(published: Any) -> None:
    of_documents = numbers(published["fatcorews"]["authentication"])
    of_transport = numbers(published["documentosTransporte"]["authentication"])

    assert of_documents <= set(LOGIN)
    assert of_transport <= set(TRANSPORT_LOGIN)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Formato do timestamp inválido", "AT-LOGIN-09"),
        ("Validade da credencial expirada", "AT-LOGIN-10"),
        ("Chave simétrica repetida", "AT-LOGIN-12"),
        ("Chave simétrica não preenchida", "AT-LOGIN-20"),
    ],
)
def test_the_services_have_different_numbers_for_the_same(
    published: Any, words: str, code: str
) -> None:
    told = published["documentosTransporte"]["authentication"]
    [number] = [int(one) for one, text in told.items() if text == words]

    assert TRANSPORT_LOGIN[number].code.id == code


@pytest.mark.parametrize("table", [SERIES, DOCUMENTS, TRANSPORT, LOGIN])
def test_each_number_is_a_refusal_or_leaves_open_what_happened(table: Meanings) -> None:
    for number, meaning in table.items():
        said = AuthorityWords(code=str(number), text="as said")
        answer = refusal(table, said)
        if meaning.is_open:
            assert isinstance(answer, Later)
            assert not answer.is_unsent
            assert meaning.remedy is Remedy.TIME
        else:
            assert isinstance(answer, Rejected)
            assert (answer.remedy, answer.said) == (meaning.remedy, said)
            assert [one.code for one in answer.faults] == [meaning.code.id]


def test_codes_are_not_shared_by_different_numbers() -> None:
    for table in (SERIES, DOCUMENTS, TRANSPORT, LOGIN):
        codes = [meaning.code.id for meaning in table.values()]
        assert len(codes) == len(set(codes))


def test_a_number_that_no_manual_has_tells_nothing() -> None:
    answer = refusal(SERIES, AuthorityWords(code="4999", text="Novidade"))

    assert answer == Later(reason="the authority answers with an unknown number: 4999 Novidade")
