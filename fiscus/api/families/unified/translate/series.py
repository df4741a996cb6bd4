"""A series of documents, as this family shows it."""

from datetime import date, datetime

from fiscus.api.families.unified.translate.contents import Json
from fiscus.issuing import upkeep
from fiscus.model.times import seconds_z
from fiscus.registry.series import SeriesView


def series(view: SeriesView) -> Json:
    """What is not there is left out."""
    since = upkeep.since(view)
    content = {
        "id": view.series.id,
        "taxpayer": {"id": view.series.taxpayer},
        "location": {"id": view.location},
        "document_type": view.series.document_type,
        "name": view.series.name,
        "purpose": view.purpose.upper(),
        "state": view.state.upper(),
        "validation_code": view.series.validation_code or None,
        "last_number": view.number,
        "starts_on": _day(view.starts_on),
        "registered_on": _day(view.registered_on),
        "last_told": view.last_told,
        "ordered_at": _moment(view.ordered_at),
        "ended_at": _moment(view.ended_at),
        "outstanding": since
        and {
            "since": _moment(since),
            "attempts": view.attempts,
            "message": upkeep.standing_words(view),
        },
        "message": view.said or None,
        "created_at": _moment(view.created_at),
    }
    return {"content": {name: value for name, value in content.items() if value is not None}}


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _moment(at: datetime | None) -> str | None:
    return seconds_z(at) if at else None
