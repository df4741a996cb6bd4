from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fiscus.accounting import frozen
from fiscus.accounting.entries import AccountingEntry, EntryLine
from fiscus.accounting.entry_rows import line_id
from fiscus.accounting.frozen import FrozenItem
from fiscus.accounting.mapping import BooksContent, Coverage
from fiscus.accounting.states import ItemFailure
from fiscus.accounting.tests.exporting import a_line, an_entry
from fiscus.model.accounts import ChartAccount, ChartRule, ChartTax
from fiscus.model.booked import BookedTax
from fiscus.registry.tests.builders import an_id

COMPANY, ORGANIZATION = an_id(), an_id()
REVENUE, CARD = "case/Umsatz/19", "payment/ECKarte"


def books(**more: Any) -> BooksContent:
    said: dict[str, Any] = {
        "chart": "OWN",
        "accounts": (
            ChartAccount(code="8400", name="Erlöse 19 %", is_automatic=True),
            ChartAccount(code="8000", name="Erlöse"),
            ChartAccount(code="1776", name="Umsatzsteuer 19 %"),
            ChartAccount(code="1361", name="Karten", identifier="card"),
            ChartAccount(code="1371", name="Verrechnung"),
        ),
        "taxes": (
            ChartTax(
                code="USt19",
                name="USt 19 %",
                percentage=Decimal(19),
                account="1776",
                posting_key="0003",
            ),
            ChartTax(code="USt7", name="USt 7 %", percentage=Decimal(7)),
        ),
        "rules": (
            ChartRule(key=REVENUE, account="8400", tax="USt19"),
            ChartRule(key=CARD, account="1361", doubt="create it"),
            ChartRule(key="clearing", account="1371"),
            ChartRule(key="automatic", account="8400"),
            ChartRule(key="untaxed", account="8000"),
            ChartRule(key="other_rate", account="8000", tax="USt7"),
        ),
        "coverage": Coverage.PER_CLOSING,
    }
    return BooksContent(**{**said, **more})


def an_own_entry(*lines: EntryLine, **more: Any) -> AccountingEntry:
    return an_entry(COMPANY, ORGANIZATION, *lines, **more)


def frozen_line(line: EntryLine, content: BooksContent | None = None) -> FrozenItem:
    return frozen.freeze(an_own_entry(line), content or books())


def test_an_entry_is_frozen_with_its_accounts_and_the_tax_as_it_was_sealed() -> None:
    entry = an_own_entry(a_line("-119.01", "-19.00", REVENUE, text="drinks"))

    item = frozen.freeze(entry, books())

    booked = item.booked
    assert item.is_complete
    assert item.has_contra
    assert (booked.id, booked.day, booked.reference) == (entry.id, entry.day, "Z1")
    assert (booked.contra, booked.currency, booked.sub_type) == ("1371", "EUR", "sale")
    line = booked.lines[0]
    assert line.id == line_id(entry.id, 0)
    assert (line.account, line.amount, line.net) == (
        "8400",
        Decimal("-119.01"),
        Decimal("-100.01"),
    )
    assert line.text == "drinks"
    assert line.tax == BookedTax(
        code="USt19",
        percentage=Decimal(19),
        amount=Decimal("-19.00"),
        account="1776",
        posting_key="0003",
    )
    assert {code: account.name for code, account in item.accounts.items()} == {
        "1371": "Verrechnung",
        "8400": "Erlöse 19 %",
        "1776": "Umsatzsteuer 19 %",
    }
    assert (item.type, item.method, item.performed_at) == (
        "refund",
        "journal",
        entry.performed_at,
    )


def test_a_frozen_item_is_read_as_it_was_written() -> None:
    item = frozen_line(a_line(key="unheard"))
    written = msgspec.json.encode(item)

    assert msgspec.json.decode(written, type=FrozenItem) == item


@pytest.mark.parametrize(
    ("line", "key", "type_", "words"),
    [
        (a_line(key="unheard"), "unheard", ItemFailure.ACCOUNT_UNKNOWN, "add a rule"),
        (
            a_line(key="", account="4711"),
            "4711",
            ItemFailure.ACCOUNT_UNKNOWN,
            "Account 4711 missing",
        ),
        (a_line(key="untaxed"), "untaxed", ItemFailure.TAX_CODE_UNKNOWN, "VAT of 19 %"),
        (a_line(key="other_rate"), "other_rate", ItemFailure.TAX_CODE_UNKNOWN, "USt7"),
        (
            a_line(key="", account="8000", tax_code="no"),
            "8000",
            ItemFailure.TAX_CODE_UNKNOWN,
            "Tax for 8000",
        ),
    ],
    ids=["no rule", "no account", "no tax", "another rate", "unknown tax"],
)
def test_what_cannot_be_booked_is_named_with_what_to_do(
    line: EntryLine, key: str, type_: ItemFailure, words: str
) -> None:
    item = frozen_line(line)

    assert not item.is_complete
    assert [(fault.key, fault.type) for fault in item.faults] == [(key, type_)]
    assert words in item.faults[0].text


