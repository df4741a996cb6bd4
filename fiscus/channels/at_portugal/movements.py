"""Goods in transit: a transport document told before the transport begins (portugal.md 5.5).

The authority gives a code for it; where that is printed, the paper need not travel. The names of
what is told have no namespace, and stand in the order of the WSDL. Times are UTC here and the wall
clock of Lisbon on the wire.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec
from lxml import etree

from fiscus.channels import Accepted, Answer, AuthorityWords, Later, Rejected
from fiscus.channels.at_portugal.answers import (
    TIMEZONE,
    NotUnderstood,
    content,
    number_in,
    said_in,
)
from fiscus.channels.at_portugal.client import AtClient
from fiscus.channels.at_portugal.envelope import element, prefixed, text, text_if
from fiscus.channels.at_portugal.login import login
from fiscus.channels.at_portugal.meanings import TRANSPORT, TRANSPORT_LOGIN, refusal
from fiscus.model.amounts import plain
from fiscus.model.documents import Address
from fiscus.model.faults import Fault
from fiscus.model.times import local
from fiscus.model.xml_text import clean

NAMESPACE = "https://servicos.portaldasfinancas.gov.pt/sgdtws/documentosTransporte/"
ACTION = NAMESPACE
DONE, TOLD_LATE = 0, -100
NUMBER_KNOWN, CANCELLED_ALREADY = -3, -4
CANCELLED = "A"
PORTUGAL = "PT"

_POSTAL_CODE = re.compile("[0-9]{4}-[0-9]{3}")


class MovementLine(msgspec.Struct, frozen=True, kw_only=True):
    """Goods of one kind. `orders` are the numbers of the documents they were ordered by; the price
    is net, 0 where the document is not valued."""

    text: str
    quantity: Decimal
    measure: str = "UN"
    unit_price: Decimal = Decimal(0)
    orders: tuple[str, ...] = ()


class MovementDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A transport document: GR, GT, GA, GC or GD. `status` is N, T (on somebody else's behalf) or A
    (cancelled); a cancellation, like each change, names the `reference` that the authority gave.

    `customer_number` is the NIF of the receiver, or `supplier_number` that of a supplier who gets
    goods back; both empty: the receiver is not known yet. Without `to` it is not known where the
    goods go.
    """

    issuer: str
    company: str
    address: Address
    number: str
    atcud: str
    reference: str = ""
    status: str = "N"
    day: date
    type: str
    customer_number: str = ""
    supplier_number: str = ""
    customer_name: str = ""
    customer_address: Address | None = None
    to: Address | None = None
    origin: Address
    starts_at: datetime
    ends_at: datetime | None = None
    vehicle: str = ""
    lines: tuple[MovementLine, ...]


def tell(
    client: AtClient,
    movement: MovementDocument,
    credentials: Mapping[str, str],
    *,
    was_sent: bool = False,
) -> Answer:
    """Register, change or cancel a transport document. The reference of what is accepted is the
    authority's code of the document; empty if it gives none: then the paper travels, and the words
    of the authority say why. `was_sent`: the same was sent before, and its answer was lost.
    """
    who = login(credentials)
    if isinstance(who, Rejected):
        return who
    answer = client.call(client.transport, who, telling(movement), ACTION)
    if isinstance(answer, Later):
        return answer
    name = f"{{{NAMESPACE}}}envioDocumentoTransporteResponseElem"
    found = content(answer, name, TRANSPORT_LOGIN)
    if isinstance(found, Rejected | Later):
        return found
    try:
        return _meant(found, movement, was_sent=was_sent)
    except NotUnderstood as trouble:
        return Later(reason=str(trouble))


def telling(movement: MovementDocument) -> str:
    """The body that tells of a transport document."""
    return prefixed("envioDocumentoTransporteRequestElem", NAMESPACE, *_movement(movement))


def _movement(told: MovementDocument) -> Iterator[str]:
    yield text("TaxRegistrationNumber", told.issuer)
    yield text("CompanyName", clean(told.company, 100))
    yield element("CompanyAddress", *_address(told.address))
    yield text("DocumentNumber", told.number)
    yield text("ATCUD", told.atcud)
    yield text_if("ATDocCodeID", told.reference)
    yield text("MovementStatus", told.status)
    yield text("MovementDate", told.day)
    yield text("MovementType", told.type)
    yield text_if("CustomerTaxID", told.customer_number)
    if not told.customer_number:
        yield text_if("SupplierTaxID", told.supplier_number)
    if told.customer_address is not None:
        yield element("CustomerAddress", *_address(told.customer_address))
    yield text_if("CustomerName", clean(told.customer_name, 100))
    if told.to is not None:
        yield element("AddressTo", *_address(told.to))
    yield element("AddressFrom", *_address(told.origin))
    if told.ends_at is not None:
        yield text("MovementEndTime", _moment(told.ends_at))
    yield text("MovementStartTime", _moment(told.starts_at))
    yield text_if("VehicleID", clean(told.vehicle, 32))
    for line in told.lines:
        yield element("Line", *_line(line))


def _address(address: Address) -> Iterator[str]:
    """The service knows places in Portugal alone: of one abroad it is told street and city."""
    yield text_if("Addressdetail", clean(address.line(), 210))
    yield text_if("City", clean(address.city, 50))
    if address.country == PORTUGAL:
        if _POSTAL_CODE.fullmatch(address.code):
            yield text("PostalCode", address.code)
        yield text("Country", PORTUGAL)


def _line(line: MovementLine) -> Iterator[str]:
    for order in line.orders:
        yield element("OrderReferences", text("OriginatingON", clean(order, 60)))
    yield text("ProductDescription", clean(line.text, 200))
    yield text("Quantity", plain(line.quantity))
    yield text("UnitOfMeasure", clean(line.measure, 20))
    yield text("UnitPrice", plain(line.unit_price))


def _moment(at: datetime) -> str:
    return local(at, TIMEZONE).isoformat()[:19]


def _meant(found: etree._Element, told: MovementDocument, *, was_sent: bool) -> Answer:
    """There may be several results: what is refused outweighs what is only warned of."""
    said = tuple(_results(found))
    if not said:
        raise NotUnderstood("the answer has no result")
    number = said_in(found, "DocumentNumber")
    if number and number != told.number:
        raise NotUnderstood("the answer is about another document")
    reference = said_in(found, "ATDocCodeID")
    before = CANCELLED_ALREADY if told.status == CANCELLED else NUMBER_KNOWN
    done = {DONE, TOLD_LATE, before} if was_sent else {DONE, TOLD_LATE}
    refused = [one for one in said if int(one.code) not in done]
    if not refused:
        return Accepted(reference=reference, said=_joined(said))
    answers = [refusal(TRANSPORT, one) for one in refused]
    faults: list[Fault] = []
    for one in answers:
        if isinstance(one, Later):
            return one
        faults += one.faults
    first = answers[0]
    assert isinstance(first, Rejected)
    return Rejected(faults=tuple(faults), remedy=first.remedy, said=_joined(tuple(refused)))


def _results(found: etree._Element) -> Iterator[AuthorityWords]:
    for one in found.findall("ResponseStatus"):
        code = number_in(one, "ReturnCode")
        yield AuthorityWords(code=str(code), text=said_in(one, "ReturnMessage"))


def _joined(said: tuple[AuthorityWords, ...]) -> AuthorityWords:
    """The first code, and the texts of all."""
    return AuthorityWords(code=said[0].code, text="; ".join(one.text for one in said if one.text))
