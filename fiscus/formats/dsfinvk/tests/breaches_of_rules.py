"""Breaches of the rules across tables, each on an otherwise perfect copy."""

from collections.abc import Callable, Mapping

from fiscus.formats.dsfinvk.tests.copies import Copy

Breaches = Mapping[str, tuple[Callable[[Copy], object], str]]
"""What is done to a copy, by its name, and the codes the checker must find: no others."""

CLOSINGS: Breaches = {
    "a taxonomy version nobody wrote": (
        lambda c: c.set("cashpointclosing", 2, "TAXONOMIE_VERSION", "9.9"),
        "VALUE-04",
    ),
    "a closing number is skipped": (lambda c: c.set_everywhere("Z_NR", "2", "3"), "CLOSING-01"),
    "closings stand in the wrong order": (lambda c: c.swap("cashpointclosing", 2, 3), "CLOSING-02"),
    "a closing made before the one it follows": (
        lambda c: c.set_everywhere("Z_ERSTELLUNG", "2026-03-01T21:46:40Z", "2026-03-01T09:46:40Z"),
        "CLOSING-03",
    ),
    "another first receipt": (
        lambda c: c.set("cashpointclosing", 2, "Z_START_ID", "2"),
        "CLOSING-04",
    ),
    "another last receipt": (
        lambda c: c.set("cashpointclosing", 3, "Z_ENDE_ID", "15"),
        "CLOSING-05",
    ),
    "a closing without location": (lambda c: c.drop("location", 3), "CLOSING-06"),
    "a closing without register": (lambda c: c.drop("cashregister", 2), "CLOSING-06"),
    "a closing with two locations": (lambda c: c.add("location", 2), "KEY-01"),
    "a booking day that is the day anyway": (
        lambda c: c.set("cashpointclosing", 2, "Z_BUCHUNGSTAG", "2026-03-01"),
        "CLOSING-07",
    ),
    "a German booking day": (
        lambda c: c.set("cashpointclosing", 2, "Z_BUCHUNGSTAG", "28.02.2026"),
        "VALUE-05",
    ),
    "no closing at all": (
        lambda c: c.put("cashpointclosing", c.table("cashpointclosing")[:1]),
        "CLOSING-08 KEY-02",
    ),
    "neither tax number nor VAT id": (
        lambda c: (
            c.set("cashpointclosing", 2, "STNR", ""),
            c.set("cashpointclosing", 2, "USTID", ""),
        ),
        "VALUE-06",
    ),
    "a row with another creation time": (
        lambda c: c.set("lines", 3, "Z_ERSTELLUNG", "2026-03-01T11:15:00+01:00"),
        "KEY-09",
    ),
    "a row of an unknown closing": (lambda c: c.set("payment", 2, "Z_NR", "7"), "KEY-02 SUM-02"),
}

TOTALS: Breaches = {
    "business cases with too much gross": (
        lambda c: c.set("businesscases", 2, "Z_UMS_BRUTTO", "101,00000"),
        "AMOUNT-01 SUM-01",
    ),
    "a total of payments off by a cent": (
        lambda c: c.set("payment", 4, "Z_ZAHLART_BETRAG", "15,36"),
        "SUM-02",
    ),
    "a total of payments is missing": (lambda c: c.drop("payment", 5), "SUM-02"),
    "foreign cash off by a cent": (
        lambda c: c.set("cash_per_currency", 3, "ZAHLART_BETRAG_WAEH", "13,11"),
        "SUM-03",
    ),
    "no row for the home currency": (lambda c: c.drop("cash_per_currency", 4), "SUM-06"),
    "the closing's payments off by a cent": (
        lambda c: c.set("cashpointclosing", 2, "Z_SE_ZAHLUNGEN", "159,54"),
        "SUM-04",
    ),
    "the closing's cash off by a cent": (
        lambda c: c.set("cashpointclosing", 2, "Z_SE_BARZAHLUNGEN", "94,21"),
        "SUM-05",
    ),
}

