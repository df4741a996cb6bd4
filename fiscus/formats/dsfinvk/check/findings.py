"""What the checker can find: its codes, and the places gathered under each."""

from fiscus.model.faults import Code, Fault
from fiscus.model.found import FoundPlaces

UNREADABLE = Code("DSFINVK-FILE-01", "this is no folder, TAR or ZIP that can be read to its end")
MISSING_FILE = Code("DSFINVK-FILE-02", "a file that may never be absent is missing")
STRANGE_FILE = Code("DSFINVK-FILE-03", "there is a file that does not belong to an export")
SECOND_FILE = Code("DSFINVK-FILE-04", "a file is in the archive twice")
OTHER_GRAMMAR = Code("DSFINVK-FILE-05", "the DTD does not have the grammar of 2004-09-01")
BEYOND_LIMITS = Code(
    "DSFINVK-FILE-06",
    "the archive has more files, or unpacks to more, than an export of its size can; it was not "
    "read any further",
)

INDEX_XML = Code("DSFINVK-INDEX-01", "index.xml is not a DataSet that can be read")
INDEX_DOCTYPE = Code("DSFINVK-INDEX-02", "index.xml does not name its DTD")
UNDECLARED = Code("DSFINVK-INDEX-03", "index.xml does not declare a file exactly once")
INDEX_DANGLING = Code("DSFINVK-INDEX-04", "index.xml declares a file that is not there")
INDEX_DIALECT = Code("DSFINVK-INDEX-05", "index.xml describes another dialect than the one to use")
INDEX_COLUMNS = Code("DSFINVK-INDEX-06", "index.xml declares other columns than the file has")
INDEX_SIZES = Code("DSFINVK-INDEX-07", "index.xml declares other types or sizes than prescribed")
INDEX_NAME = Code("DSFINVK-INDEX-08", "index.xml calls a table by another name than prescribed")
INDEX_SUPPLIER = Code("DSFINVK-INDEX-09", "index.xml does not say who supplies the data")

HEADER = Code("DSFINVK-HEADER-01", "the first record does not name the prescribed columns in order")

BOM = Code("DSFINVK-RECORD-01", "a table begins with a byte order mark")
NOT_UTF8 = Code("DSFINVK-RECORD-02", "a record is not UTF-8")
LINE_END = Code("DSFINVK-RECORD-03", "a record does not end with CR and LF")
QUOTING = Code("DSFINVK-RECORD-04", "a value is in quotes without need, or not in quotes in need")
MALFORMED = Code("DSFINVK-RECORD-05", "a record cannot be taken apart into values")
VALUE_COUNT = Code("DSFINVK-RECORD-06", "a record has more or fewer values than columns")
ENDLESS = Code(
    "DSFINVK-RECORD-07", "a record has no end within 64 KB; the file was not read any further"
)

EMPTY = Code("DSFINVK-VALUE-01", "a value that must be given is missing")
TOO_LONG = Code("DSFINVK-VALUE-02", "a value is longer than its column")
NO_NUMBER = Code("DSFINVK-VALUE-03", "a number is not spelled with exactly its decimals")
OTHER_WORD = Code("DSFINVK-VALUE-04", "a value is none of the allowed words")
OTHER_SHAPE = Code("DSFINVK-VALUE-05", "a time, day, country, currency or flag is misspelled")
NEITHER = Code("DSFINVK-VALUE-06", "neither a tax number nor a VAT id is given")
NO_QUANTITY = Code("DSFINVK-VALUE-07", "an article has no quantity or no unit price")

SAME_KEY = Code("DSFINVK-KEY-01", "two rows have the same key")
NO_CLOSING = Code("DSFINVK-KEY-02", "a row belongs to a closing that is not there")
NO_RECEIPT = Code("DSFINVK-KEY-03", "a row belongs to a receipt that is not there")
NO_LINE = Code("DSFINVK-KEY-04", "a row belongs to a line that is not there")
NO_VAT_KEY = Code("DSFINVK-KEY-05", "a VAT key is not listed for its closing")
NO_AGENCY = Code("DSFINVK-KEY-06", "an agency is not listed for its closing")
NO_DEVICE = Code("DSFINVK-KEY-07", "a TSE is not listed for its closing")
NO_TERMINAL = Code("DSFINVK-KEY-08", "a terminal is not listed for its closing")
OTHER_CREATION = Code("DSFINVK-KEY-09", "a row gives another creation time than its closing")

GAP = Code("DSFINVK-CLOSING-01", "closing numbers are missing")
NOT_ASCENDING = Code("DSFINVK-CLOSING-02", "a closing does not follow the one before it")
EARLIER_CLOSING = Code("DSFINVK-CLOSING-03", "a closing was made before the one it follows")
FIRST_RECEIPT = Code("DSFINVK-CLOSING-04", "a closing names another first receipt than it has")
LAST_RECEIPT = Code("DSFINVK-CLOSING-05", "a closing names another last receipt than it has")
NO_MASTER_DATA = Code("DSFINVK-CLOSING-06", "a closing has no location, register or VAT key")
BOOKING_DAY = Code("DSFINVK-CLOSING-07", "a booking day is given though it is the day of creation")
NO_CLOSINGS = Code("DSFINVK-CLOSING-08", "there is not a single closing")

