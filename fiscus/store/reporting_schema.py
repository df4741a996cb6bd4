"""The tables of what authorities are told: reports, who is not asked for a while, and what a person
has done about a month."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from fiscus.store.columns import METADATA, TableClass, table_class, text_column

_OPEN = text("state IN ('pending', 'unknown')")
_REFUSED = text("state = 'refused'")
_UNTOLD = text("state <> 'accepted'")
_STANDING = text("ended_at IS NULL")

# What a law obliges us to report after a record, and what the other side says of it.
OBLIGATION = Table(
    "obligation",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("record", Text, ForeignKey("entry.id"), nullable=False),
    # The entry that changed the record's status.
    text_column("cause", null=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    text_column("channel"),
    text_column("kind"),
    text_column("content"),
    # A person's, for a deletion.
    text_column("reason"),
    # Reports of one line are sent in the order of number and rank: the series of the record and its
    # number there, else its register and its sequence.
    text_column("line"),
    Column("number", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    # The record's date, as the law has it.
    text_column("day"),
    text_column("state"),
    # How often it was sent; and how often in vain since it was answered, or retried by a person.
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    # An earlier send may have arrived.
    Column("was_sent", Integer, nullable=False),
    # The last answer: what helps, the authority's own code and words (or why there was none), and
    # what it gave us.
    text_column("remedy", null=True),
    text_column("code", null=True),
    text_column("answer", null=True),
    text_column("reference", null=True),
    text_column("created_at"),
    text_column("answered_at", null=True),
    Index("ix_obligation_record", "record"),
    Index("ix_obligation_organization", "organization", "id"),
    Index("ix_obligation_taxpayer", "taxpayer", "id"),
    Index(
        "ix_obligation_open",
        "line",
        "number",
        "rank",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("ix_obligation_waiting", "created_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index(
        "ix_obligation_untold", "taxpayer", "day", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD
    ),
    Index("ix_obligation_refused", "taxpayer", sqlite_where=_REFUSED, postgresql_where=_REFUSED),
    info=table_class(TableClass.WORK),
)

# Taxpayers that an authority does not let in: it is not asked for them until somebody has mended
# their credentials. One line tries first, the others wait for its answer.
REPORT_PAUSE = Table(
    "report_pause",
    METADATA,
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    text_column("since"),
    text_column("code"),
    text_column("answer"),
    # Of the credentials that were refused.
    Column("generation", Integer, nullable=False),
    Column("is_lifted", Integer, nullable=False),
    text_column("probe", null=True),
    text_column("probe_until", null=True),
    info=table_class(TableClass.WORK),
)

# That a person has handed in the file of a month, or declared that it had no invoicing. It stands
# until it is taken back or declared anew.
DECLARATION = Table(
    "declaration",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    Column("taxpayer", Text, ForeignKey("taxpayer.id"), nullable=False),
    # `2026-05`.
    text_column("month"),
    text_column("type"),
    # What the authority, or whoever did it, calls it by.
    text_column("reference"),
    # How much had come to the month after its end by then, documents and cancellations.
    Column("latecomers", Integer, nullable=False),
    text_column("declared_at"),
    text_column("declared_by"),
    text_column("ended_at", null=True),
    text_column("ended_by", null=True),
    text_column("reason", null=True),
    Index(
        "uq_declaration_standing",
        "taxpayer",
        "month",
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    ),
    info=table_class(TableClass.PROJECTION),
)
