"""What every request goes through: API keys, merchants, headers, rates, bodies, errors."""

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from fiscus.api.families.reporting.tests.caller import (
    Caller,
    a_location,
    a_merchant,
    answer,
    of_merchant,
    places,
    platform,
    refusal,
)
from fiscus.store.connect import reading, writing
from fiscus.store.schema import LOCATION, TAXPAYER
from tests.support.premises import Model, Premises, opened


def words_of(premises: Premises) -> str:
    """The 77 characters that are the key, whatever stands before them."""
    return premises.first.api_key.removeprefix("ofk_platform_")


def with_key(caller: Caller, key: str) -> Caller:
    return dataclasses.replace(caller, key=key)


@pytest.mark.parametrize(
    "prefix", ["ofk_platform_", "of_test_deu_", "of_test_prt_", "ofk_reg_test_"]
)
def test_both_styles_of_keys_are_accepted(caller: Caller, premises: Premises, prefix: str) -> None:
    found = with_key(caller, prefix + words_of(premises)).get("/merchants")

    assert found["data"] == []


@pytest.mark.parametrize(
    "key",
    [
        "",
        "abc",
        "ofk_platform_" + "a" * 77,
        "of_test_deu_" + "a" * 76,
        "of_prod_deu_" + "a" * 77,
        "ofk_platform_" + "a" * 70 + "äääääää",
    ],
)
def test_a_key_that_is_none_is_unauthorized(caller: Caller, key: str) -> None:
    refusal(with_key(caller, key).send("GET", "/merchants"), 401, "unauthorized")
    refusal(caller.http.get("/v1/merchants"), 401, "unauthorized")


def test_a_key_with_another_secret_is_unauthorized_although_it_was_proved_before(
    caller: Caller,
) -> None:
    caller.get("/merchants")
    last = "A" if caller.key[-1] != "A" else "B"

    response = with_key(caller, caller.key[:-1] + last).send("GET", "/merchants")

    assert refusal(response, 401, "unauthorized")["message"]


def test_a_token_of_the_other_family_is_no_api_key(caller: Caller, premises: Premises) -> None:
    bearer = premises.group().bearer

    refusal(with_key(caller, bearer).send("GET", "/merchants"), 401, "unauthorized")


@pytest.mark.parametrize(
    "prefix", ["of_live_deu_", "ofk_reg_live_", "of_test_xyz_", "of_test_che_"]
)
def test_a_key_of_another_realm_is_forbidden(
    caller: Caller, premises: Premises, prefix: str
) -> None:
    key = prefix + words_of(premises)

    refusal(with_key(caller, key).send("GET", "/merchants"), 403, "forbidden")


def test_a_key_of_another_country_does_not_reach_a_merchant(
    merchant: Caller, premises: Premises
) -> None:
    other = with_key(merchant, "of_test_prt_" + words_of(premises))

    refusal(other.send("GET", "/locations"), 403, "forbidden")
    refusal(other.send("GET", f"/merchants/{merchant.id}"), 403, "forbidden")
    refusal(other.send("POST", "/merchants", a_merchant()), 403, "forbidden")
    assert other.get("/merchants")["data"] == []


def test_a_proved_key_asks_the_database_no_more_for_a_minute(
    caller: Caller, premises: Premises
) -> None:
    caller.get("/merchants")
    with writing(premises.services.engine) as tx:
        tx.execute(text("UPDATE subject SET secret_hash = 'x'"))

    premises.clock.move(seconds=59)
    caller.get("/merchants")
    premises.clock.move(seconds=1)

    refusal(caller.send("GET", "/merchants"), 401, "unauthorized")


@pytest.mark.parametrize("header", ["X-OpenFiskal-Merchant", "OpenFiskal-Organization"])
@pytest.mark.parametrize("kind", ["id", "organization"])
def test_each_header_takes_each_id(merchant: Caller, header: str, kind: str) -> None:
    caller = dataclasses.replace(merchant, headers={header: getattr(merchant, kind)})

    location = caller.made("/locations", a_location())

    assert location["merchant_id"] == merchant.id


