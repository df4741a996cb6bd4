"""Entries of the books by the keys and accounts of their lines, and export jobs by register."""

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "1008"
down_revision = "1007"

_PIECE = 1_000


def upgrade() -> None:
    op.create_table(
        "entry_shape",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_shape")),
    )
    op.create_index("ix_entry_shape_company", "entry_shape", ["company"], unique=False)
    op.add_column("accounting_entry", sa.Column("shape", sa.Text(), nullable=True))
    _fill_shapes()
    op.create_index(
        "ix_accounting_entry_shape", "accounting_entry", ["company", "shape"], unique=False
    )
    op.create_table(
        "export_job_register",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job"], ["export_job.id"], name=op.f("fk_export_job_register_job")
        ),
        sa.PrimaryKeyConstraint("job", "register", name=op.f("pk_export_job_register")),
    )
    op.create_index(
        "ix_export_job_register_register", "export_job_register", ["register", "job"], unique=False
    )
    op.execute(
        "INSERT INTO export_job_register (job, register) "
        "SELECT DISTINCT item.job, entry.register FROM export_job_item AS item "
        "JOIN accounting_entry AS entry ON entry.id = item.entry "
        "WHERE entry.register IS NOT NULL"
    )


def _fill_shapes() -> None:
    """Of the entries that there are, piece by piece."""
    tx, after = op.get_bind(), ""
    known: set[str] = set()
    page = sa.text(
        "SELECT id, company, content FROM accounting_entry WHERE id > :after "
        "ORDER BY id LIMIT :some"
    )
    insert = sa.text("INSERT INTO entry_shape (id, company, lines) VALUES (:id, :company, :lines)")
    update = sa.text("UPDATE accounting_entry SET shape = :shape WHERE id = :id")
    while rows := tx.execute(page, {"after": after, "some": _PIECE}).all():
        for id_, company, content in rows:
            lines = _lines(json.loads(bytes(content)))
            shape = hashlib.sha256(f"{company}{lines}".encode()).hexdigest()[:32]
            if shape not in known:
                known.add(shape)
                tx.execute(insert, {"id": shape, "company": company, "lines": lines})
            tx.execute(update, {"shape": shape, "id": id_})
        after = rows[-1].id


def _lines(content: Any) -> str:
    """What is different among the lines: key, account, tax, and whether there is VAT."""
    found = {
        (line["key"], line.get("account", ""), line.get("tax_code", ""), bool(line.get("vat")))
        for line in content["lines"]
    }
    return json.dumps(
        [list(one) for one in sorted(found)], ensure_ascii=False, separators=(",", ":")
    )
