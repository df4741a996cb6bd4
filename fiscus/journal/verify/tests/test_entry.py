from collections.abc import Callable
from typing import Any

import pytest

from fiscus.journal.tests.small_journal import INSTALLATION, SmallJournal
from fiscus.journal.tests.small_shop import ORGANIZATION, REGISTERS, a_journal, erase
from fiscus.journal.tests.small_tables import Row
from fiscus.journal.verify.kinds import EVERY, KINDS
from fiscus.journal.verify.tests.judging import body_of, change, codes, entry, judged, spoiled


@pytest.fixture
def journal() -> SmallJournal:
    return a_journal(60)


def after(of: str, /, **members: Any) -> Callable[[SmallJournal], set[str]]:
    """What is found after an entry was written with other members, by the right key."""

    def judge(journal: SmallJournal) -> set[str]:
        change(journal, entry(journal, of), **members)
        return codes(judged(journal))

    return judge


def test_every_kind_is_in_the_journal_of_the_tests() -> None:
    kinds = {row["kind"] for row in a_journal(60).entries}

    assert set(KINDS) - kinds == {"retention@1"}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"retention@1"}))
def test_a_missing_and_a_surplus_member_are_found_in_every_kind(kind: str) -> None:
    journal = a_journal(60)
    row = entry(journal, kind, -1)
    for name in sorted(KINDS[kind].required - EVERY):
        again = a_journal(60)
        change(again, entry(again, kind, -1), without=(name,))
        assert "VERIFY-BODY-02" in codes(judged(again)), name
    change(journal, row, surplus=1)
    assert "VERIFY-BODY-03" in codes(judged(journal))


MEMBERS: list[tuple[str, dict[str, Any], str]] = [
    ("document@1", {"kind": "nonsense@9"}, "VERIFY-KIND-01"),
    ("document@1", {"kind": "export@1"}, "VERIFY-KIND-02"),
    ("intent@1", {"id": "till-1"}, "VERIFY-BODY-02"),
    ("intent@1", {"at": "2026-05-04T08:00:00+00:00"}, "VERIFY-BODY-02"),
    ("intent@1", {"at": "2026-13-04T08:00:00Z"}, "VERIFY-BODY-02"),
    ("intent@1", {"place": {"organization": ORGANIZATION}}, "VERIFY-BODY-02"),
    ("intent@1", {"relies": {"taxpayer": "x"}}, "VERIFY-BODY-02"),
    ("intent@1", {"epoch": 0}, "VERIFY-BODY-02"),
    ("intent@1", {"epoch": True}, "VERIFY-BODY-02"),
    ("document@1", {"claim": "x"}, "VERIFY-BODY-02"),
    ("document@1", {"claim": "0" * 64}, "VERIFY-CLAIM-01"),
    ("document@1", {"rows": [{"table": "taxpayer", "key": "x", "row": None}]}, "VERIFY-ROWS-01"),
    ("document@1", {"rows": [1]}, "VERIFY-BODY-02"),
    ("void@1", {"rows": []}, "VERIFY-ROWS-03"),
    ("closing@1", {"rows": []}, "VERIFY-ROWS-03"),
    ("outage@1", {"at": "2031-05-04T08:00:00Z"}, "VERIFY-TIME-01"),
    ("restored@1", {"refers": "x"}, "VERIFY-OUTAGE-01"),
    ("document@1", {"intent": "x"}, "VERIFY-INTENT-02"),
    ("document@1", {"relies": {}}, "VERIFY-RELIES-01"),
    ("taxpayer@1", {"rows": []}, "VERIFY-ROWS-03"),
    ("location@1", {"rows": []}, "VERIFY-ROWS-03"),
    ("adoption@1", {"adoption": {}}, "VERIFY-SERIES-01"),
]


@pytest.mark.parametrize(("kind", "members", "code"), MEMBERS)
def test_what_is_signed_and_still_wrong_is_found(
    journal: SmallJournal, kind: str, members: dict[str, Any], code: str
) -> None:
    assert code in after(kind, **members)(journal)


def test_numbered_and_seal_come_together(journal: SmallJournal) -> None:
    change(journal, entry(journal, "document@1"), without=("seal",))

    assert "VERIFY-BODY-02" in codes(judged(journal))


def test_an_entry_of_another_organization_is_found(journal: SmallJournal) -> None:
    row = entry(journal, "intent@1")
    place = body_of(row)["place"] | {"organization": INSTALLATION}

    assert "VERIFY-KIND-02" in after("intent@1", place=place)(journal)


def test_erased_bodies_are_counted_if_a_retention_covers_them(journal: SmallJournal) -> None:
    erase(journal, REGISTERS[0], 1, 4)
    report = judged(forget_erased(journal))

    assert report.findings == ()
    assert any(note.startswith("4 bodies are erased by the retention") for note in report.notes)


def forget_erased(journal: SmallJournal) -> dict[str, list[Row]]:
    """The tables as they may be after bodies were erased."""
    tables = journal.rows()
    kept = {row["id"] for row in journal.entries if row["body"]}
    tables["claim"] = [row for row in tables["claim"] if row["entry"] in kept]
    return tables


def test_a_body_that_is_only_gone_is_found(journal: SmallJournal) -> None:
    erase(journal, REGISTERS[0], 2, 3)
    assert "VERIFY-ERASED-01" in spoiled(journal, lambda tables: gone(tables["entry"]))


def gone(rows: list[Row]) -> None:
    row = next(row for row in rows if row["chain"] == REGISTERS[0] and row["sequence"] == 5)
    like = next(row for row in rows if row["digest"])
    names = ("body", "kind", "intent", "refers", "series", "number", "day", "document_type")
    row.update({name: like[name] for name in names}, organization="", taxpayer="", location="")
    row["digest"] = "0" * 64


def test_an_erased_entry_keeps_its_link_and_nothing_else(journal: SmallJournal) -> None:
    erase(journal, REGISTERS[0], 2, 3)

    def of(name: str, value: object) -> set[str]:
        def spoil(tables: dict[str, list[Row]]) -> None:
            next(row for row in tables["entry"] if row["digest"])[name] = value

        return spoiled(journal, spoil)

    assert "VERIFY-LINK-01" in of("digest", "0" * 64)
    assert "VERIFY-ERASED-02" in of("taxpayer", "x")
    assert "VERIFY-BODY-04" in of("encoding", 1)
