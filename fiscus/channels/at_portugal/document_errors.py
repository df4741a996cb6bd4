"""What the service for invoices, working documents and receipts refuses, in our words."""

from fiscus.model.faults import Code

DOCUMENT_INVALID = Code("AT-DOCUMENT-01", "the document is not valid")
ALREADY_CANCELLED = Code(
    "AT-DOCUMENT-02", "the document is registered already, and a cancellation is told apart"
)
OTHER_VALUES = Code(
    "AT-DOCUMENT-03",
    "a document of this number is registered with other values: compare it in the authority's "
    "portal, and delete there what is wrong",
)
DATE_INVALID = Code("AT-DOCUMENT-04", "the date of issue is not accepted")
TYPE_INVALID = Code("AT-DOCUMENT-05", "the type of the document is not accepted")
STATUS_INVALID = Code("AT-DOCUMENT-06", "the status of the document is not accepted")
VALUES_ODD = Code("AT-DOCUMENT-07", "the amounts of the document do not fit together")
EXEMPTION_INVALID = Code("AT-DOCUMENT-08", "the reason of an exemption is not accepted")
REJECTION_RECTIFIED = Code(
    "AT-DOCUMENT-09", "the document had been rejected before and is registered by now"
)
DOCUMENT_KNOWN = Code(
    "AT-DOCUMENT-10",
    "a document of this number is registered already, and not by this program: another program or "
    "a file has reported it; compare it in the authority's portal",
)
DOCUMENT_MISSING = Code("AT-DOCUMENT-11", "the authority does not know the document")
NEW_STATUS_INVALID = Code("AT-DOCUMENT-12", "the document cannot get this status any more")
ISSUER_DIFFERS = Code("AT-DOCUMENT-14", "the document was registered by another NIF")
INPUT_INCOHERENT = Code("AT-DOCUMENT-15", "what was sent contradicts itself")
ISSUER_FORBIDDEN = Code("AT-DOCUMENT-16", "the user may not report documents of this NIF")
NIF_INVALID = Code("AT-DOCUMENT-17", "a NIF is not valid")
WORK_INCOHERENT = Code("AT-DOCUMENT-18", "what was sent of a working document contradicts itself")
WORK_MISSING = Code("AT-DOCUMENT-19", "the authority does not know the working document")
WORK_ODD = Code("AT-DOCUMENT-20", "the amounts of the working document do not fit together")
WORK_DATE = Code("AT-DOCUMENT-21", "the date of the working document is not accepted")
WORK_KNOWN = Code(
    "AT-DOCUMENT-22",
    "a working document of this number is registered already, and not by this program",
)
PAYMENT_ODD = Code("AT-DOCUMENT-23", "the amounts of the receipt do not fit together")
PAYMENT_DATE = Code("AT-DOCUMENT-24", "the date of the receipt is not accepted")
PAYMENT_KNOWN = Code(
    "AT-DOCUMENT-25", "a receipt of this number is registered already, and not by this program"
)
STATUS_INCOHERENT = Code("AT-DOCUMENT-26", "what was sent of a new status contradicts itself")
STATUS_IN_FUTURE = Code("AT-DOCUMENT-27", "the time of the new status of the receipt is to come")
INVOICE_INPUT = Code("AT-DOCUMENT-28", "a value of the document has no proper form")
WORK_INPUT = Code("AT-DOCUMENT-29", "a value of the working document has no proper form")
PAYMENT_INPUT = Code("AT-DOCUMENT-30", "a value of the receipt has no proper form")
INVOICE_STATUS_INPUT = Code("AT-DOCUMENT-31", "a value of the new status has no proper form")
WORK_STATUS_INPUT = Code(
    "AT-DOCUMENT-32", "a value of the working document's new status has no proper form"
)
PAYMENT_STATUS_INPUT = Code(
    "AT-DOCUMENT-33", "a value of the receipt's new status has no proper form"
)
DELETION_INPUT = Code("AT-DOCUMENT-34", "a value of the deletion has no proper form")
WORK_DELETION_INPUT = Code(
    "AT-DOCUMENT-35", "a value of the deletion of working documents has no proper form"
)
PAYMENT_DELETION_INPUT = Code(
    "AT-DOCUMENT-36", "a value of the deletion of receipts has no proper form"
)
WORK_STATUS_FORBIDDEN = Code(
    "AT-DOCUMENT-37", "the working document cannot get this status any more"
)
PAYMENT_MISSING = Code("AT-DOCUMENT-38", "the authority does not know the receipt")
CERTIFICATE_INVALID = Code("AT-DOCUMENT-39", "the number of the program's certificate is not good")
NEW_STATUS_DATE = Code(
    "AT-DOCUMENT-43",
    "the time of the working document's new status is to come, or before the last one told",
)
STATUS_DATE = Code(
    "AT-DOCUMENT-45",
    "the time of the working document's status is to come, or before the last one told",
)
INPUT_MISSING = Code("AT-DOCUMENT-50", "something that must be told of a document is missing")
WORK_INPUT_MISSING = Code(
    "AT-DOCUMENT-51", "something that must be told of a working document is missing"
)
AUTHORITY_INTERNAL = Code("AT-DOCUMENT-97", "the service failed; it asks to be asked again later")
AUTHORITY_SYSTEM = Code(
    "AT-DOCUMENT-99", "the service or a system behind it failed; it asks to be asked again later"
)

PERIOD_MIXED = Code(
    "AT-DOCUMENT-400",
    "some of the documents may still be deleted, others only after the authority has looked at "
    "them: delete them apart",
)
YEARS_MIXED = Code("AT-DOCUMENT-401", "the documents to delete are of two years: delete them apart")
START_MISSING = Code("AT-DOCUMENT-474", "the first day of the deletion is missing")
END_MISSING = Code("AT-DOCUMENT-475", "the last day of the deletion is missing")
LIST_EMPTY = Code("AT-DOCUMENT-477", "no document to delete is named")
LISTED_MISSING = Code("AT-DOCUMENT-478", "the authority does not know a document to delete")
LISTED_DATE_MISSING = Code("AT-DOCUMENT-479", "a document to delete has no date")
LISTED_NUMBER_MISSING = Code("AT-DOCUMENT-480", "a document to delete has no number")
LISTED_TYPE_MISSING = Code("AT-DOCUMENT-481", "a document to delete has no type")
LISTED_CUSTOMER_MISSING = Code("AT-DOCUMENT-482", "a document to delete has no customer")
LISTED_NUMBER_LONG = Code("AT-DOCUMENT-483", "the number of a document to delete is too long")
START_FORMAT = Code("AT-DOCUMENT-484", "the first day of the deletion is no date")
END_FORMAT = Code("AT-DOCUMENT-485", "the last day of the deletion is no date")
LISTED_DATE_FORMAT = Code("AT-DOCUMENT-486", "the date of a document to delete is none")
FOREIGNER_INCOMPLETE = Code(
    "AT-DOCUMENT-489", "of a customer abroad the number or the country is missing"
)
CUSTOMERS_SEVERAL = Code("AT-DOCUMENT-490", "the document to delete has more than one customer")
LISTED_TWICE = Code("AT-DOCUMENT-491", "a document to delete is named twice")

NO_NEW_STATUS = Code("AT-REPORT-01", "the document has no new status that could be told")
REASON_LENGTH = Code("AT-REPORT-02", "the reason of a deletion has 10 to 500 characters")
