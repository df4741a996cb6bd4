"""Where a file goes: the settings of a company for DATEV, read once."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from fiscus.formats.datev_extf.posted import PostingRules, automatic_codes
from fiscus.model.accounts import ChartAccount
from fiscus.model.faults import Code, Refused
from fiscus.model.plugin_settings import Setting

NO_NUMBER = Code(
    "DATEV-SETTING-01", "DATEV's files need the number of the consultant and of the client"
)

ACCOUNT_LENGTH = Setting(
    name="account_length",
    help="Sachkontenlänge: digits of the accounts of the general ledger, 4 to 8",
    test_value="4",
    pattern="[4-8]",
)
SETTINGS = (
    Setting(
        name="consultant_number",
        help="Beraternummer: the number that DATEV gave the tax consultant, 1001 to 9999999",
        pattern=r"100[1-9]|10[1-9]\d|1[1-9]\d\d|[2-9]\d{3}|[1-9]\d{4,6}",
    ),
    Setting(
        name="client_number",
        help="Mandantennummer: the company's number at its tax consultant, 1 to 99999",
        pattern=r"[1-9]\d{0,4}",
    ),
    Setting(
        name="fiscal_year_month",
        help="the month in which the fiscal year begins, 1 to 12",
        test_value="1",
        pattern=r"0?[1-9]|1[0-2]",
    ),
    ACCOUNT_LENGTH,
    Setting(
        name="chart_number",
        help="Sachkontenrahmen: the chart's number, such as 03; left out, it is told by the "
        "chart's name",
        test_value="",
        pattern=r"(\d{2}){0,2}",
    ),
    Setting(
        name="locked",
        help="Festschreibung: 1 when nothing of the file may be changed after its import",
        test_value="0",
        pattern="[01]",
    ),
    Setting(
        name="dictation_code",
        help="Diktatkürzel: initials of whoever made the file, two or four capitals",
        test_value="",
        pattern="([A-Z]{2}){0,2}",
    ),
    Setting(
        name="label",
        help="Bezeichnung: what the batch is called in front of its days",
        test_value="Kasse",
        pattern=r"[A-Za-z0-9_.\-/ ]{1,8}",
    ),
    Setting(
        name="automatic_accounts",
        help="on: DATEV takes the VAT out of what is booked on automatic accounts; off: they are "
        "switched off by key 40, and net and VAT are booked apart",
        test_value="on",
        pattern="on|off",
    ),
    Setting(
        name="reversals",
        help="sides: an entry that takes another back has debit and credit swapped; general: the "
        "sides of the first entry again, marked as Generalumkehr",
        test_value="sides",
        pattern="sides|general",
    ),
    Setting(
        name="account_names",
        help="1: a second file names the accounts of the chart (Kontenbeschriftungen)",
        test_value="0",
        pattern="[01]",
    ),
)


class DatevTarget(msgspec.Struct, frozen=True, kw_only=True):
    """The settings as the writer asks for them."""

    consultant: str = ""
    client: str = ""
    first_month: int = 1
    account_length: int = 4
    chart: str = ""
    locked: str = "0"
    dictation_code: str = ""
    label: str = "Kasse"
    is_automatic_off: bool = False
    is_general_reversal: bool = False
    has_account_names: bool = False

    def rules(self, accounts: Iterable[ChartAccount]) -> PostingRules:
        """How lines are posted with this chart."""
        return PostingRules(
            automatic=automatic_codes(accounts), is_automatic_off=self.is_automatic_off
        )


def target(settings: Mapping[str, str]) -> DatevTarget:
    """What was left out is as the help of its setting says."""
    said = {one.name: settings.get(one.name) or one.test_value or "" for one in SETTINGS}
    return DatevTarget(
        consultant=said["consultant_number"],
        client=said["client_number"],
        first_month=int(said["fiscal_year_month"]),
        account_length=int(said["account_length"]),
        chart=said["chart_number"],
        locked=said["locked"],
        dictation_code=said["dictation_code"],
        label=said["label"],
        is_automatic_off=said["automatic_accounts"] == "off",
        is_general_reversal=said["reversals"] == "general",
        has_account_names=said["account_names"] == "1",
    )


def expect_numbers(found: DatevTarget) -> None:
    """Raises `Refused` without what the first row must hold."""
    missing = {"consultant_number": found.consultant, "client_number": found.client}
    if paths := [name for name, value in missing.items() if not value]:
        raise Refused(NO_NUMBER, *paths)


@lru_cache(maxsize=4096)
def is_account(code: str, length: int) -> bool:
    """General ledger: up to the set length. A customer's or supplier's: exactly one digit more."""
    return bool(re.fullmatch(f"(?!0+$)[0-9]{{1,{length + 1}}}", code))


YEARS = range(2000, 2100)
"""In the first row and in days, DATEV knows years of this century only."""


@lru_cache(maxsize=512)
def is_day(day: date, first_month: int) -> bool:
    """Whether a file can hold the day: its fiscal year must begin and end in this century."""
    return day.year in YEARS and all(one.year in YEARS for one in fiscal_year(day, first_month))


def fiscal_year(day: date, first_month: int) -> tuple[date, date]:
    """The first and the last day of the fiscal year that has this day."""
    first = date(day.year - (day.month < first_month), first_month, 1)
    return first, first.replace(year=first.year + 1) - timedelta(days=1)
