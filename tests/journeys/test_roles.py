"""Every route by every role, over real HTTP. The table is written by hand: whoever adds a route
decides here who may use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Route

from fiscus import console
from fiscus.api.families.export_jobs.routes import ENDPOINTS
from fiscus.api.families.unified import examples, operations
from fiscus.app import application
from fiscus.registry.roles import Role
from tests.journeys.outside import listening
from tests.support.premises import Model, MovingClock, Premises, copied, served
from tests.support.till import Json, Till

ROLES = (Role.OWNER, Role.MANAGER, Role.TILL, Role.AUDITOR, Role.CONNECTOR)

# Who may, by first letter: owner, manager, till, auditor, connector. `open`: no credential.
TABLE = """
POST   /tokens                                     open
GET    /subjects                                   om---
POST   /subjects                                   om---
GET    /subjects/{subject_id}                      omtac
PATCH  /subjects/{subject_id}                      om---
GET    /organizations                              omta-
POST   /organizations                              o----
GET    /organizations/{organization_id}            omta-
PATCH  /organizations/{organization_id}            om---
GET    /taxpayers                                  omta-
POST   /taxpayers                                  om---
GET    /taxpayers/{taxpayer_id}                    omta-
PATCH  /taxpayers/{taxpayer_id}                    om---
GET    /taxpayers/{taxpayer_id}/reports            om-a-
GET    /taxpayers/{taxpayer_id}/reports/{report_id} om-a-
POST   /taxpayers/{taxpayer_id}/reports/{report_id}/retry om---
POST   /taxpayers/{taxpayer_id}/reports/{report_id}/deletion om---
GET    /taxpayers/{taxpayer_id}/months             om-a-
POST   /taxpayers/{taxpayer_id}/months/{month}/declaration om---
GET    /series                                     omta-
POST   /series                                     om---
GET    /series/{series_id}                         omta-
PATCH  /series/{series_id}                         om---
GET    /locations                                  omta-
POST   /locations                                  om---
GET    /locations/{location_id}                    omta-
PATCH  /locations/{location_id}                    om---
GET    /systems                                    omta-
POST   /systems                                    om---
GET    /systems/{system_id}                        omta-
PATCH  /systems/{system_id}                        om---
GET    /records                                    omta-
POST   /records                                    omt--
GET    /records/{record_id}                        omta-
GET    /records/{record_id}/document               omta-
GET    /records/{record_id}/proof                  omta-
PATCH  /records/{record_id}                        omt--
GET    /files                                      om-a-
POST   /files                                      om-a-
GET    /files/{path}                               om-a-
GET    /v1/merchants                               omta-
POST   /v1/merchants                               o----
GET    /v1/merchants/{merchant_id}                 omta-
PATCH  /v1/merchants/{merchant_id}                 om---
DELETE /v1/merchants/{merchant_id}                 om---
GET    /v1/locations                               omta-
POST   /v1/locations                               om---
GET    /v1/locations/{location_id}                 omta-
PATCH  /v1/locations/{location_id}                 om---
GET    /v1/registers                               omta-
POST   /v1/registers                               om---
GET    /v1/registers/{register_id}                 omta-
PATCH  /v1/registers/{register_id}                 om---
POST   /v1/registers/{register_id}/fiscalize       om---
POST   /v1/registers/{register_id}/decommission    om---
GET    /v1/registers/{register_id}/tse             omta-
POST   /v1/registers/{register_id}/tse/replace     om---
GET    /v1/registers/{register_id}/tse/export      om-a-
GET    /v1/operations                              omta-
POST   /v1/operations                              omt--
GET    /v1/operations/{operation_id}               omta-
GET    /v1/operations/{operation_id}/proof         omta-
POST   /v1/operations/{operation_id}/complete      omt--
POST   /v1/operations/{operation_id}/void          omt--
GET    /v1/tabs                                    omta-
GET    /v1/tabs/{tab_id}                           omta-
GET    /v1/sessions                                omta-
GET    /v1/sessions/{session_id}                   omta-
GET    /v1/registers/{register_id}/closings        omta-
POST   /v1/registers/{register_id}/closings        omt--
GET    /v1/closings/{closing_id}                   omta-
GET    /v1/closings/{closing_id}/pdf               open
GET    /v1/exports                                 om-a-
POST   /v1/exports                                 om-a-
GET    /v1/exports/{export_id}                     om-a-
GET    /v1/exports/{export_id}/download            open
POST   /v0/export-jobs                             o---c
GET    /v0/export-jobs                             o---c
GET    /v0/export-jobs/{jobId}                     o---c
POST   /v0/export-job-events                       o---c
POST   /v1/export-jobs                             o---c
GET    /v1/export-jobs                             o---c
GET    /v1/export-jobs/{jobId}                     o---c
POST   /v1/export-job-events                       o---c
POST   /v2/export-jobs                             o---c
GET    /v2/export-jobs                             o---c
GET    /v2/export-jobs/{jobId}                     o---c
POST   /v2/export-job-events                       o---c
POST   /v3/export-jobs                             o---c
GET    /v3/export-jobs                             o---c
GET    /v3/export-jobs/{jobId}                     o---c
POST   /v3/export-job-events                       o---c
POST   /v3/export-jobs/{jobId}:cancel              o---c
POST   /v3/export-jobs/{jobId}:retry               o---c
GET    /v3/export-jobs/{jobId}/progress            o---c
GET    /v3/export-jobs/{jobId}/file                open
GET    /v0/export-jobs/{jobId}/items               o---c
PUT    /v0/export-jobs/{jobId}/items               o---c
GET    /v0/export-items                            o---c
GET    /v1/export-jobs/{jobId}/items               o---c
PUT    /v1/export-jobs/{jobId}/items               o---c
GET    /v1/export-items                            o---c
GET    /v2/export-jobs/{jobId}/items               o---c
PUT    /v2/export-jobs/{jobId}/items               o---c
GET    /v2/export-items                            o---c
GET    /v3/export-jobs/{jobId}/items               o---c
PUT    /v3/export-jobs/{jobId}/items               o---c
GET    /v3/export-items                            o---c
GET    /v3/export-job-items                        o---c
POST   /v3/export-job-items:search                 o---c
GET    /v3/export-jobs/{jobId}/totals              o---c
POST   /v1/accounting-entries:search               o---c
GET    /v1/accounting-entries/{accountingEntryId}  o---c
POST   /v1/accounting-entries                      om---
PATCH  /v1/accounting-entries/{accountingEntryId}  om---
DELETE /v1/accounting-entries/{accountingEntryId}  om---
POST   /v3/bookkeeping/{companyId}                 om---
GET    /v3/bookkeeping/{companyId}                 om-a-
PUT    /v3/bookkeeping/{companyId}                 om---
GET    /v3/bookkeeping/{companyId}/charts          om-a-
GET    /v3/bookkeeping/{companyId}/completeness    om-a-
*      /v0                                         open
*      /v0/{path:path}                             open
*      /v1/export-jobs                             open
*      /v1/export-jobs/{path:path}                 open
*      /v1/export-items                            open
*      /v1/export-items/{path:path}                open
*      /v1/export-job-events                       open
*      /v1/export-job-events/{path:path}           open
*      /v1/accounting-entries                      open
*      /v1/accounting-entries/{path:path}          open
*      /v1/accounting-entries:search               open
*      /v1/accounting-entries:search/{path:path}   open
*      /v2                                         open
*      /v2/{path:path}                             open
*      /v3                                         open
*      /v3/{path:path}                             open
GET    /v1/subscriptions                           om--c
POST   /v1/subscriptions                           om--c
GET    /v1/subscriptions/{subscription_id}         om--c
PUT    /v1/subscriptions/{subscription_id}         om--c
DELETE /v1/subscriptions/{subscription_id}         om--c
GET    /v1/subscriptions/{subscription_id}/secret  om--c
POST   /v1/subscriptions/{subscription_id}/secret:rotate om--c
GET    /v1/subscriptions/{subscription_id}/activities om--c
GET    /v1/subscriptions/{subscription_id}/deliveries om--c
GET    /v1/subscriptions/{subscription_id}/deliveries/{delivery_id} om--c
POST   /v1/subscriptions/{subscription_id}/deliveries/{delivery_id}/redeliver om--c
*      /v1/subscriptions                           open
*      /v1/subscriptions/{path:path}               open
*      /v1                                         open
*      /v1/{path:path}                             open
*      /{path:path}                                open
GET    /health                                     open
GET    /metrics                                    open
GET    /openapi.json                               open
GET    /openapi/{document}                         open
GET    /docs                                       open
GET    /checkpoint                                 open
"""

ROWS = {
    (method, path): who for method, path, who in (row.split() for row in TABLE.split("\n") if row)
}
CLOSED = [(*route, who) for route, who in ROWS.items() if who != "open"]

BY_ROUTE = {(one.method, one.path): one.id for one in operations.OPERATIONS}
NOWHERE = {
    "subject_id": "11111111-1111-4111-8111-111111111111",
    "organization_id": "11111111-1111-4111-8111-111111111111",
    "taxpayer_id": "01a1e395-ae80-7000-8000-000000000001",
    "location_id": "01a1e395-ae80-7000-8000-000000000001",
    "system_id": "01a1e395-ae80-7000-8000-000000000001",
    "record_id": "01a1e395-ae80-7000-8000-000000000001",
    "series_id": "01a1e395-ae80-7000-8000-000000000001",
    "report_id": "01a1e395-ae80-7000-8000-000000000001",
    "month": "2026-10",
    "path": "01a1e395-ae80-7000-8000-000000000001.zip",
}
REFERENCE = "0" * 32
NOWHERE_V1 = {
    "merchant_id": f"merchant_{REFERENCE}",
    "location_id": f"loc_{REFERENCE}",
    "register_id": f"reg_{REFERENCE}",
    "operation_id": f"op_{REFERENCE}",
    "session_id": f"ses_{REFERENCE}",
    "closing_id": f"cls_{REFERENCE}",
    "tab_id": f"tab_{REFERENCE}",
    "export_id": f"exp_{REFERENCE}",
    "subscription_id": "01a1e395-ae80-7000-8000-000000000001",
    "delivery_id": "01a1e395-ae80-7000-8000-000000000001",
}


EXPORTS = {(one.method, one.path) for one, _ in ENDPOINTS}
NOWHERE_EXPORTS = {
    name: "01a1e395-ae80-7000-8000-000000000001"
    for name in ("jobId", "accountingEntryId", "companyId")
}


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whoever holds a key, and speaks all families with it. `word`: key and secret in one."""

    till: Till
    word: str = ""
    subject: str = NOWHERE["subject_id"]

    def asks(self, method: str, path: str) -> httpx.Response:
        """One request that nothing but the role can stand against."""
        if (method, path) in EXPORTS:
            bearer = {"Authorization": f"Bearer {self.till.bearer}"} if self.till.bearer else {}
            return self.till.http.request(
                method, path.format(**NOWHERE_EXPORTS), headers=bearer, json={}
            )
        if path.startswith("/v1"):
            headers = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
            if self.word:
                headers["Authorization"] = f"Bearer {self.word}"
            nothing: Json | None = {} if method in ("POST", "PATCH") else None
            return self.till.http.request(
                method, path.format(**NOWHERE_V1), headers=headers, json=nothing
            )
        own = {"subject_id": self.subject} if method == "GET" else {}
        body = examples.REQUESTS.get(BY_ROUTE[method, path]) if method == "POST" else None
        return self.till.send(
            method, path.format(**{**NOWHERE, **own}), {} if method == "PATCH" else body
        )


