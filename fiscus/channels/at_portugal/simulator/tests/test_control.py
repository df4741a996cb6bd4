"""The control page: orders by JSON or form, what is known, only from this machine."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fiscus.channels.at_portugal.simulator.control import ControlServer
from fiscus.channels.at_portugal.simulator.faults import FaultKind
from fiscus.channels.at_portugal.simulator.world import connected


@pytest.fixture
def control(tmp_path: Path) -> Iterator[httpx.Client]:
    connected(tmp_path).close()
    server = ControlServer(tmp_path, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_address[1]}") as http:
        yield http
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_fault_is_ordered_listed_and_taken_back(control: httpx.Client) -> None:
    said = {"kind": "slow", "operation": "RegisterWork", "times": None, "argument": "2"}
    made = control.post("/faults", json=said)
    [standing] = control.get("/faults").json()

    assert made.status_code == 201
    assert standing["id"] == made.json()["id"]
    assert {name: standing[name] for name in said} == said
    assert control.delete(f"/faults/{standing['id']}").json() == []


def test_json_is_taken_whatever_it_is_called(control: httpx.Client) -> None:
    made = control.post(
        "/faults",
        content='{"kind": "reset", "probability": 0}',
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert made.status_code == 201
    assert control.get("/faults").json()[0]["probability"] == 0


def test_a_form_orders_and_leads_back_to_the_page(control: httpx.Client) -> None:
    made = control.post("/faults", data={"kind": "html", "times": "always", "argument": ""})
    page = control.get("/")

    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert all(f">{kind}: " in page.text for kind in FaultKind)
    assert "TEST" in page.text
    assert control.get("/faults").json()[0]["times"] is None
    assert control.delete("/faults").json() == []


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"kind": "other"},
        {"kind": "slow", "argument": "x"},
        {"kind": "slow", "times": "often"},
        {"kind": "slow", "colour": "red"},
        [],
    ],
)
def test_an_order_that_makes_no_sense_is_explained(control: httpx.Client, said: object) -> None:
    response = control.post("/faults", json=said)

    assert response.status_code == 400
    assert response.json()["error"]


def test_what_is_known_and_permissions_have_addresses(control: httpx.Client) -> None:
    assert control.get("/known").json() == {"series": [], "documents": [], "requests": []}
    narrowed = {"username": "599999993/1", "profiles": "WSE WDT"}
    assert control.post("/permissions", json=narrowed).status_code == 200
    assert control.post("/permissions", json=narrowed | {"profiles": "all"}).status_code == 200
    assert control.post("/permissions", json=narrowed | {"profiles": "XXX"}).status_code == 400
    assert control.post("/permissions", json={}).status_code == 400
    closed = {"nif": "599999993", "open": False}
    assert control.post("/activity", json=closed).json() == closed
    assert control.post("/activity", json={}).status_code == 400


def test_other_addresses_are_not_found(control: httpx.Client) -> None:
    assert control.get("/other").status_code == 404
    assert control.post("/other", json={}).status_code == 404
    assert control.delete("/known").status_code == 404
    assert control.delete("/faults/x").status_code == 404


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"host": "evil.example:1"}])
def test_pages_of_the_web_have_no_say(control: httpx.Client, headers: dict[str, str]) -> None:
    assert control.get("/faults", headers=headers).status_code == 403
    assert control.post("/faults", json={"kind": "reset"}, headers=headers).status_code == 403
    assert control.delete("/faults", headers=headers).status_code == 403
