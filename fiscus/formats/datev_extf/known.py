"""How a batch of bookings is recognized, and what to do about what is found in one."""

from fiscus.formats import FileClues

_BEGINNINGS = (b'"EXTF";', b'"DTVF";', b"EXTF;", b"DTVF;")


def recognizes(clues: FileClues) -> bool:
    """By its first cell."""
    return clues.head.removeprefix(b"\xef\xbb\xbf").startswith(_BEGINNINGS)


REMEDIES = {
    "EXTF-FILE": "write the file again; a spreadsheet program that saves it changes it",
    "EXTF-FILE-06": "give the file a name that begins with EXTF_ and ends with .csv",
    "EXTF-HEADER": "correct the settings of the company (consultant, client, fiscal year) in the "
    "program that writes the file",
    "EXTF-NAMES": "choose the version of the format that DATEV imports",
    "EXTF-ROW": "write the file again; a text with a semicolon stands in quotes",
    "EXTF-CELL": "correct the value where it comes from, and write the file again",
    "EXTF-DATE": "compare the period of the file with the days of its bookings",
    "EXTF-ACCOUNT": "compare the chart of accounts with the length of accounts in the file",
    "EXTF-CURRENCY": "state the rate and the amount in the base currency",
    "EXTF-PAIR": "fill in the other half of the pair, or leave both empty",
    "EXTF-LOCK": "decide whether bookings are locked, and say it in the first row and in each",
    "EXTF-GUID": "write the file again: DATEV takes a booking with the same GUID once only",
}
