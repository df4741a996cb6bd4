"""The chart a Portuguese company may begin with: each row of it, and what must be asked."""

import pytest

from fiscus.model.accounts import ChartRule
from fiscus.model.documents import LinePurpose
from fiscus.regimes.pt.charts import SNC
from fiscus.regimes.pt.mechanisms import MECHANISMS
from fiscus.regimes.pt.taxes import REGIONS


def rules() -> dict[str, ChartRule]:
    found = {each.key: each for each in SNC.rules}
    assert len(found) == len(SNC.rules)
    return found


@pytest.mark.parametrize(
    ("key", "account", "tax", "is_certain"),
    [
        ("sale/*/P/PT/NOR", "711", "IVA23", True),
        ("sale/*/S/PT/INT", "721", "IVA13", False),
        ("sale/NC/P/PT/RED", "717", "REG6", True),
        ("sale/NC/S/PT/NOR", "728", "REG23", False),
        ("sale/*/P/PT-AC/NOR", "711", "IVA16", True),
        ("sale/*/P/PT-MA/RED", "711", "IVA4", True),
        ("sale/*/P/*/ISE", "711", "", True),
        ("sale/NC/P/*/NS", "717", "", True),
        ("payment/NU", "11", "", True),
        ("payment/CD", "12", "", True),
        ("payment/TB", "12", "", True),
        ("payment/TR", "2781", "", False),
        ("owed", "2111", "", True),
        ("movement/transit", "12", "", True),
        ("movement/wage", "2312", "", False),
        ("difference/short", "6888", "", False),
        ("difference/over", "7888", "", False),
        ("clearing", "2117", "", False),
    ],
)
def test_a_row_has_its_account_and_says_what_is_not_certain(
    key: str, account: str, tax: str, is_certain: bool
) -> None:
    rule = rules()[key]

    assert (rule.account, rule.tax) == (account, tax)
    assert (rule.doubt == "") is is_certain


def test_vat_of_sales_and_of_credit_notes_is_owed_on_two_accounts() -> None:
    assert {each.code[:3]: each.account for each in SNC.taxes} == {"IVA": "2433", "REG": "2434"}


def test_every_region_has_three_rates_and_every_mechanism_an_account() -> None:
    for region in REGIONS:
        assert {f"sale/*/P/{region}/{code}" for code in ("NOR", "INT", "RED")} <= {*rules()}
    assert {f"payment/{each}" for each in MECHANISMS.values()} <= {*rules()}


MOVED = ("transit", "pay_in", "pay_out", "owner_in", "owner_out", "wage")
"""What is put into the drawer or taken out, beside the float and differences."""


def test_every_movement_of_the_drawer_has_an_account_or_says_why_it_has_none() -> None:
    mapped = {key for key in rules() if key.startswith("movement/")}

    assert mapped | {*SNC.unmapped} == {f"movement/{LinePurpose(one).value}" for one in MOVED}
    assert mapped == {"movement/transit", "movement/wage"}
