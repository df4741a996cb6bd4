"""What webhooks show of this family's things is what its GET shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fiscus.api.families.unified.told import told
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY, SERIES
from fiscus.webhooks import shown
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent
from tests.support import words
from tests.support.premises import Model, Premises, opened
from tests.support.till import Till, envelope


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


def said(premises: Premises, till: Till, type_: EventType, subject: str) -> Any:
    event = ToldEvent(
        organization=till.organization,
        type=type_,
        subject=subject,
        at=premises.clock.now,
        company=till.taxpayer,
    )
    with reading(premises.services.engine) as tx:
        return told(premises.services, tx, event)


def test_things_are_shown_as_their_get_shows_them(premises: Premises) -> None:
    till = premises.unit().opens_shop()
    sale = till.sells(words.receipt())
    refused = till.records(words.receipt(words.line(percentage="22")))
    day = "2026-11-16"
    file = till.made("/files", {"type": "EXPORT", "range": {"from": day, "to": day}})
    premises.work()

    for type_, record in (
        (EventType.RECORD_SEALED, sale),
        (EventType.RECORD_REJECTED, refused),
    ):
        assert said(premises, till, type_, record["id"]) == till.page(f"/records/{record['id']}")
    [listed] = till.speaking("2026-06-01").listed("/files")
    assert said(premises, till, EventType.EXPORT_COMPLETED, file["id"])["content"] == listed
    assert said(premises, till, EventType.OUTAGE_BEGAN, sale["id"]) is None
    assert said(premises, till, EventType.EXPORT_FAILED, sale["id"]) is None


def test_a_closing_is_shown_as_the_record_that_it_is(premises: Premises) -> None:
    till = premises.unit().opens_shop()
    till.sells(words.receipt())
    operation = {"type": "CLOSING", "period": "DAILY"}
    till.send(
        "POST",
        "/records",
        envelope({"type": "INTENTION", "system": {"id": till.system}, "operation": operation}),
    )
    with reading(premises.services.engine) as tx:
        closing = tx.scalar(select(ENTRY.c.id).where(ENTRY.c.kind == "closing@1"))

    found = said(premises, till, EventType.CLOSING_COMPLETED, str(closing))

    assert found == till.page(f"/records/{closing}")


def test_a_series_is_told_by_its_name(premises: Premises) -> None:
    owner = words.taxpayer(fiscalization=words.fiscalization(words.NIF, "wrong"))
    till = premises.unit("A").opens_shop(owner)
    till.records(words.receipt())
    with reading(premises.services.engine) as tx:
        row = tx.execute(select(SERIES)).one()
        event = ToldEvent(
            organization=till.organization,
            type=EventType.SERIES_BLOCKED,
            subject=row.id,
            at=premises.clock.now,
            company=till.taxpayer,
        )

        assert shown.plain(tx, event) == {
            "id": row.id,
            "companyId": till.taxpayer,
            "locationId": row.location,
            "documentType": row.document_type,
            "name": "FR-T01-2026",
            "isTraining": False,
            "state": "wanted",
        }
