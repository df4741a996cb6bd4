"""The life of a software TSE: clients, users, locks, restarts, its end."""

import pytest

from fiscus.model.devices import LogFilter, TransactionState
from fiscus.signers.tse.log import certificates, errors, messages
from fiscus.signers.tse.log.contents import AuthResult, UnblockResult
from fiscus.signers.tse.log.errors import TseRefused
from fiscus.signers.tse.log.logtime import TimeFormat
from fiscus.signers.tse.log.messages import DecodedMessage, SystemLog, TransactionLog
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


def test_a_client_is_registered_once_and_can_be_let_go(factory) -> None:
    device = as_admin(factory.a_ready_device(clients_max=2))

    with pytest.raises(errors.ErrorClientAlreadyRegistered):
        administration.register_client(device, "KASSE-1")
    administration.register_client(device, "KASSE-2")
    with pytest.raises(errors.ErrorMaxNumberOfClientsReached):
        administration.register_client(device, "KASSE-3")
    administration.deregister_client(device, "KASSE-2")
    with pytest.raises(errors.ErrorClientNotRegistered):
        administration.deregister_client(device, "KASSE-2")
    administration.register_client(device, "KASSE-3")
    assert status.clients(device) == ("KASSE-1", "KASSE-3")


@pytest.mark.parametrize("name", ["", "KASSE_1", "Käse", "a/b", "a:b", "x" * 71])
def test_a_clients_name_has_printable_characters_only(factory, name: str) -> None:
    device = as_admin(factory.a_ready_device())

    with pytest.raises(errors.ErrorParameterMismatch):
        administration.register_client(device, name)


def test_a_device_is_initialized_once_and_used_only_then(factory) -> None:
    device = factory.a_new_device()

    with pytest.raises(errors.ErrorUserNotAuthenticated):
        administration.initialize(device)
    as_admin(device)
    with pytest.raises(errors.ErrorSeApiNotInitialized):
        administration.update_time(device)
    administration.initialize(device, "a bar")
    with pytest.raises(errors.ErrorSeApiAlreadyInitialized):
        administration.initialize(device)
    assert status.description(device) == "a bar"


def test_roles_may_do_what_is_theirs(factory) -> None:
    device = factory.a_ready_device(version=3)
    only_admins = (
        administration.lock_transaction_logging,
        administration.unlock_transaction_logging,
        administration.disable_secure_element,
        administration.delete_log_messages,
        lambda one: administration.set_description(one, "x"),
        lambda one: administration.deregister_client(one, "KASSE-1"),
    )
    for user, pin in (("logger", "32345"), ("timeadmin", "22345")):
        users.authenticate(device, user, pin)
        for call in only_admins:
            with pytest.raises(errors.ErrorUserNotAuthorized):
                call(device)
    with pytest.raises(errors.ErrorUserNotAuthorized):
        transactions.start(device, "KASSE-1", b"", "")
    with pytest.raises(errors.ErrorUserNotAuthorized):
        administration.register_client(device, "KASSE-2")
    users.log_out(device)
    with pytest.raises(errors.ErrorUserNotAuthenticated):
        administration.update_time(device)
    with pytest.raises(errors.ErrorUserIdNotAuthenticated):
        users.log_out(device)


@VERSIONS
def test_three_wrong_pins_block_a_user_and_a_puk_frees_him(factory, version: int) -> None:
    device = factory.a_ready_device(version=version)

    tries = [users.authenticate(device, "admin", "wrong") for _ in range(3)]
    assert [one.retries for one in tries] == [2, 1, 0]
    assert users.authenticate(device, "admin", "12345").result is AuthResult.PIN_BLOCKED
    assert users.unblock_pin(device, "admin", "nope", "777") is UnblockResult.INCORRECT_PUK
    assert users.unblock_pin(device, "admin", "123456", "777") is UnblockResult.SUCCESS
    assert users.authenticate(device, "admin", "12345").retries == 2
    assert users.authenticate(device, "admin", "777").is_success
    assert users.authenticate(device, "stranger", "1").result is AuthResult.UNKNOWN_USER


def test_tries_are_counted_over_a_restart(factory) -> None:
    device = factory.a_ready_device()
    users.authenticate(device, "admin", "wrong")
    users.authenticate(device, "admin", "wrong")

    again = factory.reopened(device.folder)

    assert users.authenticate(again, "admin", "wrong").retries == 0
    assert users.authenticate(again, "admin", "12345").result is AuthResult.PIN_BLOCKED


def test_too_many_wrong_puks_close_the_way_for_a_while(factory) -> None:
    device = factory.a_ready_device()
    for _ in range(users.PUK_TRIES):
        users.unblock_pin(device, "admin", "nope", "777")

    blocked = users.unblock_pin(device, "admin", "123456", "777")
    factory.clock.pass_by(minutes=16)

    assert blocked is UnblockResult.TEMPORARILY_BLOCKED
    assert users.unblock_pin(device, "admin", "123456", "777") is UnblockResult.SUCCESS


def test_pins_are_not_in_the_memory(factory) -> None:
    device = factory.a_ready_device()
    device.memory.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    data = (device.folder / "tse.sqlite").read_bytes()

    assert b"KASSE-1" in data
    assert b"12345" not in data
    assert factory.secret not in data


