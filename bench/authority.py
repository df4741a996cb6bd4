"""The tax authority of Portugal as a program of its own (`fiscus simulate`): told over its control
page how to fail, away and back again at the same address, with a memory that is read as it lies."""

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.installation import free_ports
from bench.merchant import Caller, Merchant
from bench.source import HERE

Json = dict[str, Any]

REGISTER, CHANGE = "RegisterInvoice", "ChangeInvoiceStatus"
DOCUMENTS = (REGISTER, CHANGE)
SERIES = ("registarSerie", "consultarSeries", "finalizarSerie", "anularSerie")
EXPIRED = "expired-certificate"
TWICE = "duplicate"


@dataclass(kw_only=True)
class FarAuthority:
    """It serves as long as it is not `away`; `settings` lead a service to it."""

    folder: Path
    port: int
    control_port: int
    facts: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def settings(self) -> dict[str, str]:
        files = ("certificate", "private_key", "cipher_certificate", "trusted")
        addresses = ("series", "documents", "transport")
        said = {name: self.facts[name] for name in files}
        said |= {f"{name}_address": self.facts[name] for name in addresses}
        return {f"FISCUS_AT_PORTUGAL_{name.upper()}": value for name, value in said.items()}

    def order(self, kind: str, operation: str, probability: float = 1.0, **more: object) -> int:
        """Order a fault, until it is taken back unless `times` says otherwise."""
        said = {"kind": kind, "operation": operation, "probability": probability, "times": None}
        status, answer = self._said("POST", "/faults", said | more)
        assert status == 201, answer
        return int(answer["id"])

    def take_back(self, number: int | None = None) -> None:
        """Take back an order, or all."""
        self._said("DELETE", f"/faults/{number}" if number else "/faults")

    def orders(self) -> list[Json]:
        """Those that stand, with how often each has struck (`hits`)."""
        found: list[Json] = self._said("GET", "/faults")[1]
        return found

    def leave(self) -> None:
        """It is gone from one moment to the next, and so are all its connections."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def come_back(self) -> None:
        self.process, _ = _started(self.folder, self.port, self.control_port)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What it knows, by SQL of our own."""
        with closing(sqlite3.connect(self.folder / "at_portugal.sqlite", timeout=30)) as world:
            return world.execute(query, values).fetchall()

    def faulted(self, *operations: str) -> int:
        """How many requests for these operations have not been answered as they should."""
        marks = ", ".join("?" for _ in operations)
        [(count,)] = self.rows(
            "SELECT coalesce(sum(CASE WHEN fault LIKE '%duplicate%' THEN 0.5 ELSE 1 END), 0)"
            f" FROM requests WHERE operation IN ({marks})"
            " AND (fault <> '' OR code LIKE 'login %')",
            *operations,
        )
        return int(count)

    def _said(self, method: str, path: str, body: Json | None = None) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.control_port, timeout=30)
        try:
            content = json.dumps(body) if body is not None else None
            connection.request(method, path, content, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@contextmanager
def a_far_authority(folder: Path) -> Iterator[FarAuthority]:
    """An authority that nobody knows yet, gone afterwards."""
    port, control_port = free_ports(2)
    process, facts = _started(folder, port, control_port)
    far = FarAuthority(
        folder=folder, port=port, control_port=control_port, facts=facts, process=process
    )
    try:
        yield far
    finally:
        if far.process.poll() is None:
            far.leave()


def _started(
    folder: Path, port: int, control_port: int
) -> tuple[subprocess.Popen[bytes], Mapping[str, str]]:
    command = [*HERE.command, "simulate", "at-portugal", "--json"]
    command += ["--folder", str(folder), "--port", str(port), "--control-port", str(control_port)]
    environment = {name: value for name, value in os.environ.items() if name[:7] != "FISCUS_"}
    process = subprocess.Popen(
        command,
        env=environment,
        cwd=HERE.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout:
        facts: dict[str, str] = json.loads(process.stdout.readline())
    return process, facts


def tells_at_once(caller: Caller, merchant: Merchant) -> None:
    """Its documents are told when they are issued, from now on."""
    wanted: Any = {"content": {}, "metadata": {"reporting": "realtime"}}
    status, answer = caller.ask("PATCH", f"/taxpayers/{merchant.taxpayer}", wanted)
    if status != 200:
        raise RuntimeError(f"{status} {answer}")
