import json

import pytest

from fiscus.journal.tests.judging import body_of, change, codes, entry, judged
from fiscus.journal.tests.small_journal import (
    SmallJournal,
    a_journal,
    an_identity,
    link_of,
)


@pytest.mark.parametrize("sequence", [1, 2, 50, 99])
def test_a_removed_record_is_named(sequence: int) -> None:
    journal = a_journal(300)
    journal.entries.remove(entry(journal, "till-b", sequence))

    first = judged(journal).findings[0]

    assert (first.code, first.register, first.sequence) == (
        "VERIFY-SEQUENCE-01",
        "till-b",
        sequence,
    )


def test_one_removed_intent_is_one_finding() -> None:
    journal = a_journal(300)
    journal.entries.remove(entry(journal, "till-b", 51))

    assert codes(judged(journal)) == {"VERIFY-SEQUENCE-01"}


def test_several_removed_records_are_named_as_one_gap() -> None:
    journal = a_journal(300)
    for sequence in (40, 41, 42):
        journal.entries.remove(entry(journal, "till-b", sequence))

    report = judged(journal)

    assert report.findings[0].text.endswith("sequence 40 to 42")
    assert codes(report) == {"VERIFY-SEQUENCE-01", "VERIFY-SERIES-01"}


def test_a_duplicated_record_is_named() -> None:
    journal = a_journal(60)
    journal.entries.append(dict(entry(journal, "till-b", 10)))

    [finding] = judged(journal).findings

    assert (finding.code, finding.record) == ("VERIFY-SEQUENCE-02", "till-b-000010")


@pytest.mark.parametrize("place", [("till-b", 21), ("till-b", 5), ("till-c", 7), ("till-a", 99)])
def test_a_record_copied_to_another_place_is_named(place: tuple[str, int]) -> None:
    journal = a_journal(60)
    register, sequence = place
    copy = entry(journal, "till-b", 10) | {"register": register, "sequence": sequence}
    journal.entries.append(copy)

    report = judged(journal)

    assert {finding.record for finding in report.findings} == {"till-b-000010"}
    assert codes(report) >= {"VERIFY-COPY-01", "VERIFY-SEQUENCE-02"}


def test_swapped_records_are_named() -> None:
    journal = a_journal(60)
    one, other = entry(journal, "till-b", 10), entry(journal, "till-b", 11)
    one["sequence"], other["sequence"] = 11, 10

    report = judged(journal)

    assert [finding.record for finding in report.findings] == ["till-b-000010", "till-b-000011"]
    assert codes(report) == {"VERIFY-COPY-01"}


def test_records_swapped_with_all_but_their_places_are_named() -> None:
    journal = a_journal(60)
    one, other = entry(journal, "till-a", 8), entry(journal, "till-b", 8)
    for column in ("body", "signature", "kind", "link"):
        one[column], other[column] = other[column], one[column]

    report = judged(journal)

    assert {finding.sequence for finding in report.findings} == {8}
    assert {finding.register for finding in report.findings} == {"till-a", "till-b"}


def test_a_history_rewritten_with_right_hashes_but_without_the_key_is_found() -> None:
    journal = a_journal(60, checkpoints=0)
    forger = an_identity("forger", 77)
    previous = entry(journal, "till-b", 9)["link"]
    for sequence in range(10, 21):
        row = entry(journal, "till-b", sequence)
        body = body_of(row) | {"previous": previous}
        if sequence == 10:
            body["at"] = row["at"].replace("2026", "2027")
        row.update(journal.row(row["kind"], body, by=forger))
        previous = row["link"]

    report = judged(journal)

    assert [finding.sequence for finding in report.findings] == list(range(10, 21))
    assert codes(report) == {"VERIFY-SIGNATURE-01"}


def test_a_changed_body_with_a_right_link_is_one_record_not_two() -> None:
    journal = a_journal(60, checkpoints=0)
    row = entry(journal, "till-b", 10)
    row["body"] = row["body"].replace(b'"tax"', b'"TAX"')
    row["taxpayer"] = "TAX"
    row["link"] = link_of(body_of(row)["previous"], 10, row["kind"], row["body"])

    [finding] = judged(journal).findings

    assert (finding.code, finding.record) == ("VERIFY-SIGNATURE-01", "till-b-000010")


