"""A shop in whose names, titles and remarks stands what breaks pages that trust them."""

from dataclasses import replace

from fiscus.registry.tests.builders import a_nif
from tests.support import words
from tests.support.till import Till

SCRIPT = "<script>document.title='broken in'</script>"
PICTURE = "\"><img src=x onerror=document.title='broken in'>"
TEMPLATE = "{{ 7 * 7 }}${7 * 7}"
BACKWARDS = "abc \u200fעברית\u200f 123 العربية"
ENDLESS = "W" * 200
NAME = f"{SCRIPT} Lda."


def opened(owner: Till) -> str:
    """The shop with a few documents; gives the organization's name."""
    unit = owner.made("/organizations", {"type": "UNIT", "name": NAME})
    maker = replace(owner, scope=unit["id"])
    said = maker.made("/subjects", {"type": "API_KEY", "name": "pos-1"})["credentials"]
    till = replace(owner, scope="").with_token(said["key"], said["secret"])
    till.nif = a_nif(7)
    address = {**words.address(), "city": PICTURE}
    till.opens_shop(
        words.taxpayer(
            name={"legal": NAME, "trade": PICTURE},
            address=address,
            fiscalization=words.fiscalization(till.nif),
        ),
        city=SCRIPT,
    )
    customer = {**words.business(), "name": PICTURE}
    for title in (SCRIPT, PICTURE, TEMPLATE, BACKWARDS, ENDLESS):
        till.sells(words.receipt(words.line(title)))
    till.sells(words.invoice(words.line(SCRIPT), recipients=[customer]))
    return NAME
