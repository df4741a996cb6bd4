"""Answers of services: what they mean, and what means nothing."""

from pathlib import Path

import pytest

from fiscus.channels import Later, Rejected, Remedy
from fiscus.channels.at_portugal.answers import NotUnderstood, content, number_in, parsed, said_in
from fiscus.channels.at_portugal.meanings import LOGIN, TRANSPORT_LOGIN
from fiscus.channels.at_portugal.transport import HttpAnswer

DOCUMENTS = "{http://factemi.at.min_financas.pt/documents}RegisterInvoiceResponse"
SERIES = "{http://at.gov.pt/}registarSerieResponse"


def answer(body: str | bytes, status: int = 200, type_: str = "text/xml") -> HttpAnswer:
    data = body if isinstance(body, bytes) else body.encode()
    return HttpAnswer(status=status, type=type_, body=data)


def enveloped(body: str) -> str:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    return f'<S:Envelope xmlns:S="{soap}"><S:Body>{body}</S:Body></S:Envelope>'


def fault(code: str, status: int = 500) -> HttpAnswer:
    return answer(
        enveloped(f"<S:Fault><faultcode>{code}</faultcode><faultstring>x</faultstring></S:Fault>"),
        status,
    )


def login_failed(code: str, tries: str = "2") -> HttpAnswer:
    namespace = (
        "http://autenticacao.portaldasfinancas.gov.pt/services/ValidateCredencialService/2012/11"
    )
    return answer(
        enveloped(
            "<S:Fault><faultcode>Client.Authentication</faultcode><faultstring>x</faultstring>"
            f'<detail><a:AuthenticationException xmlns:a="{namespace}"><AuthenticationFailed>'
            f"<Code>{code}</Code><Message>\n as  said </Message>"
            f"<NumberOfTriesRemaining>{tries}</NumberOfTriesRemaining>"
            "</AuthenticationFailed></a:AuthenticationException></detail></S:Fault>"
        ),
        500,
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("response_Invoice_ReturnCodeError.xml", DOCUMENTS),
        ("response_Series_RegisterResponse.xml", SERIES),
        ("response_Series_ErrorResponse.xml", SERIES),
    ],
)
def test_recorded_answers_are_read(shared_data: Path, name: str, wanted: str) -> None:
    found = content(answer((shared_data / "pt" / "soap" / name).read_bytes()), wanted, LOGIN)

    assert not isinstance(found, Rejected | Later)
    assert found.tag == wanted


def test_a_recorded_refusal_of_who_asks(shared_data: Path) -> None:
    body = (shared_data / "pt" / "soap" / "response_Invoice_AuthenticationError.xml").read_bytes()

    found = content(answer(body, 500), DOCUMENTS, LOGIN)

    assert isinstance(found, Rejected)
    assert [one.code for one in found.faults] == ["AT-LOGIN-16"]
    assert found.said is not None
    assert found.said.code == "16"
    assert found.said.text.startswith("Created: Chave de sess")


def test_a_recorded_fault_with_a_number(shared_data: Path) -> None:
    body = (shared_data / "pt" / "soap" / "response_Series_FaultResponse.xml").read_bytes()

    found = content(answer(body, 500), SERIES, LOGIN)

    assert isinstance(found, Rejected)
    assert (found.faults[0].code, found.remedy) == ("AT-LOGIN-33", Remedy.PROGRAM)


def test_a_recorded_fault_of_another_version_of_soap_tells_nothing(shared_data: Path) -> None:
    body = (shared_data / "pt" / "soap" / "response_Invoice_InternalError.xml").read_bytes()

    assert isinstance(content(answer(body, 500), DOCUMENTS, LOGIN), Later)


def test_a_wrong_password_says_how_many_tries_are_left() -> None:
    found = content(login_failed("99"), DOCUMENTS, LOGIN)

    assert isinstance(found, Rejected)
    assert found.is_credentials
    assert found.said is not None
    assert found.said.text == "as said (NumberOfTriesRemaining 2)"


def test_numbers_of_the_transport_service_are_its_own() -> None:
    found = content(login_failed("11"), DOCUMENTS, TRANSPORT_LOGIN)

    assert isinstance(found, Rejected)
    assert found.faults[0].code == "AT-LOGIN-10"


@pytest.mark.parametrize("code", ["4711", "", "x"])
def test_who_is_not_let_in_for_an_unknown_reason_is_refused_all_the_same(code: str) -> None:
    found = content(login_failed(code), DOCUMENTS, LOGIN)

    assert isinstance(found, Rejected)
    assert (found.faults[0].code, found.remedy) == ("AT-LOGIN-98", Remedy.ACCESS)


def test_a_key_that_came_twice_leaves_the_outcome_open() -> None:
    assert isinstance(content(login_failed("12"), DOCUMENTS, LOGIN), Later)


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>' + enveloped("<ok>&c;</ok>")
FILE = '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + enveloped("<ok>&f;</ok>")
GOOD = enveloped('<RegisterInvoiceResponse xmlns="http://factemi.at.min_financas.pt/documents"/>')


@pytest.mark.parametrize(
    "said",
    [
        answer("<html><body>Em manutenção</body></html>", type_="text/html"),
        answer("<html><body>Em manutenção</body></html>"),
        answer(GOOD, type_="text/html"),
        answer(GOOD, type_="application/json"),
        answer(GOOD, 500),
        answer(GOOD, 302),
        answer(GOOD, 404),
        answer(GOOD, 503),
        answer(GOOD[:-30]),
        answer(""),
        answer("\x00\x01"),
        answer(GOOD.encode("utf-16")[:-7]),
        answer(enveloped("")),
        answer(enveloped("<one/><two/>")),
        answer(enveloped("<RegisterInvoiceResponse/>")),
        answer(BOMB),
        answer(FILE),
        answer('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">' + GOOD),
        answer(GOOD + "<more/>"),
        fault("S:Server"),
        fault("Client"),
        fault("33.5"),
        fault("٣٣"),
    ],
    ids=range(23),
)
def test_what_is_not_understood_counts_as_no_answer(said: HttpAnswer) -> None:
    found = content(said, DOCUMENTS, LOGIN)

    assert isinstance(found, Later)
    assert not found.is_unsent
    assert found.reason


def test_a_small_answer_cannot_grow_without_end() -> None:
    bomb = "<!DOCTYPE a [<!ENTITY a0 'a'>" + "".join(
        f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 30)
    )
    with pytest.raises(NotUnderstood):
        parsed((bomb + "]><a>&a29;</a>").encode())


def test_values_are_read_strictly() -> None:
    found = parsed(b"<a><n> 12 </n><m>1_2</m><t>one\n  two</t><t2/><t3><x/></t3><n2/><n2/></a>")

    assert number_in(found, "n") == 12
    assert (said_in(found, "t"), said_in(found, "t2"), said_in(found, "gone")) == (
        "one two",
        "",
        "",
    )
    for name in ("m", "t", "gone"):
        with pytest.raises(NotUnderstood):
            number_in(found, name)
    for name in ("t3", "n2"):
        with pytest.raises(NotUnderstood):
            said_in(found, name)
