"""The authority's server: TLS with a client's certificate, addresses, worlds."""

import os
import sqlite3
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from fiscus.channels.at_portugal.simulator import keys, running, serving
from fiscus.channels.at_portugal.simulator.keys import SimulatorKeys
from fiscus.channels.at_portugal.simulator.server import WORLDS_MAX, Worlds
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.messages import NOW, REGISTER_SERIES
from fiscus.channels.at_portugal.simulator.tests.visitor import (
    SetClock,
    Visitor,
    text,
    texts,
    tls,
    visiting,
)
from fiscus.channels.at_portugal.simulator.world import FILE, World, connected

ASK = messages.series_message("consultarSeries", [])


def own_keys() -> SimulatorKeys:
    return serving._server(os.getpid()).keys


def asked_with(visitor: Visitor, certificate: bytes, key: bytes) -> httpx.Response:
    context = tls(visitor.endpoints, certificate, key)
    fields = messages.header(visitor.endpoints.cipher_certificate)
    with httpx.Client(verify=context) as http:
        return http.post(
            visitor.endpoints.series,
            content=messages.envelope(fields, ASK),
            headers={"content-type": "text/xml"},
        )


def test_another_producer_that_was_let_in_is_served(visitor: Visitor) -> None:
    assert asked_with(visitor, *own_keys().let_in("500000000")).status_code == 200


def test_who_shows_no_certificate_is_not_served(visitor: Visitor) -> None:
    bare = ssl.create_default_context(cadata=visitor.endpoints.trusted.decode())

    with httpx.Client(verify=bare) as http, pytest.raises(httpx.HTTPError):
        http.post(visitor.endpoints.series, content=b"<a/>")


def test_a_certificate_of_another_authority_or_an_expired_one_is_not_served(
    visitor: Visitor,
) -> None:
    stranger = keys.made().let_in("500000000")
    expired = own_keys().let_in("500000000", until=datetime(2020, 1, 1, tzinfo=UTC))

    for certificate, key in (stranger, expired):
        with pytest.raises(httpx.HTTPError):
            asked_with(visitor, certificate, key)


def test_a_certificate_is_judged_by_its_name_and_by_the_day_of_the_world(
    visitor: Visitor,
) -> None:
    soon = own_keys().let_in("500000000", until=datetime(2099, 1, 1, tzinfo=UTC))

    assert asked_with(visitor, *own_keys().let_in("222222222")).status_code == 403
    assert asked_with(visitor, *soon).status_code == 200
    visitor.clock.at = datetime(2099, 1, 2, tzinfo=UTC)
    assert asked_with(visitor, *soon).status_code == 403


@pytest.mark.parametrize(
    ("media", "status"),
    [("text/xml", 200), ("application/soap+xml", 200), ("application/json", 415)],
)
def test_two_media_types_are_taken(visitor: Visitor, media: str, status: int) -> None:
    fields = messages.header(visitor.endpoints.cipher_certificate)
    response = visitor.post(visitor.endpoints.series, messages.envelope(fields, ASK), media)

    assert response.status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body/></S:Envelope>',
        b'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"/>',
        messages.envelope({}, messages.element("other", [])),
    ],
)
def test_what_is_no_request_is_a_fault(visitor: Visitor, body: bytes) -> None:
    response = visitor.post(visitor.endpoints.series, body)

    assert response.status_code == 500
    assert "<faultcode>33</faultcode>" in response.text


def test_an_operation_of_another_service_is_a_fault(visitor: Visitor) -> None:
    response = visitor.ask(visitor.endpoints.documents, ASK)

    assert (response.status_code, "33" in response.text) == (500, True)


def test_other_addresses_and_methods_are_not_found(visitor: Visitor) -> None:
    base = visitor.endpoints.series.removesuffix("SeriesWSService")

    for address in (base, f"{base}other", visitor.endpoints.series.replace("/w", "/x")):
        assert visitor.post(address, b"<a/>").status_code == 404
    assert visitor.http.get(visitor.endpoints.series).status_code == 404


def test_a_body_without_length_or_too_long_is_refused(visitor: Visitor) -> None:
    def parts() -> Any:
        yield b"<a/>"

    headers = {"content-type": "text/xml"}
    assert (
        visitor.http.post(visitor.endpoints.series, content=parts(), headers=headers).status_code
        == 411
    )
    with tls(visitor.endpoints).wrap_socket(_plain(visitor), server_hostname="127.0.0.1") as raw:
        raw.sendall(b"POST /w1/SeriesWSService HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")
        assert b" 413 " in raw.recv(1000)


def _plain(visitor: Visitor) -> Any:
    import socket

    port = httpx.URL(visitor.endpoints.series).port
    return socket.create_connection(("127.0.0.1", port))


