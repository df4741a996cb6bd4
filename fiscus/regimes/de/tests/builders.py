"""What a kiosk in Berlin sells, with defaults for all that a test does not care about."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256, sha512
from typing import Any, TypeVar

import msgspec

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import (
    RATE_ALONE,
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
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import Case, DeviceSigning, EntryBody, PlaceRef, Seal, Series, Slot
from fiscus.regimes import faults
from fiscus.regimes.de import GERMANY
from fiscus.regimes.de.rules import RULES
from fiscus.regimes.de.worth import total
from fiscus.signers import DeviceTransaction, SignerDown

AT = datetime(2026, 3, 1, 9, 15, 30, 250_000, tzinfo=UTC)
REGISTER = "0196a1f2-4444-7c3d-9e4f-0123456789ab"
FACTS = {"tax_number": "21/815/08150", "vat_id_number": "DE123456788"}
KEY = b"\x04" + sha512(b"a public key").digest()

Thing = TypeVar("Thing", bound=msgspec.Struct)


def with_(thing: Thing, **changes: Any) -> Thing:
    return msgspec.structs.replace(thing, **changes)


def an_address() -> Address:
    return Address(street="Hauptstraße", number="1", code="10115", city="Berlin", country="DE")


def a_place(timezone: str = "") -> Place:
    return Place(
        taxpayer=Taxpayer(
            id="t-1",
            version=1,
            organization="o-1",
            regime="de",
            legal_name="Kiosk am Ufer GmbH",
            address=an_address(),
            facts=FACTS,
        ),
        location=Location(
            id="l-1", version=1, name="Ufer", address=an_address(), timezone=timezone
        ),
        register=Register(id=REGISTER, version=1),
    )


def a_vat(gross: str, percentage: str = "19", code: str = RATE_ALONE) -> StatedVat:
    inclusive, rate = Decimal(gross), Decimal(percentage)
    amount = cents_half_up(inclusive * rate / (100 + rate))
    return StatedVat(
        code=code,
        percentage=rate,
        amount=amount,
        exclusive=inclusive - amount,
        inclusive=inclusive,
    )


def no_vat(gross: str, code: str = "NOT_SUBJECT", *, is_exempt: bool = False) -> StatedVat:
    amount = Decimal(gross)
    return StatedVat(code=code, is_exempt=is_exempt, exclusive=amount, inclusive=amount)


def a_line(
    gross: str = "10.00",
    text: str = "Tasse",
    *,
    vat: StatedVat | None = None,
    quantity: str = "1",
    direction: Direction = Direction.SALE,
    **more: Any,
) -> DraftLine:
    tax, many = vat or a_vat(gross), Decimal(quantity)
    said: dict[str, Any] = {"unit_price": tax.inclusive / many if many > 0 else tax.inclusive}
    return DraftLine(direction=direction, text=text, quantity=many, vat=tax, **(said | more))


def a_book(gross: str = "5.35", **more: Any) -> DraftLine:
    return a_line(gross, "Buch", vat=a_vat(gross, "7", "REDUCED_1"), **more)


def back(line: DraftLine) -> DraftLine:
    return with_(line, direction=Direction.RETURN)


def money(purpose: LinePurpose, gross: str, **more: Any) -> DraftLine:
    """A line that bears no VAT: tips to the staff, vouchers, the drawer."""
    return a_line(gross, purpose.value, vat=no_vat(gross), purpose=purpose, **more)


def paid(amount: str, means: PaymentMeans = PaymentMeans.CASH, **more: Any) -> Payment:
    return Payment(means=means, amount=Decimal(amount), **more)


def a_draft(*lines: DraftLine, **more: Any) -> Draft:
    """A receipt, paid in cash, unless told otherwise."""
    draft = Draft(**({"kind": DocumentKind.RECEIPT, "lines": lines or (a_line(), a_book())} | more))
    if "payments" in more:
        return draft
    return with_(draft, payments=(Payment(means=PaymentMeans.CASH, amount=total(draft)),))


def a_return(*lines: DraftLine, **more: Any) -> Draft:
    given = tuple(back(line) for line in lines or (a_line(),))
    return a_draft(*given, **({"kind": DocumentKind.CORRECTION, "refers_to": "r-1"} | more))


def of_drawer(kind: DocumentKind, purpose: LinePurpose, amount: str, **more: Any) -> Draft:
    """An act of the drawer as the design has it: one line, one payment of the signed amount."""
    direction = Direction.RETURN if Decimal(amount) < 0 else Direction.SALE
    line = money(purpose, amount.removeprefix("-"), direction=direction)
    return a_draft(line, **({"kind": kind, "payments": (paid(amount),)} | more))


def an_opening(amount: str = "50.00", **more: Any) -> Draft:
    return of_drawer(DocumentKind.OPENING, LinePurpose.FLOAT, amount, **more)


def an_abort(**more: Any) -> Draft:
    return Draft(kind=DocumentKind.ABORT, **more)


def a_closing(closing: ClosingType | None = ClosingType.DAILY, **more: Any) -> Draft:
    return Draft(kind=DocumentKind.CLOSING, closing=closing, **more)


def a_count_without_difference(**more: Any) -> Draft:
    return Draft(kind=DocumentKind.COUNT, **more)


def a_slot(draft: Draft, place: Place | None = None) -> Slot:
    wanted = GERMANY.series(draft, place or a_place())
    assert wanted
    series = Series(id="s-1", taxpayer="t-1", document_type=wanted.document_type, name=wanted.name)
    return Slot(series=series, number=17)


def an_online_place() -> Place:
    """The journal of a taxpayer's online sales, which has its id."""
    place = a_place()
    id_ = place.register.id
    return with_(place, taxpayer=with_(place.taxpayer, id=id_))


