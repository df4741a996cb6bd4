"""Everything that a document of the Unified API may say and that has a place, and a wrong word for
each member."""

from copy import deepcopy
from typing import Any

from tests.support.till import Json


def rated(code: str, rate: str, net: str, vat: str, gross: str, **place: str) -> Json:
    tax = {"type": "VAT_RATE", "code": code, "percentage": rate}
    amounts = {"amount": vat, "exclusive": net, "inclusive": gross}
    return {**tax, **amounts, **({"fiscal_location": place} if place else {})}


def an_item(text: str, price: str, net: str, vat: Json, quantity: str = "1", **more: Any) -> Json:
    return {
        "type": "ITEM",
        "text": text,
        "unit": {"quantity": quantity, "price": {"inclusive": price, "exclusive": net}},
        "value": {"base": net},
        "vat": vat,
        **more,
    }


def details(number: str, concept: str = "GOOD", **more: Any) -> Json:
    return {"concept": concept, "number": number, **more}


PERSON = {
    "gender": "FEMALE",
    "prefix": "Dra.",
    "forename": "Rosalina",
    "infix": "de",
    "surname": "Almada",
    "suffix": "Filha",
}


def an_address(street: str, city: str, region: str) -> Json:
    line = {"prefix": "Av.", "street": street, "infix": "Norte", "number": "4", "suffix": "B"}
    return {
        "line": {"type": "STREET_NUMBER", **line},
        "code": "8000-100",
        "city": city,
        "country": "PT",
        "region": region,
    }


PHONE = an_item(
    "Telefone Azul",
    "1.23",
    "1.00",
    rated("STANDARD", "23", "2.76", "0.64", "3.40", country="PT"),
    "3",
    product={
        "type": "SKU",
        "number": "TEL-AZUL-7",
        "details": {
            "name": "Nome-K",
            "brand": "Marca-K",
            "model": "Modelo-K",
            "label": "Rótulo-K",
            "batch": "Lote-K",
            "serial": "IMEI-3579",
        },
    },
)
PHONE["unit"] |= {"measure": "CX", "factor": "1"}
PHONE["value"] |= {"discount": "0.49", "surcharge": "0.20"}
CAKE = an_item(
    "Bolo do caco",
    "1.22",
    "1.00",
    rated("STANDARD", "22", "1.00", "0.22", "1.22", country="PT", region="MADEIRA"),
)
LESSON = an_item(
    "Aula de canto",
    "2.00",
    "2.00",
    {"type": "VAT_EXEMPTION", "code": "CAUSE_6", "reason": "Isento por contrato 9"},
)
STEAK = an_item("Bife Lua", "2.46", "2.00", rated("STANDARD", "23", "2.00", "0.46", "2.46"))
STEAK["unit"]["measure"] = "PRATO-K"
JUICE = an_item(
    "Sumo Mar",
    "1.13",
    "1.00",
    rated("REDUCED_1", "13", "1.00", "0.13", "1.13"),
    product={"type": "SKU", "number": "SUMO-K", "details": {"name": "Nome-K2"}},
)
MENU = {
    "type": "GROUP",
    "text": "Menu Sol",
    "unit": {"quantity": "1", "price": {"inclusive": "3.59", "exclusive": "3.00"}},
    "value": {"base": "3.00"},
    "vat": rated("STANDARD", "23", "3.00", "0.59", "3.59"),
    "items": [STEAK, JUICE],
}
OWED = {
    "type": "OUTSTANDING",
    "concept": "GOOD",
    "details": {
        "amount": "10.21",
        "currency": "EUR",
        "date": "2026-12-16",
        "discount": "0.17",
        "properties": {"chave-k": "valor-k"},
    },
}
BUYER = {
    "type": "BUSINESS",
    "name": "Oficina Céu, Lda.",
    "address": an_address("da Praia", "Olhão", "Algarve"),
    "identification": {"type": "VAT", "number": "514200111"},
    "origin": "NATIONAL",
    "shipping": {
        "address": an_address("do Cais", "Tavira", "Sotavento"),
        "date": "2026-11-20",
        "name": "Armazém Vermelho",
    },
}
CONSUMER = {
    "type": "CONSUMER",
    "name": PERSON,
    "address": an_address("da Serra", "Monchique", "Serra"),
    "identification": {"type": "PASSPORT", "number": "P99887766"},
}
TOTALS = {"amount": "1.45", "exclusive": "8.76", "inclusive": "10.21"}
BREAKDOWN = [
    rated("STANDARD", "23", "4.76", "1.10", "5.86", country="PT"),
    rated("STANDARD", "22", "1.00", "0.22", "1.22", country="PT", region="MADEIRA"),
    rated("REDUCED_1", "13", "1.00", "0.13", "1.13"),
    {
        "type": "VAT_EXEMPTION",
        "code": "CAUSE_6",
        "exclusive": "2.00",
        "reason": "Isento por contrato 9",
    },
]