def holder(premises: Premises, subject: Json) -> Holder:
    key, secret = subject["credentials"]["key"], subject["credentials"]["secret"]
    return Holder(
        till=premises.anonymous().with_token(key, secret),
        word=f"of_test_prt_{key.removeprefix('test_')}{secret}",
        subject=subject["id"],
    )


Place = tuple[Premises, dict[Role, Holder]]


@pytest.fixture(scope="module")
def place(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A shop behind a real server, with a key of each role."""
    folder = tmp_path_factory.mktemp("roles")
    with (
        copied(model, folder / "data") as chosen,
        served(chosen, model.first, MovingClock(), serving=listening) as premises,
    ):
        group = premises.group()
        group.scope = premises.unit().opens_shop().organization
        made = {
            role: group.made("/subjects", {"type": "API_KEY", "name": f"a-{role}", "role": role})
            for role in ROLES
        }
        yield premises, {role: holder(premises, subject) for role, subject in made.items()}


def id_of(row: tuple[str, str, str]) -> str:
    return f"{row[0]} {row[1]}"


def test_the_table_has_every_route_and_no_other(place: Place) -> None:
    premises, _ = place
    mounted = set()
    pages = {route.path for route in console.served(premises.services)}  # they have a table too
    for route in application(premises.services, with_worker=False).inner.routes:
        assert isinstance(route, Route)
        if route.path in pages:
            continue
        for method in (route.methods or {"*"}) - {"HEAD"}:
            mounted.add((method, route.path))

    assert mounted == set(ROWS)


@pytest.mark.parametrize("row", CLOSED, ids=id_of)
def test_a_route_is_for_these_roles_only(place: Place, row: tuple[str, str, str]) -> None:
    method, path, who = row
    _, holders = place
    for role, letter in zip(ROLES, who, strict=True):
        response = holders[role].asks(method, path)
        is_refused = "ROLE-SCOPE-01" in response.text
        assert is_refused == (letter == "-"), (role, response.status_code, response.text)
        assert response.status_code != 401
        if is_refused:
            assert response.status_code == (403 if path.startswith("/v") else 405)
            assert f"the role '{role}' does not have the scope" in response.text


@pytest.mark.parametrize("row", CLOSED, ids=id_of)
def test_a_closed_route_wants_a_credential(place: Place, row: tuple[str, str, str]) -> None:
    method, path, _ = row

    assert Holder(till=place[0].anonymous()).asks(method, path).status_code == 401
