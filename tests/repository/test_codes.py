"""Codes are promises: unique, well-formed, never reused, never forgotten."""

from collections import Counter

from docs import generate


def locked() -> tuple[set[str], set[str]]:
    """Codes in use and retired codes, as the lock has them."""
    lines = generate.LOCK.read_text(encoding="utf-8").splitlines()
    retired = {line for line in lines if line.endswith(generate.RETIRED)}
    return set(lines) - retired, {line.removesuffix(generate.RETIRED) for line in retired}


def test_the_house_has_codes() -> None:
    assert {"CHANNEL-FIND-01", "REGIME-FIND-01"} <= {code.id for code in generate.codes()}


def test_a_code_is_defined_once() -> None:
    counted = Counter(code.id for code in generate.codes())

    assert [id_ for id_, times in counted.items() if times > 1] == []


def test_a_code_says_place_noun_and_number() -> None:
    ids = [code.id for code in generate.codes()]

    assert [id_ for id_ in ids if not generate.WELL_FORMED.fullmatch(id_)] == []


def test_a_code_has_a_sentence_without_end_mark_or_values() -> None:
    wrong = [
        code.id
        for code in generate.codes()
        if not code.text.strip() or code.text.endswith(".") or "{" in code.text
    ]

    assert wrong == []


def test_every_code_is_in_the_lock() -> None:
    in_use, _ = locked()

    missing = {code.id for code in generate.codes()} - in_use

    assert not missing, f"run `make docs`: {sorted(missing)}"


def test_a_retired_code_never_comes_back() -> None:
    _, retired = locked()

    assert {code.id for code in generate.codes()} & retired == set()


def test_a_code_that_left_the_code_stays_in_the_lock() -> None:
    in_use, _ = locked()

    gone = in_use - {code.id for code in generate.codes()}

    assert not gone, f"run `make docs`, it marks them as retired: {sorted(gone)}"


def test_rules_of_law_carry_defined_codes() -> None:
    defined = {code.id for code in generate.codes()}

    assert set(generate.laws()) <= defined
