"""What is done to registers, their devices and their series: each with a page that asks first.

The same functions do it as for the APIs and commands, and the journal says who asked for it.
"""

import json
from datetime import date

from sqlalchemy import Connection
from starlette.responses import Response

from fiscus import formats, regimes
from fiscus.console import registers_facts, series_facts
from fiscus.console.pages.registers import LIST, SERIES, reach
from fiscus.console.visit import N_, Form, Page, Visit
from fiscus.exports import notifications
from fiscus.exports.notifications import NotificationDetails
from fiscus.issuing import ending
from fiscus.issuing.answers import OrderFailed
from fiscus.model.documents import ClosingType, DocumentKind, Draft
from fiscus.model.faults import Code, Conflict, Missing, Refused, Trouble, Unavailable
from fiscus.model.orders import Enter, IdempotencyKey, SessionMove
from fiscus.model.records import CallerWords
from fiscus.provisioning import provision
from fiscus.registry import devices, macs, registers, sessions
from fiscus.registry.registers import RegisterChange
from fiscus.registry.roles import Scope
from fiscus.registry.series import SeriesState
from fiscus.registry.views import LifecycleState, RegisterView

FAMILY = "console"
"""In whose words the journal keeps what was ordered here."""

GONE = Code("CONSOLE-REGISTER-01", "this register is out of service for good")
NO_DEVICE = Code("CONSOLE-REGISTER-02", "the law of this register wants no signing device")
NOT_IN_SERVICE = Code("CONSOLE-REGISTER-03", "this register was never in service")
NOT_ASKED = Code(
    "CONSOLE-REGISTER-04", "say that you want it: this cannot be undone, so one press is not enough"
)
NO_NOTIFICATION = Code(
    "CONSOLE-REGISTER-05", "no office wants to be told of this register under its law"
)
BAD_DAY = Code("CONSOLE-REGISTER-06", "a day is written YYYY-MM-DD, such as 2026-05-04")
LONG_REASON = Code("CONSOLE-REGISTER-07", "a reason has up to 255 characters")

REASON_MAX = 255
ONCE_MAX = 64
_STATUS: tuple[tuple[type[Trouble], int], ...] = (
    (Conflict, 409),
    (Missing, 404),
    (Unavailable, 503),
)


def status_of(trouble: Trouble) -> int:
    return next((number for kind, number in _STATUS if isinstance(trouble, kind)), 422)


def _register(visit: Visit, tx: Connection) -> RegisterView:
    return registers_facts.one(tx, reach(visit), visit.path["id"])


def _page(visit: Visit) -> str:
    return f"{LIST}/{visit.path['id']}"


def show_exchange(visit: Visit, trouble: Trouble | None = None, reason: str = "") -> Response:
    """Asks why another device shall sign."""
    with visit.reading() as tx:
        facts = registers_facts.facts(visit.services, tx, reach(visit), visit.path["id"])
    return visit.render(
        "register_exchange.html",
        status=status_of(trouble) if trouble else 200,
        facts=facts,
        trouble=trouble,
        reason=reason,
    )


def exchange(visit: Visit, form: Form) -> Response:
    """Another device takes the place of the present one; a register without one gets one."""
    reason = form.get("reason", "").strip()
    try:
        if len(reason) > REASON_MAX:
            raise Refused(LONG_REASON, "reason")
        with visit.writing() as tx:
            _exchange(visit, tx, reason)
    except Missing:
        raise
    except Trouble as trouble:
        return show_exchange(visit, trouble, reason)
    return visit.redirect(f"{_page(visit)}?done=exchange")


def _exchange(visit: Visit, tx: Connection, reason: str) -> None:
    now = _register(visit, tx)
    family = regimes.find(now.regime).device
    if now.state is not LifecycleState.COMMISSIONED:
        raise Conflict(GONE if now.state is LifecycleState.DECOMMISSIONED else NOT_IN_SERVICE)
    if not family:
        raise Conflict(NO_DEVICE)
    id_ = now.register.id
    wanted = {
        "register": id_,
        "organization": visit.organization,
        "family": family,
        "at": visit.at,
        "by": visit.by,
    }
    if devices.present(tx, id_) is None:
        provision.ask(tx, visit.services.provisioning, **wanted)  # type: ignore[arg-type]
    else:
        provision.exchange(tx, visit.services.provisioning, reason=reason, **wanted)  # type: ignore[arg-type]


