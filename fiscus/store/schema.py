"""Every table but those of the log. Countries own bytes in these columns, never columns of their
own."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from fiscus.store.accounting_schema import ACCOUNTED as ACCOUNTED
from fiscus.store.accounting_schema import ACCOUNTING_ENTRY as ACCOUNTING_ENTRY
from fiscus.store.accounting_schema import BOOKKEEPING as BOOKKEEPING
from fiscus.store.accounting_schema import ENTRY_SHAPE, EXPORT_JOB_REGISTER
from fiscus.store.accounting_schema import EXPORT_JOB as EXPORT_JOB
from fiscus.store.accounting_schema import EXPORT_JOB_ITEM as EXPORT_JOB_ITEM
from fiscus.store.accounting_schema import FOLLOWED as FOLLOWED
from fiscus.store.columns import METADATA as METADATA
from fiscus.store.columns import (
    TableClass,
    only,
    partial_index,
    present,
    table_class,
    text_column,
)
from fiscus.store.console_schema import CONSOLE_SESSION as CONSOLE_SESSION
from fiscus.store.file_schema import FILE as FILE
from fiscus.store.log_schema import CHECKPOINT, LEAF_RUN
from fiscus.store.person_schema import PERSON as PERSON
from fiscus.store.reporting_schema import DECLARATION as DECLARATION
from fiscus.store.reporting_schema import OBLIGATION as OBLIGATION
from fiscus.store.reporting_schema import REPORT_PAUSE as REPORT_PAUSE
from fiscus.store.search_schema import DOCUMENT_INDEX as DOCUMENT_INDEX
from fiscus.store.search_schema import SALES_TOTAL as SALES_TOTAL
from fiscus.store.task_schema import TASK as TASK
from fiscus.store.task_schema import TASK_TURN as TASK_TURN
from fiscus.store.webhook_schema import WEBHOOK_SUBSCRIPTION as WEBHOOK_SUBSCRIPTION

ORGANIZATION = Table(
    "organization",
    METADATA,
    Column("id", Text, primary_key=True),
    text_column("parent"),
    text_column("type"),
    text_column("name"),
    text_column("metadata"),
    text_column("created_at"),
    text_column("updated_at"),
    # `off`: receipts of it, and of all below it, have no page for customers; NULL: they have.
    text_column("receipts", null=True),
    Index("ix_organization_parent", "parent", "created_at", "id"),
    info=table_class(TableClass.PROJECTION),
)

SUBJECT = Table(
    "subject",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    text_column("name"),
    Column("key", Text, nullable=False, unique=True),
    text_column("role"),
    # The systems it is limited to, as JSON; an empty list: all.
    text_column("systems"),
    text_column("state"),
    Column("version", Integer, nullable=False),
    # The number of its secret, and until when the one before it is good.
    Column("generation", Integer, nullable=False),
    text_column("secret_hash"),
    text_column("previous_hash", null=True),
    text_column("previous_until", null=True),
    text_column("metadata"),
    text_column("created_at"),
    Index("ix_subject_organization", "organization", "created_at", "id"),
    info=table_class(TableClass.SECRET),
)

TAXPAYER = Table(
    "taxpayer",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    # One unit stands for one taxpayer.
    Column("organization", Text, ForeignKey("organization.id"), nullable=False, unique=True),
    text_column("regime"),
    text_column("state"),
    text_column("mode"),
    text_column("content"),
    text_column("details"),
    Column("secrets", LargeBinary, nullable=True),
    Column("secrets_generation", Integer, nullable=False, server_default="0"),
    text_column("metadata"),
    text_column("created_at"),
    text_column("updated_at"),
    # Of the entry that states the row.
    text_column("link", null=True),
    # The tax number that is its alone, where the law says so, until it is decommissioned.
    text_column("sole_number", null=True),
    present("uq_taxpayer_sole_number", "sole_number", unique=True),
    info=table_class(TableClass.PROJECTION),
)

LOCATION = Table(
    "location",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    Column("is_head_office", Integer, nullable=False),
    text_column("state"),
    text_column("mode"),
    text_column("content"),
    text_column("details"),
    text_column("metadata"),
    text_column("created_at"),
    text_column("updated_at"),
    # Of the entry that states the row.
    text_column("link", null=True),
    Index("ix_location_organization", "organization", "id"),
    Index("ix_location_taxpayer", "taxpayer", "id"),
    info=table_class(TableClass.PROJECTION),
)

REGISTER = Table(
    "register",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    Column("location", Text, ForeignKey("location.id"), nullable=False),
    text_column("state"),
    text_column("mode"),
    text_column("content"),
    text_column("details"),
    text_column("metadata"),
    text_column("created_at"),
    text_column("updated_at"),
    # Of the entry that states the row.
    text_column("link", null=True),
    Index("ix_register_organization", "organization", "id"),
    Index("ix_register_taxpayer", "taxpayer", "id"),
    Index("ix_register_location", "location", "id"),
    info=table_class(TableClass.PROJECTION),
)

DATA_KEY = Table(
    "data_key",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    info=table_class(TableClass.SECRET),
)

SETTING_KEY = Table(
    "setting_key",
    METADATA,
    Column("name", Text, primary_key=True),
    text_column("kind"),
    Column("generation", Integer, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    text_column("public_pem"),
    text_column("certificate_pem"),
    text_column("created_at"),
    info=table_class(TableClass.SECRET),
)

REGISTER_KEY = Table(
    "register_key",
    METADATA,
    Column("register", Text, ForeignKey("register.id"), primary_key=True),
    text_column("kind"),
    Column("generation", Integer, nullable=False),
    text_column("serial"),
    text_column("expires_at"),
    text_column("public_pem"),
    text_column("certificate_pem"),
    Column("secret", LargeBinary, nullable=False),
    info=table_class(TableClass.SECRET),
)

# Where each chain ends. A register's chain has the register's id, an organization's that of the
# organization, and the one of the installation is the installation's id.
CHAIN = Table(
    "chain",
    METADATA,
    Column("id", Text, primary_key=True),
    text_column("class"),
    text_column("organization"),
    Column("epoch", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    text_column("link"),
    text_column("entry"),
    text_column("at", null=True),
    # The last sequence that a run of leaves covers.
    Column("covered", Integer, nullable=False),
    # The last Z number, and the last sequence that its closing covers.
    Column("z", Integer, nullable=False, server_default="0"),
    Column("closed", Integer, nullable=False, server_default="0"),
    # The entry that says since when the register's device is out; empty while it signs.
    Column("outage", Text, nullable=False, server_default=""),
    only("uq_chain_installation", "class", "class = 'installation'"),
    info=table_class(TableClass.PROJECTION),
)

DEVICE = Table(
    "device",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    text_column("kind"),
    text_column("family"),
    text_column("info", null=True),
    # The day its certificate ends, so that what ends soon is found without reading `info`.
    text_column("usable_until", null=True),
    Column("secret", LargeBinary, nullable=True),
    Column("generation", Integer, nullable=False, server_default="0"),
    text_column("created_at"),
    Index("ix_device_organization", "organization", "id"),
    info=table_class(TableClass.SECRET),
)

# The devices of a register, one after the other, and as which client each knows it.
FITTING = Table(
    "fitting",
    METADATA,
    Column("device", Text, ForeignKey("device.id"), primary_key=True),
    Column("register", Text, ForeignKey("register.id"), nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    text_column("client"),
    text_column("state"),
    text_column("reason", null=True),
    text_column("error", null=True),
    text_column("fitted_at", null=True),
    text_column("released_at", null=True),
    # When the device was told that it signs for the register no more.
    text_column("told_at", null=True),
    Index("ix_fitting_register", "register"),
    # One device signs, and one more may be on its way.
    only("uq_fitting_present", "register", "state = 'fitted'"),
    only("uq_fitting_coming", "register", "state IN ('pending', 'failed')"),
    info=table_class(TableClass.PROJECTION),
)

SESSION = Table(
    "session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("register", Text, ForeignKey("register.id"), nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    text_column("state"),
    text_column("currency"),
    text_column("opening"),
    text_column("variance", null=True),
    text_column("opened_at"),
    text_column("counted_at", null=True),
    text_column("closed_at", null=True),
    # Intentions: what opened, counted and closed it.
    text_column("opened_by"),
    text_column("counted_by", null=True),
    text_column("closed_by", null=True),
    Index("ix_session_organization", "organization", "id"),
    Index("ix_session_register", "register", "id"),
    Index(
        "uq_session_open",
        "register",
        unique=True,
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
    info=table_class(TableClass.PROJECTION),
)

SERIES = Table(
    "series",
    METADATA,
    Column("id", Text, primary_key=True),
    # The tax number that the law counts by, else the taxpayer: a counter outlives its taxpayer.
    text_column("owner"),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    # The first that used it.
    text_column("location"),
    text_column("document_type"),
    text_column("name"),
    # Authorities compare names without regard to case.
    text_column("folded"),
    Column("is_training", Integer, nullable=False),
    text_column("state"),
    text_column("validation_code"),
    Column("number", Integer, nullable=False),
    text_column("carried"),
    text_column("last_record"),
    text_column("last_day", null=True),
    text_column("last_at", null=True),
    text_column("created_at"),
    # When an authority was asked to register it, with which first day; who asks, and until when
    # nobody else may. Empty while no answer is outstanding.
    text_column("asked_at", null=True),
    text_column("starts_on", null=True),
    text_column("holder", null=True),
    text_column("held_until", null=True),
    text_column("link", null=True),
    # What it is registered for (empty in rows of before: see is_training), and on which local day.
    text_column("purpose", null=True),
    text_column("registered_on", null=True),
    # Of a series that is to end: the last number that the authority is told, since when it takes
    # no more documents, and since when the authority has it so.
    Column("last_told", Integer, nullable=True),
    text_column("ordered_at", null=True),
    text_column("ended_at", null=True),
    # What stands against what was begun, in the authority's words and ours; how often it was tried.
    text_column("said", null=True),
    text_column("said_at", null=True),
    Column("attempts", Integer, nullable=True),
    UniqueConstraint("owner", "document_type", "folded"),
    info=table_class(TableClass.PROJECTION),
)

LATE = "number IS NOT NULL AND substr(day, 1, 7) < substr(at, 1, 7)"
"""Documents that were sealed after the month of their date had ended (UTC), as a condition."""

ENTRY = Table(
    "entry",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("chain", Text, ForeignKey("chain.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    text_column("kind"),
    Column("body", LargeBinary, nullable=False),
    # How the body is stored: 0 as it is.
    Column("encoding", Integer, nullable=False),
    # Of a body that was erased.
    text_column("digest", null=True),
    text_column("link"),
    text_column("key"),
    text_column("signature"),
    text_column("at"),
    text_column("organization"),
    text_column("taxpayer"),
    text_column("location"),
    text_column("intent", null=True),
    text_column("refers", null=True),
    text_column("series", null=True),
    Column("number", Integer, nullable=True),
    text_column("day", null=True),
    text_column("document_type", null=True),
    Column("is_training", Integer, nullable=False),
    # The row that an entry of the registry states, and its version.
    text_column("thing", null=True),
    Column("version", Integer, nullable=True),
    UniqueConstraint("chain", "epoch", "sequence"),
    present("uq_entry_number", "series", "number", unique=True),
    present("uq_entry_intent", "intent", unique=True),
    present("ix_entry_refers", "refers"),
    present("ix_entry_day", "taxpayer", "day", "series", "number"),
    partial_index("ix_entry_thing", "thing IS NOT NULL", "thing", "kind", "version"),
    # What came to a month after its end: documents that are dated back, and cancellations.
    partial_index("ix_entry_late", LATE, "taxpayer", "day"),
    partial_index("ix_entry_void", "kind = 'void@1'", "taxpayer"),
    Index("ix_entry_organization", "organization", "id"),
    info=table_class(TableClass.JOURNAL),
)

# What can be asked of a closing without reading the journal; the closing itself is the entry.
CLOSING = Table(
    "closing",
    METADATA,
    Column("id", Text, ForeignKey("entry.id"), primary_key=True),
    text_column("organization"),
    text_column("taxpayer"),
    text_column("register"),
    text_column("type"),
    Column("is_sealed", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("last_z", Integer, nullable=False),
    Column("first_sequence", Integer, nullable=False),
    Column("last_sequence", Integer, nullable=False),
    text_column("since"),
    text_column("until"),
    text_column("day"),
    text_column("session", null=True),
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
    info=table_class(TableClass.PROJECTION),
)

# What a foreign device was asked and has answered for an intention that is not concluded yet.
SIGNING = Table(
    "signing",
    METADATA,
    Column("intent", Text, ForeignKey("entry.id"), primary_key=True),
    Column("register", Text, ForeignKey("register.id"), nullable=False),
    text_column("state"),
    # The order that waits for the device, and the id of the record it will become.
    text_column("entry", null=True),
    Column("order", LargeBinary, nullable=True),
    text_column("process_type", null=True),
    text_column("process_data", null=True),
    text_column("started", null=True),
    text_column("outage", null=True),
    # Until then somebody is asking the device; afterwards anybody may go on.
    text_column("held_until", null=True),
    present("ix_signing_held_until", "held_until"),
    present("ix_signing_entry", "entry"),
    Index("ix_signing_register", "register"),
    info=table_class(TableClass.WORK),
)

LABEL = Table(
    "label",
    METADATA,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    text_column("metadata"),
    info=table_class(TableClass.PROJECTION),
)

CLAIM = Table(
    "claim",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    text_column("digest"),
    text_column("taker"),
    text_column("created_at"),
    text_column("expires_at", null=True),
    text_column("entry", null=True),
    text_column("metadata", null=True),
    Column("status", Integer, nullable=True),
    text_column("answer", null=True),
    present("ix_claim_expires_at", "expires_at"),
    present("ix_claim_entry", "entry"),
    info=table_class(TableClass.PROJECTION),
)

FROZEN = Table(
    "frozen",
    METADATA,
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), primary_key=True),
    Column("product", Text, primary_key=True),
    text_column("description"),
    info=table_class(TableClass.PROJECTION),
)

BOOKS = (
    BOOKKEEPING,
    FOLLOWED,
    ACCOUNTING_ENTRY,
    ENTRY_SHAPE,
    ACCOUNTED,
    EXPORT_JOB,
    EXPORT_JOB_ITEM,
    EXPORT_JOB_REGISTER,
)

APPEND_ONLY = (ENTRY, CHECKPOINT, LEAF_RUN)
