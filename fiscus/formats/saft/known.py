"""How an audit file is recognized, and what to do about what is found in one."""

from fiscus.formats import FileClues


def recognizes(clues: FileClues) -> bool:
    """By its namespace or its root element, in the usual encodings."""
    head = clues.head.replace(b"\0", b"")  # UTF-16
    return b"urn:OECD:StandardAuditFile-Tax:PT" in head or b"<AuditFile" in head[:2000]


REMEDIES = {
    "SAFT-FILE": "export the file again; a file that is cut off or edited by hand cannot be sent",
    "SAFT-ELEMENT": "have the program's maker write this element as the schema 1.04_01 has it",
    "SAFT-VALUE": "correct the value in the program, in its master data or settings, and export "
    "the file again",
    "SAFT-HEADER": "correct the company's data or the period in the program, and export again",
    "SAFT-NUMBER": "look whether documents are missing in the export; if none is, tell the "
    "program's maker: numbers of a series follow each other without a gap",
    "SAFT-DATE": "compare with the printed documents; a wrong clock or a document that was entered "
    "late explains most of it",
    "SAFT-HASH": "compare with the printed documents: somebody may have changed one; if nothing "
    "was changed, tell the program's maker",
    "SAFT-HASH-03": "check a file that begins with the first document of the series",
    "SAFT-ATCUD": "compare with the validation code that the authority gave to the series",
    "SAFT-LINE": "tell the program's maker which document it is",
    "SAFT-REFERENCE": "name the corrected document and the reason in the program; issued documents "
    "are not changed",
    "SAFT-PAYMENT": "look at how the document was paid; an invoice-receipt proves that it was",
    "SAFT-STATUS": "state the reason of the cancellation in the program",
    "SAFT-TAX": "compare the rate, the region and the reason of exemption in the program's tax "
    "table with the law",
    "SAFT-CUSTOMER": "correct the customers' master data in the program, and export again",
    "SAFT-SUPPLIER": "correct the suppliers' master data in the program, and export again",
    "SAFT-PRODUCT": "correct the products' master data in the program, and export again",
    "SAFT-TOTAL": "do not send the file: tell the program's maker which total it is",
}
