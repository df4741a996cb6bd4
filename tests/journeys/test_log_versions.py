"""Both versions of a TSE's log: sold, closed, exported and verified the same way."""

from pathlib import Path

import httpx
import pytest

from fiscus import formats
from fiscus.api.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.reporting.tests.caller import answer, platform
from fiscus.signers.tse import examine
from tests.journeys.house import Model, opened

NOVEMBER = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T23:59:59Z"}


@pytest.mark.parametrize("version", [2, 3])
def test_the_operator_chooses_the_version_of_the_log(
    version: int, model: Model, tmp_path: Path
) -> None:
    with opened(model, tmp_path / "data", device_log_version=str(version)) as premises:
        kiosk = a_kiosk(premises, platform(premises).opens_merchant())
        kiosk.opens()
        sold = kiosk.sells()
        kiosk.voids(kiosk.begins())
        assert kiosk.closing().status_code == 201

        log = kept(
            tmp_path / "tse.tar",
            kiosk.caller.send("GET", f"/registers/{kiosk.register}/tse/export"),
        )
        report = examine(log)
        books = kept(tmp_path / "dsfinvk.tar", exported(kiosk))

        assert report.faults == ()
        assert report.versions == (version,)
        assert report.started == report.finished == 4
        assert report.serial == sold["fiscal_information"]["tss_serial_number"]
        assert formats.find("dsfinvk").check(books, {}) == ()
        premises.assert_proved()


def exported(kiosk: Kiosk) -> httpx.Response:
    body = {"type": "dsfinvk", "register_id": kiosk.register, **NOVEMBER}
    kiosk.premises.clock.move(minutes=1)
    id_ = answer(kiosk.caller.send("POST", "/exports", body), 202)["id"]
    kiosk.premises.work()
    url: str = kiosk.caller.get(f"/exports/{id_}")["download_url"]
    return kiosk.premises.http.get(url.removeprefix("http://127.0.0.1:8080"))


def kept(file: Path, response: httpx.Response) -> Path:
    assert response.status_code == 200, response.text
    file.write_bytes(response.content)
    return file
