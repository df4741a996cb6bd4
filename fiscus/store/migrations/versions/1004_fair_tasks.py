"""Tasks: lanes, organizations that take turns, and tasks that stay listed when given up."""

import sqlalchemy as sa
from alembic import op

revision = "1004"
down_revision = "1003"

_LANES = {
    "export": "heavy",
    "report": "quick",
    "fit": "devices",
    "release": "devices",
}
"""By kind; all others that there were are short work of our own."""

_ORGANIZATIONS = {
    "export": "SELECT file.organization FROM file WHERE file.id = task.payload",
    "report": "SELECT obligation.organization FROM obligation WHERE obligation.id = task.payload",
    "fit": "SELECT register.organization FROM register WHERE register.id = task.payload",
    "release": "SELECT fitting.organization FROM fitting WHERE fitting.device = task.payload",
}


def upgrade() -> None:
    for name in ("lane", "organization", "state", "created_at"):
        op.add_column("task", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("task", sa.Column("failed_at", sa.Text(), nullable=True))
    op.execute(
        "UPDATE task SET lane = 'steady', organization = '', state = 'waiting', created_at = due_at"
    )
    for kind, lane in _LANES.items():
        op.execute(f"UPDATE task SET lane = '{lane}' WHERE kind = '{kind}'")
    for kind, found in _ORGANIZATIONS.items():
        op.execute(f"UPDATE task SET organization = COALESCE(({found}), '') WHERE kind = '{kind}'")
    op.drop_index("ix_task_due_at", "task")
    with op.batch_alter_table("task") as table:
        for name in ("lane", "organization", "state", "created_at"):
            table.alter_column(name, existing_type=sa.Text(), nullable=False)
    op.create_index("ix_task_turn", "task", ["state", "lane", "organization", "due_at", "id"])
    op.create_index("ix_task_due_at", "task", ["state", "lane", "due_at", "organization"])
    op.create_table(
        "task_turn",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_task_turn")),
    )
