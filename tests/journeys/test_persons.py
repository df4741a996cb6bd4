"""Persons at the tills: registered once, named by code, shown in each country's audit files."""

from pathlib import Path

from lxml import etree

from fiscus.api.families.reporting.tests.berlin import a_kiosk, a_sale
from fiscus.api.families.reporting.tests.caller import platform
from tests.journeys.test_lisbon_cafe import audit_file
from tests.support import auditor, words
from tests.support.premises import Premises
from tests.support.till import Json, Till, content, envelope, refusal

NS = {"s": "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"}
ANA: Json = {"type": "USER", "name": "Ana Sá", "language": "pt-PT", "role": "till", "code": "K7"}


def test_a_person_is_registered_listed_changed_and_disabled(till: Till) -> None:
    """Subjects of type USER have name, language and role; they are listed, changed, disabled."""
    before = till.listed("/subjects")
    made = till.made("/subjects", ANA, {"shift": "early"})

    assert made == {**ANA, "id": made["id"], "state": "ENABLED"}
    assert [one["content"] for one in _all(till)][-1] == made
    assert len(_all(till)) == len(before) + 1
    changed = till.changed(f"/subjects/{made['id']}", {"name": "Ana Reis", "role": "auditor"})
    assert changed == {**made, "name": "Ana Reis", "role": "auditor"}
    gone = till.changed(f"/subjects/{made['id']}", {"state": "DISABLED"})
    assert gone["state"] == "DISABLED"
    assert till.get(f"/subjects/{made['id']}") == gone


def _all(till: Till) -> list[Json]:
    answer = till.send("GET", "/subjects")
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["results"]
    return found


def test_persons_and_keys_are_paged_together(till: Till) -> None:
    made = [till.made("/subjects", {**ANA, "code": f"K{number}"}) for number in range(3)]
    key = till.made("/subjects", {"type": "API_KEY", "name": "pos-9"})

    paged = [
        one["content"]["id"] for page in till.pages("/subjects?limit=1") for one in page["results"]
    ]

    assert paged[-4:] == [*(one["id"] for one in made), key["id"]]
    assert len(paged) == len(set(paged))


def test_a_code_is_given_once(till: Till) -> None:
    """Codes of users (SourceID) are never reused, also not after the person has gone."""
    made = till.made("/subjects", ANA)
    till.changed(f"/subjects/{made['id']}", {"state": "DISABLED"})

    again = till.send("POST", "/subjects", envelope({**ANA, "name": "Bia"}))
    other = till.made("/subjects", {"type": "USER", "name": "Bia"})

    assert "content.code" in refusal(again, 409)
    assert other["code"] != "K7"
    assert other["role"] == "till"
    assert "language" not in other
    for body in ({**ANA, "code": "K" * 31}, {**ANA, "code": "K 7"}):
        assert till.send("POST", "/subjects", envelope(body)).status_code == 400


def test_a_person_logs_in_nowhere_and_a_key_has_no_language(till: Till) -> None:
    made = till.made("/subjects", ANA)
    key = till.made("/subjects", {"type": "API_KEY", "name": "pos-9"})

    assert "credentials" not in made
    answer = till.send("PATCH", f"/subjects/{key['id']}", envelope({"language": "pt"}))
    assert "content.language" in refusal(answer, 422)
    answer = till.send("POST", "/subjects", envelope({**ANA, "code": "K8", "role": "owner"}))
    assert answer.status_code == 405


def test_the_portuguese_file_shows_the_code_of_a_person(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    """SourceID of SAF-T is the code of the person that the till names by id; a code of the till's
    own stands as it was said."""
    person = till.made("/subjects", ANA)
    for label in (person["id"], "K7", "caixa-9"):
        by = {"creators": [{"type": "PERSON", "label": label}]}
        till.sells(words.receipt(details=by))

    tree = etree.parse(str(audit_file(premises, till, tmp_path)))

    named = [one.text for one in tree.findall(".//s:Invoice/s:SourceID", NS)]
    assert named == ["K7", "K7", "caixa-9"]
    premises.assert_proved()


def test_the_german_file_shows_code_and_name_of_a_person(
    premises: Premises, tmp_path: Path
) -> None:
    """BEDIENER_ID and BEDIENER_NAME are those of the person when it served, whatever becomes of
    her later; a name that is sent is what was printed."""
    kiosk = a_kiosk(premises, platform(premises).opens_merchant())
    group = premises.group()
    digits = kiosk.caller.organization.removeprefix("org_")
    group.scope = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    person = group.made("/subjects", {**ANA, "language": "de"})
    kiosk.opens()
    kiosk.sells(operator={"id": person["id"]})
    kiosk.sells(operator={"id": "K7", "name": "Frau Sá"})
    kiosk.sells(operator={"id": "K9"})
    group.scope = ""
    content(group.send("PATCH", f"/subjects/{person['id']}", envelope({"name": "Ana Reis"})))
    kiosk.voids(kiosk.does(a_sale(operator={"id": "K7"})))
    kiosk.closes()

    archive = auditor.fetched(premises, auditor.export(kiosk)["download_url"])

    auditor.assert_checked("dsfinvk", archive, tmp_path)
    rows = auditor.tables(archive)["transactions"]
    named = [(row["BEDIENER_ID"], row["BEDIENER_NAME"]) for row in rows]
    assert named == [
        ("ohne Angabe", ""),
        ("K7", "Ana Sá"),
        ("K7", "Frau Sá"),
        ("K9", "K9"),
        ("K7", "Ana Reis"),
        ("ohne Angabe", ""),
    ]
    premises.assert_proved()
