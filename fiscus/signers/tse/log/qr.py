"""The text of the QR code on a receipt: everything needed to verify one transaction by itself."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime

import msgspec

from fiscus.signers.tse.log import algorithms
from fiscus.signers.tse.log.logtime import TimeFormat, log_time
from fiscus.signers.tse.log.messages import (
    VERSIONS,
    LogOperation,
    MessageProof,
    TransactionLog,
    operation_type,
    signed_bytes,
)

_MARK = "V0"
_BEFORE_DATA, _AFTER_DATA = 3, 8


class QrError(ValueError):
    """The text is not that of a receipt."""


class ReceiptQr(msgspec.Struct, frozen=True, kw_only=True):
    """The fields in their order. `started` and `finished` are UTC, with milliseconds."""

    client_id: str
    process_type: str
    process_data: str
    number: int
    signature_counter: int
    started: datetime
    finished: datetime
    algorithm: str
    time_format: TimeFormat
    signature: bytes
    public_key: bytes

    @property
    def serial(self) -> str:
        """The serial number of the TSE, in hex."""
        return algorithms.serial(algorithms.public_key(self.public_key)).hex()


def text(receipt: ReceiptQr) -> str:
    """What the QR code holds."""
    return ";".join(
        (
            _MARK,
            receipt.client_id,
            receipt.process_type,
            receipt.process_data,
            str(receipt.number),
            str(receipt.signature_counter),
            _moment(receipt.started),
            _moment(receipt.finished),
            receipt.algorithm,
            receipt.time_format,
            b64encode(receipt.signature).decode("ascii"),
            b64encode(receipt.public_key).decode("ascii"),
        )
    )


def parse(scanned: str) -> ReceiptQr:
    """Orders hold semicolons themselves, so the fields around the data are counted from both ends.

    Raises `QrError`.
    """
    fields = scanned.split(";")
    if len(fields) < _BEFORE_DATA + 1 + _AFTER_DATA or fields[0] != _MARK:
        raise QrError("not the text of a receipt's QR code")
    number, counter, started, finished, algorithm, form, signature, key = fields[-_AFTER_DATA:]
    if algorithm not in algorithms.OIDS:
        raise QrError(f"unknown algorithm {algorithm}")
    try:
        return ReceiptQr(
            client_id=fields[1],
            process_type=fields[2],
            process_data=";".join(fields[_BEFORE_DATA:-_AFTER_DATA]),
            number=_count(number),
            signature_counter=_count(counter),
            started=_instant(started),
            finished=_instant(finished),
            algorithm=algorithm,
            time_format=TimeFormat(form),
            signature=b64decode(signature, validate=True),
            public_key=b64decode(key, validate=True),
        )
    except (ValueError, NotBase64) as error:
        raise QrError(str(error)) from None


def verifies(receipt: ReceiptQr) -> bool:
    """Whether the signature fits the receipt and the key in it.

    That the key is a certified TSE's is not proven: that takes the certificates of an export.
    """
    return version_of(receipt) is not None


def version_of(receipt: ReceiptQr) -> int | None:
    """The version of the log message that the signature fits; None: it fits neither. The text does
    not name it, so the message is put together again in both."""
    try:
        key = algorithms.public_key(receipt.public_key)
        return next(
            (
                version
                for version in VERSIONS
                if algorithms.verifies(
                    key,
                    receipt.algorithm,
                    signed_bytes(message(receipt, version)),
                    receipt.signature,
                )
            ),
            None,
        )
    except ValueError:
        return None


def message(receipt: ReceiptQr, version: int) -> TransactionLog:
    """The log message of the end of the transaction, as the device wrote it in that version."""
    key = algorithms.public_key(receipt.public_key)
    return TransactionLog(
        version=version,
        operation_type=operation_type(LogOperation.FINISH, version),
        client_id=receipt.client_id,
        process_data=receipt.process_data.encode(),
        process_type=receipt.process_type,
        number=receipt.number,
        proof=MessageProof(
            serial=algorithms.serial(key),
            algorithm=algorithms.OIDS[receipt.algorithm],
            counter=receipt.signature_counter,
            time=log_time(receipt.finished, receipt.time_format),
        ),
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _instant(spelled: str) -> datetime:
    at = datetime.fromisoformat(spelled)
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {spelled}")
    return at.astimezone(UTC)


def _count(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"not a number: {digits}")
    return int(digits)
