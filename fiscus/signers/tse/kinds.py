"""The kinds of TSE one can have: how each is made, and how it is opened again by its secret."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from fiscus.model.devices import SigningDevice
from fiscus.model.faults import Code, Refused
from fiscus.model.ids import Entropy, Ids
from fiscus.model.plugin_settings import Setting
from fiscus.model.times import Clock
from fiscus.signers import DeviceKind
from fiscus.signers.tse.cloud import client, setup
from fiscus.signers.tse.cloud.transport import CloudAccount, CloudConnection
from fiscus.signers.tse.explained import explained
from fiscus.signers.tse.log import certificates
from fiscus.signers.tse.log.errors import TseDown, TseRefused
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software import memory, ready
from fiscus.signers.tse.software.device import TseSettings, UserPins

NO_ACCOUNT = Code("TSE-ACCOUNT-01", "a cloud TSE needs an address and an account: set these")

FAMILY = "tse"
_PIN_DIGITS, _PUK_DIGITS = 8, 10
_SETUP_SECONDS = 60.0

T = TypeVar("T")


class TseSecret(msgspec.Struct, frozen=True, kw_only=True):
    """What opens a software TSE: its private key (PKCS#8 DER), its users' PINs, and the name of
    its own place within the device's folder."""

    place: str
    key: bytes
    pins: UserPins


def create_software(
    wanted: Mapping[str, str], folder: Path, clock: Clock, entropy: Entropy
) -> bytes:
    """A software TSE in its folder, ready for clients. `wanted`: `description`, `log_version` (2 or
    3).

    Each attempt has a place of its own. One that was cut short leaves a device that nobody can ever
    open; one that woke up late cannot harm the device that another attempt has made meanwhile.
    """
    secret = TseSecret(place=entropy(8).hex(), key=certificates.new_key(), pins=_pins(entropy))
    place = folder / secret.place
    device = tse.create(
        place,
        secret.key,
        certificates.test_chain(secret.key, clock()),
        secret.pins,
        clock,
        TseSettings(version=int(wanted.get("log_version", "2"))),
    )
    try:
        ready.set_up(device, secret.pins, wanted.get("description", ""))
    finally:
        device.close()
    for name in (place, folder, folder.parent):
        _sync(name)
    return msgspec.json.encode(secret)


def open_software(secret: bytes, folder: Path, clock: Clock, ids: Ids) -> SigningDevice:
    """The device in the folder. Several processes of one machine may have it open at once."""
    opened = msgspec.json.decode(secret, type=TseSecret)
    opening = _LazyTse(secret=opened, folder=folder / opened.place, clock=clock)
    return SigningDevice(
        register_client=lambda client: opening.ask(lambda it: it.register_client(client)),
        deregister_client=lambda client: opening.ask(lambda it: it.deregister_client(client)),
        start=lambda *said: opening.ask(lambda it: it.start(*said)),
        update=lambda *said: opening.ask(lambda it: it.update(*said)),
        finish=lambda *said: opening.ask(lambda it: it.finish(*said)),
        find=lambda number: opening.ask(lambda it: it.find(number)),
        open_numbers=lambda: opening.ask(lambda it: it.open_numbers()),
        export=lambda wanted: opening.ask(lambda it: it.export(wanted)),
        info=lambda: opening.ask(lambda it: it.info()),
    )


def create_cloud(wanted: Mapping[str, str], folder: Path, clock: Clock, entropy: Entropy) -> bytes:
    """The account of a TSS in the cloud. `wanted`: `url`, `key`, `secret`.

    With `tss` and `admin_pin` it is a TSS the operator has set up; otherwise a new one, whose id
    follows from the folder's name, so that a second try finds the TSS of the first.
    """
    needed = ["url", "key", "secret"]
    needed += ["admin_pin"] if wanted.get("tss") else []
    missing = [name for name in needed if not wanted.get(name)]
    if missing or not _is_address(wanted["url"]):
        variables = (f"FISCUS_DEVICE_{name}".upper() for name in missing or ["url"])
        raise Refused(NO_ACCOUNT, *variables)
    account = CloudAccount(
        url=wanted["url"],
        tss_id=wanted.get("tss") or setup.tss_id(folder.name),
        api_key=wanted["key"],
        api_secret=wanted["secret"],
        admin_pin=wanted.get("admin_pin") or _digits(entropy, _PIN_DIGITS),
    )
    if wanted.get("tss"):
        return msgspec.json.encode(account)
    patient = msgspec.structs.replace(account, timeout_seconds=_SETUP_SECONDS)
    puk = setup.provision(_line(patient, clock), wanted.get("description", ""))
    return msgspec.json.encode(msgspec.structs.replace(account, admin_puk=puk))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def open_cloud(secret: bytes, folder: Path, clock: Clock, ids: Ids) -> SigningDevice:
    return client.opened(_line(msgspec.json.decode(secret, type=CloudAccount), clock), ids)


def _line(account: CloudAccount, clock: Clock) -> CloudConnection:
    return CloudConnection(account=account, clock=clock, elapsed=time.monotonic, pause=time.sleep)


def _pins(entropy: Entropy) -> UserPins:
    return UserPins(
        admin=_digits(entropy, _PIN_DIGITS),
        admin_puk=_digits(entropy, _PUK_DIGITS),
        time_admin=_digits(entropy, _PIN_DIGITS),
        time_admin_puk=_digits(entropy, _PUK_DIGITS),
        logger=_digits(entropy, _PIN_DIGITS),
        logger_puk=_digits(entropy, _PUK_DIGITS),
    )


def _digits(entropy: Entropy, count: int) -> str:
    return str(int.from_bytes(entropy(16), "big") % 10**count).zfill(count)


def _sync(folder: Path) -> None:
    """The folder must be on the disk before the registry says that there is a device in it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(kw_only=True)
class _LazyTse:
    """A software TSE that is opened when it is first asked, and anew after its memory failed.

    A file that was replaced or removed is noticed at each call: an open connection would go on
    writing into a file that has no name any more, and all it signs there would be lost.
    """

    secret: TseSecret
    folder: Path
    clock: Clock
    lock: threading.Lock = field(default_factory=threading.Lock)
    device: SigningDevice | None = None
    mark: tuple[int, int] = (0, 0)

    def ask(self, question: Callable[[SigningDevice], T]) -> T:
        device = self._opened()
        try:
            return question(device)
        except TseRefused:
            raise
        except TseDown:
            self.device = None
            raise

    def _opened(self) -> SigningDevice:
        with self.lock:
            try:
                file = (self.folder / memory.FILE).stat()
                mark = (file.st_dev, file.st_ino)
                if self.device is None or self.mark != mark:
                    found = tse.reopen(self.folder, self.secret.key, self.clock)
                    self.device, self.mark = ready.opened(found, self.secret.pins), mark
                return self.device
            except OSError as error:
                raise TseDown(f"the device cannot be opened: {error.strerror}") from error
            except (ValueError, sqlite3.Error) as error:
                raise TseDown(f"the device cannot be opened: {error}") from error


SOFTWARE = DeviceKind(
    code="software-tse",
    family=FAMILY,
    create=create_software,
    open=open_software,
    settings=(
        Setting(
            name="log_version",
            help="Version of the log messages of a new device: `2`, which every verifier in the "
            "field reads, or `3` (BSI TR-03151-1).",
            test_value="2",
            pattern="[23]",
        ),
    ),
    is_test_only=True,
    explained=explained,
)

CLOUD = DeviceKind(
    code="cloud-tse",
    family=FAMILY,
    create=create_cloud,
    open=open_cloud,
    settings=(
        Setting(name="url", help="Address of the cloud TSE's API."),
        Setting(name="key", help="API key at the cloud TSE."),
        Setting(name="secret", help="API secret for that key."),
        Setting(
            name="tss",
            help="Id of a TSS that is set up already. Not given: each register gets its own.",
        ),
        Setting(name="admin_pin", help="The administrator's PIN of that TSS."),
    ),
    explained=explained,
)
