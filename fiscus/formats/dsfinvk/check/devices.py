"""The TSEs of an export: is each the one its certificate names, and did it sign what is claimed?"""

from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.findings import TableFindings
from fiscus.formats.dsfinvk.check.scratch import MORE, Scratch
from fiscus.formats.dsfinvk.tables.master import TSE
from fiscus.signers.tse.log import algorithms, certificates, messages
from fiscus.signers.tse.log.logtime import LogTime, TimeFormat
from fiscus.signers.tse.log.messages import LogOperation, MessageProof, TransactionLog

_TIMES = {
    "utcTime": (TimeFormat.UTC, "%y%m%d%H%MZ"),
    "utcTimeWithSeconds": (TimeFormat.UTC, "%y%m%d%H%M%SZ"),
    "generalizedTime": (TimeFormat.GENERALIZED, "%Y%m%d%H%M%SZ"),
    "generalizedTimeWithMilliseconds": (TimeFormat.GENERALIZED, "%Y%m%d%H%M%S"),
}
"""How a log message spells its time, by the words of `TSE_ZEITFORMAT`; else as Unix time."""


_CERTIFICATE = f"TSE_ZERTIFIKAT_I || TSE_ZERTIFIKAT_II || {MORE}"


class LogForm(NamedTuple):
    """What a row does not say: for whom the device signed, and how it wrote its log message."""

    client_id: str
    version: int
    is_in_parts: bool


@dataclass
class CertifiedKey:
    """A certified key, and the form in which the last of its signatures verified."""

    key: ec.EllipticCurvePublicKey
    serial: bytes
    algorithm: str
    time_format: str
    fitted: LogForm | None = None


class SignatureClaim(NamedTuple):
    """What a row of `transactions_tse` says of its signature. `finished_at` is aware."""

    number: int
    finished_at: datetime
    process_type: str
    counter: int
    signature: str


def judge(tables: Scratch, findings: TableFindings) -> None:
    """The rows of `tse.csv`: serial and public key against the certificate."""
    rows = tables.execute(f"SELECT row, TSE_SERIAL, TSE_PUBLIC_KEY, {_CERTIFICATE} FROM tse")
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


def find(tables: Scratch, row: int) -> CertifiedKey | None:
    """The device in that row of `tse.csv`; None if its certificate cannot be read."""
    certificate, algorithm, time_format = tables.execute(
        f"SELECT {_CERTIFICATE}, TSE_SIG_ALGO, TSE_ZEITFORMAT FROM tse WHERE row = ?", (row,)
    ).fetchone()
    key = key_of(certificate)
    return CertifiedKey(key, algorithms.serial(key), algorithm, time_format) if key else None


def is_signed(
    device: CertifiedKey, claim: SignatureClaim, client_ids: Sequence[str], data: str
) -> bool:
    """Whether the device signed these process data for one of the clients.

    The log message is rebuilt in both versions of the format, with the process data whole or in
    a single part, because the row does not say which; what fitted last comes first, because a
    device does not change. Raises `UnknownAlgorithm`.
    """
    if device.algorithm not in algorithms.OIDS:
        return False
    try:
        signature = b64decode(claim.signature, validate=True)
    except ValueError:
        return False
    for form in _forms(client_ids, device.fitted):
        message = _message(device, claim, form, data.encode())
        if algorithms.verifies(device.key, device.algorithm, message, signature):
            device.fitted = form
            return True
    return False


def _forms(client_ids: Sequence[str], fitted: LogForm | None) -> Iterator[LogForm]:
    if fitted and fitted.client_id in client_ids:
        yield fitted
    for client_id in client_ids:
        for version in messages.VERSIONS:
            for is_in_parts in (False, True):
                form = LogForm(client_id, version, is_in_parts)
                if form != fitted:
                    yield form


def _message(device: CertifiedKey, claim: SignatureClaim, form: LogForm, told: bytes) -> bytes:
    return messages.signed_bytes(
        TransactionLog(
            version=form.version,
            operation_type=messages.operation_type(LogOperation.FINISH, form.version),
            client_id=form.client_id,
            process_data=told,
            process_type=claim.process_type,
            number=claim.number,
            parts=(told,) if form.is_in_parts else (),
            proof=MessageProof(
                serial=device.serial,
                algorithm=algorithms.OIDS[device.algorithm],
                counter=claim.counter,
                time=_log_time(claim.finished_at, device.time_format),
            ),
        )
    )


def _is_key(text: str, key: ec.EllipticCurvePublicKey) -> bool:
    """Devices print the bare point or its DER."""
    try:
        printed = algorithms.public_key(b64decode(text, validate=True))
    except ValueError:
        return False
    return algorithms.point(printed) == algorithms.point(key)


def _log_time(finished_at: datetime, time_format: str) -> LogTime:
    if time_format not in _TIMES:
        return LogTime(TimeFormat.UNIX, str(int(finished_at.timestamp())))
    form, spelled = _TIMES[time_format]
    at = finished_at.astimezone(UTC)
    text = at.strftime(spelled)
    if time_format == "generalizedTimeWithMilliseconds":
        text += f".{at.microsecond // 1000:03}Z"
    return LogTime(form, text)
