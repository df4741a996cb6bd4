"""Ends a series: it takes no more documents, and the authority is told.

That it ends is committed first, with the last number there is then. Each attempt consults the
authority before it sends anything: an answer that was lost is found so, and nothing is sent twice.
A series that was never used cannot be finished, because the authority wants a last number; shortly
after its registration that can be undone, later the series just stays there unused.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection as Tx
from sqlalchemy import select

from fiscus import regimes
from fiscus.channels import (
    Accepted,
    CancelSeries,
    ChannelConnection,
    FinishSeries,
    KnownSeries,
    Later,
    Rejected,
    Remedy,
    SeriesStanding,
)
from fiscus.issuing import series_tasks
from fiscus.issuing.series import HELD, words_of
from fiscus.issuing.services import IssuingServices
from fiscus.model.faults import Code, Conflict, Fault, Missing, Refused, Unavailable
from fiscus.model.times import day
from fiscus.regimes import SeriesRegistration
from fiscus.registry import series, taxpayers
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.registry.views import TaxpayerView
from fiscus.store.connect import reading, writing
from fiscus.store.schema import OBLIGATION

UNKNOWN_SERIES = Code("ISSUE-END-01", "no series with this id, or type and name, is visible to you")
NO_REGISTRATION = Code("ISSUE-END-02", "this country's law registers no series, so none is ended")
NOT_REGISTERED = Code(
    "ISSUE-END-03", "the authority has not registered the series, so there is nothing to end"
)
NEVER_USED = Code(
    "ISSUE-END-04",
    "the series was never used: the authority finishes none without a last number; cancel it "
    "shortly after its registration, else leave it: nothing is wanted of it",
)
USED = Code(
    "ISSUE-END-05", "the series has documents, its registration cannot be undone: finish it"
)
TOO_LATE = Code(
    "ISSUE-END-06",
    "a registration is undone on its day and the next one only; leave the series: nothing is "
    "wanted of one that was never used",
)
OTHERWISE = Code("ISSUE-END-07", "the series has ended otherwise")
MOVED = Code("ISSUE-END-08", "the series is being used or asked for just now; look again")


class NextAttempt(StrEnum):
    """When to try again: soon, where an answer or a permission is lacking; daily, where a person
    must mend something; never, where nothing is left to be done."""

    SOON = "soon"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class SeriesObstacle:
    """What stands against it, in words, and when to try again. `is_noted`: the series has it."""

    said: str
    again: NextAttempt = NextAttempt.SOON
    is_noted: bool = False


def registration_of(owner: TaxpayerView) -> SeriesRegistration:
    """Raises `Refused` where the law registers no series."""
    registration = regimes.find(owner.taxpayer.regime).registration
    if registration is None:
        raise Refused(NO_REGISTRATION)
    return registration


def owned(tx: Tx, organization: str, id_: str) -> tuple[SeriesView, TaxpayerView]:
    """A series of the organization, and whose it is. Raises `Missing`."""
    view = series.by_id(tx, id_)
    owner = taxpayers.by_id(tx, view.series.taxpayer) if view else None
    if view is None or owner is None or owner.taxpayer.organization != organization:
        raise Missing(UNKNOWN_SERIES)
    return view, owner


def order(
    tx: Tx, services: IssuingServices, view: SeriesView, to: SeriesState, *, by: str
) -> SeriesView:
    """The series ends: `FINISHED` or `CANCELLED`. What was ordered before is ordered once. Raises
    `Refused`, or `Conflict` with all that speaks against it."""
    assert to in (SeriesState.FINISHED, SeriesState.CANCELLED)
    through = {
        SeriesState.FINISHED: SeriesState.FINISHING,
        SeriesState.CANCELLED: SeriesState.CANCELLING,
    }[to]
    owner = taxpayers.by_id(tx, view.series.taxpayer)
    registration = registration_of(owner)
    at = services.clock()
    if view.state in (to, through):
        if view.state is through:
            _hasten(tx, services, view, owner, at)
        return view
    today = day(at, regimes.find(owner.taxpayer.regime).timezone)
    if codes := tuple(_against(view, to, registration, today)):
        faults = tuple(Fault(code=one.id, text=one.text, law=registration.law) for one in codes)
        raise Conflict(codes[0], faults=faults)
    if not series.order_end(tx, view.series.id, through, at=at, by=by):
        raise Conflict(MOVED)
    _hasten(tx, services, view, owner, at)
    return _there(tx, view.series.id)


def _against(
    view: SeriesView, to: SeriesState, law: SeriesRegistration, today: date
) -> Iterator[Code]:
    if view.state in (SeriesState.WANTED, SeriesState.ASKED):
        yield NOT_REGISTERED
    elif view.state in series.ENDED:
        yield OTHERWISE
    elif to is SeriesState.FINISHED:
        if view.number == 0:
            yield NEVER_USED
    else:
        if view.number:
            yield USED
        if not may_cancel(view, law, today):
            yield TOO_LATE


def may_cancel(view: SeriesView, law: SeriesRegistration, today: date) -> bool:
    """As far as we know when it was registered: else the authority is asked."""
    return view.registered_on is None or law.may_cancel(view.registered_on, today)


def _hasten(
    tx: Tx, services: IssuingServices, view: SeriesView, owner: TaxpayerView, at: datetime
) -> None:
    organization = owner.taxpayer.organization
    series_tasks.hasten(tx, services.ids(), view.series.id, at, organization)


def _there(tx: Tx, id_: str) -> SeriesView:
    view = series.by_id(tx, id_)
    assert view is not None, "series are never removed"
    return view


@dataclass(frozen=True, kw_only=True)
class EndRequest:
    """One series that ends, and all it takes to tell the authority. `holder`: this attempt's."""

    services: IssuingServices
    channel: ChannelConnection
    credentials: dict[str, str]
    view: SeriesView
    message: FinishSeries | CancelSeries
    holder: str

    def settle(self, to: SeriesState, known: KnownSeries | None = None) -> SeriesObstacle | None:
        """The authority has it so, by its own word; `known`: it had it so when it was asked."""
        services = self.services
        at = known.standing_at if known else None
        with writing(services.engine) as tx:
            is_ours = series.end(
                tx,
                self.view.series.id,
                to,
                holder=self.holder,
                at=at or services.clock(),
                said=self.strange(to, known),
            )
        return None if is_ours else _OVERTAKEN

    def strange(self, to: SeriesState, known: KnownSeries | None) -> str:
        """What a person should look at: it was ended there otherwise than we say."""
        ours = self.view.last_told or 0
        if to is SeriesState.CANCELLED and ours:
            return "cancelled at the authority, not by us, though it has documents: ask it"
        if known and known.last_number is not None and known.last_number != ours:
            return f"finished at the authority with number {known.last_number}, ours is {ours}"
        return ""

    def resume(self) -> None:
        with writing(self.services.engine) as tx:
            series.resume(tx, self.view.series.id, holder=self.holder)


