"""Indexes of the books: of a file by its digest, and entries of one day stand together."""

import sqlalchemy as sa
from alembic import op

revision = "1009"
down_revision = "1008"

KEPT = sa.text("artifact IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_export_job_artifact",
        "export_job",
        ["artifact"],
        unique=False,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.drop_index("ix_accounting_entry_company", "accounting_entry")
    op.drop_index("ix_accounting_entry_status", "accounting_entry")
    op.create_index(
        "ix_accounting_entry_status",
        "accounting_entry",
        ["company", "status", "day", "id"],
        unique=False,
    )
    op.drop_index("ix_accounting_entry_shape", "accounting_entry")
    op.create_index(
        "ix_accounting_entry_shape",
        "accounting_entry",
        ["company", "shape", "day", "id"],
        unique=False,
    )
