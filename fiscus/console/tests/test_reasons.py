"""Reasons of signers in the visitor's language."""

import re

import pytest

from fiscus.accounting import frozen
from fiscus.console import reasons
from fiscus.regimes.de import wording
from fiscus.regimes.pt import charts

SAID = (
    "the device is busy: no turn within 5 s",
    "the TSE is busy",
    "the device cannot be opened: No such file or directory",
    "the device stumbled: ValueError",
    "no device is fitted to this register",
    "begun by the device 12ab, which was exchanged since",
    "the certificate of the device ended at 2026-01-01T00:00:00Z",
    "transaction 7 was not ended by this document",
    "the answer to start is not understood: x",
)


def test_a_known_reason_is_said_in_each_language() -> None:
    said = "the device cannot be opened: No such file or directory (down since 2026-01-01)"

    assert reasons.reason("de", said) == (
        "die TSE lässt sich nicht öffnen: Datei oder Ordner nicht vorhanden (seit 2026-01-01)"
    )
    begun = f"{said}; transaction 2 was begun"
    assert "(desde 2026-01-01, a transação 2 começou)" in reasons.reason("pt", begun)
    assert reasons.reason("pt", "the TSE is busy") == "o dispositivo de assinatura está ocupado"
    assert reasons.reason("en", "the TSE is busy") == "the signing device is busy"


def test_what_nobody_has_translated_is_marked_as_english_and_escaped() -> None:
    assert reasons.reason("de", "flux <b>") == '<span lang="en">flux &lt;b&gt;</span>'
    assert reasons.reason("en", "flux") == "flux"
    assert reasons.reason("pt", "the device stumbled: KeyError") == (
        'algo correu mal no dispositivo de assinatura: <span lang="en">KeyError</span>'
    )


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("language", ["en", "de", "pt"])
def test_what_the_german_law_seals_is_read_like_what_the_device_said(
    said: str, language: str
) -> None:
    assert reasons.reason(language, wording.outage(said)) == reasons.reason(language, said)
    assert not re.search(r"\bthe device\b|TSE ist", reasons.reason("pt", said))


def test_each_reason_of_the_german_law_is_known() -> None:
    assert len(reasons.REASONS) + 1 == len(wording.OUTAGES), "since when is put behind each"
    assert len(SAID) == len(reasons.REASONS)


def test_the_words_of_the_machine_are_kept_apart_and_named_by_their_language() -> None:
    sealed = wording.outage("the device cannot be opened: No such file or directory")

    said = reasons.outage("en", sealed)

    assert (said.words, said.raw, said.is_of_law) == (
        "the signing device cannot be opened",
        sealed,
        True,
    )
    assert not reasons.outage("en", "the TSE is busy").is_of_law


def test_each_doubt_that_pages_know_is_one_of_a_chart() -> None:
    assert reasons.DOUBTS == (charts.CLEARING_DOUBT,)
    assert frozen.DOUBTFUL.text == reasons.DOUBTFUL
