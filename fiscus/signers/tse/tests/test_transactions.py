"""The software TSE against the official test cases: SM (security module) and II (interface)."""

from datetime import UTC, datetime, timedelta

import pytest

from fiscus.model.devices import TransactionState
from fiscus.signers.tse.log import algorithms, certificates, errors, messages
from fiscus.signers.tse.log.logtime import TimeFormat
from fiscus.signers.tse.log.messages import DecodedMessage, LogOperation, SystemLog, TransactionLog
from fiscus.signers.tse.software import administration, ready, status, transactions, users
from fiscus.signers.tse.software import device as tse
from fiscus.signers.tse.software.device import SoftwareTse

VERSIONS = pytest.mark.parametrize("version", [2, 3])


def a_registers_device(factory, **settings: object) -> SoftwareTse:
    """Ready, with whoever may record transactions logged in."""
    device: SoftwareTse = factory.a_ready_device(**settings)
    users.authenticate(device, "logger", "32345")
    return device


def logs(device: SoftwareTse) -> list[DecodedMessage]:
    rows = device.memory.execute("SELECT body FROM log ORDER BY counter")
    return [messages.decode(row["body"]) for row in rows]


def transaction_logs(device: SoftwareTse) -> list[TransactionLog]:
    return [one.log for one in logs(device) if isinstance(one.log, TransactionLog)]


def events(device: SoftwareTse) -> list[str]:
    return [one.log.event for one in logs(device) if isinstance(one.log, SystemLog)]


def as_admin(device: SoftwareTse) -> SoftwareTse:
    assert users.authenticate(device, "admin", "12345").is_success
    return device


@VERSIONS
def test_SM_CON_a_transaction_is_start_updates_and_finish(factory, version: int) -> None:
    device = a_registers_device(factory, version=version)

    number = transactions.start(device, "KASSE-1", b"", "").number
    transactions.update(device, "KASSE-1", number, b"one", "Bestellung-V1")
    transactions.update(device, "KASSE-1", number, b"two", "Bestellung-V1")
    transactions.finish(device, "KASSE-1", number, b"end", "Kassenbeleg-V1")

    seen = transaction_logs(device)
    assert [log.operation for log in seen] == [
        LogOperation.START,
        LogOperation.UPDATE,
        LogOperation.UPDATE,
        LogOperation.FINISH,
    ]
    assert [log.process_data for log in seen] == [b"", b"one", b"two", b"end"]
    assert {log.version for log in seen} == {version}


@VERSIONS
def test_SM_CON_unsigned_updates_are_gathered_into_the_next_signed_one(
    factory, version: int
) -> None:
    device = a_registers_device(factory, version=version)
    number = transactions.start(device, "KASSE-1", b"", "").number

    assert transactions.update(device, "KASSE-1", number, b"a", "x", is_signed=False) is None
    transactions.update(device, "KASSE-1", number, b"b", "x", is_signed=False)
    transactions.update(device, "KASSE-1", number, b"c", "x")

    last = transaction_logs(device)[-1]
    assert last.parts == (b"a", b"b", b"c")
    assert last.process_data == b"abc"


@VERSIONS
def test_SM_CON_what_waits_at_the_end_is_signed_as_an_update_first(factory, version: int) -> None:
    device = a_registers_device(factory, version=version)
    number = transactions.start(device, "KASSE-1", b"", "").number
    transactions.update(device, "KASSE-1", number, b"a", "x", is_signed=False)

    transactions.finish(device, "KASSE-1", number, b"end", "x")

    *_, update, finish = transaction_logs(device)
    assert (update.operation, update.parts) == (LogOperation.UPDATE, (b"a",))
    assert (finish.operation, finish.parts) == (LogOperation.FINISH, ())


