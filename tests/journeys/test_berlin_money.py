"""Vouchers, what is owed, empties, taxes of zero and what is left: over HTTP, and in the file that
an auditor gets."""

from decimal import Decimal
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_leg, a_line, a_sale
from fiscus.api.families.reporting.tests.caller import Json, answer, places, refusal
from tests.journeys.test_both_families import till_of, uuid_of
from tests.journeys.week import opens_shop
from tests.support import auditor, words
from tests.support.premises import Premises


@pytest.fixture
def kiosk(premises: Premises) -> Kiosk:
    found = opens_shop(premises)
    found.opens("100.00")
    return found


def tax(amount: str, rate: str = "0.19", name: str = "USt") -> list[Json]:
    return [{"name": name, "rate": rate, "tax_amount": amount}]


def a(title: str, total: str, vat: str = "0.00", **members: object) -> Json:
    """A line of one piece at 19 %, unless its taxes are named."""
    said = {"taxes": tax(vat)} | members
    return a_line(title=title, quantity=1, unit_price=total, total_amount=total, **said)


def of(*lines: Json, vat: str = "0.00", type_: str = "sale", **members: object) -> Json:
    total = sum((Decimal(line["total_amount"]) for line in lines), Decimal(0))
    return a_sale(
        type=type_,
        line_items=list(lines),
        pretax_amount=str(total - Decimal(vat)),
        tax_amount=vat,
        total_amount=str(total),
        **members,
    )


CAKE = a("Kuchen", "11.90", "1.90")


def card(number: str | None = "G-1", **members: object) -> Json:
    voucher = {"number": number} if number else {}
    return a("Gutschein", "11.90", "1.90", kind="gift_card", voucher=voucher, **members)


def book(kiosk: Kiosk, folder: Path) -> auditor.Tables:
    """The day is closed: its file, which our checker finds nothing in, and whose business cases
    stand in the Z report too."""
    closing = answer(kiosk.closing(), 201)
    kiosk.premises.assert_proved()
    done = auditor.export(kiosk)
    archive = auditor.fetched(kiosk.premises, done["download_url"])
    auditor.assert_checked("dsfinvk", archive, folder)
    tables, paper = auditor.tables(archive), auditor.paper(kiosk.premises, closing)
    assert all(row["GV_TYP"] in paper for row in tables["businesscases"])
    return tables


def lines_of(tables: auditor.Tables, operation: Json) -> list[tuple[str, str, str, str]]:
    """Case, voucher, VAT key and gross of each line."""
    id_ = auditor.bon_id(operation)
    amounts = {
        row["POS_ZEILE"]: (row["UST_SCHLUESSEL"], row["POS_BRUTTO"])
        for row in tables["lines_vat"]
        if row["BON_ID"] == id_
    }
    return [
        (row["GV_TYP"], row["GUTSCHEIN_NR"], *amounts[row["POS_ZEILE"]])
        for row in tables["lines"]
        if row["BON_ID"] == id_
    ]


def tax_in_all(tables: auditor.Tables) -> Decimal:
    return sum(
        (Decimal(row["Z_UST"].replace(",", ".")) for row in tables["businesscases"]), Decimal(0)
    )


def test_a_voucher_for_one_purpose_is_taxed_once(kiosk: Kiosk, tmp_path: Path) -> None:
    """Sell a gift card of 11.90 at 19 %, redeem it for a cake of 11.90: 1.90 of tax in all."""
    sold = kiosk.sells(**of(card(), vat="1.90"))
    redeemed = kiosk.sells(a_leg("11.90", "gift_card", gift_card_id="G-1"), **of(CAKE, vat="1.90"))

    tables = book(kiosk, tmp_path)
    assert lines_of(tables, sold) == [("EinzweckgutscheinKauf", "G-1", "1", "11,90000")]
    assert lines_of(tables, redeemed) == [
        ("Umsatz", "", "1", "11,90000"),
        ("EinzweckgutscheinEinloesung", "G-1", "1", "-11,90000"),
    ]
    assert tax_in_all(tables) == Decimal("1.90")
    assert redeemed["payments"][0]["gift_card_id"] == "G-1"


