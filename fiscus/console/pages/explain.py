"""How one record came to be what it is, recomputed step by step in the visitor's browser."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from fiscus.console import explain_facts
from fiscus.console.explain_facts import ExplainFacts, KeyStep, LawPart, LogStep, formula, written
from fiscus.console.languages import NN_, Counted
from fiscus.console.pages.document import PATH, viewer
from fiscus.console.type_words import TYPES
from fiscus.console.verify_texts import verify_texts
from fiscus.console.visit import N_, Page, Visit
from fiscus.model.amounts import plain
from fiscus.model.explained import ExplainedTotal
from fiscus.registry.roles import Scope

TEXTS: Mapping[str, str | Counted] = {
    "explain.ready": N_(
        "This browser recomputes each step below that has a verdict: signatures, hashes and sums. "
        "Tables that only say where values come from have none. Nothing is sent anywhere."
    ),
    "explain.good": N_("Recomputed in this browser: right."),
    "explain.bad": N_("Recomputed in this browser: NOT right."),
    "explain.unsupported": N_(
        "Not recomputed in this browser ({reason}): what the service found stands beside it."
    ),
    "explain.computed": N_("Recomputed: {value}"),
    "explain.altered": NN_(
        "You have changed something: {count} step is not right any more.",
        "You have changed something: {count} steps are not right any more.",
    ),
    "explain.unnoticed": N_("You have changed something, and no step has noticed it."),
    "explain.unaltered": NN_(
        "All as it was kept: {count} step is right.", "All as it was kept: {count} steps are right."
    ),
    "explain.failing": NN_(
        "All as it was kept, and {count} step is NOT right.",
        "All as it was kept, and {count} steps are NOT right.",
    ),
    "explain.no-key": N_("the key of that time is not kept here"),
}
"""What the script says; the page brings it in the visitor's language."""


def show(visit: Visit) -> Response:
    services = visit.services
    with visit.reading() as tx:
        found = explain_facts.facts(
            tx,
            viewer(visit),
            visit.path["record"],
            witnesses=services.witnesses.keys,
            settings=services.issuing.settings,
        )
    return replace(visit, timezone=found.timezone).render(
        "explain.html",
        facts=found,
        types=TYPES,
        formula=formula,
        written=written,
        recomputed=recomputed(found),
        texts={**verify_texts(visit), **visit.texts(TEXTS)},
        witness_keys=[key.text() for key in services.witnesses.keys],
    )


def recomputed(facts: ExplainFacts) -> dict[str, Any]:
    """All that the script needs, in Base64 where it is bytes; steps by the names that the page
    gives to the places of their verdicts."""
    record = facts.found.record
    return {
        "record": {
            "body": _base64(record.stored),
            "link": record.link,
            "key": record.key,
            "signature": record.signature,
            "spki": _base64(facts.keys[0].spki) if facts.keys else "",
        },
        "next": facts.next.previous if facts.next else "",
        "keys": [_key(number, step) for number, step in enumerate(facts.keys)],
        "law": [_law(number, one) for number, one in _signed(facts)],
        "totals": [
            _total(f"total-{number}-{place}", total)
            for number, one in enumerate(facts.parts)
            for place, total in enumerate(one.part.totals)
        ],
        "log": _log(facts.log) if facts.log else None,
    }


def _signed(facts: ExplainFacts) -> Iterator[tuple[int, LawPart]]:
    return ((number, one) for number, one in enumerate(facts.parts) if one.part.signature)


def _key(number: int, step: KeyStep) -> dict[str, str]:
    return {
        "step": f"key-{number}",
        "spki": _base64(step.spki),
        "sha256": step.sha256,
        "id": step.id,
        "body": _base64(step.body),
        "key": step.signed_by,
        "signature": step.signature,
        "signer": _base64(step.signer),
    }


def _law(number: int, one: LawPart) -> dict[str, str]:
    signature = one.part.signature
    assert signature is not None, "only parts that were signed"
    return {
        "step": f"law-{number}",
        "algorithm": signature.algorithm,
        "message": _base64(signature.message),
        "signature": _base64(signature.signature),
        "key": _base64(one.key),
    }


def _total(step: str, total: ExplainedTotal) -> dict[str, Any]:
    return {
        "step": step,
        "terms": [[plain(term.amount), plain(term.times), plain(term.by)] for term in total.terms],
        "rounding": total.rounding.value,
        "decimals": total.decimals,
        "sealed": None if total.sealed is None else plain(total.sealed),
    }


def _log(step: LogStep) -> dict[str, str]:
    return {"proof": step.proof.text, "key": step.key.text()}


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


PAGES = (Page(name="explain", path=f"{PATH}/explain", scope=Scope.DOCUMENTS, show=show),)
