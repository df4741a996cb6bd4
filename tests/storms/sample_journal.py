"""A journal that the product wrote over HTTP: every kind of entry, and rows in every table."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import msgspec

from bench import kiosk, merchant, sales
from bench.fill import housed
from bench.installation import Installation, fresh
from bench.judge import rows
from bench.kiosk import Kiosk
from bench.merchant import Caller, Merchant
from fiscus.app import wall_clock
from fiscus.channels import Accepted, RegisterSeries
from fiscus.channels.at_portugal import simulate
from fiscus.commands.tests.command_line import Told, fiscus
from fiscus.model.times import micros_z
from fiscus.reporting import declaring, months
from fiscus.reporting.months import DeclarationType
from fiscus.store.connect import writing
from fiscus.store.schema import DECLARATION
from tests.storms import german_shop
from tests.storms.driver import Shop, need
from tests.storms.putting_back import Tables, kept_rows

Json = dict[str, Any]

PERIODS = 3
PATIENCE_SECONDS = 30
OLD_SERIES = "VELHA"
SYSTEMS = 2
GERMAN = {"type": "session_cash_adjustment", "amount": "-5.00", "reason": "Wechselgeld"}
COUNT = {"type": "session_cash_count", "variance": "-0.10"}


class Sample(msgspec.Struct, kw_only=True):
    """The installation; what somebody noted outside of it: the fingerprint, an older note and the
    newest one; and all rows of an earlier moment, a little after the older note."""

    engine: str
    installation: Installation
    merchant: Merchant
    kiosk: Kiosk
    fingerprint: str = ""
    older_note: str = ""
    newest_note: str = ""
    earlier: Tables = {}

    def __repr__(self) -> str:
        return f"Sample({self.engine})"

    @property
    def caller(self) -> Caller:
        return self.installation.caller(self.merchant.bearer)

    def german(self, path: str, body: Json, **more: str) -> tuple[int, Json]:
        """A request of the German register: status and answer."""
        said = kiosk.headers(self.kiosk.bearer, self.kiosk.merchant, str(uuid4()))
        said |= {"Content-Type": "application/json", **more}
        send = merchant.over_http(self.installation.ports[0])
        return send("POST", f"/v1{path}", said, json.dumps(body).encode())

    def count(self, query: str) -> int:
        found: int = rows(self.installation.database, query)[0][0]
        return found


@contextmanager
def a_small_installation(engine: str, **settings: str) -> Iterator[Sample]:
    """A Portuguese and a German shop of one installation, ready to sell."""
    need(engine)
    said = {"FISCUS_CHECKPOINT_SECONDS": "1", **settings}
    with fresh(engine, None, **said) as installation:
        installation.settings["FISCUS_STATE_DIR"] = str(installation.folder / "state")
        installation.serve(1)
        first = installation.first()
        shop = merchant.found(installation.caller(), first, SYSTEMS)
        berlin = kiosk.found(installation.ports[0], first, 1)
        yield Sample(engine=engine, installation=installation, merchant=shop, kiosk=berlin)


@contextmanager
def a_sample(engine: str) -> Iterator[Sample]:
    """The whole journal; the service still runs."""
    with a_small_installation(engine) as sample:
        sample.fingerprint = said(sample, "journal", "fingerprint").strip()
        whose = ("--taxpayer", merchant.TAX_NUMBER)
        said(sample, "taxpayers", "set", "--reporting", "realtime", *whose)
        sell(sample, 45)
        portuguese_kinds(sample)
        german_day(sample)
        sample.older_note = covered(sample)
        portuguese_kinds(sample)
        covered(sample)
        sample.earlier = kept_rows(sample.installation.database)
        registry(sample)
        old_series(sample)
        series_of_all_states(sample)
        rotated_keys(sample)
        exported(sample)
        books(sample)
        a_declared_month(sample)
        sell(sample, 25)
        german_day(sample)
        german_outage(sample)
        told = "SELECT count(*) FROM entry WHERE kind = 'report@1'"
        until(lambda: sample.count(told) > 0, "an answer of the authority")
        sample.newest_note = covered(sample)
        yield sample


def command(sample: Sample, *arguments: str) -> Told:
    environment = sample.installation.environment()
    ours = {name[7:]: value for name, value in environment.items() if name[:7] == "FISCUS_"}
    return fiscus(*arguments, **ours)


def said(sample: Sample, *arguments: str) -> str:
    """What a command of the operator printed."""
    told = command(sample, *arguments)
    assert told.code == 0, (arguments, told.out, told.error)
    return told.out


def sell(sample: Sample, documents: int, series: str = "FR") -> Shop:
    """Receipts at both systems, by some clients at once."""
    shop = Shop(
        installation=sample.installation,
        merchant=sample.merchant,
        series=[f"{series}-1", f"{series}-2"],
        random=Random(),
    )
    asyncio.run(shop.sell(iter(range(documents)), 8))
    assert not shop.wrong, shop.wrong[:3]
    return shop


def intention(sample: Sample, system: int = 0) -> str:
    content = {
        "type": "INTENTION",
        "system": {"id": sample.merchant.systems[system]},
        "operation": {"type": "TRANSACTION"},
    }
    opened: str = sample.caller.say("POST", "/records", content)["id"]
    return opened


def conclude(sample: Sample, operation: sales.Operation, system: int = 0) -> Json:
    """A document, or what became of it."""
    intent = intention(sample, system)
    content = {"type": "TRANSACTION", "record": {"id": intent}, "operation": operation}
    made: Json = sample.caller.say("POST", "/records", content)
    return made


def portuguese_kinds(sample: Sample) -> None:
    """Receipt, invoice, correction, cancellation, a refusal, and an intention that stays open."""
    receipt = conclude(sample, sales.a_receipt("FR-1"))["id"]
    conclude(sample, sales.an_invoice("FT-1"))
    conclude(sample, sales.a_correction("NC-1", receipt))
    void = conclude(sample, sales.a_receipt("FR-2"), 1)["id"]
    conclude(sample, sales.a_cancellation(void), 1)
    refused = conclude(sample, sales.a_cancellation(void), 1)
    assert refused["state"] == "REJECTED", refused
    intention(sample)
    label(sample, receipt)


def label(sample: Sample, record: str) -> None:
    labelled = {"content": {}, "metadata": {"table": "7"}}
    status, shown = sample.caller.ask("PATCH", f"/records/{record}", labelled)
    assert status == 200, shown


def german_day(sample: Sample) -> None:
    """Sales, a return, money out, a count, the end of the session and a closing."""
    [register] = sample.kiosk.registers
    sold = completed(sample, german_shop.a_sale(register, 3))
    completed(sample, german_shop.a_sale(register, 5))
    completed(sample, german_shop.a_return(sold))
    begun = good(sample.german("/operations", german_shop.a_sale(register, 1)))
    concluded(sample, begun, "void", {"reason": "customer_abandoned_checkout"})
    for event in (GERMAN, COUNT, {"type": "session_close"}, kiosk.OPENING):
        good(sample.german("/operations", {"register_id": register, **event}))
    completed(sample, german_shop.a_sale(register, 2))
    good(sample.german(f"/registers/{register}/closings", {"type": "daily"}))
    good(sample.german("/operations", {"register_id": register, **kiosk.OPENING}))


def good(answer: tuple[int, Json]) -> Json:
    status, shown = answer
    assert status in german_shop.GOOD, shown
    return shown


def completed(sample: Sample, body: Json) -> Json:
    begun = good(sample.german("/operations", body))
    return concluded(sample, begun, "complete", {"payments": [german_shop.cash(begun)]})


def concluded(sample: Sample, begun: Json, act: str, body: Json) -> Json:
    path = f"/operations/{begun['id']}/{act}"
    return good(sample.german(path, body, **kiosk.FIRST_VERSION))


def german_outage(sample: Sample) -> None:
    """The device goes while the register sells, and comes back."""
    [register] = sample.kiosk.registers
    devices = sample.installation.folder / "data" / "devices"
    away = devices.with_name("devices-away")
    devices.rename(away)
    shown = completed(sample, german_shop.a_sale(register, 4))
    assert "outage" in shown["fiscal_information"], shown
    if devices.exists():
        devices.rename(devices.with_name("devices-made-meanwhile"))
    away.rename(devices)
    until(lambda: is_signed(sample, register), "the device is back")
    status, shown = sample.german(f"/registers/{register}/tse/replace", {"reason": "defective"})
    assert status == 202, shown
    until(lambda: sample.count("SELECT count(*) FROM entry WHERE kind = 'exchanged@1'") > 0, "x")


def is_signed(sample: Sample, register: str) -> bool:
    time.sleep(0.5)
    completed(sample, german_shop.a_sale(register, 1))
    return sample.count("SELECT count(*) FROM entry WHERE kind = 'restored@1'") > 0


def registry(sample: Sample) -> None:
    """Master data edited, API keys made, rotated, disabled, a person registered, a link made for an
    auditor and taken back."""
    caller = sample.caller
    path = f"/taxpayers/{sample.merchant.taxpayer}"
    changed = {"name": {"legal": "Padaria do Cais, Lda.", "trade": "Cais"}}
    for content in ({"mode": "SUSPENDED"}, changed, {"mode": "OPERATIVE"}):
        caller.say("PATCH", path, content)
    subject = {"type": "API_KEY", "name": "till-2", "role": "till"}
    one = caller.say("POST", "/subjects", subject)
    two = caller.say("POST", "/subjects", {**subject, "name": "till-3"})
    caller.say("PATCH", f"/subjects/{one['id']}", {"state": "DISABLED"})
    said(sample, "keys", "rotate", two["id"], "--json")
    caller.say("POST", "/subjects", {"type": "USER", "name": "Ana Reis", "code": "K7"})
    days = ("--organization", sample.merchant.organization, "--from", "2026-01-01", "--to")
    link = json.loads(said(sample, "console", "link", *days, "2026-12-31", "--json"))
    said(sample, "console", "end", link["session"])
    label(sample, conclude(sample, sales.a_receipt("FR-1"))["id"])


def old_series(sample: Sample) -> None:
    """A series that another program began is adopted, and goes on."""
    today = datetime.now(UTC).date()
    message = RegisterSeries(
        taxpayer=merchant.TAX_NUMBER,
        document_type="FR",
        name=OLD_SERIES,
        first_number=1,
        starts_on=today + timedelta(days=1),
        facts={"class": "SI", "type": "FR", "certificate": "30", "processing": "PI"},
    )
    world = simulate(sample.installation.folder / "data" / "simulators", wall_clock)
    login = {"username": f"{merchant.TAX_NUMBER}/9", "password": "the program of before"}
    assert isinstance(world.send(message, login), Accepted)
    query = f"SELECT location FROM register WHERE id = '{sample.merchant.systems[0]}'"
    [[location]] = rows(sample.installation.database, query)
    options = ("--taxpayer", merchant.TAX_NUMBER, "--location", location, "--last-number", "7")
    said(sample, "series", "adopt", "FR", OLD_SERIES, *options)
    conclude(sample, sales.a_receipt(OLD_SERIES))


def series_of_all_states(sample: Sample) -> None:
    """One is used and finished, one cancelled, one kept for recovered documents."""
    query = f"SELECT location FROM register WHERE id = '{sample.merchant.systems[0]}'"
    [[location]] = rows(sample.installation.database, query)
    whose = ("--taxpayer", merchant.TAX_NUMBER)
    for name, purpose in (("USED", "normal"), ("UNUSED", "normal"), ("PAPER", "recovery")):
        options = (*whose, "--location", location, "--purpose", purpose)
        said(sample, "series", "register", "FR", name, *options)
    conclude(sample, sales.a_receipt("USED"))
    waiting = (
        "SELECT count(*) FROM obligation JOIN series ON series.id = obligation.line"
        " WHERE series.name = 'USED' AND obligation.state IN ('pending', 'unknown')"
    )
    until(lambda: not sample.count(waiting), "the report of the last document")
    said(sample, "series", "finish", "FR", "USED", *whose)
    said(sample, "series", "cancel", "FR", "UNUSED", *whose)


def rotated_keys(sample: Sample) -> None:
    """One key of each purpose."""
    for whose in (sample.merchant.systems[0], sample.merchant.organization, "root", "package"):
        said(sample, "journal", "rotate", whose)


def exported(sample: Sample) -> None:
    today = date.today()
    period = {"from": (today - timedelta(days=2)).isoformat(), "to": today.isoformat()}
    sample.caller.say("POST", "/files", {"type": "EXPORT", "range": period})
    until(lambda: sample.count("SELECT count(*) FROM entry WHERE kind = 'export@1'") > 0, "export")


def books(sample: Sample) -> None:
    """Books that are begun, an entry of the company's own, a file of all, and somebody who is
    told."""
    company, today = sample.merchant.taxpayer, date.today()
    status, answer = sample.caller.ask("POST", f"/v3/bookkeeping/{company}", {"chart": "SNC"})
    assert status in (200, 201), answer
    entry = {
        "companyId": company,
        "bookkeepingDate": today.isoformat(),
        "reference": "Taxa do banco",
        "lines": [{"net": 250, "account": "6888"}],
    }
    status, answer = sample.caller.ask("POST", "/v1/accounting-entries", entry)
    assert status in (200, 201), answer
    days = ("--from", (today - timedelta(days=2)).isoformat(), "--to", today.isoformat())
    whose = ("--taxpayer", merchant.TAX_NUMBER)
    file = str(sample.installation.folder / "books.ledger")
    command(sample, "books", "export", "ledger", "--out", file, *days, *whose)
    assert sample.count("SELECT count(*) FROM entry WHERE kind = 'job@1'") > 0
    unit = ("--organization", sample.merchant.organization)
    said(sample, "webhooks", "add", "https://ledger.example/hook", "export.completed", *unit)


def a_declared_month(sample: Sample) -> None:
    """What a person said of a month. Of a taxpayer that is new no month is over, so the command
    would refuse: the row is written and stated as it does."""
    services = housed(sample.installation, wall_clock)
    id_, organization = services.uuid7(), sample.merchant.organization
    row = {
        "id": id_,
        "organization": organization,
        "taxpayer": sample.merchant.taxpayer,
        "month": months.name(date.today()),
        "type": DeclarationType.FILE.value,
        "reference": "1234567",
        "latecomers": 0,
        "declared_at": micros_z(services.clock()),
        "declared_by": "operator:rui",
    }
    with writing(services.engine) as tx:
        tx.execute(DECLARATION.insert(), row)
        declaring.state(tx, organization, id_, "operator:rui")
    services.engine.dispose()


def covered(sample: Sample) -> str:
    """The newest note, which covers everything."""
    return said(sample, "journal", "checkpoint")


def until(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def kept(folder: Path, name: str, content: str) -> Path:
    """A file that somebody keeps elsewhere."""
    file = folder / name
    file.write_text(content)
    return file


def health(sample: Sample) -> str:
    """All that the service says of itself."""
    return json.dumps(sample.installation.health(sample.installation.ports[0]))
