"""A Berlin register as the product keeps it: sealed by the law, signed by a TSE, then counted.

Nothing here is made up but the clock: documents go through the regime's assessment and a software
TSE, and closings are added up by the same code that adds them up in the product.
"""

import os
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from fiscus import signers
from fiscus.formats import DocumentOrigin, Selection
from fiscus.issuing.counting import PeriodCount
from fiscus.journal.encode import encode, extract
from fiscus.model.amounts import cents_half_up
from fiscus.model.closings import Closing
from fiscus.model.closings import ClosingDevice as Signed
from fiscus.model.devices import SigningDevice
from fiscus.model.documents import (
    Address,
    ClosingType,
    Direction,
    DocumentKind,
    Draft,
    DraftLine,
    LinePurpose,
    Payment,
    PaymentMeans,
    StatedVat,
)
from fiscus.model.extracts import BodyExtract
from fiscus.model.ids import uuid7s
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import (
    GENESIS,
    Case,
    DeviceSigning,
    EntryBody,
    PlaceRef,
    Seal,
    Series,
    Slot,
    TakenNumber,
)
from fiscus.model.tests.clock import StandingClock
from fiscus.model.times import Period, day
from fiscus.regimes import faults
from fiscus.regimes.de.rules import RULES
from fiscus.regimes.de.seal import seal
from fiscus.signers import SignerDown

OPENED = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"

TAXPAYER = Taxpayer(
    id="0196a1f2-2222-4c3d-9e4f-0123456789ab",
    version=3,
    organization="0196a1f2-1111-4c3d-9e4f-0123456789ab",
    regime="de",
    legal_name='Bäckerei "Süßer Günther"; Inh. Jörg Weiß e. K.',
    address=Address(
        street="Straße des 17. Juni", number="135", code="10623", city="Berlin", country="DE"
    ),
    facts={"tax_number": "21/815/08150", "vat_id_number": "123456788"},
)
LOCATION = Location(
    id="0196a1f2-3333-4c3d-9e4f-0123456789ab",
    version=2,
    name="Filiale Köpenick; am Markt",
    address=Address(street="Schloßplatz", number="1", code="12555", city="Berlin", country="DE"),
    timezone=BERLIN,
)
REFERENCE = PlaceRef(
    organization=TAXPAYER.organization,
    taxpayer=TAXPAYER.id,
    taxpayer_version=TAXPAYER.version,
    location=LOCATION.id,
    location_version=LOCATION.version,
    register_version=1,
)


def a_line(text: str, gross: str, rate: str = "19", **changes: Any) -> DraftLine:
    """A line of one piece. `gross` is the price of the whole line."""
    inclusive, percentage = Decimal(gross), Decimal(rate)
    quantity = Decimal(changes.pop("quantity", 1))
    vat = cents_half_up(inclusive * percentage / (100 + percentage))
    stated = StatedVat(
        code=changes.pop("code", ""),
        is_exempt=changes.pop("is_exempt", False),
        percentage=percentage,
        amount=vat,
        exclusive=inclusive - vat,
        inclusive=inclusive,
    )
    off = changes.get("discount", Decimal(0)) - changes.get("surcharge", Decimal(0))
    fields: dict[str, Any] = {
        "direction": Direction.SALE,
        "text": text,
        "quantity": quantity,
        "unit_price": (inclusive + off) / quantity,
        "vat": stated,
    }
    return DraftLine(**(fields | changes))


def back(text: str, gross: str, rate: str = "19", **changes: Any) -> DraftLine:
    return a_line(text, gross, rate, direction=Direction.RETURN, **changes)


def cash(amount: str, **changes: Any) -> Payment:
    return Payment(means=PaymentMeans.CASH, amount=Decimal(amount), **changes)


def by(means: PaymentMeans, amount: str, name: str = "") -> Payment:
    return Payment(means=means, amount=Decimal(amount), name=name)


