"""Cases that break the sentences about orders and tabs, with the code and the places."""

from fiscus.model.documents import LinePurpose
from fiscus.model.records import Case
from fiscus.regimes.de.tests.builders import (
    a_case,
    a_draft,
    a_line,
    a_return,
    back,
    money,
    paid,
    with_,
)
from fiscus.regimes.de.tests.orders import an_order, with_tab

_ALL_BILLED = (an_order(a_line()), a_draft(a_line(), tab="r-0"))


def _elsewhere() -> Case:
    case = with_tab(a_draft(a_line()))
    return with_(case, tab=(with_(case.tab[0], chain="another register"),))


def _of_a_sale() -> Case:
    return with_tab(a_draft(a_line()), a_draft(a_line()))


ORDER_BREACHES: list[tuple[str, Case, tuple[str, ...]]] = [
    ("DE-TEXT-01", a_case(a_draft(groups=("Saal", "T" * 51))), ("groups[1]",)),
    ("DE-ORDER-01", a_case(an_order(payments=(paid("15.35"),))), ("payments",)),
    ("DE-ORDER-01", a_case(with_(an_order(), lines=())), ("lines",)),
    ("DE-ORDER-02", a_case(an_order(a_line(), a_line(is_voucher=True))), ("lines[1].purpose",)),
    (
        "DE-ORDER-02",
        a_case(an_order(money(LinePurpose.TIP_STAFF, "1.00"))),
        ("lines[0].purpose",),
    ),
    ("DE-ORDER-03", a_case(an_order(groups=())), ("groups",)),
    ("DE-ORDER-04", with_tab(a_return(a_line())), ("tab",)),
    ("DE-ORDER-05", _elsewhere(), ("tab",)),
    ("DE-ORDER-05", _of_a_sale(), ("tab",)),
    ("DE-ORDER-05", with_tab(a_draft(a_line(), is_training=True)), ("tab",)),
    ("DE-ORDER-06", with_tab(an_order(a_line()), *_ALL_BILLED), ("tab",)),
    (
        "DE-ORDER-07",
        with_tab(an_order(back(a_line("30.00", quantity="3")))),
        ("lines[0].quantity",),
    ),
    ("DE-ORDER-07", with_tab(an_order(back(a_line("9.00")))), ("lines[0].unit_price",)),
    ("DE-ORDER-07", a_case(an_order(back(a_line()))), ("lines[0].quantity",)),
    ("DE-ORDER-08", with_tab(a_draft(a_line("30.00", quantity="3"))), ("lines[0].quantity",)),
    ("DE-ORDER-08", with_tab(a_draft(a_line(text="Kanne"))), ("lines[0].quantity",)),
    ("DE-ORDER-08", with_tab(a_draft(a_line("10.02"))), ("lines[0].unit_price",)),
    (
        "DE-ORDER-08",
        with_tab(a_draft(a_line("22.00", quantity="2"))),
        ("lines[0].unit_price",),
    ),
]

LAWFUL_ORDERS: dict[str, Case] = {
    "an order": a_case(an_order()),
    "an order of a deposit": a_case(an_order(a_line(purpose=LinePurpose.DEPOSIT))),
    "one that is taken back at once": a_case(an_order(a_line(), back(a_line()))),
    "one that takes back": with_tab(an_order(back(a_line("20.00", quantity="2")))),
    "one for a tab of which nothing is left": with_tab(
        an_order(), an_order(a_line()), an_order(back(a_line()), tab="r-0")
    ),
    "a bill": with_tab(a_draft(a_line("20.00", quantity="2"))),
    "a part of a bill": with_tab(a_draft(a_line("5.00", quantity="0.5"))),
    "a cheaper bill": with_tab(a_draft(a_line("9.00"))),
    "a bill and a tip": with_tab(a_draft(a_line(), money(LinePurpose.TIP_STAFF, "1.00"))),
    "a bill with empties": with_tab(
        a_draft(a_line(), back(a_line("0.25", "Pfand", purpose=LinePurpose.DEPOSIT)))
    ),
    "a sale at a table": a_case(a_draft(groups=("Tisch 5",))),
    "an order in training": with_tab(
        an_order(is_training=True), an_order(a_line(), is_training=True)
    ),
}
