"""What is done beside requests: tasks of the outbox, chores at intervals, helping threads."""

from functools import partial

from sqlalchemy import Connection

from fiscus import __version__
from fiscus.accounting import derive
from fiscus.accounting import jobs as export_jobs
from fiscus.api import families
from fiscus.console.document_index import DocumentIndexer
from fiscus.exports import book_files, jobs, retention
from fiscus.exports import run as export
from fiscus.issuing import automatic, driver, idempotency, series_tasks
from fiscus.issuing import upkeep as series_upkeep
from fiscus.outbox import queue
from fiscus.outbox.periodic import PeriodicThread
from fiscus.outbox.queue import OutboxTask
from fiscus.outbox.worker import Do, GiveUp, OutboxWorker
from fiscus.provisioning import abandoned, provision
from fiscus.registry import log
from fiscus.reporting import sending, upkeep
from fiscus.reporting.lines import TASK_REPORT
from fiscus.reporting.services import ReportingServices
from fiscus.services import Services
from fiscus.store.connect import writing
from fiscus.webhooks import deliveries, events
from fiscus.webhooks.deliveries import WebhookServices
from fiscus.webhooks.sending import WebhookSender

RECOVER_SECONDS = 10
LEFT_OVER_SECONDS = 900
CUT_OFF_SECONDS = 30
EXPIRE_SECONDS = 30
EXPIRED_TOGETHER = 100
REPORTS_SECONDS = 15
SERIES_SECONDS = 600
SWEEP_SECONDS = 3600


def worker(services: Services, *, export_by: Do | None = None) -> OutboxWorker:
    """The worker with all its tasks and chores. `export_by`: who makes exports, if not the worker
    itself."""

    def sign_checkpoint() -> None:
        if services.log.sign():
            services.witnesses.want()

    def recover() -> None:
        driver.recover(services.issuing, services.channels)

    def end_left_over() -> None:
        abandoned.end(services.issuing)

    def close_due() -> None:
        automatic.close_due(services.issuing, services.channels)

    def look_at_series() -> None:
        series_upkeep.look(services.issuing, services.settings.series_ahead_days)

    def expire_jobs() -> None:
        with writing(services.engine) as tx:
            export_jobs.expire(tx, services.clock(), EXPIRED_TOGETHER)

    def sweep() -> None:
        with writing(services.engine) as tx:
            idempotency.sweep(tx, services.clock())
            deliveries.sweep(tx, services.clock())
        services.exports.artifacts.sweep(services.clock())
        retention.expire(services.exports)

    return OutboxWorker(
        services.engine,
        services.clock,
        tasks(services, export_by=export_by),
        (
            (RECOVER_SECONDS, recover),
            (LEFT_OVER_SECONDS, end_left_over),
            (CUT_OFF_SECONDS, close_due),
            (EXPIRE_SECONDS, expire_jobs),
            (REPORTS_SECONDS, partial(upkeep.look_after, reporting_services(services))),
            (SERIES_SECONDS, look_at_series),
            (services.settings.checkpoint_seconds, sign_checkpoint),
            (SWEEP_SECONDS, sweep),
        ),
    )


def tasks(services: Services, *, export_by: Do | None = None) -> dict[str, tuple[Do, GiveUp]]:
    """What does each kind of task, and who is told when it was given up."""

    def cover(task: OutboxTask) -> None:
        if services.log.sign():
            # Before the task is done: after a crash it comes again.
            services.witnesses.keep_closing(task.payload)
            services.witnesses.want()
        with writing(services.engine) as tx:
            queue.done(tx, task)

    def leave_listed(tx: Connection, task: OutboxTask, error: str) -> None:
        """Nobody waits for it: the list of dead tasks and the log say so."""

    making: tuple[Do, GiveUp] = (
        export_by or partial(export.do, services.exports),
        lambda tx, task, error: export.give_up(tx, task, error, services.clock()),
    )
    webhooks = webhook_services(services)
    return {
        jobs.TASK: making,
        book_files.TASK: making,
        retention.TASK_DROP: (
            lambda task: retention.drop(services.exports, task),
            leave_listed,
        ),
        log.TASK: (cover, leave_listed),
        TASK_REPORT: (partial(sending.do, reporting_services(services)), leave_listed),
        series_tasks.TASK: (
            lambda task: series_upkeep.do(services.issuing, services.channels, task),
            lambda tx, task, error: series_upkeep.postpone(tx, services.issuing, task, error),
        ),
        provision.TASK: (
            lambda task: provision.do(services.provisioning, task),
            provision.give_up,
        ),
        provision.TASK_RELEASE: (
            lambda task: provision.release(services.provisioning, task),
            provision.leave,
        ),
        events.TASK: (partial(deliveries.do, webhooks), deliveries.give_up),
    }


def reporting_services(services: Services) -> ReportingServices:
    """What telling authorities of documents works with."""
    return ReportingServices(
        engine=services.engine,
        clock=services.clock,
        vault=services.vault,
        channels=services.channels,
        settings=services.issuing.settings,
    )


def webhook_services(services: Services) -> WebhookServices:
    """What delivering webhooks works with; things are shown as the API families show them."""
    return WebhookServices(
        engine=services.engine,
        clock=services.clock,
        vault=services.vault,
        render=partial(families.told, services),
        send=WebhookSender(private=services.settings.private_targets()).send,
        agent=f"Fiscus/{__version__}",
    )


def helpers(services: Services, *, apart: bool) -> tuple[PeriodicThread, ...]:
    """Threads beside the worker. `apart`: the service may start processes of its own, which read
    the settings from the environment again."""
    witnesses = PeriodicThread("witnesses", services.witnesses.look)
    services.witnesses.waker = witnesses.wake
    books = PeriodicThread("books", partial(derive.step, services.engine, services.clock))
    threads = [witnesses, books]
    if services.settings.console:
        threads.append(PeriodicThread("documents", DocumentIndexer(services.engine).step))
    if apart:
        threads.append(PeriodicThread("selfcheck", services.selfcheck.look))
    return tuple(threads)


def end_helpers(services: Services, threads: tuple[PeriodicThread, ...]) -> None:
    """End them; what would take long is broken off, and begins anew with the next start."""
    services.witnesses.stop()
    services.selfcheck.stop()
    for thread in threads:
        thread.stop()
    services.selfcheck.close()
