"""Transport documents, told to the simulated authority."""

import contextlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fiscus.channels import Accepted, Answer, Later, Rejected, Remedy
from fiscus.channels.at_portugal.client import AtClient
from fiscus.channels.at_portugal.movements import MovementDocument, MovementLine, tell
from fiscus.channels.at_portugal.tests import canned
from fiscus.channels.at_portugal.tests.shop import LOGIN, NIF, ReportingShop
from fiscus.channels.at_portugal.transport import ServiceLine, tls
from fiscus.model.documents import Address
from fiscus.regimes.pt.tests.builders import AT, TODAY

HOME = Address(street="Rua da Prata", number="8", code="1100-052", city="Lisboa", country="PT")


@pytest.fixture
def shop(tmp_path: Path) -> ReportingShop:
    return ReportingShop(tmp_path / "authority")


def a_movement(shop: ReportingShop, **changes: Any) -> MovementDocument:
    words: dict[str, Any] = {
        "issuer": NIF,
        "company": "Padaria & Filhos",
        "address": HOME,
        "number": "GT T01-2026/1",
        "atcud": f"{shop.registered('GT', 'MG')}-1",
        "day": TODAY,
        "type": "GT",
        "customer_number": "514200111",
        "origin": HOME,
        "to": HOME,
        "starts_at": AT + timedelta(hours=1),
        "lines": (MovementLine(text="Pão", quantity=Decimal(12)),),
    }
    return MovementDocument(**(words | changes))


def accepted(answer: Answer) -> Accepted:
    assert isinstance(answer, Accepted), answer
    return answer


def refused(answer: Answer) -> tuple[str, Remedy]:
    assert isinstance(answer, Rejected), answer
    return answer.faults[0].code, answer.remedy


def test_a_transport_gets_its_code(shop: ReportingShop) -> None:
    answer = accepted(tell(shop.client, a_movement(shop), LOGIN))

    assert answer.reference
    assert answer.said is not None
    assert answer.said.code == "0"


def test_a_transport_is_cancelled_under_its_code(shop: ReportingShop) -> None:
    movement = a_movement(shop)
    code = accepted(tell(shop.client, movement, LOGIN)).reference
    cancelled = a_movement(shop, reference=code, status="A")

    assert accepted(tell(shop.client, cancelled, LOGIN)).reference == code
    assert refused(tell(shop.client, cancelled, LOGIN)) == ("AT-TRANSPORT-04", Remedy.DATA)
    accepted(tell(shop.client, cancelled, LOGIN, was_sent=True))


def test_a_transport_that_has_begun_is_noted_with_a_warning(shop: ReportingShop) -> None:
    late = a_movement(shop, starts_at=AT - timedelta(hours=1))

    answer = accepted(tell(shop.client, late, LOGIN))

    assert answer.said is not None
    assert answer.said.text


def test_our_own_message_that_comes_twice_is_one(shop: ReportingShop) -> None:
    movement = a_movement(shop)
    lost = tell(shop.client, movement, {**LOGIN, "password": "timeout"})

    assert isinstance(lost, Later)
    assert refused(tell(shop.client, movement, LOGIN)) == ("AT-TRANSPORT-03", Remedy.DATA)
    accepted(tell(shop.client, movement, LOGIN, was_sent=True))


def test_who_is_not_known_is_told_so(shop: ReportingShop) -> None:
    wrong = {**LOGIN, "password": "wrong"}

    assert refused(tell(shop.client, a_movement(shop), wrong)) == ("AT-LOGIN-99", Remedy.ACCESS)
    assert refused(tell(shop.client, a_movement(shop), {}))[0] == "AT-LOGIN-01"


def test_a_transport_of_no_series_is_noted_and_the_paper_travels(shop: ReportingShop) -> None:
    answer = accepted(tell(shop.client, a_movement(shop, atcud="AAAAAAAA-1"), LOGIN))

    assert answer.said is not None
    assert "ATCUD" in answer.said.text


def said(*results: tuple[int, str], more: str = "") -> canned.Answer:
    namespace = "https://servicos.portaldasfinancas.gov.pt/sgdtws/documentosTransporte/"
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    told = "".join(
        f"<ResponseStatus><ReturnCode>{code}</ReturnCode>"
        f"<ReturnMessage>{text}</ReturnMessage></ResponseStatus>"
        for code, text in results
    )
    return canned.reply(
        f'<S:Envelope xmlns:S="{soap}"><S:Body><a:envioDocumentoTransporteResponseElem '
        f'xmlns:a="{namespace}">{told}{more}</a:envioDocumentoTransporteResponseElem></S:Body>'
        "</S:Envelope>"
    )


def told(shop: ReportingShop, folder: Path, answer: canned.Answer, **more: Any) -> Answer:
    """What a service makes of it that says nothing but this."""
    with contextlib.ExitStack() as stack:
        service = stack.enter_context(canned.running(folder, answer))
        context = tls(
            canned.tls_certificate(), canned.pem(canned.tls_key()), canned.tls_certificate()
        )
        line = ServiceLine(address=service.address, context=context)
        own = AtClient(
            series=line, documents=line, transport=line, key=shop.client.key, clock=lambda: AT
        )
        found = tell(own, a_movement(shop), LOGIN, **more)
        assert b'SOAPAction: "https://servicos.portaldasfinancas.gov.pt/' in service.requests[0]
        line.close()
    return found


def test_a_registration_without_a_code_says_that_the_paper_travels(
    shop: ReportingShop, tmp_path: Path
) -> None:
    answer = accepted(told(shop, tmp_path, said((0, "sem um ATCUD válido"))))

    assert answer.reference == ""
    assert answer.said is not None
    assert answer.said.text == "sem um ATCUD válido"


def test_all_that_is_wrong_is_told_at_once(shop: ReportingShop, tmp_path: Path) -> None:
    answer = told(shop, tmp_path, said((-100, "tarde"), (-20, "nif"), (-16, "data")))

    assert isinstance(answer, Rejected)
    assert [one.code for one in answer.faults] == ["AT-TRANSPORT-20", "AT-TRANSPORT-16"]
    assert answer.said is not None
    assert (answer.said.code, answer.said.text) == ("-20", "nif; data")


@pytest.mark.parametrize(
    "answer",
    [
        said(),
        said((-99, "erro")),
        said((-20, "nif"), (-99, "erro")),
        said((-31, "novidade")),
        said((0, "ok"), more="<DocumentNumber>GT T01-2026/2</DocumentNumber>"),
    ],
    ids=["empty", "internal", "both", "unknown", "another"],
)
def test_what_is_not_understood_leaves_the_outcome_open(
    shop: ReportingShop, tmp_path: Path, answer: canned.Answer
) -> None:
    found = told(shop, tmp_path, answer)

    assert isinstance(found, Later)
    assert not found.is_unsent
