"""The addresses of receipts: what a customer opens who holds the paper, and nobody can guess.

What stands in an address is the record's id, encrypted as one block under a key of its own: without
the key it cannot be told from chance, and it leads back to the record without any table
(docs/decisions/0053-the-address-of-a-receipt.md).
"""

import hmac
import threading
from base64 import b32decode, b32encode
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from sqlalchemy import Connection, Engine

from fiscus.journal import read
from fiscus.journal.read import FoundRecord
from fiscus.model.documents import NO_TURNOVER
from fiscus.model.faults import Code, Missing
from fiscus.model.kinds import EntryKind
from fiscus.model.records import EntryBody
from fiscus.model.times import Clock
from fiscus.registry import organizations
from fiscus.store.connect import reading

UNKNOWN = Code(
    "REGISTRY-RECEIPT-01",
    "no receipt has this address: compare each character with the paper, or scan its code again; "
    "the shop may also have switched the pages of its receipts off",
)

PATH = "/r/"
_PURPOSE = b"fiscus/receipt/1"
_LENGTH = 26
"""Characters of 128 bits in Base32."""

_READ_AS = str.maketrans("018", "olb")
"""Digits that Base32 does not have, as the letters that look like them on paper."""

REMEMBERED = timedelta(seconds=5)
_ORGANIZATIONS_MAX = 10_000


def key(digests: bytes) -> bytes:
    """The key of this purpose alone, derived from the vault's key for digests: that one is never
    rotated, so an address on paper stays good."""
    return hmac.digest(digests, _PURPOSE, "sha256")


def token(key_: bytes, id_: str) -> str:
    """What stands in the address of the record with this id: 26 small letters and digits."""
    block = _cipher(key_).encryptor().update(UUID(id_).bytes)
    return b32encode(block).decode("ascii").rstrip("=").lower()


def record_of(key_: bytes, text: str) -> str:
    """The id of which that is the token. Raises `Missing` for what is no token at all; what is
    forged gives an id that nothing has. Capitals are as good as small letters."""
    said = text.lower().translate(_READ_AS).upper()
    if len(said) != _LENGTH or not said.isascii():
        raise Missing(UNKNOWN)
    try:
        block = b32decode(said + "=" * (-_LENGTH % 8))
    except ValueError:
        raise Missing(UNKNOWN) from None
    # The last character has two bits too many: only one spelling of them counts.
    if len(block) != 16 or b32encode(block).decode("ascii").rstrip("=") != said:
        raise Missing(UNKNOWN)
    return str(UUID(bytes=_cipher(key_).decryptor().update(block)))


def _cipher(key_: bytes) -> Cipher[ECB]:
    # One block alone: the cipher as it is, a permutation of all blocks.
    return Cipher(AES(key_), ECB())


def has_page(kind: str, body: EntryBody) -> bool:
    """Whether a record is a document that a customer gets: sold, credited or taken back."""
    is_document = kind == EntryKind.DOCUMENT and body.seal is not None
    return is_document and body.draft is not None and body.draft.kind not in NO_TURNOVER


def find(tx: Connection, key_: bytes, text: str) -> FoundRecord:
    """The record that an address leads to. Raises `Missing`, always with the same words: for what
    is forged, for what is no receipt, and where the pages are switched off."""
    id_ = record_of(key_, text)
    found = read.owned(tx, id_)
    if found is None or not has_page(found.record.kind, found.record.body):
        raise Missing(UNKNOWN)
    if organizations.switched_off(tx, found.record.body.place.organization):
        raise Missing(UNKNOWN)
    return found


def newest(tx: Connection, organization: str, limit: int) -> list[EntryBody]:
    """The last receipts that were issued, the newest first; `organization` empty: of all."""
    found = []
    for kind, body in read.newest(tx, organization, (EntryKind.DOCUMENT,)):
        if has_page(kind, body):
            found.append(body)
            if len(found) == limit:
                break
    return found


class ReceiptAddresses:
    """Hands out the addresses of receipts, if there is a public address to begin with.

    Whether an organization's pages are on is remembered for five seconds: a sale need not ask for
    it each time. The pages themselves always look.
    """

    def __init__(self, engine: Engine, clock: Clock, key_: bytes, base: str) -> None:
        self._engine, self._clock, self.key, self.base = engine, clock, key_, base
        self._lock = threading.Lock()
        self._known: dict[str, tuple[bool, datetime]] = {}

    @property
    def are_offered(self) -> bool:
        """Whether any address is handed out here."""
        return bool(self.base)

    def path(self, id_: str) -> str:
        """The address of a record's receipt on this service, without its beginning."""
        return PATH + token(self.key, id_)

    def needs_look(self, kind: str, body: EntryBody) -> bool:
        """Whether `of` would read from the database."""
        is_wanted = self.are_offered and has_page(kind, body)
        return is_wanted and self._remembered(body.place.organization) is None

    def of(self, kind: str, body: EntryBody | None, tx: Connection | None = None) -> str:
        """The whole address of a record's receipt; empty if it has none, or none is handed out. It
        reads in `tx`, or in a transaction of its own."""
        if not self.are_offered or body is None or not has_page(kind, body):
            return ""
        return self.base + self.path(body.id) if self._are_on(body.place.organization, tx) else ""

    def _are_on(self, organization: str, tx: Connection | None) -> bool:
        known = self._remembered(organization)
        if known is None:
            if tx is not None:
                known = not organizations.switched_off(tx, organization)
            else:
                with reading(self._engine) as own:
                    known = not organizations.switched_off(own, organization)
            self._remember(organization, known)
        return known

    def _remembered(self, organization: str) -> bool | None:
        with self._lock:
            known = self._known.get(organization)
        is_fresh = known is not None and timedelta(0) <= self._clock() - known[1] < REMEMBERED
        return known[0] if known is not None and is_fresh else None

    def _remember(self, organization: str, are_on: bool) -> None:
        with self._lock:
            self._known.pop(organization, None)
            if len(self._known) >= _ORGANIZATIONS_MAX:
                del self._known[next(iter(self._known))]
            self._known[organization] = are_on, self._clock()
