"""The board: what will stop the visitor's shop now, and in 1, 7, 30 and 90 days."""

from starlette.responses import Response

from fiscus.console import board_facts, board_words
from fiscus.console.board_facts import BoardRequest, BoardRow
from fiscus.console.operators import is_operator
from fiscus.console.visit import N_, Page, Visit
from fiscus.problems.rows import ProblemKind
from fiscus.registry import organizations
from fiscus.registry.roles import Scope

OWN, BELOW = "unit", "all"
MONTHS = (ProblemKind.MONTHS_DUE, ProblemKind.MONTHS_OVERDUE)


def show(visit: Visit) -> Response:
    """Rows of the unit that is looked at, or of all that the key is for."""
    assert visit.session is not None, "strangers were asked to sign in"
    is_with_below = visit.query.get("of") == BELOW and not visit.registers
    with visit.reading() as tx:
        own = organizations.read(tx, visit.session.organization)
        asked = BoardRequest(
            services=visit.services,
            at=visit.at,
            organization=own.id if is_with_below else visit.organization,
            is_with_below=is_with_below,
            registers=visit.registers,
            is_operator=is_operator(visit, tx),
            may_keys=visit.may(Scope.KEYS),
        )
        groups = board_facts.board(tx, asked)
    return visit.render(
        "board.html",
        groups=groups,
        words=lambda one: words(visit, one),
        remedy=lambda one: remedy(visit, one),
        weight=lambda one: board_words.WEIGHTS[one.row.weight],
        titles=board_words.GROUPS,
        is_above=own.type != organizations.UNIT and not visit.registers,
        of=BELOW if is_with_below else OWN,
        months=MONTHS,
        own=own,
        is_operator=asked.is_operator,
    )


def words(visit: Visit, one: BoardRow) -> str:
    """What is wrong, in the visitor's language."""
    row = one.row
    state = board_words.MONTH_STATES.get(row.words, "") if row.kind in MONTHS else ""
    return visit.text(
        board_words.WORDS[row.kind].what,
        subject=row.subject,
        count=row.count,
        id=row.id,
        state=visit.text(state) if state else "",
    )


def remedy(visit: Visit, one: BoardRow) -> str:
    """What to do about it, in the visitor's language."""
    row = one.row
    said = board_words.WORDS[row.kind].remedy
    return visit.text(said, subject=row.subject, count=row.count, id=row.id)


PAGES = (
    # Whoever sells sees what will stop it: auditors look at what was, and not at what will be.
    Page(name="board", path="/console/board", scope=Scope.SELL, show=show, tab=N_("Board")),
)
