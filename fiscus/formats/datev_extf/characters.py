"""Which characters DATEV's files can hold: Windows-1252, and what is written for others."""

import re
import unicodedata
from functools import lru_cache

SPELLINGS = (
    "Ł=L ł=l Đ=D đ=d Ħ=H ħ=h ı=i Ŧ=T ŧ=t Ŋ=N ŋ=n ĸ=k ſ=s ẞ=SS ß=ss Æ=AE æ=ae Œ=OE œ=oe Ø=O ø=o "
    "Þ=Th þ=th Ð=D ð=d Ə=A ə=a ‐=- ‑=- ‒=- ―=- −=- ′=' ″=\" ⁄=/ ₺=TRY ₽=RUB ₹=INR ₴=UAH №=Nr. "
    "→=-> ←=<- ✓=x"
)
"""Letters and signs that do not come apart into a base letter and its marks."""

LETTERS = str.maketrans(dict(pair.split("=") for pair in SPELLINGS.split()))


def transliterated(text: str) -> str:
    """The text as DATEV can hold it. A word with one letter of another set is spelled with plain
    letters throughout (`Łódź` is `Lodz`). Control characters and line breaks are blanks. What has
    no spelling stays, and `foreign` names it."""
    if text.isascii() and text.isprintable():
        return text
    return _spelled(text)


def foreign(text: str) -> tuple[str, ...]:
    """Each character of the text that Windows-1252 lacks, as `☕ U+2615`, once."""
    if text.isascii():
        return ()
    return tuple(f"{one} U+{ord(one):04X}" for one in dict.fromkeys(text) if not _fits(one))


@lru_cache(maxsize=4096)
def _spelled(text: str) -> str:
    whole = unicodedata.normalize("NFC", text)
    whole = "".join(
        " " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in whole
    )
    return "".join(word if _fits(word) else _plain(word) for word in re.split(r"(\s+)", whole))


def _fits(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.translate(LETTERS))
    return "".join(
        one
        for one in letters
        if not unicodedata.combining(one) and unicodedata.category(one) != "Cf"
    ).translate(LETTERS)
