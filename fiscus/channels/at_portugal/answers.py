"""Reads what a service answers; whatever is not understood for certain counts as no answer."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from lxml import etree

from fiscus.channels import AuthorityWords, Later, Rejected, Remedy
from fiscus.channels.at_portugal.envelope import SOAP
from fiscus.channels.at_portugal.errors import LOGIN_UNKNOWN
from fiscus.channels.at_portugal.meanings import Meanings, fault, refusal, spoken
from fiscus.channels.at_portugal.transport import HttpAnswer
from fiscus.model.times import zone

TIMEZONE = "Europe/Lisbon"
TYPES = frozenset({"text/xml", "application/soap+xml", "application/xml"})
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
AUTHENTICATION = (
    "http://autenticacao.portaldasfinancas.gov.pt/services/ValidateCredencialService/2012/11"
)
WORDS_LENGTH_MAX = 1_000
_NUMBER = re.compile("-?[0-9]{1,25}")
_READABLE = (200, 500)
"""SOAP 1.1 answers with 200, and with 500 where it has a fault to tell."""


class NotUnderstood(Exception):
    """The answer says nothing for certain: why is in the message."""


def content(answer: HttpAnswer, name: str, login: Meanings) -> etree._Element | Rejected | Later:
    """The element of that name (`{namespace}local`) in the body of the answer; else what a fault
    in its place means, by the numbers of the check of who asks."""
    try:
        body = _body(answer)
        if body.tag == name and answer.status == 200:
            return body
        if body.tag == f"{{{SOAP}}}Fault":
            return _fault(body, login)
        raise NotUnderstood(f"status {answer.status} with another content than was asked for")
    except NotUnderstood as trouble:
        return Later(reason=str(trouble))


def _body(answer: HttpAnswer) -> etree._Element:
    """The one element in the body of the envelope."""
    if answer.status not in _READABLE:
        raise NotUnderstood(f"status {answer.status}")
    if answer.type not in TYPES:
        raise NotUnderstood(f"status {answer.status} with a body of type {answer.type}")
    root = parsed(answer.body)
    if root.tag == f"{{{SOAP_12}}}Envelope":
        raise NotUnderstood(f"status {answer.status} with a fault of SOAP 1.2")
    found = root.findall(f"{{{SOAP}}}Body")
    if root.tag != f"{{{SOAP}}}Envelope" or len(found) != 1 or len(found[0]) != 1:
        raise NotUnderstood(f"status {answer.status} without a SOAP envelope")
    return found[0][0]


def parsed(data: bytes) -> etree._Element:
    """The root of a document without a DTD. Raises `NotUnderstood`."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotUnderstood("the body is no XML, or not all of it") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotUnderstood("the body has a DTD")
    return root


def _fault(found: etree._Element, login: Meanings) -> Rejected | Later:
    """A fault whose number is one of the check of who asks is a refusal; of all others nobody knows
    what has taken effect before them."""
    refused = found.find(f".//{{{AUTHENTICATION}}}AuthenticationException")
    if refused is not None:
        return _login(refused, login)
    code, words = said_in(found, "faultcode"), said_in(found, "faultstring")
    said = AuthorityWords(code=code, text=words)
    if code.isascii() and code.isdecimal() and int(code) in login:
        return refusal(login, said)
    return Later(reason=f"a SOAP fault: {spoken(said)}")


def _login(found: etree._Element, login: Meanings) -> Rejected | Later:
    told = {etree.QName(one).localname: _text(one) for one in found.iter() if not len(one)}
    words = " ".join(told.get("Message", "").split())[:WORDS_LENGTH_MAX]
    tries = told.get("NumberOfTriesRemaining", "")
    if tries.isascii() and tries.isdecimal():
        words += f" (NumberOfTriesRemaining {tries})"
    said = AuthorityWords(code=told.get("Code", ""), text=words)
    if not said.code.isascii() or not said.code.isdecimal() or int(said.code) not in login:
        return Rejected(faults=(fault(LOGIN_UNKNOWN),), remedy=Remedy.ACCESS, said=said)
    return refusal(login, said)


def _text(found: etree._Element) -> str:
    return (found.text or "").strip()


def said_in(found: etree._Element, name: str) -> str:
    """The text of a child by its name (`{namespace}local`, or without namespace), on one line;
    empty if there is no such child. Raises `NotUnderstood` if there are several."""
    children = found.findall(name)
    if len(children) > 1:
        raise NotUnderstood(f"{etree.QName(name).localname} stands there {len(children)} times")
    text = "".join(_texts(children[0])) if children else ""
    return " ".join(text.split())[:WORDS_LENGTH_MAX]


def _texts(found: etree._Element) -> Iterator[str]:
    if len(found):
        raise NotUnderstood(f"{etree.QName(found).localname} holds more than a text")
    yield found.text or ""


def number_in(found: etree._Element, name: str) -> int:
    """Raises `NotUnderstood` if the child is missing or no whole number."""
    text = said_in(found, name)
    if not _NUMBER.fullmatch(text):
        raise NotUnderstood(f"{etree.QName(name).localname} is no number")
    return int(text)


def date_in(found: etree._Element, name: str) -> date:
    """Raises `NotUnderstood` if the child is missing or no date; a zone behind it is left out."""
    try:
        return date.fromisoformat(said_in(found, name)[:10])
    except ValueError:
        raise NotUnderstood(f"{etree.QName(name).localname} is no date") from None


def instant_in(found: etree._Element, name: str) -> datetime | None:
    """The instant in UTC, None if the child is missing; a time without a zone is Lisbon's."""
    text = said_in(found, name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotUnderstood(f"{etree.QName(name).localname} is no time") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone(TIMEZONE))).astimezone(UTC)
