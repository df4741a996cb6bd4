"""Acquired, commissioned, suspended, gone: who may go where, and who must go first."""

import pytest

from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope, refusal

ACQUIRED = ("ACQUIRED", "INACTIVE")
OPERATIVE = ("COMMISSIONED", "OPERATIVE")
SUSPENDED = ("COMMISSIONED", "SUSPENDED")
GONE = ("DECOMMISSIONED", "INACTIVE")

COMMISSION, DECOMMISSION = {"state": "COMMISSIONED"}, {"state": "DECOMMISSIONED"}
SUSPEND, RESUME = {"mode": "SUSPENDED"}, {"mode": "OPERATIVE"}

REACHED: dict[tuple[str, str], list[Json]] = {
    ACQUIRED: [],
    OPERATIVE: [COMMISSION],
    SUSPENDED: [COMMISSION, SUSPEND],
    GONE: [COMMISSION, DECOMMISSION],
}
ALLOWED = {
    (ACQUIRED, "COMMISSIONED"): OPERATIVE,
    (OPERATIVE, "SUSPENDED"): SUSPENDED,
    (OPERATIVE, "DECOMMISSIONED"): GONE,
    (SUSPENDED, "OPERATIVE"): OPERATIVE,
    (SUSPENDED, "DECOMMISSIONED"): GONE,
}
CHANGES: list[Json] = [
    {"state": "ACQUIRED"},
    COMMISSION,
    DECOMMISSION,
    {"mode": "INACTIVE"},
    RESUME,
    SUSPEND,
]
PLACES = ("taxpayers", "locations", "systems")


def standing(place: Json) -> tuple[str, str]:
    return place["state"], place["mode"]


def fresh(premises: Premises, kind: str, name: str) -> tuple[Till, str]:
    """A new tenant whose place of that kind is acquired, with all above it in service."""
    till = premises.unit(name).acquires()
    paths = till.places()
    number = PLACES.index(kind)
    for path in paths[:number]:
        till.changed(path, COMMISSION)
    return till, paths[number]


@pytest.mark.parametrize("kind", PLACES)
def test_every_move_is_allowed_or_refused_as_the_table_says(premises: Premises, kind: str) -> None:
    for number, (begin, steps) in enumerate(REACHED.items()):
        for change in CHANGES:
            till, path = fresh(premises, kind, f"{number}-{change}")
            for step in steps:
                till.changed(path, step)
            (said,) = change.values()
            if said in begin:
                end = begin
                assert standing(till.changed(path, change)) == begin
            elif (begin, said) in ALLOWED:
                end = ALLOWED[begin, said]
                assert standing(till.changed(path, change)) == end
            else:
                end = begin
                message = refusal(till.send("PATCH", path, envelope(change)), 422)
                assert "REGISTRY-MOVE-01" in message
            assert standing(till.get(path)) == end


def test_commissioning_goes_from_the_top_down(unit: Till) -> None:
    unit.acquires()
    taxpayer, location, system = unit.places()

    refusal(unit.send("PATCH", location, envelope(COMMISSION)), 405)
    assert unit.send("PATCH", system, envelope(COMMISSION)).status_code in (405, 422)
    unit.changed(taxpayer, COMMISSION)
    assert unit.send("PATCH", system, envelope(COMMISSION)).status_code in (405, 422)
    unit.changed(location, COMMISSION)
    assert standing(unit.changed(system, COMMISSION)) == OPERATIVE


def test_decommissioning_goes_from_the_bottom_up(till: Till) -> None:
    taxpayer, location, system = till.places()

    refusal(till.send("PATCH", taxpayer, envelope(DECOMMISSION)), 405)
    refusal(till.send("PATCH", location, envelope(DECOMMISSION)), 405)
    for path in (system, location, taxpayer):
        assert standing(till.changed(path, DECOMMISSION)) == GONE


def test_what_stands_above_stops_what_stands_below(till: Till) -> None:
    body = envelope(
        {
            "type": "INTENTION",
            "system": {"id": till.system},
            "operation": {"type": "TRANSACTION"},
        }
    )

    for path in till.places():
        till.changed(path, SUSPEND)
        assert refusal(till.send("POST", "/records", body), 405).startswith(
            "record operation invalid: "
        )
        till.changed(path, RESUME)
        till.intends()


def test_a_sale_that_was_intended_waits_until_the_till_is_back(till: Till) -> None:
    intention = till.intends()
    till.changed(f"/systems/{till.system}", SUSPEND)

    refusal(till.concludes(words.receipt(), intention), 405)
    till.changed(f"/systems/{till.system}", RESUME)

    assert till.sells(words.receipt(), intention)["record"] == {"id": intention}


def test_nothing_is_added_below_what_is_gone(till: Till) -> None:
    taxpayer, location, system = till.places()
    till.changed(system, DECOMMISSION)
    till.changed(location, DECOMMISSION)

    refusal(till.send("POST", "/systems", envelope(words.device(till.location))), 405)
    till.changed(taxpayer, DECOMMISSION)
    refusal(till.send("POST", "/locations", envelope(words.branch(till.taxpayer))), 405)


