"""A new country from the template is whole at once: formatted, typed, tested, and it sells."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from templates.new_regime import TEMPLATE, make

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the checks look at, with a country more."""
    copy = tmp_path_factory.mktemp("repository")
    for name in ("fiscus", "templates", "tests/repository", "tests/support"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "conftest.py", "README.md"):
        shutil.copy(ROOT / name, copy / name)
    made = subprocess.run(
        [sys.executable, "templates/new_regime.py", "zz"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return copy


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "format", "--check", "fiscus/regimes/zz"),
        ("ruff", "check", "fiscus/regimes/zz"),
        ("mypy", "fiscus/regimes/zz"),
        (
            "python",
            "-m",
            "pytest",
            "-q",
            "fiscus/regimes/zz",
            "tests/repository/test_kinds_of_laws.py",
            "-k",
            "zz",
            "-p",
            "no:cacheprovider",
        ),
    ],
    ids=lambda command: " ".join(command[:4]),
)
def test_a_new_country_passes_every_check_as_it_is(
    repository: Path, command: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_of_the_template_or_of_another_law_is_left(tmp_path: Path) -> None:
    folder = make("zz", tmp_path)

    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert [path.relative_to(folder) for path in files] == sorted(
        path.relative_to(TEMPLATE) for path in (*TEMPLATE.rglob("*.py"), *TEMPLATE.rglob("*.md"))
    )
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        assert "xx" not in text, path
        assert "plain" not in text, path


@pytest.mark.parametrize("code", ["", "z", "zzz", "ZZ", "../z", "z1"])
def test_what_is_no_code_makes_no_folder(tmp_path: Path, code: str) -> None:
    with pytest.raises(ValueError, match="two small letters"):
        make(code, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_country_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "zz").mkdir()

    with pytest.raises(FileExistsError):
        make("zz", tmp_path)

    assert list((tmp_path / "zz").iterdir()) == []
