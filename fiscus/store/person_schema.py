"""The table of persons: who stands at the tills of an organization."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from fiscus.store.columns import METADATA, TableClass, table_class, text_column

# Rows stay for ever, so that a code is never another person's.
PERSON = Table(
    "person",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    text_column("code"),
    text_column("name"),
    text_column("language"),
    text_column("role"),
    text_column("state"),
    text_column("metadata"),
    text_column("created_at"),
    UniqueConstraint("organization", "code"),
    Index("ix_person_organization", "organization", "created_at", "id"),
    info=table_class(TableClass.PROJECTION),
)
