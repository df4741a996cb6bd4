"""Tills that sell, and hands that close, at the same registers at the same time.

Each copes with refusals as a till would: no session, open one; counted, close it; still open, try
again; concluded by somebody else, look what became of it. Any other refusal is wrong.
"""

import re
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import a_leg, a_line, a_return, a_sale
from fiscus.api.families.reporting.tests.caller import Caller
from tests.storms.driver import ANSWER_SECONDS
from tests.support import words
from tests.support.till import Till, envelope

Json = dict[str, Any]

TRIES_MAX = 60
"""So often a closing is tried while operations stand in its way; then it is left for later."""


@dataclass(kw_only=True)
class Place:
    """A register and who may act for it. `till` is there if it sells without sessions, through
    the Unified API; `percentage` is its country's standard rate."""

    register: str
    location: str
    caller: Caller
    till: Till | None = None
    percentage: str = "19"

    @property
    def is_german(self) -> bool:
        return self.percentage == "19"

    def at(self, http: httpx.Client) -> "Place":
        """The same, spoken to over this client."""
        till = self.till and replace(self.till, http=http)
        return replace(self, caller=replace(self.caller, http=http), till=till)


@dataclass(kw_only=True)
class Race:
    """What everybody was told. `promised`: intentions, and the kind of entry that concluded them
    according to an answer; `closed`: closings a caller was given, with register and last Z number;
    `refusals`: the words of lawful ones; `wrong`: all that should never be answered;
    `automatic`: how often the service closed a register by itself."""

    promised: dict[str, str] = field(default_factory=dict)
    closed: dict[str, tuple[str, int]] = field(default_factory=dict)
    refusals: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    automatic: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, turn: Callable[[], None], rest: float) -> None:
        """Take turns in a thread until the race is over, with up to `rest` seconds between."""
        thread = threading.Thread(target=self._run, args=(turn, rest), daemon=True)
        self.threads.append(thread)
        thread.start()

    def ends(self) -> None:
        """Everybody finishes the turn at hand."""
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def _run(self, turn: Callable[[], None], rest: float) -> None:
        random = Random()
        try:
            while not self.is_over.is_set():
                turn()
                time.sleep(random.uniform(0, rest))
        except Exception:  # noqa: BLE001 - shown by the test, whatever it is
            self.wrong.append(traceback.format_exc())

    def answered(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """The answer, the request sent again with its key while it says not now."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while (response := ask()).status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.01)
        return response

    def refused(self, response: httpx.Response, *lawful: str) -> str:
        """The word of a refusal; one that is not among the lawful is wrong."""
        word = _word(response)
        if word in lawful:
            self.refusals.append(word)
        else:
            self.wrong.append(f"{response.request.url} {response.status_code} {response.text}")
        return word


def _word(response: httpx.Response) -> str:
    """The code of a refusal, in the words of its family; our own code in the other one."""
    said = response.json()
    if "content" not in said:
        return str(said["code"])
    code = re.search(r"[A-Z]+-[A-Z]+-[0-9]{2}", said["content"]["message"])
    return code[0] if code else ""


@dataclass(kw_only=True)
class Hand:
    """Somebody who acts at a register of the Reporting API."""

    race: Race
    caller: Caller
    register: str
    random: Random

    def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        headers["Idempotency_Key"] = str(UUID(int=self.random.getrandbits(128), version=4))
        return self.race.answered(lambda: self.caller.send("POST", path, body, raw=None, **headers))

    def event(self, body: Json) -> httpx.Response:
        return self.post("/operations", {"register_id": ids.shown("reg", self.register), **body})

    def enters(self, kind: str, body: Json, *lawful: str) -> None:
        """What is completed at once."""
        response = self.event(body)
        if response.status_code == 201:
            self.race.promised[_intent(response)] = kind
        else:
            self.race.refused(response, *lawful)

    def closes_session(self) -> None:
        body: Json = {"type": "session_close"}
        if self.random.random() < 0.5:
            body["cash_out_amount"] = "5.00"
        lawful = ("no_open_session", "session_invalid_state", "operation_invalid_state")
        self.enters("closing@1", body, *lawful)


def _intent(response: httpx.Response) -> str:
    return ids.read("op", response.json()["id"])


@dataclass(kw_only=True)
class SessionTill(Hand):
    """Sells within cash sessions; opens the next one when somebody has closed it."""

    sold: list[str] = field(default_factory=list)

    def turn(self) -> None:
        draw = self.random.random()
        if draw < 0.06:
            amount, reason = self.random.choice([("20.00", "pay_in"), ("-15.00", "bank_drop")])
            body = {"type": "session_cash_adjustment", "amount": amount, "reason": reason}
            self.cope(self.event(body), "document@1")
        elif draw < 0.08:
            variance = self.random.choice(["0.00", "-0.10", "2.00"])
            self.cope(self.event({"type": "session_cash_count", "variance": variance}))
        elif draw < 0.16 and self.sold:
            self.begins(a_return(related_operation_id=self.sold.pop()))
        else:
            self.begins(self.random.choice([a_sale(), mixed()]))

    def begins(self, body: Json) -> None:
        response = self.event(body)
        if response.status_code != 201:
            self.cope(response)
            return
        operation = response.json()
        if self.random.random() < 0.12:
            self.concludes(operation, "void", {"reason": "operator_cancelled"}, "abort@1")
            return
        method = self.random.choice(["cash", "cash", "card"])
        leg = a_leg(operation["total_amount"], method)
        is_done = self.concludes(operation, "complete", {"payments": [leg]}, "document@1")
        if is_done and body["type"] == "sale":
            self.sold.append(operation["id"])

    def concludes(self, operation: Json, verb: str, body: Json, kind: str) -> bool:
        """Or finds that it was cancelled at the cut-off meanwhile."""
        response = self.post(f"/operations/{operation['id']}/{verb}", body, If_Match='"1"')
        if response.status_code == 200:
            self.race.promised[_intent(response)] = kind
            return True
        self.race.refused(response, "precondition_failed", "operation_invalid_state")
        became = self.caller.get(f"/operations/{operation['id']}")
        if became["status"] != "voided":
            self.race.wrong.append(f"{operation['id']} was {became['status']} by somebody else")
        return False

    def cope(self, response: httpx.Response, kind: str = "document@1") -> None:
        if response.status_code == 201:
            self.race.promised[_intent(response)] = kind
            return
        lawful = ("no_open_session", "session_invalid_state", "operation_invalid_state")
        word = self.race.refused(response, *lawful)
        if word == "no_open_session":
            body = {"type": "session_open", "currency": "EUR", "opening_balance_amount": "100.00"}
            self.enters("document@1", body, "session_invalid_state")
        elif word == "session_invalid_state":
            self.closes_session()


def mixed() -> Json:
    """A coffee and two pretzels: two rates."""
    pretzels = a_line(
        title="Brezel",
        unit_price="0.80",
        total_amount="1.60",
        taxes=[{"name": "USt", "rate": "0.07", "tax_amount": "0.10"}],
    )
    return a_sale(
        pretax_amount="11.50",
        tax_amount="2.00",
        total_amount="13.50",
        line_items=[a_line(), pretzels],
    )


@dataclass(kw_only=True)
class PlainTill:
    """Sells without sessions, through the Unified API. `percentage` is the standard rate."""

    race: Race
    till: Till
    percentage: str
    can_cancel: bool
    random: Random
    sold: list[str] = field(default_factory=list)

    def turn(self) -> None:
        intent = self.asked({"type": "INTENTION", "operation": {"type": "TRANSACTION"}})
        assert intent is not None
        draw = self.random.random()
        if draw < 0.1:
            self.concludes(intent, {"type": "ABORT"}, "abort@1")
        elif draw < 0.25 and self.sold and self.can_cancel:
            which = self.sold.pop(self.random.randrange(len(self.sold)))
            self.concludes(intent, words.cancellation(which), "void@1")
        else:
            line = words.line(percentage=self.percentage)
            record = self.concludes(intent, words.receipt(line), "document@1")
            self.sold += [record] if record else []

    def concludes(self, intent: str, operation: Json, kind: str) -> str | None:
        said = {"type": "TRANSACTION", "record": {"id": intent}, "operation": operation}
        record = self.asked(said, "ISSUE-INTENT-03")
        if record is not None:
            self.race.promised[intent] = kind
        return record

    def closes(self) -> None:
        period = self.random.choice(["DAILY", "DAILY", "DAILY", "MONTHLY"])
        said = {"type": "INTENTION", "operation": {"type": "CLOSING", "period": period}}
        intent = self.asked(said, "ISSUE-CLOSING-01", "ISSUE-CLOSING-02")
        if intent is not None:
            self.race.promised[intent] = "closing@1"

    def asked(self, said: Json, *lawful: str) -> str | None:
        """The id of the record; None if it was refused."""
        if said["type"] == "INTENTION":
            said = {**said, "system": {"id": self.till.system}}
        key = str(UUID(int=self.random.getrandbits(128), version=4))
        response = self.race.answered(
            lambda: self.till.send("POST", "/records", envelope(said), key=key)
        )
        if response.status_code != 200:
            self.race.refused(response, *lawful)
            return None
        return str(response.json()["content"]["id"])


@dataclass(kw_only=True)
class Closer(Hand):
    """Closes the register out of turn: for the shift, the day, the month. Around the full minute
    it rests a little, or the service would find nothing to close at the cut-off."""

    plain: PlainTill | None
    """If the register has no cash sessions."""

    def turn(self) -> None:
        draw = self.random.random()
        if (time.time() + 4) % 60 < 5:
            return
        if self.plain is None and draw < 0.2:
            self.closes_session()
        elif self.plain is not None and draw < 0.4:
            self.plain.closes()
        else:
            self.closes(self.random.choice(["daily", "daily", "shift", "monthly"]))

    def closes(self, type_: str) -> None:
        for _ in range(TRIES_MAX):
            path = f"/registers/{ids.shown('reg', self.register)}/closings"
            response = self.post(path, {"type": type_})
            if response.status_code == 201:
                closing = response.json()
                number = closing["fiscal"]["z_number"]
                self.race.closed[ids.read("cls", closing["id"])] = (self.register, number)
                return
            lawful = ("session_invalid_state", "operation_invalid_state", "no_open_session")
            if self.race.refused(response, *lawful) != "operation_invalid_state":
                return
            time.sleep(self.random.uniform(0, 0.01))


@dataclass(kw_only=True)
class CutOffs:
    """Sets the cut-offs of locations to the minute that has just begun: everything that was
    recorded before it, and nobody closed, is due."""

    places: Sequence[Place]
    random: Random

    def turn(self) -> None:
        place = self.random.choice(self.places)
        now = datetime.now(ZoneInfo("Europe/Berlin")).strftime("%H:%M")
        path = f"/locations/{ids.shown('loc', place.location)}"
        place.caller.changed(path, {"cut_off_time": now})
