"""The tables about a closing as a whole: its master data and its totals."""

from fiscus.formats.dsfinvk.tables import words
from fiscus.formats.dsfinvk.tables.cells import day_text, moment_text
from fiscus.formats.dsfinvk.tables.columns import (
    COUNTRY,
    CURRENCY,
    DAY,
    DIGEST,
    EITHER,
    FLAG,
    FLAG_TEXT,
    MAYBE,
    MOMENT,
    TableLayout,
    exact,
    number,
    text,
)

PART = 1000
"""A certificate is spread over columns of so many characters."""

CLOSING = (
    exact("Z_KASSE_ID", 50, "ID der (Abschluss-) Kasse", "register"),
    exact(
        "Z_ERSTELLUNG",
        30,
        "Zeitpunkt des Kassenabschlusses",
        lambda row: moment_text(row.created_at, row.timezone),
        like=MOMENT,
    ),
    number("Z_NR", 0, "Nr. des Kassenabschlusses", "number"),
)
"""What every row of every table begins with; the row here is the closing."""

CASHPOINTCLOSING = TableLayout(
    file="cashpointclosing.csv",
    name="Stamm_Abschluss",
    head=CLOSING,
    columns=(
        exact(
            "Z_BUCHUNGSTAG",
            25,
            "Vom Erstellungsdatum abweichender Verbuchungstag",
            "booking_day",
            spell=day_text,
            like=DAY,
            need=MAYBE,
        ),
        exact(
            "TAXONOMIE_VERSION",
            10,
            "Version der DFKA-Taxonomie-Kasse",
            "version",
            like=words.VERSIONS,
        ),
        exact("Z_START_ID", 40, "Erste BON_ID im Abschluss", "first_receipt"),
        exact("Z_ENDE_ID", 40, "Letzte BON_ID im Abschluss", "last_receipt"),
        text("NAME", 60, "Name des Unternehmens", "taxpayer.name"),
        text("STRASSE", 60, "Straße", "taxpayer.street"),
        exact("PLZ", 10, "Postleitzahl", "taxpayer.postal_code"),
        text("ORT", 62, "Ort", "taxpayer.city"),
        exact("LAND", 3, "Land", "taxpayer.country", like=COUNTRY),
        exact(
            "STNR",
            20,
            "Steuernummer des Unternehmens",
            "taxpayer.tax_number",
            need=EITHER,
        ),
        exact("USTID", 15, "USTID", "taxpayer.vat_id", need=EITHER),
        number("Z_SE_ZAHLUNGEN", 2, "Summe aller Zahlungen", "paid"),
        number("Z_SE_BARZAHLUNGEN", 2, "Summe aller Barzahlungen", "paid_cash"),
    ),
    key=("Z_KASSE_ID", "Z_NR"),
)

LOCATION = TableLayout(
    file="location.csv",
    name="Stamm_Orte",
    head=CLOSING,
    columns=(
        text("LOC_NAME", 60, "Name des Standortes", "name"),
        text("LOC_STRASSE", 60, "Straße", "street"),
        exact("LOC_PLZ", 10, "Postleitzahl", "postal_code"),
        text("LOC_ORT", 62, "Ort", "city"),
        exact("LOC_LAND", 3, "Land", "country", like=COUNTRY),
        exact("LOC_USTID", 15, "USTID", "vat_id", need=MAYBE),
    ),
    key=("Z_KASSE_ID", "Z_NR"),
)

CASHREGISTER = TableLayout(
    file="cashregister.csv",
    name="Stamm_Kassen",
    head=CLOSING,
    columns=(
        text("KASSE_BRAND", 50, "Marke der Kasse", "brand", need=MAYBE),
        text("KASSE_MODELL", 50, "Modellbezeichnung", "model", need=MAYBE),
        exact("KASSE_SERIENNR", 70, "Seriennummer der Kasse", "serial"),
        text(
            "KASSE_SW_BRAND",
            50,
            "Markenbezeichnung der Software",
            "software",
            need=MAYBE,
        ),
        text(
            "KASSE_SW_VERSION",
            50,
            "Version der Software",
            "software_version",
            need=MAYBE,
        ),
        exact(
            "KASSE_BASISWAEH_CODE",
            3,
            "Basiswährung der Kasse",
            "currency",
            like=CURRENCY,
        ),
        exact(
            "KEINE_UST_ZUORDNUNG",
            1,
            "UmsatzsteuerNichtErmittelbar (bei späterem Zahlungseingang)",
            "is_without_vat",
            spell=FLAG_TEXT,
            like=FLAG,
            need=MAYBE,
        ),
    ),
    key=("Z_KASSE_ID", "Z_NR"),
)

SLAVES = TableLayout(
    file="slaves.csv",
    name="Stamm_Terminals",
    head=CLOSING,
    columns=(
        exact("TERMINAL_ID", 50, "ID des Terminals", "id"),
        text("TERMINAL_BRAND", 50, "Marke der Terminals", "brand", need=MAYBE),
        text(
            "TERMINAL_MODELL",
            50,
            "Modellbezeichnung des Terminals",
            "model",
            need=MAYBE,
        ),
        exact("TERMINAL_SERIENNR", 70, "Seriennummer des Terminals", "serial"),
        text(
            "TERMINAL_SW_BRAND",
            50,
            "Markenbezeichnung der Software",
            "software",
            need=MAYBE,
        ),
        text(
            "TERMINAL_SW_VERSION",
            50,
            "Version der Software",
            "software_version",
            need=MAYBE,
        ),
    ),
    key=("Z_KASSE_ID", "Z_NR", "TERMINAL_ID"),
)

