"""The simulated authority shares no code with the client, so that each finds the other's errors."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
CHANNEL = "fiscus.channels.at_portugal."


def test_of_the_channel_only_the_addresses_are_shared() -> None:
    shared = {
        node.module or ""
        for file in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(CHANNEL)
    }

    assert {name for name in shared if not name.startswith(f"{CHANNEL}simulator")} == {
        f"{CHANNEL}endpoints"
    }


def test_the_client_imports_nothing_of_the_authority() -> None:
    for file in PACKAGE.parent.glob("*.py"):
        if file.name != "__init__.py":
            assert "at_portugal.simulator" not in file.read_text("utf-8"), file.name
