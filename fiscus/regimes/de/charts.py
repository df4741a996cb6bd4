"""Two charts that German accountants use, as far as a till needs them: SKR03 and SKR04.

The numbers are those of the charts; names are short descriptions of ours. Where charts have no
account for something, one of the client's own must be created: the rule says so. Where sources
differ, the rule says what to ask.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from fiscus.model.accounts import ChartAccount, ChartRule, ChartTax, StarterChart
from fiscus.regimes.de import documents

HAUFE_CASH = "Haufe on cash books"
RECHNUNGSFEE = "RechnungsFee, issue 163"
HAUFE_VOUCHERS = "Haufe on vouchers: the charts give no account, create one"
TILLHUB = "Tillhub/Unzer help"
ORDERBIRD = "orderbird on DATEV; the reduced rate on food eaten in, since 2026-01-01"

CREATE = "create this account in the client's chart, or name another"

VOUCHER_SOLD, VOUCHER_REDEEMED = "MehrzweckgutscheinKauf", "MehrzweckgutscheinEinloesung"
TIP_STAFF = "TrinkgeldAN"
ADVANCE = "Anzahlungseinstellung"

REVENUE = (
    documents.SALES,
    documents.SURCHARGE,
    documents.DISCOUNT,
    "EinzweckgutscheinKauf",
    "EinzweckgutscheinEinloesung",
    "TrinkgeldAG",
)
"""Cases booked as revenue of their rate, or taken from it."""

DEPOSITS = (documents.DEPOSIT, documents.DEPOSIT_RETURNED)
CARDS = ("ECKarte", "Kreditkarte", "ElZahlungsdienstleister")

DEPOSIT_DOUBT = "deposits may want a sub-account of their own"
EXEMPT_DOUBT = "this account is for § 4 no. 8 ff UStG; another reason, such as § 19, has another"
ZERO_DOUBT = "turnover at the rate of zero (§ 12 (3) UStG) may have an account of its own"
CASHLESS_DOUBT = "what was paid by transfer stays here until the bank credits it"
STORED_DOUBT = "a card of the shop's own is a voucher; one of another issuer is a receivable"
TIP_DOUBT = (
    "tips to the staff pass through: ask which account they stand on until they are paid out"
)
DIFFERENCE_DOUBT = "ask which accounts counted differences of the drawer stand on"


WAGE_DOUBT = (
    "a wage from the drawer pays what payroll has booked as owed; ask whether it is booked here, "
    "on an account that clears payroll, or as an expense at once"
)
UNMAPPED = {
    "movement/Einzahlung": "only whoever put the money in knows what for: ask which account such "
    "money stands on until that is settled, or use a reason that says more",
    "movement/Auszahlung": "only the receipt says what was paid: ask which account such money "
    "stands on until its receipt is booked, or use a reason that says more",
}
"""The law's words for "other" money in and out: an account for them would be a guess."""


class ChartNumbers(NamedTuple):
    """The numbers of one chart."""

    revenue_19: str
    revenue_7: str
    revenue_none: str
    revenue_exempt: str
    vat_19: str
    vat_7: str
    cash: str
    bank: str
    transit: str
    cards: str
    clearing: str
    vouchers: str
    tips: str
    empties: str
    short: str
    over: str
    owner_out: str
    owner_in: str
    receivables: str
    advances_19: str
    wages: str


SKR03_NUMBERS = ChartNumbers(
    revenue_19="8400",
    revenue_7="8300",
    revenue_none="8200",
    revenue_exempt="8100",
    vat_19="1776",
    vat_7="1771",
    cash="1000",
    bank="1200",
    transit="1360",
    cards="1361",
    clearing="1371",
    vouchers="1604",
    tips="1590",
    empties="8540",
    short="2309",
    over="2709",
    owner_out="1800",
    owner_in="1890",
    receivables="1400",
    advances_19="1718",
    wages="1740",
)
SKR04_NUMBERS = ChartNumbers(
    revenue_19="4400",
    revenue_7="4300",
    revenue_none="4200",
    revenue_exempt="4100",
    vat_19="3806",
    vat_7="3801",
    cash="1600",
    bank="1800",
    transit="1460",
    cards="1461",
    clearing="1462",
    vouchers="3304",
    tips="1370",
    empties="4520",
    short="6969",
    over="4839",
    owner_out="2100",
    owner_in="2180",
    receivables="1200",
    advances_19="3272",
    wages="3720",
)


def _accounts(numbers: ChartNumbers) -> tuple[ChartAccount, ...]:
    return (
        ChartAccount(code=numbers.revenue_19, name="Erlöse 19 % USt", is_automatic=True),
        ChartAccount(code=numbers.revenue_7, name="Erlöse 7 % USt", is_automatic=True),
        ChartAccount(code=numbers.revenue_none, name="Erlöse ohne USt"),
        ChartAccount(code=numbers.revenue_exempt, name="Erlöse steuerfrei § 4 Nr. 8 ff UStG"),
        ChartAccount(code=numbers.vat_19, name="Umsatzsteuer 19 %"),
        ChartAccount(code=numbers.vat_7, name="Umsatzsteuer 7 %"),
        ChartAccount(code=numbers.cash, name="Kasse"),
        ChartAccount(code=numbers.bank, name="Bank"),
        ChartAccount(code=numbers.transit, name="Geldtransit"),
        ChartAccount(code=numbers.cards, name="Geldtransit Karten"),
        ChartAccount(code=numbers.clearing, name="Verrechnung Kasse"),
        ChartAccount(code=numbers.vouchers, name="Gutscheine"),
        ChartAccount(code=numbers.tips, name="Durchlaufende Posten"),
        ChartAccount(code=numbers.empties, name="Erlöse Leergut"),
        ChartAccount(code=numbers.short, name="Kassenfehlbeträge"),
        ChartAccount(code=numbers.over, name="Kassenüberschüsse"),
        ChartAccount(code=numbers.owner_out, name="Privatentnahmen"),
        ChartAccount(code=numbers.owner_in, name="Privateinlagen"),
        ChartAccount(code=numbers.receivables, name="Forderungen aus Lieferungen und Leistungen"),
        ChartAccount(code=numbers.advances_19, name="Erhaltene Anzahlungen 19 % USt"),
        ChartAccount(code=numbers.wages, name="Verbindlichkeiten Lohn und Gehalt"),
    )


