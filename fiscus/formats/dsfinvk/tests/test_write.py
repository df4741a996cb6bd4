import io
import tarfile
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import repeat

import msgspec
import pytest

from fiscus.formats.dsfinvk.check.run import check
from fiscus.formats.dsfinvk.tables import dtd
from fiscus.formats.dsfinvk.tables.all_tables import TABLES
from fiscus.formats.dsfinvk.tests.sample import AT, SUPPLIER, written
from fiscus.formats.dsfinvk.write import rows
from fiscus.formats.dsfinvk.write.files import write_tar


def unpacked(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = ((name, tar.extractfile(name)) for name in tar.getnames())
        return {name: file.read() for name, file in files if file}


def cells(archive: bytes, file: str, row: int = 2) -> list[str]:
    """A record without quoted separators, taken apart."""
    return unpacked(archive)[file].decode().split("\r\n")[row - 1].split(";")


def changed(closings, **changes):
    """The first closing with its second receipt changed."""
    closing, transactions = closings[0]
    return [(closing, [msgspec.structs.replace(transactions[1], **changes)])]


def test_the_sample_comes_out_byte_for_byte(closings, sample_folder):
    files = unpacked(written(closings))

    for table in TABLES:
        assert files[table.file] == (sample_folder / table.file).read_bytes(), table.file
    assert files["index.xml"] == (sample_folder / "index.xml").read_bytes()
    assert files[dtd.FILE] == dtd.dtd().encode()
    assert len(files) == 22


def test_what_we_write_passes_our_checker(closings, tmp_path):
    path = tmp_path / "export.tar"
    path.write_bytes(written(closings))

    assert check(path, {}) == ()


def test_the_same_input_gives_the_same_bytes(closings):
    assert written(closings) == written(closings)


def test_the_archive_depends_on_nothing_but_its_contents(closings):
    with tarfile.open(fileobj=io.BytesIO(written(closings))) as tar:
        members = tar.getmembers()

    names = [member.name for member in members]
    assert names[:2] == ["index.xml", dtd.FILE]
    assert names[2:] == sorted(table.file for table in TABLES)
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) for one in members} == {
        (closings[-1][0].created_at.timestamp(), 0, 0, "", "", 0o644)
    }


def test_the_archive_is_as_long_as_other_writers_make_it(closings):
    archive = written(closings)
    with tarfile.open(fileobj=(other := io.BytesIO()), mode="w") as tar:
        for name, data in unpacked(archive).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = int(closings[-1][0].created_at.timestamp())
            tar.addfile(info, io.BytesIO(data))

    assert other.getvalue() == archive


def test_all_twenty_tables_are_there_without_a_single_closing():
    files = unpacked(written([]))

    for table in TABLES:
        assert files[table.file].decode() == ";".join(table.header) + "\r\n"


def test_nothing_is_handed_out_before_the_last_closing_was_read(closings):
    read = []

    def reading():
        for closing, transactions in closings:
            read.append(closing.number)
            yield closing, iter(transactions)

    next(write_tar(reading(), supplier=SUPPLIER, at=AT))

    assert read == [1, 2]


def test_times_have_the_offset_of_their_zone(closings):
    at = datetime(2026, 7, 1, 10, 15, 30, 999999, tzinfo=UTC)
    archive = written(changed(closings, started_at=at, finished_at=at, timezone="Europe/Berlin"))

    assert cells(archive, "transactions.csv")[9] == "2026-07-01T12:15:30+02:00"


def test_log_times_are_utc_with_milliseconds(closings):
    signing = closings[0][1][1].signings[0]
    at = datetime.fromisoformat("2026-07-01T12:15:30.123456+02:00")
    archive = written(
        changed(closings, signings=(msgspec.structs.replace(signing, finished_at=at),))
    )

    assert cells(archive, "transactions_tse.csv")[7] == "2026-07-01T10:15:30.123Z"


def test_words_are_cut_at_their_length_and_names_are_not(closings):
    line = rows.LineRow(number="1", text="ß" * 300, type="Umsatz", name="n" * 41)
    archive = written(changed(closings, lines=(line,)))

    written_line = cells(archive, "lines.csv")
    assert written_line[6] == "ß" * 255
    assert written_line[9] == "n" * 41


def test_process_data_that_do_not_fit_are_left_out(closings):
    signing = closings[0][1][1].signings[0]
    long = msgspec.structs.replace(signing, process_data="x" * 1001)

    assert cells(written(changed(closings, signings=(long,))), "transactions_tse.csv")[12] == ""


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("plain words", "plain words"),
        ("a;b", '"a;b"'),
        ('a"b', '"a""b"'),
        ("a\rb", '"a\rb"'),
        ("a\nb", '"a\nb"'),
        (" a", '" a"'),
        ("a ", '"a "'),
        ("'a', b", "'a', b"),
        (";", '";"'),
        ('"', '""""'),
    ],
)
def test_values_are_quoted_only_where_they_must_be(closings, text, spelled):
    data = unpacked(written(changed(closings, note=text)))["transactions.csv"].decode()

    assert data.endswith(f";{spelled}\r\n")


