"""Whatever the Unified API is told of organizations, keys, taxpayers, locations, systems, series,
files and months is shown again where it was said: every member, found in the shapes themselves."""

from collections.abc import Iterator
from typing import Any

import pytest

from fiscus.api.families.unified import operations
from fiscus.registry.tests.builders import a_nif
from tests.journeys.test_versions import LATER
from tests.support import words
from tests.support.members import members
from tests.support.premises import Premises
from tests.support.till import Json, Till, envelope

MASK = "********"
SECRETS = {"content.fiscalization.credentials.pin", "content.fiscalization.credentials.password"}

ELSEWHERE = {
    "createRecord": "test_everything_said",
    "createToken": "a wrong key or secret is 401; its metadata is answered",
    "createReportDeletion": "the reason is told to the authority, see test_reports_to_authorities",
}

FOREIGN = {
    "content.fiscalization.credentials.certificate_code": "FR, not served: 501",
    "content.fiscalization.credentials.properties": "FR, not served: 501",
    "content.fiscalization.fiscal_year_date": "FR, not served: 501",
    "content.acquirer.legal_name": "payment devices, not served: 501",
    "content.acquirer.tax_id_number": "payment devices, not served: 501",
    "content.connected_to": "payment devices, not served: 501",
    "content.kind": "payment devices, not served: 501",
    "content.label": "payment devices, not served: 501",
    "content.registrations.type": "services for e-invoices, not served: 501",
}
NEXT = {
    "content.state": "how a thing stands, see test_standing",
    "content.mode": "how a thing stands, see test_standing",
}

LINE = {
    "type": "STREET_NUMBER",
    "prefix": "Av.",
    "street": "do Mar",
    "infix": "Norte",
    "number": "4",
    "suffix": "B",
}
ADDRESS = {
    "line": LINE,
    "code": "1100-061",
    "city": "Lisboa",
    "country": "PT",
    "region": "Estremadura",
}
PERSON = {
    "gender": "FEMALE",
    "prefix": "Dra.",
    "forename": "Rosalina",
    "infix": "de",
    "surname": "Almada",
    "suffix": "Filha",
}
DETAILS = {
    "name": "Balcão Azul",
    "brand": "Marca",
    "model": "Modelo",
    "serial": "SN-77",
    "label": "Rótulo",
    "batch": "Lote",
    "date_of_entry": "2026-01-02",
    "date_of_production": "2025-12-01",
}
METADATA = {"chave": "valor"}


def a_taxpayer(nif: str) -> Json:
    fiscalization = words.fiscalization(nif) | {
        "email": "conta@padaria.example",
        "registration": {"capital": "5000.00", "office": "CRC Lisboa", "other": "509876544"},
    }
    return {
        "type": "COMPANY",
        "name": {"legal": "Padaria Azul, Lda.", "trade": "Padaria Azul"},
        "address": ADDRESS,
        "fiscalization": fiscalization,
    }


def individual(nif: str) -> Json:
    name = {"legal": "Rosalina Almada", "person": PERSON}
    return a_taxpayer(nif) | {"type": "INDIVIDUAL", "name": name}


def german() -> Json:
    fiscalization = {
        "type": "DE",
        "tax_id_number": "12345678901",
        "vat_id_number": "136695976",
        "credentials": {"type": "ELSTER", "tax_number": "1121081508150"},
    }
    return words.taxpayer(fiscalization=fiscalization) | {
        "address": words.address(code="10115", city="Berlin", country="DE")
    }