def show_decommission(visit: Visit, trouble: Trouble | None = None) -> Response:
    with visit.reading() as tx:
        facts = registers_facts.facts(visit.services, tx, reach(visit), visit.path["id"])
    return visit.render(
        "register_decommission.html",
        status=status_of(trouble) if trouble else 200,
        facts=facts,
        trouble=trouble,
    )


def decommission(visit: Visit, form: Form) -> Response:
    """Out of service for good. Its device is told by the worker."""
    try:
        if form.get("sure") != "yes":
            raise Refused(NOT_ASKED, "sure")
        with visit.writing() as tx:
            now = _register(visit, tx)
            if now.state is LifecycleState.ACQUIRED:
                raise Conflict(NOT_IN_SERVICE)
            provision.retire(tx, visit.services.provisioning, now.register.id, visit.at, visit.by)
            if now.state is LifecycleState.COMMISSIONED:
                registers.update(
                    tx,
                    visit.organization,
                    now,
                    RegisterChange(state=LifecycleState.DECOMMISSIONED),
                    subject=visit.by,
                    at=visit.at,
                )
    except Missing:
        raise
    except Trouble as trouble:
        return show_decommission(visit, trouble)
    return visit.redirect(f"{_page(visit)}?done=decommission")


def show_close(visit: Visit, trouble: Trouble | None = None, once: str = "") -> Response:
    """Asks before the day is closed. `once` names the order: a form that is sent twice closes
    once."""
    with visit.reading() as tx:
        facts = registers_facts.facts(visit.services, tx, reach(visit), visit.path["id"])
    return visit.render(
        "register_close.html",
        status=status_of(trouble) if trouble else 200,
        facts=facts,
        trouble=trouble,
        once=once or visit.services.uuid4(),
    )


async def close(visit: Visit, form: Form) -> Response:
    """The day's closing, which ends the cash session that is in progress."""
    services = visit.services
    order = await services.in_thread(_closing, visit, form.get("once", ""))
    answer = await services.issue(order)
    if isinstance(answer, OrderFailed):
        # Another order may follow: the key that was refused answers the same for ever.
        return await services.in_thread(show_close, visit, answer.trouble)
    return visit.redirect(f"{_page(visit)}?done=close")


def _closing(visit: Visit, once: str) -> Enter:
    """Raises `Missing` for a register of somebody else."""
    with visit.reading() as tx:
        id_ = _register(visit, tx).register.id
        session = sessions.current(tx, id_)
    draft = Draft(kind=DocumentKind.CLOSING, closing=ClosingType.DAILY)
    if session is not None:
        draft = Draft(
            kind=DocumentKind.CLOSING, closing=ClosingType.DAILY, currency=session.currency
        )
    key = f"{FAMILY}:{once[:ONCE_MAX] or visit.services.uuid4()}"
    text = json.dumps({"type": "daily", "register": id_})
    return Enter(
        organization=visit.organization,
        register=id_,
        draft=draft,
        said=CallerWords(family=FAMILY, version="1", text=text),
        claim=IdempotencyKey(
            scope=visit.organization,
            key=key,
            digest=macs.of(visit.services.macs.digests, FAMILY, key, text),
        ),
        session=SessionMove.CLOSE if session else None,
        within=visit.registers,
        by=visit.by,
    )


def show_end(visit: Visit, trouble: Trouble | None = None) -> Response:
    """Asks before a series ends, for good or by undoing its registration. A series is not one
    register's, so a key that is limited to some ends none."""
    if visit.registers:
        visit.missing()
    with visit.reading() as tx:
        view, _ = ending.owned(tx, visit.organization, visit.path["series"])
        line = series_facts.line(tx, view, visit.at)
    return visit.render(
        "series_end.html",
        status=status_of(trouble) if trouble else 200,
        line=line,
        trouble=trouble,
    )


