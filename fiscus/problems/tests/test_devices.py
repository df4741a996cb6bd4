"""Devices that are out, that end soon, that are not there yet."""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.problems import devices, listing
from fiscus.problems.rows import ProblemKind, ProblemWeight
from fiscus.problems.tests.looking import kinds, own_of, rows
from fiscus.store.connect import reading, writing
from fiscus.store.schema import FITTING, REGISTER_KEY
from tests.support.premises import Premises
from tests.support.till import Till

PATIENCE_SECONDS = 30


def only(premises: Premises, organization: str, *finds: listing.OfDatabase) -> list[ProblemKind]:
    return kinds(rows(premises, organization, finds=finds))


def until(premises: Premises, is_true: Callable[[], bool]) -> None:
    """The service asks its device again by itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline
        premises.clock.move(seconds=1)
        time.sleep(0.05)


def test_an_outage_is_told_until_the_first_sale_after_it(
    premises: Premises, kiosk: Kiosk, till: Till
) -> None:
    own, folder = own_of(kiosk.caller), premises.services.issuing.devices.folder
    kiosk.opens()
    kiosk.sells()
    assert only(premises, own, devices.outages) == []

    folder.rename(folder.with_name("away"))
    kiosk.sells()
    [row] = rows(premises, own, finds=(devices.outages,))
    assert (row.kind, row.subject) == (ProblemKind.DEVICE_OUT, "Till 1")
    assert row.register == ids.read("reg", kiosk.register)
    assert row.words
    assert only(premises, till.organization, devices.outages) == []
    assert rows(premises, own, finds=(devices.outages,), registers=(till.system,)) == []
    assert len(rows(premises, own, finds=(devices.outages,), registers=(row.register,))) == 1

    folder.with_name("away").rename(folder)
    premises.clock.move(seconds=61)
    until(premises, lambda: not list(devices.devices_down(premises.services)))
    assert only(premises, own, devices.outages) == [ProblemKind.OUTAGE]
    kiosk.sells()

    assert only(premises, own, devices.outages) == []


def test_a_device_that_is_out_is_told_before_anything_was_sold_without_it(
    premises: Premises, kiosk: Kiosk
) -> None:
    services = premises.services
    with reading(services.engine) as tx:
        device = tx.scalar(select(FITTING.c.device))
    assert device is not None
    services.issuing.devices._line(device).breaker.failed(OSError("pulled out"))

    [row] = rows(premises, own_of(kiosk.caller), finds=(devices.outages,))

    assert (row.kind, row.words, row.weight) == (
        ProblemKind.DEVICE_OUT,
        "pulled out",
        ProblemWeight.HARMS,
    )


def test_the_end_of_a_certificate_is_told_from_ninety_days_before_and_stops_at_its_end(
    premises: Premises, kiosk: Kiosk, till: Till
) -> None:
    own = own_of(kiosk.caller)
    tse = kiosk.caller.get(f"/registers/{kiosk.register}/tse")
    end = datetime.fromisoformat(tse["usable_until"])
    premises.clock.now = end
    premises.clock.move(days=-91)
    assert only(premises, own, devices.device_ends) == []
    premises.clock.move(days=1)
    [row] = rows(premises, own, finds=(devices.device_ends,))
    assert (row.due, row.weight, row.subject) == (end, ProblemWeight.WARNS, "Till 1")
    assert only(premises, till.organization, devices.device_ends) == []

    premises.clock.now = end
    [row] = rows(premises, own, finds=(devices.device_ends,))

    assert row.weight is ProblemWeight.STOPS
    assert [one.due for one in rows(premises, finds=(devices.device_ends,))] == [end]


def test_the_end_of_a_journal_certificate_is_told_for_its_register(
    premises: Premises, till: Till
) -> None:
    own = till.organization
    with reading(premises.services.engine) as tx:
        end = devices.first_expiry(tx)
    premises.clock.now = end
    premises.clock.move(days=-90, seconds=-1)
    assert only(premises, own, devices.certificate_ends) == []
    premises.clock.move(seconds=1)

    [row] = rows(premises, own, finds=(devices.certificate_ends,))

    assert (row.register, row.due) == (till.system, end)
    with writing(premises.services.engine) as tx:
        tx.execute(REGISTER_KEY.update().values(expires_at="2099-01-01T00:00:00.000000Z"))
    assert only(premises, own, devices.certificate_ends) == []


def test_a_register_that_waits_for_its_device_says_so_and_why_it_has_none(
    premises: Premises,
) -> None:
    caller = platform(premises).opens_merchant()
    register = caller.opens_register()
    caller.fiscalizes(register)
    [row] = rows(premises, own_of(caller), finds=(devices.devices_coming,))
    assert (row.kind, row.weight) == (ProblemKind.DEVICE_COMING, ProblemWeight.WARNS)
    with writing(premises.services.engine) as tx:
        tx.execute(FITTING.update().values(state="failed", error="no key"))

    [row] = rows(premises, own_of(caller), finds=(devices.devices_coming,))

    assert (row.kind, row.words) == (ProblemKind.DEVICE_FAILED, "no key")
