"""The words of a report in each language, as data, and how the language writes figures."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import msgspec

from fiscus.model.amounts import cents_half_up
from fiscus.model.documents import ClosingType, PaymentMeans
from fiscus.model.times import local
from fiscus.regimes.de import taxes


class ReportWords(msgspec.Struct, frozen=True, kw_only=True):
    """One language. `titles` and `reports` name a closing that seals a period and one that only
    reports; `tax_texts` are the law's names of its tax codes."""

    language: str
    group: str
    point: str
    day: str
    titles: Mapping[ClosingType, str]
    reports: Mapping[ClosingType, str]
    test: str
    tax_texts: Mapping[str, str] = {}

    merchant: str
    legal_name: str
    trade_name: str
    address: str
    tax_number: str
    vat_id: str

    place: str
    location: str
    register: str
    register_id: str
    serial: str
    software: str

    period: str
    z_number: str
    report_number: str
    z_numbers: str
    since: str
    until: str
    business_day: str
    first_receipt: str
    last_receipt: str
    documents: str
    currency: str

    turnover: str
    tax_code: str
    gross: str
    net: str
    tax: str
    total: str

    kinds: str
    count: str
    sales: str
    returns: str
    exchanges: str
    voids: str
    orders: str
    open_tabs: str

    cases: str
    payments: str
    payment: str
    amount: str
    of_which_cash: str
    tendered: str
    means: Mapping[PaymentMeans, str]

    cash: str
    opening: str
    takings: str
    cash_in: str
    cash_out: str
    expected: str
    counted: str
    not_counted: str
    difference: str

    devices: str
    device_serial: str
    client: str
    algorithm: str

    signing: str
    transaction: str
    counter: str
    started: str
    finished: str
    signature: str
    without_signature: str

    unsigned: str
    no_unsigned: str

    journal: str
    fingerprint: str
    checkpoint: str
    entries: str
    page: str

    def money(self, amount: Decimal) -> str:
        """Two decimals, thousands set apart, halves away from zero."""
        # A rounded nothing has no sign.
        cents = cents_half_up(amount) + 0
        marks = str.maketrans({",": self.group, ".": self.point})
        return f"{cents:,.2f}".translate(marks)

    def percentage(self, rate: Decimal) -> str:
        return f"{self.money(rate)} %"

    def date(self, day: date) -> str:
        return day.strftime(self.day)

    def moment(self, at: datetime, timezone: str) -> str:
        """Local time with its distance from UTC."""
        there = local(at, timezone)
        return f"{self.date(there.date())} {there:%H:%M:%S} {there.isoformat()[-6:]}"


GERMAN = ReportWords(
    language="de",
    group=".",
    point=",",
    day="%d.%m.%Y",
    titles={
        ClosingType.SHIFT: "Kassenabschluss (Z-Bericht), Schicht",
        ClosingType.DAILY: "Kassenabschluss (Z-Bericht)",
    },
    reports={
        ClosingType.SHIFT: "Schichtbericht",
        ClosingType.DAILY: "Tagesbericht",
        ClosingType.MONTHLY: "Monatsbericht",
        ClosingType.ANNUAL: "Jahresbericht",
    },
    test="TEST, rechtlich ohne Wirkung",
    tax_texts={str(row.key): row.text for row in taxes.KEYS},
    merchant="Unternehmen",
    legal_name="Name",
    trade_name="Geschäftsbezeichnung",
    address="Anschrift",
    tax_number="Steuernummer",
    vat_id="USt-IdNr.",
    place="Kasse",
    location="Betriebsstätte",
    register="Bezeichnung",
    register_id="ID und Seriennummer",
    serial="Seriennummer des Geräts",
    software="Software",
    period="Abschluss",
    z_number="Z-Nummer",
    report_number="Berichtsnummer",
    z_numbers="Z-Nummern",
    since="Beginn",
    until="Erstellt",
    business_day="Buchungstag",
    first_receipt="Erste BON_ID",
    last_receipt="Letzte BON_ID",
    documents="Anzahl Vorgänge",
    currency="Währung",
    turnover="Umsätze nach Steuersatz",
    tax_code="USt-Schlüssel",
    gross="Brutto",
    net="Netto",
    tax="Steuer",
    total="Summe",
    kinds="Vorgänge",
    count="Anzahl",
    sales="Verkäufe",
    returns="Rückgaben",
    exchanges="Umtausch",
    voids="Abbrüche und Stornos",
    orders="Bestellungen (kein Umsatz)",
    open_tabs="Bei Abschluss offene Tische",
    cases="Geschäftsvorfälle",
    payments="Zahlungen",
    payment="Zahlart",
    amount="Betrag",
    of_which_cash="davon Bargeld",
    tendered="Von Kunden bezahlt",
    means={
        PaymentMeans.CASH: "Bargeld",
        PaymentMeans.CARD_CREDIT: "Kreditkarte",
        PaymentMeans.CARD_DEBIT: "Debitkarte",
        PaymentMeans.CARD_PREPAID: "Guthaben",
        PaymentMeans.CARD_GIFT: "Geschenkkarte",
        PaymentMeans.CARD_TICKET: "Essensmarke",
        PaymentMeans.ONLINE: "Online oder Wallet",
        PaymentMeans.TRANSFER: "Überweisung",
        PaymentMeans.VOUCHER_SINGLE: "Einzweckgutschein",
        PaymentMeans.VOUCHER_MULTIPLE: "Gutschein",
        PaymentMeans.OTHER: "Sonstiges",
        PaymentMeans.OUTSTANDING: "noch offen",
    },
    cash="Bargeld",
    opening="Anfangsbestand",
    takings="Bareinnahmen abzüglich Rückzahlungen",
    cash_in="Eingelegt",
    cash_out="Entnommen",
    expected="Sollbestand",
    counted="Gezählter Bestand",
    not_counted="nicht gezählt",
    difference="Differenz",
    devices="Technische Sicherheitseinrichtung (TSE)",
    device_serial="Seriennummer der TSE",
    client="Client-ID",
    algorithm="Signaturalgorithmus",
    signing="Signatur dieses Abschlusses",
    transaction="Transaktionsnummer",
    counter="Signaturzähler",
    started="Beginn der Transaktion",
    finished="Ende der Transaktion",
    signature="Signatur",
    without_signature="Ohne Signatur, Grund",
    unsigned="Vorgänge ohne Signatur",
    no_unsigned="keine",
    journal="Journal (diesen Bericht aufbewahren: er bezeugt es)",
    fingerprint="Fingerabdruck",
    checkpoint="Prüfpunkt",
    entries="Einträge",
    page="Seite {page} von {pages}",
)

