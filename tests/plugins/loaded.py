"""Plug-ins that are no part of Fiscus, installed for a test as another package installs its own.

A distribution is written into a folder: its entry points name modules, and nothing else. With that
folder on the path `importlib.metadata` finds it, in this process and in every process that is
started with `PYTHONPATH`.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def loaded(folder: Path, *plugins: tuple[str, str]) -> Iterator[dict[str, str]]:
    """While the block runs, these plug-ins are installed: pairs of a plug-in point, such as
    `fiscus.formats`, and a module that shows its tuples, such as `tests.plugins.sales_csv`.

    `folder` must be the test's own, such as `tmp_path`. Gives the environment of this process with
    a `PYTHONPATH` by which a process of its own has the same plug-ins.
    """
    site = distribution(folder, *plugins)
    points = {point for point, _ in plugins}
    sys.path.insert(0, str(site))
    _look_again(points)
    try:
        yield {**os.environ, "PYTHONPATH": os.pathsep.join((str(site), str(ROOT)))}
    finally:
        sys.path.remove(str(site))
        _look_again(points)


def distribution(folder: Path, *plugins: tuple[str, str]) -> Path:
    """Write the distribution and give the folder that must be on the path."""
    site = folder / "site-of-plugins"
    info = site / "plugins_of_a_test-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugins-of-a-test\nVersion: 1\n")
    lines = []
    for point in dict.fromkeys(point for point, _ in plugins):
        lines.append(f"[{point}]")
        modules = [module for at, module in plugins if at == point]
        lines += [f"{module.replace('.', '_')} = {module}" for module in modules]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


def _look_again(points: set[str]) -> None:
    """What a plug-in point has found once it keeps: let it look again."""
    importlib.invalidate_caches()
    for point in points:
        for member in vars(importlib.import_module(point)).values():
            if hasattr(member, "cache_clear"):
                member.cache_clear()
