"""The elements of the file as templates, in the order the schema wants them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from fiscus import __version__
from fiscus.formats import Issued, Selection
from fiscus.formats.saft.payments import paid
from fiscus.formats.saft.texts import clean, escaped, exact, field, short_id
from fiscus.formats.saft.values import COUNTRIES
from fiscus.model.amounts import money
from fiscus.model.documents import Address, Draft, Party
from fiscus.model.records import Assessed, Body, Seal
from fiscus.model.times import day, local

NAMESPACE = "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"
UNKNOWN = "Desconhecido"
FINAL_CONSUMER = "999999990"
CORRECTIONS = frozenset({"NC", "ND"})
OPERATOR_LENGTH_MAX = 30
PAID_AT_ISSUE = frozenset({"FR", "FS"})

OPENING = f'<?xml version="1.0" encoding="UTF-8"?>\n<AuditFile xmlns="{NAMESPACE}">\n'
CLOSING = "</AuditFile>\n"

_COMPANY_ID = re.compile(r"([0-9]{9})+|[^^]+ [0-9/]+")
_POSTAL_CODE = re.compile(r"([0-9]{4})[ -]?([0-9]{3})?")
_PLAIN_NUMBER = re.compile(r"[0-9A-Za-z]{1,20}")
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
class Customer:
    """A customer as the file lists it; `id` is escaped and the same in every file."""

    id: str
    tax_number: str
    name: str
    address: Address | None
    country: str


ANYONE = Customer(
    id=FINAL_CONSUMER,
    tax_number=FINAL_CONSUMER,
    name="Consumidor final",
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


def customer_of(buyer: Party | None, facts: Mapping[str, str]) -> Customer:
    """Which customer record a sale belongs to: by tax number, else by name and address.

    The number is the sealed one where there is one: a correction without a buyer of its own is
    for the buyer of its original.
    """
    stated = buyer.tax_number if buyer else ""
    number = "".join((facts.get("buyer_tax_number") or stated).split())
    address = buyer.address if buyer else None
    name = buyer.name.strip() if buyer else ""
    if number in ("", FINAL_CONSUMER):
        if not name:
            return ANYONE
        number = FINAL_CONSUMER
    country = _customer_country(address, number, facts.get("buyer_country", ""))
    is_numbered = number != FINAL_CONSUMER
    return Customer(
        id=_number_id(country, number) if is_numbered else _name_id(name, address),
        tax_number=number,
        name=name,
        address=address,
        country=country,
    )


def customer(who: Customer) -> str:
    address = who.address
    detail, city, code = ("", "", "")
    if address is not None:
        detail, city, code = address.line(), address.city, address.code
    return (
        f"<Customer><CustomerID>{who.id}</CustomerID><AccountID>{UNKNOWN}</AccountID>"
        f"<CustomerTaxID>{field(who.tax_number, 30, FINAL_CONSUMER)}</CustomerTaxID>"
        f"<CompanyName>{field(who.name, 100, UNKNOWN)}</CompanyName><BillingAddress>"
        f"<AddressDetail>{field(detail, 210, UNKNOWN)}</AddressDetail>"
        f"<City>{field(city, 50, UNKNOWN)}</City>"
        f"<PostalCode>{field(code, 20, UNKNOWN)}</PostalCode>"
        f"<Country>{who.country}</Country></BillingAddress>"
        "<SelfBillingIndicator>0</SelfBillingIndicator></Customer>\n"
    )


@lru_cache(maxsize=4096)
def product_code(code: str, text: str) -> str:
    """The escaped code of a product; one made from its description where there is none."""
    return field(code, 60, "") or short_id(text)


def product(line: Assessed, code: str) -> str:
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


def invoice(issued: Issued, customer_id: str, timezone: str) -> str:
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
        f"<CustomerID>{customer_id}</CustomerID>\n"
        f"{_lines(draft, seal)}{_document_totals(draft, seal)}</Invoice>\n"
    )


def _status(void: Body | None, entered: str, operator: str, timezone: str) -> str:
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


def _lines(draft: Draft, seal: Seal) -> str:
    supplied = str(draft.supplied_on or seal.day)
    references = _references(draft, seal) if seal.document_type in CORRECTIONS else ""
    return "".join(
        _line(number, line, supplied, references) for number, line in enumerate(seal.lines, 1)
    )


def _line(number: int, line: Assessed, supplied: str, references: str) -> str:
    side = "DebitAmount" if line.is_debit else "CreditAmount"
    description = _description(line.text)
    return (
        f"<Line><LineNumber>{number}</LineNumber>"
        f"<ProductCode>{product_code(line.product, line.text)}</ProductCode>"
        f"<ProductDescription>{description}</ProductDescription>"
        f"<Quantity>{exact(line.quantity)}</Quantity>"
        f"<UnitOfMeasure>{field(line.measure, 20, 'UN')}</UnitOfMeasure>"
        f"<UnitPrice>{exact(line.unit_price)}</UnitPrice>"
        f"<TaxPointDate>{supplied}</TaxPointDate>{references}"
        f"<Description>{description}</Description><{side}>{exact(line.net)}</{side}>"
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
        f"{payments}</DocumentTotals>"
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
        f"<Country>{country if country in COUNTRIES else 'PT'}</Country>"
    )


def _customer_country(address: Address | None, number: str, sealed: str) -> str:
    """By the address, else as sealed, else by the shape of the number."""
    is_portuguese = len(number) == 9 and number.isascii() and number.isdigit()
    guessed = "PT" if is_portuguese and number != FINAL_CONSUMER else UNKNOWN
    country = address.country.upper() if address else sealed or guessed
    return country if country in COUNTRIES else UNKNOWN


def _number_id(country: str, number: str) -> str:
    """A NIF as it is, other numbers with their country before them; digests start with `T`."""
    if not _PLAIN_NUMBER.fullmatch(number):
        return f"T-{short_id(country, number)}"
    if country == "PT" and number.isdigit():
        return number
    return f"{'XX' if country == UNKNOWN else country}-{number}"


def _name_id(name: str, where: Address | None) -> str:
    known = (where.line(), where.code, where.city, where.country) if where else ()
    return f"N-{short_id(name, *known)}"


@lru_cache(maxsize=4096)
def _description(text: str) -> str:
    """2 to 200 characters: a shorter one is closed with full stops."""
    return escaped(clean(text, 200).ljust(2, "."))


def _operator(draft: Draft | None, facts: Mapping[str, str], body: Body) -> str:
    """Who did it: the caller's operator, else the sealed one, else the end of the register's id."""
    named = draft.operator if draft else ""
    register = body.register.replace("-", "")[-OPERATOR_LENGTH_MAX:]
    return field(named or facts.get("operator", ""), OPERATOR_LENGTH_MAX, register)


def _optional(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>" if text else ""
