"""A kind of device that lives in a folder of its own, settings included, signs for registers."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus import settings
from fiscus.api.families.reporting.tests.berlin import a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.commands.tests.command_line import MAIN
from fiscus.model.faults import Refused
from fiscus.settings import Settings
from fiscus.signers.tse.log import qr
from tests.plugins.loaded import loaded
from tests.support.environment import environment
from tests.support.premises import Model, opened

POCKET = "pocket-tse"


@pytest.fixture(autouse=True)
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    with loaded(tmp_path / "plugins", ("fiscus.signers", "tests.plugins.pocket_tse")) as found:
        yield {name: value for name, value in found.items() if not name.startswith("FISCUS_")}


def test_it_is_provisioned_for_a_register_and_signs_what_is_sold(
    model: Model, tmp_path: Path
) -> None:
    said = environment(device_slot="3", device_label="Schacht")
    with said, opened(model, tmp_path / "data", device=POCKET) as premises:
        kiosk = a_kiosk(premises, platform(premises).opens_merchant())
        kiosk.opens()
        sold = kiosk.sells()["fiscal_information"]
        device = kiosk.caller.get(f"/registers/{kiosk.register}/tse")
        (folder,) = premises.services.issuing.devices.folder.iterdir()
        premises.assert_proved()

    assert (device["serial"], device["state"]) == (sold["tss_serial_number"], "fitted")
    assert qr.verifies(qr.parse(sold["verification"]["qr_data"]))
    assert [path.name for path in folder.iterdir()] == ["3"]


def test_what_it_lacks_is_named_to_the_owner_of_the_register(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "data", device=POCKET) as premises:
        merchant = platform(premises).opens_merchant()
        register = merchant.opens_register()
        merchant.fiscalizes(register)
        premises.work()
        shown = merchant.get(f"/registers/{register['id']}")

    assert shown["fiscalization_status"] == "failed"
    assert "FISCUS_DEVICE_SLOT" in shown["fiscalization"]["error"]


def test_a_setting_of_its_own_must_have_its_form_and_is_no_stranger() -> None:
    chosen = Settings(device=POCKET)

    assert settings.of_devices(chosen, {"FISCUS_DEVICE_SLOT": "3"}) == {"slot": "3"}
    with pytest.raises(Refused) as caught:
        settings.of_devices(chosen, {"FISCUS_DEVICE_SLOT": "3x"})
    assert caught.value.paths == ("FISCUS_DEVICE_SLOT",)
    assert settings.strange_variables({"FISCUS_DEVICE_SLOTT": "3"}) == {
        "FISCUS_DEVICE_SLOTT": "FISCUS_DEVICE_SLOT"
    }


def test_of_two_devices_for_tests_the_operator_must_choose_one() -> None:
    assert settings.spare_devices(Settings()) == {}
    assert settings.spare_devices(Settings(device=POCKET)) == {}


def test_a_command_with_a_wrong_value_says_so_in_one_sentence(
    environ: dict[str, str], tmp_path: Path
) -> None:
    said = {"FISCUS_DEVICE": POCKET, "FISCUS_DEVICE_SLOT": "x", "FISCUS_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [*MAIN, "init"],
        env=environ | said,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("SETTING-VALUE-01")
    assert done.stderr.strip().endswith("FISCUS_DEVICE_SLOT")
