"""Series at the authority: registered, asked for, finished, cancelled (portugal.md 5.3).

Whose series are meant, the authority takes from the user name. The names of what is told have no
namespace, and stand in the order of the WSDL.
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree
from msgspec.structs import replace

from fiscus.channels import (
    Accepted,
    Answer,
    AuthorityWords,
    CancelSeries,
    FinishSeries,
    Known,
    KnownSeries,
    Later,
    Message,
    RegisterSeries,
    Rejected,
    SeriesPurpose,
    SeriesQuery,
    SeriesStanding,
)
from fiscus.channels.at_portugal.answers import (
    NotUnderstood,
    content,
    date_in,
    instant_in,
    number_in,
    said_in,
)
from fiscus.channels.at_portugal.client import AtClient
from fiscus.channels.at_portugal.envelope import prefixed, text, text_if
from fiscus.channels.at_portugal.login import login
from fiscus.channels.at_portugal.meanings import LOGIN, SERIES, refusal

NAMESPACE = "http://at.gov.pt/"
REGISTERED, LISTED, CANCELLED, FINISHED = 2001, 2002, 2003, 2004
BY_ERROR = "ER"
"""The one reason for which a registration is undone."""

PURPOSES = {
    "N": SeriesPurpose.NORMAL,
    "F": SeriesPurpose.TRAINING,
    "R": SeriesPurpose.RECOVERY,
}
STANDINGS = {
    "A": SeriesStanding.ACTIVE,
    "N": SeriesStanding.CANCELLED,
    "F": SeriesStanding.FINISHED,
}
REASON_LENGTH_MAX = 4000

_LETTERS = {purpose: letter for letter, purpose in PURPOSES.items()}
_STATES = {standing: letter for letter, standing in STANDINGS.items()}
_CODE = re.compile("[0-9A-Za-z]{8,40}")
_FIELDS = {
    "serie": "name",
    "tipoSerie": "purpose",
    "classeDoc": "facts.class",
    "tipoDoc": "facts.type",
    "numInicialSeq": "first_number",
    "dataInicioPrevUtiliz": "starts_on",
    "numCertSWFatur": "facts.certificate",
    "meioProcessamento": "facts.processing",
    "codValidacaoSerie": "reference",
    "seqUltimoDocEmitido": "last_number",
    "justificacao": "reason",
    "dataRegistoDe": "registered_from",
    "dataRegistoAte": "registered_to",
    "estado": "standing",
}
"""The authority's names of fields, which it puts into the text of a refusal, and ours."""

_FACTS = {
    "class": "classeDoc",
    "type": "tipoDoc",
    "certificate": "numCertSWFatur",
    "processing": "meioProcessamento",
}


def send(client: AtClient, message: Message, credentials: Mapping[str, str]) -> Answer:
    """Register, finish or cancel a series. Of one that is registered the answer has the code."""
    match message:
        case RegisterSeries():
            operation, body, success = "registarSerie", registering(message), REGISTERED
        case FinishSeries():
            operation, body, success = "finalizarSerie", finishing(message), FINISHED
        case CancelSeries():
            operation, body, success = "anularSerie", cancelling(message), CANCELLED
    answer = _asked(client, message.taxpayer, operation, body, credentials)
    if isinstance(answer, Rejected | Later):
        return answer
    try:
        return _meant(answer, message, success)
    except NotUnderstood as trouble:
        return Later(reason=str(trouble))


def ask(client: AtClient, message: Message, credentials: Mapping[str, str]) -> Known:
    """The series of that type and name, whoever registered it and whatever became of it."""
    query = SeriesQuery(taxpayer=message.taxpayer, document_type=_kind(message), name=message.name)
    found = listed(client, query, credentials)
    if not isinstance(found, tuple):
        return found
    wanted = (_kind(message), message.name.lower())
    for one in found:
        if (one.series.document_type, one.series.name.lower()) == wanted:
            return _spelled(one, message)
    return Rejected(faults=())


def listed(
    client: AtClient, query: SeriesQuery, credentials: Mapping[str, str]
) -> tuple[KnownSeries, ...] | Rejected | Later:
    """All series of the taxpayer that the query fits."""
    answer = _asked(client, query.taxpayer, "consultarSeries", querying(query), credentials)
    if isinstance(answer, Rejected | Later):
        return answer
    try:
        said = _said(answer)
        if int(said.code) != LISTED:
            return _refused(said)
        return tuple(_known(one, query.taxpayer) for one in answer.findall("infoSerie"))
    except NotUnderstood as trouble:
        return Later(reason=str(trouble))


def registering(message: RegisterSeries) -> str:
    """The body that registers a series."""
    facts = message.facts
    return prefixed(
        "registarSerie",
        NAMESPACE,
        text("serie", message.name),
        text("tipoSerie", _LETTERS[message.purpose]),
        text("classeDoc", facts.get("class", "")),
        text("tipoDoc", _kind(message)),
        text("numInicialSeq", message.first_number),
        text("dataInicioPrevUtiliz", message.starts_on),
        text("numCertSWFatur", facts.get("certificate", "")),
        text("meioProcessamento", facts.get("processing", "")),
    )


