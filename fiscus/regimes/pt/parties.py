"""The buyer: its tax number, its country, and whether it is a business."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from fiscus.model.documents import Party
from fiscus.model.names import folded
from fiscus.model.tax_numbers import is_of, needs_its_country, plain, prefixed
from fiscus.regimes.pt.identity import has_nif_shape

FINAL_CONSUMER = "999999990"
NAMELESS = "Consumidor final"
HOME = "PT"
UNKNOWN_COUNTRY = "Desconhecido"

_LEGAL_PERSONS = ("5", "6", "8", "9")


class PartyNumber(NamedTuple):
    """A number without prefix, and whose it is: ISO 3166-1 alpha-2, or unknown."""

    country: str
    number: str


def as_read(buyer: Party | None) -> Party | None:
    """The buyer in the law's spelling: its number as plain letters and digits, without prefix where
    it is Portuguese or of the country of the address; a customer's code that is a tax number as
    such. What cannot be read stays as it is, for a rule to refuse."""
    if buyer is None:
        return None
    said = buyer.tax_number.strip()
    number, code = plain(said) or said, buyer.code.strip()
    if not number and is_tax_number(buyer):
        number, code = plain(code), ""
    number = _without_prefix(number, buyer.address.country if buyer.address else "")
    name = buyer.name.strip()
    if is_nameless(name) and not buyer.is_business:
        if number in ("", FINAL_CONSUMER):
            return Party(name=NAMELESS, code=code, is_staff=buyer.is_staff)
        name = ""
    read = msgspec.structs.replace(buyer, name=name, tax_number=number, code=code)
    return None if read == Party(is_staff=buyer.is_staff) else read


def is_tax_number(buyer: Party) -> bool:
    """Whether the code of a customer is a tax number, good or bad. Digits alone are one, and so is
    what has the prefix of a country or the letters of a foreign number; a word with a few digits is
    a code of the shop's own. The staff's numbers are the shop's own too."""
    return bool(buyer.code) and not buyer.address and not buyer.is_staff and looks_so(buyer.code)


def looks_so(code: str) -> bool:
    number = plain(code)
    found = prefixed(number)
    if number.isdecimal():
        return True
    if found and (found.is_meant or (found.country == HOME and found.number.isdecimal())):
        return True
    return needs_its_country(number)


def _without_prefix(number: str, country: str) -> str:
    found = prefixed(number)
    if found is None:
        return number
    if found.country == HOME and (country in ("", HOME) or found.number == FINAL_CONSUMER):
        return found.number
    if not country:
        return found.country + found.number
    return found.number if found.country == country and found.has_shape else number


def is_nameless(name: str) -> bool:
    """Whether it is the law's name for whoever gives none, however it is spelled."""
    return folded(name) == folded(NAMELESS)


def number_of(buyer: Party | None) -> PartyNumber:
    """Whose number the buyer bears: that of the final consumer if none. The country is that of the
    address, else of the number."""
    if buyer is None:
        return PartyNumber(HOME, FINAL_CONSUMER)
    number = buyer.tax_number or FINAL_CONSUMER
    if buyer.address:
        return PartyNumber(buyer.address.country, number)
    if number.isdecimal():
        return PartyNumber(HOME, number)
    found = prefixed(number)
    return (
        PartyNumber(*found) if found and found.is_country else PartyNumber(UNKNOWN_COUNTRY, number)
    )


def tax_number(buyer: Party | None) -> str:
    return number_of(buyer).number


def country(buyer: Party | None) -> str:
    return number_of(buyer).country


def named_on(buyer: Party | None, facts: Mapping[str, str]) -> PartyNumber:
    """Whose number a sealed document names in files and reports, and of which country: the number
    as sealed (`facts` of the seal), the country of the address, else as sealed, else by the shape
    of the number. Of who has neither number nor name nor code no country is known."""
    said = buyer or Party()
    number = "".join((facts.get("buyer_tax_number") or said.tax_number).split()) or FINAL_CONSUMER
    is_known = said.code.strip() or (said.name.strip() and not is_nameless(said.name))
    if number == FINAL_CONSUMER and not is_known:
        return PartyNumber(UNKNOWN_COUNTRY, number)
    if said.address:
        return PartyNumber(said.address.country.upper(), number)
    is_portuguese = len(number) == 9 and number.isascii() and number.isdigit()
    guessed = HOME if is_portuguese and number != FINAL_CONSUMER else UNKNOWN_COUNTRY
    return PartyNumber(facts.get("buyer_country", "") or guessed, number)


