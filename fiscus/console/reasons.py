"""Why a device did not sign, and what else came from signers and the machine in English: in the
visitor's language where we know the words, else marked as English."""

import re
from typing import NamedTuple

from markupsafe import Markup

from fiscus.console.languages import ENGLISH, N_, translations

REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"the device is busy: no turn within (?P<seconds>\S+) s",
        r"Die TSE ist ausgelastet: nach (?P<seconds>\S+) s nicht frei",
        N_("the signing device was busy for %(seconds)s s"),
    ),
    (r"the TSE is busy", r"Die TSE ist ausgelastet", N_("the signing device is busy")),
    (
        r"the device cannot be opened",
        r"Die TSE lässt sich nicht öffnen",
        N_("the signing device cannot be opened"),
    ),
    (
        r"the device stumbled",
        r"Fehler im Umgang mit der TSE",
        N_("something went wrong at the signing device"),
    ),
    (
        r"no device is fitted to this register",
        r"Der Kasse ist keine TSE zugeordnet",
        N_("this register has no signing device"),
    ),
    (
        r"begun by the device (?P<device>\S+), which was exchanged since",
        r"Begonnen von der TSE (?P<device>\S+), die seither ausgetauscht wurde",
        N_("begun by the signing device %(device)s, which was exchanged since"),
    ),
    (
        r"the certificate of the device ended at (?P<at>\S+)",
        r"Das Zertifikat der TSE ist abgelaufen: (?P<at>\S+)",
        N_("the certificate of the signing device ended at %(at)s"),
    ),
    (
        r"transaction (?P<number>\S+) was not ended by this document",
        r"Die Transaktion (?P<number>\S+) wurde nicht von diesem Vorgang beendet",
        N_("transaction %(number)s was not ended by this document"),
    ),
    (
        r"the answer to (?P<what>.+) is not understood",
        r"Die Antwort auf (?P<what>.+) ist nicht verständlich",
        N_("the answer to %(what)s is not understood"),
    ),
)
"""How a signer says it, how the German law's documents have it sealed
(`fiscus/regimes/de/wording.py`), and what we say. What stands behind a colon is the machine's
own."""

MACHINE = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Connection refused"),
    N_("timed out"),
)
"""What operating systems say most often."""

DOUBTS = (
    N_(
        "account 2117 stands for the clearing of the tills here, and in some accounting programs "
        "for something else; ask which account is free"
    ),
)
"""What the laws' charts of accounts are not sure of, and export jobs warn of."""

DOUBTFUL = N_("ask the accountant before this account is used")
"""What stands before a doubt (`fiscus/accounting/frozen.py`)."""

ENDS: tuple[tuple[str, str], ...] = (
    (r"; transaction (?P<number>\S+) was begun", N_("transaction %(number)s was begun")),
    (r" \((?:down since|Ausfall seit) (?P<since>\S+)\)", N_("since %(since)s")),
)
"""What stands behind a reason, the last first, and what we say."""


class OutageReason(NamedTuple):
    """Why a device did not sign: `words` in the visitor's language, without those of the machine;
    `raw` as it was kept, in the language of the law (`is_of_law`) or in English."""

    words: Markup
    raw: str
    is_of_law: bool


def outage(language: str, text: str) -> OutageReason:
    """What a page says of an outage, and the technical text to keep apart from that."""
    told, _ = _without_ends(language, text)
    for ours, german, said in REASONS:
        for pattern in (ours, german):
            if found := re.fullmatch(rf"{pattern}(?:: (?P<rest>.+))?", told):
                values = {name: value for name, value in found.groupdict().items() if value}
                words = Markup("{}").format(translations(language).gettext(said) % values)
                return OutageReason(words, text, pattern is german)
    return OutageReason(_plain(language, told), text, is_of_law=False)


def reason(language: str, text: str) -> Markup:
    """A reason for a page. Its words that have no translation are marked as English."""
    told, ends = _without_ends(language, text)
    end = f" ({', '.join(ends)})" if ends else ""
    return Markup("{}{}").format(_core(language, told), end)


def _without_ends(language: str, told: str) -> tuple[str, list[str]]:
    ends: list[str] = []
    for pattern, said in ENDS:
        if found := re.search(rf"{pattern}$", told):
            told = told[: found.start()]
            ends.insert(0, translations(language).gettext(said) % found.groupdict())
    return told, ends


def _core(language: str, told: str) -> Markup:
    for *patterns, said in REASONS:
        for pattern in patterns:
            if found := re.fullmatch(rf"{pattern}(?:: (?P<rest>.+))?", told):
                values = found.groupdict()
                rest = values.pop("rest")
                behind = Markup(": {}").format(_plain(language, rest)) if rest else ""
                ours = translations(language).gettext(said) % values
                return Markup("{}{}").format(ours, behind)
    head, _, doubt = told.partition(": ")
    if head == DOUBTFUL and doubt:
        return Markup("{}: {}").format(_plain(language, head), _plain(language, doubt))
    return _plain(language, told)


def _plain(language: str, text: str) -> Markup:
    said = translations(language).gettext(text)
    is_foreign = said == text and language != ENGLISH
    return Markup('<span lang="en">{}</span>' if is_foreign else "{}").format(said)
