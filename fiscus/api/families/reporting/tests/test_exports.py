"""Exports over HTTP: what is refused at once, what becomes of a job, and who may fetch its file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from fiscus import formats
from fiscus.api.families.reporting import ids
from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import (
    Caller,
    Json,
    answer,
    of_merchant,
    places,
    platform,
    refusal,
    stands_in,
)
from fiscus.api.families.reporting.wire import exports as wire
from fiscus.exports import jobs, retention
from fiscus.outbox import queue
from fiscus.store.connect import reading, writing
from tests.support import words
from tests.support.premises import Model, Premises, continued

EXAMPLES = Path(__file__).with_name("examples")
NOVEMBER = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-30T23:59:59.000Z"}


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"exports.{name}.json").read_text("utf-8"))


def a_day(premises: Premises) -> Kiosk:
    """Sold and closed."""
    found = a_kiosk(premises, platform(premises).opens_merchant())
    found.opens()
    found.sells()
    found.voids(found.begins())
    found.closes()
    return found


@pytest.fixture(scope="module")
def kiosk_model(
    model: Model, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Kiosk]]:
    with continued(model, tmp_path_factory.mktemp("day") / "data", a_day) as found:
        yield found


@pytest.fixture
def kiosk(kiosk: Kiosk) -> Kiosk:
    """A day that was sold and closed, at ten o'clock."""
    kiosk.premises.clock.move(hours=1)
    return kiosk


def wanted(kiosk: Kiosk, **members: Any) -> Json:
    return {"type": "dsfinvk", "register_id": kiosk.register, **NOVEMBER, **members}


def asked(kiosk: Kiosk, **members: Any) -> Json:
    return answer(kiosk.caller.send("POST", "/exports", wanted(kiosk, **members)), 202)


def made(kiosk: Kiosk, **members: Any) -> Json:
    id_ = asked(kiosk, **members)["id"]
    kiosk.premises.clock.move(seconds=42)
    kiosk.premises.work()
    return kiosk.caller.get(f"/exports/{id_}")


def shown(export: Json) -> Json:
    """As the examples have it: ids and addresses are different each time."""
    assert export["id"].startswith("exp_")
    assert export["register_id"].startswith("reg_")
    url = "URL" if export["download_url"] else None
    return export | {"id": "EXPORT", "register_id": "REGISTER", "download_url": url}


def local(url: str) -> str:
    """The address without the host that it begins with, as the test's client wants it."""
    assert url.startswith("http://127.0.0.1:8080/v1/exports/exp_")
    return url.removeprefix("http://127.0.0.1:8080")


def test_a_job_is_shown_as_its_page_says(kiosk: Kiosk) -> None:
    body = example("create.request") | {"register_id": kiosk.register}
    pending = answer(kiosk.caller.send("POST", "/exports", body), 202)
    assert shown(pending) == example("pending")
    assert kiosk.caller.get(f"/exports/{pending['id']}") == pending

    kiosk.premises.clock.move(seconds=42)
    kiosk.premises.work()
    completed = kiosk.caller.get(f"/exports/{pending['id']}")
    assert shown(completed) == example("completed")
    assert completed["id"] == pending["id"]


def test_a_failed_job_says_why(kiosk: Kiosk) -> None:
    id_ = asked(kiosk, type="tse_tar")["id"]
    kiosk.premises.clock.move(seconds=42)
    services = kiosk.premises.services
    with writing(services.engine) as tx:
        task = queue.lease(tx, services.clock())
        while task is not None and task.kind != jobs.TASK:  # the checkpoint after the closing
            queue.done(tx, task)
            task = queue.lease(tx, services.clock())
        assert task is not None
        jobs.fail(tx, task.payload, "the signing device is out of order", services.clock())
        queue.done(tx, task)

    assert shown(kiosk.caller.get(f"/exports/{id_}")) == example("failed")


def test_who_has_as_many_exports_on_the_way_as_may_be_is_told_when_to_come_again(
    kiosk: Kiosk,
) -> None:
    for _ in range(jobs.WAITING_MAX):
        asked(kiosk)

    late = kiosk.caller.send("POST", "/exports", wanted(kiosk))

    assert "TASK-LIMIT-01" in refusal(late, 429, "rate_limit_exceeded")["message"]
    assert late.headers["Retry-After"] == "30"
    kiosk.premises.work()
    asked(kiosk)


@pytest.mark.parametrize("type_", ["dsfinvk", "tse_tar"])
def test_the_file_is_fetched_without_a_key_and_passes_its_check(
    kiosk: Kiosk, tmp_path: Path, type_: str
) -> None:
    export = made(kiosk, type=type_)
    assert (export["status"], export["error"]) == ("completed", None)
    response = kiosk.premises.http.get(local(export["download_url"]))

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-tar"
    name = f'attachment; filename="{type_}_2026-11-16_2026-11-16.tar"'
    assert response.headers["content-disposition"] == name
    assert int(response.headers["content-length"]) == len(response.content)
    file = tmp_path / "export.tar"
    file.write_bytes(response.content)
    code = {"dsfinvk": "dsfinvk", "tse_tar": "tse"}[type_]
    assert formats.find(code).check(file, {"is_filtered": "yes"}) == ()


