import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.journal.chain import link
from fiscus.model.records import GENESIS

TILL = "0196a1f2-5555-4c3d-9e4f-0123456789ab"
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
CHAINS = st.uuids().map(str)
EPOCHS = st.integers(min_value=1, max_value=2**32 - 1)
SEQUENCES = st.integers(min_value=1, max_value=2**63 - 1)


@pytest.mark.parametrize(
    ("previous", "chain", "epoch", "sequence", "body", "expected"),
    [
        (
            GENESIS,
            TILL,
            1,
            1,
            b'{"id":"a"}',
            "ee93778b8a6fd7d9b4f42acc67d460e6e791bd95aac6b27509caf525315e10d0",
        ),
        (
            "ff" * 32,
            "ffffffff-0000-4000-8000-000000000001",
            258,
            256,
            b"",
            "052d604c1a39a1df1536d94f2df653542883f38106af87e7318355e8d97aa8d0",
        ),
    ],
)
def test_the_link_is_what_sha256sum_says_about_the_same_bytes(
    previous: str, chain: str, epoch: int, sequence: int, body: bytes, expected: str
) -> None:
    assert link(previous, chain, epoch, sequence, body) == expected


@given(HASHES, CHAINS, EPOCHS, SEQUENCES, st.binary())
def test_the_link_is_the_one_the_format_describes(
    previous: str, chain: str, epoch: int, sequence: int, body: bytes
) -> None:
    """Section 3, spelled out once more."""
    parts = (
        b"fiscus/link/2\n",
        bytes.fromhex(previous),
        bytes.fromhex(chain.replace("-", "")),
        bytes.fromhex(f"{epoch:08x}"),
        bytes.fromhex(f"{sequence:016x}"),
        hashlib.sha256(body).digest(),
    )

    assert [len(part) for part in parts] == [14, 32, 16, 4, 8, 32]
    assert (
        link(previous, chain, epoch, sequence, body) == hashlib.sha256(b"".join(parts)).hexdigest()
    )


@given(HASHES, CHAINS, EPOCHS, SEQUENCES, st.binary(), st.data())
def test_each_part_of_a_place_changes_the_link(
    previous: str, chain: str, epoch: int, sequence: int, body: bytes, data: st.DataObject
) -> None:
    here = (previous, chain, epoch, sequence, body)
    others = (HASHES, CHAINS, EPOCHS, SEQUENCES, st.binary())
    part = data.draw(st.integers(0, 4))
    other = data.draw(others[part].filter(lambda found: found != here[part]))
    there = (*here[:part], other, *here[part + 1 :])

    assert link(*here) != link(*there)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("previous", "chain", "sequence"), [(GENESIS, TILL, 0), ("00", TILL, 1)], ids=str
)
def test_no_place_is_before_the_first_and_every_entry_has_a_whole_link_before_it(
    previous: str, chain: str, sequence: int
) -> None:
    with pytest.raises(AssertionError):
        link(previous, chain, 1, sequence, b"{}")


def test_a_chain_has_a_uuid() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        link(GENESIS, "till-1", 1, 1, b"{}")


def test_a_uuid_is_one_whatever_its_letters_case() -> None:
    assert link(GENESIS, str(UUID(TILL)).upper(), 1, 1, b"") == link(GENESIS, TILL, 1, 1, b"")
