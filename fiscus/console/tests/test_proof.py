"""The page of the proof: what it shows, to whom, and what is taken along from it."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from fiscus.console import proof_facts
from fiscus.console.tests.conftest import Browser
from fiscus.console.tests.people import operator_of
from fiscus.journal import checkpoint, encode
from fiscus.journal.verify.policy import read_policy
from fiscus.model.kinds import StatementKind
from fiscus.registry import log
from fiscus.registry.roles import Role
from fiscus.registry.selfcheck import SelfCheck
from fiscus.registry.tests.intruder import changes
from fiscus.registry.wholecheck import COMMAND
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY
from fiscus.transparency import notes
from fiscus.witness import folder
from fiscus.witness.memory import WitnessMemory
from fiscus.witness.server import application
from tests.support import words
from tests.support.premises import MONDAY, Model, Premises, opened
from tests.support.till import Till
from tests.support.witnesses import PREFIX, SecondHand, WitnessPremises, listening

PROOF = "/console/proof"
LATER = int(MONDAY.timestamp())


def signed(premises: Premises) -> int:
    """A checkpoint over all there is; its size."""
    services = premises.services
    log.sign(services.engine, services.vault, services.clock(), services.issuing.heads)
    with reading(services.engine) as tx:
        newest = checkpoint.newest(tx)
    assert newest is not None
    return newest.size


def section(page: str, heading: str) -> str:
    return page.partition(f">{heading}</h2>")[2].partition("<h2")[0]


def test_the_newest_checkpoint_and_what_it_covers(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    size = signed(console.premises)
    page = console.get(PROOF)

    assert page.status_code == 200
    newest = section(page.text, "Newest checkpoint")
    assert f"<dd>{size}</dd>" in newest
    assert console.premises.first.fingerprint in newest
    assert 'data-label="Not yet">0' in section(page.text, "What is covered")
    till.sells(words.receipt(number="2"))
    assert 'data-label="Not yet">0' not in section(console.get(PROOF).text, "What is covered")


def test_the_only_unit_sees_earlier_checkpoints_in_pages(console: Browser, till: Till) -> None:
    sizes = []
    for number in range(1, 29):
        till.sells(words.receipt(number=str(number)))
        sizes.append(signed(console.premises))
    first = section(console.get(PROOF).text, "Earlier checkpoints")
    second = console.get(f"{PROOF}?before={sizes[-26]}").text

    assert f"consistency?old={sizes[-2]}" in first
    assert f"consistency?old={sizes[-26]}" in first
    assert f"consistency?old={sizes[-27]}" not in first
    assert f"{PROOF}?before={sizes[-26]}" in first
    assert f"consistency?old={sizes[-27]}" in second
    assert console.get(f"{PROOF}?before=x").status_code == 200


def test_a_tenant_among_others_learns_no_sizes_but_the_newest(
    console: Browser, stranger: Browser, till: Till
) -> None:
    till.sells(words.receipt())
    old = signed(console.premises)
    console.premises.unit("B")
    till.sells(words.receipt(number="2"))
    new = signed(console.premises)
    operator = operator_of(stranger)
    page, whole = console.get(PROOF).text, operator.get(PROOF).text

    assert "Earlier checkpoints</h2>" not in page
    assert "their sizes tell how much others sell" in page
    assert "the whole journal</th>" not in page
    assert "the whole journal</th>" in whole
    assert f"consistency?old={old}" in whole
    assert console.get(f"{PROOF}/consistency?old=1").status_code == 200
    assert console.get(f"{PROOF}/consistency?old=1&new={new}").status_code == 200
    hidden = console.get(f"{PROOF}/consistency?old=1&new={old}")
    assert (hidden.status_code, "CONSOLE-PROOF-04" in hidden.text) == (404, True)
    assert operator.get(f"{PROOF}/consistency?old=1&new={old}").status_code == 200
    assert console.get(f"{PROOF}/verification").status_code == 403
    assert console.post(f"{PROOF}/verification").status_code == 403
    assert "Verify the whole journal now" not in page


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("old=", "CONSOLE-PROOF-02"),
        ("old=0", "CONSOLE-PROOF-02"),
        ("old=-1", "CONSOLE-PROOF-02"),
        ("old=1&new=99999", "CONSOLE-PROOF-02"),
        ("old=4&new=3", "CONSOLE-PROOF-03"),
    ],
)
def test_sizes_that_are_none_are_refused_and_stay_in_the_form(
    console: Browser, query: str, code: str
) -> None:
    answer = console.get(f"{PROOF}/consistency?{query}")

    assert (answer.status_code, code in answer.text) == (422, True)
    assert f'name="old" type="text" value="{query.partition("=")[2].partition("&")[0]}"' in (
        answer.text
    )


def test_sizes_in_the_wrong_order_are_said_beside_their_fields(console: Browser) -> None:
    signed(console.premises)
    page = console.get(f"{PROOF}/consistency?old=2&new=1").text

    for field in ("old", "new"):
        beside = page.partition(f'id="e-{field}"')[2].partition("</p>")[0]
        assert "the size you go from is larger" in beside
    assert "(old" not in page
    assert 'role="alert"' not in page


def test_what_is_taken_along_is_what_other_programs_read(console: Browser, till: Till) -> None:
    till.sells(words.receipt())
    signed(console.premises)
    key = notes.parse_key(console.get(f"{PROOF}/log.vkey").text.strip())
    note = notes.parse(console.get("/checkpoint").text.encode())
    policy = read_policy(console.get(f"{PROOF}/policy.txt").text)

    assert notes.verified(note, [key])
    assert [one.name for one in policy.logs] == [key.name]
    assert policy.is_met(frozenset())
    pem = console.get(f"{PROOF}/root.pem")
    assert pem.text.startswith("-----BEGIN PUBLIC KEY-----")
    assert pem.headers["content-disposition"] == 'attachment; filename="root.pem"'


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.OWNER, 200),
        (Role.MANAGER, 200),
        (Role.TILL, 200),
        (Role.AUDITOR, 200),
        (Role.CONNECTOR, 403),
    ],
)
def test_who_reads_documents_may_look(stranger: Browser, role: Role, status: int) -> None:
    browser = stranger.as_(role)

    assert browser.get(PROOF).status_code == status
    assert browser.post(f"{PROOF}/verification").status_code == 403


def test_who_runs_it_orders_a_verification_one_at_a_time(
    stranger: Browser, premises: Premises, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = operator_of(stranger)
    nobody = operator.post(f"{PROOF}/verification")
    assert (nobody.status_code, "SELFCHECK-WANT-01" in nobody.text) == (503, True)
    services = premises.services
    folder_ = services.settings.data_dir
    said = [
        f"FISCUS_DATA_DIR={folder_}",
        f"FISCUS_DATABASE_URL={services.settings.url()}",
    ]
    other = SelfCheck(services.engine, premises.clock, folder_, 24, ("env", *said, *COMMAND))
    with ExitStack() as stack:
        stack.callback(other.close)
        other.look()  # another process of the installation, which verifies

        done = operator.post(f"{PROOF}/verification")
        assert done.headers["location"] == f"{PROOF}?done=verify"
        again = operator.post(f"{PROOF}/verification")
        assert (again.status_code, "SELFCHECK-WANT-02" in again.text) == (409, True)
        assert "begins within seconds" in operator.get(PROOF).text
        assert "nothing wrong among the newest entries" in operator.get(PROOF).text
        other.look()
        premises.clock.move(seconds=3)
        state = operator.get(f"{PROOF}/verification").json()
        assert (state["is_going_on"], state["seconds"], state["whole_at"]) == (True, 3.0, None)
        while operator.get(f"{PROOF}/verification").json()["is_going_on"]:
            other.look()
            time.sleep(0.2)  # who asks without a pause is asked to wait
        assert not other.state.whole_failed

        page = operator.get(PROOF).text

    with reading(services.engine) as tx:
        query = ENTRY.select().where(ENTRY.c.kind == StatementKind.VERIFICATION)
        rows = list(tx.execute(query.order_by(ENTRY.c.id)))
        told = [encode.statement(row.kind, row.body) for row in rows]
    found = [one.verification for one in told if one.verification is not None]
    assert [one.act for one in found] == ["ordered", "ended"]
    assert told[0].by == found[1].ordered_by != ""
    premises.assert_proved()
    assert "nothing wrong" in section(page, "Last verification")
    assert "not yet" not in section(page, "Last verification")


@contextmanager
def witnessed(model: Model, place: Path, data: Path) -> Iterator[tuple[Premises, WitnessPremises]]:
    """An installation and a witness behind a real socket, which trusts its log."""
    witness = WitnessPremises(place=place, clock=SecondHand(LATER))
    memory = WitnessMemory(place, witness.clock)
    with listening(application(memory, PREFIX, 10)) as address:
        keys = " ".join(key.text() for key in folder.read_keys(place).public())
        with opened(model, data, witnesses=f"{address}{PREFIX} {keys}") as premises:
            with reading(premises.services.engine) as tx:
                key = proof_facts.log_key(premises.services, tx)
            folder.trust(place, key)
            yield premises, witness


def test_a_witness_signs_and_then_raises_an_alarm(
    shop_model: tuple[Model, Till], tmp_path: Path
) -> None:
    model, sells = shop_model
    with witnessed(model, tmp_path / "witness", tmp_path / "data") as (premises, witness):
        till = replace(sells, http=premises.http)
        browser = Browser(
            premises=premises, organization=till.organization, cookies=httpx.Cookies()
        )
        console, operator = browser.as_(Role.MANAGER), operator_of(browser)
        old = signed(premises)
        premises.services.witnesses.look()
        till.sells(words.receipt())
        size = signed(premises)
        premises.services.witnesses.look()
        page = console.get(PROOF).text
        assert witness.name in section(page, "Newest checkpoint")
        assert "signs" in section(page, "Witnesses")
        assert read_policy(console.get(f"{PROOF}/policy.txt").text).quorum == "all"
        assert "witness" not in section(operator.get("/console/board").text, "Now")

        premises.clock.move(days=2)
        console = browser.as_(Role.MANAGER)
        assert "has not signed for a day" in section(console.get(PROOF).text, "Witnesses")

        engine = premises.services.engine
        for table in ("checkpoint", "cosignature"):
            changes(engine, table, f"DELETE FROM {table} WHERE size > :s", s=old)
        premises.services.witnesses.look()

        page = console.get(PROOF).text
        assert size > old
        assert "alarm: it has seen another history" in section(page, "Witnesses")
        assert "Evidence" not in page
        told = operator_of(browser)
        assert "Evidence" in told.get(PROOF).text
        row = section(told.get("/console/board").text, "Now")
        assert f"The witness {witness.name} has seen another history of this journal." in row
