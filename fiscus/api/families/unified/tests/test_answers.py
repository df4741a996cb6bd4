"""Things of the registry in the words of this family, and its contents in theirs."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from fiscus.api.families.unified import translate
from fiscus.api.families.unified.wire import access, files, locations, systems, taxpayers
from fiscus.model.documents import Address, DocumentKind
from fiscus.model.places import Location, Register, Taxpayer
from fiscus.model.times import Period
from fiscus.regimes import Exemption, Regime, VatRate
from fiscus.registry import views
from fiscus.registry.roles import Role

OWN = Path(__file__).parent / "examples" / "own"
AT = datetime(2026, 5, 4, 8, 15, 1, 339716, tzinfo=UTC)
SHOWN = "2026-05-04T08:15:01+00:00"
ID4 = "1c81cb86-c2e8-4074-afc3-a0601b2bf063"
ID7 = "0196a1f0-2222-7c3d-9e4f-0123456789ab"
OTHER7 = "0196a1f1-2222-7c3d-9e4f-0123456789ab"
PORTO = Address(street="Rua das Flores", number="28", code="4050-262", city="Porto", country="PT")
TIMES: dict[str, Any] = {"created_at": AT, "updated_at": AT}


def a_content(name: str) -> Any:
    return json.loads((OWN / f"create{name}.json").read_text())["content"]


def unused(*_: Any) -> Any:
    raise AssertionError("the translation seals nothing")


def a_vat_number(facts: Mapping[str, str]) -> str:
    return f"PT{facts['tax_id_number']}" if "tax_id_number" in facts else ""


def a_regime() -> Regime:
    return Regime(
        code="pt",
        name="Portugal",
        country="PT",
        timezone="Europe/Lisbon",
        issues=frozenset({DocumentKind.RECEIPT, DocumentKind.CANCELLATION}),
        series=unused,
        seal=unused,
        vat_number=a_vat_number,
    )


def a_taxpayer_view(**changes: Any) -> views.TaxpayerView:
    details, _ = translate.masked(a_content("Taxpayer"))
    view = views.TaxpayerView(
        taxpayer=Taxpayer(
            id=ID7,
            version=1,
            organization=ID4,
            regime="pt",
            legal_name="Mercearia do Largo, Lda.",
            address=PORTO,
            facts={"tax_id_number": "509876544"},
        ),
        state=views.LifecycleState.ACQUIRED,
        mode=views.OperatingMode.INACTIVE,
        details=details,
        metadata={},
        **TIMES,
    )
    return msgspec.structs.replace(view, **changes)


def a_location_view(**changes: Any) -> views.LocationView:
    view = views.LocationView(
        location=Location(id=OTHER7, version=1, name="Loja", address=PORTO),
        taxpayer=ID7,
        regime="pt",
        is_head_office=False,
        state=views.LifecycleState.COMMISSIONED,
        mode=views.OperatingMode.OPERATIVE,
        details=a_content("Location"),
        metadata={"store": "7"},
        **TIMES,
    )
    return msgspec.structs.replace(view, **changes)


def a_register_view(**changes: Any) -> views.RegisterView:
    view = views.RegisterView(
        register=Register(
            id=ID7, version=1, name="Balcão", software="example pos 5.1.0", serial="S1"
        ),
        location=OTHER7,
        taxpayer=ID7,
        regime="pt",
        postal_code="4050-262",
        state=views.LifecycleState.COMMISSIONED,
        mode=views.OperatingMode.SUSPENDED,
        certificate=views.RegisterCertificate(serial="0f" * 16, expires_at=AT, pem="-----BEGIN…"),
        details=a_content("System"),
        metadata={},
        **TIMES,
    )
    return msgspec.structs.replace(view, **changes)


def shown_system(
    view: views.RegisterView, *, device: str = "", trouble: str = ""
) -> dict[str, Any]:
    return translate.system(
        view,
        replace(a_regime(), device=device),
        rates=[VatRate(code="STANDARD", percentage="23", description="Taxa normal")],
        exemptions=[Exemption(code="CAUSE_6", description="x" * 300)],
        software=("Fiscus Portugal", "1.2"),
        trouble=trouble,
    )


def spelled(model: Any, answer: dict[str, Any]) -> Any:
    """The content of an answer that keeps to the contract."""
    TypeAdapter(model).validate_json(json.dumps(answer))
    return answer["content"]


def test_an_organization_shows_its_parent():
    known = views.Organization(
        id=ID4, parent=ID4, type="UNIT", name="Loja", metadata={"k": "v"}, **TIMES
    )

    answer = translate.organization(known)

    assert spelled(access.Organization, answer)["organization"] == {"id": ID4}
    assert answer["metadata"] == {"k": "v"}


def test_an_account_has_no_parent():
    known = views.Organization(id=ID4, parent="", type="ACCOUNT", name="Nós", metadata={}, **TIMES)

    assert translate.organization(known) == {
        "content": {"type": "ACCOUNT", "name": "Nós", "id": ID4, "state": "ENABLED"}
    }


def test_a_secret_is_shown_only_when_it_is_given():
    known = views.Subject(
        id=ID4,
        organization=ID4,
        name="caixa-1",
        key="test_key",
        role=Role.TILL,
        systems=(),
        state=views.KeyState.ENABLED,
        version=1,
        generation=1,
        metadata={},
        created_at=AT,
    )

    made = spelled(access.Subject, translate.subject(known, "hush"))
    later = spelled(access.Subject, translate.subject(known))

    assert made["credentials"] == {"key": "test_key", "secret": "hush"}
    assert later["credentials"] == {"key": "test_key"}


def test_a_token_says_how_long_it_lives():
    answer = translate.token(
        id=ID4,
        bearer="a.b.c",
        issued_at=AT,
        expires_at=AT,
        organization=ID4,
        subject=ID4,
        metadata={},
    )

    assert spelled(access.Token, answer)["authentication"] == {
        "type": "JWT",
        "bearer": "a.b.c",
        "issued_at": SHOWN,
        "expires_at": SHOWN,
    }


def test_a_taxpayer_comes_back_as_sent_but_for_its_password():
    content = spelled(taxpayers.Taxpayer, translate.taxpayer(a_taxpayer_view(), a_regime()))

    sent = a_content("Taxpayer")
    sent["fiscalization"]["credentials"]["password"] = "********"
    assert sent.items() <= content.items()
    assert (content["state"], content["mode"]) == ("ACQUIRED", "INACTIVE")
    assert (content["country"], content["vat_number"]) == ("Portugal", "PT509876544")
    assert [one["type"] for one in content["locations"]] == ["HEAD_OFFICE", "BRANCH"]
    assert content["created_at"] == content["updated_at"] == SHOWN


def test_a_person_keeps_his_names():
    view = a_taxpayer_view(details=translate.masked(a_content("Individual"))[0])

    content = spelled(taxpayers.Taxpayer, translate.taxpayer(view, a_regime()))

    assert content["name"]["person"]["surname"] == "Prates"


def test_a_taxpayer_of_another_family_is_shown_by_its_neutral_fields():
    taxpayer = msgspec.structs.replace(
        a_taxpayer_view().taxpayer,
        facts={},
        address=Address(street="Cais", code="1", city="Porto", country="PT"),
    )
    view = a_taxpayer_view(taxpayer=taxpayer, details={})

    content = spelled(taxpayers.Taxpayer, translate.taxpayer(view, a_regime()))

    assert content["name"] == {
        "legal": "Mercearia do Largo, Lda.",
        "trade": "Mercearia do Largo, Lda.",
    }
    assert content["address"]["line"]["number"] == "-"
    assert "vat_number" not in content
    assert "fiscalization" not in content


def test_a_branch_comes_back_as_sent():
    answer = translate.location(a_location_view())

    content = spelled(locations.Location, answer)
    assert a_content("Location").items() <= content.items()
    assert content["systems"] == [{"type": "FISCAL_DEVICE", "description": "Fiscal device."}]
    assert (content["state"], content["mode"]) == ("COMMISSIONED", "OPERATIVE")
    assert answer["metadata"] == {"store": "7"}


def test_a_branch_of_another_family_is_shown_by_its_neutral_fields():
    content = spelled(locations.Location, translate.location(a_location_view(details={})))

    assert (content["type"], content["name"]) == ("BRANCH", "Loja")
    assert content["taxpayer"] == {"id": ID7}
    assert content["address"]["line"]["street"] == "Rua das Flores"


@pytest.mark.parametrize("with_details", [True, False])
def test_a_head_office_bears_two_names(with_details: bool):
    details = a_taxpayer_view().details if with_details else {}
    view = a_location_view(is_head_office=True, details=details)

    content = spelled(locations.Location, translate.location(view))

    assert content["type"] == "HEAD_OFFICE"
    trade = "Mercearia do Largo" if with_details else "Loja"
    assert content["name"]["trade"] == trade


def test_a_system_shows_its_key_its_law_and_its_codes():
    content = spelled(systems.System, shown_system(a_register_view()))

    assert a_content("System").items() <= content.items()
    assert content["mode"] == "SUSPENDED"
    cryptography = content["journal"]["cryptography"]
    assert cryptography["certificate"]["serial_number"] == "0f" * 16
    assert cryptography["signature"] == {"type": "ECDSA", "hash": "SHA-256"}
    assert content["compliance"] == {"software": {"name": "Fiscus Portugal", "version": "1.2"}}
    assert [one["type"] for one in content["records"]] == [
        "INTENTION::TRANSACTION",
        "TRANSACTION::RECEIPT",
        "TRANSACTION::CANCELLATION",
    ]
    assert content["vat_rates"] == [
        {
            "code": "STANDARD",
            "percentage": "23",
            "description": "Taxa normal",
            "historic": False,
        }
    ]
    assert len(content["vat_exemptions"][0]["description"]) == 256


def test_a_system_says_why_it_has_no_device_and_that_it_is_to_be_closed():
    content = spelled(
        systems.System, shown_system(a_register_view(), device="tse", trouble="x" * 300)
    )

    (log,) = content["logs"]
    assert log["severity"] == "ERROR"
    assert log["message"].startswith("no signing device could be fitted: xxx")
    assert len(log["message"]) == 256
    assert [one["type"] for one in content["records"]][-4:] == [
        "INTENTION::CLOSING",
        "CLOSING::DAILY",
        "CLOSING::MONTHLY",
        "CLOSING::YEARLY",
    ]


def test_a_register_of_another_family_is_a_fiscal_device():
    content = spelled(systems.System, shown_system(a_register_view(details={})))

    assert content["software"] == {"name": "example pos", "version": "5.1.0"}
    assert content["producer"]["details"] == {"name": "Balcão", "serial": "S1"}
    assert content["location"] == {"id": OTHER7}


def test_a_nameless_register_still_keeps_to_the_contract():
    view = a_register_view(details={}, register=Register(id=ID7, version=1))

    content = spelled(systems.System, shown_system(view))

    assert content["producer"]["details"] == {"name": ID7}
    assert content["software"] == {"name": "-", "version": "-"}


def test_a_file_says_where_it_will_be():
    answer = translate.file(
        id=ID7,
        created_at=AT,
        type="AUDIT",
        state="ACCEPTED",
        mode="PROCESSING",
        period=Period(first=date(2026, 4, 1), last=date(2026, 4, 30)),
        taxpayer=OTHER7,
    )

    content = spelled(files.File, answer)
    assert content["artifact"]["path"] == f"/files/{ID7}.zip"
    assert content["integrity"]["path"] == f"/files/{ID7}.zip.jws"
    assert content["range"] == {"from": "2026-04-01", "to": "2026-04-30"}
    assert content["taxpayer"] == {"id": OTHER7}
    assert "system" not in content


def test_the_last_page_leads_nowhere():
    assert translate.page([]) == {"results": []}
    assert translate.page([{}], next="/x?token=e30=", token="e30=", limit=1) == {
        "results": [{}],
        "pagination": {"next": "/x?token=e30=", "token": "e30=", "limit": 1},
    }


def test_a_taxpayer_is_ordered_with_the_facts_of_its_country():
    order = translate.taxpayer_order(a_content("Taxpayer"))

    assert order == translate.TaxpayerOrder(
        regime="pt",
        legal_name="Mercearia do Largo, Lda.",
        trade_name="Mercearia do Largo",
        address=PORTO,
        facts={
            "tax_id_number": "509876544",
            "email": "geral@mercearia.example",
            "registration_capital": "7500.00",
            "registration_office": "CRC Porto",
            "registration_other": "509876544",
            "has_credentials": "1",
        },
    )


def test_without_a_fiscalization_the_address_says_whose_law_it_is():
    content = a_content("Individual")
    del content["fiscalization"]

    order = translate.taxpayer_order(content)

    assert (order.regime, order.trade_name, order.facts) == ("pt", "", {})


def test_a_location_is_ordered_under_its_taxpayer():
    order = translate.location_order(a_content("Location"))

    assert (order.taxpayer, order.name) == (ID7, "Loja da Ribeira – rés-do-chão 1")
    assert order.address.city == "Porto"


def test_a_system_is_ordered_with_its_program():
    order = translate.system_order(a_content("System"))

    assert order == translate.SystemOrder(
        location=OTHER7,
        name="Balcão 2",
        software="example-pos 5.1.0",
        serial="SN-0042",
        brand="Example",
    )


def test_a_service_without_a_producer_is_called_as_its_software():
    content = a_content("System")
    del content["producer"]

    assert translate.system_order(content).name == "example-pos"


def test_secrets_go_apart_and_are_shown_as_masks():
    content = a_content("Taxpayer")

    shown, secrets = translate.masked(content)

    assert secrets == {"username": "509876544/3", "password": "only-an-example"}
    assert shown["fiscalization"]["credentials"] == {
        "type": "AT",
        "username": "509876544/3",
        "password": "********",
    }
    assert content["fiscalization"]["credentials"]["password"] == "only-an-example"


def test_a_pin_is_a_secret_too():
    credentials = {"type": "FISCONLINE", "pin": "12", "password": "p", "tax_id_number": "X"}

    shown, secrets = translate.masked({"fiscalization": {"credentials": credentials}})

    assert shown["fiscalization"]["credentials"]["pin"] == "********"
    assert secrets["pin"] == "12"


def test_a_mask_that_comes_back_is_no_secret():
    shown, _ = translate.masked(a_content("Taxpayer"))

    again, secrets = translate.masked(shown)

    assert again == shown
    assert secrets == {"username": "509876544/3"}


def test_an_update_replaces_members_and_leaves_the_state_to_the_registry():
    details = {"name": "a", "address": {"city": "Porto"}, "type": "BRANCH"}
    update = {"state": "COMMISSIONED", "mode": "OPERATIVE", "address": {"city": "Faro"}}

    assert translate.merged(details, update) == {
        "name": "a",
        "address": {"city": "Faro"},
        "type": "BRANCH",
    }


@given(st.uuids(), st.sets(st.integers(0, 3)))
def test_an_id_has_one_spelling_whatever_hyphens_are_left_out(id_: object, left_out: set[int]):
    parts = str(id_).split("-")
    written = parts[0]
    for gap, part in enumerate(parts[1:]):
        written += part if gap in left_out else f"-{part}"

    assert translate.identifier(written) == str(id_)
