"""Series: what each is registered for, and what its end is told."""

import sqlalchemy as sa
from alembic import op

revision = "1007"
down_revision = "1006"

TEXTS = ("purpose", "registered_on", "ordered_at", "ended_at", "said", "said_at")
NUMBERS = ("last_told", "attempts")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("series", sa.Column(name, sa.Text(), nullable=True))
    for name in NUMBERS:
        op.add_column("series", sa.Column(name, sa.Integer(), nullable=True))
