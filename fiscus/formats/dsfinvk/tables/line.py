"""The tables with one or more rows for each line of a receipt."""

from fiscus.formats.dsfinvk.tables import words
from fiscus.formats.dsfinvk.tables.columns import (
    ARTICLE,
    FLAG,
    FLAG_TEXT,
    MAYBE,
    TableLayout,
    exact,
    number,
    text,
)
from fiscus.formats.dsfinvk.tables.receipt import RECEIPT

LINE = (*RECEIPT, exact("POS_ZEILE", 50, "Zeilennummer", "number"))

LINES = TableLayout(
    file="lines.csv",
    name="Bonpos",
    head=LINE,
    columns=(
        exact("GUTSCHEIN_NR", 50, "Gutschein-Nr.", "voucher", need=MAYBE),
        text("ARTIKELTEXT", 255, "Artikeltext", "text"),
        exact("POS_TERMINAL_ID", 50, "ID des POS-Terminals", "terminal", need=MAYBE),
        exact("GV_TYP", 30, "Geschäftsvorfall-Art", "type", like=words.BUSINESS_CASES),
        exact("GV_NAME", 40, "Name des Geschäftsvorfalls", "name", need=MAYBE),
        exact(
            "INHAUS",
            1,
            "Verzehr an Ort und Stelle",
            "is_eaten_in",
            spell=FLAG_TEXT,
            like=FLAG,
            need=MAYBE,
        ),
        exact(
            "P_STORNO",
            1,
            "Positionsstorno-Kennzeichnung",
            "is_void",
            spell=FLAG_TEXT,
            like=FLAG,
            need=MAYBE,
        ),
        number("AGENTUR_ID", 0, "ID der Agentur", "agency", need=MAYBE),
        exact("ART_NR", 50, "Artikelnummer", "product", need=ARTICLE),
        exact("GTIN", 50, "GTIN", "gtin", need=MAYBE),
        exact("WARENGR_ID", 40, "Warengruppen-ID", "group_id", need=MAYBE),
        text("WARENGR", 50, "Bezeichnung Warengruppe", "group", need=MAYBE),
        number("MENGE", 3, "Menge", "quantity", need=ARTICLE),
        number("FAKTOR", 3, "Faktor, z. B. Gebindegrößen", "factor", need=MAYBE),
        text(
            "EINHEIT",
            50,
            "Maßeinheit, z. B. kg, Liter oder Stück",
            "unit",
            need=MAYBE,
        ),
        number("STK_BR", 5, "Preis pro Einheit inkl. USt", "unit_gross", need=ARTICLE),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "POS_ZEILE"),
)

ITEMAMOUNTS = TableLayout(
    file="itemamounts.csv",
    name="Bonpos_Preisfindung",
    head=LINE,
    columns=(
        exact(
            "TYP",
            20,
            "Basispreis, Rabatt oder Zuschlag",
            "type",
            like=words.PRICE_PARTS,
            need=MAYBE,
        ),
        number("UST_SCHLUESSEL", 0, "ID des USt-Satzes", "vat_key"),
        number("PF_BRUTTO", 5, "Bruttoumsatz", "gross", need=MAYBE),
        number("PF_NETTO", 5, "Nettoumsatz", "net", need=MAYBE),
        number("PF_UST", 5, "Umsatzsteuer", "vat", need=MAYBE),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "POS_ZEILE", "TYP", "UST_SCHLUESSEL"),
)

SUBITEMS = TableLayout(
    file="subitems.csv",
    name="Bonpos_Zusatzinfo",
    head=LINE,
    columns=(
        exact("ZI_ART_NR", 50, "Artikelnummer", "product"),
        exact("ZI_GTIN", 50, "GTIN", "gtin", need=MAYBE),
        text("ZI_NAME", 60, "Artikelbezeichnung", "name", need=MAYBE),
        exact("ZI_WARENGR_ID", 40, "Warengruppen-ID", "group_id", need=MAYBE),
        text("ZI_WARENGR", 50, "Bezeichnung Warengruppe", "group", need=MAYBE),
        number("ZI_MENGE", 3, "Menge", "quantity"),
        number("ZI_FAKTOR", 3, "Faktor, z. B. Gebindegrößen", "factor", need=MAYBE),
        text(
            "ZI_EINHEIT",
            50,
            "Maßeinheit, z. B. kg, Liter oder Stück",
            "unit",
            need=MAYBE,
        ),
        number("ZI_UST_SCHLUESSEL", 0, "ID USt-Satz des Basispreises", "vat_key"),
        number("ZI_BASISPREIS_BRUTTO", 5, "Basispreis brutto", "gross", need=MAYBE),
        number("ZI_BASISPREIS_NETTO", 5, "Basispreis netto", "net", need=MAYBE),
        number("ZI_BASISPREIS_UST", 5, "Basispreis USt", "vat", need=MAYBE),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "POS_ZEILE", "ZI_ART_NR"),
)

LINES_VAT = TableLayout(
    file="lines_vat.csv",
    name="Bonpos_USt",
    head=LINE,
    columns=(
        number("UST_SCHLUESSEL", 0, "ID des USt-Satzes", "key"),
        number("POS_BRUTTO", 5, "Bruttoumsatz", "gross", need=MAYBE),
        number("POS_NETTO", 5, "Nettoumsatz", "net", need=MAYBE),
        number("POS_UST", 5, "Umsatzsteuer", "vat", need=MAYBE),
    ),
    key=("Z_KASSE_ID", "Z_NR", "BON_ID", "POS_ZEILE", "UST_SCHLUESSEL"),
)
