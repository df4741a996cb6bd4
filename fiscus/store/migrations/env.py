"""Runs migrations on the connection that `store/migrate.py` hands in."""

from alembic import context

from fiscus.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=False,
)
context.run_migrations()