def entries() -> list[Json]:
    more: Json = {
        "description": "Descrição-K",
        "label": "Etiqueta-K",
        "regulatory": "Aviso-K",
        "properties": {"chave-k": "valor-k"},
    }
    said = [
        (PHONE, details("1", **more)),
        (CAKE, details("2")),
        (LESSON, details("3", "SERVICE")),
        (MENU, details("4")),
    ]
    return [{"type": "SALE", "data": deepcopy(data), "details": d} for data, d in said]


HEAD = {
    "number": "ENC-77",
    "series": "TUDO-2026",
    "text": "Nota-K",
    "activity_code": "47190",
    "issued_at": "2026-11-16T08:58:59+00:00",
    "operation_date": "2026-11-02",
    "payment_terms": "A trinta dias",
    "references": {"purchase_order": "PO77", "despatch_advice": "GR12"},
}
BY = {
    "creators": [{"type": "PERSON", "label": "caixa-Jupiter", "name": PERSON}],
    "properties": {"chave-k": "valor-k"},
}


def an_invoice(**changes: Any) -> Json:
    """Everything that an invoice may say and that has a place, in the words of the last version."""
    said = {
        "type": "INVOICE",
        "document": HEAD,
        "totals": {"vat": TOTALS},
        "entries": entries(),
        "recipients": [BUYER],
        "payments": [OWED],
        "breakdown": BREAKDOWN,
        "details": BY,
    }
    return deepcopy({**said, **changes})


def paid(*payments: Json) -> Json:
    """A receipt of the same, paid in these ways."""
    operation = an_invoice(type="RECEIPT", customer={"type": "EXTERNAL", "code": "PT 214567893"})
    del operation["recipients"]
    operation["document"] |= {"series": "PAGO-2026"}
    return {**operation, "payments": list(payments)}


def payment(type_: str, amount: str, **more: Any) -> Json:
    return {"type": type_, "details": {"amount": amount, "date": "2026-11-15"}, **more}


WAYS = (
    payment("CARD", "1.11", number="****4711", kind="CREDIT"),
    payment("CARD", "1.12", number="****4712", kind="DEBIT"),
    payment("CARD", "1.13", number="****4713", kind="PREPAID"),
    payment("CARD", "1.14", number="****4714", kind="GIFT"),
    payment("CARD", "1.15", number="****4715", kind="TICKET"),
    payment("ONLINE", "1.16", name="MB WAY"),
    payment("OTHER", "1.17", name="Transferência"),
    payment("OTHER", "1.18", name="CHEQUE"),
    payment("VOUCHER", "1.04", number="****4716", kind="MULTIPLE"),
    payment("CASH", "0.01"),
)
MECHANISMS = ["CC", "CD", "CO", "CO", "TR", "MB", "TB", "CH", "CO", "NU"]


def earlier(operation: Json) -> Json:
    """The same in the words of 2026-05-04, which says less."""
    said = deepcopy(operation)
    said["document"] |= {"total_vat": said.pop("totals")["vat"]}
    said["document"].pop("payment_terms", None)
    said["document"].pop("references", None)
    for entry in said["entries"]:
        for data in (entry["data"], *entry["data"].get("items", ())):
            data["unit"]["price"] = data["unit"]["price"]["inclusive"]
    if said["type"] == "RECEIPT":
        del said["breakdown"]
    else:
        rates = [x for x in said["breakdown"] if x["type"] == "VAT_RATE"]
        said["breakdown"] = [{n: x[n] for n in ("percentage", "amount")} for x in rates]
        for one in said["recipients"]:
            one.get("shipping", {}).pop("name", None)
    return said


