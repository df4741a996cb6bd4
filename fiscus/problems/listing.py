"""Who is told what: lists of the functions that find rows. A new kind of trouble is a function more
in one of them."""

from collections.abc import Callable, Iterator

from fiscus.problems import devices, installation, places, reports
from fiscus.problems.rows import ProblemRow, ProblemScope
from fiscus.services import Services

OfProcess = Callable[[Services], Iterator[ProblemRow]]
"""What a process knows without its database."""

OfDatabase = Callable[[ProblemScope], Iterator[ProblemRow]]

PROCESS: tuple[OfProcess, ...] = (
    installation.writer,
    installation.disk,
    devices.devices_down,
    installation.channels,
    installation.watermark,
    installation.verified,
)
"""For whoever watches the service, in the order in which it is told."""

COUNTED: tuple[OfDatabase, ...] = (
    installation.revision,
    installation.settings,
    installation.history,
    installation.witnesses,
    reports.reports,
    reports.months_counted,
    places.series,
    places.numbers,
    devices.certificate_ends,
    devices.device_ends,
)
"""The same, of all organizations together."""

OPERATOR_PROCESS: tuple[OfProcess, ...] = (
    installation.writer,
    installation.disk,
    installation.channels,
    installation.watermark,
    installation.verified,
    installation.verified_long_ago,
)
OPERATOR: tuple[OfDatabase, ...] = (
    installation.revision,
    installation.settings,
    installation.history,
    installation.witnesses,
    installation.no_witness,
    installation.worker,
    installation.dead_tasks,
)
"""What the operator sees on the board besides: nothing of it is an organization's."""

ORGANIZATION: tuple[OfDatabase, ...] = (
    devices.outages,
    devices.devices_coming,
    devices.device_ends,
    devices.certificate_ends,
    places.closings,
    places.sessions,
    reports.reports,
    reports.months_by_name,
    places.series,
    places.series_unregistered,
    places.numbers,
    places.to_notify,
)
"""What people of organizations see, each row with whose it is and what it is called."""

REGISTERS: tuple[OfDatabase, ...] = (
    devices.outages,
    devices.devices_coming,
    devices.device_ends,
    devices.certificate_ends,
    places.closings,
    places.sessions,
    places.numbers,
)
"""What a key sees that is limited to registers: rows of theirs, and no counts over others."""

KEYS: tuple[OfDatabase, ...] = (places.keys_in_grace,)
"""What who may make keys sees besides."""


def of_process(services: Services, finds: tuple[OfProcess, ...]) -> Iterator[ProblemRow]:
    for find in finds:
        yield from find(services)


def of_database(scope: ProblemScope, finds: tuple[OfDatabase, ...]) -> Iterator[ProblemRow]:
    for find in finds:
        yield from find(scope)
