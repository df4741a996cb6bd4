"""Tag, length, value: what is written is read, and what another hand would write is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscus.signers.tse.log import asn1
from fiscus.signers.tse.log.asn1 import Asn1Error, Tlv


@given(tag=st.sampled_from([asn1.OCTETS, asn1.SEQUENCE, 0x80, 0xA3]), value=st.binary(max_size=400))
def test_what_was_written_is_read(tag: int, value: bytes) -> None:
    data = asn1.write(tag, value)

    assert asn1.whole(data, tag) == Tlv(tag, value, data)
    assert asn1.read(b"\x02\x01\x07" + data, 3) == Tlv(tag, value, data)
    assert list(asn1.elements(data + data)) == [Tlv(tag, value, data)] * 2


@pytest.mark.parametrize(
    ("size", "header"),
    [
        (0, "0400"),
        (127, "047f"),
        (128, "048180"),
        (255, "0481ff"),
        (256, "04820100"),
        (65_535, "0482ffff"),
        (65_536, "0483010000"),
    ],
)
def test_a_length_is_written_as_short_as_it_may_be(size: int, header: str) -> None:
    data = asn1.write(asn1.OCTETS, bytes(size))

    assert data[: len(data) - size].hex() == header
    assert asn1.read(data).value == bytes(size)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "04",
        "0401",
        "047f00",
        "04817f" + "00" * 127,
        "04820080" + "00" * 128,
        "0481",
        "048200",
        "04850000000001" + "00",
        "3f0100",
        "0480" + "0000",
        "3080",
        "30800401",
        "3080308000000000",
    ],
)
def test_a_length_that_is_not_strict_is_refused(data: str) -> None:
    with pytest.raises(Asn1Error):
        asn1.read(bytes.fromhex(data))


def test_a_length_may_have_four_bytes_and_not_five() -> None:
    size = 1 << 24
    four = b"\x04\x84\x01\x00\x00\x00" + bytes(size)

    assert asn1.read(four).raw == four
    with pytest.raises(Asn1Error, match="beyond all bounds"):
        asn1.read(b"\x04\x85\x01\x00\x00\x00\x00")


def test_an_element_whose_end_is_marked_holds_its_parts() -> None:
    data = asn1.write_indefinite(asn1.SEQUENCE, (b"one", b"", b"two"))
    found = asn1.read(data + b"\x02\x01\x07")

    assert found == Tlv(asn1.SEQUENCE, data[2:-2], data, is_indefinite=True)
    assert [part.value for part in asn1.elements(found.value)] == [b"one", b"", b"two"]
    with pytest.raises(Asn1Error, match="no length"):
        asn1.whole(data, asn1.SEQUENCE)


def test_a_deep_nest_of_marked_ends_is_no_way_into_the_stack() -> None:
    with pytest.raises(Asn1Error, match="not nested"):
        asn1.read(b"\x30\x80" * 3 + b"\0\0" * 3)


def test_the_whole_is_one_element_of_its_tag() -> None:
    data = asn1.write(asn1.INTEGER, b"\x07")

    assert asn1.whole(data, asn1.INTEGER).value == b"\x07"
    with pytest.raises(Asn1Error, match="tag 02 where 04"):
        asn1.whole(data, asn1.OCTETS)
    with pytest.raises(Asn1Error, match="follow"):
        asn1.whole(data + b"\0", asn1.INTEGER)


INTEGERS = [
    (0, "00"),
    (1, "01"),
    (127, "7f"),
    (128, "0080"),
    (255, "00ff"),
    (256, "0100"),
    (-1, "ff"),
    (-128, "80"),
    (-129, "ff7f"),
]


@pytest.mark.parametrize(("number", "octets"), INTEGERS)
def test_an_integer_is_twos_complement(number: int, octets: str) -> None:
    assert asn1.integer(bytes.fromhex(octets)) == number
    if number != -128:  # the writer takes a byte more than it needs for this one
        assert asn1.integer_octets(number).hex() == octets


@given(st.integers(0, 1 << 150))
def test_every_counter_comes_back(number: int) -> None:
    assert asn1.integer(asn1.integer_octets(number)) == number


@pytest.mark.parametrize("octets", ["", "0001", "007f", "ff80", "ffff", "01" * 21])
def test_an_integer_that_is_empty_too_long_or_beyond_all_bounds_is_refused(octets: str) -> None:
    with pytest.raises(Asn1Error):
        asn1.integer(bytes.fromhex(octets))


def test_an_integer_may_have_twenty_bytes() -> None:
    assert asn1.integer(b"\x01" + bytes(19)) == 1 << 152


def test_a_truth_value_has_two_spellings() -> None:
    assert asn1.boolean(asn1.boolean_octets(True))
    assert not asn1.boolean(asn1.boolean_octets(False))
    for other in (b"", b"\x01", b"\xff\xff"):
        with pytest.raises(Asn1Error):
            asn1.boolean(other)


OBJECTS = [
    ("0.4.0.127.0.7.3.7.1.1", "04007f000703070101"),
    ("1.2.840.10045.4.3.2", "2a8648ce3d040302"),
    ("2.5.4.5", "550405"),
    ("1.39.1", "4f01"),
    ("2.48.128", "8100" + "8100"),
    ("2.999.16384", "8837" + "818000"),
]


@pytest.mark.parametrize(("dotted", "octets"), OBJECTS)
def test_an_object_identifier_comes_back(dotted: str, octets: str) -> None:
    assert asn1.object_octets(dotted).hex() == octets
    assert asn1.object_name(bytes.fromhex(octets)) == dotted


@pytest.mark.parametrize("octets", ["", "80", "2a86", "2a8001", "8001", "2a" + "01" * 64])
def test_an_object_identifier_that_is_not_strict_is_refused(octets: str) -> None:
    with pytest.raises(Asn1Error):
        asn1.object_name(bytes.fromhex(octets))


def test_an_object_identifier_may_have_sixty_four_bytes() -> None:
    assert asn1.object_name(b"\x2a" + b"\x01" * 63).count(".") == 64


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data + b"\xff"])
def test_a_text_is_utf_8(damage: Callable[[bytes], bytes]) -> None:
    assert asn1.text("Kasse ü".encode()) == "Kasse ü"
    with pytest.raises(Asn1Error):
        asn1.text(damage("ü".encode()))
