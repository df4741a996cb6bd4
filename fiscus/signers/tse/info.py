"""`info.csv`: the few words an export says about the device it comes from."""

import csv
import io
from collections.abc import Iterable

import msgspec

COMPONENTS = ("device", "storage", "integration-interface", "CSP", "SMA")
"""The components of version 3, in the order they are listed."""

_KEYS_V2 = ("description:", "manufacturer:", "version:")
_KEYS_V3 = ("component:", "manufacturer:", "model:", "version:", "certification-id:")


class DeviceComponent(msgspec.Struct, frozen=True, kw_only=True):
    """One line of version 3; version 2 has one line without a component's name."""

    name: str = ""
    manufacturer: str = ""
    model: str = ""
    version: str = ""
    certification: str = ""


class About(msgspec.Struct, frozen=True, kw_only=True):
    description: str = ""
    components: tuple[DeviceComponent, ...] = ()


class InfoError(ValueError):
    """`info.csv` is not of either form."""


def write(info: About, version: int) -> bytes:
    """Version 2: one line. Version 3: a line per component, and the description."""
    if version == 2:
        one = info.components[0]
        pairs = zip(_KEYS_V2, (info.description, one.manufacturer, one.version), strict=True)
        return _line(pairs)
    lines = [
        _line(
            zip(
                _KEYS_V3,
                (one.name, one.manufacturer, one.model, one.version, one.certification),
                strict=True,
            )
        )
        for one in info.components
    ]
    return b"".join(lines) + _line([("description:", info.description)])[:-1] + b",,,,,,,,\n"


def read(data: bytes) -> About:
    """Reads both forms; real devices leave out the last line feed. Raises `InfoError`."""
    try:
        text = data.decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InfoError(str(error)) from None
    if len(rows) == 1 and tuple(rows[0][::2]) == _KEYS_V2:
        _, description, _, manufacturer, _, version = rows[0]
        only = DeviceComponent(manufacturer=manufacturer, version=version)
        return About(description=description, components=(only,))
    if len(rows) < 2 or rows[-1][:1] != ["description:"] or any(rows[-1][2:]):
        raise InfoError("neither of version 2 nor of version 3")
    return About(description=rows[-1][1], components=tuple(map(_component, rows[:-1])))


def _component(row: list[str]) -> DeviceComponent:
    if tuple(row[::2]) != _KEYS_V3 or len(row) != 2 * len(_KEYS_V3):
        raise InfoError("a line does not describe a component")
    name, manufacturer, model, version, certification = row[1::2]
    return DeviceComponent(
        name=name,
        manufacturer=manufacturer,
        model=model,
        version=version,
        certification=certification,
    )


def _line(pairs: Iterable[tuple[str, str]]) -> bytes:
    quoted = (f'"{key}","{value.replace(chr(34), chr(34) * 2)}"' for key, value in pairs)
    return (",".join(quoted) + "\n").encode()
