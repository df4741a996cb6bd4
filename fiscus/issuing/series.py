"""Prepares a series for its first number: wanted, registered with the authority, active.

Intent first: the wish is committed before anybody outside is asked, so that after a crash or a
lost answer the authority is asked what it knows before anything is sent again.
"""

from collections.abc import Callable, Mapping

from fiscus import regimes
from fiscus.channels import Accepted, Connection, Later, RegisterSeries
from fiscus.issuing.answers import SeriesNeeded
from fiscus.issuing.desk import Desk
from fiscus.model.faults import Code, Fault, Unavailable
from fiscus.model.times import day
from fiscus.registry import series, taxpayers
from fiscus.store.connect import reading, writing

REFUSED = Code("ISSUE-SERIES-01", "the authority did not register the series")
UNAUTHORIZED = Code("ISSUE-SERIES-02", "the authority does not accept the taxpayer's credentials")
UNKNOWN = Code(
    "ISSUE-SERIES-03", "the authority's answer is not known yet; send the same request again"
)


def prepare(
    desk: Desk, channels: Callable[[str], Connection], needed: SeriesNeeded
) -> tuple[Fault, ...]:
    """Make the series active. What the authority has against it comes back as faults.

    Raises `Unavailable` if the authority's answer is not known.
    """
    at = desk.clock()
    with writing(desk.engine) as tx:
        known = series.find(tx, needed.taxpayer, needed.wanted)
        if known is None:
            series.want(tx, desk.ids(), needed.taxpayer, needed.wanted, at)
        found = series.find(tx, needed.taxpayer, needed.wanted)
        assert found is not None
        id_ = found[0].id
        if found[1] == series.State.ACTIVE:
            return ()
        if not needed.wanted.channel:
            series.activate(tx, id_, "")
            return ()
    with reading(desk.engine) as tx:
        credentials = taxpayers.credentials(tx, desk.vault, needed.organization, needed.taxpayer)
    return _register(desk, channels(needed.wanted.channel), needed, id_, credentials, known is None)


def _register(
    desk: Desk,
    channel: Connection,
    needed: SeriesNeeded,
    id_: str,
    credentials: Mapping[str, str],
    is_new: bool,
) -> tuple[Fault, ...]:
    message = _message(desk, needed)
    answer = None if is_new else channel.ask(message, credentials)
    if not isinstance(answer, Accepted):
        answer = channel.send(message, credentials)
    if not isinstance(answer, Accepted):
        # It may be there all the same: a lost answer, or another process was faster.
        answer = _known(channel, message, credentials) or answer
    if isinstance(answer, Accepted):
        with writing(desk.engine) as tx:
            series.activate(tx, id_, answer.reference)
        return ()
    if isinstance(answer, Later):
        raise Unavailable(UNKNOWN, answer.reason)
    code = UNAUTHORIZED if answer.is_credentials else REFUSED
    words = "; ".join(fault.sentence() for fault in answer.faults)
    return (Fault(code=code.id, text=f"{code.text}: {words}"),)


def _known(
    channel: Connection, message: RegisterSeries, credentials: Mapping[str, str]
) -> Accepted | None:
    answer = channel.ask(message, credentials)
    return answer if isinstance(answer, Accepted) else None


def _message(desk: Desk, needed: SeriesNeeded) -> RegisterSeries:
    regime = regimes.find(needed.regime)
    settings = desk.settings.get(regime.code, {})
    return RegisterSeries(
        taxpayer=needed.tax_number,
        document_type=needed.wanted.document_type,
        name=needed.wanted.name,
        is_training=needed.wanted.is_training,
        first_number=1,
        starts_on=day(desk.clock(), regime.timezone),
        facts={**needed.wanted.facts, "certificate": settings.get("certificate_number", "")},
    )