@VERSIONS
def test_SM_CON_transactions_run_side_by_side_with_time_updates_between(
    factory, version: int
) -> None:
    device = factory.a_ready_device(version=version)
    kasse = ready.opened(device, factory.pins)
    first = kasse.start("KASSE-1", "", b"")
    second = kasse.start("KASSE-1", "", b"")
    users.authenticate(device, "timeadmin", "22345")
    administration.update_time(device)
    kasse.finish("KASSE-1", second.number, "t", b"2")
    kasse.finish("KASSE-1", first.number, "t", b"1")

    ends = [log.number for log in transaction_logs(device) if log.operation is LogOperation.FINISH]
    assert ends == [second.number, first.number]
    assert "updateTime" in events(device)


def test_SM_TME_no_transaction_before_the_clock_is_set(factory) -> None:
    device = as_admin(factory.a_new_device())
    administration.initialize(device, "")
    administration.register_client(device, "KASSE-1")

    assert status.current_time(device) == datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(errors.ErrorTimeNotSet):
        transactions.start(device, "KASSE-1", b"", "")
    administration.update_time(device)
    assert transactions.start(device, "KASSE-1", b"", "").time == factory.clock()


def test_SM_TME_the_clock_never_runs_backwards_by_itself(factory) -> None:
    device = a_registers_device(factory)
    factory.clock.pass_by(minutes=5)
    before = transactions.start(device, "KASSE-1", b"", "").time
    factory.clock.pass_by(hours=-1)

    assert transactions.start(device, "KASSE-1", b"", "").time == before


def test_SM_TME_an_administrator_may_set_the_clock_back(factory) -> None:
    device = as_admin(a_registers_device(factory))
    factory.clock.pass_by(minutes=5)
    administration.update_time(device)
    earlier = factory.clock() - timedelta(minutes=3)

    administration.update_time(device, earlier)

    assert status.current_time(device) == earlier
    factory.clock.pass_by(seconds=10)
    assert status.current_time(device) == earlier + timedelta(seconds=10)


@pytest.mark.parametrize("form", list(TimeFormat))
@VERSIONS
def test_SM_TME_one_format_for_the_whole_life(factory, form: TimeFormat, version: int) -> None:
    device = a_registers_device(factory, time_format=form, version=version)
    transactions.start(device, "KASSE-1", b"", "")

    assert {one.log.proof.time.format for one in logs(device)} == {form}
    assert transaction_logs(device)[-1].proof.time.at() == factory.clock()


@VERSIONS
def test_SM_SIG_one_counter_without_gaps_over_all_kinds_of_messages(factory, version: int) -> None:
    device = a_registers_device(factory, version=version)
    for _ in range(3):
        number = transactions.start(device, "KASSE-1", b"", "").number
        with pytest.raises(errors.TseError):
            transactions.start(device, "nobody", b"", "")
        transactions.finish(device, "KASSE-1", number, b"", "")
    administration.self_test(device)

    counters = [one.log.proof.counter for one in logs(device)]
    assert counters == list(range(1, len(counters) + 1))
    assert status.signature_counter(device) == counters[-1]


def test_SM_SIG_a_counter_at_its_end_signs_nothing_more(factory) -> None:
    device = a_registers_device(factory)
    device.memory.execute("UPDATE device SET signature_counter = ?", (tse.COUNTER_MAX,))

    with pytest.raises(errors.ErrorStartTransactionFailed):
        transactions.start(device, "KASSE-1", b"", "")

    assert status.signature_counter(device) == tse.COUNTER_MAX


def test_SM_TRA_numbers_rise_by_one(factory) -> None:
    device = a_registers_device(factory)

    numbers = [transactions.start(device, "KASSE-1", b"", "").number for _ in range(5)]

    assert numbers == [1, 2, 3, 4, 5]
    assert status.transaction_counter(device) == 5


