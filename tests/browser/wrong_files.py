"""Files that somebody drops by mistake, or to do harm, as the page 'Check a file' meets them."""

import io
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

ZEROS = 190_000_000
COLUMNS = 100_000
UNPACKED = 10_000_000_000
DEPTH = 5_000
MEMBERS = 60_000

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
_ENTITIES = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 10))
XXE = (
    '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE AuditFile [<!ENTITY x SYSTEM "file:///etc/passwd">'
    f'<!ENTITY e0 "lol">{_ENTITIES}]>'
    '<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><Header>'
    "<CompanyName>&x;&e9;</CompanyName></Header></AuditFile>"
)


def empty(path: Path) -> None:
    path.touch()


def picture(path: Path) -> None:
    path.write_bytes(PNG)


def zeros(path: Path) -> None:
    """190 MB of zeros; they take no room on the disk."""
    with path.open("wb") as file:
        file.truncate(ZEROS)


def foreign_entities(path: Path) -> None:
    """A SAF-T that wants to read a file of the server, and to become a billion words."""
    path.write_text(XXE)


def _zeros_packed(size: int) -> Iterator[bytes]:
    packed, piece = zlib.compressobj(9, zlib.DEFLATED, -15), bytes(1 << 20)
    for _ in range(0, size, 1 << 20):
        yield packed.compress(piece)
    yield packed.flush()


def much_from_little(path: Path, name: str = "transactions.csv") -> None:
    """A ZIP of 1 MB whose one table claims 10 GB, and is 1 GB."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("index.xml", _index(["A"]))
        archive.writestr(name, b"x")
    content = bytearray(path.read_bytes())
    data = b"".join(_zeros_packed(1 << 30))
    local = content.index(b"PK\x03\x04", 4)
    named = struct.unpack_from("<H", content, local + 26)[0]
    central = content.index(b"PK\x01\x02")
    last = content.index(b"PK\x01\x02", central + 4)
    end = content.rindex(b"PK\x05\x06")
    struct.pack_into("<III", content, local + 14, 0, len(data), UNPACKED & 0xFFFFFFFF)
    struct.pack_into("<III", content, last + 16, 0, len(data), UNPACKED & 0xFFFFFFFF)
    start = local + 30 + named
    struct.pack_into("<I", content, end + 16, start + len(data))
    path.write_bytes(bytes(content[:start]) + data + bytes(content[central:]))


def _index(columns: list[str]) -> str:
    named = "".join(
        f"<VariableColumn><Name>{one}</Name><AlphaNumeric/></VariableColumn>" for one in columns
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd"><DataSet><Version>2.3</Version>'
        "<Media><Name>1</Name><Table><URL>transactions.csv</URL><Name>Bonkopf</Name><UTF8/>"
        f"<VariableLength>{named}</VariableLength></Table></Media></DataSet>"
    )


def many_columns(path: Path) -> None:
    """A DSFinV-K one of whose tables has 100,000 columns, in its index and in 20 rows."""
    columns = [f"C{at}" for at in range(COLUMNS)]
    rows = [";".join(columns), *[";".join("1" for _ in columns)] * 20]
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("index.xml", _index(columns))
        archive.writestr("transactions.csv", "\r\n".join(rows))


def many_members(path: Path) -> None:
    """A DSFinV-K of 60,000 empty files."""
    with ZipFile(path, "w") as archive:
        archive.writestr("index.xml", _index(["A"]))
        archive.writestr("transactions.csv", "A\r\n")
        for at in range(MEMBERS):
            archive.writestr(f"{at}.csv", b"")


def _tar(path: Path, name: str, content: bytes) -> None:
    with tarfile.open(path, "w") as archive:
        info = tarfile.TarInfo("info.csv")
        info.size = 20
        archive.addfile(info, io.BytesIO(b'"description:","a"\n\n'))
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))


def deep_log(path: Path) -> None:
    """A TSE's export one of whose messages is nested 5,000 deep."""
    _tar(path, "Unixt_1700000000_Sig-1_Log-Tra_No-1_Start_Client-a.log", b"\x30\x80" * DEPTH)


def sparse(path: Path) -> None:
    """A TAR whose one member claims 10 GB and has nothing."""
    info = tarfile.TarInfo("Unixt_1700000000_Sig-1_Log-Tra_No-1_Start_Client-a.log")
    info.size = UNPACKED
    with path.open("wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))


def other_encoding(path: Path) -> None:
    """A DATEV file in UTF-16, as a spreadsheet saves it."""
    head = '"EXTF";700;21;"Buchungsstapel";13;20260401120000000;;"RE";"";"";1001;1;20260101;4;'
    path.write_bytes(f'{head}\r\n"Bücher"\r\n'.encode("utf-16"))


def half_encoding(path: Path) -> None:
    """A DATEV file that says ANSI by its kind, and is UTF-8 with a part of a character."""
    head = '"EXTF";700;21;"Buchungsstapel";13;20260401120000000;;"RE";"";"";1001;1;20260101;4;'
    path.write_bytes(f'{head}\r\n"Bücher"\r\n'.encode() + b"\xc3\r\n\x81\x8d\r\n")


def long_line(path: Path) -> None:
    """A SAF-T whose one text has 100 MB."""
    with path.open("wb") as file:
        file.write(b"<AuditFile xmlns='urn:OECD:StandardAuditFile-Tax:PT_1.04_01'><Header>")
        file.writelines(b"a" * 1_000_000 for _ in range(100))


def package_of_lines(path: Path) -> None:
    """A journal package of 1 MB whose entries are a billion empty lines."""
    _package(path, b"\n")


def package_of_one_line(path: Path) -> None:
    """A journal package of 1 MB whose one entry is a line of a gigabyte."""
    _package(path, b"\0")


def _package(path: Path, sign: bytes) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
        with archive.open("entries.jsonl", "w") as entries:
            for _ in range(1000):
                entries.write(sign * 1_000_000)


WRONG: dict[str, Callable[[Path], None]] = {
    "empty.xml": empty,
    "picture.png": picture,
    "zeros.bin": zeros,
    "entities.xml": foreign_entities,
    "bomb.zip": much_from_little,
    "columns.zip": many_columns,
    "members.zip": many_members,
    "deep.tar": deep_log,
    "sparse.tar": sparse,
    "EXTF_utf16.csv": other_encoding,
    "EXTF_utf8.csv": half_encoding,
    "long.xml": long_line,
    "lines.zip": package_of_lines,
    "line.zip": package_of_one_line,
}
"""By the name under which it is dropped: what writes it."""
