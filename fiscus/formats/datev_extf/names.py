"""The names of the accounts, for the accountant who has not set them up yet."""

from collections.abc import Iterator, Mapping

from fiscus.formats.datev_extf.characters import foreign, transliterated
from fiscus.formats.datev_extf.head import head
from fiscus.formats.datev_extf.target import DatevTarget, fiscal_year, is_account
from fiscus.formats.datev_extf.texts import FOREIGN, quoted
from fiscus.model.accounts import ChartAccount
from fiscus.model.booked import BookBatch, BookFile
from fiscus.model.faults import Fault

NAME_MAX = 40
LONG_NAME_MAX = 300
NAME_COLUMNS = ("Konto", "Kontenbeschriftung", "Sprach-ID", "Kontenbeschriftung lang")


def chart_faults(accounts: Mapping[str, ChartAccount]) -> tuple[Fault, ...]:
    """The names that cannot be written, each with what is wrong with it."""
    strange = [
        f"account {code} {one}"
        for code, account in sorted(accounts.items())
        for one in foreign(transliterated(account.name))
    ]
    return (Fault(code=FOREIGN.id, text=FOREIGN.text, paths=tuple(strange)),) if strange else ()


def names_file(batch: BookBatch, found: DatevTarget) -> BookFile:
    """All accounts of the chart that DATEV can number, by code."""
    return BookFile(
        name=f"EXTF_Kontenbeschriftungen_{batch.first:%Y%m%d}.csv", blocks=_blocks(batch, found)
    )


def _blocks(batch: BookBatch, found: DatevTarget) -> Iterator[bytes]:
    year = fiscal_year(batch.first, found.first_month)[0]
    lines = [head(batch, found, year, None), ";".join(NAME_COLUMNS)]
    for code, account in sorted(batch.accounts.items()):
        if is_account(code, found.account_length):
            name = transliterated(account.name)
            short, long = quoted(name[:NAME_MAX]), quoted(name[:LONG_NAME_MAX])
            lines.append(f'{code};"{short}";"de-DE";"{long}"')
    yield ("\r\n".join(lines) + "\r\n").encode("cp1252")
