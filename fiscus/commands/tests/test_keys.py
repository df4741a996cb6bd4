"""`fiscus keys` as an operator meets it: what is written, and for whom."""

import json

import pytest
from sqlalchemy import select

from fiscus.commands.tests.command_line import Installation, mode
from fiscus.journal import encode
from fiscus.store.connect import connect, reading
from fiscus.store.schema import ENTRY, SUBJECT


def test_a_key_is_made_listed_stopped_and_started(installation: Installation) -> None:
    first = installation.first()
    made = installation.asked(
        "keys",
        "create",
        "night-shift",
        "--organization",
        first["organization_id"],
        "--role",
        "auditor",
    )
    assert made["api_key"].endswith(made["secret"])

    listed = installation.asked("keys", "list")
    assert [(one["name"], one["role"], one["state"]) for one in listed] == [
        ("first-key", "owner", "ENABLED"),
        ("night-shift", "auditor", "ENABLED"),
    ]
    assert made["secret"] not in json.dumps(listed)
    assert installation.asked("keys", "disable", made["key"])["state"] == "DISABLED"
    assert installation.asked("keys", "disable", made["subject_id"])["state"] == "DISABLED"
    assert "DISABLED" in installation.run("keys", "list")
    assert installation.asked("keys", "enable", made["subject_id"])["state"] == "ENABLED"
    assert [row[:2] for row in versions(installation, made["subject_id"])] == [
        (1, "ENABLED"),
        (2, "DISABLED"),
        (2, "DISABLED"),
        (3, "ENABLED"),
    ]
    assert all(row[2].startswith("operator:") for row in versions(installation, made["subject_id"]))


def versions(installation: Installation, subject: str) -> list[tuple[int, str, str]]:
    """As the journal states them: version, state, and who did it."""
    engine = connect(f"sqlite:///{installation.data / 'fiscus.db'}")
    with reading(engine) as tx:
        stated = tx.execute(
            select(ENTRY.c.kind, ENTRY.c.body)
            .where(ENTRY.c.thing == subject)
            .order_by(ENTRY.c.sequence)
        ).all()
    engine.dispose()
    bodies = [encode.statement(row.kind, row.body) for row in stated]
    rows = [(body.by, body.rows[0].row or {}) for body in bodies]
    return [(row["version"], row["state"], by) for by, row in rows]  # type: ignore[misc]


def test_the_last_owner_can_be_stopped_here_and_the_operator_is_told(
    installation: Installation,
) -> None:
    first = installation.first()
    done = installation.told("keys", "disable", first["key"])

    assert done.code == 0
    assert "No owner's key" in done.error


def test_a_rotation_shows_the_new_secret_once_in_a_file_of_its_own(
    installation: Installation,
) -> None:
    first = installation.first()
    installation.run("keys", "rotate", first["key"], "--grace", "30m", "--out", "new.json")
    new = json.loads((installation.folder / "new.json").read_text())

    assert mode(installation.folder / "new.json") == 0o600
    assert new["key"] == first["key"]
    assert new["secret"] != first["secret"]
    [listed] = installation.asked("keys", "list")
    assert listed["secrets_made"] == 2
    assert listed["previous_until"] == new["previous_until"]
    assert (
        installation.asked("keys", "rotate", first["key"])["previous_until"] > new["previous_until"]
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("keys", "disable", "nobody"), 1, "REGISTRY-KEY-01"),
        (("keys", "rotate", "nobody", "--out", "x.json"), 1, "REGISTRY-KEY-01"),
        (("keys", "rotate", "nobody", "--grace", "soon"), 2, "--grace"),
        (("keys", "rotate", "nobody", "--grace", "-1h"), 2, ""),
        (("keys", "create", "X", "--organization", "o"), 2, "NAME"),
        (("keys", "create", "abc", "--organization", "nobody"), 1, "REGISTRY-ORG-01"),
        (("keys", "create", "abc", "--organization", "o", "--role", "god"), 2, "god"),
        (("keys", "create", "abc"), 2, "--organization"),
    ],
)
def test_what_cannot_be_done_is_told_and_leaves_nothing(
    installation: Installation, arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert said in installation.run(*arguments, code=code)

    assert not (installation.folder / "x.json").exists()
    database = installation.data / "fiscus.db"
    if database.exists():
        engine = connect(f"sqlite:///{database}")
        with reading(engine) as tx:
            assert tx.execute(select(SUBJECT)).all() == []
        engine.dispose()


def test_a_till_is_limited_to_systems_that_are_there(installation: Installation) -> None:
    first = installation.first()
    here = ("--organization", first["organization_id"])

    told = installation.run(
        "keys", "create", "abc", *here, "--role", "till", "--system", "x", code=1
    )
    assert "REGISTRY-REGISTER-01" in told
    assert "--system[0]" in told
    told = installation.run("keys", "create", "abc", *here, "--system", "x", code=1)
    assert "REGISTRY-KEY-06" in told


def test_a_key_of_a_taxpayer_is_only_for_a_law_that_wants_one(installation: Installation) -> None:
    (installation.folder / "key.pem").write_text("never read")

    told = installation.run("keys", "import", "pt", "key.pem", "--taxpayer", "t", code=2)

    assert "--taxpayer" in told
