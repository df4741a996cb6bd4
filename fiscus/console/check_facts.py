"""What the page 'Check a file' says in words: how a check stands, and texts for its script."""

import re

from markupsafe import Markup, escape

from fiscus.checking.kept import CheckPhase, CheckState
from fiscus.checking.results import CheckVerdict
from fiscus.console.languages import ENGLISH
from fiscus.console.verify_texts import verify_texts
from fiscus.console.visit import N_, Visit

VERDICTS = {
    CheckVerdict.GOOD: N_("Nothing wrong was found."),
    CheckVerdict.PARTLY: N_(
        "Nothing wrong was found in what was checked; the signatures were not checked."
    ),
    CheckVerdict.WARNED: N_("No error was found, but something that a person should look at."),
    CheckVerdict.BAD: N_("Errors were found."),
    CheckVerdict.UNJUDGED: N_("The file could not be judged."),
}

SCRIPT_TEXTS = {
    "severity.error": N_("error"),
    "severity.warning": N_("warning"),
    "severity.note": N_("note"),
    "upload.going": N_("Sending: {percent}"),
    "upload.failed": N_("The file could not be sent. Try again."),
    "upload.none": N_(
        "Sign in, or ask for a ticket, to have this kind of file checked by the server."
    ),
    "upload.send": N_("Send and check"),
    "upload.send-too": N_("Send it to the server as well"),
    "local.done": N_("It was judged in your browser: nothing was sent."),
    "local.server": N_(
        "The server can compare one thing more: the rows of tables that the entries state. "
        "If you want that, send it."
    ),
    "local.reading": N_("Reading: {percent}"),
    "local.stopped": N_("Stopped. Nothing was judged."),
}
"""Besides those of what is verified in the browser; a value stands in braces."""


def phase_words(visit: Visit, state: CheckState) -> str:
    """One sentence on how the check stands."""
    if state.phase is CheckPhase.WAITING:
        place = state.place or 1
        return visit.text(N_("Waiting: number %(place)s in the queue."), place=place)
    if state.phase is CheckPhase.CHECKING:
        if not state.read or not state.size:
            return visit.text(N_("Checking …"))
        share = min(100, state.read * 100 // state.size)
        return visit.text(N_("Checking: %(share)s %% of the file has been read."), share=share)
    assert state.result is not None, "a check that is done has a result"
    return visit.text(VERDICTS[state.result.verdict])


def script_texts(visit: Visit) -> dict[str, str]:
    """Texts that the script puts in, in the visitor's language, with their placeholders."""
    own = {key: visit.text(text) for key, text in SCRIPT_TEXTS.items()}
    return {**verify_texts(visit), **own}


_COMMAND = re.compile(r"`([^`]+)`")


def worded(visit: Visit, sentence: str) -> Markup:
    """In the visitor's language; what stands between backticks is shown as code."""
    said = str(escape(visit.text(sentence)))
    return Markup(_COMMAND.sub(r"<code>\1</code>", said))  # noqa: S704 - escaped before


def own_words(visit: Visit, sentence: str) -> Markup:
    """The attribute of an element whose words a checker has in English alone."""
    is_english = visit.language == ENGLISH or visit.text(sentence) != sentence
    return Markup("") if is_english else Markup(' lang="en"')
