"""HTTP over a socket: a client in front of a service that a real server runs."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.types import ASGIApp

WAIT_SECONDS = 60


@contextmanager
def listening(service: ASGIApp) -> Iterator[httpx.Client]:
    """A client for the service, served on a free port until the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            service, ws="none", access_log=False, log_level="error", proxy_headers=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            _until(lambda: server.started or not thread.is_alive())
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx.Client(base_url=base, timeout=WAIT_SECONDS) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(WAIT_SECONDS)


def _until(is_done: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not is_done():
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.01)
