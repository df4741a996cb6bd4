"""The books of a company: its chart, and which account stands for what."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fiscus.api.families.export_jobs.wire.scalars import (
    Day,
    ExportQuery,
    Id,
    Moment,
    Text40,
    Text120,
    Text255,
    Wire,
)

Coverage = Literal["per_document", "per_closing"]
Percentage = Annotated[
    str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?$"), Field(examples=["19"])
]
Setting = Annotated[str, StringConstraints(max_length=200)]
CHART_MAX = 2000


class BookkeepingAccount(BaseModel):
    """`isAutomatic`: the accounting program takes the VAT out by itself. `identifier`: what it
    calls the account, if not by its code."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Text40
    name: Text255
    is_automatic: Annotated[bool, Field(alias="isAutomatic")] = False
    identifier: Annotated[str, StringConstraints(max_length=120)] = ""


class BookkeepingTax(BaseModel):
    """`account` is where the VAT is owed; `postingKey` are four digits, or nothing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Text40
    name: Text255
    percentage: Percentage
    account: Annotated[str, StringConstraints(max_length=40)] = ""
    posting_key: Annotated[str, Field(alias="postingKey", max_length=4)] = ""


class BookkeepingRule(Wire):
    """Which account stands for a key. `doubt`: what the accountant must be asked first."""

    key: Text120
    account: Text40
    tax: Annotated[str, StringConstraints(max_length=40)] = ""
    doubt: Annotated[str, StringConstraints(max_length=1000)] = ""


class BookkeepingContent(BaseModel):
    """All that a company says of its books."""

    model_config = ConfigDict(extra="forbid", strict=True)

    chart: Text40
    coverage: Coverage
    since: Day | None = None
    accounts: Annotated[list[BookkeepingAccount], Field(max_length=CHART_MAX)]
    taxes: Annotated[list[BookkeepingTax], Field(max_length=CHART_MAX)]
    rules: Annotated[list[BookkeepingRule], Field(max_length=CHART_MAX)]
    types: Annotated[dict[str, str], Field(default_factory=dict)]
    expires_in: Annotated[int, Field(alias="expiresIn")] = 3600
    formats: Annotated[dict[str, dict[str, Setting]], Field(default_factory=dict)]


class ChangeBookkeeping(BookkeepingContent):
    """The whole content that is to be. `version` is the one that was read before."""

    version: Annotated[int, Field(ge=1)]


class BeginBookkeeping(Wire):
    """`chart`: one that the company's law suggests; without it the first one. `since`: the first
    day that is booked; without it all days are."""

    chart: Text40 | None = None
    since: Day | None = None
    coverage: Coverage | None = None


class CompanyBookkeeping(BookkeepingContent):
    company: Annotated[Id, Field(alias="companyId")]
    version: int
    derived_to: Annotated[Moment | None, Field(alias="derivedTo")]


class OneBookkeeping(Wire):
    data: CompanyBookkeeping


class Chart(Wire):
    """A chart to begin with. `keys` says what the first word of each rule's key stands for;
    `unmapped` names keys that have no account on purpose, each with what must be decided."""

    code: str
    name: str
    sources: list[str]
    accounts: list[BookkeepingAccount]
    taxes: list[BookkeepingTax]
    rules: list[BookkeepingRule]
    unmapped: dict[str, str]


class Charts(Wire):
    data: list[Chart]
    keys: dict[str, str]


class CompletenessQuery(ExportQuery):
    """Days, both included."""

    first: Day
    last: Day


class ReportedRecords(Wire):
    """How many, and the ids of the first hundred."""

    count: int
    ids: list[str]


class ReportedRate(Wire):
    """Revenue and VAT under one tax in minor units, in the journal and in the books; what is sold
    is positive."""

    taxCode: str
    percentage: str
    journalNet: int
    journalVat: int
    booksNet: int
    booksVat: int
    isSame: bool


class Completeness(Wire):
    """What became of the documents of a period. `missing`, `double` and `unbalanced` must be none;
    `notClosed` and `notRead` come later; `withoutMoney` books nothing, `before` was sealed before
    the first day that is booked."""

    companyId: Id
    first: Day
    last: Day
    derivedTo: Moment | None
    isComplete: bool
    isRight: bool
    documents: int
    covered: int
    withoutMoney: int
    before: int
    missing: ReportedRecords
    notClosed: ReportedRecords
    notRead: ReportedRecords
    double: ReportedRecords
    unbalanced: ReportedRecords
    rates: list[ReportedRate]


class OneCompleteness(Wire):
    data: Completeness
