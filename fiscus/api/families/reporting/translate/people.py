"""Who served and who bought, in neutral words. Pure."""

import msgspec

from fiscus.api.families.reporting.wire.people import CustomerAddress, KnownCustomer, Operator
from fiscus.model.countries import ALPHA2
from fiscus.model.documents import Address, Draft, Party


def served(draft: Draft, operator: Operator | None) -> Draft:
    """The draft with the person who did it; as it is if nobody is named."""
    if operator is None:
        return draft
    return msgspec.structs.replace(draft, operator=operator.id, operator_name=operator.name or "")


def buyer(customer: KnownCustomer | None) -> Party | None:
    if customer is None:
        return None
    return Party(
        name=customer.name or "",
        code=customer.number or "",
        sort=customer.type or "",
        vat_number=customer.vat_id or "",
        address=_address(customer.address) if customer.address else None,
    )


def _address(place: CustomerAddress) -> Address:
    return Address(
        street=place.line1,
        code=place.postal_code,
        city=place.city,
        country=ALPHA2[place.country_code],
    )
