"""Series at the authority: registered, asked for, finished, cancelled."""

from datetime import timedelta

import pytest

from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import (
    CANCEL_SERIES,
    FINISH_SERIES,
    REGISTER_SERIES,
    Secrets,
    changed,
)
from fiscus.channels.at_portugal.simulator.tests.visitor import Visitor, text, texts


def code(visitor: Visitor, operation: str, fields: messages.Fields) -> int:
    return int(text(visitor.series(operation, fields), "codResultOper"))


def register(visitor: Visitor, **changes: object) -> int:
    return code(visitor, "registarSerie", changed(REGISTER_SERIES, **changes))


def invoice(visitor: Visitor, validation: str, number: int) -> int:
    fields = changed(
        messages.registering("Invoice"),
        ATCUD=f"{validation}-{number}",
        InvoiceNo=f"FT LOJA-2026/{number}",
    )
    return visitor.documents("RegisterInvoice", fields)


def test_a_registered_series_is_told_as_it_was_registered(visitor: Visitor) -> None:
    answer = visitor.series("registarSerie", REGISTER_SERIES)

    assert text(answer, "codResultOper") == "2001"
    assert text(answer, "codValidacaoSerie") in text(answer, "msgResultOper")
    told = {one.tag: one.text for one in answer.iter("infoSerie") for one in one}
    assert told == {
        "serie": "LOJA-2026",
        "tipoSerie": "N",
        "classeDoc": "SI",
        "tipoDoc": "FT",
        "numInicialSeq": "1",
        "dataInicioPrevUtiliz": "2026-05-04",
        "meioProcessamento": "PI",
        "numCertSWFatur": "9999",
        "codValidacaoSerie": text(answer, "codValidacaoSerie"),
        "dataRegisto": "2026-05-04",
        "estado": "A",
        "dataEstado": "2026-05-04T09:30:00Z",
        "nifComunicou": "599999993",
    }


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"serie": None}, 4002),
        ({"serie": ""}, 4002),
        ({"numInicialSeq": ""}, 4002),
        ({"serie": "-A"}, 4003),
        ({"serie": "A--B"}, 4003),
        ({"serie": "A B"}, 4003),
        ({"serie": "x" * 36}, 4003),
        ({"tipoSerie": "X"}, 4003),
        ({"numInicialSeq": 0}, 4003),
        ({"numInicialSeq": "9" * 26}, 4003),
        ({"numCertSWFatur": 10000}, 4003),
        ({"meioProcessamento": "XX"}, 4003),
        ({"dataInicioPrevUtiliz": "2026-02-30"}, 4003),
        ({"dataInicioPrevUtiliz": "2026-05-03"}, 4049),
        ({"classeDoc": "XX"}, 4045),
        ({"tipoDoc": "GT"}, 4046),
        ({"tipoDoc": [("outro", "1")]}, 4002),
    ],
)
def test_a_series_that_breaks_a_rule_is_refused_with_its_number(
    visitor: Visitor, changes: dict[str, object], number: int
) -> None:
    assert register(visitor, **changes) == number
    assert register(visitor) == 2001


def test_a_message_of_another_structure_is_refused(visitor: Visitor) -> None:
    assert code(visitor, "registarSerie", list(reversed(REGISTER_SERIES))) == 4000
    assert code(visitor, "registarSerie", [*REGISTER_SERIES, ("mais", "1")]) == 4000


def test_a_name_is_taken_whatever_its_letter_case_for_its_type_and_for_ever(
    visitor: Visitor,
) -> None:
    validation = visitor.code_of()

    assert register(visitor, serie="loja-2026") == 4001
    assert register(visitor, tipoDoc="FS") == 2001
    assert (
        code(visitor, "anularSerie", changed(CANCEL_SERIES, codValidacaoSerie=validation)) == 2003
    )
    assert register(visitor) == 4001


def test_another_taxpayer_may_use_the_same_name(visitor: Visitor) -> None:
    visitor.code_of()
    answer = visitor.series("registarSerie", REGISTER_SERIES, Secrets(username="509876544/1"))

    assert text(answer, "codResultOper") == "2001"


