import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from fiscus.formats.dsfinvk.check import findings
from fiscus.formats.dsfinvk.check.run import check
from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tests import breaches_of_form, breaches_of_rules
from fiscus.formats.dsfinvk.tests.copies import Copy
from fiscus.model.faults import Code

BREACHES = {
    name: breach
    for module in (breaches_of_rules, breaches_of_form)
    for value in vars(module).values()
    if isinstance(value, dict)
    for name, breach in value.items()
    if isinstance(breach, tuple)
}


def codes(path: Path) -> list[str]:
    return [fault.code.removeprefix("DSFINVK-") for fault in check(path, {})]


def test_the_sample_folder_passes(sample_folder):
    assert check(sample_folder, {}) == ()


def test_the_sample_archive_passes(shared_data):
    assert check(shared_data / "de/sample_export.tar", {}) == ()


def test_a_zip_passes(sample_folder, tmp_path):
    path = shutil.make_archive(str(tmp_path / "export"), "zip", sample_folder)

    assert check(Path(path), {}) == ()


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_found_and_nothing_else(sample_copy, name):
    change, expected = BREACHES[name]
    change(sample_copy)

    assert " ".join(sorted(sample_copy.faults())) == expected


def test_every_code_has_a_breach_that_proves_it():
    elsewhere = {"FILE-01", "FILE-04", "FILE-06", "RECORD-07", "SUM-07"}
    proven = {code for _, expected in BREACHES.values() for code in expected.split()}
    defined = {
        value.id.removeprefix("DSFINVK-")
        for value in vars(findings).values()
        if isinstance(value, Code)
    }

    assert proven | elsewhere == defined
    assert not proven & elsewhere


def test_a_place_is_file_row_and_column(sample_copy):
    sample_copy.set("lines", 3, "MENGE", "2,0")

    assert sample_copy.faults() == {"VALUE-03": ("lines.csv/3/MENGE",)}


def test_at_most_a_hundred_places_are_named(sample_copy):
    header = sample_copy.table("slaves")[0]
    sample_copy.put("slaves", [header, *(["KASSE-001"] for _ in range(300))])

    assert len(sample_copy.faults()["RECORD-06"]) == 100


