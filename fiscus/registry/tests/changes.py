"""Every change of the registry, prepared and ready to be made, with what it must state."""

import os
from collections.abc import Callable
from datetime import date
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec.structs import replace

from fiscus.journal.tests.bodies import Pen
from fiscus.model.places import Location, Taxpayer
from fiscus.model.tests.clock import MORNING
from fiscus.registry import (
    console_sessions,
    devices,
    keys,
    labels,
    locations,
    macs,
    organizations,
    persons,
    registers,
    series,
    signers,
    taxpayers,
)
from fiscus.registry.tests.builders import (
    MAC,
    SUBJECT,
    a_register,
    a_taxpayer,
    an_address,
    an_id,
    an_organization,
    move_location,
    move_register,
    move_taxpayer,
)
from fiscus.registry.tests.scene import INFO, LATER, SUSPENDED, Scene
from fiscus.registry.views import KeyState, LifecycleState, OperatingMode
from fiscus.signers import JOURNAL_ALGORITHM, find
from fiscus.store.schema import REGISTER_KEY, SERIES

Act = Callable[[], object]
Case = tuple[Callable[..., Any], Callable[[Scene], Act], list[tuple[str, str, str]]]
"""The function, what prepares a call of it, and what the call states: kind, table, chain (`O` the
organization's, `I` the installation's)."""


def creates_an_organization(scene: Scene) -> Act:
    return lambda: an_organization(scene.tx)


def updates_an_organization(scene: Scene) -> Act:
    more: dict[str, Any] = {"name": "Nova", "metadata": {"a": "b"}, "at": LATER, "by": "ana"}
    return lambda: organizations.update(scene.tx, scene.unit, **more)


def creates_a_taxpayer(scene: Scene) -> Act:
    unit = an_organization(scene.tx)
    scene.vault.close(scene.tx, unit, "x", b"the data key of the unit is there")
    return lambda: a_taxpayer(scene.tx, unit)


def updates_a_taxpayer(scene: Scene) -> Act:
    now = move_taxpayer(scene.tx, scene.owner(), SUSPENDED)
    content: Taxpayer = replace(now.taxpayer, legal_name="Nova, Lda.")
    return lambda: move_taxpayer(scene.tx, now, content=content, secrets={"password": "new"})


def creates_a_location(scene: Scene) -> Act:
    taxpayer = scene.owner().taxpayer
    made = Location(id=an_id(), version=1, name="Loja", address=an_address())
    return lambda: locations.create(
        scene.tx,
        location=made,
        taxpayer=taxpayer,
        is_head_office=False,
        details={},
        metadata={},
        subject=SUBJECT,
        at=MORNING,
    )


def updates_a_location(scene: Scene) -> Act:
    return lambda: move_location(scene.tx, scene.unit, scene.branch(), SUSPENDED)


def follows_its_taxpayer(scene: Scene) -> Act:
    taxpayer = scene.owner().taxpayer
    to = (LifecycleState.COMMISSIONED, OperatingMode.OPERATIVE)
    return lambda: locations.follow(scene.tx, taxpayer, to, subject=SUBJECT, at=LATER)


def creates_a_register(scene: Scene) -> Act:
    return lambda: a_register(scene.tx, scene.branch(), scene.unit)


def updates_a_register(scene: Scene) -> Act:
    now = registers.read(scene.tx, scene.unit, scene.shop.register)
    return lambda: move_register(scene.tx, scene.unit, now, SUSPENDED)


def opens_the_journal_of_online_sales(scene: Scene) -> Act:
    owner = scene.owner()
    return lambda: registers.open_online(
        scene.tx, scene.vault, find("softkey"), owner=owner, subject=SUBJECT, at=MORNING
    )


def creates_a_key(scene: Scene) -> Act:
    return scene.a_subject


def updates_a_key(scene: Scene) -> Act:
    subject = scene.a_subject()
    return lambda: keys.update(
        scene.tx, subject, by="ana", at=LATER, name="other", state=KeyState.DISABLED
    )


def rotates_a_key(scene: Scene) -> Act:
    subject = scene.a_subject()
    return lambda: keys.rotate(
        scene.tx, MAC, subject, until=LATER, entropy=os.urandom, by="ana", at=MORNING
    )


def registers_a_person(scene: Scene) -> Act:
    wanted = persons.NewPerson(organization=scene.unit, name="Ana", code="K7")
    return lambda: persons.create(scene.tx, wanted, id_=an_id(), by="ana", at=MORNING).id


