"""A series of another program, or of a lost database, goes on here after its last number."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine, select

from fiscus.channels import Accepted, CancelSeries, FinishSeries, RegisterSeries, SeriesPurpose
from fiscus.issuing import adopting
from fiscus.issuing.adopting import Adoption, AdoptionRecord, adopt
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.series import prepare
from fiscus.issuing.tests.counter import Counter, a_receipt, done, failure
from fiscus.journal import encode
from fiscus.journal.audit import verify_database
from fiscus.journal.statement import Statement
from fiscus.model.faults import Conflict, Missing, Refused, Trouble, Unavailable
from fiscus.model.kinds import StatementKind
from fiscus.model.records import EntryBody, SeriesWanted
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import micros_z
from fiscus.registry import locations, registers, series, taxpayers
from fiscus.registry.tests.builders import move_location, move_register, move_taxpayer
from fiscus.registry.views import LifecycleState, OperatingMode
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY, SERIES

LOGIN = {"username": "509876544/9", "password": "the program of before"}
HASH = "aB3+" * 42 + "xyz="


@pytest.fixture
def counter(engine: Engine, tmp_path: Path) -> Counter:
    return Counter(engine, "pt", tmp_path)


def registered_before(counter: Counter, name: str = "VELHA", **changes: Any) -> str:
    """By the program of before, with its own certificate; gives the validation code."""
    message = RegisterSeries(
        taxpayer=counter.shop.owner.removeprefix("pt:"),
        document_type="FR",
        name=name,
        first_number=1,
        starts_on=MORNING.date(),
        facts={"class": "SI", "type": "FR", "certificate": "30", "processing": "PI"},
    )
    answer = counter.channel("at_portugal").send(msgspec.structs.replace(message, **changes), LOGIN)
    assert isinstance(answer, Accepted)
    return answer.reference


def said(counter: Counter, **changes: Any) -> Adoption:
    adoption = Adoption(
        taxpayer=counter.shop.taxpayer,
        location=counter.shop.location,
        document_type="FR",
        name="VELHA",
        last_number=123,
        last_hash=HASH,
        last_date=MORNING.date(),
        last_entry=MORNING - timedelta(hours=1),
    )
    return msgspec.structs.replace(adoption, **changes)


def adopted(counter: Counter, **changes: Any) -> AdoptionRecord:
    return adopt(counter.services, counter.channel, said(counter, **changes))


def refusal(counter: Counter, kind: type[Trouble] = Refused, **changes: Any) -> dict[str, Any]:
    """Codes with their paths; nothing is kept."""
    before = kept(counter)
    with pytest.raises(kind) as refused:
        adopted(counter, **changes)
    assert kept(counter) == before
    return {fault.code: fault.paths for fault in refused.value.faults}


def kept(counter: Counter) -> list[Any]:
    with reading(counter.engine) as tx:
        rows = tx.execute(select(SERIES).order_by(SERIES.c.id)).all()
        return [*rows, *stated(tx)]


def stated(tx: Connection) -> list[Statement]:
    """What the journal says of series that were counted elsewhere before."""
    said = select(ENTRY.c.kind, ENTRY.c.body).where(ENTRY.c.kind == StatementKind.ADOPTION)
    rows = tx.execute(said.order_by(ENTRY.c.sequence))
    return [encode.statement(row.kind, row.body) for row in rows]


def sold(counter: Counter, **more: Any) -> EntryBody:
    return counter.sells(a_receipt(series="VELHA"), **more)


def test_the_next_document_gets_the_next_number_and_signs_the_last_hash(counter: Counter) -> None:
    code = registered_before(counter)
    fact = adopted(counter)

    assert (fact.validation_code, fact.certificate, fact.registered_on) == (
        code,
        "30",
        MORNING.date(),
    )
    first, second = sold(counter), sold(counter)
    assert [body.numbered and body.numbered.number for body in (first, second)] == [124, 125]
    assert first.seal is not None
    assert first.seal.signed_text.endswith(f";FR VELHA/124;2.46;{HASH}")
    assert first.seal.code == f"{code}-124"
    counter.assert_proved()
    [note] = verify_database(counter.engine).notes
    assert "FR VELHA" in note
    assert "after number 123" in note


def test_after_the_refusal_the_adopted_series_is_used(counter: Counter) -> None:
    """The till goes on as before: the same request now sells."""
    registered_before(counter)
    order = counter.issue(a_receipt(series="VELHA"))
    needed = counter.together(order)[0]
    assert isinstance(needed, SeriesNeeded)
    faults = prepare(counter.services, counter.channel, needed)
    assert [fault.code for fault in faults] == ["ISSUE-SERIES-01"]
    adopted(counter)

    body = sold(counter)
    assert body.numbered is not None
    assert body.numbered.number == 124


def test_the_name_is_the_authoritys_in_its_letters(counter: Counter) -> None:
    registered_before(counter, "Velha")
    assert adopted(counter, name="VELHA").name == "Velha"

    body = sold(counter)
    assert body.seal is not None
    assert body.seal.number == "FR Velha/124"


def test_a_series_that_was_never_used_begins_where_it_was_registered_to(counter: Counter) -> None:
    registered_before(counter, first_number=500)
    nothing: dict[str, Any] = {"last_hash": "", "last_date": None, "last_entry": None}
    assert "ISSUE-ADOPT-09" in refusal(counter, last_number=498, **nothing)
    adopted(counter, last_number=499, **nothing)

    body = sold(counter)
    assert body.seal is not None
    assert body.seal.signed_text.endswith("FR VELHA/500;2.46;")
    counter.assert_proved()


def test_nothing_is_dated_before_the_last_document(counter: Counter) -> None:
    registered_before(counter)
    adopted(counter)
    order = counter.issue(a_receipt(series="VELHA", issued_at=MORNING - timedelta(days=1)))
    refused = done(counter.together(order)[0]).body

    # The series began today too: the authority takes no first day of before.
    assert [fault.code for fault in refused.faults] == ["PT-DATE-01", "PT-DATE-03"]


def test_the_clock_may_not_stand_before_the_last_entry(counter: Counter) -> None:
    registered_before(counter)
    adopted(counter, last_entry=MORNING)
    intent = counter.intends()[0]
    counter.clock.move(minutes=-11)

    answer = counter.together(counter.issue(a_receipt(series="VELHA"), intent))[0]
    assert failure(answer) == "ISSUE-CLOCK-01"


@pytest.mark.parametrize("name", ["NOVA", "VELHA-2"])
def test_what_the_authority_does_not_know_is_not_adopted(counter: Counter, name: str) -> None:
    registered_before(counter)

    assert refusal(counter, Missing, name=name) == {"ISSUE-ADOPT-05": ("name",)}


@pytest.mark.parametrize("is_finished", [True, False])
def test_what_has_ended_is_not_adopted(counter: Counter, is_finished: bool) -> None:
    of: dict[str, Any] = {
        "taxpayer": counter.shop.owner.removeprefix("pt:"),
        "document_type": "FR",
        "name": "VELHA",
        "facts": {"class": "SI", "type": "FR"},
        "reference": registered_before(counter),
    }
    end = FinishSeries(**of, last_number=7) if is_finished else CancelSeries(**of)
    assert isinstance(counter.channel("at_portugal").send(end, LOGIN), Accepted)

    assert refusal(counter) == {"ISSUE-ADOPT-06": ("name",)}


@pytest.mark.parametrize(
    ("name", "purpose"),
    [("VELHA", SeriesPurpose.TRAINING), ("VELHA.F", SeriesPurpose.NORMAL)],
)
def test_a_series_for_training_is_not_adopted_for_sales_nor_the_reverse(
    counter: Counter, name: str, purpose: SeriesPurpose
) -> None:
    registered_before(counter, name, purpose=purpose)

    assert refusal(counter, name=name) == {"ISSUE-ADOPT-07": ("name",)}


def test_a_training_series_goes_on_as_one(counter: Counter) -> None:
    registered_before(counter, "VELHA.F", purpose=SeriesPurpose.TRAINING)
    adopted(counter, name="VELHA.F")

    body = counter.sells(a_receipt(series="VELHA", is_training=True))
    assert body.seal is not None
    assert body.seal.number == "FR VELHA.F/124"


def test_what_is_in_use_here_is_not_adopted(counter: Counter) -> None:
    counter.sells(a_receipt(series="VELHA"))
    assert refusal(counter, Conflict) == {"ISSUE-ADOPT-08": ("name",)}

    registered_before(counter, "OUTRA")
    adopted(counter, name="OUTRA")
    assert refusal(counter, Conflict, name="outra") == {"ISSUE-ADOPT-08": ("name",)}


def test_everything_that_is_wrong_is_told_at_once(counter: Counter) -> None:
    registered_before(counter)
    tomorrow = MORNING + timedelta(days=1)

    with pytest.raises(Refused) as refused:
        adopted(
            counter,
            last_number=3_000_000_000,
            last_hash="short",
            last_date=tomorrow.date(),
            last_entry=tomorrow,
        )
    assert [(fault.code, fault.paths) for fault in refused.value.faults] == [
        ("ISSUE-ADOPT-10", ("last_number",)),
        ("ISSUE-ADOPT-11", ("last_hash",)),
        ("ISSUE-ADOPT-13", ("last_date",)),
        ("ISSUE-ADOPT-13", ("last_entry",)),
    ]
    assert refusal(counter, last_number=0) == {
        "ISSUE-ADOPT-12": ("last_hash", "last_date", "last_entry")
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document_type": "GT"}, "ISSUE-ADOPT-02"),
        ({"document_type": "fr"}, "ISSUE-ADOPT-02"),
        ({"name": "VELHA/1"}, "ISSUE-ADOPT-02"),
        ({"name": "V" * 36}, "ISSUE-ADOPT-02"),
        ({"name": ""}, "ISSUE-ADOPT-02"),
    ],
)
def test_what_the_law_does_not_know_is_not_adopted(
    counter: Counter, changes: dict[str, Any], code: str
) -> None:
    assert refusal(counter, **changes) == {code: ("document_type", "name")}


def test_another_law_registers_no_series(engine: Engine) -> None:
    assert refusal(Counter(engine, "it")) == {"ISSUE-ADOPT-01": ()}


def test_a_location_of_somebody_else_is_not_found(counter: Counter) -> None:
    registered_before(counter)

    assert refusal(counter, Missing, location="elsewhere") == {"ISSUE-ADOPT-04": ("location",)}
    assert refusal(counter, location="") == {"ISSUE-ADOPT-16": ("location",)}


def test_wrong_credentials_and_silence_adopt_nothing(counter: Counter, tmp_path: Path) -> None:
    registered_before(counter)
    with writing(counter.engine) as tx:
        view = taxpayers.by_id(tx, counter.shop.taxpayer)
        move_taxpayer(tx, view, secrets={"username": "509876544/1", "password": "wrong"})
    assert refusal(counter) == {"ISSUE-SERIES-02": ("taxpayer",)}

    with writing(counter.engine) as tx:
        view = taxpayers.by_id(tx, counter.shop.taxpayer)
        move_taxpayer(tx, view, secrets={"username": "509876544/1", "password": "right"})
    opened = counter.channel("at_portugal")
    (tmp_path / "at_portugal.sqlite").rename(tmp_path / "gone")
    (tmp_path / "at_portugal.sqlite").mkdir()
    with pytest.raises(Unavailable):
        adopt(counter.services, lambda _: opened, said(counter))


def test_a_later_taxpayer_of_the_number_goes_on_where_this_house_stands(counter: Counter) -> None:
    bodies = [sold(counter), sold(counter)]
    assert bodies[1].seal is not None
    counter.closes_down()
    nif = {"tax_id_number": counter.shop.owner.removeprefix("pt:")}
    later = Counter(counter.engine, "pt", counter.folder, facts=nif)

    for wrong, place in (
        ({"last_number": 1, "last_hash": ""}, "last_number 2"),
        ({"last_number": 2, "last_hash": HASH}, "last_hash"),
    ):
        assert refusal(later, Conflict, **wrong) == {"ISSUE-ADOPT-14": (place,)}
    fact = adopted(later, last_number=2, last_hash="", last_date=None, last_entry=None)
    assert fact.last_hash == bodies[1].seal.signature

    body = sold(later)
    assert body.seal is not None
    assert body.numbered is not None
    assert body.seal.number == "FR VELHA/3"
    assert body.seal.signed_text.endswith(bodies[1].seal.signature)
    assert body.numbered.previous == ""  # nothing of another tenant stands in its journal
    later.assert_proved()


def test_the_fact_is_kept_for_ever(counter: Counter) -> None:
    registered_before(counter)
    fact = adopted(counter)
    with reading(counter.engine) as tx:
        [said_] = stated(tx)
        assert adopting.is_adopted(tx, fact.series)
        row = tx.execute(select(SERIES).where(SERIES.c.id == fact.series)).one()
        link = tx.scalar(select(ENTRY.c.link).where(ENTRY.c.id == said_.id))
    assert msgspec.convert(said_.adoption, AdoptionRecord) == fact
    assert (said_.chain, said_.by) == (counter.shop.organization, "fiscus series adopt")
    assert [(one.table, one.key) for one in said_.rows] == [("series", fact.series)]
    assert (row.number, row.carried, row.link) == (123, HASH, link)
    assert (row.last_day, row.last_at) == (
        fact.last_date and fact.last_date.isoformat(),
        fact.last_entry and micros_z(fact.last_entry),
    )


def test_without_the_fact_the_start_is_a_finding(counter: Counter) -> None:
    """What the table of series says is not enough."""
    registered_before(counter)
    wish = series.SeriesWish(
        owner=counter.shop.owner,
        taxpayer=counter.shop.taxpayer,
        location=counter.shop.location,
        wanted=wanted(counter),
    )
    with writing(counter.engine) as tx:
        series.want(tx, "a-series", wish, MORNING)
        series.activate(tx, "a-series", "ABCD1234")
        forged = SERIES.update().where(SERIES.c.id == "a-series")
        tx.execute(forged.values(number=123, carried=HASH))

    assert failure(counter.together(counter.issue(a_receipt(series="VELHA")))[0]) == (
        "ISSUE-SERIES-07"
    )
    findings = verify_database(counter.engine).findings
    assert "VERIFY-SERIES-04" in {finding.code for finding in findings}


def wanted(counter: Counter) -> SeriesWanted:
    needed = counter.together(counter.issue(a_receipt(series="VELHA")))[0]
    assert isinstance(needed, SeriesNeeded)
    return needed.wanted


def test_a_date_is_a_day_of_the_law(counter: Counter) -> None:
    """Half past eleven in UTC is the next day in Lisbon's summer."""
    counter.clock.now = datetime(2026, 5, 4, 23, 30, tzinfo=UTC)
    registered_before(counter, starts_on=date(2026, 5, 5))
    adopted(counter, last_date=date(2026, 5, 5))


def test_the_only_location_there_is_need_not_be_said(counter: Counter) -> None:
    """The head office stays when the branch has gone."""
    registered_before(counter)
    shop, gone = counter.shop, (LifecycleState.DECOMMISSIONED, OperatingMode.INACTIVE)
    with writing(counter.engine) as tx:
        till = registers.read(tx, shop.organization, shop.register)
        move_register(tx, shop.organization, till, gone)
        branch = locations.read(tx, shop.organization, shop.location)
        move_location(tx, shop.organization, branch, gone)

    adopted(counter, location="")

    with reading(counter.engine) as tx:
        (row,) = tx.execute(select(SERIES)).all()
        assert locations.read(tx, shop.organization, row.location).is_head_office
