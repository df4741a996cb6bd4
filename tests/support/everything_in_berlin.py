"""Everything that the Reporting API takes of a German till: bodies that say each member once, with
a value that nothing else has, and where an auditor finds it."""

from typing import Any

from fiscus.api.families.reporting.tests.berlin import a_leg
from fiscus.api.families.reporting.tests.caller import Json


def operator(tag: str) -> Json:
    return {"id": f"K-{tag}", "name": f"Zulmira {tag}"}


def tax(rate: str, amount: str, name: str = "USt") -> list[Json]:
    return [{"name": name, "rate": rate, "tax_amount": amount}]


def article(tag: str, number: str) -> Json:
    return {
        "article_number": f"{number}-{tag}",
        "gtin": f"40{len(tag):06}{len(number):02}",
        "article_group": {"id": f"WG-{number}-{tag}", "name": f"Gruppe {number} {tag}"},
    }


def coffee(tag: str) -> Json:
    return {
        "title": f"Kaffee {tag}",
        "quantity": 3,
        "unit_price": "1.99",
        "total_amount": "5.97",
        "taxes": tax("0.19", "0.95"),
        "is_eaten_in": True,
        **article(tag, "ART"),
    }


def menu(tag: str) -> Json:
    soup = {
        "title": f"Suppe {tag}",
        "quantity": 7,
        "total_amount": "9.90",
        "taxes": tax("0.07", "0.65"),
        **article(tag, "TEIL"),
    }
    juice = {
        "title": f"Saft {tag}",
        "article_number": f"SAFT-{tag}",
        "quantity": 1,
        "total_amount": "3.00",
        "taxes": tax("0.19", "0.48"),
    }
    return {
        "title": f"Menü {tag}",
        "article_number": f"MENU-{tag}",
        "quantity": 1,
        "unit_price": "12.90",
        "total_amount": "12.90",
        "taxes": tax("0.07", "0.65") + tax("0.19", "0.48"),
        "components": [soup, juice],
    }


def export(tag: str) -> Json:
    return {
        "title": f"Ausfuhr {tag}",
        "quantity": 1,
        "unit_price": "7.77",
        "total_amount": "7.77",
        "taxes": tax("0.00", "0.00"),
        "tax_category": "export",
    }


def empties(tag: str) -> Json:
    return {
        "title": f"Pfand {tag}",
        "kind": "deposit",
        "quantity": 1,
        "unit_price": "0.25",
        "total_amount": "0.25",
        "taxes": tax("0.19", "0.04"),
    }


def gift_card(number: str) -> Json:
    return {
        "title": f"Gutschein {number}",
        "kind": "gift_card",
        "quantity": 1,
        "unit_price": "11.90",
        "total_amount": "11.90",
        "taxes": tax("0.19", "1.90"),
        "voucher": {"number": number, "kind": "single_purpose"},
    }


def back(line: Json) -> Json:
    """The same line the other way round."""
    said = {**line, "total_amount": f"-{line['total_amount']}"}
    if "unit_price" in line:
        said["unit_price"] = f"-{line['unit_price']}"
    said["taxes"] = [
        {
            **one,
            "tax_amount": one["tax_amount"] if one["rate"] == "0.00" else f"-{one['tax_amount']}",
        }
        for one in line["taxes"]
    ]
    if "components" in line:
        said["components"] = [back(part) for part in line["components"]]
    return said


def customer(tag: str) -> Json:
    return {
        "name": f"Café {tag}",
        "number": f"KD-{tag}",
        "type": f"Stammkunde {tag}",
        "vat_id": "ATU12345675",
        "address": {
            "line1": f"Praterstraße {tag}",
            "city": f"Wien {tag}",
            "postal_code": f"10-{len(tag)}",
            "country_code": "AUT",
        },
    }


def _head(tag: str) -> Json:
    return {
        "source": "POS",
        "currency": "EUR",
        "external_id": f"EXT-{tag}",
        "note": f"Notiz {tag}",
        "tables": [f"Tisch {tag}"],
        "operator": operator(tag),
        "customer": customer(tag),
    }


def lines(tag: str) -> list[Json]:
    return [coffee(tag), menu(tag), gift_card(f"GS-{tag}"), export(tag), empties(tag)]


def a_sale(tag: str = "sale") -> Json:
    return {
        "type": "sale",
        **_head(tag),
        "line_items": lines(tag),
        "cart_level_discounts": [{"description": f"Rabatt {tag}", "amount": "1.00"}],
        "pretax_amount": "33.85",
        "tax_amount": "3.94",
        "tip_amount": "0.61",
        "total_amount": "38.40",
    }


