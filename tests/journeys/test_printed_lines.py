"""What must be on paper stands in the companion of each document, whatever its kind and law."""

import pytest

from fiscus.regimes.pt.printing import TRAINING
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till

CERTIFIED = "-Processado por programa certificado n.º 9999/AT"


def printed(till: Till, record: Json) -> list[str]:
    found: list[str] = till.get(f"/records/{record['id']}/document")["prints"]
    return found


def kinds(till: Till) -> dict[str, Json]:
    sold = till.sells(words.receipt())
    practice = {**words.BY, "training": True}
    return {
        "FR": sold,
        "FS": till.sells(words.receipt(simplified=True)),
        "FT": till.sells(words.invoice()),
        "NC": till.sells(words.correction(sold["id"])),
        "ND": till.sells(words.correction(sold["id"], words.line(gross="1.23", quantity="1"))),
        "practice": till.sells(words.receipt(details=practice)),
        "exempt": till.sells(words.receipt(words.line(), words.exempt(number="2"))),
    }


def test_each_kind_has_its_atcud_and_the_phrase_of_the_certificate_first(till: Till) -> None:
    for kind, record in kinds(till).items():
        atcud, phrase, *_ = printed(till, record)

        assert atcud == f"ATCUD:{record['compliance']['data']}", kind
        assert phrase == record["compliance"]["signature_hash"] + CERTIFIED, kind


def test_notes_practice_and_exempt_lines_say_what_they_are(till: Till) -> None:
    made = kinds(till)
    lines = {kind: printed(till, record)[2:] for kind, record in made.items()}
    number = till.get(f"/records/{made['FR']['id']}/document")["number"]

    assert lines["FR"] == lines["FS"] == ["Consumidor final"]
    assert lines["FT"] == []
    for kind in ("NC", "ND"):
        assert f"Referente a {number}: Artigo devolvido" in lines[kind]
    assert TRAINING in lines["practice"]
    assert [line for line in lines["exempt"] if line.startswith("M07 - Isento")]


def test_a_cancelled_document_says_so_from_then_on(till: Till) -> None:
    sold, other = (till.sells(words.receipt()) for _ in range(2))
    before = printed(till, sold)

    till.sells(words.cancellation(sold["id"]))

    assert printed(till, sold) == [*before, "ANULADO"]
    assert "ANULADO" not in printed(till, other)


@pytest.mark.parametrize("is_training", [True, False])
def test_practice_is_marked_where_no_law_says_how(premises: Premises, is_training: bool) -> None:
    till = premises.unit("Bar Roma").opens_shop(
        words.italian(), code="00184", city="Roma", country="IT"
    )
    coffee = words.line("Espresso", "1.22", percentage="22", quantity="1")
    details = {**words.BY, "training": is_training}

    sold = till.sells(words.receipt(coffee, details=details))

    assert printed(till, sold) == (["TRAINING"] if is_training else [])
