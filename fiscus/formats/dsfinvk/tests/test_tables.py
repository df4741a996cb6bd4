import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from fiscus.formats.dsfinvk.tables import words
from fiscus.formats.dsfinvk.tables.all_tables import BY_FILE, TABLES
from fiscus.formats.dsfinvk.tables.columns import Column, TableLayout
from fiscus.regimes.de import taxes


@pytest.fixture(scope="module")
def facts(shared_data: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(
        (shared_data / "de/dsfinvk_tables.json").read_bytes()
    )
    return found


def of_column(column: Column) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": "alphanumeric", "max_length": column.length}
    if column.places is not None:
        kind = {"type": "numeric", "accuracy": column.places}
    return kind | {
        "name": column.name,
        "required": column.need.value,
        "description_de": column.description,
    }


def of_table(table: TableLayout) -> dict[str, Any]:
    return {
        "file": table.file,
        "name": table.name,
        "logical_key": list(table.key),
        "columns": [of_column(column) for column in table.all],
    }


def test_there_are_twenty_tables_with_219_columns():
    assert len(TABLES) == 20
    assert sum(len(table.all) for table in TABLES) == 219


def test_the_declared_tables_are_those_of_the_facts(facts):
    columns = ("name", "type", "max_length", "accuracy", "required", "description_de")
    stated = [
        {name: table[name] for name in ("file", "name", "logical_key")}
        | {
            "columns": [
                {name: column[name] for name in columns if name in column}
                for column in table["columns"]
            ]
        }
        for table in facts["tables"]
    ]

    assert [of_table(table) for table in TABLES] == stated


@pytest.mark.parametrize("version", ["2.2", "2.3"])
def test_the_declared_tables_are_those_of_the_official_index(shared_data, version):
    """Version 2.2 differs in one number: terminals had shorter serial numbers."""
    path = shared_data / f"de/index_xml/index_dsfinvk_{version}_bzst.xml"
    tree = etree.parse(path, etree.XMLParser(load_dtd=False, no_network=True))
    ours = [[of_index(column) for column in table.all] for table in TABLES]

    official = [
        [of_element(column) for column in table.iter("VariableColumn")]
        for table in tree.iter("Table")
    ]

    differences = [
        (mine, theirs)
        for mine_all, theirs_all in zip(ours, official, strict=True)
        for mine, theirs in zip(mine_all, theirs_all, strict=True)
        if mine != theirs
    ]
    assert [mine[0] for mine, _ in differences] == (["TERMINAL_SERIENNR"] * (version == "2.2"))
    names = [(table.findtext("URL"), table.findtext("Name")) for table in tree.iter("Table")]
    assert names == [(table.file, table.name) for table in TABLES]


def of_index(column: Column) -> tuple[str, str, str]:
    size = f"A{column.length}" if column.places is None else f"N{column.places}"
    return column.name, column.description, size


def of_element(element: Any) -> tuple[str, str, str]:
    if element.find("AlphaNumeric") is not None:
        size = f"A{element.findtext('MaxLength')}"
    else:
        size = f"N{element.findtext('Numeric/Accuracy') or 0}"
    return element.findtext("Name"), element.findtext("Description"), size


@pytest.mark.parametrize(
    ("ours", "name"),
    [
        (words.RECEIPTS, "bon_typ"),
        (words.BUSINESS_CASES, "gv_typ"),
        (words.CASH_CASES, "gv_typ_cash_only"),
        (words.UNTAXED_CASES, "gv_typ_vat_key_5"),
        (words.PAYMENTS, "zahlart_typ"),
        (words.REFERENCES, "ref_typ"),
        (words.PRICE_PARTS, "itemamounts_typ"),
        (words.SIGNATURE_ALGORITHMS, "tse_sig_algo"),
        (words.TIME_FORMATS, "tse_zeitformat"),
        (words.ENCODINGS, "tse_pd_encoding"),
        (words.PROCESS_TYPES, "process_type"),
    ],
)
def test_the_words_are_those_of_the_facts(facts, ours, name):
    assert ours == set(facts["enums"][name])


def test_the_vat_keys_are_those_of_the_facts(facts):
    for fact in facts["vat_keys"]:
        if "key" in fact:
            assert taxes.slot(fact["key"]) == fact["slot"]
            assert any(
                f"{rate.percentage:.2f}".replace(".", ",") == fact["rate"]
                for rate in taxes.RATES
                if rate.key == fact["key"]
            )
    assert {rate.key for rate in taxes.RATES} == {
        fact["key"] for fact in facts["vat_keys"] if "key" in fact
    }


def test_every_key_names_columns_of_its_table():
    for table in TABLES:
        assert set(table.key) <= set(table.header)


def test_tables_are_found_by_file():
    assert BY_FILE["lines.csv"].name == "Bonpos"
    assert all(re.fullmatch(r"[a-z_]+\.csv", file) for file in BY_FILE)
