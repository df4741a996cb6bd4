from lxml import etree

from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tables.index import Supplier, columns, index_xml
from fiscus.formats.dsfinvk.tables.master import TSE


def test_without_a_supplier_it_is_the_official_file(shared_data):
    official = (shared_data / "de/index_xml/index_dsfinvk_2.3_bzst.xml").read_bytes()

    assert index_xml(Supplier()) == official


def test_the_supplier_is_escaped():
    data = index_xml(Supplier(name='Müller & "Söhne" <GmbH>\x00\r\n', city="Köln\udfff"))

    tree = etree.fromstring(data, etree.XMLParser(load_dtd=False))
    assert tree.findtext("DataSupplier/Name") == 'Müller & "Söhne" <GmbH>'
    assert tree.findtext("DataSupplier/Location") == "Köln"


def test_long_certificates_are_declared_behind_the_other_columns():
    names = [column.name for column in columns(TSE, 5)]

    assert names[-4:] == [f"TSE_ZERTIFIKAT_{part}" for part in ("II", "III", "IV", "V")]
    data = index_xml(Supplier(), 5)
    assert data.count(b"<Name>TSE_ZERTIFIKAT_V</Name>") == 1
    assert data.count(b"<VariableColumn>") == sum(len(table.all) for table in TABLES) + 3