_OVERTAKEN = SeriesObstacle(said="another process is telling the authority just now")
_TO_REPORT = ("pending", "unknown")
"""States of reports whose outcome nobody knows yet. One that was refused waits for a person, and
the end of its series does not."""

_ENDS = {
    SeriesStanding.FINISHED: SeriesState.FINISHED,
    SeriesStanding.CANCELLED: SeriesState.CANCELLED,
}


def tell(
    services: IssuingServices,
    channels: Callable[[str], ChannelConnection],
    view: SeriesView,
    owner: TaxpayerView,
) -> SeriesObstacle | None:
    """Tell the authority that a series ends, or find that it has it so already; None: it has.

    Raises `Unavailable` if the channel cannot be opened.
    """
    assert view.state in series.ENDING
    with reading(services.engine) as tx:
        waits = _unreported(tx, view)
    if waits:
        return SeriesObstacle(
            said="documents of the series are still to be reported: they come first"
        )
    request = _opened(services, channels, view, owner)
    at = services.clock()
    with writing(services.engine) as tx:
        if not series.take(tx, view.series.id, holder=request.holder, at=at, until=at + 3 * HELD):
            return _OVERTAKEN
    with _held(request):
        return _consulted(request)


def _unreported(tx: Tx, view: SeriesView) -> bool:
    query = select(OBLIGATION.c.id).where(
        OBLIGATION.c.line == view.series.id, OBLIGATION.c.state.in_(_TO_REPORT)
    )
    return tx.scalar(query.limit(1)) is not None


