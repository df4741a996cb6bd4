"""A composed line is one line under each rate of its parts, and adds up to itself."""

from decimal import Decimal

from fiscus.regimes.de import composed
from fiscus.regimes.de.assess import assess
from fiscus.regimes.de.tests.builders import a_case, a_draft, a_line, a_return, a_vat, told
from fiscus.regimes.de.tests.more_breaches import a_menu, a_part
from fiscus.regimes.de.tests.orders import an_order

MENU = a_menu(a_part("9.90"), a_part("3.00", "19", "G4"), a_part("1.10", "7", "B2"))


def test_a_menu_has_a_share_under_each_rate() -> None:
    seven, nineteen = composed.by_rate(MENU)

    assert (seven.vat.percentage, seven.vat.inclusive) == (Decimal(7), Decimal("11.00"))
    assert (nineteen.vat.percentage, nineteen.vat.inclusive) == (Decimal(19), Decimal("3.00"))
    assert [part.product for part in seven.parts] == ["S1", "B2"]
    assert seven.vat.amount + nineteen.vat.amount == MENU.vat.amount


def test_a_line_under_one_rate_stays_one() -> None:
    plain, same = a_line(), a_line("9.90", vat=a_vat("9.90", "7"), parts=(a_part(),))

    assert composed.by_rate(plain) == (plain,)
    assert composed.by_rate(same) == (same,)
    assert not composed.has_several_rates(same)


def test_each_part_bears_its_rate_where_it_stands() -> None:
    paths = [path for path, _ in composed.bearers(a_draft(a_line(), MENU))]

    assert paths == ["lines[0]", "lines[1].parts[0]", "lines[1].parts[1]", "lines[1].parts[2]"]


def test_a_line_under_one_rate_is_judged_with_its_parts() -> None:
    same = a_line("9.90", vat=a_vat("9.90", "7"), parts=(a_part(),))

    paths = [path for path, _ in composed.bearers(a_draft(same))]

    assert paths == ["lines[0]", "lines[0].parts[0]"]


def test_the_law_sees_one_number_and_two_rates() -> None:
    lines = assess(a_case(a_draft(MENU, a_line()))).lines

    assert [(line.number, line.tax_code) for line in lines] == [(1, "2"), (1, "1"), (2, "1")]
    assert [len(line.parts) for line in lines] == [2, 1, 0]
    assert {line.unit_gross for line in lines[:2]} == {MENU.unit_price}


def test_the_device_is_told_both_rates() -> None:
    assert told(a_case(a_draft(MENU))).process_data == "Beleg^3.00_11.00_0.00_0.00_0.00^14.00:Bar"
    back = told(a_case(a_return(MENU))).process_data
    assert back == "Beleg^-3.00_-11.00_0.00_0.00_0.00^-14.00:Bar"


def test_an_order_tells_the_device_a_menu_once() -> None:
    """Told once for each of its rates, it was in no file that its own check let pass."""
    asked = told(a_case(an_order(MENU, a_line("4.50", "Tee"))))

    assert asked.process_data == f'1;"{MENU.text}";14.00\r1;"Tee";4.50'
