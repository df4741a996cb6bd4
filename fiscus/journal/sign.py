"""The signature on every entry: a JWS with detached payload, made with the register's own key."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from fiscus.signers import EcdsaSha256, Signer

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (FIPS 186-5)."""


def unpadded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def header(serial: str, type_: str = "fiscus-entry+json") -> str:
    """The protected header, encoded: who signed (certificate serial) and what."""
    return unpadded(f'{{"alg":"ES256","kid":"{serial}","typ":"{type_}"}}'.encode("ascii"))


def sign(signer: Signer, encoded_header: str, body: bytes) -> str:
    """The signature part of the JWS: base64url of r‖s, with the smaller of the two possible s."""
    signing_input = encoded_header.encode("ascii") + b"." + urlsafe_b64encode(body).rstrip(b"=")
    return with_small_s(signer.sign(EcdsaSha256(signing_input)))


def with_small_s(signature: str) -> str:
    """For each ECDSA signature there is a second one, with the order of the curve less s, that is
    good as well. Only the smaller counts in the journal, so that nobody can exchange them."""
    raw = urlsafe_b64decode(signature + "==")
    s = int.from_bytes(raw[32:], "big")
    if s <= P256_ORDER // 2:
        return signature
    return unpadded(raw[:32] + (P256_ORDER - s).to_bytes(32, "big"))


def detached(serial: str, signature: str) -> str:
    """The compact JWS as handed out: payload left out, it is the stored bytes."""
    return f"{header(serial)}..{signature}"
