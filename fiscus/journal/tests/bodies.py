"""Bodies of every kind, one example each and as many as hypothesis can think of."""

import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from fiscus.journal import closings
from fiscus.journal.append import ChainHead, JournalKey, append, extend
from fiscus.journal.chain import FIRST_EPOCH
from fiscus.journal.sign import header
from fiscus.model.closings import (
    CaseTotal,
    Closing,
    ClosingDevice,
    ClosingGroup,
    PaymentTotal,
    TaxTotal,
)
from fiscus.model.documents import (
    Address,
    ClosingType,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    Party,
    Payment,
    PaymentMeans,
    StatedTotals,
    StatedVat,
)
from fiscus.model.faults import Fault
from fiscus.model.ids import uuid7s
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import (
    GENESIS,
    AssessedLine,
    CallerWords,
    EntryBody,
    PlaceRef,
    Record,
    Seal,
    TakenNumber,
)
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import signers
from fiscus.registry.tests.builders import Shop, a_vault
from fiscus.store import schema

replace = msgspec.structs.replace
new_id = uuid7s(StandingClock(), os.urandom)

PLACE = PlaceRef(
    organization="0196a1f2-1111-4c3d-9e4f-0123456789ab",
    taxpayer="0196a1f2-2222-4c3d-9e4f-0123456789ab",
    taxpayer_version=3,
    location="0196a1f2-3333-4c3d-9e4f-0123456789ab",
    location_version=2,
    register_version=1,
)
DRAFT = Draft(
    kind=DocumentKind.INVOICE,
    series="LOJA-2026",
    reference="7",
    issued_at=MORNING,
    supplied_on=date(2026, 5, 3),
    lines=(
        DraftLine(
            direction=Direction.SALE,
            text="Café “da casa” ☕",
            quantity=Decimal("2"),
            unit_price=Decimal("1.2300"),
            vat=StatedVat(
                code="STANDARD",
                percentage=Decimal("23"),
                amount=Decimal("0.46"),
                exclusive=Decimal("2.00"),
                inclusive=Decimal("2.46"),
            ),
            number="1",
            measure="un",
            product="cafe",
        ),
    ),
    payments=(Payment(means=PaymentMeans.CASH, amount=Decimal("2.46"), on=date(2026, 5, 4)),),
    buyer=Party(
        name="Oficina Marés, Lda.",
        tax_number="514200111",
        is_business=True,
        address=Address(street="Rua A", code="1100-061", city="Lisboa", country="PT"),
    ),
    totals=StatedTotals(
        exclusive=Decimal("2.00"), amount=Decimal("0.46"), inclusive=Decimal("2.46")
    ),
    properties={"table": "4"},
)
SEAL = Seal(
    number="FT LOJA-2026/1",
    document_type="FT",
    day=date(2026, 5, 4),
    entered=MORNING.replace(microsecond=0),
    net=Decimal("2.00"),
    vat=Decimal("0.46"),
    gross=Decimal("2.46"),
    lines=(
        AssessedLine(
            number=1,
            product="cafe",
            text="Café “da casa” ☕",
            quantity=Decimal("2"),
            measure="un",
            unit_price=Decimal("1"),
            net=Decimal("2.00"),
            vat=Decimal("0.46"),
            region="PT",
            tax_type="IVA",
            tax_code="NOR",
            percentage=Decimal("23"),
        ),
    ),
    signed_text="2026-05-04;2026-05-04T09:15:01;FT LOJA-2026/1;2.46;",
    signature="c2lnbmF0dXJl",
    carry="c2lnbmF0dXJl",
    key_version="1",
    code="JF7T8K2Q-1",
    prints=("ATCUD:JF7T8K2Q-1",),
    facts={"buyer_tax_number": "514200111"},
)


RELIES = {"taxpayer": "a1" * 32, "location": "b2" * 32, "register": "c3" * 32}


def a_body(kind: EntryKind = EntryKind.INTENT, sequence: int = 1, **members: Any) -> EntryBody:
    body = EntryBody(
        id=f"0196a1f2-4444-7c3d-9e4f-{sequence:012d}",
        kind=kind.value,
        chain="0196a1f2-5555-4c3d-9e4f-0123456789ab",
        epoch=FIRST_EPOCH,
        sequence=sequence,
        previous=GENESIS,
        at=MORNING,
        place=PLACE,
        relies=RELIES,
    )
    return replace(body, **members)


SAID = CallerWords(family="unified", version="2026-05-04", text='{"type":"INVOICE"}')
INTENT = "0196a1f2-6666-7c3d-9e4f-000000000001"
REFERRED = "0196a1f2-7777-7c3d-9e4f-000000000001"
SESSION = "0196a1f2-8888-7c3d-9e4f-000000000001"