RECEIPTS: Breaches = {
    "a receipt number goes back": (lambda c: c.set("transactions", 4, "BON_NR", "2"), "RECEIPT-01"),
    "a receipt id in two closings": (
        lambda c: (
            c.set("transactions", 17, "BON_ID", "13"),
            c.set("transactions_tse", 17, "BON_ID", "13"),
            c.set("cashpointclosing", 3, "Z_ENDE_ID", "13"),
        ),
        "RECEIPT-06",
    ),
    "another operation without a name": (
        lambda c: c.set("transactions", 14, "BON_NAME", ""),
        "RECEIPT-02",
    ),
    "a kind of operation nobody knows": (
        lambda c: c.set("transactions", 14, "BON_TYP", "Rechnung"),
        "VALUE-04",
    ),
    "a receipt without lines": (
        lambda c: (c.drop("lines", 12), c.drop("lines_vat", 12)),
        "AMOUNT-02 RECEIPT-03 SUM-01",
    ),
    "a receipt without payment": (
        lambda c: c.drop("datapayment", 8),
        "RECEIPT-04 SUM-02 SUM-03 SUM-04 SUM-05 TSE-08",
    ),
    "an operation ends before it starts": (
        lambda c: c.set("transactions", 4, "BON_ENDE", "2026-03-01T10:14:59+01:00"),
        "RECEIPT-05",
    ),
    "an aborted receipt with an amount": (
        lambda c: c.set("transactions", 11, "UMS_BRUTTO", "5,00"),
        "AMOUNT-03 RECEIPT-07",
    ),
    "an old kind of reversal": (
        lambda c: c.set("transactions", 11, "BON_TYP", "AVBelegstorno"),
        "RECEIPT-08 TSE-08",
    ),
    "a reversal of nothing": (
        lambda c: c.set("transactions", 3, "BON_STORNO", "1"),
        "REFERENCE-06",
    ),
    "a flag that is neither 0 nor 1": (
        lambda c: c.set("transactions", 3, "BON_STORNO", "2"),
        "VALUE-05",
    ),
    "a time without offset": (
        lambda c: c.set("transactions", 3, "BON_START", "2026-03-01T09:10:00"),
        "VALUE-05",
    ),
    "an agency nobody listed": (lambda c: c.set("lines", 3, "AGENTUR_ID", "4"), "KEY-06 SUM-01"),
    "a terminal nobody listed": (lambda c: c.set("transactions", 3, "TERMINAL_ID", "T9"), "KEY-08"),
    "a line of a terminal nobody listed": (
        lambda c: c.set("lines", 3, "POS_TERMINAL_ID", "T9"),
        "KEY-08",
    ),
    "a price part of an unknown line": (
        lambda c: c.set("itemamounts", 2, "POS_ZEILE", "4"),
        "KEY-04",
    ),
    "an article without quantity": (lambda c: c.set("lines", 3, "MENGE", ""), "VALUE-07"),
    "a business case nobody knows": (
        lambda c: c.set("lines", 2, "GV_TYP", "Bestand"),
        "SUM-01 VALUE-04",
    ),
    "a payment nobody knows": (
        lambda c: c.set("payment", 2, "ZAHLART_TYP", "Cash"),
        "SUM-02 VALUE-04",
    ),
}

AMOUNTS: Breaches = {
    "gross is not net plus tax": (
        lambda c: c.set("lines_vat", 5, "POS_UST", "0,36000"),
        "AMOUNT-01 SUM-01",
    ),
    "tax at zero percent": (
        lambda c: (
            c.set("transactions_vat", 2, "BON_NETTO", "99,99999"),
            c.set("transactions_vat", 2, "BON_UST", "0,00001"),
        ),
        "AMOUNT-04",
    ),
    "a receipt two cents above its lines": (
        lambda c: (
            c.set("transactions_vat", 3, "BON_BRUTTO", "23,82000"),
            c.set("transactions_vat", 3, "BON_NETTO", "20,02000"),
            c.set("transactions", 3, "UMS_BRUTTO", "23,82"),
        ),
        "AMOUNT-02 TSE-08",
    ),
    "a total two cents above its VAT keys": (
        lambda c: c.set("transactions", 3, "UMS_BRUTTO", "23,82"),
        "AMOUNT-03",
    ),
    "a line under no VAT key": (lambda c: c.drop("lines_vat", 5), "AMOUNT-02 AMOUNT-05 SUM-01"),
    "foreign cash without its amount": (
        lambda c: c.set("datapayment", 8, "ZAHLWAEH_BETRAG", ""),
        "AMOUNT-06 SUM-03 TSE-08",
    ),
    "home cash with a foreign amount": (
        lambda c: c.set("datapayment", 2, "ZAHLWAEH_BETRAG", "100,00"),
        "AMOUNT-06",
    ),
    "cash in transit under a taxed key": (
        lambda c: c.set("lines", 3, "GV_TYP", "Geldtransit"),
        "CASE-01 SUM-01",
    ),
    "a pay-in by card": (
        lambda c: c.set("lines", 4, "GV_TYP", "Einzahlung"),
        "CASE-01 CASE-02 SUM-01",
    ),
}

RATES: Breaches = {
    "a rate of another year": (lambda c: c.set("vat", 3, "UST_SATZ", "5,00"), "VAT-01"),
    "a reserved VAT key": (
        lambda c: c.set_everywhere("UST_SCHLUESSEL", "5", "9"),
        "CASE-01 VAT-02",
    ),
    "an own VAT key with a rate that never was": (
        lambda c: c.add("vat", 2, UST_SCHLUESSEL="1000", UST_SATZ="20,00"),
        "VAT-03",
    ),
    "a VAT key nobody listed": (lambda c: c.drop("vat", 6), "KEY-05"),
}