def changes_a_person(scene: Scene) -> Act:
    person, change = str(registers_a_person(scene)()), persons.PersonChange(name="Anna")
    return lambda: persons.update(scene.tx, person, change, metadata={}, by="ana")


def a_link(scene: Scene) -> tuple[console_sessions.ConsoleSession, str]:
    days = (date(2026, 10, 1), date(2026, 10, 31))
    wanted = console_sessions.LinkWanted(
        organization=scene.unit, first_day=days[0], last_day=days[1]
    )
    return console_sessions.make_link(
        scene.tx, MAC, wanted, id_=an_id(), entropy=os.urandom, by="ana", at=MORNING
    )


def makes_a_link(scene: Scene) -> Act:
    return lambda: a_link(scene)


def opens_a_link(scene: Scene) -> Act:
    _, token = a_link(scene)
    return lambda: console_sessions.open_link(scene.tx, MAC, token, entropy=os.urandom, at=MORNING)


def takes_a_link_back(scene: Scene) -> Act:
    link, _ = a_link(scene)
    return lambda: console_sessions.end(scene.tx, link.id, by="ana", at=MORNING)


def signs_in(scene: Scene) -> Act:
    subject = keys.read(scene.tx, scene.a_subject())
    return lambda: console_sessions.sign_in(
        scene.tx, MAC, subject, 1, id_=an_id(), entropy=os.urandom, at=MORNING
    )


def signs_out_everywhere(scene: Scene) -> Act:
    subject = keys.read(scene.tx, scene.a_subject())
    for _ in range(2):
        console_sessions.sign_in(
            scene.tx, MAC, subject, 1, id_=an_id(), entropy=os.urandom, at=MORNING
        )
    return lambda: console_sessions.end_everywhere(
        scene.tx, scene.unit, subject.id, by="ana", at=MORNING
    )


def switches_receipts_off(scene: Scene) -> Act:
    return lambda: organizations.switch_receipts(scene.tx, scene.unit, is_on=False, at=MORNING)


def labels_a_record(scene: Scene) -> Act:
    record = Pen(scene.tx, scene.shop).write(scene.tx).id
    return lambda: labels.put(scene.tx, scene.unit, record, {"table": "4"}, "ana")


def wants_a_device(scene: Scene) -> Act:
    return scene.a_device


def wants_another_instead_of_one_never_made(scene: Scene) -> Act:
    devices.failed(scene.tx, scene.a_device(), "no answer")
    return scene.a_device


def keeps_a_secret(scene: Scene) -> Act:
    device = scene.a_device()
    return lambda: devices.keep(scene.tx, scene.vault, device, b"secret")


def scraps_a_secret(scene: Scene) -> Act:
    device = scene.a_device(is_made=True)
    return lambda: devices.scrap(scene.tx, device)


def fits_a_device(scene: Scene) -> Act:
    device = scene.a_device(is_made=True)
    return lambda: devices.fitted(scene.tx, device, INFO, MORNING)


def fits_a_device_in_the_place_of_another(scene: Scene) -> Act:
    scene.a_device(is_fitted=True)
    device = scene.a_device(is_made=True, is_exchange=True)
    return lambda: devices.fitted(scene.tx, device, INFO, LATER)


def fails_a_device(scene: Scene) -> Act:
    device = scene.a_device()
    return lambda: devices.failed(scene.tx, device, "no answer")


def releases_a_device(scene: Scene) -> Act:
    scene.a_device(is_fitted=True)
    return lambda: devices.release(scene.tx, scene.shop.register, LATER)


def tells_a_device(scene: Scene) -> Act:
    device = scene.a_device(is_fitted=True)
    devices.release(scene.tx, scene.shop.register, LATER)
    return lambda: devices.told(scene.tx, device, LATER)


def does_not_tell_a_device(scene: Scene) -> Act:
    device = scene.a_device(is_fitted=True)
    devices.release(scene.tx, scene.shop.register, LATER)
    return lambda: devices.not_told(scene.tx, device, "no answer")


def wants_a_series(scene: Scene) -> Act:
    return scene.a_series


def asks_for_a_series(scene: Scene) -> Act:
    id_ = scene.a_series()
    return lambda: scene.asks(id_)


def asks_again(scene: Scene) -> Act:
    id_ = scene.a_series(is_asked=True)
    day = date(2026, 5, 5)
    return lambda: series.ask_again(scene.tx, id_, holder="one", starts_on=day, until=LATER)


def gives_a_series_up(scene: Scene) -> Act:
    id_ = scene.a_series(is_asked=True)
    return lambda: series.give_up(scene.tx, id_, holder="one")


