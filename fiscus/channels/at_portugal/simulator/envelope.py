"""SOAP 1.1 as the authority speaks it: requests taken apart, answers and faults put together."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from fiscus.channels.at_portugal.simulator.refusals import INVALID_REQUEST, AuthenticationRefusal

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SECURITY = "http://schemas.xmlsoap.org/ws/2002/12/secext"

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_AUTHENTICATION = (
    "http://autenticacao.portaldasfinancas.gov.pt/services/ValidateCredencialService/2012/11"
)


class NotSoap(Exception):
    """The request is no SOAP message with one element in its body."""


@dataclass(frozen=True, kw_only=True)
class SoapRequest:
    """The parts of a request: the security header (None: there is none) and the body's element."""

    security: etree._Element | None
    body: etree._Element


@dataclass(frozen=True, kw_only=True)
class SoapAnswer:
    """What goes back: the status of HTTP and the text. `code` is the answer's own number."""

    status: int
    body: bytes
    code: str = ""
    content_type: str = "text/xml; charset=utf-8"


def opened(body: bytes) -> SoapRequest:
    """Take a request apart; no document type, no entity, no reference outwards is followed."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as trouble:
        raise NotSoap("the message is not well-formed XML") from trouble
    if root.getroottree().docinfo.doctype:
        raise NotSoap("the message carries a document type declaration")
    space = next((one for one in (SOAP_11, SOAP_12) if root.tag == f"{{{one}}}Envelope"), None)
    if space is None:
        raise NotSoap("the message is no SOAP envelope")
    content = root.find(f"{{{space}}}Body")
    if content is None or len(content) != 1:
        raise NotSoap("the body has not exactly one element")
    return SoapRequest(
        security=root.find(f"{{{space}}}Header/{{{SECURITY}}}Security"), body=content[0]
    )


def answered(content: str, code: str) -> SoapAnswer:
    """An answer whose body is `content`."""
    text = (
        f'{_DECLARATION}<S:Envelope xmlns:S="{SOAP_11}"><S:Header>'
        '<WorkContext xmlns="http://oracle.com/weblogic/soap/workarea/">RmlzY3VzIFRFU1Q=</WorkContext>'
        f"</S:Header><S:Body>{content}</S:Body></S:Envelope>"
    )
    return SoapAnswer(status=200, body=text.encode(), code=code)


def not_authenticated(refusal: AuthenticationRefusal) -> SoapAnswer:
    """The fault that says who asks is not known, or not let in."""
    text = (
        f'{_DECLARATION}<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP_11}" xmlns:ns="{_AUTHENTICATION}">'
        "<SOAP-ENV:Header/><SOAP-ENV:Body><SOAP-ENV:Fault>"
        "<faultcode>Client.Authentication</faultcode>"
        "<faultstring>A autenticação do contribuinte falhou.</faultstring><faultactor/>"
        "<detail><ns:AuthenticationException><AuthenticationFailed>"
        f"<Code>{refusal.code}</Code><Message>{escape(refusal.text)}</Message>"
        f"<NumberOfTriesRemaining>{refusal.tries}</NumberOfTriesRemaining>"
        "</AuthenticationFailed></ns:AuthenticationException></detail>"
        "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return SoapAnswer(status=500, body=text.encode(), code=str(refusal.code))


def fault(text: str, code: str = str(INVALID_REQUEST)) -> SoapAnswer:
    """A fault about the message itself."""
    body = (
        f'{_DECLARATION}<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP_11}"><SOAP-ENV:Header/>'
        f"<SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>{escape(code)}</faultcode>"
        f"<faultstring>{escape(text)}</faultstring><detail/>"
        "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return SoapAnswer(status=500, body=body.encode(), code=code)


def internal_error() -> SoapAnswer:
    """A fault of SOAP 1.2 without detail, as a machine in front of the service gives it."""
    body = (
        f"{_DECLARATION}<env:Envelope xmlns:env='{SOAP_12}'><env:Body><env:Fault>"
        "<env:Code><env:Value>env:Receiver</env:Value></env:Code>"
        '<env:Reason><env:Text xml:lang="en-US">Internal Error (simulated)</env:Text></env:Reason>'
        "</env:Fault></env:Body></env:Envelope>"
    )
    return SoapAnswer(status=500, body=body.encode(), code="internal")


def element(name: str, text: object) -> str:
    """`<name>text</name>`, or nothing where the text is empty."""
    return f"<{name}>{escape(str(text))}</{name}>" if text not in ("", None) else ""
