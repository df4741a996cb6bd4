"""Ids as this family writes them, and back."""

import pytest

from fiscus.api.families.reporting import ids
from fiscus.model.faults import Missing

UUID = "0196a1f2-0000-7c3d-9e4f-0123456789ab"
SHOWN = "op_0196a1f200007c3d9e4f0123456789ab"


def test_an_id_is_a_word_and_32_hex_digits_and_comes_back() -> None:
    assert ids.shown("op", UUID) == SHOWN
    assert ids.read("op", SHOWN) == UUID


@pytest.mark.parametrize(
    "text",
    [
        "",
        UUID,
        "op",
        "op_",
        SHOWN[:-1],
        SHOWN + "0",
        SHOWN.upper(),
        SHOWN.replace("op_", "reg_"),
        SHOWN.replace("op_", "op__"),
        SHOWN.replace("a", "g"),
        SHOWN.replace("1", "\u0661"),
        f"op_{UUID}",
        SHOWN + "\n",
    ],
)
def test_what_we_do_not_write_is_the_id_of_nothing(text: str) -> None:
    with pytest.raises(Missing):
        ids.read("op", text)
