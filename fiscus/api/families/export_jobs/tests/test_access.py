"""Credentials: what a Basic header says."""

from base64 import b64encode

import pytest

from fiscus.api.families.export_jobs import access

KEY, SECRET = "k" * 33 + "_", "s" * 42 + "-"


def said(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize("prefix", ["", "fk_", "ofk_platform_", "of_test_prt_", "plp_"])
def test_a_key_in_one_word_is_the_user_with_an_empty_password(prefix: str) -> None:
    assert access._pair(said(f"{prefix}{KEY}{SECRET}:"), "test") == (f"test_{KEY}", SECRET)


def test_key_and_secret_are_user_and_password() -> None:
    assert access._pair(said(f"test_{KEY}:{SECRET}"), "test") == (f"test_{KEY}", SECRET)


@pytest.mark.parametrize(
    "text", ["", "%%%", said(""), said(":"), said(KEY + SECRET), said("fk_short:"), said("é:")]
)
def test_anything_else_says_nothing(text: str) -> None:
    assert access._pair(text, "test") is None
