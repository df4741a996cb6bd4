"""Sign-ins and links: what opens them, for how long, and that an altered row opens nothing."""

import os
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine

from fiscus.model.faults import Code, Conflict, Missing, Refused, Trouble
from fiscus.model.tests.clock import MORNING
from fiscus.registry import console_sessions
from fiscus.registry.console_sessions import (
    LINK_DAYS,
    SESSION_LIFE,
    ConsoleSession,
    LinkWanted,
    SignInState,
)
from fiscus.registry.tests.builders import an_id, an_organization
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CONSOLE_SESSION

MAC = b"m" * 32
OCTOBER = (date(2026, 10, 1), date(2026, 10, 31))


def a_link(
    tx: Connection, unit: str, days: tuple[date, date] = OCTOBER
) -> tuple[ConsoleSession, str]:
    wanted = LinkWanted(organization=unit, first_day=days[0], last_day=days[1])
    return console_sessions.make_link(
        tx, MAC, wanted, id_=an_id(), entropy=os.urandom, by="ana", at=MORNING
    )


def opened(tx: Connection, token: str, at: datetime = MORNING) -> tuple[ConsoleSession, str]:
    return console_sessions.open_link(tx, MAC, token, entropy=os.urandom, at=at)


def refusal(engine: Engine, token: str, at: datetime = MORNING) -> Code:
    with writing(engine) as tx, pytest.raises(Trouble) as trouble:
        opened(tx, token, at)
    return trouble.value.code


def test_a_link_opens_once_and_then_its_session_is_proved(engine: Engine) -> None:
    with writing(engine) as tx:
        link, token = a_link(tx, an_organization(tx))
        with pytest.raises(Missing):
            console_sessions.proven(tx, MAC, token, MORNING)
        session, fresh = opened(tx, token)

    assert fresh != token
    assert link.state(MORNING) is SignInState.WAITING
    assert session.state(MORNING) is SignInState.OPEN
    assert session.is_read_only
    assert (session.first_day, session.last_day) == OCTOBER
    with reading(engine) as tx:
        assert console_sessions.proven(tx, MAC, fresh, MORNING) == session
        with pytest.raises(Missing):
            console_sessions.proven(tx, MAC, token, MORNING)
        with pytest.raises(Missing):
            console_sessions.proven(tx, MAC, fresh, MORNING + SESSION_LIFE)
    assert refusal(engine, token) == console_sessions.LINK_USED


def test_links_that_do_not_open_say_why(engine: Engine) -> None:
    with writing(engine) as tx:
        unit = an_organization(tx)
        link, token = a_link(tx, unit)
        stopped, its_token = a_link(tx, unit)
        console_sessions.end(tx, stopped.id, by="ana", at=MORNING)

    assert refusal(engine, "nonsense") == console_sessions.LINK_FORGED
    assert refusal(engine, f"{link.id}.{'x' * 43}") == console_sessions.LINK_FORGED
    assert refusal(engine, its_token) == console_sessions.LINK_STOPPED
    late = MORNING + timedelta(days=LINK_DAYS)
    assert refusal(engine, token, late) == console_sessions.LINK_EXPIRED


@pytest.mark.parametrize(
    "change",
    [
        {"last_day": "2027-12-31"},
        {"expires_at": "2036-11-16T12:00:00.000000Z"},
        {"role": "owner"},
        {"kind": "key"},
        {"subject": "somebody"},
    ],
)
def test_a_row_that_was_altered_opens_nothing(engine: Engine, change: dict[str, str]) -> None:
    with writing(engine) as tx:
        _, token = opened(tx, a_link(tx, an_organization(tx))[1])
        tx.execute(CONSOLE_SESSION.update().values(change))

    with reading(engine) as tx, pytest.raises(Missing):
        console_sessions.proven(tx, MAC, token, MORNING)


def test_a_link_of_days_in_the_wrong_order_is_refused(engine: Engine) -> None:
    with writing(engine) as tx, pytest.raises(Refused):
        a_link(tx, an_organization(tx), (OCTOBER[1], OCTOBER[0]))


def test_the_newest_come_first_and_what_has_ended_stays_in_the_list(engine: Engine) -> None:
    with writing(engine) as tx:
        unit, other = an_organization(tx), an_organization(tx)
        links = [a_link(tx, unit)[0] for _ in range(3)]
        a_link(tx, other)
        console_sessions.end(tx, links[0].id, by="ana", at=MORNING)
        with pytest.raises(Conflict):
            console_sessions.end(tx, links[0].id, by="ana", at=MORNING)

        first = console_sessions.of(tx, [unit], before="", limit=2)
        rest = console_sessions.of(tx, [unit], before=console_sessions.cursor(first[-1]), limit=2)
        all_ = console_sessions.of(tx, None, before="", limit=9)

    found = [one.id for one in (*first, *rest)]
    assert found == sorted((one.id for one in links), reverse=True)
    assert len(all_) == 4
    [ended] = [one for one in (*first, *rest) if one.id == links[0].id]
    assert ended.state(MORNING) is SignInState.ENDED


def test_another_organizations_session_is_not_visible(engine: Engine) -> None:
    with writing(engine) as tx:
        unit, other = an_organization(tx), an_organization(tx)
        link, _ = a_link(tx, unit)

        assert console_sessions.read(tx, [unit], link.id).id == link.id
        with pytest.raises(Missing):
            console_sessions.read(tx, [other], link.id)
