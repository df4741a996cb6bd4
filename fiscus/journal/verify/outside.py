"""What a verifier is given from outside: the root's fingerprint, a policy, an older copy."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from fiscus.journal.verify.older import OlderCopy, load_older
from fiscus.journal.verify.policy import WitnessPolicy, load_policy
from fiscus.journal.verify.report import UnreadableFile

FINGERPRINT = re.compile(r"sha256:([0-9a-f]{64})(?![0-9a-f])")
ROOT_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class OutsideKnowledge:
    """`root` is the hex SHA-256 of the root key. What is None was not given."""

    root: str | None = None
    policy: WitnessPolicy | None = None
    older: OlderCopy | None = None


NOTHING_GIVEN = OutsideKnowledge()


def load_outside(
    root: str | None = None, policy: Path | None = None, against: Path | None = None
) -> OutsideKnowledge:
    """Read what was given. Raises `UnreadableFile` with one sentence for what is none of these."""
    return OutsideKnowledge(
        root=read_root(root) if root else None,
        policy=load_policy(policy) if policy else None,
        older=load_older(against) if against else None,
    )


def read_root(given: str) -> str:
    """The fingerprint in `sha256:HEX`, or in a file: one that holds it, a PEM public key, or a
    certificate."""
    if named := FINGERPRINT.fullmatch(given):
        return named[1]
    try:
        with Path(given).open("rb") as stream:
            content = stream.read(ROOT_BYTES_MAX)
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{given} is neither `sha256:HEX` nor a readable file") from error
    named_all = {*FINGERPRINT.findall(content.decode("utf-8", "replace"))}
    if len(named_all) == 1:
        return str(named_all.pop())
    if named_all:
        raise UnreadableFile(f"{given} holds more than one fingerprint `sha256:HEX`")
    return root_of_pem(given, content)


def root_of_pem(name: str, content: bytes) -> str:
    try:
        is_certificate = b"CERTIFICATE" in content
        public = (
            x509.load_pem_x509_certificate(content).public_key()
            if is_certificate
            else load_pem_public_key(content)
        )
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        sentence = f"{name} holds no fingerprint `sha256:HEX`, public key or certificate"
        raise UnreadableFile(sentence) from error
    return hashlib.sha256(der).hexdigest()
