import subprocess
import sys
from pathlib import Path

from fiscus import formats
from tests.plugins.loaded import loaded

LIST = "from fiscus import formats; print(' '.join(formats.installed()))"
ONE = ("fiscus.formats", "tests.plugins.one_format")


def test_a_plug_in_is_installed_while_the_block_runs(tmp_path: Path) -> None:
    before = set(formats.installed())

    with loaded(tmp_path, ONE):
        assert set(formats.installed()) == before | {"one"}

    assert set(formats.installed()) == before


def test_a_process_of_its_own_has_it_too(tmp_path: Path) -> None:
    with loaded(tmp_path, ONE) as environ:
        said = subprocess.run(
            [sys.executable, "-c", LIST], env=environ, cwd=tmp_path, capture_output=True, check=True
        )

    assert "one" in said.stdout.decode().split()
