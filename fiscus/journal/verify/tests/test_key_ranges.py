import base64
import json
from typing import Any

import pytest

from fiscus.journal.tests.small_journal import INSTALLATION, SmallJournal
from fiscus.journal.tests.small_keys import ORDER, a_key, a_log_key, b64url
from fiscus.journal.tests.small_shop import ORGANIZATION, REGISTERS, a_journal, export, sell
from fiscus.journal.verify.tests.judging import body_of, change, codes, entry, judged


@pytest.fixture
def journal() -> SmallJournal:
    return a_journal(50)


@pytest.mark.parametrize("chain", [REGISTERS[0], ORGANIZATION, INSTALLATION])
def test_a_key_that_the_old_one_vouches_for_goes_on(journal: SmallJournal, chain: str) -> None:
    journal.rotate(chain)
    sell(journal, REGISTERS[0])
    export(journal)
    journal.rotate(chain)
    sell(journal, REGISTERS[0])

    assert judged(journal).findings == ()


def test_a_lost_key_is_named_neither_good_nor_wrong(journal: SmallJournal) -> None:
    journal.rotate(REGISTERS[0], "lost")
    sell(journal, REGISTERS[0])
    report = judged(journal)

    assert report.is_good
    assert any("(lost): no older key vouches for it" in note for note in report.notes)


def test_the_fingerprint_leads_over_rotated_keys_and_not_over_a_lost_one(
    journal: SmallJournal,
) -> None:
    first = body_of(entry(journal, "key@1"))["key"]["sha256"]
    journal.rotate(INSTALLATION)
    second = journal.keys[INSTALLATION].sha256
    assert judged(journal, root=first).is_good
    behind = judged(journal, root=second)
    assert any("signed before sequence" in what for what in behind.unchecked)

    journal.rotate(INSTALLATION, "lost")
    report = judged(journal, root=first)
    assert report.is_good
    assert any("its key was lost" in what for what in report.unchecked)


def last_key(journal: SmallJournal) -> dict[str, Any]:
    said: dict[str, Any] = body_of(entry(journal, "key@1", -1))["key"]
    return said


SPOILED: list[tuple[dict[str, Any], str]] = [
    ({"signature": "A" * 86}, "VERIFY-KEY-04"),
    ({"reason": "lost"}, "VERIFY-KEY-04"),
    ({"reason": "first"}, "VERIFY-KEY-02"),
    ({"reason": "recovered"}, "VERIFY-KEY-05"),
    ({"replaces": "0" * 64}, "VERIFY-KEY-05"),
    ({"sha256": "0" * 64}, "VERIFY-KEY-05"),
    ({"first": 1}, "VERIFY-KEY-02"),
    ({"of": ORGANIZATION}, "VERIFY-KEY-02"),
    ({"public_key": "AAAA"}, "VERIFY-KEY-05"),
]


@pytest.mark.parametrize(("members", "code"), SPOILED)
def test_a_key_whose_members_do_not_fit_is_found(
    journal: SmallJournal, members: dict[str, Any], code: str
) -> None:
    journal.rotate(REGISTERS[0])
    change(journal, entry(journal, "key@1", -1), key=last_key(journal) | members)

    assert code in codes(judged(journal))


def test_the_stored_key_is_the_one_that_is_named(journal: SmallJournal) -> None:
    row = entry(journal, "key@1", -1)
    [said] = body_of(row)["rows"]
    for name in ("public_pem", "serial"):
        other = said | {"row": said["row"] | {name: a_key("x").pem()}}
        change(journal, row, rows=[other])
        assert "VERIFY-KEY-05" in codes(judged(journal)), name


def test_an_organization_with_a_key_has_a_chain(journal: SmallJournal) -> None:
    other = "00000000-0000-4000-8000-000000000000"
    journal.name_key(INSTALLATION, "organization", other, a_key(other))

    assert "VERIFY-SEQUENCE-01" in codes(judged(journal))


def test_a_second_signature_made_out_of_a_good_one_is_found(journal: SmallJournal) -> None:
    tables = journal.rows()
    raw = base64.urlsafe_b64decode(tables["entry"][5]["signature"] + "==")
    s = (ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    tables["entry"][5]["signature"] = b64url(raw[:32] + s)

    assert codes(judged(tables)) == {"VERIFY-SIGNATURE-01"}


@pytest.mark.parametrize(
    ("chain", "purpose", "of"),
    [
        (INSTALLATION, "register", REGISTERS[0]),
        (ORGANIZATION, "organization", REGISTERS[1]),
        (ORGANIZATION, "log", INSTALLATION),
        (INSTALLATION, "package", ORGANIZATION),
        (INSTALLATION, "root", ORGANIZATION),
    ],
)
def test_a_key_in_a_chain_that_cannot_give_it_is_found(
    journal: SmallJournal, chain: str, purpose: str, of: str
) -> None:
    key = a_log_key("x") if purpose == "log" else a_key("x")
    said = {"purpose": purpose, "of": of, "epoch": 1, "first": 1, "sha256": key.sha256}
    said |= {"public_key": base64.b64encode(key.der).decode(), "reason": "first"}
    journal.append(chain, "key@1", by="x", rows=[], key=said)

    assert codes(judged(journal)) & {"VERIFY-KEY-03", "VERIFY-KEY-06"}


def test_a_second_installation_in_the_database_is_found_and_the_fingerprint_decides(
    journal: SmallJournal,
) -> None:
    other = "00000000-0000-4000-8000-000000000000"
    journal.found_chain(other, "installation", "")
    journal.name_key(other, "root", other, journal.keys[other])
    first = next(
        json.loads(row["body"])["key"]["sha256"]
        for row in journal.entries
        if row["chain"] == INSTALLATION
    )

    report = judged(journal, root=first)
    assert "VERIFY-KEY-06" in codes(report)
    assert [
        one.entry.chain for one in report.findings if one.code == "VERIFY-KEY-06" and one.entry
    ] == [other]


def test_entries_signed_by_a_key_of_another_place_are_found(journal: SmallJournal) -> None:
    old = journal.keys[REGISTERS[0]]
    journal.rotate(REGISTERS[0])
    journal.keys[REGISTERS[0]] = old
    sell(journal, REGISTERS[0])

    assert {"VERIFY-SIGNATURE-01", "VERIFY-SIGNATURE-02"} <= codes(judged(journal))
