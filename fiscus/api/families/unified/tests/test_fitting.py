"""The device of a system: fitted when it goes into service, told by its mode, let go at its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fiscus.provisioning import provision
from fiscus.registry import devices
from fiscus.store.connect import writing
from tests.support import words
from tests.support.premises import Model, Premises, opened
from tests.support.till import Json, Till, envelope, refusal

PLACE = {"code": "10119", "city": "Berlin", "country": "DE"}


@pytest.fixture
def premises(model: Model, tmp_path: Path) -> Iterator[Premises]:
    with opened(model, tmp_path / "data") as found:
        yield found


def commissioned(premises: Premises) -> Till:
    return premises.unit("Späti Mitte").opens_shop(words.german(), **PLACE)


def system(till: Till) -> Json:
    return till.get(f"/systems/{till.system}")


def test_a_system_is_not_operative_before_its_device_signs(premises: Premises) -> None:
    """A system made through the Unified API, then INTENTION: 405 "fiscalize it first", and no such
    operation there."""
    till = commissioned(premises)
    intention = envelope(
        {
            "type": "INTENTION",
            "system": {"id": till.system},
            "operation": {"type": "TRANSACTION"},
        }
    )

    waiting = system(till)
    refused = refusal(till.send("POST", "/records", intention), 405)
    premises.work()
    fitted = system(till)

    assert (waiting["state"], waiting["mode"]) == ("COMMISSIONED", "INACTIVE")
    assert "logs" not in waiting
    assert refused.startswith(
        "record operation invalid: cannot create new record of 'INTENTION::TRANSACTION', "
        "legal entity is not in mode 'OPERATIVE'"
    )
    assert "fiscalize" not in refused
    assert (fitted["state"], fitted["mode"]) == ("COMMISSIONED", "OPERATIVE")
    assert "INTENTION::CLOSING" in [one["type"] for one in fitted["records"]]
    assert till.listed("/systems")[0]["mode"] == "OPERATIVE"
    assert till.send("POST", "/records", intention).status_code == 200


def test_a_device_that_could_not_be_fitted_is_asked_for_anew_by_the_same_state(
    premises: Premises,
) -> None:
    till = commissioned(premises)
    with writing(premises.services.engine) as tx:
        view = devices.of_register(tx, till.system)
        assert view is not None
        devices.failed(tx, view.device, "the device did not answer")

    failed = system(till)
    till.changed(f"/systems/{till.system}", {"state": "COMMISSIONED"})
    premises.work()

    assert failed["mode"] == "INACTIVE"
    (log,) = failed["logs"]
    assert log["severity"] == "ERROR"
    assert log["message"].endswith("the device did not answer")
    assert system(till)["mode"] == "OPERATIVE"
    assert "logs" not in system(till)


def test_an_installation_without_devices_says_so(premises: Premises) -> None:
    """The system stays as it was: nobody believes that it is in service."""
    till = premises.unit("Späti Mitte").acquires(words.german(), **PLACE)
    for path in till.places()[:2]:
        till.changed(path, {"state": "COMMISSIONED"})
    premises.services.provisioning.spare = {}

    response = till.send("PATCH", f"/systems/{till.system}", envelope({"state": "COMMISSIONED"}))

    assert provision.NO_KIND.id in refusal(response, 503)
    assert system(till)["state"] == "ACQUIRED"


def test_who_asks_again_for_the_end_has_the_device_told_again(premises: Premises) -> None:
    """A device that was dead when its system ended does not know it yet."""
    till = commissioned(premises)
    premises.work()
    gone = {"state": "DECOMMISSIONED"}
    till.changed(f"/systems/{till.system}", gone)
    with writing(premises.services.engine) as tx:
        view = devices.of_register(tx, till.system)
        assert view is not None
        devices.not_told(tx, view.device, "the device did not answer")

    ended = till.changed(f"/systems/{till.system}", gone)
    premises.work()

    assert (ended["state"], ended["mode"]) == ("DECOMMISSIONED", "INACTIVE")
    with writing(premises.services.engine) as tx:
        told = devices.of_register(tx, till.system)
        assert told is not None
        assert (told.state, told.error) == (devices.DeviceState.RELEASED, "")


def test_where_no_device_must_sign_a_system_is_operative_at_once(premises: Premises) -> None:
    till = premises.unit().opens_shop()

    assert (system(till)["mode"], "logs" in system(till)) == ("OPERATIVE", False)
