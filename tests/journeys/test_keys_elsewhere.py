"""Keys that are rotated, and what one process stops in all others."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.caller import Caller, platform
from fiscus.registry import keys
from fiscus.registry.views import KeyState
from fiscus.store.connect import writing
from fiscus.store.schema import SUBJECT
from tests.support.keyring import a_key, holder, hyphenated, in_one_word, login, session_open, soon
from tests.support.premises import Model, MovingClock, Premises, copied, served
from tests.support.till import Json, Till, refusal


@pytest.fixture
def owner(premises: Premises, till: Till) -> Till:
    """The group's owner, acting in the scope of the shop's unit."""
    group = premises.group()
    group.scope = till.organization
    return group


def rotate(premises: Premises, subject: Json, hours: int) -> Json:
    """As `fiscus keys rotate` does it."""
    services = premises.services
    at = services.clock()
    with writing(services.engine) as tx:
        until = at.fromtimestamp(at.timestamp() + hours * 3600, at.tzinfo)
        _, secret = keys.rotate(
            tx,
            services.macs.credentials,
            subject["id"],
            until=until,
            entropy=services.entropy,
            by="operator:ana",
            at=at,
        )
    return {**subject, "credentials": {**subject["credentials"], "secret": secret}}


def test_after_a_rotation_old_and_new_are_good_until_the_grace_is_over(
    premises: Premises, owner: Till
) -> None:
    old = a_key(owner, "till-1", role="till")
    before = holder(premises, old)
    spoken = Caller(http=premises.http, key=in_one_word(old))
    spoken.get("/registers")

    new = rotate(premises, old, hours=2)

    after = holder(premises, new)
    assert [login(premises, one).status_code for one in (old, new)] == [200, 200]
    premises.clock.move(hours=1, minutes=59)
    assert [each.send("GET", "/systems").status_code for each in (before, after)] == [200, 200]
    assert spoken.send("GET", "/registers").status_code == 200
    premises.clock.move(minutes=1)
    assert [each.send("GET", "/systems").status_code for each in (before, after)] == [401, 200]
    assert spoken.send("GET", "/registers").status_code == 401
    assert [login(premises, one).status_code for one in (old, new)] == [401, 200]


def test_a_rotation_without_grace_stops_what_the_old_secret_opened(
    premises: Premises, owner: Till
) -> None:
    old = a_key(owner, "till-1", role="till")
    before = holder(premises, old)
    before.listed("/systems")

    new = rotate(premises, old, hours=0)

    assert soon(lambda: before.send("GET", "/systems").status_code == 401)
    assert holder(premises, new).send("GET", "/systems").status_code == 200


@pytest.fixture
def two(model: Model, tmp_path: Path) -> Iterator[tuple[Premises, Premises]]:
    """Two processes on one database, each with connections and memories of its own."""
    with ExitStack() as stack:
        chosen = stack.enter_context(copied(model, tmp_path / "two"))
        here, there = (
            stack.enter_context(served(chosen, model.first, MovingClock())) for _ in range(2)
        )
        assert there.services.engine is not here.services.engine
        yield here, there


def test_what_one_process_stops_the_others_stop_too(two: tuple[Premises, Premises]) -> None:
    here, there = two
    till = here.unit().opens_shop()
    group = here.group()
    group.scope = till.organization
    stopped, deleted = (a_key(group, name, role="till") for name in ("one", "two"))
    bearers = [holder(here, one).bearer for one in (stopped, deleted)]
    tills = [Till(http=there.http, bearer=bearer) for bearer in bearers]
    spoken = [Caller(http=there.http, key=in_one_word(one)) for one in (stopped, deleted)]
    for each in tills:
        each.listed("/systems")
    for caller in spoken:
        caller.get("/operations")

    group.changed(f"/subjects/{stopped['id']}", {"state": "DISABLED"})
    with writing(here.services.engine) as tx:
        tx.execute(SUBJECT.delete().where(SUBJECT.c.id == deleted["id"]))

    assert soon(lambda: {each.send("GET", "/systems").status_code for each in tills} == {401})
    for caller in spoken:
        assert caller.send("GET", "/operations").status_code == 401
    for one in (stopped, deleted):
        refusal(login(there, one), 401)


def test_a_link_dies_with_the_key_it_was_handed_out_to(two: tuple[Premises, Premises]) -> None:
    """In the other process too; the link of another key of the same merchant lives on."""
    here, there = two
    link, own = closing_links(here, platform(here).opens_merchant())
    assert [each.http.get(link).status_code for each in two] == [200, 200]

    with writing(here.services.engine) as tx:
        subject = keys.named(tx, here.first.subject_id)
        keys.update(tx, subject.id, state=KeyState.DISABLED, by="operator:ana", at=here.clock())

    assert soon(lambda: {each.http.get(link).status_code for each in two} == {403})
    assert there.http.get(link).json()["code"] == "forbidden"
    assert [each.http.get(own).status_code for each in two] == [200, 200]


def closing_links(premises: Premises, caller: Caller) -> tuple[str, str]:
    """The address of a closing on paper, as the platform's key and as the merchant's was told."""
    register = caller.opens_register()
    caller.fiscalizes(register)
    premises.work()
    session_open(caller, register["id"])
    closing = caller.made(f"/registers/{register['id']}/closings", {"type": "daily"})
    group = premises.group()
    group.scope = hyphenated(caller.organization.removeprefix("org_"))
    own = Caller(http=premises.http, key=in_one_word(a_key(group, "own"), "of_test_deu_"))
    seen = own.get(f"/closings/{closing['id']}")
    return tuple(
        one["links"]["pdf"].replace("http://127.0.0.1:8080", "") for one in (closing, seen)
    )
