"""Judges a German journal and the logs of its devices, each against the other, by its own reading.

The journal is read by SQL, the logs as an auditor gets them. What callers were told comes third.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import msgspec

from bench.judge import grouped, missing, rows, wrong_heads
from tests.storms import tse_reading
from tests.storms.german_shop import Parked, Told
from tests.storms.tse_reading import Message, TseLog

Json = dict[str, Any]


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A concluded intention: `seal` as the journal keeps it."""

    intent: str
    register: str
    kind: str
    seal: Json

    @property
    def signing(self) -> Json:
        found: Json = self.seal.get("signing") or {}
        return found


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what is wrong; the first six are what was looked at.

    `gaps`, `duplicates`, `heads`: of sequences and receipt numbers of each register. `lost`:
    operations that are not in the journal as they were acknowledged; `surplus`: concluded ones
    nobody was told of. `log`: messages that are forged, missing or twice in a device's log.
    `unproved`: signed documents whose finish is not in the log as the journal has it; `twice`:
    transactions that several documents claim. `strange`: finished ones no document claims;
    `dangling`: open ones of no open operation. What an outage explains is not counted there but
    in `answers_lost` (the device signed, its answer did not arrive) and `left_open`. `held`:
    intentions whose device is still being asked. `mixed`: documents that are both signed and
    unsigned, or neither. `backward`: entries whose time or receipt number runs against their
    sequence. `unlisted`: unsigned documents that the closing over them does not name, or names
    though they are signed. `protocol`: places where beginning and end of outages do not alternate.
    """

    documents: int
    signed: int
    unsigned: int
    open: int
    messages: int
    outages: int
    answers_lost: int
    left_open: int
    gaps: int
    duplicates: int
    heads: int
    lost: int
    surplus: int
    log: int
    unproved: int
    twice: int
    strange: int
    dangling: int
    held: int
    mixed: int
    backward: int
    unlisted: int
    protocol: int

    @property
    def wrongs(self) -> dict[str, int]:
        names = self.__struct_fields__[self.__struct_fields__.index("gaps") :]
        return {name: getattr(self, name) for name in names}

    @property
    def is_good(self) -> bool:
        return not any(self.wrongs.values())

    def sentence(self) -> str:
        told = ", ".join(f"{name} {count}" for name, count in self.wrongs.items())
        return (
            f"documents {self.documents}, signed {self.signed}, unsigned {self.unsigned}, open "
            f"{self.open}, TSE messages {self.messages}, answers lost {self.answers_lost}, left "
            f"open {self.left_open}: {told}"
        )


def judge(
    url: str,
    archives: Mapping[str, bytes],
    told: Iterable[Told],
    parked: Iterable[Parked] = (),
    events: int = 0,
) -> Verdict:
    """Everything at once. `archives` are the devices' logs by register (its id as in the API);
    `events`: how many operations besides were concluded by one request, their answers not kept.
    The load must have got an answer to each request."""
    entries = rows(
        url,
        "SELECT chain, sequence, series, number, kind, intent, body, at FROM entry "
        "WHERE taxpayer <> ''",
    )
    sealed = [row for row in entries if row[2] is not None]
    by_series, by_register = grouped(sealed, 2, 3), grouped(entries, 0, 1)
    counted = [*by_series.values(), *by_register.values()]
    ended = {row[5]: _ended(row) for row in sealed}
    logs = {_uuid(register): tse_reading.read(data) for register, data in archives.items()}
    acknowledged = {one.operation: one for one in told}
    by_operation = {intent.replace("-", ""): one for intent, one in ended.items()}
    held = rows(url, "SELECT count(*) FROM signing WHERE held_until IS NOT NULL")[0][0]
    agreement = _agreement(logs, ended.values(), acknowledged, parked)
    protocol = _protocol(entries)
    return Verdict(
        documents=len(sealed),
        signed=sum(bool(one.signing) for one in ended.values()),
        unsigned=sum(bool(one.seal.get("outage")) for one in ended.values()),
        open=len(list(parked)),
        messages=sum(log.messages for log in logs.values()),
        outages=protocol[0],
        gaps=sum(missing(numbers) for numbers in counted),
        duplicates=sum(len(numbers) - len(set(numbers)) for numbers in counted)
        + len(sealed)
        - len(ended),
        heads=wrong_heads(url, by_series, by_register),
        lost=sum(not _is_kept(one, by_operation.get(key)) for key, one in acknowledged.items()),
        surplus=abs(len(by_operation.keys() - acknowledged.keys()) - events),
        log=sum(log.forged + log.missing + log.twice for log in logs.values()),
        held=held,
        mixed=sum(bool(one.signing) is bool(one.seal.get("outage")) for one in ended.values()),
        backward=_backward(entries),
        unlisted=_unlisted(entries),
        protocol=protocol[1],
        **agreement,
    )


def _ended(row: tuple[Any, ...]) -> Ended:
    body = json.loads(bytes(row[6]))
    return Ended(intent=row[5], register=row[0], kind=row[4], seal=body["seal"])


def _uuid(register: str) -> str:
    digits = register.removeprefix("reg_")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _is_kept(one: Told, ended: Ended | None) -> bool:
    """The journal has the operation as its caller was told."""
    if ended is None:
        return False
    signing = ended.signing
    is_abort = ended.kind == "abort@1"
    return (
        (one.status == "voided") is is_abort
        and _uuid(one.register) == ended.register
        and one.outage == ended.seal.get("outage", "")
        and (one.number, one.counter, one.signature)
        == (signing.get("number", 0), signing.get("counter", 0), signing.get("signature", ""))
    )


def _agreement(
    logs: Mapping[str, TseLog],
    ended: Iterable[Ended],
    told: Mapping[str, Told],
    parked: Iterable[Parked],
) -> dict[str, int]:
    """Journal and logs, transaction by transaction."""
    unproved = twice = 0
    claimed: dict[str, set[int]] = defaultdict(set)
    excused: dict[str, set[int]] = defaultdict(set)
    untold: dict[str, int] = defaultdict(int)
    for one in ended:
        log = logs[one.register]
        if not one.signing:
            # Its number is known from the answer to its creation; an event had no such answer.
            said = told.get(one.intent.replace("-", ""))
            excused[one.register] |= {said.begun} if said and said.begun else set()
            untold[one.register] += not (said and said.begun)
            continue
        number = one.signing["number"]
        twice += number in claimed[one.register]
        claimed[one.register].add(number)
        unproved += not _is_proved(one, log.finished.get(number))
    open_: dict[str, set[int]] = defaultdict(set)
    for each in parked:
        open_[_uuid(each.register)].add(each.begun)
    found = {"strange": 0, "dangling": 0, "answers_lost": 0, "left_open": 0}
    for register, log in logs.items():
        finished = log.finished.keys() - claimed[register]
        dangling = log.open - open_[register]
        # Of the others nobody was told the number: there may be as many as unsigned documents.
        finished_else, dangling_else = finished - excused[register], dangling - excused[register]
        strange = max(0, len(finished_else) - untold[register])
        spare = max(0, untold[register] - len(finished_else))
        vanished = len(open_[register] - log.open)
        left = max(0, len(dangling_else) - spare)
        found["strange"] += strange
        found["dangling"] += left + vanished
        found["answers_lost"] += len(finished) - strange
        found["left_open"] += len(dangling) - left
    return {"unproved": unproved, "twice": twice, **found}


def _is_proved(one: Ended, message: Message | None) -> bool:
    """The device's finish message says what the journal says it says."""
    said = one.signing
    return message is not None and (
        message.signature,
        message.counter,
        message.process_type,
        message.process_data,
        message.client,
    ) == (
        said["signature"],
        said["counter"],
        said["process_type"],
        said["process_data"],
        one.register,
    )


