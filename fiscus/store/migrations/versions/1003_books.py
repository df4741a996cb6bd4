"""The books: what companies map, accounting entries, export jobs."""

import sqlalchemy as sa
from alembic import op

revision = "1003"
down_revision = "1002"


def upgrade() -> None:
    _export_job()
    _followed()
    _accounting_entry()
    _bookkeeping()
    _accounted()
    _export_job_item()


def _export_job() -> None:
    op.create_table(
        "export_job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("is_interactive", sa.Integer(), nullable=False),
        sa.Column("is_vendor_based", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("expires_in", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("last_updated_at", sa.Text(), nullable=False),
        sa.Column("completed_at", sa.Text(), nullable=True),
        sa.Column("expired_at", sa.Text(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("failure_type", sa.Text(), nullable=True),
        sa.Column("retry_of", sa.Text(), nullable=True),
        sa.Column("bookkeeping", sa.Text(), nullable=False),
        sa.Column("artifact", sa.Text(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_job")),
    )
    op.create_index(
        "ix_export_job_company", "export_job", ["company", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_export_job_organization",
        "export_job",
        ["organization", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_export_job_retry_of",
        "export_job",
        ["retry_of"],
        unique=False,
        sqlite_where=sa.text("retry_of IS NOT NULL"),
        postgresql_where=sa.text("retry_of IS NOT NULL"),
    )
    op.create_index(
        "uq_export_job_unfinished",
        "export_job",
        ["company"],
        unique=True,
        sqlite_where=sa.text("target = 'pull' AND status IN ('pending', 'in_progress')"),
        postgresql_where=sa.text("target = 'pull' AND status IN ('pending', 'in_progress')"),
    )


def _followed() -> None:
    op.create_table(
        "followed",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chain"], ["chain.id"], name=op.f("fk_followed_chain")),
        sa.PrimaryKeyConstraint("reader", "chain", name=op.f("pk_followed")),
    )


def _accounting_entry() -> None:
    op.create_table(
        "accounting_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=True),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("performed_at", sa.Text(), nullable=False),
        sa.Column("sub_type", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=True),
        sa.Column("exported_at", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_url", sa.Text(), nullable=True),
        sa.Column("reverses", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record"], ["entry.id"], name=op.f("fk_accounting_entry_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounting_entry")),
    )
    _indexes_of_entries()


def _indexes_of_entries() -> None:
    op.create_index(
        "ix_accounting_entry_company", "accounting_entry", ["company", "id"], unique=False
    )
    op.create_index(
        "ix_accounting_entry_day", "accounting_entry", ["company", "day", "id"], unique=False
    )
    op.create_index(
        "ix_accounting_entry_deleted",
        "accounting_entry",
        ["company", "deleted_at"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_accounting_entry_job",
        "accounting_entry",
        ["job"],
        unique=False,
        sqlite_where=sa.text("job IS NOT NULL"),
        postgresql_where=sa.text("job IS NOT NULL"),
    )
    op.create_index(
        "ix_accounting_entry_reverses",
        "accounting_entry",
        ["reverses"],
        unique=False,
        sqlite_where=sa.text("reverses IS NOT NULL"),
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.create_index(
        "ix_accounting_entry_status", "accounting_entry", ["company", "status", "id"], unique=False
    )
    op.create_index("uq_accounting_entry_part", "accounting_entry", ["record", "part"], unique=True)


def _bookkeeping() -> None:
    op.create_table(
        "bookkeeping",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["taxpayer.id"], name=op.f("fk_bookkeeping_id")),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.id"], name=op.f("fk_bookkeeping_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookkeeping")),
    )


def _accounted() -> None:
    op.create_table(
        "accounted",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry"], ["accounting_entry.id"], name=op.f("fk_accounted_entry")
        ),
        sa.ForeignKeyConstraint(["record"], ["entry.id"], name=op.f("fk_accounted_record")),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_accounted")),
    )
    op.create_index("ix_accounted_entry", "accounted", ["entry", "record"], unique=False)


def _export_job_item() -> None:
    op.create_table(
        "export_job_item",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("exported_at", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("external_url", sa.Text(), nullable=True),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("failure_type", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry"], ["accounting_entry.id"], name=op.f("fk_export_job_item_entry")
        ),
        sa.ForeignKeyConstraint(["job"], ["export_job.id"], name=op.f("fk_export_job_item_job")),
        sa.PrimaryKeyConstraint("job", "position", name=op.f("pk_export_job_item")),
    )
    op.create_index("ix_export_job_item_entry", "export_job_item", ["entry", "job"], unique=False)
    op.create_index(
        "ix_export_job_item_status", "export_job_item", ["job", "status", "position"], unique=False
    )
    op.create_index("uq_export_job_item_entry", "export_job_item", ["job", "entry"], unique=True)
