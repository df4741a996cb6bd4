"""Checkpoints over a real journal: the first one, and a log that must not go on."""

import pytest
from sqlalchemy import Engine, text

from fiscus.journal import checkpoint
from fiscus.journal.checkpoint import Checkpoint
from fiscus.journal.heads import LOG_BEHIND, HeadMemory
from fiscus.model.faults import Conflict
from fiscus.model.tests.clock import MORNING, StandingClock
from fiscus.registry import log, signers
from fiscus.registry.log import LogSigner
from fiscus.registry.tests.builders import a_vault, an_organization
from fiscus.registry.tests.intruder import changes
from fiscus.signers import LOG_ALGORITHM
from fiscus.store.connect import reading, writing


@pytest.fixture
def journal(engine: Engine) -> Engine:
    """With the log's key, and an organization."""
    with writing(engine) as tx:
        signers.ensure(tx, a_vault(), signers.LOG, LOG_ALGORITHM, MORNING)
        an_organization(tx)
    return engine


def newest(engine: Engine) -> Checkpoint | None:
    with reading(engine) as tx:
        return checkpoint.newest(tx)


def size(engine: Engine) -> int:
    found = newest(engine)
    return found.size if found else 0


def grow(engine: Engine) -> None:
    with writing(engine) as tx:
        an_organization(tx)


def a_signer(engine: Engine, heads: HeadMemory) -> LogSigner:
    return LogSigner(engine, a_vault(), StandingClock(), heads)


def put_back(engine: Engine) -> None:
    """The newest note is gone."""
    changes(engine, "checkpoint", "DELETE FROM checkpoint WHERE size = :size", size=size(engine))


def test_the_first_checkpoint_is_signed_once(journal: Engine) -> None:
    heads = HeadMemory()
    log.sign_first(journal, a_vault(), MORNING, heads)
    first = newest(journal)
    grow(journal)
    log.sign_first(journal, a_vault(), MORNING, heads)

    assert first is not None
    assert newest(journal) == first
    assert heads.state()[1].note == first.note


def test_no_log_is_begun_anew_where_one_was_seen(journal: Engine) -> None:
    heads = HeadMemory()
    log.sign_first(journal, a_vault(), MORNING, heads)
    for table in ("checkpoint", "leaf_run", "tile"):
        changes(journal, table, f"DELETE FROM {table}")
    changes(journal, "chain", "UPDATE chain SET covered = 0")

    log.sign_first(journal, a_vault(), MORNING, heads)

    assert newest(journal) is None


def test_each_entry_is_covered_and_what_was_signed_is_remembered(journal: Engine) -> None:
    heads = HeadMemory()
    signer = a_signer(journal, heads)

    assert signer.sign()
    before = size(journal)
    grow(journal)
    assert signer.sign()
    assert signer.sign()

    assert size(journal) > before
    found = newest(journal)
    assert found is not None
    assert heads.state()[1].note == found.note


def test_a_log_that_went_back_is_told_once(
    journal: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = HeadMemory()
    signer = a_signer(journal, heads)
    signer.sign()
    grow(journal)
    signer.sign()
    put_back(journal)
    grow(journal)
    capsys.readouterr()

    assert [signer.sign() for _ in range(3)] == [False] * 3

    said = capsys.readouterr().out
    assert said.count(LOG_BEHIND.id) == 1
    assert "Traceback" not in said
    assert LOG_BEHIND.id in signer.problem
    with pytest.raises(Conflict):
        log.sign(journal, a_vault(), MORNING, heads)


def test_a_tree_that_was_changed_is_told_and_nothing_is_signed(
    journal: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = a_signer(journal, HeadMemory())
    signer.sign()
    with writing(journal) as tx:
        kept = tx.execute(text("SELECT hashes FROM tile WHERE level = 0")).scalar_one()
        tx.execute(text("UPDATE tile SET hashes = :h WHERE level = 0"), {"h": bytes(len(kept))})
    grow(journal)
    before = size(journal)

    assert [signer.sign() for _ in range(2)] == [False] * 2
    assert size(journal) == before
    with writing(journal) as tx:
        tx.execute(text("UPDATE tile SET hashes = :h WHERE level = 0"), {"h": bytes(kept)})
    # Other processes know no better note: the log goes on once it is whole.
    assert a_signer(journal, HeadMemory()).sign()
    assert size(journal) > before
    assert "Traceback" not in capsys.readouterr().out