@pytest.mark.parametrize(
    ("amount", "spelled"),
    [
        ("1", "1,00000"),
        ("-0.000001", "0,00000"),
        ("-0", "0,00000"),
        ("0.000005", "0,00001"),
        ("-1234567.5", "-1234567,50000"),
        ("1E+6", "1000000,00000"),
    ],
)
def test_numbers_have_exactly_their_decimals(closings, amount, spelled):
    line = rows.LineRow(number="1", text="x", type="Umsatz", unit_gross=Decimal(amount))

    assert cells(written(changed(closings, lines=(line,))), "lines.csv")[20] == spelled


def test_what_is_unknown_stays_empty(closings):
    line = rows.LineRow(number="1", text="x", type="Umsatz", is_eaten_in=None)
    reference = rows.Reference(type="ExterneRechnung", receipt="R 7")
    archive = written(changed(closings, lines=(line,), references=(reference,)))

    assert cells(archive, "lines.csv")[10:13] == ["", "0", "0"]
    assert cells(archive, "lines.csv")[17:] == ["", "", "", ""]
    assert cells(archive, "references.csv")[4:] == ["", "ExterneRechnung", "", "", "", "", "R 7"]


def test_all_that_the_sample_does_not_have_is_written_too(closings):
    closing, transactions = closings[0]
    closing = msgspec.structs.replace(
        closing,
        booking_day=date(2026, 2, 28),
        terminals=(rows.Terminal(id="T1", serial="T-0001", brand="Muster"),),
        agencies=(
            rows.Agency(
                id=1,
                name="Kunsthaus",
                street="Allee 2",
                postal_code="50667",
                city="Köln",
                country="DEU",
                tax_number="123",
            ),
        ),
    )
    component = rows.SubItem(product="K1", name="Keks", quantity=Decimal("0.5"), vat_key=2)
    line = msgspec.structs.replace(transactions[1].lines[0], sub_items=(component,))
    customer = rows.BuyerRow(name="Eva", id="17", type="Mitarbeiterin", country="DEU")
    transaction = msgspec.structs.replace(transactions[1], lines=(line,), customer=customer)
    archive = written([(closing, [transaction])])

    head = ["KASSE-001", "2026-03-01T10:15:00Z", "1"]
    assert cells(archive, "cashpointclosing.csv")[3] == "2026-02-28"
    assert cells(archive, "slaves.csv") == [*head, "T1", "Muster", "", "T-0001", "", ""]
    agency = ["1", "Kunsthaus", "Allee 2", "50667", "Köln", "DEU", "123", ""]
    assert cells(archive, "pa.csv") == [*head, *agency]
    component_cells = ["K1", "", "Keks", "", "", "0,500", "", "", "2", "", "", ""]
    assert cells(archive, "subitems.csv") == [*head, "2", "1", *component_cells]
    customer_cells = ["Eva", "17", "Mitarbeiterin", "", "", "", "DEU", "", ""]
    assert cells(archive, "transactions.csv")[14:] == customer_cells


def test_a_long_certificate_widens_its_table(closings, tmp_path):
    """The first closing has a short certificate: its row gets the columns too, empty."""
    (first, its), (second, others) = closings
    device = second.devices[0]
    long = msgspec.structs.replace(device, id=2, certificate="A" * 1000 + "B" * 1000 + "C" * 8)
    second = msgspec.structs.replace(second, devices=(device, long))
    archive = written([(first, its), (second, others)])

    table = unpacked(archive)["tse.csv"].decode().split("\r\n")
    assert table[0].endswith(";TSE_ZERTIFIKAT_II;TSE_ZERTIFIKAT_III")
    assert [row.count(";") for row in table[:4]] == [11, 11, 11, 11]
    assert table[1].endswith("==;;")
    assert table[3].endswith("A;" + "B" * 1000 + ";CCCCCCCC")
    path = tmp_path / "export.tar"
    path.write_bytes(archive)
    assert [(one.code, one.paths) for one in check(path, {})] == [
        ("DSFINVK-TSE-01", ("tse.csv/4/TSE_ZERTIFIKAT_I",))
    ]


def test_many_receipts_take_no_more_memory_than_few(closings):
    few, many = (_peak_and_size(closings[0], count) for count in (500, 5000))

    assert many[1] > few[1] + 2_500_000
    assert many[0] < few[0] + 500_000


def _peak_and_size(whole, count):
    closing, transactions = whole
    streamed = iter([(closing, repeat(transactions[1], count))])
    tracemalloc.start()
    size = sum(len(chunk) for chunk in write_tar(streamed, supplier=SUPPLIER, at=AT))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, size
