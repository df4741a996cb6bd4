"""What the files for containers say, as far as it can be judged without making one."""

import re

import pytest

from tests.container import recipe

COMPOSE = (recipe.ROOT / "compose.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "path",
    [
        ".data/master.key",
        ".data/fiscus.db",
        ".git/config",
        ".venv/bin/python",
        ".env",
        "demo-output/data/master.key",
        "backup/master.key",
        "compose.yaml",
        "fiscus/model/tests/test_amounts.py",
        "fiscus/model/__pycache__/amounts.pyc",
    ],
)
def test_secrets_databases_and_tests_are_not_sent_to_the_builder(path: str) -> None:
    assert path not in recipe.sent()


@pytest.mark.parametrize("path", ["requirements.lock", "fiscus/cli.py", "fiscus/api/intake.py"])
def test_what_is_installed_is_sent(path: str) -> None:
    assert path in recipe.sent()


def test_whatever_is_copied_is_sent() -> None:
    for step in recipe.dockerfile():
        if step.word == "COPY":
            *sources, _ = step.rest.split()
            for source in sources:
                assert list(recipe.copied(source)), f"COPY {source} finds nothing"


def test_an_instruction_that_nobody_tests_is_an_error() -> None:
    assert recipe.instructions("# text\nRUN a \\\n && b\n")[0].rest == "a && b"
    with pytest.raises(AssertionError, match="ADD"):
        recipe.instructions("ADD file /\n")


def test_nobody_is_told_the_address_0_0_0_0() -> None:
    assert "0.0.0.0" in recipe.only("CMD")
    [public] = re.findall(r"FISCUS_PUBLIC_URL: (\S+)", COMPOSE)

    assert "0.0.0.0" not in public


def test_each_process_has_somebody_who_waits_for_its_children() -> None:
    [shared] = re.findall(r"^x-fiscus: &fiscus\n((?:  .*\n)+)", COMPOSE, re.M)
    ours = re.findall(r"^  (migrate|serve|work):\n    <<: \*fiscus$", COMPOSE, re.M)

    assert re.search(r"^  init: true", shared, re.M)
    assert len(ours) == 3