def test_vouchers_are_sold_redeemed_and_given_back_by_number(kiosk: Kiosk, tmp_path: Path) -> None:
    """A negative gift card line is a redemption or a return, never EinzweckgutscheinKauf again."""
    many = a("Gutschein", "20.00", kind="gift_card", voucher={"number": "M-1"}, taxes=[])
    sold = kiosk.sells(**of(many, card("G-2"), vat="1.90"))
    less = card("G-2") | {"unit_price": "-11.90", "total_amount": "-11.90", "taxes": tax("-1.90")}
    paid = kiosk.sells(**of(CAKE, a("Tee", "2.00", "0.32"), less, vat="0.32"))
    elsewhere = {"number": "X-9", "kind": "single_purpose", "rate": "0.07"}
    other = kiosk.sells(
        a_leg("5.00", "voucher", voucher=elsewhere),
        a_leg("6.90", "gift_card", gift_card_id="M-1"),
        **of(CAKE, vat="1.90"),
    )
    back = {"unit_price": "-20.00", "total_amount": "-20.00"}
    returned = kiosk.sells(**of(many | back, type_="return", related_operation_id=sold["id"]))

    tables = book(kiosk, tmp_path)
    assert lines_of(tables, sold) == [
        ("MehrzweckgutscheinKauf", "M-1", "5", "20,00000"),
        ("EinzweckgutscheinKauf", "G-2", "1", "11,90000"),
    ]
    assert lines_of(tables, paid)[2] == ("EinzweckgutscheinEinloesung", "G-2", "1", "-11,90000")
    assert lines_of(tables, other)[1:] == [
        ("EinzweckgutscheinEinloesung", "X-9", "2", "-5,00000"),
        ("MehrzweckgutscheinEinloesung", "M-1", "5", "-6,90000"),
    ]
    assert lines_of(tables, returned) == [("MehrzweckgutscheinEinloesung", "M-1", "5", "-20,00000")]


@pytest.mark.parametrize("status", ["pending", "authorized", "refunded"])
def test_what_is_not_received_is_owed_and_paid_later(
    kiosk: Kiosk, tmp_path: Path, status: str
) -> None:
    """Payments pending, authorized or refunded: Forderungsentstehung; paid later without a fake
    sale: Forderungsaufloesung."""
    leg = a_leg("11.90", "card", status=status)
    failed = a_leg("11.90", "card", status="failed")
    owed = kiosk.sells(failed, leg, **of(CAKE, vat="1.90"))
    paying = of(
        a("Kuchen von gestern", "11.90", kind="receivable", taxes=[]),
        related_operation_id=owed["id"],
    )
    paid = kiosk.sells(**paying)
    error = refusal(kiosk.operation(paying), 422, "regime_validation_failed")

    assert error["details"]["errors"][0]["code"] == "DE-RECEIVABLE-01"
    assert places(error) == ["line_items[0].total_amount"]
    tables = book(kiosk, tmp_path)
    assert lines_of(tables, owed) == [
        ("Umsatz", "", "1", "11,90000"),
        ("Forderungsentstehung", "", "5", "-11,90000"),
    ]
    assert lines_of(tables, paid) == [("Forderungsaufloesung", "", "5", "11,90000")]
    payments = [
        (row["ZAHLART_TYP"], row["BASISWAEH_BETRAG"])
        for row in tables["datapayment"]
        if row["BON_ID"] in (auditor.bon_id(owed), auditor.bon_id(paid))
    ]
    assert payments == [("Keine", "0,00"), ("Bar", "11,90")]
    (reference,) = tables["references"]
    assert (reference["BON_ID"], reference["REF_BON_ID"]) == (
        auditor.bon_id(paid),
        auditor.bon_id(owed),
    )
    assert tax_in_all(tables) == Decimal("1.90")


