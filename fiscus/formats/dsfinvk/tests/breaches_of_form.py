"""Breaches of the form of values, records and files, each on an otherwise perfect copy."""

from collections.abc import Callable, Mapping

from fiscus.formats.dsfinvk.tests.copies import Copy

Breaches = Mapping[str, tuple[Callable[[Copy], object], str]]
"""What is done to a copy, by its name, and the codes the checker must find: no others."""

VALUES: Breaches = {
    "an empty name": (lambda c: c.set("cashpointclosing", 2, "NAME", ""), "VALUE-01"),
    "a name too long": (lambda c: c.set("cashpointclosing", 2, "NAME", "x" * 61), "VALUE-02"),
    "too few decimals": (lambda c: c.set("lines", 3, "MENGE", "2,0"), "VALUE-03"),
    "a decimal point": (lambda c: c.set("lines", 3, "STK_BR", "11.90000"), "VALUE-03"),
    "a thousands separator": (lambda c: c.set("lines", 2, "STK_BR", "1.100,00000"), "VALUE-03"),
    "a leading zero": (lambda c: c.set("lines", 3, "MENGE", "02,000"), "VALUE-03"),
    "a plus sign": (lambda c: c.set("lines", 3, "MENGE", "+2,000"), "VALUE-03"),
    "a number beyond measure": (
        lambda c: c.set("lines", 3, "STK_BR", "1" * 16 + ",00000"),
        "VALUE-03",
    ),
    "the 30th of February": (
        lambda c: c.set("transactions", 3, "BON_START", "2026-02-30T09:10:00Z"),
        "VALUE-05",
    ),
    "a log time in the 13th month": (
        lambda c: c.set("transactions_tse", 3, "TSE_TA_ENDE", "2026-13-01T09:10:30.000Z"),
        "VALUE-05",
    ),
    "a country of two letters": (lambda c: c.set("location", 2, "LOC_LAND", "DE"), "VALUE-05"),
}

RECORDS: Breaches = {
    "another column": (lambda c: c.set("lines", 1, "MENGE", "ANZAHL"), "HEADER-01 INDEX-06"),
    "a column nobody declared": (
        lambda c: c.put("slaves", [[*row, "MEHR"] for row in c.table("slaves")]),
        "INDEX-06",
    ),
    "a byte order mark": (
        lambda c: c.replace("lines.csv", b"Z_KASSE_ID", b"\xef\xbb\xbfZ_KASSE_ID"),
        "RECORD-01",
    ),
    "Latin-1": (lambda c: c.replace("lines.csv", b"Kaffeebecher", b"Kaffeeb\xe4cher"), "RECORD-02"),
    "line feeds only": (lambda c: c.replace("lines.csv", b"\r\n", b"\n", 3), "RECORD-03"),
    "no line end at the end": (lambda c: c.cut("lines.csv", 2), "RECORD-03"),
    "quotes without need": (
        lambda c: c.replace("lines.csv", b"Kaffeebecher", b'"Kaffeebecher"'),
        "RECORD-04",
    ),
    "an outer space without quotes": (
        lambda c: c.replace("lines.csv", b"Kaffeebecher", b" Kaffeebecher"),
        "RECORD-04",
    ),
    "quotes inside a value": (
        lambda c: c.replace("slaves.csv", b"\r\n", b'\r\na;b;1;T"1";;;S;;\r\n'),
        "RECORD-05",
    ),
    "a quote that is never closed": (
        lambda c: c.replace("slaves.csv", b"\r\n", b'\r\na;b;1;"T1;;;S;;\r\n'),
        "RECORD-05",
    ),
    "a value too many": (
        lambda c: c.replace("lines.csv", b"11,90000\r\n", b"11,90000;\r\n"),
        "RECORD-06",
    ),
    "an empty record": (
        lambda c: c.replace("slaves.csv", b"\r\n", b"\r\n\r\n"),
        "KEY-02 RECORD-06 VALUE-01",
    ),
}

FILES: Breaches = {
    "a table is missing": (lambda c: c.delete("vat.csv"), "CLOSING-06 FILE-02 INDEX-04 KEY-05"),
    "an empty table is missing but declared": (lambda c: c.delete("pa.csv"), "INDEX-04"),
    "a file that does not belong": (lambda c: (c.folder / "notes.txt").write_text("x"), "FILE-03"),
    "no index.xml": (lambda c: c.delete("index.xml"), "FILE-02"),
    "no DTD": (lambda c: c.delete("gdpdu-01-09-2004.dtd"), "FILE-02"),
    "another grammar": (
        lambda c: c.replace("gdpdu-01-09-2004.dtd", b"Media+", b"Media*"),
        "FILE-05",
    ),
    "an index.xml that is cut off": (
        lambda c: c.replace("index.xml", b"</DataSet>", b""),
        "INDEX-01",
    ),
    "an index.xml of something else": (
        lambda c: c.replace_all("index.xml", b"DataSet>", b"DataSuite>"),
        "INDEX-01",
    ),
    "another document type": (
        lambda c: c.replace("index.xml", b"gdpdu-01-09-2004.dtd", b"other.dtd"),
        "INDEX-02",
    ),
    "no supplier": (
        lambda c: c.replace("index.xml", b"<Name>Muster GmbH</Name>", b"<Name />"),
        "INDEX-09",
    ),
    "a column is declared otherwise": (
        lambda c: c.replace("index.xml", b"<Name>MENGE</Name>", b"<Name>ANZAHL</Name>"),
        "INDEX-06",
    ),
    "a length is declared otherwise": (
        lambda c: c.replace("index.xml", b"<MaxLength>255<", b"<MaxLength>256<"),
        "INDEX-07",
    ),
    "a table has another name": (
        lambda c: c.replace("index.xml", b"<Name>Bonpos</Name>", b"<Name>Positionen</Name>"),
        "INDEX-08",
    ),
    "data from the first row": (
        lambda c: c.replace("index.xml", b"<From>2</From>", b"<From>1</From>"),
        "INDEX-05",
    ),
    "another file is declared": (
        lambda c: c.replace("index.xml", b"<URL>lines.csv</URL>", b"<URL>positions.csv</URL>"),
        "INDEX-03 INDEX-04",
    ),
}
