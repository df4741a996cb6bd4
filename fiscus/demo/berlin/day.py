"""Plays the kiosk's day: opens the shop, sells, corrects, closes, and asks for the files."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from fiscus.demo.berlin import show, story, sums
from fiscus.demo.berlin.client import ReportingClient
from fiscus.demo.berlin.till import Till, TillStep
from fiscus.demo.client import Json, ServiceConnection, awaited, expect
from fiscus.formats import symbol

NIGHT = 22
"""From this hour on a cut-off at midnight would close the shop in the middle of our day."""

MISSING = Decimal("-0.20")
"""What the drawer holds less than it should when it is counted."""

_ALWAYS = {"from": "2020-01-01T00:00:00Z", "to": "2099-12-31T23:59:59Z"}


@dataclass(frozen=True, kw_only=True)
class BerlinResults:
    """What the day left behind: every step, the closing, and the files."""

    steps: tuple[TillStep, ...]
    closing: Json
    dsfinvk: Path
    tse: Path
    z_report: Path
    qr: Path


def play(
    line: ServiceConnection, key: Json, folder: Path, devices: Path, console: Console
) -> BerlinResults:
    """From the operator's first key to the files. `devices` is where the service keeps its test
    devices. Raises `Unexpected` where it goes otherwise than told."""
    show.opening(console)
    client = ReportingClient(line=line, key=key["api_key"])
    till = Till(
        client=client,
        register=_open_shop(client, console),
        tell=lambda step: show.step(console, step),
    )
    show.head(console)
    _morning(till)
    _outage(till, devices, console)
    closing = _evening(till)
    show.closing(console, closing, sums.drawer(till.steps))
    return _files(till, closing, folder)


def _open_shop(client: ReportingClient, console: Console) -> str:
    """From the operator's first key to a till that its device signs for; gives the till's id."""
    merchant = client.post("/merchants", story.MERCHANT)
    client.merchant = merchant["id"]
    cut_off_time = cut_off(datetime.fromisoformat(merchant["created_at"]))
    location = client.post("/locations", {**story.LOCATION, "cut_off_time": cut_off_time})
    register = client.post("/registers", {**story.REGISTER, "location_id": location["id"]})
    path = f"/registers/{register['id']}"
    client.post(f"{path}/fiscalize")

    def look() -> Json | None:
        found = client.get(path)
        status = found["fiscalization_status"]
        expect(status in ("pending", "fiscalized"), f"the register is {status}: {found}")
        return found if status == "fiscalized" else None

    awaited("the TSE", look)
    show.shop(console, merchant, location, register, client.get(f"{path}/tse"))
    id_: str = register["id"]
    return id_


def cut_off(now: datetime) -> str:
    """When the kiosk closes by itself, in its own time: never while the demo runs."""
    return "04:00" if now.astimezone(show.BERLIN).hour >= NIGHT else "23:59"


def _morning(till: Till) -> None:
    till.does("The float is laid into the drawer", story.FLOAT)
    breakfast = till.sells("Two coffees, two pretzels; cash", story.BREAKFAST, story.CASH)
    newspaper = till.sells("Newspaper, lemonade; girocard", story.NEWSPAPER, story.GIROCARD)
    till.sells("Umbrella, 1.00 off; cash", story.UMBRELLA, story.CASH)
    till.sells("Cake, 1.00 tip; Visa", story.CAKE_AND_TIP, story.VISA)
    till.sells("A gift card is sold; cash", story.GIFT_CARD, story.CASH)
    till.abandons("Coffee, but the customer leaves", story.COFFEE)
    back = story.returned(story.COFFEE_BACK, breakfast["id"])
    till.sells("One coffee taken back; cash", back, story.CASH)
    exchange = story.returned(story.MAGAZINE_FOR_NEWSPAPER, newspaper["id"])
    till.sells("Newspaper for magazine; cash", exchange, story.CASH)


def _outage(till: Till, devices: Path, console: Console) -> None:
    """The test device is a folder: while it lies elsewhere, the TSE is as good as unplugged."""
    elsewhere = devices.with_name("devices-unplugged")
    show.note(console, "The TSE is unplugged.")
    devices.rename(elsewhere)
    try:
        sold = till.sells("Coffee in the outage; cash", story.COFFEE, story.CASH)
        # Health may be a second old: it must have told of the outage before its end counts.
        awaited("the outage", lambda: _problems(till.client) or None)
    finally:
        elsewhere.rename(devices)
    expect(not till.steps[-1].is_signed, "a sale was signed by a TSE that was not there")
    expect("outage" in sold["fiscal_information"], "the sale does not say why it is not signed")
    awaited("the TSE", lambda: None if _problems(till.client) else True)
    show.note(console, "The TSE is plugged in again, and the service has found it.")
    beans = till.sells(
        "Coffee beans; gift card, rest cash", story.BEANS, story.THE_GIFT_CARD, story.THE_REST
    )
    expect(till.steps[-1].is_signed, f"the TSE is back, but this is not signed: {beans}")


def _problems(client: ReportingClient) -> list[str]:
    """What the service finds wrong with its devices."""
    said: list[str] = client.line.ask("GET", "/health")[1]["problems"]
    return [problem for problem in said if "signing device" in problem]


def _evening(till: Till) -> Json:
    """To the bank, count, close; gives the closing."""
    till.does("To the bank", story.TO_THE_BANK)
    till.does("The drawer is counted: 0.20 is missing", story.count(str(MISSING)))
    closing = till.client.post(f"/registers/{till.register}/closings", {"type": "daily"})
    expect(closing["state"] == "completed", f"the closing is {closing['state']}")
    expect(closing["fiscal"]["z_number"] == 1, f"the first closing is not Z 1: {closing}")
    return closing


def _files(till: Till, closing: Json, folder: Path) -> BerlinResults:
    """DSFinV-K, the TSE's log, the Z report, and the QR codes of the receipts."""
    client, register = till.client, till.register
    papers = BerlinResults(
        steps=tuple(till.steps),
        closing=closing,
        dsfinvk=folder / "dsfinvk.tar",
        tse=folder / "tse.tar",
        z_report=folder / "z-report.pdf",
        qr=folder / "qr",
    )
    asked = client.post("/exports", {"type": "dsfinvk", "register_id": register, **_ALWAYS})

    def look() -> str | None:
        export = client.get(f"/exports/{asked['id']}")
        expect(export["status"] != "failed", f"the export failed: {export['error']}")
        address: str | None = export["download_url"]
        return address

    client.fetch(awaited("the export", look), papers.dsfinvk)
    client.download(f"/registers/{register}/tse/export", papers.tse)
    client.fetch(closing["links"]["pdf"], papers.z_report)
    papers.qr.mkdir()
    for step in papers.steps:
        if step.type in ("sale", "return", "exchange") and step.is_completed and step.is_signed:
            picture = symbol.png(symbol.symbol(step.fiscal["verification"]["qr_data"]))
            name = f"{int(step.fiscal['document_number']):03d}-{step.type}.png"
            (papers.qr / name).write_bytes(picture)
    return papers
