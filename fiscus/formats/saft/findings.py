"""What the checker can find: its codes, and the places gathered under each."""

from fiscus.model.faults import Code, Fault
from fiscus.model.found import FoundPlaces

NOT_XML = Code("SAFT-FILE-01", "the file is not well-formed XML")
DOCTYPE = Code("SAFT-FILE-02", "the file carries a document type declaration")
BEYOND_LIMITS = Code(
    "SAFT-FILE-04",
    "the file is nested deeper, or a part of it is larger, than in any audit file; it was not read "
    "any further",
)
TOO_MANY = Code(
    "SAFT-FILE-05", "more than 100,000 faults were found; the file was not read any further"
)
OTHER_ROOT = Code("SAFT-FILE-03", "the file is not an AuditFile of version 1.04_01")

MISSING_ELEMENT = Code("SAFT-ELEMENT-01", "a compulsory element is missing")
UNKNOWN_ELEMENT = Code("SAFT-ELEMENT-02", "the schema knows no such element or attribute here")
MISPLACED_ELEMENT = Code("SAFT-ELEMENT-03", "an element stands before one it must follow")
REPEATED_ELEMENT = Code("SAFT-ELEMENT-04", "an element stands more often than it may")
STRAY_TEXT = Code("SAFT-ELEMENT-05", "there is text between elements")
BAD_VALUE = Code("SAFT-VALUE-01", "a value breaks its type, length or pattern")

PERIOD = Code("SAFT-HEADER-01", "the period ends before it begins or outside its fiscal year")
POSTAL_CODE = Code(
    "SAFT-HEADER-02", "the postal code of the company is not four digits, a hyphen, three digits"
)

GAP = Code("SAFT-NUMBER-01", "numbers are missing in a series")
OUT_OF_ORDER = Code("SAFT-NUMBER-02", "a number is repeated or stands after a higher one")
SHARED_CODE = Code("SAFT-NUMBER-03", "one internal code is used for several document types")

ZONED = Code("SAFT-DATE-01", "a date or time carries a zone or a fraction of a second")
OUTSIDE_PERIOD = Code("SAFT-DATE-02", "a document is dated outside the period of the file")
EARLIER_DAY = Code("SAFT-DATE-03", "a document is dated before its predecessor in the series")
EARLIER_ENTRY = Code("SAFT-DATE-04", "a document was entered before its predecessor in the series")
EARLY_STATUS = Code("SAFT-DATE-05", "a status is older than the document's entry")
AFTER_CREATION = Code("SAFT-DATE-06", "a document is dated after the file was made")

ENTERED_BEFORE = Code("SAFT-DATE-07", "a document was entered before the day that it bears")
OTHER_MONTH = Code("SAFT-DATE-08", "the period of a document is not the month of its date")

HASH_SHAPE = Code("SAFT-HASH-01", "a signature is not 172 characters of base64")
HASH_WRONG = Code("SAFT-HASH-02", "a signature does not verify")
HASH_UNPROVEN = Code(
    "SAFT-HASH-03",
    "not checked: the signature before this one is not in the file, so nobody can tell whether it "
    "follows",
)
ATCUD_WRONG = Code("SAFT-ATCUD-01", "an ATCUD is not a validation code and the document's number")
SECOND_VALIDATION = Code(
    "SAFT-ATCUD-02", "the documents of a series have more than one validation code"
)

LINE_NUMBER = Code("SAFT-LINE-01", "line numbers are not 1, 2, 3 …")
LINE_SIDE = Code("SAFT-LINE-02", "a line is on the wrong side for its document type")
LINE_AMOUNT = Code("SAFT-LINE-03", "quantity times unit price is not the amount of the line")
LINE_TAX_BASE = Code("SAFT-LINE-04", "a line with a tax base has a price or an amount")
REFERENCE = Code("SAFT-REFERENCE-01", "a correcting line names no document or no reason")
REFERENCE_SHAPE = Code(
    "SAFT-REFERENCE-02", "a correcting line names something that is no number of a document"
)
UNPAID = Code("SAFT-PAYMENT-01", "an invoice-receipt states no payment")
OVERPAID = Code("SAFT-PAYMENT-02", "the payments are higher than the document")
PART_PAID = Code("SAFT-PAYMENT-03", "the payments of an invoice-receipt do not cover it")
NO_REASON = Code("SAFT-STATUS-01", "a cancelled document gives no reason")

TAX_UNLISTED = Code("SAFT-TAX-01", "a tax is not in the tax table")
TAX_RATE = Code("SAFT-TAX-02", "a rate is not in force in its region on that day")
TAX_REASON = Code("SAFT-TAX-03", "an exemption reason must stand exactly where the tax is zero")
TAX_CODE = Code("SAFT-TAX-04", "an exemption reason and its code must stand together")
TAX_ABSENT = Code("SAFT-TAX-05", "a receipt of the cash-VAT scheme has a line without tax")
OTHER_REASON = Code("SAFT-TAX-06", "the reason of an exemption is the sentence of another code")
UNKNOWN_EXEMPTION = Code(
    "SAFT-TAX-07", "an exemption code is not in the authority's table, or not on that day"
)

NO_CUSTOMER = Code("SAFT-CUSTOMER-01", "a customer is not in the master files")
SECOND_CUSTOMER = Code("SAFT-CUSTOMER-02", "a customer stands twice in the master files")
SECOND_ANYONE = Code("SAFT-CUSTOMER-03", "there is more than one generic final consumer")
NO_SUPPLIER = Code("SAFT-SUPPLIER-01", "a supplier is not in the master files")
SECOND_SUPPLIER = Code("SAFT-SUPPLIER-02", "a supplier stands twice in the master files")
NO_PRODUCT = Code("SAFT-PRODUCT-01", "a product is not in the master files")
SECOND_PRODUCT = Code("SAFT-PRODUCT-02", "a product stands twice in the master files")

GROSS_TOTAL = Code("SAFT-TOTAL-01", "the gross total is not net plus tax")
NET_TOTAL = Code("SAFT-TOTAL-02", "the net total is not the sum of the lines")
TAX_TOTAL = Code("SAFT-TOTAL-03", "the tax payable is not the sum of the lines")
ENTRIES = Code("SAFT-TOTAL-04", "the number of documents or lines is wrong")
DEBIT_TOTAL = Code("SAFT-TOTAL-05", "the total debit is not the sum of the documents")
CREDIT_TOTAL = Code("SAFT-TOTAL-06", "the total credit is not the sum of the documents")
QUANTITY_TOTAL = Code("SAFT-TOTAL-07", "the quantity issued is not the sum of the documents")

NOTES = frozenset({HASH_UNPROVEN})
WARNINGS = frozenset({LINE_NUMBER, ENTERED_BEFORE})
"""The authority takes files of certified products that leave numbers of lines out, and of documents
that are dated ahead, which a program may do that warns (Despacho 8632/2014, 3.4.2)."""


FAULTS_MAX = 100_000
"""Nobody reads further, and each takes time: a small file can have millions."""


class SaftFindings:
    """The broken rules found so far, each with its places in the order of the file."""

    def __init__(self) -> None:
        self._found = FoundPlaces()

    def add(self, code: Code, path: str) -> None:
        self._found.add(code, path)

    @property
    def are_too_many(self) -> bool:
        return self._found.count > FAULTS_MAX

    def faults(self) -> tuple[Fault, ...]:
        return self._found.faults(notes=NOTES, warnings=WARNINGS, law="Portaria 302/2016")
