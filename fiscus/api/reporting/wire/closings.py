"""Closings, as their page spells them: amounts are integers in minor units."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fiscus.api.reporting.wire.envelope import List
from fiscus.api.reporting.wire.lists import PeriodQuery
from fiscus.api.reporting.wire.operations import Id
from fiscus.api.reporting.wire.scalars import ExportId, Moment, Query, Wire

ClosingType = Literal["daily", "shift", "monthly", "annual"]


class CreateClosing(Wire):
    type: ClosingType = "daily"


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
    sales: GroupTotal
    refunds: GroupTotal
    voids: Voids
    cash_movements: CashMovements


class TaxTotal(Wire):
    """`rate` is a fraction: 0.19 is 19 percent."""

    rate: str
    category: str
    taxable_amount: int
    tax_amount: int


class Summary(Wire):
    """What was sold and taken back. Refunds are negative, so sales and refunds add up to
    `total_gross`, as do the totals by method; the two cash totals are without a sign."""

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
