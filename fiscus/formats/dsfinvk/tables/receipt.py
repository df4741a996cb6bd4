"""The tables with one or more rows for each receipt."""

from fiscus.formats.dsfinvk.tables import words
from fiscus.formats.dsfinvk.tables.cells import fitting, log_time_text, moment_text
from fiscus.formats.dsfinvk.tables.columns import (
    COUNTRY,
    CURRENCY,
    FLAG,
    FLAG_TEXT,
    LOG_TIME,
    MAYBE,
    MOMENT,
    TableLayout,
    exact,
    number,
    text,
)
from fiscus.formats.dsfinvk.tables.master import CLOSING

RECEIPT = (*CLOSING, exact("BON_ID", 40, "Vorgangs-ID", "id"))

TRANSACTIONS = TableLayout(
    file="transactions.csv",
    name="Bonkopf",
    head=RECEIPT,
    columns=(
        number("BON_NR", 0, "Bonnummer", "number"),
        exact("BON_TYP", 30, "Bontyp", "type", like=words.RECEIPTS),
        text("BON_NAME", 60, "Zusatz-Beschreibung zum Bontyp", "name", need=MAYBE),
        exact("TERMINAL_ID", 50, "ID des Erfassungsterminals", "terminal", need=MAYBE),
        exact(
            "BON_STORNO",
            1,
            "Storno-Kennzeichen",
            "is_reversal",
            spell=FLAG_TEXT,
            like=FLAG,
            need=MAYBE,
        ),
        exact(
            "BON_START",
            30,
            "Zeitpunkt des Vorgangsstarts",
            lambda row: moment_text(row.started_at, row.timezone),
            like=MOMENT,
        ),
        exact(
            "BON_ENDE",
            30,
            "Zeitpunkt der Vorgangsbeendigung",
            lambda row: moment_text(row.finished_at, row.timezone),
            like=MOMENT,
        ),
        exact("BEDIENER_ID", 50, "Bediener-ID", "operator"),
        text("BEDIENER_NAME", 50, "Bediener-Name", "operator_name", need=MAYBE),
        number("UMS_BRUTTO", 2, "Brutto-Gesamtumsatz", "gross"),
        text(
            "KUNDE_NAME",
            50,
            "Name des Leistungsempfängers",
            "customer.name",
            need=MAYBE,
        ),
        exact(
            "KUNDE_ID",
            50,
            "Kundennummer des Leistungsempfängers",
            "customer.id",
            need=MAYBE,
        ),
        text(
            "KUNDE_TYP",
            50,
            "Art des Leistungsempfängers (z. B. Mitarbeiter)",
            "customer.type",
            need=MAYBE,
        ),
        text(
            "KUNDE_STRASSE",
            60,
            "Straße und Hausnummer des Leistungsempfängers",
            "customer.street",
            need=MAYBE,
        ),
        exact(
            "KUNDE_PLZ",
            10,
            "PLZ des Leistungsempfängers",
            "customer.postal_code",
            need=MAYBE,
        ),
        text(
            "KUNDE_ORT",
            62,
            "Ort des Leistungsempfängers",
            "customer.city",
            need=MAYBE,
        ),
        exact(
            "KUNDE_LAND",
            3,
            "Land des Leistungsempfängers",
            "customer.country",
            like=COUNTRY,
            need=MAYBE,
        ),
        exact(
            "KUNDE_USTID",
            15,
            "UStID des Leistungsempfängers",
            "customer.vat_id",
            need=MAYBE,
        ),
        text(
            "BON_NOTIZ",
            255,
            "Zusätzliche Informationen zum Bonkopf",
            "note",
            need=MAYBE,
        ),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID"),
)

DATAPAYMENT = TableLayout(
    file="datapayment.csv",
    name="Bonkopf_Zahlarten",
    head=RECEIPT,
    columns=(
        exact("ZAHLART_TYP", 25, "Typ der Zahlart", "type", like=words.PAYMENTS),
        exact("ZAHLART_NAME", 60, "Name der Zahlart", "name", need=MAYBE),
        exact("ZAHLWAEH_CODE", 3, "Währungscode", "currency", like=CURRENCY),
        number(
            "ZAHLWAEH_BETRAG",
            2,
            "Betrag in Fremdwährung",
            "foreign_amount",
            need=MAYBE,
        ),
        number("BASISWAEH_BETRAG", 2, "Betrag in Basiswährung (i.d.R. EUR)", "amount"),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "ZAHLART_TYP", "ZAHLART_NAME", "ZAHLWAEH_CODE"),
)

TRANSACTIONS_TSE = TableLayout(
    file="transactions_tse.csv",
    name="TSE_Transaktionen",
    head=RECEIPT,
    columns=(
        number("TSE_ID", 0, "Die Id der für eine Transaktion verwendeten TSE", "device"),
        number("TSE_TANR", 0, "Die Transaktionsnummer der TSE-Transaktion", "number"),
        exact(
            "TSE_TA_START",
            30,
            "Die Log-Time der StartTransaction-Operation",
            "started_at",
            spell=log_time_text,
            like=LOG_TIME,
        ),
        exact(
            "TSE_TA_ENDE",
            30,
            "Die Log-Time der FinishTransaction-Operation",
            "finished_at",
            spell=log_time_text,
            like=LOG_TIME,
        ),
        exact(
            "TSE_TA_VORGANGSART",
            30,
            "Der processType der FinishTransaction-Operation",
            "process_type",
            like=words.PROCESS_TYPES,
        ),
        number(
            "TSE_TA_SIGZ",
            0,
            "Der Signaturzähler der FinishTransaction-Operation",
            "counter",
        ),
        exact(
            "TSE_TA_SIG",
            512,
            "Die Signatur der FinishTransaction-Operation",
            "signature",
        ),
        text(
            "TSE_TA_FEHLER",
            200,
            "Beschreibung des TSE-Ausfalls oder Fehlers",
            "outage",
            need=MAYBE,
        ),
        exact(
            "TSE_VORGANGSDATEN",
            1000,
            (
                "An die zertifizierte technische Sicherheitseinrichtung übergebene Daten"
                " des Vorgangs (optional)"
            ),
            "process_data",
            spell=lambda told: fitting(told, 1000),
            need=MAYBE,
        ),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "TSE_ID", "TSE_TANR"),
)

TRANSACTIONS_VAT = TableLayout(
    file="transactions_vat.csv",
    name="Bonkopf_USt",
    head=RECEIPT,
    columns=(
        number("UST_SCHLUESSEL", 0, "ID des USt-Satzes", "key"),
        number("BON_BRUTTO", 5, "Bruttoumsatz", "gross"),
        number("BON_NETTO", 5, "Nettoumsatz", "net"),
        number("BON_UST", 5, "Umsatzsteuer", "vat"),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "UST_SCHLUESSEL"),
)

ALLOCATION_GROUPS = TableLayout(
    file="allocation_groups.csv",
    name="Bonkopf_AbrKreis",
    head=RECEIPT,
    columns=(exact("ABRECHNUNGSKREIS", 50, "z. B. Tischnummer", lambda row: row, need=MAYBE),),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "ABRECHNUNGSKREIS"),
)

REFERENCES = TableLayout(
    file="references.csv",
    name="Bon_Referenzen",
    head=RECEIPT,
    columns=(
        exact(
            "POS_ZEILE",
            50,
            (
                "Zeilennummer des referenzierenden Vorgangs (nicht bei Verweis aus einem Bonkopf "
                "heraus)"
            ),
            "line",
            need=MAYBE,
        ),
        exact("REF_TYP", 20, "Art der Referenz", "type", like=words.REFERENCES),
        text(
            "REF_NAME",
            40,
            "Beschreibung bei Art “ExterneSonstige”",
            "name",
            need=MAYBE,
        ),
        exact(
            "REF_DATUM",
            30,
            "Datum des Kassenabschlusses",
            lambda row: moment_text(row.closed_at, row.timezone),
            like=MOMENT,
            need=MAYBE,
        ),
        exact("REF_Z_KASSE_ID", 50, "ID der (Abschluss-) Kasse", "register", need=MAYBE),
        number("REF_Z_NR", 0, "Nr. des Kassenabschlusses", "closing", need=MAYBE),
        exact("REF_BON_ID", 40, "Vorgangs-ID", "receipt"),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "POS_ZEILE", "REF_TYP", "REF_Z_NR", "REF_BON_ID"),
)
