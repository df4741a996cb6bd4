"""Messages for tests: whole ones of each operation, small faults in them, envelopes as a client's.

Written by hand against the services' own descriptions, with no code of the client.
"""

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from lxml import etree

from fiscus.channels.at_portugal.simulator.grammar import DOCUMENTS, SERIES, TRANSPORT

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SECEXT = "http://schemas.xmlsoap.org/ws/2002/12/secext"
NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
USER = "599999993/37"
NIF = "599999993"

Fields = list[tuple[str, Any]]


def element(name: str, fields: Fields, namespace: str = "", own: str = "") -> etree._Element:
    """An element with children from pairs; a list is an element with children. `own`: the
    namespace of the element itself, `namespace`: that of its children."""
    made = etree.Element(f"{{{own}}}{name}" if own else name)
    _fill(made, fields, namespace)
    return made


def _fill(parent: etree._Element, fields: Fields, namespace: str) -> None:
    for name, value in fields:
        child = etree.SubElement(parent, f"{{{namespace}}}{name}" if namespace else name)
        if isinstance(value, list):
            _fill(child, value, namespace)
        else:
            child.text = str(value)


def changed(fields: Fields, **changes: Any) -> Fields:
    """The fields with other values, at any depth; None takes the field out."""
    found: Fields = []
    for name, value in fields:
        if name in changes:
            if changes[name] is not None:
                found.append((name, changes[name]))
        elif isinstance(value, list):
            found.append((name, changed(value, **changes)))
        else:
            found.append((name, value))
    return found


REGISTER_SERIES: Fields = [
    ("serie", "LOJA-2026"),
    ("tipoSerie", "N"),
    ("classeDoc", "SI"),
    ("tipoDoc", "FT"),
    ("numInicialSeq", 1),
    ("dataInicioPrevUtiliz", "2026-05-04"),
    ("numCertSWFatur", 9999),
    ("meioProcessamento", "PI"),
]
FINISH_SERIES: Fields = [
    ("serie", "LOJA-2026"),
    ("classeDoc", "SI"),
    ("tipoDoc", "FT"),
    ("codValidacaoSerie", "ABCDEFGH"),
    ("seqUltimoDocEmitido", 3),
    ("justificacao", "fim do ano"),
]
CANCEL_SERIES: Fields = [
    ("serie", "LOJA-2026"),
    ("classeDoc", "SI"),
    ("tipoDoc", "FT"),
    ("codValidacaoSerie", "ABCDEFGH"),
    ("motivo", "ER"),
    ("declaracaoNaoEmissao", "true"),
]
CONSULT_SERIES: Fields = [
    ("serie", "LOJA-2026"),
    ("tipoSerie", "N"),
    ("classeDoc", "SI"),
    ("tipoDoc", "FT"),
    ("codValidacaoSerie", "ABCDEFGH"),
    ("dataRegistoDe", "2026-05-01"),
    ("dataRegistoAte", "2026-05-31"),
    ("estado", "A"),
    ("meioProcessamento", "PI"),
]

_TAX: Fields = [
    ("TaxType", "IVA"),
    ("TaxCountryRegion", "PT"),
    ("TaxCode", "NOR"),
    ("TaxPercentage", "23.00"),
]
_TOTALS: Fields = [("TaxPayable", "23.00"), ("NetTotal", "100.00"), ("GrossTotal", "123.00")]
_LINE: Fields = [
    ("TaxPointDate", "2026-05-04"),
    ("DebitCreditIndicator", "C"),
    ("Amount", "100.00"),
    ("Tax", _TAX),
]
_REGISTERING: Fields = [
    ("eFaturaMDVersion", "0.0.1"),
    ("AuditFileVersion", "1.04_01"),
    ("TaxRegistrationNumber", NIF),
    ("TaxEntity", "Global"),
    ("SoftwareCertificateNumber", 9999),
]
_CHANNEL: Fields = [("Sistema", "loja"), ("Versao", "1")]

