"""Rows as entries state them: every column, secrets by their hash, and nothing that is computed."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import Engine, Table

from fiscus.journal import stated
from fiscus.model.records import StatedRow
from fiscus.registry.tests.builders import an_organization
from fiscus.store.connect import writing
from fiscus.store.schema import (
    CLAIM,
    FROZEN,
    LABEL,
    METADATA,
    ORGANIZATION,
    SERIES,
    SETTING_KEY,
    SUBJECT,
)

WHOLE: dict[str, Any] = {
    "name": "token",
    "kind": "softkey",
    "generation": 2,
    "secret": b"\x00closed",
    "public_pem": "PEM",
    "certificate_pem": "",
    "created_at": "2026-05-04T08:15:01.250000Z",
}


def test_a_row_is_read_as_it_stands_and_as_gone_when_it_is(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = an_organization(tx)
        found = stated.read(tx, ORGANIZATION, unit)
        gone = stated.read(tx, LABEL, unit)

    assert (found.table, found.key) == ("organization", unit)
    assert found.row is not None
    assert set(found.row) == set(ORGANIZATION.columns.keys())
    assert (found.row["id"], found.row["name"]) == (unit, "Padaria")
    assert gone == StatedRow(table="label", key=unit, row=None)


@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_the_bytes_of_a_secret_are_stated_by_their_hash(kind: type) -> None:
    """One driver gives bytes, another a view of them."""
    found = stated.of(SETTING_KEY, "token", {**WHOLE, "secret": kind(b"\x00closed")})

    digest = hashlib.sha256(b"\x00closed").hexdigest()
    assert found == StatedRow(
        table="setting_key", key="token", row={**WHOLE, "secret": f"sha256:{digest}"}
    )


def test_what_follows_from_entries_or_is_work_is_left_out() -> None:
    row = dict.fromkeys(SERIES.columns.keys(), "x")

    assert set(stated.stated_values(SERIES, row)) == {
        "id",
        "owner",
        "taxpayer",
        "location",
        "document_type",
        "name",
        "folded",
        "is_training",
        "state",
        "validation_code",
        "created_at",
        "asked_at",
        "starts_on",
        "purpose",
        "registered_on",
        "last_told",
        "ordered_at",
        "ended_at",
    }


def test_the_hash_of_a_secret_is_a_secret_itself() -> None:
    row = {"id": "s", "secret_hash": "aa", "previous_hash": None, "name": "aa"}

    found = stated.of(SUBJECT, "s", row).row

    assert found is not None
    assert found["secret_hash"] == f"sha256:{hashlib.sha256(b'aa').hexdigest()}"
    assert (found["previous_hash"], found["name"]) == (None, "aa")


def test_a_column_that_is_not_said_is_stated_as_empty() -> None:
    assert stated.of(LABEL, "e", {"entry": "e"}).row == {"entry": "e", "metadata": None}


def test_a_value_that_json_would_not_keep_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError):
        stated.of(LABEL, "e", {"entry": "e", "metadata": 1.5})


@pytest.mark.parametrize(
    "table", [table for table in METADATA.sorted_tables if LABEL is table or table is SETTING_KEY]
)
def test_a_row_is_named_by_its_primary_key(table: Table) -> None:
    assert stated.key_of(table).primary_key


@pytest.mark.parametrize("table", [FROZEN, CLAIM], ids=str)
def test_a_key_of_several_columns_names_no_row(table: Table) -> None:
    with pytest.raises(ValueError, match="unpack"):
        stated.key_of(table)