def test_a_disabled_device_signs_nothing_but_still_exports(factory) -> None:
    device = as_admin(factory.a_ready_device())
    administration.disable_secure_element(device)

    for call in (
        lambda: transactions.start(device, "KASSE-1", b"", ""),
        lambda: users.authenticate(device, "admin", "12345"),
        lambda: administration.self_test(device),
    ):
        with pytest.raises(errors.ErrorSecureElementDisabled):
            call()
    assert b"".join(ready.opened(device, factory.pins).export(LogFilter()))
    assert events(device)[-1] == "disableSecureElement"


def test_an_expired_certificate_signs_and_stores_and_then_complains(factory) -> None:
    device = a_registers_device(factory)
    factory.clock.pass_by(days=366 * 9)
    before = status.signature_counter(device)

    with pytest.raises(errors.ErrorCertificateExpired):
        transactions.start(device, "KASSE-1", b"", "")

    assert status.signature_counter(device) == before + 1
    assert transactions.open_numbers(device) == (1,)


@VERSIONS
def test_a_self_test_is_logged_with_what_it_found(factory, version: int) -> None:
    device = factory.a_ready_device(version=version)
    assert all(one.is_positive for one in administration.self_test(device))
    device.memory.execute(
        "UPDATE log SET body = zeroblob(9) WHERE counter = (SELECT MAX(counter) FROM log)"
    )

    found = {one.component: one.is_positive for one in administration.self_test(device)}

    assert found == {"CSP": True, "storage": True, "SMA": False}


def test_a_device_goes_on_where_it_was_left(factory) -> None:
    device = a_registers_device(factory)
    number = transactions.start(device, "KASSE-1", b"", "").number
    transactions.update(device, "KASSE-1", number, b"a", "x", is_signed=False)
    counter = status.signature_counter(device)
    device.close()

    again = factory.reopened(device.folder)

    assert transactions.open_numbers(again) == (number,)
    assert status.signature_counter(again) == counter
    assert again.user == tse.NOBODY
    done = transactions.finish(again, "KASSE-1", number, b"", "")
    assert done.counter == counter + 2  # the data that waited was signed first


def test_another_key_does_not_open_a_device(factory) -> None:
    device = factory.a_ready_device()

    with pytest.raises(ValueError, match="not of this TSE"):
        tse.reopen(device.folder, certificates.new_key(), factory.clock)


def test_a_folder_holds_one_device(factory, pins) -> None:
    device = factory.a_ready_device()

    with pytest.raises(FileExistsError):
        tse.create(device.folder, factory.secret, device.chain, pins, factory.clock)


def test_a_step_that_fails_leaves_nothing_behind(factory) -> None:
    device = a_registers_device(factory)
    before = (status.signature_counter(device), status.transaction_counter(device))

    def fail() -> None:
        with tse.step(device):
            transactions.start(device, "KASSE-1", b"", "")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert (status.signature_counter(device), status.transaction_counter(device)) == before
    assert transactions.open_numbers(device) == ()


def test_version_2_names_its_errors_as_the_older_guideline_did(factory) -> None:
    for version, name in ((2, "ErrorNoTransaction"), (3, "ErrorTransactionNumberNotFound")):
        kasse = ready.opened(factory.a_ready_device(version=version), factory.pins)
        with pytest.raises(TseRefused) as caught:
            kasse.finish("KASSE-1", 7, "", b"")
        assert caught.value.name == name


def test_after_a_crash_a_transaction_can_be_asked_for(factory) -> None:
    kasse = ready.opened(factory.a_ready_device(), factory.pins)
    started = kasse.start("KASSE-1", "Kassenbeleg-V1", b"")

    assert kasse.open_numbers() == (started.number,)
    assert kasse.find(started.number).state is TransactionState.OPEN
    finished = kasse.finish("KASSE-1", started.number, "Kassenbeleg-V1", b"Beleg^")
    found = kasse.find(started.number)
    assert (found.state, found.finished) == (TransactionState.FINISHED, finished)
    assert found.process_data == b"Beleg^"
    assert kasse.find(99).state is TransactionState.UNKNOWN


def test_getters_answer_anybody(factory) -> None:
    device = factory.a_ready_device()

    assert status.is_initialized(device)
    assert not status.is_disabled(device)
    assert status.is_time_set(device)
    assert status.serial_number(device) == device.serial.hex()
    assert status.end_of_usage(device) > factory.clock()
    assert status.time_sync_variant(device) is TimeFormat.UNIX
    assert status.client_count(device) == 1
    assert status.clients_max(device) == 100
    assert status.transactions_max(device) == 512
    assert status.update_variants(device) == {"signed", "unsigned"}
    assert status.used_memory(device) + status.free_memory(device) == status.total_memory(device)
    assert status.component_versions(device)[0].manufacturer == "Fiscus TEST"
    assert messages.decode(status.last_log_message(device)) == logs(device)[-1]
    with pytest.raises(errors.ErrorNoLogMessage):
        transactions.last_log(device)
    with pytest.raises(errors.ErrorNoLogMessage):
        status.last_log_message(factory.a_new_device())


def test_a_device_is_made_with_the_certificate_of_its_own_key(factory, tmp_path, pins):
    device = factory.a_ready_device()
    other = certificates.new_key()

    with pytest.raises(ValueError, match="not of this key"):
        tse.create(tmp_path / "other", other, device.chain, pins, factory.clock)
    assert not (tmp_path / "other").exists()
