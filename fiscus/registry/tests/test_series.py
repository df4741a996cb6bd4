from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, Engine, func, select

from fiscus.model.faults import Refused
from fiscus.model.records import SeriesPurpose, SeriesWanted
from fiscus.model.tests.clock import MORNING
from fiscus.registry import series, signers
from fiscus.registry.series import MOVES, SeriesState, SeriesWish
from fiscus.registry.tests.builders import a_taxpayer, a_vault, an_id
from fiscus.store.connect import writing
from fiscus.store.schema import SERIES

LATER = MORNING + timedelta(seconds=10)


def a_wish(
    tx: Connection, name: str = "Loja-2026", document_type: str = "FR", **more: str
) -> SeriesWish:
    who = {"owner": "xx:1", "location": "baixa", **more}
    taxpayer = who.pop("taxpayer", "") or a_taxpayer(tx).taxpayer.id
    wanted = SeriesWanted(document_type=document_type, name=name)
    return SeriesWish(taxpayer=taxpayer, wanted=wanted, **who)


def wanted(tx: Connection, wish: SeriesWish) -> str:
    id_ = an_id()
    series.want(tx, id_, wish, MORNING)
    return id_


def found(tx: Connection, wish: SeriesWish) -> series.SeriesView:
    view = series.find(tx, wish.owner, wish.wanted)
    assert view is not None
    return view


def asked(tx: Connection, wish: SeriesWish, holder: str = "one") -> tuple[str, bool]:
    """Asks for the right to ask the authority; whether it was given."""
    id_ = found(tx, wish).series.id
    return id_, series.ask(
        tx, id_, wish, holder=holder, starts_on=date(2026, 5, 4), at=MORNING, until=LATER
    )


def test_a_series_is_wanted_first_and_active_with_the_authoritys_code(engine: Engine) -> None:
    with writing(engine) as tx:
        wish = a_wish(tx)
        assert series.find(tx, wish.owner, wish.wanted) is None
        id_ = wanted(tx, wish)
        view = found(tx, wish)
        assert (view.series.id, view.state) == (id_, SeriesState.WANTED)
        series.activate(tx, id_, "JF7T8K2Q")
        active = found(tx, wish)

    assert (active.series.validation_code, active.state) == ("JF7T8K2Q", SeriesState.ACTIVE)


def test_wanting_twice_is_wanting_once_whatever_the_case_of_the_name(engine: Engine) -> None:
    with writing(engine) as tx:
        first = a_wish(tx, "Loja")
        id_ = wanted(tx, first)
        wanted(tx, a_wish(tx, "LOJA", taxpayer=first.taxpayer))
        view = found(tx, a_wish(tx, "loja", taxpayer=first.taxpayer))

        assert (view.series.id, view.series.name) == (id_, "Loja")
        assert tx.scalar(select(func.count()).select_from(SERIES)) == 1


def test_two_taxpayers_of_one_number_have_one_counter(engine: Engine) -> None:
    with writing(engine) as tx:
        one, two = a_wish(tx), a_wish(tx)
        id_ = wanted(tx, one)
        wanted(tx, two)

        assert one.taxpayer != two.taxpayer
        assert tx.scalars(select(SERIES.c.id)).all() == [id_]
        assert found(tx, two).serves(one)
        assert not found(tx, two).serves(two)


def test_an_active_series_never_changes_its_code(engine: Engine) -> None:
    with writing(engine) as tx:
        wish = a_wish(tx)
        id_ = wanted(tx, wish)
        series.activate(tx, id_, "FIRST")
        series.activate(tx, id_, "SECOND")

        assert found(tx, wish).series.validation_code == "FIRST"


def test_each_document_type_and_owner_has_its_own_series(engine: Engine) -> None:
    with writing(engine) as tx:
        for owner in ("xx:1", "xx:2"):
            for kind in ("FR", "NC"):
                wanted(tx, a_wish(tx, document_type=kind, owner=owner))

        assert tx.scalar(select(func.count()).select_from(SERIES)) == 4


