"""The software TSE: a device in a folder that signs as the guideline wants, for tests only.

This module is its heart: the state, the clock, and the one way in which a message comes to be.
What the device can do is in `users`, `administration`, `transactions` and `export`, as functions
that take the device first. It serves test keys only: its certificates say TEST.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from weakref import finalize

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from fiscus.model.times import Clock
from fiscus.signers.tse.log import algorithms, certificates, errors, events, messages
from fiscus.signers.tse.log.contents import UserRole
from fiscus.signers.tse.log.info import COMPONENTS, DeviceComponent, TseDescription
from fiscus.signers.tse.log.logtime import TimeFormat, log_time
from fiscus.signers.tse.log.messages import Log, MessageProof, SystemLog, TransactionLog
from fiscus.signers.tse.software import memory, pins

UNSET = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = "unauthenticated"
ADMIN, TIME_ADMIN, LOGGER = "admin", "timeadmin", "logger"

COUNTER_MAX = 2**63 - 1
MANUFACTURER = "Fiscus TEST"
MODEL = "Software TSE (TEST)"
SOFTWARE_VERSION = "1"
_MICROSECOND = timedelta(microseconds=1)


class UserPins(msgspec.Struct, frozen=True, kw_only=True):
    """PIN and PUK of each user, as the caller chose them."""

    admin: str
    admin_puk: str
    time_admin: str
    time_admin_puk: str
    logger: str
    logger_puk: str


class TseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a device is born with and keeps for its whole life."""

    version: int = 2
    time_format: TimeFormat = TimeFormat.UNIX
    transactions_max: int = 512
    clients_max: int = 100


@dataclass(kw_only=True)
class SoftwareTse:
    """An opened software TSE. One process owns the folder; threads take turns."""

    folder: Path
    memory: sqlite3.Connection
    key: ec.EllipticCurvePrivateKey
    chain: tuple[bytes, ...]
    serial: bytes
    version: int
    time_format: TimeFormat
    algorithm: str
    clock: Clock
    usable_until: datetime
    user: str = NOBODY
    lock: threading.RLock = field(default_factory=threading.RLock)
    depth: int = 0

    @property
    def state(self) -> sqlite3.Row:
        row: sqlite3.Row = self.memory.execute("SELECT * FROM device").fetchone()
        return row

    def close(self) -> None:
        with self.lock:
            self.memory.close()


def create(
    folder: Path,
    secret: bytes,
    chain: Sequence[bytes],
    users: UserPins,
    clock: Clock,
    settings: TseSettings | None = None,
) -> SoftwareTse:
    """A new device. `secret` is its private key (PKCS#8 DER), which the caller keeps safe; `chain`
    holds the certificates from the TSE to the root. Raises `ValueError` if they do not match."""
    settings = settings or TseSettings()
    if settings.version not in messages.VERSIONS:
        raise ValueError(f"unknown version {settings.version}")
    key = certificates.load_private(secret)
    serial = algorithms.serial(key.public_key())
    if certificates.serial(certificates.read(chain[0])) != serial:
        raise ValueError("the certificate is not of this key")
    with closing(memory.create(folder)) as own, own:
        own.execute("BEGIN IMMEDIATE")
        own.execute(
            "INSERT INTO device (id, version, time_format, algorithm, serial, transactions_max,"
            " clients_max) VALUES (1, ?, ?, ?, ?, ?, ?)",
            (
                settings.version,
                settings.time_format,
                algorithms.DEFAULTS[key.curve.name],
                serial,
                settings.transactions_max,
                settings.clients_max,
            ),
        )
        own.executemany("INSERT INTO certificate VALUES (?, ?)", enumerate(chain))
        own.executemany(
            "INSERT INTO user (id, role, salt, pin, puk) VALUES (?, ?, ?, ?, ?)", _users(users)
        )
    return reopen(folder, secret, clock)


def reopen(folder: Path, secret: bytes, clock: Clock) -> SoftwareTse:
    """The device that is in the folder, as it was left. Raises `ValueError` for another's key."""
    own = memory.reopen(folder)
    with memory.closed_on_failure(own):
        device = _remembered(own, folder, secret, clock)
    # One thread may give the device up while another is in the middle of a call: the memory is
    # closed when the last of them lets go of it.
    finalize(device, own.close)
    return device


def _remembered(own: sqlite3.Connection, folder: Path, secret: bytes, clock: Clock) -> SoftwareTse:
    row = own.execute("SELECT * FROM device").fetchone()
    key = certificates.load_private(secret)
    if row is None or algorithms.serial(key.public_key()) != row["serial"]:
        raise ValueError("the key is not of this TSE")
    chain = own.execute("SELECT der FROM certificate ORDER BY position").fetchall()
    return SoftwareTse(
        folder=folder,
        memory=own,
        key=key,
        chain=tuple(one["der"] for one in chain),
        serial=row["serial"],
        version=row["version"],
        time_format=TimeFormat(row["time_format"]),
        algorithm=row["algorithm"],
        clock=clock,
        usable_until=certificates.read(chain[0]["der"]).not_valid_after_utc,
    )


