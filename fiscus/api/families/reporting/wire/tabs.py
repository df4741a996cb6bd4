"""Tabs: what was ordered, and what of it is left to be billed."""

from typing import Annotated, Literal

from pydantic import Field

from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.lists import PeriodQuery
from fiscus.api.families.reporting.wire.operations import Id, TabId, Table
from fiscus.api.families.reporting.wire.scalars import (
    Currency,
    LocationId,
    Moment,
    Money,
    Rate,
    RegisterId,
    Text255,
    Wire,
)

TabStatus = Literal["open", "concluded"]


class LeftOnTab(Wire):
    """What is ordered and not billed yet of one thing: lines with this title, kind and rate."""

    title: Text255
    kind: Literal["goods", "deposit"]
    rate: Rate
    quantity: str
    total_amount: Money


class Tab(Wire):
    """A tab is `concluded` while nothing of it is left. `tables` are all that were ever named for
    it, `external_id` is that of its first order. `orders` and `sales` are the operations, oldest
    first: of sales those that are completed. `left` is what a sale may still bill."""

    id: TabId
    object: Literal["tab"]
    register_id: Id
    status: TabStatus
    currency: Currency
    external_id: Text255 | None
    tables: Annotated[list[Table], Field(max_length=1000)]
    opened_at: Moment
    updated_at: Moment
    orders: list[Id]
    sales: list[Id]
    left: list[LeftOnTab]
    left_amount: Money


class Tabs(List):
    data: Annotated[list[Tab], Field(max_length=200)]


class TabsQuery(PeriodQuery):
    """`from` and `to` bound the time of the first order; `table` is one of the tab's tables."""

    location_id: LocationId | None = None
    register_id: RegisterId | None = None
    status: TabStatus | None = None
    table: Table | None = None
