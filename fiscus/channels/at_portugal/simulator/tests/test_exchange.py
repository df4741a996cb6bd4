"""Whatever a message says within its description, the authority has an answer."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from fiscus.channels.at_portugal.simulator.exchange import SERVICES
from fiscus.channels.at_portugal.simulator.login import AtUser
from fiscus.channels.at_portugal.simulator.tests.messages import NIF, NOW, USER, WHOLE
from fiscus.channels.at_portugal.simulator.tests.test_grammar import valid
from fiscus.channels.at_portugal.simulator.world import Now, connected

ENDS = {
    operation: service for service in SERVICES.values() for operation in service.operations.values()
}
DAYS = ["-0044-03-15", "12026-05-04", "2026-05-04+14:00", "9999-12-31", "0001-01-01Z"]
TIMES = [
    "-0044-03-15T10:00:00",
    "12026-05-04T24:00:00",
    "2026-05-04T24:00:00",
    "0001-01-01T00:00:00.5Z",
]


def strange(draw: Any, message: etree._Element) -> None:
    """Put the taxpayer where it belongs, and days in that Python does not have."""
    for one in message.iter():
        name = etree.QName(one).localname
        if name == "TaxRegistrationNumber":
            one.text = NIF
        elif name.endswith(("StatusDate", "SystemEntryDate", "Time")) and not len(one):
            one.text = draw(st.sampled_from([*TIMES, one.text]))
        elif name.endswith("Date") or name.startswith("data"):
            one.text = draw(st.sampled_from([*DAYS, one.text]))


@pytest.mark.parametrize("operation", WHOLE)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_a_valid_message_is_answered(operation: str, data: Any) -> None:
    message = data.draw(valid(operation))
    strange(data.draw, message)
    user = AtUser(nif=NIF, username=USER)

    with TemporaryDirectory() as folder, closing(connected(Path(folder))) as db:
        done = ENDS[operation].work(db, user, operation, message, Now(at=NOW))

    assert done.code
    assert etree.fromstring(done.content) is not None
