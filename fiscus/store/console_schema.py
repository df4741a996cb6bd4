"""The table of sign-ins to the console, and of the links that were made for auditors."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from fiscus.store.columns import METADATA, TableClass, table_class, text_column

# Rows stay for ever: who looked, and what was handed out, is stated in the journal.
CONSOLE_SESSION = Table(
    "console_session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    # `key`: somebody signed in with an API key; `link`: an auditor's link.
    text_column("kind"),
    # The API key, and the number of its secret; a link has none.
    text_column("subject", null=True),
    Column("generation", Integer, nullable=True),
    text_column("role"),
    # The days that a link shows, both included.
    text_column("first_day", null=True),
    text_column("last_day", null=True),
    # HMAC over the secret and what it opens: another once a link was opened, none at the end.
    text_column("secret_hash", null=True),
    text_column("created_at"),
    text_column("opened_at", null=True),
    text_column("expires_at"),
    text_column("ended_at", null=True),
    Index("ix_console_session_organization", "organization", "created_at", "id"),
    info=table_class(TableClass.SECRET),
)
