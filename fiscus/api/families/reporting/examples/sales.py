"""Bodies of operations, cash sessions and closings, as a till sends and gets them."""

from typing import Any

Json = dict[str, Any]

OPEN: Json = {
    "id": "op_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "merchant_id": "merchant_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "location_id": "loc_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "register_id": "reg_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "session_id": "ses_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "type": "sale",
    "source": "POS",
    "status": "open",
    "resource_version": 1,
    "currency": "EUR",
    "created_at": "2026-05-04T08:15:01Z",
    "updated_at": "2026-05-04T08:15:01Z",
    "external_id": None,
    "note": None,
    "pretax_amount": "10.00",
    "tax_amount": "1.90",
    "tip_amount": "0.00",
    "total_amount": "11.90",
    "related_operation_id": None,
    "external_related_operation": None,
    "line_items": [
        {
            "quantity": 2,
            "taxes": [
                {
                    "name": "USt",
                    "rate": "0.19",
                    "tax_amount": "1.90",
                    "id": "tax_019a8e3c6f5b7d2a9c41e07f3b8d5a60_1_1",
                }
            ],
            "title": "Filterkaffee",
            "total_amount": "11.90",
            "unit_price": "5.95",
            "id": "li_019a8e3c6f5b7d2a9c41e07f3b8d5a60_1",
        }
    ],
    "cart_level_discounts": [],
    "payments": [],
    "fiscal_information": {
        "regime": "KassenSichV",
        "document_number": "2",
        "document_type": None,
        "tss_serial_number": "4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a",
        "pos_client_serial_number": None,
        "signature_algorithm": None,
        "time_format": None,
        "start_event": {"signed_at": "2026-05-04T08:15:01.000Z"},
        "end_event": None,
        "verification": None,
        "prints": [],
    },
}

COMPLETED: Json = {
    **OPEN,
    **{
        "status": "completed",
        "resource_version": 2,
        "payments": [
            {
                "payment_id": None,
                "processor": None,
                "processor_reference": None,
                "card_brand": None,
                "processed_at": None,
                "amount": "11.90",
                "currency": "EUR",
                "method": "cash",
                "status": "captured",
                "id": "pay_019a8e3c6f5b7d2a9c41e07f3b8d5a60_1",
            }
        ],
        "fiscal_information": {
            "regime": "KassenSichV",
            "document_number": "2",
            "document_type": "Beleg",
            "tss_serial_number": "4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a",
            "pos_client_serial_number": "019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60",
            "signature_algorithm": "ecdsa-plain-SHA256",
            "time_format": "unixTime",
            "start_event": {"signed_at": "2026-05-04T08:15:01.000Z"},
            "end_event": {
                "signed_at": "2026-05-04T08:15:01.000Z",
                "transaction_counter": 11,
                "signature": "Af3CIDnD5TOgfsuvZDL8XlvO0hfp…",
            },
            "verification": {
                "qr_data": "V0;019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60;Kassenbeleg-V1;"
                "Beleg^11.90_0.00_0.00_0.00_0.00^11.90:Bar;2;11;…"
            },
            "prints": [
                "Kiosk am Kotti GmbH",
                "Oranienstraße 12, 10999 Berlin",
                "19 % USt: netto 10,00, Steuer 1,90, brutto 11,90",
                "Gesamt: 11,90 EUR",
                "Kasse: 019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60",
                "Beginn: 2026-05-04T10:15:01+02:00",
                "Ende: 2026-05-04T10:15:01+02:00",
                "TSE-Transaktion: 2",
                "TSE-Signaturzähler: 11",
                "TSE-Seriennummer: "
                "4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a",
                "TSE-Prüfwert: Af3CIDnD5TOgfsuvZDL8XlvO0hfp…",
            ],
        },
    },
}

VOIDED: Json = {
    **OPEN,
    **{
        "status": "voided",
        "resource_version": 2,
        "void_reason": "customer_abandoned_checkout",
        "fiscal_information": {
            "regime": "KassenSichV",
            "document_number": "3",
            "document_type": "AVBelegabbruch",
            "tss_serial_number": "4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a",
            "pos_client_serial_number": "019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60",
            "signature_algorithm": "ecdsa-plain-SHA256",
            "time_format": "unixTime",
            "start_event": {"signed_at": "2026-05-04T08:15:01.000Z"},
            "end_event": {
                "signed_at": "2026-05-04T08:15:01.000Z",
                "transaction_counter": 13,
                "signature": "Af3CIDnD5TOgfsuvZDL8XlvO0hfp…",
            },
            "verification": {
                "qr_data": "V0;019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60;Kassenbeleg-V1;"
                "Beleg^11.90_0.00_0.00_0.00_0.00^11.90:Bar;2;11;…"
            },
        },
    },
}

