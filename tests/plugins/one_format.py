"""The smallest format there can be, for the tests of how plug-ins are found."""

from collections.abc import Mapping
from pathlib import Path

from fiscus.formats import Format
from fiscus.model.faults import Fault


def check(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    return ()


FORMATS = (
    Format(
        code="one",
        title="nothing",
        version="1",
        media_type="text/plain",
        extension="txt",
        check=check,
    ),
)
