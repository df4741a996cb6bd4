"""Our own words are German in the law's files; those of callers stay as they are."""

import pytest

from fiscus.model.documents import DocumentKind, LinePurpose
from fiscus.regimes.de import wording
from fiscus.regimes.de.tests.builders import (
    a_case,
    a_draft,
    a_line,
    an_abort,
    money,
    of_drawer,
    with_,
)


@pytest.mark.parametrize(("said", "german"), wording.LINES.items())
def test_a_line_that_nobody_titled_is_in_german(said: str, german: str) -> None:
    tip = with_(money(LinePurpose.TIP_STAFF, "1.00"), text=said)

    found = wording.in_german(a_case(a_draft(a_line(text="Tip"), tip)))

    assert [line.text for line in found.lines] == ["Tip", german]


@pytest.mark.parametrize("said", [*wording.REASONS, "Bank_Drop "])
def test_a_reason_that_we_know_is_in_german(said: str) -> None:
    drop = of_drawer(DocumentKind.MOVEMENT, LinePurpose.TRANSIT, "-5.00", reason=said)
    drop = with_(drop, lines=(with_(drop.lines[0], text=said),))

    found = wording.in_german(a_case(drop))

    german = wording.REASONS[said.strip().lower()]
    assert (found.reason, found.lines[0].text) == (german, german)


def test_a_callers_own_reason_stays() -> None:
    kept = an_abort(reason="Kunde hat Geld vergessen")

    assert wording.in_german(a_case(kept)) == kept


def test_a_sale_is_the_same_draft() -> None:
    draft = a_draft()

    assert wording.in_german(a_case(draft)) is draft


ADDRESS = "https://tss.example.org/api/v2/tss/0196a1f2/tx/" + "7" * 60
WORDS = "the device did not answer in time: "


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("kurz", "kurz"),
        (" in\n two lines ", "in two lines"),
        ("x" * 200, "x" * 200),
        ("y " + "x" * 198, "y " + "x" * 198),
        ("y " + "x" * 199, "y …"),
        ("x" * 201, ""),
        ("w " * 99 + "xyz", "w " * 98 + "w …"),
        (WORDS + ADDRESS + " " + ADDRESS, f"{WORDS}{ADDRESS} …"),
    ],
)
def test_a_message_ends_with_a_whole_word(text: str, kept: str) -> None:
    found = wording.whole_words(text)

    assert found == kept
    assert len(found) <= wording.TEXT_LENGTH_MAX


@pytest.mark.parametrize(
    ("said", "german"),
    [
        (
            "the device is busy: no turn within 2.5 s",
            "Die TSE ist ausgelastet: nach 2.5 s nicht frei",
        ),
        (
            "the device cannot be opened: No such file (down since 2026-11-16T10:21:00+00:00)",
            "Die TSE lässt sich nicht öffnen: No such file"
            " (Ausfall seit 2026-11-16T10:21:00+00:00)",
        ),
        ("no device is fitted to this register", "Der Kasse ist keine TSE zugeordnet"),
        (
            "begun by the device 0123456789abcdef…, which was exchanged since",
            "Begonnen von der TSE 0123456789abcdef…, die seither ausgetauscht wurde",
        ),
        (
            "the certificate of the device ended at 2026-11-16T10:21:00Z",
            "Das Zertifikat der TSE ist abgelaufen: 2026-11-16T10:21:00Z",
        ),
        (
            "transaction 7 was not ended by this document",
            "Die Transaktion 7 wurde nicht von diesem Vorgang beendet",
        ),
        ("E_TSS_DISABLED: x", "E_TSS_DISABLED: x"),
        ("", ""),
    ],
)
def test_why_a_device_is_out_is_told_in_german(said: str, german: str) -> None:
    """What the device said itself stays as it is."""
    assert wording.outage(said) == german
