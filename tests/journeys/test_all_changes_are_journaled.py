"""Whatever an operation of any family changes, an entry of a chain says so, and who asked for it.

The examples are written by hand, the list of operations is not: who adds an operation that changes
something adds an example here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from fiscus.api import families
from fiscus.api.families.reporting.tests.berlin import a_sale
from fiscus.api.families.reporting.tests.caller import a_location, a_merchant
from fiscus.journal import encode
from fiscus.model.kinds import EntryKind
from fiscus.reporting.tests.authority import YES
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY, SUBJECT
from tests.journeys.book_changes import Change, Place, Prepared, export_jobs
from tests.journeys.register_changes import (
    CASH_OUT,
    LEG,
    SESSION_CLOSE,
    SESSION_OPEN,
    a_day,
    an_export,
    kiosk,
    merchant,
    opened,
    operating,
    out_of_use,
    place,
    register,
)
from tests.support import words
from tests.support.premises import Premises
from tests.support.telling import tell
from tests.support.till import Json, Till, envelope

READING = ("GET",)

KEEPS_NOTHING: Mapping[Place, str] = {
    ("POST", "/tokens"): "a bearer token is signed and handed out: no row is written, and none of "
    "what it opens was closed to the key and its secret before",
    (
        "POST",
        "/v1/subscriptions/{subscription_id}/deliveries/{delivery_id}/redeliver",
    ): "the same message is sent once more: deliveries are work, and what it says is not changed",
    ("POST", "/v1/accounting-entries:search"): "a search is a reading, whose question is long",
    ("POST", "/v3/export-job-items:search"): "a search is a reading, whose question is long",
}
"""Operations that are no reading by their method and leave nothing behind, with the reason."""


OWN_DOINGS: Mapping[str, str] = {
    "secret@1": "the data key of a tenant is made when the first secret of it is closed",
    "series@1": "a series is registered when the first document wants a number of it",
}
"""What the service decides itself while it carries a request out, with the reason."""


def of_till(till: Till, method: str, path: str, body: Any) -> Change:
    return Change(key=till.credentials[0], send=lambda: till.send(method, path, body))


def group(path: str, what: Callable[[Till], Json], metadata: Json | None = None) -> Prepared:
    def change(premises: Premises) -> Change:
        return of_till(premises.group(), "POST", path, envelope(what(premises.group()), metadata))

    return change


A_KEY: Json = {"type": "API_KEY", "name": "pos-9"}
A_PERSON: Json = {"type": "USER", "name": "Ana", "code": "K7"}


def in_unit(what: Json) -> Prepared:
    def change(premises: Premises) -> Change:
        till = premises.group()
        till.scope = till.made("/organizations", {"type": "UNIT", "name": "Padaria"})["id"]
        return of_till(till, "POST", "/subjects", envelope(what))

    return change


def of_subject(what: Json | None, metadata: Json | None = None, of: Json = A_KEY) -> Prepared:
    def change(premises: Premises) -> Change:
        till = premises.group()
        unit = premises.unit()
        till.scope = unit.organization
        made = till.made("/subjects", of)
        till.scope = ""
        body: Json = {"content": what} if what else {}
        return of_till(
            till,
            "PATCH",
            f"/subjects/{made['id']}",
            body | ({"metadata": metadata} if metadata else {}),
        )

    return change


def of_organization(body: Json) -> Prepared:
    def change(premises: Premises) -> Change:
        till = premises.group()
        return of_till(till, "PATCH", f"/organizations/{premises.unit().organization}", body)

    return change


def of_shop(method: str, path: str, body: Callable[[Till], Any]) -> Prepared:
    """In a shop in Lisbon that is in service."""

    def change(premises: Premises) -> Change:
        till = premises.unit().opens_shop()
        said = body(till)
        where = path.format(taxpayer=till.taxpayer, location=till.location, system=till.system)
        return of_till(till, method, where, said)

    return change


def unopened(method: str, path: str, body: Callable[[Till], Any]) -> Prepared:
    """In a unit whose places are not in service."""

    def change(premises: Premises) -> Change:
        till = premises.unit()
        till.acquires()
        said = body(till)
        where = path.format(taxpayer=till.taxpayer, location=till.location, system=till.system)
        return of_till(till, method, where, said)

    return change


def labelled(premises: Premises) -> Change:
    till = premises.unit().opens_shop()
    record = till.sells(words.receipt())
    return of_till(till, "PATCH", f"/records/{record['id']}", {"metadata": {"table": "7"}})


def unlabelled(premises: Premises) -> Change:
    till = premises.unit().opens_shop()
    record = till.sells(words.receipt())
    path = f"/records/{record['id']}"
    till.send("PATCH", path, {"metadata": {"table": "7"}})
    return of_till(till, "PATCH", path, {"metadata": {"table": ""}})


def concluding(operation: Json) -> Callable[[Till], Json]:
    def body(till: Till) -> Json:
        record = {"id": till.intends()}
        return envelope({"type": "TRANSACTION", "record": record, "operation": operation})

    return body


def intention(till: Till) -> Json:
    operation = {"type": "TRANSACTION"}
    return envelope({"type": "INTENTION", "system": {"id": till.system}, "operation": operation})


def closing(till: Till) -> Json:
    till.sells(words.receipt())
    operation = {"type": "CLOSING", "period": "DAILY"}
    return envelope({"type": "INTENTION", "system": {"id": till.system}, "operation": operation})


def a_file(till: Till) -> Json:
    till.sells(words.receipt())
    day = "2026-11-16"
    return envelope({"type": "EXPORT", "range": {"from": day, "to": day}})


def reported(act: str, body: Json | None, *, is_told: bool = True) -> Prepared:
    """A receipt that an authority was told, or is going to be."""

    def change(premises: Premises) -> Change:
        till = premises.unit().opens_shop()
        till.changed(f"/taxpayers/{till.taxpayer}", {}, {"reporting": "realtime"})
        till.sells(words.receipt())
        if is_told:
            tell(premises, lambda report: YES)
        [report] = till.listed(f"/taxpayers/{till.taxpayer}/reports")
        path = f"/taxpayers/{till.taxpayer}/reports/{report['id']}/{act}"
        return of_till(till, "POST", path, body)

    return change


def declared(premises: Premises) -> Change:
    """The month in which a shop in Lisbon began, which sold nothing."""
    till = premises.unit().opens_shop()
    premises.clock.move(days=16)
    till = replace(till, bearer=till.with_token(*till.credentials).bearer)
    path = f"/taxpayers/{till.taxpayer}/months/2026-11/declaration"
    return of_till(till, "POST", path, envelope({"type": "NO_INVOICING"}))


def in_new_unit(premises: Premises) -> Change:
    return of_till(premises.unit(), "POST", "/taxpayers", envelope(words.taxpayer()))


HOOK = {"endpointUrl": "https://ledger.example/hook", "eventTypes": ["record.sealed"]}


def subscription(method: str, path: str = "", body: Json | None = None) -> Prepared:
    """In a shop that has a subscription, unless the change is to make one."""

    def change(premises: Premises) -> Change:
        till = premises.unit().opens_shop()
        headers = {"Authorization": f"Bearer {till.bearer}"}
        place = "/v1/subscriptions"
        if path or method != "POST":
            made = till.http.post(place, headers=headers, json=HOOK)
            place += f"/{made.json()['data']['id']}{path}"
        return Change(
            key=till.credentials[0],
            send=lambda: till.http.request(method, place, headers=headers, json=body),
        )

    return change


METADATA = {"metadata": {"color": "blue"}}
SUSPENDED = envelope({"mode": "SUSPENDED"})
GONE = envelope({"state": "DECOMMISSIONED"})
COMMISSIONED = envelope({"state": "COMMISSIONED"})


def ahead(till: Till) -> Json:
    """A series that is to be registered before its first document."""
    places = {"taxpayer": {"id": till.taxpayer}, "location": {"id": till.location}}
    return envelope({**places, "document_type": "FR", "name": "NOVA"})


def of_series(method: str, path: str, body: Json) -> Prepared:
    """In a shop that has sold in a series."""

    def change(premises: Premises) -> Change:
        till = premises.unit().opens_shop()
        till.sells(words.receipt())
        [used] = till.listed("/series")
        return of_till(till, method, path.format(series=used["id"]), body)

    return change


EXAMPLES: Mapping[Place, Mapping[str, Prepared]] = {
    ("POST", "/subjects"): {"key": in_unit(A_KEY), "person": in_unit(A_PERSON)},
    ("PATCH", "/subjects/{subject_id}"): {
        "name": of_subject({"name": "pos-7"}),
        "state": of_subject({"state": "DISABLED"}),
        "metadata": of_subject(None, {"color": "blue"}),
        "person": of_subject({"name": "Anna"}, of=A_PERSON),
    },
    ("POST", "/organizations"): {
        "unit": group("/organizations", lambda _: {"type": "UNIT", "name": "Padaria"})
    },
    ("PATCH", "/organizations/{organization_id}"): {
        "name": of_organization(envelope({"name": "Pastelaria"})),
        "metadata": of_organization(METADATA),
    },
    ("POST", "/taxpayers"): {"company": in_new_unit},
    ("PATCH", "/taxpayers/{taxpayer_id}"): {
        "state": unopened("PATCH", "/taxpayers/{taxpayer}", lambda _: COMMISSIONED),
        "mode": of_shop("PATCH", "/taxpayers/{taxpayer}", lambda _: SUSPENDED),
        "metadata": of_shop("PATCH", "/taxpayers/{taxpayer}", lambda _: METADATA),
    },
    ("POST", "/series"): {"ahead": of_shop("POST", "/series", ahead)},
    ("PATCH", "/series/{series_id}"): {
        "end": of_series("PATCH", "/series/{series}", envelope({"state": "FINISHED"}))
    },
    ("POST", "/locations"): {
        "branch": of_shop(
            "POST", "/locations", lambda till: envelope(words.branch(till.taxpayer, "Loja Alta"))
        )
    },
    ("PATCH", "/locations/{location_id}"): {
        "mode": of_shop("PATCH", "/locations/{location}", lambda _: SUSPENDED),
        "metadata": of_shop("PATCH", "/locations/{location}", lambda _: METADATA),
    },
    ("POST", "/systems"): {
        "device": of_shop("POST", "/systems", lambda till: envelope(words.device(till.location)))
    },
    ("PATCH", "/systems/{system_id}"): {
        "mode": of_shop("PATCH", "/systems/{system}", lambda _: SUSPENDED),
        "gone": of_shop("PATCH", "/systems/{system}", lambda _: GONE),
        "metadata": of_shop("PATCH", "/systems/{system}", lambda _: METADATA),
    },
    ("POST", "/records"): {
        "intention": of_shop("POST", "/records", intention),
        "closing": of_shop("POST", "/records", closing),
        "receipt": of_shop("POST", "/records", concluding(words.receipt())),
        "refused": of_shop(
            "POST", "/records", concluding(words.receipt(words.line(percentage="22")))
        ),
    },
    ("PATCH", "/records/{record_id}"): {"label": labelled, "no label": unlabelled},
    ("POST", "/taxpayers/{taxpayer_id}/reports/{report_id}/retry"): {
        "waiting": reported("retry", None, is_told=False)
    },
    ("POST", "/taxpayers/{taxpayer_id}/reports/{report_id}/deletion"): {
        "accepted": reported("deletion", envelope({"reason": "to the wrong customer"}))
    },
    ("POST", "/taxpayers/{taxpayer_id}/months/{month}/declaration"): {"no invoicing": declared},
    ("POST", "/files"): {"package": of_shop("POST", "/files", a_file)},
    ("POST", "/v1/merchants"): {
        "company": merchant("POST", "/merchants", a_merchant(fiscal_identities=[]))
    },
    ("PATCH", "/v1/merchants/{merchant_id}"): {
        "name": merchant("PATCH", "/merchants/{merchant}", {"legal_name": "Kiosk UG"})
    },
    ("DELETE", "/v1/merchants/{merchant_id}"): {
        "inactive": merchant("DELETE", "/merchants/{merchant}")
    },
    ("POST", "/v1/locations"): {"place": merchant("POST", "/locations", a_location())},
    ("PATCH", "/v1/locations/{location_id}"): {
        "name": place("PATCH", "/locations/{location}", {"name": "Ostkreuz"})
    },
    ("POST", "/v1/registers"): {"till": place("POST", "/registers", {"name": "Till 2"})},
    ("PATCH", "/v1/registers/{register_id}"): {
        "name": register("PATCH", "/registers/{register}", {"name": "Till 3"}),
        "id": register("PATCH", "/registers/{register}", {"external_id": "pos-3"}),
    },
    ("POST", "/v1/registers/{register_id}/fiscalize"): {
        "first": register("POST", "/registers/{register}/fiscalize")
    },
    ("POST", "/v1/registers/{register_id}/decommission"): {
        "after a day": kiosk("POST", "/registers/{register}/decommission", out_of_use)
    },
    ("POST", "/v1/registers/{register_id}/tse/replace"): {
        "asked": kiosk("POST", "/registers/{register}/tse/replace", lambda _: {"reason": "defect"})
    },
    ("POST", "/v1/operations"): {
        "sale": kiosk("POST", "/operations", opened(a_sale())),
        "session open": kiosk(
            "POST", "/operations", lambda at: {"register_id": at.register, **SESSION_OPEN}
        ),
        "cash": kiosk("POST", "/operations", opened(CASH_OUT)),
        "count": kiosk(
            "POST", "/operations", opened({"type": "session_cash_count", "variance": "0.00"})
        ),
        "session close": kiosk("POST", "/operations", opened(SESSION_CLOSE)),
        "online sale": merchant("POST", "/operations", a_sale(source="ONLINE")),
    },
    ("POST", "/v1/operations/{operation_id}/complete"): {
        "paid": operating("/operations/{operation}/complete", {"payments": [LEG]})
    },
    ("POST", "/v1/operations/{operation_id}/void"): {
        "left": operating("/operations/{operation}/void", {"reason": "customer_abandoned_checkout"})
    },
    ("POST", "/v1/registers/{register_id}/closings"): {
        "daily": kiosk("POST", "/registers/{register}/closings", a_day("daily")),
        "monthly": kiosk("POST", "/registers/{register}/closings", a_day("monthly")),
    },
    ("POST", "/v1/exports"): {"dsfinvk": kiosk("POST", "/exports", an_export)},
    ("POST", "/v1/subscriptions"): {"first": subscription("POST", body=HOOK)},
    ("PUT", "/v1/subscriptions/{subscription_id}"): {
        "inactive": subscription("PUT", body={**HOOK, "status": "INACTIVE"})
    },
    ("DELETE", "/v1/subscriptions/{subscription_id}"): {"gone": subscription("DELETE")},
    ("POST", "/v1/subscriptions/{subscription_id}/secret:rotate"): {
        "secret": subscription("POST", "/secret:rotate", {})
    },
    **export_jobs(),
}

ALL = [(route, name) for route, examples in EXAMPLES.items() for name in examples]


def id_of(one: tuple[Place, str]) -> str:
    (method, path), name = one
    return f"{method} {path} {name}"


def written(premises: Premises) -> dict[tuple[str, str], str]:
    """Who ordered each entry of all chains, by the entry's kind and id."""
    records = {kind.value for kind in EntryKind}
    with reading(premises.services.engine) as tx:
        return {
            (row.kind, row.id): (
                encode.decode(row.kind, row.body)
                if row.kind in records
                else encode.statement(row.kind, row.body)
            ).by
            for row in tx.execute(select(ENTRY.c.id, ENTRY.c.kind, ENTRY.c.body))
        }


