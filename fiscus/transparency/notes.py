"""Signed notes: a text, an empty line, and a line for each signature (C2SP `signed-note`).

A key is known by its name and its id. Lines of unknown keys are ignored; a bad signature of a known
key spoils the whole note.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fiscus.model.faults import Code, Refused
from fiscus.transparency.base64s import decoded, encoded

BAD_NOTE = Code("NOTE-TEXT-01", "this is no signed note")
SPOILT = Code(
    "NOTE-SIGNATURE-01",
    "a signature of a known key is not good: somebody has changed the note, or made it up",
)
BAD_KEY = Code(
    "NOTE-KEY-01",
    "this is no verifier key: it has the form <name>+<8 hex digits>+<Base64>, in one piece",
)

ED25519 = 0x01
COSIGNATURE_ED25519 = 0x04
COSIGNATURE_ML_DSA_44 = 0x06

PUBLIC_BYTES: Mapping[int, int] = {
    ED25519: 32,
    COSIGNATURE_ED25519: 32,
    COSIGNATURE_ML_DSA_44: 1312,
}
"""The length of a public key, for each type of signature that is understood here."""

NOTE_BYTES_MAX = 131_072
"""Enough for as many signatures as may be there, of the largest kind."""

LINES_MAX = 32
NAME_BYTES_MAX = 255
"""What a cosignature can hold of a name."""

_DASH = "\u2014 "
_ID_BYTES = 4


class VerifierKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key with its name. `kind` is the type of signature that it makes, such as 0x01;
    `public` the raw public key."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """4 bytes, which stand before each signature of this key."""
        said = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(said).digest()[:_ID_BYTES]

    def text(self) -> str:
        """As it is handed over to those who verify."""
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.kind]) + self.public)}"


class SignatureLine(msgspec.Struct, frozen=True, kw_only=True):
    """One signature of a note: whose it claims to be, and its bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def text(self) -> str:
        """The line, with its end."""
        return f"{_DASH}{self.name} {encoded(self.key_id + self.signature)}\n"


class SignedNote(msgspec.Struct, frozen=True, kw_only=True):
    """A text, which ends in LF, and the signatures below it. Nothing is verified yet."""

    text: str
    lines: tuple[SignatureLine, ...]

    def whole(self) -> str:
        """The note as it is sent and kept."""
        return f"{self.text}\n{''.join(line.text() for line in self.lines)}"

    def plus(self, lines: Iterable[SignatureLine]) -> "SignedNote":
        """The same note with these lines too, each once."""
        return msgspec.structs.replace(self, lines=tuple(dict.fromkeys((*self.lines, *lines))))


Check = Callable[[VerifierKey, str, bytes], bool]
"""Whether this signature of this key is good for this text of a note."""


def is_name(text: str) -> bool:
    """Whether a key may have this name."""
    is_plain = not any(sign.isspace() or sign == "+" or sign < " " for sign in text)
    return 0 < len(text.encode("utf-8", "replace")) <= NAME_BYTES_MAX and is_plain


def parse_key(text: str) -> VerifierKey:
    """A key from its text. Raises `Refused`; also for a type of signature that is unknown here."""
    name, _, rest = text.partition("+")
    said_id, _, said_key = rest.partition("+")
    try:
        key = decoded(said_key)
    except ValueError:
        raise Refused(BAD_KEY, text[:80]) from None
    if not is_name(name) or not key or len(key) - 1 != PUBLIC_BYTES.get(key[0], -1):
        raise Refused(BAD_KEY, text[:80])
    found = VerifierKey(name=name, kind=key[0], public=key[1:])
    if found.id.hex() != said_id:
        raise Refused(BAD_KEY, text[:80], "(its id is of another key)")
    return found


def ed25519_key(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    """The public side of a key that signs notes, such as a log's."""
    return VerifierKey(name=name, kind=ED25519, public=private.public_key().public_bytes_raw())


def signed(text: str, name: str, private: Ed25519PrivateKey) -> SignedNote:
    """This text with one signature of type 0x01. The text ends in LF, as each of its lines."""
    assert is_name(name), "a name without blanks and plus"
    assert text.endswith("\n"), "a text ends in LF"
    key = ed25519_key(name, private)
    line = SignatureLine(name=name, key_id=key.id, signature=private.sign(text.encode()))
    return SignedNote(text=text, lines=(line,))


def parse(data: bytes) -> SignedNote:
    """A note from its bytes, within bounds. Raises `Refused`."""
    if len(data) > NOTE_BYTES_MAX:
        raise Refused(BAD_NOTE, "(too large)")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(BAD_NOTE, "(no UTF-8)") from None
    if any(sign < " " and sign != "\n" for sign in whole):
        raise Refused(BAD_NOTE, "(control characters)")
    text, gap, below = whole.rpartition("\n\n")
    if not gap:
        raise Refused(BAD_NOTE, "(no empty line)")
    return SignedNote(text=text + "\n", lines=parse_lines(below))


def parse_lines(text: str) -> tuple[SignatureLine, ...]:
    """Signature lines, one at least, as they stand below a note. Raises `Refused`."""
    *lines, end = text.split("\n")
    if end or not lines:
        raise Refused(BAD_NOTE, "(the last line has no end)")
    if len(lines) > LINES_MAX:
        raise Refused(BAD_NOTE, "(too many signatures)")
    return tuple(_line(one) for one in lines)


def _line(text: str) -> SignatureLine:
    name, _, said = text.removeprefix(_DASH).partition(" ")
    try:
        data = decoded(said)
    except ValueError:
        data = b""
    if not text.startswith(_DASH) or not is_name(name) or len(data) <= _ID_BYTES:
        raise Refused(BAD_NOTE, "(a signature line)")
    return SignatureLine(name=name, key_id=data[:_ID_BYTES], signature=data[_ID_BYTES:])


def is_signed_by(key: VerifierKey, text: str, signature: bytes) -> bool:
    """Whether it is a good signature of type 0x01."""
    return is_ed25519(key.public, signature, text.encode())


def is_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


CHECKS: Mapping[int, Check] = {ED25519: is_signed_by}


def verified(
    note: SignedNote, keys: Iterable[VerifierKey], checks: Mapping[int, Check] = CHECKS
) -> tuple[SignatureLine, ...]:
    """The good signatures of these keys, in the note's order; empty if none of them has signed.

    Raises `Refused` (`SPOILT`) if a signature of one of them is not good. A key whose type no
    check understands counts as unknown.
    """
    known = {(key.name, key.id): key for key in keys if key.kind in checks}
    found: list[SignatureLine] = []
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if not checks[key.kind](key, note.text, line.signature):
            raise Refused(SPOILT, line.name)
        found.append(line)
    return tuple(dict.fromkeys(found))
