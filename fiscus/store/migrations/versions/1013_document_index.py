"""What the console finds documents by, and adds up what was sold from."""

import sqlalchemy as sa
from alembic import op

revision = "1013"
down_revision = "1012"


def upgrade() -> None:
    _document_index()
    op.create_table(
        "sales_total",
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "register", "day", "hour", "about", "key", "currency", name=op.f("pk_sales_total")
        ),
    )
    op.create_index("ix_sales_total_day", "sales_total", ["organization", "day"])


def _document_index() -> None:
    op.create_table(
        "document_index",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("taxpayer", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("number_key", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=True),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_index")),
    )
    op.create_index("ix_document_index_day", "document_index", ["organization", "day", "id"])
    op.create_index("ix_document_index_organization", "document_index", ["organization", "id"])
    op.create_index("ix_document_index_register", "document_index", ["register", "day", "id"])
    for name, column in (
        ("ix_document_index_number", "number_key"),
        ("ix_document_index_code", "code_key"),
    ):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            name,
            "document_index",
            ["organization", column],
            sqlite_where=there,
            postgresql_where=there,
        )
    for name, column, condition in (
        ("ix_document_index_customer", "customer_key", "customer_key <> ''"),
        ("ix_document_index_marks", "marks", "marks NOT IN (0, 32)"),
    ):
        op.create_index(
            name,
            "document_index",
            ["organization", "day", "id", column],
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
