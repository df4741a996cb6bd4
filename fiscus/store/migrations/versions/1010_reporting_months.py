"""Months that a person has reported or declared, and indexes that find what came to one late."""

import sqlalchemy as sa
from alembic import op

revision = "1010"
down_revision = "1009"

LATE = sa.text("number IS NOT NULL AND substr(day, 1, 7) < substr(at, 1, 7)")
VOID = sa.text("kind = 'void@1'")
UNTOLD = sa.text("state <> 'accepted'")
STANDING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("taxpayer", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("latecomers", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.id"], name=op.f("fk_declaration_organization")
        ),
        sa.ForeignKeyConstraint(
            ["taxpayer"], ["taxpayer.id"], name=op.f("fk_declaration_taxpayer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    op.create_index(
        "uq_declaration_standing",
        "declaration",
        ["taxpayer", "month"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    for name, table, columns, where in (
        ("ix_entry_late", "entry", ["taxpayer", "day"], LATE),
        ("ix_entry_void", "entry", ["taxpayer"], VOID),
        ("ix_obligation_untold", "obligation", ["taxpayer", "day"], UNTOLD),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
