"""One request and what comes back, or fails to: faults on demand, who asks, then the work."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from fiscus.channels.at_portugal.simulator import (
    documents,
    envelope,
    faults,
    login,
    series,
    transport,
)
from fiscus.channels.at_portugal.simulator.envelope import NotSoap, SoapAnswer, SoapRequest
from fiscus.channels.at_portugal.simulator.faults import DueFault, FaultKind
from fiscus.channels.at_portugal.simulator.grammar import DOCUMENTS, SERIES, TRANSPORT
from fiscus.channels.at_portugal.simulator.login import AtUser
from fiscus.channels.at_portugal.simulator.operations import OperationAnswer
from fiscus.channels.at_portugal.simulator.refusals import LoginReason, NotLetIn
from fiscus.channels.at_portugal.simulator.world import Now, World, now

Work = Callable[[sqlite3.Connection, AtUser, str, etree._Element, Now], OperationAnswer]
Refuse = Callable[[str, int, str, Now], OperationAnswer]

_PAGE = (
    b"<html><head><title>Portal</title></head><body><h1>Manuten\xc3\xa7\xc3\xa3o</h1></body></html>"
)


class Ending(StrEnum):
    """What becomes of the connection: it stays, closes before an answer, is reset, or closes in
    the middle of the answer."""

    KEPT = "kept"
    CLOSED = "closed"
    RESET = "reset"
    HALF = "half"


@dataclass(frozen=True, kw_only=True)
class AtDelivery:
    """What the server does: wait, then answer or not."""

    answer: SoapAnswer | None
    wait_millis: int = 0
    ending: Ending = Ending.KEPT


@dataclass(frozen=True, kw_only=True)
class SoapInterface:
    """One of the authority's services: its operations by the tag of the body's element, the profile
    that a sub-user needs, who works and who refuses."""

    profile: str
    operations: Mapping[str, str]
    work: Work
    refuse: Refuse
    is_transport: bool = False


SERIES_SERVICE = SoapInterface(
    profile="WSE",
    operations={f"{{{SERIES}}}{name}": name for name in series.OPERATIONS},
    work=series.answered,
    refuse=series.refused,
)

DOCUMENTS_SERVICE = SoapInterface(
    profile="WFA",
    operations={f"{{{DOCUMENTS}}}{name}Request": name for name in documents.OPERATIONS},
    work=documents.answered,
    refuse=documents.refused,
)

TRANSPORT_SERVICE = SoapInterface(
    profile="WDT",
    operations={f"{{{TRANSPORT}}}{transport.OPERATION}RequestElem": transport.OPERATION},
    work=transport.answered,
    refuse=transport.refused,
    is_transport=True,
)

SERVICES: Mapping[str, SoapInterface] = {
    "SeriesWSService": SERIES_SERVICE,
    "fatcorews/ws": DOCUMENTS_SERVICE,
    "sgdtws/documentosTransporte": TRANSPORT_SERVICE,
}
"""By the end of their addresses."""


def delivered(
    world: World, key: rsa.RSAPrivateKey, service: SoapInterface, body: bytes
) -> AtDelivery:
    """Work a request, or let it fail as ordered."""
    request: SoapRequest | None = None
    try:
        request = envelope.opened(body)
        operation = service.operations.get(str(request.body.tag), "")
        broken = "" if operation else "the service knows no such operation"
    except NotSoap as trouble:
        operation, broken = "", str(trouble)
    with world.opened() as db:
        due = faults.due(db, operation)
        before = next((one for one in due if not one.is_after), None)
        if before is not None and before.kind is not FaultKind.REFUSAL:
            _noted(db, world, operation, fault=before.kind)
            return _failed(db, before, operation, None)
        exchange = RequestInWork(db=db, world=world, key=key, service=service, due=due)
        if request is None or broken:
            answer, user = envelope.fault(broken), None
        else:
            answer, user = exchange.answered(request, operation)
        return _after(db, operation, answer, user, due)


@dataclass(frozen=True, kw_only=True)
class RequestInWork:
    """A request that is understood as one, with the faults that strike it."""

    db: sqlite3.Connection
    world: World
    key: rsa.RSAPrivateKey
    service: SoapInterface
    due: tuple[DueFault, ...]

    def answered(self, request: SoapRequest, operation: str) -> tuple[SoapAnswer, AtUser | None]:
        """Who asks is verified, then the operation is worked: as often as is ordered."""
        wrong_by = sum(one.millis() for one in self.due if one.kind is FaultKind.CLOCK)
        moment = now(self.world, wrong_by)
        try:
            user = login.let_in(self.db, request.security, self.key, moment)
            if not login.permitted(self.db, user, self.service.profile):
                raise NotLetIn(LoginReason.NOT_PERMITTED)
        except NotLetIn as not_let_in:
            told = not_let_in.told(is_transport=self.service.is_transport)
            _noted(self.db, self.world, operation, code=f"login {told.code}")
            return envelope.not_authenticated(told), None
        refusal = next((one for one in self.due if one.kind is FaultKind.REFUSAL), None)
        if refusal is not None:
            done = self.service.refuse(operation, int(refusal.argument), "Recusa simulada", moment)
        else:
            done = self.service.work(self.db, user, operation, request.body, moment)
            if any(one.kind is FaultKind.DUPLICATE for one in self.due):
                self._note(user, operation, done)
                done = self.service.work(self.db, user, operation, request.body, moment)
        self._note(user, operation, done)
        return envelope.answered(done.content, done.code), user

    def _note(self, user: AtUser, operation: str, done: OperationAnswer) -> None:
        _noted(
            self.db,
            self.world,
            operation,
            username=user.username,
            subject=done.subject,
            code=done.code,
            fault=" ".join(one.kind for one in self.due),
        )


def _after(
    db: sqlite3.Connection,
    operation: str,
    answer: SoapAnswer,
    user: AtUser | None,
    due: tuple[DueFault, ...],
) -> AtDelivery:
    """The answer, or what is ordered to become of it once the request has taken effect."""
    wait = sum(one.millis(1000) for one in due if one.kind is FaultKind.SLOW)
    striking = next((one for one in due if one.is_after and one.kind not in faults.BESIDE), None)
    if striking is not None:
        return _failed(db, striking, operation, answer)
    if user is not None and user.is_answer_lost and operation != "consultarSeries":
        return AtDelivery(answer=None, ending=Ending.CLOSED)
    if user is not None:
        db.execute(
            "INSERT INTO answers VALUES (?, ?, ?) ON CONFLICT (operation) DO UPDATE"
            " SET status = excluded.status, body = excluded.body",
            (operation, answer.status, answer.body),
        )
    return AtDelivery(answer=answer, wait_millis=wait)


def _failed(
    db: sqlite3.Connection, fault: DueFault, operation: str, answer: SoapAnswer | None
) -> AtDelivery:
    match fault.kind:
        case FaultKind.TIMEOUT:
            return AtDelivery(answer=None, wait_millis=fault.millis(), ending=Ending.CLOSED)
        case FaultKind.RESET:
            return AtDelivery(answer=None, ending=Ending.RESET)
        case FaultKind.HTML:
            page = SoapAnswer(status=200, body=_PAGE, content_type="text/html; charset=utf-8")
            return AtDelivery(answer=page)
        case FaultKind.UNAVAILABLE:
            page = SoapAnswer(status=503, body=_PAGE, content_type="text/html; charset=utf-8")
            return AtDelivery(answer=page)
        case FaultKind.SOAP_FAULT:
            return AtDelivery(answer=envelope.internal_error())
        case FaultKind.OTHER_ANSWER:
            return AtDelivery(answer=_other(db, operation))
        case _:
            return AtDelivery(answer=answer or envelope.internal_error(), ending=Ending.HALF)


def _other(db: sqlite3.Connection, operation: str) -> SoapAnswer:
    """The last answer of this operation, else of any, else one of the series service."""
    found = db.execute(
        "SELECT status, body FROM answers ORDER BY operation = ? DESC, operation LIMIT 1",
        (operation,),
    ).fetchone()
    if found:
        return SoapAnswer(status=found[0], body=found[1])
    empty = series.refused("consultarSeries", 2002, "Consulta efetuada com sucesso")
    return envelope.answered(empty.content, empty.code)


def _noted(
    db: sqlite3.Connection,
    world: World,
    operation: str,
    *,
    username: str = "",
    subject: str = "",
    code: str = "",
    fault: str = "",
) -> None:
    db.execute(
        "INSERT INTO requests (at, operation, username, subject, code, fault)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (now(world).stamp(), operation, username, subject, code, fault),
    )
