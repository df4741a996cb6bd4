"""How keys find their accounts, and what is wrong with a content that somebody wrote."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.accounting import mapping
from fiscus.accounting.mapping import (
    BooksContent,
    Coverage,
    ResolvedAccount,
    faults,
    matching,
    resolve,
    resolver,
)
from fiscus.model.accounts import ChartAccount, ChartRule, ChartTax

SALES = ChartAccount(code="711", name="Vendas", identifier="erp-1")
CASH = ChartAccount(code="11", name="Caixa")
VAT = ChartAccount(code="2433", name="IVA")
IVA23 = ChartTax(code="IVA23", name="IVA 23 %", percentage=Decimal(23), account="2433")


def a_rule(key: str, account: str = "711", **more: str) -> ChartRule:
    return ChartRule(key=key, account=account, **more)


def a_content(*rules: ChartRule, **more: Any) -> BooksContent:
    said: dict[str, Any] = {
        "chart": "SNC",
        "accounts": (SALES, CASH, VAT),
        "taxes": (IVA23,),
        "rules": (a_rule("clearing", "11"), *rules),
        "coverage": Coverage.PER_DOCUMENT,
    }
    return BooksContent(**(said | more))


def account(content: BooksContent, key: str) -> str:
    found = resolve(content, key)
    return found.account.code if found else ""


def places(content: BooksContent, *keys: str) -> dict[str, tuple[str, ...]]:
    return {fault.code: fault.paths for fault in faults(content, keys)}


def test_a_key_finds_its_account_its_tax_and_what_must_be_asked() -> None:
    content = a_content(a_rule("sale/FR/P/PT/NOR", tax="IVA23", doubt="ask"))

    assert resolve(content, "sale/FR/P/PT/NOR") == ResolvedAccount(
        account=SALES, tax=IVA23, doubt="ask"
    )


def test_the_rule_with_the_most_words_counts_wherever_it_stands() -> None:
    rules = (a_rule("sale/*/*", "11"), a_rule("sale/FR/NOR", "2433"), a_rule("sale/FR/*"))

    for order in (rules, rules[::-1]):
        content = a_content(*order)
        assert account(content, "sale/FR/NOR") == "2433"
        assert account(content, "sale/FR/RED") == "711"
        assert account(content, "sale/FS/RED") == "11"


def test_of_as_many_words_those_further_left_count() -> None:
    rules = (a_rule("sale/*/NOR", "11"), a_rule("sale/FR/*", "711"))

    assert account(a_content(*rules), "sale/FR/NOR") == "711"
    assert account(a_content(*rules[::-1]), "sale/FR/NOR") == "711"


@pytest.mark.parametrize("key", ["sale/FR", "sale/FR/NOR/x", "Sale/FR/NOR", "", "payment/NU"])
def test_a_key_that_no_rule_fits_has_no_account(key: str) -> None:
    assert resolve(a_content(a_rule("sale/FR/*")), key) is None


WORD = st.sampled_from(["a", "b", "*"])
PATTERNS = st.lists(st.tuples(WORD, WORD, WORD).map("/".join), unique=True, max_size=12)


@given(PATTERNS, st.randoms(use_true_random=False))
def test_the_order_of_rules_says_nothing(patterns: list[str], random: Any) -> None:
    rules = [a_rule(each) for each in patterns]
    mixed = random.sample(rules, len(rules))

    for key in ("a/a/a", "a/b/a", "b/b/a"):
        assert matching(rules, key) == matching(mixed, key)


def test_an_account_may_be_a_sub_account_by_rate() -> None:
    content = a_content(a_rule("sale/NOR", "711{rate}", tax="IVA23"))

    found = resolve(content, "sale/NOR")

    assert found
    assert found.account == ChartAccount(code="71123", name="Vendas 23 %")
    assert faults(content) == ()


def test_a_sub_account_that_is_listed_is_the_listed_one() -> None:
    own = ChartAccount(code="71123", name="Cafetaria", identifier="erp-7")
    content = a_content(
        a_rule("sale/NOR", "711{rate}", tax="IVA23"), accounts=(SALES, CASH, VAT, own)
    )

    found = resolve(content, "sale/NOR")

    assert found
    assert found.account == own


def test_a_rate_with_decimals_makes_a_number_too() -> None:
    tax = ChartTax(code="T", name="T", percentage=Decimal("7.80"))
    content = a_content(a_rule("sale/x", "711{rate}", tax="T"), taxes=(tax,))

    assert account(content, "sale/x") == "71178"


@pytest.mark.parametrize(
    "rule",
    [
        a_rule("sale/x", "99"),
        a_rule("sale/x", tax="none"),
        a_rule("sale/x", "711{rate}"),
        a_rule("sale/x", "99{rate}", tax="IVA23"),
    ],
)
def test_a_faulty_rule_books_nothing_anywhere(rule: ChartRule) -> None:
    assert resolve(a_content(rule), "sale/x") is None
    assert faults(a_content(rule)) != ()


def test_many_keys_are_looked_up_once_each() -> None:
    resolved = resolver(a_content(a_rule("sale/*")))

    assert resolved("sale/x") == resolve(a_content(a_rule("sale/*")), "sale/x")
    assert resolved("sale/x") is resolved("sale/x")
    assert resolved("none") is None


def test_a_sound_content_has_no_faults() -> None:
    assert faults(a_content(a_rule("sale/*", tax="IVA23")), ("sale",)) == ()


def test_all_faults_of_a_content_come_at_once_with_their_places() -> None:
    content = a_content(
        a_rule("sale//x"),
        a_rule("case/x"),
        a_rule("sale/x", "99", tax="IVA6"),
        a_rule("sale/y", "711{rate}"),
        a_rule("sale/y"),
        chart=" ",
        accounts=(SALES, CASH, VAT, SALES, ChartAccount(code="7 1", name="x")),
        taxes=(IVA23, ChartTax(code="T", name="T", percentage=Decimal(101), account="98")),
        types={"sale": "sold", "sold": "refund", "payment": "fee"},
        expires_in=59,
        formats={"datev-extf": {"consultant": "1001", "client": "a\nb"}},
    )

    assert places(content, "sale") == {
        mapping.BAD_ACCOUNT.id: ("accounts[4] 7 1",),
        mapping.BAD_TAX.id: ("taxes[1] T",),
        mapping.TWICE.id: ("accounts[3] 711", "rules[5] sale/y"),
        mapping.BAD_KEY.id: ("rules[1].key sale//x",),
        mapping.UNKNOWN_KEY.id: ("rules[2].key case/x",),
        mapping.UNKNOWN_ACCOUNT.id: ("taxes[1].account 98", "rules[3].account 99"),
        mapping.UNKNOWN_TAX.id: ("rules[3].tax IVA6",),
        mapping.NO_RATE.id: ("rules[4].tax",),
        mapping.BAD_TYPE.id: ("types.sale sold", "types.sold refund"),
        mapping.BAD_EXPIRY.id: ("expires_in 59",),
        mapping.BAD_SETTING.id: ("formats.datev-extf.client",),
        mapping.NO_CHART_NAME.id: ("chart",),
    }


def test_books_have_a_clearing_account() -> None:
    assert places(a_content(rules=(a_rule("sale/x"),))) == {mapping.NO_CLEARING.id: ("rules",)}


@pytest.mark.parametrize(("seconds", "is_sound"), [(59, False), (60, True), (604_800, True)])
def test_a_job_lives_between_a_minute_and_a_week(seconds: int, is_sound: bool) -> None:
    assert (faults(a_content(expires_in=seconds)) == ()) is is_sound
    assert faults(a_content(expires_in=604_801)) != ()


@pytest.mark.parametrize(("key", "is_sound"), [("", True), ("0003", True), ("3", False)])
def test_a_posting_key_has_four_digits(key: str, is_sound: bool) -> None:
    tax = msgspec.structs.replace(IVA23, posting_key=key)

    assert (faults(a_content(taxes=(tax,))) == ()) is is_sound


@pytest.mark.parametrize("text", ["", " ", "a\nb", "x" * 201])
def test_names_and_doubts_are_one_line(text: str) -> None:
    named = msgspec.structs.replace(SALES, name=text)
    assert places(a_content(accounts=(named, CASH, VAT))) == {
        mapping.BAD_ACCOUNT.id: ("accounts[0] 711",)
    }
    is_sound = faults(a_content(a_rule("sale/x", doubt=text))) == ()
    assert is_sound is (text.strip() == "")


@pytest.mark.parametrize("word", ["a b", "a{b", "", "**", "x" * 61])
def test_a_word_of_a_key_has_no_blanks_and_no_braces(word: str) -> None:
    assert places(a_content(a_rule(f"sale/{word}"))) == {
        mapping.BAD_KEY.id: (f"rules[1].key sale/{word}",)
    }


def test_entries_are_shown_with_types_that_programs_know_or_as_the_company_says() -> None:
    content = a_content(types={"payment": "wallet_unload"})

    assert content.published("sale") == "refund"
    assert content.published("sale_return") == "card_purchase"
    assert content.published("payment") == "wallet_unload"
    assert content.published("rent") == ""
