"""Settings of the channel: judged before they are used, all that is wrong at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from fiscus import channels
from fiscus.channels import Accepted, Later, RegisterSeries
from fiscus.channels.at_portugal import simulator
from fiscus.channels.at_portugal.credentials import endpoints, expiries, fingerprint
from fiscus.channels.at_portugal.endpoints import LIVE_ADDRESSES, TEST_ADDRESSES
from fiscus.channels.at_portugal.settings import SETTINGS
from fiscus.channels.at_portugal.tests.canned import (
    ENDS,
    MADE,
    NOW,
    PrivateKey,
    certificate,
    cipher_certificate,
    cipher_key,
    pem,
    tls_certificate,
    tls_key,
)
from fiscus.model.plugin_settings import filled
from fiscus.regimes.pt import PORTUGAL

CHANNEL = channels.find("at_portugal")
PREFIX = "FISCUS_AT_PORTUGAL_"


class OperatorFiles:
    """What an operator has in a folder, by the names of the settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given: dict[str, str] = {}
        self.put("certificate", tls_certificate())
        self.put("private_key", pem(tls_key()))
        self.put("cipher_certificate", cipher_certificate())

    def put(self, name: str, data: bytes) -> None:
        file = self.folder / name
        file.write_bytes(data)
        self.given[name] = str(file)

    def faults(self, *, is_live: bool = True, at: datetime = NOW) -> dict[str, str]:
        """Codes, and the variable of each."""
        given = filled(SETTINGS, self.given, is_live=is_live)
        found = CHANNEL.taken(given, is_live, at)
        return {one.code: one.paths[0].removeprefix(PREFIX) for one in found}


@pytest.fixture
def files(tmp_path: Path) -> OperatorFiles:
    return OperatorFiles(tmp_path)


def named(key: PrivateKey, name: str, **more: Any) -> bytes:
    return certificate(key, name, **more)


def test_good_files_are_taken_in_test_and_in_live(files: OperatorFiles) -> None:
    assert files.faults() == files.faults(is_live=False) == {}


def test_all_that_is_missing_is_told_at_once(files: OperatorFiles) -> None:
    files.given = {}

    found = CHANNEL.taken({}, True, NOW)

    assert {one.code for one in found} == {"AT-SETTING-01"}
    assert [one.paths[0].removeprefix(PREFIX) for one in found] == [
        "CERTIFICATE",
        "PRIVATE_KEY",
        "CIPHER_CERTIFICATE",
    ]


def test_all_that_is_wrong_is_told_at_once(files: OperatorFiles) -> None:
    files.put("certificate", b"-----BEGIN nothing")
    files.put("private_key", b"no key")
    files.put("cipher_certificate", tls_certificate())
    files.given["trusted"] = str(files.folder / "gone")
    files.given["series_address"] = TEST_ADDRESSES[0]

    assert files.faults() == {
        "AT-SETTING-03": "CERTIFICATE",
        "AT-SETTING-04": "PRIVATE_KEY",
        "AT-SETTING-08": "CIPHER_CERTIFICATE",
        "AT-SETTING-02": "TRUSTED",
        "AT-SETTING-09": "SERIES_ADDRESS",
    }


@pytest.mark.parametrize("name", ["certificate", "cipher_certificate", "trusted"])
@pytest.mark.parametrize("data", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_without_a_certificate_is_refused(
    files: OperatorFiles, name: str, data: bytes
) -> None:
    files.put(name, data or b"\n")

    assert files.faults()["AT-SETTING-03"] == name.upper()


def test_the_key_of_another_certificate_is_refused(files: OperatorFiles) -> None:
    files.put("private_key", pem(cipher_key()))

    assert files.faults() == {"AT-SETTING-05": "PRIVATE_KEY"}


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (ENDS - timedelta(seconds=1), ""),
        (ENDS, "AT-SETTING-06"),
        (MADE, ""),
        (MADE - timedelta(seconds=1), "AT-SETTING-07"),
    ],
)
def test_certificates_are_taken_within_their_time(
    files: OperatorFiles, at: datetime, code: str
) -> None:
    assert set(files.faults(at=at)) == set(files.faults(at=at, is_live=False)) == {code} - {""}


@pytest.mark.parametrize(
    "address",
    [
        TEST_ADDRESSES[0],
        "https://servicos.portaldasfinancas.gov.pt:799/SeriesWSService",
        "https://localhost:4422/w1/SeriesWSService",
        "https://127.0.0.1/SeriesWSService",
    ],
)
def test_addresses_for_tests_are_refused_in_live(files: OperatorFiles, address: str) -> None:
    files.given["series_address"] = address

    assert files.faults() == {"AT-SETTING-09": "SERIES_ADDRESS"}
    assert files.faults(is_live=False) == {}


@pytest.mark.parametrize("address", [LIVE_ADDRESSES[0], "https://proxy.example:722/at"])
def test_other_addresses_are_taken_in_live(files: OperatorFiles, address: str) -> None:
    files.given["series_address"] = address

    assert files.faults() == {}


@pytest.mark.parametrize("nif", ["599999993", "555555550"])
def test_a_certificate_of_a_test_producer_is_refused_in_live(
    files: OperatorFiles, nif: str
) -> None:
    files.put("certificate", named(tls_key(), nif))

    assert files.faults() == {"AT-SETTING-11": "CERTIFICATE"}
    assert files.faults(is_live=False) == {}


