"""A server as it is started: its two addresses, and that nobody keeps it busy who says nothing."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from bench.installation import Installation, free_port
from bench.source import HERE


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Installation]:
    installation = Installation(folder=folder, settings=settings)
    try:
        yield installation
    finally:
        installation.stop()


def status(port: int, path: str, method: str = "GET") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_health_and_metrics_may_have_an_address_of_their_own(tmp_path: Path) -> None:
    public, own = free_port(), free_port()
    with serving(tmp_path, FISCUS_OPS_ADDRESS=f"127.0.0.1:{own}") as installation:
        installation.start(public)
        installation.processes[own] = installation.processes[public]
        installation.wait(own)

        for path in ("/health", "/metrics"):
            assert (status(own, path), status(public, path)) == (200, 404)
        for path in ("/docs", "/openapi.json", "/checkpoint"):
            assert status(own, path) == 404
        assert status(public, "/docs") == 200
        assert status(own, "/records", "POST") == 404
        assert status(own, "/health", "POST") == 405


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "[::1]:{port}"])
def test_both_addresses_want_ports_of_their_own(tmp_path: Path, address: str) -> None:
    port = free_port()
    place = {"FISCUS_DATA_DIR": str(tmp_path), "FISCUS_OPS_ADDRESS": address.format(port=port)}

    done = subprocess.run(
        [*HERE.command, "serve", "--port", str(port)],
        env=os.environ | place,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert "FISCUS_OPS_ADDRESS" in done.stderr
