"""The explanation of a German record: its sums, what the TSE was told, its QR code, an outage."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.documents import DocumentKind, LinePurpose
from fiscus.model.explained import ExplainedPart, ExplainedTotal
from fiscus.model.records import EntryBody
from fiscus.regimes.de import GERMANY
from fiscus.regimes.de import explained_words as words
from fiscus.regimes.de.tests.builders import (
    a_body,
    a_book,
    a_case,
    a_closing,
    a_draft,
    a_line,
    a_return,
    a_return_case,
    a_vat,
    of_drawer,
    sealed,
    with_,
)

D = Decimal
CENT = D("0.01")


def parts_of(body: EntryBody) -> Mapping[str, ExplainedPart]:
    return {part.title.en: part for part in GERMANY.explained(body)}


def totals_of(body: EntryBody) -> list[ExplainedTotal]:
    return [total for part in GERMANY.explained(body) for total in part.totals]


def test_every_sum_comes_to_what_was_sealed() -> None:
    for body in (
        a_body(a_case()),
        a_body(a_return_case(a_return(a_line()))),
        a_body(a_case(of_drawer(DocumentKind.MOVEMENT, LinePurpose.PAY_IN, "20.00"))),
    ):
        assert len(totals_of(body)) >= 9
        assert [total for total in totals_of(body) if not total.is_right] == []


@given(
    st.lists(
        st.tuples(st.decimals("0.01", "999", places=2), st.sampled_from(["19", "7"])),
        min_size=1,
        max_size=5,
    )
)
def test_vat_is_rounded_for_each_rate_and_then_added(lines: list[tuple[Decimal, str]]) -> None:
    draft = a_draft(*(a_line(vat=a_vat(str(gross), rate)) for gross, rate in lines))
    body = a_body(a_case(draft))
    assert body.seal is not None

    by_rate: dict[Decimal, Decimal] = {}
    for line in body.seal.lines:
        by_rate[line.percentage] = by_rate.get(line.percentage, D(0)) + line.vat
    vat = sum((each.quantize(CENT, ROUND_HALF_UP) for each in by_rate.values()), D(0))
    totals = {total.name.en: total for total in parts_of(body)[words.TOTALS.en].totals}

    assert totals["VAT"].result == body.seal.vat == vat
    assert totals["net"].result == sum(gross for gross, _ in lines) - vat
    assert [total for total in totals_of(body) if not total.is_right] == []


def test_the_amounts_that_the_tse_was_told_are_sums_of_lines() -> None:
    body = a_body(a_case(a_draft(a_line(), a_book())))
    assert body.seal is not None
    assert body.seal.signing is not None
    part = parts_of(body)[words.PROCESS.en]

    told = body.seal.signing.process_data.split("^")[1].split("_")
    assert [str(total.result.quantize(CENT, ROUND_DOWN)) for total in part.totals] == told
    assert [value.name for value in part.values] == ["processType", "Vorgangstyp", "Bar"]


def test_an_altered_amount_does_not_come_to_its_sum() -> None:
    body = a_body(a_case())
    assert body.seal is not None
    assert body.seal.signing is not None
    data = body.seal.signing.process_data.replace("^10.00", "^11.00")
    seal = with_(body.seal, signing=with_(body.seal.signing, process_data=data))

    wrong = [total.name.en for total in totals_of(with_(body, seal=seal)) if not total.is_right]

    assert wrong == ["Amount 1, standard rate"]


def test_what_is_no_receipt_is_shown_as_it_was_told() -> None:
    part = parts_of(a_body(a_case(a_closing())))[words.PROCESS.en]

    assert [value.value for value in part.values] == ["SonstigerVorgang", "Tagesabschluss"]
    assert part.totals == ()


def test_the_fields_of_the_qr_code_are_those_of_its_text() -> None:
    body = a_body(a_case())
    assert body.seal is not None
    values = parts_of(body)[words.QR.en].values

    assert ";".join(value.value for value in values) == body.seal.qr
    assert len(values) == 12


def test_data_with_semicolons_stay_one_field() -> None:
    body = a_body(a_case())
    assert body.seal is not None
    qr = body.seal.qr.replace("Beleg^", '2;"Wein";4.50')
    values = parts_of(with_(body, seal=with_(body.seal, qr=qr)))[words.QR.en].values

    assert values[3].value.startswith('2;"Wein";4.50')


def test_an_outage_is_told_with_its_reason_and_without_a_signature() -> None:
    case = a_case()
    body = a_body(case, seal=sealed(case, outage="TSE antwortet nicht"))
    found = parts_of(body)

    assert body.seal is not None
    assert [value.value for value in found[words.OUTAGE.en].values] == [body.seal.outage]
    assert words.PROCESS.en not in found
    assert words.QR.en not in found
    assert words.TOTALS.en in found


def test_nothing_is_told_of_what_was_not_sealed() -> None:
    assert GERMANY.explained(a_body(a_case(), seal=None)) == ()


def test_every_sentence_is_there_in_each_language() -> None:
    case = a_case()
    bodies = a_body(case), a_body(case, seal=sealed(case, outage="aus"))
    texts = [
        text
        for body in bodies
        for part in GERMANY.explained(body)
        for text in (part.title, part.text, *(value.meaning for value in part.values))
    ]

    assert all(text.de and text.pt for text in texts)
