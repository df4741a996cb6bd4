"""The sample export, and its closings as rows."""

from pathlib import Path

import pytest

from fiscus.formats.dsfinvk.tests.copies import Copy
from fiscus.formats.dsfinvk.tests.sample import Closing, closings_of


@pytest.fixture(scope="session")
def sample_folder(shared_data: Path) -> Path:
    return shared_data / "de" / "sample_export"


@pytest.fixture(scope="session")
def closings(sample_folder: Path) -> list[Closing]:
    return closings_of(sample_folder)


@pytest.fixture
def sample_copy(sample_folder: Path, tmp_path: Path) -> Copy:
    """A copy that may be broken."""
    return Copy(sample_folder, tmp_path / "copy")
