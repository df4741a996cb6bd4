"""The tables of the books: what each company maps, the entries that were made of records, and the
jobs that carry them into an accounting system."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from fiscus.store.columns import METADATA, TableClass, only, present, table_class, text_column

# How the records of a company become entries: its chart, its rules, its settings. One row for each
# company that keeps books here; a company is a taxpayer.
BOOKKEEPING = Table(
    "bookkeeping",
    METADATA,
    Column("id", Text, ForeignKey("taxpayer.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    text_column("content"),
    text_column("created_at"),
    text_column("updated_at"),
    # Of the entry of the journal that states the row.
    text_column("link", null=True),
    info=table_class(TableClass.PROJECTION),
)

# How far a chain has been read by one who makes something of its entries.
FOLLOWED = Table(
    "followed",
    METADATA,
    Column("reader", Text, primary_key=True),
    Column("chain", Text, ForeignKey("chain.id"), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    info=table_class(TableClass.WORK),
)

ACCOUNTING_ENTRY = Table(
    "accounting_entry",
    METADATA,
    Column("id", Text, primary_key=True),
    text_column("company"),
    text_column("organization"),
    # The sealed document or closing that it was made of; NULL: a caller entered it.
    Column("record", Text, ForeignKey("entry.id"), nullable=True),
    # Which of several entries of one record: `sale`, `settlement/<key>`, `movement/<key>` …
    text_column("part"),
    text_column("register", null=True),
    # The day it is booked on, in the taxpayer's time zone, and the instant it was performed.
    text_column("day"),
    text_column("performed_at"),
    text_column("sub_type"),
    # The caller's own word; NULL: the mapping says it.
    text_column("type", null=True),
    text_column("reference"),
    Column("amount", BigInteger, nullable=False),
    text_column("currency"),
    Column("content", LargeBinary, nullable=False),
    text_column("status"),
    # The unfinished job that holds it.
    text_column("job", null=True),
    text_column("exported_at", null=True),
    text_column("external_id", null=True),
    text_column("external_url", null=True),
    # The entry that this one takes back.
    text_column("reverses", null=True),
    text_column("deleted_at", null=True),
    text_column("created_at"),
    text_column("updated_at"),
    # What its lines are booked by (`ENTRY_SHAPE`).
    text_column("shape", null=True),
    # Each index costs a page for each entry that is made: entries of one day stand together, and
    # there is none for an order that nobody lists by.
    Index("ix_accounting_entry_day", "company", "day", "id"),
    Index("ix_accounting_entry_status", "company", "status", "day", "id"),
    # Few are: all that are not are counted as all without these.
    present("ix_accounting_entry_deleted", "company", "deleted_at"),
    # What few entries are booked by is found among many, in the order of the list.
    Index("ix_accounting_entry_shape", "company", "shape", "day", "id"),
    present("ix_accounting_entry_job", "job"),
    present("ix_accounting_entry_reverses", "reverses"),
    Index(
        "uq_accounting_entry_part",
        "record",
        "part",
        unique=True,
    ),
    info=table_class(TableClass.WORK),
)

# The keys, accounts and taxes of lines that entries of a company have, each combination once.
ENTRY_SHAPE = Table(
    "entry_shape",
    METADATA,
    Column("id", Text, primary_key=True),
    text_column("company"),
    text_column("lines"),
    Index("ix_entry_shape_company", "company"),
    info=table_class(TableClass.WORK),
)

# Which entry covers a sealed document: each has exactly one.
ACCOUNTED = Table(
    "accounted",
    METADATA,
    Column("record", Text, ForeignKey("entry.id"), primary_key=True),
    Column("entry", Text, ForeignKey("accounting_entry.id"), nullable=False),
    Index("ix_accounted_entry", "entry", "record"),
    info=table_class(TableClass.WORK),
)

EXPORT_JOB = Table(
    "export_job",
    METADATA,
    Column("id", Text, primary_key=True),
    text_column("company"),
    text_column("organization"),
    # `pull`: a program of the caller works it off; else the format of the file that we write.
    text_column("target"),
    text_column("status"),
    Column("is_interactive", Integer, nullable=False),
    Column("is_vendor_based", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("expires_in", Integer, nullable=False),
    # Who is said to have asked (`employeeId`), and the API key or command that did.
    text_column("created_by", null=True),
    text_column("asked_by"),
    text_column("created_at"),
    text_column("started_at", null=True),
    text_column("last_updated_at"),
    text_column("completed_at", null=True),
    text_column("expired_at", null=True),
    text_column("failure_reason", null=True),
    text_column("failure_type", null=True),
    # The job whose failed items it takes up again.
    text_column("retry_of", null=True),
    # The bookkeeping's content when the job was made: what was frozen with it.
    text_column("bookkeeping"),
    # Of a file: its SHA-256, size, name.
    text_column("artifact", null=True),
    Column("bytes", BigInteger, nullable=True),
    text_column("file_name", null=True),
    Index("ix_export_job_company", "company", "created_at", "id"),
    Index("ix_export_job_organization", "organization", "created_at", "id"),
    present("ix_export_job_retry_of", "retry_of"),
    present("ix_export_job_artifact", "artifact"),
    only(
        "uq_export_job_unfinished",
        "company",
        "target = 'pull' AND status IN ('pending', 'in_progress')",
    ),
    info=table_class(TableClass.WORK),
)

EXPORT_JOB_ITEM = Table(
    "export_job_item",
    METADATA,
    Column("job", Text, ForeignKey("export_job.id"), primary_key=True),
    # 0, 1, 2 … in the order of the days of the entries, then of their ids.
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, ForeignKey("accounting_entry.id"), nullable=False),
    text_column("status"),
    text_column("exported_at", null=True),
    text_column("external_id", null=True),
    text_column("external_url", null=True),
    text_column("failure_reason", null=True),
    text_column("failure_type", null=True),
    # The entry with its accounts, frozen when the job was made.
    Column("content", LargeBinary, nullable=False),
    text_column("warnings", null=True),
    Index("uq_export_job_item_entry", "job", "entry", unique=True),
    Index("ix_export_job_item_entry", "entry", "job"),
    Index("ix_export_job_item_status", "job", "status", "position"),
    info=table_class(TableClass.WORK),
)

# Of which registers a job has entries.
EXPORT_JOB_REGISTER = Table(
    "export_job_register",
    METADATA,
    Column("job", Text, ForeignKey("export_job.id"), primary_key=True),
    Column("register", Text, primary_key=True),
    Index("ix_export_job_register_register", "register", "job"),
    info=table_class(TableClass.WORK),
)