ADDRESS = Address(street="Hauptstraße 1", code="10115", city="Berlin", country="DE")
CLOSING = Closing(
    type=ClosingType.SHIFT,
    number=12,
    is_sealed=True,
    first_z=12,
    last_z=12,
    first_sequence=3,
    last_sequence=5,
    first_receipt=INTENT,
    last_receipt=REFERRED,
    since=datetime(2026, 5, 4, 6, 0, tzinfo=UTC),
    until=datetime(2026, 5, 4, 8, 15, 1, tzinfo=UTC),
    day=date(2026, 5, 4),
    timezone="Europe/Berlin",
    currency="EUR",
    documents=3,
    sales=ClosingGroup(count=1, gross=Decimal("11.90"), vat=Decimal("1.90")),
    returns=ClosingGroup(count=1, gross=Decimal("-2.38"), vat=Decimal("-0.38")),
    voids=1,
    opening=Decimal("50.00"),
    cash_in=Decimal("20.00"),
    cash_out=Decimal("-30.00"),
    expected=Decimal("49.52"),
    difference=Decimal("-0.02"),
    cases=(
        CaseTotal(
            case="Umsatz",
            tax_code="1",
            percentage=Decimal("19.00"),
            net=Decimal("8.00000"),
            vat=Decimal("1.52000"),
        ),
    ),
    taxes=(
        TaxTotal(
            tax_code="1",
            percentage=Decimal("19.00"),
            net=Decimal("8.00000"),
            vat=Decimal("1.52000"),
        ),
    ),
    payments=(
        PaymentTotal(type="Bar", amount=Decimal("49.50"), currency="EUR", is_cash=True),
        PaymentTotal(
            type="Bar",
            amount=Decimal("9.20"),
            currency="USD",
            foreign_amount=Decimal("10.00"),
            is_cash=True,
        ),
    ),
    unsigned=(REFERRED,),
    devices=(
        ClosingDevice(
            serial="ab" * 32,
            client="till-1",
            algorithm="ecdsa-plain-SHA256",
            time_format="unixTime",
            public_key="BA==",
            certificate="MIIB",
        ),
    ),
    place=Place(
        taxpayer=Taxpayer(
            id="0196a1f2-2222-4c3d-9e4f-0123456789ab",
            version=3,
            organization="0196a1f2-1111-4c3d-9e4f-0123456789ab",
            regime="de",
            legal_name="Kiosk am Ufer GmbH",
            address=ADDRESS,
            facts={"tax_number": "21/815/08150"},
        ),
        location=Location(
            id="0196a1f2-3333-4c3d-9e4f-0123456789ab",
            version=2,
            name="Ufer",
            address=ADDRESS,
            timezone="Europe/Berlin",
            cut_off="04:00",
        ),
        register=Register(
            id="0196a1f2-5555-4c3d-9e4f-0123456789ab", version=1, software="till 1.0"
        ),
    ),
    session=SESSION,
)

EXAMPLES: dict[EntryKind, EntryBody] = {
    EntryKind.INTENT: a_body(EntryKind.INTENT, 1, said=SAID),
    EntryKind.DOCUMENT: a_body(
        EntryKind.DOCUMENT,
        2,
        said=SAID,
        intent=INTENT,
        draft=DRAFT,
        seal=SEAL,
        numbered=TakenNumber(series="s-1", name="LOJA-2026", number=1),
    ),
    EntryKind.VOID: a_body(
        EntryKind.VOID,
        3,
        said=SAID,
        intent=INTENT,
        refers=REFERRED,
        draft=Draft(kind=DocumentKind.CANCELLATION, refers_to=REFERRED, reason="Engano"),
    ),
    EntryKind.ABORT: a_body(
        EntryKind.ABORT,
        4,
        said=SAID,
        intent=INTENT,
        draft=Draft(kind=DocumentKind.ABORT, issued_at=MORNING),
    ),
    EntryKind.REFUSAL: a_body(
        EntryKind.REFUSAL,
        5,
        said=SAID,
        intent=INTENT,
        draft=replace(DRAFT, is_training=True),
        faults=(
            Fault(code="PT-LINE-01", text="a sentence", law="CIVA 36", paths=("lines[0].vat",)),
        ),
    ),
    EntryKind.CLOSING: a_body(
        EntryKind.CLOSING,
        6,
        said=SAID,
        intent=INTENT,
        draft=Draft(kind=DocumentKind.CLOSING, closing=ClosingType.SHIFT, issued_at=MORNING),
        seal=replace(SEAL, number="7", document_type="AVSonstige"),
        numbered=TakenNumber(series="s-2", name="till-1", number=7, previous=REFERRED),
        closing=CLOSING,
    ),
    EntryKind.OUTAGE: a_body(EntryKind.OUTAGE, 7, note="the device does not answer"),
    EntryKind.RESTORED: a_body(EntryKind.RESTORED, 8, refers=REFERRED),
    EntryKind.EXCHANGED: a_body(
        EntryKind.EXCHANGED, 9, note="device aa takes the place of device bb: it is broken"
    ),
}

