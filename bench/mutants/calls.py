"""Which test calls which function of ours, seen while the tests run: a plugin for pytest.

What is set up once for a whole file is laid to each test of the file.
"""

import sys
import threading
from collections.abc import Generator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import msgspec
import pytest


class Seen(msgspec.Struct, kw_only=True):
    """A test that passes: how long it takes, with its setup, and the functions it calls, as
    `path::qualified name`."""

    seconds: float = 0.0
    is_passed: bool = True
    calls: set[str] = msgspec.field(default_factory=set)


class Calls:
    """The plugin. `tests` by their node id, `shared` by the file whose fixtures called it."""

    def __init__(self, root: Path) -> None:
        self.tests: dict[str, Seen] = {}
        self.shared: dict[str, set[str]] = {}
        self._prefix = f"{root}/fiscus/"
        self._skipped = len(f"{root}/")
        self._names: dict[CodeType, str] = {}
        self._current: set[str] = set()
        self._file = ""

    def begin(self) -> None:
        threading.settrace(self._called)
        sys.settrace(self._called)

    def end(self) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def _called(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        name = self._names.get(code)
        if name is None:
            name = self._names[code] = self._name(code)
        if name:
            self._current.add(name)

    def _name(self, code: CodeType) -> str:
        path = code.co_filename[self._skipped :]
        if not code.co_filename.startswith(self._prefix) or "/tests/" in path:
            return ""
        return f"{path}::{code.co_qualname.replace('.<locals>', '')}"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._current = self.tests.setdefault(item.nodeid, Seen()).calls
        self._file = item.nodeid.partition("::")[0]
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        if fixturedef.scope == "function":
            return (yield)
        before = self._current
        self._current = self.shared.setdefault(self._file, set())
        try:
            return (yield)
        finally:
            before |= self._current
            self._current = before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        seen = self.tests[report.nodeid]
        seen.seconds += report.duration
        seen.is_passed &= report.outcome == "passed"


class Choice:
    """The plugin that runs these tests only, in this order."""

    def __init__(self, wanted: list[str]) -> None:
        self.places = {name: place for place, name in enumerate(wanted)}
        self.failed = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        chosen = [item for item in items if item.nodeid in self.places]
        items[:] = sorted(chosen, key=lambda item: self.places[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid
