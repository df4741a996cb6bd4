"""Why a device did not sign, and what else came from signers and the machine in English: in the
visitor's language where we know the words, else marked as English."""

import re
from typing import NamedTuple

from markupsafe import Markup

from fiscus import regimes
from fiscus.console.languages import ENGLISH, N_, translations

REASONS: tuple[tuple[str, str], ...] = (
    (
        r"the device is busy: no turn within (?P<seconds>\S+) s",
        N_("the signing device was busy for %(seconds)s s"),
    ),
    (r"the TSE is busy", N_("the signing device is busy")),
    (r"the device cannot be opened", N_("the signing device cannot be opened")),
    (r"the device stumbled", N_("something went wrong at the signing device")),
    (r"no device is fitted to this register", N_("this register has no signing device")),
    (
        r"begun by the device (?P<device>\S+), which was exchanged since",
        N_("begun by the signing device %(device)s, which was exchanged since"),
    ),
    (
        r"the certificate of the device ended at (?P<at>\S+)",
        N_("the certificate of the signing device ended at %(at)s"),
    ),
    (
        r"transaction (?P<number>\S+) was not ended by this document",
        N_("transaction %(number)s was not ended by this document"),
    ),
    (
        r"the answer to (?P<what>.+) is not understood",
        N_("the answer to %(what)s is not understood"),
    ),
)
"""How a signer says it, and what we say. What stands behind a colon is the machine's own."""

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
    (r" \(down since (?P<since>\S+)\)", N_("since %(since)s")),
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
    said = regimes.signer_words(text)
    told, _ = _without_ends(language, said)
    known = _known(language, told)
    words = known[0] if known else _plain(language, told)
    return OutageReason(words, text, is_of_law=said != text)


def reason(language: str, text: str) -> Markup:
    """A reason for a page. Its words that have no translation are marked as English."""
    told, ends = _without_ends(language, regimes.signer_words(text))
    end = f" ({', '.join(ends)})" if ends else ""
    return Markup("{}{}").format(_core(language, told), end)


def _known(language: str, told: str) -> tuple[Markup, str] | None:
    """A signer's reason in the visitor's language, and what the machine said; None: an unknown
    one."""
    for pattern, said in REASONS:
        if found := re.fullmatch(rf"{pattern}(?:: (?P<rest>.+))?", told):
            values = found.groupdict()
            rest = values.pop("rest") or ""
            return Markup("{}").format(translations(language).gettext(said) % values), rest
    return None


def _without_ends(language: str, told: str) -> tuple[str, list[str]]:
    ends: list[str] = []
    for pattern, said in ENDS:
        if found := re.search(rf"{pattern}$", told):
            told = told[: found.start()]
            ends.insert(0, translations(language).gettext(said) % found.groupdict())
    return told, ends


def _core(language: str, told: str) -> Markup:
    if known := _known(language, told):
        ours, rest = known
        behind = Markup(": {}").format(_plain(language, rest)) if rest else ""
        return Markup("{}{}").format(ours, behind)
    head, _, doubt = told.partition(": ")
    if head == DOUBTFUL and doubt:
        return Markup("{}: {}").format(_plain(language, head), _plain(language, doubt))
    return _plain(language, told)


def _plain(language: str, text: str) -> Markup:
    said = translations(language).gettext(text)
    is_foreign = said == text and language != ENGLISH
    return Markup('<span lang="en">{}</span>' if is_foreign else "{}").format(said)
