"""Compares the series of a taxpayer with those that the authority has."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

import msgspec

from fiscus import regimes
from fiscus.channels import (
    ChannelConnection,
    KnownSeries,
    Later,
    Rejected,
    SeriesQuery,
    SeriesStanding,
)
from fiscus.issuing.ending import registration_of
from fiscus.issuing.series import UNAUTHORIZED, UNKNOWN, words_of
from fiscus.issuing.services import IssuingServices
from fiscus.model.faults import Code, Fault, Refused, Unavailable
from fiscus.registry import series, taxpayers
from fiscus.registry.series import SeriesState, SeriesView
from fiscus.registry.views import TaxpayerView
from fiscus.store.connect import reading

NOT_TOLD = Code("ISSUE-COMPARE-01", "the authority does not tell which series it has")


class DifferenceKind(StrEnum):
    """What differs between the authority and us."""

    UNKNOWN_HERE = "unknown_here"
    UNKNOWN_THERE = "unknown_there"
    OTHER_STATE = "other_state"
    OTHER_LAST_NUMBER = "other_last_number"
    OTHER_CODE = "other_code"
    OTHER_PURPOSE = "other_purpose"


class SeriesDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: of which series, what stands here and there (empty: nothing), and what it
    means and asks of a person."""

    kind: DifferenceKind
    document_type: str
    name: str
    here: str
    there: str
    meaning: str


_EXPECTED: dict[SeriesState, SeriesStanding] = {
    SeriesState.ACTIVE: SeriesStanding.ACTIVE,
    SeriesState.FINISHED: SeriesStanding.FINISHED,
    SeriesState.CANCELLED: SeriesStanding.CANCELLED,
}
"""What the authority has where nothing is outstanding."""

_UNDER_WAY = "our question is under way; it is followed up by itself"


def compare(
    services: IssuingServices, channels: Callable[[str], ChannelConnection], taxpayer: str
) -> list[SeriesDifference]:
    """Every difference, in the order of type and name. Raises `Refused` where the law registers no
    series or the authority refuses to tell, `Unavailable` while it does not answer."""
    with reading(services.engine) as tx:
        owner = taxpayers.by_id(tx, taxpayer)
        law = registration_of(owner)
        ours = series.of(tx, taxpayer)
        credentials = taxpayers.credentials(
            tx, services.vault, owner.taxpayer.organization, taxpayer
        )
    told = _told(channels(law.channel), owner, credentials)
    return sorted(differences(ours, told), key=lambda one: (one.document_type, one.name, one.kind))


def _told(
    channel: ChannelConnection, owner: TaxpayerView, credentials: dict[str, str]
) -> tuple[KnownSeries, ...]:
    number = owner.taxpayer.facts.get(regimes.find(owner.taxpayer.regime).tax_number, "")
    answer = channel.listed(SeriesQuery(taxpayer=number), credentials)
    if isinstance(answer, Later):
        raise Unavailable(UNKNOWN, answer.reason)
    if isinstance(answer, Rejected):
        code = UNAUTHORIZED if answer.is_credentials else NOT_TOLD
        fault = Fault(code=code.id, text=f"{code.text}: {words_of(answer)}", paths=("taxpayer",))
        raise Refused(code, faults=(fault,))
    return answer


def differences(
    ours: Sequence[SeriesView], told: Sequence[KnownSeries]
) -> Iterator[SeriesDifference]:
    here = {_key(one.series.document_type, one.series.name): one for one in ours}
    there = {_key(one.series.document_type, one.series.name): one for one in told}
    for key, known in there.items():
        if key not in here:
            yield _difference(
                DifferenceKind.UNKNOWN_HERE,
                known.series.document_type,
                known.series.name,
                "",
                _standing(known),
                "another program or a lost database has it: `fiscus series adopt`, or leave it",
            )
        else:
            yield from _apart(here[key], known)
    for key, view in here.items():
        if key not in there and view.state is not SeriesState.WANTED:
            meaning = (
                _UNDER_WAY
                if view.state is SeriesState.ASKED
                else "documents may bear a code that the authority did not give: ask it"
            )
            one = view.series
            yield _difference(
                DifferenceKind.UNKNOWN_THERE, one.document_type, one.name, view.state, "", meaning
            )


def _key(document_type: str, name: str) -> tuple[str, str]:
    return document_type, name.casefold()


def _standing(known: KnownSeries) -> str:
    if known.last_number is None:
        return known.standing
    return f"{known.standing} with number {known.last_number}"


def _apart(view: SeriesView, known: KnownSeries) -> Iterator[SeriesDifference]:
    """How one series differs."""
    one = view.series

    def found(kind: DifferenceKind, here: object, there: object, meaning: str) -> SeriesDifference:
        return _difference(kind, one.document_type, one.name, str(here), str(there), meaning)

    if view.state is SeriesState.WANTED:
        meaning = (
            "somebody else registered it: take it over with `fiscus series adopt`, or leave it"
        )
        yield found(DifferenceKind.UNKNOWN_HERE, view.state, _standing(known), meaning)
        return
    if known.standing is not _EXPECTED.get(view.state):
        meaning = (
            _UNDER_WAY
            if view.state in series.OPEN_QUESTIONS
            else "it was changed on the authority's own pages, or by another program"
        )
        yield found(DifferenceKind.OTHER_STATE, view.state, known.standing, meaning)
    if known.last_number is not None and known.last_number != view.number:
        meaning = "the authority has another last number than our documents: tell it, or ask it"
        yield found(DifferenceKind.OTHER_LAST_NUMBER, view.number, known.last_number, meaning)
    if view.series.validation_code and known.reference != view.series.validation_code:
        meaning = "documents bear our code: find out which program registered the other one"
        yield found(
            DifferenceKind.OTHER_CODE, view.series.validation_code, known.reference, meaning
        )
    if known.series.purpose is not view.purpose:
        meaning = "it was registered for something else: name another series"
        yield found(DifferenceKind.OTHER_PURPOSE, view.purpose, known.series.purpose, meaning)


def _difference(
    kind: DifferenceKind, document_type: str, name: str, here: str, there: str, meaning: str
) -> SeriesDifference:
    return SeriesDifference(
        kind=kind,
        document_type=document_type,
        name=name,
        here=here,
        there=there,
        meaning=meaning,
    )