ENGLISH = ReportWords(
    language="en",
    group=",",
    point=".",
    day="%Y-%m-%d",
    titles={
        ClosingType.SHIFT: "Shift closing (Z report)",
        ClosingType.DAILY: "Daily closing (Z report)",
    },
    reports={
        ClosingType.SHIFT: "Shift report",
        ClosingType.DAILY: "Daily report",
        ClosingType.MONTHLY: "Monthly report",
        ClosingType.ANNUAL: "Annual report",
    },
    test="TEST, not legally valid",
    merchant="Merchant",
    legal_name="Name",
    trade_name="Trading as",
    address="Address",
    tax_number="Tax number",
    vat_id="VAT number",
    place="Register",
    location="Location",
    register="Name",
    register_id="Register ID",
    serial="Hardware serial number",
    software="Software",
    period="Closing",
    z_number="Z number",
    report_number="Report number",
    z_numbers="Z numbers",
    since="From",
    until="Made",
    business_day="Business day",
    first_receipt="First document ID",
    last_receipt="Last document ID",
    documents="Documents",
    currency="Currency",
    turnover="Turnover by tax rate",
    tax_code="Tax code",
    gross="Gross",
    net="Net",
    tax="Tax",
    total="Total",
    kinds="Documents by kind",
    count="Count",
    sales="Sales",
    returns="Returns",
    exchanges="Exchanges",
    voids="Voids",
    orders="Orders (no turnover)",
    open_tabs="Tabs left open",
    cases="Business cases",
    payments="Payments",
    payment="Means of payment",
    amount="Amount",
    of_which_cash="of which cash",
    tendered="Paid by customers",
    means={
        PaymentMeans.CASH: "Cash",
        PaymentMeans.CARD_CREDIT: "Credit card",
        PaymentMeans.CARD_DEBIT: "Debit card",
        PaymentMeans.CARD_PREPAID: "Store credit",
        PaymentMeans.CARD_GIFT: "Gift card",
        PaymentMeans.CARD_TICKET: "Meal ticket",
        PaymentMeans.ONLINE: "Online or wallet",
        PaymentMeans.TRANSFER: "Bank transfer",
        PaymentMeans.VOUCHER_SINGLE: "Single-purpose voucher",
        PaymentMeans.VOUCHER_MULTIPLE: "Voucher",
        PaymentMeans.OTHER: "Other",
        PaymentMeans.OUTSTANDING: "still owed",
    },
    cash="Cash",
    opening="Opening float",
    takings="Cash takings less refunds",
    cash_in="Paid in",
    cash_out="Paid out",
    expected="Expected",
    counted="Counted",
    not_counted="not counted",
    difference="Difference",
    devices="Signing devices",
    device_serial="Device serial number",
    client="Client ID",
    algorithm="Signature algorithm",
    signing="Signature of this closing",
    transaction="Transaction number",
    counter="Signature counter",
    started="Transaction started",
    finished="Transaction finished",
    signature="Signature",
    without_signature="Unsigned because",
    unsigned="Documents without a signature",
    no_unsigned="none",
    journal="Journal (keep this report: it is a witness)",
    fingerprint="Fingerprint",
    checkpoint="Checkpoint",
    entries="entries",
    page="Page {page} of {pages}",
)

LANGUAGES: Mapping[str, ReportWords] = {"de": GERMAN}
"""The language of a law; all others read English."""


def words(regime: str) -> ReportWords:
    return LANGUAGES.get(regime, ENGLISH)
