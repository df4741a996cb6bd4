"""Who served and who bought are told in neutral words; who is not named is not made up."""

from fiscus.api.families.reporting.translate import people
from fiscus.api.families.reporting.wire.people import KnownCustomer, Operator
from fiscus.model.documents import Address, DocumentKind, Draft, Party

SALE = Draft(kind=DocumentKind.RECEIPT, operator="1", operator_name="Anna")


def test_who_serves_is_the_operator() -> None:
    served = people.served(SALE, Operator(id="K7", name="Änne"))

    assert (served.operator, served.operator_name) == ("K7", "Änne")


def test_another_code_takes_the_name_away() -> None:
    assert people.served(SALE, Operator(id="K8")).operator_name == ""


def test_nobody_changes_nothing() -> None:
    assert people.served(SALE, None) is SALE


def test_a_customer_is_what_the_till_knows() -> None:
    address = {"line1": "Ring 1", "city": "Wien", "postal_code": "1020", "country_code": "AUT"}
    whole = KnownCustomer.model_validate(
        {"name": "Jo", "number": "7", "type": "VIP", "vat_id": "ATU12345675", "address": address}
    )

    assert people.buyer(whole) == Party(
        name="Jo",
        code="7",
        sort="VIP",
        vat_number="ATU12345675",
        address=Address(street="Ring 1", code="1020", city="Wien", country="AT"),
    )
    assert people.buyer(KnownCustomer(name="Jo")) == Party(name="Jo")
    assert people.buyer(None) is None
