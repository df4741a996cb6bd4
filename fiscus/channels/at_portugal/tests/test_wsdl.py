"""Our messages and our reading of answers, compared with what strangers make of the WSDLs."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from fiscus.channels import (
    CancelSeries,
    FinishSeries,
    RegisterSeries,
    SeriesPurpose,
    SeriesQuery,
    SeriesStanding,
)
from fiscus.channels.at_portugal import movements, series
from fiscus.channels.at_portugal.answers import content
from fiscus.channels.at_portugal.envelope import envelope
from fiscus.channels.at_portugal.meanings import LOGIN
from fiscus.channels.at_portugal.movements import MovementDocument, MovementLine
from fiscus.channels.at_portugal.tests.canned import NOW
from fiscus.channels.at_portugal.tests.wsdl import CLEAN, NASTY, Wsdl, shape, wsdl
from fiscus.channels.at_portugal.transport import HttpAnswer
from fiscus.model.documents import Address

FACTS = {"class": "SI", "type": "FR", "certificate": "30", "processing": "PI"}
OF: dict[str, Any] = {
    "taxpayer": "509876544",
    "document_type": "FR",
    "name": "LOJA-2026",
    "facts": FACTS,
}


@pytest.fixture
def of_series(shared_data: Path) -> Wsdl:
    return wsdl(shared_data / "pt" / "wsdl" / "Comunicacao_Series.wsdl")


@pytest.fixture
def of_documents(shared_data: Path) -> Wsdl:
    return wsdl(shared_data / "pt" / "wsdl" / "Fatcorews.wsdl")


@pytest.fixture(params=["documentosTransporte.wsdl", "documentosTransporte_2026-03.wsdl"])
def of_transport(shared_data: Path, request: Any) -> Wsdl:
    return wsdl(shared_data / "pt" / "wsdl" / request.param)


def test_a_series_that_is_registered(of_series: Wsdl) -> None:
    message = RegisterSeries(
        **OF, first_number=17, starts_on=date(2026, 5, 4), purpose=SeriesPurpose.TRAINING
    )

    told = of_series.expect_good(series.registering(message))

    assert (told.serie, told.tipoSerie, told.classeDoc, told.tipoDoc) == (
        "LOJA-2026",
        "F",
        "SI",
        "FR",
    )
    assert (told.numInicialSeq, told.dataInicioPrevUtiliz) == (17, date(2026, 5, 4))
    assert (told.numCertSWFatur, told.meioProcessamento) == (30, "PI")


def test_a_series_that_ends(of_series: Wsdl) -> None:
    finish = FinishSeries(**OF, reference="CSDF7T5H", last_number=41, reason=NASTY)
    told = of_series.expect_good(series.finishing(finish))
    assert (told.codValidacaoSerie, told.seqUltimoDocEmitido) == ("CSDF7T5H", 41)
    assert told.justificacao == CLEAN

    without = of_series.expect_good(
        series.finishing(FinishSeries(**OF, reference="CSDF7T5H", last_number=41))
    )
    assert without.justificacao is None

    told = of_series.expect_good(series.cancelling(CancelSeries(**OF, reference="CSDF7T5H")))
    assert (told.motivo, told.declaracaoNaoEmissao) == ("ER", True)


def test_series_that_are_asked_for(of_series: Wsdl) -> None:
    of_series.expect_good(series.querying(SeriesQuery(taxpayer="509876544")))

    told = of_series.expect_good(
        series.querying(
            SeriesQuery(
                taxpayer="509876544",
                document_type="FR",
                name="LOJA",
                registered_from=date(2026, 1, 1),
                registered_to=date(2026, 12, 31),
                standing=SeriesStanding.FINISHED,
            )
        )
    )

    assert (told.serie, told.tipoDoc, told.estado) == ("LOJA", "FR", "F")
    assert told.dataRegistoAte == date(2026, 12, 31)


def test_an_answer_is_read_as_zeep_reads_it(of_series: Wsdl, shared_data: Path) -> None:
    body = (shared_data / "pt" / "soap" / "response_Series_RegisterResponse.xml").read_bytes()
    answer = HttpAnswer(status=200, type="text/xml", body=body)
    found = content(answer, "{http://at.gov.pt/}registarSerieResponse", LOGIN)
    assert isinstance(found, etree._Element)
    theirs = of_series.read(found).registarSerieResp.infoSerie
    inner = found.find("registarSerieResp/infoSerie")

    ours = series._known(inner, "509876544")

    assert ours.series.name == theirs.serie
    assert ours.series.document_type == theirs.tipoDoc
    assert ours.series.first_number == theirs.numInicialSeq
    assert ours.series.starts_on == theirs.dataInicioPrevUtiliz
    assert ours.reference == theirs.codValidacaoSerie == "AAJFF5JWJN"
    assert ours.registered_on == theirs.dataRegisto
    assert ours.standing_at == theirs.dataEstado
    assert ours.series.facts["processing"] == theirs.meioProcessamento
    assert ours.last_number is theirs.seqUltimoDocEmitido is None


def an_address(**changes: Any) -> Address:
    words: dict[str, Any] = {
        "street": "Rua da Prata",
        "number": "8",
        "code": "1100-052",
        "city": "Lisboa",
    }
    return Address(**(words | {"country": "PT"} | changes))


def a_movement(**changes: Any) -> MovementDocument:
    words: dict[str, Any] = {
        "issuer": "509876544",
        "company": "Padaria & Filhos",
        "address": an_address(),
        "number": "GT A/7",
        "atcud": "CSDF7T5H-7",
        "day": date(2026, 5, 4),
        "type": "GT",
        "customer_number": "514200111",
        "origin": an_address(),
        "starts_at": NOW,
        "lines": (MovementLine(text=NASTY, quantity=Decimal("1.50"), unit_price=Decimal("0.123")),),
    }
    return MovementDocument(**(words | changes))


def test_a_transport_document(of_transport: Wsdl) -> None:
    of_transport.expect_good(movements.telling(a_movement()))

    told = of_transport.expect_good(
        movements.telling(
            a_movement(
                reference="1099214626",
                status="A",
                customer_address=an_address(code="odd"),
                customer_name=NASTY,
                to=an_address(country="ES", code="28001", city="Madrid"),
                ends_at=NOW,
                vehicle="AA-00-BB",
                lines=(MovementLine(text="Pão", quantity=Decimal(2), orders=("NE A/1", "NE A/2")),),
            )
        )
    )

    assert (told.ATDocCodeID, told.MovementStatus) == ("1099214626", "A")
    assert told.CustomerAddress.PostalCode is None
    assert (told.AddressTo.City, told.AddressTo.Country) == ("Madrid", None)
    assert told.MovementStartTime.isoformat() == "2026-05-04T09:15:01"
    assert [one.OriginatingON for one in told.Line[0].OrderReferences] == ["NE A/1", "NE A/2"]


def test_goods_for_a_supplier_or_for_nobody_known(of_transport: Wsdl) -> None:
    to_supplier = a_movement(customer_number="", supplier_number="514200111", type="GD")
    told = of_transport.expect_good(movements.telling(to_supplier))
    assert (told.CustomerTaxID, told.SupplierTaxID) == (None, "514200111")

    told = of_transport.expect_good(movements.telling(a_movement(customer_number="")))
    assert (told.CustomerTaxID, told.SupplierTaxID) == (None, None)


def test_an_envelope_is_one_that_zeep_could_have_written(of_series: Wsdl) -> None:
    message = RegisterSeries(**OF, first_number=1, starts_on=date(2026, 5, 4))
    root = etree.fromstring(envelope("", series.registering(message)))
    client = of_series.client
    values = of_series.read(root[1][0])

    theirs = client.create_message(
        client.service, "registarSerie", **{name: getattr(values, name) for name in values}
    )

    assert [etree.QName(one).localname for one in root] == ["Header", "Body"]
    assert shape(root.find("{*}Body")) == shape(theirs.find("{*}Body"))


def test_actions_are_those_of_the_wsdl(
    of_series: Wsdl, of_documents: Wsdl, of_transport: Wsdl
) -> None:
    for one, action in ((of_series, ""), (of_documents, ""), (of_transport, movements.ACTION)):
        operations = one.client.service._binding._operations.values()
        assert {operation.soapaction for operation in operations} == {action}
