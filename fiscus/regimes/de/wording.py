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
        "the device is busy: no turn within {word} s",
        "Die TSE ist ausgelastet: nach {word} s nicht frei",
    ),
    ("the TSE is busy", "Die TSE ist ausgelastet"),
    ("the device cannot be opened: ", "Die TSE lässt sich nicht öffnen: "),
    ("the device stumbled: ", "Fehler im Umgang mit der TSE: "),
    ("no device is fitted to this register", "Der Kasse ist keine TSE zugeordnet"),
    (
        "begun by the device {word}, which was exchanged since",
        "Begonnen von der TSE {word}, die seither ausgetauscht wurde",
    ),
    (
        "the certificate of the device ended at {word}",
        "Das Zertifikat der TSE ist abgelaufen: {word}",
    ),
    (
        "transaction {word} was not ended by this document",
        "Die Transaktion {word} wurde nicht von diesem Vorgang beendet",
    ),
    (
        "the answer to {words} is not understood: ",
        "Die Antwort auf {words} ist nicht verständlich: ",
    ),
    (" (down since {word})", " (Ausfall seit {word})"),
)
"""Why there is no signature, as signers say it and as we seal it; what a device or the machine
itself said stays. `{word}` is one, `{words}` are several."""

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
    for pattern, german in _TO_GERMAN:
        text = _put(pattern, german, text)
    return whole_words(text)


def signer_words(text: str) -> str:
    """What the signer had said, of what `outage` made of it."""
    for pattern, said in _FROM_GERMAN:
        text = _put(pattern, said, text)
    return text


def _put(pattern: re.Pattern[str], form: str, text: str) -> str:
    return pattern.sub(lambda found: form.format(**found.groupdict()), text, count=1)


def _pattern(form: str) -> re.Pattern[str]:
    """What finds a text of this form; one in brackets stands at the end."""
    found = re.escape(form)
    for name, which in (("word", r"\S+"), ("words", ".+")):
        found = found.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>{which})")
    return re.compile(f"{found}$" if form.startswith(" (") else found)


_TO_GERMAN = tuple((_pattern(said), german) for said, german in OUTAGES)
_FROM_GERMAN = tuple((_pattern(german), said) for said, german in OUTAGES)


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
