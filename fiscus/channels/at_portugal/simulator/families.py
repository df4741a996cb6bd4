"""The three families of reported documents: what their elements are called, and their numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fiscus.channels.at_portugal.simulator.envelope import element
from fiscus.channels.at_portugal.simulator.grammar import DOCUMENTS
from fiscus.channels.at_portugal.simulator.operations import OperationAnswer
from fiscus.channels.at_portugal.simulator.world import Now

_MESSAGE_MAX = 256


class DocumentRule(StrEnum):
    """What a document can break; each family has a number of its own for it."""

    MISSING = "missing"
    INPUT = "input"
    PERMISSION = "permission"
    NIF = "nif"
    INVALID = "invalid"
    DATE = "date"
    TYPE = "type"
    STATUS = "status"
    STATUS_DATE = "status date"
    ANOMALOUS = "anomalous"
    EXEMPTION = "exemption"
    CERTIFICATE = "certificate"
    CANCELLATION = "cancellation"
    OTHER_VALUES = "other values"
    KNOWN = "known"
    NOT_FOUND = "not found"
    INCOHERENT = "incoherent"
    TRANSITION = "transition"
    FUTURE = "future"
    OTHER_ISSUER = "other issuer"


@dataclass(frozen=True, kw_only=True)
class TaxDocumentFamily:
    """Names of a family's elements, and its numbers when a document is registered, changed or
    deleted."""

    name: str
    element: str
    number: str
    dated: str
    kind: str
    registering: Mapping[DocumentRule, int]
    changing: Mapping[DocumentRule, int]
    deleting: Mapping[DocumentRule, int]

    @property
    def data(self) -> str:
        return f"{self.element}Data"

    @property
    def header(self) -> str:
        return f"{self.element}Header"

    @property
    def status(self) -> str:
        return f"{self.element}Status"

    @property
    def item(self) -> str:
        return self.element.lower()


class DocumentRefusal(Exception):
    """The service refuses a document, with its number and a text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


INVOICES = TaxDocumentFamily(
    name="invoice",
    element="Invoice",
    number="InvoiceNo",
    dated="InvoiceDate",
    kind="InvoiceType",
    registering={
        DocumentRule.MISSING: -50,
        DocumentRule.INPUT: -28,
        DocumentRule.PERMISSION: -16,
        DocumentRule.NIF: -17,
        DocumentRule.INVALID: -1,
        DocumentRule.DATE: -4,
        DocumentRule.TYPE: -5,
        DocumentRule.STATUS: -6,
        DocumentRule.STATUS_DATE: -6,
        DocumentRule.ANOMALOUS: -7,
        DocumentRule.EXEMPTION: -8,
        DocumentRule.CERTIFICATE: -39,
        DocumentRule.CANCELLATION: -2,
        DocumentRule.OTHER_VALUES: -3,
        DocumentRule.KNOWN: -10,
    },
    changing={
        DocumentRule.INPUT: -31,
        DocumentRule.PERMISSION: -16,
        DocumentRule.NIF: -17,
        DocumentRule.NOT_FOUND: -11,
        DocumentRule.INCOHERENT: -31,
        DocumentRule.TRANSITION: -12,
        DocumentRule.FUTURE: -31,
        DocumentRule.STATUS_DATE: -31,
    },
    deleting={
        DocumentRule.INPUT: -34,
        DocumentRule.NIF: -17,
        DocumentRule.OTHER_ISSUER: -14,
        DocumentRule.INCOHERENT: -15,
    },
)

WORKS = TaxDocumentFamily(
    name="work",
    element="Work",
    number="DocumentNumber",
    dated="WorkDate",
    kind="WorkType",
    registering={
        DocumentRule.MISSING: -51,
        DocumentRule.INPUT: -29,
        DocumentRule.PERMISSION: -16,
        DocumentRule.NIF: -17,
        DocumentRule.INVALID: -29,
        DocumentRule.DATE: -21,
        DocumentRule.TYPE: -29,
        DocumentRule.STATUS: -29,
        DocumentRule.STATUS_DATE: -45,
        DocumentRule.ANOMALOUS: -20,
        DocumentRule.EXEMPTION: -20,
        DocumentRule.CERTIFICATE: -29,
        DocumentRule.CANCELLATION: -22,
        DocumentRule.OTHER_VALUES: -22,
        DocumentRule.KNOWN: -22,
    },
    changing={
        DocumentRule.INPUT: -32,
        DocumentRule.PERMISSION: -16,
        DocumentRule.NIF: -17,
        DocumentRule.NOT_FOUND: -19,
        DocumentRule.INCOHERENT: -18,
        DocumentRule.TRANSITION: -37,
        DocumentRule.FUTURE: -43,
        DocumentRule.STATUS_DATE: -43,
    },
    deleting={
        DocumentRule.INPUT: -35,
        DocumentRule.NIF: -17,
        DocumentRule.OTHER_ISSUER: -16,
        DocumentRule.INCOHERENT: -35,
    },
)

PAYMENTS = TaxDocumentFamily(
    name="payment",
    element="Payment",
    number="PaymentRefNo",
    dated="TransactionDate",
    kind="PaymentType",
    registering={
        DocumentRule.MISSING: -30,
        DocumentRule.INPUT: -30,
        DocumentRule.PERMISSION: -16,
        DocumentRule.NIF: -17,
        DocumentRule.INVALID: -30,
        DocumentRule.DATE: -24,
        DocumentRule.TYPE: -30,
        DocumentRule.STATUS: -30,
        DocumentRule.STATUS_DATE: -30,
        DocumentRule.ANOMALOUS: -23,
        DocumentRule.EXEMPTION: -23,
        DocumentRule.CERTIFICATE: -30,
        DocumentRule.CANCELLATION: -25,
        DocumentRule.OTHER_VALUES: -25,
        DocumentRule.KNOWN: -25,
    },
    changing={
        DocumentRule.INPUT: -33,
        DocumentRule.PERMISSION: -16,
        DocumentRule.NIF: -17,
        DocumentRule.NOT_FOUND: -38,
        DocumentRule.INCOHERENT: -26,
        DocumentRule.TRANSITION: -26,
        DocumentRule.FUTURE: -27,
        DocumentRule.STATUS_DATE: -26,
    },
    deleting={
        DocumentRule.INPUT: -36,
        DocumentRule.NIF: -17,
        DocumentRule.OTHER_ISSUER: -16,
        DocumentRule.INCOHERENT: -36,
    },
)

FAMILIES = (INVOICES, WORKS, PAYMENTS)


def told(operation: str, code: int, text: str, now: Now, subject: str = "") -> OperationAnswer:
    """An answer of the service of documents."""
    message = text if len(text) <= _MESSAGE_MAX else text[: _MESSAGE_MAX - 1] + "…"
    content = (
        f'<{operation}Response xmlns="{DOCUMENTS}"><Response>'
        f"<CodigoResposta>{code}</CodigoResposta>{element('Mensagem', message)}"
        f"<DataOperacao>{now.stamp()}</DataOperacao></Response></{operation}Response>"
    )
    return OperationAnswer(content=content, code=str(code), subject=subject)
