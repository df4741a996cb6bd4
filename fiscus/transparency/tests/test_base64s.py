"""One spelling for each value: whoever reads another one reads another text."""

import pytest

from fiscus.transparency.base64s import decimal, decoded, decoded_hash, encoded


def test_what_is_encoded_is_decoded() -> None:
    assert decoded(encoded(bytes(range(256)))) == bytes(range(256))


@pytest.mark.parametrize("text", ["AA", "AB==", "A A=", "AA==\n", "AA-_", "ÄÄ==", "AA==AA=="])
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Base64"):
        decoded(text)


def test_a_hash_has_32_bytes() -> None:
    assert decoded_hash(encoded(bytes(32))) == bytes(32)
    for length in (0, 31, 33):
        with pytest.raises(ValueError, match="bytes"):
            decoded_hash(encoded(bytes(length)))


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("100", 100)])
def test_a_number_is_decimal(text: str, number: int) -> None:
    assert decimal(text, 100) == number


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "01", "00", "1 ", "0x1", "١", "1_0", "101", "9" * 5000]
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        decimal(text, 100)
