"""What tills say: bodies with defaults, amounts worked out from the gross price as tills do."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fiscus.registry.tests.builders import a_nif

Json = dict[str, Any]

CENT = Decimal("0.01")
NIF = a_nif()
RATES = {"STANDARD": "23", "REDUCED_1": "13", "REDUCED_2": "6"}
TILL_NUMBER = "TILL"
"""A reference of the till's own: it claims no legal number."""

BY = {"creators": [{"type": "PERSON", "label": "caixa-1"}]}


def address(code: str = "1100-061", city: str = "Lisboa", country: str = "PT") -> Json:
    line = {"type": "STREET_NUMBER", "street": "Rua do Ouro", "number": "12"}
    return {"line": line, "code": code, "city": city, "country": country}


def fiscalization(nif: str = NIF, password: str = "example-only") -> Json:
    credentials = {"type": "AT", "username": f"{nif}/1", "password": password}
    return {"type": "PT", "tax_id_number": nif, "credentials": credentials}


def taxpayer(**changes: Any) -> Json:
    return {
        "type": "COMPANY",
        "name": {"legal": "Padaria do Cais, Lda.", "trade": "Padaria do Cais"},
        "address": address(),
        "fiscalization": fiscalization(),
        **changes,
    }


def italian() -> Json:
    """As testers write one: numbers without a check digit, dummy credentials."""
    credentials = {
        "type": "FISCONLINE",
        "pin": "1234567890",
        "password": "dummy",
        "tax_id_number": "RSSMRA80A01H501U",
    }
    return {
        "type": "COMPANY",
        "name": {"legal": "Bar Roma S.r.l.", "trade": "Bar Roma"},
        "address": address(code="00184", city="Roma", country="IT"),
        "fiscalization": {
            "type": "IT",
            "tax_id_number": "12345678901",
            "vat_id_number": "12345678901",
            "credentials": credentials,
        },
    }


def german() -> Json:
    credentials = {"type": "ELSTER", "tax_number": "1121081508150"}
    line = {"type": "STREET_NUMBER", "street": "Torstraße", "number": "1"}
    return {
        "type": "COMPANY",
        "name": {"legal": "Späti Mitte GmbH", "trade": "Späti Mitte"},
        "address": {"line": line, "code": "10119", "city": "Berlin", "country": "DE"},
        "fiscalization": {
            "type": "DE",
            "tax_id_number": "12345678901",
            "vat_id_number": "123456788",
            "credentials": credentials,
        },
    }


def branch(owner: str, name: str = "Loja Baixa", **place: Any) -> Json:
    place = {"code": "1100-053", **place}
    return {"type": "BRANCH", "taxpayer": {"id": owner}, "name": name, "address": address(**place)}


def device(location: str, **changes: Any) -> Json:
    return {
        "type": "FISCAL_DEVICE",
        "location": {"id": location},
        "producer": {
            "type": "MPN",
            "number": "POS-2000",
            "details": {"name": "Balcão 1", "brand": "Example", "serial": "SN-0001"},
        },
        "software": {"name": "example-pos", "version": "4.2.0"},
        **changes,
    }


def split(gross: str | Decimal, percentage: str | Decimal) -> Json:
    """Net and VAT of a gross amount, to the cent."""
    whole = Decimal(gross)
    net = (whole * 100 / (100 + Decimal(percentage))).quantize(CENT, ROUND_HALF_UP)
    return {"amount": str(whole - net), "exclusive": str(net), "inclusive": str(whole)}


def line(
    text: str = "Café",
    gross: str = "2.46",
    *,
    code: str = "STANDARD",
    percentage: str = "",
    quantity: str = "2",
    number: str = "1",
    type: str = "SALE",
    concept: str = "GOOD",
    vat: Json | None = None,
    **data: Any,
) -> Json:
    percentage = percentage or RATES[code]
    amounts = split(gross, percentage)
    price = str(Decimal(gross) / Decimal(quantity))
    return {
        "type": type,
        "data": {
            "type": "ITEM",
            "text": text,
            "unit": {"quantity": quantity, "price": price},
            "value": {"base": amounts["exclusive"]},
            "vat": {"type": "VAT_RATE", "code": code, "percentage": percentage, **amounts}
            | (vat or {}),
            **data,
        },
        "details": {"concept": concept, "number": number},
    }


