"""Who asks: each fault of the header has the number of the service's table."""

from base64 import b64encode
from datetime import timedelta

import pytest

from fiscus.channels.at_portugal.simulator.login import is_nif
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import (
    MOVEMENT,
    NOW,
    Secrets,
    encrypted,
)
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor, answer, text
from fiscus.channels.at_portugal.simulator.world import connected

ASK = messages.series_message("consultarSeries", [])
MOVE = messages.transport_message(MOVEMENT)
KEY = b"0123456789abcdef"
OTHER_KEY = b"fedcba9876543210"


def refused(visitor: Visitor, fields: dict[str, str] | None, *, transport: bool = False) -> int:
    address = visitor.endpoints.transport if transport else visitor.endpoints.series
    response = visitor.post(address, messages.envelope(fields, MOVE if transport else ASK))
    fault = answer(response)

    assert response.status_code == 500
    return int(text(fault, "Code") or text(fault, "faultcode"))


def fields(visitor: Visitor, **secrets: object) -> dict[str, str]:
    cipher = visitor.endpoints.cipher_certificate
    return messages.header(cipher, visitor.clock.at, Secrets(**secrets))  # type: ignore[arg-type]


def test_a_good_header_is_let_in(visitor: Visitor) -> None:
    assert text(visitor.series("consultarSeries", []), "codResultOper") == "2002"


@pytest.mark.parametrize(
    ("change", "number", "transport_number"),
    [
        ({"Username": ""}, 1, 51),
        ({"Username": "1234"}, 2, 2),
        ({"Username": "599999993/12345"}, 2, 2),
        ({"Username": "099999990/1"}, 3, 3),
        ({"Username": "599999993-1"}, 4, 4),
        ({"Username": "599999993"}, 4, 4),
        ({"Username": "599999993/"}, 5, 5),
        ({"Username": "599999993/a"}, 5, 5),
        ({"Password": ""}, 6, 6),
        ({"Password": "***"}, 7, 7),
        ({"Nonce": "é"}, 7, 7),
        ({"Created": "a"}, 7, 7),
        ({"Nonce": b64encode(b"x" * 256).decode()}, 8, 8),
        ({"Nonce": b64encode(b"short").decode()}, 8, 8),
        ({"Nonce": ""}, 20, 12),
        ({"Created": ""}, 19, 9),
        ({"Created": encrypted(OTHER_KEY, b"2026-05-04T09:30:00Z")}, 16, 16),
        ({"Password": encrypted(OTHER_KEY, b"segredo")}, 17, 17),
        ({"Password": b64encode(b"not blocks").decode()}, 17, 17),
    ],
)
def test_a_fault_of_a_field_has_its_number(
    visitor: Visitor, change: dict[str, str], number: int, transport_number: int
) -> None:
    good = fields(visitor, session=KEY)

    assert refused(visitor, good | change) == number
    assert refused(visitor, good | change, transport=True) == transport_number


@pytest.mark.parametrize(
    ("secrets", "number", "transport_number"),
    [
        ({"created": b"4 May 2026"}, 9, 10),
        ({"created": b"2026-05-04T09:30:00"}, 9, 10),
        ({"created": b"2026-13-04T09:30:00Z"}, 9, 10),
        ({"created": b"2026-05-04T09:24:59Z"}, 10, 11),
        ({"created": b"2026-05-04T09:35:01.5Z"}, 10, 11),
        ({"session": b"only 15 bytes.."}, 11, 8),
        ({"password": b"\xff\xfe"}, 13, 13),
        ({"password": b""}, 13, 13),
        ({"password": b"wrong"}, 99, 99),
    ],
)
def test_a_fault_of_what_was_encrypted_has_its_number(
    visitor: Visitor, secrets: dict[str, bytes], number: int, transport_number: int
) -> None:
    assert refused(visitor, fields(visitor, **secrets)) == number
    assert refused(visitor, fields(visitor, **secrets), transport=True) == transport_number


@pytest.mark.parametrize(
    "created",
    [b"2026-05-04T09:30:00Z", b"2026-05-04T09:25:00.00Z", b"2026-05-04T09:34:59.123Z"],
)
def test_a_time_within_five_minutes_is_taken_with_any_fraction(
    visitor: Visitor, created: bytes
) -> None:
    response = visitor.ask(visitor.endpoints.series, ASK, Secrets(created=created))

    assert response.status_code == 200


def test_a_key_of_another_certificate_is_a_bad_cipher(visitor: Visitor) -> None:
    other = messages.header(visitor.endpoints.certificate, NOW)

    assert refused(visitor, other) == 8


def test_a_key_is_taken_once_for_ever_and_in_all_services(visitor: Visitor) -> None:
    once = fields(visitor, session=KEY)
    assert visitor.post(visitor.endpoints.series, messages.envelope(once, ASK)).status_code == 200

    assert refused(visitor, once) == 12
    assert refused(visitor, once, transport=True) == 13
    visitor.clock.at += timedelta(days=400)
    assert refused(visitor, fields(visitor, session=KEY)) == 12


def test_a_header_that_is_missing_or_empty_has_its_number(visitor: Visitor) -> None:
    assert refused(visitor, None) == 33
    assert refused(visitor, {}) == 33
    assert refused(visitor, None, transport=True) == 50


def test_wrong_passwords_are_counted_until_a_right_one(visitor: Visitor) -> None:
    def left(password: bytes) -> str:
        response = visitor.ask(visitor.endpoints.series, ASK, Secrets(password=password))
        return text(answer(response), "NumberOfTriesRemaining")

    assert [left(b"wrong") for _ in range(6)] == ["4", "3", "2", "1", "0", "0"]
    assert left(b"right") == ""
    assert left(b"wrong") == "4"


def test_a_sub_user_needs_the_profile_of_the_service(visitor: Visitor) -> None:
    db = connected(visitor.folder)
    db.execute("INSERT INTO permissions VALUES (?, 'WFA')", (messages.USER,))
    db.close()
    documents = messages.document_message("DeleteWork", messages.deleting("Work"))

    assert refused(visitor, fields(visitor)) == 99
    assert refused(visitor, fields(visitor), transport=True) == 54
    assert visitor.ask(visitor.endpoints.documents, documents).status_code == 200


def test_whoever_is_refused_changes_nothing(visitor: Visitor) -> None:
    message = messages.series_message("registarSerie", messages.REGISTER_SERIES)
    visitor.ask(visitor.endpoints.series, message, Secrets(password=b"wrong"))

    assert text(visitor.series("consultarSeries", []), "serie") == ""


def test_tax_numbers_are_checked_by_their_last_digit() -> None:
    valid = ["999999990", "599999993", "123456789", "500000000", "555555550", "510111114"]
    invalid = ["222222222", "111111111", "599999999", "12345678", "1234567890", "", "a23456789"]

    assert all(is_nif(one) for one in valid)
    assert not any(is_nif(one) for one in invalid)
