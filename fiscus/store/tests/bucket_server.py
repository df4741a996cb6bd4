"""A real S3 server on this machine, for as long as a test wants it: SeaweedFS with one volume."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from bench.installation import free_ports
from fiscus.store.bucket import BucketAccess

KEY = "test-key"
SECRET = "test-secret-that-is-long-enough"
NAME = "artifacts"

_PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
)
_PATIENCE_SECONDS = 60


@contextmanager
def a_bucket(folder: Path) -> Iterator[BucketAccess]:
    """A server that checks signatures; gone afterwards."""
    ports = free_ports(len(_PORTS))
    rights = {"accessKey": KEY, "secretKey": SECRET}
    config = folder / "s3.json"
    config.write_text(
        json.dumps({"identities": [{"name": "t", "credentials": [rights], "actions": ["Admin"]}]})
    )
    (folder / "data").mkdir()
    log = folder / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("weed")),
                "server",
                "-s3",
                f"-dir={folder / 'data'}",
                f"-s3.config={config}",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-master.telemetry=false",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-volume.max=20",
                "-master.volumeSizeLimitMB=64",
                *(f"-{name}={port}" for name, port in zip(_PORTS, ports, strict=True)),
            ],
            stdout=out,
            stderr=out,
            cwd=folder,
        )
    try:
        access = BucketAccess(
            url=f"s3://{NAME}/fiscus",
            endpoint=f"http://127.0.0.1:{ports[_PORTS.index('s3.port')]}",
            region="eu-central-1",
            access_key=KEY,
            secret_key=SECRET,
        )
        _wait(server, access, log)
        yield access
    finally:
        server.kill()
        server.wait()


def raw(access: BucketAccess) -> S3Store:
    """The bucket as somebody sees it who looks past us."""
    bucket, _, prefix = access.url.removeprefix("s3://").partition("/")
    return S3Store(
        bucket,
        prefix=prefix,
        endpoint=access.endpoint,
        region=access.region,
        access_key_id=access.access_key,
        secret_access_key=access.secret_key,
        client_options={"allow_http": True},
    )


def _wait(server: subprocess.Popen[bytes], access: BucketAccess, log: Path) -> None:
    """Until the server takes a file: it answers before it has a place for one."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            obstore.put(raw(access), "ready", b"1")
        except BaseError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return