@contextmanager
def step(device: SoftwareTse) -> Iterator[None]:
    """All that happens inside is durable when it is left, or never happened.

    Steps nest: several calls inside one step share one commit. Their results must not leave the
    device before the outer step does.
    """
    with device.lock:
        if device.depth:
            yield
            return
        user, device.depth = device.user, 1
        try:
            device.memory.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                device.memory.execute("ROLLBACK")
                device.user = user
                raise
            device.memory.execute("COMMIT")
        except sqlite3.Error as error:
            raise errors.ErrorStorageFailure(str(error)) from error
        finally:
            device.depth = 0


def now(device: SoftwareTse, state: sqlite3.Row | None = None) -> datetime:
    """The device's own time: 1970 until it is set, and never before its latest message."""
    state = state or device.state
    if state["clock_offset"] is None:
        return UNSET
    offset: int = state["clock_offset"]
    latest: int = state["latest_time"]
    return max(device.clock() + offset * _MICROSECOND, UNSET + latest * _MICROSECOND)


def microseconds(at: datetime) -> int:
    return (at - UNSET) // _MICROSECOND


def usable(device: SoftwareTse) -> sqlite3.Row:
    """The state, if the device is initialized and in service."""
    return expect_usable(device.state)


def expect_usable(state: sqlite3.Row) -> sqlite3.Row:
    if state["is_disabled"]:
        raise errors.ErrorSecureElementDisabled
    if not state["is_initialized"]:
        raise errors.ErrorSeApiNotInitialized
    return state


def role(device: SoftwareTse) -> UserRole:
    found = device.memory.execute("SELECT role FROM user WHERE id = ?", (device.user,)).fetchone()
    return UserRole.UNAUTHENTICATED if found is None else UserRole(found["role"])


def permit(device: SoftwareTse, *roles: UserRole) -> None:
    """Only these roles may go on."""
    present = role(device)
    if present in roles:
        return
    if present is UserRole.UNAUTHENTICATED:
        raise errors.ErrorUserNotAuthenticated
    raise errors.ErrorUserNotAuthorized


def record(
    device: SoftwareTse,
    make: Callable[[MessageProof], Log],
    failure: type[errors.TseError],
    state: sqlite3.Row | None = None,
) -> MessageProof:
    """Signs one message and stores it: counter, message and effect are one commit.

    An attempt that fails leaves no message and takes no counter, so counters have no gaps.
    `state` is what this step has read already, if no message was made since.
    """
    assert device.depth, "messages are written within a step"
    state = state or device.state
    counter = state["signature_counter"] + 1
    if state["signature_counter"] >= COUNTER_MAX:
        raise failure("the signature counter has reached its end")
    at = now(device, state)
    proof = MessageProof(
        serial=device.serial,
        algorithm=algorithms.OIDS[device.algorithm],
        counter=counter,
        time=log_time(at, device.time_format),
    )
    log = make(proof)
    signed = messages.signed_bytes(log)
    signature = algorithms.sign(device.key, device.algorithm, signed)
    body = messages.sealed(signed, signature)
    device.memory.execute(
        "UPDATE device SET signature_counter = ?, latest_time = ?", (counter, microseconds(at))
    )
    subject: tuple[int | None, str | None, str | None] = (None, None, None)
    if isinstance(log, TransactionLog):
        subject = (log.number, log.operation, log.client_id)
    device.memory.execute(
        "INSERT INTO log (counter, at, number, operation, client, body) VALUES (?, ?, ?, ?, ?, ?)",
        (counter, int(at.timestamp()), *subject, body),
    )
    return msgspec.structs.replace(proof, signature=signature)


def record_event(
    device: SoftwareTse, name: str, content: msgspec.Struct, *, user: str | None = None
) -> MessageProof:
    """A system log of something that was asked over the interface."""
    data = events.encode(device.version, name, content)
    is_newer = device.version == 3

    def make(proof: MessageProof) -> Log:
        return SystemLog(
            version=device.version,
            event=name,
            data=data,
            origin=COMPONENTS[2] if is_newer else None,
            user=(user or device.user) if is_newer else None,
            proof=proof,
        )

    return record(device, make, errors.ErrorSigningSystemOperationDataFailed)


def expect_valid_certificate(device: SoftwareTse, proof: MessageProof | None = None) -> None:
    """After the commit: the message exists either way, the caller learns that it is worth less.
    `proof` is that message's; without it the device's time counts."""
    if (proof.time.at() if proof else now(device)) > device.usable_until:
        raise errors.ErrorCertificateExpired


def about(device: SoftwareTse) -> TseDescription:
    """What `info.csv` says."""
    names = COMPONENTS if device.version == 3 else ("",)
    parts = (
        DeviceComponent(name=name, manufacturer=MANUFACTURER, model=MODEL, version=SOFTWARE_VERSION)
        for name in names
    )
    text = device.state["description"]
    return TseDescription(description=f"TEST {text}".rstrip(), components=tuple(parts))


def _users(users: UserPins) -> Iterator[tuple[str, int, bytes, bytes, bytes]]:
    rows = (
        (ADMIN, UserRole.ADMIN, users.admin, users.admin_puk),
        (TIME_ADMIN, UserRole.TIME_ADMIN, users.time_admin, users.time_admin_puk),
        (LOGGER, UserRole.LOGGER, users.logger, users.logger_puk),
    )
    for name, kind, pin, puk in rows:
        salt = os.urandom(16)
        yield name, int(kind), salt, pins.hashed(salt, pin), pins.hashed(salt, puk)
