"""`fiscus journal` as an operator meets it: what is handed out, and keys that have successors."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from fiscus.commands.tests.command_line import Installation, fiscus
from fiscus.commands.tests.places import place_of
from fiscus.store.connect import reading
from fiscus.store.log_schema import CHECKPOINT
from fiscus.store.schema import ENTRY
from tests.support import words
from tests.support.premises import Model, Premises, opened


def keys(installation: Installation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = installation.asked("journal", "keys")
    return found


def verified(installation: Installation, *more: str) -> dict[str, Any]:
    """The report, whatever it says."""
    report: dict[str, Any] = json.loads(installation.told("verify", "--json", *more).out)
    return report


def test_the_fingerprint_is_the_one_that_was_printed_at_the_beginning(
    installation: Installation,
) -> None:
    first = installation.first()

    assert installation.run("journal", "fingerprint").strip() == first["fingerprint"]


def test_keys_are_listed_with_what_each_signs(installation: Installation) -> None:
    first = installation.first()
    found = keys(installation)

    [root] = [one for one in found if one["purpose"] == "root"]
    assert first["fingerprint"] == f"sha256:{root['sha256']}"
    assert sorted(one["purpose"] for one in found) == [
        "log",
        "organization",
        "organization",
        "package",
        "root",
    ]
    assert first["organization_id"] in {one["of"] for one in found}
    assert {(one["first"], one["reason"]) for one in found} == {(1, "first")}
    assert root["id"] in installation.run("journal", "keys")


def test_a_checkpoint_covers_everything_and_is_good_for_the_next_verification(
    installation: Installation,
) -> None:
    installation.first()
    note = installation.run("journal", "checkpoint")
    installation.run("journal", "checkpoint", "--out", "kept.txt")

    assert (installation.folder / "kept.txt").read_text() == note
    report = verified(installation)
    assert int(note.splitlines()[1]) == report["entries"]
    kept = str(installation.folder / "kept.txt")
    assert verified(installation, "--against", kept)["findings"] == []


def test_the_proof_of_a_record_is_a_text_of_the_format(day: Premises) -> None:
    with reading(day.services.engine) as tx:
        record = tx.scalar(select(func.min(ENTRY.c.id)).where(ENTRY.c.kind == "document@1"))
        size = tx.scalar(select(func.max(CHECKPOINT.c.size)))
    told = fiscus("journal", "proof", str(record), **place_of(day))
    version, index, *_ = told.out.splitlines()

    assert told.code == 0
    assert version == "c2sp.org/tlog-proof@v1"
    assert 0 <= int(index.removeprefix("index ")) < (size or 0)
    assert f"/journal/1\n{size}\n" in told.out


@pytest.mark.parametrize("is_lost", [False, True], ids=["rotated", "lost"])
def test_every_chain_goes_on_with_a_new_key_and_the_old_fingerprint_leads_there(
    model: Model, tmp_path: Path, is_lost: bool
) -> None:
    with opened(model, tmp_path / "data") as premises:
        till = premises.unit().opens_shop()
        till.sells(words.receipt())
        place = place_of(premises)
        fingerprint = fiscus("journal", "fingerprint", **place).out.strip()
        chains = [till.system, till.organization, "package", "root"]
        lost = ("--lost",) if is_lost else ()
        done = [fiscus("journal", "rotate", one, *lost, **place) for one in chains]
        till.sells(words.receipt(number="2"))
        after = json.loads(fiscus("journal", "keys", "--json", **place).out)
        report = json.loads(fiscus("verify", "--json", "--root", fingerprint, **place).out)

    assert [one.code for one in done] == [0] * 4, done
    new = [one for one in after if one["reason"] != "first"]
    assert [one["purpose"] for one in new] == ["register", "organization", "package", "root"]
    assert {one["reason"] for one in new} == {"lost" if is_lost else "rotated"}
    assert all(one["by"].startswith("operator:") for one in new)
    for told, key in zip(done, new, strict=True):
        assert key["id"] in told.error
    assert f"sha256:{new[-1]['sha256']}" in done[-1].error
    assert new[0]["first"] == 3
    if is_lost:
        # From a lost root key nothing leads to the next one.
        assert {one["code"] for one in report["findings"]} <= {"VERIFY-ROOT-01"}
        assert any("lost" in note for note in report["notes"])
    else:
        assert report["findings"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rotate", "nobody"), "CLI-JOURNAL-02"),
        (("proof", "nobody"), "LOG-ENTRY-01"),
    ],
)
def test_what_is_not_there_is_one_clear_word(
    installation: Installation, arguments: tuple[str, ...], said: str
) -> None:
    installation.first()
    before = keys(installation)

    assert said in installation.run("journal", *arguments, code=1)
    assert keys(installation) == before