RECEIPT_NUMBER = Code("DSFINVK-RECEIPT-01", "a receipt number does not follow the one before it")
NAMELESS = Code("DSFINVK-RECEIPT-02", "an operation of kind AVSonstige has no name")
NO_LINES = Code("DSFINVK-RECEIPT-03", "a receipt has no lines")
NO_PAYMENT = Code("DSFINVK-RECEIPT-04", "a receipt has no payment")
ENDS_EARLY = Code("DSFINVK-RECEIPT-05", "an operation ends before it starts")
SECOND_USE = Code("DSFINVK-RECEIPT-06", "a receipt id is used in two closings of a register")
ABORTED_AMOUNT = Code("DSFINVK-RECEIPT-07", "an aborted receipt has an amount or a payment")
OLD_REVERSAL = Code(
    "DSFINVK-RECEIPT-08", "a reversal is no receipt of its own though there is a TSE"
)

NOT_GROSS = Code("DSFINVK-AMOUNT-01", "gross is not net plus tax")
OTHER_LINES = Code("DSFINVK-AMOUNT-02", "the lines do not add up to the receipt under a VAT key")
OTHER_TOTAL = Code("DSFINVK-AMOUNT-03", "the VAT keys do not add up to the total of the receipt")
TAX_ON_NOTHING = Code("DSFINVK-AMOUNT-04", "there is tax under a VAT key of zero percent")
LINE_WITHOUT_VAT = Code("DSFINVK-AMOUNT-05", "a line stands under no VAT key")
FOREIGN_AMOUNT = Code(
    "DSFINVK-AMOUNT-06", "a foreign amount must stand exactly where the currency is foreign"
)

TAXED_CASE = Code("DSFINVK-CASE-01", "a business case that bears no tax stands under a taxed key")
CASHLESS_CASE = Code("DSFINVK-CASE-02", "a business case of the drawer was not paid in cash")

CASE_SUM = Code("DSFINVK-SUM-01", "a total of business cases is not the sum of its lines")
PAYMENT_SUM = Code("DSFINVK-SUM-02", "a total of payments is not the sum of its payments")
CASH_SUM = Code("DSFINVK-SUM-03", "the cash of a currency is not the sum of its payments")
PAID_SUM = Code("DSFINVK-SUM-04", "a closing's total of payments is not the sum of its payments")
PAID_CASH_SUM = Code("DSFINVK-SUM-05", "a closing's total of cash is not the sum of its cash")
NO_HOME_CASH = Code(
    "DSFINVK-SUM-06", "a closing does not state the cash of the register's currency"
)
BEYOND_MEASURE = Code("DSFINVK-SUM-07", "amounts are too high to be added up")

VAT_RATE = Code("DSFINVK-VAT-01", "a VAT key did not have this rate in these days")
VAT_RESERVED = Code("DSFINVK-VAT-02", "a VAT key is reserved")
VAT_OWN = Code("DSFINVK-VAT-03", "an own VAT key has a rate that never was in force")

NO_TARGET = Code("DSFINVK-REFERENCE-01", "a reference leads to a receipt that is not there")
TARGET_DATE = Code(
    "DSFINVK-REFERENCE-02", "a reference spells its target's creation time otherwise"
)
TARGET_UNNAMED = Code("DSFINVK-REFERENCE-03", "a reference to a receipt does not name its closing")
TARGET_NAMED = Code("DSFINVK-REFERENCE-04", "a reference out of the system names a closing")
NO_WORDS = Code("DSFINVK-REFERENCE-05", "a reference to anything else does not say to what")
REVERSES_NOTHING = Code("DSFINVK-REFERENCE-06", "a reversal does not refer to what it reverses")

BAD_CERTIFICATE = Code("DSFINVK-TSE-01", "a certificate cannot be read")
OTHER_SERIAL = Code("DSFINVK-TSE-02", "a TSE serial is not the hash of the certificate's key")
OTHER_KEY = Code("DSFINVK-TSE-03", "a public key is not the one in the certificate")
BAD_SIGNATURE = Code("DSFINVK-TSE-04", "a signature does not verify")
UNEXPLAINED = Code("DSFINVK-TSE-05", "an operation was not signed and nothing says why")
SIGNED_OUTAGE = Code("DSFINVK-TSE-06", "an operation has both a signature and a failure")
UNSECURED = Code("DSFINVK-TSE-07", "an operation has no row for the TSE in use")
OTHER_DATA = Code("DSFINVK-TSE-08", "the process data are not those of the operation")
OTHER_PROCESS = Code("DSFINVK-TSE-09", "a receipt was not signed as Kassenbeleg-V1")
SECOND_COUNTER = Code("DSFINVK-TSE-10", "a signature counter or transaction number was used twice")
LOG_ENDS_EARLY = Code("DSFINVK-TSE-11", "a transaction of a TSE ends before it starts")
UNVERIFIABLE = Code("DSFINVK-TSE-12", "a signature is of a kind that cannot be verified here")

NOTES = frozenset({UNVERIFIABLE})
"""A signature that cannot be checked here is not wrong."""

LAW = "DSFinV-K 2.4"


class TableFindings:
    """The broken rules found so far, each with its places in the order they were met."""

    def __init__(self) -> None:
        self._found = FoundPlaces()

    def add(self, code: Code, file: str, row: int | str = "", column: str = "") -> None:
        """A place reads `lines.csv/7/STK_BR`; the header of a file is its row 1."""
        self._found.add(code, "/".join(str(part) for part in (file, row, column) if part))

    def faults(self) -> tuple[Fault, ...]:
        return self._found.faults(notes=NOTES, law=LAW)