ZEROS = {
    "0 % PV": "8",
    "export": "6",
    "innergemeinschaftliche Lieferung": "6",
    "Kleinunternehmer": "6",
    "nicht steuerbar": "5",
}
CATEGORIES = {
    "zero": "8",
    "exempt": "6",
    "export": "6",
    "intra_community": "6",
    "small_business": "6",
    "margin_scheme": "7",
    "not_taxable": "5",
}


def test_a_rate_of_zero_has_the_key_of_its_reason(kiosk: Kiosk, tmp_path: Path) -> None:
    """0 % with the names "0 % PV", "export", "innergemeinschaftliche Lieferung": 8, 6, 6."""
    named = [a("Ding", "1.00", taxes=tax("0.00", "0", name)) for name in ZEROS]
    said = [
        a("Ding", "1.00", taxes=tax("0.00", "0", "USt 0 %"), tax_category=category)
        for category in CATEGORIES
    ]
    sale = kiosk.sells(**of(*named, *said))

    found = [key for _, _, key, _ in lines_of(book(kiosk, tmp_path), sale)]
    assert found == [*ZEROS.values(), *CATEGORIES.values()]
    assert sale["line_items"][-1]["tax_category"] == "not_taxable"
    assert "tax_category" not in sale["line_items"][0]


@pytest.mark.parametrize(
    ("members", "code", "place"),
    [
        ({"taxes": tax("0.00", "0", "USt 0 %")}, "REPORTING-TAX-01", "taxes[0].name"),
        ({"taxes": tax("0.00", "0.0000", "VAT")}, "REPORTING-TAX-01", "taxes[0].name"),
        ({"taxes": tax("0.16"), "tax_category": "zero"}, "REPORTING-TAX-02", "tax_category"),
    ],
)
def test_a_rate_of_zero_without_a_reason_is_not_guessed(
    kiosk: Kiosk, members: Json, code: str, place: str
) -> None:
    line = a("Ding", "1.00", **members)
    body = of(line, vat=line["taxes"][0]["tax_amount"])

    error = refusal(kiosk.operation(body), 422, "unprocessable_entity")
    assert [(one["code"], one["path"]) for one in error["details"]["errors"]] == [
        (code, f"line_items[0].{place}")
    ]
    assert "tax_category" in error["message"].lower()


def test_empties_alone_need_no_sale_and_bear_their_rate(kiosk: Kiosk, tmp_path: Path) -> None:
    """Return of empties alone without a reference: PfandRueckzahlung; deposits bear their rate."""
    bottle: Json = {"kind": "deposit", "taxes": tax("-0.04")}
    milk: Json = {"kind": "deposit", "taxes": tax("-0.01", "0.07")}
    empties = [a("Flasche", "-0.25", **bottle), a("Milchflasche", "-0.15", **milk)]
    alone = kiosk.sells(**of(*empties, vat="-0.05", type_="return"))
    gum = a("Kaugummi", "0.10", "0.02")
    more = kiosk.sells(**of(gum, *empties, vat="-0.03"))
    taken = kiosk.sells(**of(a("Flasche", "0.25", "0.04", kind="deposit"), vat="0.04"))

    tables = book(kiosk, tmp_path)
    returned = [
        ("PfandRueckzahlung", "", "1", "-0,25000"),
        ("PfandRueckzahlung", "", "2", "-0,15000"),
    ]
    assert lines_of(tables, alone) == returned
    assert lines_of(tables, more) == [("Umsatz", "", "1", "0,10000"), *returned]
    assert lines_of(tables, taken) == [("Pfand", "", "1", "0,25000")]
    assert tables["references"] == []


