"""Whether the receipts of an organization have a page for customers."""

import sqlalchemy as sa
from alembic import op

revision = "1014"
down_revision = "1013"


def upgrade() -> None:
    op.add_column("organization", sa.Column("receipts", sa.Text(), nullable=True))
