"""Orders of files as a person types them into the form of the console: what was typed is judged as
a whole, so that all faults are told at once, each at its field, and nothing that was typed is lost.

What may be ordered, the law's plug-in and its formats say; here stands what a month, a quarter and
a range of days are.
"""

import calendar
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date

import msgspec

from fiscus import formats
from fiscus.console import fields
from fiscus.console.fields import BACKWARDS, EARLIER_FIRST, FieldFault
from fiscus.console.visit import N_
from fiscus.exports import jobs, requests
from fiscus.exports.jobs import ExportType
from fiscus.formats import Format, FormatSource
from fiscus.model.faults import Fault, Trouble
from fiscus.model.times import Period

MONTH, QUARTER, DAYS = "month", "quarter", "days"
SPANS = (MONTH, QUARTER, DAYS)
"""How a period is said."""

QUARTERS_BACK = 12
"""How many quarters the form offers."""

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])", re.ASCII)


class FileChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of file that can be ordered: the type of a package, or a format of the law with its
    title. `formats` are the titles of what is in a package; `is_of_register`: a file of one
    register, which must be named."""

    code: str
    title: str = ""
    formats: tuple[str, ...] = ()
    is_of_register: bool = False


class TypedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the fields of the form, as it was typed."""

    kind: str = ""
    register: str = ""
    span: str = MONTH
    month: str = ""
    quarter: str = ""
    first: str = ""
    last: str = ""


class ExportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is well formed: a kind of file, the days, and the register if one is meant."""

    choice: FileChoice
    period: Period
    register: str = ""


def choices(law: str) -> tuple[FileChoice, ...]:
    """What can be ordered of a taxpayer under this law: the packages, and each format beside them
    that is of one register."""
    prescribed = [form for form, _ in jobs.formats_of(law)]
    return (
        *_packages(prescribed),
        *(
            FileChoice(code=form.code, title=form.title, is_of_register=True)
            for form in formats.installed().values()
            if form.write and form.is_for(law) and _is_apart(form)
        ),
    )


def _packages(prescribed: Collection[Format]) -> Iterator[FileChoice]:
    titles = tuple(form.title for form in prescribed)
    if prescribed:
        yield FileChoice(code=ExportType.AUDIT.value, formats=titles)
    yield FileChoice(code=ExportType.EXPORT.value, formats=titles)


def _is_apart(form: Format) -> bool:
    """Whether it is also ordered by itself. What the law prescribes of all documents of a taxpayer
    is no file of one register."""
    return not (form.is_prescribed and form.reads is FormatSource.RECORDS)


def typed(form: Mapping[str, str]) -> TypedOrder:
    """The fields of the form; what it does not send is as on an empty form."""
    names = TypedOrder.__struct_fields__
    said = {name: form[name].strip() for name in names if name in form}
    return TypedOrder(**said)


def empty(today: date) -> TypedOrder:
    """What the form shows first: the month that has just ended."""
    month = _month_before(today)
    return TypedOrder(
        month=f"{month:%Y-%m}",
        quarter=quarters(today)[1],
        first=month.replace(day=1).isoformat(),
        last=month.isoformat(),
    )


def _month_before(today: date) -> date:
    """The last day of the month before."""
    return date.fromordinal(today.replace(day=1).toordinal() - 1)


def quarters(today: date) -> tuple[str, ...]:
    """The quarters that the form offers, the present one first: `2026-Q4`."""
    number = today.year * 4 + (today.month - 1) // 3
    return tuple(f"{one // 4}-Q{one % 4 + 1}" for one in range(number, number - QUARTERS_BACK, -1))


def judged(
    said: TypedOrder, offered: Collection[FileChoice], registers: Collection[str], today: date
) -> tuple[ExportOrder | None, tuple[FieldFault, ...]]:
    """The order, or all that is wrong with it. `today` is the taxpayer's own day."""
    choice = next((one for one in offered if one.code == said.kind), None)
    faults = [*_of_kind(choice), *_of_register(said, choice, registers)]
    period, wrong = _period(said, today)
    faults += wrong
    if faults or choice is None or period is None:
        return None, tuple(faults)
    register = said.register if choice.is_of_register else ""
    return ExportOrder(choice=choice, period=period, register=register), ()


def _of_kind(choice: FileChoice | None) -> Iterator[FieldFault]:
    if choice is None:
        yield FieldFault(
            field="kind",
            reason=N_("No file was chosen."),
            remedy=N_("Choose one of the files of this list."),
        )


