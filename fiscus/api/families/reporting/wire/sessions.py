"""Cash sessions of registers."""

from typing import Annotated, Literal

from pydantic import Field

from fiscus.api.families.reporting.wire.envelope import List
from fiscus.api.families.reporting.wire.lists import PeriodQuery
from fiscus.api.families.reporting.wire.operations import Id
from fiscus.api.families.reporting.wire.scalars import (
    Currency,
    LocationId,
    Moment,
    Money,
    RegisterId,
    Wire,
)

SessionStatus = Literal["open", "counted", "closed"]


class Session(Wire):
    """`variance` is what was counted minus what was expected. `operation_count` counts what is
    concluded; `total_gross`, what customers paid and got back, is known once it is closed."""

    id: Id
    object: Literal["session"]
    register_id: Id
    status: SessionStatus
    currency: Currency
    opening_balance_amount: Money
    variance: Money | None
    opened_at: Moment
    counted_at: Moment | None
    closed_at: Moment | None
    closing_id: Id | None
    z_number: int | None
    operation_count: int
    total_gross: Money | None


class Sessions(List):
    data: Annotated[list[Session], Field(max_length=200)]


class SessionsQuery(PeriodQuery):
    """`from` and `to` bound the time of opening."""

    location_id: LocationId | None = None
    register_id: RegisterId | None = None
    status: SessionStatus | None = None