def contradicts_its_address(buyer: Party) -> bool:
    """Whether the number is that of another country than the address."""
    found = prefixed(buyer.tax_number)
    if found is None or buyer.address is None or not (found.is_of_union and found.is_meant):
        return False
    return found.has_shape and not is_of(buyer.address.country, found)


def has_good_number(buyer: Party) -> bool:
    """Whether the number may be one of its country: a NIF has nine digits and no zero before them,
    one under the prefix of its country has its shape, and no number is zeros alone. Whether a NIF
    like 222222222, which the authority's own manuals use, is somebody's tells its check digit."""
    where, number = number_of(buyer)
    if number == FINAL_CONSUMER:
        return True
    if not number.strip("0"):
        return False
    if where == HOME:
        return has_nif_shape(number)
    found = prefixed(buyer.tax_number)
    if buyer.address is None:
        return found is not None and found.is_country and found.has_shape
    return found is None or not is_of(where, found) or not found.is_meant or found.has_shape


def is_business(buyer: Party | None) -> bool:
    """Whether the buyer is a taxable person: by its own word, or by the number of a legal person.

    A foreign tax number counts as a business too: only businesses give one.
    """
    where, number = number_of(buyer)
    if buyer is None or number == FINAL_CONSUMER:
        return buyer is not None and buyer.is_business
    return buyer.is_business or where != HOME or number.startswith(_LEGAL_PERSONS)


def is_private_abroad(buyer: Party | None) -> bool:
    """Whether the buyer is a private person who does not live in Portugal. Its address tells where
    it lives; only who is named as a person or a business has one."""
    if buyer is None or buyer.address is None:
        return False
    return not buyer.is_business and buyer.address.country != HOME


def completed(said: Party | None, original: Party | None) -> Party | None:
    """The buyer of a note: that of its original, with what the note says besides. Who is known by a
    number may have another name and address by now. Somebody else stays so, for a rule to refuse.
    """
    if said is None or original is None or any(differences(said, original)):
        return original if said is None else said
    is_numbered = tax_number(original) != FINAL_CONSUMER
    first, second = (said, original) if is_numbered else (original, said)
    both = msgspec.structs.replace(
        first,
        name=first.name or second.name,
        tax_number=original.tax_number or said.tax_number,
        code=first.code or second.code,
        is_business=first.is_business or second.is_business,
        address=first.address or second.address,
    )
    return as_read(both)


def differences(said: Party, original: Party | None) -> Iterator[str]:
    """Where the buyer of a note is not the one of its original. Who has a number is known by it,
    and may have another name by now; others are known by name, or by the shop's own code."""
    known = original or Party()
    is_numbered = tax_number(known) != FINAL_CONSUMER
    if said.tax_number and not _is_same_number(said, known):
        yield "buyer.tax_number"
    elif said.address and known.address and said.address.country != known.address.country:
        yield "buyer.address.country"
    if said.name and _is_other_name(said, known, is_numbered=is_numbered):
        yield "buyer.name"
    if said.code and said.code != known.code and not is_numbered and not _name(known):
        yield "buyer.code"


def _is_same_number(said: Party, known: Party) -> bool:
    """The country counts too, except of who has no number; who gives no address now may mean the
    number that is known under one."""
    if said.tax_number == known.tax_number and not said.address:
        return True
    if FINAL_CONSUMER in (tax_number(said), tax_number(known)):
        return tax_number(said) == tax_number(known)
    return number_of(said) == number_of(known)


def _is_other_name(said: Party, known: Party, *, is_numbered: bool) -> bool:
    if is_nameless(said.name) and is_numbered:
        return True
    is_known = is_numbered and bool(said.tax_number or not known.name)
    return not is_known and _name(said) != _name(known)


def _name(buyer: Party) -> str:
    return "" if is_nameless(buyer.name) else folded(buyer.name)