def test_first_numbers_and_certificates_are_kept_whole(visitor: Visitor) -> None:
    fields = changed(REGISTER_SERIES, numInicialSeq="9" * 25, numCertSWFatur="0030")
    answer = visitor.series("registarSerie", fields)

    assert text(answer, "numInicialSeq") == "9" * 25
    assert text(answer, "numCertSWFatur") == "30"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ([], ["A", "B", "C"]),
        ([("serie", "a")], ["A"]),
        ([("tipoSerie", "F")], ["B"]),
        ([("classeDoc", "WD"), ("tipoDoc", "OR")], ["C"]),
        ([("dataRegistoDe", "2026-05-05")], ["B", "C"]),
        ([("dataRegistoAte", "2026-05-04")], ["A"]),
        ([("dataRegistoDe", "2026-05-04"), ("dataRegistoAte", "2026-05-04")], ["A"]),
        ([("estado", "A")], ["A", "B", "C"]),
        ([("estado", "N")], []),
        ([("meioProcessamento", "OM")], ["C"]),
        ([("codValidacaoSerie", "ABCDEFGH")], []),
    ],
)
def test_a_query_finds_the_taxpayers_own_series_that_fit(
    visitor: Visitor, asked: messages.Fields, names: list[str]
) -> None:
    visitor.series("registarSerie", REGISTER_SERIES, Secrets(username="509876544/1"))
    visitor.code_of(serie="A")
    visitor.clock.at += timedelta(days=1)
    visitor.code_of(serie="B", tipoSerie="F", dataInicioPrevUtiliz="2026-05-05")
    visitor.code_of(
        "OR", "WD", serie="C", meioProcessamento="OM", dataInicioPrevUtiliz="2026-05-05"
    )

    answer = visitor.series("consultarSeries", asked)

    assert text(answer, "codResultOper") == "2002"
    assert texts(answer, "serie") == names


def test_a_query_whose_days_are_reversed_is_refused(visitor: Visitor) -> None:
    fields = [("dataRegistoDe", "2026-05-05"), ("dataRegistoAte", "2026-05-04")]

    assert code(visitor, "consultarSeries", fields) == 4048


def test_a_finished_series_tells_its_last_number_and_ends(visitor: Visitor) -> None:
    fields = changed(FINISH_SERIES, codValidacaoSerie=visitor.code_of())
    visitor.clock.at += timedelta(hours=2)
    answer = visitor.series("finalizarSerie", fields)

    assert text(answer, "codResultOper") == "2004"
    assert text(answer, "estado") == "F"
    assert text(answer, "seqUltimoDocEmitido") == "3"
    assert text(answer, "justificacao") == "fim do ano"
    assert text(answer, "dataEstado") == "2026-05-04T11:30:00Z"
    assert code(visitor, "finalizarSerie", fields) == 4005


def test_a_series_ends_after_its_first_number_and_all_documents_seen(visitor: Visitor) -> None:
    validation = visitor.code_of(numInicialSeq=5)
    finish = changed(FINISH_SERIES, codValidacaoSerie=validation)
    assert invoice(visitor, validation, 7) == 0

    assert code(visitor, "finalizarSerie", changed(finish, seqUltimoDocEmitido=4)) == 4047
    assert code(visitor, "finalizarSerie", changed(finish, seqUltimoDocEmitido=6)) == 4005
    assert code(visitor, "finalizarSerie", changed(finish, seqUltimoDocEmitido=8)) == 2004
    assert invoice(visitor, validation, 8) == 0
    assert invoice(visitor, validation, 9) == -1


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"motivo": "XX"}, 4051),
        ({"declaracaoNaoEmissao": "false"}, 4004),
        ({"codValidacaoSerie": "ABCDEFGH"}, 4004),
        ({"classeDoc": "WD"}, 4004),
        ({"serie": "OUTRA"}, 4004),
        ({"declaracaoNaoEmissao": "1"}, 2003),
    ],
)
def test_a_series_is_cancelled_by_its_code_with_a_reason_and_a_declaration(
    visitor: Visitor, changes: dict[str, object], number: int
) -> None:
    fields = changed(CANCEL_SERIES, codValidacaoSerie=visitor.code_of())

    assert code(visitor, "anularSerie", changed(fields, **changes)) == number


@pytest.mark.parametrize(("days", "number"), [(0, 2003), (1, 2003), (2, 4004)])
def test_a_series_is_cancelled_on_its_day_or_the_next(
    visitor: Visitor, days: int, number: int
) -> None:
    fields = changed(CANCEL_SERIES, codValidacaoSerie=visitor.code_of())
    visitor.clock.at += timedelta(days=days)

    assert code(visitor, "anularSerie", fields) == number


def test_a_used_series_is_not_cancelled_and_a_cancelled_one_not_used(visitor: Visitor) -> None:
    used, unused = visitor.code_of(), visitor.code_of(serie="B")
    assert invoice(visitor, used, 1) == 0
    cancel = changed(CANCEL_SERIES, codValidacaoSerie=unused, serie="B")

    assert code(visitor, "anularSerie", changed(CANCEL_SERIES, codValidacaoSerie=used)) == 4004
    assert code(visitor, "anularSerie", cancel) == 2003
    assert code(visitor, "anularSerie", cancel) == 4004
    late = changed(messages.registering("Invoice"), ATCUD=f"{unused}-1", InvoiceNo="FT B/1")
    assert visitor.documents("RegisterInvoice", late) == -1
