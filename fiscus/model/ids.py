"""Ids: time-ordered UUIDv7 for things that happen, random UUIDv4 for identities, UUIDv5 for what
follows from something else."""

import threading
from collections.abc import Callable
from hashlib import sha1
from uuid import UUID

from fiscus.model.times import Clock

Ids = Callable[[], str]
Entropy = Callable[[int], bytes]
"""Gives that many random bytes; `os.urandom` in the service."""


def pooled(entropy: Entropy, pool_bytes: int = 4096) -> Entropy:
    """The same randomness, fetched from the system in larger pieces; each byte is given once."""
    lock = threading.Lock()
    pool = bytearray()

    def give(size: int) -> bytes:
        with lock:
            if len(pool) < size:
                pool.extend(entropy(max(size, pool_bytes)))
            taken = bytes(pool[:size])
            del pool[:size]
        return taken

    return give


def uuid7s(clock: Clock, entropy: Entropy) -> Ids:
    """A source of UUIDv7 (RFC 9562) that never goes backwards within one process.

    48 bits of milliseconds, a 12-bit counter inside the millisecond, 62 random bits. If the
    clock steps back the last millisecond is kept, so ids go on rising.
    """
    lock = threading.Lock()
    last = [0, 0]

    def give() -> str:
        with lock:
            millis = int(clock().timestamp() * 1000)
            if millis <= last[0]:
                last[1] += 1
                if last[1] > 0xFFF:
                    last[0], last[1] = last[0] + 1, 0
            else:
                last[0], last[1] = millis, 0
            high, count = last
        tail = int.from_bytes(entropy(8), "big") & (2**62 - 1)
        text = f"{(high << 80) | (0x7 << 76) | (count << 64) | (0b10 << 62) | tail:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    return give


def uuid4s(entropy: Entropy) -> Ids:
    return lambda: str(UUID(bytes=entropy(16), version=4))


def uuid5_of(space: bytes, name: str) -> str:
    """What `uuid.uuid5` gives for the name in that name space (the 16 bytes of an id), in a tenth
    of the time: there are several for each sale (RFC 9562, section 5.5)."""
    found = sha1(space + name.encode(), usedforsecurity=False).hexdigest()
    variant = _VARIANT[found[16]]
    return f"{found[:8]}-{found[8:12]}-5{found[13:16]}-{variant}{found[17:20]}-{found[20:32]}"


_VARIANT = {f"{digit:x}": f"{digit & 0b11 | 0b1000:x}" for digit in range(16)}
"""The fourth group begins with the bits 10."""
