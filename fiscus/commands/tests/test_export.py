"""What an auditor gets, in Portugal and in Germany, from the command line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.commands.tests.command_line import Told, fiscus
from fiscus.commands.tests.places import PERIOD, place_of
from tests.support.premises import Model, Premises, opened


class Street(NamedTuple):
    premises: Premises
    closed: Kiosk
    other: Kiosk


@pytest.fixture(scope="module")
def street(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Two kiosks of one merchant that sold and closed; a café in Lisbon is beside them. Nobody
    changes it."""
    folder = tmp_path_factory.mktemp("cli")
    with opened(model, folder / "data") as premises:
        premises.unit().opens_shop()
        merchant = platform(premises).opens_merchant()
        kiosks = [a_kiosk(premises, merchant) for _ in range(2)]
        for kiosk in kiosks:
            kiosk.opens()
            kiosk.sells()
            kiosk.closes()
        yield Street(premises, *kiosks)


def write(street: Street, kind: str, out: Path, *options: str) -> Told:
    return fiscus("export", kind, "-o", str(out), *options, **place_of(street.premises))


def test_the_audit_file_is_written_and_checked(day: Premises, tmp_path: Path) -> None:
    out, key = tmp_path / "saft.xml", tmp_path / "key.pem"
    told = fiscus("export", "saft", "-o", str(out), *PERIOD, **place_of(day))
    assert told.code == 0, told.error
    assert "2 documents" in " ".join(told.error.split())
    assert "The checker found nothing wrong." in told.error

    key.write_text(fiscus("keys", "public", "pt", **place_of(day)).out)
    out.write_text(re.sub(r"<Hash>.", "<Hash>!", out.read_text(), count=1))
    bad = fiscus("check", "saft-pt", str(out), "--public-key", str(key))
    assert bad.code == 1
    assert "2 errors." in bad.error


def fingerprint(premises: Premises) -> str:
    return fiscus("journal", "fingerprint", **place_of(premises)).out.strip()


def test_the_journal_package_is_proved_anywhere_by_the_same_command(
    day: Premises, tmp_path: Path
) -> None:
    out = tmp_path / "journal.zip"
    written = fiscus("export", "journal", "-o", str(out), *PERIOD, **place_of(day))
    assert written.code == 0, written.error
    lines = ZipFile(out).read("entries.jsonl").splitlines()
    assert fiscus("verify", str(out)).out.startswith(f"Good: {len(lines)} entries")
    proved = fiscus("verify", str(out), "--root", fingerprint(day))
    assert proved.out.startswith(f"Good: {len(lines)} entries")
    assert fiscus("verify", str(out), "--root", f"sha256:{'0' * 64}").code == 1

    with ZipFile(out, "a") as archive:
        archive.writestr("added.txt", "by somebody else")
    assert fiscus("verify", str(out)).code == 1


def test_dsfinvk_of_all_registers_or_of_one_is_written_and_checked(
    street: Street, tmp_path: Path
) -> None:
    all_, one = tmp_path / "all.tar", tmp_path / "one.tar"

    first = write(street, "dsfinvk", all_, *PERIOD)
    second = write(street, "dsfinvk", one, *PERIOD, "--register", street.closed.register)

    assert (first.code, second.code) == (0, 0), first.error + second.error
    assert "4 documents" in first.error
    assert "2 documents" in second.error
    assert "The checker found nothing wrong." in second.error
    assert one.read_bytes() != all_.read_bytes()


def test_the_tses_log_is_written_and_checked(street: Street, tmp_path: Path) -> None:
    out = tmp_path / "tse.tar"
    told = write(street, "tse", out, "--register", street.other.register)

    assert told.code == 0, told.error
    assert "The checker found nothing wrong." in told.error
    assert fiscus("check", "tse", str(out)).code == 0


@pytest.mark.parametrize(
    ("kind", "options", "code"),
    [
        ("dsfinvk", (*PERIOD, "--register", "reg_unknown"), "REGISTRY-REGISTER-01"),
        ("dsfinvk", (*PERIOD, "--taxpayer", "nobody"), "EXPORT-TAXPAYER-02"),
        ("saft", (*PERIOD, "--taxpayer", "21/815/08150"), "EXPORT-FORMAT-01"),
        ("tse", ("--register", "reg_unknown"), "EXPORT-DEVICE-03"),
    ],
)
def test_what_cannot_be_written_leaves_nothing_and_says_why(
    street: Street, tmp_path: Path, kind: str, options: tuple[str, ...], code: str
) -> None:
    told = write(street, kind, tmp_path / "out", *options)

    assert (told.code, code in told.error) == (1, True), told.error
    assert list(tmp_path.iterdir()) == []
