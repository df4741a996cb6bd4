"""What a call becomes: an answer, or why there is none and whether anything was sent."""

from datetime import timedelta
from pathlib import Path

from fiscus.channels import Expiry, Later
from fiscus.channels.at_portugal.client import AtClient, client
from fiscus.channels.at_portugal.endpoints import AtEndpoints
from fiscus.channels.at_portugal.login import AtLogin
from fiscus.channels.at_portugal.tests import canned
from fiscus.channels.at_portugal.tests.canned import NOW, CannedService
from fiscus.channels.at_portugal.transport import HttpAnswer

WHO = AtLogin("509876544/1", "s3cret-canary")


def a_client(service: CannedService, *expiries: Expiry) -> AtClient:
    return client(
        AtEndpoints(
            series=service.address,
            documents=service.address,
            transport=service.address,
            certificate=canned.tls_certificate(),
            private_key=canned.pem(canned.tls_key()),
            cipher_certificate=canned.cipher_certificate(),
            trusted=canned.tls_certificate(),
        ),
        lambda: NOW,
        expiries,
    )


def test_a_message_is_sent_once_and_its_password_is_not_to_be_seen(tmp_path: Path) -> None:
    with canned.running(tmp_path, canned.reply("<ok/>")) as service:
        own = a_client(service)
        answer = own.call(own.series, WHO, "<asked/>")
        own.series.close()

    assert isinstance(answer, HttpAnswer)
    [asked] = service.requests
    assert b"<asked/>" in asked
    assert b"509876544/1" in asked
    assert b"canary" not in asked


def test_an_answer_that_is_lost_is_open_and_nothing_is_sent_again(tmp_path: Path) -> None:
    with canned.running(tmp_path, canned.closing) as service:
        own = a_client(service)
        answer = own.call(own.documents, WHO, "<asked/>")

    assert isinstance(answer, Later)
    assert not answer.is_unsent
    assert "canary" not in answer.reason
    assert len(service.requests) == 1


def test_where_nobody_is_nothing_was_sent() -> None:
    own = a_client(CannedService(address="https://127.0.0.1:1/service"))

    answer = own.call(own.transport, WHO, "<asked/>")

    assert isinstance(answer, Later)
    assert answer.is_unsent


def test_nothing_is_sent_once_a_certificate_has_ended(tmp_path: Path) -> None:
    def expiry(ends_in: int) -> Expiry:
        return Expiry(what="the pass", setting="A_PASS", ends_at=NOW + timedelta(seconds=ends_in))

    with canned.running(tmp_path, canned.reply("<ok/>")) as service:
        ended, valid = a_client(service, expiry(9), expiry(0)), a_client(service, expiry(1))

        assert ended.call(ended.series, WHO, "<asked/>") == Later(
            reason="the pass has ended (A_PASS)", is_unsent=True
        )
        assert isinstance(valid.call(valid.series, WHO, "<asked/>"), HttpAnswer)
        valid.series.close()
    assert len(service.requests) == 1
