"""Shows a database as it is kept: every table, every column, bodies as they lie there.

Ids are named after the row they are the key of, so that one more row moves few names; what is
random (signatures, certificates, secrets) has a placeholder. Text in JSON is opened only if it is
written in the one compact way, members in their order: else it is shown as the text it is.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select

from fiscus.journal import chain
from fiscus.store.schema import CHAIN, ENTRY, METADATA, ORGANIZATION, REGISTER
from tests.answers.masks import PLACEHOLDER, Masks

Json = Any
Row = Mapping[str, Any]

FIRST_LINK = "0" * 64
UNREADABLE = "<bytes>"
SAME_END = "5A5A5A"
"""The last digits of every time-ordered id in the history."""
ROOT = re.compile(r'("checkpoint_root":")[^"]{16}')
TIMES = ("at", "created_at", "fitted_at", "since")
VISIBLE = {("claim", "digest")}
"""Made of nothing but what was asked, and ids that are the same each time."""
HIDDEN = {("file", "bytes")}
"""How small a file gets is the affair of whoever squeezes it."""


def shown(tx: Connection, *tables: str) -> str:
    """The tables of these names, or all, in the order of the alphabet; one JSON document."""
    rows = {table.name: _rows(tx, table) for table in METADATA.tables.values()}
    # What Portuguese law signs is the same each time, for its key is.
    masks = Masks(names=_names(rows), kept=_carried(rows["entry"]) | {SAME_END})
    wanted = {name: rows[name] for name in sorted(tables or rows)}
    found: dict[str, Json] = {
        name: [_row(name, row, masks) for row in of_table] for name, of_table in wanted.items()
    }
    if not tables:
        found["links of the entries as they are shown"] = _links(rows["entry"], masks)
    return json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n"


def _rows(tx: Connection, table: Table) -> list[Row]:
    """In the order in which they came to be; entries register by register."""
    found: list[Row] = [dict(row._mapping) for row in tx.execute(select(table))]
    if table in (ENTRY, CHAIN):
        born = _born(tx)
        chain_of = "chain" if table is ENTRY else "id"
        return sorted(found, key=lambda row: (born.index(row[chain_of]), row["sequence"]))
    times = [name for name in TIMES if name in table.columns]
    return sorted(found, key=lambda row: ([row[name] or "" for name in times], repr(row)))


def _born(tx: Connection) -> list[str]:
    """The chains: the installation's, organizations' and registers' in the order of creation."""
    first = [row.id for row in tx.execute(select(CHAIN.c.id).where(CHAIN.c.organization == ""))]
    organizations = select(ORGANIZATION.c.id).order_by(
        ORGANIZATION.c.created_at, ORGANIZATION.c.type, ORGANIZATION.c.id
    )
    registers = select(REGISTER.c.id).order_by(REGISTER.c.id)
    return [*first, *tx.scalars(organizations), *tx.scalars(registers)]


def _names(rows: Mapping[str, Sequence[Row]]) -> dict[str, str]:
    """What ids and links are called: after table and place, entries after register and sequence."""
    names: dict[str, str] = {}
    for table, of_table in rows.items():
        for number, row in enumerate(of_table, 1):
            if isinstance(row.get("id"), str):
                names.setdefault(_digits(row["id"]), f"{table} {number}")
    for row in rows["entry"]:
        of = names[_digits(row["chain"])].removeprefix("register ")
        place = f"{of}.{row['sequence']}"
        names[_digits(row["id"])] = f"entry {place}"
        names[row["link"]] = f"link {place}"
    return names


def _carried(entries: Sequence[Row]) -> frozenset[str]:
    """What each document hands on to the next one of its series: in Portugal its signature."""
    seals = (json.loads(bytes(row["body"])).get("seal") or {} for row in entries)
    return frozenset(seal["carry"] for seal in seals if seal.get("carry"))


def _digits(id_: str) -> str:
    return id_.replace("-", "")


def _row(table: str, row: Row, masks: Masks) -> Json:
    return {
        name: value if (table, name) in VISIBLE else _value(value, masks)
        for name, value in row.items()
        if (table, name) not in HIDDEN
    }


def _value(value: Any, masks: Masks) -> Json:
    match value:
        case bytes() | memoryview():
            return _bytes(bytes(value), masks)
        case str():
            return _opened(value, masks)
    return value


def _bytes(value: bytes, masks: Masks) -> Json:
    """JSON, MessagePack, or what nobody can read without a key."""
    try:
        if value[:1] == b"{":
            return _opened(value.decode("utf-8"), masks)
        packed = msgspec.msgpack.decode(value)
    except (UnicodeDecodeError, msgspec.DecodeError):
        return UNREADABLE
    if not isinstance(packed, dict):
        return UNREADABLE
    return {"in MessagePack": masks.json(packed)}


def _opened(text: str, masks: Masks) -> Json:
    if text[:1] not in ("{", "["):
        return masks.text(text)
    text = _without_root(text)
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return masks.text(text)
    if json.dumps(found, ensure_ascii=False, separators=(",", ":")) != text:
        return masks.text(text)
    return masks.json(found)


def _links(entries: Sequence[Row], masks: Masks) -> dict[str, str]:
    """Worked out of the bodies with their placeholders, which are the same each time: a link covers
    every byte of a body, and the rule that makes it."""
    found: dict[str, str] = {}
    before: dict[str, str] = {}
    for row in entries:
        of = row["chain"]
        stored = _without_root(bytes(row["body"]).decode("utf-8"))
        body = _same(masks.text(stored)).encode("utf-8")
        link = chain.link(before.get(of, FIRST_LINK), of, row["epoch"], row["sequence"], body)
        found[masks.text(row["id"])] = before[of] = link
    return found


def _without_root(text: str) -> str:
    """A closing says how the root of a checkpoint begins, which is made of all that is random."""
    return ROOT.sub(r"\1<root>", text)


def _same(text: str) -> str:
    """Without the numbers of what is random: one more signature would move them all."""
    return PLACEHOLDER.sub(lambda found: "<" + found[1].rpartition("-")[0], text)
