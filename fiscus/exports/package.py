"""The journal package: a taxpayer's entries with all that a stranger needs to check them."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from sqlalchemy import Connection, func, select

from fiscus.exports.select import bounds
from fiscus.journal import checkpoint
from fiscus.model.times import Period, micros_z
from fiscus.registry import signers
from fiscus.store import stream
from fiscus.store.schema import ENTRY, REGISTER_KEY


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A contiguous part of one register's chain."""

    register: str
    first: int
    last: int


def runs(tx: Connection, taxpayer: str, period: Period, timezone: str, register: str) -> list[Run]:
    """The part of each of the taxpayer's chains that was written in the period."""
    begin, end = bounds(period, timezone)
    query = (
        select(ENTRY.c.register, func.min(ENTRY.c.sequence), func.max(ENTRY.c.sequence))
        .where(
            ENTRY.c.taxpayer == taxpayer,
            ENTRY.c.at >= micros_z(begin),
            ENTRY.c.at < micros_z(end),
        )
        .group_by(ENTRY.c.register)
        .order_by(ENTRY.c.register)
    )
    if register:
        query = query.where(ENTRY.c.register == register)
    return [
        Run(register=register, first=first, last=last)
        for register, first, last in tx.execute(query)
    ]


def write(
    tx: Connection,
    archive: ZipFile,
    *,
    taxpayer: str,
    period: Period,
    parts: list[Run],
    at: datetime,
    progress: Callable[[], None],
) -> None:
    """All members of the package; see docs/journal-format.md for their form."""
    checkpoints = checkpoint.every(tx)
    with _member(archive, "entries.jsonl", at) as out:
        count = 0
        for line in _entries(tx, parts):
            out.write(line)
            count += 1
            progress()
    for part in parts:
        pem = tx.execute(
            select(REGISTER_KEY.c.certificate_pem).where(REGISTER_KEY.c.register == part.register)
        ).scalar_one()
        _put(archive, f"certificates/{part.register}.pem", pem, at)
    _put(archive, "certificates/checkpoint.pem", signers.certificate(tx, signers.CHECKPOINT), at)
    lines = "".join(msgspec.json.encode(one).decode() + "\n" for one in checkpoints)
    _put(archive, "checkpoints.jsonl", lines, at)
    manifest = {
        "format": "fiscus-journal",
        "version": 1,
        "taxpayer": taxpayer,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "written_at": micros_z(at),
        "entries": count,
        "registers": [
            {
                "id": part.register,
                "first": part.first,
                "last": part.last,
                "certificate": f"certificates/{part.register}.pem",
            }
            for part in parts
        ],
        "checkpoint": str(checkpoints[-1].number) if checkpoints else None,
    }
    _put(archive, "manifest.json", json.dumps(manifest, indent=1) + "\n", at)


def _entries(tx: Connection, parts: list[Run]) -> Iterator[bytes]:
    for part in parts:
        entries = (
            select(ENTRY.c.kind, ENTRY.c.link, ENTRY.c.signature, ENTRY.c.body)
            .where(
                ENTRY.c.register == part.register,
                ENTRY.c.sequence.between(part.first, part.last),
            )
            .order_by(ENTRY.c.sequence)
        )
        for kind, link, signature, body in stream.rows(tx, entries):
            line = {
                "kind": kind,
                "link": link,
                "signature": signature,
                "body": b64encode(body).decode("ascii"),
            }
            yield json.dumps(line, separators=(",", ":")).encode("ascii") + b"\n"


def info(name: str, at: datetime) -> ZipInfo:
    """A member whose bytes depend on nothing but its content and the time of writing."""
    member = ZipInfo(name, at.timetuple()[:6])
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def _member(archive: ZipFile, name: str, at: datetime):  # type: ignore[no-untyped-def]
    return archive.open(info(name, at), "w", force_zip64=True)


def _put(archive: ZipFile, name: str, text: str, at: datetime) -> None:
    archive.writestr(info(name, at), text)
