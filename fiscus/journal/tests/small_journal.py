"""A writer of small journals, made from `docs/journal-format.md` and sharing nothing with Fiscus.

It holds rows as plain dictionaries, so that a test can spoil them before they are written.
"""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

Row = dict[str, Any]

START = datetime(2026, 5, 4, 8, 0, 0, tzinfo=UTC)
ZEROS = "0" * 64


@dataclass(frozen=True)
class Identity:
    """A key with its self-signed certificate."""

    key: ec.EllipticCurvePrivateKey
    pem: str
    serial: str

    def sign(self, message: bytes) -> str:
        r, s = utils.decode_dss_signature(self.key.sign(message, ec.ECDSA(hashes.SHA256())))
        return b64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def jws(self, typ: str, payload: bytes) -> str:
        header = b64url(f'{{"alg":"ES256","kid":"{self.serial}","typ":"{typ}"}}'.encode())
        return f"{header}..{self.sign(f'{header}.{b64url(payload)}'.encode())}"


@cache
def an_identity(name: str, serial: int = 77) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return Identity(key, pem, f"{serial:032x}")


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def encoded(body: Row) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def link_of(previous: str, sequence: int, kind: str, body: bytes) -> str:
    parts = (
        bytes.fromhex(previous),
        sequence.to_bytes(8, "big"),
        len(kind).to_bytes(1, "big"),
        kind.encode(),
        body,
    )
    return hashlib.sha256(b"".join(parts)).hexdigest()


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: split at the largest power of two below the size."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = tree_root(leaves[:half]), tree_root(leaves[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class SmallJournal:
    """The rows of the tables, and what is needed to write the next."""

    entries: list[Row] = field(default_factory=list)
    checkpoints: list[Row] = field(default_factory=list)
    identities: dict[str, Identity] = field(default_factory=dict)
    checkpoint_identity: Identity = field(default_factory=lambda: an_identity("checkpoints", 9))
    leaves: list[bytes] = field(default_factory=list)
    covered: dict[str, int] = field(default_factory=dict)
    series: dict[str, list[str]] = field(default_factory=dict)
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    def append(self, register: str, kind: str, **members: Any) -> Row:
        """Write one entry; `series` makes it draw the next number there."""
        sequence, previous = self.heads.get(register, (0, ZEROS))
        sequence += 1
        body = {
            "id": f"{register}-{sequence:06d}",
            "register": register,
            "sequence": sequence,
            "previous": previous,
            "at": (START + timedelta(seconds=len(self.entries))).isoformat(),
            "place": {"organization": "org", "taxpayer": "tax", "location": "Évora"},
        }
        if series := members.pop("series", None):
            body["numbered"] = self.numbered(series, str(body["id"]))
            body["seal"] = {"number": "FS 1", "day": "2026-05-04", "document_type": "FS"}
        row = self.row(kind, body | members)
        self.entries.append(row)
        self.heads[register] = (sequence, row["link"])
        return row

    def numbered(self, series: str, record: str) -> Row:
        ids = self.series.setdefault(series, [])
        numbered: Row = {"series": series, "name": series.upper(), "number": len(ids) + 1}
        if ids:
            numbered["previous"] = ids[-1]
        ids.append(record)
        return numbered

    def row(self, kind: str, body: Row, by: Identity | None = None) -> Row:
        """A signed row with this body."""
        stored, register = encoded(body), body["register"]
        identity = by or self.identities.setdefault(register, an_identity(register))
        numbered, seal = body.get("numbered", {}), body.get("seal", {})
        return {
            "id": body["id"],
            "register": register,
            "sequence": body["sequence"],
            "kind": kind,
            "body": stored,
            "link": link_of(body["previous"], body["sequence"], kind, stored),
            "signature": identity.jws("fiscus-entry+json", stored).split(".")[2],
            "at": body["at"],
            "organization": body["place"]["organization"],
            "taxpayer": body["place"]["taxpayer"],
            "location": body["place"]["location"],
            "intent": body.get("intent") or None,
            "refers": body.get("refers"),
            "series": numbered.get("series"),
            "number": numbered.get("number"),
            "day": seal.get("day"),
            "document_type": seal.get("document_type"),
            "is_training": int(body.get("draft", {}).get("is_training", False)),
        }

    def checkpoint(self) -> Row:
        """Cover what no checkpoint covers yet."""
        ranges: list[list[Any]] = []
        for row in in_order(self.entries):
            register, sequence = row["register"], row["sequence"]
            if sequence <= self.covered.get(register, 0):
                continue
            if not ranges or ranges[-1][0] != register:
                ranges.append([register, sequence, sequence])
            ranges[-1][2] = self.covered[register] = sequence
            self.leaves.append(bytes.fromhex(row["link"]))
        last = self.checkpoints[-1]["note"] if self.checkpoints else None
        row = {
            "number": len(self.checkpoints) + 1,
            "size": len(self.leaves),
            "root": tree_root(self.leaves).hex(),
            "ranges": json.dumps(ranges),
            "at": (START + timedelta(days=1 + len(self.checkpoints))).isoformat(),
            "previous": hashlib.sha256(last.encode()).hexdigest() if last else ZEROS,
        }
        self.checkpoints.append(signed_note(row, self.checkpoint_identity))
        return self.checkpoints[-1]

    @property
    def certificates(self) -> dict[str, str]:
        return {register: identity.pem for register, identity in self.identities.items()}