def subject_of(premises: Premises, key: str) -> str:
    with reading(premises.services.engine) as tx:
        return str(tx.scalar(select(SUBJECT.c.id).where(SUBJECT.c.key == key)))


def test_every_operation_that_changes_something_has_an_example(premises: Premises) -> None:
    mounted = {
        place
        for family in families.installed().values()
        for place in family.mounted(premises.services).endpoints
    }

    changing = {place for place in mounted if place[0] not in READING}
    assert changing == EXAMPLES.keys() | KEEPS_NOTHING.keys()
    assert not EXAMPLES.keys() & KEEPS_NOTHING.keys()


@pytest.mark.parametrize("one", ALL, ids=id_of)
def test_a_change_leaves_an_entry_that_names_the_key(
    premises: Premises, one: tuple[Place, str]
) -> None:
    route, name = one
    change = EXAMPLES[route][name](premises)
    before = written(premises)

    answer = change.send()

    assert answer.status_code in (200, 201, 202, 204), answer.text
    subject = subject_of(premises, change.key)
    new = [(kind, by) for (kind, id_), by in written(premises).items() if (kind, id_) not in before]
    assert subject in [by for _, by in new]
    # What else the service does by itself on the way, it does in its own name.
    assert {kind for kind, by in new if by != subject} <= OWN_DOINGS.keys()


def test_what_keeps_nothing_writes_no_entry(premises: Premises) -> None:
    before = written(premises)

    premises.group()

    assert written(premises) == before