def takes_a_series_over(scene: Scene) -> Act:
    id_ = scene.a_series(is_asked=True)
    return lambda: series.take(scene.tx, id_, holder="two", at=LATER, until=LATER)


def loses_an_answer(scene: Scene) -> Act:
    id_ = scene.a_series(is_asked=True)
    return lambda: series.lose(scene.tx, id_, holder="one")


def activates_a_series(scene: Scene) -> Act:
    id_ = scene.a_series()
    return lambda: series.activate(scene.tx, id_, "JF7T8K2Q")


def wants_a_series_otherwise(scene: Scene) -> Act:
    id_ = scene.a_series()
    day = date(2026, 5, 5)
    return lambda: series.want_otherwise(scene.tx, id_, scene.wish(), day, "ana")


def an_ending(scene: Scene, to: series.SeriesState, number: int = 0) -> str:
    """A series whose end is ordered, and is being told."""
    id_ = scene.a_series()
    series.activate(scene.tx, id_, "JF7T8K2Q", date(2026, 5, 4))
    scene.tx.execute(SERIES.update().values(number=number))
    assert series.order_end(scene.tx, id_, to, at=MORNING, by="ana")
    assert series.take(scene.tx, id_, holder="one", at=MORNING, until=LATER)
    return id_


def orders_an_end(scene: Scene) -> Act:
    id_ = scene.a_series()
    series.activate(scene.tx, id_, "JF7T8K2Q")
    to = series.SeriesState.CANCELLING
    return lambda: series.order_end(scene.tx, id_, to, at=MORNING)


def ends_a_series(scene: Scene) -> Act:
    id_ = an_ending(scene, series.SeriesState.FINISHING, 1)
    to = series.SeriesState.FINISHED
    return lambda: series.end(scene.tx, id_, to, holder="one", at=LATER)


def resumes_a_series(scene: Scene) -> Act:
    id_ = an_ending(scene, series.SeriesState.CANCELLING)
    return lambda: series.resume(scene.tx, id_, holder="one")


def notes_what_was_said(scene: Scene) -> Act:
    id_ = scene.a_series()
    return lambda: series.note(scene.tx, id_, "no answer", LATER)


def adopts_a_series(scene: Scene) -> Act:
    scene.a_series()
    start = {"number": 123, "carried": "x", "validation_code": "JF7T8K2Q"}
    told = {"series": scene.the_series().series.id, "last_number": 123, "last_hash": "x"}
    return lambda: series.adopt(
        scene.tx, scene.the_series(), scene.wish(), start, told, "operator:rui"
    )


def makes_a_key_of_the_installation(scene: Scene) -> Act:
    return lambda: signers.ensure(scene.tx, scene.vault, "token", "rsa-1024", MORNING)


def makes_the_key_of_packages(scene: Scene) -> Act:
    return lambda: signers.ensure(
        scene.tx, scene.vault, signers.PACKAGE, JOURNAL_ALGORITHM, MORNING
    )


def imports_a_key(scene: Scene) -> Act:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return lambda: signers.import_key(
        scene.tx, scene.vault, "seal:xx", pem, JOURNAL_ALGORITHM, MORNING
    )


def makes_a_registers_key(scene: Scene) -> Act:
    mine = REGISTER_KEY.c.register == scene.shop.register
    scene.tx.execute(REGISTER_KEY.delete().where(mine))
    return lambda: signers.make_register_key(
        scene.tx,
        scene.vault,
        find("softkey"),
        register=scene.shop.register,
        organization=scene.unit,
        by="ana",
        at=MORNING,
    )


def rotates_a_registers_key(scene: Scene) -> Act:
    Pen(scene.tx, scene.shop).write(scene.tx)
    return lambda: signers.rotate_register_key(
        scene.tx, scene.vault, scene.shop.register, by="ana", at=MORNING
    )


def rotates_the_key_of_packages(scene: Scene) -> Act:
    makes_the_key_of_packages(scene)()
    return lambda: signers.rotate_package_key(scene.tx, scene.vault, by="ana", at=MORNING)


def makes_the_keys_of_hashes(scene: Scene) -> Act:
    return lambda: macs.ensure(scene.tx, scene.vault, os.urandom, MORNING)


KEY, SECRET = "key@1", "secret@1"
OWN_KEY = (KEY, "setting_key", "I")
A_KEY = ("subject@1", "subject", "O")
A_SIGN_IN = ("signin@1", "console_session", "O")
A_PERSON = ("person@1", "person", "O")
A_DEVICE, A_FITTING = ("device@1", "device", "O"), ("fitting@1", "fitting", "O")
A_SERIES = ("series@1", "series", "O")
A_LOCATION, A_REGISTER = ("location@1", "location", "O"), ("register@1", "register", "O")
A_REGISTERS_KEY = (KEY, "register_key", "O")
AN_ORGANIZATION = ("organization@1", "organization", "O")
A_TAXPAYER = ("taxpayer@1", "taxpayer", "O")