def end(visit: Visit, form: Form) -> Response:
    """No more documents are taken; the worker tells the authority."""
    if visit.registers:
        visit.missing()
    to = SeriesState.CANCELLED if form.get("to") == "cancelled" else SeriesState.FINISHED
    try:
        if form.get("sure") != "yes":
            raise Refused(NOT_ASKED, "sure")
        with visit.writing() as tx:
            view, _ = ending.owned(tx, visit.organization, visit.path["series"])
            ending.order(tx, visit.services.issuing, view, to, by=visit.by)
    except Missing:
        raise
    except Trouble as trouble:
        return show_end(visit, trouble)
    return visit.redirect(f"{SERIES}?done={to}")


FIELDS = (
    "manufacturer",
    "model",
    "software",
    "software_version",
    "certification",
    "acquired",
    "reason",
)
"""What an office wants to know and the registry may not: the fields of the form."""


FORMS = {
    "xml": N_("XML, for the upload to the portal"),
    "text": N_("text, to type into the form of the portal"),
}


def show_notification(
    visit: Visit, trouble: Trouble | None = None, typed: Form | None = None
) -> Response:
    """Asks for what the registry does not know. It is about all registers of a location, so a key
    that is limited to some writes none."""
    if visit.registers:
        visit.missing()
    with visit.reading() as tx:
        facts = registers_facts.facts(visit.services, tx, reach(visit), visit.path["id"])
    wanted = formats.notification_of(facts.view.regime)
    if wanted is None:
        raise Missing(NO_NOTIFICATION)
    return visit.render(
        "register_notification.html",
        status=status_of(trouble) if trouble else 200,
        facts=facts,
        forms=[(name, visit.text(FORMS.get(name, name))) for name in wanted.forms],
        trouble=trouble,
        typed={name: (typed or {}).get(name, "") for name in (*FIELDS, "form")},
    )


def notification(visit: Visit, form: Form) -> Response:
    """The file, of all registers of the location; nothing is sent to anybody."""
    if visit.registers:
        visit.missing()
    try:
        return _file(visit, form)
    except Missing:
        raise
    except Trouble as trouble:
        return show_notification(visit, trouble, form)


def _file(visit: Visit, form: Form) -> Response:
    said = {name: form.get(name, "").strip() for name in FIELDS}
    told = NotificationDetails(
        manufacturer=said["manufacturer"],
        model=said["model"],
        software=said["software"],
        software_version=said["software_version"],
        certification=said["certification"],
        acquired=_day(said["acquired"]),
        release_reason=said["reason"],
    )
    with visit.reading() as tx:
        view = _register(visit, tx)
    wanted, facts = notifications.notified(
        visit.services.exports, taxpayer=view.taxpayer, location=view.location, told=told
    )
    name = form.get("form", "")
    if name not in wanted.forms:
        name = next(iter(wanted.forms))
    return Response(
        wanted.forms[name](facts),
        media_type="text/xml" if name == "xml" else "text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="notification.{name}"'},
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(BAD_DAY, "acquired") from None


PAGES = (
    Page(
        name="exchange",
        path=f"{LIST}/{{id}}/exchange",
        scope=Scope.REGISTRY,
        show=show_exchange,
        submit=exchange,
    ),
    Page(
        name="decommission",
        path=f"{LIST}/{{id}}/decommission",
        scope=Scope.REGISTRY,
        show=show_decommission,
        submit=decommission,
    ),
    Page(
        name="close-day",
        path=f"{LIST}/{{id}}/close",
        scope=Scope.SELL,
        show=show_close,
        submit=close,
    ),
    Page(
        name="notification",
        path=f"{LIST}/{{id}}/notification",
        scope=Scope.REGISTRY,
        show=show_notification,
        submit=notification,
    ),
    Page(
        name="series-end",
        path=f"{SERIES}/{{series}}/end",
        scope=Scope.REGISTRY,
        show=show_end,
        submit=end,
    ),
)
