"""Who runs the installation, as the pages see it."""

from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.people import operator_of
from fiscus.registry import bootstrap
from fiscus.registry.roles import Role
from fiscus.store.connect import writing
from tests.support.premises import MONDAY, Premises

VERIFICATION = "/console/proof/verification"


def is_operator(browser: Browser) -> bool:
    return browser.get(VERIFICATION).status_code == 200


def test_only_owners_of_what_was_founded_first_run_it(
    stranger: Browser, premises: Premises
) -> None:
    group = premises.first.organization_id

    assert is_operator(operator_of(stranger))
    assert is_operator(stranger.as_(Role.OWNER, group))
    assert not is_operator(stranger.as_(Role.MANAGER, group))
    assert not is_operator(stranger.as_(Role.AUDITOR, group))
    assert not is_operator(stranger.as_(Role.OWNER))


def test_an_account_that_was_founded_later_is_a_tenant(
    stranger: Browser, premises: Premises
) -> None:
    services = premises.services
    premises.clock.move(days=1)
    with writing(services.engine) as tx:
        other = bootstrap.found(
            tx,
            services.macs.credentials,
            account="Another",
            group="Another",
            environment="test",
            ids=services.uuid4,
            entropy=services.entropy,
            by="operator",
            at=services.clock(),
        )
    browser = stranger.stranger()
    browser.post("/console/sign-in", {"key": other.api_key})

    assert browser.get("/console/proof").status_code == 200
    assert not is_operator(browser)
    assert is_operator(operator_of(stranger))


def test_an_owners_link_runs_nothing(stranger: Browser, premises: Premises) -> None:
    group = Browser(
        premises=premises, organization=premises.first.organization_id, cookies=stranger.cookies
    )

    assert not is_operator(group.by_link(MONDAY.date(), MONDAY.date()))
