"""The security header: readable for the authority alone, and different each time."""

from base64 import b64decode
from datetime import timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from fiscus.channels import Rejected, Remedy
from fiscus.channels.at_portugal.login import (
    NAMESPACE,
    AtLogin,
    authority_key,
    certificate_of,
    login,
    security,
)
from fiscus.channels.at_portugal.tests.canned import (
    NOW,
    cipher_certificate,
    cipher_key,
    tls_certificate,
)

WHO = AtLogin("509876544/1", 'pässwörd & <"more"> than sixteen')
TOKEN = f"{{{NAMESPACE}}}UsernameToken/{{{NAMESPACE}}}"


def told(header: str) -> dict[str, str]:
    root = etree.fromstring(header)
    assert root.tag == f"{{{NAMESPACE}}}Security"
    names = ("Username", "Password", "Nonce", "Created")
    return {name: root.findtext(TOKEN + name) for name in names}


def opened(header: str) -> tuple[bytes, str, str]:
    """Key, password and time, as the authority reads them."""
    said = told(header)
    key = cipher_key().decrypt(b64decode(said["Nonce"]), padding.PKCS1v15())

    def plain(text: str) -> str:
        cipher = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305
        padded = cipher.update(b64decode(text, validate=True)) + cipher.finalize()
        assert padded[-padded[-1] :] == bytes([padded[-1]]) * padded[-1]
        return padded[: -padded[-1]].decode()

    return key, plain(said["Password"]), plain(said["Created"])


def test_the_authority_reads_password_and_time() -> None:
    lisbon = timezone(timedelta(hours=1))
    header = security(WHO, authority_key(cipher_certificate()), NOW.astimezone(lisbon))

    key, password, created = opened(header)

    assert told(header)["Username"] == WHO.username
    assert (len(key), password, created) == (16, WHO.password, "2026-05-04T08:15:01.250Z")


def test_each_request_has_a_key_of_its_own() -> None:
    to = authority_key(cipher_certificate())
    keys = {opened(security(WHO, to, NOW))[0] for _ in range(50)}

    assert len(keys) == 50


def test_nothing_of_the_password_is_shown() -> None:
    header = security(WHO, authority_key(cipher_certificate()), NOW)

    assert "pässwörd" not in header
    assert "pässwörd" not in repr(WHO) + str(WHO)


def test_a_time_has_three_digits_after_the_second() -> None:
    header = security(WHO, authority_key(cipher_certificate()), NOW.replace(microsecond=0))

    assert opened(header)[2] == "2026-05-04T08:15:01.000Z"


def test_the_authoritys_certificate_may_be_binary() -> None:
    der = certificate_of(cipher_certificate()).public_bytes(Encoding.DER)

    assert authority_key(der) == authority_key(cipher_certificate())


@pytest.mark.parametrize("given", [b"", b"-----BEGIN nothing", tls_certificate()])
def test_what_is_no_certificate_with_an_rsa_key_is_refused(given: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        authority_key(given)


@pytest.mark.parametrize(
    ("credentials", "codes"),
    [
        ({}, {"AT-LOGIN-01": "credentials.username", "AT-LOGIN-06": "credentials.password"}),
        ({"username": "509876544/1"}, {"AT-LOGIN-06": "credentials.password"}),
        (
            {"username": "508765432/1", "password": "x"},
            {"AT-LOGIN-97": "credentials.username"},
        ),
        ({"username": "1", "password": "x"}, {"AT-LOGIN-97": "credentials.username"}),
    ],
)
def test_what_is_missing_in_credentials(credentials: dict[str, str], codes: dict[str, str]) -> None:
    answer = login(credentials, "509876544")

    assert isinstance(answer, Rejected)
    assert answer.remedy is Remedy.ACCESS
    assert {one.code: one.paths[0] for one in answer.faults} == codes


def test_a_login_of_the_taxpayer_is_taken() -> None:
    credentials = {"username": "509876544/1", "password": "x"}

    assert login(credentials, "509876544") == login(credentials) == AtLogin("509876544/1", "x")
