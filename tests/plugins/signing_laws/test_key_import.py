"""`fiscus keys import` takes over a key of any algorithm that a law asks for, and of no other."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from fiscus.commands.tests.command_line import MAIN
from tests.plugins.loaded import loaded
from tests.plugins.signing_laws import ALGORITHMS

pytestmark = pytest.mark.long  # processes, and RSA keys of 4,096 bits

PLAIN = serialization.NoEncryption()


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Commands of a live installation that has these laws."""

    environ: dict[str, str]
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MAIN, *arguments],
            env=self.environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def imports(
        self,
        law: str,
        key: PrivateKeyTypes,
        encryption: serialization.KeySerializationEncryption = PLAIN,
    ) -> subprocess.CompletedProcess[str]:
        file = self.folder / "key.pem"
        form = serialization.PrivateFormat.PKCS8
        file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, encryption))
        return self.run("keys", "import", law, str(file))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with loaded(tmp_path / "plugins", ("fiscus.regimes", "tests.plugins.signing_laws")) as found:
        clean = {name: value for name, value in found.items() if not name.startswith("FISCUS_")}
        said = {"FISCUS_DATA_DIR": str(tmp_path / "data"), "FISCUS_ENVIRONMENT": "live"}
        yield Shell(environ=clean | said, folder=tmp_path)


def a_key(
    algorithm: str,
) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    if algorithm.startswith("rsa-"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(algorithm[4:]))
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    assert algorithm == "ecdsa-p256", "a new algorithm needs a key here"
    return ec.generate_private_key(ec.SECP256R1())


def public_pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_of_the_algorithm_of_the_law_is_taken_over(shell: Shell, algorithm: str) -> None:
    key, law = a_key(algorithm), f"law-{algorithm}"

    told = shell.imports(law, key)

    assert told.returncode == 0, told.stderr
    assert shell.run("keys", "public", law).stdout == public_pem(key)
    again = shell.imports(law, key)
    assert (again.returncode, again.stderr.split()[0]) == (1, "SIGNER-KEY-02")


@pytest.mark.parametrize(
    ("law", "key", "said"),
    [
        ("law-ecdsa-p256", a_key("rsa-2048"), "ecdsa-p256, not rsa-2048"),
        ("law-rsa-2048", a_key("ecdsa-p256"), "rsa-2048, not ecdsa-p256"),
        ("law-rsa-2048", a_key("rsa-1024"), "rsa-2048, not rsa-1024"),
        ("law-ecdsa-p256", ec.generate_private_key(ec.SECP384R1()), "ecdsa-p256"),
        ("law-ecdsa-p256", ed25519.Ed25519PrivateKey.generate(), "ecdsa-p256"),
        ("pt", a_key("ecdsa-p256"), "rsa-1024, not ecdsa-p256"),
    ],
    ids=["rsa for ecdsa", "ecdsa for rsa", "too short", "another curve", "ed25519", "portugal"],
)
def test_a_key_of_another_algorithm_is_refused(
    shell: Shell, law: str, key: PrivateKeyTypes, said: str
) -> None:
    told = shell.imports(law, key)

    assert (told.returncode, told.stderr.split()[0]) == (1, "SIGNER-KEY-03")
    assert said in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert shell.run("keys", "public", law).returncode == 1


def test_a_key_with_a_password_and_a_file_that_is_no_key_are_refused(shell: Shell) -> None:
    secret = serialization.BestAvailableEncryption(b"password")
    no_key = shell.folder / "note.txt"
    no_key.write_text("no key at all")

    for told in (
        shell.imports("law-ecdsa-p256", a_key("ecdsa-p256"), secret),
        shell.run("keys", "import", "law-ecdsa-p256", str(no_key)),
    ):
        assert (told.returncode, told.stderr.split()[0]) == (1, "SIGNER-KEY-03")


def test_a_law_without_a_key_has_none_to_import(shell: Shell) -> None:
    told = shell.imports("de", a_key("ecdsa-p256"))

    assert (told.returncode, told.stderr.split()[0]) == (1, "SIGNER-KEY-04")
