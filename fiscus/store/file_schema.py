"""The table of export jobs and the files that came of them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from fiscus.store.columns import METADATA, TableClass, present, table_class, text_column

FILE = Table(
    "file",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    text_column("register", null=True),
    text_column("type"),
    text_column("state"),
    text_column("first"),
    text_column("last"),
    text_column("created_at"),
    text_column("artifact", null=True),
    Column("bytes", Integer, nullable=True),
    Column("documents", Integer, nullable=True),
    text_column("jws", null=True),
    text_column("error", null=True),
    # For files of one format: which, the window that is meant, and the caller's words for it.
    text_column("format", null=True),
    text_column("since", null=True),
    text_column("until", null=True),
    text_column("asked", null=True),
    text_column("completed_at", null=True),
    text_column("expires_at", null=True),
    # What was counted while it was written, as JSON.
    text_column("totals", null=True),
    Index("ix_file_organization", "organization", "id"),
    present("ix_file_expires_at", "expires_at"),
    info=table_class(TableClass.WORK),
)
