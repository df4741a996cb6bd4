"""TEST: the authority's side of series registration, with a memory of its own.

It is a foreign system: it shares no table, no transaction and no code with the house, so that a
lost answer, a restart or a second process meets the same world as with the real authority.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from fiscus.channels import (
    Accepted,
    Answer,
    Connection,
    Later,
    Message,
    RegisterSeries,
    Rejected,
)
from fiscus.channels.at_portugal.errors import (
    CLASS_UNKNOWN,
    FIELDS_MISSING,
    FIELDS_WRONG,
    NO_ACTIVITY,
    PASSWORD_MISSING,
    PASSWORD_REFUSED,
    SERIES_EXISTS,
    STARTS_IN_THE_PAST,
    TYPE_NOT_IN_CLASS,
    USER_MISSING,
)
from fiscus.model.faults import Code, Fault
from fiscus.model.times import Clock, day, micros_z

TIMEZONE = "Europe/Lisbon"
FILE = "at_portugal.sqlite"

PASSWORD_WRONG = "wrong"
PASSWORD_TIMEOUT = "timeout"

TYPES: dict[str, frozenset[str]] = {
    "SI": frozenset({"FT", "FS", "FR", "ND", "NC"}),
    "MG": frozenset({"GR", "GT", "GA", "GC", "GD"}),
    "WD": frozenset(["CM", "CC", "FC", "FO", "NE", "OU", "OR", "PF", "RP", "RE", "CS", "LD", "RA"]),
    "PY": frozenset({"RC", "RG"}),
}

PROCESSING = frozenset({"PI", "PF", "OM"})

_NAME = re.compile(r"(?=.{1,35}\Z)[A-Za-z0-9]+([._-][A-Za-z0-9]+)*")
_NIF = re.compile(r"[0-9]{9}")
_CERTIFICATE = re.compile(r"[0-9]{1,4}")
_FIRST_NUMBER_MAX = 10**25 - 1
_CODE_LENGTH = 8
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_BUSY_SECONDS = 30

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
    taxpayer TEXT NOT NULL,
    document_type TEXT NOT NULL,
    folded_name TEXT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    series_type TEXT NOT NULL,
    first_number TEXT NOT NULL,
    starts_on TEXT NOT NULL,
    certificate TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    registered_at TEXT NOT NULL,
    PRIMARY KEY (taxpayer, document_type, folded_name)
)
"""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Where the simulated authority keeps its world, and the clock it looks at."""

    file: Path
    clock: Clock


def simulate(folder: Path, clock: Clock) -> Connection:
    """Open the simulator; several processes may share one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = Authority(file=folder / FILE, clock=clock)
    with closing(_opened(authority)) as world:
        world.execute(_SCHEMA)
    return Connection(
        send=lambda message, credentials: send(authority, message, credentials),
        ask=lambda message, credentials: ask(authority, message, credentials),
    )


def send(authority: Authority, message: Message, credentials: Mapping[str, str]) -> Answer:
    """Register a series, or say everything that is wrong with the request at once."""
    if login := tuple(_login_faults(credentials)):
        return Rejected(faults=login, is_credentials=True)
    answer = _registered(authority, message)
    if credentials["password"] == PASSWORD_TIMEOUT:
        return Later(reason="the simulated authority did its work, its answer was lost")
    return answer


def ask(authority: Authority, message: Message, credentials: Mapping[str, str]) -> Answer:
    """What became of the series: its code if exactly this series is registered."""
    if login := tuple(_login_faults(credentials)):
        return Rejected(faults=login, is_credentials=True)
    try:
        with closing(_opened(authority)) as world:
            code = _code_of(world, message)
    except sqlite3.OperationalError as trouble:
        return _silence(trouble)
    return Accepted(reference=code) if code else Rejected(faults=())


def _login_faults(credentials: Mapping[str, str]) -> Iterator[Fault]:
    if not credentials.get("username"):
        yield _fault(USER_MISSING, "credentials.username")
    password = credentials.get("password")
    if not password:
        yield _fault(PASSWORD_MISSING, "credentials.password")
    elif password == PASSWORD_WRONG:
        yield _fault(PASSWORD_REFUSED, "credentials.password")