def test_a_series_counted_by_tax_number_serves_one_location(engine: Engine) -> None:
    with writing(engine) as tx:
        wish = a_wish(tx)
        wanted(tx, wish)
        elsewhere = a_wish(tx, taxpayer=wish.taxpayer, location="chiado")
        training = SeriesWish(
            owner=wish.owner,
            taxpayer=wish.taxpayer,
            location=wish.location,
            wanted=SeriesWanted(
                document_type="FR", name="Loja-2026", purpose=SeriesPurpose.TRAINING
            ),
        )

        assert found(tx, wish).serves(wish)
        assert not found(tx, wish).serves(elsewhere)
        assert not found(tx, wish).serves(training)


def test_a_series_counted_by_taxpayer_serves_all_his_locations(engine: Engine) -> None:
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        wish = a_wish(tx, taxpayer=taxpayer, owner=taxpayer)
        wanted(tx, wish)

        assert found(tx, wish).serves(
            a_wish(tx, taxpayer=taxpayer, owner=taxpayer, location="chiado")
        )


def test_one_of_two_who_want_to_ask_may(engine: Engine) -> None:
    with writing(engine) as tx:
        wish = a_wish(tx)
        wanted(tx, wish)

        assert asked(tx, wish)[1]
        assert not asked(tx, wish, "two")[1]
        assert found(tx, wish).state is SeriesState.ASKED


def test_who_asks_writes_down_for_whom(engine: Engine) -> None:
    """While nobody has asked, a wanted series that came to nothing binds nobody."""
    with writing(engine) as tx:
        first = a_wish(tx, "Loja")
        wanted(tx, first)
        other = a_wish(tx, "LOJA", taxpayer=first.taxpayer, location="chiado")
        asked(tx, other)
        view = found(tx, first)

        assert (view.series.name, view.location) == ("LOJA", "chiado")
        assert (view.asked_at, view.starts_on) == (MORNING, date(2026, 5, 4))


def test_a_lost_answer_is_taken_up_by_one(engine: Engine) -> None:
    with writing(engine) as tx:
        wish = a_wish(tx)
        wanted(tx, wish)
        id_, _ = asked(tx, wish)

        assert not series.take(tx, id_, holder="two", at=MORNING, until=LATER)
        assert series.take(tx, id_, holder="two", at=LATER, until=LATER + timedelta(seconds=10))
        assert not series.take(tx, id_, holder="three", at=LATER, until=LATER)
        assert not series.give_up(tx, id_, holder="one")
        assert not series.ask_again(tx, id_, holder="one", starts_on=date(2026, 5, 5), until=LATER)


def test_who_has_lost_the_answer_lets_the_next_one_go_on_at_once(engine: Engine) -> None:
    with writing(engine) as tx:
        wish = a_wish(tx)
        wanted(tx, wish)
        id_, _ = asked(tx, wish)
        series.lose(tx, id_, holder="another")
        assert not series.take(tx, id_, holder="two", at=MORNING, until=LATER)
        series.lose(tx, id_, holder="one")

        assert series.take(tx, id_, holder="two", at=MORNING, until=LATER)


def test_after_a_no_nothing_is_outstanding(engine: Engine) -> None:
    with writing(engine) as tx:
        wish = a_wish(tx)
        wanted(tx, wish)
        id_, _ = asked(tx, wish)

        assert series.give_up(tx, id_, holder="one")
        view = found(tx, wish)
        assert (view.state, view.asked_at, view.held_until) == (SeriesState.WANTED, None, None)
        assert asked(tx, wish, "two")[1]


def test_all_states_are_in_the_table_of_moves() -> None:
    assert set(MOVES) == set(SeriesState)


def test_a_key_that_is_not_there_is_refused_by_its_name(engine: Engine) -> None:
    with writing(engine) as tx:
        for ask in (signers.secret, signers.opened):
            with pytest.raises(Refused, match="seal:pt"):
                ask(tx, a_vault(), "seal:pt")
