"""The family of TSEs: what they all can do, the log format they share, and a verifier for it.

A TSE signs for German registers (KassenSichV). Inside: a software TSE for tests, an adapter for a
cloud TSE with its simulator, the codec of log messages, and the verifier of exports.
"""

from fiscus.signers.tse.kinds import CLOUD, SOFTWARE
from fiscus.signers.tse.log.errors import TseDown, TseRefused
from fiscus.signers.tse.log.qr import QrError, ReceiptQr
from fiscus.signers.tse.log.verify import LogReport, check, examine

DEVICES = (SOFTWARE, CLOUD)

__all__ = [
    "DEVICES",
    "LogReport",
    "QrError",
    "ReceiptQr",
    "TseDown",
    "TseRefused",
    "check",
    "examine",
]
