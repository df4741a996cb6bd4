"""The companion of a record: what the law made of it, and who has one."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from pydantic import TypeAdapter

from fiscus.api.families.unified.translate.companion import document, headers
from fiscus.api.families.unified.wire.documents import SealedDocument
from fiscus.journal.tests.bodies import SEAL, a_body
from fiscus.model.faults import Missing, Notice
from fiscus.model.kinds import EntryKind
from fiscus.model.records import DeviceSigning, Record, Seal, TaxShare

NOTICE = Notice(code="PT-TOTAL-05", text="other cents", remedy="Print ours.", law="the law")
SHARE = TaxShare(
    region="PT-AC",
    tax_type="IVA",
    tax_code="NOR",
    percentage=Decimal("16.00"),
    net=Decimal("2.00"),
    vat=Decimal("0.32"),
)


def a_record(kind: EntryKind = EntryKind.DOCUMENT, seal: Seal | None = SEAL) -> Record:
    return Record(kind=kind, body=a_body(seal=seal), stored=b"", link="", key="", signature="")


def shown(**changes: Any) -> dict[str, Any]:
    answer = document(a_record(seal=msgspec.structs.replace(SEAL, **changes)))
    TypeAdapter(SealedDocument).validate_python(answer)
    content: dict[str, Any] = answer["content"]
    return content


def test_it_says_number_totals_taxes_prints_and_warnings() -> None:
    content = shown(taxes=(SHARE,), notices=(NOTICE,), qr="A:1")

    assert content == {
        "record": {"id": a_record().body.id},
        "number": "FT LOJA-2026/1",
        "type": "FT",
        "issued_on": "2026-05-04",
        "atcud": "JF7T8K2Q-1",
        "total_vat": {"exclusive": "2.00", "amount": "0.46", "inclusive": "2.46"},
        "taxes": [
            {
                "region": "PT-AC",
                "type": "IVA",
                "code": "NOR",
                "percentage": "16",
                "exclusive": "2.00",
                "amount": "0.32",
            }
        ],
        "prints": ["ATCUD:JF7T8K2Q-1"],
        "qr_code": "A:1",
        "warnings": [msgspec.to_builtins(NOTICE)],
    }


def test_a_law_that_states_no_taxes_is_answered_with_the_sums_of_the_lines() -> None:
    (line,) = SEAL.lines
    back = msgspec.structs.replace(line, net=Decimal("0.50"), vat=Decimal("0.11"), is_debit=True)

    (tax,) = shown(lines=(line, line, back), code="")["taxes"]

    assert (tax["percentage"], tax["exclusive"], tax["amount"]) == ("23", "3.50", "0.81")
    assert "atcud" not in shown(code="")
    assert "qr_code" not in shown()


def test_only_issued_documents_have_one() -> None:
    issued = a_record()

    assert headers(issued) == {
        "Link": f'</records/{issued.body.id}/document>; rel="describedby"',
        "X-Document-Number": "FT LOJA-2026/1",
    }
    for other in (a_record(seal=None), a_record(EntryKind.CLOSING), a_record(EntryKind.REFUSAL)):
        assert headers(other) == {}
        with pytest.raises(Missing, match="UNIFIED-DOCUMENT-01"):
            document(other)


def test_it_names_all_facts_of_a_signing_device_or_why_there_are_none() -> None:
    at = datetime(2026, 5, 4, 8, 15, 1, 339716, tzinfo=UTC)
    signing = DeviceSigning(
        serial="ab" * 32,
        client="k-1",
        number=42,
        process_type="Kassenbeleg-V1",
        process_data="Beleg^2.00_0.00_0.00_0.00_0.00^2.00:Bar",
        started_at=at,
        finished_at=at,
        counter=83,
        signature="c2lnbmF0dXJl",
        algorithm="ecdsa-plain-SHA256",
        time_format="unixTime",
        public_key="BA==",
    )

    device = shown(signing=signing)["device"]

    said = msgspec.to_builtins(signing)
    del said["number"]
    times = dict.fromkeys(("started_at", "finished_at"), "2026-05-04T08:15:01.339+00:00")
    assert device == {**said, "transaction": 42, **times}
    assert shown(outage="no answer")["outage"] == "no answer"
    assert {"device", "outage"} & set(shown()) == set()
