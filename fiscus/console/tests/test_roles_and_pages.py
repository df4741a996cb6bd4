"""Every page by everybody who may come. The table is written by hand: whoever adds a page decides
here who may see it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import httpx
import pytest
from sqlalchemy import Connection, select

from fiscus.api.families.export_jobs.tests.office import Office, an_office
from fiscus.console import requests
from fiscus.console.routes import HOME, NOWHERE, PAGES, methods, nowhere, served
from fiscus.console.tests import shelf
from fiscus.console.tests.conftest import Browser
from fiscus.registry import console_sessions, keys
from fiscus.registry.console_sessions import LinkWanted
from fiscus.registry.keys import NewKey
from fiscus.registry.roles import Role
from fiscus.registry.views import Subject
from fiscus.store.connect import reading, writing
from fiscus.store.schema import CLOSING
from tests.support import words
from tests.support.premises import Model, Premises, opened

VISITORS = (
    "stranger",
    "owner",
    "manager",
    "till",
    "auditor",
    "connector",
    "link",
    "other",
)
"""`link` came by an auditor's link; `other` is the owner of another tenant, and asks for what
belongs to the first one. All others are of the first one."""

TABLE = """
                                         stranger owner manager till auditor connector link other
GET  /                                        200   200     200  200     200       200  200   200
GET  /console                                  in   303     303  303     303       303  303   303
GET  /console/sign-in                         200   200     200  200     200       200  200   200
POST /console/sign-in                         422   422     422  422     422       422  422   422
GET  /console/link/{token}                    403   403     403  403     403       403  403   403
POST /console/link/{token}                    403   403     403  403     403       403  403   403
POST /console/sign-out                        303   303     303  303     303       303  303   303
POST /console/language                        303   303     303  303     303       303  303   303
GET  /console/units                            in   200     200  200     200       200  200   200
POST /console/units                            in   303     303  303     303       303   ro   404
GET  /console/today                            in   200     200  200     200        no  200   200
GET  /console/documents                        in   200     200  200     200        no  200   200
GET  /console/documents/live                   in   200     200  200     200        no  200   204
GET  /console/documents.csv                    in   200     200   no     200        no  200   200
GET  /console/documents/{record}               in   200     200  200     200        no  200   404
GET  /console/documents/{record}/proof         in   200     200  200     200        no  200   404
GET  /console/documents/{record}/print         in   404     404  404     404        no  404   404
GET  /console/documents/{record}/explain       in   200     200  200     200        no  200   404
GET  /console/exports                          in   200     200   no     200        no  200   200
POST /console/exports                          in   422     422   no     422        no   ro   422
GET  /console/exports/{id}                     in   200     200   no     200        no  200   404
GET  /console/exports/{id}/progress            in   200     200   no     200        no  200   404
GET  /console/exports/{id}/file                in   200     200   no     200        no  200   404
GET  /console/exports/{id}/signature           in   200     200   no     200        no  200   404
GET  /console/jobs                             in   200      no   no      no       200   no   200
GET  /console/jobs/{id}                        in   200      no   no      no       200   no   404
GET  /console/jobs/{id}/act                    in   200      no   no      no       200   no   404
POST /console/jobs/{id}/act                    in   303      no   no      no       303   no   404
GET  /console/jobs/{id}/progress               in   200      no   no      no       200   no   404
GET  /console/jobs/{id}/file                   in   404      no   no      no       404   no   404
GET  /console/books                            in   200     200   no     200        no  200   200
GET  /console/books/documents/{id}             in   200      no   no      no       200   no   404
GET  /console/registers                        in   200     200  200     200        no  200   200
GET  /console/registers/series                 in   200     200  200     200        no  200   200
GET  /console/registers/reports                in   200     200  200     200        no  200   200
GET  /console/registers/{id}                   in   200     200  200     200        no  200   404
GET  /console/registers/{id}/closings/{closing}/z.pdf in 200 200 200     200        no  200   404
GET  /console/registers/{id}/exchange          in   200     200   no      no        no   no   404
POST /console/registers/{id}/exchange          in   409     409   no      no        no   no   404
GET  /console/registers/{id}/decommission      in   200     200   no      no        no   no   404
POST /console/registers/{id}/decommission      in   422     422   no      no        no   no   404
GET  /console/registers/{id}/close             in   200     200  200      no        no   no   404
POST /console/registers/{id}/close             in   409     409  409      no        no   no   404
GET  /console/registers/{id}/notification      in   404     404   no      no        no   no   404
POST /console/registers/{id}/notification      in   404     404   no      no        no   no   404
GET  /console/registers/series/{series}/end    in   200     200   no      no        no   no   404
POST /console/registers/series/{series}/end    in   422     422   no      no        no   no   404
GET  /console/board                            in   200     200  200      no        no   no   200
GET  /console/requests                         in   200     200   no      no        no   no   200
GET  /console/requests/open                    in   200     200   no      no        no   no   200
GET  /console/proof                            in   200     200  200     200        no  200   200
GET  /console/proof/verification               in    op      op   op      op        no   op    op
POST /console/proof/verification               in    op      op   op      op        no   ro    op
GET  /console/proof/consistency                in   422     422  422     422        no  422   422
GET  /console/proof/policy.txt                 in   200     200  200     200        no  200   200
GET  /console/proof/root.pem                   in   200     200  200     200        no  200   200
GET  /console/proof/log.vkey                   in   200     200  200     200        no  200   200
GET  /console/keys                             in   200     200   no      no        no   no   200
POST /console/keys                             in   422     422   no      no        no   no   404
POST /console/keys/receipts                    in   303     303   no      no        no   no   404
GET  /console/keys/persons                     in   200     200   no      no        no   no   200
GET  /console/keys/{id}                        in   200     200   no      no        no   no   404
POST /console/keys/{id}/state                  in   303     303   no      no        no   no   404
POST /console/keys/{id}/rotate                 in   409     409   no      no        no   no   404
GET  /console/sessions                         in   200     200   no      no        no   no   200
POST /console/sessions/end                     in   303     409   no      no        no   no   404
POST /console/sessions/links                   in   422     422   no      no        no   no   404
GET  /check                                   200   200     200  200     200       200  200   200
POST /check                                   401   422     422  422     422       422  422   422
GET  /check/{id}                              404   404     404  404     404       404  404   404
GET  /check/{id}/state                        404   404     404  404     404       404  404   404
POST /check/{id}/forget                       404   404     404  404     404       404  404   404
GET  /r/{token}                               200   200     200  200     200       200  200   200
GET  /r/{token}/receipt.json                  200   200     200  200     200       200  200   200
GET  /r/{token}/proof                         200   200     200  200     200       200  200   200
GET  /console/static/{digest}/{file:path}     404   404     404  404     404       404  404   404
GET  /console/{path:path}                     404   404     404  404     404       404  404   404
GET  /{path:path}                             404   404     404  404     404       404  404   404
"""
"""A status, or: `in` is asked to sign in; and of those who may not, which is 403: `no` has not the
right, `ro` came by a link that only shows, `op` does not run the installation. A link that was
never handed out is 403 as well."""

ROWS = [
    (method, path, cells) for method, path, *cells in map(str.split, TABLE.strip().splitlines()[1:])
]

FORMS: dict[str, dict[str, str]] = {
    "/console/units": {"organization": "{organization}"},
    "/console/keys": {"organization": "{organization}"},
    "/console/keys/receipts": {"organization": "{organization}", "receipts": "on"},
    "/console/keys/{id}/state": {"state": "ENABLED"},
    "/console/keys/{id}/rotate": {"grace": "24h", "generation": "0"},
    "/console/sessions/end": {"session": "{session}"},
    "/console/sessions/links": {"organization": "{organization}"},
}
"""What is typed into a form, with the names of things in braces; others are sent empty. A key is
not rotated, because the form is of an older state of it; a session ends once."""

MONDAY = date(2026, 11, 16)


@dataclass(frozen=True, kw_only=True)
class TwoTenants:
    """An installation. `things` are the first tenant's, by the names of parameters."""

    premises: Premises
    organization: str
    subjects: dict[str, Subject]
    things: dict[str, str]

    def visitor(self, who: str) -> Browser:
        """Somebody with a session of their own: some rows end it."""
        browser = Browser(
            premises=self.premises, organization=self.organization, cookies=httpx.Cookies()
        )
        if who == "stranger":
            return browser
        with writing(self.premises.services.engine) as tx:
            token = self._linked(tx) if who == "link" else self._signed_in(tx, self.subjects[who])
        browser.cookies.set(requests.SESSION, token)
        return browser

    def _signed_in(self, tx: Connection, subject: Subject) -> str:
        services = self.premises.services
        _, token = console_sessions.sign_in(
            tx,
            services.macs.credentials,
            subject,
            1,
            id_=services.uuid4(),
            entropy=services.entropy,
            at=services.clock(),
        )
        return token

    def _linked(self, tx: Connection) -> str:
        services = self.premises.services
        wanted = LinkWanted(organization=self.organization, first_day=MONDAY, last_day=MONDAY)
        mac, at = services.macs.credentials, services.clock()
        _, link = console_sessions.make_link(
            tx,
            mac,
            wanted,
            id_=services.uuid4(),
            entropy=services.entropy,
            by="operator",
            at=at,
        )
        _, token = console_sessions.open_link(tx, mac, link, entropy=services.entropy, at=at)
        return token


