"""How an export of a TSE is recognized, and what to do about what is found in one."""

from pathlib import PurePosixPath

from fiscus.formats import FileClues
from fiscus.signers.tse.log.tar import is_certificate


def recognizes(clues: FileClues) -> bool:
    """By its log messages or by a certificate: their names are prescribed."""
    names = [PurePosixPath(name).name for name in clues.members]
    return any(is_certificate(name) or name.endswith(".log") for name in names)


REMEDIES = {
    "TSE-TAR": "ask the TSE for its export again: the archive is handed over as the TSE wrote it",
    "TSE-FILE": "ask the TSE for its export again, and add nothing to it",
    "TSE-INFO": "nothing is to be done: real devices spell it in several ways",
    "TSE-CERT": "ask the maker of the TSE for the certificates of its chain",
    "TSE-NAME": "do not rename files; ask the TSE for its export again",
    "TSE-LOG": "ask the TSE for its export again; if it stays, tell the maker of the TSE",
    "TSE-FIELD": "tell the maker of the TSE",
    "TSE-ALG": "have it checked by a program of the TSE's maker",
    "TSE-SIG": "ask the TSE for its export again; if it stays, somebody may have changed a message",
    "TSE-SERIAL": "ask the maker of the TSE for the certificate of this key",
    "TSE-KEY": "check the export of each TSE by itself",
    "TSE-COUNTER": "ask the TSE for all messages, of all its clients, and check that export",
    "TSE-TRA": "compare with the cash register's journal of these minutes",
    "TSE-TIME": "compare with the times at which the clock of the TSE was set",
}
