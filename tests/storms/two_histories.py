"""Witnesses in processes of their own, and copies of an installation that sell on by themselves."""

import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from bench.installation import POSTGRES, Installation, free_port, postgres_server
from bench.judge import rows
from fiscus.commands.tests.command_line import MAIN, fiscus
from tests.storms.sample_journal import Sample, until


class WitnessProcess(msgspec.Struct, kw_only=True):
    """A witness that somebody else runs. `keys` are its public ones; `process` serves it."""

    name: str
    folder: Path
    port: int
    keys: list[str]
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """As a shop names it in its settings."""
        return f"http://127.0.0.1:{self.port} {self.keys[0]}"

    def trust(self, log: str) -> None:
        told = fiscus("witness", "trust", log, "--folder", str(self.folder))
        assert told.code == 0, told.error

    def note(self, origin: str) -> str:
        """The newest note that it has signed."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        path = hashlib.sha256(origin.encode()).hexdigest()
        connection.request("GET", f"/{path}/checkpoint")
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        assert answer.status == 200, content
        return content


@contextmanager
def witnesses(folder: Path, count: int) -> Iterator[list[WitnessProcess]]:
    made = [
        a_witness(folder / f"w{number}", f"witness.example/w{number}") for number in range(count)
    ]
    try:
        for one in made:
            until(lambda one=one: is_listening(one), "the witness listens")  # type: ignore[misc]
        yield made
    finally:
        for one in made:
            os.killpg(one.process.pid, signal.SIGTERM)
            one.process.wait()


def a_witness(folder: Path, name: str) -> WitnessProcess:
    told = fiscus("witness", "init", "--name", name, "--folder", str(folder))
    assert told.code == 0, told.error
    port = free_port()
    with (folder.parent / "witness.log").open("ab") as log:
        process = subprocess.Popen(
            [*MAIN, "witness", "serve", "--folder", str(folder), "--port", str(port)],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return WitnessProcess(
        name=name, folder=folder, port=port, keys=told.out.split(), process=process
    )


def is_listening(witness: WitnessProcess) -> bool:
    try:
        socket.create_connection(("127.0.0.1", witness.port), timeout=2).close()
    except OSError:
        return False
    return True


def log_key(installation: Installation) -> str:
    """The public key of the log, as a stranger makes it from its `key@1`."""
    for body, chain in rows(
        installation.database, "SELECT body, chain FROM entry WHERE kind = 'key@1'"
    ):
        key = json.loads(bytes(body))["key"]
        if key["purpose"] == "log":
            public = load_der_public_key(base64.b64decode(key["public_key"]))
            raw = b"\x01" + public.public_bytes(Encoding.Raw, PublicFormat.Raw)
            name = f"fiscus/{chain}/journal/{key['epoch']}"
            id_ = hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
            return f"{name}+{id_}+{base64.b64encode(raw).decode()}"
    raise AssertionError("the log has no key")


def policy(folder: Path, log: str, all_: list[WitnessProcess]) -> Path:
    """All of these witnesses must have signed."""
    lines = [f"log {log}", *(f"witness w{n} {one.keys[0]}" for n, one in enumerate(all_))]
    names = " ".join(f"w{number}" for number in range(len(all_)))
    file = folder / "policy"
    file.write_text("\n".join([*lines, f"group everybody all {names}", "quorum everybody", ""]))
    return file


@contextmanager
def copied(sample: Sample) -> Iterator[Sample]:
    """The stopped installation once more: its data folder, its state, its database."""
    here = sample.installation
    folder = here.folder.with_name(f"{here.folder.name}-{uuid4().hex[:6]}")
    shutil.copytree(here.folder, folder)
    settings = {**here.settings, "FISCUS_STATE_DIR": str(folder / "state")}
    with copied_database(here) as url:
        installation = Installation(folder=folder, url=url, settings=settings)
        try:
            yield msgspec.structs.replace(sample, installation=installation)
        finally:
            installation.stop()
            shutil.rmtree(folder)


@contextmanager
def copied_database(here: Installation) -> Iterator[str]:
    if here.engine != POSTGRES:
        yield ""
        return
    base, _, name = here.url.rpartition("/")
    made = f"{name}_{uuid4().hex[:6]}"
    with psycopg.connect(postgres_server(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {made} TEMPLATE {name}")
    try:
        yield f"{base}/{made}"
    finally:
        with psycopg.connect(postgres_server(), autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {made} WITH (FORCE)")