def a_sale(*said: DraftLine | Payment, **changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "kind": DocumentKind.RECEIPT,
        "lines": tuple(one for one in said if isinstance(one, DraftLine)),
        "payments": tuple(one for one in said if isinstance(one, Payment)),
        "operator": "Änne",
    }
    return Draft(**(fields | changes))


def a_correction(*said: DraftLine | Payment, **changes: Any) -> Draft:
    return a_sale(*said, kind=DocumentKind.CORRECTION, **changes)


def a_drawer_act(kind: DocumentKind, purpose: LinePurpose, amount: str) -> Draft:
    direction = Direction.RETURN if Decimal(amount) < 0 else Direction.SALE
    line = a_line(purpose.value, amount.removeprefix("-"), "0", purpose=purpose)
    line = msgspec.structs.replace(line, direction=direction)
    return a_sale(line, cash(amount), kind=kind)


class Till:
    """One register. Its clock is shared by all registers of a test."""

    def __init__(self, device: SigningDevice, clock: StandingClock) -> None:
        self.new_id = uuid7s(clock, os.urandom)
        self.clock, self.device = clock, device
        register = Register(
            id=self.new_id(), version=1, name="Kasse 1", software="Kiosk Pro 4.2", serial="HW-77"
        )
        self.place = Place(taxpayer=TAXPAYER, location=LOCATION, register=register)
        self.id = register.id
        self.bodies: list[tuple[EntryKind, EntryBody]] = []
        self.closings: list[EntryBody] = []
        self.number, self.sequence, self.opened_at = 0, 0, clock()
        self.since = 1
        device.register_client(self.id)

    def open(self, amount: str = "100.00") -> EntryBody:
        return self.issue(a_drawer_act(DocumentKind.OPENING, LinePurpose.FLOAT, amount))

    def issue(
        self, draft: Draft, outage: str = "", original: EntryBody | None = None, **changes: Any
    ) -> EntryBody:
        """An intention and, forty seconds later, what came of it."""
        kind = EntryKind.ABORT if draft.kind is DocumentKind.ABORT else EntryKind.DOCUMENT
        if original:
            draft = msgspec.structs.replace(draft, refers_to=original.id)
        body = self._sealed(draft, outage, original=original, **changes)
        self.bodies.append((kind, body))
        return body

    def close(self, outage: str = "", **changes: Any) -> EntryBody:
        self.clock.move(seconds=40)
        counted = PeriodCount(
            register=self.id, first_sequence=self.since, counted_to=self.since - 1
        )
        theirs = self._since_last()
        for kind, body in theirs:
            counted.add(kind, body)
        self.clock.now = self.clock.now.replace(microsecond=0)
        draft = Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY)
        sealed = self._sealed(draft, outage, seconds=0)
        totals = msgspec.structs.asdict(counted.totals())
        del totals["latest_at"]
        signed = [body.seal.signing for _, body in theirs if body.seal] + [
            sealed.seal.signing if sealed.seal else None
        ]
        fields = totals | {
            "type": ClosingType.DAILY,
            "number": len(self.closings) + 1,
            "is_sealed": True,
            "first_z": len(self.closings) + 1,
            "last_z": len(self.closings) + 1,
            "since": totals["since"] or self.opened_at,
            "until": sealed.at,
            "day": day(sealed.at, BERLIN),
            "timezone": BERLIN,
            "currency": "EUR",
            "devices": (self._described(),) if any(signed) else (),
            "place": self.place,
        }
        body = msgspec.structs.replace(sealed, closing=Closing(**(fields | changes)))
        self.closings.append(body)
        self.since = self.sequence + 1
        return body

    def documents(self, closing: EntryBody) -> Iterator[EntryBody]:
        counted = closing.closing
        assert counted is not None
        first, last = counted.first_sequence, counted.last_sequence
        return (body for _, body in self.bodies if first <= body.sequence <= last)

    def _since_last(self) -> list[tuple[EntryKind, EntryBody]]:
        return [(kind, body) for kind, body in self.bodies if body.sequence >= self.since]

    def _sealed(
        self,
        draft: Draft,
        outage: str,
        *,
        original: EntryBody | None = None,
        seconds: int = 40,
        **changes: Any,
    ) -> EntryBody:
        self.clock.move(minutes=7)
        intent, self.number = self.new_id(), self.number + 1
        started = None if outage else self.device.start(self.id, "", b"")
        self.clock.move(seconds=seconds)
        self.sequence += 2
        series = Series(
            id="bon", taxpayer=TAXPAYER.id, document_type="BON", name=self.id[-6:].upper()
        )
        case = Case(
            draft=draft,
            place=self.place,
            at=self.clock(),
            slot=Slot(series=series, number=self.number),
            original=original,
        )
        broken = [each.sentence() for each in faults(case, RULES)]
        assert broken == []
        flow = seal(case)
        asked = next(flow)
        try:
            if started is None:
                flow.throw(SignerDown(outage))
            else:
                flow.send(self._signed(started.number, started.time, asked))
        except StopIteration as done:
            made: Seal = done.value
        fields: dict[str, Any] = {
            "id": self.new_id(),
            "kind": EntryKind.DOCUMENT,
            "chain": self.id,
            "epoch": 1,
            "sequence": self.sequence,
            "previous": GENESIS,
            "at": self.clock(),
            "relies": {},
            "place": REFERENCE,
            "intent": intent,
            "draft": draft,
            "numbered": TakenNumber(series=series.id, name=series.name, number=self.number),
            "seal": made,
        }
        return EntryBody(**(fields | changes))

    def _signed(self, number: int, started_at: datetime, asked: Any) -> DeviceSigning:
        data = asked.process_data
        done = self.device.finish(self.id, number, asked.process_type, data.encode())
        info = self.device.info()
        return DeviceSigning(
            serial=info.serial,
            client=self.id,
            number=number,
            process_type=asked.process_type,
            process_data=data,
            started_at=started_at,
            finished_at=done.time,
            counter=done.signature_counter,
            signature=done.signature,
            algorithm=info.algorithm,
            time_format=info.time_format,
            public_key=info.public_key,
        )

    def _described(self) -> Signed:
        info = self.device.info()
        return Signed(
            serial=info.serial,
            client=self.id,
            algorithm=info.algorithm,
            time_format=info.time_format,
            public_key=info.public_key,
            certificate=b64encode(info.certificates[0]).decode("ascii"),
        )


