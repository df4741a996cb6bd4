"""The signed text, the seal around the signature, and what is printed."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from fiscus.model.amounts import decimals_half_up
from fiscus.model.documents import Draft
from fiscus.model.records import Series, Slot
from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt.printing import printed_characters
from fiscus.regimes.pt.seal import entry, signed_text
from fiscus.regimes.pt.tests.builders import (
    AT,
    a_business,
    a_case,
    a_credit,
    a_debit,
    a_draft,
    a_line,
    a_note_case,
    a_slot,
    a_vat,
    an_address,
    an_exempt_vat,
    an_invoice,
    bread,
    sealed,
    with_,
)
from fiscus.signers import RsaSha1, SignerDown, find

LISBON = ZoneInfo("Europe/Lisbon")


def the_vectors(shared_data: Path) -> list[dict[str, Any]]:
    path = shared_data / "pt" / "vectors" / "signature_vectors_at_idemo.json"
    vectors: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    return vectors


def the_text_of(vector: dict[str, Any]) -> str:
    return signed_text(
        date.fromisoformat(vector["date"]),
        datetime.fromisoformat(vector["system_entry_date"]).replace(tzinfo=LISBON).astimezone(UTC),
        vector["number"],
        Decimal(vector["gross_total"]),
        vector["previous_hash"],
    )


def test_the_texts_of_all_official_vectors_are_equal_byte_for_byte(shared_data: Path) -> None:
    vectors = the_vectors(shared_data)

    assert len(vectors) == 35
    assert [the_text_of(each) for each in vectors] == [each["message"] for each in vectors]


def test_the_official_key_signs_all_official_vectors_alike(shared_data: Path) -> None:
    pem = (shared_data / "pt" / "keys" / "AT_sample_signing_private_key.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signer = find("softkey").open(der)

    for vector in the_vectors(shared_data):
        signature = signer.sign(RsaSha1(the_text_of(vector).encode("ascii")))
        assert signature == vector["hash"]
        assert printed_characters(signature) == vector["printed_excerpt"]


def test_signs_date_time_number_gross_and_previous_signature() -> None:
    flow = PORTUGAL.seal(a_case())

    assert next(flow) == RsaSha1(b"2026-05-04;2026-05-04T09:15:01;FR T01-2026/17;3.52;previous")


def test_the_first_document_of_a_series_ends_with_a_semicolon() -> None:
    draft = a_draft()
    flow = PORTUGAL.seal(a_case(draft, slot=a_slot(draft, number=1, carried="")))

    assert next(flow) == RsaSha1(b"2026-05-04;2026-05-04T09:15:01;FR T01-2026/1;3.52;")


def test_an_outage_refuses_the_sale() -> None:
    flow = PORTUGAL.seal(a_case())
    next(flow)

    with pytest.raises(SignerDown):
        flow.throw(SignerDown("no key"))


def test_asks_for_one_signature_and_carries_it() -> None:
    seal = sealed(a_case())

    assert seal.carry == seal.signature
    assert seal.excerpt == "".join(seal.signature[i] for i in (0, 10, 20, 30))


def test_the_code_is_validation_code_and_number() -> None:
    seal = sealed(a_case())

    assert (seal.number, seal.code) == ("FR T01-2026/17", "JF7T8K2Q-17")


@pytest.mark.parametrize(
    ("draft", "number"),
    [
        (a_draft(is_simplified=True), "FS T01-2026/17"),
        (an_invoice(), "FT T01-2026/17"),
        (a_draft(series="FS/T01"), "FR FS-T01/17"),
        (a_draft(series=""), "FR FR20260123456789AB/17"),
        (a_draft(is_training=True), "FR T01-2026.F/17"),
    ],
)
def test_the_number_is_type_series_and_sequence(draft: Draft, number: str) -> None:
    assert sealed(a_case(draft)).number == number


def test_returns_make_a_credit_note_and_sales_a_debit_note() -> None:
    credit, debit = sealed(a_note_case(a_credit())), sealed(a_note_case(a_debit()))

    assert (credit.document_type, debit.document_type) == ("NC", "ND")
    assert credit.lines[0].is_debit
    assert not debit.lines[0].is_debit
    assert credit.lines[0].original_line == 1


def test_a_credit_note_names_its_original_and_its_buyer() -> None:
    original = an_invoice(a_line(), bread())
    seal = sealed(a_note_case(a_credit(), original))

    assert seal.facts["original_number"] == "FT T01-2026/17"
    assert seal.facts["original_day"] == "2026-05-04"
    assert seal.facts["buyer_tax_number"] == "514200111"
    assert "Referente a FT T01-2026/17: Artigo devolvido" in seal.prints


def test_a_credit_note_takes_the_product_of_its_original() -> None:
    original = a_draft(a_line(product="P1"), bread())

    assert sealed(a_note_case(a_credit(), original)).lines[0].product == "P1"


def test_net_is_what_remains_of_gross_without_vat() -> None:
    line = a_line(
        vat=with_(
            a_vat("2"),
            exclusive=Decimal("40.65040650"),
            amount=Decimal("9.34959350"),
            inclusive=Decimal("50.00000000"),
        )
    )
    seal = sealed(a_case(a_draft(line)))

    assert (seal.net, seal.vat, seal.gross) == (
        Decimal("40.65"),
        Decimal("9.35"),
        Decimal("50.00"),
    )
    assert seal.lines[0].net == Decimal("40.65040650")
    assert seal.lines[0].unit_price == Decimal("20.32520325")


def test_a_unit_price_without_end_still_gives_the_line() -> None:
    seal = sealed(a_case(a_draft(a_line(net="10.00", quantity="3"))))
    line = seal.lines[0]

    assert decimals_half_up(line.unit_price * line.quantity, 8) == line.net


def test_an_exempt_line_bears_code_and_mention() -> None:
    draft = a_draft(
        a_line(vat=an_exempt_vat("2.00")),
        a_line("Quota", vat=an_exempt_vat("1.00", "NOT_TAXABLE")),
        a_line("Livro", vat=an_exempt_vat("1.00", "CAUSE_6", reason="Ensino, art. 9.º 9)")),
    )
    seal = sealed(a_case(draft))
    health, dues, book = seal.lines

    assert (health.tax_type, health.tax_code, health.exemption) == ("IVA", "ISE", "M07")
    assert health.exemption_text == "Isento artigo 9.º do CIVA"
    assert (dues.tax_type, dues.tax_code, dues.exemption) == ("NS", "NS", "M99")
    assert book.exemption_text == "Ensino, art. 9.º 9)"
    assert "M07 - Isento artigo 9.º do CIVA" in seal.prints


@pytest.mark.parametrize("reason", ["curto", "x" * 61])
def test_a_mention_the_authority_would_not_take_is_replaced(reason: str) -> None:
    draft = a_draft(a_line(vat=an_exempt_vat("2.00", reason=reason)))

    assert sealed(a_case(draft)).lines[0].exemption_text == "Isento artigo 9.º do CIVA"


def test_prints_code_characters_and_training() -> None:
    seal = sealed(a_case(a_draft(is_training=True)))

    assert seal.prints == (
        "ATCUD:JF7T8K2Q-17",
        f"{seal.excerpt}-Processado por programa certificado n.º 9999/AT",
        "Documento emitido para fins de Formação",
        "Consumidor final",
    )


@pytest.mark.parametrize(
    ("text", "description"),
    [("X", "X."), (" Café ", "Café"), ("x" * 256, "x" * 200), ("x" * 199 + " yz", "x" * 199)],
)
def test_a_text_becomes_a_description_of_2_to_200_characters(text: str, description: str) -> None:
    assert sealed(a_case(a_draft(a_line(text)))).lines[0].text == description


def test_the_same_text_is_the_same_product() -> None:
    first, second, third = sealed(
        a_case(a_draft(a_line(), a_line(" Café "), bread(product="7")))
    ).lines

    assert first.product == second.product
    assert third.product == "7"


def test_a_foreign_buyer_keeps_number_and_country() -> None:
    buyer = a_business("B12345678", address=an_address(country="ES"))
    facts = sealed(a_case(an_invoice(buyer=buyer))).facts

    assert (facts["buyer_tax_number"], facts["buyer_country"]) == ("B12345678", "ES")


def test_the_time_of_entry_never_goes_back() -> None:
    last = AT + timedelta(seconds=30)
    draft = a_draft()

    assert sealed(a_case(draft, slot=a_slot(draft, last_at=last))).entered == last


def test_the_wall_clock_does_not_go_back_in_the_repeated_hour() -> None:
    before = datetime(2026, 10, 25, 0, 59, 58, tzinfo=UTC)  # 01:59:58 in Lisbon.
    after = before + timedelta(minutes=10)  # 01:09:58 in Lisbon.
    later = before + timedelta(minutes=61)  # 02:00:58 in Lisbon.
    slot = a_slot(a_draft(), last_at=before)
    assert slot

    assert entry(after, slot) == before
    assert entry(later, slot) == later


@given(st.lists(st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 26)), min_size=2))
def test_entry_texts_never_decrease(moments: list[datetime]) -> None:
    series = Series(id="s", taxpayer="t", document_type="FR", name="A", validation_code="JF7T8K2Q")
    slot, texts = Slot(series=series, number=1), []
    for moment in moments:
        entered = entry(moment.replace(tzinfo=UTC), slot)
        texts.append(signed_text(date(2026, 10, 24), entered, "FR A/1", Decimal(1), ""))
        slot = with_(slot, last_at=entered)

    assert texts == sorted(texts)


@given(st.lists(st.decimals(0, 999, places=2), min_size=1, max_size=5))
def test_each_seal_signs_the_signature_before(nets: list[Decimal]) -> None:
    carried = ""
    for number, net in enumerate(nets, start=1):
        draft = a_draft(a_line(net=str(net)))
        seal = sealed(a_case(draft, slot=a_slot(draft, number=number, carried=carried)))
        assert seal.signed_text.endswith(f"/{number};{seal.gross};{carried}")
        carried = seal.carry


@pytest.mark.parametrize("length", [30, 31])
def test_an_operator_is_sealed_with_thirty_characters_and_no_more(length: int) -> None:
    """As many as the audit file's `SourceID` takes: what is sealed is what is written there."""
    named = "Maria da Conceição-Vasconcelos-Sá"[:length]

    assert sealed(a_case(a_draft(operator=named))).facts["operator"] == named[:30]
