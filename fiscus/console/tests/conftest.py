"""The stage of the console's tests: an open shop in Lisbon, and people who are signed in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import httpx
import pytest

from fiscus.console import requests
from fiscus.registry import console_sessions, keys
from fiscus.registry.console_sessions import LinkWanted
from fiscus.registry.keys import NewKey
from fiscus.registry.roles import Role
from fiscus.store.connect import writing
from tests.support.premises import Model, Premises, continued, opened
from tests.support.till import Till

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]*)"')


@dataclass(kw_only=True)
class Browser:
    """Somebody before the pages, with cookies of their own. It follows no redirect by itself."""

    premises: Premises
    organization: str = ""
    language: str = "en"
    cookies: httpx.Cookies

    def get(self, path: str, headers: Mapping[str, str] = {}) -> httpx.Response:
        return self._sent("GET", path, headers)

    def post(
        self, path: str, data: dict[str, str] | None = None, headers: Mapping[str, str] = {}
    ) -> httpx.Response:
        """A form, with the token that our own pages put into it."""
        return self._sent("POST", path, headers, {requests.TOKEN: self.token(), **(data or {})})

    def token(self) -> str:
        """What forms of this session carry; empty for a stranger."""
        found = _TOKEN.search(self.get("/").text)
        assert found, "the welcome page has a form"
        return found[1]

    def _sent(
        self, method: str, path: str, headers: Mapping[str, str], data: dict[str, str] | None = None
    ) -> httpx.Response:
        request = self.premises.http.build_request(
            method,
            path,
            data=data,
            headers={"accept-language": self.language, **headers},
            cookies=self.cookies,
        )
        response = self.premises.http.send(request)
        self.cookies.extract_cookies(response)
        self.premises.http.cookies.clear()
        return response

    def stranger(self) -> "Browser":
        """Somebody else, who is not signed in."""
        return replace(self, cookies=httpx.Cookies())

    def as_(self, role: Role, organization: str = "") -> "Browser":
        """Somebody who has signed in with a new key of that role, of this unit or another one."""
        services = self.premises.services
        with writing(services.engine) as tx:
            subject, secret = keys.create(
                tx,
                services.macs.credentials,
                NewKey(
                    organization=organization or self.organization,
                    name=f"{role}-{services.uuid4()[:13]}",
                    role=role,
                ),
                id_=services.uuid4(),
                environment="test",
                entropy=services.entropy,
                by="operator",
                at=services.clock(),
            )
        other = self.stranger()
        answer = other.post("/console/sign-in", {"key": subject.key, "secret": secret})
        assert answer.status_code == 303, answer.text
        return other

    def by_link(self, first: date, last: date) -> "Browser":
        """An auditor who has opened a link."""
        services = self.premises.services
        wanted = LinkWanted(organization=self.organization, first_day=first, last_day=last)
        with writing(services.engine) as tx:
            _, token = console_sessions.make_link(
                tx,
                services.macs.credentials,
                wanted,
                id_=services.uuid4(),
                entropy=services.entropy,
                by="operator",
                at=services.clock(),
            )
        other = self.stranger()
        answer = other.post(f"/console/link/{token}")
        assert answer.status_code == 303, answer.text
        return other


@pytest.fixture(scope="session")
def shop_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Till]]:
    """An installation with a tenant whose shop in Lisbon is open."""
    folder = tmp_path_factory.mktemp("shop")
    with continued(model, folder / "data", lambda found: found.unit().opens_shop()) as made:
        yield made


@pytest.fixture
def premises(shop_model: tuple[Model, Till], tmp_path: Path) -> Iterator[Premises]:
    with opened(shop_model[0], tmp_path / "data") as found:
        found.units = 1
        yield found


@pytest.fixture
def till(premises: Premises, shop_model: tuple[Model, Till]) -> Till:
    """The shop's till, as a client of the Unified API."""
    return replace(shop_model[1], http=premises.http)


@pytest.fixture
def stranger(premises: Premises, till: Till) -> Browser:
    return Browser(premises=premises, organization=till.organization, cookies=httpx.Cookies())


@pytest.fixture
def console(stranger: Browser) -> Browser:
    """A manager of the shop, signed in."""
    return stranger.as_(Role.MANAGER)
