"""The archive of a TSE's log messages: read and verified here, written by the device itself."""

from collections.abc import Mapping
from pathlib import Path

from fiscus.formats import Format
from fiscus.model.faults import Fault
from fiscus.signers.tse import verify


def check(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    """Every fault of the archive of any TSE, version 2 or 3. With the setting `is_filtered` the
    archive may leave messages out, as a filtered export does."""
    return verify.check(path, is_complete="is_filtered" not in settings)


FORMATS = (
    Format(
        code="tse",
        regime="de",
        version="2 and 3",
        media_type="application/x-tar",
        extension="tar",
        check=check,
    ),
)