@pytest.mark.parametrize(
    "line",
    [
        a_line(key="automatic"),
        a_line("10.00", "0.00", "untaxed"),
        a_line("10.00", "0.00", CARD),
        a_line(key="", account="8000", tax_code="USt19"),
        a_line(key="", account="8000", tax_code="USt7", percentage=Decimal(0)),
    ],
    ids=["automatic", "no VAT", "payment", "named", "named without a rate"],
)
def test_what_can_be_booked_has_no_fault(line: EntryLine) -> None:
    assert frozen_line(line).faults == ()


def test_vat_without_a_tax_of_the_chart_has_the_code_of_the_law() -> None:
    line = frozen_line(a_line(key="automatic")).booked.lines[0]

    assert line.tax == BookedTax(code="1", percentage=Decimal(19), amount=Decimal("-19.00"))


def test_a_named_tax_without_a_rate_has_the_rate_of_the_chart() -> None:
    line = a_line(key="", account="8000", tax_code="USt7", percentage=Decimal(0))

    tax = frozen_line(line).booked.lines[0].tax

    assert tax is not None
    assert tax.percentage == Decimal(7)


def test_a_rate_of_zero_that_the_chart_names_is_kept() -> None:
    content = books(
        taxes=(ChartTax(code="USt0", name="0 %", percentage=Decimal(0)),),
        rules=(
            ChartRule(key="zero", account="8000", tax="USt0"),
            ChartRule(key="clearing", account="1371"),
        ),
    )

    tax = frozen_line(a_line("-10.00", "0.00", "zero"), content).booked.lines[0].tax

    assert tax == BookedTax(code="USt0", percentage=Decimal(0), amount=Decimal("0.00"))


def test_without_a_clearing_account_the_contra_is_missing_and_named() -> None:
    content = books(rules=(ChartRule(key=REVENUE, account="8400", tax="USt19"),))

    item = frozen_line(a_line(), content)

    assert not item.has_contra
    assert [fault.key for fault in item.faults] == ["clearing"]
    assert item.booked.lines[0].account == "8400"


def test_the_same_fault_of_several_lines_is_told_once() -> None:
    entry = an_own_entry(a_line(key="unheard"), a_line(key="unheard"), a_line(key="other"))

    assert [fault.key for fault in frozen.freeze(entry, books()).faults] == ["unheard", "other"]


def test_what_the_accountant_must_be_asked_is_a_warning() -> None:
    entry = an_own_entry(a_line("10.00", "0.00", CARD), a_line("5.00", "0.00", CARD))

    item, warnings = frozen.freezer(books())(entry)

    assert item.is_complete
    assert [(one.field, one.written) for one in warnings] == [(CARD, "1361")]
    assert warnings[0].text.endswith(": create it")


@pytest.mark.parametrize(
    ("more", "type_"),
    [
        ({"sub_type": "sale"}, "refund"),
        ({"sub_type": "sale_return"}, "card_purchase"),
        ({"sub_type": "sale", "type": "fee"}, "fee"),
        ({"sub_type": "rent", "amount": Decimal("10.00")}, "card_purchase"),
        ({"sub_type": "rent", "amount": Decimal("-10.00")}, "refund"),
    ],
    ids=str,
)
def test_an_entry_is_published_as_its_caller_or_the_mapping_says_else_by_its_sign(
    more: dict[str, Any], type_: str
) -> None:
    assert frozen.freeze(an_own_entry(a_line(), **more), books()).type == type_


def test_a_rule_with_a_rate_freezes_the_sub_account() -> None:
    content = books(
        rules=(
            ChartRule(key=REVENUE, account="8000{rate}", tax="USt19"),
            ChartRule(key="clearing", account="1371"),
        )
    )

    item = frozen_line(a_line(), content)

    assert item.booked.lines[0].account == "800019"
    assert item.accounts["800019"].name == "Erlöse 19 %"