def _opened(
    services: IssuingServices,
    channels: Callable[[str], ChannelConnection],
    view: SeriesView,
    owner: TaxpayerView,
) -> EndRequest:
    taxpayer = owner.taxpayer
    regime, registration = regimes.find(taxpayer.regime), registration_of(owner)
    one = view.series
    wanted = registration.named(one.document_type, one.name)
    assert wanted is not None, "it was registered under this name"
    named = {
        "taxpayer": taxpayer.facts.get(regime.tax_number, ""),
        "document_type": one.document_type,
        "name": one.name,
        "facts": wanted.facts,
        "reference": one.validation_code,
    }
    message: FinishSeries | CancelSeries
    if view.state is SeriesState.FINISHING:
        message = FinishSeries(**named, last_number=view.last_told or view.number)  # type: ignore[arg-type]
    else:
        message = CancelSeries(**named)  # type: ignore[arg-type]
    with reading(services.engine) as tx:
        credentials = taxpayers.credentials(tx, services.vault, taxpayer.organization, taxpayer.id)
    return EndRequest(
        services=services,
        channel=channels(wanted.channel),
        credentials=credentials,
        view=view,
        message=message,
        holder=services.ids(),
    )


@contextmanager
def _held(request: EndRequest) -> Iterator[None]:
    """Without an answer, the next process may go on at once."""
    try:
        yield
    finally:
        with suppress(Unavailable), writing(request.services.engine) as tx:
            series.lose(tx, request.view.series.id, holder=request.holder)


def _consulted(request: EndRequest) -> SeriesObstacle | None:
    """What the authority has now decides: an attempt before this one may have reached it."""
    known = request.channel.ask(request.message, request.credentials)
    if isinstance(known, Later):
        return SeriesObstacle(said=known.reason)
    if isinstance(known, Rejected):
        if not known.faults:
            return SeriesObstacle(
                said="the authority does not know the series", again=NextAttempt.DAILY
            )
        return _refused(known)
    if to := _ENDS.get(known.standing):
        return request.settle(to, known)
    return _sent(request, known)


def _sent(request: EndRequest, known: KnownSeries) -> SeriesObstacle | None:
    ours = request.view.series.validation_code
    if known.reference != ours:
        said = f"the authority has the code {known.reference}, ours is {ours}: it is another one"
        return SeriesObstacle(said=said, again=NextAttempt.DAILY)
    answer = request.channel.send(request.message, request.credentials)
    match answer:
        case Accepted() if isinstance(request.message, CancelSeries):
            return request.settle(SeriesState.CANCELLED)
        case Accepted():
            return request.settle(SeriesState.FINISHED)
        case Later(reason=reason):
            return SeriesObstacle(said=reason)
        case Rejected():
            return _not_ended(request, answer)


def _not_ended(request: EndRequest, answer: Rejected) -> SeriesObstacle | None:
    """What cannot be cancelled goes on; what is to be finished has its last document, so it is told
    again until it is mended. A refusal may be the answer to a second copy of our message, the first
    of which took effect: so what the authority has by now decides."""
    unsettled = _refused(answer)
    if unsettled.again is not NextAttempt.DAILY:
        return unsettled
    known = request.channel.ask(request.message, request.credentials)
    if isinstance(known, KnownSeries) and (to := _ENDS.get(known.standing)):
        return request.settle(to, known)
    if isinstance(known, Later):
        return SeriesObstacle(said=f"{unsettled.said}; {known.reason}")
    if isinstance(request.message, CancelSeries):
        request.resume()
        return SeriesObstacle(said=unsettled.said, again=NextAttempt.NEVER)
    return unsettled


def _refused(answer: Rejected) -> SeriesObstacle:
    is_soon = answer.remedy in (Remedy.ACCESS, Remedy.TIME)
    again = NextAttempt.SOON if is_soon else NextAttempt.DAILY
    return SeriesObstacle(said=words_of(answer), again=again)