@pytest.fixture(scope="module")
def place(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTenants]:
    with opened(model, tmp_path_factory.mktemp("roles") / "data") as premises:
        office = an_office(premises)
        shop = office.till
        premises.units = 1
        other = premises.unit("Somebody else").opens_shop()
        subjects = {role.value: a_key(premises, shop.organization, role) for role in Role}
        subjects["other"] = a_key(premises, other.organization, Role.OWNER)
        found = TwoTenants(
            premises=premises,
            organization=shop.organization,
            subjects=subjects,
            things=things(office),
        )
        found.things["closing"] = closed(found)
        found.things["session"] = (
            found.visitor("manager").cookies[requests.SESSION].partition(".")[0]
        )
        found.things["/console/keys id"] = a_key(premises, shop.organization, Role.TILL, "spare").id
        yield found


def a_key(premises: Premises, organization: str, role: Role, name: str = "here") -> Subject:
    services = premises.services
    with writing(services.engine) as tx:
        subject, _ = keys.create(
            tx,
            services.macs.credentials,
            NewKey(organization=organization, name=f"{role}-{name}", role=role),
            id_=services.uuid4(),
            environment="test",
            entropy=services.entropy,
            by="operator",
            at=services.clock(),
        )
    return subject


def things(office: Office) -> dict[str, str]:
    """What stands in addresses: by the page's path and the parameter's name where pages differ."""
    shop, premises = office.till, office.premises
    record = shop.sells(words.receipt())
    file = shop.made(
        "/files", {"type": "EXPORT", "range": {"from": "2026-11-16", "to": "2026-11-16"}}
    )
    job = office.starts(office.enters(2))
    office.derives()
    shelf.indexed(premises.services.engine)
    premises.work()
    return {
        "organization": shop.organization,
        "record": record["id"],
        "/console/books id": record["id"],
        "/console/exports id": file["id"],
        "/console/jobs id": job,
        "/console/registers id": shop.system,
        "series": shop.listed("/series")[0]["id"],
        "/console/link token": "nobody.has-it",
        "/r token": premises.services.receipts.path(record["id"]).rpartition("/")[2],
        "/check id": "0" * 32,
        "digest": "0",
        "file": "nothing",
        "path": "nowhere",
    }


