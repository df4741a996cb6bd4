"""A register may have several devices, one after the other; their end is known without asking."""

import json

import sqlalchemy as sa
from alembic import op

from fiscus.model.times import instant, micros_z

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("device", sa.Column("usable_until", sa.Text(), nullable=True))
    _fill_usable_until()
    before = [
        {**row._mapping, "reason": None, "told_at": None if row.error else row.released_at}
        for row in op.get_bind().execute(sa.text("SELECT * FROM fitting"))
    ]
    op.drop_table("fitting")
    fitting = _fitting()
    if before:
        op.bulk_insert(fitting, before)


def _fill_usable_until() -> None:
    """From what each device said of itself."""
    bind = op.get_bind()
    known = sa.text("SELECT id, info FROM device WHERE info IS NOT NULL")
    for row in bind.execute(known).all():
        if until := json.loads(row.info).get("usable_until"):
            bind.execute(
                sa.text("UPDATE device SET usable_until = :until WHERE id = :id"),
                {"until": micros_z(instant(until)), "id": row.id},
            )


def _fitting() -> sa.Table:
    table = op.create_table(
        "fitting",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("fitted_at", sa.Text(), nullable=True),
        sa.Column("released_at", sa.Text(), nullable=True),
        sa.Column("told_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_fitting_device")),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.id"], name=op.f("fk_fitting_organization")
        ),
        sa.ForeignKeyConstraint(["register"], ["register.id"], name=op.f("fk_fitting_register")),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_fitting")),
    )
    op.create_index("ix_fitting_register", "fitting", ["register"], unique=False)
    _only("uq_fitting_present", "state = 'fitted'")
    _only("uq_fitting_coming", "state IN ('pending', 'failed')")
    return table


def _only(name: str, condition: str) -> None:
    which = sa.text(condition)
    op.create_index(
        name, "fitting", ["register"], unique=True, sqlite_where=which, postgresql_where=which
    )
