"""What an office is told about the registers of a location and the devices that sign for them."""

from datetime import date
from enum import StrEnum

import msgspec

from fiscus.model.documents import Address


class DeviceForm(StrEnum):
    """How a signing device is built."""

    SD_CARD = "sd_card"
    USB = "usb"
    CLOUD = "cloud"


class NotifiedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is hex; `certification` is its certificate's number, as the law writes it; `fitted`
    is the day from which it signs for the register."""

    serial: str
    certification: str
    form: DeviceForm
    fitted: date
    is_test: bool = False


class NotifiedRegister(msgspec.Struct, frozen=True, kw_only=True):
    """`serial` is the one on receipts and in exports. A register that is `released` was taken out
    of use on that day, for that reason."""

    serial: str
    manufacturer: str
    model: str
    software: str
    software_version: str
    acquired: date
    fitted: date
    device: NotifiedDevice
    released: date | None = None
    release_reason: str = ""


class NotifiedLocation(msgspec.Struct, frozen=True, kw_only=True):
    """One notification covers all registers of one location of a taxpayer."""

    taxpayer: str
    tax_number: str
    name: str
    address: Address
    registers: tuple[NotifiedRegister, ...]
