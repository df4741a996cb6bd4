"""The TSEs of an export: is each the one its certificate names, and did it sign what is claimed?"""

from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from fiscus.formats.dsfinvk import findings as found
from fiscus.formats.dsfinvk.findings import Findings
from fiscus.formats.dsfinvk.scratch import MORE, Scratch
from fiscus.formats.dsfinvk.tables_master import TSE
from fiscus.signers.tse import algorithms, certificates, messages
from fiscus.signers.tse.logtime import LogTime, TimeFormat
from fiscus.signers.tse.messages import Operation, Proof, TransactionLog

_TIMES = {
    "utcTime": (TimeFormat.UTC, "%y%m%d%H%MZ"),
    "utcTimeWithSeconds": (TimeFormat.UTC, "%y%m%d%H%M%SZ"),
    "generalizedTime": (TimeFormat.GENERALIZED, "%Y%m%d%H%M%SZ"),
    "generalizedTimeWithMilliseconds": (TimeFormat.GENERALIZED, "%Y%m%d%H%M%S"),
}
"""How a log message spells its time, by the words of `TSE_ZEITFORMAT`; else as Unix time."""


class Claim(NamedTuple):
    """A row of `transactions_tse` with the device that is said to have signed it."""

    certificate: str
    algorithm: str
    time_format: str
    number: int
    finished_at: str
    process_type: str
    counter: int
    signature: str


def judge(tables: Scratch, findings: Findings) -> None:
    """The rows of `tse.csv`: serial and public key against the certificate."""
    rows = tables.execute(
        f"""
        SELECT row, TSE_SERIAL, TSE_PUBLIC_KEY, TSE_ZERTIFIKAT_I || TSE_ZERTIFIKAT_II || {MORE}
        FROM tse
        """
    )
    for row, serial, public_key, certificate in rows:
        key = key_of(certificate)
        if key is None:
            findings.add(found.BAD_CERTIFICATE, TSE.file, row, "TSE_ZERTIFIKAT_I")
            continue
        if serial != algorithms.serial(key).hex():
            findings.add(found.OTHER_SERIAL, TSE.file, row, "TSE_SERIAL")
        if not _is_key(public_key, key):
            findings.add(found.OTHER_KEY, TSE.file, row, "TSE_PUBLIC_KEY")


@lru_cache(maxsize=256)
def key_of(certificate: str) -> ec.EllipticCurvePublicKey | None:
    """The key in a base64 certificate; None if there is none."""
    try:
        return certificates.key(certificates.read(b64decode(certificate, validate=True)))
    except ValueError:
        return None


def is_signed(claim: Claim, client_ids: Iterable[str], data: str) -> bool:
    """Whether the device signed these process data for one of the clients.

    The log message is rebuilt in both versions of the format, with the process data whole or in
    a single part, because the row does not say which. Raises `UnknownAlgorithm`.
    """
    key = key_of(claim.certificate)
    if key is None or claim.algorithm not in algorithms.OIDS:
        return False
    try:
        signature = b64decode(claim.signature, validate=True)
    except ValueError:
        return False
    return any(
        algorithms.verifies(key, claim.algorithm, message, signature)
        for client_id in client_ids
        for message in _messages(claim, key, client_id, data)
    )


def _messages(
    claim: Claim, key: ec.EllipticCurvePublicKey, client_id: str, data: str
) -> Iterator[bytes]:
    told = data.encode()
    proof = Proof(
        serial=algorithms.serial(key),
        algorithm=algorithms.OIDS[claim.algorithm],
        counter=claim.counter,
        time=_log_time(claim.finished_at, claim.time_format),
    )
    for version in messages.VERSIONS:
        for parts in ((), (told,)):
            yield messages.signed_bytes(
                TransactionLog(
                    version=version,
                    operation_type=messages.operation_type(Operation.FINISH, version),
                    client_id=client_id,
                    process_data=told,
                    process_type=claim.process_type,
                    number=claim.number,
                    parts=parts,
                    proof=proof,
                )
            )


def _is_key(text: str, key: ec.EllipticCurvePublicKey) -> bool:
    """Devices print the bare point or its DER."""
    try:
        printed = algorithms.public_key(b64decode(text, validate=True))
    except ValueError:
        return False
    return algorithms.point(printed) == algorithms.point(key)


def _log_time(finished_at: str, time_format: str) -> LogTime:
    at = datetime.fromisoformat(finished_at).astimezone(UTC)
    if time_format not in _TIMES:
        return LogTime(TimeFormat.UNIX, str(int(at.timestamp())))
    form, spelled = _TIMES[time_format]
    text = at.strftime(spelled)
    if time_format == "generalizedTimeWithMilliseconds":
        text += f".{at.microsecond // 1000:03}Z"
    return LogTime(form, text)
