"""How a plug-in point finds its plug-ins: sub-folders, and modules that other packages declare
under the entry-point group of the point's name. Both show the same: tuples named after the
family."""

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Any, TypeVar

T = TypeVar("T")


def plugged(package: str, path: Iterable[str], family: str, kind: type[T]) -> dict[str, T]:
    """All plug-ins of one family of a plug-in point, by code. A folder shows the families it
    belongs to.

    Raises `ValueError` if two plug-ins claim one code: a country must not depend on import order.
    """
    folders: list[Any] = [
        import_module(f"{package}.{module.name}")
        for module in iter_modules(path)
        if module.ispkg and module.name != "tests"
    ]
    folders += [point.load() for point in entry_points(group=package)]
    found: dict[str, T] = {}
    for plugin in (member for folder in folders for member in getattr(folder, family, ())):
        assert isinstance(plugin, kind)
        code: str = plugin.code  # type: ignore[attr-defined]
        if code in found:
            raise ValueError(f"two plug-ins of {package} claim the code {code}")
        found[code] = plugin
    return found