def test_a_window_may_end_and_begin_in_any_year(kiosk: Kiosk, tmp_path: Path) -> None:
    early = {"from": "0002-01-01T00:00:00Z", "to": "0746-01-28T09:30:36Z"}
    refused = kiosk.caller.send("POST", "/exports", wanted(kiosk, **early))
    refusal(refused, 422, "export_dsfinvk_no_closed_sessions")
    assert asked(kiosk, type="tse_tar", **early)["status"] == "pending"

    whole = made(kiosk, **{"from": early["from"], "to": "9998-12-31T23:59:59Z"})

    file = tmp_path / "export.tar"
    file.write_bytes(kiosk.premises.http.get(local(whole["download_url"])).content)
    assert formats.find("dsfinvk").check(file, {}) == ()


def test_a_job_that_takes_long_tells_how_far_it_is(kiosk: Kiosk) -> None:
    pending = asked(kiosk)
    with writing(kiosk.premises.services.engine) as tx:
        jobs.tell(tx, ids.read("exp", pending["id"]), 1500)

    working = kiosk.caller.get(f"/exports/{pending['id']}")

    assert working == pending | {"progress": {"operation_count": 1500}}
    wire.Export.model_validate_json(json.dumps(working))
    kiosk.premises.work()
    assert "progress" not in kiosk.caller.get(f"/exports/{pending['id']}")


def test_a_closing_names_the_newest_export_that_it_is_in(kiosk: Kiosk) -> None:
    path = f"/registers/{kiosk.register}/closings"
    first = kiosk.caller.get(path)["data"][0]
    kiosk.opens()
    second = answer(kiosk.closing(), 201)
    monthly = answer(kiosk.closing("monthly"), 201)

    def named() -> list[str | None]:
        found = [one["fiscal"]["dsfinvk_export_id"] for one in kiosk.caller.get(path)["data"]]
        ids_ = [one["id"] for one in (first, second, monthly)]
        assert found == [
            kiosk.caller.get(f"/closings/{id_}")["fiscal"]["dsfinvk_export_id"] for id_ in ids_
        ]
        return found

    assert named() == [None, None, None]
    both = made(kiosk)["id"]
    assert named() == [both, both, None]
    pending = asked(kiosk)["id"]
    archive = made(kiosk, type="tse_tar")["id"]
    assert named() == [pending, pending, None] != [archive, archive, None]
    early = made(kiosk, to="2026-11-16T09:30:00Z")["id"]
    assert named() == [early, pending, None]


def test_the_same_window_gives_the_same_file(kiosk: Kiosk) -> None:
    first = made(kiosk)
    kiosk.premises.clock.move(days=2)
    second = made(kiosk)
    content = [
        kiosk.premises.http.get(local(one["download_url"])).content for one in (first, second)
    ]

    assert first["id"] != second["id"]
    assert content[0] == content[1]


def test_an_address_is_good_for_seven_days_and_the_window_for_another_file(kiosk: Kiosk) -> None:
    premises, export = kiosk.premises, made(kiosk)
    address = local(export["download_url"])
    content = premises.http.get(address).content
    premises.clock.move(days=6, hours=23, minutes=59, seconds=59)
    assert premises.http.get(address).status_code == 200

    premises.clock.move(seconds=1)
    refusal(premises.http.get(address), 410, "gone")
    assert kiosk.caller.get(f"/exports/{export['id']}")["download_url"] is None
    assert kiosk.caller.get(f"/exports/{export['id']}")["status"] == "completed"
    assert kept(premises) == 1
    retention.expire(premises.services.exports)
    premises.work()
    assert kept(premises) == 0
    refusal(premises.http.get(address), 410, "gone")

    again = made(kiosk)
    assert premises.http.get(local(again["download_url"])).content == content


def kept(premises: Premises) -> int:
    folder = premises.services.settings.data_dir / "artifacts"
    return sum(1 for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "change",
    [
        lambda address: address.partition("?")[0],
        lambda address: address[:-1] + ("A" if address[-1] != "A" else "B"),
        lambda address: address.replace("expires=1", "expires=2"),
        lambda address: address.replace("expires=", "expires=x"),
        lambda address: address.replace("signature=", "signature=%C3%A4"),
    ],
    ids=["unsigned", "signature", "later", "no number", "not ascii"],
)
def test_an_address_that_was_changed_opens_nothing(kiosk: Kiosk, change: Any) -> None:
    address = local(made(kiosk)["download_url"])
    refusal(kiosk.premises.http.get(change(address)), 403, "forbidden")


