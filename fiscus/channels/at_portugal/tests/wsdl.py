"""The authority's WSDLs as strangers read them: zeep, and the schema in them by libxml2."""

from functools import cache
from pathlib import Path
from typing import Any

import zeep
from lxml import etree

NASTY = 'Pão & "queijo" <d\'Évora> ]]> \x00 €'
CLEAN = NASTY.replace("\x00", "\ufffd")
"""A text with all that XML is touchy about, and how it arrives."""

SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"


class Wsdl:
    """One service. `schema`: what stands in the WSDL, judged with all its bounds."""

    def __init__(self, file: Path) -> None:
        self.client = zeep.Client(str(file))
        found = next(etree.parse(file).iter(SCHEMA))
        self.schema = etree.XMLSchema(etree.fromstring(etree.tostring(found)))

    def read(self, body: str | etree._Element) -> Any:
        """What zeep reads; strictly: elements that are too much or out of order are refused."""
        root = etree.fromstring(body) if isinstance(body, str) else body
        return self._element(root).parse(root, self.client.wsdl.types)

    def expect_good(self, body: str, *, is_written_again: bool = True) -> Any:
        """The message as zeep reads it. It is what the schema allows, and zeep would write the
        same again; except that it leaves out a zero which is one of two choices."""
        root = etree.fromstring(body)
        self.schema.assertValid(root)
        value = self.read(root)
        holder = etree.Element("holder")
        self._element(root).render(holder, value)
        assert not is_written_again or shape(holder[0]) == shape(root)
        return value

    def _element(self, root: etree._Element) -> Any:
        return self.client.get_element(root.tag)


@cache
def wsdl(file: Path) -> Wsdl:
    return Wsdl(file)


def shape(found: etree._Element) -> Any:
    """Names, texts and order, whatever the prefixes; numbers as numbers."""
    text = (found.text or "").strip()
    return found.tag, _plain(text), [shape(one) for one in found]


def _plain(text: str) -> str:
    try:
        whole, _, rest = text.partition(".")
        return f"{int(whole)}.{rest.rstrip('0')}".rstrip(".")
    except ValueError:
        return text