def test_the_published_key_is_refused_in_live(files: OperatorFiles, shared_data: Path) -> None:
    keys = shared_data / "pt" / "keys"
    sample = load_pem_private_key(
        (keys / "AT_sample_signing_private_key.pem").read_bytes(), password=None
    )
    files.put("private_key", pem(sample))  # type: ignore[arg-type]
    files.put("certificate", named(sample, "509876544"))  # type: ignore[arg-type]

    assert files.faults() == {"AT-SETTING-10": "CERTIFICATE"}


def test_the_published_key_is_the_one_of_the_law(shared_data: Path) -> None:
    file = shared_data / "pt" / "keys" / "AT_sample_signing_public_key.pem"
    key = load_pem_public_key(file.read_bytes())

    assert {fingerprint(key)} == PORTUGAL.published_keys


def test_a_key_that_is_too_weak_for_tls_is_refused(files: OperatorFiles, shared_data: Path) -> None:
    keys = shared_data / "pt" / "keys"
    weak = load_pem_private_key(
        (keys / "AT_sample_signing_private_key.pem").read_bytes(), password=None
    )
    files.put("private_key", pem(weak))  # type: ignore[arg-type]
    files.put("certificate", named(weak, "509876544"))  # type: ignore[arg-type]

    assert files.faults(is_live=False) == {"AT-SETTING-12": "CERTIFICATE"}


def test_an_encrypted_key_wants_its_passphrase(files: OperatorFiles) -> None:
    hidden = tls_key().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption("sésamo".encode())
    )
    files.put("private_key", hidden)

    assert files.faults() == {"AT-SETTING-04": "PRIVATE_KEY"}
    files.given["passphrase"] = "wrong"
    assert files.faults() == {"AT-SETTING-04": "PRIVATE_KEY"}
    files.given["passphrase"] = "sésamo"
    assert files.faults() == {}


def test_a_key_that_is_not_encrypted_needs_no_passphrase(files: OperatorFiles) -> None:
    files.given["passphrase"] = "of the file before"

    assert files.faults() == {}


def packed(key: ec.EllipticCurvePrivateKey, word: str) -> bytes:
    own = x509.load_pem_x509_certificate(certificate(key, "509876544"))
    return serialize_key_and_certificates(
        b"producer", key, own, None, BestAvailableEncryption(word.encode())
    )


def test_pkcs_12_holds_certificate_and_key(files: OperatorFiles) -> None:
    files.put("certificate", packed(tls_key(), "sesamo"))
    del files.given["private_key"]
    files.given["passphrase"] = "sesamo"

    assert files.faults() == {}
    assert endpoints(files.given).private_key == pem(tls_key())

    files.given["passphrase"] = "wrong"
    assert files.faults()["AT-SETTING-03"] == "CERTIFICATE"


def test_in_live_the_addresses_are_those_of_the_authority(files: OperatorFiles) -> None:
    in_live = endpoints(filled(SETTINGS, files.given, is_live=True))
    in_test = endpoints(filled(SETTINGS, files.given, is_live=False))

    assert (in_live.series, in_live.documents, in_live.transport) == LIVE_ADDRESSES
    assert (in_test.series, in_test.documents, in_test.transport) == TEST_ADDRESSES


def test_what_ends_is_named_with_its_setting(files: OperatorFiles) -> None:
    end = datetime(2027, 1, 1, tzinfo=UTC)
    files.put("cipher_certificate", named(cipher_key(), "cipher", ends=end))

    told = {one.setting.removeprefix(PREFIX): one.ends_at for one in expiries(files.given)}

    assert told == {"CERTIFICATE": ENDS, "CIPHER_CERTIFICATE": end}


def test_the_authority_is_reached_by_settings(files: OperatorFiles, tmp_path: Path) -> None:
    """The simulated one, as if it were the one for tests of the authority."""
    clock = [datetime.now(UTC)]
    served = simulator.running(tmp_path / "authority", lambda: clock[0])
    files.put("certificate", served.certificate)
    files.put("private_key", served.private_key)
    files.put("cipher_certificate", served.cipher_certificate)
    files.put("trusted", served.trusted)
    files.given["series_address"] = served.series
    assert files.faults(is_live=False, at=clock[0]) == {}
    assert CHANNEL.connect is not None
    channel = CHANNEL.connect(filled(SETTINGS, files.given, is_live=False), lambda: clock[0])
    message = RegisterSeries(
        taxpayer="509876544",
        document_type="FR",
        name="A",
        first_number=1,
        starts_on=clock[0].date() + timedelta(days=1),
        facts={"class": "SI", "type": "FR", "certificate": "9999", "processing": "PI"},
    )
    login = {"username": "509876544/1", "password": "x"}

    assert isinstance(channel.send(message, login), Accepted)

    # Once a certificate has ended nothing is sent any more.
    clock[0] = max(one.ends_at for one in channel.expiries)
    late = channel.ask(message, login)
    assert isinstance(late, Later)
    assert late.is_unsent
    assert "has ended (FISCUS_AT_PORTUGAL_" in late.reason
