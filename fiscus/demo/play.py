"""Plays the day: opens the shop, sells, corrects, asks for the files, and has everything proved."""

import shutil
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from rich.console import Console

from fiscus.demo import proof, show, story
from fiscus.demo.client import Client, Json, Unexpected, first_key, served
from fiscus.demo.show import Document
from fiscus.formats import symbol

MARK = ".made-by-fiscus-demo"
FILE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Where the demo keeps what it makes. Nothing else in the folder is ever touched."""

    out: Path

    @property
    def data(self) -> Path:
        return self.out / "data"

    @property
    def qr(self) -> Path:
        return self.out / "qr"

    @property
    def audit(self) -> Path:
        return self.out / "audit"

    @property
    def journal(self) -> Path:
        return self.out / "journal"

    @property
    def log(self) -> Path:
        return self.out / "server.log"

    @property
    def reports(self) -> tuple[Path, Path]:
        return self.out / "verification-report.txt", self.out / "verification-report.json"

    def cleared(self) -> None:
        """Empty what an earlier demo filled. Raises `Unexpected` for a stranger's files."""
        folders, files = (self.data, self.qr, self.audit, self.journal), (self.log, *self.reports)
        mark = self.out / MARK
        strange = [path for path in (*folders, *files) if path.exists()]
        if strange and not mark.exists():
            raise Unexpected(f"{strange[0]} is not from an earlier demo; choose another --out")
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for file in files:
            file.unlink(missing_ok=True)
        mark.touch()


def play(out: Path, console: Console) -> None:
    """The whole story. Raises `Unexpected` where it goes otherwise than told."""
    folder = Folder(out=out)
    folder.cleared()
    show.opening(console)
    key = first_key(folder.data)
    with served(folder.data, folder.log) as address, closing(Client(address)) as client:
        till = _open_shop(client, key, console)
        documents = _day(client, till, console)
        _pictures(folder, documents, console)
        audit, package = _files(client, folder, documents)
        proof.keep_checkpoint(client, folder.out / "journal" / "checkpoint.json")
    proved = proof.prove(
        folder.data, audit=audit, package=package, documents=len(documents), voids=1
    )
    for path, text in zip(folder.reports, (proved.text, proved.json), strict=True):
        path.write_text(text)
    show.proved(console, proved.lines)
    if not proved.is_good:
        raise Unexpected(f"the proof failed; see {folder.reports[0]}")
    show.places(console, folder.out, _paths(folder, audit, package))


def _open_shop(client: Client, key: Json, console: Console) -> str:
    """From the operator's first key to a till in service; gives the till's id."""
    _login(client, key)
    unit = client.content("POST", "/organizations", _sent({"type": "UNIT", "name": "Padaria"}))
    client.told.scope = unit["id"]
    subject = client.content("POST", "/subjects", _sent({"type": "API_KEY", "name": "balcao-1"}))
    client.told.scope = ""
    _login(client, subject["credentials"])
    taxpayer = client.content("POST", "/taxpayers", _sent(story.TAXPAYER))
    branch = {**story.BRANCH, "taxpayer": {"id": taxpayer["id"]}}
    location = client.content("POST", "/locations", _sent(branch))
    device = {**story.TILL, "location": {"id": location["id"]}}
    system = client.content("POST", "/systems", _sent(device))
    for path, thing in (("taxpayers", taxpayer), ("locations", location), ("systems", system)):
        state = _sent({"state": "COMMISSIONED"})
        answer = client.content("PATCH", f"/{path}/{thing['id']}", state)
        _expect(answer["mode"] == "OPERATIVE", f"{path}: mode is {answer['mode']}")
    show.shop(console, taxpayer, location, system)
    id_: str = system["id"]
    return id_


def _login(client: Client, credentials: Json) -> None:
    client.told.bearer = ""
    content = {"type": "API_KEY", "key": credentials["key"], "secret": credentials["secret"]}
    token = client.content("POST", "/tokens", _sent(content))
    client.told.bearer = token["authentication"]["bearer"]


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
    _expect(numbers == [1, 2, 3, 1, 1], f"the numbers have gaps: {numbers}")
    _expect(void["type"] == "TRANSACTION::CANCELLATION", f"the cancellation became {void['type']}")
    show.documents(console, documents, voided=third.number)
    return documents