def test_a_body_that_says_a_member_twice_is_refused() -> None:
    journal = a_journal(12)
    row = entry(journal, "till-a", 2)
    stored = row["body"][:-1] + b',"id":"till-a-000002"}'
    identity = journal.identities["till-a"]
    row["body"] = stored
    row["signature"] = identity.jws("fiscus-entry+json", stored).split(".")[2]

    assert codes(judged(journal)) == {"VERIFY-BODY-01"}


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        (b"\xff\xfe", "VERIFY-BODY-01"),
        (b"[" * 100_000, "VERIFY-BODY-01"),
        (b'{"n":' + b"9" * 5000 + b"}", "VERIFY-BODY-01"),
        (b'{"n":NaN}', "VERIFY-BODY-01"),
        (b"[]", "VERIFY-BODY-02"),
        (b"{}", "VERIFY-BODY-02"),
        (None, "VERIFY-BODY-01"),
    ],
)
def test_a_body_that_is_no_entry_is_one_finding(stored: bytes | None, code: str) -> None:
    journal = a_journal(12, checkpoints=0)
    entry(journal, "till-a", 2)["body"] = stored

    [finding] = judged(journal).findings

    assert (finding.code, finding.record) == (code, "till-a-000002")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "half \ud800 character"),
        ("sequence", True),
        ("sequence", 2**70),
        ("previous", "A" * 64),
        ("at", "2026-05-04T08:15:01"),
        ("place", {}),
        ("numbered", {"series": "fs", "number": 0}),
        ("seal", "none"),
        ("intent", 5),
    ],
)
def test_a_body_of_a_wrong_form_is_refused(member: str, value: object) -> None:
    journal = a_journal(12, checkpoints=0)
    row = entry(journal, "till-c", 4)
    row["body"] = json.dumps(body_of(row) | {member: value}).encode()

    [finding] = judged(journal).findings

    assert finding.code == "VERIFY-BODY-02"
    assert finding.text.endswith(member)


def test_an_older_time_than_the_entry_before_is_found() -> None:
    journal = a_journal(60, checkpoints=0)
    row = entry(journal, "till-b", 10)
    change(journal, row, at="2026-05-04T08:00:00Z")

    [finding] = judged(journal).findings

    assert (finding.code, finding.sequence) == ("VERIFY-TIME-01", 10)


def test_times_are_compared_as_instants_not_as_text() -> None:
    journal = SmallJournal()
    journal.append("till", "intent@1", at="2026-05-04T08:00:00Z")
    journal.append("till", "intent@1", at="2026-05-04T08:00:00.5Z")
    journal.append("till", "intent@1", at="2026-05-04T06:00:01-02:00")

    assert judged(journal).is_good


def test_an_id_used_twice_is_found() -> None:
    journal = a_journal(60, checkpoints=0)
    change(journal, entry(journal, "till-b", 11), id="till-a-000003")

    report = judged(journal)

    assert [(one.code, one.register) for one in report.findings] == [("VERIFY-ID-01", "till-b")]


def test_an_intent_concluded_twice_is_found_but_a_refusal_concludes_nothing() -> None:
    journal = a_journal(24, checkpoints=0)
    refused = next(row for row in journal.entries if row["kind"] == "refusal@1")
    journal.append(refused["register"], "document@1", intent=refused["intent"])
    assert judged(journal).is_good

    again = journal.append(refused["register"], "void@1", intent=refused["intent"])

    [finding] = judged(journal).findings
    assert (finding.code, finding.record) == ("VERIFY-INTENT-01", again["id"])


@pytest.mark.parametrize("kind", ["outage@1", "restored@1", "exchanged@1"])
def test_the_protocol_of_devices_concludes_nothing(kind: str) -> None:
    journal = a_journal(24, checkpoints=0)
    done = next(row for row in journal.entries if row["kind"] == "document@1")
    journal.append(done["register"], kind, intent=done["intent"])

    assert judged(journal).is_good


def test_a_closing_concludes_its_intention() -> None:
    journal = a_journal(24, checkpoints=0)
    done = next(row for row in journal.entries if row["kind"] == "document@1")
    again = journal.append(done["register"], "closing@1", intent=done["intent"])

    [finding] = judged(journal).findings
    assert (finding.code, finding.record) == ("VERIFY-INTENT-01", again["id"])


@pytest.mark.parametrize(
    ("number", "before", "code"),
    [
        (3, "one-000002", "VERIFY-SERIES-02"),
        (9, "two-000001", "VERIFY-SERIES-01"),
        (4, "one-000001", "VERIFY-SERIES-03"),
        (4, None, "VERIFY-SERIES-03"),
    ],
)
def test_a_wrong_place_in_a_series_is_found(number: int, before: str | None, code: str) -> None:
    journal = SmallJournal()
    for register in ("one", "one", "two", "two"):
        last = journal.append(register, "document@1", series="fs")
    numbered = {"series": "fs", "number": number}
    change(journal, last, numbered=numbered | ({"previous": before} if before else {}))

    report = judged(journal)

    assert [(one.code, one.record) for one in report.findings] == [(code, "two-000002")]


def test_a_first_number_that_names_one_before_is_found() -> None:
    journal = SmallJournal()
    only = journal.append("one", "document@1", series="fs")
    change(journal, only, numbered={"series": "fs", "number": 1, "previous": "one-000000"})

    assert codes(judged(journal)) == {"VERIFY-SERIES-03"}


def test_a_register_without_a_certificate_is_said_once() -> None:
    journal = a_journal(60)
    del journal.identities["till-b"]

    [finding] = judged(journal).findings

    assert (finding.code, finding.register) == ("VERIFY-KEY-01", "till-b")


def test_the_signature_of_another_register_is_not_good_enough() -> None:
    journal = a_journal(12, checkpoints=0)
    row = entry(journal, "till-a", 3)
    row.update(journal.row(row["kind"], body_of(row), by=journal.identities["till-b"]))

    assert codes(judged(journal)) == {"VERIFY-SIGNATURE-01"}
