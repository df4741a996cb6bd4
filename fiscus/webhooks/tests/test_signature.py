"""Signatures, as the library of the scheme's makers makes them."""

from datetime import UTC, datetime

from standardwebhooks import Webhook

from fiscus.webhooks import signature

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def test_a_signature_is_the_one_that_the_library_makes() -> None:
    at = datetime(2026, 5, 4, 8, 15, 1, tzinfo=UTC)
    body = '{"name":"Café „Ufer“"}'

    ours = signature.signed([SECRET], "msg_1", int(at.timestamp()), body.encode())

    assert ours == Webhook(SECRET).sign("msg_1", at, body)


def test_each_secret_has_a_signature_of_its_own() -> None:
    other = signature.new_secret(lambda size: b"x" * size)

    both = signature.signed([SECRET, other], "msg_1", 1, b"{}")

    assert both.split(" ") == [
        signature.signed([one], "msg_1", 1, b"{}") for one in (SECRET, other)
    ]
    assert len(set(both.split(" "))) == 2


def test_a_new_secret_has_32_bytes() -> None:
    assert signature.new_secret(bytes) == "whsec_" + "A" * 43 + "="
