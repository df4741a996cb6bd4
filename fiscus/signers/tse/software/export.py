"""What leaves a device: log messages by filter, all of them, or its certificates, as archives."""

from collections.abc import Iterator
from contextlib import closing

from fiscus.model.devices import LogFilter
from fiscus.signers.tse.log import errors, tar
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software import memory
from fiscus.signers.tse.software.device import SoftwareTse

_COUNTER_MAX = 2**63 - 1


def transaction_logs(device: SoftwareTse, wanted: LogFilter) -> Iterator[bytes]:
    """The selected transactions, and every other log between the first and the last of theirs.

    Errors are raised at once, before the first block. Nobody has to be logged in.
    """
    _expect_consistent(wanted)
    with device.lock:
        _expect_known(device, wanted)
        where, values = _condition(wanted)
        first, last, records = device.memory.execute(
            f"SELECT MIN(counter), MAX(counter), COUNT(*) FROM log WHERE {where}",  # noqa: S608
            values,
        ).fetchone()
        if not records:
            raise errors.ErrorNoDataAvailable
        others = "number IS NULL AND counter BETWEEN ? AND ?"
        between = device.memory.execute(
            f"SELECT COUNT(*) FROM log WHERE {others}",  # noqa: S608
            (first, last),
        ).fetchone()[0]
    _expect_few(records + between, wanted.records_max)
    chosen = f"(({where}) OR ({others})) AND counter <= ?"
    return _archive(device, chosen, (*values, first, last, last))


def log_messages(
    device: SoftwareTse,
    *,
    first_counter: int = 1,
    last_counter: int | None = None,
    records_max: int = 0,
) -> Iterator[bytes]:
    """All log messages, or those of an interval of signature counters.

    Only when the last block of everything was taken does the device consider itself exported.
    """
    with device.lock:
        end = device.state["signature_counter"] if last_counter is None else last_counter
        where = "counter BETWEEN ? AND ?"
        records = device.memory.execute(
            f"SELECT COUNT(*) FROM log WHERE {where}",  # noqa: S608
            (first_counter, end),
        ).fetchone()[0]
    if end < first_counter and last_counter is not None:
        raise errors.ErrorParameterMismatch("the end lies before the start")
    if not records:
        raise errors.ErrorNoDataAvailable
    _expect_few(records, records_max)
    blocks = _archive(device, where, (first_counter, end))
    is_all = first_counter <= 1 and last_counter is None
    return _then_exported(device, blocks, end) if is_all else blocks


def logging_certificates(device: SoftwareTse) -> Iterator[bytes]:
    """An archive of the certificates alone."""
    return tar.export(tse.about(device), device.version, device.chain, ())


def _archive(device: SoftwareTse, where: str, values: tuple[object, ...]) -> Iterator[bytes]:
    about = tse.about(device)

    def bodies() -> Iterator[bytes]:
        with closing(memory.reader(device.folder)) as own:
            query = f"SELECT body FROM log WHERE {where} ORDER BY counter"  # noqa: S608
            for row in own.execute(query, values):
                yield row["body"]

    return tar.export(about, device.version, device.chain, bodies())


def _then_exported(device: SoftwareTse, blocks: Iterator[bytes], counter: int) -> Iterator[bytes]:
    yield from blocks
    with tse.step(device):
        device.memory.execute(
            "UPDATE device SET exported_counter = MAX(exported_counter, ?)", (counter,)
        )


def _expect_consistent(wanted: LogFilter) -> None:
    has_interval = wanted.first_number is not None or wanted.last_number is not None
    has_dates = wanted.start_at is not None or wanted.end_at is not None
    if sum((wanted.number is not None, has_interval, has_dates)) > 1:
        raise errors.ErrorParameterMismatch("number, numbers and dates exclude each other")
    if has_interval:
        if wanted.first_number is None or wanted.last_number is None:
            raise errors.ErrorParameterMismatch("an interval has two bounds")
        if wanted.last_number < wanted.first_number:
            raise errors.ErrorParameterMismatch("the end lies before the start")
    if (
        wanted.start_at is not None
        and wanted.end_at is not None
        and (wanted.end_at < wanted.start_at)
    ):
        raise errors.ErrorParameterMismatch("the end lies before the start")
    if wanted.records_max < 0:
        raise errors.ErrorParameterMismatch("the limit is below zero")


def _expect_known(device: SoftwareTse, wanted: LogFilter) -> None:
    started = device.state["transaction_counter"]
    bounds = (wanted.number, wanted.first_number, wanted.last_number)
    for bound in (one for one in bounds if one is not None):
        if not 0 < bound <= started:
            raise errors.ErrorExportTransactionNumberNotFound
    if wanted.client_id:
        row = device.memory.execute(
            "SELECT 1 FROM client WHERE id = ?", (wanted.client_id,)
        ).fetchone()
        if row is None:
            raise errors.ErrorClientIdNotFound


def _condition(wanted: LogFilter) -> tuple[str, tuple[object, ...]]:
    """By time, the messages are selected, not the transactions: one may reach over a bound."""
    terms: list[str] = ["number IS NOT NULL"]
    values: list[object] = []
    if wanted.number is not None:
        terms.append("number = ?")
        values.append(wanted.number)
    if wanted.first_number is not None:
        terms.append("number BETWEEN ? AND ?")
        values += [wanted.first_number, wanted.last_number]
    if wanted.start_at is not None:
        terms.append("at >= ?")
        values.append(int(wanted.start_at.timestamp()))
    if wanted.end_at is not None:
        terms.append("at <= ?")
        values.append(int(wanted.end_at.timestamp()))
    if wanted.client_id:
        terms.append("client = ?")
        values.append(wanted.client_id)
    return " AND ".join(terms), tuple(values)


def _expect_few(records: int, records_max: int) -> None:
    if records_max and records > records_max:
        raise errors.ErrorTooManyRecords
