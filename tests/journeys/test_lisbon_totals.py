"""A till in Lisbon that rounds in its own way, over HTTP: what is sealed, what it is told of it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pydantic import TypeAdapter

from fiscus.api.families.unified.wire.documents import SealedDocument
from fiscus.formats import find
from tests.journeys.test_lisbon_cafe import audit_file
from tests.support import words
from tests.support.premises import Premises
from tests.support.till import Json, Till, logs, refusal

NAMESPACE = "{urn:OECD:StandardAuditFile-Tax:PT_1.04_01}"


def many(count: int, gross: str, **changes: Any) -> list[Json]:
    return [
        words.line(f"Artigo {n}", gross, quantity="1", number=str(n), **changes)
        for n in range(1, count + 1)
    ]


def stating(entries: list[Json], vat: str, **changes: Any) -> Json:
    """A receipt of these lines that states this VAT."""
    gross = words.total(entries)["inclusive"]
    total = {"amount": vat, "exclusive": str(Decimal(gross) - Decimal(vat)), "inclusive": gross}
    return words.receipt(*entries, head={"total_vat": total}, **changes)


def companion(till: Till, record: Json) -> Json:
    answer = till.send("GET", f"/records/{record['id']}/document")
    assert answer.status_code == 200, answer.text
    TypeAdapter(SealedDocument).validate_json(answer.content)
    shown: Json = answer.json()["content"]
    return shown


@pytest.mark.parametrize(
    ("count", "gross", "vat"),
    [(3, "0.10", "0.10"), (20, "0.03", "0.26"), (20, "0.03", "0.00"), (1000, "1.99", "371.00")],
)
def test_a_tax_that_no_rounding_gives_is_refused(
    till: Till, count: int, gross: str, vat: str
) -> None:
    record = till.records(stating(many(count, gross), vat))

    assert record["state"] == "REJECTED"
    assert "PT-TOTAL-04" in logs(record)


def test_a_thousand_lines_rounded_one_by_one_are_sealed_with_the_exact_vat(till: Till) -> None:
    record = till.sells(stating(many(1000, "1.99"), "370.00"))
    shown = companion(till, record)
    qr = words.qr(record)

    assert (qr["N"], qr["O"], qr["I7"], qr["I8"]) == ("372.11", "1990.00", "1617.89", "372.11")
    assert shown["total_vat"] == {
        "exclusive": "1617.89",
        "amount": "372.11",
        "inclusive": "1990.00",
    }
    assert shown["taxes"] == [
        {
            "region": "PT",
            "type": "IVA",
            "code": "NOR",
            "percentage": "23",
            "exclusive": "1617.89",
            "amount": "372.11",
        }
    ]
    assert [warning["code"] for warning in shown["warnings"]] == ["PT-TOTAL-05"]
    assert shown["warnings"][0]["remedy"].startswith("Print the net value and the VAT")
    assert shown["number"] == qr["G"]
    assert shown["atcud"] == qr["H"]
    assert shown["qr_code"] == record["compliance"]["qr_code"]
    assert any("Processado por programa certificado" in line for line in shown["prints"])


def test_the_answer_leads_to_the_companion_and_so_does_its_replay(till: Till) -> None:
    intention, key = till.intends(), "6f1f0c2e-3b6e-4f57-8a4e-0d7f5ac11111"
    sold = words.receipt(words.exempt())
    first = till.concludes(sold, intention, key=key)
    again = till.concludes(sold, intention, key=key)
    read = till.send("GET", f"/records/{first.json()['content']['id']}")
    link = f'</records/{first.json()["content"]["id"]}/document>; rel="describedby"'

    assert [one.headers.get("Link") for one in (first, again, read)] == [link] * 3
    assert again.headers["X-Idempotency-Replayed"] == "true"
    shown = companion(till, first.json()["content"])
    assert "M07 - Isento artigo 9.º do CIVA" in shown["prints"]
    assert shown["warnings"] == []


def test_what_is_no_document_has_no_companion(premises: Premises, till: Till) -> None:
    intention = till.intends()
    refused = till.records(stating(many(3, "0.10"), "0.10"))
    sold = till.sells(words.receipt())

    for id_ in (intention, refused["id"]):
        assert "Link" not in till.send("GET", f"/records/{id_}").headers
        assert "UNIFIED-DOCUMENT-01" in refusal(till.send("GET", f"/records/{id_}/document"), 404)
    stranger = premises.unit()
    refusal(stranger.send("GET", f"/records/{sold['id']}/document"), 404)


def test_training_is_said_in_the_companion(till: Till) -> None:
    practice = till.sells(words.receipt(), till.intends(details={**words.BY, "training": True}))

    assert "Documento emitido para fins de Formação" in companion(till, practice)["prints"]


def test_whatever_a_till_rounds_the_file_adds_up(
    premises: Premises, till: Till, tmp_path: Path
) -> None:
    till.sells(stating(many(100, "0.03"), "1.00"))
    till.sells(stating(many(1000, "1.99"), "370.00"))
    bread = [
        words.line(f"Pão {n}", "0.95", code="REDUCED_1", quantity="1", number=str(n))
        for n in range(8, 15)
    ]
    mixed = [*many(7, "0.95"), *bread, words.exempt(gross="0.07", number="15")]
    sold = till.sells(words.receipt(*mixed))
    back = [words.back(f"Artigo {n}", "0.95", number=str(n)) for n in range(1, 8)]
    till.sells(words.correction(sold["id"], *back))

    path = audit_file(premises, till, tmp_path)
    assert find("saft-pt").check(path, {}) == ()
    for document in etree.parse(path).iter(f"{NAMESPACE}Invoice"):
        assert_adds_up(document)


def assert_adds_up(document: Any) -> None:
    """To the cent, by the formulas that any validator uses."""
    net = tax = Decimal(0)
    for line in document.iter(f"{NAMESPACE}Line"):
        amount = _number(line, "CreditAmount") + _number(line, "DebitAmount")
        net += amount
        tax += amount * _number(line, f"Tax/{NAMESPACE}TaxPercentage") / 100
        worth = _number(line, "Quantity") * _number(line, "UnitPrice")
        assert round(worth, 6) == round(amount, 6)
    totals = document.find(f"{NAMESPACE}DocumentTotals")
    assert round(net, 2) == _number(totals, "NetTotal")
    assert round(tax, 2) == _number(totals, "TaxPayable")
    assert _number(totals, "GrossTotal") == round(net, 2) + round(tax, 2)


def _number(node: Any, name: str) -> Decimal:
    return Decimal(node.findtext(NAMESPACE + name) or "0")
