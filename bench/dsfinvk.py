"""Seconds and memory of a DSFinV-K of many receipts: `python -m bench.dsfinvk --help`.

The receipts are sealed by the German law and lie as stored entries of the journal, as many to a
closing as a shop has in a day; their signatures are made up, because the writer verifies none. Each
entry is decoded by the journal's own decoder. The yardstick is what `json.loads` of the same
entries costs on one core: whoever writes the file must at least read them. Making the entries is
part of both, sealing their patterns (a second) of the writer's alone. The ratio is of processor
seconds, which other work on the machine changes less.
"""

import argparse
import json
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import cast

import msgspec

from bench import disturbed
from bench.installation import SQLITE
from bench.machine import Ended, Machine, cost, headline, machine, table
from bench.receipts import drafts
from fiscus.formats import Selection, find
from fiscus.issuing.counting import CountedTotals, PeriodCount
from fiscus.journal.encode import decode, encode, extract
from fiscus.model.closings import Closing, ClosingDevice
from fiscus.model.documents import Address, ClosingType, DocumentKind, Draft
from fiscus.model.extracts import BodyExtract
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import (
    GENESIS,
    CallerWords,
    Case,
    DeviceSigning,
    EntryBody,
    PlaceRef,
    Seal,
    Series,
    Slot,
    TakenNumber,
)
from fiscus.model.times import Period
from fiscus.regimes import DeviceFlow
from fiscus.regimes import find as law

RECEIPTS = 1_000_000
RECEIPTS_PER_CLOSING = 2_000
TIMEZONE = "Europe/Berlin"
FIRST = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)

REGISTER = "0196a1f2-4444-7c3d-9e4f-0123456789ab"
INTENT = "0196a1f2-9999-7c3d-9e4f-ffffffffffff"
NUMBER = 987_654_321
STARTED, FINISHED = FIRST + timedelta(seconds=13), FIRST + timedelta(seconds=31, microseconds=7)
"""Stand in the stored bytes of a pattern until a receipt puts its own in their place."""

PATTERNS = 2 * RECEIPTS_PER_CLOSING
SEED = 2026
PACE = timedelta(seconds=24)
TAKEN_MAX = timedelta(seconds=90)

Day = tuple[bytes, Iterator[bytes]]

SERIAL = "5e" * 32
POINT = b64encode(bytes(65)).decode()
SIGNATURE = b64encode(bytes(range(64))).decode()
CERTIFICATE = b64encode(bytes(900)).decode()

PLACE = Place(
    taxpayer=Taxpayer(
        id="0196a1f2-2222-7c3d-9e4f-0123456789ab",
        version=1,
        organization="0196a1f2-1111-7c3d-9e4f-0123456789ab",
        regime="de",
        legal_name="Bäckerei Günther GmbH",
        address=Address(street="Allee", number="1", code="10115", city="Berlin", country="DE"),
        facts={"tax_number": "21/815/08150", "vat_id_number": "123456788"},
    ),
    location=Location(
        id="0196a1f2-3333-7c3d-9e4f-0123456789ab",
        version=1,
        name="Filiale Mitte",
        address=Address(street="Allee", number="1", code="10115", city="Berlin", country="DE"),
        timezone=TIMEZONE,
    ),
    register=Register(id=REGISTER, version=1, name="Kasse 1", software="Kiosk Pro 4.2"),
)
REFERENCE = PlaceRef(
    organization=PLACE.taxpayer.organization,
    taxpayer=PLACE.taxpayer.id,
    taxpayer_version=1,
    location=PLACE.location.id,
    location_version=1,
    register_version=1,
)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    machine: Machine
    receipts: int
    entries_bytes: int
    bytes: int
    export: Ended
    json_seconds: float
    ratio: float


