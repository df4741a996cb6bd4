"""A circuit breaker for a signing device: after one failure nobody waits for the device until a
probe succeeds.

A device that is gone would otherwise cost every sale its whole time limit.
"""

import threading
from datetime import datetime, timedelta

import structlog

from fiscus.model.times import Clock, seconds_z
from fiscus.signers import SignerDown

_log = structlog.get_logger("fiscus.devices")

PROBE_FIRST = timedelta(seconds=1)
PROBE_MAX = timedelta(seconds=60)
_REASON_MAX = 120


class CircuitBreaker:
    """Closed while the device works. `down_since` and `reason` tell of the first failure; `calls`,
    `failures` and `refusals` count since the process began.

    The pause before a probe doubles from 1 s to 60 s. Only a call that succeeds makes it short
    again: a device that answers probes but no calls is not tried by every sale.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.down_since: datetime | None = None
        self.reason = ""
        self.calls = self.failures = self.refusals = 0
        self._clock = clock
        self._pause = PROBE_FIRST
        self._next_probe: datetime | None = None
        self._lock = threading.Lock()

    def expect_closed(self) -> None:
        """Raises `SignerDown` at once while the device is out."""
        with self._lock:
            since, reason = self.down_since, self.reason
        if since is not None:
            raise SignerDown(f"{reason} (down since {seconds_z(since)})")

    def succeeded(self) -> None:
        with self._lock:
            self.calls += 1
            if self.down_since is None:
                self._pause = PROBE_FIRST

    def refused(self) -> None:
        """It answered and refused this request: that is no sign that it is down."""
        with self._lock:
            self.calls += 1
            self.refusals += 1

    def failed(self, error: Exception) -> None:
        with self._lock:
            self.calls += 1
            self.failures += 1
            if self.down_since is None:
                self.reason = (str(error) or type(error).__name__)[:_REASON_MAX]
                self.down_since = self._clock()
                self._wait_longer()
                _log.warning("device is down", device=self.name, reason=self.reason)

    def is_due(self) -> bool:
        """Whether it is time to probe. A clock that was set back must not put it off for long."""
        next_probe = self._next_probe
        if self.down_since is None or next_probe is None:
            return False
        return not timedelta(0) < next_probe - self._clock() <= PROBE_MAX

    def probe_failed(self) -> None:
        with self._lock:
            self._wait_longer()

    def probe_succeeded(self) -> None:
        with self._lock:
            _log.info("device is back", device=self.name, down_since=str(self.down_since))
            self.down_since, self._next_probe, self.reason = None, None, ""

    def _wait_longer(self) -> None:
        self._next_probe = self._clock() + self._pause
        self._pause = min(self._pause * 2, PROBE_MAX)
