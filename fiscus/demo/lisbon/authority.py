"""The simulated tax authority as a program beside the service: told to fail, and asked what it
knows."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from fiscus.demo import service
from fiscus.demo.client import ANSWER_SECONDS, Json, expect

LOST_ANSWER: Json = {"kind": "timeout", "operation": "RegisterInvoice", "moment": "after"}
"""The next document is taken, and its answer is lost."""


class AuthorityProgram:
    """`fiscus simulate at-portugal` on the folder of the service: they share one world."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._control = ""

    def fail(self, order: Json) -> None:
        """Order a fault. Raises `UnexpectedAnswer` if it is none."""
        status, answer = self._ask("POST", "/faults", order)
        expect(status == 201, f"the fault was not ordered: {answer}")

    def known(self) -> Json:
        """What it knows: series, documents, and how often each operation was asked for."""
        status, answer = self._ask("GET", "/known")
        expect(status == 200, f"the authority does not say what it knows: {answer}")
        return answer

    def _ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        line = HTTPConnection(self._address(), timeout=ANSWER_SECONDS)
        try:
            sent = None if body is None else json.dumps(body)
            line.request(method, path, sent, {"Content-Type": "application/json"})
            response = line.getresponse()
            return response.status, json.loads(response.read())
        finally:
            line.close()

    def _address(self) -> str:
        """It says where it listens once it does, in one line."""
        if not self._control:
            assert self._process.stdout is not None
            said = self._process.stdout.readline()
            expect(bool(said), "the simulated authority did not start")
            self._control = urlsplit(json.loads(said)["control"]).netloc
        return self._control


@contextmanager
def simulated(data: Path) -> Iterator[AuthorityProgram]:
    """From now on until it is stopped; it starts while other things happen."""
    process = service.begun(
        data, "simulate", "at-portugal", "--port", "0", "--control-port", "0", "--json"
    )
    try:
        yield AuthorityProgram(process)
    finally:
        process.terminate()
        process.wait(service.STOP_SECONDS)
        if process.stdout is not None:
            process.stdout.close()
