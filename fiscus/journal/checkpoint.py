"""Signed checkpoints over the whole journal: a chain alone cannot see that its tail was cut.

All entries of all chains are leaves of one tree, the log. A checkpoint is the log's signed note of
the tree's size and root (docs/journal-format.md, section 8), in the community's format, so that
programs which share nothing with ours read it. What one costs depends on what is new alone.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import Connection, Row, bindparam, func, select, text, tuple_

from fiscus.journal import tree
from fiscus.model.faults import Code, Corrupt, Missing, Refused
from fiscus.model.times import micros_z
from fiscus.signers import Ed25519Message, Signer
from fiscus.store.connect import is_postgres
from fiscus.store.insert import insert_many
from fiscus.store.log_schema import CHECKPOINT, COSIGNATURE, LEAF_RUN
from fiscus.store.schema import CHAIN, ENTRY
from fiscus.transparency import notes
from fiscus.transparency.base64s import decoded, encoded
from fiscus.transparency.checkpoints import TreeHead
from fiscus.transparency.notes import SignatureLine, SignedNote, VerifierKey
from fiscus.transparency.proofs import InclusionProof

NO_ENTRY = Code("LOG-ENTRY-01", "the journal has no entry with this id")
DAMAGED = Code(
    "LOG-NOTE-01",
    "the newest checkpoint, the runs of leaves and the tree do not belong together, or the log's "
    "key did not sign it: run `fiscus verify`; nothing new is covered until the database is whole "
    "again",
)
GAP = Code(
    "LOG-GAP-01",
    "entries of a chain that are not covered yet are missing: run `fiscus verify`; nothing new is "
    "covered until the database is whole again",
)

LEAVES_MAX = 20_000
"""A checkpoint reads what it covers under the lock of the log; more would make sales wait."""

LOG_EPOCH = 1
"""The log's. A recovery will begin the next."""

_ENTRIES_AT_ONCE = 100
_LOCKED = "register", "organization", "installation"
"""The classes of chains, in the order in which a transaction that writes locks their rows."""

_PG_LOCK = 0x43484B50  # "CHKP": one checkpoint at a time
_SHORT_BYTES = 8 + 64
"""Time and Ed25519 signature."""

_COSIGNATURES_MAX = notes.LINES_MAX - 1  # beside the log's own


class JournalLog(msgspec.Struct, frozen=True, kw_only=True):
    """Which log it is: that of this installation, in this epoch."""

    installation: str
    epoch: int = LOG_EPOCH

    @property
    def origin(self) -> str:
        """The first line of each note, and the name of the log's key."""
        return f"fiscus/{self.installation}/journal/{self.epoch}"


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A commitment to the first `size` leaves. `root` is Base64; `note` what the log signed, with
    its signature; `at` when it was made."""

    epoch: int
    size: int
    root: str
    at: str
    note: str


class LeafRun(NamedTuple):
    """Entries of one chain, `first` to `last`, that become leaves beside each other. Chains of a
    higher `rank` are locked later."""

    chain: str
    epoch: int
    first: int
    last: int
    rank: int = 0


class LeafPlace(msgspec.Struct, frozen=True):
    """Where an entry stands in the log: the log's epoch, and the index of its leaf."""

    epoch: int
    index: int


def log_name(tx: Connection) -> JournalLog | None:
    """The log of this installation; None before it has its chain."""
    found = tx.scalar(select(CHAIN.c.id).where(CHAIN.c["class"] == "installation"))
    return JournalLog(installation=found) if found else None


def log_key(log: JournalLog, signer: Signer) -> VerifierKey:
    """The public half of the log's key, with the name that its signatures have."""
    return verifier_key(log.origin, signer.public_pem)


def verifier_key(origin: str, public_pem: str) -> VerifierKey:
    """The same, of a log's name and its public key."""
    public = load_pem_public_key(public_pem.encode("ascii"))
    assert isinstance(public, Ed25519PublicKey)
    return VerifierKey(name=origin, kind=notes.ED25519, public=public.public_bytes_raw())


