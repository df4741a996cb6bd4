"""Documents, signed for real with the authority's published sample key."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from fiscus.formats import IssuedDocument, Selection
from fiscus.formats.saft.write import write
from fiscus.model.amounts import cents_half_up, money
from fiscus.model.documents import Address, DocumentKind, Draft, Payment, PaymentMeans
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Taxpayer
from fiscus.model.records import AssessedLine, EntryBody, PlaceRef, Seal
from fiscus.model.times import Period, local
from fiscus.signers import RsaSha1, Signer
from fiscus.signers import find as find_signer

LISBON = "Europe/Lisbon"
PLACE = PlaceRef(
    organization="org",
    taxpayer="taxpayer",
    taxpayer_version=1,
    location="location",
    location_version=1,
    register_version=1,
)
SETTINGS = {
    "certificate_number": "9999",
    "key_version": "1",
    "producer_tax_number": "599999993",
    "product_id": "Fiscus/Fiscus",
}
KINDS = {"NC": DocumentKind.CORRECTION, "ND": DocumentKind.CORRECTION, "FT": DocumentKind.INVOICE}


def a_line(**changes: Any) -> AssessedLine:
    """A coffee at 23 %, unless told otherwise; net and VAT follow from quantity and price."""
    quantity = changes.setdefault("quantity", Decimal(2))
    price = changes.setdefault("unit_price", Decimal("1.219512"))
    percentage = changes.setdefault("percentage", Decimal(23))
    net = changes.setdefault("net", quantity * price)
    words = {
        "number": 1,
        "product": "CAFE",
        "text": "Café",
        "measure": "UN",
        "region": "PT",
        "tax_type": "IVA",
        "tax_code": "NOR",
        "vat": net * percentage / 100,
    }
    return AssessedLine(**(words | changes))


def a_draft(document_type: str, gross: Decimal, **changes: Any) -> Draft:
    words: dict[str, Any] = {
        "kind": KINDS.get(document_type, DocumentKind.RECEIPT),
        "operator": "Ana",
    }
    if document_type in ("FR", "FS"):
        words["payments"] = (Payment(means=PaymentMeans.CASH, amount=gross),)
    if document_type in ("NC", "ND"):
        words["reason"] = "Artigo devolvido"
    return Draft(**(words | changes))


class Shop:
    """Issues documents into series, each signed over the one before."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.numbers: dict[str, int] = {}
        self.carried: dict[str, str] = {}
        self.at = datetime(2025, 3, 3, 9, 0, 0, tzinfo=UTC)

    def a_document(
        self,
        document_type: str = "FR",
        lines: tuple[AssessedLine, ...] = (),
        facts: dict[str, str] | None = None,
        series: str = "A2025",
        **draft: Any,
    ) -> IssuedDocument:
        self.at += timedelta(seconds=7)
        series = f"{document_type} {series}"
        sequence = self.numbers[series] = self.numbers.get(series, 0) + 1
        lines = lines or (a_line(is_debit=document_type == "NC"),)
        seal = self._seal(series, sequence, lines, facts or {})
        body = a_body(
            at=self.at, sequence=sequence, draft=a_draft(document_type, seal.gross, **draft)
        )
        return IssuedDocument(body=with_seal(body, seal))

    def _seal(
        self, series: str, sequence: int, lines: tuple[AssessedLine, ...], facts: dict[str, str]
    ) -> Seal:
        document_type = series[:2]
        if document_type in ("NC", "ND"):
            facts = {"original_number": "FR A2025/1"} | facts
        net = cents_half_up(sum((line.net for line in lines), Decimal(0)))
        vat = cents_half_up(sum((line.vat for line in lines), Decimal(0)))
        entered = local(self.at, LISBON)
        number = f"{series}/{sequence}"
        text = (
            f"{entered.date()};{entered.isoformat()[:19]};{number};"
            f"{money(net + vat)};{self.carried.get(series, '')}"
        )
        signature = self.signer.sign(RsaSha1(text.encode("ascii")))
        self.carried[series] = signature
        return Seal(
            number=number,
            document_type=document_type,
            day=entered.date(),
            entered=self.at,
            net=net,
            vat=vat,
            gross=net + vat,
            lines=lines,
            signed_text=text,
            signature=signature,
            carry=signature,
            key_version="1",
            code=f"CSDF7T5H-{sequence}",
            facts=facts,
        )


def a_body(**changes: Any) -> EntryBody:
    words: dict[str, Any] = {
        "id": "0197a2b4-0000-7000-8000-000000000001",
        "kind": EntryKind.DOCUMENT,
        "chain": "0197a2b4-7c11-7d3e-9a55-1b2c3d4e5f60",
        "epoch": 1,
        "previous": "0" * 64,
        "relies": {},
        "place": PLACE,
    }
    return EntryBody(**(words | changes))


def with_seal(body: EntryBody, seal: Seal) -> EntryBody:
    return a_body(at=body.at, sequence=body.sequence, draft=body.draft, seal=seal)


def a_void(issued: IssuedDocument, reason: str = "Cliente errado") -> IssuedDocument:
    """The same document, cancelled an hour later."""
    draft = Draft(kind=DocumentKind.CANCELLATION, reason=reason, operator="Rui")
    at = issued.body.at + timedelta(hours=1)
    return IssuedDocument(body=issued.body, void=a_body(at=at, sequence=99, draft=draft))


def a_taxpayer(**changes: Any) -> Taxpayer:
    words: dict[str, Any] = {
        "id": "taxpayer",
        "version": 1,
        "organization": "org",
        "regime": "pt",
        "legal_name": "Café Central, Lda.",
        "trade_name": "Café Central",
        "address": Address(street="Rua da Prata 8", code="1100-052", city="Lisboa", country="PT"),
        "facts": {"tax_id_number": "507957547", "email": "geral@cafe.example"},
    }
    return Taxpayer(**(words | changes))


def a_selection(records: Callable[[], Iterator[IssuedDocument]], **changes: Any) -> Selection:
    words: dict[str, Any] = {
        "taxpayer": a_taxpayer(),
        "period": Period(first=date(2025, 3, 1), last=date(2025, 3, 31)),
        "records": records,
        "settings": SETTINGS,
        "timezone": LISBON,
        "written_at": datetime(2025, 4, 1, 8, tzinfo=UTC),
    }
    return Selection(**(words | changes))


def written(*issued: IssuedDocument, **changes: Any) -> bytes:
    return b"".join(write(a_selection(lambda: iter(issued), **changes)))


@pytest.fixture
def build() -> Any:
    """The builders of this file, by name."""

    class Build:
        a_line = staticmethod(a_line)
        a_void = staticmethod(a_void)
        a_taxpayer = staticmethod(a_taxpayer)
        a_selection = staticmethod(a_selection)
        written = staticmethod(written)

    return Build


@pytest.fixture(scope="session")
def signer(shared_data: Path) -> Signer:
    """The authority's sample key, opened as any other software key."""
    pem = (shared_data / "pt/keys/AT_sample_signing_private_key.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    return find_signer("softkey").open(
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture
def shop(signer: Signer) -> Shop:
    return Shop(signer)


@pytest.fixture(scope="session")
def keys(shared_data: Path) -> dict[str, str]:
    """The settings with which the checker verifies signatures."""
    pem = shared_data / "pt/keys/AT_sample_signing_public_key.pem"
    return {"public_key_pem": pem.read_text()}
