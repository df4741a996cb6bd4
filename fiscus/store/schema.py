"""Every table, once. Countries own bytes in these columns, never columns of their own."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _present(name: str, *columns: str, unique: bool = False) -> Index:
    """An index over the rows that have a value in its last column."""
    there = text(f"{columns[-1]} IS NOT NULL")
    return Index(name, *columns, unique=unique, sqlite_where=there, postgresql_where=there)


ORGANIZATION = Table(
    "organization",
    METADATA,
    Column("id", Text, primary_key=True),
    _text("parent"),
    _text("type"),
    _text("name"),
    _text("metadata"),
    _text("created_at"),
    _text("updated_at"),
    Index("ix_organization_parent", "parent", "created_at", "id"),
)

SUBJECT = Table(
    "subject",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    _text("name"),
    Column("key", Text, nullable=False, unique=True),
    _text("secret_hash"),
    _text("metadata"),
    _text("created_at"),
    Index("ix_subject_organization", "organization", "created_at", "id"),
)

TAXPAYER = Table(
    "taxpayer",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    # One unit stands for one taxpayer.
    Column("organization", Text, ForeignKey("organization.id"), nullable=False, unique=True),
    _text("regime"),
    _text("state"),
    _text("mode"),
    _text("content"),
    _text("details"),
    Column("secrets", LargeBinary, nullable=True),
    _text("metadata"),
    _text("created_at"),
    _text("updated_at"),
)

LOCATION = Table(
    "location",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    Column("is_head_office", Integer, nullable=False),
    _text("state"),
    _text("mode"),
    _text("content"),
    _text("details"),
    _text("metadata"),
    _text("created_at"),
    _text("updated_at"),
    Index("ix_location_organization", "organization", "id"),
    Index("ix_location_taxpayer", "taxpayer", "id"),
)

REGISTER = Table(
    "register",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    Column("location", Text, ForeignKey("location.id"), nullable=False),
    _text("state"),
    _text("mode"),
    _text("content"),
    _text("details"),
    _text("metadata"),
    _text("created_at"),
    _text("updated_at"),
    Index("ix_register_organization", "organization", "id"),
    Index("ix_register_taxpayer", "taxpayer", "id"),
    Index("ix_register_location", "location", "id"),
)

VERSION = Table(
    "version",
    METADATA,
    Column("thing", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    _text("content"),
    _text("state"),
    _text("mode"),
    _text("at"),
    _text("subject"),
)

DATA_KEY = Table(
    "data_key",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

SETTING_KEY = Table(
    "setting_key",
    METADATA,
    Column("name", Text, primary_key=True),
    _text("kind"),
    Column("secret", LargeBinary, nullable=False),
    _text("public_pem"),
    _text("certificate_pem"),
    _text("created_at"),
)

REGISTER_KEY = Table(
    "register_key",
    METADATA,
    Column("register", Text, ForeignKey("register.id"), primary_key=True),
    _text("kind"),
    _text("serial"),
    _text("expires_at"),
    _text("certificate_pem"),
    Column("secret", LargeBinary, nullable=False),
)

CHAIN = Table(
    "chain",
    METADATA,
    Column("register", Text, ForeignKey("register.id"), primary_key=True),
    Column("sequence", Integer, nullable=False),
    _text("link"),
    _text("entry"),
    _text("at", null=True),
    # The last sequence that a checkpoint covers.
    Column("covered", Integer, nullable=False),
)

SERIES = Table(
    "series",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    _text("document_type"),
    _text("name"),
    # Authorities compare names without regard to case.
    _text("folded"),
    Column("is_training", Integer, nullable=False),
    _text("state"),
    _text("validation_code"),
    Column("number", Integer, nullable=False),
    _text("carried"),
    _text("last_record"),
    _text("last_day", null=True),
    _text("last_at", null=True),
    _text("created_at"),
    UniqueConstraint("taxpayer", "document_type", "folded"),
)

ENTRY = Table(
    "entry",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("register", Text, ForeignKey("register.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    _text("kind"),
    Column("body", LargeBinary, nullable=False),
    _text("link"),
    _text("signature"),
    _text("at"),
    _text("organization"),
    _text("taxpayer"),
    _text("location"),
    _text("intent", null=True),
    _text("refers", null=True),
    _text("series", null=True),
    Column("number", Integer, nullable=True),
    _text("day", null=True),
    _text("document_type", null=True),
    Column("is_training", Integer, nullable=False),
    UniqueConstraint("register", "sequence"),
    _present("uq_entry_number", "series", "number", unique=True),
    _present("uq_entry_intent", "intent", unique=True),
    _present("ix_entry_refers", "refers"),
    _present("ix_entry_day", "taxpayer", "day", "series", "number"),
    Index("ix_entry_organization", "organization", "id"),
)

LABEL = Table(
    "label",
    METADATA,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    _text("metadata"),
)

CLAIM = Table(
    "claim",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    _text("digest"),
    _text("taker"),
    _text("created_at"),
    _text("expires_at", null=True),
    _text("entry", null=True),
    _text("metadata", null=True),
    Column("status", Integer, nullable=True),
    _text("answer", null=True),
    _present("ix_claim_expires_at", "expires_at"),
)

FROZEN = Table(
    "frozen",
    METADATA,
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), primary_key=True),
    Column("product", Text, primary_key=True),
    _text("description"),
)

CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    _text("root"),
    _text("ranges"),
    _text("at"),
    _text("previous"),
    _text("note"),
    _text("signature"),
    # The hashes of the full subtrees, so that the next checkpoint need not read the journal again.
    _text("frontier"),
)

FILE = Table(
    "file",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    _text("register", null=True),
    _text("type"),
    _text("state"),
    _text("first"),
    _text("last"),
    _text("created_at"),
    _text("artifact", null=True),
    Column("bytes", Integer, nullable=True),
    Column("documents", Integer, nullable=True),
    _text("jws", null=True),
    _text("error", null=True),
    Index("ix_file_organization", "organization", "id"),
)

TASK = Table(
    "task",
    METADATA,
    Column("id", Text, primary_key=True),
    _text("kind"),
    _text("payload"),
    _text("due_at"),
    Column("attempts", Integer, nullable=False),
    _text("error", null=True),
    Index("ix_task_due_at", "due_at", "id"),
)

APPEND_ONLY = (ENTRY, CHECKPOINT, VERSION)
