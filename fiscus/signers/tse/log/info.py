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


class TseDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What `info.csv` says of a device."""

    description: str = ""
    components: tuple[DeviceComponent, ...] = ()


class InfoError(ValueError):
    """`info.csv` is not of either form."""


def write(info: TseDescription, version: int) -> bytes:
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


def read(data: bytes) -> TseDescription:
    """Reads both forms; real devices leave out the last line feed, and the quotes. Raises
    `InfoError`."""
    try:
        text = data.decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InfoError(str(error)) from None
    is_quoted = '"' in text
    if len(rows) == 1:
        description, manufacturer, version = _values(rows[0], _KEYS_V2, is_quoted=is_quoted)
        only = DeviceComponent(manufacturer=manufacturer, version=version)
        return TseDescription(description=description, components=(only,))
    if len(rows) < 2 or rows[-1][:1] != ["description:"] or any(rows[-1][2:]):
        raise InfoError("neither of version 2 nor of version 3")
    return TseDescription(
        description=rows[-1][1],
        components=tuple(_component(row, is_quoted=is_quoted) for row in rows[:-1]),
    )


def _values(row: list[str], keys: tuple[str, ...], *, is_quoted: bool) -> list[str]:
    """What stands behind each key, in their order: one value, but where nothing stands in quotes,
    a comma may be part of it."""
    found: dict[str, list[str]] = {}
    for cell in row:
        if cell.strip() in keys and cell.strip() not in found:
            found[cell.strip()] = []
        elif found:
            found[next(reversed(found))].append(cell)
        else:
            raise InfoError(f"{cell} where {keys[0]} belongs")
    if tuple(found) != keys or (is_quoted and any(len(one) != 1 for one in found.values())):
        raise InfoError("neither of version 2 nor of version 3")
    return [",".join(parts) for parts in found.values()]


def _component(row: list[str], *, is_quoted: bool) -> DeviceComponent:
    name, manufacturer, model, version, certification = _values(row, _KEYS_V3, is_quoted=is_quoted)
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
