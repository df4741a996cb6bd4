"""B-05: whatever is changed in a journal that the product wrote is found, and the record named."""

import asyncio
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bench import sales
from bench.installation import SQLITE, Installation, fresh
from bench.merchant import Caller, Merchant
from fiscus.journal.verify_entry import Entry, examine, row_of
from fiscus.journal.verify_keys import Keyring
from fiscus.journal.verify_report import Report
from fiscus.journal.verify_rows import Journal, values_of
from fiscus.store.schema import APPEND_ONLY, REGISTER_KEY, SETTING_KEY
from tests.storms.driver import Shop, need, seed, size, told
from tests.storms.tampering import Row, Tampered, as_bytes, changed, flipped, in_order

pytestmark = pytest.mark.storm

RECORDS = 300


class Sample(msgspec.Struct):
    """A journal of the real product, its servers stopped, and a checkpoint kept elsewhere."""

    engine: str
    url: str
    witness: dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def sample(request: pytest.FixtureRequest) -> Iterator[Sample]:
    engine: str = request.param
    need(engine)
    with fresh(engine, FISCUS_CHECKPOINT_SECONDS="1") as installation:
        installation.serve(1)
        merchant = installation.found(2)
        asyncio.run(filled(installation, merchant))
        witness = covered(installation)
        installation.stop()
        yield Sample(engine, installation.database, witness)


async def filled(installation: Installation, merchant: Merchant) -> None:
    """Entries of every kind, over a few checkpoints."""
    caller = installation.caller(merchant.bearer)
    shop = Shop(
        installation=installation, merchant=merchant, series=["FR-1", "FR-2"], random=Random(1)
    )
    for _ in range(3):
        await shop.sell(iter(range(45)), 8)
        receipt = conclude(caller, merchant, sales.a_receipt("FR-1"))
        conclude(caller, merchant, sales.an_invoice("FT-1"))
        conclude(caller, merchant, sales.a_correction("NC-1", receipt))
        void = conclude(caller, merchant, sales.a_receipt("FR-2"))
        conclude(caller, merchant, sales.a_cancellation(void))
        conclude(caller, merchant, sales.a_cancellation(void))
        await asyncio.sleep(1.2)


def conclude(caller: Caller, merchant: Merchant, operation: sales.Operation) -> str:
    opened = caller.say(
        "POST", "/records",
        {"type": "INTENTION", "system": {"id": merchant.systems[0]},
         "operation": {"type": "TRANSACTION"}},
    )  # fmt: skip
    content = {"type": "TRANSACTION", "record": {"id": opened["id"]}, "operation": operation}
    record: str = caller.say("POST", "/records", content)["id"]
    return record


def covered(installation: Installation) -> dict[str, Any]:
    """The newest checkpoint, as soon as it covers everything."""
    caller = installation.caller()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status, found = caller.ask("GET", "/checkpoint")
        if status == 200 and found["size"] > RECORDS:
            time.sleep(1.2)
            return dict(caller.ask("GET", "/checkpoint")[1])
        time.sleep(0.2)
    raise AssertionError("no checkpoint covers the journal")


def test_the_database_itself_refuses_to_change_what_was_written(sample: Sample) -> None:
    tampered = Tampered(sample.url)
    for table in APPEND_ONLY:
        column = next(iter(table.primary_key.columns)).name
        words = [f"UPDATE {table.name} SET {column} = {column}", f"DELETE FROM {table.name}"]
        if sample.engine == "postgres":
            words.append(f"TRUNCATE {table.name} CASCADE")
        for statement in words:
            with pytest.raises(DBAPIError, match="append-only"), tampered.engine.begin() as tx:
                tx.execute(text(statement))
    tampered.engine.dispose()


@pytest.fixture(scope="module")
def tampered(sample: Sample) -> Iterator[Tampered]:
    """After this the triggers are gone."""
    opened = Tampered(sample.url)
    opened.disarm()
    assert opened.report(sample.witness).is_good
    yield opened
    opened.engine.dispose()


