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


def _only(name: str, column: str, condition: str) -> Index:
    """At most one row of a kind for each value of the column."""
    which = text(condition)
    return Index(name, column, unique=True, sqlite_where=which, postgresql_where=which)


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
    # The last Z number, and the last sequence that its closing covers.
    Column("z", Integer, nullable=False, server_default="0"),
    Column("closed", Integer, nullable=False, server_default="0"),
    # The entry that says since when the register's device is out; empty while it signs.
    Column("outage", Text, nullable=False, server_default=""),
)

DEVICE = Table(
    "device",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    _text("kind"),
    _text("family"),
    _text("info", null=True),
    # The day its certificate ends, so that what ends soon is found without reading `info`.
    _text("usable_until", null=True),
    Column("secret", LargeBinary, nullable=True),
    _text("created_at"),
    Index("ix_device_organization", "organization", "id"),
)

# The devices of a register, one after the other, and as which client each knows it.
FITTING = Table(
    "fitting",
    METADATA,
    Column("device", Text, ForeignKey("device.id"), primary_key=True),
    Column("register", Text, ForeignKey("register.id"), nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    _text("client"),
    _text("state"),
    _text("reason", null=True),
    _text("error", null=True),
    _text("fitted_at", null=True),
    _text("released_at", null=True),
    # When the device was told that it signs for the register no more.
    _text("told_at", null=True),
    Index("ix_fitting_register", "register"),
    # One device signs, and one more may be on its way.
    _only("uq_fitting_present", "register", "state = 'fitted'"),
    _only("uq_fitting_coming", "register", "state IN ('pending', 'failed')"),
)

SESSION = Table(
    "session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("register", Text, ForeignKey("register.id"), nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    _text("state"),
    _text("currency"),
    _text("opening"),
    _text("variance", null=True),
    _text("opened_at"),
    _text("counted_at", null=True),
    _text("closed_at", null=True),
    # Intentions: what opened, counted and closed it.
    _text("opened_by"),
    _text("counted_by", null=True),
    _text("closed_by", null=True),
    Index("ix_session_organization", "organization", "id"),
    Index("ix_session_register", "register", "id"),
    Index(
        "uq_session_open",
        "register",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
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

# What can be asked of a closing without reading the journal; the closing itself is the entry.
CLOSING = Table(
    "closing",
    METADATA,
    Column("id", Text, ForeignKey("entry.id"), primary_key=True),
    _text("organization"),
    _text("taxpayer"),
    _text("register"),
    _text("type"),
    Column("is_sealed", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("last_z", Integer, nullable=False),
    Column("first_sequence", Integer, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    _text("since"),
    _text("until"),
    _text("day"),
    _text("session", null=True),
    UniqueConstraint("register", "is_sealed", "type", "number"),
    Index(
        "uq_closing_z",
        "register",
        "last_z",
        unique=True,
        sqlite_where=text("is_sealed = 1"),
        postgresql_where=text("is_sealed = 1"),
    ),
    Index("ix_closing_organization", "organization", "id"),
    Index("ix_closing_register", "register", "type", "until"),
)

# What a foreign device was asked and has answered for an intention that is not concluded yet.
SIGNING = Table(
    "signing",
    METADATA,
    Column("intent", Text, ForeignKey("entry.id"), primary_key=True),
    Column("register", Text, ForeignKey("register.id"), nullable=False),
    _text("state"),
    # The order that waits for the device, and the id of the record it will become.
    _text("entry", null=True),
    Column("order", LargeBinary, nullable=True),
    _text("process_type", null=True),
    _text("process_data", null=True),
    _text("started", null=True),
    _text("outage", null=True),
    # Until then somebody is asking the device; afterwards anybody may go on.
    _text("held_until", null=True),
    _present("ix_signing_held_until", "held_until"),
    _present("ix_signing_entry", "entry"),
    Index("ix_signing_register", "register"),
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
    # For files of one format: which, the window that is meant, and the caller's words for it.
    _text("format", null=True),
    _text("since", null=True),
    _text("until", null=True),
    _text("asked", null=True),
    _text("completed_at", null=True),
    _text("expires_at", null=True),
    Index("ix_file_organization", "organization", "id"),
    _present("ix_file_expires_at", "expires_at"),
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
