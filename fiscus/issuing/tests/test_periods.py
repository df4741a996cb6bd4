"""The place of a period that runs, and what waits for its end."""

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from fiscus.issuing import periods
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.kiosk import Kiosk
from fiscus.model.records import EntryBody
from fiscus.registry import registers, taxpayers
from fiscus.registry.tests.builders import move_register, move_taxpayer
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CHAIN

REST = (LifecycleState.COMMISSIONED, OperatingMode.SUSPENDED)
WORK = (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE)


@pytest.fixture
def kiosk(engine: Engine, tmp_path: Path) -> Kiosk:
    return Kiosk(engine, tmp_path)


def renamed(counter: Counter, name: str) -> None:
    """The taxpayer and its register."""
    shop = counter.shop
    with writing(counter.engine) as tx:
        owner = move_taxpayer(tx, taxpayers.by_id(tx, shop.taxpayer), REST)
        content = msgspec.structs.replace(owner.taxpayer, legal_name=name)
        move_taxpayer(tx, owner, WORK, content=content)
        till = registers.read(tx, shop.organization, shop.register)
        till = move_register(tx, shop.organization, till, REST)
        renamed_till = msgspec.structs.replace(till.register, name=name)
        move_register(tx, shop.organization, till, WORK, content=renamed_till)


def running(counter: Counter) -> list[str]:
    with reading(counter.engine) as tx:
        return periods.running(tx, taxpayer=counter.shop.taxpayer)


def name_of(body: EntryBody) -> str:
    assert body.closing is not None
    return body.closing.place.taxpayer.legal_name


def test_a_period_keeps_its_place_until_it_is_closed(kiosk: Kiosk) -> None:
    """Also for another process, which has seen nothing of it."""
    before = kiosk.sells()
    renamed(kiosk, "Neu GmbH")
    kiosk.services = kiosk.other_services()
    after, closing = kiosk.sells(), kiosk.closes()
    next_ = kiosk.sells()

    assert before.place == after.place == closing.place
    assert {name: after.relies[name] for name in ("taxpayer", "location", "register")} == {
        name: before.relies[name] for name in ("taxpayer", "location", "register")
    }
    assert next_.place.taxpayer_version > before.place.taxpayer_version
    assert name_of(closing) != "Neu GmbH"
    assert name_of(kiosk.closes()) == "Neu GmbH"


def test_who_has_not_begun_yet_begins_with_what_holds_now(kiosk: Kiosk) -> None:
    renamed(kiosk, "Neu GmbH")
    kiosk.sells()

    assert name_of(kiosk.closes()) == "Neu GmbH"


def test_registers_whose_period_runs_are_named(kiosk: Kiosk) -> None:
    found = [running(kiosk)]
    kiosk.begins()
    found.append(running(kiosk))
    intent = kiosk.sells()
    assert intent.seal is not None
    found.append(running(kiosk))

    assert found == [[], [kiosk.shop.register], [kiosk.shop.register]]


def test_after_its_closing_nothing_waits(kiosk: Kiosk) -> None:
    kiosk.sells()
    kiosk.closes()

    assert running(kiosk) == []


def test_a_law_whose_closings_show_no_place_follows_at_once(engine: Engine) -> None:
    plain = Counter(engine, "it")
    first = plain.sells(a_receipt())
    renamed(plain, "Nuova S.r.l.")
    second = plain.sells(a_receipt())

    assert second.place.taxpayer_version > first.place.taxpayer_version
    assert running(plain) == []


def test_a_period_is_looked_up_once(kiosk: Kiosk) -> None:
    """What began it stays as it is: the same value is given back while its chain stands there."""
    kiosk.sells()
    with reading(kiosk.engine) as tx:
        chain = tx.execute(select(CHAIN).where(CHAIN.c.id == kiosk.shop.register)).one()
        found = periods.begun(tx, chain, None)
        again = periods.begun(tx, chain, found)

    assert found is not None
    assert again is found
