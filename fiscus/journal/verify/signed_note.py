"""Signed notes and checkpoints as the transparency community writes them (C2SP), read strictly.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

NOTE_BYTES_MAX = 256 * 1024
SIGNATURES_MAX = 32
LINE_START = "— "
KEY_ID_BYTES = 4
TIME_BYTES = 8
TIME_MAX = 2**63 - 1
ROOT_CHARACTERS = 44
SIZE_DIGITS_MAX = 19

ED25519, COSIGNATURE, MLDSA_COSIGNATURE = 0x01, 0x04, 0x06
KEY_BYTES = {ED25519: 32, COSIGNATURE: 32, MLDSA_COSIGNATURE: 1312}
SUBTREE_LABEL = b"subtree/v1\n\x00"


class NoteLine(NamedTuple):
    """One signature line: the name, the key's id, and what follows it."""

    name: str
    key_id: bytes
    signature: bytes


class CheckpointNote(NamedTuple):
    """A checkpoint with its signature lines. `text` is what is signed."""

    text: bytes
    origin: str
    size: int
    root: bytes
    lines: tuple[NoteLine, ...]

    @property
    def root_text(self) -> str:
        return base64.b64encode(self.root).decode()


class NoteKey(NamedTuple):
    """A key that is known by its verifier key `<name>+<key id>+<Base64>`."""

    name: str
    key_id: bytes
    type: int
    public: bytes


def read_note(content: str) -> CheckpointNote:
    """The checkpoint in a signed note. Raises `ValueError` if it is none."""
    if len(content.encode("utf-8", "surrogatepass")) > NOTE_BYTES_MAX:
        raise ValueError("the note is too large")
    if any(character < " " and character != "\n" for character in content):
        raise ValueError("the note has control characters")
    text, blank, signatures = content.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise ValueError("the note has no signature lines")
    lines = signatures[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise ValueError("the note has too many signature lines")
    parts = text.split("\n")
    if len(parts) != 3 or not parts[0]:
        raise ValueError("the note is no checkpoint of three lines")
    size = read_size(parts[1])
    root = decoded(parts[2])
    if len(parts[2]) != ROOT_CHARACTERS:
        raise ValueError("the root is not a hash")
    signed = (text + "\n").encode("utf-8")
    return CheckpointNote(signed, parts[0], size, root, tuple(map(read_line, lines)))


def read_size(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= SIZE_DIGITS_MAX
    if not is_number or str(int(text)) != text:
        raise ValueError("the size is not a number")
    return int(text)


def read_line(line: str) -> NoteLine:
    name, _, signature = line.removeprefix(LINE_START).partition(" ")
    is_name = name and "+" not in name and not any(one.isspace() for one in name)
    if not line.startswith(LINE_START) or not is_name:
        raise ValueError("a signature line has another form")
    raw = decoded(signature)
    if len(raw) <= KEY_ID_BYTES:
        raise ValueError("a signature line is too short")
    return NoteLine(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def decoded(text: str) -> bytes:
    """Standard Base64 in its one spelling. Raises `ValueError`."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not Base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not Base64 in its one spelling")
    return raw


def key_id(name: str, type: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([type]) + public).digest()[:KEY_ID_BYTES]


def log_key(origin: str, public: ed25519.Ed25519PublicKey) -> NoteKey:
    """The verifier key of the log whose name is the origin."""
    raw = public.public_bytes_raw()
    return NoteKey(origin, key_id(origin, ED25519, raw), ED25519, raw)


def read_verifier_key(text: str) -> NoteKey:
    """A verifier key from its text. Raises `ValueError` if it is none, or of an unknown type."""
    name, _, rest = text.partition("+")
    digits, _, encoded = rest.partition("+")
    raw = decoded(encoded)
    type, public = (raw[0], raw[1:]) if raw else (0, b"")
    if type not in KEY_BYTES:
        raise ValueError(f"key type 0x{type:02x} is unknown")
    if not name or len(public) != KEY_BYTES[type]:
        raise ValueError("the verifier key has another form")
    identified = key_id(name, type, public)
    if digits != identified.hex():
        raise ValueError("the key id is not that of the key")
    return NoteKey(name, identified, type, public)


def lines_of(note: CheckpointNote, key: NoteKey) -> Iterable[NoteLine]:
    """The lines that claim to be of this key; all others are to be ignored."""
    return (line for line in note.lines if (line.name, line.key_id) == (key.name, key.key_id))


def is_signed_by_log(note: CheckpointNote, key: NoteKey) -> bool:
    """Whether the log has signed. A wrong signature of its own spoils the note."""
    found = [is_ed25519(key.public, note.text, line.signature) for line in lines_of(note, key)]
    return bool(found) and all(found)


def is_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def cosigned_at(note: CheckpointNote, key: NoteKey, line: NoteLine) -> int | None:
    """When the witness signed (seconds since 1970), or None if the line is not its cosignature."""
    time = int.from_bytes(line.signature[:TIME_BYTES], "big")
    signature = line.signature[TIME_BYTES:]
    if not 0 < time <= TIME_MAX:
        return None
    if key.type == COSIGNATURE:
        message = f"cosignature/v1\ntime {time}\n".encode() + note.text
        return time if is_ed25519(key.public, message, signature) else None
    message = subtree_message(note, key.name, time)
    return time if is_mldsa(key.public, message, signature) else None


def subtree_message(note: CheckpointNote, name: str, time: int) -> bytes:
    """What a witness with an ML-DSA-44 key signs over a whole tree."""
    cosigner, origin = name.encode(), note.origin.encode()
    if len(cosigner) > 255 or len(origin) > 255:
        return b""
    return b"".join(
        (
            SUBTREE_LABEL,
            bytes([len(cosigner)]),
            cosigner,
            time.to_bytes(8, "big"),
            bytes([len(origin)]),
            origin,
            bytes(8),
            note.size.to_bytes(8, "big"),
            note.root,
        )
    )


def is_mldsa(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True
