"""Calendar months that a law wants reported: an extension of the contract."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from fiscus.api.families.unified.wire.envelope import Page, Reference7
from fiscus.api.families.unified.wire.scalars import Day, Given, Moment, Text128, Wire

MONTH = r"^[12][0-9]{3}-(0[1-9]|1[012])$"
MonthName = Annotated[str, StringConstraints(pattern=MONTH)]
MonthStateName = Literal["REPORTED", "OPEN", "FILE_DUE", "NO_INVOICING", "DONE"]
DeclarationTypeName = Literal["FILE", "NO_INVOICING"]
Instruction = Annotated[str, StringConstraints(max_length=1024)]


class MonthDeclaration(Wire):
    """What a person says to have done about the month, and since when; `by`: whose key it was."""

    type: DeclarationTypeName
    reference: Given[str] = None
    declared_at: Moment
    by: Text128


class MonthReports(Wire):
    """Reports of the month that the authority has not accepted."""

    waiting: int
    refused: int
    deleted: int


class MonthContent(Wire):
    """A month that is over. `reporting`: how its documents are reported. `came_since`: documents
    and cancellations after the declaration, which is `reopened` then. `remedy`: what to do."""

    month: MonthName
    taxpayer: Reference7
    reporting: Literal["REALTIME", "SAFT"]
    state: MonthStateName
    due: Day
    overdue: bool
    reopened: bool
    reports: MonthReports
    declaration: Given[MonthDeclaration] = None
    came_since: int
    remedy: Given[Instruction] = None


class Month(Wire):
    content: MonthContent


class Months(Page):
    results: Annotated[list[Month], Field(max_length=100)]


class DeclarationContent(Wire):
    """`FILE`: the file of the month was handed in. `NO_INVOICING`: it was declared to the authority
    that there was none. `reference`: what the authority calls it by."""

    type: DeclarationTypeName
    reference: Given[Annotated[str, StringConstraints(min_length=1, max_length=200)]] = None


class DeclarationCreate(Wire):
    content: DeclarationContent


CREATE_DECLARATION = TypeAdapter(DeclarationCreate)
