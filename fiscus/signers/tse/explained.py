"""What exactly a TSE has signed: the log message, element by element, put together again from what
a record keeps of it (BSI TR-03151-1)."""

from base64 import b64decode
from collections.abc import Iterator

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fiscus.model.explained import ExplainedPart, ExplainedSignature, ExplainedValue, PageText
from fiscus.model.records import DeviceSigning
from fiscus.signers.tse import explained_words as words
from fiscus.signers.tse.log import algorithms, asn1, messages, qr
from fiscus.signers.tse.log.logtime import TimeFormat
from fiscus.signers.tse.log.messages import TransactionLog
from fiscus.signers.tse.log.qr import ReceiptQr

LAW = "KassenSichV § 2; BSI TR-03151-1"

_READ_BY_DEFAULT = messages.VERSIONS[0]


def explained(signing: DeviceSigning) -> tuple[ExplainedPart, ...]:
    """One part: the message of the end of the transaction, its signature and its key."""
    try:
        receipt = _receipt(signing)
        key = algorithms.public_key(receipt.public_key)
        version = qr.version_of(receipt)
        log = qr.message(receipt, version or _READ_BY_DEFAULT)
    except (ValueError, KeyError):
        return (ExplainedPart(title=words.TITLE, text=words.UNREADABLE, law=LAW),)
    return (
        ExplainedPart(
            title=words.TITLE,
            text=words.TEXT,
            law=LAW,
            values=tuple(_elements(log, signing)),
            signature=ExplainedSignature(
                algorithm=signing.algorithm,
                message=messages.signed_bytes(log),
                signature=receipt.signature,
                key=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
                is_good=version is not None,
            ),
        ),
    )


def _receipt(signing: DeviceSigning) -> ReceiptQr:
    return ReceiptQr(
        client_id=signing.client,
        process_type=signing.process_type,
        process_data=signing.process_data,
        number=signing.number,
        signature_counter=signing.counter,
        started=signing.started_at,
        finished=signing.finished_at,
        algorithm=signing.algorithm,
        time_format=TimeFormat(signing.time_format),
        signature=b64decode(signing.signature, validate=True),
        public_key=b64decode(signing.public_key, validate=True),
    )


def _elements(log: TransactionLog, signing: DeviceSigning) -> Iterator[ExplainedValue]:
    """In the order of the bytes: all of them together are the signed message."""
    proof = log.proof
    number, kind = asn1.integer_octets(log.number or 0), messages.TRANSACTION
    yield _element("version", str(log.version), words.VERSION, _integer(log.version))
    yield _element("certifiedDataType", kind, words.KIND, _object(kind))
    yield _element(
        "operationType",
        log.operation_type,
        words.OPERATION,
        asn1.write(0x80, log.operation_type.encode()),
    )
    yield _element(
        "clientId", log.client_id, words.CLIENT, asn1.write(0x81, log.client_id.encode())
    )
    yield _element(
        "processData", signing.process_data, words.DATA, asn1.write(0x82, log.process_data)
    )
    type_ = log.process_type or ""
    yield _element("processType", type_, words.TYPE, asn1.write(0x83, type_.encode()))
    yield _element("transactionNumber", str(log.number), words.NUMBER, asn1.write(0x85, number))
    yield _element(
        "serialNumber",
        proof.serial.hex(),
        words.SERIAL,
        asn1.write(asn1.OCTETS, proof.serial),
    )
    yield _element(
        "signatureAlgorithm",
        f"{proof.algorithm} ({signing.algorithm})",
        words.ALGORITHM,
        asn1.write(asn1.SEQUENCE, _object(proof.algorithm)),
    )
    yield _element("signatureCounter", str(proof.counter), words.COUNTER, _integer(proof.counter))
    yield _element(
        "logTime",
        f"{proof.time.text} ({signing.time_format})",
        words.TIME,
        proof.time.element(),
    )


def _element(name: str, value: str, meaning: PageText, octets: bytes) -> ExplainedValue:
    return ExplainedValue(name=name, value=f"{value}\n{octets.hex(' ')}", meaning=meaning)


def _integer(value: int) -> bytes:
    return asn1.write(asn1.INTEGER, asn1.integer_octets(value))


def _object(dotted: str) -> bytes:
    return asn1.write(asn1.OBJECT, asn1.object_octets(dotted))