CASES: list[Case] = [
    (organizations.create, creates_an_organization, [OWN_KEY, AN_ORGANIZATION]),
    (organizations.update, updates_an_organization, [AN_ORGANIZATION]),
    (taxpayers.create, creates_a_taxpayer, [A_TAXPAYER, A_LOCATION]),
    (taxpayers.update, updates_a_taxpayer, [A_TAXPAYER, A_LOCATION]),
    (locations.create, creates_a_location, [A_LOCATION]),
    (locations.update, updates_a_location, [A_LOCATION]),
    (locations.follow, follows_its_taxpayer, [A_LOCATION]),
    (registers.create, creates_a_register, [A_REGISTER, A_REGISTERS_KEY]),
    (registers.update, updates_a_register, [A_REGISTER]),
    (
        registers.open_online,
        opens_the_journal_of_online_sales,
        [A_REGISTER, A_REGISTERS_KEY, A_REGISTER],
    ),
    (keys.create, creates_a_key, [A_KEY]),
    (keys.update, updates_a_key, [A_KEY]),
    (keys.rotate, rotates_a_key, [A_KEY]),
    (organizations.switch_receipts, switches_receipts_off, [AN_ORGANIZATION]),
    (console_sessions.make_link, makes_a_link, [A_SIGN_IN]),
    (console_sessions.open_link, opens_a_link, [A_SIGN_IN]),
    (console_sessions.end, takes_a_link_back, [A_SIGN_IN]),
    (console_sessions.sign_in, signs_in, [A_SIGN_IN]),
    (console_sessions.end_everywhere, signs_out_everywhere, [A_SIGN_IN, A_SIGN_IN]),
    (persons.create, registers_a_person, [A_PERSON]),
    (persons.update, changes_a_person, [A_PERSON]),
    (labels.put, labels_a_record, [("label@1", "label", "O")]),
    (devices.want, wants_a_device, [A_DEVICE, A_FITTING]),
    (
        devices.want,
        wants_another_instead_of_one_never_made,
        [A_FITTING, A_DEVICE, A_DEVICE, A_FITTING],
    ),
    (devices.keep, keeps_a_secret, [A_DEVICE]),
    (devices.scrap, scraps_a_secret, [A_DEVICE]),
    (devices.fitted, fits_a_device, [A_FITTING, A_DEVICE]),
    (
        devices.fitted,
        fits_a_device_in_the_place_of_another,
        [A_FITTING, A_FITTING, A_DEVICE],
    ),
    (devices.failed, fails_a_device, [A_FITTING]),
    (devices.release, releases_a_device, [A_FITTING]),
    (devices.told, tells_a_device, [A_FITTING]),
    (devices.not_told, does_not_tell_a_device, [A_FITTING]),
    (series.want, wants_a_series, [A_SERIES]),
    (series.ask, asks_for_a_series, [A_SERIES]),
    (series.ask_again, asks_again, [A_SERIES]),
    (series.give_up, gives_a_series_up, [A_SERIES]),
    # Who waits for an answer is work: nothing is stated.
    (series.take, takes_a_series_over, []),
    (series.lose, loses_an_answer, []),
    (series.activate, activates_a_series, [A_SERIES]),
    (series.want_otherwise, wants_a_series_otherwise, [A_SERIES]),
    (series.order_end, orders_an_end, [A_SERIES]),
    (series.end, ends_a_series, [A_SERIES]),
    (series.resume, resumes_a_series, [A_SERIES]),
    # What stands against it is work.
    (series.note, notes_what_was_said, []),
    (series.adopt, adopts_a_series, [("adoption@1", "series", "O")]),
    (signers.ensure, makes_a_key_of_the_installation, [(SECRET, "setting_key", "I")]),
    (signers.ensure, makes_the_key_of_packages, [OWN_KEY]),
    (signers.import_key, imports_a_key, [(SECRET, "setting_key", "I")]),
    (signers.make_register_key, makes_a_registers_key, [A_REGISTERS_KEY]),
    (signers.rotate_register_key, rotates_a_registers_key, [A_REGISTERS_KEY]),
    (signers.rotate_package_key, rotates_the_key_of_packages, [OWN_KEY]),
    (macs.ensure, makes_the_keys_of_hashes, [(SECRET, "setting_key", "I")] * 2),
]
