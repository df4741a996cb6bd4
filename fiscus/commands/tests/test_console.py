"""`fiscus console`: links that open once, and who is signed in."""

from fiscus.commands.tests.command_line import Installation


def a_link(installation: Installation) -> dict[str, str]:
    group = installation.first()["organization_id"]
    days = ("--from", "2026-10-01", "--to", "2026-10-31")
    made: dict[str, str] = installation.asked("console", "link", "--organization", group, *days)
    return made


def test_a_link_is_made_listed_and_taken_back(installation: Installation) -> None:
    made = a_link(installation)

    assert made["link"].startswith(f"http://127.0.0.1:8080/console/link/{made['session']}.")
    [waiting] = installation.asked("console", "list")
    assert (waiting["state"], waiting["kind"], waiting["role"]) == ("waiting", "link", "auditor")
    assert (waiting["first_day"], waiting["last_day"]) == ("2026-10-01", "2026-10-31")
    installation.run("console", "end", made["session"])
    assert "ended" in installation.run("console", "list")
    installation.run("verify")


def test_a_link_with_days_in_the_wrong_order_is_not_made(installation: Installation) -> None:
    group = installation.first()["organization_id"]
    days = ("--from", "2026-10-31", "--to", "2026-10-01")

    refused = installation.run("console", "link", "--organization", group, *days, code=2)

    assert "the last day is before the first" in refused
    assert installation.asked("console", "list") == []


def test_links_are_for_auditors(installation: Installation) -> None:
    group = installation.first()["organization_id"]
    days = ("--from", "2026-10-01", "--to", "2026-10-31", "--role", "owner")

    assert "auditor" in installation.run("console", "link", "--organization", group, *days, code=2)
