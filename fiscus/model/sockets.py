"""How a socket finds its plug-ins: sub-folders, and packages that declare the entry point."""

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Any, TypeVar

T = TypeVar("T")


def plugged(package: str, path: Iterable[str], family: str, kind: type[T]) -> dict[str, T]:
    """All plug-ins of one socket by code. A family is the tuple a plug-in folder shows.

    Raises `ValueError` if two plug-ins claim one code: a country must not depend on import order.
    """
    families: list[Any] = [
        getattr(import_module(f"{package}.{module.name}"), family)
        for module in iter_modules(path)
        if module.ispkg and module.name != "tests"
    ]
    families += [point.load() for point in entry_points(group=package)]
    found: dict[str, T] = {}
    for plugin in (member for members in families for member in members):
        assert isinstance(plugin, kind)
        code: str = plugin.code  # type: ignore[attr-defined]
        if code in found:
            raise ValueError(f"two plug-ins of {package} claim the code {code}")
        found[code] = plugin
    return found
