"""Who may not is told why, by role; other troubles are answered elsewhere."""

from datetime import date

import pytest

from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role

MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("language", "role", "able"),
    [
        ("en", "till", "owner, manager, auditor"),
        ("de", "Kasse", "Inhaber, Verwalter, Prüfer"),
        ("pt", "caixa", "proprietário, gestor, auditor"),
    ],
)
def test_a_role_is_named_in_the_visitors_language(
    console: Browser, language: str, role: str, able: str
) -> None:
    till = console.as_(Role.TILL)
    till.language = language

    page = till.get("/console/exports")

    assert page.status_code == 403
    assert f"<dd>{role}</dd>" in page.text
    assert f"<dd>{able}</dd>" in page.text


def test_what_only_the_operator_may_names_no_roles_that_would_help(console: Browser) -> None:
    page = console.as_(Role.OWNER).post("/console/proof/verification")

    assert (page.status_code, "CONSOLE-RIGHT-02" in page.text) == (403, True)
    assert "Roles that may" not in page.text


def test_what_is_not_there_and_what_is_wrong_is_nobodys_right(console: Browser) -> None:
    assert console.get("/console/exports/nothing").status_code == 404
    assert console.post("/console/exports", {}).status_code == 422


def test_a_link_that_nobody_made_is_forged_for_strangers_as_well(stranger: Browser) -> None:
    for answer in (stranger.get("/console/link/x.y"), stranger.post("/console/link/x.y")):
        assert (answer.status_code, "REGISTRY-CONSOLE-03" in answer.text) == (403, True)
        assert "This link does not open" in answer.text
