"""B-05, the second opponent: he makes all hashes anew, and has none of the keys."""

import base64
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from fiscus.journal.verify import VerifyReport
from tests.storms.forging import Body, Forgery, OwnKey, vouched
from tests.storms.sample_journal import Sample, kept
from tests.storms.tampering import Attacker, codes, says

pytestmark = pytest.mark.storm

UNSIGNED = {"VERIFY-SIGNATURE-01", "VERIFY-SIGNATURE-02"}


def a_document(forgery: Forgery, kind: str = "document@1", is_sale: bool = True) -> dict[str, Any]:
    """One in the middle of a chain; with a number and lines, if it is a document."""
    found = [
        row
        for row in forgery.entries
        if row["kind"] == kind and (not is_sale or row["said"]["draft"].get("lines"))
    ]
    return found[len(found) // 2]


def blamed(report: VerifyReport, chain: str, sequence: int) -> set[str]:
    return {
        one.code
        for one in report.findings
        if one.entry is not None and (one.entry.chain, one.entry.sequence) == (chain, sequence)
    }


def test_nothing_changed_is_good(attacker: Attacker) -> None:
    """What the forger makes anew is right: else these tests would show nothing."""
    with attacker.attack():
        Forgery(attacker).write()
        report = attacker.judged()
        assert report.is_good, report.findings


def amount(body: Body) -> None:
    line = body["draft"]["lines"][0]
    line["vat"]["exclusive"] = "0.01"


def renumber(body: Body) -> None:
    body["numbered"]["number"] += 1


def later(body: Body) -> None:
    body["seal"]["day"] = "2026-01-01"


def unclaimed(body: Body) -> None:
    del body["claim"]


@pytest.mark.parametrize("change", [amount, renumber, later, unclaimed])
def test_a_changed_document_is_named(attacker: Attacker, change: Any) -> None:
    with attacker.attack():
        forgery = Forgery(attacker)
        row = a_document(forgery)
        forgery.change(row["id"], change)
        forgery.write()
        report = attacker.judged()
        first = next(one for one in report.findings if one.entry is not None)
        assert first.entry is not None
        assert first.entry.id == row["id"]
        assert first.code in UNSIGNED


def test_a_void_that_becomes_an_abort_is_named(attacker: Attacker) -> None:
    with attacker.attack():
        forgery = Forgery(attacker)
        row = a_document(forgery, "void@1", is_sale=False)

        def abort(body: Body) -> None:
            body["kind"] = "abort@1"
            del body["refers"]
            body["relies"].pop("refers", None)

        forgery.change(row["id"], abort)
        row["kind"], row["refers"] = "abort@1", None
        forgery.write()
        assert blamed(attacker.judged(), row["chain"], row["sequence"]) & UNSIGNED


def test_two_documents_that_change_places_are_named(attacker: Attacker) -> None:
    with attacker.attack():
        forgery = Forgery(attacker)
        row = a_document(forgery)
        chain = forgery.chain(row["chain"])
        other = next(one for one in chain if one["sequence"] == row["sequence"] + 1)
        for one, sequence in ((row, other["sequence"]), (other, row["sequence"])):
            one["sequence"] = one["said"]["sequence"] = sequence
            one["touched"] = True
        forgery.entries.sort(key=lambda one: (one["chain"], one["sequence"]))
        forgery.write()
        report = attacker.judged()
        for one in (row, other):
            assert blamed(report, one["chain"], one["sequence"]) & UNSIGNED


def test_a_removed_document_is_named_by_the_one_after_it(attacker: Attacker) -> None:
    with attacker.attack():
        forgery = Forgery(attacker)
        row = a_document(forgery)
        sequence = row["sequence"]
        forgery.entries.remove(row)
        forgery.renumbered(row["chain"])
        forgery.write()
        assert blamed(attacker.judged(), row["chain"], sequence) & UNSIGNED


def test_an_inserted_document_is_named(attacker: Attacker) -> None:
    with attacker.attack():
        forgery = Forgery(attacker)
        row = a_document(forgery)
        made = inserted(forgery, row)
        forgery.renumbered(row["chain"])
        forgery.write()
        assert blamed(attacker.judged(), row["chain"], made["sequence"]) & UNSIGNED


def inserted(forgery: Forgery, row: dict[str, Any]) -> dict[str, Any]:
    """A copy behind an entry, with an id of its own."""
    made = copy.deepcopy(row)
    made["id"] = made["said"]["id"] = row["id"][:-4] + "0000"
    made["was"], made["touched"] = "", True
    place = forgery.entries.index(row) + 1
    forgery.entries.insert(place, made)
    made["sequence"] += 0.5
    return made


@pytest.mark.parametrize("reason", ["rotated", "lost", "first"])
def test_a_key_of_his_own_counts_for_nothing(attacker: Attacker, reason: str) -> None:
    """He appends a `key@1` for a register's chain to its organization's, and signs from there on:
    but that entry too would need the organization's key."""
    with attacker.attack():
        forgery, own = Forgery(attacker), OwnKey()
        row = a_document(forgery)
        made = key_of_his_own(forgery, row, own, reason)
        forgery.change(row["id"], amount)
        forgery.write()
        for one in forgery.chain(row["chain"]):
            if one["sequence"] >= row["sequence"]:
                stored = attacker.rows("entry", "id = :id", id=one["id"])[0]
                signature = own.entry(stored["body"])
                attacker.put("entry", stored, key=own.id, signature=signature)
        report = attacker.judged()
        assert blamed(report, made["chain"], made["sequence"]) & UNSIGNED, says(report)
        assert not report.is_good


def key_of_his_own(
    forgery: Forgery, row: dict[str, Any], own: OwnKey, reason: str
) -> dict[str, Any]:
    """Put at the end of the organization's chain, as the product would write it."""
    register = row["chain"]
    known = [
        one
        for one in forgery.entries
        if one["kind"] == "key@1" and one["said"]["key"]["of"] == register
    ]
    before = known[-1]
    made = copy.deepcopy(before)
    home = forgery.chain(before["chain"])
    key = made["said"]["key"]
    key["replaces"], key["sha256"] = key["sha256"], own.sha256
    key["public_key"] = base64.b64encode(own.der).decode()
    key["first"], key["reason"] = row["sequence"], reason
    key.pop("signature", None)
    if reason == "rotated":
        key["signature"] = own.sign(vouched(key))
    made["id"] = made["said"]["id"] = before["id"][:-4] + "0001"
    made["at"] = made["said"]["at"] = home[-1]["at"]
    made["sequence"] = made["said"]["sequence"] = home[-1]["sequence"] + 1
    made["was"], made["touched"] = "", True
    made["said"]["at"] = home[-1]["said"]["at"]
    made["key"], made["signature"] = own.id, own.sign(b"anything")
    forgery.entries.append(made)
    return made


def test_a_log_with_a_key_of_his_own_is_named(attacker: Attacker) -> None:
    """The tail is cut; leaves, nodes and notes are made anew without it."""
    with attacker.attack():
        forgery = Forgery(attacker)
        gone = a_document(forgery)
        chain = forgery.chain(gone["chain"])
        for row in chain:
            if row["sequence"] >= gone["sequence"]:
                forgery.entries.remove(row)
        forgery.write()
        found = codes(attacker.judged())
        assert "VERIFY-CHECKPOINT-06" in found


def test_a_whole_journal_under_a_root_of_his_own_is_consistent_and_no_more(
    attacker: Attacker, sample: Sample, tmp_path: Path
) -> None:
    """Nothing in the database contradicts it: verify says what it would need, and finds it with
    the fingerprint that somebody noted, or with an older note."""
    with attacker.attack():
        forgery = Forgery(attacker, is_signed=True)
        forgery.change(a_document(forgery)["id"], later)
        forgery.write()
        report = attacker.judged()
        needed = " ".join(report.needed)
        assert report.findings == (), says(report)
        assert "--root" in needed
        assert "VERIFY-ROOT-01" in codes(attacker.judged(root=sample.fingerprint))
        note = kept(tmp_path, "note", sample.older_note)
        assert codes(attacker.judged(against=note)) >= {"VERIFY-AGAINST-01"}


def test_the_bodies_are_json(attacker: Attacker) -> None:
    assert all(json.loads(row["body"])["id"] == row["id"] for row in attacker.rows("entry"))
