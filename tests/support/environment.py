"""What an operator says in the environment, for as long as a block runs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def environment(**said: str) -> Iterator[None]:
    """`device_url="…"` is the variable `FISCUS_DEVICE_URL`."""
    with pytest.MonkeyPatch.context() as changed:
        for name, value in said.items():
            changed.setenv(f"FISCUS_{name.upper()}", value)
        yield
