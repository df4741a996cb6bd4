"""Both versions of a TSE's log: sold, closed, exported and verified the same way."""

from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from fiscus.signers.tse import examine
from tests.support.auditor import assert_checked, export, fetched, log_of
from tests.support.environment import environment
from tests.support.premises import Model, opened


@pytest.mark.parametrize("version", [2, 3])
def test_the_operator_chooses_the_version_of_the_log(
    version: int, model: Model, tmp_path: Path
) -> None:
    said = environment(device_log_version=str(version))
    with said, opened(model, tmp_path / "data") as premises:
        kiosk = a_kiosk(premises, platform(premises).opens_merchant())
        kiosk.opens()
        sold = kiosk.sells()
        kiosk.voids(kiosk.begins())
        assert kiosk.closing().status_code == 201

        log = tmp_path / "tse.tar"
        log.write_bytes(log_of(kiosk))
        report = examine(log)
        books = fetched(premises, export(kiosk)["download_url"])

        assert report.faults == ()
        assert report.versions == (version,)
        assert report.started == report.finished == 4
        assert report.serial == sold["fiscal_information"]["tss_serial_number"]
        assert_checked("dsfinvk", books, tmp_path)
        premises.assert_proved()