def a_device(folder: Path, clock: StandingClock) -> SigningDevice:
    kind = signers.find_device("software-tse")
    born = StandingClock(clock() - timedelta(hours=1))
    secret = kind.create({"description": "a kiosk"}, folder, born, os.urandom)
    return kind.open(secret, folder, clock, uuid7s(clock, os.urandom))


def _kept(documents: Iterator[EntryBody]) -> Iterator[BodyExtract]:
    """As the journal gives them to a format: by way of their stored bytes."""
    return (extract(EntryKind.DOCUMENT, encode(body)) for body in documents)


def a_selection(*tills: Till, **changes: Any) -> Selection:
    """All closings of the registers, and where their documents are found."""
    found = {
        body.id: DocumentOrigin(intent=body.intent, closing=closing)
        for till in tills
        for closing in till.closings
        for body in till.documents(closing)
    }
    unclosed = {
        body.id: DocumentOrigin(intent=body.intent, closing=None)
        for till in tills
        for _, body in till.bodies
    }
    fields: dict[str, Any] = {
        "taxpayer": TAXPAYER,
        "period": Period(first=date(2026, 5, 1), last=date(2026, 5, 31)),
        "records": lambda: iter(()),
        "settings": {},
        "timezone": BERLIN,
        "written_at": datetime(2026, 7, 1, tzinfo=UTC),
        "closings": lambda: iter(
            [
                (closing, _kept(till.documents(closing)))
                for till in tills
                for closing in till.closings
            ]
        ),
        "origin": (unclosed | found).get,
    }
    return Selection(**(fields | changes))
