"""How the journal is proved: its checkpoints and who has signed them, what they cover, and how the
service last verified itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from fiscus.journal import checkpoint
from fiscus.journal.checkpoint import Checkpoint
from fiscus.model.faults import Code, Missing, Refused
from fiscus.model.times import instant
from fiscus.registry import chains, organizations, signers
from fiscus.registry.selfcheck import SelfCheckState
from fiscus.registry.witnesses import WitnessView
from fiscus.services import Services
from fiscus.store.log_schema import COSIGNATURE
from fiscus.store.schema import CHAIN, SETTING_KEY
from fiscus.transparency.base64s import encoded
from fiscus.witness.copies import MemoryDisk

NOTHING_YET = Code("CONSOLE-PROOF-01", "no checkpoint has been signed yet: wait a minute")
NO_SIZE = Code(
    "CONSOLE-PROOF-02", "a size is a whole number from 1 to that of the newest checkpoint"
)
NOT_ORDERED = Code(
    "CONSOLE-PROOF-03",
    "the size you go from is larger than the size you go to: write the smaller one first",
)
NO_CHECKPOINT = Code(
    "CONSOLE-PROOF-04", "there is no checkpoint of this size that you may see: take the newest one"
)

PER_PAGE = 25
SILENT_AFTER = timedelta(hours=26)
"""A witness signs at least once a day."""


@dataclass(frozen=True, kw_only=True)
class CosignedCheckpoint:
    """A checkpoint and the witnesses that have signed it, with the times that they say."""

    checkpoint: Checkpoint
    at: datetime
    by: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, kw_only=True)
class WitnessLine:
    """A witness or memory. `age`: how long ago it signed last (None: never); `is_late`: longer ago
    than it should be; `is_memory`: a folder of ours, which signs nothing."""

    view: WitnessView
    age: timedelta | None
    is_late: bool
    is_memory: bool
    is_here: bool


@dataclass(frozen=True, kw_only=True)
class CheckpointCoverage:
    """How many entries of chains there are, and how many of them a checkpoint covers; `since` when
    the last entry was made in a chain with one that is not covered."""

    entries: int
    covered: int
    since: datetime | None

    @property
    def uncovered(self) -> int:
        return self.entries - self.covered


@dataclass(frozen=True, kw_only=True)
class ProofFacts:
    """What the page shows. `older`: checkpoints before the newest, as far as the visitor may see
    them; `may_see_older`: whether it may at all. `log_key` and `witness_keys` are verifier keys as
    programs read them, `root_key` is PEM."""

    fingerprint: str
    origin: str
    log_key: str
    root_key: str
    witness_keys: tuple[str, ...]
    newest: CosignedCheckpoint | None
    older: tuple[CosignedCheckpoint, ...]
    after: int
    may_see_older: bool
    witnesses: tuple[WitnessLine, ...]
    own: CheckpointCoverage
    whole: CheckpointCoverage | None
    state: SelfCheckState
    is_wanted: bool


def may_see_sizes(tx: Connection, *, is_operator: bool) -> bool:
    """The sizes of the log over time tell how much all tenants together sell: only the newest one
    is public. Whoever is the only unit here sees nobody else's."""
    return is_operator or not organizations.are_several(tx)


def facts(
    services: Services,
    tx: Connection,
    *,
    organization: str,
    is_operator: bool,
    at: datetime,
    before: int = 0,
    limit: int = PER_PAGE,
) -> ProofFacts:
    """`before`: checkpoints of the list are smaller than that size (0: those before the newest)."""
    newest = checkpoint.newest(tx)
    may = may_see_sizes(tx, is_operator=is_operator)
    older: list[Checkpoint] = []
    if newest is not None and may:
        older = checkpoint.older(tx, before or newest.size, newest.epoch, limit + 1)
    log = checkpoint.log_name(tx)
    shown = _cosigned(tx, [*([newest] if newest else []), *older[:limit]])
    return ProofFacts(
        fingerprint=chains.fingerprint(tx),
        origin=log.origin if log else "",
        log_key=log_key(services, tx),
        root_key=root_key(tx),
        witness_keys=tuple(key.text() for key in services.witnesses.keys),
        newest=shown[0] if newest else None,
        older=tuple(shown[1:]) if newest else (),
        after=older[limit - 1].size if len(older) > limit else 0,
        may_see_older=may,
        witnesses=tuple(_witness(one, at) for one in services.witnesses.views(tx)),
        own=_coverage(tx, organization),
        whole=_coverage(tx, None) if may else None,
        state=services.selfcheck.state,
        is_wanted=services.selfcheck.is_whole_wanted,
    )


