"""`fiscus serve` where it cannot listen, and `fiscus work` until it is stopped."""

import os
import signal
import socket
from pathlib import Path
from time import sleep

import pytest

from bench.installation import free_ports
from fiscus.commands.tests.command_line import ended, fiscus, started


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = fiscus("serve", "--port", port, data_dir=str(tmp_path))

    assert told.code == 1
    assert told.error.startswith("CLI-SERVE-01")
    assert f"127.0.0.1:{port} (Address already in use)" in told.error
    assert "--port" in told.error
    assert len(told.error.strip().splitlines()) == 1


def test_the_operators_page_needs_another_port_than_the_api(tmp_path: Path) -> None:
    [port] = free_ports(1)
    told = fiscus(
        "serve",
        "--port",
        str(port),
        data_dir=str(tmp_path),
        ops_address=f"127.0.0.1:{port}",
    )

    assert told.code == 1
    assert told.error.startswith("SETTING-VALUE-01")
    assert "FISCUS_OPS_ADDRESS" in told.error


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_well_when_it_is_asked_to(tmp_path: Path, name: signal.Signals) -> None:
    command = started("work", data_dir=str(tmp_path))
    said = Path(command.folder.name, "2")
    while "Fiscus works" not in (said.read_text("utf-8") if said.exists() else ""):
        assert command.process.is_alive()
        sleep(0.02)
    assert command.process.pid is not None
    os.kill(command.process.pid, name)

    assert ended(command).code == 0
