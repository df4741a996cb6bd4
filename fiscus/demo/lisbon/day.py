"""Plays the café's day: opens the shop, sells, corrects, and asks for the files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from rich.console import Console

from fiscus.demo.client import Json, Line, awaited, expect
from fiscus.demo.lisbon import show, story
from fiscus.demo.lisbon.client import Client
from fiscus.demo.lisbon.show import Document
from fiscus.formats import symbol


@dataclass(frozen=True, kw_only=True)
class Papers:
    """What the day left behind: the audit file (XML), the signed package, the QR codes."""

    audit: Path
    package: Path
    qr: Path
    documents: int
    voids: int


def play(line: Line, key: Json, folder: Path, console: Console) -> Papers:
    """From the operator's first key to the files. Raises `Unexpected` where it goes otherwise."""
    show.opening(console)
    client = Client(line=line)
    till = _open_shop(client, key, console)
    documents = _day(client, till, console)
    qr = folder / "qr"
    _pictures(qr, documents, console)
    audit, package = _files(client, folder, documents)
    return Papers(audit=audit, package=package, qr=qr, documents=len(documents), voids=1)


def _open_shop(client: Client, key: Json, console: Console) -> str:
    """From the operator's first key to a till in service; gives the till's id."""
    _login(client, key)
    unit = client.content("POST", "/organizations", {"type": "UNIT", "name": "Padaria"})
    client.scope = unit["id"]
    subject = client.content("POST", "/subjects", {"type": "API_KEY", "name": "balcao-1"})
    client.scope = ""
    _login(client, subject["credentials"])
    taxpayer = client.content("POST", "/taxpayers", story.TAXPAYER)
    branch = {**story.BRANCH, "taxpayer": {"id": taxpayer["id"]}}
    location = client.content("POST", "/locations", branch)
    device = {**story.TILL, "location": {"id": location["id"]}}
    system = client.content("POST", "/systems", device)
    for path, thing in (("taxpayers", taxpayer), ("locations", location), ("systems", system)):
        answer = client.content("PATCH", f"/{path}/{thing['id']}", {"state": "COMMISSIONED"})
        expect(answer["mode"] == "OPERATIVE", f"{path}: mode is {answer['mode']}")
    show.shop(console, taxpayer, location, system)
    id_: str = system["id"]
    return id_


def _login(client: Client, credentials: Json) -> None:
    client.bearer = ""
    content = {"type": "API_KEY", "key": credentials["key"], "secret": credentials["secret"]}
    client.bearer = client.content("POST", "/tokens", content)["authentication"]["bearer"]


def _day(client: Client, till: str, console: Console) -> list[Document]:
    """Three receipts, an invoice, a coffee given back, a receipt made by mistake."""
    first = _sold(client, till, "Receipt", story.coffees())
    second = _sold(client, till, "Receipt with a NIF", story.breakfast_with_tax_number())
    third = _sold(client, till, "Receipt", story.bread())
    invoice = _sold(client, till, "Invoice", story.invoice())
    note = _sold(client, till, "Credit note, one back", story.correction(second.id))
    void = _concluded(client, till, story.cancellation(third.id))
    documents = [first, second, third, invoice, note]
    numbers = [int(document.number.rpartition("/")[2]) for document in documents]
    expect(numbers == [1, 2, 3, 1, 1], f"the numbers have gaps: {numbers}")
    expect(void["type"] == "TRANSACTION::CANCELLATION", f"the cancellation became {void['type']}")
    show.documents(console, documents, voided=third.number)
    return documents


def _sold(client: Client, till: str, title: str, operation: Json) -> Document:
    record = _concluded(client, till, operation)
    said = record["compliance"]
    qr = dict(field.split(":", 1) for field in said["qr_code"].split("*"))
    expect(qr["H"] == said["data"], f"the QR code bears another ATCUD than {said['data']}")
    expect(qr["Q"] == said["signature_hash"], "the QR code bears other characters of the hash")
    return Document(
        title=title, id=record["id"], number=qr["G"], atcud=said["data"], total=qr["O"],
        excerpt=said["signature_hash"], qr=said["qr_code"], day=date.fromisoformat(qr["F"]),
    )  # fmt: skip


def _concluded(client: Client, till: str, operation: Json) -> Json:
    """First the intention, then what concludes it."""
    intention = {"type": "INTENTION", "system": {"id": till}, "operation": {"type": "TRANSACTION"}}
    begun = client.content("POST", "/records", intention)
    transaction = {"type": "TRANSACTION", "record": {"id": begun["id"]}, "operation": operation}
    record = client.content("POST", "/records", transaction)
    expect(record["state"] == "COMPLETED", f"{operation['type']}: {record.get('logs', record)}")
    return record


def _pictures(folder: Path, documents: list[Document], console: Console) -> None:
    folder.mkdir()
    for document in documents:
        name = document.number.replace(" ", "_").replace("/", "_")
        (folder / f"{name}.png").write_bytes(symbol.png(symbol.symbol(document.qr)))
    show.symbol(console, documents[0])


def _files(client: Client, folder: Path, documents: list[Document]) -> tuple[Path, Path]:
    """The audit file and the signed package of the day: the XML's path and the package's."""
    days = [document.day for document in documents]
    asked = {type_: _asked(client, type_, days) for type_ in ("AUDIT", "EXPORT")}
    done = {type_: _done(client, file) for type_, file in asked.items()}
    audit, package = folder / "audit" / "audit.zip", folder / "journal" / "journal.zip"
    for type_, path in (("AUDIT", audit), ("EXPORT", package)):
        path.parent.mkdir()
        client.download(done[type_]["artifact"]["path"], path)
        client.download(done[type_]["integrity"]["path"], path.with_name(f"{path.name}.jws"))
    return _xml(audit, audit.parent), package


def _asked(client: Client, type_: str, days: Iterable[date]) -> str:
    """Days in the taxpayer's own time zone, as its documents bear them."""
    days = list(days)
    period = {"from": min(days).isoformat(), "to": max(days).isoformat()}
    id_: str = client.content("POST", "/files", {"type": type_, "range": period})["id"]
    return id_


def _done(client: Client, id_: str) -> Json:
    def look() -> Json | None:
        listed = client.content("GET", "/files")["results"]
        file: Json = next(one["content"] for one in listed if one["content"]["id"] == id_)
        if file["state"] == "ACCEPTED":
            return None
        expect(file["state"] == "COMPLETED", f"file {id_} is {file['state']}")
        return file

    return awaited(f"file {id_}", look)


def _xml(archive: Path, folder: Path) -> Path:
    with ZipFile(archive) as members:
        names = [name for name in members.namelist() if name.endswith(".xml")]
        expect(len(names) == 1, f"{archive} holds {members.namelist()}")
        return Path(members.extract(names[0], folder))
