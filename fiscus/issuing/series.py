"""Prepares a series for its first number: wanted, registered with the authority, active.

A series is ours only if we registered it. What is wanted is committed first, then the authority is
asked what it knows; that a question is under way is committed before it is sent. A series found at
the authority is not ours, unless such a question of ours was sent and its answer was lost.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta

from fiscus import regimes
from fiscus.channels import (
    Accepted,
    Answer,
    ChannelConnection,
    KnownSeries,
    Later,
    Rejected,
    Remedy,
)
from fiscus.issuing import series_tasks, taken
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.asking import SeriesQuestion, SeriesRequest
from fiscus.issuing.services import IssuingServices
from fiscus.model.faults import Code, Fault, Unavailable
from fiscus.model.times import day
from fiscus.registry import series, taxpayers
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.store.connect import reading, writing
from fiscus.webhooks import events
from fiscus.webhooks.event_types import EventType

UNAUTHORIZED = Code("ISSUE-SERIES-02", "the authority does not accept the taxpayer's credentials")
UNKNOWN = Code(
    "ISSUE-SERIES-03", "the authority's answer is not known yet; send the same request again"
)
BEING_ASKED = Code(
    "ISSUE-SERIES-06", "the authority is being asked for the series just now; send it again"
)
NOT_NOW = Code(
    "ISSUE-SERIES-08", "the authority cannot register the series just now; send it again"
)

HELD = timedelta(seconds=10)
"""Longer than any call to an authority may take: afterwards its answer counts as lost."""


def prepare(
    services: IssuingServices, channels: Callable[[str], ChannelConnection], needed: SeriesNeeded
) -> tuple[Fault, ...]:
    """Make the series active. What speaks against it comes back as faults, and callers that want to
    know of it are told, at most once an hour.

    Raises `Unavailable` if the authority's answer is not known, or another process is asking now.
    """
    view = _noted(services, needed)
    try:
        faults = _prepared(services, channels, needed, view)
    except Unavailable as trouble:
        if trouble.code in (UNKNOWN, NOT_NOW):
            _keep_words(services, needed, view, str(trouble))
        raise
    if faults:
        if view.state in (SeriesState.WANTED, SeriesState.ASKED):
            _keep_words(services, needed, view, "; ".join(fault.text for fault in faults))
        # One event for the same series and time: each further sale asks for it again.
        hour = services.clock().replace(minute=0, second=0, microsecond=0)
        of, company = needed.organization, needed.wish.taxpayer
        with writing(services.engine) as tx:
            events.tell(tx, of, EventType.SERIES_BLOCKED, view.series.id, hour, company)
    return faults


def _keep_words(
    services: IssuingServices, needed: SeriesNeeded, view: SeriesView, said: str
) -> None:
    """What stands against it, for those who look at the series; a question whose answer was lost
    is followed up, also if nobody sells any more."""
    at = services.clock()
    with writing(services.engine) as tx:
        series.note(tx, view.series.id, said, at)
        now = series.by_id(tx, view.series.id)
        if now is not None and now.state is SeriesState.ASKED:
            due = at + series_tasks.AGAIN_FIRST
            series_tasks.want(tx, services.ids(), view.series.id, due, needed.organization)


def _prepared(
    services: IssuingServices,
    channels: Callable[[str], ChannelConnection],
    needed: SeriesNeeded,
    view: SeriesView,
) -> tuple[Fault, ...]:
    if view.state is SeriesState.ACTIVE and view.serves(needed.wish):
        return ()
    if view.state in series.ENDED and needed.wanted.is_default:
        return ()  # the order comes again, and goes on under the next name
    if not needed.wanted.channel:
        with writing(services.engine) as tx:
            series.activate(tx, view.series.id, "")
        return ()
    request = _opened(services, channels, needed)
    if view.state in series.ENDED:
        return (taken.ended(request, view),)
    if view.state is SeriesState.WANTED and not taken.is_kept(view, needed.wish):
        return _first_asked(request, view)
    if not view.serves(needed.wish):
        return (taken.here(request, view),)
    return _taken_up(request, view)


def _noted(services: IssuingServices, needed: SeriesNeeded) -> SeriesView:
    """The series, noted as wanted; as it is stored now."""
    wish = needed.wish
    with reading(services.engine) as tx:
        found = series.find(tx, wish.owner, wish.wanted)
    if found is None:
        with writing(services.engine) as tx:
            series.want(tx, services.ids(), wish, services.clock())
            found = series.find(tx, wish.owner, wish.wanted)
    assert found is not None
    return found


def _opened(
    services: IssuingServices, channels: Callable[[str], ChannelConnection], needed: SeriesNeeded
) -> SeriesRequest:
    with reading(services.engine) as tx:
        credentials = taxpayers.credentials(
            tx, services.vault, needed.organization, needed.wish.taxpayer
        )
    return SeriesRequest(
        services=services,
        channel=channels(needed.wanted.channel),
        credentials=credentials,
        needed=needed,
        regime=regimes.find(needed.regime),
    )


def _first_asked(request: SeriesRequest, view: SeriesView) -> tuple[Fault, ...]:
    """Nothing of ours was ever sent: what the authority has is not ours."""
    services, needed = request.services, request.needed
    message = request.message(needed.wanted, needed.wanted.name, request.first_day)
    match request.ask(message):
        case KnownSeries() as known:
            if not _is_unasked(request, view):
                raise Unavailable(BEING_ASKED)  # a process of ours has asked meanwhile
            return (taken.exists(request, known),)
        case Later() as silence:
            raise Unavailable(UNKNOWN, silence.reason)
        case Rejected(faults=faults) as answer if faults:
            return (_said(answer),)
    question = SeriesQuestion(
        id=view.series.id,
        holder=services.ids(),
        sent=message,
        asked_on=request.today,
        is_lost=False,
    )
    at = services.clock()
    with writing(services.engine) as tx:
        is_ours = series.ask(
            tx,
            question.id,
            needed.wish,
            holder=question.holder,
            starts_on=message.starts_on,
            at=at,
            until=at + HELD,
        )
    if not is_ours:
        raise Unavailable(BEING_ASKED)
    with _no_longer_than_this(services, question):
        return _sent(request, question)


def _is_unasked(request: SeriesRequest, view: SeriesView) -> bool:
    with reading(request.services.engine) as tx:
        now = series.find(tx, view.owner, request.needed.wanted)
    return now is not None and now.state is SeriesState.WANTED


def _taken_up(request: SeriesRequest, view: SeriesView) -> tuple[Fault, ...]:
    """The series was asked for, and nobody has heard the answer: what became of the question?"""
    services, at = request.services, request.services.clock()
    assert view.asked_at is not None
    assert view.starts_on is not None
    question = SeriesQuestion(
        id=view.series.id,
        holder=services.ids(),
        is_lost=True,
        sent=request.message(request.needed.wanted, view.series.name, view.starts_on),
        asked_on=day(view.asked_at, request.regime.timezone),
    )
    with writing(services.engine) as tx:
        if not series.take(tx, question.id, holder=question.holder, at=at, until=at + HELD):
            raise Unavailable(BEING_ASKED)
    with _no_longer_than_this(services, question):
        match request.ask(question.sent):
            case KnownSeries() as known:
                return _found(request, question, known)
            case Later() as silence:
                raise Unavailable(UNKNOWN, silence.reason)
            case Rejected(faults=faults) as answer if faults:
                return (_said(answer),)
        return _sent(request, _renewed(request, question))


def _renewed(request: SeriesRequest, question: SeriesQuestion) -> SeriesQuestion:
    """The same question on another day."""
    services, today = request.services, request.first_day
    with writing(services.engine) as tx:
        is_ours = series.ask_again(
            tx, question.id, holder=question.holder, starts_on=today, until=services.clock() + HELD
        )
    if not is_ours:
        raise Unavailable(BEING_ASKED)
    sent = request.message(request.needed.wanted, question.sent.name, today)
    return SeriesQuestion(
        id=question.id, holder=question.holder, sent=sent, asked_on=question.asked_on, is_lost=True
    )


@contextmanager
def _no_longer_than_this(services: IssuingServices, question: SeriesQuestion) -> Iterator[None]:
    """Without an answer, the next process may go on at once, not only when our time is over."""
    try:
        yield
    finally:
        with suppress(Unavailable), writing(services.engine) as tx:
            series.lose(tx, question.id, holder=question.holder)


def _sent(request: SeriesRequest, question: SeriesQuestion) -> tuple[Fault, ...]:
    """Send it, and keep what comes back."""
    answer: Answer = request.channel.send(question.sent, request.credentials)
    if isinstance(answer, Accepted):
        return _registered(request, question, answer.reference, request.today)
    known = request.ask(question.sent)
    if isinstance(answer, Later):
        # It may be there all the same: the answer was lost, not the question.
        if isinstance(known, KnownSeries):
            return _found(request, question, known)
        raise Unavailable(UNKNOWN, answer.reason)
    if question.is_lost:
        match known:
            case KnownSeries():
                return _found(request, question, known)
            case Later() as silence:
                raise Unavailable(UNKNOWN, silence.reason)
            case Rejected(faults=faults) if faults:
                return (_said(answer),)  # what became of the question before is as open as ever
    _given_up(request, question)
    if isinstance(known, KnownSeries):
        return (taken.exists(request, known),)  # another program was faster
    return (_said(answer),)


def _found(
    request: SeriesRequest, question: SeriesQuestion, known: KnownSeries
) -> tuple[Fault, ...]:
    """After a lost answer: it is ours if it is what we asked for, else our question was refused."""
    if question.is_answered_by(known):
        return _registered(request, question, known.reference, known.registered_on)
    _given_up(request, question)
    return (taken.exists(request, known),)


def _registered(
    request: SeriesRequest, question: SeriesQuestion, code: str, on: date
) -> tuple[Fault, ...]:
    with writing(request.services.engine) as tx:
        series.activate(tx, question.id, code, on)
    return ()


def _given_up(request: SeriesRequest, question: SeriesQuestion) -> None:
    """The question is over: nothing of ours is under way any more. Raises `Unavailable` if another
    process went on."""
    with writing(request.services.engine) as tx:
        is_ours = series.give_up(tx, question.id, holder=question.holder)
    if not is_ours:
        raise Unavailable(BEING_ASKED)


def _said(answer: Rejected) -> Fault:
    """What the authority has against it, in its own words. Raises `Unavailable` if it helps to
    wait."""
    words = words_of(answer)
    if answer.remedy is Remedy.TIME:
        raise Unavailable(NOT_NOW, words)
    code = UNAUTHORIZED if answer.is_credentials else taken.REFUSED
    return Fault(code=code.id, text=f"{code.text}: {words}")


def words_of(answer: Rejected) -> str:
    """Our words for it, and after them the authority's own."""
    ours = "; ".join(fault.sentence() for fault in answer.faults)
    said = answer.said
    return f'{ours} (the authority: {said.code} "{said.text}")' if said else ours
