"""Columns and tables that are computed from entries: series, chains, idempotency keys."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from fiscus.journal.verify.chain import EntryChain
from fiscus.journal.verify.decoding import part, read_object
from fiscus.journal.verify.members import row_instant
from fiscus.journal.verify.notes import EntryNotes, blamed
from fiscus.journal.verify.report import Finding, found, printable
from fiscus.journal.verify.source import JournalSource, Values, first_row
from fiscus.journal.verify.tables import SERIES_COMPUTED, TABLES, words

ZEROS = "0" * 64
CLAIM = words("scope key digest entry metadata taker expires_at status answer")

HIGHEST = """
SELECT chain, epoch, sequence, id, number FROM numbered WHERE series = ?
ORDER BY number DESC, chain, epoch, sequence LIMIT 1
"""
ADOPTION = """
SELECT last_number, last_hash, last_record, last_day, last_at FROM adopted WHERE series = ?
ORDER BY micros DESC, epoch DESC, sequence DESC LIMIT 1
"""
LAST_CLOSING = """
SELECT number, last FROM closing WHERE chain = ? AND epoch <= ?
ORDER BY epoch DESC, number DESC LIMIT 1
"""
LAST_OUTAGE = """
SELECT o.id FROM outage AS o WHERE o.chain = ? AND o.is_outage = 1 AND NOT EXISTS (
    SELECT 1 FROM outage AS r WHERE r.chain = o.chain AND r.is_outage = 0 AND r.refers = o.id
) ORDER BY o.epoch DESC, o.sequence DESC LIMIT 1
"""
CLAIMS_APART = """
SELECT p.name FROM claim_row AS p CROSS JOIN entry AS e ON e.id = p.entry
WHERE e.state = 0 AND e.claim IS NOT p.claim
"""
CLAIMS_MISSING = """
SELECT c.chain, c.epoch, c.sequence, c.id, '' FROM entry AS c
LEFT JOIN claim_row AS p ON p.entry = c.id WHERE c.claim IS NOT NULL AND p.entry IS NULL
"""


def series_findings(
    notes: EntryNotes, source: JournalSource, may_gap: set[str]
) -> Iterator[Finding]:
    """The counters of all series, as their entries have left them."""
    columns = ("id", "taxpayer", *SERIES_COMPUTED)
    for id, _, *stored in source.rows("series", columns):
        expected = expected_series(notes, source, printable(str(id)), may_gap)
        if expected is None:
            continue
        named = [
            name
            for name, one, other in zip(SERIES_COMPUTED, stored, expected, strict=True)
            if one != other
        ]
        if named:
            yield found("VERIFY-SERIES-04", ", ".join(named), record=f"series {id}")


def expected_series(
    notes: EntryNotes, source: JournalSource, series: str, may_gap: set[str]
) -> tuple[object, ...] | None:
    """The computed columns; None if only an erased body could show them."""
    highest = notes.database.execute(HIGHEST, (series,)).fetchone()
    adopted = notes.database.execute(ADOPTION, (series,)).fetchone()
    if highest is None and may_gap:
        return None
    if adopted is not None and (highest is None or highest[4] <= (adopted[0] or 0)):
        number, carried, record, day, at = adopted
        return number, carried, record, day or None, at or None
    if highest is None:
        return 0, "", "", None, None
    chain, epoch, sequence, record, number = highest
    where = {"chain": chain, "epoch": epoch, "sequence": sequence}
    row = first_row(source.rows("entry", ("body",), equal=where, most=1))
    return computed_series(row[0] if row else None, number, record)


def computed_series(stored: object, number: object, record: object) -> tuple[object, ...]:
    body = read_object(stored) if isinstance(stored, bytes) else None
    seal = part(body, "seal")
    entered = seal.get("entered")
    at = row_instant(entered) if entered is not None else None
    return number, seal.get("carry") or "", record, seal.get("day"), at


class ExpectedHead(NamedTuple):
    """What the row of a chain must say."""

    id: str
    kind: str
    organization: str
    epoch: int
    sequence: int
    link: str
    entry: str
    at: str | None
    covered: int
    z: int
    closed: int
    outage: str


def head_findings(
    heads: Mapping[str, ExpectedHead], known: Mapping[str, tuple[str, str]], source: JournalSource
) -> Iterator[Finding]:
    """The rows of the table `chain`. `known` has class and organization of chains with a key."""
    names = TABLES["chain"].columns
    seen = set()
    for values in source.rows("chain", names):
        chain = printable(str(values[0]))
        if chain in seen:
            yield found("VERIFY-HEAD-02", detail="it is there twice", record=f"chain {chain}")
        seen.add(chain)
        head = heads.get(chain)
        if head is None and chain in known:
            head = ExpectedHead(chain, *known[chain], 1, 0, ZEROS, "", None, 0, 0, 0, "")
        if head is None:
            yield found("VERIFY-HEAD-02", record=f"chain {chain}")
            continue
        named = [name for name, one, other in zip(names, values, head, strict=True) if one != other]
        if named:
            yield found("VERIFY-HEAD-01", ", ".join(named), record=f"chain {chain}")
    for chain in sorted((heads.keys() | known.keys()) - seen):
        yield found("VERIFY-HEAD-02", record=f"chain {chain}")


def last_closing(notes: EntryNotes, chain: str, epoch: int) -> tuple[int, int]:
    row = notes.database.execute(LAST_CLOSING, (chain, epoch)).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def open_outage(notes: EntryNotes, chain: str) -> str:
    row = notes.database.execute(LAST_OUTAGE, (chain,)).fetchone()
    return row[0] if row else ""


def claim_digest(row: Mapping[str, object]) -> bytes:
    """The hash that the entry of an idempotency key has."""
    return digest_of(*(row[name] for name in ("scope", "key", "digest", "entry", "metadata")))


def digest_of(scope: Any, key: Any, digest: Any, entry: Any, metadata: Any) -> bytes:
    """The same of the columns, spelled by hand: there is one for nearly every entry."""
    try:
        said = "null" if metadata is None else encode_basestring(metadata)
        texts = f"{encode_basestring(scope)},{encode_basestring(key)},{encode_basestring(digest)}"
        spelled = f"[{texts},{encode_basestring(entry)},{said}]"
    except TypeError:  # not all of them are texts
        values = [scope, key, digest, entry, metadata]
        spelled = json.dumps(values, separators=(",", ":"), ensure_ascii=False, default=repr)
    return hashlib.sha256(spelled.encode("utf-8", "surrogateescape")).digest()


def claim_findings(notes: EntryNotes, source: JournalSource) -> Iterator[Finding]:
    """Idempotency keys and the records that answer them."""
    database = notes.database
    database.execute("CREATE TABLE claim_row (entry, name, claim)")
    rows = source.rows("claim", CLAIM)
    database.executemany("INSERT INTO claim_row VALUES (?, ?, ?)", claim_rows(rows))
    database.execute("CREATE INDEX claim_row_entry ON claim_row (entry)")
    for (name,) in database.execute(CLAIMS_APART):
        yield found("VERIFY-CLAIM-01", record=f"claim {name}")
    for entry, count in database.execute(
        "SELECT entry, count(*) FROM claim_row GROUP BY entry HAVING count(*) > 1"
    ):
        yield found("VERIFY-CLAIM-01", f"{count} rows name it", record=f"claim of {entry}")
    for row in database.execute(CLAIMS_MISSING):
        yield blamed("VERIFY-CLAIM-02", row)


def claim_rows(rows: Iterator[Values]) -> Iterator[tuple[str, str, bytes]]:
    """Those that name an entry. One that is not as it must be has no digest that fits."""
    for scope, key, digest, entry, metadata, taker, expires_at, status, answer in rows:
        if entry is None:
            continue
        is_settled = taker == entry and expires_at is None and status is None and answer is None
        claim = digest_of(scope, key, digest, entry, metadata) if is_settled else b""
        yield printable(str(entry)), printable(f"{scope} {key}"), claim


def chain_epochs(chains: Mapping[tuple[str, int], EntryChain]) -> dict[str, list[EntryChain]]:
    """The epochs of each chain, in order."""
    found_chains: dict[str, list[EntryChain]] = {}
    for (chain, _), known in sorted(chains.items(), key=lambda item: item[0]):
        found_chains.setdefault(chain, []).append(known)
    return found_chains