def a_return(of: str, tag: str = "return") -> Json:
    """The whole of the sale of this id, which was said with the same tag."""
    return {
        **a_sale(tag),
        "type": "return",
        "line_items": [back(line) for line in lines(tag)],
        "pretax_amount": "-33.85",
        "tax_amount": "-3.94",
        "tip_amount": "-0.61",
        "total_amount": "-38.40",
        "related_operation_id": of,
        "is_full_reversal": True,
    }


def an_exchange(tag: str = "exchange") -> Json:
    """Of what another program sold: the coffee goes back, all else is taken for it."""
    return {
        "type": "exchange",
        **_head(tag),
        "line_items": [
            back({**coffee(f"{tag} alt"), "gtin": "40000001"}),
            *lines(tag),
        ],
        "pretax_amount": "29.75",
        "tax_amount": "3.07",
        "tip_amount": "0.61",
        "total_amount": "33.43",
        "external_related_operation": {
            "external_operation_id": f"ALT-{tag}",
            "description": f"Altkasse {tag}",
        },
    }


def an_order(tag: str = "order", **members: Any) -> Json:
    """What is stated of the whole are its totals: 5.97 + 12.90 + 7.77 + 0.25."""
    said = _head(tag)
    del said["source"], said["customer"]
    return {
        "type": "order",
        **said,
        "line_items": [coffee(tag), menu(tag), export(tag), empties(tag)],
        "pretax_amount": "24.77",
        "tax_amount": "2.12",
        "total_amount": "26.89",
        **members,
    }


def event(type_: str, **members: Any) -> Json:
    said = {
        "type": type_,
        "currency": "EUR",
        "external_id": f"EXT-{type_}",
        "note": f"Notiz {type_}",
        "operator": operator(type_),
    }
    return {**said, **members}


def paid() -> Json:
    """38.40 in four ways."""
    return {
        "payments": [
            a_leg("10.11", currency="USD", base_amount="9.00"),
            a_leg(
                "20.02",
                "card",
                card_brand="Marte",
                processor="Mercúrio",
                payment_id="PID-K",
                processor_reference="REF-K",
                processed_at="2026-05-03T08:15:00Z",
            ),
            a_leg("5.03", "digital_wallet", processor="Vénus"),
            a_leg("4.35"),
        ],
    }


def redeemed() -> Json:
    """38.40 by vouchers of both kinds, in cash, and not yet."""
    sold = {"number": "GS-sale", "kind": "single_purpose", "rate": "0.19"}
    return {
        "operator": operator("complete"),
        "payments": [
            a_leg("5.00", "gift_card", gift_card_id="GK-9"),
            a_leg("11.90", "voucher", voucher=sold),
            a_leg("1.00", "card", status="pending"),
            a_leg("20.50"),
        ],
    }


def an_address(tag: str) -> Json:
    return {
        "line1": f"Uferweg {tag} 12",
        "line2": f"Hof {tag}",
        "city": f"Berlin {tag}",
        "postal_code": f"1099{len(tag)}",
        "country_code": "DEU",
    }


def merchant(tag: str) -> Json:
    return {"legal_name": f"Kiosk {tag} GmbH", "country_code": "DEU", "address": an_address(tag)}


def location(tag: str, **members: Any) -> Json:
    said = {"name": f"Ort {tag}", "address": an_address(f"{tag}-Ort"), "timezone": "Europe/Berlin"}
    return {**said, "cut_off_time": "23:59", **members}


def register(tag: str) -> Json:
    return {
        "name": f"Kasse {tag}",
        "external_id": f"pos-{tag}",
        "brand": f"Marke {tag}",
        "model": f"Modell {tag}",
        "software": {"name": f"Programm {tag}", "version": f"4.{len(tag)}"},
    }


IDENTITY = {"country_code": "DEU", "tax_number": "21/815/08150", "vat_id": "DE123456788"}

Cell = tuple[str, str, str]
"""Table, column, and the text that stands there or within."""


def _article(
    place: str, tag: str, number: str, columns: tuple[str, str, str, str]
) -> dict[str, Cell]:
    said, table = article(tag, number), "subitems" if "components" in place else "lines"
    values = (
        said["article_number"],
        said["gtin"],
        said["article_group"]["id"],
        said["article_group"]["name"],
    )
    names = ("article_number", "gtin", "article_group.id", "article_group.name")
    return {
        f"{place}.{name}": (table, column, value)
        for name, column, value in zip(names, columns, values, strict=True)
    }


