"""Elements read against a grammar: what is found, and what is complained of."""

from decimal import Decimal

import pytest
from lxml import etree

from fiscus.grammars.reading import Flaw, ReadElement, read
from fiscus.grammars.tables import UNREAD, Grammar
from fiscus.grammars.values import SimpleType

TYPES = {
    "text": SimpleType(base="string", low="1", high="5"),
    "amount": SimpleType(base="decimal", low="0"),
}
TABLES = {
    "order": """
        name text
        note* text
        cash|card? amount
        line+ line
        rest? unread
    """,
    "line": """
        amount amount
        remark? text
    """,
}
PLAIN = Grammar(tables=TABLES, simple_type=TYPES.__getitem__)
NAMED = Grammar(tables=TABLES, simple_type=TYPES.__getitem__, namespace="{urn:shop}")
GOOD = "<order><name>A</name><line><amount>2.50</amount></line></order>"


def reading(text: str, grammar: Grammar = PLAIN) -> tuple[ReadElement, list[tuple[str, str]]]:
    found: list[tuple[str, str]] = []
    node = read(
        etree.fromstring(text),
        grammar,
        "order",
        "order",
        lambda flaw, path: found.append((flaw.value, path)),
    )
    return node, found


def test_texts_and_parts_are_found_by_name() -> None:
    node, flaws = reading(
        "<order><name>A</name><note>x</note><note>y</note><card>1</card>"
        "<line><amount> 2.50 </amount></line><line><amount>3</amount></line></order>"
    )

    assert flaws == []
    assert (node.text("name"), node.text("cash"), node.amount("card")) == ("A", "", Decimal(1))
    assert (node.all_texts("note"), node.all_texts("name")) == (["x", "y"], ["A"])
    assert node.all_texts("cash") == []
    assert [line.amount("amount") for line in node.all("line")] == [Decimal("2.50"), Decimal(3)]
    assert node.part("line").amount("amount") == Decimal("2.50")
    assert node.part("other").path == "order/other"


def test_a_namespace_belongs_to_all_elements_or_none() -> None:
    assert reading(GOOD.replace("<order>", '<order xmlns="urn:shop">'), NAMED)[1] == []
    assert reading(GOOD, NAMED)[1][:2] == [("unknown", "order/name"), ("unknown", "order/line")]


@pytest.mark.parametrize(
    ("old", "new", "flaw", "path"),
    [
        ("<name>A</name>", "", Flaw.MISSING, "order/name"),
        ("<name>A</name>", "<name>A</name><name>B</name>", Flaw.REPEATED, "order/name"),
        (
            "<name>A</name>",
            "<name>A</name><cash>1</cash><card>1</card>",
            Flaw.REPEATED,
            "order/cash|card",
        ),
        ("<name>A</name>", "<name>A</name><more/>", Flaw.UNKNOWN, "order/more"),
        ("<name>A</name>", "<name>A</name>text", Flaw.STRAY_TEXT, "order"),
        ("<name>A</name>", '<name x="1">A</name>', Flaw.UNKNOWN, "order/name/@x"),
        ("<name>A</name>", "<name>ABCDEF</name>", Flaw.OUT_OF_BOUNDS, "order/name"),
        ("<name>A</name>", "<name><b/></name>", Flaw.MALFORMED, "order/name"),
        ("2.50", "much", Flaw.MALFORMED, "order/line/amount"),
        ("2.50", "-1", Flaw.OUT_OF_BOUNDS, "order/line/amount"),
        ("</line>", "</line><note>x</note>", Flaw.MISPLACED, "order/note"),
    ],
)
def test_what_a_table_does_not_allow_is_complained_of(
    old: str, new: str, flaw: Flaw, path: str
) -> None:
    assert reading(GOOD.replace(old, new))[1] == [(flaw.value, path)]


def test_what_is_unread_may_hold_anything() -> None:
    node, flaws = reading(GOOD.replace("</order>", '<rest a="1"><b>c</b></rest></order>'))

    assert (flaws, node.text("rest"), UNREAD) == ([], "", "unread")


def test_hints_for_a_schema_are_no_fault_and_nil_is() -> None:
    space = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'

    assert reading(GOOD.replace("<order>", f'<order {space} i:schemaLocation="a b">'))[1] == []
    assert reading(GOOD.replace("<name>", f'<name {space} i:nil="true">'))[1] != []


def test_an_amount_that_is_none_is_zero() -> None:
    for text in ("NaN", "1e5", "1_000", "x"):
        node, _ = reading(GOOD.replace("2.50", text))
        assert node.part("line").amount("amount") == 0
