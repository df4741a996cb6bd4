"""DSFinV-K: the cash register data that German tax auditors read, written and checked."""

from collections.abc import Iterator
from datetime import datetime, time

from fiscus.formats import Format, Selection
from fiscus.formats.dsfinvk.check import check
from fiscus.formats.dsfinvk.index import Supplier
from fiscus.formats.dsfinvk.mapping import closings
from fiscus.formats.dsfinvk.write import write_tar
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
        regime="de",
        version="2.4",
        media_type="application/x-tar",
        extension="tar",
        check=check,
        write=write,
    ),
)
