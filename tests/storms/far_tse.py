"""A cloud TSE that fails in the ways in which such things fail, as often as a storm wants."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import ThreadingHTTPServer
from pathlib import Path
from secrets import token_bytes

from fiscus.app import wall_clock
from fiscus.signers.tse.simulator import server
from fiscus.signers.tse.simulator.server import ServerFault, SimulatedCloud

LATE_SECONDS = 6.0
"""Later than a caller waits (five seconds)."""

_ENOUGH = 10_000


class Way(StrEnum):
    """`silent`: takes requests and says nothing until it is back, then does what it was asked;
    `gone`: nobody listens; `ill`: answers that it cannot; `lost`: does its work, and the line
    breaks before the answer; `late`: does its work, and answers when nobody waits any more."""

    SILENT = "silent"
    GONE = "gone"
    ILL = "ill"
    LOST = "lost"
    LATE = "late"


_MISCHIEF = {
    Way.ILL: ServerFault(status=503),
    Way.LOST: ServerFault(hangs_up=True, is_after=True),
    Way.LATE: ServerFault(delay_seconds=LATE_SECONDS, is_after=True),
}


@dataclass(kw_only=True)
class FarTse:
    """The provider, in threads of this process. `port` stays the same when it is back."""

    cloud: SimulatedCloud
    server: ThreadingHTTPServer
    port: int

    @property
    def settings(self) -> dict[str, str]:
        return {
            "FISCUS_DEVICE": "cloud-tse",
            "FISCUS_DEVICE_URL": f"http://127.0.0.1:{self.port}",
            "FISCUS_DEVICE_KEY": self.cloud.api_key,
            "FISCUS_DEVICE_SECRET": self.cloud.api_secret,
        }

    @contextmanager
    def out(self, way: Way) -> Iterator[None]:
        """Out of order as long as this lasts."""
        match way:
            case Way.SILENT:
                with self.cloud.lock:
                    self.cloud.requests.clear()
                    yield
            case Way.GONE:
                server.stop(self.server)
                self.cloud.requests.clear()
                yield
                self.server = server.serve(self.cloud, port=self.port)
            case Way.ILL | Way.LOST | Way.LATE:
                self.cloud.mischief.extend([_MISCHIEF[way]] * _ENOUGH)
                self.cloud.requests.clear()
                yield
                self.cloud.mischief = deque()

    def asked(self) -> int:
        """How many requests about transactions came since the outage began."""
        return sum("/tx" in request for request in self.cloud.requests)


@contextmanager
def a_far_tse(folder: Path) -> Iterator[FarTse]:
    cloud = SimulatedCloud(
        folder=folder, clock=wall_clock, api_key="key", api_secret="secret", entropy=token_bytes
    )
    served = server.serve(cloud)
    far = FarTse(cloud=cloud, server=served, port=served.server_address[1])
    try:
        yield far
    finally:
        server.stop(far.server)
        cloud.close()
