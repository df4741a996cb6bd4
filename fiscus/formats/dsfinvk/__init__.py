"""DSFinV-K: the cash register data that German tax auditors read, written and checked."""

from collections.abc import Iterator
from datetime import datetime, time

from fiscus.formats import Format, FormatSource, Selection
from fiscus.formats.dsfinvk import known
from fiscus.formats.dsfinvk.check.run import check
from fiscus.formats.dsfinvk.scope import scope
from fiscus.formats.dsfinvk.tables.index import Supplier
from fiscus.formats.dsfinvk.write.files import write_tar
from fiscus.formats.dsfinvk.write.mapping import closings
from fiscus.model.times import zone


def write(selection: Selection) -> Iterator[bytes]:
    """All closings of the selection, the same ones in the same bytes: no file is of today."""
    taxpayer = selection.taxpayer
    return write_tar(
        closings(selection),
        supplier=Supplier(name=taxpayer.legal_name, city=taxpayer.address.city),
        at=datetime.combine(selection.period.first, time.min, zone(selection.timezone)),
    )


FORMATS = (
    Format(
        code="dsfinvk",
        title="the audit file of Germany, DSFinV-K, with the closings of any period",
        laws=frozenset({"de"}),
        reads=FormatSource.CLOSINGS,
        is_prescribed=True,
        version="2.4",
        media_type="application/x-tar",
        extension="tar",
        check=check,
        write=write,
        scope=scope,
        recognizes=known.recognizes,
        remedies=known.REMEDIES,
    ),
)
