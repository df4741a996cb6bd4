"""Devices that sign, cash sessions and closings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _device()
    _fitting()
    _session()
    _closing()
    _signing()


def _device() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("info", sa.Text(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.id"], name=op.f("fk_device_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_index("ix_device_organization", "device", ["organization", "id"], unique=False)


def _fitting() -> None:
    op.create_table(
        "fitting",
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("fitted_at", sa.Text(), nullable=True),
        sa.Column("released_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["device"], ["device.id"], name=op.f("fk_fitting_device")),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.id"], name=op.f("fk_fitting_organization")
        ),
        sa.ForeignKeyConstraint(["register"], ["register.id"], name=op.f("fk_fitting_register")),
        sa.PrimaryKeyConstraint("register", name=op.f("pk_fitting")),
    )
    op.create_index("ix_fitting_device", "fitting", ["device"], unique=False)


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("variance", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=False),
        sa.Column("counted_at", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.Text(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("counted_by", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.id"], name=op.f("fk_session_organization")
        ),
        sa.ForeignKeyConstraint(["register"], ["register.id"], name=op.f("fk_session_register")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index("ix_session_organization", "session", ["organization", "id"], unique=False)
    op.create_index("ix_session_register", "session", ["register", "id"], unique=False)
    op.create_index(
        "uq_session_open",
        "session",
        ["register"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )


def _closing() -> None:
    op.create_table(
        "closing",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("taxpayer", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("is_sealed", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("last_z", sa.Integer(), nullable=False),
        sa.Column("first_sequence", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["entry.id"], name=op.f("fk_closing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
        sa.UniqueConstraint(
            "register", "is_sealed", "type", "number", name=op.f("uq_closing_register")
        ),
    )
    op.create_index("ix_closing_organization", "closing", ["organization", "id"], unique=False)
    op.create_index("ix_closing_register", "closing", ["register", "type", "until"], unique=False)
    op.create_index(
        "uq_closing_z",
        "closing",
        ["register", "last_z"],
        unique=True,
        sqlite_where=sa.text("is_sealed = 1"),
        postgresql_where=sa.text("is_sealed = 1"),
    )


def _signing() -> None:
    op.create_table(
        "signing",
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("order", sa.LargeBinary(), nullable=True),
        sa.Column("process_type", sa.Text(), nullable=True),
        sa.Column("process_data", sa.Text(), nullable=True),
        sa.Column("started", sa.Text(), nullable=True),
        sa.Column("outage", sa.Text(), nullable=True),
        sa.Column("held_until", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["intent"], ["entry.id"], name=op.f("fk_signing_intent")),
        sa.ForeignKeyConstraint(["register"], ["register.id"], name=op.f("fk_signing_register")),
        sa.PrimaryKeyConstraint("intent", name=op.f("pk_signing")),
    )
    op.create_index(
        "ix_signing_held_until",
        "signing",
        ["held_until"],
        unique=False,
        sqlite_where=sa.text("held_until IS NOT NULL"),
        postgresql_where=sa.text("held_until IS NOT NULL"),
    )
    op.create_index(
        "ix_signing_entry",
        "signing",
        ["entry"],
        unique=False,
        sqlite_where=sa.text("entry IS NOT NULL"),
        postgresql_where=sa.text("entry IS NOT NULL"),
    )
    op.create_index("ix_signing_register", "signing", ["register"], unique=False)
