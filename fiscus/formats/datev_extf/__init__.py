"""DATEV EXTF: a batch of bookings, as German tax consultants' programs import it."""

from fiscus.formats import BookFormat
from fiscus.formats.datev_extf import known
from fiscus.formats.datev_extf.check import check
from fiscus.formats.datev_extf.judge import judge, terms_faults
from fiscus.formats.datev_extf.scope import scope
from fiscus.formats.datev_extf.target import SETTINGS
from fiscus.formats.datev_extf.write import files

DATEV_EXTF = BookFormat(
    code="datev-extf",
    title="bookings for DATEV, EXTF Buchungsstapel",
    version="700/13",
    media_type="text/csv; charset=windows-1252",
    extension="csv",
    settings=SETTINGS,
    faults=terms_faults,
    judge=judge,
    files=files,
    check=check,
    scope=scope,
    recognizes=known.recognizes,
    remedies=known.REMEDIES,
)

BOOKS = (DATEV_EXTF,)