def test_SM_TRA_a_start_that_could_not_be_signed_consumes_its_number(factory) -> None:
    device = a_registers_device(factory)
    counter = status.signature_counter(device)
    device.memory.execute("UPDATE device SET signature_counter = ?", (tse.COUNTER_MAX,))
    with pytest.raises(errors.ErrorStartTransactionFailed):
        transactions.start(device, "KASSE-1", b"", "")
    device.memory.execute("UPDATE device SET signature_counter = ?", (counter,))

    assert transactions.start(device, "KASSE-1", b"", "").number == 2
    assert transactions.state_of(device, 1) is TransactionState.UNKNOWN
    with pytest.raises(errors.ErrorTransactionNumberNotFound):
        transactions.finish(device, "KASSE-1", 1, b"", "")


def test_SM_TRA_only_so_many_transactions_are_open_at_once(factory) -> None:
    device = a_registers_device(factory, transactions_max=2)
    first = transactions.start(device, "KASSE-1", b"", "").number
    transactions.start(device, "KASSE-1", b"", "")

    with pytest.raises(errors.ErrorLimitOfSimultaneousOpenTransactionsReached):
        transactions.start(device, "KASSE-1", b"", "")

    transactions.finish(device, "KASSE-1", first, b"", "")
    assert transactions.start(device, "KASSE-1", b"", "").number == 3
    assert transactions.open_numbers(device) == (2, 3)


@pytest.mark.parametrize("call", [transactions.update, transactions.finish])
@pytest.mark.parametrize("number", [0, -1, 99])
def test_SM_TRA_an_unknown_number_is_refused(factory, call, number: int) -> None:
    device = a_registers_device(factory)

    with pytest.raises(errors.ErrorTransactionNumberNotFound):
        call(device, "KASSE-1", number, b"", "")


@pytest.mark.parametrize("call", [transactions.update, transactions.finish])
def test_II_FIN_a_finished_transaction_is_over(factory, call) -> None:
    device = a_registers_device(factory)
    number = transactions.start(device, "KASSE-1", b"", "").number
    transactions.finish(device, "KASSE-1", number, b"", "")

    with pytest.raises(errors.ErrorTransactionNumberNotFound):
        call(device, "KASSE-1", number, b"", "")
    assert transactions.state_of(device, number) is TransactionState.FINISHED


@pytest.mark.parametrize("curve", sorted(algorithms.CURVES))
def test_SM_KRY_every_message_is_signed_with_the_key_of_the_certificate(
    factory, curve: str
) -> None:
    device = factory.a_ready_device(curve=curve)
    leaf = certificates.read(device.chain[0])

    for decoded in logs(device):
        proof = decoded.log.proof
        name = messages.algorithm_name(decoded.log)
        assert algorithms.verifies(certificates.key(leaf), name, decoded.signed, proof.signature)
        assert proof.serial == certificates.serial(leaf) == device.serial


def test_every_certificate_of_a_software_tse_says_test(factory) -> None:
    device = factory.a_ready_device()

    subjects = [certificates.read(one).subject.rfc4514_string() for one in device.chain]

    assert len(subjects) == 3
    assert all("TEST" in subject for subject in subjects)
    assert "TEST" in tse.about(device).description
    assert "TEST" in tse.about(device).components[0].manufacturer


@VERSIONS
def test_II_STA_start_returns_what_is_in_the_message(factory, version: int) -> None:
    device = a_registers_device(factory, version=version)

    started = transactions.start(device, "KASSE-1", b"data", "type")

    log = transaction_logs(device)[-1]
    assert (log.client_id, log.process_data, log.process_type) == ("KASSE-1", b"data", "type")
    assert (started.number, started.counter) == (log.number, log.proof.counter)
    assert (started.signature, started.serial) == (log.proof.signature, log.proof.serial)
    assert started.time == log.proof.time.at()


