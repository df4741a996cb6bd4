"""What the script of the page of the proof says."""

from collections.abc import Mapping

from fiscus.console.verify_texts import VERIFY_TEXTS
from fiscus.console.visit import N_, Visit

SENTENCES: Mapping[str, str] = {
    "proof.working": N_("This browser is checking the newest checkpoint."),
    "proof.log": N_("Signature of the log"),
    "proof.witness": N_("Witness {name}"),
    "proof.time": N_("signed at {time}"),
    "proof.failed": N_("The newest checkpoint could not be read: {reason}"),
    "proof.good": N_("This browser has recomputed the signatures of the newest checkpoint: good."),
    "proof.bad": N_("A signature is not good: keep this page, and ask who runs the installation."),
    "proof.part": N_("Not all of it could be recomputed in this browser."),
    "proof.wanted": N_("The verification begins within seconds."),
    "proof.going-on": N_("The whole journal is being verified for {seconds} s."),
    "proof.last": N_("The last one took {seconds} s."),
    "proof.ended": N_("The verification has ended: open the page again to see what it found."),
}


def script_texts(visit: Visit) -> dict[str, str]:
    """By key: those of this page and those of the modules that verify."""
    return {key: visit.text(said) for key, said in {**VERIFY_TEXTS, **SENTENCES}.items()}