PA = TableLayout(
    file="pa.csv",
    name="Stamm_Agenturen",
    head=CLOSING,
    columns=(
        number("AGENTUR_ID", 0, "ID der Agentur", "id"),
        text("AGENTUR_NAME", 60, "Name des Auftraggebers", "name"),
        text("AGENTUR_STRASSE", 60, "Straße", "street"),
        exact("AGENTUR_PLZ", 10, "Postleitzahl", "postal_code"),
        text("AGENTUR_ORT", 62, "Ort", "city"),
        exact("AGENTUR_LAND", 3, "Land", "country", like=COUNTRY),
        exact(
            "AGENTUR_STNR",
            20,
            "Steuernummer des Auftraggebers",
            "tax_number",
            need=EITHER,
        ),
        exact("AGENTUR_USTID", 15, "USTID des Auftraggebers", "vat_id", need=EITHER),
    ),
    key=("Z_KASSE_ID", "Z_NR", "AGENTUR_ID"),
)

TSE = TableLayout(
    file="tse.csv",
    name="Stamm_TSE",
    head=CLOSING,
    columns=(
        number(
            "TSE_ID",
            0,
            "ID der TSE - wird nur zur Referenzierung innerhalb eines Kassenabschlusses verwendet",
            "id",
        ),
        exact(
            "TSE_SERIAL",
            68,
            (
                "Seriennummer der TSE (Entspricht laut TR-03153 Abschnitt 7.5. dem Hashwert des im "
                "Zertifikat enthaltenen Schlüssels in Octet-String-Darstellung)"
            ),
            "serial",
            like=DIGEST,
        ),
        exact(
            "TSE_SIG_ALGO",
            21,
            "Der von der TSE verwendete Signaturalgo-rithmus",
            "algorithm",
            like=words.SIGNATURE_ALGORITHMS,
        ),
        exact(
            "TSE_ZEITFORMAT",
            31,
            (
                "Das von der TSE verwendete Format für die Log-Time - 'unixTime', 'utcTime' = "
                "YYMMDDhhmmZ, 'utcTimeWithSeconds' = YYMMDDhhmmssZ, 'generalizedTime' = "
                "YYYYMMDDhhmmssZ, 'generalizedTimeWithMilliseconds' = YYYYMMDDhhmmss.fffZ"
            ),
            "time_format",
            like=words.TIME_FORMATS,
        ),
        exact(
            "TSE_PD_ENCODING",
            5,
            "Das Text-Encoding der ProcessData (UTF-8 oder ASCII)",
            "encoding",
            like=words.ENCODINGS,
        ),
        exact(
            "TSE_PUBLIC_KEY",
            512,
            "Öffentlicher Schlüssel - extrahiert aus dem Zertifikat der TSE - in base64-Codierung",
            "public_key",
        ),
        exact(
            "TSE_ZERTIFIKAT_I",
            1000,
            "Erste 1000 Zeichen des base64-codierten Zertifikats der TSE (in base64-Codierung)",
            lambda row: row.certificate[:PART],
        ),
        exact(
            "TSE_ZERTIFIKAT_II",
            1000,
            "Ggf. Rest des base64-codierten Zertifikats der TSE (in base64-Codierung)",
            lambda row: row.certificate[PART : 2 * PART],
            need=MAYBE,
        ),
    ),
    key=("Z_KASSE_ID", "Z_NR", "TSE_ID"),
)

VAT = TableLayout(
    file="vat.csv",
    name="Stamm_USt",
    head=CLOSING,
    columns=(
        number("UST_SCHLUESSEL", 0, "ID des Umsatzsteuersatzes", "key"),
        number("UST_SATZ", 2, "Prozentsatz", "percentage"),
        text("UST_BESCHR", 55, "Beschreibung", "text"),
    ),
    key=("Z_KASSE_ID", "Z_NR", "UST_SCHLUESSEL"),
)

BUSINESSCASES = TableLayout(
    file="businesscases.csv",
    name="Z_GV_Typ",
    head=CLOSING,
    columns=(
        exact("GV_TYP", 30, "Geschäftsvorfall-Art", "type", like=words.BUSINESS_CASES),
        exact("GV_NAME", 40, "Name des Geschäftsvorfalls", "name", need=MAYBE),
        number("AGENTUR_ID", 0, "ID der Agentur", "agency", need=MAYBE),
        number("UST_SCHLUESSEL", 0, "ID des USt-Satzes", "vat_key"),
        number("Z_UMS_BRUTTO", 5, "Bruttoumsatz", "gross"),
        number("Z_UMS_NETTO", 5, "Nettoumsatz", "net"),
        number("Z_UST", 5, "Umsatzsteuer", "vat"),
    ),
    key=("Z_KASSE_ID", "Z_NR", "GV_TYP", "GV_NAME", "AGENTUR_ID", "UST_SCHLUESSEL"),
)

PAYMENT = TableLayout(
    file="payment.csv",
    name="Z_Zahlart",
    head=CLOSING,
    columns=(
        exact("ZAHLART_TYP", 25, "Typ der Zahlart", "type", like=words.PAYMENTS),
        exact("ZAHLART_NAME", 60, "Name der Zahlart", "name", need=MAYBE),
        number("Z_ZAHLART_BETRAG", 2, "Betrag", "amount"),
    ),
    key=("Z_KASSE_ID", "Z_NR", "ZAHLART_TYP", "ZAHLART_NAME"),
)

CASH_PER_CURRENCY = TableLayout(
    file="cash_per_currency.csv",
    name="Z_Waehrungen",
    head=CLOSING,
    columns=(
        exact("ZAHLART_WAEH", 3, "Währung", "currency", like=CURRENCY),
        number("ZAHLART_BETRAG_WAEH", 2, "Betrag", "amount"),
    ),
    key=("Z_KASSE_ID", "Z_NR", "ZAHLART_WAEH"),
)
