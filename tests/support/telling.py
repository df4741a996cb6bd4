"""The worker that tells authorities of documents, with an authority that says what a test wants."""

from collections.abc import Callable

from fiscus.channels import Answer, ObligationReport
from fiscus.outbox import queue
from fiscus.outbox.kinds import Lane
from fiscus.reporting import sending, upkeep
from fiscus.reporting.services import ReportingServices
from fiscus.reporting.tests.authority import Authority
from fiscus.store.connect import writing
from tests.support.premises import Premises


def tell(premises: Premises, says: Callable[[ObligationReport], Answer]) -> None:
    """All that is due."""
    services, authority = premises.services, Authority()
    authority.says = says
    reporting = ReportingServices(
        engine=services.engine,
        clock=services.clock,
        vault=services.vault,
        channels=authority.channel,
        settings=services.issuing.settings,
    )
    upkeep.look_after(reporting)
    while True:
        with writing(services.engine) as tx:
            task = queue.lease(tx, services.clock(), Lane.REPORTS)
        if task is None:
            return
        sending.do(reporting, task)