def make(
    tx: Connection, signer: Signer, log: JournalLog, at: datetime, *, heartbeat: bool = False
) -> Checkpoint | None:
    """Cover the entries that no checkpoint covers yet, up to `LEAVES_MAX`; None if there are none.

    Within the caller's transaction, under a lock of its own, so that two processes never fork the
    list. `heartbeat`: if nothing is new, nothing is written, and the newest one is given. Raises
    `Corrupt` if what is covered already is not what was signed, or entries are missing: a log that
    went on from there would be another one to all who watch it.
    """
    if is_postgres(tx):
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PG_LOCK})
    key = log_key(log, signer)
    last = newest(tx)
    runs = _uncovered(tx)
    if not runs:
        return last if heartbeat else None
    before = _covered_leaves(tx, log, key, last)
    size = tree.append(tx, log.epoch, before, _links(tx, runs))
    head = TreeHead(origin=log.origin, size=size, root=tree.root(tx, log.epoch, size))
    made = Checkpoint(
        epoch=log.epoch,
        size=size,
        root=encoded(head.root),
        at=micros_z(at),
        note=_signed(head, key, signer).whole(),
    )
    insert_many(tx, LEAF_RUN, _rows(log, before, runs))
    tx.execute(CHECKPOINT.insert().values(**msgspec.structs.asdict(made)))
    # Last: sales wait for these rows. And in the order in which a sale locks them.
    locked = sorted(runs, key=lambda run: (run.rank, run.chain))
    tx.execute(_COVER, [{"of": run.chain, "to": run.last} for run in locked])
    return made


def make_all(
    open_writing: Callable[[], AbstractContextManager[Connection]], signer: Signer, at: datetime
) -> int:
    """Checkpoints until every entry is covered, each in a transaction of its own; their number."""
    count = 0
    while True:
        with open_writing() as tx:
            log = log_name(tx)
            if log is None or make(tx, signer, log, at) is None:
                return count
        count += 1


def newest(tx: Connection) -> Checkpoint | None:
    """The checkpoint of the newest epoch that covers most."""
    query = select(CHECKPOINT).order_by(CHECKPOINT.c.epoch.desc(), CHECKPOINT.c.size.desc())
    row = tx.execute(query.limit(1)).first()
    return _read(row) if row else None


def older(tx: Connection, before: int, epoch: int, limit: int) -> list[Checkpoint]:
    """Checkpoints of an epoch, the largest first, all smaller than that size."""
    query = (
        select(CHECKPOINT)
        .where(CHECKPOINT.c.epoch == epoch, CHECKPOINT.c.size < before)
        .order_by(CHECKPOINT.c.size.desc())
        .limit(limit)
    )
    return [_read(row) for row in tx.execute(query)]


def of_size(tx: Connection, epoch: int, size: int) -> Checkpoint | None:
    """The checkpoint of that size; None if none was signed at it."""
    query = select(CHECKPOINT).where(CHECKPOINT.c.epoch == epoch, CHECKPOINT.c.size == size)
    row = tx.execute(query).first()
    return _read(row) if row else None


def note_with_cosignatures(tx: Connection, of: Checkpoint, *, is_short: bool = False) -> SignedNote:
    """The checkpoint's note with what witnesses have signed of it, the first ones first.

    `is_short`: without signatures of the large kind (ML-DSA, 2,420 bytes), which would not fit on
    paper; who makes them signs with Ed25519 too.
    """
    lines = tx.scalars(
        select(COSIGNATURE.c.line)
        .where(COSIGNATURE.c.epoch == of.epoch, COSIGNATURE.c.size == of.size)
        .order_by(COSIGNATURE.c.at, COSIGNATURE.c.witness)
    ).all()
    note = notes.parse(of.note.encode())
    parsed = [
        line
        for kept in lines
        for line in notes.parse_lines(kept)
        if not is_short or len(line.signature) <= _SHORT_BYTES
    ]
    return note.plus(parsed[:_COSIGNATURES_MAX])


