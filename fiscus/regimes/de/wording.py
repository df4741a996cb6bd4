"""German words for what callers are not asked to name: auditors read the files in German.

Doors name such lines and reasons in English. They are put into German before the document is
sealed, so that what was sealed once is never worded anew.
"""

import re
from collections.abc import Mapping

import msgspec

from fiscus.model.documents import Draft, DraftLine, LinePurpose
from fiscus.model.records import Case

LINES: Mapping[str, str] = {
    "Opening float": "Anfangsbestand",
    "Counted difference": "Kassendifferenz",
    "Closing pull": "Abschöpfung zum Kassenabschluss",
    "Float for the next shift": "Wechselgeld für die nächste Schicht",
    "Tip": "Trinkgeld",
    "Gift card": "Gutschein",
}

REASONS: Mapping[str, str] = {
    "bank_drop": "Abschöpfung zur Bank",
    "bank_deposit": "Einzahlung bei der Bank",
    "safe_drop": "Abschöpfung in den Tresor",
    "change_delivery": "Wechselgeldlieferung",
    "pay_in": "Einzahlung",
    "pay_out": "Auszahlung",
    "owner_deposit": "Privateinlage",
    "owner_withdrawal": "Privatentnahme",
    "wage": "Lohnzahlung",
    "correction": "Korrektur des Kassenbestands",
    "void_before_completion": "Vor dem Abschluss abgebrochen",
    "customer_abandoned_checkout": "Vom Kunden abgebrochen",
    "operator_cancelled": "Vom Bediener abgebrochen",
    "payment_failed": "Zahlung fehlgeschlagen",
    "left open at the cut-off": "Zum Tagesende noch offen",
}
"""Why money moved, or why a sale came to nothing, by the words that callers may use."""

TITLED = frozenset(
    {
        LinePurpose.SALE,
        LinePurpose.DEPOSIT,
        LinePurpose.DISCOUNT,
        LinePurpose.SURCHARGE,
        LinePurpose.VOUCHER_SOLD,
    }
)
"""Lines that callers name: their words stay as they are."""

OUTAGES: tuple[tuple[str, str], ...] = (
    (
        r"the device is busy: no turn within (\S+) s",
        r"Die TSE ist ausgelastet: nach \1 s nicht frei",
    ),
    (r"the TSE is busy", "Die TSE ist ausgelastet"),
    (r"the device cannot be opened: ", "Die TSE lässt sich nicht öffnen: "),
    (r"the device stumbled: ", "Fehler im Umgang mit der TSE: "),
    (r"no device is fitted to this register", "Der Kasse ist keine TSE zugeordnet"),
    (
        r"begun by the device (\S+), which was exchanged since",
        r"Begonnen von der TSE \1, die seither ausgetauscht wurde",
    ),
    (
        r"the certificate of the device ended at (\S+)",
        r"Das Zertifikat der TSE ist abgelaufen: \1",
    ),
    (
        r"transaction (\S+) was not ended by this document",
        r"Die Transaktion \1 wurde nicht von diesem Vorgang beendet",
    ),
    (r"the answer to (.+) is not understood: ", r"Die Antwort auf \1 ist nicht verständlich: "),
    (r" \(down since (\S+)\)$", r" (Ausfall seit \1)"),
)
"""Why there is no signature, as we say it; what a device or the machine itself said stays."""

TEXT_LENGTH_MAX = 200
ELLIPSIS = " …"


def in_german(case: Case) -> Draft:
    """The draft with our own words in German; a caller's own texts stay."""
    draft = case.draft
    if not draft.reason and all(line.purpose in TITLED for line in draft.lines):
        return draft
    return msgspec.structs.replace(
        draft,
        lines=tuple(_line(line) for line in draft.lines),
        reason=_reason(draft.reason),
    )


def _line(line: DraftLine) -> DraftLine:
    if line.purpose in TITLED:
        return line
    return msgspec.structs.replace(line, text=LINES.get(line.text) or _reason(line.text))


def _reason(text: str) -> str:
    return REASONS.get(text.strip().lower(), text)


def outage(text: str) -> str:
    """Why a device is out, in German, as much as the export takes; empty if nobody said."""
    for said, german in OUTAGES:
        text = re.sub(said, german, text, count=1)
    return whole_words(text)


def whole_words(text: str, length_max: int = TEXT_LENGTH_MAX) -> str:
    """The text in one line, and if it is too long up to the last word that fits whole: half of a
    word, or of an address, says something else. Empty if not even the first word fits."""
    words = text.split()
    whole = " ".join(words)
    if len(whole) <= length_max:
        return whole
    kept = ""
    for word in words:
        longer = f"{kept} {word}".strip()
        if len(longer) + len(ELLIPSIS) > length_max:
            break
        kept = longer
    return f"{kept}{ELLIPSIS}" if kept else ""