def _in_order(entries: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(entries, key=lambda row: (row[0], row[1]))


def _backward(entries: Iterable[tuple[Any, ...]]) -> int:
    """Neither time nor receipt numbers go back while a register's sequence goes on."""
    pairs = [(one, two) for one, two in pairwise(_in_order(entries)) if one[0] == two[0]]
    late = sum(int(one[7] > two[7]) for one, two in pairs)
    sealed = _in_order(row for row in entries if row[2] is not None)
    numbered = [(one[3], two[3]) for one, two in pairwise(sealed) if one[2] == two[2]]
    return late + sum(int(one > two) for one, two in numbered)


def _unlisted(entries: Iterable[tuple[Any, ...]]) -> int:
    """Each closing names what went out unsigned since the one before, in its order."""
    waiting: dict[str, list[str]] = defaultdict(list)
    wrong = 0
    for register, _, series, _, kind, intent, stored, _ in _in_order(entries):
        if series is None:
            continue
        body = json.loads(bytes(stored))
        if kind == "closing@1":
            # Whether it is signed itself stands on its own paper.
            wrong += body["closing"].get("unsigned", []) != waiting.pop(register, [])
        elif body["seal"].get("outage"):
            waiting[register].append(intent)
    return wrong


def _protocol(entries: Iterable[tuple[Any, ...]]) -> tuple[int, int]:
    """How many outages began; and how often beginnings and ends of a register do not alternate,
    or an end names another beginning than the one before."""
    begun, wrong = 0, 0
    last: dict[str, str] = {}
    for register, _, _, _, kind, _, stored, _ in _in_order(entries):
        body = json.loads(bytes(stored))
        if kind == "outage@1":
            begun += 1
            wrong += register in last or not body.get("note")
            last[register] = body["id"]
        elif kind == "restored@1":
            wrong += last.pop(register, None) != body["refers"]
    return begun, wrong
