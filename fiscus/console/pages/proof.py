"""The proof: checkpoints, witnesses, what is covered, and the last verification of the journal."""

from starlette.responses import JSONResponse, PlainTextResponse, Response

from fiscus.console import proof_facts
from fiscus.console.operators import is_operator
from fiscus.console.proof_words import script_texts
from fiscus.console.refusing import NO_OPERATOR
from fiscus.console.visit import N_, Form, Page, Visit
from fiscus.model.faults import Conflict, Missing, Refused, Trouble
from fiscus.registry.roles import Scope

PROOF = "/console/proof"
_SIZE_DIGITS_MAX = 15


def show(visit: Visit) -> Response:
    return _page(visit)


def _page(visit: Visit, trouble: Trouble | None = None, old: str = "", new: str = "") -> Response:
    said = visit.query.get("before", "")
    before = int(said) if said.isascii() and said.isdigit() and len(said) <= _SIZE_DIGITS_MAX else 0
    with visit.reading() as tx:
        runs_it = is_operator(visit, tx)
        facts = proof_facts.facts(
            visit.services,
            tx,
            organization=visit.organization,
            is_operator=runs_it,
            at=visit.at,
            before=before,
        )
    return visit.render(
        "proof.html",
        status=_status(trouble),
        facts=facts,
        is_operator=runs_it,
        trouble=trouble,
        beside=facts.newest is not None and trouble is not None and _is_beside(trouble),
        old=old,
        new=new,
        first=PROOF if before else "",
        older=f"{PROOF}?before={facts.after}" if facts.after else "",
        done=visit.query.get("done", ""),
        address=visit.services.settings.public_url or str(visit.request.base_url).rstrip("/"),
        texts=script_texts(visit),
        script={
            "note": "/checkpoint",
            "progress": f"{PROOF}/verification",
            "log_key": facts.log_key,
            "witness_keys": facts.witness_keys,
        },
    )


def _is_beside(trouble: Trouble) -> bool:
    """Whether each fault is said beside the field that it is of."""
    return all(fault.paths for fault in trouble.faults)


def _status(trouble: Trouble | None) -> int:
    if trouble is None:
        return 200
    if isinstance(trouble, Missing):
        return 404
    return 422 if isinstance(trouble, Refused) else 409 if isinstance(trouble, Conflict) else 503


def show_verification(visit: Visit) -> Response:
    """How the verification of the whole journal stands, for the script of the page. How long it
    takes tells how much all tenants sell, so only who runs the installation sees it."""
    with visit.reading() as tx:
        if not is_operator(visit, tx):
            raise Conflict(NO_OPERATOR)
    state = visit.services.selfcheck.state
    begun = state.whole_begun_at
    return JSONResponse(
        {
            "is_wanted": visit.services.selfcheck.is_whole_wanted,
            "is_going_on": begun is not None,
            "seconds": max(0.0, (visit.at - begun).total_seconds()) if begun else 0,
            "last_seconds": state.whole_seconds,
            "whole_at": state.whole_at.isoformat() if state.whole_at else None,
        }
    )


def verify(visit: Visit, form: Form) -> Response:
    """Have the whole journal verified now. It reads the entries of all tenants and takes a while,
    so only who runs the installation orders it, and one at a time."""
    with visit.reading() as tx:
        if not is_operator(visit, tx):
            raise Conflict(NO_OPERATOR)
    try:
        with visit.writing() as tx:
            visit.services.selfcheck.want_whole(tx, visit.by)
    except Trouble as trouble:
        return _page(visit, trouble)
    return visit.redirect(f"{PROOF}?done=verify")


def show_consistency(visit: Visit) -> Response:
    """The file that shows that the log only grew between two sizes."""
    old, new = visit.query.get("old", "").strip(), visit.query.get("new", "").strip()
    try:
        with visit.reading() as tx:
            text = proof_facts.consistency(tx, old, new, is_operator=is_operator(visit, tx))
    except (Refused, Missing) as trouble:
        return _page(visit, trouble, old, new)
    return _file(text, f"consistency-{old}-{new or 'newest'}.txt")


def show_policy(visit: Visit) -> Response:
    with visit.reading() as tx:
        return _file(proof_facts.policy(visit.services, tx), "policy.txt")


def show_root(visit: Visit) -> Response:
    with visit.reading() as tx:
        return _file(proof_facts.root_key(tx), "root.pem")


def show_log_key(visit: Visit) -> Response:
    with visit.reading() as tx:
        return _file(f"{proof_facts.log_key(visit.services, tx)}\n", "log.vkey")


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return PlainTextResponse(text, headers=headers)


PAGES = (
    Page(name="proof", path=PROOF, scope=Scope.DOCUMENTS, show=show, tab=N_("Proof")),
    Page(
        name="verification",
        path=f"{PROOF}/verification",
        scope=Scope.DOCUMENTS,
        show=show_verification,
        submit=verify,
    ),
    Page(
        name="consistency",
        path=f"{PROOF}/consistency",
        scope=Scope.DOCUMENTS,
        show=show_consistency,
    ),
    Page(name="policy", path=f"{PROOF}/policy.txt", scope=Scope.DOCUMENTS, show=show_policy),
    Page(name="root-key", path=f"{PROOF}/root.pem", scope=Scope.DOCUMENTS, show=show_root),
    Page(name="log-key", path=f"{PROOF}/log.vkey", scope=Scope.DOCUMENTS, show=show_log_key),
)
