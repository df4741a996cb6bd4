"""The adapter against the practice cloud, over real HTTP, in good and bad times."""

import socket
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from fiscus.model.devices import LogFilter, SigningDevice, TransactionState
from fiscus.signers.tse.cloud import client, transport
from fiscus.signers.tse.log import verify
from fiscus.signers.tse.log.errors import TseDown, TseRefused
from fiscus.signers.tse.simulator.server import ServerFault

TSS = "7a67ef8e-61ec-4237-854c-ea0bf860d8e0"
SALE = b"Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar"


BOTH = pytest.mark.parametrize("provider", [2, 3], indirect=True)


def sold(tse: SigningDevice) -> int:
    started = tse.start("KASSE-1", "", b"")
    return tse.finish("KASSE-1", started.number, "Kassenbeleg-V1", SALE).number


def counter(provider) -> int:
    return int(transport.call(provider.line(), "GET", f"/tss/{TSS}")["signature_counter"])


@BOTH
def test_a_sale_is_signed_in_the_cloud(provider, tmp_path: Path) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")

    started = tse.start("KASSE-1", "", b"")
    updated = tse.update("KASSE-1", started.number, "Bestellung-V1", b'1;"Tea";1.00')
    finished = tse.finish("KASSE-1", started.number, "Kassenbeleg-V1", SALE)

    assert started.number == updated.number == finished.number == 1
    assert started.serial == tse.info().serial
    counters = [one.signature_counter for one in (started, updated, finished)]
    assert counters == list(range(counters[0], counters[0] + 3))
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(tse.export(LogFilter())))
    report = verify.examine(path)
    assert report.faults == ()
    assert (report.serial, report.started, report.finished) == (started.serial, 1, 1)


@BOTH
def test_registering_may_be_repeated(provider) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    tse.register_client("KASSE-1")

    assert sold(tse) == 1


def test_the_cloud_says_who_it_is(provider) -> None:
    info = provider.tse().info()

    assert info.is_test
    assert info.algorithm == "ecdsa-plain-SHA256"
    assert info.time_format == "unixTime"
    assert len(info.certificates) == 1
    assert info.usable_until is not None


def test_one_token_serves_until_it_expires(provider, factory) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    sold(tse)
    sold(tse)
    assert provider.cloud.requests.count("POST /auth") == 1

    factory.clock.pass_by(minutes=5)
    sold(tse)

    assert provider.cloud.requests.count("POST /auth") == 2


def test_a_token_revoked_early_is_renewed(provider) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    provider.cloud.tokens.clear()

    assert sold(tse) == 1


def test_a_wrong_secret_is_refused(provider) -> None:
    with pytest.raises(TseRefused, match="E_UNAUTHORIZED"):
        provider.tse(api_secret="wrong").info()


@pytest.mark.parametrize(
    "mischief",
    [
        ServerFault(status=503),
        ServerFault(status=500),
        ServerFault(status=429),
        ServerFault(hangs_up=True),
        ServerFault(status=502, is_after=True),
        ServerFault(hangs_up=True, is_after=True),
    ],
)
def test_one_mishap_is_tried_again_and_signs_once(provider, mischief: ServerFault) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    sold(tse)
    before = counter(provider)

    provider.cloud.mischief.append(mischief)
    started = tse.start("KASSE-1", "", b"")
    provider.cloud.mischief.append(mischief)
    tse.finish("KASSE-1", started.number, "Kassenbeleg-V1", SALE)

    assert started.number == 2
    assert counter(provider) == before + 2


@pytest.mark.parametrize("mischief", [ServerFault(status=503), ServerFault(hangs_up=True)])
def test_an_outage_is_told_and_does_not_last(provider, mischief: ServerFault) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    provider.cloud.mischief.extend([mischief] * 2)

    with pytest.raises(TseDown) as caught:
        tse.start("KASSE-1", "", b"")

    assert not isinstance(caught.value, TseRefused)
    assert sold(tse) == 1


def test_a_cloud_that_sleeps_is_waited_for_no_longer_than_allowed(provider) -> None:
    tse = provider.tse(timeout_seconds=0.3)
    tse.register_client("KASSE-1")
    provider.cloud.mischief.append(ServerFault(delay_seconds=1.0))
    begun = time.monotonic()

    with pytest.raises(TseDown):
        tse.start("KASSE-1", "", b"")

    assert time.monotonic() - begun < 0.8


def test_a_lost_answer_can_be_asked_for(provider) -> None:
    tse = provider.tse(attempts_max=1)
    tse.register_client("KASSE-1")
    started = tse.start("KASSE-1", "", b"")
    provider.cloud.mischief.append(ServerFault(hangs_up=True, is_after=True))
    with pytest.raises(TseDown):
        tse.finish("KASSE-1", started.number, "Kassenbeleg-V1", SALE)

    found = tse.find(started.number)

    assert found.state is TransactionState.FINISHED
    assert found.process_data == SALE
    assert found.finished is not None
    assert found.finished.signature_counter == started.signature_counter + 1


def test_an_update_whose_answer_was_lost_does_not_stop_the_finish(provider) -> None:
    tse = provider.tse(attempts_max=1)
    tse.register_client("KASSE-1")
    number = tse.start("KASSE-1", "", b"").number
    provider.cloud.mischief.append(ServerFault(hangs_up=True, is_after=True))
    with pytest.raises(TseDown):
        tse.update("KASSE-1", number, "Bestellung-V1", b"")

    assert tse.finish("KASSE-1", number, "Kassenbeleg-V1", SALE).number == number


