"""Whatever buyers, payments and notes a till thinks up: what the law accepts exports clean.

Drafts are made up, put before the rules of Portugal, and sealed if nothing is refused. Their file
is judged by our checker, by the official schema with its asserts, and by a third opinion that is
worked out here from the drafts alone. Amounts are plain: they have tests of their own.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fiscus.formats import IssuedDocument, Selection, find
from fiscus.model.documents import DocumentKind, Draft, DraftLine, Party, Payment, PaymentMeans
from fiscus.model.records import EntryBody, Seal
from fiscus.model.times import Period
from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt.tests.builders import (
    AT,
    SETTINGS,
    a_body,
    a_case,
    a_credit,
    a_debit,
    a_draft,
    a_line,
    a_place,
    a_slot,
    a_vat,
    an_address,
    an_exempt_vat,
    broken,
    with_,
)

SAFT = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"
CENT = Decimal("0.01")
DAY = date(2026, 5, 4)

CODES = st.sampled_from(
    [
        "",
        "214567893",
        "PT 214567893",
        "999999990",
        "000000000",
        "DE136695976",
        "ES B12345678",
        "B12345678",
        "LOYALTY-77",
        "loyalty-77",
        "C123",
        "12345",
        "é&<1>",
        "XX123456789",
    ]
)
NUMBERS = st.sampled_from(
    [
        "",
        "514200111",
        "PT514200111",
        "999999990",
        "PT999999990",
        "136695976",
        "DE136695976",
        "B12345678",
        "ESB12345678",
        "000000000",
        "12-34",
    ]
)
NAMES = st.sampled_from(
    [
        "",
        "Ana",
        " ana ",
        "Oficina Marés, Lda.",
        "Consumidor final",
        "CONSUMIDÓR  Final",
        "A & B <x>",
        "Desconhecido",
        "x" * 128,
    ]
)
CUSTOMERS = st.builds(Party, code=CODES, is_staff=st.booleans())
RECIPIENTS = st.builds(
    Party,
    name=NAMES,
    tax_number=NUMBERS,
    is_business=st.booleans(),
    address=st.sampled_from(["PT", "ES", "DE", "US", "XX"]).map(lambda x: an_address(country=x)),
)
KNOWN = st.sampled_from(
    [
        Party(
            name="Oficina Marés, Lda.",
            tax_number="PT514200111",
            is_business=True,
            address=an_address(),
        ),
        Party(
            name="Taller SA",
            tax_number="ESB12345678",
            is_business=True,
            address=an_address(country="ES"),
        ),
        Party(name="Ana", address=an_address()),
        Party(name="Consumidor Final", tax_number="999999990", address=an_address()),
    ]
)
BUYERS = st.none() | CUSTOMERS | RECIPIENTS | KNOWN
AMOUNTS = st.sampled_from(
    ["0", "0.004", "0.01", "1.00", "1.23", "1.2349", "2.45", "2.46", "2.455", "2.47", "5.00", "-1"]
).map(Decimal)
PAYMENTS = st.lists(
    st.builds(
        Payment,
        means=st.sampled_from(PaymentMeans),
        amount=AMOUNTS,
        on=st.none() | st.sampled_from([DAY, DAY - timedelta(days=30), DAY + timedelta(days=1)]),
    ),
    max_size=3,
).map(tuple)
SETTLED = st.sampled_from(PaymentMeans).map(
    lambda means: (Payment(means=means, amount=Decimal("2.46")),)
)
LINES = st.sampled_from(
    [
        a_line(),
        a_line(vat=a_vat("2.12", "16", region="PT-AC")),
        a_line(vat=a_vat("2.03", "21", region="ES")),
        a_line("Aula", vat=an_exempt_vat("2.46")),
        a_line("Aula", vat=an_exempt_vat("2.46", reason="Isento artigo 13.º do CIVA")),
        a_line("Aula", vat=an_exempt_vat("2.46", reason="Isento por acordo")),
        a_line("Selo", vat=an_exempt_vat("2.46", "NOT_SUBJECT")),
        a_line(),
        a_line(vat=a_vat("2.12", "16")),
        a_line("Aula", vat=an_exempt_vat("2.46", "M99")),
        a_line(is_gift=True),
    ]
)
PLACES = st.sampled_from(["1100-061", "9500-150", "9000-001"]).map(a_place)


@dataclass
class Shop:
    """Seals what is lawful, series by series; the signature is the shape of one."""

    issued: list[IssuedDocument] = field(default_factory=list)
    last: dict[str, tuple[int, str]] = field(default_factory=dict)
    seconds: int = 0

    def offers(
        self, draft: Draft, place: Any, original: EntryBody | None = None
    ) -> EntryBody | None:
        """The document, or None if something is refused."""
        self.seconds += 1
        at = AT + timedelta(seconds=self.seconds)
        slot = a_slot(draft, place)
        assert slot
        name = f"{slot.series.document_type} {slot.series.name}"
        number, carried = self.last.get(name, (0, ""))
        case = a_case(
            with_(draft, issued_at=at),
            place=place,
            at=at,
            original=original,
            slot=with_(slot, number=number + 1, carried=carried, opened_on=AT.date()),
        )
        if broken(case):
            return None
        body = a_body(case, f"r-{self.seconds}")
        assert body.seal
        self.last[name] = (number + 1, body.seal.carry)
        self.issued.append(IssuedDocument(body=body))
        return body

    def records(self) -> Iterator[IssuedDocument]:
        return iter(sorted(self.issued, key=_place))

    def file(self) -> bytes:
        taxpayer = a_place().taxpayer
        write = find("saft-pt").write
        assert write
        selection = Selection(
            taxpayer=taxpayer,
            period=Period(first=DAY, last=DAY),
            records=self.records,
            settings=SETTINGS,
            timezone=PORTUGAL.timezone,
            written_at=AT + timedelta(hours=1),
        )
        return b"".join(write(selection))


def _place(issued: IssuedDocument) -> tuple[str, int]:
    assert issued.body.seal
    series, _, number = issued.body.seal.number.partition("/")
    return series, int(number)


@cache
def official_schema(shared: Path) -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(str(shared / "pt/xsd/SAFTPT1.04_01.xsd"))


@st.composite
def sales(draw: st.DrawFn) -> Draft:
    kind = draw(st.sampled_from([DocumentKind.RECEIPT, DocumentKind.RECEIPT, DocumentKind.INVOICE]))
    line: DraftLine = draw(LINES)
    buyers = BUYERS if kind is DocumentKind.RECEIPT else KNOWN | RECIPIENTS
    return a_draft(
        line,
        kind=kind,
        buyer=draw(buyers),
        payments=draw(SETTLED | SETTLED | PAYMENTS),
        is_simplified=draw(st.booleans()),
    )


@st.composite
def notes(draw: st.DrawFn, original: Draft) -> Draft:
    """Of the same goods and for the same buyer, or not quite."""
    line = with_(original.lines[0], number="1")
    vat = draw(
        st.sampled_from([line.vat, with_(line.vat, region="MADEIRA"), an_exempt_vat("2.46")])
    )
    make = draw(st.sampled_from([a_credit, a_debit]))
    buyer = draw(st.none() | st.just(original.buyer) | BUYERS)
    elsewhere = {"external_reference": "FT A2025/12", "external_on": DAY - timedelta(days=90)}
    is_elsewhere = draw(st.sampled_from([False, False, False, True]))
    more = elsewhere if is_elsewhere else {"refers_to": "r-1"}
    note: Draft = make(with_(line, vat=vat), buyer=buyer, payments=(), **more)
    return note


DAYS = st.lists(
    st.tuples(sales(), PLACES, st.integers(0, 2), PLACES, st.data()), min_size=1, max_size=8
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(days=DAYS)
def test_what_is_accepted_exports_clean(days: list[Any], shared_data: Path) -> None:
    shop = Shop()
    pairs: list[tuple[Seal, Seal]] = []
    for sale, place, count, till, data in days:
        original = shop.offers(sale, place)
        for _ in range(count if original else 0):
            said = data.draw(notes(sale))
            note = shop.offers(said, till, original if said.refers_to else None)
            if note and said.refers_to:
                assert note.seal
                assert original
                assert original.seal
                pairs.append((original.seal, note.seal))

    text = shop.file()

    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(text)
        file.flush()
        assert find("saft-pt").check(Path(file.name), {}) == ()
        official_schema(shared_data).validate(file.name)
    expect_no_contradiction(etree.fromstring(text), shop.issued, pairs)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def expect_no_contradiction(
    root: etree._Element, issued: list[IssuedDocument], pairs: list[tuple[Seal, Seal]]
) -> None:
    invoices = {one.findtext(f"{SAFT}InvoiceNo"): one for one in root.iter(f"{SAFT}Invoice")}
    assert len(invoices) == len(issued)
    for one in issued:
        draft, seal = one.body.draft, one.body.seal
        assert draft
        assert seal
        stated = [Decimal(x.text) for x in invoices[seal.number].iter(f"{SAFT}PaymentAmount")]
        if seal.document_type in ("FR", "FS"):
            assert sum(stated, Decimal(0)) == seal.gross
            handed = sum(cents(x.amount) for x in draft.payments)
            cash = sum(cents(x.amount) for x in draft.payments if x.means is PaymentMeans.CASH)
            assert handed >= seal.gross
            assert handed - cash <= seal.gross
        else:
            assert stated == []
        if draft.external_reference:
            named = [x.text for x in invoices[seal.number].iter(f"{SAFT}Reference")]
            assert set(named) == {draft.external_reference}
    for original, note in pairs:
        ids = [invoices[each.number].findtext(f"{SAFT}CustomerID") for each in (original, note)]
        assert ids[0] == ids[1]
        taxes = [
            {
                (x.region, x.tax_code, x.percentage, x.exemption, x.exemption_text)
                for x in each.lines
            }
            for each in (original, note)
        ]
        assert taxes[1] <= taxes[0]
    names = [one.text.casefold() for one in root.iter(f"{SAFT}CompanyName")]
    assert names.count("consumidor final") <= 1
    numbers = [one.text for one in root.iter(f"{SAFT}CustomerTaxID")]
    assert "000000000" not in numbers
