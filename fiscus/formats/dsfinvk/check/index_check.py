"""index.xml against the files it describes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from fiscus.formats.dsfinvk.check import findings as found
from fiscus.formats.dsfinvk.check.findings import TableFindings
from fiscus.formats.dsfinvk.tables import dtd, index
from fiscus.formats.dsfinvk.tables.all_tables import BY_FILE
from fiscus.formats.dsfinvk.tables.columns import Column, TableLayout

DIALECT = {
    "DecimalSymbol": ",",
    "DigitGroupingSymbol": ".",
    "Range/From": "2",
    "VariableLength/ColumnDelimiter": ";",
    "VariableLength/RecordDelimiter": "\r\n",
    "VariableLength/TextEncapsulator": '"',
}


@dataclass(frozen=True, kw_only=True)
class DeclaredTable:
    """A table as index.xml has it; the size of a column reads `A50` or `N2`."""

    file: str
    name: str
    has_our_dialect: bool
    columns: tuple[tuple[str, str], ...]


def judge(data: bytes, headers: Mapping[str, tuple[str, ...]], findings: TableFindings) -> None:
    """`headers` are the first records of the files that are there."""
    tree = _tree(data)
    if tree is None:
        findings.add(found.INDEX_XML, index.FILE)
        return
    if tree.getroottree().docinfo.system_url != dtd.FILE:
        findings.add(found.INDEX_DOCTYPE, index.FILE)
    for name in ("Name", "Location"):
        if not tree.findtext(f"DataSupplier/{name}"):
            findings.add(found.INDEX_SUPPLIER, index.FILE, "DataSupplier", name)
    tables = [_declared(element) for element in tree.iterfind("Media/Table")]
    counted = Counter(table.file for table in tables)
    for file in headers:
        if counted[file] != 1:
            findings.add(found.UNDECLARED, index.FILE, file)
    for declared in tables:
        if declared.file in headers and declared.file in BY_FILE:
            _judge_table(declared, BY_FILE[declared.file], headers[declared.file], findings)
        else:
            findings.add(found.INDEX_DANGLING, index.FILE, declared.file)


def _tree(data: bytes) -> etree._Element | None:
    """No network, no entities, no foreign grammar: the file may come from anywhere."""
    parser = etree.XMLParser(
        no_network=True,
        load_dtd=False,
        resolve_entities=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
    return root if root.tag == "DataSet" else None


def _declared(table: etree._Element) -> DeclaredTable:
    return DeclaredTable(
        file=table.findtext("URL") or "",
        name=table.findtext("Name") or "",
        has_our_dialect=table.find("UTF8") is not None
        and all(table.findtext(path) == text for path, text in DIALECT.items()),
        columns=tuple(
            (column.findtext("Name") or "", _size(column))
            for column in table.iterfind("VariableLength/VariableColumn")
        ),
    )


def _size(column: etree._Element) -> str:
    if column.find("AlphaNumeric") is not None:
        return f"A{column.findtext('MaxLength') or ''}"
    if column.find("Numeric") is not None:
        return f"N{column.findtext('Numeric/Accuracy') or 0}"
    return ""


def _judge_table(
    declared: DeclaredTable, table: TableLayout, header: tuple[str, ...], findings: TableFindings
) -> None:
    if not declared.has_our_dialect:
        findings.add(found.INDEX_DIALECT, index.FILE, table.file)
    if declared.name != table.name:
        findings.add(found.INDEX_NAME, index.FILE, table.file)
    if tuple(name for name, _ in declared.columns) != header:
        findings.add(found.INDEX_COLUMNS, index.FILE, table.file)
    sizes = dict(declared.columns)
    for column in table.all:
        if column.name in sizes and sizes[column.name] != _prescribed(column):
            findings.add(found.INDEX_SIZES, index.FILE, table.file, column.name)


def _prescribed(column: Column) -> str:
    return f"A{column.length}" if column.places is None else f"N{column.places}"
