"""What a file about closings shows of their documents: the part of a body that is read then.

A body holds much twice (the draft's lines once more in the law's words) and much that no file
shows. Whoever reads a million of them reads only this part. All fields are those of `Body`, and
say what they say there.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from fiscus.model.documents import Party
from fiscus.model.records import Body, Paid


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Of a draft: who bought, who served, why, and what it refers to."""

    issued_at: datetime | None = None
    buyer: Party | None = None
    refers_to: str = ""
    external_reference: str = ""
    external_text: str = ""
    reason: str = ""
    operator: str = ""
    text: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Of an assessed line."""

    number: int
    product: str
    text: str
    quantity: Decimal
    measure: str
    net: Decimal
    vat: Decimal
    tax_code: str
    percentage: Decimal
    is_debit: bool = False
    discount: Decimal = Decimal(0)
    case: str = ""
    unit_gross: Decimal = Decimal(0)


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """Of a device's signing."""

    serial: str
    number: int
    process_type: str
    process_data: str
    started_at: datetime
    finished_at: datetime
    counter: int
    signature: str


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """Of a seal."""

    document_type: str
    gross: Decimal
    lines: tuple[Part, ...] = ()
    payments: tuple[Paid, ...] = ()
    signing: Signed | None = None
    facts: Mapping[str, str] = {}
    outage: str = ""


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """Of the place a document took in its series."""

    number: int


class Extract(msgspec.Struct, frozen=True, kw_only=True):
    """Of a body. It is decoded from the same stored bytes, by the same rules."""

    id: str
    register: str
    at: datetime
    intent: str = ""
    draft: Asked | None = None
    numbered: Numbered | None = None
    seal: Sealed | None = None


def extract(body: Body) -> Extract:
    """The same of a body that was read whole."""
    return msgspec.convert(body, Extract, from_attributes=True)