def test_who_waits_too_long_for_his_turn_is_told_so(provider) -> None:
    line = provider.line(timeout_seconds=0.2)
    with line.busy, pytest.raises(TseDown, match="busy"):
        client.opened(line, lambda: str(uuid4())).info()


def test_an_adapter_opened_anew_goes_on_with_an_open_transaction(provider) -> None:
    first = provider.tse()
    first.register_client("KASSE-1")
    number = first.start("KASSE-1", "", b"").number
    second = provider.tse()

    assert second.open_numbers() == (number,)
    assert second.find(number).state is TransactionState.OPEN
    second.update("KASSE-1", number, "Bestellung-V1", b"")
    assert second.finish("KASSE-1", number, "Kassenbeleg-V1", SALE).number == number
    assert second.open_numbers() == ()
    assert second.find(99).state is TransactionState.UNKNOWN


@BOTH
def test_refusals_keep_their_name(provider) -> None:
    tse = provider.tse()
    with pytest.raises(TseRefused, match="E_CLIENT_NOT_FOUND"):
        tse.start("KASSE-1", "", b"")
    tse.register_client("KASSE-1")
    number = sold(tse)
    with pytest.raises(TseRefused, match="E_TX_UPSERT"):
        tse.finish("KASSE-1", number, "Kassenbeleg-V1", SALE)
    with pytest.raises(TseRefused, match="E_TX_NOT_FOUND"):
        tse.finish("KASSE-1", 99, "Kassenbeleg-V1", SALE)
    with pytest.raises(TseRefused, match="E_ADMIN_PIN"):
        provider.tse(admin_pin="wrong").register_client("KASSE-2")
    with pytest.raises(TseRefused, match="E_PARAMETER_MISMATCH"):
        tse.start("KASSE-1", "x" * 101, b"")


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (LogFilter(number=2), {2}),
        (LogFilter(first_number=2, last_number=3), {2, 3}),
        (LogFilter(client_id="KASSE-2"), {4}),
        (LogFilter(client_id="KASSE-1", first_number=2, last_number=4), {2, 3}),
    ],
)
def test_an_export_is_filtered(
    provider, tmp_path: Path, wanted: LogFilter, numbers: set[int]
) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    tse.register_client("KASSE-2")
    for name in ("KASSE-1", "KASSE-1", "KASSE-1", "KASSE-2"):
        tse.finish(name, tse.start(name, "", b"").number, "Kassenbeleg-V1", SALE)
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(tse.export(wanted)))

    report = verify.examine(path, is_complete=False)

    assert report.faults == ()
    assert report.finished == len(numbers)


def test_an_export_by_dates(provider, tmp_path: Path, factory) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    sold(tse)
    factory.clock.pass_by(seconds=60)
    since = factory.clock()
    sold(tse)
    path = tmp_path / "a.tar"
    path.write_bytes(b"".join(tse.export(LogFilter(start_at=since, end_at=since + timedelta(1)))))

    assert verify.examine(path, is_complete=False).started == 1


def test_an_export_that_fails_says_why(provider) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")

    with pytest.raises(TseRefused, match="E_TRANSACTION_NUMBER_NOT_FOUND"):
        list(tse.export(LogFilter(number=9)))
    with pytest.raises(TseRefused, match="E_TOO_MANY_RECORDS"):
        list(tse.export(LogFilter(records_max=1)))


def test_nobody_there_is_an_outage(provider) -> None:
    with socket.socket() as idle:
        idle.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{idle.getsockname()[1]}"
        with pytest.raises(TseDown):
            provider.tse(url=url).info()


def talker(answer: bytes, *, pause: float = 0.0) -> tuple[socket.socket, str]:
    """A server that always says the same, a byte at a time if it pauses."""
    listening = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=say, args=(line,), daemon=True).start()

    def say(line: socket.socket) -> None:
        with line:
            line.settimeout(0.1)
            with suppress(TimeoutError):
                while line.recv(65536):
                    continue
            line.settimeout(None)
            for piece in [answer] if not pause else [answer[i : i + 1] for i in range(len(answer))]:
                try:
                    line.sendall(piece)
                except OSError:
                    return
                time.sleep(pause)

    threading.Thread(target=talk, daemon=True).start()
    return listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"access_token": 1}', b'{"access_token_expires_in": "x"}'],
)
def test_an_answer_that_is_not_understood_is_an_outage(provider, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    listening, url = talker(head + body)
    with listening, pytest.raises(TseDown):
        provider.tse(url=url).info()


def test_an_answer_without_end_is_cut(provider) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    listening, url = talker(head + b"x" * (transport.ANSWER_BYTES_MAX + 70_000))
    with listening, pytest.raises(TseDown, match="too large"):
        provider.tse(url=url).info()


@pytest.mark.parametrize(
    "dripping",
    [b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000, b"HTTP/1.1 200 OK\r\n\r\n" + b"{" * 9000],
)
def test_a_server_that_drips_does_not_stretch_the_time(provider, dripping: bytes) -> None:
    listening, url = talker(dripping, pause=0.02)
    begun = time.monotonic()
    with listening, pytest.raises(TseDown):
        provider.tse(url=url, timeout_seconds=1.0).info()

    assert time.monotonic() - begun < 2.0


def test_a_transaction_that_is_odd_is_an_outage(provider) -> None:
    tse = provider.tse()
    tse.register_client("KASSE-1")
    tse.info()
    number = sold(tse)
    kept = next(iter(provider.cloud.tss[TSS].transactions.values()))
    kept.answers[kept.revision][1]["signature"] = {"value": "!", "counter": "x"}

    with pytest.raises(TseDown) as caught:
        tse.find(number)

    assert "not understood" in str(caught.value)
