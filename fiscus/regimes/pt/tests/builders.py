"""What a café in Lisbon sells, with defaults for all that a test does not care about."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha512
from typing import Any, TypeVar, cast

import msgspec

from fiscus.model.amounts import ZERO, cents_half_up
from fiscus.model.documents import (
    Address,
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
from fiscus.model.kinds import EntryKind
from fiscus.model.places import Location, Place, Register, Taxpayer
from fiscus.model.records import Case, EntryBody, PlaceRef, Seal, Series, Slot
from fiscus.regimes import SealFlow, faults
from fiscus.regimes.pt import PORTUGAL
from fiscus.regimes.pt.rules import RULES
from fiscus.signers import RsaSha1

AT = datetime(2026, 5, 4, 8, 15, 1, 250_000, tzinfo=UTC)
TODAY = date(2026, 5, 4)
Thing = TypeVar("Thing", bound=msgspec.Struct)

SETTINGS = {each.name: each.test_value or "" for each in PORTUGAL.settings}


def with_(thing: Thing, **changes: Any) -> Thing:
    return msgspec.structs.replace(thing, **changes)


def an_address(code: str = "1100-061", country: str = "PT") -> Address:
    return Address(street="Rua do Ouro", number="12", code=code, city="Lisboa", country=country)


def a_place(code: str = "1100-061", taxpayer: str = "t-1") -> Place:
    return Place(
        taxpayer=Taxpayer(
            id=taxpayer,
            version=1,
            organization="o-1",
            regime="pt",
            legal_name="Padaria do Cais, Lda.",
            address=an_address(),
            facts={"tax_id_number": "509876544"},
        ),
        location=Location(id="l-1", version=1, name="Loja Baixa", address=an_address(code)),
        register=Register(id="0196a1f2-4444-7c3d-9e4f-0123456789ab", version=1),
    )


def a_vat(net: str, percentage: str = "23", code: str = "STANDARD", region: str = "") -> StatedVat:
    exclusive, rate = Decimal(net), Decimal(percentage)
    amount = cents_half_up(exclusive * rate / 100)
    return StatedVat(
        code=code,
        percentage=rate,
        amount=amount,
        exclusive=exclusive,
        inclusive=exclusive + amount,
        region=region,
    )


def an_exempt_vat(net: str = "1.00", code: str = "CAUSE_6", reason: str = "") -> StatedVat:
    return StatedVat(
        code=code,
        is_exempt=True,
        exclusive=Decimal(net),
        inclusive=Decimal(net),
        reason=reason,
    )


def a_line(
    text: str = "Café",
    *,
    net: str = "2.00",
    quantity: str = "2",
    vat: StatedVat | None = None,
    direction: Direction = Direction.SALE,
    **more: Any,
) -> DraftLine:
    tax = vat or a_vat(net)
    return DraftLine(
        direction=direction,
        text=text,
        quantity=Decimal(quantity),
        unit_price=tax.inclusive / Decimal(quantity) if Decimal(quantity) > 0 else tax.inclusive,
        vat=tax,
        **more,
    )


def bread(**more: Any) -> DraftLine:
    vat = a_vat("1.00", "6", "REDUCED_2")
    return a_line("Pão de centeio", quantity="1", vat=vat, **more)


def the_totals(lines: Sequence[DraftLine]) -> StatedTotals:
    return StatedTotals(
        exclusive=sum((line.vat.exclusive for line in lines), ZERO),
        amount=sum((line.vat.amount for line in lines), ZERO),
        inclusive=sum((line.vat.inclusive for line in lines), ZERO),
    )


def a_draft(*lines: DraftLine, **more: Any) -> Draft:
    """A receipt, paid in cash, unless told otherwise."""
    lines = lines or (a_line(), bread())
    totals = the_totals(lines)
    said: dict[str, Any] = {
        "kind": DocumentKind.RECEIPT,
        "series": "T01-2026",
        "issued_at": AT,
        "totals": totals,
        "payments": (Payment(means=PaymentMeans.CASH, amount=totals.inclusive),),
    }
    return Draft(lines=lines, **(said | more))


def an_invoice(*lines: DraftLine, **more: Any) -> Draft:
    return a_draft(
        *lines, **({"kind": DocumentKind.INVOICE, "buyer": a_business(), "payments": ()} | more)
    )


def a_business(number: str = "514200111", **more: Any) -> Party:
    said: dict[str, Any] = {
        "name": "Oficina Marés, Lda.",
        "is_business": True,
        "address": an_address(),
    }
    return Party(tax_number=number, **(said | more))


def a_credit(*lines: DraftLine, **more: Any) -> Draft:
    """A credit note of one of the two coffees."""
    given = lines or (a_line(net="1.00", quantity="1", number="1"),)
    back = tuple(with_(line, direction=Direction.RETURN) for line in given)
    return _a_note(back, more)


def a_debit(*lines: DraftLine, **more: Any) -> Draft:
    return _a_note(lines or (a_line(net="0.50", quantity="1", number="1"),), more)


def _a_note(lines: tuple[DraftLine, ...], more: dict[str, Any]) -> Draft:
    said = {"kind": DocumentKind.CORRECTION, "reason": "Artigo devolvido", "payments": ()}
    return a_draft(*lines, **(said | more))


def a_cancellation(**more: Any) -> Draft:
    said = {"kind": DocumentKind.CANCELLATION, "reason": "Emitido por engano", "refers_to": "r-1"}
    return Draft(**(said | more))


def a_slot(draft: Draft, place: Place | None = None, **more: Any) -> Slot | None:
    wanted = PORTUGAL.series(draft, place or a_place())
    if wanted is None:
        return None
    series = Series(
        id="s-1",
        taxpayer="t-1",
        document_type=wanted.document_type,
        name=wanted.name,
        is_training=wanted.is_training,
        validation_code="JF7T8K2Q",
    )
    said: dict[str, Any] = {"series": series, "number": 17, "carried": "previous"}
    return Slot(**(said | more))


def a_case(draft: Draft | None = None, **more: Any) -> Case:
    said = draft or a_draft()
    place = more.get("place", a_place())
    context = {"place": place, "at": AT, "slot": a_slot(said, place), "settings": SETTINGS}
    case = Case(draft=said, **(context | more))
    return with_(case, draft=PORTUGAL.completed(case))


def a_body(case: Case, record: str = "r-1") -> EntryBody:
    """The document as the journal remembers it."""
    return EntryBody(
        id=record,
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


def a_note_case(draft: Draft, original: Draft | None = None, **more: Any) -> Case:
    """A correction or cancellation of a standing receipt for two coffees and a bread."""
    return a_case(draft, **({"original": a_body(a_case(original))} | more))


def a_standing_note(draft: Draft, original: Draft | None = None) -> EntryBody:
    return a_body(a_note_case(draft, original), "r-2")


def a_signature(message: bytes) -> str:
    """172 characters, like a real one, that depend on every byte of the message."""
    return b64encode(sha512(b"1" + message).digest() + sha512(b"2" + message).digest()).decode()


def sealed(case: Case) -> Seal:
    flow = cast(SealFlow, PORTUGAL.seal(case))
    request = next(flow)
    assert isinstance(request, RsaSha1)
    try:
        flow.send(a_signature(request.message))
    except StopIteration as done:
        seal: Seal = done.value
        return seal
    raise AssertionError("the flow asked for a second signature")


def broken(case: Case) -> dict[str, tuple[str, ...]]:
    return {fault.code: fault.paths for fault in faults(case, RULES)}
