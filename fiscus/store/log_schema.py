"""The tables of the log: leaves, nodes, signed notes, and what witnesses said of them."""

from sqlalchemy import Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from fiscus.store.columns import METADATA, TableClass, table_class, text_column

# The signed notes over the log, which has all entries as leaves.
CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, primary_key=True, autoincrement=False),
    text_column("root"),
    text_column("at"),
    text_column("note"),
    info=table_class(TableClass.JOURNAL),
)

# Which entries the leaves are.
LEAF_RUN = Table(
    "leaf_run",
    METADATA,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("start", Integer, primary_key=True, autoincrement=False),
    text_column("chain"),
    Column("chain_epoch", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    UniqueConstraint("chain", "chain_epoch", "first"),
    info=table_class(TableClass.JOURNAL),
)

# The nodes of the tree of the log, 256 beside each other.
TILE = Table(
    "tile",
    METADATA,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    info=table_class(TableClass.PROJECTION),
)

# What witnesses signed of our notes.
COSIGNATURE = Table(
    "cosignature",
    METADATA,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("witness", Text, primary_key=True),
    text_column("line"),
    text_column("at"),
    text_column("received_at"),
    info=table_class(TableClass.WORK),
)

# What is known of the witnesses that are asked.
WITNESS = Table(
    "witness",
    METADATA,
    Column("name", Text, primary_key=True),
    text_column("place"),
    Column("size", Integer, nullable=False),
    text_column("asked_at", null=True),
    text_column("signed_at", null=True),
    # Until then one of our processes asks it, and no other may.
    text_column("held_until", null=True),
    text_column("error", null=True),
    # Why it refuses us for good: our history is not the one that it has seen.
    text_column("alarm", null=True),
    info=table_class(TableClass.WORK),
)
