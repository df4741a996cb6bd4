"""The tables by which the console finds documents and adds up what was sold. All of it is made of
entries of the journal, behind them, and is made again if it is lost."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from fiscus.store.columns import (
    METADATA,
    TableClass,
    partial_index,
    present,
    table_class,
    text_column,
)

NAMED = "customer_key <> ''"
"""Documents of customers who are named, as a condition."""

MARKED = "marks NOT IN (0, 32)"
"""Documents with any mark but that of the law's signature, as a condition."""

# One row for each entry that concluded an operation.
DOCUMENT_INDEX = Table(
    "document_index",
    METADATA,
    # Of the entry.
    Column("id", Text, primary_key=True),
    text_column("organization"),
    text_column("taxpayer"),
    text_column("location"),
    text_column("register"),
    text_column("at"),
    # The document's date; of what has none, the day at its location.
    text_column("day"),
    # The neutral kind, and the law's own type (empty: the law gave none).
    text_column("kind"),
    text_column("document_type"),
    # The legal number as it is printed, and without spaces and case; NULL: it has none.
    text_column("number"),
    text_column("number_key", null=True),
    # The law's unique code of the document (Portugal: ATCUD), in the same two ways.
    text_column("code"),
    text_column("code_key", null=True),
    # In cents, signed as the law states it.
    Column("gross", BigInteger, nullable=False),
    text_column("currency"),
    text_column("customer"),
    # What is searched: without case and accents.
    text_column("customer_key"),
    text_column("words"),
    # What it is and became: bits of `DocumentMark`.
    Column("marks", Integer, nullable=False),
    Index("ix_document_index_day", "organization", "day", "id"),
    Index("ix_document_index_organization", "organization", "id"),
    Index("ix_document_index_register", "register", "day", "id"),
    present("ix_document_index_number", "organization", "number_key"),
    present("ix_document_index_code", "organization", "code_key"),
    # What is looked through without its rows: customers, and the few documents that are more than
    # signed, or less.
    partial_index("ix_document_index_customer", NAMED, "organization", "day", "id", "customer_key"),
    partial_index("ix_document_index_marks", MARKED, "organization", "day", "id", "marks"),
    info=table_class(TableClass.WORK),
)

# What was sold in an hour of a business day at a register: sums by kind of document, by tax and by
# means of payment, in cents. Hours are those of the location's clock.
SALES_TOTAL = Table(
    "sales_total",
    METADATA,
    Column("register", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("hour", Integer, primary_key=True, autoincrement=False),
    # What is added up (`documents`, `tax`, `tender`, `seal`), and which of them.
    Column("about", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    text_column("organization"),
    text_column("location"),
    Column("count", BigInteger, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("vat", BigInteger, nullable=False),
    Index("ix_sales_total_day", "organization", "day"),
    info=table_class(TableClass.WORK),
)
