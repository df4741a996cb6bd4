import asyncio
import hmac
import json
import sys
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from functools import cache, partial
from typing import Any

import jwt
import pytest

from fiscus.api.http import TOKEN_LIFE, Caller, Limits, Replies, Tokens
from fiscus.issuing.answers import Failed
from fiscus.model.faults import Code, Unavailable
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.signers import find
from fiscus.signers.softkey import create

CALLER = Caller(organization="o-1", subject="s-1")
BUSY = Code("TEST-BUSY-01", "come back later")

key = cache(partial(create, "rsa-2048"))
other_key = cache(lambda: create("rsa-2048"))


class Office:
    """Where tokens are made, and the clock it looks at."""

    def __init__(self, secret: bytes = b"", issuer: str = "fiscus") -> None:
        self.clock = StandingClock()
        self.tokens = Tokens(secret or key(), issuer, self.clock)

    def a_token(self) -> str:
        return self.tokens.make("jti-1", CALLER)[0]


def forged(token: str, part: int, **claims: Any) -> str:
    """The token with members of its header (0) or payload (1) changed, the signature kept."""
    parts = token.split(".")
    content = json.loads(urlsafe_b64decode(parts[part] + "=="))
    changed = json.dumps(content | claims).encode()
    parts[part] = urlsafe_b64encode(changed).rstrip(b"=").decode()
    return ".".join(parts)


def test_a_token_says_whose_it_is_to_every_process_with_the_key() -> None:
    token = Office().a_token()

    assert Office().tokens.read(token) == CALLER


def test_a_token_says_when_it_was_issued_and_when_it_expires() -> None:
    bearer, issued, expires = Office().tokens.make("jti-1", CALLER)
    claims = jwt.decode(bearer, options={"verify_signature": False})

    assert issued == MORNING.replace(microsecond=0)
    assert expires == issued + timedelta(hours=24)
    assert (claims["iat"], claims["exp"]) == (issued.timestamp(), expires.timestamp())
    assert (claims["org"], claims["sub"], claims["jti"]) == ("o-1", "s-1", "jti-1")


def test_a_token_is_good_until_the_second_it_expires_even_if_it_was_read_before() -> None:
    office = Office()
    token = office.a_token()
    assert office.tokens.read(token) == CALLER
    office.clock.move(seconds=TOKEN_LIFE.total_seconds() - 0.26)
    assert office.tokens.read(token) == CALLER
    office.clock.move(seconds=0.01)

    assert office.tokens.read(token) is None
    fresh = Office()
    fresh.clock.now = office.clock.now
    assert fresh.tokens.read(token) is None


@pytest.mark.parametrize(
    ("part", "claims"),
    [
        (1, {"org": "o-2"}),
        (1, {"sub": "s-2"}),
        (1, {"exp": 9_999_999_999}),
        (0, {"alg": "none"}),
        (0, {"alg": "HS256"}),
        (0, {"kid": "mine"}),
    ],
)
def test_a_token_that_was_tampered_with_is_nobodys(part: int, claims: dict[str, Any]) -> None:
    office = Office()

    assert office.tokens.read(forged(office.a_token(), part, **claims)) is None


def test_a_token_without_a_signature_is_nobodys() -> None:
    claims = {"iss": "fiscus", "org": "o-1", "sub": "s-1", "exp": 9_999_999_999}
    unsigned = jwt.encode(claims, "", algorithm="none")

    assert Office().tokens.read(unsigned) is None
    assert Office().tokens.read(Office().a_token().rsplit(".", 1)[0] + ".") is None


def test_a_token_signed_with_our_public_key_as_a_password_is_nobodys() -> None:
    office = Office()
    pem = find("softkey").open(key()).public_pem.encode()
    header = urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    signing_input = f"{header}.{office.a_token().split('.')[1]}"
    mac = urlsafe_b64encode(hmac.digest(pem, signing_input.encode(), "sha256")).rstrip(b"=")

    assert office.tokens.read(f"{signing_input}.{mac.decode()}") is None


def test_a_token_of_a_foreign_key_or_another_installation_is_nobodys() -> None:
    assert Office().tokens.read(Office(other_key()).a_token()) is None
    assert Office().tokens.read(Office(issuer="somebody").a_token()) is None


