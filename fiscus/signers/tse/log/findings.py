"""What a verifier can find in an export; findings are kept by code, with bounded places."""

from fiscus.model.faults import Code, Fault, severity_of
from fiscus.model.found import printable

NO_ARCHIVE = Code("TSE-TAR-01", "the file is no TAR archive")
BROKEN_ARCHIVE = Code("TSE-TAR-02", "the archive is damaged: its structure breaks off")
CUT_OFF = Code("TSE-TAR-03", "the archive is cut off: its end mark is missing")
NOT_A_FILE = Code("TSE-TAR-04", "the archive holds something else than plain files in its root")
NOT_PADDED = Code("TSE-TAR-05", "something is hidden between two files")
BEYOND_LIMITS = Code(
    "TSE-TAR-06",
    "the archive has more of something than any export: it was not read any further",
)
FOREIGN_FILE = Code("TSE-FILE-01", "a file does not belong into an export")
TOO_LARGE = Code("TSE-FILE-02", "a file is larger than any export's")
NO_INFO = Code("TSE-INFO-01", "info.csv is missing")
BAD_INFO = Code("TSE-INFO-02", "info.csv is not as the guideline wants it")
BAD_CERTIFICATE = Code("TSE-CERT-01", "a certificate or its key cannot be used")
NO_CERTIFICATE = Code("TSE-CERT-02", "there is no certificate in the archive")
MISNAMED = Code("TSE-CERT-03", "the TSE's certificate is not named after the hash of its key")
BROKEN_CHAIN = Code("TSE-CERT-04", "the chain from the TSE's certificate to a root is broken")
UNCHECKED_CHAIN = Code(
    "TSE-CERT-06", "not checked: the chain is signed or spelled in a way that cannot be read here"
)
NOT_VALID = Code("TSE-CERT-05", "a certificate was not valid when the TSE signed")
BAD_NAME = Code("TSE-NAME-01", "the name of a log file is not as the guideline wants it")
NAME_DIFFERS = Code("TSE-NAME-02", "the name of a log file says something else than its content")
UNREADABLE = Code("TSE-LOG-01", "a log message cannot be read")
FORBIDDEN_FIELD = Code("TSE-FIELD-01", "a log message has a field that is not allowed")
MISSING_FIELD = Code("TSE-FIELD-02", "a log message lacks a field or has one too long")
UNKNOWN_ALGORITHM = Code("TSE-ALG-01", "the signature algorithm is not one we can verify")
WEAK_ALGORITHM = Code("TSE-ALG-02", "the signature algorithm is too weak")
WRONG_SIGNATURE = Code("TSE-SIG-01", "the signature does not match the message")
UNCHECKED = Code(
    "TSE-SIG-02", "not checked: a certificate that cannot be read may be the one of this key"
)
WRONG_SERIAL = Code("TSE-SERIAL-01", "the serial number is not the hash of a certified key")
SEVERAL_KEYS = Code("TSE-KEY-01", "the archive holds log messages of several keys")
COUNTER_GAP = Code("TSE-COUNTER-01", "signature counters are missing")
SELECTION = Code(
    "TSE-COUNTER-03",
    "not checked: this is the log of one client, and nobody can tell from it whether counters are "
    "missing because others have them; the whole log of the TSE tells",
)
COUNTER_TWICE = Code("TSE-COUNTER-02", "a signature counter occurs twice")
NUMBER_BACKWARDS = Code("TSE-TRA-01", "a transaction number is not above the one before")
NOT_OPEN = Code("TSE-TRA-02", "a transaction goes on that was not open")
TIME_BACKWARDS = Code("TSE-TIME-01", "the log time runs backwards without an update of the time")
TIME_MIXED = Code("TSE-TIME-02", "the log time is not in one format")

NOTES = frozenset({UNKNOWN_ALGORITHM, UNCHECKED_CHAIN, UNCHECKED, SELECTION})
"""What cannot be checked is not wrong."""

WARNINGS = frozenset({NO_INFO, BAD_INFO})
"""`info.csv` describes the device and proves nothing; real devices spell it in several ways."""

PLACES_MAX = 20


class LogFindings:
    """Faults by code. A damaged archive of a million logs still gives a short answer."""

    def __init__(self) -> None:
        self._found: dict[Code, list[str]] = {}
        self._more: dict[Code, int] = {}

    def add(self, code: Code, place: str) -> None:
        places = self._found.setdefault(code, [])
        if len(places) < PLACES_MAX:
            places.append(printable(place))
        else:
            self._more[code] = self._more.get(code, 0) + 1

    def take(self, others: "LogFindings") -> None:
        for code, places in others._found.items():
            for place in places:
                self.add(code, place)
            self._more[code] = self._more.get(code, 0) + others._more.get(code, 0)

    def places(self, code: Code) -> int:
        """How often it was found."""
        return len(self._found.get(code, ())) + self._more.get(code, 0)

    def faults(self) -> tuple[Fault, ...]:
        return tuple(
            Fault(
                code=code.id,
                text=code.text,
                paths=tuple(places),
                more=self._more.get(code, 0),
                severity=severity_of(code, notes=NOTES, warnings=WARNINGS),
            )
            for code, places in sorted(self._found.items())
        )
