"""What browsers send that is no form of ours."""

import pytest

from fiscus.console import requests
from fiscus.console.tests.conftest import Browser


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"{}", "application/json", "CONSOLE-FORM-04"),
        (b"a=" + b"x" * 70_000, "application/x-www-form-urlencoded", "CONSOLE-FORM-01"),
        (b"a=%ff", "application/x-www-form-urlencoded", "CONSOLE-FORM-04"),
        (b"&".join([b"a=1"] * 600), "application/x-www-form-urlencoded", "CONSOLE-FORM-04"),
        (b"a=%00", "application/x-www-form-urlencoded", "CONSOLE-FORM-05"),
        (b"csrf=", "application/x-www-form-urlencoded", "CONSOLE-FORM-02"),
    ],
)
def test_what_is_no_form_of_ours_is_refused(
    console: Browser, content: bytes, kind: str, code: str
) -> None:
    kept = "; ".join(f"{name}={value}" for name, value in console.cookies.items())
    answer = console.premises.http.post(
        "/console/sign-out", content=content, headers={"content-type": kind, "cookie": kept}
    )

    assert answer.status_code == 422
    assert code in answer.text


def test_cookies_are_for_our_own_pages_alone(stranger: Browser) -> None:
    answer = stranger.post("/console/sign-in", {"key": stranger.premises.first.api_key})

    said = answer.headers["set-cookie"]
    assert said.startswith(f"{requests.SESSION}=")
    assert "HttpOnly; Max-Age=43200; Path=/; SameSite=strict" in said
    assert "Secure" not in said  # there is no TLS


def test_a_character_that_no_text_has_is_refused_by_name(console: Browser) -> None:
    assert console.get("/console/documents/%00").status_code == 404

    for path in ("/console/units?below=%00", "/check?%00=1"):
        answer = console.get(path)

        assert answer.status_code == 422, path
        assert "CONSOLE-FORM-05" in answer.text
