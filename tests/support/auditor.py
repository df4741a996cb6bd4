"""Fetches what an auditor gets, over HTTP, and reads it without our own readers: a mistake that
writer and reader share would hide from them."""

import csv
import io
import re
import tarfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from pypdf import PdfReader

from fiscus import formats
from fiscus.api.families.reporting.tests.berlin import Kiosk
from fiscus.api.families.reporting.tests.caller import Json, answer
from tests.support.premises import Premises

ALWAYS = {"from": "2020-01-01T00:00:00Z", "to": "2099-12-31T23:59:59Z"}

Row = dict[str, str]
Tables = dict[str, list[Row]]


def export(kiosk: Kiosk, window: Json = ALWAYS) -> Json:
    """A DSFinV-K that was asked for and is made, as the API shows it."""
    wanted = {"type": "dsfinvk", "register_id": kiosk.register, **window}
    made = answer(kiosk.caller.send("POST", "/exports", wanted), 202)
    assert (made["status"], made["download_url"]) == ("pending", None)
    kiosk.premises.work()
    done = kiosk.caller.get(f"/exports/{made['id']}")
    assert (done["status"], done["error"]) == ("completed", None)
    return done


def log_of(kiosk: Kiosk) -> bytes:
    """The whole log of the register's device."""
    response = kiosk.caller.send("GET", f"/registers/{kiosk.register}/tse/export")
    assert response.status_code == 200, response.text
    return response.content


def local(address: str) -> str:
    """An address that was handed out, without the host it begins with."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def fetched(premises: Premises, address: str) -> bytes:
    """Without a key: the address is enough."""
    response = premises.http.get(local(address))
    assert response.status_code == 200, response.text
    return response.content


def paper(premises: Premises, closing: Json) -> str:
    """All the text of a closing's PDF, without blanks and line ends."""
    pages = PdfReader(io.BytesIO(fetched(premises, closing["links"]["pdf"]))).pages
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages))


def assert_checked(code: str, content: bytes, folder: Path) -> None:
    """Our own checker of that format finds nothing."""
    file = folder / f"{code}.tar"
    file.write_bytes(content)
    assert formats.find(code).check(file, {}) == ()


def bon_id(operation: Json) -> str:
    """The id of an operation as the files write it."""
    digits = operation["id"].removeprefix("op_")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def files(archive: bytes) -> dict[str, bytes]:
    """Name and content of everything in a TAR."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def tables(archive: bytes) -> Tables:
    """The tables of a DSFinV-K by their names without `.csv`."""
    return {
        name.removesuffix(".csv"): list(
            csv.DictReader(
                io.StringIO(content.decode("utf-8"), newline=""), delimiter=";", strict=True
            )
        )
        for name, content in files(archive).items()
        if name.endswith(".csv")
    }


def amount(text: str) -> Decimal:
    """A number with a decimal comma."""
    return Decimal(text.replace(",", "."))


def total(rows: Iterable[Row], column: str) -> Decimal:
    return sum((amount(row[column]) for row in rows), Decimal(0))


def of_closing(rows: Iterable[Row], z_number: int) -> list[Row]:
    return [row for row in rows if row["Z_NR"] == str(z_number)]


def by_receipt(rows: Iterable[Row]) -> dict[str, Row]:
    """One row per receipt, by its `BON_ID`."""
    found: dict[str, Row] = {}
    for row in rows:
        assert row["BON_ID"] not in found, f"two rows of {row['BON_ID']}"
        found[row["BON_ID"]] = row
    return found
