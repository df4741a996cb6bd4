"""Sealed documents, told to the simulated authority, which judges them by itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fiscus.channels import Accepted, Answer, Later, ObligationReport, Rejected, Remedy, ReportKind
from fiscus.channels.at_portugal import documents, reported
from fiscus.channels.at_portugal.tests.shop import LOGIN, ReportingShop
from fiscus.channels.at_portugal.tests.wsdl import Wsdl, wsdl
from fiscus.model.documents import Draft, Party
from fiscus.model.records import EntryBody
from fiscus.regimes.pt.tests.builders import (
    AT,
    a_business,
    a_cancellation,
    a_credit,
    a_debit,
    a_draft,
    a_line,
    a_vat,
    an_exempt_vat,
    an_invoice,
    bread,
    with_,
)


@pytest.fixture
def shop(tmp_path: Path) -> ReportingShop:
    return ReportingShop(tmp_path / "authority")


def refused(answer: Answer) -> tuple[str, Remedy]:
    assert isinstance(answer, Rejected), answer
    return answer.faults[0].code, answer.remedy


def accepted(answer: Answer) -> Accepted:
    assert isinstance(answer, Accepted), answer
    return answer


def voided(body: EntryBody) -> EntryBody:
    """What cancelled it, a minute later."""
    return with_(body, at=AT + timedelta(minutes=1), draft=a_cancellation(), seal=None)


DRAFTS = {
    "a receipt": a_draft(),
    "a simplified invoice": a_draft(is_simplified=True),
    "an invoice": an_invoice(),
    "for a foreigner": an_invoice(
        buyer=a_business("FR61954506077", address=None, name="Marées SARL")
    ),
    "for a name": a_draft(buyer=Party(name="Ana & <Rui>")),
    "many rates": a_draft(
        a_line(),
        bread(),
        a_line("Vinho", net="3.33", quantity="1", vat=a_vat("3.33", "13", "REDUCED_1")),
        a_line("Aula", quantity="1", vat=an_exempt_vat("7.77", "CAUSE_7")),
        a_line("Selo", quantity="1", vat=an_exempt_vat("1.23", "CAUSE_6")),
        a_line("Chá", net="1.11", quantity="3"),
    ),
}


@pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)
def test_what_is_sold_is_registered(shop: ReportingShop, shared_data: Path, draft: Draft) -> None:
    told = shop.told(shop.sealed(draft))

    answer = accepted(shop.reports(told))

    assert answer.said is not None
    assert answer.said.code == "0"
    assert answer.reference.startswith("2026-05-04T")
    of_documents: Wsdl = wsdl(shared_data / "pt" / "wsdl" / "Fatcorews.wsdl")
    body = documents.registering("509876544", "9999", reported.content(told))
    of_documents.expect_good(body, is_written_again=False)


def test_a_note_counts_against_what_it_corrects(shop: ReportingShop) -> None:
    original = shop.sealed(a_draft())
    accepted(shop.reports(shop.told(original)))
    credit, debit = (shop.sealed(one, original) for one in (a_credit(), a_debit()))

    told = reported.content(shop.told(credit))

    assert [(line.is_debit, line.references) for line in told.lines] == [(True, ("FR T01-2026/1",))]
    assert not any(line.is_debit for line in reported.content(shop.told(debit)).lines)
    accepted(shop.reports(shop.told(credit)))
    accepted(shop.reports(shop.told(debit)))


def test_a_document_that_was_cancelled_is_told_as_it_was_issued(shop: ReportingShop) -> None:
    body = shop.sealed(a_draft())
    told = shop.told(body, void=voided(body))

    assert reported.content(told) == reported.content(shop.told(body))
    accepted(shop.reports(told))
    accepted(shop.reports(told, ReportKind.STATUS))


def test_a_cancellation_is_told_once_the_document_is(shop: ReportingShop) -> None:
    body = shop.sealed(a_draft())
    told = shop.told(body, void=voided(body))

    assert refused(shop.reports(told, ReportKind.STATUS)) == ("AT-DOCUMENT-11", Remedy.DATA)
    accepted(shop.reports(shop.told(body)))
    accepted(shop.reports(told, ReportKind.STATUS))


def test_a_standing_document_has_no_new_status(shop: ReportingShop) -> None:
    told = shop.told(shop.sealed(a_draft()))

    assert refused(shop.reports(told, ReportKind.STATUS)) == ("AT-REPORT-01", Remedy.PROGRAM)


@pytest.mark.parametrize("reason", ["", "engano", "x" * 9, "  x  \n "])
def test_a_deletion_wants_a_reason(shop: ReportingShop, reason: str) -> None:
    told = shop.told(shop.sealed(a_draft()))

    answer = shop.reports(told, ReportKind.DELETION, reason=reason)

    assert refused(answer) == ("AT-REPORT-02", Remedy.DATA)


def test_what_was_deleted_may_be_told_again(shop: ReportingShop) -> None:
    told = shop.told(shop.sealed(a_draft()))
    accepted(shop.reports(told))

    accepted(shop.reports(told, ReportKind.DELETION, reason="Comunicado por engano"))
    accepted(shop.reports(told))


def test_our_own_report_that_comes_twice_is_one(shop: ReportingShop) -> None:
    told = shop.told(shop.sealed(a_draft()))
    lost = {**LOGIN, "password": "timeout"}

    first = shop.reports(told, login=lost)
    again = shop.reports(told, was_sent=True)

    assert isinstance(first, Later)
    assert not first.is_unsent
    assert accepted(again).reference == ""
    assert accepted(again).said is not None


def test_a_number_that_another_program_has_told_is_refused(shop: ReportingShop) -> None:
    told = shop.told(shop.sealed(a_draft()))
    accepted(shop.reports(told))

    answer = shop.reports(told)

    assert refused(answer) == ("AT-DOCUMENT-10", Remedy.DATA)
    assert isinstance(answer, Rejected)
    assert "another program" in answer.faults[0].text
    assert answer.said is not None
    assert answer.said.code == "-10"


@pytest.mark.parametrize("was_sent", [True, False])
def test_a_number_with_other_values_is_refused_whoever_told_it(
    shop: ReportingShop, was_sent: bool
) -> None:
    body = shop.sealed(a_draft())
    accepted(shop.reports(shop.told(body)))
    shop.numbers["FR"] = 0
    other = shop.sealed(a_draft(bread()))

    answer = shop.reports(shop.told(other), was_sent=was_sent)

    assert refused(answer) == ("AT-DOCUMENT-03", Remedy.DATA)


@pytest.mark.parametrize("kind", [ReportKind.STATUS, ReportKind.DELETION])
def test_what_has_taken_effect_before_is_done(shop: ReportingShop, kind: ReportKind) -> None:
    body = shop.sealed(a_draft())
    told = shop.told(body, void=voided(body))
    accepted(shop.reports(told))
    accepted(shop.reports(told, kind, reason="Comunicado por engano"))

    second = shop.reports(told, kind, reason="Comunicado por engano")
    repeated = shop.reports(told, kind, reason="Comunicado por engano", was_sent=True)

    assert isinstance(second, Rejected)
    accepted(repeated)


def test_who_is_not_known_is_told_so(shop: ReportingShop) -> None:
    told = shop.told(shop.sealed(a_draft()))

    answer = shop.reports(told, login={**LOGIN, "password": "wrong"})

    assert refused(answer) == ("AT-LOGIN-99", Remedy.ACCESS)
    assert refused(shop.reports(told, login={"username": "", "password": ""})) == (
        "AT-LOGIN-01",
        Remedy.ACCESS,
    )


def test_the_documents_of_another_nif_are_not_ours_to_tell(shop: ReportingShop) -> None:
    told = shop.told(shop.sealed(a_draft()))

    answer = shop.reports(told, login={**LOGIN, "username": "514200111/1"})

    assert refused(answer) == ("AT-DOCUMENT-16", Remedy.ACCESS)


@pytest.mark.parametrize(
    "report",
    [
        ObligationReport(id="o", record="r", kind=ReportKind.DOCUMENT, content="x"),
        ObligationReport(id="o", record="r", kind="register-start"),
    ],
)
def test_what_the_service_does_not_take_is_refused(
    shop: ReportingShop, report: ObligationReport
) -> None:
    assert refused(shop.channel.report(report, LOGIN))[0] == "CHANNEL-OFFER-01"


def test_a_seal_of_before_has_no_taxes_and_is_told_all_the_same(shop: ReportingShop) -> None:
    body = shop.sealed(DRAFTS["many rates"])
    assert body.seal is not None
    bare = with_(body, seal=msgspec.structs.replace(body.seal, taxes=()))

    lines = reported.content(shop.told(bare)).lines

    assert sum(line.amount for line in lines) == body.seal.net


def test_lines_that_differ_in_their_tax_are_told_apart(shop: ReportingShop) -> None:
    told = reported.content(shop.told(shop.sealed(DRAFTS["many rates"])))

    seen = [(line.tax.code, line.exemption, str(line.amount)) for line in told.lines if line.tax]

    assert seen == [
        ("NOR", "", "3.11"),
        ("RED", "", "1.00"),
        ("INT", "", "3.33"),
        ("ISE", "M09", "7.77"),
        ("ISE", "M07", "1.23"),
    ]


def test_an_unsigned_document_has_a_zero_for_its_characters(shop: ReportingShop) -> None:
    body = shop.sealed(a_draft())
    assert body.seal is not None
    assert reported.content(shop.told(body)).hash_characters == body.seal.excerpt

    bare = with_(body, seal=msgspec.structs.replace(body.seal, excerpt=""))

    assert reported.content(shop.told(bare)).hash_characters == "0"


def customers() -> dict[str, Any]:
    return {
        "nobody": (None, ("999999990", "Desconhecido")),
        "a name": (Party(name="Ana"), ("999999990", "PT")),
        "a NIF": (Party(tax_number="514200111"), ("514200111", "PT")),
        "a foreigner": (Party(tax_number="FR61954506077"), ("61954506077", "FR")),
    }


@pytest.mark.parametrize(("buyer", "told"), customers().values(), ids=customers())
def test_whom_it_is_for(shop: ReportingShop, buyer: Party | None, told: tuple[str, str]) -> None:
    header = reported.header(shop.told(shop.sealed(a_draft(buyer=buyer))))

    assert (header.customer_number, header.customer_country) == told