def _of_register(
    said: TypedOrder, choice: FileChoice | None, registers: Collection[str]
) -> Iterator[FieldFault]:
    if choice is None or not choice.is_of_register:
        return
    if not said.register:
        yield FieldFault(
            field="register",
            reason=N_("This file is of one register, and no register was chosen."),
            remedy=N_("Choose the register."),
            code=requests.NO_REGISTER.id,
        )
    elif said.register not in registers:
        yield FieldFault(
            field="register",
            reason=N_("This register is not there."),
            remedy=N_("Choose a register of this list."),
        )


def _period(said: TypedOrder, today: date) -> tuple[Period | None, list[FieldFault]]:
    if said.span == MONTH:
        return _of_month(said.month, today)
    if said.span == QUARTER:
        return _of_quarter(said.quarter, today)
    if said.span == DAYS:
        return _of_days(said, today)
    return None, [
        FieldFault(
            field="span",
            reason=N_("It was not said how the period is meant."),
            remedy=N_("Choose a month, a quarter or a range of days."),
        )
    ]


def _of_month(text: str, today: date) -> tuple[Period | None, list[FieldFault]]:
    found = _MONTH.fullmatch(text)
    if found is None or found[1] == "0000":
        return None, [_no_period("month", N_("Write year and month, such as 2026-11."))]
    return _until_today("month", int(found[1]), int(found[2]), 1, today)


def _of_quarter(text: str, today: date) -> tuple[Period | None, list[FieldFault]]:
    found = _QUARTER.fullmatch(text)
    if found is None or found[1] == "0000":
        return None, [_no_period("quarter", N_("Choose a quarter, such as 2026-Q4."))]
    return _until_today("quarter", int(found[1]), int(found[2]) * 3 - 2, 3, today)


def _until_today(
    field: str, year: int, month: int, months: int, today: date
) -> tuple[Period | None, list[FieldFault]]:
    """So many whole months; of what is not over yet the days up to today."""
    first = date(year, month, 1)
    end = month + months - 1
    last = date(year, end, calendar.monthrange(year, end)[1])
    if first > today:
        return None, [_in_the_future(field)]
    return Period(first=first, last=min(last, today)), []


def _of_days(said: TypedOrder, today: date) -> tuple[Period | None, list[FieldFault]]:
    found, faults = fields.days(said.first, said.last, jobs.BAD_RANGE.id)
    last = fields.day(said.last)
    if last is not None and last > today:
        faults.insert(0, _in_the_future("last"))
    if found is None or faults:
        return None, faults
    return Period(first=found[0], last=found[1]), []


def _no_period(field: str, remedy: str) -> FieldFault:
    return FieldFault(field=field, reason=N_("There is no such period."), remedy=remedy)


def _in_the_future(field: str) -> FieldFault:
    return FieldFault(
        field=field,
        reason=N_("The period ends after today."),
        remedy=N_("Choose a period that ends today or earlier."),
        code=jobs.FUTURE_RANGE.id,
    )


_CHOOSE = N_("Choose another period, or close the registers first.")
_KNOWN: Mapping[str, tuple[str, str, str]] = {
    jobs.NOTHING_CLOSED.id: ("span", N_("Nothing was closed in this period."), _CHOOSE),
    requests.NOTHING_CLOSED.id: (
        "span",
        N_("Nothing was closed on this register in this period."),
        _CHOOSE,
    ),
    requests.BACKWARDS.id: (
        "span",
        N_("The register had no signing device in this period."),
        N_("Choose a period in which it had one."),
    ),
    requests.NO_DEVICE.id: (
        "register",
        N_("No signing device was ever fitted to this register."),
        N_("Choose a register that has a signing device."),
    ),
    requests.BEING_CLOSED.id: (
        "span",
        N_("The register is just being closed."),
        N_("Send the form again in a minute."),
    ),
    requests.OTHER_LAW.id: (
        "register",
        N_("The register is not under the law of this file."),
        N_("Choose a register of this list."),
    ),
    jobs.BAD_RANGE.id: (
        "span",
        BACKWARDS,
        EARLIER_FIRST,
    ),
    jobs.FUTURE_RANGE.id: (
        "span",
        N_("The period ends after today."),
        N_("Choose a period that ends today or earlier."),
    ),
}


def told(trouble: Trouble) -> tuple[FieldFault, ...]:
    """What the exports answered to a well-formed order, at the fields of the form. Raises it again
    if one of its faults is about no field."""
    if any(fault.code not in _KNOWN for fault in trouble.faults):
        raise trouble
    return tuple(_at_field(fault) for fault in trouble.faults)


def _at_field(fault: Fault) -> FieldFault:
    field, reason, remedy = _KNOWN[fault.code]
    return FieldFault(field=field, reason=reason, remedy=remedy, code=fault.code)
