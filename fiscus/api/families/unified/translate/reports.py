"""Reports to authorities, as this family shows them."""

from collections.abc import Iterable

from fiscus.api.families.unified.translate.contents import Json
from fiscus.channels import Remedy
from fiscus.model.times import seconds_z
from fiscus.reporting.listing import HELP, ReportView


def report(view: ReportView) -> Json:
    content: Json = {
        **_brief(view),
        "taxpayer": {"id": view.taxpayer},
        "record": {"id": view.record},
        "channel": view.channel,
        "number": view.number,
        "attempts": view.attempts,
        "may_have_arrived": view.was_sent,
        "created_at": seconds_z(view.created_at),
    }
    if view.series:
        content["series"] = f"{view.document_type} {view.series}"
    if view.day:
        content["day"] = view.day.isoformat()
    if view.reason:
        content["reason"] = view.reason
    if view.answered_at:
        content["answer"] = {
            **_there(code=view.code, message=view.words, reference=view.reference),
            "answered_at": seconds_z(view.answered_at),
        }
    if view.remedy:
        content["remedy"] = _remedy(view.remedy)
    return {"content": content}


def of_record(views: Iterable[ReportView]) -> list[Json]:
    """The same in brief, as a record shows its own."""
    return [_brief(view) for view in views]


def _brief(view: ReportView) -> Json:
    kind = view.kind.upper() if view.kind.islower() else view.kind
    return {"id": view.id, "type": kind, "state": view.state.name}


def _remedy(remedy: Remedy) -> Json:
    return {"type": remedy.name, "description": HELP[remedy]}


def _there(**said: str) -> Json:
    return {name: text for name, text in said.items() if text}