def index_of(tx: Connection, chain: str, epoch: int, sequence: int) -> LeafPlace | None:
    """Where an entry stands in the log; None if no checkpoint covers it yet."""
    run = tx.execute(
        select(LEAF_RUN.c.epoch, LEAF_RUN.c.start, LEAF_RUN.c.first, LEAF_RUN.c.last)
        .where(
            LEAF_RUN.c.chain == chain,
            LEAF_RUN.c.chain_epoch == epoch,
            LEAF_RUN.c.first <= sequence,
        )
        .order_by(LEAF_RUN.c.first.desc())
        .limit(1)
    ).first()
    if run is None or sequence > run.last:
        return None
    return LeafPlace(epoch=run.epoch, index=run.start + sequence - run.first)


def proof_of(tx: Connection, entry: str) -> str | None:
    """The proof that an entry is in the log, as a text that is checked offline; None if no
    checkpoint covers it yet.

    It leads to the newest checkpoint that a witness has signed, if one of these covers the entry,
    else to the newest. The caller has judged who may see the entry. Raises `Missing`.
    """
    found = tx.execute(
        select(ENTRY.c.chain, ENTRY.c.epoch, ENTRY.c.sequence).where(ENTRY.c.id == entry)
    ).first()
    if found is None:
        raise Missing(NO_ENTRY, entry)
    place = index_of(tx, found.chain, found.epoch, found.sequence)
    if place is None:
        return None
    to = _proving(tx, place)
    proof = InclusionProof(
        index=place.index,
        path=tuple(tree.inclusion(tx, to.epoch, place.index, to.size)),
        note=note_with_cosignatures(tx, to, is_short=True),
    )
    return proof.text()


def consistency(tx: Connection, old: int, new: Checkpoint) -> list[bytes]:
    """What shows a witness that has seen `old` leaves of this log that it only grew since."""
    return tree.consistency(tx, new.epoch, old, new.size)


def _read(row: Row[tuple[object, ...]]) -> Checkpoint:
    return Checkpoint(**{name: getattr(row, name) for name in Checkpoint.__struct_fields__})


def _proving(tx: Connection, place: LeafPlace) -> Checkpoint:
    """The checkpoint that a proof of this leaf leads to."""
    covers = CHECKPOINT.c.epoch == place.epoch, CHECKPOINT.c.size > place.index
    cosigned = tx.scalar(
        select(func.max(COSIGNATURE.c.size)).where(
            COSIGNATURE.c.epoch == place.epoch, COSIGNATURE.c.size > place.index
        )
    )
    query = select(CHECKPOINT).where(*covers)
    if cosigned is not None:
        query = query.where(CHECKPOINT.c.size == cosigned)
    row = tx.execute(query.order_by(CHECKPOINT.c.size.desc()).limit(1)).first()
    if row is None:
        raise Corrupt(DAMAGED, f"size {cosigned or place.index + 1}")
    return _read(row)


def _covered_leaves(
    tx: Connection, log: JournalLog, key: VerifierKey, last: Checkpoint | None
) -> int:
    """How many leaves are covered, and that they are what the log signed. Costs a signature, and a
    few rows."""
    covered = _leaves(tx, log.epoch)
    if last is None or last.epoch != log.epoch:
        if covered:
            raise Corrupt(DAMAGED, f"leaves {covered}", "size 0")
        return 0
    root = tree.root(tx, last.epoch, last.size)
    said = TreeHead(origin=log.origin, size=last.size, root=root).text()
    try:
        note = notes.parse(last.note.encode())
        is_ours = bool(notes.verified(note, [key]))
    except Refused as trouble:
        raise Corrupt(DAMAGED, f"size {last.size}", str(trouble)) from None
    told = encoded(root), last.size
    if not is_ours or note.text != said or told != (last.root, covered):
        raise Corrupt(DAMAGED, f"size {last.size}")
    return covered


def _leaves(tx: Connection, epoch: int) -> int:
    """How many leaves the runs tell of."""
    run = tx.execute(
        select(LEAF_RUN).where(LEAF_RUN.c.epoch == epoch).order_by(LEAF_RUN.c.start.desc()).limit(1)
    ).first()
    return run.start + run.last - run.first + 1 if run else 0


