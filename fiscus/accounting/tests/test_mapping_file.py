"""A mapping leaves as a file and comes back, the same or changed by an accountant."""

import msgspec
import pytest

from fiscus.accounting import mapping_file
from fiscus.accounting.mapping import faults
from fiscus.accounting.mapping_file import as_json, as_table, read
from fiscus.accounting.tests.test_mapping import CASH, SALES, VAT, a_content, a_rule
from fiscus.model.accounts import ChartAccount
from fiscus.model.faults import Refused

CONTENT = a_content(
    a_rule("sale/x", "711{rate}", tax="IVA23", doubt="own; or bought?"),
    a_rule("payment/NU", "11"),
    types={"payment": "fee"},
    formats={"datev-extf": {"consultant": "1001"}},
)


def refused(data: str | bytes) -> dict[str, tuple[str, ...]]:
    with pytest.raises(Refused) as caught:
        read(data if isinstance(data, bytes) else data.encode(), CONTENT)
    return {fault.code: fault.paths for fault in caught.value.faults}


def test_the_whole_content_comes_back_from_json() -> None:
    assert read(as_json(CONTENT).encode()) == CONTENT


def test_the_rules_come_back_from_a_table() -> None:
    assert read(as_table(CONTENT).encode(), CONTENT) == CONTENT


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_replaces_all_rules_and_adds_accounts_that_it_names(encoding: str) -> None:
    table = "Key;Account;Name;Tax\r\nsale/x;712{rate};Própria;IVA23\r\n\r\nclearing;11\r\n"

    found = read(table.encode(encoding), CONTENT)

    assert [each.key for each in found.rules] == ["sale/x", "clearing"]
    assert found.accounts == (SALES, CASH, VAT, ChartAccount(code="712", name="Própria"))
    assert faults(found) == ()
    assert msgspec.structs.replace(found, rules=(), accounts=()) == msgspec.structs.replace(
        CONTENT, rules=(), accounts=()
    )


def test_a_table_with_commas_is_read_too() -> None:
    assert read(b'account,key\n11,"payment/NU"\n', CONTENT).rules == (a_rule("payment/NU", "11"),)


def test_all_lines_that_cannot_be_read_are_named() -> None:
    assert refused("key;account\nsale/x\n;11\nsale/y;11;x\nsale/z;11\n") == {
        mapping_file.BAD_LINE.id: ("line 2", "line 3", "line 4")
    }


@pytest.mark.parametrize("head", ["key;konto", "account", "key;account;key", "", "key;account;x"])
def test_a_table_names_its_columns(head: str) -> None:
    assert list(refused(f"{head}\nsale/x;11\n")) == [mapping_file.BAD_TABLE.id]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"chart": 1}', "chart Expected `str`, got `int`"),
        ('{"x": 1}', " Object contains unknown field `x`"),
        ("{", "Input data was truncated"),
    ],
)
def test_json_that_is_no_content_is_refused_with_the_place(text: str, path: str) -> None:
    (found,) = refused(text)[mapping_file.BAD_JSON.id]

    assert found.strip().startswith(path.strip())


def test_a_table_alone_is_no_content() -> None:
    with pytest.raises(Refused) as caught:
        read(b"key;account\nsale/x;11\n")
    assert caught.value.code == mapping_file.TABLE_ALONE


def test_a_file_that_is_no_text_or_too_large_is_refused() -> None:
    assert list(refused(b"\x81\x8d")) == [mapping_file.BAD_TEXT.id]
    assert list(refused(b" " * (mapping_file.BYTES_MAX + 1))) == [mapping_file.TOO_LARGE.id]
