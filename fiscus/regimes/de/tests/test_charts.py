"""The charts a German company may begin with: each row of them, and what must be asked."""

import pytest

from fiscus.model.accounts import ChartRule, StarterChart
from fiscus.model.documents import DocumentKind, LinePurpose
from fiscus.regimes.de import documents
from fiscus.regimes.de.charts import SKR03, SKR04


def rules(chart: StarterChart) -> dict[str, ChartRule]:
    found = {each.key: each for each in chart.rules}
    assert len(found) == len(chart.rules)
    return found


@pytest.mark.parametrize(
    ("key", "of_skr03", "of_skr04", "tax", "is_certain"),
    [
        ("case/Umsatz/19", "8400", "4400", "USt19", True),
        ("case/Umsatz/7", "8300", "4300", "USt7", True),
        ("case/Umsatz/nicht_steuerbar", "8200", "4200", "", True),
        ("case/Umsatz/umsatzsteuerfrei", "8100", "4100", "", False),
        ("case/EinzweckgutscheinKauf/7", "8300", "4300", "USt7", True),
        ("case/EinzweckgutscheinEinloesung/19", "8400", "4400", "USt19", True),
        ("case/TrinkgeldAG/19", "8400", "4400", "USt19", True),
        ("case/Pfand/19", "8400", "4400", "USt19", False),
        ("case/PfandRueckzahlung/7", "8300", "4300", "USt7", False),
        ("case/MehrzweckgutscheinKauf/nicht_steuerbar", "1604", "3304", "", False),
        ("case/MehrzweckgutscheinEinloesung/nicht_steuerbar", "1604", "3304", "", False),
        ("case/TrinkgeldAN/nicht_steuerbar", "1590", "1370", "", False),
        ("case/Anzahlungseinstellung/19", "1718", "3272", "USt19", True),
        ("payment/Bar", "1000", "1600", "", True),
        ("payment/ECKarte", "1361", "1461", "", False),
        ("payment/ElZahlungsdienstleister", "1361", "1461", "", False),
        ("owed", "1400", "1200", "", True),
        ("movement/Geldtransit", "1360", "1460", "", True),
        ("movement/Privatentnahme", "1800", "2100", "", True),
        ("movement/Privateinlage", "1890", "2180", "", True),
        ("movement/Lohnzahlung", "1740", "3720", "", False),
        ("difference/short", "2309", "6969", "", False),
        ("difference/over", "2709", "4839", "", False),
        ("clearing", "1371", "1462", "", False),
    ],
)
def test_a_row_has_its_account_in_both_charts_and_says_what_is_not_certain(
    key: str, of_skr03: str, of_skr04: str, tax: str, is_certain: bool
) -> None:
    for chart, account in ((SKR03, of_skr03), (SKR04, of_skr04)):
        rule = rules(chart)[key]
        assert (rule.account, rule.tax) == (account, tax)
        assert (rule.doubt == "") is is_certain


def test_revenue_accounts_with_a_rate_are_automatic_and_no_others() -> None:
    for chart, codes in ((SKR03, {"8400", "8300"}), (SKR04, {"4400", "4300"})):
        assert {each.code for each in chart.accounts if each.is_automatic} == codes


def test_vat_is_owed_on_its_own_account() -> None:
    owed = {chart.code: [each.account for each in chart.taxes] for chart in (SKR03, SKR04)}

    assert owed == {"SKR03": ["1776", "1771"], "SKR04": ["3806", "3801"]}


def test_every_kind_of_payment_has_a_rule() -> None:
    wanted = {f"payment/{kind}" for kind in documents.PAYMENTS.values()}

    for chart in (SKR03, SKR04):
        assert wanted <= {*rules(chart)}


def test_every_movement_of_the_drawer_has_an_account_or_says_why_it_has_none() -> None:
    moved = {documents.CASES[one] for one in documents.DRAWER[DocumentKind.MOVEMENT]}
    wanted = {f"movement/{case}" for case in moved - {documents.CASES[LinePurpose.DIFFERENCE]}}

    for chart in (SKR03, SKR04):
        mapped = {key for key in rules(chart) if key.startswith("movement/")}
        assert mapped | {*chart.unmapped} == wanted
        assert not mapped & {*chart.unmapped}
    assert {*SKR03.unmapped} == {"movement/Einzahlung", "movement/Auszahlung"}
