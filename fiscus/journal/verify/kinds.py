"""The kinds of entries: in which chains each may stand, and which members it has."""

from collections.abc import Mapping
from typing import NamedTuple

REGISTER, ORGANIZATION, INSTALLATION = "register", "organization", "installation"

EVERY = frozenset(("id", "kind", "chain", "epoch", "sequence", "previous", "at"))
"""The members of every body."""


class KindRule(NamedTuple):
    """What the page says about one kind. `required` and `allowed` have those of every body too."""

    chains: frozenset[str]
    required: frozenset[str]
    allowed: frozenset[str]
    concludes: bool
    tables: frozenset[str]


DEALING = ("session", "said", "by", "claim", "rows")
"""What every entry about an operation may have."""

AT_REGISTERS = frozenset(("session", "label", "frozen"))


def of_register(
    *required: str, optional: tuple[str, ...] = (), tables: frozenset[str] = AT_REGISTERS
) -> KindRule:
    must = EVERY | {"place", "relies", *required}
    concludes = "intent" in required and "faults" not in required
    return KindRule(frozenset((REGISTER,)), must, must | {*optional}, concludes, tables)


def of_registry(
    *required: str, tables: tuple[str, ...] = (), chains: tuple[str, ...] = (ORGANIZATION,)
) -> KindRule:
    must = EVERY | {"by", *required}
    return KindRule(frozenset(chains), must, must, False, frozenset(tables))


def states(table: str) -> KindRule:
    return of_registry("rows", tables=(table,))


SEALED = ("numbered", "seal", *DEALING)
NOTHING: frozenset[str] = frozenset()

KINDS: Mapping[str, KindRule] = {
    "intent@1": of_register(optional=("draft", *DEALING)),
    "document@1": of_register("intent", "draft", optional=("refers", *SEALED)),
    "void@1": of_register("intent", "refers", "draft", optional=SEALED),
    "abort@1": of_register("intent", "draft", optional=SEALED),
    "refusal@1": of_register("intent", "draft", "faults", optional=("refers", *DEALING)),
    "closing@1": of_register(
        "intent", "draft", "closing", "rows", optional=SEALED, tables=AT_REGISTERS | {"closing"}
    ),
    "outage@1": of_register("note", tables=NOTHING),
    "restored@1": of_register("refers", tables=NOTHING),
    "exchanged@1": of_register("note", tables=NOTHING),
    "organization@1": states("organization"),
    "taxpayer@1": states("taxpayer"),
    "location@1": states("location"),
    "register@1": states("register"),
    "subject@1": states("subject"),
    "device@1": states("device"),
    "fitting@1": states("fitting"),
    "series@1": states("series"),
    "label@1": states("label"),
    "adoption@1": of_registry("rows", "adoption", tables=("series",)),
    "request@1": of_registry("request"),
    "export@1": of_registry("export"),
    "retention@1": of_registry("erased"),
    "key@1": of_registry(
        "rows",
        "key",
        tables=("register_key", "setting_key"),
        chains=(ORGANIZATION, INSTALLATION),
    ),
    "secret@1": of_registry(
        "rows",
        tables=("setting_key", "data_key", "device"),
        chains=(ORGANIZATION, INSTALLATION),
    ),
    "settings@1": of_registry("settings", chains=(INSTALLATION,)),
    "finding@1": of_registry("finding", chains=(INSTALLATION,)),
    "bookkeeping@1": states("bookkeeping"),
    "booked@1": of_registry("booking"),
    "job@1": of_registry("job"),
    "task@1": of_registry("task", chains=(ORGANIZATION, INSTALLATION)),
    "subscription@1": states("webhook_subscription"),
    "report@1": of_registry("report"),
    "declared@1": states("declaration"),
    "person@1": states("person"),
    "signin@1": states("console_session"),
    "verification@1": of_registry("verification", chains=(INSTALLATION,)),
}

RELIED: Mapping[str, frozenset[str]] = {
    "taxpayer": frozenset(("taxpayer@1",)),
    "location": frozenset(("location@1",)),
    "register": frozenset(("register@1",)),
    "series": frozenset(("series@1", "adoption@1")),
}
"""By the name in `relies`: the kinds of entries that may be meant."""
