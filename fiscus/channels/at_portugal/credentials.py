"""The keys and certificates of the channel: read from files, and judged before they are used."""

import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from cryptography.x509.oid import NameOID

from fiscus.channels import Expiry
from fiscus.channels.at_portugal import settings as said
from fiscus.channels.at_portugal.endpoints import LIVE_ADDRESSES, TEST_ADDRESSES, AtEndpoints
from fiscus.channels.at_portugal.login import certificate_of
from fiscus.channels.at_portugal.transport import tls
from fiscus.model.faults import Code, Fault
from fiscus.model.plugin_settings import Setting
from fiscus.regimes.pt import PORTUGAL

MISSING = Code(
    "AT-SETTING-01", "a setting that the way to the tax authority needs is missing: set it"
)
UNREADABLE = Code(
    "AT-SETTING-02",
    "the file cannot be read: check that it is there and that this user may read it",
)
NO_CERTIFICATE = Code(
    "AT-SETTING-03",
    "there is no certificate in the file, or the passphrase is not that of the PKCS #12 file",
)
NO_KEY = Code(
    "AT-SETTING-04",
    "there is no private key in the file, or the passphrase is not that of the key",
)
KEY_OF_ANOTHER = Code(
    "AT-SETTING-05",
    "the private key is not that of the certificate: name the one its request was made with",
)
ENDED = Code("AT-SETTING-06", "the certificate has ended: ask the tax authority for a new one")
NOT_BEGUN = Code(
    "AT-SETTING-07", "the certificate is not valid yet: check the clock, or wait for its first day"
)
NO_CIPHER = Code(
    "AT-SETTING-08",
    "the key in the certificate is no RSA key: name the certificate with which the authority "
    "has credentials encrypted",
)
FOR_TESTS = Code(
    "AT-SETTING-09",
    "this address is for tests and has no legal effect: leave the setting out in live",
)
PUBLISHED = Code(
    "AT-SETTING-10",
    "this key is published with its private half: anyone has it; make one of your own",
)
OF_TESTS = Code(
    "AT-SETTING-11",
    "the certificate is one for tests: in live the authority signs one for the producer's own NIF",
)

UNUSABLE = Code(
    "AT-SETTING-12", "TLS does not take this certificate and its key: ask for a stronger one"
)

TEST_NIFS = frozenset({"599999993", "555555550", "123456789", "111111111", "222222222"})
"""Those of the authority's own examples."""

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_TEST_PORTS = range(700, 800)
_ADDRESSES = (said.SERIES_ADDRESS, said.DOCUMENTS_ADDRESS, said.TRANSPORT_ADDRESS)


class ReadFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the files; None or empty where one is missing or wrong. `faults` says what."""

    chain: tuple[x509.Certificate, ...] = ()
    key: PrivateKeyTypes | None = None
    cipher: x509.Certificate | None = None
    trusted: bytes = b""
    faults: tuple[Fault, ...] = ()


def taken(given: Mapping[str, str], is_live: bool, at: datetime) -> tuple[Fault, ...]:
    """All that is wrong with the settings at that moment, each with its variable. In live nothing
    is taken that is for tests."""
    files = read(given)
    found = [*files.faults, *_fitting(files), *_in_time(files, at)]
    if is_live:
        found += [*_published(files), *_addresses(given)]
    return tuple(found) or tuple(_usable(given))


def endpoints(given: Mapping[str, str]) -> AtEndpoints:
    """Where the services are, and the keys; the settings have been `taken`."""
    files = read(given)
    assert files.key is not None, "settings are used once they have been taken"
    assert files.cipher is not None, "settings are used once they have been taken"
    series, documents, transport = (
        given.get(setting.name, "") or instead
        for setting, instead in zip(_ADDRESSES, LIVE_ADDRESSES, strict=True)
    )
    return AtEndpoints(
        series=series,
        documents=documents,
        transport=transport,
        certificate=b"".join(one.public_bytes(Encoding.PEM) for one in files.chain),
        private_key=files.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        cipher_certificate=files.cipher.public_bytes(Encoding.DER),
        trusted=files.trusted,
    )


def expiries(given: Mapping[str, str]) -> tuple[Expiry, ...]:
    """When the certificates end; the settings have been `taken`."""
    files = read(given)
    assert files.cipher is not None, "settings are used once they have been taken"
    return (
        Expiry(
            what="the certificate that the tax authority of Portugal knows this producer by",
            setting=said.variable(said.CERTIFICATE),
            ends_at=files.chain[0].not_valid_after_utc,
        ),
        Expiry(
            what="the certificate with which credentials are encrypted for the tax authority of "
            "Portugal",
            setting=said.variable(said.CIPHER_CERTIFICATE),
            ends_at=files.cipher.not_valid_after_utc,
        ),
    )


def read(given: Mapping[str, str]) -> ReadFiles:
    """The files that the settings name."""
    faults: list[Fault] = []
    own = _content(given, said.CERTIFICATE, faults)
    word = given.get(said.PASSPHRASE.name, "").encode() or None
    packed = _packed(own, word)
    if packed is None:
        chain = _chain(own, said.CERTIFICATE, faults)
        key = _key(_content(given, said.PRIVATE_KEY, faults), word, faults)
    else:
        key, chain = packed
    cipher = _chain(
        _content(given, said.CIPHER_CERTIFICATE, faults), said.CIPHER_CERTIFICATE, faults
    )
    trusted = b""
    if given.get(said.TRUSTED.name):
        trusted = _content(given, said.TRUSTED, faults)
        _chain(trusted, said.TRUSTED, faults)
    return ReadFiles(
        chain=chain,
        key=key,
        cipher=cipher[0] if cipher else None,
        trusted=trusted,
        faults=tuple(faults),
    )


def _content(given: Mapping[str, str], setting: Setting, faults: list[Fault]) -> bytes:
    name = given.get(setting.name, "")
    if not name:
        faults.append(_fault(MISSING, setting))
        return b""
    try:
        return Path(name).read_bytes()
    except OSError as error:
        faults.append(_fault(UNREADABLE, setting, f"{name}: {error.strerror}"))
        return b""


def _packed(
    data: bytes, word: bytes | None
) -> tuple[PrivateKeyTypes, tuple[x509.Certificate, ...]] | None:
    """Key and certificates of a PKCS #12 file; None for anything else."""
    if not data or b"-----BEGIN" in data:
        return None
    try:
        key, own, others = load_key_and_certificates(data, word)
    except ValueError:
        return None
    return (key, (own, *others)) if key is not None and own is not None else None


