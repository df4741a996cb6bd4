"""How journals in plain text are recognized, and what to do about what is found in one."""

import re

from fiscus.formats import FileClues

_OPENS = re.compile(rb"^\d{4}-\d{2}-\d{2} (open|close|balance|commodity) ", re.MULTILINE)
_DECLARES = re.compile(rb"^(account|commodity|D|P) \S", re.MULTILINE)
_TRANSACTION = re.compile(rb"^\d{4}[-/]\d{2}[-/]\d{2} [*!]", re.MULTILINE)


def is_beancount(clues: FileClues) -> bool:
    """By its ending, or by accounts that are opened."""
    return clues.name.lower().endswith((".beancount", ".bean")) or bool(_OPENS.search(clues.head))


def is_ledger(clues: FileClues) -> bool:
    """By its ending, or by accounts that are declared, or by transactions alone."""
    if clues.name.lower().endswith((".ledger", ".hledger", ".journal", ".dat")):
        return True
    is_one = bool(_DECLARES.search(clues.head) or _TRANSACTION.search(clues.head))
    return is_one and not is_beancount(clues)


REMEDIES = {
    "PLAIN-FILE": "save the file as UTF-8",
    "PLAIN-SUM": "correct the amounts of this transaction where it comes from",
    "PLAIN-AMOUNT": "write the amount as 1234.50 EUR",
    "PLAIN-NAME": "correct the name in the chart of accounts, and open or declare it once",
    "PLAIN-DATE": "correct the day of this transaction",
    "PLAIN-LINE": "have this line checked by beancount or ledger itself",
}
