"""What the work of one operation ends in."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OperationAnswer:
    """The content of the answer's body, the service's own number, and what it was about (a series
    or a document, for the list of requests)."""

    content: str
    code: str
    subject: str = ""
