"""Plays the café's day: opens the shop, sells, corrects, and asks for the files."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from rich.console import Console

from fiscus.demo.client import Json, ServiceConnection, awaited, expect
from fiscus.demo.lisbon import show, story
from fiscus.demo.lisbon.authority import LOST_ANSWER, AuthorityProgram
from fiscus.demo.lisbon.client import UnifiedClient
from fiscus.demo.lisbon.show import PrintedDocument
from fiscus.formats import symbol


@dataclass(frozen=True, kw_only=True)
class LisbonResults:
    """What the day left behind: the audit file (XML), the signed package, the QR codes, and what
    the tax authority knows (JSON)."""

    audit: Path
    package: Path
    qr: Path
    authority: Path
    documents: int
    voids: int


def play(
    line: ServiceConnection, key: Json, authority: AuthorityProgram, folder: Path, console: Console
) -> LisbonResults:
    """From the operator's first key to the files. Raises `UnexpectedAnswer` where it goes
    otherwise."""
    show.opening(console)
    client = UnifiedClient(line=line)
    till = _open_shop(client, key, console)
    documents = _day(client, till, authority, console)
    qr = folder / "qr"
    _pictures(qr, documents, console)
    audit, package = _files(client, folder, documents)
    return LisbonResults(
        audit=audit,
        package=package,
        qr=qr,
        authority=_told(client, authority, documents, folder / "authority.json", console),
        documents=len(documents),
        voids=1,
    )


def _open_shop(client: UnifiedClient, key: Json, console: Console) -> str:
    """From the operator's first key to a till in service; gives the till's id."""
    _login(client, key)
    unit = client.content("POST", "/organizations", {"type": "UNIT", "name": "Padaria"})
    client.scope = unit["id"]
    subject = client.content("POST", "/subjects", {"type": "API_KEY", "name": "balcao-1"})
    client.scope = ""
    _login(client, subject["credentials"])
    taxpayer = client.content("POST", "/taxpayers", story.TAXPAYER, story.REPORTING)
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


def _login(client: UnifiedClient, credentials: Json) -> None:
    client.bearer = ""
    content = {"type": "API_KEY", "key": credentials["key"], "secret": credentials["secret"]}
    client.bearer = client.content("POST", "/tokens", content)["authentication"]["bearer"]


def _day(
    client: UnifiedClient, till: str, authority: AuthorityProgram, console: Console
) -> list[PrintedDocument]:
    """Three receipts, an invoice, a coffee given back, a receipt made by mistake. The authority
    loses an answer, and no sale waits for it."""
    first = _sold(client, till, "Receipt", story.coffees())
    _awaited_reports(client, first, "ACCEPTED")
    authority.fail(LOST_ANSWER)
    second = _sold(client, till, "Receipt with a NIF", story.breakfast_with_tax_number())
    [lost] = _awaited_reports(client, second, "UNKNOWN")
    third = _sold(client, till, "Receipt", story.bread())
    invoice = _sold(client, till, "Invoice", story.invoice())
    note = _sold(client, till, "Credit note, one back", story.correction(second.id))
    void = _concluded(client, till, story.cancellation(third.id))
    documents = [first, second, third, invoice, note]
    numbers = [int(document.number.rpartition("/")[2]) for document in documents]
    expect(numbers == [1, 2, 3, 1, 1], f"the numbers have gaps: {numbers}")
    expect(void["type"] == "TRANSACTION::CANCELLATION", f"the cancellation became {void['type']}")
    show.documents(console, documents, voided=third.number)
    show.lost(console, second)
    taxpayer = client.content("GET", "/taxpayers")["results"][0]["content"]["id"]
    client.content("POST", f"/taxpayers/{taxpayer}/reports/{lost['id']}/retry", {})
    return documents


def _told(
    client: UnifiedClient,
    authority: AuthorityProgram,
    documents: list[PrintedDocument],
    to: Path,
    console: Console,
) -> Path:
    """What the authority knows, once all that was noted has been told."""
    for document in documents:
        _awaited_reports(client, document, "ACCEPTED")
    known = authority.known()
    to.write_text(json.dumps(known, indent=1) + "\n")
    show.told(console, known["documents"])
    return to


def _awaited_reports(client: UnifiedClient, document: PrintedDocument, state: str) -> list[Json]:
    """What is told of a document, once all of it stands so."""

    def look() -> list[Json] | None:
        reports: list[Json] = client.content("GET", f"/records/{document.id}")["reports"]
        return reports if all(one["state"] == state for one in reports) else None

    return awaited(f"what is told of {document.number}", look)


def _sold(client: UnifiedClient, till: str, title: str, operation: Json) -> PrintedDocument:
    record = _concluded(client, till, operation)
    said = record["compliance"]
    qr = dict(field.split(":", 1) for field in said["qr_code"].split("*"))
    expect(qr["H"] == said["data"], f"the QR code bears another ATCUD than {said['data']}")
    expect(qr["Q"] == said["signature_hash"], "the QR code bears other characters of the hash")
    return PrintedDocument(
        title=title,
        id=record["id"],
        number=qr["G"],
        atcud=said["data"],
        total=qr["O"],
        excerpt=said["signature_hash"],
        qr=said["qr_code"],
        day=date.fromisoformat(qr["F"]),
    )


def _concluded(client: UnifiedClient, till: str, operation: Json) -> Json:
    """First the intention, then what concludes it."""
    intention = {"type": "INTENTION", "system": {"id": till}, "operation": {"type": "TRANSACTION"}}
    begun = client.content("POST", "/records", intention)
    transaction = {"type": "TRANSACTION", "record": {"id": begun["id"]}, "operation": operation}
    record = client.content("POST", "/records", transaction)
    expect(record["state"] == "COMPLETED", f"{operation['type']}: {record.get('logs', record)}")
    return record


def _pictures(folder: Path, documents: list[PrintedDocument], console: Console) -> None:
    folder.mkdir()
    for document in documents:
        name = document.number.replace(" ", "_").replace("/", "_")
        (folder / f"{name}.png").write_bytes(symbol.png(symbol.symbol(document.qr)))
    show.symbol(console, documents[0])


def _files(
    client: UnifiedClient, folder: Path, documents: list[PrintedDocument]
) -> tuple[Path, Path]:
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


def _asked(client: UnifiedClient, type_: str, days: Iterable[date]) -> str:
    """Days in the taxpayer's own time zone, as its documents bear them."""
    days = list(days)
    period = {"from": min(days).isoformat(), "to": max(days).isoformat()}
    id_: str = client.content("POST", "/files", {"type": type_, "range": period})["id"]
    return id_


def _done(client: UnifiedClient, id_: str) -> Json:
    def look() -> Json | None:
        # In 2026-06-01 files have states.
        listed = client.content("GET", "/files", version="2026-06-01")["results"]
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
