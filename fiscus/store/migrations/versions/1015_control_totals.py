"""What was counted while the file of an export was written."""

import sqlalchemy as sa
from alembic import op

revision = "1015"
down_revision = "1014"


def upgrade() -> None:
    op.add_column("file", sa.Column("totals", sa.Text(), nullable=True))
