"""Reports to authorities: in lines that keep an order, with what the other side said."""

import sqlalchemy as sa
from alembic import op

revision = "1006"
down_revision = "1005"

OPEN = sa.text("state IN ('pending', 'unknown')")
REFUSED = sa.text("state = 'refused'")

KEPT = """
INSERT INTO obligation (id, record, organization, taxpayer, channel, kind, content, reason, line,
    number, rank, day, state, attempts, failures, was_sent, answer, created_at, answered_at)
SELECT b.id, b.record, b.organization, b.taxpayer, b.channel, b.kind, b.content, '',
    COALESCE(e.series, e.chain), COALESCE(e.number, e.sequence), 0, COALESCE(e.day, ''), b.state,
    b.attempts, 0, CASE WHEN b.attempts > 0 THEN 1 ELSE 0 END, b.answer, b.created_at,
    b.answered_at
FROM obligation_before AS b JOIN entry AS e ON e.id = b.record
WHERE b.state IN ('pending', 'unknown')
"""


def upgrade() -> None:
    """Reports that wait go on; the service makes their tasks anew, one for each line.

    What was answered before is not kept: no entry states it, and no law that we shipped had
    anything told."""
    op.execute("CREATE TABLE obligation_before AS SELECT * FROM obligation")
    op.drop_table("obligation")
    _obligation()
    op.execute(KEPT)
    op.drop_table("obligation_before")
    op.execute("DELETE FROM task WHERE kind = 'report'")
    op.create_table(
        "report_pause",
        sa.Column("taxpayer", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("is_lifted", sa.Integer(), nullable=False),
        sa.Column("probe", sa.Text(), nullable=True),
        sa.Column("probe_until", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["taxpayer"], ["taxpayer.id"], name=op.f("fk_report_pause_taxpayer")
        ),
        sa.PrimaryKeyConstraint("taxpayer", "channel", name=op.f("pk_report_pause")),
    )


def _obligation() -> None:
    op.create_table(
        "obligation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("taxpayer", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("was_sent", sa.Integer(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.id"], name=op.f("fk_obligation_organization")
        ),
        sa.ForeignKeyConstraint(["record"], ["entry.id"], name=op.f("fk_obligation_record")),
        sa.ForeignKeyConstraint(["taxpayer"], ["taxpayer.id"], name=op.f("fk_obligation_taxpayer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
    )
    op.create_index("ix_obligation_record", "obligation", ["record"])
    op.create_index("ix_obligation_organization", "obligation", ["organization", "id"])
    op.create_index("ix_obligation_taxpayer", "obligation", ["taxpayer", "id"])
    for name, columns, where in (
        ("ix_obligation_open", ["line", "number", "rank"], OPEN),
        ("ix_obligation_waiting", ["created_at"], OPEN),
        ("ix_obligation_refused", ["taxpayer"], REFUSED),
    ):
        op.create_index(name, "obligation", columns, sqlite_where=where, postgresql_where=where)
