"""What is looked after beside the tasks, every few seconds."""

from fiscus.reporting import lines, pauses
from fiscus.reporting.services import ReportingServices
from fiscus.store.connect import writing


def look_after(services: ReportingServices) -> None:
    """Taxpayers with other credentials are tried again, and no line stays without its task."""
    at = services.clock()
    with writing(services.engine) as tx:
        pauses.lift_changed(tx, at)
        lines.sweep(tx, at)
