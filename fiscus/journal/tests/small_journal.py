"""A writer of small journals, made from `docs/journal-format.md` and sharing nothing with Fiscus.

It holds rows as plain dictionaries, so that a test can spoil them before they are written.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fiscus.journal.tests.small_keys import START, SmallKey, SmallLogKey, a_key, a_log_key
from fiscus.journal.tests.small_log import SmallLog
from fiscus.journal.tests.small_tables import Row, Tables, names, write_file

ZEROS = "0" * 64
PURPOSES = {"installation": "root", "organization": "organization", "register": "register"}
COMPUTED = ("number", "carried", "last_record", "last_day", "last_at", "holder", "held_until")
TRIED = ("said", "said_at", "attempts")
UNSTATED: Mapping[str, tuple[str, ...]] = {
    "taxpayer": ("link",),
    "location": ("link",),
    "register": ("link",),
    "bookkeeping": ("link",),
    "webhook_subscription": ("link",),
    "series": ("link", *COMPUTED, *TRIED),
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "register_key": ("register",),
    "setting_key": ("name",),
    "data_key": ("scope",),
    "fitting": ("device",),
    "label": ("entry",),
    "frozen": ("taxpayer", "product"),
}
SECRETS = {"secret", "secrets", "wrapped", "secret_hash", "previous_hash"}


def an_id(name: str) -> str:
    """The same UUID for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


INSTALLATION = an_id("installation")


def encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def z(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def six(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def secret_of(value: Any) -> Any:
    """A secret as entries state it."""
    if value is None:
        return None
    raw = value.encode() if isinstance(value, str) else value
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def link_of(body: Mapping[str, Any], digest: bytes) -> str:
    place = body["epoch"].to_bytes(4, "big") + body["sequence"].to_bytes(8, "big")
    start = b"fiscus/link/2\n" + bytes.fromhex(body["previous"]) + uuid.UUID(body["chain"]).bytes
    return hashlib.sha256(start + place + digest).hexdigest()


@dataclass
class SmallJournal:
    """The rows of the tables, and what is needed to write the next. `now` is the next instant."""

    entries: list[Row] = field(default_factory=list)
    tables: Tables = field(default_factory=dict)
    keys: dict[str, SmallKey] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    heads: dict[str, Row] = field(default_factory=dict)
    series: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    z: dict[str, tuple[int, int]] = field(default_factory=dict)
    outages: dict[str, str] = field(default_factory=dict)
    adopted: dict[str, Row] = field(default_factory=dict)
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    log: SmallLog = field(default_factory=lambda: SmallLog(INSTALLATION, a_log_key("log")))
    now: datetime = START

    # Writing entries.

    def append(
        self, chain: str, kind: str, *, signer: SmallKey | None = None, **members: Any
    ) -> Row:
        """Write one entry at the end of a chain."""
        head = self.heads.get(chain)
        sequence = head["sequence"] + 1 if head else 1
        body: Row = {
            "id": an_id(f"{chain} {sequence}"),
            "kind": kind,
            "chain": chain,
            "epoch": 1,
            "sequence": sequence,
            "previous": head["link"] if head else ZEROS,
            "at": z(self.now),
        }
        self.now += timedelta(seconds=1)
        row = self.row(body | members, signer)
        self.entries.append(row)
        self.heads[chain] = row
        return row

    def row(self, body: Row, by: SmallKey | None = None) -> Row:
        """A signed row with this body."""
        stored, key = encoded(body), by or self.keys[body["chain"]]
        rows = body.get("rows") or [{}]
        is_dealing = "place" in body
        return {
            "id": body["id"],
            "chain": body["chain"],
            "epoch": body["epoch"],
            "sequence": body["sequence"],
            "kind": body["kind"],
            "body": stored,
            "encoding": 0,
            "digest": None,
            "link": link_of(body, hashlib.sha256(stored).digest()),
            "key": key.id,
            "signature": key.jws("fiscus-entry+json", stored).split(".")[2],
            "at": body["at"],
            **self.copies(body),
            "thing": None if is_dealing else rows[0].get("key"),
            "version": None if is_dealing else (rows[0].get("row") or {}).get("version"),
        }

    def copies(self, body: Row) -> Row:
        place, numbered, seal = (body.get(one) or {} for one in ("place", "numbered", "seal"))
        is_organization = self.classes.get(body["chain"]) == "organization"
        own = body["chain"] if is_organization else ""
        return {
            "organization": place.get("organization", own),
            "taxpayer": place.get("taxpayer", ""),
            "location": place.get("location", ""),
            "intent": body.get("intent") or None,
            "refers": body.get("refers") or None,
            "series": numbered.get("series"),
            "number": numbered.get("number"),
            "day": seal.get("day"),
            "document_type": seal.get("document_type"),
            "is_training": int((body.get("draft") or {}).get("is_training") is True),
        }

    # Rows that entries state.

    def state(self, chain: str, kind: str, *rows: tuple[str, Row], **members: Any) -> Row:
        """Write an entry that states these rows, and put them into their tables."""
        said = [statement(table, row) for table, row in rows]
        own: Row = {} if "place" in members else {"by": "tests"}
        entry = self.append(chain, kind, **own, **members, rows=said)
        for table, row in rows:
            self.put(table, row, entry["link"])
        return entry

    def put(self, table: str, row: Row, link: str) -> None:
        full = {name: row.get(name) for name in names(table)}
        if "link" in full:
            full["link"] = link
            self.links[f"{table} {row['id']}"] = link
        rows, key = self.tables.setdefault(table, []), (table, key_of(table, full))
        if key in self.places:
            rows[self.places[key]] = full
        else:
            self.places[key] = len(rows)
            rows.append(full)

    def remove(self, chain: str, kind: str, table: str, key: str) -> Row:
        """Write an entry that states that the row is gone, and remove it."""
        said = {"table": table, "key": key, "row": None}
        self.tables[table] = [one for one in self.tables[table] if key_of(table, one) != key]
        for place, row in enumerate(self.tables[table]):
            self.places[table, key_of(table, row)] = place
        self.places.pop((table, key), None)
        return self.append(chain, kind, by="tests", rows=[said])

    def name_key(
        self, chain: str, purpose: str, of: str, key: SmallKey | SmallLogKey, **more: Any
    ) -> Row:
        """A `key@1` entry, with the row of the stored private key."""
        said = {
            "purpose": purpose,
            "of": of,
            "epoch": 1,
            "first": 1,
            "sha256": key.sha256,
            "public_key": base64.b64encode(key.der).decode(),
            "reason": "first",
        } | more
        return self.state(chain, "key@1", key_row(purpose, of, key), key=said)

    def found_chain(self, chain: str, kind: str, home: str) -> None:
        self.classes[chain], self.homes[chain] = kind, home
        self.keys[chain] = a_key(chain)

    def rotate(self, chain: str, reason: str = "rotated") -> Row:
        """Another key for the next entries of a chain."""
        old, purpose = self.keys[chain], PURPOSES[self.classes[chain]]
        new = a_key(f"{chain} {old.id}")
        home = self.homes[chain] or INSTALLATION
        first = self.heads[chain]["sequence"] + 1 if chain in self.heads else 1
        text = f"fiscus/key/2\n{purpose}\n{chain}\n1\n{first}\n{new.sha256}\n"
        signed = {"signature": old.sign(text.encode())} if reason == "rotated" else {}
        if purpose == "root":
            self.keys[chain] = new
        more = {"first": first, "reason": reason, "replaces": old.sha256} | signed
        row = self.name_key(home, purpose, chain, new, **more)
        self.keys[chain] = new
        return row

    # Everything together.

    def checkpoint(self, cosigned: Mapping[str, SmallLogKey] | None = None) -> Row:
        """Cover what no checkpoint covers yet."""
        return self.log.checkpoint(self.entries, self.now, cosigned or {})

    def rows(self) -> Tables:
        """All rows of all tables, to be spoiled or written."""
        tables = deepcopy(self.tables)
        tables["entry"] = [dict(row) for row in in_order(self.entries)]
        tables |= self.log.tables()
        tables["chain"] = [self.head_row(chain) for chain in self.classes]
        for row in tables.get("series", []):
            row.update(self.computed_series(row["id"]))
        return tables

    def head_row(self, chain: str) -> Row:
        head = self.heads.get(chain)
        number, closed = self.z.get(chain, (0, 0))
        kind = self.classes[chain]
        return {
            "id": chain,
            "class": kind,
            "organization": chain if kind == "organization" else self.homes[chain],
            "epoch": 1,
            "sequence": head["sequence"] if head else 0,
            "link": head["link"] if head else ZEROS,
            "entry": head["id"] if head else "",
            "at": six(datetime.fromisoformat(head["at"])) if head else None,
            "covered": self.log.covered.get(chain, 0),
            "z": number,
            "closed": closed,
            "outage": self.outages.get(chain, ""),
        }

    def computed_series(self, series: str) -> Row:
        ids = self.series.get(series, [])
        if not ids or ids[-1] == "":
            said = self.adopted.get(series, {})
            return {
                "number": said.get("last_number", 0),
                "carried": said.get("last_hash", ""),
                "last_record": "",
                "last_day": said.get("last_day"),
                "last_at": said.get("last_at"),
            }
        [body] = [json.loads(row["body"]) for row in self.entries if row["id"] == ids[-1]]
        return {
            "number": len(ids),
            "carried": body["seal"].get("carry", ""),
            "last_record": ids[-1],
            "last_day": body["seal"]["day"],
            "last_at": six(datetime.fromisoformat(body["seal"]["entered"]).astimezone(UTC)),
        }

    def write(self, path: Path) -> Path:
        return write_file(self.rows(), path)


def statement(table: str, row: Row) -> Row:
    """What an entry says of a row."""
    unstated = UNSTATED.get(table, ())
    said = {name: row.get(name) for name in names(table) if name not in unstated}
    for name in SECRETS & said.keys():
        if table != "taxpayer" or name == "secrets":
            said[name] = secret_of(said[name])
    return {"table": table, "key": key_of(table, row), "row": said}


def key_of(table: str, row: Row) -> str:
    return "/".join(str(row[name]) for name in KEYS.get(table, ("id",)))


def key_row(purpose: str, of: str, key: SmallKey | SmallLogKey) -> tuple[str, Row]:
    """The stored private key behind a `key@1`."""
    sealed = hashlib.sha256(key.der).digest() * 2
    pem = {
        "public_pem": key.pem(),
        "certificate_pem": "",
        "kind": "soft",
        "generation": 1,
    }
    if purpose == "register":
        serial = {"serial": key.sha256[:32], "expires_at": "2036-05-04"}
        return "register_key", {"register": of, "secret": sealed, **serial, **pem}
    name = f"{purpose} {of}" if purpose == "organization" else purpose
    return "setting_key", {"name": name, "secret": sealed, "created_at": six(START), **pem}


def in_order(entries: Iterable[Row]) -> list[Row]:
    """As SQLite orders them: by bytes."""

    def place(row: Row) -> tuple[bytes, int, int]:
        return row["chain"].encode("utf-8", "surrogateescape"), row["epoch"], row["sequence"]

    return sorted(entries, key=place)
