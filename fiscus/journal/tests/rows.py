"""Chains and entries as plain rows, and checkpoints over them: for what reads links and places
alone."""

import hashlib
from uuid import UUID

from sqlalchemy import Connection, Engine, select, text

from fiscus import signers
from fiscus.journal import checkpoint
from fiscus.journal.checkpoint import Checkpoint, JournalLog
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import micros_z
from fiscus.signers import LOG_ALGORITHM, Signer
from fiscus.store.connect import is_sqlite, writing
from fiscus.store.insert import insert_many
from fiscus.store.schema import CHAIN, ENTRY

INSTALLATION = str(UUID(int=1))
LOG = JournalLog(installation=INSTALLATION)


def a_chain(tx: Connection, number: int, class_: str = "register", organization: str = "o") -> str:
    """A chain without entries; its id."""
    id_ = INSTALLATION if class_ == "installation" else str(UUID(int=number + 100))
    row = {
        "id": id_,
        "class": class_,
        "organization": organization,
        "epoch": 1,
        "sequence": 0,
        "link": "0" * 64,
        "entry": "",
        "covered": 0,
    }
    tx.execute(CHAIN.insert().values(row))
    return id_


def a_link(chain: str, sequence: int, salt: str = "") -> str:
    return hashlib.sha256(f"{chain} {sequence}{salt}".encode()).hexdigest()


def an_entry(chain: str, sequence: int) -> str:
    """The id that `written` gives an entry."""
    return f"{chain[-12:]}-{sequence:06d}"


def written(tx: Connection, chain: str, count: int, salt: str = "") -> tuple[int, str]:
    """Write entries behind the chain's last one; sequence and link of the head."""
    last = tx.scalars(select(CHAIN.c.sequence).where(CHAIN.c.id == chain)).one()
    rows = []
    for sequence in range(last + 1, last + count + 1):
        said = {
            "id": an_entry(chain, sequence),
            "chain": chain,
            "epoch": 1,
            "sequence": sequence,
            "kind": "intent@1",
            "body": b"{}",
            "encoding": 0,
            "link": a_link(chain, sequence, salt),
            "key": "k",
            "signature": "s",
            "at": micros_z(MORNING),
            "organization": "o",
            "taxpayer": "",
            "location": "",
            "is_training": 0,
        }
        rows.append(tuple(said.get(column.name) for column in ENTRY.columns))
    insert_many(tx, ENTRY, rows)
    head = last + count, a_link(chain, last + count, salt)
    tx.execute(CHAIN.update().where(CHAIN.c.id == chain).values(sequence=head[0], link=head[1]))
    return head


def a_signer() -> Signer:
    kind = signers.maker(LOG_ALGORITHM)
    return kind.open(kind.create(LOG_ALGORITHM))


SIGNER = a_signer()


def write(engine: Engine, chain: str, count: int) -> None:
    with writing(engine) as tx:
        written(tx, chain, count)


def made(engine: Engine, signer: Signer = SIGNER, *, heartbeat: bool = False) -> Checkpoint | None:
    with writing(engine) as tx:
        return checkpoint.make(tx, signer, LOG, MORNING, heartbeat=heartbeat)


def damaged(engine: Engine, *statements: str) -> None:
    """As somebody who may do anything with the database."""
    with writing(engine) as tx:
        for table in ("entry", "checkpoint", "leaf_run"):
            if is_sqlite(engine):
                tx.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
                tx.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_delete"))
            else:
                tx.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}"))
        for statement in statements:
            tx.execute(text(statement))
