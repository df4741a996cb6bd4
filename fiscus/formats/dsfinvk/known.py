"""How an export is recognized, and what to do about what is found in one."""

from pathlib import PurePosixPath

from fiscus.formats import FileClues
from fiscus.formats.dsfinvk.tables import index
from fiscus.formats.dsfinvk.tables.all_tables import BY_FILE


def recognizes(clues: FileClues) -> bool:
    """By one of its tables; a description alone has many kinds of data media."""
    names = {PurePosixPath(name).name for name in clues.members}
    return bool(names & BY_FILE.keys()) or index.FILE in names


REMEDIES = {
    "DSFINVK-FILE": "export again, and hand over the archive as it was written: unpacked and "
    "packed anew by hand it easily gets other files",
    "DSFINVK-INDEX": "have the maker of the cash register write index.xml as DSFinV-K prescribes",
    "DSFINVK-HEADER": "have the maker of the cash register name the columns as prescribed",
    "DSFINVK-RECORD": "do not open and save the tables with a spreadsheet program; export again",
    "DSFINVK-VALUE": "correct the master data in the cash register where the value comes from "
    "there, else tell its maker",
    "DSFINVK-KEY": "export the whole period again; if it stays, tell the maker of the cash "
    "register",
    "DSFINVK-CLOSING": "look whether all closings of the period are in the export",
    "DSFINVK-RECEIPT": "look for the receipt in the journal of the cash register, and tell its "
    "maker",
    "DSFINVK-AMOUNT": "compare with the printed receipt, and tell the maker of the cash register",
    "DSFINVK-CASE": "compare how this case was entered with what DSFinV-K says of it",
    "DSFINVK-SUM": "compare with the printed closing (Z report), and tell the maker of the cash "
    "register",
    "DSFINVK-VAT": "compare the VAT keys in the cash register with the rates of these days",
    "DSFINVK-REFERENCE": "export the period of the other receipt too, or tell the maker",
    "DSFINVK-TSE": "compare with the TSE's own export of the same days, and keep both",
    "DSFINVK-TSE-04": "compare with the TSE's own export: somebody may have changed the receipt",
}