def _lines(tag: str) -> dict[str, Cell]:
    """Of what is sold and of what is ordered."""
    item, part = "line_items", "line_items.components"
    return {
        f"{item}.title": ("lines", "ARTIKELTEXT", f"Kaffee {tag}"),
        f"{item}.quantity": ("lines", "MENGE", "3,000"),
        f"{item}.unit_price": ("lines", "STK_BR", "1,99000"),
        f"{item}.total_amount": ("lines_vat", "POS_BRUTTO", "5,97000"),
        f"{item}.taxes.rate": ("lines_vat", "UST_SCHLUESSEL", "2"),
        f"{item}.taxes.tax_amount": ("lines_vat", "POS_UST", "0,95000"),
        f"{item}.kind": ("lines", "GV_TYP", "Pfand"),
        f"{item}.is_eaten_in": ("lines", "INHAUS", "1"),
        **_article(item, tag, "ART", ("ART_NR", "GTIN", "WARENGR_ID", "WARENGR")),
        f"{item}.tax_category": ("lines_vat", "UST_SCHLUESSEL", "6"),
        f"{part}.title": ("subitems", "ZI_NAME", f"Suppe {tag}"),
        f"{part}.quantity": ("subitems", "ZI_MENGE", "7,000"),
        f"{part}.total_amount": ("subitems", "ZI_BASISPREIS_BRUTTO", "9,90000"),
        f"{part}.taxes.rate": ("subitems", "ZI_UST_SCHLUESSEL", "2"),
        f"{part}.taxes.tax_amount": ("subitems", "ZI_BASISPREIS_UST", "0,65000"),
        **_article(part, tag, "TEIL", ("ZI_ART_NR", "ZI_GTIN", "ZI_WARENGR_ID", "ZI_WARENGR")),
    }


def _begun(tag: str) -> dict[str, Cell]:
    return {
        "note": ("transactions", "BON_NOTIZ", f"Notiz {tag}"),
        "operator.id": ("transactions", "BEDIENER_ID", f"K-{tag}"),
        "operator.name": ("transactions", "BEDIENER_NAME", f"Zulmira {tag}"),
    }


def _goods(tag: str, total: str) -> dict[str, Cell]:
    return {
        **_begun(tag),
        **_lines(tag),
        "line_items.voucher.number": ("lines", "GUTSCHEIN_NR", f"GS-{tag}"),
        "line_items.voucher.kind": ("lines", "GV_TYP", "Einzweckgutschein"),
        "tables": ("allocation_groups", "ABRECHNUNGSKREIS", f"Tisch {tag}"),
        "tip_amount": ("lines", "STK_BR", "0,61000"),
        "total_amount": ("transactions", "UMS_BRUTTO", total),
        "customer.name": ("transactions", "KUNDE_NAME", f"Café {tag}"),
        "customer.number": ("transactions", "KUNDE_ID", f"KD-{tag}"),
        "customer.type": ("transactions", "KUNDE_TYP", f"Stammkunde {tag}"),
        "customer.vat_id": ("transactions", "KUNDE_USTID", "ATU12345675"),
        "customer.address.line1": ("transactions", "KUNDE_STRASSE", f"Praterstraße {tag}"),
        "customer.address.city": ("transactions", "KUNDE_ORT", f"Wien {tag}"),
        "customer.address.postal_code": ("transactions", "KUNDE_PLZ", f"10-{len(tag)}"),
        "customer.address.country_code": ("transactions", "KUNDE_LAND", "AUT"),
    }


def _discount(tag: str) -> dict[str, Cell]:
    return {
        "cart_level_discounts.description": ("lines", "ARTIKELTEXT", f"Rabatt {tag}"),
        "cart_level_discounts.amount": ("lines", "STK_BR", "1,00000"),
    }


def _ordered() -> dict[str, Cell]:
    said = {**_begun("order"), **_lines("order")}
    said["tables"] = ("allocation_groups", "ABRECHNUNGSKREIS", "Tisch order")
    said["total_amount"] = ("transactions", "UMS_BRUTTO", "26,89")
    return said


def _paid_by(place: str, column: str, text: str) -> dict[str, Cell]:
    return {f"payments.{place}": ("datapayment", column, text)}


