"""What a caller may say that no document, file or report of ours has a place for: it is refused,
because it would be lost. Pure."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fiscus.api.families.unified.translate.contents import as_json
from fiscus.api.families.unified.wire.scalars import Wire
from fiscus.model.faults import Code, Refused

UNPLACED = Code(
    "UNIFIED-MEMBER-01",
    "no document and no file has a place for this member: it would be lost; leave it out, or"
    " write it into the text of the document",
)

_HERE = frozenset({"operation", "data"})
"""What holds a document without being part of what it says."""

_UNPLACED = re.compile(
    r"(?:document\.references\.(?:buyer|project|contract|tender|buyer_routing|preceding_document)"
    r"|seller|tax_representative"
    r"|recipients\.(?:invoicing|buyer_id|company_id)"
    r"|entries\.data(?:\.items)?\.product\.(?:code|details\.date_of_(?:entry|production))"
    r"|entries\.data\.items\.product\.details\.serial"
    r"|payments\.instruction)"
)
_ELSEWHERE = "content.operation.data.document.references.preceding_document"
_FACTOR = re.compile(r"entries\.data(?:\.items)?\.unit\.factor")
_OFFSET = "record.offset"


def expect_places(content: Wire) -> None:
    """Raises `Refused` with all members of the content of a record that nothing is made of.
    `content` is what was said, in any version."""
    said = as_json(content)
    found = [place for place in _found(said, "content", "") if not _is_corrected(place, said)]
    if found:
        raise Refused(UNPLACED, *found)


def _is_corrected(place: str, content: Any) -> bool:
    """A correction names a document from elsewhere, once."""
    return place == _ELSEWHERE and "preceding_document" not in content["operation"]


def _found(said: Any, place: str, name: str) -> Iterator[str]:
    """`place` is where it stands, `name` the same below the document, without counting items."""
    if isinstance(said, list):
        for i, item in enumerate(said):
            yield from _found(item, f"{place}[{i}]", name)
    elif _is_unplaced(name, said):
        yield place
    elif isinstance(said, dict):
        for member, value in said.items():
            below = "" if member in _HERE and not name else f"{name}.{member}".strip(".")
            yield from _found(value, f"{place}.{member}", below)


def _is_unplaced(name: str, said: Any) -> bool:
    """A factor of one and the first of one offline record say nothing."""
    if _FACTOR.fullmatch(name):
        return Decimal(said) != 1
    if name == _OFFSET:
        return int(said) > 0
    return _UNPLACED.fullmatch(name) is not None