INVOICE_HEADER: Fields = [
    ("InvoiceNo", "FT LOJA-2026/1"),
    ("ATCUD", "ABCDEFGH-1"),
    ("InvoiceDate", "2026-05-04"),
    ("InvoiceType", "FT"),
    ("SelfBillingIndicator", 0),
    ("CustomerTaxID", "999999990"),
    ("CustomerTaxIDCountry", "Desconhecido"),
]
WORK_HEADER: Fields = [
    ("DocumentNumber", "OR LOJA-2026/1"),
    ("ATCUD", "ABCDEFGH-1"),
    ("WorkDate", "2026-05-04"),
    ("WorkType", "OR"),
    ("CustomerTaxID", "999999990"),
    ("CustomerTaxIDCountry", "Desconhecido"),
]
PAYMENT_HEADER: Fields = [
    ("PaymentRefNo", "RC LOJA-2026/1"),
    ("ATCUD", "ABCDEFGH-1"),
    ("TransactionDate", "2026-05-04"),
    ("PaymentType", "RC"),
    ("CustomerTaxID", "999999990"),
    ("CustomerTaxIDCountry", "Desconhecido"),
]
INVOICE: Fields = [
    *INVOICE_HEADER,
    (
        "DocumentStatus",
        [("InvoiceStatus", "N"), ("InvoiceStatusDate", "2026-05-04T10:15:00")],
    ),
    ("HashCharacters", "aB9+"),
    ("CashVATSchemeIndicator", 0),
    ("PaperLessIndicator", 0),
    ("EACCode", "47111"),
    ("SystemEntryDate", "2026-05-04T10:15:00"),
    ("LineSummary", _LINE),
    ("DocumentTotals", _TOTALS),
    ("WithholdingTax", [("WithholdingTaxType", "IRS"), ("WithholdingTaxAmount", "1.00")]),
]
WORK: Fields = [
    *WORK_HEADER,
    ("DocumentStatus", [("WorkStatus", "N"), ("WorkStatusDate", "2026-05-04T10:15:00")]),
    ("HashCharacters", "aB9+"),
    ("SystemEntryDate", "2026-05-04T10:15:00"),
    ("LineSummary", _LINE),
    ("DocumentTotals", _TOTALS),
]
PAYMENT: Fields = [
    *PAYMENT_HEADER,
    (
        "DocumentStatus",
        [("PaymentStatus", "N"), ("PaymentStatusDate", "2026-05-04T10:15:00")],
    ),
    ("SystemEntryDate", "2026-05-04T10:15:00"),
    (
        "LineSummary",
        [
            (
                "SourceDocumentID",
                [("OriginatingON", "FT LOJA-2026/1"), ("InvoiceDate", "2026-05-04")],
            ),
            ("SettlementAmount", "0.00"),
            ("DebitCreditIndicator", "C"),
            ("Amount", "100.00"),
            ("Tax", _TAX),
        ],
    ),
    ("DocumentTotals", _TOTALS),
]
_HEADERS = {"Invoice": INVOICE_HEADER, "Work": WORK_HEADER, "Payment": PAYMENT_HEADER}
_DATA = {"Invoice": INVOICE, "Work": WORK, "Payment": PAYMENT}

_ADDRESS: Fields = [
    ("Addressdetail", "Rua do Carmo 1"),
    ("City", "Lisboa"),
    ("PostalCode", "1200-093"),
    ("Country", "PT"),
]
MOVEMENT: Fields = [
    ("TaxRegistrationNumber", NIF),
    ("CompanyName", "Loja"),
    ("CompanyAddress", _ADDRESS),
    ("DocumentNumber", "GT LOJA-2026/1"),
    ("ATCUD", "ABCDEFGH-1"),
    ("MovementStatus", "N"),
    ("MovementDate", "2026-05-04"),
    ("MovementType", "GT"),
    ("CustomerTaxID", "500000000"),
    ("CustomerAddress", _ADDRESS),
    ("CustomerName", "Cliente"),
    ("AddressTo", _ADDRESS),
    ("AddressFrom", _ADDRESS),
    ("MovementEndTime", "2026-05-04T18:00:00"),
    ("MovementStartTime", "2026-05-04T12:00:00"),
    ("VehicleID", "00-AA-00"),
    (
        "Line",
        [
            ("OrderReferences", [("OriginatingON", "NE A/1")]),
            ("ProductDescription", "Cadeira"),
            ("Quantity", "2"),
            ("UnitOfMeasure", "un"),
            ("UnitPrice", "0.00"),
        ],
    ),
]


