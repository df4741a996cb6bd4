"""Every difference between the authority's series and ours is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from fiscus.channels import KnownSeries, Later, Rejected, Remedy, SeriesQuery, SeriesStanding
from fiscus.issuing import comparing, series
from fiscus.issuing.comparing import DifferenceKind, compare
from fiscus.issuing.tests.authority import asked_for, needs
from fiscus.issuing.tests.counter import Counter, a_receipt
from fiscus.issuing.tests.ending_series import EndingAuthority, finish, the, work
from fiscus.issuing.tests.ending_series import refusal as says_no
from fiscus.model.faults import Refused, Trouble, Unavailable
from fiscus.model.records import SeriesPurpose

Change = dict[str, Any]


@dataclass
class ListingAuthority:
    """Tells of the series that the counter has, each as a test changes it, and of others."""

    counter: Counter
    changes: dict[str, Change | None] = field(default_factory=dict)
    others: list[KnownSeries] = field(default_factory=list)
    queries: list[SeriesQuery] = field(default_factory=list)

    def known(self, name: str) -> KnownSeries:
        view = the(self.counter, name)
        needed = needs(self.counter, f"{name}-X")
        series_ = msgspec.structs.replace(asked_for(needed, self.counter), name=name)
        return KnownSeries(
            series=series_,
            standing=SeriesStanding.ACTIVE,
            reference=view.series.validation_code,
            registered_on=self.counter.clock().date(),
        )

    def listed(self, query: SeriesQuery, _: Mapping[str, str]) -> tuple[KnownSeries, ...]:
        self.queries.append(query)
        found = []
        for name, change in self.changes.items():
            if change is None:
                continue
            known = self.known(name)
            purpose = change.pop("purpose", known.series.purpose)
            one = msgspec.structs.replace(known.series, purpose=purpose)
            found.append(msgspec.structs.replace(known, series=one, **change))
        return (*found, *self.others)


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def compared(counter: Counter, listed: Callable[..., Any]) -> list[comparing.SeriesDifference]:
    authority = EndingAuthority(counter.channel("at_portugal"))
    connection = authority.connection(listed=listed)
    return compare(counter.services, lambda _: connection, counter.shop.taxpayer)


def test_nothing_differs_where_nothing_does(counter: Counter) -> None:
    for name in ("A", "B"):
        counter.sells(a_receipt(series=name))
    authority = ListingAuthority(counter, {"A": {}, "B": {}})
    assert compared(counter, authority.listed) == []
    assert [one.taxpayer for one in authority.queries] == ["509876544"]


FINISHED = {"standing": SeriesStanding.FINISHED}


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (None, [DifferenceKind.UNKNOWN_THERE]),
        ({**FINISHED, "last_number": 1}, [DifferenceKind.OTHER_STATE]),
        (
            {**FINISHED, "last_number": 7},
            [DifferenceKind.OTHER_LAST_NUMBER, DifferenceKind.OTHER_STATE],
        ),
        ({"standing": SeriesStanding.CANCELLED}, [DifferenceKind.OTHER_STATE]),
        ({"reference": "OTHERONE"}, [DifferenceKind.OTHER_CODE]),
        ({"purpose": SeriesPurpose.RECOVERY}, [DifferenceKind.OTHER_PURPOSE]),
    ],
)
def test_each_difference_has_its_name(
    counter: Counter, change: Change | None, kinds: list[DifferenceKind]
) -> None:
    counter.sells(a_receipt(series="A"))
    found = compared(counter, ListingAuthority(counter, {"A": change}).listed)
    assert [one.kind for one in found] == kinds
    assert all(one.meaning and (one.document_type, one.name) == ("FR", "A") for one in found)


def test_what_we_do_not_have_is_named(counter: Counter) -> None:
    counter.sells(a_receipt(series="A"))
    authority = ListingAuthority(counter, {"A": {}})
    other = authority.known("A")
    name = msgspec.structs.replace(other.series, name="OTHER")
    authority.others.append(msgspec.structs.replace(other, series=name, last_number=4, **FINISHED))
    [found] = compared(counter, authority.listed)
    assert (found.kind, found.there) == (DifferenceKind.UNKNOWN_HERE, "finished with number 4")
    assert "adopt" in found.meaning


def test_what_is_under_way_is_said_to_be(counter: Counter) -> None:
    counter.sells(a_receipt(series="A"))
    finish(counter, "A")
    [found] = compared(counter, ListingAuthority(counter, {"A": {}}).listed)
    assert (found.kind, found.here, found.there) == (
        DifferenceKind.OTHER_STATE,
        "finishing",
        "active",
    )
    assert "under way" in found.meaning


def test_what_was_finished_is_compared_with_its_number(counter: Counter) -> None:
    authority = EndingAuthority(counter.channel("at_portugal"))
    counter.sells(a_receipt(series="A"))
    finish(counter, "A")
    work(counter, authority.connection())
    told = {**FINISHED, "last_number": 1}
    assert compared(counter, ListingAuthority(counter, {"A": told}).listed) == []


def test_an_authority_that_does_not_tell_is_no_answer(counter: Counter) -> None:
    for answer, error, code in (
        (Later(reason="away"), Unavailable, series.UNKNOWN),
        (says_no("AT-LOGIN-99", Remedy.ACCESS), Refused, series.UNAUTHORIZED),
        (Rejected(faults=says_no("AT-SERIES-4003").faults), Refused, comparing.NOT_TOLD),
    ):
        with pytest.raises(error) as trouble:
            compared(counter, lambda *_, answer=answer: answer)
        assert trouble.value.code == code


def test_a_law_without_registration_has_nothing_to_compare(engine: Engine) -> None:
    plain = Counter(engine, "it")
    with pytest.raises(Trouble, match="ISSUE-END-02"):
        compare(plain.services, plain.channel, plain.shop.taxpayer)
