"""What webhooks show of this family's operations is what its GET shows."""

from typing import Any

from sqlalchemy import select

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import Caller
from fiscus.api.families.reporting.told import told
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from fiscus.webhooks.event_types import EventType
from fiscus.webhooks.events import ToldEvent
from tests.support.premises import Premises


def said(kiosk: Kiosk, type_: EventType, kind: str) -> Any:
    """Of the newest entry of that kind."""
    services = kiosk.premises.services
    with reading(services.engine) as tx:
        row = tx.execute(
            select(ENTRY.c.id, ENTRY.c.organization)
            .where(ENTRY.c.kind == kind)
            .order_by(ENTRY.c.sequence.desc())
            .limit(1)
        ).one()
        event = ToldEvent(
            organization=row.organization,
            type=type_,
            subject=row.id,
            at=kiosk.premises.clock.now,
        )
        return told(services, tx, event)


def test_a_sale_is_shown_as_its_get_shows_it(premises: Premises, merchant: Caller) -> None:
    kiosk = a_kiosk(premises, merchant)
    kiosk.opens()
    sale = kiosk.sells()

    found = said(kiosk, EventType.RECORD_SEALED, "document@1")

    assert found == merchant.get(f"/operations/{sale['id']}")
    assert said(kiosk, EventType.OUTAGE_BEGAN, "document@1") is None


def test_a_closing_is_shown_by_its_ids(premises: Premises, merchant: Caller) -> None:
    kiosk = a_kiosk(premises, merchant)
    kiosk.opens()
    kiosk.sells()
    closing = kiosk.closing().json()

    assert said(kiosk, EventType.CLOSING_COMPLETED, "closing@1") == {
        "id": closing["id"],
        "object": "closing",
        "register_id": kiosk.register,
    }


def test_an_export_is_shown_by_its_id_and_status(premises: Premises, merchant: Caller) -> None:
    kiosk = a_kiosk(premises, merchant)
    kiosk.opens()
    kiosk.sells()
    assert kiosk.closing().status_code == 201
    made = merchant.send(
        "POST",
        "/exports",
        {
            "type": "dsfinvk",
            "register_id": kiosk.register,
            "from": "2026-11-16T00:00:00Z",
            "to": "2026-11-17T00:00:00Z",
        },
    ).json()
    premises.work()
    hex_ = made["id"].removeprefix("exp_")
    job = f"{hex_[:8]}-{hex_[8:12]}-{hex_[12:16]}-{hex_[16:20]}-{hex_[20:]}"
    event = ToldEvent(
        organization="", type=EventType.EXPORT_COMPLETED, subject=job, at=premises.clock.now
    )
    with reading(premises.services.engine) as tx:
        assert told(premises.services, tx, event) is None  # of another organization
    event = ToldEvent(
        organization=_unit(premises, merchant),
        type=EventType.EXPORT_COMPLETED,
        subject=job,
        at=premises.clock.now,
    )
    with reading(premises.services.engine) as tx:
        found = told(premises.services, tx, event)
    assert found == {"id": made["id"], "status": merchant.get(f"/exports/{made['id']}")["status"]}


def _unit(premises: Premises, merchant: Caller) -> str:
    with reading(premises.services.engine) as tx:
        taken = select(ENTRY.c.organization).where(ENTRY.c.kind == "closing@1")
        return str(tx.scalar(taken))
