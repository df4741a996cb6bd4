"""The groups of the board, and the order and links of their rows."""

from datetime import timedelta

import pytest

from fiscus.console import board_facts, board_words
from fiscus.console.board_facts import DAYS, BoardRequest, within
from fiscus.problems.rows import ProblemKind, ProblemRow, ProblemWeight
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SESSION
from tests.support.premises import MONDAY, Premises
from tests.support.till import Till

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "group"),
    [
        (None, 0),
        (-SECOND, 0),
        (timedelta(0), 0),
        (SECOND, 1),
        (timedelta(days=1), 1),
        (timedelta(days=1) + SECOND, 7),
        (timedelta(days=7), 7),
        (timedelta(days=30), 30),
        (timedelta(days=30) + SECOND, 90),
        (timedelta(days=90), 90),
        (timedelta(days=90) + SECOND, None),
    ],
)
def test_a_row_is_in_the_first_group_that_reaches_it(
    left: timedelta | None, group: int | None
) -> None:
    due = None if left is None else MONDAY + left

    assert within(ProblemRow(kind=ProblemKind.MONTHS_DUE, due=due), MONDAY) == group


def test_the_worst_stands_first_and_rows_know_their_page(premises: Premises, till: Till) -> None:
    services = premises.services
    with writing(services.engine) as tx:
        tx.execute(
            SESSION.insert().values(
                id="s",
                register=till.system,
                organization=till.organization,
                state="open",
                currency="EUR",
                opening="0",
                opened_at="2026-11-01T00:00:00.000000Z",
                opened_by="x",
            )
        )
    services.writer.stop()
    asked = BoardRequest(
        services=services, at=services.clock(), organization=till.organization, is_operator=True
    )
    with reading(services.engine) as tx:
        groups = board_facts.board(tx, asked)

    assert [group.days for group in groups] == list(DAYS)
    now = [(one.row.kind, one.organization, one.link) for one in groups[0].rows]
    assert now == [
        (ProblemKind.WRITER, "", ""),
        (ProblemKind.SESSION, "Padaria do Cais", f"/console/registers/{till.system}"),
        (ProblemKind.WITNESS_NONE, "", "/console/proof"),
    ]


def test_a_key_for_registers_sees_rows_of_these_alone(premises: Premises, till: Till) -> None:
    services = premises.services
    premises.clock.move(days=20)
    asked = BoardRequest(
        services=services,
        at=services.clock(),
        organization=till.organization,
        registers=(till.system,),
        may_keys=True,
    )
    with reading(services.engine) as tx:
        groups = board_facts.board(tx, asked)

    assert [one for group in groups for one in group.rows] == []


def test_each_kind_and_weight_has_its_words() -> None:
    assert set(board_words.WORDS) == set(ProblemKind)
    assert set(board_words.WEIGHTS) == set(ProblemWeight)
    assert set(board_words.GROUPS) == set(DAYS)