def a_case(draft: Draft | None = None, **more: Any) -> Case:
    said = draft or a_draft()
    place = more.get("place", a_place())
    return Case(draft=said, **({"place": place, "at": AT, "slot": a_slot(said, place)} | more))


def a_return_case(draft: Draft | None = None, original: Draft | None = None, **more: Any) -> Case:
    return a_case(draft or a_return(), **({"original": a_body(a_case(original))} | more))


def a_body(case: Case, **more: Any) -> EntryBody:
    """The document as the journal remembers it."""
    body = EntryBody(
        id="r-1",
        kind=EntryKind.DOCUMENT,
        chain=case.place.register.id,
        epoch=1,
        sequence=2,
        previous="0" * 64,
        at=case.at,
        relies={},
        place=PlaceRef(
            organization="o-1",
            taxpayer=case.place.taxpayer.id,
            taxpayer_version=1,
            location="l-1",
            location_version=1,
            register_version=1,
        ),
        draft=case.draft,
        seal=sealed(case),
    )
    return with_(body, **more)


def a_signing(told: DeviceTransaction, at: datetime = AT, **more: Any) -> DeviceSigning:
    """What a TSE made of it; the signature depends on every byte that it was told."""
    signing = DeviceSigning(
        serial=sha256(KEY).hexdigest(),
        client=REGISTER,
        number=3,
        process_type=told.process_type,
        process_data=told.process_data,
        started_at=(at - timedelta(seconds=30)).replace(microsecond=0),
        finished_at=at.replace(microsecond=0),
        counter=9,
        signature=b64encode(sha512(told.process_data.encode()).digest()).decode(),
        algorithm="ecdsa-plain-SHA256",
        time_format="unixTime",
        public_key=b64encode(KEY).decode(),
    )
    return with_(signing, **more)


def told(case: Case) -> DeviceTransaction:
    """What the law has a device sign."""
    request = next(GERMANY.seal(case))
    assert isinstance(request, DeviceTransaction)
    return request


def sealed(case: Case, outage: str | None = None) -> Seal:
    """The whole flow, with a TSE that answers or one that is out."""
    flow: Any = GERMANY.seal(case)
    try:
        request = next(flow)
        if outage is None:
            flow.send(a_signing(request, case.at))
        else:
            flow.throw(SignerDown(outage))
    except StopIteration as done:
        seal: Seal = done.value
        return seal
    raise AssertionError("the flow asked for a second transaction")


def broken(case: Case) -> dict[str, tuple[str, ...]]:
    return {fault.code: fault.paths for fault in faults(case, RULES)}


def sum_of(*amounts: Decimal) -> Decimal:
    return sum(amounts, ZERO)


def a_vat_of(each: str) -> StatedVat:
    """Net, VAT and gross are the same amount."""
    value = Decimal(each)
    return StatedVat(
        code="STANDARD",
        percentage=Decimal(19),
        exclusive=value,
        amount=value,
        inclusive=value,
    )
