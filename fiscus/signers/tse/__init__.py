"""The family of TSEs: what they all can do, the log format they share, and a verifier for it.

A TSE signs for German registers (KassenSichV). Inside: a software TSE for tests, an adapter for a
cloud TSE with its simulator, the codec of log messages, and the verifier of exports.
"""

from fiscus.signers.tse.contract import (
    Filter,
    Finished,
    TransactionFound,
    TransactionStarted,
    TransactionState,
    Tse,
    TseDown,
    TseInfo,
    TseRefused,
)
from fiscus.signers.tse.qr import QrError, ReceiptQr
from fiscus.signers.tse.verify import Report, check, examine

SIGNERS = ()
"""Empty until the socket can ask for transactions: a TSE does not sign loose bytes."""

__all__ = [
    "SIGNERS",
    "Filter",
    "Finished",
    "QrError",
    "ReceiptQr",
    "Report",
    "TransactionFound",
    "TransactionStarted",
    "TransactionState",
    "Tse",
    "TseDown",
    "TseInfo",
    "TseRefused",
    "check",
    "examine",
]
