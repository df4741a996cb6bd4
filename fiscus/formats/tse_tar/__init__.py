"""The archive of a TSE's log messages: the device writes it, here it is passed on and verified."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from fiscus.formats import Format, FormatSource, Selection
from fiscus.formats.tse_tar import known
from fiscus.formats.tse_tar.scope import scope
from fiscus.model.faults import Code, Fault, Missing, Refused
from fiscus.signers.tse.log import verify

NO_DEVICE = Code("TSETAR-DEVICE-01", "no device signed in this period")
SEVERAL_DEVICES = Code(
    "TSETAR-DEVICE-02", "an archive holds the messages of one device: ask for each register's own"
)


def write(selection: Selection) -> Iterator[bytes]:
    """The device's own bytes. Nothing is repacked, because the file is its evidence, and two
    devices are never put into one: an archive is verified with one key."""
    archives = selection.archives
    if not archives:
        raise Missing(NO_DEVICE)
    if len(archives) > 1:
        raise Refused(SEVERAL_DEVICES, *(archive.serial for archive in archives))
    return archives[0].blocks()


def check(path: Path, settings: Mapping[str, str]) -> tuple[Fault, ...]:
    """Every fault of the archive of any TSE, version 2 or 3. With the setting `is_filtered` the
    archive may leave messages out, as a filtered export does."""
    return verify.check(path, is_complete="is_filtered" not in settings)


FORMATS = (
    Format(
        code="tse",
        title="all that the TSE of a register has logged, as the TSE itself hands it out",
        laws=frozenset({"de"}),
        reads=FormatSource.ARCHIVES,
        version="2 and 3",
        media_type="application/x-tar",
        extension="tar",
        check=check,
        write=write,
        scope=scope,
        recognizes=known.recognizes,
        remedies=known.REMEDIES,
    ),
)
