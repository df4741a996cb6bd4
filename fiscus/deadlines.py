"""Ends what another side drags out: a connection is cut when the time for all of it is over.

A timeout of a socket begins anew with each byte, so that a side which drips would stretch it for
ever.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def cut_after(line: socket.socket, seconds: float) -> Iterator[threading.Event]:
    """Cuts the connection after so many seconds; the event tells that it was cut: what was read of
    an answer then may look as if it had ended. A TLS socket may be made of the line meanwhile."""
    is_over = threading.Event()
    own = socket.fromfd(line.fileno(), line.family, line.type)

    def cut() -> None:
        is_over.set()
        with suppress(OSError):  # the other side was faster
            own.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()
        own.close()
