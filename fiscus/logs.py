"""Structured logs: one JSON object a line, with the request's trace, never with a secret."""

import atexit
import contextlib
import logging
import sys
import threading
from collections import deque
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec
import structlog

FLUSH_SECONDS = 0.1

_encoder = msgspec.json.Encoder(enc_hook=str)


def _line(_: object, __: str, event: structlog.typing.EventDict) -> bytes:
    return _encoder.encode(event)


class LogWriter:
    """Collects lines and writes them together a little later, from a thread of its own.

    A request that wrote its line itself would give up the interpreter for it, and wait to get it
    back: that cost more than all the rest of the request.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._waiting: deque[bytes] = deque()
        self._is_done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fiscus-logs", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        self._waiting.append(line)

    def flush(self) -> None:
        """Nothing to do now: it is written soon."""

    def close(self) -> None:
        """Write what is left."""
        self._is_done.set()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        while not self._is_done.wait(FLUSH_SECONDS):
            self._write()

    def _write(self) -> None:
        lines = []
        while self._waiting:
            lines.append(self._waiting.popleft())
        # Nobody may read any more, or the disk may be full: that must not end this thread, or
        # the lines to come would pile up in memory.
        with contextlib.suppress(OSError, ValueError):
            if lines:
                self._out.write(b"".join(lines))
                self._out.flush()


class LibraryLog(logging.Formatter):
    """What a library logs in its own way, as a line like all others."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return _encoder.encode(event).decode()


def configure(level: str) -> None:
    """Log to standard error. Libraries that log in their own way are joined at warning."""
    number = getattr(logging, level.upper())
    lines = LogWriter(sys.stderr.buffer)
    atexit.register(lines.close)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(file=lines),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LibraryLog())
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler])
