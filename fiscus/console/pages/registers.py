"""Registers and their devices: the list, one of them, its closings on paper, series, and what the
authority was not told."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from fiscus import formats
from fiscus.console import register_words, registers_facts, series_facts
from fiscus.console.registers_facts import Reach, RegisterFilter
from fiscus.console.series_facts import SeriesFilter
from fiscus.console.visit import N_, Page, Visit
from fiscus.journal import closings
from fiscus.model.documents import DocumentKind
from fiscus.registry.roles import Scope
from fiscus.registry.series import SeriesState
from fiscus.registry.views import LifecycleState
from fiscus.reporting.states import ReportState

LIST = "/console/registers"
SERIES = f"{LIST}/series"
REPORTS = f"{LIST}/reports"
_UNTOLD = (ReportState.REFUSED, ReportState.UNKNOWN, ReportState.PENDING)
_TEXT_MAX = 100
ANY, UNTOLD = N_("any"), N_("not accepted")


def reach(visit: Visit) -> Reach:
    """What the visitor may see of registers."""
    return Reach(
        organization=visit.organization,
        only=visit.registers,
        first=visit.first,
        last=visit.last,
    )


def is_of_the_past(visit: Visit) -> bool:
    """A link shows days that are over: how things stand now is not among them."""
    return visit.first is not None


def state_of(text: str) -> LifecycleState | None:
    return LifecycleState(text) if text in tuple(LifecycleState) else None


def options(visit: Visit, words: Mapping[Any, tuple[str, str]]) -> list[tuple[str, str]]:
    """What a filter offers: each value, and its word in the visitor's language."""
    return [(one.value, visit.text(said)) for one, (said, _) in words.items()]


def path(of: str, query: dict[str, str]) -> str:
    """An address with those of the values that are not empty."""
    said = {name: value for name, value in query.items() if value}
    return f"{of}?{urlencode(said)}" if said else of


def show_list(visit: Visit) -> Response:
    said = visit.query
    text = said.get("text", "").strip()[:_TEXT_MAX]
    which = RegisterFilter(
        organization=visit.organization,
        only=visit.registers,
        state=state_of(said.get("state", "")),
        location=said.get("location", ""),
        text=text,
    )
    with visit.reading() as tx:
        found = registers_facts.listed(tx, which, after=said.get("after", ""))
        choices = registers_facts.choices(tx, visit.organization, visit.registers)
    kept = {"state": which.state or "", "location": which.location, "text": text}
    return visit.render(
        "registers.html",
        found=found,
        said=kept,
        first=path(LIST, kept) if said.get("after") else "",
        older=path(LIST, {**kept, "after": found.after}) if found.after else "",
        words=register_words,
        is_of_the_past=is_of_the_past(visit),
        states=[("", visit.text(ANY)), *options(visit, register_words.STATES)],
        places=[("", visit.text(ANY)), *((one.id, one.name) for one in choices.places)],
    )


def show(visit: Visit) -> Response:
    with visit.reading() as tx:
        facts = registers_facts.facts(visit.services, tx, reach(visit), visit.path["id"])
        of_place = SeriesFilter(organization=visit.organization, location=facts.view.location)
        series = series_facts.listed(tx, of_place, visit.at)
    return visit.render(
        "register.html",
        facts=facts,
        series=series,
        words=register_words,
        is_of_the_past=is_of_the_past(visit),
        may_write=visit.may(Scope.REGISTRY) and not visit.is_read_only,
        may_sell=visit.may(Scope.SELL) and not visit.is_read_only,
        may_read=visit.may(Scope.DOCUMENTS),
        papers=formats.print_of(DocumentKind.CLOSING).papers,
        done=visit.query.get("done", ""),
    )


def show_z(visit: Visit) -> Response:
    """A closing on paper, as the API prints it."""
    printing = formats.print_of(DocumentKind.CLOSING)
    paper = visit.query.get("paper", printing.papers[0])
    if paper not in printing.papers:
        visit.missing()
    with visit.reading() as tx:
        view = registers_facts.one(tx, reach(visit), visit.path["id"])
        body = closings.one(tx, visit.organization, visit.path["closing"])
    assert body.closing is not None, "a closing says what it counted"
    if body.register != view.register.id or not is_within(visit, body.closing.day.isoformat()):
        visit.missing()
    name = f"closing-{body.closing.number}.pdf"
    return Response(
        printing.pdf(body, paper),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def is_within(visit: Visit, day: str) -> bool:
    """Whether a day (`YYYY-MM-DD`) is among those that a link shows."""
    first, last = visit.first, visit.last
    return (first is None or first.isoformat() <= day) and (last is None or day <= last.isoformat())


def show_series(visit: Visit) -> Response:
    said = visit.query
    state = said.get("state", "")
    which = SeriesFilter(
        organization=visit.organization,
        state=SeriesState(state) if state in tuple(SeriesState) else None,
        registers=visit.registers,
    )
    with visit.reading() as tx:
        found = series_facts.listed(tx, which, visit.at, after=said.get("after", ""))
    kept = {"state": which.state or ""}
    return visit.render(
        "series.html",
        found=found,
        state=which.state or "",
        states=[("", visit.text(ANY)), *options(visit, register_words.SERIES)],
        first=path(SERIES, kept) if said.get("after") else "",
        older=path(SERIES, {**kept, "after": found.after}) if found.after else "",
        words=register_words,
        is_of_the_past=is_of_the_past(visit),
        may_write=visit.may(Scope.REGISTRY) and not visit.is_read_only,
        done=said.get("done", ""),
    )


def show_reports(visit: Visit) -> Response:
    """What the authority was not told, unless another state is asked for. A key that is limited to
    registers sees none: reports are those of a taxpayer."""
    if visit.registers:
        visit.missing()
    state = visit.query.get("state", "")
    chosen = (ReportState(state),) if state in tuple(ReportState) else _UNTOLD
    with visit.reading() as tx:
        found = series_facts.reports(
            tx,
            visit.organization,
            chosen,
            first=visit.first,
            last=visit.last,
            after=visit.query.get("after", ""),
        )
    kept = {"state": state if len(chosen) == 1 else ""}
    return visit.render(
        "reports.html",
        found=found,
        state=kept["state"],
        states=[("", visit.text(UNTOLD)), *options(visit, register_words.REPORTS)],
        first=path(REPORTS, kept) if visit.query.get("after") else "",
        older=path(REPORTS, {**kept, "after": found.after}) if found.after else "",
        words=register_words,
        is_of_the_past=is_of_the_past(visit),
    )


PAGES = (
    Page(
        name="registers",
        path=LIST,
        scope=Scope.PLACES,
        show=show_list,
        tab=N_("Registers"),
    ),
    # Before the page of one register: their paths look like one.
    Page(name="series", path=SERIES, scope=Scope.PLACES, show=show_series),
    Page(name="reports", path=REPORTS, scope=Scope.DOCUMENTS, show=show_reports),
    Page(name="register", path=f"{LIST}/{{id}}", scope=Scope.PLACES, show=show),
    Page(
        name="z-report",
        path=f"{LIST}/{{id}}/closings/{{closing}}/z.pdf",
        scope=Scope.DOCUMENTS,
        show=show_z,
    ),
)