def finishing(message: FinishSeries) -> str:
    """The body that closes a series after its last number."""
    return prefixed(
        "finalizarSerie",
        NAMESPACE,
        *_named(message),
        text("seqUltimoDocEmitido", message.last_number),
        text_if("justificacao", message.reason[:REASON_LENGTH_MAX]),
    )


def cancelling(message: CancelSeries) -> str:
    """The body that undoes a registration. Nothing of the series may have been issued: whoever
    sends it says so."""
    return prefixed(
        "anularSerie",
        NAMESPACE,
        *_named(message),
        text("motivo", BY_ERROR),
        text("declaracaoNaoEmissao", "true"),
    )


def querying(query: SeriesQuery) -> str:
    """The body that asks for series."""
    standing = query.standing
    return prefixed(
        "consultarSeries",
        NAMESPACE,
        text_if("serie", query.name),
        text_if("tipoDoc", query.document_type),
        text_if("dataRegistoDe", query.registered_from),
        text_if("dataRegistoAte", query.registered_to),
        text_if("estado", _STATES[standing] if standing else ""),
    )


def _kind(message: Message) -> str:
    """The type of document as the law calls it."""
    return message.facts.get("type") or message.document_type


def _named(message: FinishSeries | CancelSeries) -> Iterator[str]:
    yield text("serie", message.name)
    yield text("classeDoc", message.facts.get("class", ""))
    yield text("tipoDoc", _kind(message))
    yield text("codValidacaoSerie", message.reference)


def _asked(
    client: AtClient, taxpayer: str, operation: str, body: str, credentials: Mapping[str, str]
) -> etree._Element | Rejected | Later:
    """The part of the answer that holds series and result."""
    who = login(credentials, taxpayer)
    if isinstance(who, Rejected):
        return who
    answer = client.call(client.series, who, body)
    if isinstance(answer, Later):
        return answer
    found = content(answer, f"{{{NAMESPACE}}}{operation}Response", LOGIN)
    if isinstance(found, Rejected | Later):
        return found
    inner = found.find(f"{operation}Resp")
    return inner if inner is not None else Later(reason=f"the answer to {operation} is empty")


def _meant(found: etree._Element, message: Message, success: int) -> Accepted | Rejected | Later:
    said = _said(found)
    if int(said.code) != success:
        return _refused(said)
    if not isinstance(message, RegisterSeries):
        return Accepted(reference=message.reference, said=said)
    for one in found.findall("infoSerie"):
        known = _known(one, message.taxpayer)
        there = (known.series.document_type, known.series.name.lower())
        if there == (_kind(message), message.name.lower()):
            return Accepted(reference=known.reference, said=said)
    raise NotUnderstood("the answer does not tell the series that was registered")


def _said(found: etree._Element) -> AuthorityWords:
    result = found.find("infoResultOper")
    if result is None:
        raise NotUnderstood("the answer has no result")
    code = number_in(result, "codResultOper")
    return AuthorityWords(code=str(code), text=said_in(result, "msgResultOper"))


def _refused(said: AuthorityWords) -> Rejected | Later:
    """The refusal, with the fields that its text names."""
    words = re.findall(r"[^\W\d_]+", said.text)
    named = [_FIELDS[word] for word in words if word in _FIELDS]
    return refusal(SERIES, said, named if int(said.code) in (4002, 4003) else ())


def _known(found: etree._Element, taxpayer: str) -> KnownSeries:
    purpose, standing = said_in(found, "tipoSerie"), said_in(found, "estado")
    code, kind = said_in(found, "codValidacaoSerie"), said_in(found, "tipoDoc")
    name = said_in(found, "serie")
    if purpose not in PURPOSES or standing not in STANDINGS or not _CODE.fullmatch(code):
        raise NotUnderstood("a series in the answer has a kind, a state or a code that is none")
    if not kind or not name:
        raise NotUnderstood("a series in the answer has no name")
    facts = {fact: said_in(found, field) for fact, field in _FACTS.items()}
    return KnownSeries(
        series=RegisterSeries(
            taxpayer=taxpayer,
            document_type=kind,
            name=name,
            purpose=PURPOSES[purpose],
            first_number=number_in(found, "numInicialSeq"),
            starts_on=date_in(found, "dataInicioPrevUtiliz"),
            facts={fact: value for fact, value in facts.items() if value},
        ),
        standing=STANDINGS[standing],
        reference=code,
        registered_on=date_in(found, "dataRegisto"),
        last_number=_number_if(found, "seqUltimoDocEmitido"),
        standing_at=instant_in(found, "dataEstado"),
    )


def _number_if(found: etree._Element, name: str) -> int | None:
    return number_in(found, name) if said_in(found, name) else None


def _spelled(known: KnownSeries, message: Message) -> KnownSeries:
    """The series with the number of the certificate as we write it: the authority leaves out zeros
    before it."""
    ours, theirs = message.facts.get("certificate", ""), known.series.facts.get("certificate", "")
    if ours == theirs or ours.lstrip("0") != theirs.lstrip("0"):
        return known
    facts = {**known.series.facts, "certificate": ours}
    return replace(known, series=replace(known.series, facts=facts))
