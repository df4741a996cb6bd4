"""Months that a law wants reported, as this family shows them."""

from fiscus.api.families.unified.translate.contents import Json
from fiscus.model.times import seconds_z
from fiscus.reporting.months import MonthState, MonthView, name


def month(view: MonthView) -> Json:
    facts = view.facts
    content: Json = {
        "month": name(view.month),
        "taxpayer": {"id": view.owner.taxpayer.id},
        "reporting": view.mode.name,
        "state": view.state.name,
        "due": view.due.isoformat(),
        "overdue": view.is_overdue,
        "reopened": view.is_reopened,
        "reports": {
            "waiting": facts.waiting,
            "refused": facts.refused,
            "deleted": facts.deleted,
        },
        "came_since": view.since,
    }
    if told := facts.declaration:
        content["declaration"] = {
            "type": told.type.name,
            **({"reference": told.reference} if told.reference else {}),
            "declared_at": seconds_z(told.at),
            "by": told.by,
        }
    if text := _remedy(view):
        content["remedy"] = text
    return {"content": content}


def _remedy(view: MonthView) -> str:
    """What is to be done, by whom, with which operations; empty if nothing is."""
    place = f"/taxpayers/{view.owner.taxpayer.id}"
    declaration = f"POST {place}/months/{name(view.month)}/declaration with type"
    law = view.owner.law
    match view.state:
        case MonthState.OPEN:
            return f"GET {place}/reports?period={name(view.month)} says what is not accepted"
        case MonthState.FILE_DUE:
            return (
                f"POST /files with type AUDIT and range from {view.month} to {view.last_day} "
                f"writes the file; {law.hand_in}; then {declaration} FILE"
            )
        case MonthState.NO_INVOICING:
            return f"{law.declare}; then {declaration} NO_INVOICING"
        case _:
            return ""