def leaves(said: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(said, dict) and "chave" not in said:
        for name, value in said.items():
            yield from leaves(value, f"{place}.{name}".removeprefix("."))
    elif isinstance(said, list):
        for item in said:
            yield from leaves(item, place)
    else:
        yield place, said


class Registry:
    """Says things, looks whether they are shown, and keeps what was said."""

    def __init__(self) -> None:
        self.said: dict[str, set[str]] = {}

    def made(self, id_: str, till: Till, path: str, what: Json, **shown: Any) -> Json:
        """What a POST or PATCH made, which shows all that it was told, or as `shown` says."""
        operation = operations.find(id_)
        metadata = None if "metadata" not in members(shape(operation)) else METADATA
        answer = till.send(operation.method, path, envelope(what, metadata))
        assert answer.status_code == 200, answer.text
        thing: Json = answer.json()
        for place, value in leaves(envelope(what, metadata)):
            self.said.setdefault(id_, set()).add(place)
            wanted = MASK if place in SECRETS else shown.get(place.rpartition(".")[2], value)
            assert (place, wanted) in list(leaves(thing)), (id_, place)
        content: Json = thing["content"]
        return content


def shape(operation: operations.UnifiedOperation) -> Any:
    assert operation.request is not None
    return operation.request._type


def test_all_that_is_registered_is_shown_again(premises: Premises) -> None:
    registry, group = Registry(), premises.group()
    unit = registry.made(
        "createOrganization", group, "/organizations", {"type": "UNIT", "name": "Azul"}
    )
    registry.made(
        "updateOrganization", group, f"/organizations/{unit['id']}", {"name": "Azul e Verde"}
    )
    till = premises.unit("Azul")
    taxpayer = registry.made("createTaxpayer", till, "/taxpayers", a_taxpayer(a_nif(71)))
    changed = a_taxpayer(a_nif(71)) | {"name": {"legal": "Padaria Verde, Lda.", "trade": "Verde"}}
    registry.made("updateTaxpayer", till, f"/taxpayers/{taxpayer['id']}", changed)
    branch = words.branch(taxpayer["id"]) | {
        "address": ADDRESS,
        "coordinates": {"latitude": "38.7", "longitude": "-9.1"},
        "label": "12345678901234",
    }
    location = registry.made("createLocation", till, "/locations", branch)
    moved = {name: value for name, value in branch.items() if name != "type"} | {"name": "Loja 2"}
    registry.made("updateLocation", till, f"/locations/{location['id']}", moved)
    device = words.device(
        location["id"], producer={"type": "MPN", "number": "P1", "details": DETAILS}
    )
    system = registry.made("createSystem", till, "/systems", device)
    newer = {name: device[name] for name in ("location", "producer")}
    newer["software"] = {"name": "example-pos", "version": "4.3.0"}
    registry.made("updateSystem", till, f"/systems/{system['id']}", newer)
    for path in ("taxpayers", "locations", "systems"):
        id_ = {"taxpayers": taxpayer, "locations": location, "systems": system}[path]["id"]
        till.changed(f"/{path}/{id_}", {"state": "COMMISSIONED"})
    series = {
        "taxpayer": {"id": taxpayer["id"]},
        "location": {"id": location["id"]},
        "document_type": "FR",
        "name": "AZUL-2026",
        "purpose": "NORMAL",
        "starts_on": "2026-11-16",
    }
    registry.made("createSeries", till, "/series", series)
    file = {
        "type": "AUDIT",
        "range": {"from": "2026-10-01", "to": "2026-10-31"},
        "taxpayer": {"id": taxpayer["id"]},
    }
    registry.made("createFile", till.speaking(LATER), "/files", file)
    registry.said["createFile"].add("content.system.id")  # of a device's own file
    keys_and_people(registry, group, till, system["id"])
    intention = till.intends(system["id"])
    registry.made("updateRecord", till, f"/records/{intention}", {})
    for other, made in ((individual(a_nif(72)), "Rosalina"), (german(), "Berlin")):
        registry.made("createTaxpayer", premises.unit(made), "/taxpayers", other)
    registry.made("createTaxpayer", premises.unit("Roma"), "/taxpayers", words.italian())

    assert left_over(registry) == {}


def keys_and_people(registry: Registry, group: Till, till: Till, system: str) -> None:
    group.scope = till.organization
    key = {"type": "API_KEY", "name": "caixa-2", "role": "till", "systems": [system]}
    subject = registry.made("createSubject", group, "/subjects", key)
    registry.made("updateSubject", group, f"/subjects/{subject['id']}", {"name": "caixa-3"})
    person = {"type": "USER", "name": "Ana", "language": "pt-PT", "role": "till", "code": "ANA7"}
    user = registry.made("createSubject", group, "/subjects", person)
    registry.made("updateSubject", group, f"/subjects/{user['id']}", {"language": "en"})


def left_over(registry: Registry) -> dict[str, set[str]]:
    """What a shape has that nobody said here, nor is named with a reason."""
    found = {}
    for operation in operations.OPERATIONS:
        if operation.request is None or operation.id in ELSEWHERE:
            continue
        said = registry.said.get(operation.id, set())
        if operation.id.startswith("update"):
            said = said | registry.said.get(f"create{operation.noun.capitalize()}", set())
        rest = members(shape(operation)) - said - FOREIGN.keys() - NEXT.keys() - LATER_ON
        if rest:
            found[operation.id] = rest
    return found


LATER_ON = {"content.reference", "content.type"}
"""The declaration of a month, see test_months; a kind of thing that does not change."""


@pytest.mark.parametrize("type_", ["FR", "BE"])
def test_what_belongs_to_a_country_that_is_not_served_is_refused(
    premises: Premises, type_: str
) -> None:
    fiscalization: Json = {"type": type_, "tax_id_number": "123456789"}
    if type_ == "FR":
        fiscalization["credentials"] = {"type": "LNE", "properties": METADATA}
    else:
        fiscalization |= {"tax_id_number": "0123456789", "vat_id_number": "0123456789"}
        fiscalization["credentials"] = {"type": "MYMINFIN"}
    body = words.taxpayer(fiscalization=fiscalization) | {"address": {**ADDRESS, "country": type_}}

    answer = premises.unit("Longe").send("POST", "/taxpayers", envelope(body))

    assert answer.status_code in (400, 422, 501), answer.text