def main() -> None:
    wanted = arguments().parse_args()
    if wanted.write_to:
        write(wanted.write_to, wanted.receipts)
        return
    if wanted.while_issuing:
        print(disturbed.markdown(disturbed.measured(SQLITE, wanted.receipts, wanted.seconds)))
        return
    with tempfile.TemporaryDirectory(dir=wanted.folder) as folder:
        result = measured(Path(folder) / "export.tar", wanted.receipts)
    print(markdown(result))
    if wanted.json:
        wanted.json.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.dsfinvk", description=__doc__)
    parser.add_argument("--receipts", type=int, default=RECEIPTS)
    parser.add_argument("--folder", type=Path, help="where the archive is written for a while")
    parser.add_argument("--json", type=Path, help="write everything to this file")
    parser.add_argument(
        "--while-issuing",
        action="store_true",
        help="how long sales take meanwhile; --receipts are sold first",
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load of sales")
    parser.add_argument("--write-to", type=Path, help="only write the archive, measure nothing")
    return parser


def measured(out: Path, receipts: int) -> Result:
    """The yardstick before and after the export, which is a process of its own."""
    patterns = Patterns(receipts)
    size, before = json_processor_seconds(receipts, patterns)
    command = [
        sys.executable,
        "-m",
        "bench.dsfinvk",
        "--receipts",
        str(receipts),
        "--write-to",
        str(out),
    ]
    export = cost(command, {"TMPDIR": str(out.parent)})
    _, after = json_processor_seconds(receipts, patterns)
    yardstick = (before + after) / 2
    return Result(
        machine=machine(),
        receipts=receipts,
        entries_bytes=size,
        bytes=out.stat().st_size,
        export=export,
        json_seconds=round(yardstick, 2),
        ratio=round(export.processor_seconds / yardstick, 2),
    )


def json_processor_seconds(receipts: int, patterns: "Patterns") -> tuple[int, float]:
    """Bytes of all entries, and the processor seconds to parse them."""
    size, begun = 0, time.process_time()
    for _, stored in days(receipts, patterns):
        for entry in stored:
            size += len(entry)
            json.loads(entry)
    return size, time.process_time() - begun


def write(out: Path, receipts: int) -> None:
    writer = find("dsfinvk").write
    assert writer is not None
    with out.open("wb") as file:
        for chunk in writer(selection(receipts)):
            file.write(chunk)


def selection(receipts: int) -> Selection:
    def closings() -> Iterator[tuple[EntryBody, Iterator[BodyExtract]]]:
        for closing, stored in days(receipts):
            yield (
                decode(EntryKind.CLOSING, closing),
                (extract(EntryKind.DOCUMENT, entry) for entry in stored),
            )

    return Selection(
        taxpayer=PLACE.taxpayer,
        period=Period(first=FIRST.date(), last=date(9999, 12, 31)),
        records=lambda: iter(()),
        settings={},
        timezone=TIMEZONE,
        written_at=FIRST,
        closings=closings,
    )


def days(receipts: int, patterns: "Patterns | None" = None) -> Iterator[Day]:
    """Each day's closing and its receipts, both as stored. The first number of a day follows the
    closing of the day before."""
    patterns = patterns or Patterns(receipts)
    for day, first in enumerate(range(0, receipts, RECEIPTS_PER_CLOSING)):
        count = min(RECEIPTS_PER_CLOSING, receipts - first)
        opened = FIRST + timedelta(days=day)
        numbers = range(first + day + 1, first + day + 1 + count)
        of_day = patterns.of(first, count)
        yield (
            _closing(patterns.totals(of_day), day + 1, numbers[-1] + 1, opened),
            _receipts(patterns.stored[of_day], numbers, opened),
        )


class Patterns:
    """Receipts sealed once; each stands for some of those that are written. A day has as many of
    them as it has receipts, and the days take turns."""

    def __init__(self, receipts: int) -> None:
        count = min(receipts, PATTERNS)
        self._bodies = [_body(draft) for draft in drafts(count, SEED)]
        self.stored = [_pattern(body) for body in self._bodies]
        self._totals: dict[tuple[int, int], CountedTotals] = {}

    def of(self, first: int, count: int) -> slice:
        begin = first % PATTERNS
        return slice(begin, begin + count)

    def totals(self, of_day: slice) -> CountedTotals:
        key = (of_day.start, of_day.stop)
        if key not in self._totals:
            counted = PeriodCount(register=REGISTER, first_sequence=1, counted_to=0)
            for sequence, body in enumerate(self._bodies[of_day], 1):
                counted.add(EntryKind.DOCUMENT, msgspec.structs.replace(body, sequence=sequence))
            self._totals[key] = counted.totals()
        return self._totals[key]


def _receipts(patterns: list[bytes], numbers: range, opened: datetime) -> Iterator[bytes]:
    """Stored receipts with numbers and times of their own; no two customers take as long."""
    random = Random(numbers[0]).random
    for at, (pattern, number) in enumerate(zip(patterns, numbers, strict=True)):
        started = opened + PACE * (at + random())
        yield _filled(pattern, number, started, started + TAKEN_MAX * random())


def _pattern(body: EntryBody) -> bytes:
    """The stored bytes with gaps where each receipt has something of its own."""
    gaps = {INTENT: "%(intent)b", str(NUMBER): "%(number)d"}
    gaps |= {_moment(STARTED).decode(): "%(started)b", _moment(FINISHED).decode(): "%(finished)b"}
    text = encode(body).replace(b"%", b"%%")
    for own, gap in gaps.items():
        text = text.replace(own.encode(), gap.encode())
    return text


def _filled(pattern: bytes, number: int, started_at: datetime, finished_at: datetime) -> bytes:
    return pattern % {
        b"intent": b"0196a1f2-9999-7c3d-9e4f-%012d" % number,
        b"number": number,
        b"started": _moment(started_at),
        b"finished": _moment(finished_at),
    }


def _moment(at: datetime) -> bytes:
    return msgspec.json.encode(at).strip(b'"')


def _body(draft: Draft) -> EntryBody:
    """One document, sealed by the law with a made-up signature."""
    return EntryBody(
        id=INTENT,
        kind=EntryKind.DOCUMENT,
        chain=REGISTER,
        epoch=1,
        sequence=NUMBER,
        previous=GENESIS,
        at=FINISHED,
        place=REFERENCE,
        relies={},
        intent=INTENT,
        said=CallerWords(family="reporting", version="1", text=json.dumps({"note": "x" * 400})),
        draft=draft,
        numbered=TakenNumber(series="s", name="23AB", number=NUMBER),
        seal=_seal(draft),
    )


def _seal(draft: Draft) -> Seal:
    series = Series(id="s", taxpayer=PLACE.taxpayer.id, document_type="BON", name="23AB")
    case = Case(draft=draft, place=PLACE, at=FINISHED, slot=Slot(series=series, number=NUMBER))
    flow = cast(DeviceFlow, law("de").seal(case))
    asked = next(flow)
    signing = DeviceSigning(
        serial=SERIAL,
        client=REGISTER,
        number=NUMBER,
        process_type=asked.process_type,
        process_data=asked.process_data,
        started_at=STARTED,
        finished_at=FINISHED,
        counter=NUMBER,
        signature=SIGNATURE,
        algorithm="ecdsa-plain-SHA256",
        time_format="unixTime",
        public_key=POINT,
    )
    try:
        flow.send(signing)
    except StopIteration as done:
        sealed: Seal = done.value
        return sealed
    raise AssertionError("a device is asked once for a document")


def _closing(counted: CountedTotals, day: int, number: int, opened: datetime) -> bytes:
    """The day's closing with the totals of its receipts."""
    until = opened + timedelta(hours=14)
    draft = Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY)
    closing = Closing(
        type=ClosingType.DAILY,
        number=day,
        is_sealed=True,
        first_z=day,
        last_z=day,
        since=opened,
        until=until,
        day=opened.date(),
        timezone=TIMEZONE,
        currency="EUR",
        cases=counted.cases,
        payments=counted.payments,
        devices=(
            ClosingDevice(
                serial=SERIAL,
                client=REGISTER,
                algorithm="ecdsa-plain-SHA256",
                time_format="unixTime",
                public_key=POINT,
                certificate=CERTIFICATE,
            ),
        ),
        place=PLACE,
    )
    body = msgspec.structs.replace(_body(draft), at=until, closing=closing)
    return _filled(_pattern(body), number, until - timedelta(minutes=1), until)


def markdown(result: Result) -> str:
    heads = [
        "Receipts",
        "Journal MB",
        "File MB",
        "Seconds",
        "Processor seconds",
        "Peak memory MiB",
        "json.loads s",
        "Ratio",
    ]
    row = [
        f"{result.receipts:,}",
        round(result.entries_bytes / 1e6, 1),
        round(result.bytes / 1e6, 1),
        result.export.seconds,
        result.export.processor_seconds,
        result.export.peak_mib,
        result.json_seconds,
        result.ratio,
    ]
    return f"{headline(result.machine)}\n\n{table(heads, [row])}"


if __name__ == "__main__":
    main()
