"""Which customers' numbers DATEV takes as VAT identification numbers of another country."""

import re
from functools import lru_cache

FOREIGN_ID = re.compile(
    r"(AT|BE|BG|CY|CZ|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)"
    r"[A-Z0-9+*]{2,13}"
)


@lru_cache(maxsize=4096)
def column_40(number: str) -> str:
    """EU-Land und USt-IdNr.: the number without blanks and dots, of another country of the Union.
    Any other number stays out of the column, because DATEV would check it as one."""
    bare = re.sub(r"[\s.\-]", "", number).upper()
    bare = f"EL{bare[2:]}" if bare.startswith("GR") else bare
    return bare if FOREIGN_ID.fullmatch(bare) else ""
