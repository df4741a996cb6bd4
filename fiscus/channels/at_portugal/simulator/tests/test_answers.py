"""What the authority answers is allowed by the services' own descriptions."""

from pathlib import Path

import xmlschema
from lxml import etree

from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import (
    CANCEL_SERIES,
    FINISH_SERIES,
    REGISTER_SERIES,
    changed,
)
from fiscus.channels.at_portugal.simulator.tests.test_grammar import FILES
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor, answer


def official(shared_data: Path, family: str) -> xmlschema.XMLSchema10:
    tree = etree.parse(str(shared_data / "pt/wsdl" / FILES[family]))
    schema = tree.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    assert schema is not None
    return xmlschema.XMLSchema10(etree.tostring(schema).decode())


def errors(schema: xmlschema.XMLSchema10, found: etree._Element) -> list[str]:
    return [str(error.reason) for error in schema.iter_errors(etree.tostring(found).decode())]


def test_answers_of_the_series_service_are_valid(visitor: Visitor, shared_data: Path) -> None:
    schema = official(shared_data, "series")
    code = visitor.code_of(serie="A")
    other = visitor.code_of(serie="B")
    long = changed(
        REGISTER_SERIES, serie="x" * 35, tipoSerie="", classeDoc=None, meioProcessamento=""
    )

    for operation, fields in (
        ("registarSerie", REGISTER_SERIES),
        ("registarSerie", REGISTER_SERIES),
        ("registarSerie", long),
        ("registarSerie", [(f"estranho{number}", "1") for number in range(90)]),
        ("finalizarSerie", changed(FINISH_SERIES, serie="A", codValidacaoSerie=code)),
        ("anularSerie", changed(CANCEL_SERIES, serie="B", codValidacaoSerie=other)),
        ("consultarSeries", []),
        ("consultarSeries", [("estado", "F")]),
    ):
        assert errors(schema, visitor.series(operation, fields)) == []


def test_answers_of_the_service_of_documents_are_valid(visitor: Visitor, shared_data: Path) -> None:
    schema = official(shared_data, "documents")
    for kind in ("Invoice", "Work", "Payment"):
        for operation, fields in (
            (f"Register{kind}", messages.registering(kind)),
            (f"Register{kind}", [(f"estranho{number}", "1") for number in range(90)]),
            (f"Change{kind}Status", messages.changing(kind)),
            (f"Delete{kind}", messages.deleting(kind)),
        ):
            message = messages.document_message(operation, fields)
            found = answer(visitor.ask(visitor.endpoints.documents, message))

            assert errors(schema, found) == []


def test_answers_of_the_transport_service_are_valid(visitor: Visitor, shared_data: Path) -> None:
    schema = official(shared_data, "transport")
    code = visitor.code_of("GT", "MG")

    for fields in (
        messages.MOVEMENT,
        changed(messages.MOVEMENT, ATCUD=f"{code}-1", DocumentNumber="GT LOJA-2026/1"),
        changed(messages.MOVEMENT, MovementStatus="X", AddressFrom=None),
        [(f"estranho{number}", "1") for number in range(90)],
    ):
        assert errors(schema, visitor.transport(fields)) == []
