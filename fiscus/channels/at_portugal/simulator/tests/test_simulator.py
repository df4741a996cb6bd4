"""A client that others wrote (zeep), made of the services' own descriptions, is served and reads
the answers."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from zeep.transports import Transport

from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import SECEXT, Fields, changed
from fiscus.channels.at_portugal.simulator.tests.test_grammar import flaws
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor


@pytest.fixture
def session(visitor: Visitor, tmp_path: Path) -> Iterator[requests.Session]:
    ends = visitor.endpoints
    (tmp_path / "client.pem").write_bytes(ends.certificate + ends.private_key)
    (tmp_path / "trusted.pem").write_bytes(ends.trusted)
    with requests.Session() as found:
        found.trust_env = False
        found.cert = str(tmp_path / "client.pem")
        found.verify = str(tmp_path / "trusted.pem")
        yield found


def service(
    shared_data: Path, session: requests.Session, file: str, binding: str, address: str
) -> tuple[zeep.Client, Any]:
    client = zeep.Client(str(shared_data / "pt/wsdl" / file), transport=Transport(session=session))
    return client, client.create_service(binding, address)


def security(visitor: Visitor) -> list[etree._Element]:
    head = etree.Element(f"{{{SECEXT}}}Security", nsmap={"wss": SECEXT})
    token = etree.SubElement(head, f"{{{SECEXT}}}UsernameToken")
    fields = messages.header(visitor.endpoints.cipher_certificate, visitor.clock.at)
    for name, value in fields.items():
        etree.SubElement(token, f"{{{SECEXT}}}{name}").text = value
    return [head]


def as_mapping(fields: Fields) -> dict[str, Any]:
    """Fields as zeep wants them: what stands several times is a list."""
    many = {"LineSummary", "WithholdingTax", "SourceDocumentID", "invoice", "work", "payment"}
    found: dict[str, Any] = {}
    for name, value in fields:
        plain = as_mapping(value) if isinstance(value, list) else value
        found[name] = [plain] if name in many or name in ("Line", "OrderReferences") else plain
    return found


def bodies(client: zeep.Client, made: Any, operation: str, values: Mapping[str, Any]) -> Any:
    """The message that zeep makes, as the element of its body."""
    envelope = client.create_message(made, operation, **values)
    return envelope.find("{http://schemas.xmlsoap.org/soap/envelope/}Body")[0]


def test_series_are_registered_and_read_by_zeep(
    visitor: Visitor, session: requests.Session, shared_data: Path
) -> None:
    client, made = service(
        shared_data,
        session,
        "Comunicacao_Series.wsdl",
        "{http://at.gov.pt/}SeriesWSPortBinding",
        visitor.endpoints.series,
    )
    values = as_mapping(messages.REGISTER_SERIES)
    values["dataInicioPrevUtiliz"] = date(2026, 5, 4)

    assert flaws("registarSerie", bodies(client, made, "registarSerie", values)) == []
    found = made.registarSerie(**values, _soapheaders=security(visitor))
    assert found.infoResultOper.codResultOper == 2001
    code = found.infoSerie.codValidacaoSerie
    assert found.infoSerie.dataRegisto == date(2026, 5, 4)

    found = made.consultarSeries(serie="loja-2026", _soapheaders=security(visitor))
    assert [one.codValidacaoSerie for one in found.infoSerie] == [code]

    found = made.finalizarSerie(
        serie="LOJA-2026",
        classeDoc="SI",
        tipoDoc="FT",
        codValidacaoSerie=code,
        seqUltimoDocEmitido=1,
        _soapheaders=security(visitor),
    )
    assert (found.infoResultOper.codResultOper, found.infoSerie.estado) == (2004, "F")


@pytest.mark.parametrize("kind", ["Invoice", "Work", "Payment"])
def test_documents_are_told_by_zeep(
    visitor: Visitor, session: requests.Session, shared_data: Path, kind: str
) -> None:
    client, made = service(
        shared_data,
        session,
        "Fatcorews.wsdl",
        "{http://factemi.at.min_financas.pt/documents}fatcorewsPortSoap11",
        visitor.endpoints.documents,
    )
    type_, class_ = {"Invoice": ("FT", "SI"), "Work": ("OR", "WD"), "Payment": ("RC", "PY")}[kind]
    atcud = f"{visitor.code_of(type_, class_)}-1"
    whole: dict[str, Fields] = {
        f"Register{kind}": messages.registering(kind),
        f"Change{kind}Status": messages.changing(kind),
        f"Delete{kind}": messages.deleting(kind),
    }
    for operation, fields in whole.items():
        values = as_mapping(changed(fields, ATCUD=atcud))

        assert flaws(operation, bodies(client, made, operation, values)) == []
        answer = getattr(made, operation)(**values, _soapheaders=security(visitor))
        assert answer.CodigoResposta == 0, answer
        assert isinstance(answer.DataOperacao, datetime)


def test_a_movement_is_told_by_zeep(
    visitor: Visitor, session: requests.Session, shared_data: Path
) -> None:
    client, made = service(
        shared_data,
        session,
        "documentosTransporte_2026-03.wsdl",
        "{https://servicos.portaldasfinancas.gov.pt/sgdtws/documentosTransporte/}"
        "documentosTransporteSOAP",
        visitor.endpoints.transport,
    )
    values = as_mapping(changed(messages.MOVEMENT, ATCUD=f"{visitor.code_of('GT', 'MG')}-1"))

    assert (
        flaws("envioDocumentoTransporte", bodies(client, made, "envioDocumentoTransporte", values))
        == []
    )
    answer = made.envioDocumentoTransporte(**values, _soapheaders=security(visitor))
    assert [one.ReturnCode for one in answer.ResponseStatus] == [0]
    assert answer.ATDocCodeID


def test_zeep_reads_the_fault_of_a_login(
    visitor: Visitor, session: requests.Session, shared_data: Path
) -> None:
    _, made = service(
        shared_data,
        session,
        "Comunicacao_Series.wsdl",
        "{http://at.gov.pt/}SeriesWSPortBinding",
        visitor.endpoints.series,
    )
    head = security(visitor)
    made.consultarSeries(_soapheaders=head)

    with pytest.raises(zeep.exceptions.Fault) as fault:
        made.consultarSeries(_soapheaders=head)
    assert fault.value.code == "Client.Authentication"
    assert fault.value.detail.findtext(".//Code") == "12"