def test_a_merchants_own_key_needs_no_header(merchant: Caller, premises: Premises) -> None:
    holder = of_merchant(premises, merchant)

    assert holder.made("/locations", a_location())["merchant_id"] == merchant.id


def test_a_merchants_own_key_names_no_other(caller: Caller, premises: Premises) -> None:
    own, other = caller.opens_merchant(), caller.opens_merchant()
    holder = dataclasses.replace(of_merchant(premises, own), headers=other.headers)

    refusal(holder.send("GET", "/locations"), 403, "forbidden")


def test_without_a_merchant_a_platform_must_name_one(caller: Caller) -> None:
    refusal(caller.send("GET", "/locations"), 400, "invalid_request")


@pytest.mark.parametrize("name", ["kiosk", "merchant_1", "loc_" + "0" * 32, "org_" + "A" * 32])
def test_a_malformed_merchant_is_refused(caller: Caller, name: str) -> None:
    response = caller.send("GET", "/locations", X_OpenFiskal_Merchant=name)

    refusal(response, 400, "invalid_request")


@pytest.mark.parametrize("word", ["merchant", "org"])
def test_a_merchant_that_is_not_visible_is_forbidden(caller: Caller, word: str) -> None:
    name = f"{word}_{'0' * 32}"

    refusal(caller.send("GET", "/locations", X_OpenFiskal_Merchant=name), 403, "forbidden")


def test_two_headers_that_contradict_each_other_are_refused(caller: Caller) -> None:
    one, other = caller.opens_merchant(), caller.opens_merchant()

    response = one.send("GET", "/locations", OpenFiskal_Organization=other.organization)

    refusal(response, 400, "invalid_request")
    one.send("GET", "/locations", OpenFiskal_Organization=one.organization)


@pytest.mark.parametrize("given", ["req_abc-1_X", "req_" + "a" * 64])
def test_a_well_formed_request_id_is_echoed(caller: Caller, given: str) -> None:
    assert caller.send("GET", "/merchants", X_Request_Id=given).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "abc", "req_", "req_ä"])
def test_every_other_request_gets_an_id(caller: Caller, given: str) -> None:
    given = caller.send("GET", "/merchants", X_Request_Id=given).headers["X-Request-Id"]

    assert given.startswith("req_")
    assert len(given) == len("req_") + 32


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/merchants/", "/locations/x/y", "/a?b=c"])
def test_an_unknown_address_answers_in_the_familys_words(caller: Caller, path: str) -> None:
    response = caller.http.get(f"/v1{path}")

    refusal(response, 404, "not_found")


def test_a_method_that_is_not_there_is_not_found(caller: Caller) -> None:
    refusal(caller.send("PUT", "/merchants", a_merchant()), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        "/locations/loc_1",
        "/locations/" + "0" * 32,
        "/locations/reg_" + "0" * 32,
        "/locations/loc_" + "0" * 32,
        "/registers/reg_" + "0" * 32 + "/tse",
    ],
)
def test_an_id_that_is_none_or_nobodys_is_not_found(merchant: Caller, path: str) -> None:
    refusal(merchant.send("GET", path), 404, "not_found")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1_0",
        "more=1",
        "limit=1&limit=2",
        "cursor=ä",
        "cursor=%00",
        "cursor=AA==",
        "limit=",
    ],
)
def test_a_malformed_query_is_refused(caller: Caller, query: str) -> None:
    refusal(caller.send("GET", f"/merchants?{query}"), 400, "invalid_request")


@pytest.mark.parametrize(
    "raw",
    [b"{", b"nonsense", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"legal_name": "\xed\xa0\x80"}'],
)
def test_a_body_that_is_no_json_is_refused(caller: Caller, raw: bytes) -> None:
    refusal(caller.send("POST", "/merchants", raw=raw), 400, "invalid_request")