def goods_back(total: str, sale: Json, *more: Json, type_: str = "return") -> Json:
    vat = str((Decimal(total) * 19 / 119).quantize(Decimal("0.01")))
    extra = sum((Decimal(line["taxes"][0]["tax_amount"]) for line in more), Decimal(vat))
    return of(
        a("Kuchen", total, vat), *more, vat=str(extra), type_=type_, related_operation_id=sale["id"]
    )


def test_no_more_is_given_back_than_was_sold(kiosk: Kiosk, tmp_path: Path) -> None:
    """A sale of 100 returned twice, then 50,000 against it: refused, in exchanges as well."""
    sale = kiosk.sells(**of(a("Kuchen", "100.00", "15.97"), vat="15.97"))
    for total in ("-100.01", "-50000.00"):
        error = refusal(kiosk.operation(goods_back(total, sale)), 422, "regime_validation_failed")
        assert "DE-REFERENCE-07" in {one["code"] for one in error["details"]["errors"]}
    kiosk.sells(**goods_back("-60.00", sale))
    first, second = (kiosk.does(goods_back("-40.00", sale)) for _ in range(2))
    kiosk.completes(first)

    late = refusal(kiosk.complete(second), 422, "regime_validation_failed")
    swap = goods_back("-40.00", sale, a("Torte", "40.00", "6.39"), type_="exchange")
    refusal(kiosk.operation(swap), 422, "regime_validation_failed")

    assert places(late) == ["line_items[0].total_amount"]
    kiosk.voids(second)
    assert lines_of(book(kiosk, tmp_path), first) == [("Umsatz", "", "1", "-40,00000")]


def test_the_drawer_is_never_below_zero(kiosk: Kiosk) -> None:
    """A drawer of -999,999 is refused, whatever takes the cash out."""
    out = {"type": "session_cash_adjustment", "reason": "bank_drop"}
    for amount in ("-999999.00", "-100.01"):
        error = refusal(kiosk.operation(out | {"amount": amount}), 422, "regime_validation_failed")
        assert places(error) == ["amount"]
    kiosk.does(out | {"amount": "-90.00"})
    empties = of(
        a("Kisten", "-11.90", kind="deposit", taxes=tax("-1.90")), vat="-1.90", type_="return"
    )
    back = kiosk.does(empties)
    error = refusal(kiosk.complete(back), 422, "regime_validation_failed")
    assert places(error) == ["payments[0].amount"]
    kiosk.sells(**of(a("Tee", "1.90", "0.30"), vat="0.30"))
    kiosk.completes(back)
    pull = kiosk.operation({"type": "session_close", "cash_out_amount": "0.01"})
    assert places(refusal(pull, 422, "regime_validation_failed")) == ["cash_out_amount"]
    short = kiosk.operation({"type": "session_cash_count", "variance": "-0.01"})
    assert places(refusal(short, 422, "regime_validation_failed")) == ["variance"]

    kiosk.counts()
    assert answer(kiosk.closing("shift"), 201)["state"] == "completed"


def test_marked_lines_of_the_other_family_are_not_taxed_like_any_other(kiosk: Kiosk) -> None:
    """A VOUCHER entry, a GIFT, a payment by a SINGLE voucher: 501, never an ordinary taxed line."""
    till = till_of(kiosk.premises, kiosk.caller)
    gift = words.line(percentage="19")
    gift["details"]["purpose"] = "GIFT"
    single = {"type": "VOUCHER", "number": "1234", "kind": "SINGLE", "details": {"amount": "2.46"}}
    sold = words.receipt(words.line(percentage="19"))
    intention = till.intends(uuid_of(kiosk.register))
    before = kiosk.premises.entries()

    for operation in (
        words.receipt(words.line(percentage="19", type="VOUCHER")),
        words.receipt(gift),
        sold | {"payments": [single]},
    ):
        response = till.concludes(operation, intention)
        assert response.status_code == 501, response.text
        assert "DE-VOUCHER-0" in response.text
    assert kiosk.premises.entries() == before
    assert till.sells(sold, intention)["state"] == "COMPLETED"
