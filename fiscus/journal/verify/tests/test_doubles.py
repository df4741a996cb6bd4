"""What the law has only once, also when everything is signed by the right keys."""

from fiscus.journal.tests.small_journal import SmallJournal
from fiscus.journal.tests.small_shop import (
    ADOPTED,
    ORGANIZATION,
    REGISTERS,
    SERIES,
    TRAINING,
    a_journal,
    adopt,
    close,
    equip,
    founded,
    sell,
)
from fiscus.journal.verify.tests.judging import body_of, change, codes, judged


def a_shop() -> SmallJournal:
    journal = founded()
    equip(journal)
    return journal


def test_two_entries_with_one_legal_number_are_both_named() -> None:
    journal = a_shop()
    first, second = sell(journal, REGISTERS[0]), sell(journal, REGISTERS[1], TRAINING)
    same = body_of(first)
    taken = body_of(second)["numbered"] | {"name": "loja"}
    change(journal, second, numbered=taken, seal=same["seal"])
    report = judged(journal)

    assert {"VERIFY-DOUBLE-01", "VERIFY-DOUBLE-02"} <= codes(report)
    [finding] = [one for one in report.findings if one.code == "VERIFY-DOUBLE-01"]
    assert finding.entry is not None
    ids = {finding.entry.id, first["id"] if first["id"] in finding.text else second["id"]}
    assert ids == {first["id"], second["id"]}


def test_a_number_given_twice_left_out_or_without_the_record_before_is_found() -> None:
    for numbered, code in (
        ({"number": 1}, "VERIFY-SERIES-02"),
        ({"number": 9}, "VERIFY-SERIES-01"),
        ({"previous": "x"}, "VERIFY-SERIES-03"),
    ):
        journal = a_shop()
        sell(journal, REGISTERS[0])
        row = sell(journal, REGISTERS[0])
        change(journal, row, numbered=body_of(row)["numbered"] | numbered)
        assert code in codes(judged(journal)), numbered


def test_an_intention_is_concluded_once() -> None:
    journal = a_shop()
    first, second = sell(journal, REGISTERS[0]), sell(journal, REGISTERS[0])
    change(journal, second, intent=body_of(first)["intent"])

    assert "VERIFY-INTENT-01" in codes(judged(journal))


def test_z_numbers_and_ranges_follow_each_other() -> None:
    for closing, code in (
        ({"number": 1}, "VERIFY-DOUBLE-03"),
        ({"number": 3}, "VERIFY-CLOSING-01"),
        ({"first_sequence": 1}, "VERIFY-CLOSING-02"),
        ({"last_sequence": 99}, "VERIFY-CLOSING-02"),
        ({"documents": 7}, "VERIFY-CLOSING-04"),
        ({"day": "2026-05-05"}, "VERIFY-CLOSING-04"),
    ):
        journal = a_shop()
        close(journal, REGISTERS[0])
        row = close(journal, REGISTERS[0])
        change(journal, row, closing=body_of(row)["closing"] | closing)
        assert code in codes(judged(journal)), closing


def test_a_series_that_was_counted_elsewhere_goes_on_there_and_is_told() -> None:
    journal = a_shop()
    adopt(journal, 41)
    assert judged(journal).findings == ()
    sell(journal, REGISTERS[0], ADOPTED)
    report = judged(journal)

    assert report.findings == ()
    [note] = report.notes
    assert note.startswith("series FT VELHA")
    assert "was taken over after number 41" in note


def test_numbers_of_one_series_at_two_registers_are_one_row() -> None:
    journal = a_shop()
    for register in (*REGISTERS, *REGISTERS):
        sell(journal, register, SERIES)

    assert judged(journal).findings == ()
    assert a_journal(40).entries


def test_a_row_that_was_removed_by_an_entry_is_gone() -> None:
    journal = a_shop()
    key = journal.tables["fitting"][0]["device"]
    journal.remove(ORGANIZATION, "fitting@1", "fitting", key)
    assert judged(journal).findings == ()

    tables = journal.rows()
    tables["fitting"] = a_shop().rows()["fitting"]
    assert codes(judged(tables)) == {"VERIFY-ROWS-03"}