def _sold(client: Client, till: str, title: str, operation: Json) -> Document:
    record = _concluded(client, till, operation)
    said = record["compliance"]
    qr = dict(field.split(":", 1) for field in said["qr_code"].split("*"))
    _expect(qr["H"] == said["data"], f"the QR code bears another ATCUD than {said['data']}")
    _expect(qr["Q"] == said["signature_hash"], "the QR code bears other characters of the hash")
    return Document(
        title=title, id=record["id"], number=qr["G"], atcud=said["data"], total=qr["O"],
        excerpt=said["signature_hash"], qr=said["qr_code"], day=date.fromisoformat(qr["F"]),
    )  # fmt: skip


def _concluded(client: Client, till: str, operation: Json) -> Json:
    """First the intention, then what concludes it."""
    intention = {"type": "INTENTION", "system": {"id": till}, "operation": {"type": "TRANSACTION"}}
    begun = client.content("POST", "/records", _sent(intention))
    transaction = {"type": "TRANSACTION", "record": {"id": begun["id"]}, "operation": operation}
    record = client.content("POST", "/records", _sent(transaction))
    _expect(record["state"] == "COMPLETED", f"{operation['type']}: {record.get('logs', record)}")
    return record


def _pictures(folder: Folder, documents: list[Document], console: Console) -> None:
    for document in documents:
        name = document.number.replace(" ", "_").replace("/", "_")
        (folder.qr / f"{name}.png").write_bytes(symbol.png(symbol.symbol(document.qr)))
    show.symbol(console, documents[0])


def _files(client: Client, folder: Folder, documents: list[Document]) -> tuple[Path, Path]:
    """The audit file and the signed package of the day: the XML's path and the package's."""
    days = [document.day for document in documents]
    asked = {type_: _asked(client, type_, days) for type_ in ("AUDIT", "EXPORT")}
    done = {type_: _done(client, file) for type_, file in asked.items()}
    audit = folder.audit / "audit.zip"
    client.download(done["AUDIT"]["artifact"]["path"], audit)
    client.download(done["AUDIT"]["integrity"]["path"], folder.audit / "audit.zip.jws")
    package = folder.journal / "journal.zip"
    client.download(done["EXPORT"]["artifact"]["path"], package)
    client.download(done["EXPORT"]["integrity"]["path"], folder.journal / "journal.zip.jws")
    return _xml(audit, folder.audit), package


def _asked(client: Client, type_: str, days: Iterable[date]) -> str:
    """Days in the taxpayer's own time zone, as its documents bear them."""
    days = list(days)
    period = {"from": min(days).isoformat(), "to": max(days).isoformat()}
    content = {"type": type_, "range": period}
    id_: str = client.content("POST", "/files", _sent(content))["id"]
    return id_


def _done(client: Client, id_: str) -> Json:
    until = time.monotonic() + FILE_SECONDS
    while time.monotonic() < until:
        listed = client.content("GET", "/files")["results"]
        file: Json = next(one["content"] for one in listed if one["content"]["id"] == id_)
        if file["state"] != "ACCEPTED":
            _expect(file["state"] == "COMPLETED", f"file {id_} is {file['state']}")
            return file
        time.sleep(0.1)
    raise Unexpected(f"file {id_} was not ready within {FILE_SECONDS} seconds")


def _xml(archive: Path, folder: Path) -> Path:
    with ZipFile(archive) as members:
        names = [name for name in members.namelist() if name.endswith(".xml")]
        _expect(len(names) == 1, f"{archive} holds {members.namelist()}")
        return Path(members.extract(names[0], folder))


def _paths(folder: Folder, audit: Path, package: Path) -> list[tuple[str, Path]]:
    return [
        ("Audit file (SAF-T)", audit),
        ("Signed journal package", package),
        ("A checkpoint to keep elsewhere", folder.journal / "checkpoint.json"),
        ("QR codes, to print", folder.qr),
        ("What was proved", folder.reports[0]),
        ("Database and keys", folder.data),
    ]


def _sent(content: Json) -> Json:
    return {"content": content}


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unexpected(otherwise)
