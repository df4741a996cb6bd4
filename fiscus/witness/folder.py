"""The folder of one witness: its keys, the logs that it knows, what it remembers, what it found.

    witness.json   its name and private keys
    logs.json      the keys of logs, also of those that are no longer trusted
    states/        a file for each log: the newest checkpoint that was cosigned
    forks/         a folder for each log: notes that contradict each other

A log's state is made when the log is first trusted and never again: a witness that has forgotten
what it signed must not go on under its name.
"""

from base64 import b64decode, b64encode
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from fiscus.model.faults import Code, Conflict, Corrupt, Missing, Refused
from fiscus.transparency import notes
from fiscus.transparency.base64s import encoded
from fiscus.transparency.checkpoints import EMPTY_ROOT, origin_hash
from fiscus.transparency.cosignatures import WitnessKeys, new_ml_dsa_44
from fiscus.transparency.notes import VerifierKey
from fiscus.witness import durable

NO_WITNESS = Code(
    "WITNESS-FOLDER-01", "there is no witness in this folder: make one with `fiscus witness init`"
)
IS_THERE = Code(
    "WITNESS-FOLDER-02", "there is a witness in this folder already: choose an empty one"
)
LOST_STATE = Code(
    "WITNESS-STATE-01",
    "what this witness remembers of a log is lost or cannot be read, so it could sign against its "
    "own word: give it up, make a new one under a new name, and tell who trusts its key",
)
BAD_NAME = Code(
    "WITNESS-NAME-01",
    "a witness's name has up to 255 bytes, no blanks and no plus, such as witness.example.com/w1",
)
NO_LOG_KEY = Code(
    "WITNESS-KEY-01",
    "this is not the key of a log: a log signs with Ed25519 (type 1), under its own name",
)
UNKNOWN_KEY = Code("WITNESS-KEY-02", "this witness does not trust this key")

_WITNESS, _LOGS, _STATES, _FORKS = "witness.json", "logs.json", "states", "forks"


class WitnessFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `witness.json`: private keys as Base64 of their 32 bytes; `ml_dsa_44` is
    empty where the cryptographic library has no such keys."""

    name: str
    ed25519: str
    ml_dsa_44: str


class LogTrust(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `logs.json`: a log's key, and whether notes signed with it still count."""

    key: str
    is_trusted: bool


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """What a witness remembers of a log: the newest checkpoint that it cosigned, its own newest
    time (seconds since 1970, 0: never), and the whole note; `root` in Base64."""

    origin: str
    size: int = 0
    root: str = encoded(EMPTY_ROOT)
    time: int = 0
    note: str = ""


