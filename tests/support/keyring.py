"""Keys for stories: made, held, spoken in one word, and looked at until they stop."""

import time
from collections.abc import Callable

import httpx

from fiscus.api.families.reporting.tests.caller import Caller
from fiscus.api.families.reporting.tests.restaurant import a_dish, an_order
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope

ONE_SECOND = 1.0


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether it is so for each request that begins a second from now or later. One that began
    before and took long, on a loaded machine, may still say otherwise."""
    end = time.monotonic() + ONE_SECOND
    while True:
        begun = time.monotonic()
        if is_so():
            return True
        if begun > end:
            return False
        time.sleep(0.02)


def a_key(maker: Till, name: str, **more: object) -> Json:
    return maker.made("/subjects", {"type": "API_KEY", "name": name, **more})


def holder(premises: Premises, subject: Json) -> Till:
    credentials = subject["credentials"]
    return premises.anonymous().with_token(credentials["key"], credentials["secret"])


def in_one_word(subject: Json, prefix: str = "of_test_prt_") -> str:
    key = subject["credentials"]["key"].removeprefix("test_")
    return f"{prefix}{key}{subject['credentials']['secret']}"


def login(premises: Premises, subject: Json) -> httpx.Response:
    credentials = subject["credentials"]
    what = {"type": "API_KEY", "key": credentials["key"], "secret": credentials["secret"]}
    return premises.anonymous().send("POST", "/tokens", envelope(what))


def a_session(register: str) -> Json:
    return {
        "type": "session_open",
        "register_id": register,
        "currency": "EUR",
        "opening_balance_amount": "50.00",
    }


def tab(caller: Caller, register: str) -> str:
    """Something is ordered at a table; gives its tab."""
    body = an_order(a_dish("Wein"), tables=["Tisch 5"], register_id=register)
    made: str = caller.made("/operations", body, Idempotency_Key=f"order-{register}")["tab_id"]
    return made


def session_open(caller: Caller, register: str) -> Json:
    return caller.made("/operations", a_session(register), Idempotency_Key=f"open-{register}")


def hyphenated(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
