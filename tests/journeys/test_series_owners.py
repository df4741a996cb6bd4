"""One tax number has one taxpayer, one counter for each series, and a series one location."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from fiscus.api.families.reporting.tests.caller import a_merchant, platform
from fiscus.registry.tests.builders import a_nif
from tests.support import words
from tests.support.premises import Model, MovingClock, Premises, copied, opened, served
from tests.support.till import Json, Till, envelope, logs, refusal

LISBON = {
    "line1": "Rua do Ouro 12",
    "city": "Lisboa",
    "postal_code": "1100-061",
    "country_code": "PRT",
}
OTHER_NIF = a_nif(7)


def number_of(record: Json) -> str:
    return words.qr(record)["G"]


def registers(till: Till, nif: str) -> Json:
    return envelope(words.taxpayer(fiscalization=words.fiscalization(nif)))


def closes(till: Till) -> None:
    for path in reversed(till.places()):
        till.changed(path, {"state": "DECOMMISSIONED"})


def another_shop(till: Till) -> str:
    """A register at another location of the same taxpayer, in service."""
    location = till.made("/locations", words.branch(till.taxpayer, "Loja Alta"))["id"]
    till.changed(f"/locations/{location}", {"state": "COMMISSIONED"})
    return another_till(till, location)


def another_till(till: Till, location: str) -> str:
    system: str = till.made("/systems", words.device(location))["id"]
    till.changed(f"/systems/{system}", {"state": "COMMISSIONED"})
    return system


def test_a_tax_number_of_another_organization_is_a_conflict_with_the_way_out(
    premises: Premises,
) -> None:
    owner, other = premises.unit("A").opens_shop(), premises.unit("B")

    message = refusal(other.send("POST", "/taxpayers", registers(other, owner.nif)), 409)
    assert message.startswith("REGISTRY-TAXPAYER-03")
    assert "decommissioned first (content.fiscalization.tax_id_number)" in message
    for secret in (owner.taxpayer, owner.organization, owner.nif, "Padaria"):
        assert secret not in message
    assert other.page("/taxpayers") == {"results": []}


def test_a_tax_number_cannot_be_taken_by_a_change_either(premises: Premises) -> None:
    owner, other = premises.unit("A").opens_shop(), premises.unit("B").acquires()
    taken = envelope({"fiscalization": words.fiscalization(owner.nif)})

    message = refusal(other.send("PATCH", f"/taxpayers/{other.taxpayer}", taken), 409)
    assert "REGISTRY-TAXPAYER-03" in message
    read = other.get(f"/taxpayers/{other.taxpayer}")
    assert read["fiscalization"]["tax_id_number"] == other.nif
    # One's own number is no conflict, and a number that was given up is free.
    other.changed(f"/taxpayers/{other.taxpayer}", {"fiscalization": words.fiscalization(OTHER_NIF)})
    other.changed(f"/taxpayers/{other.taxpayer}", {"fiscalization": words.fiscalization(OTHER_NIF)})
    third = premises.unit("C")
    assert third.send("POST", "/taxpayers", registers(third, other.nif)).status_code == 200


def test_laws_that_do_not_count_by_tax_number_do_not_ask(premises: Premises) -> None:
    for name in ("A", "B"):
        premises.unit(name).made("/taxpayers", words.italian())


@pytest.mark.parametrize(
    "written", ["509876544", "PT509876544", "509 876 544", "509.876.544", "PT 509-876-544"]
)
def test_both_families_know_one_owner_however_the_number_is_written(
    premises: Premises, written: str
) -> None:
    owner = premises.unit("A").acquires()
    caller = platform(premises)
    identity = {"country_code": "PRT", "tax_number": written}
    body = a_merchant(country_code="PRT", address=LISBON, fiscal_identities=[identity])

    answer = caller.send("POST", "/merchants", body)
    assert answer.status_code == 409, answer.text
    assert "REGISTRY-TAXPAYER-03" in answer.text
    assert owner.taxpayer not in answer.text
    made = caller.made(
        "/merchants", a_merchant(country_code="PRT", address=LISBON, fiscal_identities=[])
    )
    changed = caller.send("PATCH", f"/merchants/{made['id']}", {"fiscal_identities": [identity]})
    assert changed.status_code == 409, changed.text


def test_a_merchant_keeps_its_number_from_the_other_family(premises: Premises) -> None:
    identity = {"country_code": "PRT", "tax_number": words.NIF, "vat_id": f"PT{words.NIF}"}
    platform(premises).made(
        "/merchants", a_merchant(country_code="PRT", address=LISBON, fiscal_identities=[identity])
    )
    other = premises.unit("B")

    refusal(other.send("POST", "/taxpayers", registers(other, words.NIF)), 409)


def test_of_many_who_register_one_number_at_once_one_has_it(premises: Premises) -> None:
    tills = [premises.unit(name) for name in "ABCDEF"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda till: till.send("POST", "/taxpayers", registers(till, words.NIF)), tills
            )
        )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5


def test_a_later_taxpayer_is_never_given_number_one_again(premises: Premises) -> None:
    first = premises.unit("A").opens_shop()
    first.sells(words.receipt(series="LOJA"))
    closes(first)
    second = premises.unit("B")
    second.nif = first.nif
    second.opens_shop()

    refused = second.records(words.receipt(series="LOJA"))
    assert refused["state"] == "REJECTED"
    assert logs(refused).startswith("Validation error: ISSUE-SERIES-04")
    assert "LOJA-2 is free" in logs(refused)
    assert number_of(second.sells(words.receipt(series="LOJA-2"))) == "FR LOJA-2/1"
    premises.assert_proved()


def test_a_series_is_refused_at_another_location_with_a_free_name(till: Till) -> None:
    system = another_shop(till)
    assert number_of(till.sells(words.receipt(series="TILL-1"))) == "FR TILL-1/1"

    refused = till.records(words.receipt(series="TILL/1"), till.intends(system))
    assert refused["state"] == "REJECTED"
    assert logs(refused).startswith("Validation error: ISSUE-SERIES-05")
    assert "TILL-1-2 is free" in logs(refused)
    assert "(content.operation.document.series)" in logs(refused)
    proposed = till.sells(words.receipt(series="TILL-1-2"), till.intends(system))
    assert number_of(proposed) == "FR TILL-1-2/1"
    assert number_of(till.sells(words.receipt(series="TILL-1"))) == "FR TILL-1/2"
    # Another type of the same name is another series.
    invoice = till.sells(words.invoice(series="TILL-1"), till.intends(system))
    assert number_of(invoice) == "FT TILL-1/1"


def test_two_systems_of_one_location_share_a_series(till: Till) -> None:
    second = another_till(till, till.location)
    till.sells(words.receipt(series="LOJA"))

    shared = till.sells(words.receipt(series="LOJA"), till.intends(second))
    assert number_of(shared) == "FR LOJA/2"


def test_systems_that_name_no_series_have_their_own(till: Till) -> None:
    bare = words.receipt()
    del bare["document"]["series"]
    systems = (till.system, another_till(till, till.location), another_shop(till))

    numbers = [number_of(till.sells(bare, till.intends(system))) for system in systems]
    assert len({number.rpartition("/")[0] for number in numbers}) == 3
    assert {number.rpartition("/")[2] for number in numbers} == {"1"}


@contextmanager
def with_the_memory_of(premises: Premises, model: Model, data: Path) -> Iterator[Premises]:
    """A fresh installation that talks to the same simulated authority."""
    with opened(model, data) as fresh:
        shutil.copytree(
            premises.services.settings.data_dir / "simulators",
            data / "simulators",
            dirs_exist_ok=True,
        )
        yield fresh


def test_after_a_lost_database_no_number_is_given_again(
    premises: Premises, model: Model, tmp_path: Path
) -> None:
    till = premises.unit().opens_shop()
    for _ in range(3):
        till.sells(words.receipt(series="LOJA"))

    with with_the_memory_of(premises, model, tmp_path / "new") as fresh:
        again = fresh.unit().opens_shop()
        for _ in range(2):
            refused = again.records(words.receipt(series="LOJA"))
            assert refused["state"] == "FAILED"
            assert logs(refused).startswith("Submission error: ISSUE-SERIES-01")
            assert "LOJA-2 is free" in logs(refused)
            assert "compliance" not in refused
        assert number_of(again.sells(words.receipt(series="LOJA-2"))) == "FR LOJA-2/1"
        fresh.assert_proved()


def test_two_processes_register_one_series_between_them(model: Model, tmp_path: Path) -> None:
    """Each with its own writer and memory, on one database; the series is new to both."""
    with copied(model, tmp_path / "data") as settings, ExitStack() as stack:
        clock = MovingClock()
        both = [stack.enter_context(served(settings, model.first, clock)) for _ in range(2)]
        till = both[0].unit().opens_shop()
        second = Till(http=both[1].http, bearer=till.bearer, system=till.system)
        for round_ in range(5):
            tills = (till, second) * 4
            receipts = [words.receipt(series=f"LOJA-{round_}")] * 8
            intents = [one.intends() for one in tills]
            with ThreadPoolExecutor(8) as pool:
                sold = list(pool.map(Till.sells, tills, receipts, intents))

            numbers = sorted(int(number_of(one).rpartition("/")[2]) for one in sold)
            assert numbers == list(range(1, 9))
        both[0].assert_proved()
