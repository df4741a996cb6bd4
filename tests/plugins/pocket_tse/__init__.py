"""A kind of signing device of another package, with settings of its own: a TSE in a numbered slot.

It signs like the software TSE that ships; what is its own is what an operator says of it.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from fiscus.model.devices import SigningDevice
from fiscus.model.faults import Code, Refused
from fiscus.model.ids import Entropy, Ids
from fiscus.model.plugin_settings import Setting
from fiscus.model.times import Clock
from fiscus.signers import DeviceKind
from fiscus.signers.tse.kinds import SOFTWARE

NO_SLOT = Code("POCKET-SLOT-01", "say in which slot the device is")


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    slot: str
    inner: bytes


def create(wanted: Mapping[str, str], folder: Path, clock: Clock, entropy: Entropy) -> bytes:
    if "slot" not in wanted:
        raise Refused(NO_SLOT, "FISCUS_DEVICE_SLOT")
    described = {"description": f"{wanted['label']} {wanted['slot']}"}
    inner = SOFTWARE.create(described, folder / wanted["slot"], clock, entropy)
    return msgspec.json.encode(Secret(slot=wanted["slot"], inner=inner))


def open_(secret: bytes, folder: Path, clock: Clock, ids: Ids) -> SigningDevice:
    opened = msgspec.json.decode(secret, type=Secret)
    return SOFTWARE.open(opened.inner, folder / opened.slot, clock, ids)


DEVICES = (
    DeviceKind(
        code="pocket-tse",
        family="tse",
        create=create,
        open=open_,
        settings=(
            Setting(name="slot", help="Number of the slot.", pattern="[0-9]"),
            Setting(name="label", help="What the slot is called.", test_value="slot"),
        ),
        is_test_only=True,
    ),
)
