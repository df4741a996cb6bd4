"""The service finds what somebody changed in its journal, says it everywhere once, and forgets it
when it was mended."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, select

from fiscus.journal import encode
from fiscus.journal.statement import StatedVerification
from fiscus.model.faults import Conflict, Unavailable
from fiscus.model.kinds import StatementKind
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import log, signers, stating
from fiscus.registry.selfcheck import SECONDS, SelfCheck, SelfCheckState
from fiscus.registry.tests.builders import a_vault, an_organization
from fiscus.registry.tests.intruder import changes
from fiscus.registry.wholecheck import COMMAND
from fiscus.signers import LOG_ALGORITHM
from fiscus.store.connect import reading, writing
from fiscus.store.schema import ENTRY

WAIT_SECONDS = 120


class Watched:
    """A journal with an organization, and processes that watch it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.folder = folder
        self.clock = StandingClock()
        self.seconds = 0.0
        self.processes: list[SelfCheck] = []
        with writing(engine) as tx:
            signers.ensure(tx, a_vault(), signers.LOG, LOG_ALGORITHM, MORNING)
        self.organization = self.grow()

    def grow(self) -> str:
        with writing(self.engine) as tx:
            id_ = an_organization(tx)
        log.sign(self.engine, a_vault(), self.clock())
        return id_

    def process(self, *command: str) -> SelfCheck:
        """One more process of this data folder. It verifies the whole with the real command."""
        url = self.engine.url.render_as_string(hide_password=False)
        settings = {"FISCUS_DATABASE_URL": url, "FISCUS_DATA_DIR": str(self.folder)}
        said = [f"{name}={value}" for name, value in settings.items()]
        made = SelfCheck(
            self.engine,
            self.clock,
            self.folder,
            20,
            command or ("env", *said, *COMMAND),
            lambda: self.seconds,
        )
        self.processes.append(made)
        return made

    def want_whole(self, process: SelfCheck) -> None:
        with writing(self.engine) as tx:
            process.want_whole(tx, "operator:rui")

    def ordered(self) -> list[tuple[str, StatedVerification]]:
        """What the journal tells of verifications that were ordered, and who did it."""
        query = select(ENTRY).where(ENTRY.c.kind == StatementKind.VERIFICATION).order_by(ENTRY.c.id)
        with reading(self.engine) as tx:
            found = [encode.statement(row.kind, row.body) for row in tx.execute(query)]
        return [(one.by, one.verification) for one in found if one.verification]

    def forge(self, name: str = "Forged") -> None:
        statement = "UPDATE organization SET name = :name WHERE id = :id"
        changes(self.engine, "organization", statement, name=name, id=self.organization)

    def mend(self) -> None:
        self.forge("Padaria")

    def stated(self) -> list[str]:
        """The codes of the findings that the journal tells."""
        query = select(ENTRY).where(ENTRY.c.kind == StatementKind.FINDING).order_by(ENTRY.c.id)
        with reading(self.engine) as tx:
            bodies = [encode.statement(row.kind, row.body) for row in tx.execute(query)]
        return [str((body.finding or {})["code"]) for body in bodies]

    def kept(self) -> SelfCheckState:
        file = self.folder / "verified.json"
        return msgspec.json.decode(file.read_bytes(), type=SelfCheckState)

    def verified(self, process: SelfCheck) -> None:
        """Look until the whole that is due was verified."""
        before, end = process.state.whole_at, time.monotonic() + WAIT_SECONDS
        while process.state.whole_at == before and not process.state.whole_failed:
            assert time.monotonic() < end, "it never ended"
            self.clock.move(seconds=1)
            process.look()
            time.sleep(0.05)