def signed_note(row: Row, by: Identity) -> Row:
    """The checkpoint with the note of its columns, signed."""
    lines = (row[name] for name in ("number", "size", "root", "at", "previous"))
    ranges = hashlib.sha256(row["ranges"].encode()).hexdigest()
    note = "\n".join(str(line) for line in ("fiscus checkpoint v1", *lines, ranges)) + "\n"
    return row | {"note": note, "signature": by.sign(note.encode())}


def in_order(entries: Iterable[Row]) -> list[Row]:
    """As SQLite orders them: bytes before locale."""

    def place(row: Row) -> tuple[bytes, int]:
        return row["register"].encode("utf-8", "surrogateescape"), row["sequence"]

    return sorted(entries, key=place)


REGISTERS = ("till-a", "till-b", "till-c")
SERIES = ("fs", "training")


def a_journal(entries: int = 300, *, checkpoints: int = 3) -> SmallJournal:
    """Three registers that share two series, with intents, refusals and a correction."""
    journal = SmallJournal()
    for turn in range(entries):
        register = REGISTERS[turn // 2 % len(REGISTERS)]
        if turn % 2 == 0:
            intent = journal.append(register, "intent@1", intent="")["id"]
        elif turn % 12 == 11:
            journal.append(register, "refusal@1", intent=intent, faults=[{"code": "PT-LINE-01"}])
        else:
            is_training = turn % 5 == 0
            draft = {"kind": "receipt", "is_training": is_training, "text": 'Café "1" \\ 2'}
            refers = {"refers": journal.entries[1]["id"]} if turn == 9 else {}
            journal.append(
                register,
                "document@1",
                intent=intent,
                series=SERIES[is_training],
                draft=draft,
                **refers,
            )
        if checkpoints and (turn + 1) * checkpoints // entries > len(journal.checkpoints):
            journal.checkpoint()
    return journal


def write_sqlite(journal: SmallJournal, path: Path) -> Path:
    """The tables without any constraint: damage must be found by reading, not by writing."""
    names = list(journal.entries[0])
    types = {"sequence": "INTEGER", "number": "INTEGER", "is_training": "INTEGER", "body": "BLOB"}
    columns = ", ".join(f'"{name}" {types.get(name, "TEXT")}' for name in names)
    with sqlite3.connect(path) as database:
        database.executescript(f"""
            CREATE TABLE entry ({columns});
            CREATE TABLE register_key (register TEXT, serial TEXT, certificate_pem TEXT);
            CREATE TABLE setting_key (name TEXT, certificate_pem TEXT);
            CREATE TABLE checkpoint (number INTEGER, size INTEGER, root TEXT, ranges TEXT,
                at TEXT, previous TEXT, note TEXT, signature TEXT);
            CREATE INDEX entry_place ON entry (register, sequence);
        """)
        places = ", ".join(f":{name}" for name in names)
        database.executemany(f"INSERT INTO entry VALUES ({places})", journal.entries)
        database.executemany(
            "INSERT INTO register_key VALUES (?, ?, ?)",
            [(name, one.serial, one.pem) for name, one in journal.identities.items()],
        )
        database.execute(
            "INSERT INTO setting_key VALUES ('checkpoint', ?)", (journal.checkpoint_identity.pem,)
        )
        database.executemany(
            "INSERT INTO checkpoint VALUES "
            "(:number, :size, :root, :ranges, :at, :previous, :note, :signature)",
            journal.checkpoints,
        )
    database.close()
    return path


def package_files(journal: SmallJournal) -> dict[str, bytes]:
    """The files of an export package, by name."""
    rows = in_order(journal.entries)
    runs: dict[str, list[int]] = {}
    for row in rows:
        runs.setdefault(row["register"], []).append(row["sequence"])
    registers = [
        {
            "id": register,
            "first": sequences[0],
            "last": sequences[-1],
            "certificate": f"certificates/{register}.pem",
        }
        for register, sequences in runs.items()
    ]
    manifest = {
        "format": "fiscus-journal",
        "version": 1,
        "taxpayer": "tax",
        "first": "2026-05-04",
        "last": "2026-05-04",
        "written_at": START.isoformat(),
        "entries": len(rows),
        "registers": registers,
        "checkpoint": str(len(journal.checkpoints)) if journal.checkpoints else None,
    }
    files = {
        f"certificates/{name}.pem": one.pem.encode() for name, one in journal.identities.items()
    }
    return files | {
        "manifest.json": encoded(manifest),
        "entries.jsonl": b"".join(encoded(package_line(row)) + b"\n" for row in rows),
        "certificates/checkpoint.pem": journal.checkpoint_identity.pem.encode(),
        "checkpoints.jsonl": b"".join(encoded(row) + b"\n" for row in journal.checkpoints),
        "saft.xml": b"<AuditFile/>" * 20,
    }


def package_line(row: Row) -> Row:
    proofs = {name: row[name] for name in ("kind", "link", "signature")}
    return proofs | {"body": base64.b64encode(row["body"]).decode()}


def write_package(path: Path, files: dict[str, bytes], by: Identity) -> Path:
    """A ZIP of these files with its JWS beside it."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    Path(f"{path}.jws").write_text(by.jws("fiscus-package+zip", path.read_bytes()))
    return path
