"""The Portuguese chart of accounts (SNC), as far as a till needs it.

Numbers are those of the SNC; sub-accounts by rate, such as 71123, are a company's own: a rule for
`711{rate}` makes them. Names are short descriptions of ours.
"""

from collections.abc import Iterator

from fiscus.model.accounts import ChartAccount, ChartRule, ChartTax, StarterChart
from fiscus.model.amounts import plain
from fiscus.regimes.pt.documents import NC
from fiscus.regimes.pt.taxes import RATES

ODOO = "Odoo l10n_pt, account.account-pt.csv at 2e8c7ee"

GOODS, OWN_PRODUCTS, SERVICES = "711", "712", "721"
RETURNED, DISCOUNTED, SERVICES_DISCOUNTED = "717", "718", "728"
VAT, VAT_CORRECTED = "2433", "2434"
CLIENTS, POINT_OF_SALE = "2111", "2117"
CASH, BANK, VOUCHERS = "11", "12", "2781"
WAGES = "2312"

SERVICES_DOUBT = "ask which of 721 to 723 services stand on: coffee and meals served are services"
RETURNED_DOUBT = "ask which account services that are credited stand on"
CLEARING_DOUBT = (
    "account 2117 stands for the clearing of the tills here, and in some accounting programs for "
    "something else; ask which account is free"
)
VOUCHERS_DOUBT = "ask where meal cards, gift cards and vouchers stand; some use 2768"
OTHER_DOUBT = "ask where payments by other means stand until the bank credits them"
DIFFERENCE_DOUBT = "ask which accounts counted differences of the drawer stand on"
WAGES_DOUBT = (
    "a wage from the drawer pays what payroll has booked as owed; ask whether it is booked here, "
    "or as an expense at once"
)
UNMAPPED = {
    "movement/pay_in": "only whoever put the money in knows what for: ask which account such money "
    "stands on until that is settled, or use a reason that says more",
    "movement/pay_out": "only the receipt says what was paid: ask which account such money stands "
    "on until its receipt is booked, or use a reason that says more",
    "movement/owner_in": "it depends on the form of the company: a partner lends it or pays "
    "capital in, a sole trader does neither; ask which account it is",
    "movement/owner_out": "it depends on the form of the company: a partner takes profit, an "
    "advance on it or a loan, a sole trader none of these; ask which account it is",
}
"""What no chart can tell: an account for them would be a guess."""

ACCOUNTS = (
    ChartAccount(code=CASH, name="Caixa"),
    ChartAccount(code=BANK, name="Depósitos à ordem"),
    ChartAccount(code=CLIENTS, name="Clientes gerais"),
    ChartAccount(code=POINT_OF_SALE, name="Clientes, ponto de venda"),
    ChartAccount(code="218", name="Adiantamentos de clientes"),
    ChartAccount(code=WAGES, name="Remunerações a pagar ao pessoal"),
    ChartAccount(code=VAT, name="IVA liquidado"),
    ChartAccount(code=VAT_CORRECTED, name="IVA, regularizações"),
    ChartAccount(code=VOUCHERS, name="Vales e cartões, outros credores"),
    ChartAccount(code="6888", name="Faltas de caixa"),
    ChartAccount(code=GOODS, name="Vendas de mercadorias"),
    ChartAccount(code=OWN_PRODUCTS, name="Vendas de produtos acabados (cozinha própria)"),
    ChartAccount(code="716", name="IVA das vendas com imposto incluído"),
    ChartAccount(code=RETURNED, name="Devoluções de vendas"),
    ChartAccount(code=DISCOUNTED, name="Descontos em vendas"),
    ChartAccount(code=SERVICES, name="Prestações de serviços"),
    ChartAccount(code="722", name="Prestações de serviços, segunda conta"),
    ChartAccount(code="723", name="Prestações de serviços, terceira conta"),
    ChartAccount(code="726", name="IVA dos serviços com imposto incluído"),
    ChartAccount(code=SERVICES_DISCOUNTED, name="Descontos em serviços"),
    ChartAccount(code="7888", name="Sobras de caixa"),
)

RATES_NOW = tuple(rate for rate in RATES if rate.last.year == 9999)
"""The rates in force: one for each code of a region."""


def _taxes() -> Iterator[ChartTax]:
    """VAT of sales, and what credit notes take back of it, at each rate once."""
    for percentage in sorted({rate.percentage for rate in RATES_NOW}):
        rate = plain(percentage)
        yield ChartTax(
            code=f"IVA{rate}", name=f"IVA liquidado {rate} %", percentage=percentage, account=VAT
        )
        yield ChartTax(
            code=f"REG{rate}",
            name=f"IVA regularizações {rate} %",
            percentage=percentage,
            account=VAT_CORRECTED,
        )


def _rules() -> Iterator[ChartRule]:
    yield ChartRule(key="clearing", account=POINT_OF_SALE, doubt=CLEARING_DOUBT)
    for rate in RATES_NOW:
        yield from _of_tax(f"{rate.region}/{rate.tax_code}", plain(rate.percentage))
    for code in ("ISE", "NS"):
        yield from _of_tax(f"*/{code}", "")
    yield ChartRule(key="owed", account=CLIENTS)
    yield ChartRule(key="payment/NU", account=CASH)
    for mechanism in ("CC", "CD", "TB"):
        yield ChartRule(key=f"payment/{mechanism}", account=BANK)
    yield ChartRule(key="payment/OU", account=BANK, doubt=OTHER_DOUBT)
    for mechanism in ("CO", "TR"):
        yield ChartRule(key=f"payment/{mechanism}", account=VOUCHERS, doubt=VOUCHERS_DOUBT)
    yield ChartRule(key="movement/transit", account=BANK)
    yield ChartRule(key="movement/wage", account=WAGES, doubt=WAGES_DOUBT)
    yield ChartRule(key="difference/short", account="6888", doubt=DIFFERENCE_DOUBT)
    yield ChartRule(key="difference/over", account="7888", doubt=DIFFERENCE_DOUBT)


def _of_tax(tax: str, rate: str) -> Iterator[ChartRule]:
    sold, back = (f"IVA{rate}", f"REG{rate}") if rate else ("", "")
    yield ChartRule(key=f"sale/*/P/{tax}", account=GOODS, tax=sold)
    yield ChartRule(key=f"sale/*/S/{tax}", account=SERVICES, tax=sold, doubt=SERVICES_DOUBT)
    yield ChartRule(key=f"sale/{NC.code}/P/{tax}", account=RETURNED, tax=back)
    yield ChartRule(
        key=f"sale/{NC.code}/S/{tax}",
        account=SERVICES_DISCOUNTED,
        tax=back,
        doubt=RETURNED_DOUBT,
    )


SNC = StarterChart(
    code="SNC",
    name="SNC, Sistema de Normalização Contabilística",
    sources=(ODOO,),
    accounts=ACCOUNTS,
    taxes=tuple(_taxes()),
    rules=tuple(_rules()),
    unmapped=UNMAPPED,
)

CHARTS = (SNC,)