@pytest.fixture
def watched(engine: Engine, tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "data"
    folder.mkdir()
    made = Watched(engine, folder)
    yield made
    for process in made.processes:
        process.close()


def test_a_good_journal_has_no_findings(watched: Watched) -> None:
    process = watched.process()
    assert process.look() >= SECONDS
    watched.grow()
    process.look()

    state = process.state
    assert (state.findings, state.recent_at, state.whole_at) == ((), MORNING, None)
    assert watched.stated() == []
    assert watched.kept() == state


def test_the_whole_is_verified_a_day_after_the_beginning_and_not_before(watched: Watched) -> None:
    process = watched.process()
    process.look()
    watched.clock.move(hours=19)
    process.look()
    assert not process._whole.is_going_on

    watched.clock.move(hours=1)
    watched.verified(process)

    state = process.state
    assert state.whole_at is not None
    assert (state.findings, state.whole_failed) == ((), "")
    assert state.whole_seconds >= 0
    process.look()
    assert not process._whole.is_going_on


def test_a_forged_row_is_told_once_everywhere_and_goes_when_it_is_mended(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    process = watched.process()
    watched.forge()
    capsys.readouterr()
    process.look()

    [finding] = process.state.findings
    assert finding.code == "VERIFY-ROWS-05"
    assert watched.organization in finding.where
    assert watched.stated() == ["VERIFY-ROWS-05"]
    assert capsys.readouterr().out.count("finding in the journal") == 1

    watched.verified(process)  # at once, since there is something
    assert [one.code for one in process.state.findings] == ["VERIFY-ROWS-05"]
    assert process.state.findings[0].is_stated

    watched.mend()
    watched.seconds += 600
    watched.verified(process)
    assert process.state.findings == ()
    assert watched.kept().findings == ()
    assert watched.stated() == ["VERIFY-ROWS-05"]  # what was stated stays


def test_entries_that_are_gone_stay_a_finding_though_the_whole_does_not_know(
    watched: Watched,
) -> None:
    """Whoever cuts off the newest entries with all that covers them leaves a whole journal: only
    the cursor knows."""
    process = watched.process()
    gone = watched.grow()
    process.look()
    changes(watched.engine, "entry", "DELETE FROM entry WHERE chain = :id", id=gone)
    changes(watched.engine, "chain", "DELETE FROM chain WHERE id = :id", id=gone)

    process.look()
    codes = [one.code for one in process.state.findings]
    assert "VERIFY-CURSOR-01" in codes
    watched.verified(process)
    codes, stated = [one.code for one in process.state.findings], watched.stated()
    watched.seconds += 600
    watched.verified(process)

    assert "VERIFY-CURSOR-01" in codes
    assert [one.code for one in process.state.findings] == codes
    assert watched.stated() == stated


def test_a_verification_that_could_not_be_made_is_no_finding(watched: Watched) -> None:
    process = watched.process("sh", "-c", "echo it is away >&2; exit 1")
    process.look()
    watched.clock.move(hours=21)
    watched.verified(process)

    state = watched.kept()
    assert (state.whole_failed, state.findings, state.whole_at) == ("it is away", (), None)
    assert watched.stated() == []
    again = watched.process()
    process.close()
    watched.verified(again)
    end = time.monotonic() + WAIT_SECONDS
    while again.state.whole_failed:
        assert time.monotonic() < end
        again.look()
        time.sleep(0.05)
    assert again.state.whole_at is not None


def test_one_process_of_a_folder_verifies_and_the_next_goes_on(watched: Watched) -> None:
    first, second = watched.process(), watched.process()
    first.look()
    entries = len(json.loads(bytes(first.state.cursor))["chains"])
    assert second.look() > SECONDS
    assert second.state == first.state  # from the file

    first.close()
    watched.forge()
    watched.grow()
    second.look()

    assert entries == 2
    assert len(json.loads(bytes(second.state.cursor))["chains"]) == 3


@pytest.mark.parametrize("content", [b"", b"{", b'{"cursor": {"format": "of before"}}'])
def test_a_file_that_nobody_can_read_begins_anew(watched: Watched, content: bytes) -> None:
    (watched.folder / "verified.json").write_bytes(content)
    process = watched.process()
    watched.forge()
    process.look()

    assert [one.code for one in process.state.findings] == ["VERIFY-ROWS-05"]


def test_a_folder_that_cannot_be_written_hides_nothing(watched: Watched) -> None:
    process = watched.process()
    process.look()
    (watched.folder / "verified.json").unlink()
    (watched.folder / "verified.json").mkdir()
    watched.grow()
    process.look()
    watched.forge()
    watched.grow()
    process.look()

    assert process.state.recent_at is not None
    assert os.listdir(watched.folder / "verified.json") == []


def test_tables_that_are_gone_are_a_finding(watched: Watched) -> None:
    process = watched.process()
    process.look()
    changes(watched.engine, "claim", "ALTER TABLE claim RENAME TO elsewhere")
    process.look()
    process.look()

    assert [one.code for one in process.state.findings] == ["VERIFY-READ"]


def test_somebody_may_want_the_whole_verified_now_once_at_a_time(watched: Watched) -> None:
    process, other = watched.process(), watched.process()
    with pytest.raises(Unavailable, match="SELFCHECK-WANT-01"):
        watched.want_whole(process)
    process.look()
    assert not process._whole.is_going_on

    watched.want_whole(other)
    with pytest.raises(Conflict, match="SELFCHECK-WANT-02"):
        watched.want_whole(process)
    process.look()

    assert process._whole.is_going_on
    assert other.state.whole_begun_at == watched.clock()
    assert not other.is_whole_wanted
    with pytest.raises(Conflict, match="SELFCHECK-WANT-02"):
        watched.want_whole(other)
    watched.verified(process)
    assert (other.state.whole_begun_at, other.state.whole_at) == (None, watched.clock())
    ended = StatedVerification(act="ended", ordered_by="operator:rui")
    assert watched.ordered() == [
        ("operator:rui", StatedVerification(act="ordered")),
        (stating.SERVICE, ended),
    ]


def test_what_an_ordered_verification_found_is_stated(watched: Watched) -> None:
    process = watched.process()
    process.look()
    watched.want_whole(process)
    watched.forge()
    watched.verified(process)

    [_, (_, ended)] = watched.ordered()
    assert (ended.act, ended.findings > 0, ended.failed) == ("ended", True, "")


def test_a_verification_by_the_clock_is_nobodys_order(watched: Watched) -> None:
    process = watched.process()
    process.look()
    watched.clock.move(hours=21)
    watched.verified(process)

    assert process.state.whole_at == watched.clock()
    assert watched.ordered() == []


def test_a_verification_that_ended_with_its_process_is_not_going_on(watched: Watched) -> None:
    process = watched.process()
    process.look()
    watched.want_whole(process)
    process.look()
    process.close()
    assert watched.kept().whole_begun_at is None
    kept = msgspec.structs.replace(watched.kept(), whole_begun_at=watched.clock())
    (watched.folder / "verified.json").write_bytes(msgspec.json.encode(kept))  # as after a kill

    later = watched.process()
    later.look()

    assert later.state.whole_begun_at is None
