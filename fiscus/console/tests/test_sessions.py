"""Who is signed in, and links for auditors, over the running service."""

import re

import httpx

from fiscus.console.tests.conftest import Browser
from fiscus.registry.roles import Role
from tests.support.premises import Premises


def session_of(console: Browser) -> str:
    """The id of the own session."""
    page = console.get("/console/sessions").text
    row = next(one for one in page.split("<tr>") if "this is you" in one)
    found = re.search(r'name="session" value="([^"]+)"', row)
    assert found
    return found[1]


def test_somebody_is_signed_out_here_or_everywhere(premises: Premises, console: Browser) -> None:
    other = console.as_(Role.MANAGER)
    answer = console.post("/console/sessions/end", {"session": session_of(other)})

    assert answer.status_code == 303
    assert other.get("/console/keys").status_code == 303, "asked to sign in"
    assert console.get("/console/keys").status_code == 200
    console.post("/console/sessions/end", {"session": session_of(console), "everywhere": "yes"})
    assert console.get("/console/keys").status_code == 303


def test_a_manager_does_not_sign_an_owner_out(premises: Premises, console: Browser) -> None:
    owner = console.as_(Role.OWNER)

    answer = console.post("/console/sessions/end", {"session": session_of(owner)})

    assert answer.status_code == 403
    assert owner.get("/console/keys").status_code == 200


def link_of(answer: httpx.Response) -> str:
    found = re.search(r'<code class="hash">http[^<]*(/console/link/[^<]+)</code>', answer.text)
    assert found, answer.text
    return found[1]


def test_a_link_is_made_shown_once_opened_once_and_taken_back(
    premises: Premises, console: Browser
) -> None:
    form = {"organization": console.organization, "first": "2026-11-01", "last": "2026-11-16"}
    link = link_of(console.post("/console/sessions/links", form))
    listed = console.get("/console/sessions").text
    assert link.partition("/link/")[2].partition(".")[2] not in listed
    assert "waits to be opened" in listed

    auditor = console.stranger()
    assert auditor.post(link).status_code == 303
    assert auditor.get("/console/exports").status_code == 200
    assert auditor.get("/console/keys").status_code == 403
    assert console.stranger().post(link).status_code == 410

    second = link_of(console.post("/console/sessions/links", form))
    id_ = second.rpartition("/")[2].partition(".")[0]
    console.post("/console/sessions/end", {"session": id_})
    assert console.stranger().post(second).status_code == 410
    premises.assert_proved()


def test_a_link_wants_days_in_their_order(console: Browser) -> None:
    def wrong(first: str, last: str) -> set[str]:
        form = {"organization": console.organization, "first": first, "last": last}
        answer = console.post("/console/sessions/links", form)
        assert answer.status_code == 422
        assert f'value="{first}"' in answer.text
        return set(re.findall(r'id="e-(\w+)"', answer.text))

    assert wrong("2026-02-30", "x") == {"first", "last"}
    assert wrong("2026-11-02", "2026-11-01") == {"last"}
