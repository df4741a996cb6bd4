"""Closings, as their page spells them: amounts are integers in minor units."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.lists import PeriodQuery
from fiscus.api.families.reporting.wire.operations import Id, Served
from fiscus.api.families.reporting.wire.scalars import EXTENSION, ExportId, Moment, Query, Wire

ClosingType = Literal["daily", "shift", "monthly", "annual"]


class CreateClosing(Wire):
    type: ClosingType = "daily"
    operator: Served = None


class Period(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    from_: Annotated[Moment, Field(alias="from")]
    to: Moment


class GroupTotal(Wire):
    count: int
    total_gross: int


class Voids(Wire):
    count: int


class CashMovements(Wire):
    cash_in_total: int
    cash_out_total: int


class ByOperationType(Wire):
    """`exchanges`, what was taken back for something else and paid for or paid back, is an
    extension: it is missing where nothing was exchanged."""

    sales: GroupTotal
    refunds: GroupTotal
    exchanges: Annotated[GroupTotal | None, EXTENSION] = None
    voids: Voids
    cash_movements: CashMovements
    orders: Annotated[
        GroupTotal | None,
        Field(
            description="There if anything was ordered: it is in no total, and turnover when it is "
            "billed.",
            json_schema_extra={"x-fiscus-extension": True},
        ),
    ] = None


class TaxTotal(Wire):
    """`rate` is a fraction: 0.19 is 19 percent."""

    rate: str
    category: str
    taxable_amount: int
    tax_amount: int


class Summary(Wire):
    """What was sold, taken back and exchanged: `total_gross` is the sum of the operations'
    `total_amount`. Refunds are negative, and an exchange is as it was paid, so the three add up to
    it. So do the totals by method, under the methods that the till named: a gift card is among
    them, and `outstanding` is what customers still owe. The two cash totals are without a sign."""

    operation_count: int
    total_gross: int
    total_tax: int
    total_by_payment_method: dict[str, int]
    by_operation_type: ByOperationType
    tax_breakdown: list[TaxTotal]


class Fiscal(Wire):
    """Members of the device are null if it was out, or if there is none. `dsfinvk_export_id` is
    the newest completed export with this closing in it; reports over closings are in none."""

    regime: str
    z_number: int
    tse_serial: str | None
    signature: str | None
    transaction_counter: int | None
    dsfinvk_export_id: ExportId | None


class ClosingCheckpoint(Wire):
    """The newest checkpoint of the log of all records when the closing was made: whoever keeps it
    can show later that nothing before it was taken away. `root` is its first 16 characters in
    Base64; `fingerprint` names the installation whose log it is."""

    size: Annotated[int, Field(ge=1)]
    root: Annotated[str, Field(pattern="^[A-Za-z0-9+/]{16}$")]
    fingerprint: Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]


class Links(Wire):
    pdf: str


class Closing(Wire):
    id: Id
    object: Literal["closing"]
    register_id: Id
    type: ClosingType
    state: Literal["pending", "completed", "transmitted", "failed"]
    period: Period
    summary: Summary
    fiscal: Fiscal
    created_at: Moment
    completed_at: Moment | None
    links: Links
    checkpoint: Annotated[ClosingCheckpoint | None, EXTENSION] = None


class Closings(List):
    data: Annotated[list[Closing], Field(max_length=200)]


class ClosingsQuery(PeriodQuery):
    """`from` and `to` bound the end of the closings' periods."""

    type: ClosingType | None = None


class PdfQuery(Query):
    """`expires` and `signature` are part of the address that was handed out."""

    format: Literal["a4", "roll"] = "a4"
    expires: Annotated[str | None, Field(max_length=32)] = None
    signature: Annotated[str | None, Field(max_length=128)] = None
