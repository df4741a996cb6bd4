"""What the service for goods in transit says to a transport document, in our words."""

from fiscus.model.faults import Code

STARTED_ALREADY = Code(
    "AT-TRANSPORT-100", "the transport had begun before it was told: the authority only notes it"
)
INPUT_INVALID = Code("AT-TRANSPORT-01", "a value of the transport document has no proper form")
GLOBAL_MISSING = Code("AT-TRANSPORT-02", "the global document that is referred to is not known")
NUMBER_KNOWN = Code("AT-TRANSPORT-03", "a transport document of this number is registered already")
CANCELLED_ALREADY = Code("AT-TRANSPORT-04", "the transport document is cancelled already")
STATUS_INVALID = Code("AT-TRANSPORT-05", "the status of the transport document is not accepted")
STARTS_IN_THE_PAST = Code("AT-TRANSPORT-06", "the transport begins before now")
SENDER_DIFFERS = Code("AT-TRANSPORT-07", "the sender's NIF is not that of the user")
CODE_UNKNOWN = Code("AT-TRANSPORT-08", "the authority knows no transport document of this AT code")
NUMBER_CHANGED = Code("AT-TRANSPORT-09", "the number is not the one that was told before")
SENDER_INACTIVE = Code("AT-TRANSPORT-10", "the sender has no open activity")
RECEIVER_CHANGED = Code("AT-TRANSPORT-11", "the receiver's NIF is not the one that was told before")
SENDER_UNCHECKED = Code(
    "AT-TRANSPORT-12", "the authority could not look up whether the sender has an open activity"
)
TRANSPORT_BEGAN = Code(
    "AT-TRANSPORT-13", "the transport has begun: its document cannot be changed any more"
)
REFERENCE_TYPE = Code("AT-TRANSPORT-14", "the document that is referred to is of the wrong kind")
REFERRED_TO = Code(
    "AT-TRANSPORT-15", "partial documents refer to this one: it cannot refer to others any more"
)
DATE_CHANGED = Code("AT-TRANSPORT-16", "the date of issue is not the one that was told before")
TOLD_TOO_LATE = Code("AT-TRANSPORT-17", "the transport began more than three months ago")
TYPE_CHANGED = Code("AT-TRANSPORT-18", "the type is not the one that was told before")
SENDER_CHANGED = Code("AT-TRANSPORT-19", "the sender's NIF is not the one that was told before")
RECEIVER_INVALID = Code("AT-TRANSPORT-20", "the receiver's NIF is not valid")
TOLD_TOO_EARLY = Code("AT-TRANSPORT-21", "the transport begins in more than three months")
ATCUD_FORMAT = Code("AT-TRANSPORT-22", "the ATCUD is missing or is none")
ATCUD_SERIES = Code("AT-TRANSPORT-23", "the ATCUD belongs to no valid series")
ATCUD_USED = Code("AT-TRANSPORT-24", "the ATCUD belongs to another transport document already")
ATCUD_UNCHECKED = Code(
    "AT-TRANSPORT-25", "the authority could not look up whether the ATCUD is of a valid series"
)
ATCUD_DIFFERS = Code("AT-TRANSPORT-26", "the ATCUD is not that of the document")
ATCUD_RESERVED = Code("AT-TRANSPORT-27", "the ATCUD is of a series that the authority keeps")
AUTHORITY_INTERNAL = Code("AT-TRANSPORT-99", "the service failed without saying why")
AUTHORITY_UNSPECIFIC = Code("AT-ATCUD-00", "the check of the ATCUD failed unexpectedly")
ATCUD_DATA_MISSING = Code("AT-ATCUD-01", "what the ATCUD is checked against is missing")
ATCUD_DATA_FORMAT = Code("AT-ATCUD-02", "the document's number or its ATCUD has no proper form")
ATCUD_PAIR = Code(
    "AT-ATCUD-05", "the validation code is not one of this NIF for this type of document"
)
ATCUD_NOT_IN_FORCE = Code(
    "AT-ATCUD-06", "the series of the validation code was not in force on that day"
)
ATCUD_OTHER_SERIES = Code("AT-ATCUD-07", "the validation code is that of another series")
ATCUD_OTHER_NUMBER = Code(
    "AT-ATCUD-08", "the numbers in the ATCUD and in the document's number are not the same"
)
ATCUD_OUT_OF_RANGE = Code(
    "AT-ATCUD-09", "the document's number is outside of what its series was registered for"
)
