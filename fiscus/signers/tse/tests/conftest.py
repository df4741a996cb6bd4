"""Devices for tests: made once, copied for each test, with a clock that a test moves."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from fiscus.model.devices import SigningDevice
from fiscus.signers.tse import kinds
from fiscus.signers.tse.cloud import client, transport
from fiscus.signers.tse.cloud.transport import CloudAccount, CloudConnection
from fiscus.signers.tse.log import certificates
from fiscus.signers.tse.simulator.server import SimulatedCloud, serve, stop
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software import ready
from fiscus.signers.tse.software.device import SoftwareTse, TseSettings, UserPins

BORN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PINS = UserPins(
    admin="12345",
    admin_puk="123456",
    time_admin="22345",
    time_admin_puk="223456",
    logger="32345",
    logger_puk="323456",
)


@dataclass
class MovableClock:
    at: datetime = BORN

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **amount: int) -> None:
        self.at += timedelta(**amount)


@dataclass
class Factory:
    """Makes devices: new ones, and ready ones (set up, one client, a logger logged in)."""

    folder: Path
    template: Callable[[TseSettings, str], tuple[Path, bytes]]
    clock: MovableClock = field(default_factory=MovableClock)
    made: list[SoftwareTse] = field(default_factory=list)
    secret: bytes = b""
    pins: UserPins = PINS

    def opening(self) -> bytes:
        """The secret by which the latest device is opened through the plug-in point."""
        return msgspec.json.encode(kinds.TseSecret(place="", key=self.secret, pins=self.pins))

    def a_new_device(self, **settings: Any) -> SoftwareTse:
        self.secret = certificates.new_key()
        chain = certificates.test_chain(self.secret, BORN - timedelta(days=1))
        device = tse.create(
            self._place(), self.secret, chain, PINS, self.clock, TseSettings(**settings)
        )
        self.made.append(device)
        return device

    def a_ready_device(self, curve: str = "secp256r1", **settings: Any) -> SoftwareTse:
        source, self.secret = self.template(TseSettings(**settings), curve)
        place = self._place()
        shutil.copytree(source, place)
        return self.reopened(place)

    def reopened(self, place: Path) -> SoftwareTse:
        device = tse.reopen(place, self.secret, self.clock)
        self.made.append(device)
        return device

    def _place(self) -> Path:
        return self.folder / f"tse-{len(self.made)}"


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[TseSettings, str], tuple[Path, bytes]]:
    made: dict[tuple[TseSettings, str], tuple[Path, bytes]] = {}

    def give(settings: TseSettings, curve: str) -> tuple[Path, bytes]:
        if (settings, curve) not in made:
            secret = certificates.new_key(curve)
            chain = certificates.test_chain(secret, BORN - timedelta(days=1))
            place = tmp_path_factory.mktemp("tse") / "device"
            device = tse.create(place, secret, chain, PINS, MovableClock(), settings)
            ready.set_up(device, PINS, "a kiosk")
            ready.opened(device, PINS).register_client("KASSE-1")
            device.close()
            made[settings, curve] = place, secret
        return made[settings, curve]

    return give


@pytest.fixture
def factory(
    tmp_path: Path, template: Callable[[TseSettings, str], tuple[Path, bytes]]
) -> Iterator[Factory]:
    found = Factory(tmp_path, template)
    yield found
    for made in found.made:
        made.close()


@pytest.fixture
def pins() -> UserPins:
    return PINS


@pytest.fixture
def archives(shared_data: Path) -> list[Path]:
    """Every real archive whose signatures are right."""
    samples = sorted((shared_data / "de" / "tse_samples").glob("*.tar"))
    honest = [path for path in samples if not path.name.startswith("NEGATIVE")]
    return [*honest, *sorted((shared_data / "de").glob("sample_tse_v*.tar"))]


TSS = "7a67ef8e-61ec-4237-854c-ea0bf860d8e0"


@dataclass
class Provider:
    """The practice cloud, its address, and a TSS that was set up as a customer would."""

    cloud: SimulatedCloud
    server: ThreadingHTTPServer
    clock: Any

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def account(self, **changes: Any) -> CloudAccount:
        fields: dict[str, Any] = {
            "url": f"http://127.0.0.1:{self.port}",
            "tss_id": TSS,
            "api_key": "key",
            "api_secret": "secret",
            "admin_pin": "12345",
            "timeout_seconds": 2.0,
        }
        return CloudAccount(**(fields | changes))

    def line(self, **changes: Any) -> CloudConnection:
        return CloudConnection(
            account=self.account(**changes),
            clock=self.clock,
            elapsed=time.monotonic,
            pause=lambda _: None,
        )

    def tse(self, **changes: Any) -> SigningDevice:
        return client.opened(self.line(**changes), lambda: str(uuid4()))

    def set_up(self) -> None:
        line = self.line()
        puk = transport.call(line, "PUT", f"/tss/{TSS}", {"metadata": {"shop": "a"}})["admin_puk"]
        transport.call(line, "PATCH", f"/tss/{TSS}", {"state": "UNINITIALIZED"})
        pins = {"admin_puk": puk, "new_admin_pin": "12345"}
        transport.call(line, "PATCH", f"/tss/{TSS}/admin", pins)
        transport.call(line, "POST", f"/tss/{TSS}/admin/auth", {"admin_pin": "12345"})
        transport.call(line, "PATCH", f"/tss/{TSS}", {"state": "INITIALIZED"})
        transport.call(line, "POST", f"/tss/{TSS}/admin/logout", {})


@pytest.fixture
def provider(request, tmp_path: Path, factory) -> Iterator[Provider]:
    owner = SimulatedCloud(
        folder=tmp_path / "cloud",
        clock=factory.clock,
        api_key="key",
        api_secret="secret",
        entropy=os.urandom,
        version=getattr(request, "param", 2),
    )
    server = serve(owner)
    found = Provider(owner, server, factory.clock)
    found.set_up()
    owner.requests.clear()
    yield found
    stop(server)
    owner.close()
