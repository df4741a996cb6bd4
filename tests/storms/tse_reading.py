"""Reads a TSE's archive by itself: no line of it is shared with the product's own reader.

BSI TR-03151: a message is a DER sequence whose last element signs the raw bytes of all others.
"""

import io
import re
import tarfile
from base64 import b64encode
from collections.abc import Iterator

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

TRANSACTION_LOG = bytes.fromhex("04007f000703070101")
START, FINISH = "Start", "Finish"
_LOG = re.compile(r"Sig-(\d+)_Log-(?:Tra|Sys|Aud)")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A signed message; `operation` is empty for what the device tells of itself. `signature` is
    base64, as it stands on receipts."""

    counter: int
    signature: str
    operation: str = ""
    client: str = ""
    number: int = 0
    process_type: str = ""
    process_data: str = ""


class TseLog(msgspec.Struct, frozen=True, kw_only=True):
    """`forged`: messages whose signature does not verify; `missing`: counters that are not there
    or there twice."""

    started: dict[int, Message]
    finished: dict[int, Message]
    messages: int
    forged: int
    missing: int
    twice: int

    @property
    def open(self) -> set[int]:
        return self.started.keys() - self.finished.keys()


def read(archive: bytes) -> TseLog:
    """The whole archive of one device from its first message on."""
    key, found, forged = None, [], 0
    logs: list[bytes] = []
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            if _LOG.search(member.name):
                logs.append(file.read())
            elif member.name.endswith(".cer") and key is None:
                key = x509.load_der_x509_certificate(file.read()).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey), "the device's own certificate comes first"
    for data in logs:
        message, signed, signature = _message(data)
        found.append(message)
        forged += not _verifies(key, signed, signature)
    counters = sorted(message.counter for message in found)
    started = [message for message in found if message.operation.startswith(START)]
    finished = [message for message in found if message.operation.startswith(FINISH)]
    begun, ended = ({one.number: one for one in group} for group in (started, finished))
    return TseLog(
        started=begun,
        finished=ended,
        messages=len(found),
        forged=forged,
        missing=sum(counter != place for place, counter in enumerate(counters, start=1)),
        twice=len(started) - len(begun) + len(finished) - len(ended) + len(ended.keys() - begun),
    )


def _message(data: bytes) -> tuple[Message, bytes, bytes]:
    """The message, what is signed of it, and the signature."""
    ((tag, body),) = _elements(data)
    assert tag == 0x30
    parts = list(_elements(body))
    signature = parts[-1][1]
    signed = body[: -len(_header(len(signature))) - len(signature)]
    message = Message(
        counter=int.from_bytes(parts[-3][1], "big"), signature=b64encode(signature).decode()
    )
    if parts[1][1] == TRANSACTION_LOG:
        said = dict(parts[2:-5])
        message = msgspec.structs.replace(
            message,
            operation=said[0x80].decode(),
            client=said[0x81].decode(),
            number=int.from_bytes(said[0x85], "big"),
            process_data=said[0x82].decode(),
            process_type=said.get(0x83, b"").decode(),
        )
    return message, signed, signature


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and contents, one after the other."""
    place = 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1], place + 2
        if length & 0x80:
            wide = length & 0x7F
            length, place = int.from_bytes(data[place : place + wide], "big"), place + wide
        assert place + length <= len(data), "the message ends too early"
        yield tag, data[place : place + length]
        place += length


def _header(length: int) -> bytes:
    assert length < 0x100, "a signature is short"
    return bytes([0x04, length]) if length < 0x80 else bytes([0x04, 0x81, length])


def _verifies(key: ec.EllipticCurvePublicKey, signed: bytes, signature: bytes) -> bool:
    """Plain ECDSA: r and s, each as long as the curve's field (BSI TR-03111)."""
    half = len(signature) // 2
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    try:
        key.verify(
            encode_dss_signature(r, s), signed, ec.ECDSA(SHA256() if half <= 32 else SHA384())
        )
    except InvalidSignature:
        return False
    return True
