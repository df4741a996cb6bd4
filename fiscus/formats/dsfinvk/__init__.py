"""DSFinV-K: the cash register data that German tax auditors read; checked here, whoever wrote it.

The writer (`write.py`) takes cash point closings, which no journal of ours holds yet.
"""

from fiscus.formats import Format
from fiscus.formats.dsfinvk.check import check

FORMATS = (
    Format(
        code="dsfinvk",
        regime="de",
        version="2.4",
        media_type="application/x-tar",
        extension="tar",
        check=check,
    ),
)
