"""The register as a thing: what was said of it, and nothing that was said of something else."""

from typing import Any

import msgspec
import pytest

from fiscus.formats.dsfinvk.tests.berlin_days import COFFEE
from fiscus.formats.dsfinvk.tests.till import OPENED, Till, a_device, a_sale, cash
from fiscus.formats.dsfinvk.write import masterdata, rows
from fiscus.model.places import Register
from fiscus.model.tests.clock import StandingClock


@pytest.fixture
def till(tmp_path_factory: pytest.TempPathFactory) -> Till:
    clock = StandingClock(OPENED)
    return Till(a_device(tmp_path_factory.mktemp("tse"), clock), clock)


def hardware(till: Till, **said: Any) -> rows.RegisterHardware:
    till.issue(a_sale(COFFEE, cash("23.80")))
    closing = till.close().closing
    assert closing is not None
    register = Register(id=till.id, version=1, name="Kasse am Eingang", **said)
    place = msgspec.structs.replace(closing.place, register=register)
    return masterdata.hardware(msgspec.structs.replace(closing, place=place))


def test_brand_and_model_are_those_that_were_said(till: Till) -> None:
    """KASSE_MODELL is no name of a register in its shop."""
    silent = hardware(till)

    assert (silent.brand, silent.model, silent.software) == ("", "", "")
    told = hardware(till, brand="Vectron", model="POS Touch 15")
    assert (told.brand, told.model) == ("Vectron", "POS Touch 15")


@pytest.mark.parametrize(
    ("software", "version", "shown"),
    [
        ("Kiosk Pro 4.2", "", ("Kiosk Pro", "4.2")),
        ("Kiosk Pro v4", "", ("Kiosk Pro", "v4")),
        ("Kiosk Pro", "", ("Kiosk Pro", "")),
        ("Kiosk 4", "beta", ("Kiosk 4", "beta")),
        ("4", "", ("4", "")),
    ],
)
def test_a_program_has_a_name_and_a_version(
    till: Till, software: str, version: str, shown: tuple[str, str]
) -> None:
    found = hardware(till, software=software, software_version=version)

    assert (found.software, found.software_version) == shown