USED = {
    "document.series": "TUDO-2026",
    "document.activity_code": "47190",
    "document.issued_at": "2026-11-16",
    "document.operation_date": "2026-11-02",
    "document.payment_terms": "A trinta dias",
    "document.references.purchase_order": "PO77",
    "document.references.despatch_advice": "GR12",
    "totals.vat.amount": "1.45",
    "totals.vat.exclusive": "8.76",
    "totals.vat.inclusive": "10.21",
    "entries.data.text": "Telefone Azul",
    "entries.data.unit.quantity": "3",
    "entries.data.unit.measure": "CX",
    "entries.data.value.discount": "0.49",
    "entries.data.vat.percentage": "22",
    "entries.data.vat.code": "M07",
    "entries.data.vat.reason": "Isento por contrato 9",
    "entries.data.vat.fiscal_location.region": "PT-MA",
    "entries.data.product.number": "TEL-AZUL-7",
    "entries.data.product.details.serial": "IMEI-3579",
    "entries.data.items.text": "Menu Sol: Bife Lua",
    "entries.details.concept": "S",
    "recipients.name": "Oficina Céu, Lda.",
    "recipients.address.line.prefix": "Av.",
    "recipients.address.line.street": "da Praia",
    "recipients.address.line.infix": "Norte 4",
    "recipients.address.line.number": "4 B",
    "recipients.address.line.suffix": "B",
    "recipients.address.code": "8000-100",
    "recipients.address.city": "Olhão",
    "recipients.address.region": "Algarve",
    "recipients.identification.number": "514200111",
    "recipients.shipping.address.line.prefix": "Armazém Vermelho, Av.",
    "recipients.shipping.address.line.street": "do Cais",
    "recipients.shipping.address.line.infix": "do Cais Norte",
    "recipients.shipping.address.line.number": "4 B",
    "recipients.shipping.address.line.suffix": "B",
    "recipients.shipping.address.code": "8000-100",
    "recipients.shipping.address.city": "Tavira",
    "recipients.shipping.address.region": "Sotavento",
    "recipients.shipping.address.country": "PT",
    "recipients.shipping.date": "2026-11-20",
    "recipients.shipping.name": "Armazém Vermelho",
    "payments.details.date": "2026-12-16",
    "payments.details.discount": "0.17",
    "details.creators.label": "caixa-Jupiter",
}
"""What the file says of the invoice, by the member that said it."""

USED_OF_CONSUMERS = {
    **dict.fromkeys(
        ("recipients.name.prefix", "recipients.name.forename", "recipients.name.infix"),
        "Dra. Rosalina de",
    ),
    "recipients.name.surname": "Almada",
    "recipients.name.suffix": "Filha",
}

