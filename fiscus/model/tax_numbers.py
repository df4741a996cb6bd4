"""Tax numbers as people write them, and the shapes that VAT numbers have in the Union."""

import re
from typing import NamedTuple
from unicodedata import category, decimal, normalize

from fiscus.model.countries import ALPHA3

_WRITTEN = """
    AT:U[0-9]{8}  BE:[01]?[0-9]{9}  BG:[0-9]{9,10}  CY:[0-9]{8}[A-Z]  CZ:[0-9]{8,10}  DE:[0-9]{9}
    DK:[0-9]{8}  EE:[0-9]{9}  ES:[A-Z0-9][0-9]{7}[A-Z0-9]  FI:[0-9]{8}  FR:[A-Z0-9]{2}[0-9]{9}
    GB:[0-9]{9}|[0-9]{12}  GR:[0-9]{9}  HR:[0-9]{11}  HU:[0-9]{8}
    IE:[0-9][A-Z0-9][0-9]{5}[A-Z]{1,2}  IT:[0-9]{11}  LT:[0-9]{9}|[0-9]{12}  LU:[0-9]{8}
    LV:[0-9]{11}  MT:[0-9]{8}  NL:[0-9]{9}B[0-9]{2}  PL:[0-9]{10}  PT:[0-9]{9}  RO:[0-9]{2,10}
    SE:[0-9]{12}  SI:[0-9]{8}  SK:[0-9]{10}
"""
"""What follows the prefix, by country: the Union, and the United Kingdom before and after."""

_OTHERS_WRITTEN = "EL:GR XI:GB"
"""VAT prefixes that are not the ISO code of their country."""

_SHARED_WRITTEN = "MC:FR GF:FR GP:FR MQ:FR RE:FR YT:FR AX:FI IM:GB"
"""Places whose businesses bear the VAT numbers of another country."""


def _table(written: str) -> dict[str, str]:
    return dict(each.split(":") for each in written.split())


_SHAPES = {country: re.compile(shape) for country, shape in _table(_WRITTEN).items()}
_OTHER_PREFIXES, _SHARED = _table(_OTHERS_WRITTEN), _table(_SHARED_WRITTEN)

_PREFIXED = re.compile("([A-Z]{2})([A-Z0-9]+)")
_AROUND = " ()[]{}<>;*\"'«»"
_NUMBER_SIGN = re.compile(r"n\s*\.?\s*[º°]", re.IGNORECASE)
_LABEL = re.compile("(?:NIF|NIPC|CIF|VAT|CONTRIBUINTE)(?:ID|NO|NR|N)?(?=[A-Z]{0,3}[0-9])")
_MEANT = re.compile("[A-Z]{0,2}[0-9][A-Z0-9]*")
_LETTERS_BEHIND = re.compile("[0-9]{8,}[A-Z]{1,3}")
_OTHERS = re.compile("[0-9]{7,}[A-Z]{0,3}|E[0-9]{9}[A-Z]{0,4}")
_DIGITS_MIN = 5


class PrefixedNumber(NamedTuple):
    """`country` is ISO 3166-1 alpha-2, or the letters as they are if no country has them."""

    country: str
    number: str

    @property
    def is_country(self) -> bool:
        return self.country in ALPHA3

    @property
    def is_of_union(self) -> bool:
        return self.country in _SHAPES

    @property
    def has_shape(self) -> bool:
        """Whether what follows may be a number of that country; where we know no shape, any may."""
        shape = _SHAPES.get(self.country)
        return self.is_country and (shape is None or shape.fullmatch(self.number) is not None)

    @property
    def is_meant(self) -> bool:
        """Whether this looks like a number under a prefix, good or bad, and not like a word: at
        most two letters before the digits, one where no number of that country has two, and
        digits enough."""
        if not self.is_of_union:
            return _OTHERS.fullmatch(self.number) is not None
        has_two = _SHAPES[self.country].pattern.startswith("[A-Z0-9]{2}")
        is_word = self.number[:2].isalpha() and not has_two
        digits = sum(map(str.isdecimal, self.number))
        return digits >= _DIGITS_MIN and not is_word and bool(_MEANT.fullmatch(self.number))


def plain(text: str) -> str:
    """The letters and digits of a number: capitals, digits of any script as 0-9, no separators,
    nothing invisible, and no word or sign before it that says what it is."""
    bare = _NUMBER_SIGN.sub("", text.strip(_AROUND))
    letters = "".join(_plain(each) for each in normalize("NFKC", bare)).upper()
    return _LABEL.sub("", letters, count=1) if _LABEL.match(letters) else letters


def _plain(character: str) -> str:
    digit = decimal(character, None)
    if digit is not None:
        return str(int(digit))
    is_left_out = character in "._/,:#'" or category(character)[0] in "ZC"
    return "" if is_left_out or category(character) == "Pd" else character


def prefixed(number: str) -> PrefixedNumber | None:
    """The country letters before a plain number, if that is what it begins with."""
    found = _PREFIXED.fullmatch(number)
    return PrefixedNumber(_OTHER_PREFIXES.get(found[1], found[1]), found[2]) if found else None


def is_of(country: str, found: PrefixedNumber) -> bool:
    """Whether a business of the country may bear a number with this prefix."""
    return found.country == _SHARED.get(country, country)


def needs_its_country(number: str) -> bool:
    """Whether it has the shape of a number with letters, so that it is no word, though nobody can
    tell which country's it is: `B12345678`."""
    if number.isdecimal():
        return False
    shapes = (_LETTERS_BEHIND, *_SHAPES.values())
    return any(shape.fullmatch(number) for shape in shapes)
