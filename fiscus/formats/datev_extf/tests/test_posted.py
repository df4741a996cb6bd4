"""Which bookings a line becomes, and when its VAT would be on no account."""

from decimal import Decimal

import pytest

from fiscus.formats.datev_extf.posted import (
    PostingRules,
    automatic_codes,
    lacks_tax_account,
    posted,
)
from fiscus.formats.datev_extf.tests.bookings import ACCOUNTS, a_line, a_tax
from fiscus.model.booked import BookedTax

ON = PostingRules(automatic=automatic_codes(ACCOUNTS.values()))
OFF = PostingRules(automatic=ON.automatic, is_automatic_off=True)


def test_only_automatic_accounts_take_vat_out() -> None:
    assert ON.automatic == {"8300", "8400"}


@pytest.mark.parametrize(
    ("account", "tax", "rules", "found"),
    [
        ("8400", a_tax(), ON, [("8400", "-119.00", "")]),
        ("8400", None, ON, [("8400", "-119.00", "0040")]),
        ("8400", a_tax(account="1776"), OFF, [("8400", "-100.00", "0040"), ("1776", "-19.00", "")]),
        ("8200", a_tax(posting_key="3"), ON, [("8200", "-119.00", "0003")]),
        ("8200", a_tax(account="1776"), ON, [("8200", "-100.00", ""), ("1776", "-19.00", "")]),
        ("8200", a_tax(amount="0.00"), ON, [("8200", "-119.00", "")]),
        ("8200", a_tax(amount="-119.00", account="1776"), ON, [("1776", "-119.00", "")]),
    ],
)
def test_a_line_is_gross_where_datev_takes_the_vat_out_else_in_two_parts(
    account: str, tax: BookedTax | None, rules: PostingRules, found: list[tuple[str, str, str]]
) -> None:
    bookings = posted(a_line(account, tax=tax), rules)

    assert [(one.account, one.amount, one.key) for one in bookings] == [
        (account, Decimal(amount), key) for account, amount, key in found
    ]
    assert len({one.id for one in bookings}) == len(bookings)
    assert not lacks_tax_account(a_line(account, tax=tax), rules)


def test_a_line_of_nothing_is_no_booking() -> None:
    assert posted(a_line("8200", "0.00"), ON) == []


def test_vat_apart_without_an_account_is_on_none() -> None:
    assert lacks_tax_account(a_line("8200", tax=a_tax()), ON)
    assert lacks_tax_account(a_line("8400", tax=a_tax()), OFF)
    assert not lacks_tax_account(a_line("", tax=a_tax(posting_key="0003")), ON)