def closed(found: TwoTenants) -> str:
    """The day's closing, made on the page. Nothing is left for another one."""
    path = filled("/console/registers/{id}/close", found.things)
    answer = found.visitor("manager").post(path)
    assert answer.status_code == 303, answer.text
    with reading(found.premises.services.engine) as tx:
        return str(tx.scalar(select(CLOSING.c.id)))


def outcome(answer: httpx.Response) -> str:
    """What the table says of such an answer."""
    if answer.status_code == 303 and answer.headers["location"].startswith("/console/sign-in?"):
        return "in"
    said = {"CONSOLE-RIGHT-01": "no", "CONSOLE-PAGE-02": "ro", "CONSOLE-RIGHT-02": "op"}
    found = [word for code, word in said.items() if code in answer.text]
    if found:
        assert answer.status_code == 403
        assert "This is not for your role" in answer.text
    return found[0] if found else str(answer.status_code)


def filled(path: str, things: dict[str, str]) -> str:
    folder = "/".join(path.split("/")[: 3 if path.startswith("/console") else 2])

    def thing(named: re.Match[str]) -> str:
        return things.get(f"{folder} {named[1]}") or things[named[1]]

    return re.sub(r"{(\w+)(?::path)?}", thing, path)


def test_the_table_has_every_route_and_no_other(place: TwoTenants) -> None:
    mounted = {(method, page.path) for page in (*PAGES, HOME, NOWHERE) for method in methods(page)}
    services = place.premises.services
    routes = {route.path for route in (*served(services), nowhere(services))}
    mounted |= {("GET", path) for path in routes - {path for _, path in mounted}}

    assert mounted - {("HEAD", path) for path in routes} == {
        (method, path) for method, path, _ in ROWS
    }
    assert all(len(cells) == len(VISITORS) for _, _, cells in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_page_is_for_these_visitors_only(
    place: TwoTenants, row: tuple[str, str, list[str]]
) -> None:
    method, path, cells = row
    typed = {name: filled(said, place.things) for name, said in FORMS.get(path, {}).items()}
    found = []
    for who in VISITORS:
        place.premises.clock.move(seconds=1)  # how often an address asks is limited
        browser, address = place.visitor(who), filled(path, place.things)
        answer = browser.get(address) if method == "GET" else browser.post(address, typed)
        found.append(outcome(answer))
        assert answer.status_code < 500, answer.text

    assert dict(zip(VISITORS, found, strict=True)) == dict(zip(VISITORS, cells, strict=True))
