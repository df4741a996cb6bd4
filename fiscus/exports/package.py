"""The journal package: a tenant's entries with all that is needed to check them, and nothing of
others. See docs/journal-format.md, section 10."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from sqlalchemy import Connection, Select, func, select

from fiscus.exports.select import bounds
from fiscus.journal import checkpoint, encode, tree
from fiscus.model.kinds import StatementKind
from fiscus.model.times import Period, micros_z
from fiscus.registry import chains
from fiscus.store import stream
from fiscus.store.schema import CHAIN, ENTRY, REGISTER_KEY, SETTING_KEY

_OF_ALL = frozenset({"root", "log", "package"})
"""Purposes of keys that every package names."""


class ChainRun(msgspec.Struct, frozen=True, kw_only=True):
    """A contiguous part of one chain."""

    chain: str
    epoch: int
    first: int
    last: int


class PackageContent(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into a package: single entries of the installation's chain, by their ids, then
    runs of chains."""

    organization: str
    taxpayer: str
    period: Period
    singles: tuple[str, ...]
    runs: tuple[ChainRun, ...]


def content(
    tx: Connection,
    *,
    organization: str,
    taxpayer: str,
    period: Period,
    timezone: str,
    register: str,
) -> PackageContent:
    """The part of each of the taxpayer's chains (or of one register's) that was written in the
    period, the organization's whole chain, and the keys that count for them."""
    begin, end = bounds(period, timezone)
    query = (
        select(
            ENTRY.c.chain,
            ENTRY.c.epoch,
            func.min(ENTRY.c.sequence).label("first"),
            func.max(ENTRY.c.sequence).label("last"),
        )
        .where(
            ENTRY.c.taxpayer == taxpayer,
            ENTRY.c.at >= micros_z(begin),
            ENTRY.c.at < micros_z(end),
        )
        .group_by(ENTRY.c.chain, ENTRY.c.epoch)
        .order_by(ENTRY.c.chain, ENTRY.c.epoch)
    )
    if register:
        query = query.where(ENTRY.c.chain == register)
    own = select(
        ENTRY.c.chain,
        ENTRY.c.epoch,
        func.min(ENTRY.c.sequence).label("first"),
        func.max(ENTRY.c.sequence).label("last"),
    ).where(ENTRY.c.chain == organization)
    return PackageContent(
        organization=organization,
        taxpayer=taxpayer,
        period=period,
        singles=tuple(_keys(tx, organization)),
        runs=(
            *_runs(tx, own.group_by(ENTRY.c.chain, ENTRY.c.epoch).order_by(ENTRY.c.epoch)),
            *_runs(tx, query),
        ),
    )


def _runs(tx: Connection, query: Select[Any]) -> Iterator[ChainRun]:
    for row in tx.execute(query):
        yield ChainRun(chain=row.chain, epoch=row.epoch, first=row.first, last=row.last)


def _keys(tx: Connection, organization: str) -> Iterator[str]:
    """The entries of the installation's chain that name keys for this organization."""
    query = select(ENTRY.c.id, ENTRY.c.kind, ENTRY.c.body).where(
        ENTRY.c.chain == chains.installation(tx), ENTRY.c.kind == StatementKind.KEY
    )
    for row in tx.execute(query.order_by(ENTRY.c.epoch, ENTRY.c.sequence)):
        key = encode.statement(row.kind, row.body).key
        assert key is not None
        if key.purpose in _OF_ALL or key.of == organization:
            yield row.id