def _uncovered(tx: Connection) -> list[LeafRun]:
    """What no checkpoint covers yet, chain by chain, as much as one may cover."""
    in_runs = (
        select(LEAF_RUN.c.last)
        .where(LEAF_RUN.c.chain == CHAIN.c.id, LEAF_RUN.c.chain_epoch == CHAIN.c.epoch)
        .order_by(LEAF_RUN.c.first.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = tx.execute(
        select(CHAIN, in_runs.label("in_runs")).where(CHAIN.c.sequence > CHAIN.c.covered)
    )
    found = []
    for row in rows:
        if row.covered != (row.in_runs or 0):
            raise Corrupt(DAMAGED, row.id, f"covered {row.covered}")
        rank = _LOCKED.index(row._mapping["class"])
        found.append(LeafRun(row.id, row.epoch, row.covered + 1, row.sequence, rank))
    # Sorted here: engines have orders of their own for texts.
    return bounded(sorted(found))


def bounded(runs: list[LeafRun]) -> list[LeafRun]:
    """As many of the runs as one checkpoint may cover; the last one may be cut."""
    left = LEAVES_MAX
    kept = []
    for run in runs:
        if left <= 0:
            break
        last = min(run.last, run.first + left - 1)
        left -= last - run.first + 1
        kept.append(run._replace(last=last))
    return kept


def _links(tx: Connection, runs: list[LeafRun]) -> Iterator[bytes]:
    """The links of the entries of these runs, in their order. Raises `Corrupt` at a gap."""
    for some in _portions(runs):
        found = _links_of(tx, some)
        for run in some:
            for sequence in range(run.first, run.last + 1):
                link = found.get((run.chain, sequence))
                if link is None:
                    raise Corrupt(GAP, run.chain, f"sequence {sequence}")
                yield bytes.fromhex(link)


def _portions(runs: list[LeafRun]) -> Iterator[list[LeafRun]]:
    """Short runs together, in their order; a long one alone."""
    some: list[LeafRun] = []
    entries = 0
    for run in runs:
        length = run.last - run.first + 1
        if some and entries + length > _ENTRIES_AT_ONCE:
            yield some
            some, entries = [], 0
        some.append(run)
        entries += length
    if some:
        yield some


def _links_of(tx: Connection, runs: list[LeafRun]) -> dict[tuple[str, int], str]:
    """The links by chain and sequence, in one query. It names each place, or one range: from
    anything less PostgreSQL concludes that reading the whole journal is cheaper."""
    query = select(ENTRY.c.chain, ENTRY.c.sequence, ENTRY.c.link)
    if len(runs) == 1:
        (run,) = runs
        query = query.where(
            ENTRY.c.chain == run.chain,
            ENTRY.c.epoch == run.epoch,
            ENTRY.c.sequence.between(run.first, run.last),
        )
    else:
        places = [
            (run.chain, run.epoch, sequence)
            for run in runs
            for sequence in range(run.first, run.last + 1)
        ]
        query = query.where(tuple_(ENTRY.c.chain, ENTRY.c.epoch, ENTRY.c.sequence).in_(places))
    return {(chain, sequence): link for chain, sequence, link in tx.execute(query)}


_COVER = CHAIN.update().where(CHAIN.c.id == bindparam("of")).values(covered=bindparam("to"))


def _rows(log: JournalLog, start: int, runs: list[LeafRun]) -> list[tuple[object, ...]]:
    """The runs with the index of the first leaf of each."""
    found: list[tuple[object, ...]] = []
    for run in runs:
        found.append((log.epoch, start, run.chain, run.epoch, run.first, run.last))
        start += run.last - run.first + 1
    return found


def _signed(head: TreeHead, key: VerifierKey, signer: Signer) -> SignedNote:
    said = head.text()
    signature = decoded(signer.sign(Ed25519Message(said.encode())))
    line = SignatureLine(name=key.name, key_id=key.id, signature=signature)
    return SignedNote(text=said, lines=(line,))