def registering(kind: str) -> Fields:
    """The fields of `Register<kind>Request`."""
    return [*_REGISTERING, (f"{kind}Data", _DATA[kind]), ("CanalRegisto", _CHANNEL)]


def changing(kind: str) -> Fields:
    """The fields of `Change<kind>StatusRequest`."""
    status = [(f"{kind}Status", "A"), (f"{kind}StatusDate", "2026-05-04T10:20:00")]
    return [
        ("eFaturaMDVersion", "0.0.1"),
        ("TaxRegistrationNumber", NIF),
        (f"{kind}Header", _HEADERS[kind]),
        (f"{kind}Status", status),
        ("CanalRegisto", _CHANNEL),
    ]


def deleting(kind: str, *, by_range: bool = False) -> Fields:
    """The fields of `Delete<kind>Request`."""
    what: tuple[str, Any] = ("documentsList", [(kind.lower(), _HEADERS[kind])])
    if by_range:
        what = ("dateRange", [("StartDate", "2026-05-01"), ("EndDate", "2026-05-31")])
    return [
        ("eFaturaMDVersion", "0.0.1"),
        ("TaxRegistrationNumber", NIF),
        what,
        ("reason", "comunicado por engano"),
        ("CanalRegisto", _CHANNEL),
    ]


def series_message(operation: str, fields: Fields) -> etree._Element:
    return element(operation, fields, own=SERIES)


def document_message(operation: str, fields: Fields) -> etree._Element:
    return element(f"{operation}Request", fields, namespace=DOCUMENTS, own=DOCUMENTS)


def transport_message(fields: Fields = MOVEMENT) -> etree._Element:
    return element("envioDocumentoTransporteRequestElem", fields, own=TRANSPORT)


WHOLE: Mapping[str, etree._Element] = {
    "registarSerie": series_message("registarSerie", REGISTER_SERIES),
    "finalizarSerie": series_message("finalizarSerie", FINISH_SERIES),
    "anularSerie": series_message("anularSerie", CANCEL_SERIES),
    "consultarSeries": series_message("consultarSeries", CONSULT_SERIES),
    **{f"Register{k}": document_message(f"Register{k}", registering(k)) for k in _DATA},
    **{f"Change{k}Status": document_message(f"Change{k}Status", changing(k)) for k in _DATA},
    **{f"Delete{k}": document_message(f"Delete{k}", deleting(k)) for k in _DATA},
    "envioDocumentoTransporte": transport_message(),
}
"""A whole message of each operation."""


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What goes into a header; a test puts other values in to break it."""

    username: str = USER
    password: bytes = b"segredo"
    created: bytes = b""
    session: bytes = b""


def header(cipher: bytes, at: datetime = NOW, secrets: Secrets | None = None) -> dict[str, str]:
    """The four fields of the security header, encrypted for the authority (portugal.md 5.2)."""
    secrets = secrets or Secrets()
    session = secrets.session or os.urandom(16)
    key = x509.load_pem_x509_certificate(cipher).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    created = secrets.created or at.strftime("%Y-%m-%dT%H:%M:%S.00Z").encode()
    return {
        "Username": secrets.username,
        "Password": encrypted(session, secrets.password),
        "Nonce": b64encode(key.encrypt(session, padding.PKCS1v15())).decode(),
        "Created": encrypted(session, created),
    }


def encrypted(session: bytes, plain: bytes) -> str:
    if len(session) != 16:
        return b64encode(plain.ljust(16)).decode()
    padder = PKCS7(128).padder()
    writer = Cipher(algorithms.AES128(session), modes.ECB()).encryptor()
    text = padder.update(plain) + padder.finalize()
    return b64encode(writer.update(text) + writer.finalize()).decode()


def envelope(fields: Mapping[str, str] | None, body: etree._Element) -> bytes:
    """A SOAP message; without fields it has no security header."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"S": SOAP})
    head = etree.SubElement(root, f"{{{SOAP}}}Header")
    if fields is not None:
        security = etree.SubElement(head, f"{{{SECEXT}}}Security", nsmap={"wss": SECEXT})
        token = etree.SubElement(security, f"{{{SECEXT}}}UsernameToken")
        for name, text in fields.items():
            etree.SubElement(token, f"{{{SECEXT}}}{name}").text = text
    etree.SubElement(root, f"{{{SOAP}}}Body").append(etree.fromstring(etree.tostring(body)))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
