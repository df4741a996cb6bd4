"""Who asks: the security header decrypted and verified (portugal.md 5.2)."""

import re
import sqlite3
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from lxml import etree

from fiscus.channels.at_portugal.simulator.envelope import SECURITY
from fiscus.channels.at_portugal.simulator.refusals import LoginReason, NotLetIn
from fiscus.channels.at_portugal.simulator.world import Now

PASSWORD_WRONG = "wrong"
PASSWORD_TIMEOUT = "timeout"

WINDOW = timedelta(minutes=5)
"""How far the time of a request may lie from the authority's own, either way."""

TRIES = 5
"""Wrong passwords in a row after which no tries remain. The simulator does not lock anybody out."""

_KEY_BYTES = 16
_SIZES = range(9, 15)
_USERNAME = re.compile(r"([0-9]{9})/(.*)", re.DOTALL)
_SUBUSER = re.compile(r"[0-9]{1,4}")
_CREATED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,3})?Z", re.ASCII
)
_WEIGHTS = range(9, 1, -1)


@dataclass(frozen=True, kw_only=True)
class AtUser:
    """Who asks: a taxpayer, and which of its sub-users."""

    nif: str
    username: str
    is_answer_lost: bool = False


def is_nif(text: str) -> bool:
    """Nine digits, the last of which checks the others."""
    if not re.fullmatch("[0-9]{9}", text):
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False)) % 11
    return int(text[8]) == (0 if rest < 2 else 11 - rest)


def let_in(
    db: sqlite3.Connection, security: etree._Element | None, key: rsa.RSAPrivateKey, now: Now
) -> AtUser:
    """The user of a header; whatever is wrong with it ends the request. Remembers its key."""
    fields = _fields(security)
    nif = _nif(fields["Username"])
    if not fields["Password"]:
        raise NotLetIn(LoginReason.PASSWORD_MISSING)
    if not fields["Nonce"]:
        raise NotLetIn(LoginReason.KEY_MISSING)
    if not fields["Created"]:
        raise NotLetIn(LoginReason.CREATED_MISSING)
    password, nonce, created = (_bytes(fields[name]) for name in ("Password", "Nonce", "Created"))
    session = _session(key, nonce)
    made_at = _decrypted(session, created)
    if made_at is None:
        raise NotLetIn(
            LoginReason.CREATED_UNREADABLE if _is_padded(key, nonce) else LoginReason.CIPHER
        )
    word = _decrypted(session, password)
    if word is None:
        raise NotLetIn(LoginReason.PASSWORD_UNREADABLE)
    _in_time(made_at, now)
    _remember(db, session, now)
    return _known(db, fields["Username"], nif, word)


def permitted(db: sqlite3.Connection, user: AtUser, profile: str) -> bool:
    """Whether the sub-user has the profile. Who was not narrowed has all."""
    found = db.execute(
        "SELECT profiles FROM permissions WHERE username = ?", (user.username,)
    ).fetchone()
    return found is None or profile in found[0].split()


def _fields(security: etree._Element | None) -> dict[str, str]:
    token = None if security is None else security.find(f"{{{SECURITY}}}UsernameToken")
    if token is None or not len(token):
        raise NotLetIn(LoginReason.HEADER_MISSING)
    names = ("Username", "Password", "Nonce", "Created")
    return {name: (token.findtext(f"{{{SECURITY}}}{name}") or "").strip() for name in names}


def _nif(username: str) -> str:
    if not username:
        raise NotLetIn(LoginReason.USER_MISSING)
    if len(username) not in _SIZES:
        raise NotLetIn(LoginReason.USER_SIZE)
    found = _USERNAME.fullmatch(username)
    if not found:
        raise NotLetIn(LoginReason.USER_FORM)
    if found[1].startswith("0"):
        raise NotLetIn(LoginReason.NIF_INVALID)
    if not _SUBUSER.fullmatch(found[2]):
        raise NotLetIn(LoginReason.SUBUSER_FORM)
    return found[1]


def _bytes(text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (NotBase64, ValueError):
        raise NotLetIn(LoginReason.BASE64) from None


def _session(key: rsa.RSAPrivateKey, nonce: bytes) -> bytes:
    if len(nonce) * 8 != key.key_size:
        raise NotLetIn(LoginReason.CIPHER)
    try:
        session = key.decrypt(nonce, padding.PKCS1v15())
    except ValueError:
        raise NotLetIn(LoginReason.CIPHER) from None
    if len(session) != _KEY_BYTES:
        raise NotLetIn(LoginReason.KEY_INVALID if _is_padded(key, nonce) else LoginReason.CIPHER)
    return session


def _is_padded(key: rsa.RSAPrivateKey, nonce: bytes) -> bool:
    """Whether it was encrypted for this key at all: the library answers noise where it was not."""
    numbers = key.private_numbers()
    plain = pow(int.from_bytes(nonce), numbers.d, numbers.public_numbers.n)
    return plain.to_bytes(key.key_size // 8).startswith(b"\0\2")


def _decrypted(session: bytes, content: bytes) -> bytes | None:
    if not content or len(content) % _KEY_BYTES:
        return None
    reader = Cipher(algorithms.AES128(session), modes.ECB()).decryptor()  # noqa: S305 - as it is
    unpadder = PKCS7(128).unpadder()
    try:
        plain = reader.update(content) + reader.finalize()
        return unpadder.update(plain) + unpadder.finalize()
    except ValueError:
        return None


def _in_time(created: bytes, now: Now) -> None:
    found = _CREATED.fullmatch(created.decode("ascii", "replace"))
    if not found:
        raise NotLetIn(LoginReason.CREATED_FORM)
    try:
        at = datetime.fromisoformat(found[1] + (found[2] or ""))
    except ValueError:
        raise NotLetIn(LoginReason.CREATED_FORM) from None
    if abs(at.replace(tzinfo=UTC) - now.at) > WINDOW:
        raise NotLetIn(LoginReason.EXPIRED)


def _remember(db: sqlite3.Connection, session: bytes, now: Now) -> None:
    done = db.execute(
        "INSERT INTO symmetric_keys VALUES (?, ?) ON CONFLICT DO NOTHING",
        (sha256(session).digest(), now.stamp()),
    )
    if not done.rowcount:
        raise NotLetIn(LoginReason.KEY_REPEATED)


def _known(db: sqlite3.Connection, username: str, nif: str, word: bytes) -> AtUser:
    try:
        password = word.decode("utf-8")
    except UnicodeDecodeError:
        raise NotLetIn(LoginReason.PASSWORD_STRUCTURE) from None
    if not password:
        raise NotLetIn(LoginReason.PASSWORD_STRUCTURE)
    if password == PASSWORD_WRONG:
        db.execute(
            "INSERT INTO wrong_passwords VALUES (?, 1)"
            " ON CONFLICT (username) DO UPDATE SET tries = tries + 1",
            (username,),
        )
        row = db.execute(
            "SELECT tries FROM wrong_passwords WHERE username = ?", (username,)
        ).fetchone()
        raise NotLetIn(LoginReason.PASSWORD, tries=max(TRIES - row[0], 0))
    db.execute("DELETE FROM wrong_passwords WHERE username = ?", (username,))
    return AtUser(nif=nif, username=username, is_answer_lost=password == PASSWORD_TIMEOUT)
