"""The checker accepts what others wrote well, and names each fault with its line."""

from pathlib import Path

import pytest

from fiscus.formats.plain_text.check import check_beancount, check_ledger

HEAD = "2026-01-01 open Assets:Cash\n2026-01-01 open Income:1 EUR\n"


def found(folder: Path, text: str | bytes) -> dict[str, tuple[str, ...]]:
    path = folder / "a.beancount"
    path.write_bytes(text if isinstance(text, bytes) else (HEAD + text).encode())
    return {one.code: one.paths for one in check_beancount(path, {})}


def sale(*postings: str, day: str = "2026-03-05") -> str:
    return "".join(f"{line}\n" for line in (f'{day} * "x"', *(f"  {one}" for one in postings)))


def test_a_sample_of_beancount_has_no_fault(shared_data: Path) -> None:
    assert check_beancount(shared_data / "export/own_sample_journal.beancount", {}) == ()


def test_a_sample_of_ledger_declares_no_accounts(shared_data: Path) -> None:
    faults = check_ledger(shared_data / "export/own_sample_journal.ledger", {})

    assert [(one.code, one.paths) for one in faults] == [
        (
            "PLAIN-NAME-02",
            (
                "line 3: Expenses:Office",
                "line 4: Assets:VAT:Input",
                "line 5: Assets:Clearing:Card",
            ),
        )
    ]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (
            sale("Assets:Cash  1.00 EUR", "Income:1  -0.99 EUR"),
            "PLAIN-SUM-01",
            "line 3: 0.01 EUR",
        ),
        (
            sale("Assets:Cash  1.190,00 EUR", "Income:1  -1190.00 EUR"),
            "PLAIN-AMOUNT-01",
            "line 4: 1.190,00 EUR",
        ),
        (
            sale("Assets:Cash  1 EUR", "Income:Erlöse_19  -1 EUR")
            + "2026-01-01 open Income:Erlöse_19",
            "PLAIN-NAME-01",
            None,
        ),
        (sale("Assets:Cash  1 EUR", "Income  -1 EUR"), "PLAIN-NAME-01", "line 5: Income  -1 EUR"),
        (
            sale("Assets:Cash  1 EUR", "Income:2  -1 EUR"),
            "PLAIN-NAME-02",
            "line 5: Income:2",
        ),
        (
            sale("Assets:Cash  1 EUR", "Income:1", day="2026-02-30"),
            "PLAIN-DATE-01",
            "line 3: 2026-02-30",
        ),
        (sale("Assets:Cash  0 EUR"), "PLAIN-SUM-02", "line 3"),
        ("2026-01-01 pad Assets:Cash Income:1\n", "PLAIN-LINE-01", None),
        (
            sale("Assets:Cash  1 EUR @ 1.1 USD", "Income:1"),
            "PLAIN-LINE-01",
            "line 4: Assets:Cash  1 EUR @ 1.1 USD",
        ),
    ],
)
def test_a_fault_is_named_with_its_line(
    text: str, code: str, place: str | None, tmp_path: Path
) -> None:
    faults = found(tmp_path, text)

    assert list(faults) == [code]
    assert place is None or faults[code] == (place,)


def test_an_amount_that_is_left_out_balances(tmp_path: Path) -> None:
    assert found(tmp_path, sale("Assets:Cash  1 EUR", "Income:1")) == {}


def test_other_encodings_are_named(tmp_path: Path) -> None:
    assert found(tmp_path, b"; caf\xe9\n") == {"PLAIN-FILE-01": ("line 1",)}