ALLOWED = {
    "process data that were not kept": lambda c: c.set(
        "transactions_tse", 3, "TSE_VORGANGSDATEN", ""
    ),
    "an order that was not kept": lambda c: c.set("transactions_tse", 15, "TSE_VORGANGSDATEN", ""),
    "other words that were not kept": lambda c: c.set(
        "transactions_tse", 14, "TSE_VORGANGSDATEN", ""
    ),
    "a reference to a closing before this export": lambda c: c.set(
        "references", 2, "REF_Z_NR", "0"
    ),
    "a reference to another register": lambda c: c.set(
        "references", 2, "REF_Z_KASSE_ID", "KASSE-002"
    ),
    "a total off by a cent": lambda c: c.set("transactions", 3, "UMS_BRUTTO", "23,81"),
    "an own VAT key": lambda c: c.add("vat", 2, UST_SCHLUESSEL="1000"),
    "an empty table left out everywhere": lambda c: (
        c.delete("pa.csv"),
        c.without_table("pa.csv"),
    ),
    "line breaks inside quotes": lambda c: c.set("transactions", 3, "BON_NOTIZ", "a\r\nb\n;"),
    "a terminal as the client of the device": lambda c: (
        c.add_terminal("T1", "KASSE-001"),
        c.set("cashregister", 2, "KASSE_SERIENNR", "OTHER"),
        c.set_everywhere("TERMINAL_ID", "KASSE-001", "T1"),
        c.add_terminal("T1", "KASSE-001", number="2", created="2026-03-01T21:46:40Z"),
    ),
    "an old version": lambda c: c.set("cashpointclosing", 2, "TAXONOMIE_VERSION", "2.2"),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_passes(sample_copy, name):
    ALLOWED[name](sample_copy)

    assert sample_copy.faults() == {}


def test_a_column_more_is_fine_if_index_xml_declares_it(sample_copy):
    rows = sample_copy.table("slaves")
    sample_copy.put("slaves", [[*rows[0], "MEHR"]])
    sample_copy.replace(
        "index.xml",
        b"<Name>TERMINAL_SW_VERSION</Name>",
        b"<Name>TERMINAL_SW_VERSION</Name><AlphaNumeric /><MaxLength>50</MaxLength>"
        b"</VariableColumn><VariableColumn><Name>MEHR</Name>",
    )

    assert sample_copy.faults() == {}


def test_sums_beyond_64_bits_are_refused_not_wrapped(sample_copy):
    header, row = sample_copy.table("payment")[:2]
    row[-1] = "9999999999999,99"
    sample_copy.put("payment", [header, *([row] * 9300)])

    assert "SUM-07" in sample_copy.faults()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 half a ZIP", b"no archive" * 100])
def test_what_is_no_archive_is_named(tmp_path, data):
    path = tmp_path / "export.tar"
    path.write_bytes(data)

    assert codes(path) == ["FILE-01"]


def test_what_is_not_there_is_named(tmp_path):
    assert codes(tmp_path / "nothing.tar") == ["FILE-01"]


@pytest.mark.parametrize("size", [500, 30_000, 80_000, 92_000])
def test_a_cut_off_archive_is_named(shared_data, tmp_path, size):
    path = tmp_path / "export.tar"
    path.write_bytes((shared_data / "de/sample_export.tar").read_bytes()[:size])

    assert "FILE-01" in codes(path)


def test_a_damaged_zip_is_named(sample_folder, tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for one in sorted(sample_folder.iterdir()):
            packed.write(one, one.name)
    path.write_bytes(path.read_bytes().replace(b"Kaffeebecher", b"Kaffeebacher", 1))

    assert "FILE-01" in codes(path)


def test_a_file_may_be_in_an_archive_only_once(shared_data, sample_folder, tmp_path):
    path = tmp_path / "export.tar"
    shutil.copyfile(shared_data / "de/sample_export.tar", path)
    with tarfile.open(path, "a") as tar:
        data = (sample_folder / "pa.csv").read_bytes()
        info = tarfile.TarInfo("pa.csv")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))

    assert codes(path) == ["FILE-04"]


def test_a_link_in_an_archive_leads_nowhere(sample_folder, tmp_path):
    path = tmp_path / "export.tar"
    with tarfile.open(path, "w") as tar:
        for one in sorted(sample_folder.iterdir()):
            if one.name != "pa.csv":
                tar.add(one, one.name)
        link = tarfile.TarInfo("pa.csv")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/passwd"
        tar.addfile(link)

    assert "FILE-01" in codes(path)


def test_entities_in_index_xml_are_not_followed(sample_copy):
    sample_copy.replace(
        "index.xml",
        b'<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd">',
        b'<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd" '
        b'[<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
    )
    sample_copy.replace("index.xml", b"<Name>Muster GmbH</Name>", b"<Name>&secret;</Name>")

    assert set(sample_copy.faults()) == {"INDEX-09"}


NONSENSE = ["", "-5", "x\x00y", 'é;"\r\n', "9999-12-31T23:59:59.000Z", "9" * 15]


@pytest.mark.parametrize("nonsense", NONSENSE)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_nonsense_is_reported_and_never_raised(sample_copy, table, nonsense):
    row = [nonsense] * len(table.header)
    sample_copy.put(table.stem, [*sample_copy.table(table.stem)[:1], row])

    assert any("/2" in place for places in sample_copy.faults().values() for place in places)


def test_a_long_unclosed_quote_does_not_stall_the_reader(sample_copy):
    sample_copy.replace("lines.csv", b"Kaffeebecher", b'"' + b"a" * 200_000)

    assert "RECORD-07" in sample_copy.faults()


def test_a_copy_of_the_sample_is_as_good(sample_copy: Copy):
    assert sample_copy.faults() == {}