def test_a_signature_opens_one_file_only(kiosk: Kiosk) -> None:
    first, second = (local(made(kiosk)["download_url"]) for _ in range(2))
    stolen = f"{second.partition('?')[0]}?{first.partition('?')[2]}"

    assert parse_qs(urlsplit(stolen).query).keys() == {"expires", "signature"}
    refusal(kiosk.premises.http.get(stolen), 403, "forbidden")


@pytest.mark.parametrize("what", example("refusals"))
def test_what_cannot_become_a_file_is_refused_at_once(
    kiosk: Kiosk, what: str, premises: Premises
) -> None:
    status, code, is_retryable = example("refusals")[what]
    choices: dict[str, Json] = {
        "register_id missing": {"register_id": None},
        "register unknown": {"register_id": "reg_01HABC"},
        "register of another law": {"register_id": kiosk.register},
        "nothing closed": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-15T00:00:00Z"},
        "backwards": {"from": NOVEMBER["to"], "to": NOVEMBER["from"]},
        "type unknown": {"type": "dep7"},
    }
    changed, caller = choices[what], kiosk.caller
    if what == "register of another law":
        caller, changed = italian(premises, kiosk)
    body = wanted(kiosk, **changed)
    error = refusal(caller.send("POST", "/exports", body), status, code)

    assert status == 404 or (places(error) and all(stands_in(body, one) for one in places(error)))
    assert error["retryable"] is is_retryable
    assert kiosk.caller.get("/exports")["data"] == []


def italian(premises: Premises, kiosk: Kiosk) -> tuple[Caller, Json]:
    """The operator's key, acting for a taxpayer of another country, and its register."""
    shop = premises.unit("Rome").opens_shop(
        words.italian(), code="00187", city="Roma", country="IT"
    )
    merchant = {
        "id": f"merchant_{shop.taxpayer.replace('-', '')}",
        "organization_id": f"org_{shop.organization.replace('-', '')}",
    }
    return kiosk.caller.for_(merchant), {"register_id": f"reg_{shop.system.replace('-', '')}"}


def test_a_window_is_clamped_silently_and_echoed_as_it_was_sent(kiosk: Kiosk) -> None:
    window = {"from": "1999-12-31T23:00:00.123+01:00", "to": "2099-01-01T00:00:00Z"}
    export = made(kiosk, **window)
    assert (export["from"], export["to"]) == (window["from"], window["to"])

    with reading(kiosk.premises.services.engine) as tx:
        (job,) = jobs.of(
            tx, _uuid(kiosk.caller.organization), after="", limit=9, types=(jobs.ExportType.FORMAT,)
        )
    assert job.since is not None
    assert job.until is not None
    assert job.since.year == job.until.year == 2026
    assert job.documents == 3  # the float, the sale, the void


def _uuid(shown_id: str) -> str:
    digits = shown_id.rpartition("_")[2]
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def test_the_same_key_gives_the_same_job(kiosk: Kiosk) -> None:
    first = kiosk.caller.send("POST", "/exports", wanted(kiosk), Idempotency_Key="november")
    again = kiosk.caller.send("POST", "/exports", wanted(kiosk), Idempotency_Key="november")
    other = wanted(kiosk, type="tse_tar")

    assert answer(first, 202) == answer(again, 202)
    assert again.headers["Idempotent-Replayed"] == "true"
    refusal(
        kiosk.caller.send("POST", "/exports", other, Idempotency_Key="november"),
        409,
        "idempotency_key_conflict",
    )


def test_jobs_are_listed_with_their_filters(kiosk: Kiosk) -> None:
    done, waiting = made(kiosk), asked(kiosk, type="tse_tar")

    def found(query: str) -> list[str]:
        return [one["id"] for one in kiosk.caller.get(f"/exports?{query}")["data"]]

    assert found("") == [done["id"], waiting["id"]]
    assert found("status=completed") == [done["id"]]
    assert found("type=tse_tar") == [waiting["id"]]
    assert found(f"register_id={kiosk.register}&status=failed") == []
    assert found("from=2026-11-16T10:00:42Z") == [waiting["id"]]
    first = kiosk.caller.get("/exports?limit=1")
    assert (first["has_more"], len(first["data"])) == (True, 1)
    assert found(f"limit=1&cursor={first['next_cursor']}") == [waiting["id"]]


def test_jobs_of_another_merchant_are_not_there(kiosk: Kiosk, caller: Caller) -> None:
    export = made(kiosk)
    other = caller.opens_merchant(legal_name="Späti GmbH")

    refusal(other.send("GET", f"/exports/{export['id']}"), 404, "not_found")
    refusal(other.send("POST", "/exports", wanted(kiosk)), 404, "not_found")
    assert other.get("/exports")["data"] == []
    [seen] = of_merchant(kiosk.premises, kiosk.caller).get("/exports")["data"]
    # The address to download from is everybody's own.
    assert {**seen, "download_url": ""} == {**export, "download_url": ""}
    assert seen["download_url"] != export["download_url"]
