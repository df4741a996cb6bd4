"""What a number that the authority answers means: the code of ours, and what helps against it.

The tables are those of its manuals, one for each of its services. `tests/test_meanings.py` proves
that none of the published numbers is missing.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fiscus.channels import AuthorityWords, Later, Rejected, Remedy
from fiscus.channels.at_portugal import document_errors as doc
from fiscus.channels.at_portugal import errors as it
from fiscus.channels.at_portugal import transport_errors as gt
from fiscus.model.faults import Code, Fault


class Meaning(NamedTuple):
    """`paths`: where in our message the trouble lies, if it is one place. `is_open`: the authority
    failed on its way, so nobody knows whether what was asked has taken effect."""

    code: Code
    remedy: Remedy
    paths: tuple[str, ...] = ()
    is_open: bool = False


Meanings = Mapping[int, Meaning]

_DATA, _ACCESS, _TIME, _PROGRAM = Remedy.DATA, Remedy.ACCESS, Remedy.TIME, Remedy.PROGRAM
_USER, _PASSWORD = ("credentials.username",), ("credentials.password",)

LOGIN: Meanings = {
    1: Meaning(it.USER_MISSING, _ACCESS, _USER),
    2: Meaning(it.USER_SIZE, _ACCESS, _USER),
    3: Meaning(it.USER_NIF, _ACCESS, _USER),
    4: Meaning(it.USER_FORMAT, _ACCESS, _USER),
    5: Meaning(it.SUB_USER_FORMAT, _ACCESS, _USER),
    6: Meaning(it.PASSWORD_MISSING, _ACCESS, _PASSWORD),
    7: Meaning(it.ENCODING_INVALID, _PROGRAM),
    8: Meaning(it.CIPHER_INVALID, _PROGRAM),
    9: Meaning(it.CREATED_FORMAT, _PROGRAM),
    10: Meaning(it.REQUEST_EXPIRED, _TIME),
    11: Meaning(it.KEY_INVALID, _PROGRAM),
    # Our keys are never used twice: somebody on the way has sent the request again.
    12: Meaning(it.KEY_REPEATED, _TIME, is_open=True),
    13: Meaning(it.PASSWORD_STRUCTURE, _PROGRAM),
    14: Meaning(it.DIGEST_MISSING, _PROGRAM),
    15: Meaning(it.DIGEST_DIFFERS, _PROGRAM),
    16: Meaning(it.CREATED_UNREADABLE, _PROGRAM),
    17: Meaning(it.PASSWORD_UNREADABLE, _PROGRAM),
    18: Meaning(it.DIGEST_UNREADABLE, _PROGRAM),
    19: Meaning(it.CREATED_MISSING, _PROGRAM),
    20: Meaning(it.KEY_MISSING, _PROGRAM),
    33: Meaning(it.SOAP_INVALID, _PROGRAM),
    50: Meaning(it.HEADER_EMPTY, _PROGRAM),
    51: Meaning(it.HEADER_WITHOUT_NIF, _ACCESS, _USER),
    52: Meaning(it.PERMISSION_UNCHECKED, _TIME),
    54: Meaning(it.NOT_PERMITTED, _ACCESS, _USER),
    99: Meaning(it.PASSWORD_REFUSED, _ACCESS, _PASSWORD),
}
"""Who asks, by the numbers of the services for series and documents."""

TRANSPORT_LOGIN: Meanings = {
    **LOGIN,
    9: LOGIN[19],
    10: LOGIN[9],
    11: LOGIN[10],
    12: LOGIN[20],
    13: LOGIN[12],
}

SERIES: Meanings = {
    4000: Meaning(it.XML_INVALID, _PROGRAM),
    4001: Meaning(it.SERIES_EXISTS, _DATA, ("name",)),
    4002: Meaning(it.FIELDS_MISSING, _DATA),
    4003: Meaning(it.FIELDS_WRONG, _DATA),
    4004: Meaning(it.NOT_CANCELLABLE, _DATA, ("name",)),
    4005: Meaning(it.NOT_FINISHABLE, _DATA, ("name",)),
    4043: Meaning(it.NO_ACTIVITY, _DATA, ("taxpayer",)),
    4045: Meaning(it.CLASS_UNKNOWN, _PROGRAM, ("facts.class",)),
    4046: Meaning(it.TYPE_NOT_IN_CLASS, _PROGRAM, ("facts.type",)),
    4047: Meaning(it.LAST_BEFORE_FIRST, _DATA, ("last_number",)),
    4048: Meaning(it.DATES_REVERSED, _DATA, ("registered_to",)),
    4049: Meaning(it.STARTS_IN_THE_PAST, _DATA, ("starts_on",)),
    4051: Meaning(it.REASON_UNKNOWN, _PROGRAM),
    5000: Meaning(it.TECHNICAL, _TIME, is_open=True),
}

DOCUMENTS: Meanings = {
    -1: Meaning(doc.DOCUMENT_INVALID, _DATA),
    -2: Meaning(doc.ALREADY_CANCELLED, _DATA),
    -3: Meaning(doc.OTHER_VALUES, _DATA),
    -4: Meaning(doc.DATE_INVALID, _DATA),
    -5: Meaning(doc.TYPE_INVALID, _PROGRAM),
    -6: Meaning(doc.STATUS_INVALID, _PROGRAM),
    -7: Meaning(doc.VALUES_ODD, _DATA),
    -8: Meaning(doc.EXEMPTION_INVALID, _DATA),
    -9: Meaning(doc.REJECTION_RECTIFIED, _DATA),
    -10: Meaning(doc.DOCUMENT_KNOWN, _DATA),
    -11: Meaning(doc.DOCUMENT_MISSING, _DATA),
    -12: Meaning(doc.NEW_STATUS_INVALID, _DATA),
    -14: Meaning(doc.ISSUER_DIFFERS, _DATA),
    -15: Meaning(doc.INPUT_INCOHERENT, _PROGRAM),
    -16: Meaning(doc.ISSUER_FORBIDDEN, _ACCESS),
    -17: Meaning(doc.NIF_INVALID, _DATA),
    -18: Meaning(doc.WORK_INCOHERENT, _PROGRAM),
    -19: Meaning(doc.WORK_MISSING, _DATA),
    -20: Meaning(doc.WORK_ODD, _DATA),
    -21: Meaning(doc.WORK_DATE, _DATA),
    -22: Meaning(doc.WORK_KNOWN, _DATA),
    -23: Meaning(doc.PAYMENT_ODD, _DATA),
    -24: Meaning(doc.PAYMENT_DATE, _DATA),
    -25: Meaning(doc.PAYMENT_KNOWN, _DATA),
    -26: Meaning(doc.STATUS_INCOHERENT, _PROGRAM),
    -27: Meaning(doc.STATUS_IN_FUTURE, _TIME),
    -28: Meaning(doc.INVOICE_INPUT, _PROGRAM),
    -29: Meaning(doc.WORK_INPUT, _PROGRAM),
    -30: Meaning(doc.PAYMENT_INPUT, _PROGRAM),
    -31: Meaning(doc.INVOICE_STATUS_INPUT, _PROGRAM),
    -32: Meaning(doc.WORK_STATUS_INPUT, _PROGRAM),
    -33: Meaning(doc.PAYMENT_STATUS_INPUT, _PROGRAM),
    -34: Meaning(doc.DELETION_INPUT, _PROGRAM),
    -35: Meaning(doc.WORK_DELETION_INPUT, _PROGRAM),
    -36: Meaning(doc.PAYMENT_DELETION_INPUT, _PROGRAM),
    -37: Meaning(doc.WORK_STATUS_FORBIDDEN, _DATA),
    -38: Meaning(doc.PAYMENT_MISSING, _DATA),
    -39: Meaning(doc.CERTIFICATE_INVALID, _PROGRAM),
    -43: Meaning(doc.NEW_STATUS_DATE, _DATA),
    -45: Meaning(doc.STATUS_DATE, _DATA),
    -50: Meaning(doc.INPUT_MISSING, _PROGRAM),
    -51: Meaning(doc.WORK_INPUT_MISSING, _PROGRAM),
    -97: Meaning(doc.AUTHORITY_INTERNAL, _TIME, is_open=True),
    -99: Meaning(doc.AUTHORITY_SYSTEM, _TIME, is_open=True),
    400: Meaning(doc.PERIOD_MIXED, _DATA),
    401: Meaning(doc.YEARS_MIXED, _DATA),
    474: Meaning(doc.START_MISSING, _PROGRAM),
    475: Meaning(doc.END_MISSING, _PROGRAM),
    477: Meaning(doc.LIST_EMPTY, _PROGRAM),
    478: Meaning(doc.LISTED_MISSING, _DATA),
    479: Meaning(doc.LISTED_DATE_MISSING, _PROGRAM),
    480: Meaning(doc.LISTED_NUMBER_MISSING, _PROGRAM),
    481: Meaning(doc.LISTED_TYPE_MISSING, _PROGRAM),
    482: Meaning(doc.LISTED_CUSTOMER_MISSING, _PROGRAM),
    483: Meaning(doc.LISTED_NUMBER_LONG, _PROGRAM),
    484: Meaning(doc.START_FORMAT, _PROGRAM),
    485: Meaning(doc.END_FORMAT, _PROGRAM),
    486: Meaning(doc.LISTED_DATE_FORMAT, _PROGRAM),
    489: Meaning(doc.FOREIGNER_INCOMPLETE, _DATA),
    490: Meaning(doc.CUSTOMERS_SEVERAL, _DATA),
    491: Meaning(doc.LISTED_TWICE, _PROGRAM),
}

TRANSPORT: Meanings = {
    -1: Meaning(gt.INPUT_INVALID, _PROGRAM),
    -2: Meaning(gt.GLOBAL_MISSING, _DATA),
    -3: Meaning(gt.NUMBER_KNOWN, _DATA),
    -4: Meaning(gt.CANCELLED_ALREADY, _DATA),
    -5: Meaning(gt.STATUS_INVALID, _PROGRAM),
    -6: Meaning(gt.STARTS_IN_THE_PAST, _DATA),
    -7: Meaning(gt.SENDER_DIFFERS, _ACCESS),
    -8: Meaning(gt.CODE_UNKNOWN, _DATA),
    -9: Meaning(gt.NUMBER_CHANGED, _DATA),
    -10: Meaning(gt.SENDER_INACTIVE, _DATA),
    -11: Meaning(gt.RECEIVER_CHANGED, _DATA),
    -12: Meaning(gt.SENDER_UNCHECKED, _TIME),
    -13: Meaning(gt.TRANSPORT_BEGAN, _DATA),
    -14: Meaning(gt.REFERENCE_TYPE, _DATA),
    -15: Meaning(gt.REFERRED_TO, _DATA),
    -16: Meaning(gt.DATE_CHANGED, _DATA),
    -17: Meaning(gt.TOLD_TOO_LATE, _DATA),
    -18: Meaning(gt.TYPE_CHANGED, _DATA),
    -19: Meaning(gt.SENDER_CHANGED, _DATA),
    -20: Meaning(gt.RECEIVER_INVALID, _DATA),
    -21: Meaning(gt.TOLD_TOO_EARLY, _TIME),
    -22: Meaning(gt.ATCUD_FORMAT, _PROGRAM),
    -23: Meaning(gt.ATCUD_SERIES, _DATA),
    -24: Meaning(gt.ATCUD_USED, _DATA),
    -25: Meaning(gt.ATCUD_UNCHECKED, _TIME),
    -26: Meaning(gt.ATCUD_DIFFERS, _DATA),
    -27: Meaning(gt.ATCUD_RESERVED, _DATA),
    -99: Meaning(gt.AUTHORITY_INTERNAL, _TIME, is_open=True),
    -20000: Meaning(gt.AUTHORITY_UNSPECIFIC, _TIME, is_open=True),
    -20001: Meaning(gt.ATCUD_DATA_MISSING, _PROGRAM),
    -20002: Meaning(gt.ATCUD_DATA_FORMAT, _PROGRAM),
    -20005: Meaning(gt.ATCUD_PAIR, _DATA),
    -20006: Meaning(gt.ATCUD_NOT_IN_FORCE, _DATA),
    -20007: Meaning(gt.ATCUD_OTHER_SERIES, _DATA),
    -20008: Meaning(gt.ATCUD_OTHER_NUMBER, _DATA),
    -20009: Meaning(gt.ATCUD_OUT_OF_RANGE, _DATA),
}


def refusal(
    meanings: Meanings, said: AuthorityWords, paths: Iterable[str] = ()
) -> Rejected | Later:
    """The answer for a number that is no success. One that no manual has tells nothing: nobody
    knows what became of the message."""
    meaning = meanings.get(int(said.code))
    if meaning is None:
        return Later(reason=f"the authority answers with an unknown number: {spoken(said)}")
    if meaning.is_open:
        return Later(reason=f"{meaning.code.id}: {meaning.code.text}: {spoken(said)}")
    return Rejected(
        faults=(fault(meaning.code, *(tuple(paths) or meaning.paths)),),
        remedy=meaning.remedy,
        said=said,
    )


def fault(code: Code, *paths: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=paths)


def spoken(said: AuthorityWords) -> str:
    return f"{said.code} {said.text}".strip()
