"""What the authority's answers mean: its numbers, in our words.

Numbers 2001 to 5000 come from the series service, `AT-LOGIN-NN` from the check of who asks; 97 and
98 there are ours. The number of a code of ours is that of the authority, as the documents' service
has it: the service for transport documents has others for the same (`meanings.py`).
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
USER_SIZE = Code("AT-LOGIN-02", "the user name is too short or too long")
USER_NIF = Code("AT-LOGIN-03", "the user name does not begin with a NIF")
USER_FORMAT = Code("AT-LOGIN-04", "the user name is not written as NIF, slash, sub-user")
SUB_USER_FORMAT = Code("AT-LOGIN-05", "the sub-user in the user name is no number")
PASSWORD_MISSING = Code("AT-LOGIN-06", "the password is missing")
ENCODING_INVALID = Code("AT-LOGIN-07", "the security header is no Base64")
CIPHER_INVALID = Code(
    "AT-LOGIN-08", "the key of the request is not encrypted with the authority's present public key"
)
CREATED_FORMAT = Code("AT-LOGIN-09", "the time in the security header is not written as it must be")
REQUEST_EXPIRED = Code(
    "AT-LOGIN-10", "the request was too old when it arrived, or the clock here goes wrong"
)
KEY_INVALID = Code("AT-LOGIN-11", "the key of the request is none for the cipher")
KEY_REPEATED = Code("AT-LOGIN-12", "the key of the request has been used before")
PASSWORD_STRUCTURE = Code("AT-LOGIN-13", "the password in the security header has no proper form")
DIGEST_MISSING = Code("AT-LOGIN-14", "the security header has no digest of the password")
DIGEST_DIFFERS = Code("AT-LOGIN-15", "the digest in the security header is that of something else")
CREATED_UNREADABLE = Code("AT-LOGIN-16", "the time in the security header cannot be decrypted")
PASSWORD_UNREADABLE = Code("AT-LOGIN-17", "the password in the security header cannot be decrypted")
DIGEST_UNREADABLE = Code("AT-LOGIN-18", "the digest in the security header cannot be decrypted")
CREATED_MISSING = Code("AT-LOGIN-19", "the security header has no time")
KEY_MISSING = Code("AT-LOGIN-20", "the security header has no key of the request")
SOAP_INVALID = Code("AT-LOGIN-33", "the request is no SOAP message that the service understands")
HEADER_EMPTY = Code("AT-LOGIN-50", "the request has no security header")
HEADER_WITHOUT_NIF = Code("AT-LOGIN-51", "the security header names no NIF")
PERMISSION_UNCHECKED = Code(
    "AT-LOGIN-52", "the authority could not look up what the user is permitted"
)
NOT_PERMITTED = Code(
    "AT-LOGIN-54", "the user has no permission for this service: the sub-user needs its profile"
)
PASSWORD_REFUSED = Code("AT-LOGIN-99", "the password is wrong or the access is suspended")
LOGIN_UNKNOWN = Code(
    "AT-LOGIN-98", "the authority does not let the user in, for a reason that is not in its manuals"
)
LOGIN_OF_ANOTHER = Code(
    "AT-LOGIN-97", "the user name belongs to another NIF: give a sub-user of this taxpayer"
)
