"""The map of the repository names what is there: each package, each path, each layer."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FISCUS = ROOT / "fiscus"
MAP = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")

PATH = re.compile(r"(?<![\w/.(])[a-z_*<>]+(?:/[a-z_*<>]+)*(?:\.py|/)(?=[\s`,:;)]|$)")
"""A module or a folder, from the root or from `fiscus/` on; `*` and `<code>` are any folder."""


def block(heading: str) -> str:
    """The first block of code below a heading."""
    _, _, below = MAP.partition(f"## {heading}\n")
    _, _, code = below.partition("```\n")
    return code.partition("```\n")[0]


def test_every_package_is_on_the_map() -> None:
    packages = {path.parent.name for path in FISCUS.glob("*/__init__.py")}

    assert [name for name in sorted(packages) if f"| `{name}/` |" not in MAP] == []


def test_every_path_on_the_map_is_there() -> None:
    named = set(PATH.findall(MAP))
    lost = [
        path
        for path in sorted(named)
        if not any(
            next(start.glob(re.sub("<.*?>", "*", path)), None) is not None
            for start in (ROOT, FISCUS)
        )
    ]

    assert {"issuing/steps.py", "fiscus/api/pipeline.py", "formats/*/", "model/"} <= named
    assert lost == []


def test_the_layers_on_the_map_are_those_that_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = [
        contract["layers"]
        for contract in project["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    names = [re.findall(r"\w+", layer) for layer in layers]
    there = [
        " | ".join(
            one for one in line if (FISCUS / one).exists() or (FISCUS / f"{one}.py").exists()
        )
        for line in names
    ]

    assert block("The packages").split("\n")[:-1] == [line for line in there if line]
