"""SOAP 1.1 envelopes, document/literal, as text: what stands in them is escaped here."""

from fiscus.model.xml_text import allowed, escaped

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def element(name: str, *children: str) -> str:
    """An element with children, which are XML already."""
    return f"<{name}>{''.join(children)}</{name}>"


def text(name: str, value: object) -> str:
    """An element with a text, which is escaped."""
    return f"<{name}>{escaped(allowed(str(value)))}</{name}>"


def text_if(name: str, value: object) -> str:
    """The same, and nothing at all for an empty text and None."""
    return "" if value is None or value == "" else text(name, value)


def qualified(name: str, namespace: str, *children: str) -> str:
    """The element of an operation whose children are all of its namespace."""
    return f'<{name} xmlns="{namespace}">{"".join(children)}</{name}>'


def prefixed(name: str, namespace: str, *children: str) -> str:
    """The element of an operation whose children have no namespace."""
    return f'<at:{name} xmlns:at="{namespace}">{"".join(children)}</at:{name}>'


def envelope(header: str, body: str) -> bytes:
    """The whole message; header and body are XML already."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<S:Envelope xmlns:S="{SOAP}"><S:Header>{header}</S:Header>'
        f"<S:Body>{body}</S:Body></S:Envelope>"
    ).encode()