def make(folder: Path, name: str) -> WitnessKeys:
    """A new witness with new keys. Raises `Refused` or `Conflict`; nothing is written then."""
    if not notes.is_name(name):
        raise Refused(BAD_NAME, name)
    folder.mkdir(mode=durable.FOLDER_MODE, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Conflict(IS_THERE, str(folder))
    folder.chmod(durable.FOLDER_MODE)
    keys = WitnessKeys(name=name, ed25519=Ed25519PrivateKey.generate(), ml_dsa_44=new_ml_dsa_44())
    for part in (_STATES, _FORKS):
        durable.make_folder(folder / part)
    durable.write(folder / _LOGS, msgspec.json.encode([]))
    newer = keys.ml_dsa_44.private_bytes_raw() if keys.ml_dsa_44 else b""
    file = WitnessFile(
        name=name,
        ed25519=b64encode(keys.ed25519.private_bytes_raw()).decode(),
        ml_dsa_44=b64encode(newer).decode(),
    )
    durable.write(folder / _WITNESS, msgspec.json.encode(file))
    return keys


def read_keys(folder: Path) -> WitnessKeys:
    """Its name and keys. Raises `Missing` or `Corrupt`."""
    try:
        file = msgspec.json.decode((folder / _WITNESS).read_bytes(), type=WitnessFile)
        newer = b64decode(file.ml_dsa_44)
        return WitnessKeys(
            name=file.name,
            ed25519=Ed25519PrivateKey.from_private_bytes(b64decode(file.ed25519)),
            ml_dsa_44=MLDSA44PrivateKey.from_seed_bytes(newer) if newer else None,
        )
    except FileNotFoundError:
        raise Missing(NO_WITNESS, str(folder)) from None
    except ValueError as error:
        raise Corrupt(LOST_STATE, _WITNESS, f"({error})") from error


def read_logs(folder: Path) -> tuple[LogTrust, ...]:
    """All logs that it was ever told of. Raises `Corrupt`."""
    try:
        return msgspec.json.decode((folder / _LOGS).read_bytes(), type=tuple[LogTrust, ...])
    except (OSError, ValueError) as error:
        raise Corrupt(LOST_STATE, _LOGS, f"({error})") from error


def trusted(logs: tuple[LogTrust, ...]) -> dict[str, tuple[VerifierKey, ...]]:
    """The keys that count, by the name of their log."""
    found: dict[str, tuple[VerifierKey, ...]] = {}
    for log in logs:
        if log.is_trusted:
            key = notes.parse_key(log.key)
            found[key.name] = (*found.get(key.name, ()), key)
    return found


def trust(folder: Path, text: str) -> VerifierKey:
    """Know a log by its key from now on. Raises `Refused`, or `Corrupt` if the log was known and
    its state is lost."""
    key = notes.parse_key(text)
    if key.kind != notes.ED25519:
        raise Refused(NO_LOG_KEY, text[:80])
    read_keys(folder)
    with durable.locked(folder / f".{_LOGS}.lock", waits=True):
        logs = read_logs(folder)
        if any(notes.parse_key(log.key).name == key.name for log in logs):
            read_state(folder, key.name)
        else:
            # First its state, then its key: a state that no key leads to does no harm.
            _write_new_state(folder, key.name)
        _write_logs(folder, (*_without(logs, key), LogTrust(key=key.text(), is_trusted=True)))
    return key


def distrust(folder: Path, text: str) -> VerifierKey:
    """Cosign nothing more that this key has signed. What is remembered of its log stays. Raises
    `Refused` or `Missing`."""
    key = notes.parse_key(text)
    read_keys(folder)
    with durable.locked(folder / f".{_LOGS}.lock", waits=True):
        logs = read_logs(folder)
        others = _without(logs, key)
        if len(others) == len(logs):
            raise Missing(UNKNOWN_KEY, text[:80])
        _write_logs(folder, (*others, LogTrust(key=key.text(), is_trusted=False)))
    return key


def _without(logs: tuple[LogTrust, ...], key: VerifierKey) -> tuple[LogTrust, ...]:
    return tuple(log for log in logs if log.key != key.text())


def _write_logs(folder: Path, logs: tuple[LogTrust, ...]) -> None:
    durable.write(folder / _LOGS, msgspec.json.format(msgspec.json.encode(logs)))


def logs_stamp(folder: Path) -> tuple[int, int, int]:
    """Changes whenever the list of logs does."""
    status = (folder / _LOGS).stat()
    return status.st_mtime_ns, status.st_ino, status.st_size


def _state_path(folder: Path, origin: str) -> Path:
    return folder / _STATES / f"{origin_hash(origin)}.json"


def _write_new_state(folder: Path, origin: str) -> None:
    """A log that was never known; a state of it that a crash left behind is as new."""
    path = _state_path(folder, origin)
    if not path.exists():
        write_state(folder, LogState(origin=origin))
    read_state(folder, origin)


def write_state(folder: Path, state: LogState) -> None:
    """On the disk when this returns. Raises `OSError`."""
    data = msgspec.json.format(msgspec.json.encode(state))
    durable.write(_state_path(folder, state.origin), data)


def read_state(folder: Path, origin: str) -> LogState:
    """What it remembers of a log. Raises `Corrupt`: also if nothing is there."""
    try:
        state = msgspec.json.decode(_state_path(folder, origin).read_bytes(), type=LogState)
    except (OSError, ValueError) as error:
        raise Corrupt(LOST_STATE, origin, f"({error})") from error
    if state.origin != origin:
        raise Corrupt(LOST_STATE, origin, f"(it is of {state.origin})")
    return state


def read_states(folder: Path) -> tuple[LogState, ...]:
    """What it remembers of each log that it was ever told of. Raises `Corrupt` if one is lost."""
    names = {notes.parse_key(log.key).name for log in read_logs(folder)}
    return tuple(read_state(folder, name) for name in sorted(names))


def forks_folder(folder: Path, origin: str) -> Path:
    return folder / _FORKS / origin_hash(origin)