def test_worlds_of_one_process_share_a_port_and_nothing_else(tmp_path: Path) -> None:
    with visiting(tmp_path / "a") as one, visiting(tmp_path / "b") as other:
        one.series("registarSerie", REGISTER_SERIES)

        assert httpx.URL(one.endpoints.series).port == httpx.URL(other.endpoints.series).port
        assert texts(one.series("consultarSeries", []), "serie") == ["LOJA-2026"]
        assert texts(other.series("consultarSeries", []), "serie") == []


def test_the_same_world_has_the_same_address_and_the_oldest_is_forgotten(tmp_path: Path) -> None:
    worlds, clock = Worlds(), SetClock()
    names = [worlds.name(World(folder=tmp_path / str(i), clock=clock)) for i in range(WORLDS_MAX)]
    again = worlds.name(World(folder=tmp_path / "1", clock=clock))
    assert worlds.find(names[0]) is not None
    worlds.name(World(folder=tmp_path / "more", clock=clock))

    assert again == names[1]
    assert worlds.find(names[0]) is not None
    assert worlds.find(names[1]) is None


def test_a_world_that_is_gone_is_out_of_service(visitor: Visitor) -> None:
    visitor.folder.rename(visitor.folder.with_name("elsewhere"))

    assert visitor.ask(visitor.endpoints.series, ASK).status_code == 503


def test_of_many_who_register_the_same_series_at_once_one_wins(visitor: Visitor) -> None:
    def register(_: int) -> str:
        return text(visitor.series("registarSerie", REGISTER_SERIES), "codResultOper")

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(register, range(16)))

    assert numbers == ["2001", *["4001"] * 15]


def test_another_process_serves_the_same_world(visitor: Visitor, tmp_path: Path) -> None:
    visitor.series("registarSerie", REGISTER_SERIES)
    script = f"""
from pathlib import Path
from fiscus.channels.at_portugal.simulator.tests import messages
from fiscus.channels.at_portugal.simulator.tests.visitor import text, visiting
with visiting(Path({str(visitor.folder)!r})) as other:
    print(text(other.series("registarSerie", messages.REGISTER_SERIES), "codResultOper"))
"""

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "4001"


def test_a_world_of_the_simulator_of_before_is_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    db = sqlite3.connect(folder / FILE)
    db.execute(
        "CREATE TABLE series (taxpayer TEXT, document_type TEXT, folded_name TEXT, name TEXT,"
        " class TEXT, series_type TEXT, first_number TEXT, starts_on TEXT, certificate TEXT,"
        " code TEXT UNIQUE, registered_at TEXT,"
        " PRIMARY KEY (taxpayer, document_type, folded_name))"
    )
    db.execute(
        "CREATE TABLE ended (taxpayer TEXT, document_type TEXT, folded_name TEXT, state TEXT,"
        " PRIMARY KEY (taxpayer, document_type, folded_name))"
    )
    db.execute(
        "INSERT INTO series VALUES ('599999993', 'FT', 'velha', 'VELHA', 'SI', 'N', '1',"
        " '2026-05-03', '9999', 'ABCDEFGH', '2026-05-03T08:00:00.000000Z')"
    )
    db.execute("INSERT INTO ended VALUES ('599999993', 'FT', 'velha', 'F')")
    db.commit()
    db.close()

    with visiting(folder) as visitor:
        answer = visitor.series("consultarSeries", [])

        assert text(answer, "serie") == "VELHA"
        assert text(answer, "estado") == "F"
        assert text(visitor.series("registarSerie", REGISTER_SERIES), "codResultOper") == "2001"


def test_the_same_series_has_the_same_code_in_every_fresh_world(tmp_path: Path) -> None:
    with visiting(tmp_path / "a") as one, visiting(tmp_path / "b") as other:
        codes = {one.code_of(), other.code_of()}

        assert len(codes) == 1
        assert one.code_of(serie="B") not in codes


def test_a_code_that_is_taken_gives_way_to_another(visitor: Visitor) -> None:
    with visiting(visitor.folder.with_name("fresh")) as fresh:
        wanted = fresh.code_of(serie="B")
    db = connected(visitor.folder)
    db.execute(
        "INSERT INTO series VALUES ('1', 'FT', 'x', 'X', 'SI', 'N', '1', '2026-05-04', '1', ?,"
        " '2026-05-04T00:00:00.000000Z', 'PI')",
        (wanted,),
    )
    db.close()

    assert visitor.code_of(serie="B") != wanted


def test_kept_keys_stay_and_their_private_parts_are_the_owners(tmp_path: Path) -> None:
    first, again = keys.kept(tmp_path), keys.kept(tmp_path)
    modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}

    assert first == again
    assert not any(mode for name, mode in modes.items() if name.endswith((".key", "server.pem")))


def test_running_twice_costs_one_server(tmp_path: Path) -> None:
    one, other = (running(tmp_path / name, lambda: NOW) for name in "ab")

    assert httpx.URL(one.series).port == httpx.URL(other.series).port
    assert one.certificate == other.certificate