TEXTS = st.text(max_size=30)
MONEY = st.decimals(min_value=0, max_value=10**9, places=4, allow_nan=False)
LINES = st.builds(
    DraftLine,
    direction=st.sampled_from(Direction),
    text=TEXTS,
    quantity=MONEY,
    unit_price=MONEY,
    vat=st.builds(StatedVat, code=TEXTS, percentage=MONEY, exclusive=MONEY, inclusive=MONEY),
    is_gift=st.booleans(),
)
DRAFTS = st.builds(
    Draft,
    kind=st.sampled_from(DocumentKind),
    series=TEXTS,
    lines=st.lists(LINES, max_size=3).map(tuple),
    buyer=st.none() | st.builds(Party, name=TEXTS, tax_number=TEXTS),
    is_training=st.booleans(),
    properties=st.dictionaries(TEXTS, TEXTS, max_size=3),
)
SEALS = st.builds(
    Seal,
    number=TEXTS,
    document_type=TEXTS.map(lambda text: text.replace("\0", "")),
    day=st.dates(),
    entered=st.datetimes(timezones=st.just(UTC)),
    net=MONEY,
    vat=MONEY,
    gross=MONEY,
    prints=st.lists(TEXTS, max_size=2).map(tuple),
)
CLOSINGS = st.builds(
    replace,
    st.just(CLOSING),
    number=st.integers(min_value=1, max_value=10**6),
    is_sealed=st.booleans(),
    day=st.dates(),
    expected=MONEY,
    difference=st.none() | MONEY,
    sales=st.builds(ClosingGroup, count=st.integers(min_value=0), gross=MONEY, vat=MONEY),
    unsigned=st.lists(TEXTS, max_size=3).map(tuple),
)
FAULTS = st.builds(Fault, code=TEXTS, text=TEXTS, paths=st.lists(TEXTS, max_size=2).map(tuple))


@st.composite
def contents(draw: st.DrawFn) -> tuple[EntryKind, dict[str, object]]:
    """A kind, and what a body of that kind says besides its place in the chain."""
    kind = draw(st.sampled_from(EntryKind))
    said = draw(st.none() | st.builds(CallerWords, family=TEXTS, version=TEXTS, text=TEXTS))
    if kind is EntryKind.INTENT:
        return kind, {"said": said}
    if kind in (EntryKind.OUTAGE, EntryKind.EXCHANGED):
        return kind, {"note": draw(TEXTS)}
    if kind is EntryKind.RESTORED:
        return kind, {"refers": new_id()}
    members: dict[str, object] = {"said": said, "intent": new_id(), "draft": draw(DRAFTS)}
    if kind is EntryKind.DOCUMENT:
        return kind, members | {"seal": draw(SEALS)}
    if kind is EntryKind.REFUSAL:
        return kind, members | {"faults": tuple(draw(st.lists(FAULTS, max_size=3)))}
    if kind is EntryKind.CLOSING:
        return kind, members | {"closing": draw(CLOSINGS)}
    return kind, members | ({"refers": new_id()} if kind is EntryKind.VOID else {})


class Pen:
    """Writes entries into the chain of one register, in the caller's transactions."""

    def __init__(self, tx: Connection, shop: Shop, register: str = "") -> None:
        self.shop = shop
        register = register or shop.register
        signer, key = signers.of_register(tx, a_vault(), register)
        self.key = JournalKey(signer=signer, id=key, header=header(key))
        masters = {
            schema.TAXPAYER: shop.taxpayer,
            schema.LOCATION: shop.location,
            schema.REGISTER: register,
        }
        self.masters: dict[str, Any] = {
            table.name: tx.execute(
                select(table.c.version, table.c.link).where(table.c.id == id_)
            ).one()
            for table, id_ in masters.items()
        }
        self.head = ChainHead(
            chain=register, epoch=FIRST_EPOCH, sequence=0, link=GENESIS, entry="", at=None
        )

    def place(self) -> PlaceRef:
        shop = self.shop
        return PlaceRef(
            organization=shop.organization,
            taxpayer=shop.taxpayer,
            taxpayer_version=self.masters["taxpayer"].version,
            location=shop.location,
            location_version=self.masters["location"].version,
            register_version=self.masters["register"].version,
        )

    def next_record(self, kind: EntryKind = EntryKind.INTENT, **members: object) -> Record:
        """The next entry of the chain, not written yet."""
        body = EntryBody(
            id=new_id(),
            kind=kind.value,
            chain=self.head.chain,
            epoch=self.head.epoch,
            sequence=self.head.sequence + 1,
            previous=self.head.link,
            at=self.head.at or MORNING,
            place=self.place(),
            relies={name: row.link for name, row in self.masters.items()},
        )
        return extend(self.head, self.key, replace(body, **members))

    def write(
        self, tx: Connection, kind: EntryKind = EntryKind.INTENT, **members: object
    ) -> EntryBody:
        record = self.next_record(kind, **members)
        append(tx, [record], [self.head])
        return record.body


def keep_closing(tx: Connection, body: EntryBody) -> None:
    """The row by which a closing is found."""
    tx.execute(schema.CLOSING.insert(), closings.row(body))


def later(seconds: int) -> datetime:
    return MORNING + timedelta(seconds=seconds)
