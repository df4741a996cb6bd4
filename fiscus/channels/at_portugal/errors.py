"""What the authority's answers mean: its numbers, in our words.

Numbers 2001 to 5000 come from the series service, `AT-LOGIN-NN` from the check of who asks.
"""

from fiscus.model.faults import Code

SUCCESSES = {
    2001: "the series is registered and has its validation code",
    2002: "the query was answered",
    2003: "the registration of the series is cancelled",
    2004: "the series is finished",
}

XML_INVALID = Code("AT-SERIES-4000", "the message does not fit the schema of the service")
SERIES_EXISTS = Code(
    "AT-SERIES-4001", "a series of this name is already registered for this document type"
)
FIELDS_MISSING = Code("AT-SERIES-4002", "required fields are missing")
FIELDS_WRONG = Code("AT-SERIES-4003", "fields hold values that are not allowed")
NOT_CANCELLABLE = Code("AT-SERIES-4004", "the registration of the series cannot be cancelled")
NOT_FINISHABLE = Code("AT-SERIES-4005", "the series cannot be finished")
NO_ACTIVITY = Code("AT-SERIES-4043", "the taxpayer has no open activity")
CLASS_UNKNOWN = Code("AT-SERIES-4045", "the class of documents is unknown")
TYPE_NOT_IN_CLASS = Code("AT-SERIES-4046", "the document type does not belong to its class")
LAST_BEFORE_FIRST = Code("AT-SERIES-4047", "the last number used lies below the first number")
DATES_REVERSED = Code("AT-SERIES-4048", "the end of the asked period lies before its start")
STARTS_IN_THE_PAST = Code("AT-SERIES-4049", "the expected first use lies before today")
REASON_UNKNOWN = Code("AT-SERIES-4051", "the reason for the cancellation is unknown")
TECHNICAL = Code("AT-SERIES-5000", "the service failed without saying why")

USER_MISSING = Code("AT-LOGIN-01", "the user name is missing")
PASSWORD_MISSING = Code("AT-LOGIN-06", "the password is missing")
PASSWORD_REFUSED = Code("AT-LOGIN-99", "the password is wrong or the access is suspended")

REFUSALS = (
    XML_INVALID,
    SERIES_EXISTS,
    FIELDS_MISSING,
    FIELDS_WRONG,
    NOT_CANCELLABLE,
    NOT_FINISHABLE,
    NO_ACTIVITY,
    CLASS_UNKNOWN,
    TYPE_NOT_IN_CLASS,
    LAST_BEFORE_FIRST,
    DATES_REVERSED,
    STARTS_IN_THE_PAST,
    REASON_UNKNOWN,
    TECHNICAL,
)
