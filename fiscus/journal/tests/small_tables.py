"""The tables of a journal of format 2, as the tests write them: without any constraint, because
damage must be found by reading, not by writing."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

COLUMNS: Mapping[str, str] = {
    "entry": "id chain epoch:i sequence:i kind body:b encoding:i digest link key signature at "
    "organization taxpayer location intent refers series number:i day document_type is_training:i "
    "thing version:i",
    "checkpoint": "epoch:i size:i root at note",
    "leaf_run": "epoch:i start:i chain chain_epoch:i first:i last:i",
    "tile": "epoch:i level:i index:i hashes:b",
    "cosignature": "epoch:i size:i witness line at received_at",
    "witness": "name url",
    "chain": "id class organization epoch:i sequence:i link entry at covered:i z:i closed:i outage",
    "claim": "scope key digest taker created_at expires_at entry metadata status:i answer",
    "organization": "id parent type name metadata created_at updated_at receipts",
    "taxpayer": "id version:i organization regime state mode content details secrets:b "
    "secrets_generation:i metadata created_at updated_at link sole_number",
    "location": "id version:i organization taxpayer is_head_office:i state mode content details "
    "metadata created_at updated_at link",
    "register": "id version:i organization taxpayer location state mode content details metadata "
    "created_at updated_at link",
    "subject": "id organization name key role systems state version:i generation:i secret_hash "
    "previous_hash previous_until metadata created_at",
    "register_key": "register kind generation:i serial expires_at public_pem certificate_pem "
    "secret:b",
    "setting_key": "name kind generation:i secret:b public_pem certificate_pem created_at",
    "data_key": "scope wrapped:b",
    "device": "id organization kind family info usable_until secret:b generation:i created_at",
    "fitting": "device register organization client state reason error fitted_at released_at "
    "told_at",
    "series": "id owner taxpayer location document_type name folded is_training:i state "
    "validation_code number:i carried last_record last_day last_at created_at asked_at starts_on "
    "holder held_until link purpose registered_on last_told:i ordered_at ended_at said said_at "
    "attempts:i",
    "session": "id register organization state currency opening variance opened_at counted_at "
    "closed_at opened_by counted_by closed_by",
    "closing": "id organization taxpayer register type is_sealed:i number:i last_z:i "
    "first_sequence:i last_sequence:i since until day session",
    "bookkeeping": "id version:i organization content created_at updated_at link",
    "webhook_subscription": "id version:i organization company endpoint_url event_types status "
    "secrets:b previous_until created_at updated_at deleted_at deleted_by link",
    "person": "id version:i organization code name language role state metadata created_at",
    "console_session": "id version:i organization kind subject generation:i role first_day "
    "last_day secret_hash created_at opened_at expires_at ended_at",
    "declaration": "id organization taxpayer month type reference latecomers:i declared_at "
    "declared_by ended_at ended_by reason",
    "label": "entry metadata",
    "frozen": "taxpayer product description",
    "task": "id kind payload due_at attempts:i error",
    "signing": "intent register state",
    "obligation": "id organization record kind state reference",
    "report_pause": "taxpayer channel since",
    "file": "id organization type state",
    "followed": "reader chain epoch:i sequence:i",
    "accounting_entry": "id company organization record part",
    "accounted": "record entry",
    "entry_shape": "id company lines",
    "export_job": "id company organization target status",
    "export_job_item": "job position:i entry status",
    "export_job_register": "job register",
    "webhook_event": "id organization company type subject at",
    "webhook_delivery": "id event subscription status attempts:i",
    "document_index": "id organization register day number words marks:i",
    "sales_total": "register day hour:i about key currency count:i",
}
TYPES = {"i": "INTEGER", "b": "BLOB", "": "TEXT"}


def names(table: str) -> list[str]:
    return [word.partition(":")[0] for word in COLUMNS[table].split()]


def write_file(tables: Tables, path: Path) -> Path:
    """A SQLite file with these rows."""
    with closing(sqlite3.connect(path)) as database:
        write_tables(tables, database)
    return path


def write_tables(tables: Tables, database: sqlite3.Connection) -> None:
    with database:
        for table, words in COLUMNS.items():
            columns = (word.partition(":") for word in words.split())
            spelled = ", ".join(f'"{name}" {TYPES[kind]}' for name, _, kind in columns)
            database.execute(f'CREATE TABLE "{table}" ({spelled})')
            insert(database, table, tables.get(table, []))
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("CREATE INDEX entry_place ON entry (chain, epoch, sequence)")
        database.execute("CREATE INDEX entry_thing ON entry (thing, version, kind)")
        database.execute("CREATE INDEX entry_number ON entry (series, number)")
        database.execute("CREATE INDEX entry_id ON entry (id)")
        database.execute("CREATE INDEX claim_entry ON claim (entry)")


def insert(database: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Rows as they are: damaged texts keep their bytes."""
    for row in rows:
        columns = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(
            "CAST(? AS TEXT)" if isinstance(one, str) else "?" for one in row.values()
        )
        values = [stored(value) for value in row.values()]
        database.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', values)


def stored(value: Any) -> Any:
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
