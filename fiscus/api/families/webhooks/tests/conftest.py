"""The stage of this family's tests: a service at work that may deliver to this machine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fiscus.api.families.webhooks.tests.subscriber import Subscriber
from fiscus.webhooks.tests.receiver import Receiver, listening
from tests.support.premises import Model, Premises, continued, opened
from tests.support.till import Till


def with_shop(premises: Premises) -> Till:
    return premises.unit().opens_shop()


@pytest.fixture(scope="session")
def shop_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Till]]:
    """The same with a shop in Lisbon."""
    with continued(model, tmp_path_factory.mktemp("shop") / "data", with_shop) as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def premises(
    request: pytest.FixtureRequest, receiver: Receiver, tmp_path: Path
) -> Iterator[Premises]:
    """A copy for one test. If it also asks for a shop, then one in which the shop stands."""
    found: Model
    units = int("shop" in request.fixturenames)
    if units:
        found, _ = request.getfixturevalue("shop_model")
    else:
        found = request.getfixturevalue("model")
    allowed = f"127.0.0.1:{receiver.port}"
    with opened(found, tmp_path / "data", webhook_private_targets=allowed) as premises:
        premises.units = units
        yield premises


@pytest.fixture
def shop(premises: Premises, shop_model: tuple[Model, Till]) -> Till:
    """A shop in Lisbon, whose key is its own."""
    _, found = shop_model
    return replace(found, http=premises.http)


@pytest.fixture
def subscriber(premises: Premises, shop: Till) -> Subscriber:
    """Who subscribes with the token of that shop."""
    return Subscriber(premises.http, f"Bearer {shop.bearer}")
