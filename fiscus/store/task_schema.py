"""The tables of the outbox: tasks, and whose turn it is."""

from sqlalchemy import Column, Index, Integer, Table, Text

from fiscus.store.columns import METADATA, TableClass, table_class, text_column

TASK = Table(
    "task",
    METADATA,
    Column("id", Text, primary_key=True),
    text_column("kind"),
    text_column("lane"),
    # Whose turn it takes; empty: the installation's own.
    text_column("organization"),
    text_column("payload"),
    text_column("state"),
    text_column("created_at"),
    # When it may be taken; while a worker holds it, when its lease ends.
    text_column("due_at"),
    Column("attempts", Integer, nullable=False),
    text_column("error", null=True),
    text_column("failed_at", null=True),
    Index("ix_task_turn", "state", "lane", "organization", "due_at", "id"),
    Index("ix_task_due_at", "state", "lane", "due_at", "organization"),
    info=table_class(TableClass.WORK),
)

# The organization that was served last in each lane.
TASK_TURN = Table(
    "task_turn",
    METADATA,
    Column("lane", Text, primary_key=True),
    text_column("organization"),
    info=table_class(TableClass.WORK),
)