def _chain(data: bytes, setting: Setting, faults: list[Fault]) -> tuple[x509.Certificate, ...]:
    if not data:
        return ()
    try:
        if b"-----BEGIN" in data:
            return tuple(x509.load_pem_x509_certificates(data))
        return (certificate_of(data),)
    except ValueError:
        faults.append(_fault(NO_CERTIFICATE, setting))
        return ()


def _key(data: bytes, word: bytes | None, faults: list[Fault]) -> PrivateKeyTypes | None:
    if not data:
        return None
    try:
        return load_pem_private_key(data, word if b"ENCRYPTED" in data else None)
    except (ValueError, TypeError):
        faults.append(_fault(NO_KEY, said.PRIVATE_KEY))
        return None


def _usable(given: Mapping[str, str]) -> Iterator[Fault]:
    found = endpoints(given)
    try:
        tls(found.certificate, found.private_key, found.trusted)
    except (ValueError, ssl.SSLError) as error:
        reason = error.reason if isinstance(error, ssl.SSLError) else str(error)
        yield _fault(UNUSABLE, said.CERTIFICATE, reason)


def _fitting(files: ReadFiles) -> Iterator[Fault]:
    if files.chain and files.key is not None:
        own = files.chain[0].public_key()
        if fingerprint(own) != fingerprint(files.key.public_key()):
            yield _fault(KEY_OF_ANOTHER, said.PRIVATE_KEY)
    if files.cipher is not None and not isinstance(files.cipher.public_key(), rsa.RSAPublicKey):
        yield _fault(NO_CIPHER, said.CIPHER_CERTIFICATE)


def _in_time(files: ReadFiles, at: datetime) -> Iterator[Fault]:
    for setting, one in _certificates(files):
        if at >= one.not_valid_after_utc:
            yield _fault(ENDED, setting, f"on {one.not_valid_after_utc.date()}")
        elif at < one.not_valid_before_utc:
            yield _fault(NOT_BEGUN, setting, f"before {one.not_valid_before_utc.date()}")


def _published(files: ReadFiles) -> Iterator[Fault]:
    for setting, one in _certificates(files):
        if fingerprint(one.public_key()) in PORTUGAL.published_keys:
            yield _fault(PUBLISHED, setting)
    if files.chain:
        names = files.chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        if any(str(name.value) in TEST_NIFS for name in names):
            yield _fault(OF_TESTS, said.CERTIFICATE)


def _addresses(given: Mapping[str, str]) -> Iterator[Fault]:
    for setting in _ADDRESSES:
        address = given.get(setting.name, "")
        parts = urlsplit(address)
        is_port = parts.port in _TEST_PORTS and parts.hostname == _host()
        if address in TEST_ADDRESSES or is_port or parts.hostname in _LOCAL:
            yield _fault(FOR_TESTS, setting)


def _host() -> str | None:
    return urlsplit(LIVE_ADDRESSES[0]).hostname


def _certificates(files: ReadFiles) -> Iterator[tuple[Setting, x509.Certificate]]:
    if files.chain:
        yield said.CERTIFICATE, files.chain[0]
    if files.cipher is not None:
        yield said.CIPHER_CERTIFICATE, files.cipher


def fingerprint(key: PublicKeyTypes) -> str:
    """SHA-256 of a public key (SubjectPublicKeyInfo, DER), in hex."""
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(spki).hexdigest()


def _fault(code: Code, setting: Setting, *values: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=(said.variable(setting), *values))
