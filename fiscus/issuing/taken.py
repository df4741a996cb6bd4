"""A series that we may not use: who has it, which name is free, and how to take it over."""

from itertools import islice

from fiscus.channels import KnownSeries, Rejected
from fiscus.issuing.asking import SeriesRequest
from fiscus.model.faults import Code, Fault
from fiscus.model.records import SeriesPurpose
from fiscus.registry import series
from fiscus.registry.series import SeriesView, SeriesWish
from fiscus.store.connect import reading

REFUSED = Code("ISSUE-SERIES-01", "the authority did not register the series")
TAKEN = Code("ISSUE-SERIES-04", "the series is taken under this tax number")
ELSEWHERE = Code("ISSUE-SERIES-05", "the series belongs to another location")

ENDED = Code("ISSUE-SERIES-09", "the series has ended and takes no more documents")
OTHER_PURPOSE = Code("ISSUE-SERIES-10", "the series is kept for documents of another purpose")

_OTHERS_MAX = 10
"""So many other names the authority is asked about, until one is free."""


def exists(request: SeriesRequest, known: KnownSeries) -> Fault:
    name = f"{known.series.document_type} {known.series.name}"
    return _fault(
        REFUSED,
        f"it has {name}, not from us; {_way_out(request)}, or take it over: `fiscus series adopt`",
        request.registration.law,
    )


def ended(request: SeriesRequest, view: SeriesView) -> Fault:
    """A series of this installation that is finished or cancelled, or about to be."""
    name = f"{view.series.document_type} {view.series.name}"
    words = f"{name} is {view.state}; {_way_out(request)}"
    return _fault(ENDED, words, request.registration.law)


def is_kept(view: SeriesView, wish: SeriesWish) -> bool:
    """Whether a person has ordered it for something else, ahead of its use."""
    return view.purpose is not wish.wanted.purpose and view.purpose is SeriesPurpose.RECOVERY


def here(request: SeriesRequest, view: SeriesView) -> Fault:
    """A series of this installation that must not number here."""
    name = f"{view.series.document_type} {view.series.name}"
    wish = request.needed.wish
    if view.purpose is not wish.wanted.purpose:
        words = f"{name} is for {view.purpose}, not {wish.wanted.purpose}; {_way_out(request)}"
        return _fault(OTHER_PURPOSE, words, request.registration.law)
    if view.series.taxpayer == wish.taxpayer and view.location != wish.location:
        words = f"{name} stays where it was used first; {_way_out(request)}"
        return _fault(ELSEWHERE, words, request.registration.place_law)
    words = (
        f"{name} was numbered before; {_way_out(request)}, or take it over: `fiscus series adopt`"
    )
    return _fault(TAKEN, words, request.registration.law)


def _fault(code: Code, words: str, law: str) -> Fault:
    return Fault(code=code.id, text=f"{code.text}: {words}", law=law, paths=("series",))


def _way_out(request: SeriesRequest) -> str:
    free = _free_name(request)
    return f"send another series ({free} is free)" if free else "send another series"


def _free_name(request: SeriesRequest) -> str:
    """A name that nobody has, neither here nor at the authority; empty if that is not certain."""
    wish = request.needed.wish
    with reading(request.services.engine) as tx:
        others = request.registration.others(wish.wanted)
        unused = (one for one in others if series.find(tx, wish.owner, one) is None)
        candidates = list(islice(unused, _OTHERS_MAX))
    for one in candidates:
        known = request.ask(request.message(one, one.name, request.today))
        if isinstance(known, Rejected) and not known.faults:
            return one.said
        if not isinstance(known, KnownSeries):
            break
    return ""