def exempt(
    text: str = "Explicações", gross: str = "25.00", code: str = "CAUSE_6", number: str = "1"
) -> Json:
    found = line(text, gross, quantity="1", number=number, concept="SERVICE", percentage="0")
    found["data"]["vat"] = {"type": "VAT_EXEMPTION", "code": code}
    found["data"]["value"]["base"] = gross
    return found


def total(entries: list[Json]) -> Json:
    sums = {"amount": Decimal(0), "exclusive": Decimal(0), "inclusive": Decimal(0)}
    for entry in entries:
        vat = entry["data"]["vat"]
        base = entry["data"]["value"]["base"]
        for name in sums:
            sums[name] += Decimal(vat.get(name, "0" if name == "amount" else base))
    return {name: str(value) for name, value in sums.items()}


def document(entries: list[Json], series: str, number: str = TILL_NUMBER, **changes: Any) -> Json:
    return {"number": number, "series": series, "total_vat": total(entries), **changes}


def receipt(
    *entries: Json, series: str = "FR-T01-2026", number: str = TILL_NUMBER, **changes: Any
) -> Json:
    """`simplified` makes it an FS; other changes are members of the operation."""
    lines = list(entries) or [line()]
    extra = {"simplified_invoice": True} if changes.pop("simplified", False) else {}
    extra |= changes.pop("head", {})
    return {
        "type": "RECEIPT",
        "document": document(lines, series, number, **extra),
        "entries": lines,
        "payments": [{"type": "CASH", "details": {"amount": total(lines)["inclusive"]}}],
        "details": BY,
        **changes,
    }


def business(nif: str = "514200111") -> Json:
    return {
        "type": "BUSINESS",
        "name": "Oficina Marés, Lda.",
        "address": address(code="8000-100", city="Faro"),
        "identification": {"type": "VAT", "number": nif},
    }


def invoice(*entries: Json, series: str = "FT-2026", **changes: Any) -> Json:
    lines = list(entries) or [line()]
    sums = total(lines)
    return {
        "type": "INVOICE",
        "document": document(lines, series),
        "entries": lines,
        "recipients": [business()],
        "payments": [
            {"type": "OUTSTANDING", "concept": "SERVICE", "details": {"amount": sums["inclusive"]}}
        ],
        "breakdown": breakdown(lines),
        **changes,
    }


def breakdown(entries: list[Json]) -> list[Json]:
    """The VAT of each percentage; that of exempt lines has none."""
    sums: dict[str, Decimal] = {}
    for entry in entries:
        vat = entry["data"]["vat"]
        rate = vat.get("percentage", "0")
        sums[rate] = sums.get(rate, Decimal(0)) + Decimal(vat.get("amount", "0.00"))
    return [{"percentage": rate, "amount": str(amount)} for rate, amount in sums.items()]


def back(text: str = "Café", gross: str = "1.23", quantity: str = "1", **changes: Any) -> Json:
    return line(text, gross, quantity=quantity, type="RETURN", **changes)


def correction(
    original: str, *entries: Json, series: str = "NC-2026", reason: str = "Artigo devolvido"
) -> Json:
    """RETURN lines make a credit note, SALE lines a debit note; no reason is left out."""
    data = receipt(*(entries or (back(),)), series=series)
    said = {"type": "CORRECTION", "record": {"id": original}, "data": data}
    return {**said, "reason": reason} if reason else said


def cancellation(original: str, reason: str = "Emitido por engano") -> Json:
    said = {"type": "CANCELLATION", "record": {"id": original}}
    return {**said, "reason": reason} if reason else said


def qr(record: Json) -> dict[str, str]:
    """The fields of a record's QR code."""
    return dict(field.split(":", 1) for field in record["compliance"]["qr_code"].split("*"))
