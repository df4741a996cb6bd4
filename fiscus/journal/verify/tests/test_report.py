"""What the verifier says, and how much of it it keeps."""

from fiscus.journal.verify.codes import CODES
from fiscus.journal.verify.report import (
    FINDINGS_MAX,
    EntryPlace,
    JournalFindings,
    VerifyScope,
    count_of,
    found,
    may_follow,
    printable,
    text_of,
)


def test_findings_beyond_the_maximum_are_counted() -> None:
    findings = JournalFindings()
    findings.extend(found("VERIFY-ID-01") for _ in range(FINDINGS_MAX + 2))

    assert len(findings.in_order()) == FINDINGS_MAX
    assert findings.omitted == 2


def test_the_first_bad_entry_comes_first_and_what_may_follow_from_it_later() -> None:
    findings = JournalFindings()
    later = EntryPlace(chain="a", epoch=1, sequence=9)
    first = EntryPlace(chain="b", epoch=1, sequence=1)
    findings.add(found("VERIFY-ROWS-03", record="label x"))
    findings.add(found("VERIFY-ID-01", entry=later))
    findings.add(found("VERIFY-LINK-01", entry=first))
    findings.add(found("VERIFY-LINK-01", entry=later))

    assert [one.code for one in findings.in_order()] == [
        "VERIFY-LINK-01",
        "VERIFY-LINK-01",
        "VERIFY-ID-01",
        "VERIFY-ROWS-03",
    ]
    assert findings.in_order()[0].entry == later


def test_what_cannot_be_read_comes_before_all_that_may_follow_from_it() -> None:
    findings = JournalFindings()
    here = EntryPlace(chain="a", epoch=1, sequence=9)
    follows = ("VERIFY-PACKAGE-02", "VERIFY-RELIES-02", "VERIFY-SEQUENCE-01", "VERIFY-PACKAGE-05")
    findings.extend(
        found(code, entry=None if "PACKAGE" in code else here)
        for code in (*follows, "VERIFY-SIGNATURE-01", "VERIFY-PACKAGE-01")
    )
    findings.add(found("VERIFY-BODY-02", record="entry without id"))

    assert [one.code for one in findings.in_order()] == [
        "VERIFY-PACKAGE-01",
        "VERIFY-PACKAGE-05",
        "VERIFY-BODY-02",
        "VERIFY-SIGNATURE-01",
        "VERIFY-SEQUENCE-01",
        "VERIFY-RELIES-02",
        "VERIFY-PACKAGE-02",
    ]
    assert [code for code in CODES if code in follows and may_follow(code)] == sorted(
        follows, key=list(CODES).index
    )
    assert not may_follow("VERIFY-SIGNATURE-01")
    assert not may_follow("VERIFY-PACKAGE-01")


def test_consequences_do_not_crowd_out_their_cause() -> None:
    findings = JournalFindings()
    findings.extend(found("VERIFY-ID-01") for _ in range(FINDINGS_MAX))
    findings.add(found("VERIFY-PACKAGE-02"))
    findings.add(found("VERIFY-PACKAGE-01", record="entries.jsonl"))

    assert findings.in_order()[0].code == "VERIFY-PACKAGE-01"
    assert (len(findings.in_order()), findings.omitted) == (FINDINGS_MAX, 2)


def test_a_place_names_chain_epoch_sequence_kind_and_id() -> None:
    place = EntryPlace(chain="c", epoch=2, sequence=3, id="i", kind="void@1")

    assert place.words() == "chain c, epoch 2, sequence 3, void@1 i"
    assert EntryPlace(chain="c", epoch=1, sequence=3).words() == "chain c, sequence 3"


def test_what_is_damaged_or_long_is_shown_with_escapes_and_cut() -> None:
    assert printable("a\udcffb\x1b[31m") == "a\\udcffb\\x1b[31m"
    assert len(printable("\x00" * 10_000)) <= 501
    assert len(text_of("x" * 10_000)) == 501
    assert text_of(7) == ""


def test_only_what_counts_is_a_count() -> None:
    assert [count_of(one) for one in (1, 2**63 - 1)] == [1, 2**63 - 1]
    assert [count_of(one) for one in (0, -1, True, 2**63, 1.0, "1", None)] == [0] * 7


def test_notes_are_bounded_too() -> None:
    scope = VerifyScope()
    for _ in range(FINDINGS_MAX + 1):
        scope.tell("x")

    assert len(scope.notes) == FINDINGS_MAX