IN_FILE: dict[str, dict[str, Cell]] = {
    "sale": {**_goods("sale", "38,40"), **_discount("sale")},
    "return": {
        **_goods("return", "-38,40"),
        **_discount("return"),
        "is_full_reversal": ("transactions", "BON_STORNO", "1"),
    },
    "exchange": {
        **_goods("exchange", "33,43"),
        "external_related_operation.external_operation_id": (
            "references",
            "REF_BON_ID",
            "ALT-exchange",
        ),
        "external_related_operation.description": ("references", "REF_NAME", "Altkasse exchange"),
    },
    "order": _ordered(),
    "session_open": {
        **_begun("session_open"),
        "opening_balance_amount": ("lines", "STK_BR", "77,01000"),
    },
    "session_cash_adjustment": {
        **_begun("session_cash_adjustment"),
        "amount": ("lines", "STK_BR", "3,07000"),
        "reason": ("transactions", "BON_NOTIZ", "Kerzen Zulmira"),
    },
    "session_cash_count": {
        **_begun("session_cash_count"),
        "variance": ("lines", "STK_BR", "0,13000"),
    },
    "session_close": {
        **_begun("session_close"),
        "cash_out_amount": ("lines", "STK_BR", "8,08000"),
        "cash_in_amount": ("lines", "STK_BR", "6,06000"),
    },
    "completeOperation": {
        **_paid_by("method", "ZAHLART_TYP", "Kreditkarte"),
        **_paid_by("amount", "BASISWAEH_BETRAG", "20,02"),
        **_paid_by("currency", "ZAHLWAEH_CODE", "USD"),
        **_paid_by("base_amount", "BASISWAEH_BETRAG", "9,00"),
        **_paid_by("card_brand", "ZAHLART_NAME", "Marte"),
        **_paid_by("processor", "ZAHLART_NAME", "Vénus"),
        "payments.gift_card_id": ("lines", "GUTSCHEIN_NR", "GK-9"),
        "payments.voucher.number": ("lines", "GUTSCHEIN_NR", "GS-sale"),
        "payments.voucher.kind": ("lines", "GV_TYP", "EinzweckgutscheinEinloesung"),
        "payments.voucher.rate": ("lines_vat", "POS_UST", "-1,90000"),
        "payments.status": ("lines", "GV_TYP", "Forderungsentstehung"),
        "operator.id": ("transactions", "BEDIENER_ID", "K-complete"),
        "operator.name": ("transactions", "BEDIENER_NAME", "Zulmira complete"),
    },
    "voidOperation": {
        "reason": ("transactions", "BON_NOTIZ", "Zahlung fehlgeschlagen"),
        "operator.id": ("transactions", "BEDIENER_ID", "K-gone"),
        "operator.name": ("transactions", "BEDIENER_NAME", "Zulmira gone"),
    },
    "createClosing": {
        "operator.id": ("transactions", "BEDIENER_ID", "K-closing"),
        "operator.name": ("transactions", "BEDIENER_NAME", "Zulmira closing"),
    },
    "createMerchant": {
        "legal_name": ("cashpointclosing", "NAME", "Kiosk alt GmbH"),
        "address.line1": ("cashpointclosing", "STRASSE", "Uferweg alt 12"),
        "address.line2": ("cashpointclosing", "STRASSE", "Hof alt"),
        "address.city": ("cashpointclosing", "ORT", "Berlin alt"),
        "address.postal_code": ("cashpointclosing", "PLZ", "10993"),
        "address.country_code": ("cashpointclosing", "LAND", "DEU"),
        "fiscal_identities.tax_number": ("cashpointclosing", "STNR", "21/815/08150"),
        "fiscal_identities.vat_id": ("cashpointclosing", "USTID", "DE123456788"),
    },
    "createLocation": {
        "name": ("location", "LOC_NAME", "Ort alt"),
        "address.line1": ("location", "LOC_STRASSE", "Uferweg alt-Ort 12"),
        "address.line2": ("location", "LOC_STRASSE", "Hof alt-Ort"),
        "address.city": ("location", "LOC_ORT", "Berlin alt-Ort"),
        "address.postal_code": ("location", "LOC_PLZ", "10997"),
        "address.country_code": ("location", "LOC_LAND", "DEU"),
        "timezone": ("transactions", "BON_START", "+01:00"),
    },
    "createRegister": {
        "brand": ("cashregister", "KASSE_BRAND", "Marke alt"),
        "model": ("cashregister", "KASSE_MODELL", "Modell alt"),
        "software.name": ("cashregister", "KASSE_SW_BRAND", "Programm alt"),
        "software.version": ("cashregister", "KASSE_SW_VERSION", "4.3"),
    },
}
"""Where an auditor finds what was said, by the type of the operation or its id."""
