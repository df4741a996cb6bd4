import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.journal.chain import link
from fiscus.journal.tests.small_journal import link_of
from fiscus.model.records import GENESIS

HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
KINDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)
SEQUENCES = st.integers(min_value=1, max_value=2**63 - 1)


@pytest.mark.parametrize(
    ("previous", "sequence", "kind", "body", "expected"),
    [
        (
            GENESIS,
            1,
            "intent@1",
            b'{"id":"a"}',
            "277f91037e20d5c76bb53cadee7be5a75d3384dc4497fee5a8e964bf44c41a19",
        ),
        (
            "ff" * 32,
            256,
            "document@1",
            b"",
            "de6265e7e1942f02dbf939c571ef0c8189f47001344c53036b698aa38f120c3d",
        ),
    ],
)
def test_the_link_is_what_sha256sum_says_about_the_same_bytes(
    previous: str, sequence: int, kind: str, body: bytes, expected: str
) -> None:
    assert link(previous, sequence, kind, body) == expected


@given(HASHES, SEQUENCES, KINDS, st.binary())
def test_the_link_is_the_one_the_format_describes(
    previous: str, sequence: int, kind: str, body: bytes
) -> None:
    assert link(previous, sequence, kind, body) == link_of(previous, sequence, kind, body)


@given(HASHES, SEQUENCES, KINDS, st.binary(min_size=1))
def test_no_byte_moves_between_kind_and_body_unnoticed(
    previous: str, sequence: int, kind: str, body: bytes
) -> None:
    moved = kind + body[:1].hex()

    assert link(previous, sequence, kind, body) != link(previous, sequence, moved, body[1:])
    assert link(previous, sequence, kind, body) != link(previous, sequence + 1, kind, body)


def test_there_is_no_entry_with_sequence_zero() -> None:
    with pytest.raises(AssertionError):
        link(GENESIS, 0, "intent@1", b"{}")