def test_the_head_office_follows_its_taxpayer(unit: Till) -> None:
    unit.acquires()
    taxpayer, office = f"/taxpayers/{unit.taxpayer}", f"/locations/{unit.taxpayer}"

    for change in (COMMISSION, SUSPEND, RESUME):
        assert standing(unit.changed(taxpayer, change)) == standing(unit.get(office))
    refusal(unit.send("PATCH", office, envelope(SUSPEND)), 405)
    refusal(unit.send("PATCH", office, envelope({"address": words.address()})), 405)
    assert unit.get(office)["type"] == "HEAD_OFFICE"


def test_the_head_office_can_sell(unit: Till) -> None:
    unit.acquires()
    unit.changed(f"/taxpayers/{unit.taxpayer}", COMMISSION)
    unit.system = unit.made("/systems", words.device(unit.taxpayer))["id"]
    unit.changed(f"/systems/{unit.system}", COMMISSION)

    assert words.qr(unit.sells(words.receipt()))["G"] == "FR FR-T01-2026/1"
    refusal(unit.send("PATCH", f"/taxpayers/{unit.taxpayer}", envelope(DECOMMISSION)), 405)


def test_the_head_office_bears_its_taxpayers_new_name(unit: Till) -> None:
    unit.acquires()
    name = {"legal": "Padaria Nova, Lda.", "trade": "Padaria Nova"}

    unit.changed(f"/taxpayers/{unit.taxpayer}", {"name": name})

    assert unit.get(f"/locations/{unit.taxpayer}")["name"] == name


EDITS: dict[str, Json] = {
    "taxpayers": {"name": {"legal": "Outra, Lda.", "trade": "Outra"}},
    "locations": {"name": "Loja Alta"},
    "systems": {"software": {"name": "example-pos", "version": "4.3.0"}},
}


@pytest.mark.parametrize("kind", PLACES)
def test_data_change_in_a_place_that_is_not_in_service(premises: Premises, kind: str) -> None:
    till, path = fresh(premises, kind, "A")
    (name,) = EDITS[kind]
    edit = EDITS[kind]

    assert till.changed(path, edit)[name] == edit[name]
    till.changed(path, COMMISSION)
    # PATCH /systems documents no 405: a conflict is a 422 there.
    refusal(till.send("PATCH", path, envelope(edit)), 422 if kind == "systems" else 405)
    till.changed(path, SUSPEND)
    assert till.changed(path, edit)[name] == edit[name]
    till.changed(path, DECOMMISSION)
    refusal(till.send("PATCH", path, envelope(edit)), 422)


def test_the_tax_number_freezes_with_the_first_record(till: Till) -> None:
    path = f"/taxpayers/{till.taxpayer}"
    other = {"fiscalization": words.fiscalization(nif="502011378")}
    till.changed(path, SUSPEND)
    assert till.changed(path, other)["vat_number"] == "PT502011378"
    till.changed(path, RESUME)
    till.sells(words.receipt())
    till.changed(path, SUSPEND)

    back = envelope({"fiscalization": words.fiscalization()})
    assert "REGISTRY-FROZEN-01" in refusal(till.send("PATCH", path, back), 422)
    same = words.fiscalization(nif="502011378", password="another")
    till.changed(path, {"fiscalization": same})


def test_a_documents_own_past_does_not_change_with_its_taxpayer(till: Till) -> None:
    first = till.sells(words.receipt())
    path = f"/taxpayers/{till.taxpayer}"
    till.changed(path, SUSPEND)
    till.changed(path, {"name": {"legal": "Outra, Lda.", "trade": "Outra"}})
    till.changed(path, RESUME)

    assert till.get(f"/records/{first['id']}")["compliance"] == first["compliance"]
    till.sells(words.receipt())


def test_a_taxpayer_without_fiscalization_is_not_commissioned(unit: Till) -> None:
    bare = words.taxpayer()
    fiscalization = bare.pop("fiscalization")
    path = f"/taxpayers/{unit.made('/taxpayers', bare)['id']}"

    assert "content.fiscalization" in refusal(unit.send("PATCH", path, envelope(COMMISSION)), 422)
    unit.changed(path, {"fiscalization": fiscalization})
    assert standing(unit.changed(path, COMMISSION)) == OPERATIVE


def test_an_empty_patch_changes_nothing(till: Till) -> None:
    for path in till.places():
        before = till.get(path)
        after = till.send("PATCH", path, {}).json()["content"]
        assert {**after, "updated_at": ""} == {**before, "updated_at": ""}


def test_a_masked_password_that_comes_back_leaves_the_password(till: Till) -> None:
    path = f"/taxpayers/{till.taxpayer}"
    shown = till.get(path)["fiscalization"]
    till.changed(path, SUSPEND)

    till.changed(path, {"fiscalization": shown})
    till.changed(path, {"name": {"legal": "Outra, Lda.", "trade": "Outra"}})

    till.changed(path, RESUME)
    till.sells(words.receipt(series="DEPOIS"))
