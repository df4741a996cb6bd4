"""The settings of a plug-in: what an operator tells it, and nobody else needs to know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of the installation that only this plug-in needs. Its environment variable is
    `FISCUS_<CODE>_<NAME>` for a law or a channel, `FISCUS_DEVICE_<NAME>` for a kind of device: an
    installation has one kind of device, and several laws.

    `pattern` is what the whole value must match. `test_value` serves the test environment; what has
    none there, and everything in live, is left out unless it is given. `test_pattern`: values that
    serve tests only, and are refused in live. `is_optional`: nothing is missing without it.
    """

    name: str
    help: str
    test_value: str | None = None
    pattern: str = ".+"
    test_pattern: str = ""
    is_optional: bool = False


def filled(
    settings: Iterable[Setting], given: Mapping[str, str], *, is_live: bool
) -> dict[str, str]:
    """The values of a plug-in by name: what was given, else the test value, which never serves in
    live. What has neither is left out: whoever needs it refuses."""
    found = {}
    for setting in settings:
        spare = "" if is_live else setting.test_value or ""
        if value := given.get(setting.name, "") or spare:
            found[setting.name] = value
    return found
