"""Documents that the law obliges to be told: sent, and what is said to them (portugal.md 5.4)."""

from collections.abc import Mapping

from fiscus.channels import (
    NOT_OFFERED_HERE,
    Accepted,
    Answer,
    AuthorityWords,
    Later,
    ObligationReport,
    Rejected,
    Remedy,
    ReportedDocument,
    ReportKind,
)
from fiscus.channels.at_portugal import documents, reported
from fiscus.channels.at_portugal.answers import NotUnderstood, content, number_in, said_in
from fiscus.channels.at_portugal.client import AtClient
from fiscus.channels.at_portugal.document_errors import NO_NEW_STATUS, REASON_LENGTH
from fiscus.channels.at_portugal.documents import NAMESPACE, ReportedFamily
from fiscus.channels.at_portugal.login import login
from fiscus.channels.at_portugal.meanings import DOCUMENTS, LOGIN, fault, refusal
from fiscus.model.xml_text import clean

CANCELLED = "A"
DONE = 0

REGISTER, CHANGE, DELETE = "Register{}", "Change{}Status", "Delete{}"

ALREADY_DONE: Mapping[str, frozenset[int]] = {
    REGISTER: frozenset({-9, -10, -22, -25}),
    CHANGE: frozenset({-12, -37}),
    DELETE: frozenset({478}),
}
"""What is answered to a message that has taken effect before: after one of our own whose answer was
lost, it has. A document that was cancelled gets no other status any more, and one that was deleted
is not known."""


def report(client: AtClient, told: ObligationReport, credentials: Mapping[str, str]) -> Answer:
    """Tell of a sealed document: that it was issued, that it was cancelled, or that it be
    forgotten."""
    document = told.document
    if document is None:
        return Rejected(faults=(NOT_OFFERED_HERE,), remedy=Remedy.PROGRAM)
    match told.kind:
        case ReportKind.DOCUMENT:
            body = documents.registering(
                reported.issuer(document),
                reported.certificate(document),
                reported.content(document),
            )
            return sent(client, REGISTER, body, credentials, was_sent=told.was_sent)
        case ReportKind.STATUS:
            return _cancelled(client, document, credentials, was_sent=told.was_sent)
        case ReportKind.DELETION:
            reason = clean(told.reason, documents.REASON_LENGTH.stop - 1)
            if len(reason) not in documents.REASON_LENGTH:
                return Rejected(faults=(fault(REASON_LENGTH, "reason"),))
            body = documents.deleting(
                reported.issuer(document), (reported.header(document),), reason
            )
            return sent(client, DELETE, body, credentials, was_sent=told.was_sent)
    return Rejected(faults=(NOT_OFFERED_HERE,), remedy=Remedy.PROGRAM)


def _cancelled(
    client: AtClient,
    document: ReportedDocument,
    credentials: Mapping[str, str],
    *,
    was_sent: bool,
) -> Answer:
    if document.void is None:
        return Rejected(faults=(fault(NO_NEW_STATUS),), remedy=Remedy.PROGRAM)
    body = documents.changing_status(
        reported.issuer(document), reported.header(document), CANCELLED, document.void.at
    )
    return sent(client, CHANGE, body, credentials, was_sent=was_sent)


def sent(
    client: AtClient,
    operation: str,
    body: str,
    credentials: Mapping[str, str],
    *,
    family: ReportedFamily = ReportedFamily.INVOICE,
    was_sent: bool = False,
) -> Answer:
    """Send one message about documents, as `documents` makes them: `REGISTER`, `CHANGE` or
    `DELETE`. `was_sent`: the same message was sent before, and its answer was lost.

    The reference of what is accepted is the authority's own time of it, empty if it was done
    before.
    """
    who = login(credentials)
    if isinstance(who, Rejected):
        return who
    answer = client.call(client.documents, who, body)
    if isinstance(answer, Later):
        return answer
    name = operation.format(family.value.family)
    found = content(answer, f"{{{NAMESPACE}}}{name}Response", LOGIN)
    if isinstance(found, Rejected | Later):
        return found
    result = found.find(f"{{{NAMESPACE}}}Response")
    if result is None:
        return Later(reason=f"the answer to {name} is empty")
    try:
        code = number_in(result, f"{{{NAMESPACE}}}CodigoResposta")
        words = said_in(result, f"{{{NAMESPACE}}}Mensagem")
        at = said_in(result, f"{{{NAMESPACE}}}DataOperacao")
    except NotUnderstood as trouble:
        return Later(reason=str(trouble))
    said = AuthorityWords(code=str(code), text=words)
    if code == DONE:
        return Accepted(reference=at, said=said)
    if was_sent and code in ALREADY_DONE[operation]:
        return Accepted(reference="", said=said)
    return refusal(DOCUMENTS, said)
