import pytest
from sqlalchemy import Connection, Engine, func, select

from fiscus.model.faults import Refused
from fiscus.model.records import SeriesWanted
from fiscus.model.tests.clock import MORNING
from fiscus.registry import series, signers
from fiscus.registry.series import MOVES, State
from fiscus.registry.tests.builders import a_taxpayer, a_vault, an_id
from fiscus.store.connect import writing
from fiscus.store.schema import SERIES


def a_wish(name: str = "Loja-2026", document_type: str = "FR") -> SeriesWanted:
    return SeriesWanted(document_type=document_type, name=name)


def wanted(tx: Connection, taxpayer: str, wish: SeriesWanted) -> str:
    id_ = an_id()
    series.want(tx, id_, taxpayer, wish, MORNING)
    return id_


def test_a_series_is_wanted_first_and_active_with_the_authoritys_code(engine: Engine) -> None:
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        assert series.find(tx, taxpayer, a_wish()) is None
        id_ = wanted(tx, taxpayer, a_wish())
        found = series.find(tx, taxpayer, a_wish())
        assert found is not None
        assert (found[0].id, found[1]) == (id_, State.WANTED)
        series.activate(tx, id_, "JF7T8K2Q")
        active = series.find(tx, taxpayer, a_wish())

    assert active is not None
    assert (active[0].validation_code, active[1]) == ("JF7T8K2Q", State.ACTIVE)


def test_wanting_twice_is_wanting_once_whatever_the_case_of_the_name(engine: Engine) -> None:
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        first = wanted(tx, taxpayer, a_wish("Loja"))
        wanted(tx, taxpayer, a_wish("LOJA"))
        found = series.find(tx, taxpayer, a_wish("loja"))

        assert found is not None
        assert (found[0].id, found[0].name) == (first, "Loja")
        assert tx.scalar(select(func.count()).select_from(SERIES)) == 1


def test_an_active_series_never_changes_its_code(engine: Engine) -> None:
    with writing(engine) as tx:
        taxpayer = a_taxpayer(tx).taxpayer.id
        id_ = wanted(tx, taxpayer, a_wish())
        series.activate(tx, id_, "FIRST")
        series.activate(tx, id_, "SECOND")
        found = series.find(tx, taxpayer, a_wish())

    assert found is not None
    assert found[0].validation_code == "FIRST"


def test_each_document_type_and_taxpayer_has_its_own_series(engine: Engine) -> None:
    with writing(engine) as tx:
        one, two = (a_taxpayer(tx).taxpayer.id for _ in range(2))
        for taxpayer in (one, two):
            for kind in ("FR", "NC"):
                wanted(tx, taxpayer, a_wish(document_type=kind))

        assert tx.scalar(select(func.count()).select_from(SERIES)) == 4


def test_all_states_are_in_the_table_of_moves() -> None:
    assert set(MOVES) == set(State)


def test_a_key_that_is_not_there_is_refused_by_its_name(engine: Engine) -> None:
    with writing(engine) as tx:
        for ask in (signers.secret, signers.opened):
            with pytest.raises(Refused, match="seal:pt"):
                ask(tx, a_vault(), "seal:pt")
