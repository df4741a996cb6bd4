"""The signature on every entry: a JWS with detached payload, made with the register's own key."""

from base64 import urlsafe_b64encode

from fiscus.signers import EcdsaSha256, Signer


def unpadded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def header(serial: str, type_: str = "fiscus-entry+json") -> str:
    """The protected header, encoded: who signed (certificate serial) and what."""
    return unpadded(f'{{"alg":"ES256","kid":"{serial}","typ":"{type_}"}}'.encode("ascii"))


def sign(signer: Signer, encoded_header: str, body: bytes) -> str:
    """The signature part of the JWS: base64url of r‖s."""
    signing_input = encoded_header.encode("ascii") + b"." + urlsafe_b64encode(body).rstrip(b"=")
    return signer.sign(EcdsaSha256(signing_input))


def detached(serial: str, signature: str) -> str:
    """The compact JWS as handed out: payload left out, it is the stored bytes."""
    return f"{header(serial)}..{signature}"