WRONG: dict[str, Any] = {
    "document.number": "999",
    "document.series": "A--B",
    "document.activity_code": "4719",
    "document.issued_at": "2015-06-01T10:00:00+01:00",
    "document.operation_date": "2099-01-01",
    "document.payment_terms": "x" * 101,
    **{f"totals.vat.{name}": "9.99" for name in TOTALS},
    "entries[0].type": "RETURN",
    "entries[0].data.text": "x" * 201,
    "entries[0].data.unit.quantity": "4",
    "entries[0].data.unit.measure": "x" * 21,
    "entries[0].data.unit.factor": "6",
    "entries[0].data.unit.price.inclusive": "99.00",
    "entries[0].data.unit.price.exclusive": "99.00",
    "entries[0].data.value.discount": "0.10",
    "entries[0].data.value.surcharge": "0.60",
    "entries[0].data.vat.code": "REDUCED_1",
    "entries[0].data.vat.percentage": "19",
    **{f"entries[0].data.vat.{name}": "9.99" for name in TOTALS},
    "entries[0].data.vat.fiscal_location.country": "US",
    "entries[1].data.vat.fiscal_location.region": "MALLORCA",
    "entries[2].data.vat.code": "CAUSE_3",
    "entries[2].data.vat.reason": "Curto",
    "entries[0].data.product.details.date_of_entry": "2026-11-01",
    "entries[0].data.product.details.date_of_production": "2026-11-01",
    "entries[3].data.items[0].unit.quantity": "2",
    "entries[3].data.items[0].unit.factor": "6",
    "entries[3].data.items[0].unit.price.inclusive": "99.00",
    "entries[3].data.items[0].unit.price.exclusive": "99.00",
    "entries[3].data.items[0].value.discount": "0.50",
    "entries[3].data.items[0].value.surcharge": "0.50",
    "entries[3].data.items[0].vat.code": "REDUCED_1",
    "entries[3].data.items[0].vat.percentage": "19",
    **{f"entries[3].data.items[0].vat.{name}": "9.99" for name in TOTALS},
    "entries[3].data.items[0].vat.fiscal_location": {"country": "US"},
    "entries[3].data.items[0].vat.fiscal_location.region": "MALLORCA",
    "entries[3].data.items[1].product.details.serial": "IMEI-1",
    "entries[3].data.items[1].product.details.date_of_entry": "2026-11-01",
    "entries[3].data.items[1].product.details.date_of_production": "2026-11-01",
    "entries[0].details.purpose": "GIFT",
    "recipients[0].name": "x" * 101,
    "recipients[0].address.city": "x" * 51,
    "recipients[0].address.code": "x" * 21,
    "recipients[0].address.country": "ES",
    "recipients[0].address.region": "x" * 51,
    "recipients[0].identification.number": "000000000",
    "recipients[0].identification.type": "PASSPORT",
    "recipients[0].origin": "INTERNATIONAL",
    "recipients[0].shipping.date": "2099-01-01",
    "recipients[0].shipping.address.city": "x" * 51,
    "recipients[0].shipping.name": "x" * 211,
    "recipients[0].buyer_id": "B-9",
    "recipients[0].company_id": "C-1",
    "recipients[0].invoicing": {"type": "EMAIL", "email": "a@b.example", "format": "ZUGFERD_V2"},
    "payments[0].details.amount": "99.00",
    "payments[0].details.currency": "USD",
    "payments[0].details.date": "2020-01-01",
    "payments[0].details.discount": "99.00",
    "payments[0].instruction": {"type": "CREDIT_TRANSFER", "iban": "PT50"},
    **{f"breakdown[0].{name}": "9.99" for name in TOTALS},
    "breakdown[0].code": "REDUCED_1",
    "breakdown[0].percentage": "19",
    "breakdown[0].fiscal_location.country": "ES",
    "breakdown[1].fiscal_location.region": "AZORES",
    "breakdown[3].reason": "Isento por engano",
    "seller": {"name": "Vendas", "phone": "+351220000000", "email": "a@b.example"},
    "tax_representative": {"name": "Rep", "vat_number": "PT509876544", "country": "PT"},
    **{
        f"document.references.{name}": "R1"
        for name in ("buyer", "buyer_routing", "contract", "project", "tender")
    },
    "document.references.preceding_document": {"number": "FT A/1", "issued_at": "2026-11-01"},
    "details.creators[0].label": "x" * 31,
}
"""A wrong word for each member of the invoice, or any word for one that has no place."""

WRONG_ELSEWHERE = {
    "payments.kind": paid(payment("VOUCHER", "10.21", number="****1234", kind="SINGLE")),
    "customer.code": paid(payment("CASH", "10.21"))
    | {"customer": {"type": "EXTERNAL", "code": "000000000"}},
    "customer.type": paid(payment("CASH", "10.21"))
    | {"customer": {"type": "INTERNAL", "code": "214567893"}},
    "entries.data.product.code": an_invoice(
        entries=[
            {
                **entries()[0],
                "data": PHONE
                | {
                    "product": {
                        "type": "OTHER",
                        "number": "1",
                        "code": "9",
                        "details": {"name": "x"},
                    }
                },
            },
            *entries()[1:],
        ]
    ),
}

EFFECTS = {
    "document.simplified_invoice": "another type of document, see test_versions",
    "details.training": "another series, and no place in the file",
    "entries.details.number": "what a credit note refers to, see test_lisbon_refusals",
    "payments.name": "the mechanism of a payment",
    "payments.kind": "the mechanism of a payment",
    "entries.data.items.product.code": "refused like that of a line",
    "entries.data.items.vat.reason": "the mention of the line, as for a line",
    "entries.data.unit.price": "compared in 2026-05-04 as in the later version",
    "entries.data.items.unit.price": "the same",
    **{f"document.total_vat.{name}": "the same" for name in TOTALS},
}
