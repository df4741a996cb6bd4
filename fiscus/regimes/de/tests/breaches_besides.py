"""What is said besides: a case that breaks each rule of it."""

from decimal import Decimal

from fiscus.model.documents import Party, StatedShare
from fiscus.model.records import Case
from fiscus.regimes.de.tests.builders import a_case, a_draft, a_line, an_address, with_

WRONG = StatedShare(percentage=Decimal(19), amount=Decimal("999.99"))
ABROAD = Party(name="Ana", address=an_address(), is_foreign=True)

BREACHES: list[tuple[str, Case, tuple[str, ...]]] = [
    (
        "DE-BREAKDOWN-01",
        a_case(a_draft(a_line("11.90"), breakdown=(WRONG,))),
        ("breakdown[0].amount",),
    ),
    (
        "DE-PRICE-01",
        a_case(a_draft(with_(a_line("11.90"), unit_net=Decimal("11.90")))),
        ("lines[0].unit_net",),
    ),
    ("DE-PLACE-01", a_case(a_draft(payment_terms="30 Tage")), ("payment_terms",)),
    ("DE-ORIGIN-01", a_case(a_draft(buyer=ABROAD)), ("buyer.is_foreign",)),
]
