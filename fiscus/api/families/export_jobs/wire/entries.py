"""Accounting entries: a small part of the vendor's, and what our callers enter themselves."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from fiscus.api.families.export_jobs.wire.bookkeeping import Percentage
from fiscus.api.families.export_jobs.wire.envelope import CursorPageInfo, PageQuery
from fiscus.api.families.export_jobs.wire.scalars import (
    EXTENSION,
    Currency,
    Day,
    ExportQuery,
    Id,
    Moment,
    Wire,
)

ExportStatus = Literal["NOT_EXPORTED", "QUEUED", "EXPORTING", "EXPORTED", "CREATED", "NOT_CREATED"]
Family = Literal[
    "BALANCE_AMENDMENT",
    "BILL_INVOICE",
    "CARD_PURCHASE",
    "CASHBACK",
    "CREDIT_NOTE",
    "MILEAGE",
    "OUT_OF_POCKET",
    "OVERDRAFT",
    "PER_DIEM",
    "PLEO_INVOICE",
    "REIMBURSEMENT",
    "WALLET",
    "BILL_INVOICE_PAYMENT",
]
EntryStatus = Literal[
    "DRAFT", "PENDING", "COMPLETED", "COMPLETED_EXTERNALLY", "CANCELLED", "REJECTED", "ERROR"
]
ReviewStatus = Literal[
    "NOT_OK",
    "NOT_REQUIRED",
    "NOT_SET",
    "OK",
    "WAITING_FOR_EXPENSE_OWNER",
    "WAITING_FOR_REVIEWER",
    "WAITING_FOR_COMPANY_REVIEWER",
    "WAITING_FOR_TEAM_REVIEWER",
    "WAITING_FOR_TAG_REVIEWER",
]
SubType = Literal["sale", "sale_return", "payment", "movement", "difference"]
ITEMS_MAX = 100
LINES_MAX = 500
Text = Annotated[str, StringConstraints(max_length=500)]
Ids = Annotated[list[Id], Field(max_length=ITEMS_MAX)]
Minors = Annotated[int, Field(gt=-(10**11), lt=10**11)]


class EntriesQuery(PageQuery):
    company_id: Id | None = None


class EntryQuery(ExportQuery):
    include_deleted: Literal["true", "false"] = "false"


class SearchAccountingEntries(BaseModel):
    """All that is said must hold. Of the three pairs of dates one can be used; a start is included,
    an end is not. Our entries are complete and need no review; they have no employees and teams.

    `accountIds` and `taxCodeIds` are ids as export items show them; one line that has such an
    account, or such a tax, is enough. `hasAccount`: whether each line has an account. All three go
    by the mapping as it is now, and leave the contra account aside."""

    model_config = ConfigDict(extra="forbid", strict=True)

    include_deleted: Annotated[bool, Field(alias="includeDeleted")]
    export_status: Annotated[list[ExportStatus], Field(default_factory=list, alias="exportStatus")]
    families: Annotated[list[Family], Field(default_factory=list)]
    status: Annotated[list[EntryStatus], Field(default_factory=list)]
    review_status: Annotated[list[ReviewStatus], Field(default_factory=list, alias="reviewStatus")]
    performed_from: Annotated[Moment | None, Field(alias="performedAtStart")] = None
    performed_until: Annotated[Moment | None, Field(alias="performedAtEnd")] = None
    settled_from: Annotated[Moment | None, Field(alias="settledAtStart")] = None
    settled_until: Annotated[Moment | None, Field(alias="settledAtEnd")] = None
    booked_from: Annotated[Moment | None, Field(alias="bookkeepingDateStart")] = None
    booked_until: Annotated[Moment | None, Field(alias="bookkeepingDateEnd")] = None
    accounts: Annotated[Ids, Field(alias="accountIds")] = []
    has_account: Annotated[bool | None, Field(alias="hasAccount")] = None
    tax_codes: Annotated[Ids, Field(alias="taxCodeIds")] = []
    employees: Annotated[Ids, Field(alias="employeeIds")] = []
    teams: Annotated[Ids, Field(alias="teamIds")] = []
    has_bookkeeping_date: Annotated[bool | None, Field(alias="hasBookkeepingDate")] = None
    settled: bool | None = None
    sub_types: Annotated[
        list[SubType], Field(default_factory=list, alias="subTypes", json_schema_extra=EXTENSION)
    ]
    register_id: Annotated[Id | None, Field(alias="registerId", json_schema_extra=EXTENSION)] = None
    reference: Annotated[Text | None, Field(json_schema_extra=EXTENSION)] = None

    @model_validator(mode="after")
    def _has_one_pair_of_dates(self) -> Self:
        pairs = (
            (self.performed_from, self.performed_until),
            (self.settled_from, self.settled_until),
            (self.booked_from, self.booked_until),
        )
        if sum(any(pair) for pair in pairs) > 1:
            raise PydanticCustomError("dates", "only one pair of dates can be used")
        return self

    @property
    def is_of_nobody(self) -> bool:
        """Whether it asks for what no entry of ours can be."""
        return bool(
            self.employees
            or self.teams
            or self.has_bookkeeping_date is False
            or self.settled is False
            or (self.status and "COMPLETED" not in self.status)
            or (self.review_status and "NOT_REQUIRED" not in self.review_status)
        )


class EntryMoney(Wire):
    currency: Currency
    minors: int


class AccountingEntryLine(Wire):
    """`key` is the law's, which the bookkeeping maps to an account; or the caller named `account`.
    Amounts are minor units, debit positive; `gross` is `net` plus `vat`."""

    id: Id
    key: str
    account: str
    net: int
    vat: int
    gross: int
    taxCode: str
    percentage: str
    text: str


class SplitItem(Wire):
    id: Id
    createdAt: Moment
    updatedAt: Moment
    tags: list[dict[str, str]]
    transactionValue: EntryMoney
    totalBillValue: EntryMoney
    accountCode: str = ""


class AccountingEntryV1(Wire):
    """One entry of the books. Money that comes in is negative."""

    id: Id
    companyId: Id
    family: Family
    status: EntryStatus
    reviewStatus: ReviewStatus
    exportStatus: ExportStatus
    performedAt: Moment
    settledAt: Moment
    bookkeepingDate: Moment
    createdAt: Moment
    updatedAt: Moment
    transactionValue: EntryMoney
    totalBillValue: EntryMoney
    attendees: list[dict[str, str]]
    receiptIds: list[Id]
    splitItems: list[SplitItem]
    tags: list[dict[str, str]]
    deletedAt: Moment = ""
    note: str = ""
    accountCode: str = ""
    type: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    subType: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    reference: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    registerId: Annotated[Id, Field(json_schema_extra=EXTENSION)] = ""
    recordId: Annotated[Id, Field(json_schema_extra=EXTENSION)] = ""
    recordHash: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    documents: Annotated[int, Field(json_schema_extra=EXTENSION)] = 0
    reverses: Annotated[Id, Field(json_schema_extra=EXTENSION)] = ""
    exportJobId: Annotated[Id, Field(json_schema_extra=EXTENSION)] = ""
    exportedAt: Annotated[Moment, Field(json_schema_extra=EXTENSION)] = ""
    externalId: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    externalUrl: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    partner: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    partnerTaxNumber: Annotated[str, Field(json_schema_extra=EXTENSION)] = ""
    lines: Annotated[list[AccountingEntryLine], Field(json_schema_extra=EXTENSION)]
    extras: Annotated[dict[str, Any], Field(default_factory=dict, json_schema_extra=EXTENSION)]


class OneAccountingEntry(Wire):
    data: AccountingEntryV1


class AccountingEntries(Wire):
    """`derivedTo`: until when what the registers sealed is in the books."""

    data: list[AccountingEntryV1]
    pagination: CursorPageInfo
    derivedTo: Annotated[Moment | None, Field(json_schema_extra=EXTENSION)]


class CreateEntryLine(BaseModel):
    """Either a `key` that the bookkeeping maps, or an `account` of the chart. Amounts are minor
    units, debit positive."""

    model_config = ConfigDict(extra="forbid", strict=True)

    net: Minors
    vat: Minors = 0
    key: Text = ""
    account: Text = ""
    tax_code: Annotated[Text, Field(alias="taxCode")] = ""
    percentage: Percentage = "0"
    text: Text = ""


class CreateAccountingEntry(BaseModel):
    """What no register has sealed. `contraKey` is the key of the account against which the lines
    stand."""

    model_config = ConfigDict(extra="forbid", strict=True)

    company: Annotated[Id | None, Field(alias="companyId")] = None
    day: Annotated[Day, Field(alias="bookkeepingDate")]
    performed_at: Annotated[Moment | None, Field(alias="performedAt")] = None
    lines: Annotated[list[CreateEntryLine], Field(min_length=1, max_length=LINES_MAX)]
    type: Text = ""
    sub_type: Annotated[Text, Field(alias="subType")] = ""
    reference: Text = ""
    currency: Currency = "EUR"
    contra_key: Annotated[Text, Field(alias="contraKey")] = "clearing"
    note: Text = ""
    partner: Text = ""
    partner_tax_number: Annotated[Text, Field(alias="partnerTaxNumber")] = ""
    reverses: Id | None = None
    extras: Annotated[dict[str, str], Field(default_factory=dict, max_length=20)]


class ChangeAccountingEntry(BaseModel):
    """What is to be another; what is left out stays as it is. `lines` are all of them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    day: Annotated[Day | None, Field(alias="bookkeepingDate")] = None
    performed_at: Annotated[Moment | None, Field(alias="performedAt")] = None
    lines: Annotated[list[CreateEntryLine] | None, Field(min_length=1, max_length=LINES_MAX)] = None
    type: Text | None = None
    sub_type: Annotated[Text | None, Field(alias="subType")] = None
    reference: Text | None = None
    currency: Currency | None = None
    contra_key: Annotated[Text | None, Field(alias="contraKey")] = None
    note: Text | None = None
    partner: Text | None = None
    partner_tax_number: Annotated[Text | None, Field(alias="partnerTaxNumber")] = None
    extras: Annotated[dict[str, str] | None, Field(max_length=20)] = None
