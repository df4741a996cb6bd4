"""The elements of the file as templates, in the order the schema wants them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from fiscus import __version__
from fiscus.formats import IssuedDocument, Selection
from fiscus.formats.saft.texts import exact, short_id
from fiscus.formats.saft.values import COUNTRIES
from fiscus.model.amounts import ZERO, money
from fiscus.model.documents import Address, DeliveryPlace, Draft, Party, PaymentMeans
from fiscus.model.records import AssessedLine, EntryBody, Seal
from fiscus.model.times import day, local
from fiscus.model.xml_text import clean, escaped, field
from fiscus.regimes.pt.mechanisms import paid
from fiscus.regimes.pt.parties import FINAL_CONSUMER, NAMELESS, is_nameless, named_on

NAMESPACE = "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"
UNKNOWN = "Desconhecido"
CORRECTIONS = frozenset({"NC", "ND"})
OPERATOR_LENGTH_MAX = 30
PAID_AT_ISSUE = frozenset({"FR", "FS"})

OPENING = f'<?xml version="1.0" encoding="UTF-8"?>\n<AuditFile xmlns="{NAMESPACE}">\n'
CLOSING = "</AuditFile>\n"

_COMPANY_ID = re.compile(r"([0-9]{9})+|[^^]+ [0-9/]+")
_POSTAL_CODE = re.compile(r"([0-9]{4})[ -]?([0-9]{3})?")
_PLAIN_NUMBER = re.compile(r"[0-9A-Za-z]{1,20}")
_PLAIN_CODE = re.compile("[0-9A-Za-z._/-]{1,24}")
_ACTIVITY = re.compile(r"[0-9]{5}")
_TAXES = {
    "RED": "Taxa reduzida",
    "INT": "Taxa intermédia",
    "NOR": "Taxa normal",
    "ISE": "Isento",
    "OUT": "Outra taxa",
    "NS": "Não sujeito",
}
_REGIONS = {"PT": "Continente", "PT-AC": "Açores", "PT-MA": "Madeira"}


@dataclass(frozen=True, kw_only=True)
class SaftCustomer:
    """A customer as the file lists it; `id` is escaped and the same in every file."""

    id: str
    tax_number: str
    name: str
    address: Address | None
    country: str


ANYONE = SaftCustomer(
    id=FINAL_CONSUMER,
    tax_number=FINAL_CONSUMER,
    name=NAMELESS,
    address=None,
    country=UNKNOWN,
)


def header(selection: Selection) -> str:
    """Who, when, made by which certified program."""
    taxpayer, period, settings = selection.taxpayer, selection.period, selection.settings
    facts = taxpayer.facts
    number = facts["tax_id_number"]
    registered = clean(facts.get("registration_other", ""), 50)
    company = escaped(registered) if _COMPANY_ID.fullmatch(registered) else number
    trade = field(taxpayer.trade_name, 60, "")
    email = field(facts.get("email", ""), 254, "")
    return (
        "<Header>\n<AuditFileVersion>1.04_01</AuditFileVersion>"
        f"<CompanyID>{company}</CompanyID>"
        f"<TaxRegistrationNumber>{number}</TaxRegistrationNumber>"
        "<TaxAccountingBasis>F</TaxAccountingBasis>"
        f"<CompanyName>{field(taxpayer.legal_name, 100, UNKNOWN)}</CompanyName>"
        f"{_optional('BusinessName', trade)}"
        f"<CompanyAddress>{_company_address(taxpayer.address)}</CompanyAddress>"
        f"<FiscalYear>{period.first.year}</FiscalYear>"
        f"<StartDate>{period.first}</StartDate><EndDate>{period.last}</EndDate>"
        "<CurrencyCode>EUR</CurrencyCode>"
        f"<DateCreated>{day(selection.written_at, selection.timezone)}</DateCreated>"
        "<TaxEntity>Global</TaxEntity>"
        f"<ProductCompanyTaxID>{field(settings['producer_tax_number'], 30, '')}"
        "</ProductCompanyTaxID>"
        f"<SoftwareCertificateNumber>{settings['certificate_number']}"
        "</SoftwareCertificateNumber>"
        f"<ProductID>{field(settings['product_id'], 255, '')}</ProductID>"
        f"<ProductVersion>{field(__version__, 30, '')}</ProductVersion>"
        f"{_optional('Email', email)}\n</Header>\n"
    )


def customer_of(buyer: Party | None, facts: Mapping[str, str]) -> SaftCustomer:
    """Which customer record a sale belongs to: by tax number, else by name and address, else by the
    issuer's own code for the customer. The number is the sealed one where there is one.

    `Consumidor final` is no name but the lack of one: the file has one record of it.
    """
    where, number = named_on(buyer, facts)
    address = buyer.address if buyer else None
    name = buyer.name.strip() if buyer and not is_nameless(buyer.name) else ""
    code = buyer.code.strip() if buyer else ""
    if number == FINAL_CONSUMER and not name and not code:
        return ANYONE
    country = where if where in COUNTRIES else UNKNOWN
    is_numbered = number != FINAL_CONSUMER
    return SaftCustomer(
        id=_number_id(country, number) if is_numbered else _name_id(name, code, address),
        tax_number=number,
        name=name,
        address=address,
        country=country,
    )


def customer(who: SaftCustomer) -> str:
    return (
        f"<Customer><CustomerID>{who.id}</CustomerID><AccountID>{UNKNOWN}</AccountID>"
        f"<CustomerTaxID>{field(who.tax_number, 30, FINAL_CONSUMER)}</CustomerTaxID>"
        f"<CompanyName>{field(who.name, 100, UNKNOWN)}</CompanyName>"
        f"<BillingAddress>{_billing_address(who)}</BillingAddress>"
        "<SelfBillingIndicator>0</SelfBillingIndicator></Customer>\n"
    )


def _billing_address(who: SaftCustomer) -> str:
    if who.address is None:
        return (
            f"<AddressDetail>{UNKNOWN}</AddressDetail><City>{UNKNOWN}</City>"
            f"<PostalCode>{UNKNOWN}</PostalCode><Country>{who.country}</Country>"
        )
    return _address(who.address, who.address.line(), who.country)


def _address(address: Address, detail: str, country: str = "") -> str:
    country = country or (address.country if address.country in COUNTRIES else UNKNOWN)
    return (
        f"<AddressDetail>{field(detail, 210, UNKNOWN)}</AddressDetail>"
        f"<City>{field(address.city, 50, UNKNOWN)}</City>"
        f"<PostalCode>{field(address.code, 20, UNKNOWN)}</PostalCode>"
        f"{_optional('Region', field(address.region, 50, ''))}<Country>{country}</Country>"
    )


@lru_cache(maxsize=4096)
def product_code(code: str, text: str) -> str:
    """The escaped code of a product; one made from its description where there is none."""
    return field(code, 60, "") or short_id(text)


def product(line: AssessedLine, code: str) -> str:
    kind = "S" if line.is_service else "P"
    return (
        f"<Product><ProductType>{kind}</ProductType><ProductCode>{code}</ProductCode>"
        f"<ProductDescription>{_description(line.text)}</ProductDescription>"
        f"<ProductNumberCode>{code}</ProductNumberCode></Product>\n"
    )


Tax = tuple[str, str, str, Decimal]
"""Type, region, code and percentage."""


def tax_table(used: Iterable[Tax]) -> str:
    """Every tax that occurs in a line; no table at all if none does."""
    entries = "".join(_tax_entry(*tax) for tax in sorted(used))
    return f"<TaxTable>\n{entries}</TaxTable>\n" if entries else ""


def totals(entries: int, debit: Decimal, credit: Decimal) -> str:
    return (
        f"<NumberOfEntries>{entries}</NumberOfEntries>"
        f"<TotalDebit>{money(debit)}</TotalDebit><TotalCredit>{money(credit)}</TotalCredit>\n"
    )


def invoice(issued: IssuedDocument, customer_id: str, timezone: str) -> str:
    """One sealed document with its lines, as it stands today: normal or cancelled."""
    body = issued.body
    draft, seal = body.draft, body.seal
    assert draft is not None
    assert seal is not None
    entered = local(seal.entered, timezone).isoformat()[:19]
    operator = _operator(draft, seal.facts, body)
    activity = draft.activity if _ACTIVITY.fullmatch(draft.activity) else ""
    return (
        f"<Invoice><InvoiceNo>{escaped(seal.number)}</InvoiceNo>"
        f"<ATCUD>{field(seal.code, 100, '0')}</ATCUD>"
        f"{_status(issued.void, entered, operator, timezone)}"
        f"<Hash>{seal.signature or '0'}</Hash>"
        f"<HashControl>{seal.key_version or '0'}</HashControl>"
        f"<Period>{seal.day.month}</Period><InvoiceDate>{seal.day}</InvoiceDate>"
        f"<InvoiceType>{seal.document_type}</InvoiceType>"
        "<SpecialRegimes><SelfBillingIndicator>0</SelfBillingIndicator>"
        "<CashVATSchemeIndicator>0</CashVATSchemeIndicator>"
        "<ThirdPartiesBillingIndicator>0</ThirdPartiesBillingIndicator></SpecialRegimes>"
        f"<SourceID>{operator}</SourceID>{_optional('EACCode', activity)}"
        f"<SystemEntryDate>{entered}</SystemEntryDate>"
        f"<CustomerID>{customer_id}</CustomerID>{_ship_to(draft.delivery)}\n"
        f"{_lines(draft, seal)}{_document_totals(draft, seal)}</Invoice>\n"
    )


def _status(void: EntryBody | None, entered: str, operator: str, timezone: str) -> str:
    if void is None:
        return (
            "<DocumentStatus><InvoiceStatus>N</InvoiceStatus>"
            f"<InvoiceStatusDate>{entered}</InvoiceStatusDate>"
            f"<SourceID>{operator}</SourceID><SourceBilling>P</SourceBilling></DocumentStatus>"
        )
    at = local(void.at, timezone).isoformat()[:19]
    reason = void.draft.reason if void.draft else ""
    return (
        "<DocumentStatus><InvoiceStatus>A</InvoiceStatus>"
        f"<InvoiceStatusDate>{at}</InvoiceStatusDate><Reason>{field(reason, 50, 'Anulado')}"
        f"</Reason><SourceID>{_operator(void.draft, {}, void)}</SourceID>"
        "<SourceBilling>P</SourceBilling></DocumentStatus>"
    )


def _ship_to(delivery: DeliveryPlace | None) -> str:
    """Where goods go, with the name of who takes them there."""
    if delivery is None:
        return ""
    on = f"<DeliveryDate>{delivery.on}</DeliveryDate>" if delivery.on else ""
    detail = ", ".join(filter(None, (delivery.name, delivery.address.line())))
    return f"<ShipTo>{on}<Address>{_address(delivery.address, detail)}</Address></ShipTo>"


def _lines(draft: Draft, seal: Seal) -> str:
    supplied = str(draft.supplied_on or seal.day)
    orders = "".join(map(_order_reference, draft.order_references))
    references = _references(draft, seal) if seal.document_type in CORRECTIONS else ""
    return "".join(
        _line(number, line, orders, supplied, references)
        for number, line in enumerate(seal.lines, 1)
    )


def _order_reference(number: str) -> str:
    return (
        f"<OrderReferences><OriginatingON>{field(number, 60, '')}</OriginatingON></OrderReferences>"
    )


def _line(number: int, line: AssessedLine, orders: str, supplied: str, references: str) -> str:
    side = "DebitAmount" if line.is_debit else "CreditAmount"
    description = _description(line.text)
    return (
        f"<Line><LineNumber>{number}</LineNumber>{orders}"
        f"<ProductCode>{product_code(line.product, line.text)}</ProductCode>"
        f"<ProductDescription>{description}</ProductDescription>"
        f"<Quantity>{exact(line.quantity)}</Quantity>"
        f"<UnitOfMeasure>{field(line.measure, 20, 'UN')}</UnitOfMeasure>"
        f"<UnitPrice>{exact(line.unit_price)}</UnitPrice>"
        f"<TaxPointDate>{supplied}</TaxPointDate>{references}"
        f"<Description>{description}</Description>{_serial(line.serial)}"
        f"<{side}>{exact(line.net)}</{side}>"
        f"{_tax(line.tax_type, line.region, line.tax_code, str(line.percentage))}"
        f"{_exemption(line.exemption, line.exemption_text) if line.exemption else ''}"
        f"{_settlement(line.discount)}</Line>\n"
    )


@lru_cache(maxsize=1024)
def _tax(tax_type: str, region: str, code: str, percentage: str) -> str:
    return (
        f"<Tax><TaxType>{tax_type}</TaxType><TaxCountryRegion>{region}</TaxCountryRegion>"
        f"<TaxCode>{code}</TaxCode><TaxPercentage>{exact(Decimal(percentage))}</TaxPercentage>"
        "</Tax>"
    )


@lru_cache(maxsize=256)
def _exemption(code: str, text: str) -> str:
    """Reason and code; a reason below the six characters the schema wants names its code too."""
    reason = clean(text, 60)
    if len(reason) < 6:
        reason = f"{code} - {reason or 'Isento'}"
    return (
        f"<TaxExemptionReason>{escaped(reason)}</TaxExemptionReason>"
        f"<TaxExemptionCode>{code}</TaxExemptionCode>"
    )


def _serial(number: str) -> str:
    text = _optional("SerialNumber", field(number, 100, ""))
    return f"<ProductSerialNumber>{text}</ProductSerialNumber>" if text else ""


def _settlement(discount: Decimal) -> str:
    return f"<SettlementAmount>{exact(discount)}</SettlementAmount>" if discount > 0 else ""


def _references(draft: Draft, seal: Seal) -> str:
    original = field(seal.facts.get("original_number", ""), 60, "")
    return (
        f"<References>{_optional('Reference', original)}"
        f"<Reason>{field(draft.reason, 50, 'Correção')}</Reason></References>"
    )


def _document_totals(draft: Draft, seal: Seal) -> str:
    payments = ""
    if seal.document_type in PAID_AT_ISSUE:
        payments = "".join(
            _payment(payment.mechanism, payment.amount, payment.on or seal.day)
            for payment in paid(draft.payments, seal.gross)
        )
    return (
        f"<DocumentTotals><TaxPayable>{money(seal.vat)}</TaxPayable>"
        f"<NetTotal>{money(seal.net)}</NetTotal><GrossTotal>{money(seal.gross)}</GrossTotal>"
        f"{_settlements(draft)}{payments}</DocumentTotals>"
    )


def _settlements(draft: Draft) -> str:
    """The terms of payment: until when what is owed, and what is taken off for it. Terms in words
    stand with the first."""
    owed = [
        (one.discount or ZERO, one.on)
        for one in draft.payments
        if one.means is PaymentMeans.OUTSTANDING and (one.discount or one.on)
    ]
    terms = field(draft.payment_terms, 100, "")
    if terms and not owed:
        owed = [(ZERO, None)]
    return "".join(
        "<Settlement>"
        f"{_settlement(discount)}{f'<SettlementDate>{on}</SettlementDate>' if on else ''}"
        f"{_optional('PaymentTerms', '' if i else terms)}</Settlement>"
        for i, (discount, on) in enumerate(owed)
    )


def _payment(mechanism: str, amount: Decimal, on: date) -> str:
    return (
        f"<Payment><PaymentMechanism>{mechanism}</PaymentMechanism>"
        f"<PaymentAmount>{money(amount)}</PaymentAmount><PaymentDate>{on}</PaymentDate></Payment>"
    )


def _tax_entry(tax_type: str, region: str, code: str, percentage: Decimal) -> str:
    name = "Imposto do selo" if tax_type == "IS" else _TAXES.get(code, code)
    return (
        f"<TaxTableEntry><TaxType>{tax_type}</TaxType>"
        f"<TaxCountryRegion>{region}</TaxCountryRegion><TaxCode>{code}</TaxCode>"
        f"<Description>{name} - {_REGIONS.get(region, region)}</Description>"
        f"<TaxPercentage>{exact(percentage)}</TaxPercentage></TaxTableEntry>\n"
    )


def _company_address(address: Address) -> str:
    found = _POSTAL_CODE.match(address.code.strip())
    code = f"{found[1]}-{found[2] or '000'}" if found else "0000-000"
    country = address.country.upper()
    return (
        f"<AddressDetail>{field(address.line(), 210, UNKNOWN)}</AddressDetail>"
        f"<City>{field(address.city, 50, UNKNOWN)}</City><PostalCode>{code}</PostalCode>"
        f"{_optional('Region', field(address.region, 50, ''))}"
        f"<Country>{country if country in COUNTRIES else 'PT'}</Country>"
    )


def _number_id(country: str, number: str) -> str:
    """A NIF as it is, other numbers with their country before them; digests start with `T`."""
    if not _PLAIN_NUMBER.fullmatch(number):
        return f"T-{short_id(country, number)}"
    if country == "PT" and number.isdigit():
        return number
    return f"{'XX' if country == UNKNOWN else country}-{number}"


def _name_id(name: str, code: str, where: Address | None) -> str:
    if not name:
        return f"C-{code if _PLAIN_CODE.fullmatch(code) else short_id(code)}"
    known = (where.line(), where.code, where.city, where.country) if where else ()
    return f"N-{short_id(name, *known)}"


@lru_cache(maxsize=4096)
def _description(text: str) -> str:
    """2 to 200 characters: a shorter one is closed with full stops."""
    return escaped(clean(text, 200).ljust(2, "."))


def _operator(draft: Draft | None, facts: Mapping[str, str], body: EntryBody) -> str:
    """Who did it: the caller's operator, else the sealed one, else the end of the register's id."""
    named = draft.operator if draft else ""
    register = body.register.replace("-", "")[-OPERATOR_LENGTH_MAX:]
    return field(named or facts.get("operator", ""), OPERATOR_LENGTH_MAX, register)


def _optional(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>" if text else ""
