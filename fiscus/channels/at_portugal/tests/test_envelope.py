"""Envelopes are XML whatever stands in them."""

from lxml import etree

from fiscus.channels.at_portugal import envelope as soap
from fiscus.channels.at_portugal.tests.wsdl import CLEAN, NASTY

NAMESPACE = "urn:of:a:service"


def test_a_text_arrives_as_it_was_written() -> None:
    body = soap.prefixed("one", NAMESPACE, soap.element("two", soap.text("three", NASTY)))

    root = etree.fromstring(soap.envelope("", body))

    one = root[1][0]
    assert (root[0].tag, root[1].tag) == (f"{{{soap.SOAP}}}Header", f"{{{soap.SOAP}}}Body")
    assert (one.tag, one[0].tag) == (f"{{{NAMESPACE}}}one", "two")
    assert one[0][0].text == CLEAN


def test_children_are_of_the_namespace_or_of_none() -> None:
    qualified = etree.fromstring(soap.qualified("one", NAMESPACE, soap.text("two", 2)))
    prefixed = etree.fromstring(soap.prefixed("one", NAMESPACE, soap.text("two", 2)))

    assert qualified.tag == prefixed.tag == f"{{{NAMESPACE}}}one"
    assert (qualified[0].tag, prefixed[0].tag) == (f"{{{NAMESPACE}}}two", "two")


def test_what_is_empty_is_left_out_if_it_may() -> None:
    assert soap.text_if("a", "") == soap.text_if("a", None) == ""
    assert soap.text_if("a", 0) == "<a>0</a>"
    assert soap.text("a", "") == "<a></a>"
