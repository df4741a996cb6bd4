"""A thread that does one thing again and again, beside the worker: what waits for others outside,
or takes its time, must not hold up what is due."""

import threading
from collections.abc import Callable

import structlog

from fiscus.model.faults import Trouble

AFTER_TROUBLE_SECONDS = 30.0

_log = structlog.get_logger("fiscus.periodic")


class PeriodicThread:
    """`do` gives the seconds until the next time. What goes wrong is logged, and tried again."""

    def __init__(self, name: str, do: Callable[[], float]) -> None:
        self._name = name
        self._do = do
        self._is_stopped = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self.run, name=f"fiscus-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Do it now, without waiting for the next time."""
        self._wake.set()

    def stop(self) -> None:
        self._is_stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def run(self) -> None:
        while not self._is_stopped.is_set():
            self._wake.wait(self._once())
            self._wake.clear()

    def _once(self) -> float:
        try:
            return self._do()
        except Trouble as trouble:
            _log.warning("will be tried again", thread=self._name, trouble=str(trouble))
        except Exception:  # noqa: BLE001 - a thread that ended would be missed by nobody
            _log.exception("stumbled", thread=self._name)
        return AFTER_TROUBLE_SECONDS