UNSAID = {"REF_TYP": "ExterneSonstige", "REF_DATUM": "", "REF_Z_KASSE_ID": "", "REF_Z_NR": ""}

REFERENCES: Breaches = {
    "a reference to an unknown receipt": (
        lambda c: c.set("references", 2, "REF_BON_ID", "99"),
        "REFERENCE-01",
    ),
    "a reference to a closing yet to come": (
        lambda c: c.set("references", 2, "REF_Z_NR", "9"),
        "REFERENCE-01",
    ),
    "a reference that spells the time otherwise": (
        lambda c: c.set("references", 2, "REF_DATUM", "2026-03-01T11:15:00+01:00"),
        "REFERENCE-02",
    ),
    "a reference without its register": (
        lambda c: c.set("references", 2, "REF_Z_KASSE_ID", ""),
        "REFERENCE-03",
    ),
    "a reference out of the system with a closing": (
        lambda c: c.set("references", 2, "REF_TYP", "ExterneRechnung"),
        "REFERENCE-04",
    ),
    "a reference to something unsaid": (
        lambda c: [c.set("references", 2, name, value) for name, value in UNSAID.items()],
        "REFERENCE-05",
    ),
    "a reference from an unknown line": (
        lambda c: c.set("references", 2, "POS_ZEILE", "8"),
        "KEY-04",
    ),
}

SIGNINGS: Breaches = {
    "a certificate that is none": (lambda c: c.set("tse", 2, "TSE_ZERTIFIKAT_I", "AAAA"), "TSE-01"),
    "a serial of another key": (lambda c: c.set("tse", 2, "TSE_SERIAL", "0" * 64), "TSE-02"),
    "a public key of nothing": (lambda c: c.set("tse", 2, "TSE_PUBLIC_KEY", "BA=="), "TSE-03"),
    "an algorithm nobody can verify": (
        lambda c: c.set("tse", 2, "TSE_SIG_ALGO", "ecsdsa-plain-SHA256"),
        "TSE-12",
    ),
    "a time format the device does not use": (
        lambda c: c.set("tse", 2, "TSE_ZEITFORMAT", "utcTime"),
        "TSE-04",
    ),
    "a signature of another receipt": (
        lambda c: c.set("transactions_tse", 3, "TSE_TA_SIG", c.table("transactions_tse")[3][10]),
        "TSE-04",
    ),
    "process data of another payment": (
        lambda c: c.set(
            "transactions_tse",
            3,
            "TSE_VORGANGSDATEN",
            "Beleg^23.80_0.00_0.00_0.00_0.00^23.80:Unbar",
        ),
        "TSE-04 TSE-08",
    ),
    "an order with another article": (
        lambda c: c.set("lines", 16, "ARTIKELTEXT", "Nudelsuppe"),
        "TSE-08",
    ),
    "a signature counter used twice": (
        lambda c: c.set("transactions_tse", 3, "TSE_TA_SIGZ", "5"),
        "TSE-04 TSE-10",
    ),
    "a transaction number used twice": (
        lambda c: c.set("transactions_tse", 3, "TSE_TANR", "1"),
        "TSE-04 TSE-10",
    ),
    "a register the device does not know": (
        lambda c: c.set("cashregister", 2, "KASSE_SERIENNR", "KASSE-002"),
        "TSE-04",
    ),
    "no signature and no reason": (
        lambda c: c.set("transactions_tse", 12, "TSE_TA_FEHLER", ""),
        "TSE-05",
    ),
    "half a signature": (lambda c: c.set("transactions_tse", 3, "TSE_TA_SIG", ""), "TSE-05"),
    "a signature and a failure": (
        lambda c: c.set("transactions_tse", 3, "TSE_TA_FEHLER", "Stromausfall"),
        "TSE-06",
    ),
    "an operation the device never heard of": (lambda c: c.drop("transactions_tse", 12), "TSE-07"),
    "a signature of no receipt": (
        lambda c: c.set("transactions_tse", 3, "BON_ID", "99"),
        "KEY-03 TSE-07",
    ),
    "a device nobody listed": (lambda c: c.set("transactions_tse", 3, "TSE_ID", "2"), "KEY-07"),
    "a receipt signed as something else": (
        lambda c: c.set("transactions_tse", 3, "TSE_TA_VORGANGSART", "SonstigerVorgang"),
        "TSE-04 TSE-09",
    ),
    "a log that ends before it starts": (
        lambda c: c.set("transactions_tse", 3, "TSE_TA_START", "2026-03-01T09:11:30.000Z"),
        "TSE-11",
    ),
    "a log time without milliseconds": (
        lambda c: c.set("transactions_tse", 3, "TSE_TA_ENDE", "2026-03-01T09:10:30Z"),
        "VALUE-05",
    ),
}