def test_each_flipped_byte_that_a_column_can_hold_is_found_in_the_database(
    tampered: Tampered, sample: Sample, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, flips = seed(), size("STORED_FLIPS", 40, 2_000)
    random = Random(chance)
    rows, refused = in_order(tampered.good["entry"]), 0
    for _ in range(flips):
        place = random.randrange(len(rows))
        column = random.choice(sorted(rows[place]))
        value = rows[place][column]
        other = flipped(value, random.randrange(len(as_bytes(value))), random)
        if column == "number" and value is None:
            other = 1
        try:
            with tampered.replaced("entry", changed(rows, place, column, other)):
                assert names(tampered.report(), rows[place]), (rows[place]["id"], column, other)
        except IntegrityError:
            refused += 1
    assert tampered.report(sample.witness).is_good
    assert refused < flips / 4
    told(
        capsys,
        f"B-05 {sample.engine}",
        f"{flips} flips in the database, {refused} refused by it, all others found, seed {chance}",
    )


def names(report: Report, row: Row) -> bool:
    """The record is among the findings, and no entry is accused before it in its chain."""
    places = [(one.register, one.sequence) for one in report.findings if one.register]
    ids = [one.record for one in report.findings]
    return (row["register"], row["sequence"]) in places or row["id"] in ids


def test_each_flipped_byte_of_each_column_is_found(
    tampered: Tampered, sample: Sample, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, begun = seed(), time.monotonic()
    random = Random(chance)
    quick = Quick(tampered)
    places = [
        (row, column, byte)
        for row, values in enumerate(quick.rows)
        for column, value in values.items()
        for byte in range(len(as_bytes(value)))
    ]
    # The same steps over the same kinds of rows: every byte once, on one engine, is enough.
    flips = size("FLIPS", 2_000, len(places) if sample.engine == SQLITE else 20_000)
    chosen = places if flips >= len(places) else random.sample(places, flips)
    missed = [place for place in chosen if not quick.finds(*place, random)]
    told(
        capsys,
        f"B-05 {sample.engine}",
        f"{len(chosen)} of {len(places)} bytes of {len(quick.rows)} entries flipped in "
        f"{time.monotonic() - begun:.0f} s, missed {len(missed)}, seed {chance}",
    )
    assert missed == []


class Quick:
    """The verifier's own steps over rows in memory: entries that are as they were need not be
    examined again for each flip."""

    def __init__(self, tampered: Tampered) -> None:
        self.rows = in_order(tampered.good["entry"])
        self.checkpoints = sorted(tampered.good["checkpoint"], key=lambda row: row["number"])
        with tampered.engine.connect() as tx:
            keys = tx.execute(REGISTER_KEY.select()).mappings()
            self.keyring = Keyring({row["register"]: row["certificate_pem"] for row in keys})
            own = SETTING_KEY.select().where(SETTING_KEY.c.name == "checkpoint")
            self.certificate = tx.execute(own).mappings().one()["certificate_pem"]
        self.examined = [self.examine(row) for row in self.rows]
        assert self.report(self.rows, self.examined).is_good

    def examine(self, row: Row) -> Entry:
        return examine(row_of(values_of(row), 1), self.keyring)

    def finds(self, place: int, column: str, byte: int, random: Random) -> bool:
        """Whether the report names the record whose byte was changed."""
        row = self.rows[place]
        spoiled = {**row, column: damaged(row[column], byte, random)}
        rows, entries = list(self.rows), list(self.examined)
        rows[place], entries[place] = spoiled, self.examine(spoiled)
        return names(self.report(rows, entries), row)

    def report(self, rows: list[Row], entries: list[Entry]) -> Report:
        pairs = sorted(
            zip(rows, entries, strict=True),
            key=lambda pair: (encoded(pair[0]["register"]), pair[0]["sequence"]),
        )
        journal = Journal(is_partial=False)
        journal.take([entry for _, entry in pairs])
        journal.settle()
        journal.walk(self.checkpoints, self.certificate, None)
        return journal.report()


def damaged(value: Any, place: int, random: Random) -> Any:
    """One byte changed to any other, as a damaged file would show it."""
    if value is None:
        return ""
    stored = as_bytes(value)
    other = bytes([stored[place] ^ random.randint(1, 255)])
    changed_ = stored[:place] + other + stored[place + 1 :]
    if isinstance(value, int):
        return int.from_bytes(changed_, "big", signed=True)
    return changed_ if isinstance(value, bytes) else changed_.decode("utf-8", "surrogateescape")


def encoded(register: str) -> bytes:
    return register.encode("utf-8", "surrogateescape")


def test_a_removed_record_is_missed(tampered: Tampered) -> None:
    rows = in_order(tampered.good["entry"])
    place = first_of(rows, 50)

    with tampered.replaced("entry", rows[:place] + rows[place + 1 :]):
        assert blamed(tampered.report(), rows[place]) >= {"VERIFY-SEQUENCE-01"}


def test_two_swapped_records_are_found(tampered: Tampered) -> None:
    rows = in_order(tampered.good["entry"])
    place = first_of(rows, 50)
    one, two = rows[place], rows[place + 1]
    swapped = [
        {**one, "sequence": two["sequence"]},
        {**two, "sequence": one["sequence"]},
    ]

    with tampered.replaced("entry", rows[:place] + swapped + rows[place + 2 :]):
        report = tampered.report()
        assert blamed(report, one)
        assert blamed(report, two)


def test_a_record_copied_to_the_end_of_its_chain_is_found(tampered: Tampered) -> None:
    rows = in_order(tampered.good["entry"])
    last = rows[-1]
    copy = {**last, "id": last["id"][:-4] + "0000", "sequence": last["sequence"] + 1,
            "intent": None, "number": None, "series": None}  # fmt: skip

    with tampered.replaced("entry", [*rows, copy]):
        report = tampered.report()
        assert blamed(report, copy) | blamed(report, last)


def test_a_cut_tail_is_missed_by_the_checkpoints(tampered: Tampered) -> None:
    rows = in_order(tampered.good["entry"])

    with tampered.replaced("entry", rows[:-5]):
        assert "VERIFY-TAIL-01" in {one.code for one in tampered.report().findings}


def test_a_tail_cut_with_its_checkpoints_is_missed_by_the_witness(
    tampered: Tampered, sample: Sample
) -> None:
    checkpoints = sorted(tampered.good["checkpoint"], key=lambda row: row["number"])
    gone = {
        (register, sequence)
        for register, first, last in msgspec.json.decode(checkpoints[-1]["ranges"])
        for sequence in range(first, last + 1)
    }
    rows = [row for row in tampered.good["entry"] if (row["register"], row["sequence"]) not in gone]
    assert len(rows) < len(tampered.good["entry"])

    with tampered.replaced("entry", rows), tampered.replaced("checkpoint", checkpoints[:-1]):
        assert tampered.report().is_good
        codes = {one.code for one in tampered.report(sample.witness).findings}
        assert codes == {"VERIFY-WITNESS-03"}


def first_of(rows: list[Row], sequence: int) -> int:
    return next(place for place, row in enumerate(rows) if row["sequence"] == sequence)


def blamed(report: Report, row: Row) -> set[str]:
    """The codes of the findings at this row's place."""
    return {
        one.code
        for one in report.findings
        if (one.register, one.sequence) == (row["register"], row["sequence"])
    }