@pytest.mark.parametrize("raw", [b"[]", b"1", b"null", b'"a"'])
def test_a_body_that_is_no_object_is_refused(caller: Caller, raw: bytes) -> None:
    error = refusal(caller.send("POST", "/merchants", raw=raw), 400, "invalid_request")

    assert places(error) == [""]


def test_no_body_is_an_empty_one(caller: Caller) -> None:
    error = refusal(caller.send("POST", "/merchants"), 400, "invalid_request")

    assert "legal_name" in places(error)


def test_a_body_that_is_too_large_is_refused(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "data", body_bytes_max=1024) as premises:
        response = platform(premises).send("POST", "/merchants", raw=b" " * 1025)

    refusal(response, 400, "invalid_request")


def test_who_asks_too_often_is_told_to_wait(model: Model, tmp_path: Path) -> None:
    with opened(model, tmp_path / "data", rate_limit_per_second=1) as premises:
        caller = platform(premises)
        caller.get("/merchants")
        response = caller.send("GET", "/merchants")
        premises.clock.move(seconds=1)
        caller.get("/merchants")

    refusal(response, 429, "rate_limit_exceeded")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize("key", ["ä", "a b", "a" * 256])
def test_a_malformed_idempotency_key_is_refused(caller: Caller, key: str) -> None:
    response = caller.send("POST", "/merchants", a_merchant(), Idempotency_Key=key)

    refusal(response, 400, "invalid_request")


def test_the_same_request_under_the_same_key_is_done_once(
    caller: Caller, premises: Premises
) -> None:
    key = "!" + "a" * 254
    first = caller.send("POST", "/merchants", a_merchant(), Idempotency_Key=key)
    premises.clock.move(hours=23)
    second = caller.send("POST", "/merchants", a_merchant(), Idempotency_Key=key)

    assert answer(second, 201) == answer(first, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    with reading(premises.services.engine) as tx:
        assert tx.scalar(select(func.count()).select_from(TAXPAYER)) == 1


def test_another_request_under_the_same_key_is_a_conflict(caller: Caller) -> None:
    caller.made("/merchants", a_merchant(), Idempotency_Key="k")

    response = caller.send(
        "POST", "/merchants", a_merchant(legal_name="Other"), Idempotency_Key="k"
    )

    refusal(response, 409, "idempotency_key_conflict")


def test_a_key_belongs_to_one_endpoint_and_one_merchant(caller: Caller) -> None:
    one, other = caller.opens_merchant(), caller.opens_merchant()

    made = [
        each.made("/locations", a_location(), Idempotency_Key="k")["merchant_id"]
        for each in (one, other)
    ]
    caller.made("/merchants", a_merchant(), Idempotency_Key="k")

    assert made == [one.id, other.id]


def test_a_refusal_is_kept_under_its_key_too(merchant: Caller, premises: Premises) -> None:
    abroad = a_location()
    abroad["address"] = {**abroad["address"], "country_code": "PRT"}
    first = merchant.send("POST", "/locations", abroad, Idempotency_Key="k")
    second = merchant.send("POST", "/locations", abroad, Idempotency_Key="k")

    assert refusal(second, 422, "validation_error") == refusal(first, 422, "validation_error")
    assert second.headers["Idempotent-Replayed"] == "true"
    with reading(premises.services.engine) as tx:
        branches = select(func.count()).select_from(LOCATION).where(LOCATION.c.is_head_office == 0)
        assert tx.scalar(branches) == 0


def test_a_database_that_is_gone_is_worth_another_try(caller: Caller, premises: Premises) -> None:
    caller.get("/merchants")
    with writing(premises.services.engine) as tx:
        tx.execute(text("ALTER TABLE taxpayer RENAME TO elsewhere"))

    response = caller.send("GET", "/merchants")

    assert response.status_code in (500, 503)
    assert response.json()["retryable"] is True