def log_key(services: Services, tx: Connection) -> str:
    """The public key of the log, as programs read it; empty before there is one."""
    log = checkpoint.log_name(tx)
    if log is None:
        return ""
    return checkpoint.log_key(log, signers.opened(tx, services.vault, signers.LOG)).text()


def root_key(tx: Connection) -> str:
    """The public half of the root key, as PEM: its SHA-256 is the fingerprint."""
    pem = tx.scalar(select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == chains.ROOT))
    return pem or ""


def _cosigned(tx: Connection, found: Sequence[Checkpoint]) -> list[CosignedCheckpoint]:
    if not found:
        return []
    rows = tx.execute(
        select(COSIGNATURE.c.size, COSIGNATURE.c.witness, COSIGNATURE.c.at)
        .where(
            COSIGNATURE.c.epoch == found[0].epoch,
            COSIGNATURE.c.size.in_([one.size for one in found]),
        )
        .order_by(COSIGNATURE.c.at, COSIGNATURE.c.witness)
    )
    by: dict[int, list[tuple[str, datetime]]] = {}
    for row in rows:
        by.setdefault(row.size, []).append((row.witness, instant(row.at)))
    return [
        CosignedCheckpoint(checkpoint=one, at=instant(one.at), by=tuple(by.get(one.size, ())))
        for one in found
    ]


def _witness(view: WitnessView, at: datetime) -> WitnessLine:
    age = at - view.signed_at if view.signed_at else None
    return WitnessLine(
        view=view,
        age=age,
        is_late=age is None or age > SILENT_AFTER,
        is_memory=view.disk is not None,
        is_here=view.disk is MemoryDisk.SAME,
    )


def _coverage(tx: Connection, organization: str | None) -> CheckpointCoverage:
    """Of the chains of an organization; None: of all."""
    mine = [] if organization is None else [CHAIN.c.organization == organization]
    entries, covered = tx.execute(
        select(func.sum(CHAIN.c.sequence), func.sum(CHAIN.c.covered)).where(*mine)
    ).one()
    since = tx.scalar(select(func.min(CHAIN.c.at)).where(CHAIN.c.sequence > CHAIN.c.covered, *mine))
    return CheckpointCoverage(
        entries=entries or 0, covered=covered or 0, since=instant(since) if since else None
    )


def consistency(tx: Connection, old: str, new: str, *, is_operator: bool) -> str:
    """A file that shows that a smaller tree begins the larger one: as a witness takes it (`POST
    /add-checkpoint`), so others' programs read it. An empty `new` is the newest checkpoint.

    Raises `Refused` for what is no size, and `Missing`; all that is wrong at once.
    """
    newest = checkpoint.newest(tx)
    if newest is None:
        raise Missing(NOTHING_YET)
    first, last = _size(old, newest.size), _size(new or str(newest.size), newest.size)
    wrong = [name for name, size in (("old", first), ("new", last)) if size is None]
    if first is None or last is None:
        raise Refused(NO_SIZE, *wrong)
    if first > last:
        raise Refused(NOT_ORDERED, "old", "new")
    may = may_see_sizes(tx, is_operator=is_operator)
    to = checkpoint.of_size(tx, newest.epoch, last) if may else newest
    if to is None or to.size != last:
        raise Missing(NO_CHECKPOINT, "new")
    proof = "".join(f"{encoded(one)}\n" for one in checkpoint.consistency(tx, first, to))
    note = checkpoint.note_with_cosignatures(tx, to).whole()
    return f"old {first}\n{proof}\n{note}"


def _size(text: str, largest: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    size = int(text)
    return size if 1 <= size <= largest else None


def policy(services: Services, tx: Connection) -> str:
    """Which log and which witnesses count here, as `fiscus verify --policy` and others' programs
    read it (C2SP tlog-policy). Without a witness none is asked for."""
    keys = services.witnesses.keys
    lines = [f"log {log_key(services, tx)}"]
    names = [f"w{number}" for number, _ in enumerate(keys, start=1)]
    lines += [f"witness {name} {key.text()}" for name, key in zip(names, keys, strict=True)]
    if names:
        lines.append(f"group all any {' '.join(names)}")
    lines.append(f"quorum {'all' if names else 'none'}")
    return "".join(f"{line}\n" for line in lines)
