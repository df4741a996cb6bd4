"""What a TSE answers when it will not, or cannot.

To the outside: `TseDown`, and `TseRefused` with a reason; to the law both are an outage. Inside the
software TSE: one exception per error of the guideline, by its name in TR-03151-1; where the older
guideline had another one, the class says so in `older`, and a device of version 2 reports it.
"""

from typing import ClassVar

from fiscus.signers import SignerDown

_PARTICULAR = frozenset(
    {
        "ErrorTransactionNumberNotFound",
        "ErrorNoTransaction",
        "ErrorClientNotRegistered",
        "ErrorLimitOfSimultaneousOpenTransactionsReached",
        "ErrorMaxNumberOfClientsReached",
        "ErrorParameterMismatch",
        "ErrorClientIdNotFound",
        "ErrorIdNotFound",
        "ErrorNoDataAvailable",
        "ErrorTooManyRecords",
        "E_TRANSACTION_NUMBER_NOT_FOUND",
        "E_NO_TRANSACTION",
        "E_CLIENT_NOT_REGISTERED",
        "E_LIMIT_OF_SIMULTANEOUS_OPEN_TRANSACTIONS_REACHED",
        "E_MAX_NUMBER_OF_CLIENTS_REACHED",
        "E_PARAMETER_MISMATCH",
        "E_CLIENT_ID_NOT_FOUND",
        "E_ID_NOT_FOUND",
        "E_NO_DATA_AVAILABLE",
        "E_TOO_MANY_RECORDS",
        "E_TX_NOT_FOUND",
        "E_TX_UPSERT",
        "E_TX_STATE",
        "E_CLIENT_NOT_FOUND",
        "E_EXPORT_NOT_FOUND",
        "E_BAD_REQUEST",
    }
)
"""Refusals that blame what was asked, in the guideline's words and in the cloud's."""


class TseDown(SignerDown):
    """The TSE does not answer, or its answer cannot be understood."""


class TseRefused(TseDown):
    """The TSE answered with an error; `name` is the guideline's or the provider's."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(f"{name}: {text}" if text else name)
        self.name = name
        self.is_particular = name in _PARTICULAR


class TseError(Exception):
    """An error of the TSE's interface; `name(version)` is what the guideline calls it."""

    older: ClassVar[str] = ""

    @classmethod
    def name(cls, version: int) -> str:
        return cls.older if version == 2 and cls.older else cls.__name__


class ErrorSeApiNotInitialized(TseError):
    """The device was never initialized."""


class ErrorSeApiAlreadyInitialized(TseError):
    """A device is initialized once."""


class ErrorSecureElementDisabled(TseError):
    """The device was put out of service for good; exports still work."""


class ErrorUserNotAuthenticated(TseError):
    """Nobody is logged in who could do this."""


class ErrorUserNotAuthorized(TseError):
    """Whoever is logged in may not do this."""


class ErrorUserIdNotAuthenticated(TseError):
    """The user to log out is not logged in."""


class ErrorTimeNotSet(TseError):
    """The clock was never set: nothing can be recorded yet."""


class ErrorTransactionLoggingLocked(TseError):
    """An administrator locked the recording of transactions."""


class ErrorLimitOfSimultaneousOpenTransactionsReached(TseError):
    """Finish some transactions first."""


class ErrorMaxNumberOfClientsReached(TseError):
    """Deregister some clients first."""


class ErrorClientNotRegistered(TseError):
    """The client is not registered."""


class ErrorClientAlreadyRegistered(TseError):
    """The client is registered already."""


class ErrorTransactionNumberNotFound(TseError):
    """No such transaction, or it is finished."""

    older = "ErrorNoTransaction"


class ErrorExportTransactionNumberNotFound(TseError):
    """No transaction of that number is stored. Both guidelines use one name for it."""

    @classmethod
    def name(cls, version: int) -> str:
        return "ErrorTransactionNumberNotFound"


class ErrorClientIdNotFound(TseError):
    """The client was never registered."""

    older = "ErrorIdNotFound"


class ErrorParameterMismatch(TseError):
    """The arguments contradict each other or are not what they should be."""


class ErrorNoDataAvailable(TseError):
    """Nothing is stored that fits."""


class ErrorTooManyRecords(TseError):
    """More is stored than was allowed to be exported."""


class ErrorUnexportedLogMessages(TseError):
    """Export first, then delete."""

    older = "ErrorUnexportedStoredData"


class ErrorNoLogMessage(TseError):
    """No message was ever written."""


class ErrorCertificateExpired(TseError):
    """The message was signed and stored, but the certificate is no longer valid."""


class ErrorStartTransactionFailed(TseError):
    """The start could not be signed; its number is consumed."""


class ErrorUpdateTransactionFailed(TseError):
    """The update could not be signed."""


class ErrorFinishTransactionFailed(TseError):
    """The end could not be signed; the transaction is still open."""


class ErrorSigningSystemOperationDataFailed(TseError):
    """A system log could not be signed."""


class ErrorStorageFailure(TseError):
    """The device's memory cannot be read or written."""