def _taxes(numbers: ChartNumbers) -> tuple[ChartTax, ...]:
    """The posting keys count only on accounts that are not automatic."""
    return (
        ChartTax(
            code="USt19",
            name="Umsatzsteuer 19 %",
            percentage=Decimal(19),
            account=numbers.vat_19,
            posting_key="0003",
        ),
        ChartTax(
            code="USt7",
            name="Umsatzsteuer 7 %",
            percentage=Decimal(7),
            account=numbers.vat_7,
            posting_key="0002",
        ),
    )


def _rules(numbers: ChartNumbers, clearing_doubt: str) -> Iterator[ChartRule]:
    yield ChartRule(key="clearing", account=numbers.clearing, doubt=clearing_doubt)
    for case in (*REVENUE, *DEPOSITS):
        yield from _of_case(numbers, case, DEPOSIT_DOUBT if case in DEPOSITS else "")
    for case in (VOUCHER_SOLD, VOUCHER_REDEEMED):
        key = f"case/{case}/nicht_steuerbar"
        yield ChartRule(key=key, account=numbers.vouchers, doubt=CREATE)
    key = f"case/{TIP_STAFF}/nicht_steuerbar"
    yield ChartRule(key=key, account=numbers.tips, doubt=TIP_DOUBT)
    yield ChartRule(key=f"case/{ADVANCE}/19", account=numbers.advances_19, tax="USt19")
    yield ChartRule(key="owed", account=numbers.receivables)
    yield ChartRule(key="payment/Bar", account=numbers.cash)
    for card in CARDS:
        yield ChartRule(key=f"payment/{card}", account=numbers.cards, doubt=CREATE)
    yield ChartRule(key="payment/Unbar", account=numbers.cards, doubt=CASHLESS_DOUBT)
    yield ChartRule(key="payment/Guthabenkarte", account=numbers.vouchers, doubt=STORED_DOUBT)
    yield ChartRule(key="movement/Geldtransit", account=numbers.transit)
    yield ChartRule(key="movement/Privatentnahme", account=numbers.owner_out)
    yield ChartRule(key="movement/Privateinlage", account=numbers.owner_in)
    yield ChartRule(key="movement/Lohnzahlung", account=numbers.wages, doubt=WAGE_DOUBT)
    yield ChartRule(key="difference/short", account=numbers.short, doubt=DIFFERENCE_DOUBT)
    yield ChartRule(key="difference/over", account=numbers.over, doubt=DIFFERENCE_DOUBT)


def _of_case(numbers: ChartNumbers, case: str, doubt: str) -> Iterator[ChartRule]:
    yield ChartRule(key=f"case/{case}/19", account=numbers.revenue_19, tax="USt19", doubt=doubt)
    yield ChartRule(key=f"case/{case}/7", account=numbers.revenue_7, tax="USt7", doubt=doubt)
    for why, account, more in (
        ("nicht_steuerbar", numbers.revenue_none, ""),
        ("nullsteuersatz", numbers.revenue_none, ZERO_DOUBT),
        ("umsatzsteuerfrei", numbers.revenue_exempt, EXEMPT_DOUBT),
    ):
        yield ChartRule(key=f"case/{case}/{why}", account=account, doubt=doubt or more)


SKR03 = StarterChart(
    code="SKR03",
    name="SKR03, Prozessgliederung",
    sources=(
        "trytond_account_de_skr03 7.8.1",
        ORDERBIRD,
        HAUFE_CASH,
        RECHNUNGSFEE,
        TILLHUB,
        HAUFE_VOUCHERS,
    ),
    accounts=_accounts(SKR03_NUMBERS),
    taxes=_taxes(SKR03_NUMBERS),
    rules=tuple(
        _rules(SKR03_NUMBERS, "some accountants clear a till over 1361 instead; ask which is free")
    ),
    unmapped=UNMAPPED,
)
SKR04 = StarterChart(
    code="SKR04",
    name="SKR04, Abschlussgliederung",
    sources=(
        "gf_account_de_skr04 8.0.3",
        ORDERBIRD,
        HAUFE_CASH,
        RECHNUNGSFEE,
        TILLHUB,
        HAUFE_VOUCHERS,
    ),
    accounts=_accounts(SKR04_NUMBERS),
    taxes=_taxes(SKR04_NUMBERS),
    rules=tuple(_rules(SKR04_NUMBERS, f"{CREATE}; 1484 is not free, it bears input tax")),
    unmapped=UNMAPPED,
)

CHARTS = (SKR03, SKR04)
