"""The tables of webhooks: who wants to be told of what, what happened, and how the telling went."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from fiscus.store.columns import METADATA, TableClass, table_class, text_column

_ACTIVE = text("status = 'ACTIVE' AND deleted_at IS NULL")

# An endpoint of a caller that is told of events of its organization and of those below it.
WEBHOOK_SUBSCRIPTION = Table(
    "webhook_subscription",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("organization", Text, ForeignKey("organization.id"), nullable=False),
    # The taxpayer whose events alone are meant.
    Column("company", Text, ForeignKey("taxpayer.id"), nullable=True),
    text_column("endpoint_url"),
    # As JSON, a list.
    text_column("event_types"),
    text_column("status"),
    # Signing secrets, custom headers and the endpoint's credentials, sealed; NULL: deleted.
    Column("secrets", LargeBinary, nullable=True),
    # Until when the signing secret before the present one signs too.
    text_column("previous_until", null=True),
    text_column("created_at"),
    text_column("updated_at"),
    text_column("deleted_at", null=True),
    text_column("deleted_by", null=True),
    # Of the entry of the journal that states the row.
    text_column("link", null=True),
    Index("ix_webhook_subscription_organization", "organization", "id"),
    Index(
        "ix_webhook_subscription_active",
        "organization",
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    ),
    info=table_class(TableClass.PROJECTION),
)

# What happened, once for all who are told; kept while it is told, and some weeks more.
WEBHOOK_EVENT = Table(
    "webhook_event",
    METADATA,
    Column("id", Text, primary_key=True),
    text_column("organization"),
    text_column("company"),
    text_column("type"),
    text_column("subject"),
    text_column("at"),
    Index("ix_webhook_event_at", "at"),
    info=table_class(TableClass.WORK),
)

WEBHOOK_DELIVERY = Table(
    "webhook_delivery",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("event", Text, ForeignKey("webhook_event.id"), nullable=False),
    Column("subscription", Text, ForeignKey("webhook_subscription.id"), nullable=False),
    text_column("status"),
    Column("attempts", Integer, nullable=False),
    text_column("next_at", null=True),
    Column("response_status", Integer, nullable=True),
    text_column("error", null=True),
    # All attempts, as JSON: when each was made, and what became of it.
    text_column("tried"),
    text_column("at"),
    Index("ix_webhook_delivery_subscription", "subscription", "id"),
    Index("ix_webhook_delivery_event", "event"),
    info=table_class(TableClass.WORK),
)
