from base64 import b64encode
from typing import Any

import pytest

from fiscus.signers.tse.simulator.schema import SchemaError, said


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (None, ("", b"")),
        (
            {"raw": {"process_type": "x", "process_data": b64encode(b"y").decode()}},
            ("x", b"y"),
        ),
        (
            {
                "standard_v1": {
                    "receipt": {
                        "receipt_type": "CANCELLATION",
                        "amounts_per_vat_rate": [
                            {"vat_rate": "REDUCED_1", "amount": "-1.239"},
                            {"vat_rate": "NULL", "amount": "5"},
                        ],
                        "amounts_per_payment_type": [
                            {"payment_type": "NON_CASH", "amount": "1"},
                            {"payment_type": "CASH", "amount": "2", "currency_code": "USD"},
                            {"payment_type": "CASH", "amount": "3"},
                            {"payment_type": "CASH", "amount": "4"},
                        ],
                    }
                }
            },
            (
                "Kassenbeleg-V1",
                b"AVBelegstorno^0.00_-1.23_0.00_0.00_5.00^7.00:Bar_2.00:Bar:USD_1.00:Unbar",
            ),
        ),
        (
            {
                "standard_v1": {
                    "order": {
                        "line_items": [
                            {"quantity": "2.50", "text": 'a "b"', "price_per_unit": "3.1"},
                            {"quantity": "-1", "text": "c", "price_per_unit": "1"},
                        ]
                    }
                }
            },
            ("Bestellung-V1", b'2.5;"a ""b""";3.10\r-1;"c";1.00'),
        ),
    ],
)
def test_schemas_become_process_data(schema: Any, expected: tuple[str, bytes]) -> None:
    found = said(schema)

    assert (found.process_type, found.process_data) == expected


@pytest.mark.parametrize(
    "schema",
    [
        {},
        [],
        {"raw": {"process_type": "x"}},
        {"raw": {"process_type": "x", "process_data": "!"}},
        {"standard_v1": {"receipt": {"receipt_type": "PARTY"}}},
        {
            "standard_v1": {
                "receipt": {
                    "receipt_type": "RECEIPT",
                    "amounts_per_vat_rate": [{"vat_rate": "NORMAL", "amount": "much"}],
                }
            }
        },
    ],
)
def test_a_schema_nobody_knows_is_refused(schema: Any) -> None:
    with pytest.raises(SchemaError):
        said(schema)
