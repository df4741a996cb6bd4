from fiscus.journal.tests.small_journal import SmallJournal
from fiscus.journal.tests.small_shop import (
    LOCATION,
    ORGANIZATION,
    REGISTERS,
    SERIES,
    TAXPAYER,
    a_journal,
    a_series,
    sell,
)
from fiscus.journal.verify.tests.judging import body_of, change, codes, entry, judged


def relying(journal: SmallJournal, **links: str) -> set[str]:
    """What is found if the last document relies on other entries."""
    row = entry(journal, "document@1", -1)
    change(journal, row, relies=body_of(row)["relies"] | links)
    return codes(judged(journal))


def test_a_link_of_no_entry_is_found() -> None:
    assert relying(a_journal(50, checkpoints=0), taxpayer="0" * 64) == {"VERIFY-RELIES-02"}


def test_a_link_of_another_kind_or_thing_is_found() -> None:
    journal = a_journal(50, checkpoints=0)
    location = journal.links[f"location {LOCATION}"]

    assert relying(a_journal(50, checkpoints=0), taxpayer=location) == {"VERIFY-RELIES-03"}
    assert relying(journal, location=journal.links[f"taxpayer {TAXPAYER}"]) == {"VERIFY-RELIES-03"}


def test_other_names_must_be_there_too() -> None:
    assert relying(a_journal(50, checkpoints=0), other="0" * 64) == {"VERIFY-RELIES-02"}
    journal = a_journal(50, checkpoints=0)
    assert relying(journal, other=journal.links[f"taxpayer {TAXPAYER}"]) == set()


def test_a_series_that_was_changed_meanwhile_is_still_a_ground() -> None:
    journal = a_journal(50, checkpoints=0)
    old = journal.links[f"series {SERIES}"]
    journal.state(ORGANIZATION, "series@1", ("series", a_series(SERIES, state="closing")))

    journal.links[f"series {SERIES}"] = old
    sell(journal, REGISTERS[0])
    assert judged(journal).is_good


def test_the_record_that_a_correction_names_is_the_one_it_relies_on() -> None:
    journal = a_journal(60)
    row = entry(journal, "void@1")
    other = entry(journal, "document@1", 2)
    change(journal, row, relies=body_of(row)["relies"] | {"refers": other["link"]})

    assert "VERIFY-RELIES-03" in codes(judged(journal))
