"""What ties documents of one series together: numbers, dates, and each signature to the last."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from fiscus.formats.saft.findings import (
    EARLIER_DAY,
    EARLIER_ENTRY,
    GAP,
    HASH_SHAPE,
    HASH_UNPROVEN,
    HASH_WRONG,
    OUT_OF_ORDER,
    SECOND_VALIDATION,
    SHARED_CODE,
    SaftFindings,
)
from fiscus.formats.saft.sections import SectionDocument

Verifies = Callable[[bytes, bytes], bool]
"""Signature and message: do they belong together?"""

INTEGRATED = "I"
"""Made by another program, with its key: its signature is not ours to judge."""

_SIGNATURE = re.compile("[A-Za-z0-9+/]{171}=")


@dataclass(slots=True)
class LastDocument:
    """The last document seen of one series."""

    sequence: int
    day: str
    entered: str
    signature: str
    validation: str


@dataclass(kw_only=True)
class SeriesChains:
    """Where each series of the file stands; without `verifies` signatures are not judged."""

    verifies: Verifies | None = None
    last: dict[str, LastDocument] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)


def verifier(public_key_pem: str) -> Verifies:
    """RSA with SHA-1 over PKCS#1 v1.5: Despacho 8632/2014, 2.1."""
    key = serialization.load_pem_public_key(public_key_pem.encode("ascii"))
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the public key is not an RSA key")

    def verifies(signature: bytes, message: bytes) -> bool:
        try:
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
        except InvalidSignature:
            return False
        return True

    return verifies


def follow(chains: SeriesChains, document: SectionDocument, findings: SaftFindings) -> None:
    """Put the document behind the last one of its series."""
    if not document.series:
        return
    last = chains.last.get(document.series)
    _code_has_one_type(chains, document, findings)
    if last is not None:
        _after(last, document, findings)
    signature = document.node.text("Hash")
    if document.section.is_signed and document.source != INTEGRATED:
        _signed(chains, last, document, findings)
    validation = document.node.text("ATCUD").rpartition("-")[0]
    if last is not None and validation and last.validation not in ("", validation):
        findings.add(SECOND_VALIDATION, f"{document.path}/ATCUD")
    chains.last[document.series] = LastDocument(
        document.sequence,
        document.day,
        document.entered,
        signature,
        last.validation if last and last.validation else validation,
    )


def _code_has_one_type(
    chains: SeriesChains, document: SectionDocument, findings: SaftFindings
) -> None:
    kind = f"{document.section.name} {document.type}"
    if chains.types.setdefault(document.internal_code, kind) != kind:
        findings.add(SHARED_CODE, f"{document.path}/{document.section.type}")


def _after(last: LastDocument, document: SectionDocument, findings: SaftFindings) -> None:
    number = f"{document.path}/{document.section.number}"
    if document.sequence <= last.sequence:
        findings.add(OUT_OF_ORDER, number)
    elif document.sequence > last.sequence + 1:
        findings.add(GAP, number)
    if document.day < last.day:
        findings.add(EARLIER_DAY, f"{document.path}/{document.section.day}")
    if document.entered < last.entered:
        findings.add(EARLIER_ENTRY, f"{document.path}/SystemEntryDate")


def _signed(
    chains: SeriesChains,
    last: LastDocument | None,
    document: SectionDocument,
    findings: SaftFindings,
) -> None:
    signature = document.node.text("Hash")
    if not _SIGNATURE.fullmatch(signature):
        findings.add(HASH_SHAPE, f"{document.path}/Hash")
        return
    previous = _previous(last, document.sequence)
    if chains.verifies is None:
        return
    if previous is None:
        if last is None:  # else a gap is told
            findings.add(HASH_UNPROVEN, f"{document.path}/Hash")
        return
    message = _message(document, previous).encode("utf-8")
    try:
        is_good = chains.verifies(b64decode(signature, validate=True), message)
    except binascii.Error:
        is_good = False
    if not is_good:
        findings.add(HASH_WRONG, f"{document.path}/Hash")


def _previous(last: LastDocument | None, sequence: int) -> str | None:
    """The signature before; None where the file does not hold it."""
    if sequence == 1:
        return ""
    if last is None or last.sequence != sequence - 1:
        return None
    return last.signature


def _message(document: SectionDocument, previous: str) -> str:
    gross = document.node.part("DocumentTotals").text("GrossTotal").strip()
    return f"{document.day};{document.entered};{document.number};{gross};{previous}"