@VERSIONS
def test_II_UPD_and_II_FIN_return_what_is_in_the_message(factory, version: int) -> None:
    device = a_registers_device(factory, version=version)
    number = transactions.start(device, "KASSE-1", b"", "").number
    for call in (transactions.update, transactions.finish):
        done = call(device, "KASSE-1", number, b"data", "type")
        log = transaction_logs(device)[-1]
        assert done is not None
        assert (done.counter, done.signature) == (log.proof.counter, log.proof.signature)
        assert done.time == log.proof.time.at()


@pytest.mark.parametrize("call", [transactions.update, transactions.finish])
def test_II_STA_a_process_type_has_at_most_100_characters(factory, call) -> None:
    device = a_registers_device(factory)
    number = transactions.start(device, "KASSE-1", b"", "x" * 100).number

    with pytest.raises(errors.ErrorParameterMismatch):
        transactions.start(device, "KASSE-1", b"", "x" * 101)
    with pytest.raises(errors.ErrorParameterMismatch):
        call(device, "KASSE-1", number, b"", "x" * 101)
    call(device, "KASSE-1", number, b"", "x" * 100)


@pytest.mark.parametrize("call", [transactions.update, transactions.finish])
def test_II_STA_a_client_that_is_not_registered_is_refused(factory, call) -> None:
    device = a_registers_device(factory)
    number = transactions.start(device, "KASSE-1", b"", "").number

    with pytest.raises(errors.ErrorClientNotRegistered):
        transactions.start(device, "KASSE-2", b"", "")
    with pytest.raises(errors.ErrorClientNotRegistered):
        call(device, "KASSE-2", number, b"", "")


def test_II_STA_checks_come_in_the_order_of_the_guideline(factory) -> None:
    """User, clock, lock, limit, client: each is only seen once those before it are mended."""
    device = as_admin(factory.a_new_device(version=3, transactions_max=1))
    administration.initialize(device)
    administration.lock_transaction_logging(device)
    users.log_out(device)

    def refusal() -> type[Exception]:
        with pytest.raises(errors.TseError) as caught:
            transactions.start(device, "nobody", b"", "")
        return caught.type

    assert refusal() is errors.ErrorUserNotAuthenticated
    users.authenticate(device, "logger", "32345")
    assert refusal() is errors.ErrorTimeNotSet
    administration.update_time(as_admin(device))
    users.authenticate(device, "logger", "32345")
    assert refusal() is errors.ErrorTransactionLoggingLocked
    administration.unlock_transaction_logging(as_admin(device))
    users.authenticate(device, "logger", "32345")
    administration.register_client(device, "KASSE-1")
    transactions.start(device, "KASSE-1", b"", "")
    assert refusal() is errors.ErrorLimitOfSimultaneousOpenTransactionsReached
    transactions.finish(device, "KASSE-1", 1, b"", "")
    assert refusal() is errors.ErrorClientNotRegistered


def test_II_MCU_several_clients_record_at_the_same_time(factory) -> None:
    device = factory.a_ready_device()
    kasse = ready.opened(device, factory.pins)
    kasse.register_client("KASSE-2")
    numbers = {client: kasse.start(client, "", b"").number for client in ("KASSE-1", "KASSE-2")}
    for client, number in numbers.items():
        kasse.finish(client, number, "t", client.encode())

    ends = transaction_logs(device)[-2:]
    assert {log.client_id: log.number for log in ends} == numbers
    assert status.clients(device) == ("KASSE-1", "KASSE-2")


@pytest.mark.parametrize(("more", "is_too_long"), [(0, False), (1, True)])
def test_process_data_and_type_have_a_longest_length(factory, more: int, is_too_long: bool) -> None:
    device = a_registers_device(factory)
    largest = bytes(1024 * 1024 + more), "Kassenbeleg-V1"
    longest = b"", "t" * (100 + more)

    for data, name in (largest, longest):
        number = transactions.start(device, "KASSE-1", b"", "").number
        if is_too_long:
            with pytest.raises(errors.TseError):
                transactions.finish(device, "KASSE-1", number, data, name)
        else:
            transactions.finish(device, "KASSE-1", number, data, name)
