"""Faults at the places of the body as it was sent."""

import re
from collections.abc import Mapping

import msgspec

from fiscus.model.faults import Trouble

MEMBERS: Mapping[str, str] = {
    "entries": "accountingEntryIds",
    "company": "companyId",
    "sort": "sorting_keys",
    "expires_in": "expiresIn",
    "contra_key": "contraKey",
    "sub_type": "subType",
    "partner_tax_number": "partnerTaxNumber",
    "day": "bookkeepingDate",
}
"""Our word for a field, and the contract's member or parameter."""

_HEAD = re.compile(r"\w*", re.ASCII)


def told(trouble: Trouble) -> Trouble:
    """The same trouble in the contract's words."""
    moved = tuple(
        msgspec.structs.replace(one, paths=tuple(map(_path, one.paths))) for one in trouble.faults
    )
    return type(trouble)(trouble.code, *trouble.paths, faults=moved)


def _path(path: str) -> str:
    head = _HEAD.match(path)
    assert head is not None  # it fits every text
    return f"{MEMBERS.get(head[0], head[0])}{path[head.end() :]}"
