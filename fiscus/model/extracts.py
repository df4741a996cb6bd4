"""What a file about closings shows of their documents: the part of a body that is read then.

A body holds much twice (the draft's lines once more in the law's words) and much that no file
shows. Whoever reads a million of them reads only this part. All fields are those of `EntryBody`,
and say what they say there.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from fiscus.model.documents import Party
from fiscus.model.records import AssessedPart, AssessedPayment, EntryBody


class DraftExtract(msgspec.Struct, frozen=True, kw_only=True):
    """Of a draft: who bought, who served, at which table, why, what it refers to, and whether it
    takes that back."""

    issued_at: datetime | None = None
    buyer: Party | None = None
    refers_to: str = ""
    external_reference: str = ""
    external_text: str = ""
    reason: str = ""
    operator: str = ""
    operator_name: str = ""
    text: str = ""
    groups: tuple[str, ...] = ()
    is_full_reversal: bool = False


class LineExtract(msgspec.Struct, frozen=True, kw_only=True):
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
    gtin: str = ""
    product_group: str = ""
    product_group_name: str = ""
    is_eaten_in: bool | None = None
    parts: tuple[AssessedPart, ...] = ()
    voucher: str = ""


class SigningExtract(msgspec.Struct, frozen=True, kw_only=True):
    """Of a device's signing."""

    serial: str
    number: int
    process_type: str
    process_data: str
    started_at: datetime
    finished_at: datetime
    counter: int
    signature: str


class SealExtract(msgspec.Struct, frozen=True, kw_only=True):
    """Of a seal."""

    document_type: str
    gross: Decimal
    lines: tuple[LineExtract, ...] = ()
    payments: tuple[AssessedPayment, ...] = ()
    signing: SigningExtract | None = None
    facts: Mapping[str, str] = {}
    outage: str = ""


class NumberExtract(msgspec.Struct, frozen=True, kw_only=True):
    """Of the place a document took in its series."""

    number: int


class BodyExtract(msgspec.Struct, frozen=True, kw_only=True):
    """Of a body. It is decoded from the same stored bytes, by the same rules."""

    id: str
    chain: str
    at: datetime
    intent: str = ""
    draft: DraftExtract | None = None
    numbered: NumberExtract | None = None
    seal: SealExtract | None = None

    @property
    def register(self) -> str:
        """The register whose chain it is."""
        return self.chain


def extract(body: EntryBody) -> BodyExtract:
    """The same of a body that was read whole."""
    return msgspec.convert(body, BodyExtract, from_attributes=True)
