"""Lists of series: pages for people, and what is done by itself."""

from datetime import date, timedelta

from sqlalchemy import Connection, Engine

from fiscus.model.records import SeriesWanted
from fiscus.model.tests.clock import MORNING
from fiscus.registry import series, series_lists
from fiscus.registry.series import SeriesState, SeriesWish
from fiscus.registry.tests.builders import Shop, a_shop, an_id
from fiscus.store.connect import writing

LATER = MORNING + timedelta(minutes=20)


def wanted(tx: Connection, shop: Shop, name: str, kind: str = "FR", location: str = "a") -> str:
    id_ = an_id()
    wish = SeriesWish(
        owner="pt:1",
        taxpayer=shop.taxpayer,
        location=location,
        wanted=SeriesWanted(document_type=kind, name=name),
    )
    series.want(tx, id_, wish, MORNING)
    return id_


def names(found: list[series.SeriesView]) -> list[str]:
    return [one.series.name for one in found]


def test_pages_follow_each_other_and_show_what_was_asked_for(engine: Engine) -> None:
    with writing(engine) as tx:
        shop, other = a_shop(tx), a_shop(tx)
        ids = sorted(wanted(tx, shop, name) for name in ("A", "B", "C"))
        special = wanted(tx, shop, "D", "NC", "b")
        series.activate(tx, special, "CODE")
        wanted(tx, other, "E")
        unit = shop.organization

        first = series_lists.page(tx, unit, document_type="FR", limit=2)
        rest = series_lists.page(tx, unit, document_type="FR", after=first[-1].series.id, limit=2)
        assert [one.series.id for one in (*first, *rest)] == ids
        for chosen in (
            {"document_type": "NC"},
            {"location": "b"},
            {"state": SeriesState.ACTIVE},
        ):
            assert names(series_lists.page(tx, unit, limit=9, **chosen)) == ["D"]
        assert series_lists.page(tx, unit, taxpayer=other.taxpayer, limit=9) == []


def test_what_was_begun_long_ago_and_is_not_known_to_be_done_is_found_the_oldest_first(
    engine: Engine,
) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx)
        ended, asked, idle = (wanted(tx, shop, name) for name in ("ENDED", "ASKED", "IDLE"))
        series.activate(tx, ended, "CODE")
        to = SeriesState.CANCELLING
        assert series.order_end(tx, ended, to, at=MORNING + timedelta(minutes=1))
        wish = SeriesWish(
            owner="pt:1",
            taxpayer=shop.taxpayer,
            location="a",
            wanted=SeriesWanted(document_type="FR", name="ASKED"),
        )
        assert series.ask(
            tx, asked, wish, holder="x", starts_on=date(2026, 5, 4), at=MORNING, until=LATER
        )

        assert names(series_lists.unsettled(tx, LATER, 9)) == ["ASKED", "ENDED"]
        assert names(series_lists.unsettled(tx, LATER, 1)) == ["ASKED"]
        assert series_lists.unsettled(tx, MORNING, 9) == []
        assert series.by_id(tx, idle) is not None
        assert series.by_id(tx, "nothing") is None


def test_those_in_use_are_of_the_laws_that_were_asked_for(engine: Engine) -> None:
    with writing(engine) as tx:
        shop = a_shop(tx, "it")
        one = wanted(tx, shop, "A")
        wanted(tx, shop, "B")
        series.activate(tx, one, "")
        assert names(series_lists.in_use(tx, ["it"])) == ["A"]
        assert series_lists.in_use(tx, ["pt"]) == []