SESSION: Json = {
    "id": "ses_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "object": "session",
    "register_id": "reg_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "status": "closed",
    "currency": "EUR",
    "opening_balance_amount": "50.00",
    "variance": "0.00",
    "opened_at": "2026-05-04T08:15:01Z",
    "counted_at": "2026-05-04T08:15:01Z",
    "closed_at": "2026-05-04T08:15:01Z",
    "closing_id": "cls_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "z_number": 1,
    "operation_count": 4,
    "total_gross": "11.90",
}

CLOSING: Json = {
    "id": "cls_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "object": "closing",
    "register_id": "reg_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "type": "daily",
    "state": "completed",
    "period": {"from": "2026-05-04T08:15:01Z", "to": "2026-05-04T08:15:01Z"},
    "summary": {
        "operation_count": 4,
        "total_gross": 1190,
        "total_tax": 190,
        "total_by_payment_method": {"cash": 1190},
        "by_operation_type": {
            "sales": {"count": 1, "total_gross": 1190},
            "refunds": {"count": 0, "total_gross": 0},
            "voids": {"count": 1},
            "cash_movements": {"cash_in_total": 0, "cash_out_total": 0},
        },
        "tax_breakdown": [
            {"rate": "0.19", "category": "standard", "taxable_amount": 1000, "tax_amount": 190}
        ],
    },
    "fiscal": {
        "regime": "KassenSichV",
        "z_number": 1,
        "tse_serial": "4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a",
        "signature": "Af3CIDnD5TOgfsuvZDL8XlvO0hfp…",
        "transaction_counter": 19,
        "dsfinvk_export_id": None,
    },
    "created_at": "2026-05-04T08:15:01Z",
    "completed_at": "2026-05-04T08:15:01Z",
    "links": {
        "pdf": "https://fiscus.example/v1/closings/cls_019a8e3c6f5b7d2a9c41e07f3b8d5a60/pdf?expires=1777882501&signature=GkXy9h"
    },
    "checkpoint": {
        "size": 4711,
        "root": "Ko0dJRzxIqxUFYUL",
        "fingerprint": "sha256:3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e3b7e",
    },
}

TAB: Json = {
    "id": "tab_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "object": "tab",
    "register_id": "reg_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "status": "open",
    "currency": "EUR",
    "external_id": None,
    "tables": ["Tisch 5"],
    "opened_at": "2026-05-04T17:15:01Z",
    "updated_at": "2026-05-04T19:40:12Z",
    "orders": ["op_019a8e3c6f5b7d2a9c41e07f3b8d5a60"],
    "sales": ["op_019a8e3c6f5b7d2a9c41e07f3b8d5a61"],
    "left": [
        {
            "title": "Grauburgunder 0,2 l",
            "kind": "goods",
            "rate": "0.19",
            "quantity": "1",
            "total_amount": "7.50",
        }
    ],
    "left_amount": "7.50",
}

PROOF: Json = {
    "operation_id": "op_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
    "record_id": "019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60",
    "link": "9f2b6a0c4d1e8f73a5b69c20d7e4f18b3c6a5d9e0f1b2c3d4e5f60718293a4b5",
    "origin": "fiscus/019a8e3c-6f5b-7d2a-9c41-e07f3b8d5a60/journal/1",
    "index": 1,
    "size": 2,
    "witnesses": [{"name": "witness.example/1", "signed_at": "2026-05-04T08:15:01Z"}],
    "proof": "c2sp.org/tlog-proof@v1\nindex 1\nIkQ5Nf0yAXuCGKaNWKoX5MfzPLQHtkHpJsMeX2G5d6A=\n\n…",
}

REQUESTS: dict[str, Json] = {
    "createOperation": {
        "type": "sale",
        "register_id": "reg_019a8e3c6f5b7d2a9c41e07f3b8d5a60",
        "source": "POS",
        "currency": "EUR",
        "pretax_amount": "10.00",
        "tax_amount": "1.90",
        "total_amount": "11.90",
        "line_items": [
            {
                "title": "Filterkaffee",
                "quantity": 2,
                "unit_price": "5.95",
                "total_amount": "11.90",
                "taxes": [{"name": "USt", "rate": "0.19", "tax_amount": "1.90"}],
            }
        ],
    },
    "completeOperation": {
        "payments": [{"method": "cash", "status": "captured", "amount": "11.90", "currency": "EUR"}]
    },
    "voidOperation": {"reason": "customer_abandoned_checkout"},
    "createClosing": {"type": "daily"},
}


def _listed(*data: Json) -> Json:
    return {"object": "list", "data": list(data), "has_more": False, "next_cursor": None}


ANSWERS: dict[str, Json] = {
    "createOperation": OPEN,
    "listOperations": _listed(COMPLETED, VOIDED),
    "retrieveOperation": COMPLETED,
    "retrieveOperationProof": PROOF,
    "completeOperation": COMPLETED,
    "voidOperation": VOIDED,
    "listSessions": _listed(SESSION),
    "retrieveSession": SESSION,
    "listTabs": _listed(TAB),
    "retrieveTab": TAB,
    "createClosing": CLOSING,
    "listClosings": _listed(CLOSING),
    "retrieveClosing": CLOSING,
}
