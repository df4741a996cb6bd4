"""Cash sessions, to look at: what happens to them comes in as operations."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.calls import (
    Endpoints,
    ReportingAnswer,
    ReportingCall,
    ReportingOperation,
)
from fiscus.api.families.reporting.paging import after, page
from fiscus.api.families.reporting.translate import sessions as translate
from fiscus.api.families.reporting.wire import sessions as wire
from fiscus.api.pipeline import ReadOperation
from fiscus.journal import closings, intents
from fiscus.model.faults import Missing
from fiscus.model.times import instant
from fiscus.registry import sessions
from fiscus.registry.roles import Scope
from fiscus.registry.sessions import Session, SessionState
from fiscus.services import Services

WORDS: Mapping[str, tuple[int, str]] = {sessions.UNKNOWN_SESSION.id: (404, "not_found")}

_TICK = timedelta(microseconds=1)


def list_(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    query: wire.SessionsQuery = call.query
    found = sessions.of(
        tx,
        call.organization,
        location=ids.read("loc", query.location_id) if query.location_id else None,
        register=ids.read("reg", query.register_id) if query.register_id else None,
        state=SessionState(query.status) if query.status else None,
        start=instant(query.since) if query.since else None,
        # This family leaves the end out, the registry takes it in.
        end=instant(query.until) - _TICK if query.until else None,
        after=after(call),
        limit=query.limit + 1,
        only=call.caller.systems,
    )
    return ReportingAnswer(200, page(call, [(one.id, _shown(tx, one)) for one in found]))


def retrieve(services: Services, tx: Connection, call: ReportingCall) -> ReportingAnswer:
    id_ = ids.read("ses", call.path["session_id"])
    session = sessions.read(tx, call.organization, id_)
    if not call.caller.reaches(session.register):
        raise Missing(sessions.UNKNOWN_SESSION)
    return ReportingAnswer(200, _shown(tx, session))


def _shown(tx: Connection, session: Session) -> dict[str, Any]:
    if session.state is SessionState.CLOSED:
        return translate.session(session, closings.of_session(tx, session.register, session.id), 0)
    return translate.session(session, None, intents.waiting(tx, session.register))


ENDPOINTS: Endpoints = (
    (
        ReportingOperation(
            id="listSessions",
            method="GET",
            path="/v1/sessions",
            summary="List cash sessions",
            statuses=(200, 404),
            query=wire.SessionsQuery,
            answer=wire.Sessions,
            scope=Scope.DOCUMENTS,
        ),
        ReadOperation(list_),
    ),
    (
        ReportingOperation(
            id="retrieveSession",
            method="GET",
            path="/v1/sessions/{session_id}",
            summary="Retrieve a cash session",
            statuses=(200, 404),
            answer=wire.Session,
            scope=Scope.DOCUMENTS,
        ),
        ReadOperation(retrieve),
    ),
)
