"""How the kiosk's day is told on a terminal: a line for each step, as soon as it is over."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.panel import Panel

from fiscus.demo.berlin.till import TillStep
from fiscus.demo.client import Json

BERLIN = ZoneInfo("Europe/Berlin")

_TITLE = 40
_AMOUNTS = {
    "session_open": "opening_balance_amount",
    "session_cash_adjustment": "amount",
    "session_cash_count": "variance",
}
_SHOWN = 16
"""How many digits of a long number are enough to recognise it."""


def opening(console: Console) -> None:
    console.print(
        Panel(
            "A kiosk opens its doors, under German law. Its till speaks the Reporting API; a "
            "software TSE signs, whose keys can never become valid.",
            title="Berlin",
            padding=(0, 2),
        )
    )


def shop(console: Console, merchant: Json, location: Json, register: Json, tse: Json) -> None:
    console.print("\n[bold]The shop opens[/bold]")
    (identity,) = merchant["fiscal_identities"]
    console.print(f"  {merchant['legal_name']}, {merchant['address']['city']}", end="")
    console.print(f" ({identity['tax_number']}, {identity['vat_id']}) is in service,")
    console.print(f"  its shop {location['name']} too, with one till: {register['name']}.")
    console.print(f"  It closes by itself at {location['cut_off_time']}.")
    kind = "test" if tse["is_test"] else "certified"
    console.print(f"  The till is fiscalized: {kind} TSE {tse['serial'][:_SHOWN]}…,", end="")
    console.print(f" certificate until {tse['usable_until'][:10]}.")


def head(console: Console) -> None:
    console.print("\n[bold]The day[/bold]")
    _row(console, "Time", "What happened", "€", "TSE no.", "Counter")


def step(console: Console, over: TillStep) -> None:
    at = datetime.fromisoformat(over.operation["updated_at"]).astimezone(BERLIN)
    amount = over.operation[_AMOUNTS.get(over.type, "total_amount")]
    if not over.is_completed:
        amount = "void"
    number, counter = "unsigned", ""
    if over.is_signed:
        number, counter = over.fiscal["document_number"], str(over.counter)
    _row(console, f"{at:%H:%M:%S}", over.title, amount, number, counter)


def note(console: Console, words: str) -> None:
    console.print(f"  {'':8}  [yellow]{words}[/yellow]")


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def closing(console: Console, made: Json, drawer: Decimal) -> None:
    fiscal, summary = made["fiscal"], made["summary"]
    at = datetime.fromisoformat(made["created_at"]).astimezone(BERLIN)
    words = f"Daily closing [green]Z {fiscal['z_number']}[/green]"
    console.print(f"  {at:%H:%M:%S}  {words}, signed with counter {fiscal['transaction_counter']}.")
    kinds = summary["by_operation_type"]
    console.print(f"\n[bold]Z {fiscal['z_number']}[/bold]")
    _sum(console, _counted(kinds["sales"]["count"], "sale"), kinds["sales"]["total_gross"])
    _sum(console, _counted(kinds["refunds"]["count"], "refund"), kinds["refunds"]["total_gross"])
    if exchanged := kinds.get("exchanges"):
        _sum(console, _counted(exchanged["count"], "exchange"), exchanged["total_gross"])
    _sum(console, "together", summary["total_gross"])
    for method, amount in summary["total_by_payment_method"].items():
        _sum(console, f"of it {method}", amount)
    for tax in summary["tax_breakdown"]:
        if Decimal(tax["rate"]):
            _sum(console, f"VAT {Decimal(tax['rate']):.0%} in it", tax["tax_amount"])
    console.print(f"  {summary['operation_count']} operations, {kinds['voids']['count']} voided.")
    console.print(f"  In the drawer, counted: {drawer:.2f} €.\n")


def _sum(console: Console, words: str, cents: int) -> None:
    console.print(f"  {words:20}{Decimal(cents) / 100:>10.2f} €")


def _row(console: Console, time: str, title: str, amount: str, number: str, counter: str) -> None:
    line = f"  {time:8}  {title:{_TITLE}}{amount:>8}  {number:>8}  {counter:>7}"
    console.print(line.rstrip(), highlight=False, soft_wrap=True)
