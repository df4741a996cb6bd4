"""What an auditor gets of a German register, from the command line."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from fiscus.api.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.reporting.tests.caller import platform
from fiscus.tests.test_cli import PERIOD, Told, fiscus, place_of
from tests.journeys.house import Premises, drop, opened, set_up


class Street(NamedTuple):
    premises: Premises
    closed: Kiosk
    other: Kiosk


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Two kiosks of one merchant that sold and closed; a café in Lisbon is next door. Nobody
    changes it."""
    folder = tmp_path_factory.mktemp("cli")
    model = set_up(folder / "model", os.environ.get("FISCUS_TEST_DATABASE_URL", ""))
    with opened(model, folder / "data") as premises:
        premises.unit().opens_shop()
        merchant = platform(premises).opens_merchant()
        kiosks = [a_kiosk(premises, merchant) for _ in range(2)]
        for kiosk in kiosks:
            kiosk.opens()
            kiosk.sells()
            kiosk.closes()
        yield Street(premises, *kiosks)
    if model.database_url:
        drop(model.database_url)


def write(street: Street, kind: str, out: Path, *options: str) -> Told:
    return fiscus("export", kind, "-o", str(out), *options, **place_of(street.premises))


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
