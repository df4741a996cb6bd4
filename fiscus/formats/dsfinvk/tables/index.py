"""The index.xml that tells an auditor's program how to read the files."""

from collections.abc import Iterator

import msgspec

from fiscus.formats.dsfinvk.tables import dtd
from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tables.columns import Column, ColumnNeed, TableLayout, exact
from fiscus.formats.dsfinvk.tables.master import TSE

FILE = "index.xml"
COMMENT = "Datentraegerueberlassung nach GDPdU vom 12.11.2010"
MEDIUM = "CD Nummer 1"
CERTIFICATE_PARTS = 2

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Supplier(msgspec.Struct, frozen=True, kw_only=True):
    """Who hands the data over; the official file leaves both empty."""

    name: str = ""
    city: str = ""


def index_xml(supplier: Supplier, certificate_parts: int = CERTIFICATE_PARTS) -> bytes:
    """The file as published for version 2.3, which fits 2.4: BOM, CRLF, last line unended."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<!DOCTYPE DataSet SYSTEM "{dtd.FILE}">',
        "<DataSet>",
        "  <Version>1.0</Version>",
        "  <DataSupplier>",
        f"    {_element('Name', supplier.name)}",
        f"    {_element('Location', supplier.city)}",
        f"    {_element('Comment', COMMENT)}",
        "  </DataSupplier>",
        "  <Media>",
        f"    {_element('Name', MEDIUM)}",
    ]
    for table in TABLES:
        lines += _table(table, columns(table, certificate_parts))
    lines += ["  </Media>", "</DataSet>"]
    return "\r\n".join(lines).encode("utf-8-sig")


def columns(table: TableLayout, certificate_parts: int) -> tuple[Column, ...]:
    """The columns of a table; a long certificate adds some behind those of `tse.csv`."""
    if table is not TSE:
        return table.all
    return table.all + tuple(_certificate(part) for part in range(3, certificate_parts + 1))


def _certificate(part: int) -> Column:
    """`TSE_ZERTIFIKAT_III` and so on, declared as the second one is."""
    return exact(
        f"TSE_ZERTIFIKAT_{_roman(part)}",
        TSE.columns[-1].length,
        TSE.columns[-1].description,
        str,
        need=ColumnNeed.MAYBE,
    )


def _roman(number: int) -> str:
    """Roman numerals up to 39: no certificate has more parts."""
    assert 0 < number < 40
    ones = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    return "X" * (number // 10) + ones[number % 10]


def _table(table: TableLayout, columns: tuple[Column, ...]) -> Iterator[str]:
    yield "    <Table>"
    yield f"      <URL>{table.file}</URL>"
    yield f"      <Name>{table.name}</Name>"
    yield f"      <Description>{table.file}</Description>"
    yield "      <UTF8 />"
    yield "      <DecimalSymbol>,</DecimalSymbol>"
    yield "      <DigitGroupingSymbol>.</DigitGroupingSymbol>"
    yield "      <Range>"
    yield "        <From>2</From>"
    yield "      </Range>"
    yield "      <VariableLength>"
    yield "        <ColumnDelimiter>;</ColumnDelimiter>"
    yield "        <RecordDelimiter>&#xD;&#xA;</RecordDelimiter>"
    yield '        <TextEncapsulator>"</TextEncapsulator>'
    for column in columns:
        yield from _column(column)
    yield "      </VariableLength>"
    yield "    </Table>"


def _column(column: Column) -> Iterator[str]:
    yield "        <VariableColumn>"
    yield f"          {_element('Name', column.name)}"
    yield f"          {_element('Description', column.description)}"
    if column.places is None:
        yield "          <AlphaNumeric />"
        yield f"          <MaxLength>{column.length}</MaxLength>"
    elif column.places == 0:
        yield "          <Numeric />"
    else:
        yield "          <Numeric>"
        yield f"            <Accuracy>{column.places}</Accuracy>"
        yield "          </Numeric>"
    yield "        </VariableColumn>"


def _element(name: str, text: str) -> str:
    inner = "".join(_ENTITIES.get(mark, mark) for mark in text if _is_allowed(mark))
    return f"<{name}>{inner}</{name}>" if inner else f"<{name} />"


def _is_allowed(mark: str) -> bool:
    """XML 1.0 has no place for control characters."""
    return " " <= mark <= "\ud7ff" or "\ue000" <= mark <= "\ufffd" or mark > "\uffff"
