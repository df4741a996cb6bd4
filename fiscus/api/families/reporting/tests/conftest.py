"""The stage of this family's tests: a service at work, and callers with API keys."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import Caller, platform
from tests.support.premises import Model, Premises, continued, opened


def with_kiosk(premises: Premises) -> Kiosk:
    return a_kiosk(premises, platform(premises).opens_merchant())


@pytest.fixture(scope="session")
def kiosk_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Kiosk]]:
    """The same with a German merchant's kiosk, whose device is fitted."""
    with continued(model, tmp_path_factory.mktemp("kiosk") / "data", with_kiosk) as found:
        yield found


@pytest.fixture
def premises(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Premises]:
    """A copy for one test. If it also asks for a kiosk, then one in which the kiosk stands."""
    found: Model
    if "kiosk" in request.fixturenames:
        found, _ = request.getfixturevalue("kiosk_model")
    else:
        found = request.getfixturevalue("model")
    with opened(found, tmp_path / "data") as premises:
        yield premises


@pytest.fixture
def caller(premises: Premises) -> Caller:
    """Whoever holds the operator's first key, acting for nobody yet."""
    return platform(premises)


@pytest.fixture
def merchant(request: pytest.FixtureRequest, caller: Caller) -> Caller:
    """The same caller, acting for a German merchant: the one with the kiosk, if there is one."""
    if "kiosk" in request.fixturenames:
        found: Kiosk = request.getfixturevalue("kiosk")
        return found.caller
    return caller.opens_merchant()


@pytest.fixture
def kiosk(premises: Premises, kiosk_model: tuple[Model, Kiosk]) -> Kiosk:
    """The kiosk in the copy of this test."""
    _, found = kiosk_model
    return replace(found, premises=premises, caller=replace(found.caller, http=premises.http))
