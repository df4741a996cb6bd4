"""B-16: registers are closed at any moment while tills go on selling at them: by their callers,
and automatically at its cut-off. Each document is in one closing, and the sums agree."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from bench.installation import POSTGRES, Installation, fresh
from bench.judge import rows, verified
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.app import application, build, wall_clock
from fiscus.background import worker
from fiscus.issuing import automatic
from fiscus.model.faults import Unavailable
from fiscus.registry import bootstrap
from fiscus.services import Services
from fiscus.settings import Settings
from fiscus.store.connect import writing
from tests.journeys.test_both_families import uuid_of
from tests.storms import ledger
from tests.storms.driver import engines, need, seed, size, told
from tests.storms.ledger import Entry
from tests.storms.racers import Closer, CutOffs, Place, PlainTill, Race, SessionTill
from tests.storms.test_exports_of_closings import asked, fetched, finished, table
from tests.support import words
from tests.support.inside import running
from tests.support.premises import MovingClock, Premises
from tests.support.till import Till

pytestmark = pytest.mark.storm

PATIENCE_SECONDS = 120
"""How long a race of no closings at all may take; each closing adds a second."""

TILLS = 2
"""At each register."""


@engines
def test_every_document_is_in_one_closing_however_registers_are_closed(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need(engine)
    closings, chance, begun = size("CLOSINGS", 15, 1_000), seed(), time.monotonic()
    with fresh(engine, tmp_path) as installation:
        places = yesterday(installation)
        installation.serve(2 if engine == POSTGRES else 1)
        race = raced(installation, places, Random(chance), closings)
        seconds = time.monotonic() - begun
        assert race.wrong == []
        journal = ledger.journal(installation.database)
        assert [wrong for entries in journal.values() for wrong in ledger.wrongs(entries)] == []
        assert lost(race, journal) == []
        assert noted(installation) == written(journal)
        assert verified(installation.database) == ()
        receipts = sum(exported(installation, one, journal) for one in places if one.is_german)
    told(
        capsys,
        f"B-16 {engine}",
        f"{figures(journal)}; {len(race.promised)} answers kept, refused on the way "
        f"{dict(Counter(race.refusals))}; DSFinV-K of {receipts} receipts: 0 findings, same "
        f"totals; {seconds:.0f} s, seed {chance}",
    )


def test_the_ledger_finds_what_is_wrong_with_closings() -> None:
    """Else the storm would prove nothing."""
    sound = [a_document(1), a_document(2), a_closing(3, 1, of=(1, 2)), a_document(4)]
    closed = [*sound, a_closing(5, 2, of=(3, 4))]
    assert list(ledger.wrongs(sound)) == list(ledger.wrongs(closed)) == []
    for second, wrong in (
        (a_closing(5, 3, of=(3, 4)), "Z numbers"),
        (a_closing(5, 2, of=(2, 4), documents=2), "document 2 is in 2 closings"),
        (a_closing(5, 2, of=(3, 3), documents=0), "closing 5 ends at 3, before documents"),
        (a_closing(5, 2, of=(3, 4), gross="11.91"), "Z 2 says sales/gross 11.91≠11.90"),
        (a_closing(5, 2, of=(3, 4), documents=2), "documents 2≠1"),
    ):
        assert any(wrong in one for one in ledger.wrongs([*sound, second])), wrong
    gap = [a_closing(3, 1, of=(1, 1), documents=1), a_document(4), a_closing(5, 2, of=(3, 4))]
    assert "document 2 is in 0 closings" in ledger.wrongs([a_document(1), a_document(2), *gap])
    reported = [*closed, a_closing(6, 1, of=(0, 0), documents=1, z=(2, 2), type="monthly")]
    assert any(one.startswith("report monthly 1 begins") for one in ledger.wrongs(reported))


def a_document(sequence: int) -> Entry:
    """A sale of 11.90 in cash, as Germany assesses it."""
    line = {
        "case": "Umsatz",
        "tax_code": "1",
        "percentage": "19.00",
        "tax_type": "USt",
        "net": "10.00000",
        "vat": "1.90000",
    }
    paid = {"type": "Bar", "amount": "11.90", "currency": "EUR", "is_cash": True}
    body = {
        "intent": f"i{sequence}",
        "draft": {"kind": "receipt"},
        "seal": {"lines": [line], "payments": [paid]},
    }
    return Entry(id=f"d{sequence}", register="r", sequence=sequence, kind="document@1", body=body)


def a_closing(
    sequence: int,
    number: int,
    *,
    of: tuple[int, int],
    documents: int = -1,
    gross: str = "",
    z: tuple[int, int] | None = None,
    type: str = "daily",
) -> Entry:
    """Over so many of those sales (as many as lie between, if not said)."""
    first, last = of
    count = documents if documents >= 0 else {1: 2, 3: 1}[first]
    net, vat = str(count * Decimal("10.00")), str(count * Decimal("1.90"))
    rate = {"tax_code": "1", "percentage": "19", "net": net, "vat": vat}
    total = str(count * Decimal("11.90"))
    said = {
        "type": type,
        "number": number,
        "is_sealed": z is None,
        "first_z": (z or (number,))[0],
        "last_z": (z or (number,))[-1],
        "first_sequence": first,
        "last_sequence": last,
        "first_receipt": f"i{max(first, last - count + 1)}",
        "last_receipt": f"i{last}",
        "documents": count,
        "expected": total,
        "cases": [{"case": "Umsatz", **rate}],
        "taxes": [rate],
        "payments": [{"type": "Bar", "amount": total, "currency": "EUR"}],
        "sales": {"count": count, "gross": gross or total, "vat": vat},
    }
    body = {"intent": f"i{sequence}", "closing": said}
    return Entry(id=f"c{sequence}", register="r", sequence=sequence, kind="closing@1", body=body)


def yesterday(installation: Installation) -> list[Place]:
    """Five registers that nobody closed yesterday: three with cash sessions and one without,
    each with a device, and one of a country that knows no devices."""
    clock = MovingClock(wall_clock() - timedelta(days=1))
    settings = Settings(data_dir=installation.folder / "data", database_url=installation.url)
    services = build(settings, clock)
    with writing(services.engine) as tx:
        first = bootstrap.found(
            tx,
            services.macs.credentials,
            by="operator",
            account="Account",
            group="Group",
            environment="test",
            ids=services.uuid4,
            entropy=services.entropy,
            at=services.clock(),
        )
    with running(application(services, with_worker=False)) as http:
        premises = Premises(
            services=services, clock=clock, http=http, helper=worker(services), first=first
        )
        merchant = platform(premises).opens_merchant()
        kiosks = [a_kiosk(premises, merchant) for _ in range(4)]
        for kiosk in kiosks[:3]:
            kiosk.opens()
            kiosk.sells()
        roman = premises.unit().opens_shop(words.italian(), code="00184", city="Roma", country="IT")
        roman.sells(words.receipt(words.line(percentage="22")))
        places = [*map(german, kiosks), italian(roman, premises)]
        keys = [a_key(premises, place) for place in places[3:]]
        till = premises.anonymous().with_token(*keys[0])
        replace(till, system=places[3].register).sells(words.receipt(words.line(percentage="19")))
        # Tokens of yesterday are worth nothing today.
        clock.now = wall_clock()
        for place, key in zip(places[3:], keys, strict=True):
            till = premises.anonymous().with_token(*key)
            place.till = replace(till, system=place.register)
        return places


def german(kiosk: Kiosk) -> Place:
    location = kiosk.caller.get(f"/registers/{kiosk.register}")["location_id"]
    register = ids.read("reg", kiosk.register)
    return Place(register=register, location=ids.read("loc", location), caller=kiosk.caller)


def italian(till: Till, premises: Premises) -> Place:
    unit, everyone = ids.shown("org", till.organization), platform(premises)
    merchants = everyone.get("/merchants")["data"]
    owner = next(one for one in merchants if one["organization_id"] == unit)
    caller = everyone.for_(owner)
    return Place(register=till.system, location=till.location, caller=caller, percentage="22")


def a_key(premises: Premises, place: Place) -> tuple[str, str]:
    """For the unit that the register belongs to, in the other API family."""
    group = premises.group()
    group.scope = uuid_of(place.caller.organization)
    made = group.made("/subjects", {"type": "API_KEY", "name": "plain-till"})
    return made["credentials"]["key"], made["credentials"]["secret"]


def raced(installation: Installation, places: list[Place], random: Random, closings: int) -> Race:
    """Tills, what closes at the cut-off, then closers besides, until so many Z closings are
    made."""
    race = Race()
    services = build(Settings(data_dir=installation.folder / "data", database_url=installation.url))
    with ExitStack() as clients:

        def client(number: int) -> httpx.Client:
            port = installation.ports[number % len(installation.ports)]
            return clients.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}"))

        for number, place in enumerate(places * TILLS):
            till = a_till(race, place.at(client(number)), Random(random.getrandbits(64)))
            race.start(till.turn, rest=0.05)
        race.start(CutOffs(places=[one.at(client(0)) for one in places], random=random).turn, 0.3)
        race.start(partial(close_due, race, services), rest=0.05)
        until(race, lambda: race.automatic > 0)
        for number, place in enumerate(places):
            closer = a_closer(race, place.at(client(number)), Random(random.getrandbits(64)))
            race.start(closer.turn, rest=0.6)
        until(race, lambda: sealed(installation) >= closings, PATIENCE_SECONDS + closings)
        race.ends()
    services.engine.dispose()
    return race


def close_due(race: Race, services: Services) -> None:
    """As the worker does it: what the database has no time for comes again."""
    try:
        race.automatic += automatic.close_due(services.issuing, services.channels)
    except Unavailable as trouble:
        race.refusals.append(trouble.code.id)


def a_till(race: Race, place: Place, random: Random) -> SessionTill | PlainTill:
    if place.till is None:
        return SessionTill(race=race, caller=place.caller, register=place.register, random=random)
    return PlainTill(
        race=race,
        till=place.till,
        percentage=place.percentage,
        can_cancel=not place.is_german,
        random=random,
    )


def a_closer(race: Race, place: Place, random: Random) -> Closer:
    till = a_till(race, place, random)
    return Closer(
        race=race,
        caller=place.caller,
        register=place.register,
        random=random,
        plain=till if isinstance(till, PlainTill) else None,
    )


def sealed(installation: Installation) -> int:
    query = "SELECT count(*) FROM closing WHERE is_sealed = 1"
    return int(rows(installation.database, query)[0][0])


def until(race: Race, is_reached: Callable[[], bool], seconds: int = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not race.wrong and not is_reached():
        assert time.monotonic() < deadline, "too few closings"
        time.sleep(0.2)


def lost(race: Race, journal: Mapping[str, list[Entry]]) -> list[str]:
    """What was promised and is not in the journal as promised."""
    entries = [entry for of_register in journal.values() for entry in of_register]
    concluded = {entry.body["intent"]: entry.kind for entry in entries if "intent" in entry.body}
    made = {entry.id: entry for entry in entries if entry.kind == "closing@1"}
    found = [
        f"{intent} {kind} is {concluded.get(intent)}"
        for intent, kind in race.promised.items()
        if concluded.get(intent) != kind
    ]
    for id_, (register, z) in race.closed.items():
        entry = made.get(id_)
        if entry is None or (entry.register, entry.body["closing"]["last_z"]) != (register, z):
            found.append(f"closing {id_} {z}")
    return found


def noted(installation: Installation) -> set[tuple[Any, ...]]:
    """The rows by which closings are found."""
    columns = "id, register, type, is_sealed, number, last_z, first_sequence, last_sequence"
    return set(rows(installation.database, f"SELECT {columns} FROM closing"))


def written(journal: Mapping[str, list[Entry]]) -> set[tuple[Any, ...]]:
    """What the closings in the journal say of the same."""
    names = ("type", "is_sealed", "number", "last_z", "first_sequence", "last_sequence")
    made = [one for entries in journal.values() for one in entries if one.kind == "closing@1"]
    return {
        (one.id, one.register, *(one.body["closing"].get(name, 0) for name in names))
        for one in made
    }


def figures(journal: Mapping[str, list[Entry]]) -> str:
    entries = [entry for of_register in journal.values() for entry in of_register]
    documents = Counter(entry.kind for entry in entries if entry.kind in ledger.SEALED)
    made = [entry for entry in entries if entry.kind == "closing@1"]
    sealed = [one for one in made if one.body["closing"]["is_sealed"]]
    by_itself = sum(one.body["said"]["family"] == "automatic" for one in sealed)
    return (
        f"{len(sealed)} Z closings, {by_itself} at the cut-off, {len(made) - len(sealed)} reports, "
        f"over {documents.total()} documents {dict(documents)} of {len(journal)} registers: each "
        "in one, all sums equal"
    )


def exported(installation: Installation, place: Place, journal: Mapping[str, list[Entry]]) -> int:
    """The register's DSFinV-K: checked, and its totals those of the ledger. Gives how many
    receipts are in it."""
    with httpx.Client(base_url=f"http://127.0.0.1:{installation.ports[0]}") as http:
        caller = place.at(http).caller
        job = asked(caller, ids.shown("reg", place.register))
        content = fetched(http, finished(caller, job))
    file = installation.folder / f"{place.register}.tar"
    file.write_bytes(content)
    installation.run("check", "dsfinvk", str(file))
    entries = journal[place.register]
    assert in_export(file) == in_ledger(entries)
    receipts = Counter(int(row["Z_NR"]) for row in table(file, "transactions.csv"))
    z = ledger.closings(entries, sealed=True)
    # The closing itself is a receipt of its kind.
    assert receipts == {one["number"]: len(ledger.covered(entries, one)) + 1 for one in z}
    return receipts.total()


Totals = dict[tuple[str, ...], Decimal]


def in_export(file: Path) -> Totals:
    """Gross by closing, business case and VAT key; payments by closing and kind."""
    sums: Totals = defaultdict(Decimal)
    for row in table(file, "businesscases.csv"):
        sums[row["Z_NR"], row["GV_TYP"], row["UST_SCHLUESSEL"]] += amount(row["Z_UMS_BRUTTO"])
    for row in table(file, "payment.csv"):
        sums[row["Z_NR"], row["ZAHLART_TYP"]] += amount(row["Z_ZAHLART_BETRAG"])
    return {key: value for key, value in sums.items() if value}


def in_ledger(entries: list[Entry]) -> Totals:
    """The same, added up from the documents."""
    sums: Totals = defaultdict(Decimal)
    by_id = {entry.id: entry for entry in entries}
    for one in ledger.closings(entries, sealed=True):
        z, documents = str(one["number"]), ledger.covered(entries, one)
        added = ledger.added(documents, by_id, one["first_sequence"])
        for key, value in added.items():
            if key[0] == "case":
                sums[z, key[1], key[2]] += value
            elif key[0] == "payment":
                sums[z, key[1]] += value
    return {key: value for key, value in sums.items() if value}


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
