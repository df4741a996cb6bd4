"""Export items: an entry as the accounting system takes it over, in the shape of each version."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fiscus.api.families.export_jobs.wire.envelope import CursorPageInfo, PageQuery
from fiscus.api.families.export_jobs.wire.scalars import EXTENSION, Country, Currency, Id, Moment

TYPES_V0 = (
    "card_purchase",
    "card_invoice",
    "out_of_pocket",
    "mileage",
    "per_diem",
    "external_reimbursement",
    "direct_reimbursement",
    "invoice",
    "invoice_payment",
    "chargeback",
    "refund",
    "cashback",
    "atm_withdrawal",
    "wallet_topup",
    "wallet_unload",
)
"""The types that every version knows."""

TYPES = (*TYPES_V0, "personal_spend", "fee")
TypeV0 = Literal[
    "card_purchase",
    "card_invoice",
    "out_of_pocket",
    "mileage",
    "per_diem",
    "external_reimbursement",
    "direct_reimbursement",
    "invoice",
    "invoice_payment",
    "chargeback",
    "refund",
    "cashback",
    "atm_withdrawal",
    "wallet_topup",
    "wallet_unload",
]
Type = TypeV0 | Literal["personal_spend", "fee"]


class Shown(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Money(Shown):
    """`value` is an integer number of minor units: 8996 is 89.96."""

    currency: Currency
    value: int


class Amount(Shown):
    """There is one currency here: both members say the same."""

    inSupplierCurrency: Money
    inWalletCurrency: Money


class ItemLinks(Shown):
    """`api.exportItem` is the entry in this API; behind its `#` stands the hash of the sealed
    record that it was made of. `api.reverses` is the entry that this one takes back."""

    web: dict[str, str]
    mobile: dict[str, str]
    api: dict[str, str]


class ItemAccountV0(Shown):
    code: str | None
    identifier: str | None


class ItemAccount(ItemAccountV0):
    id: Id
    name: str


class TagV0(Shown):
    code: str
    groupCode: str


class Tag(TagV0):
    id: Id


class ItemTaxV0(Shown):
    """`type` is always `exclusive`: the net amount does not contain the tax."""

    amount: Amount
    code: str | None
    rate: float
    type: Literal["inclusive", "exclusive", "reverse"]


class ItemTax(ItemTaxV0):
    id: Id


class ItemTaxV3(ItemTax):
    """`outgoingTaxAccount` is where the tax of a sale is owed, there if the chart names it."""

    ingoingTaxAccount: str = ""
    outgoingTaxAccount: str = ""


class LineV0(Shown):
    accountingEntryLineId: Id
    account: ItemAccountV0 | None
    lineAmount: Amount
    netAmount: Amount
    tags: list[TagV0]
    tax: ItemTaxV0 | None


class Line(Shown):
    accountingEntryLineId: Id
    account: ItemAccount | None
    lineAmount: Amount
    netAmount: Amount
    tags: list[Tag]
    tax: ItemTax | None


class LineV3(Shown):
    accountingEntryLineId: Id
    account: ItemAccount | None
    lineAmount: Amount
    netAmount: Amount
    tags: list[Tag]
    tax: ItemTaxV3 | None


class InvoiceInformation(Shown):
    invoiceNumber: str
    invoiceDate: Moment
    status: str


class Metadata(Shown):
    """`reconciliationId` is the number of the document, or of the closing."""

    reconciliationId: str
    attendees: list[str] | None
    invoiceInformation: InvoiceInformation | None


class AdditionalInformation(Metadata):
    reconciledEntries: list[str] | None


class ItemSupplierV0(Shown):
    name: str | None
    identifier: str | None
    account: str | None
    categoryCode: str | None
    country: Country | None
    taxIdentifier: str | None


class ItemSupplier(Shown):
    """The customer that was named: what the vendor calls the other side."""

    name: str | None
    code: str | None
    account: str | None
    categoryCode: str | None
    country: Country | None
    taxIdentifier: str | None


class Vendor(Shown):
    id: Id
    name: str
    defaultCurrency: Currency
    taxRegistrationNumber: str = ""


class Team(Shown):
    id: Id
    name: str
    code: str | None


class UserV0(Shown):
    name: str
    code: str | None


class UserV1(UserV0):
    id: Id | None


class User(UserV0):
    id: Id


class ItemBookkeeping(Shown):
    method: Literal["none", "journal", "accounts_payable"]


class ItemFile(Shown):
    """`url` can be read for 24 hours after the item was."""

    url: str
    size: int
    type: str


class ServicePeriod(Shown):
    since: Annotated[Moment, Field(alias="from")]
    until: Annotated[Moment, Field(alias="to")]


class _Item(Shown):
    links: Annotated[ItemLinks, Field(alias="_links")]
    accountingEntryId: Id
    companyId: Id
    date: Moment
    amount: Amount
    supplier: ItemSupplier | None
    files: list[ItemFile] | None
    note: str | None


class ExportItemV0(Shown):
    links: Annotated[ItemLinks, Field(alias="_links")]
    accountingEntryId: Id
    companyId: Id
    date: Moment
    type: TypeV0
    amount: Amount
    accountingEntryLines: Annotated[list[LineV0], Field(min_length=1)]
    metadata: Metadata
    supplier: ItemSupplierV0 | None
    teamCode: str | None
    user: UserV0
    files: list[ItemFile] | None
    note: str | None


class ExportItemV1(_Item):
    type: Type
    accountingEntryLines: Annotated[list[Line], Field(min_length=1)]
    additionalInformation: AdditionalInformation
    team: Team | None
    teamCode: str | None
    user: UserV1


class ExportItemV2(_Item):
    """`vendor` is there if a customer was named and the job is vendor based."""

    type: Type
    subType: str | None
    accountingEntryLines: Annotated[list[Line], Field(min_length=1)]
    additionalInformation: AdditionalInformation
    bookkeeping: ItemBookkeeping | None
    vendor: Vendor | None = None
    team: Team | None
    teamCode: str | None
    user: UserV1 | None
    servicePeriod: ServicePeriod | None


class ExportItemV3(_Item):
    """All lines stand against `contraAccount`. Money that comes in is negative."""

    type: Type
    subType: Annotated[
        str,
        Field(
            description="Our own: sale, sale_return, payment, movement, difference.",
            json_schema_extra=EXTENSION,
        ),
    ] = ""
    accountingEntryLines: Annotated[list[LineV3], Field(min_length=1)]
    additionalInformation: AdditionalInformation
    contraAccount: ItemAccount | None
    bookkeeping: ItemBookkeeping | None
    vendor: Vendor | None
    team: Team | None
    user: User | None
    servicePeriod: ServicePeriod | None


class ExportItemsV0(Shown):
    data: list[ExportItemV0]
    pagination: CursorPageInfo


class ExportItemsV1(Shown):
    data: list[ExportItemV1]
    pagination: CursorPageInfo


class ExportItemsV2(Shown):
    data: list[ExportItemV2]
    pagination: CursorPageInfo


class ExportItemsV3(Shown):
    data: list[ExportItemV3]
    pagination: CursorPageInfo


class ExportItemsQuery(PageQuery):
    """Without `job_id`: the items of all unfinished jobs that the key reaches."""

    job_id: Id | None = None