def write(
    tx: Connection,
    archive: ZipFile,
    chosen: PackageContent,
    *,
    at: datetime,
    progress: Callable[[], None],
) -> None:
    """All members of the package."""
    note = checkpoint.newest(tx)
    assert note is not None, "a package follows a checkpoint"
    with _member(archive, "entries.jsonl", at) as out:
        count = 0
        for line in _entries(tx, chosen):
            out.write(line)
            count += 1
            progress()
    text = checkpoint.note_with_cosignatures(tx, note).whole()
    _put(archive, "checkpoint.txt", text, at)
    with _member(archive, "proofs.jsonl", at) as out:
        for line in _proofs(tx, chosen, note.epoch, note.size):
            out.write(line)
    for name, pem in _certificates(tx, chosen):
        _put(archive, f"certificates/{name}.pem", pem, at)
    manifest = {
        "format": "fiscus-journal",
        "version": 2,
        "installation": chains.installation(tx),
        "organization": chosen.organization,
        "taxpayer": chosen.taxpayer,
        "first": chosen.period.first.isoformat(),
        "last": chosen.period.last.isoformat(),
        "written_at": micros_z(at),
        "entries": count,
        "chains": [
            {"id": run.chain, "epoch": run.epoch, "first": run.first, "last": run.last}
            for run in chosen.runs
        ],
        "size": note.size,
    }
    _put(archive, "manifest.json", json.dumps(manifest, indent=1) + "\n", at)


_PROVEN = (ENTRY.c.body, ENTRY.c.key, ENTRY.c.link, ENTRY.c.signature)


def _entries(tx: Connection, chosen: PackageContent) -> Iterator[bytes]:
    for single in chosen.singles:
        yield _line(tx.execute(select(*_PROVEN).where(ENTRY.c.id == single)).one())
    for run in chosen.runs:
        entries = (
            select(*_PROVEN)
            .where(
                ENTRY.c.chain == run.chain,
                ENTRY.c.epoch == run.epoch,
                ENTRY.c.sequence.between(run.first, run.last),
            )
            .order_by(ENTRY.c.sequence)
        )
        for row in stream.rows(tx, entries):
            yield _line(row)


def _line(row: Any) -> bytes:
    return _json(
        {
            "body": b64encode(row.body).decode("ascii"),
            "key": row.key,
            "link": row.link,
            "signature": row.signature,
        }
    )


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _proofs(tx: Connection, chosen: PackageContent, log: int, size: int) -> Iterator[bytes]:
    """That each single entry, and the last covered entry of each run, are leaves of the note."""
    place = (ENTRY.c.chain, ENTRY.c.epoch, ENTRY.c.sequence, ENTRY.c.link)
    singles = (select(*place).where(ENTRY.c.id == single) for single in chosen.singles)
    ends = (
        select(*place)
        .join(CHAIN, CHAIN.c.id == ENTRY.c.chain)
        .where(
            ENTRY.c.chain == run.chain,
            ENTRY.c.epoch == run.epoch,
            ENTRY.c.sequence.between(run.first, run.last),
            (ENTRY.c.epoch < CHAIN.c.epoch) | (ENTRY.c.sequence <= CHAIN.c.covered),
        )
        .order_by(ENTRY.c.sequence.desc())
        .limit(1)
        for run in chosen.runs
    )
    for query in (*singles, *ends):
        row = tx.execute(query).one_or_none()
        leaf = checkpoint.index_of(tx, row.chain, row.epoch, row.sequence) if row else None
        if row is None or leaf is None or leaf.index >= size:
            continue
        path = tree.inclusion(tx, log, leaf.index, size)
        yield _json(
            {
                "link": row.link,
                "index": leaf.index,
                "path": [b64encode(one).decode("ascii") for one in path],
            }
        )


def _certificates(tx: Connection, chosen: PackageContent) -> Iterator[tuple[str, str]]:
    """Those of the registers' present keys, and of the key that signs the package."""
    registers = [run.chain for run in chosen.runs if run.chain != chosen.organization]
    query = select(REGISTER_KEY.c.register, REGISTER_KEY.c.certificate_pem).where(
        REGISTER_KEY.c.register.in_(registers)
    )
    for row in tx.execute(query.order_by(REGISTER_KEY.c.register)):
        yield row.register, row.certificate_pem
    pem = select(SETTING_KEY.c.certificate_pem).where(SETTING_KEY.c.name == "package")
    yield "package", tx.execute(pem).scalar_one()


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