@pytest.mark.parametrize("missing", ["org", "sub", "exp"])
def test_a_token_that_lacks_a_claim_is_nobodys(missing: str) -> None:
    office = Office()
    claims = {"iss": "fiscus", "org": "o-1", "sub": "s-1", "exp": 9_999_999_999}
    del claims[missing]
    token = jwt.encode(claims, office.tokens._key, algorithm="RS256")

    assert office.tokens.read(token) is None


@pytest.mark.parametrize("bearer", ["", ".", "..", "a.b.c", "é", "x" * 10_000])
def test_what_is_no_token_is_nobodys(bearer: str) -> None:
    assert Office().tokens.read(bearer) is None


def test_no_limit_admits_all() -> None:
    limits = Limits(0, StandingClock())

    assert all(limits.admits("o") for _ in range(10_000))


def test_a_limit_admits_so_many_a_second_and_organization() -> None:
    clock = StandingClock()
    limits = Limits(5, clock)

    assert [limits.admits("a") for _ in range(7)] == [True] * 5 + [False] * 2
    assert limits.admits("b")
    clock.move(seconds=0.2)
    assert [limits.admits("a"), limits.admits("a")] == [True, False]
    clock.move(seconds=60)
    assert [limits.admits("a") for _ in range(7)] == [True] * 5 + [False] * 2


def test_a_limit_holds_for_threads_together() -> None:
    limits = Limits(50, StandingClock())
    admitted: list[bool] = []
    threads = [
        threading.Thread(target=lambda: admitted.extend(limits.admits("o") for _ in range(40)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert admitted.count(True) == 50


ANSWER = Failed(trouble=Unavailable(BUSY))


def give_all(replies: Replies, futures: list[asyncio.Future[Any]]) -> None:
    for future in futures:
        replies.give(future, ANSWER)


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clock = StandingClock()
    limits = Limits(5, clock)
    assert limits.admits("a")
    clock.move(hours=-1)
    assert [limits.admits("a") for _ in range(5)] == [True] * 4 + [False]
    clock.move(seconds=1)
    assert limits.admits("a")


def test_replies_that_two_threads_give_at_once_both_arrive() -> None:
    """The writer's own, and that of whoever asks a writer that has stopped."""

    async def ask_both(rounds: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(rounds):
            replies = Replies()
            futures: list[asyncio.Future[Any]] = [loop.create_future() for _ in range(2)]
            threads = [
                threading.Thread(target=give_all, args=(replies, [future])) for future in futures
            ]
            for thread in threads:
                thread.start()
            assert await asyncio.wait_for(asyncio.gather(*futures), 20) == [ANSWER] * 2

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        asyncio.run(ask_both(1000))
    finally:
        sys.setswitchinterval(before)


def test_replies_from_another_thread_never_get_lost() -> None:
    """One by one and many at once, while a thread gives as fast as it can."""
    replies = Replies()

    async def ask(count: int) -> None:
        loop = asyncio.get_running_loop()
        for size in (1, 2, 3, 50):
            for _ in range(count // size):
                futures: list[asyncio.Future[Any]] = [loop.create_future() for _ in range(size)]
                await asyncio.to_thread(give_all, replies, futures)
                assert await asyncio.wait_for(asyncio.gather(*futures), 20) == [ANSWER] * size

    asyncio.run(ask(400))


def test_replies_reach_a_loop_that_is_busy_taking_others() -> None:
    replies = Replies()
    total = 20_000

    async def wait_for_all() -> int:
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Any]] = [loop.create_future() for _ in range(total)]
        giver = threading.Thread(target=give_all, args=(replies, futures))
        giver.start()
        done, waiting = await asyncio.wait(futures, timeout=30)
        giver.join()
        assert not waiting
        return len(done)

    assert asyncio.run(wait_for_all()) == total


def test_a_caller_that_went_away_disturbs_no_other_reply() -> None:
    replies = Replies()

    async def cancel_one() -> Any:
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[Any] = loop.create_future()
        here: asyncio.Future[Any] = loop.create_future()
        gone.cancel()
        await asyncio.to_thread(give_all, replies, [gone, here])
        return await asyncio.wait_for(here, 20)

    assert asyncio.run(cancel_one()) == ANSWER
