"""Names of accounts are valid, tell their kind, and are never shared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.formats.plain_text.check import _is_part
from fiscus.formats.plain_text.names import AccountNames, component
from fiscus.model.accounts import ChartAccount


def names(chart: str = "SKR03", roots: str = "", **accounts: str) -> AccountNames:
    known = {code: ChartAccount(code=code, name=name) for code, name in accounts.items()}
    return AccountNames(known, chart, {"roots": roots})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("8400 Erlöse_19", "8400-Erlöse-19"),
        ("Income", "Income"),
        ("1776 Umsatzsteuer 19 %", "1776-Umsatzsteuer-19"),
        ("abc", "X-abc"),
        ("☕", "X"),
        ("ª", "X-ª"),
    ],
)
def test_a_component_begins_with_a_capital_or_a_digit_and_has_no_blank(
    text: str, found: str
) -> None:
    assert component(text) == found


@given(st.text())
def test_any_text_gives_a_component(text: str) -> None:
    assert _is_part(component(text))


@pytest.mark.parametrize(
    ("chart", "code", "name"),
    [
        ("SKR03", "8400", "Income:8400"),
        ("SKR03", "1776", "Liabilities:1776"),
        ("SKR03", "1000", "Assets:1000"),
        ("SKR03", "1890", "Equity:1890"),
        ("SKR04", "4400", "Income:4400"),
        ("SKR04", "7100", "Income:7100"),
        ("SNC", "2111", "Assets:2111"),
        ("SNC", "2433", "Liabilities:2433"),
        ("SNC", "711", "Income:711"),
        ("Eigener", "8400", "Assets:8400"),
    ],
)
def test_the_kind_of_an_account_is_told_by_the_chart(chart: str, code: str, name: str) -> None:
    assert names(chart).of(code) == name


def test_the_longest_beginning_that_was_set_counts() -> None:
    found = names(roots="1=Equity 13=Liabilities 8=Expenses")

    assert [found.of(code) for code in ("1000", "1361", "8400", "0400")] == [
        "Equity:1000",
        "Liabilities:1361",
        "Expenses:8400",
        "Assets:0400",
    ]


def test_two_codes_never_share_a_name() -> None:
    accounts = {code: ChartAccount(code=code, name="x") for code in ("1.1", "1-1", "1 1")}

    assert sorted(AccountNames(accounts, "", {})) == [
        "Assets:1-1-x",
        "Assets:1-1-x-2",
        "Assets:1-1-x-3",
    ]