def _registered(authority: Authority, message: RegisterSeries) -> Answer:
    if found := tuple(_field_faults(authority, message)):
        return Rejected(faults=found)
    try:
        with closing(_opened(authority)) as world:
            code = _insert(world, message, at=micros_z(authority.clock()))
    except sqlite3.OperationalError as trouble:
        return _silence(trouble)
    return Accepted(reference=code) if code else _exists()


def _field_faults(authority: Authority, message: RegisterSeries) -> Iterator[Fault]:
    if missing := tuple(_missing(message)):
        yield _fault(FIELDS_MISSING, *missing)
        return
    if wrong := tuple(_wrong(message)):
        yield _fault(FIELDS_WRONG, *wrong)
    if not _NIF.fullmatch(message.taxpayer):
        yield _fault(NO_ACTIVITY, "taxpayer")
    types = TYPES.get(message.facts["class"])
    if types is None:
        yield _fault(CLASS_UNKNOWN, "facts.class")
    elif message.facts["type"] not in types:
        yield _fault(TYPE_NOT_IN_CLASS, "facts.type")
    if message.starts_on < day(authority.clock(), TIMEZONE):
        yield _fault(STARTS_IN_THE_PAST, "starts_on")


def _missing(message: RegisterSeries) -> Iterator[str]:
    if not message.taxpayer:
        yield "taxpayer"
    if not message.name:
        yield "name"
    for fact in ("class", "type", "certificate", "processing"):
        if not message.facts.get(fact):
            yield f"facts.{fact}"


def _wrong(message: RegisterSeries) -> Iterator[str]:
    if not _NAME.fullmatch(message.name):
        yield "name"
    if not 1 <= message.first_number <= _FIRST_NUMBER_MAX:
        yield "first_number"
    if not _CERTIFICATE.fullmatch(message.facts["certificate"]):
        yield "facts.certificate"
    if message.facts["processing"] not in PROCESSING:
        yield "facts.processing"


def _opened(authority: Authority) -> sqlite3.Connection:
    return sqlite3.connect(authority.file, timeout=_BUSY_SECONDS, isolation_level=None)


def _insert(world: sqlite3.Connection, message: RegisterSeries, *, at: str) -> str:
    """Write the series and answer its code; empty if the name is taken for that type."""
    world.execute("BEGIN IMMEDIATE")
    code = next(code for code in _codes(message) if _is_free(world, code))
    done = world.execute(
        "INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (taxpayer, document_type, folded_name) DO NOTHING",
        (
            *_key(message),
            message.name,
            *_traits(message),
            message.starts_on.isoformat(),
            message.facts["certificate"],
            code,
            at,
        ),
    )
    world.execute("COMMIT")
    return code if done.rowcount else ""


def _code_of(world: sqlite3.Connection, message: RegisterSeries) -> str:
    """Empty unless name (letter case included), class, type and first number are the same:
    the code of somebody else's series must not be taken for ours."""
    found: tuple[str] | None = world.execute(
        "SELECT code FROM series WHERE taxpayer = ? AND document_type = ? AND folded_name = ?"
        " AND name = ? AND class = ? AND series_type = ? AND first_number = ?",
        (*_key(message), message.name, *_traits(message)),
    ).fetchone()
    return found[0] if found else ""


def _key(message: RegisterSeries) -> tuple[str, str, str]:
    return (message.taxpayer, message.facts.get("type", ""), message.name.lower())


def _traits(message: RegisterSeries) -> tuple[str, str, str]:
    """Class, kind of series (`F` Formação, training; `N` normal) and first number."""
    kind = "F" if message.is_training else "N"
    return (message.facts.get("class", ""), kind, str(message.first_number))


def _codes(message: RegisterSeries) -> Iterator[str]:
    """Four candidates, each from eight bytes of the digest; the first that is free is given.

    The same series has the same code in every fresh world: tests and demos stay comparable.
    """
    digest = sha256("|".join(_key(message)).encode()).digest()
    for start in range(0, len(digest), _CODE_LENGTH):
        part = digest[start : start + _CODE_LENGTH]
        yield "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in part)


def _is_free(world: sqlite3.Connection, code: str) -> bool:
    return world.execute("SELECT 1 FROM series WHERE code = ?", (code,)).fetchone() is None


def _exists() -> Rejected:
    return Rejected(faults=(_fault(SERIES_EXISTS, "name"),))


def _silence(trouble: sqlite3.OperationalError) -> Later:
    return Later(reason=f"the simulated authority does not answer: {trouble}")


def _fault(code: Code, *paths: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=paths)
