"""Is this journal, or this export package, whole and true? `python -m fiscus.journal.verify FILE`

Written from `docs/journal-format.md` alone. The package uses the standard library and
`cryptography` and shares no hashing, encoding or decoding with the code that writes the journal:
a mistake there is not repeated here.
"""

from fiscus.journal.verify.command import main, sentences, verify_file
from fiscus.journal.verify.database import verify_source, verify_sqlite
from fiscus.journal.verify.merkle import verify_consistency, verify_inclusion
from fiscus.journal.verify.outside import OutsideKnowledge, load_outside
from fiscus.journal.verify.package import verify_package
from fiscus.journal.verify.recent import RecentOutcome, verify_recent
from fiscus.journal.verify.report import Finding, UnreadableFile, VerifyReport
from fiscus.journal.verify.source import JournalSource

__all__ = [
    "Finding",
    "JournalSource",
    "OutsideKnowledge",
    "RecentOutcome",
    "UnreadableFile",
    "VerifyReport",
    "load_outside",
    "main",
    "sentences",
    "verify_consistency",
    "verify_file",
    "verify_inclusion",
    "verify_package",
    "verify_recent",
    "verify_source",
    "verify_sqlite",
]
