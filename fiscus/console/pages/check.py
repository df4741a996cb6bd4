"""Check a file: what is it, is it good, and if not, where, why, and what to do. In the browser
where that is possible, else by a checker of the server for who is signed in or has a ticket."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from starlette.responses import JSONResponse, Response

from fiscus.api import credentials
from fiscus.checking import kept, kinds, public_keys, tickets
from fiscus.checking.kept import CheckPhase, CheckState
from fiscus.checking.lane import FULL, OWN_FULL
from fiscus.console import requests, uploads
from fiscus.console.check_facts import own_words, phase_words, script_texts, worded
from fiscus.console.uploads import UploadedFile, UploadTerms
from fiscus.console.visit import Form, Page, Visit
from fiscus.model.faults import Code, Missing, Refused, Trouble, Unavailable

STRANGER = Code(
    "CHECK-RIGHT-01",
    "files are checked by the server for who is signed in or has a ticket: sign in, or ask the "
    "operator for a ticket (`fiscus console ticket`)",
)
GONE = Code(
    "CHECK-RESULT-01",
    "there is no such check here: results are kept for fifteen minutes, for who sent the file",
)
NO_ROOM = Code("CHECK-DISK-01", "there is no room for the file now: send it again later")
BUSY = Code("CHECK-UPLOAD-01", "too many files are being sent: send yours again in a minute")

BYTES_MAX = 200 * 1000 * 1000
FREE_BYTES = 2_000_000_000
"""What stays free on the disk: a service that sells needs it more than a checker."""

AT_ONCE_MAX = 4
TOKEN_HEADER = "x-csrf-token"
JWS = "jws"
PUBLIC_KEY = "public_key"

STATUS = {
    STRANGER.id: 401,
    requests.FORGED.id: 403,
    tickets.NO_TICKET.id: 404,
    uploads.LATE.id: 408,
    uploads.TOO_LARGE.id: 413,
    FULL.id: 429,
    OWN_FULL.id: 429,
    BUSY.id: 429,
    NO_ROOM.id: 507,
}


def show(visit: Visit) -> Response:
    """The page: what is checked in the browser, and the form for the server's checkers."""
    ticket = visit.query.get("ticket", "")
    try:
        if ticket and visit.session is None:
            _expect_ticket(visit, ticket)
    except (Missing, Unavailable) as trouble:
        return _page(visit, trouble=trouble)
    return _page(visit)


def show_one(visit: Visit) -> Response:
    """How one check stands, or its result."""
    state = _own(visit)
    return visit.render(
        "check_one.html",
        state=state,
        words=phase_words(visit, state),
        own_words=partial(own_words, visit),
        worded=partial(worded, visit),
    )


def tell_state(visit: Visit) -> Response:
    """The same for a script that waits."""
    try:
        return JSONResponse(_told(visit, _own(visit)))
    except Missing as trouble:
        return _refused_as_json(visit, trouble, 404)


def forget(visit: Visit, form: Form) -> Response:
    """Remove a result before its time."""
    kept.remove(visit.services.checks.root, _own(visit).id)
    return visit.redirect("/check")


async def take(visit: Visit) -> Response:
    """A file arrives. Who may not send one is told before the body is read."""
    try:
        state = await _taken(visit)
    except Trouble as trouble:
        return _refused(visit, trouble)
    if _is_for_script(visit):
        return JSONResponse(_told(visit, state), 202)
    return visit.redirect(f"/check/{state.id}")


async def _taken(visit: Visit) -> CheckState:
    services, ticket = visit.services, visit.query.get("ticket", "")
    if visit.session is None:
        if not ticket:
            raise Refused(STRANGER)
        _expect_ticket(visit, ticket)
    requests.expect_own(visit.request, {}, "")
    uploads.expect_length(visit.request, BYTES_MAX)
    owner = visit.session.id if visit.session else ""
    services.checks.expect_place(owner)
    _expect_room(services.checks.root)
    id_ = services.entropy(kept.ID_LENGTH // 2).hex()
    folder = services.checks.tickets
    use = nullcontext() if visit.session else tickets.used(folder, ticket, visit.at)
    with _one_more(visit), use:
        try:
            uploaded = await uploads.taken(visit.request, _terms(visit, id_), services.in_thread)
            return await services.in_thread(_queued, visit, id_, uploaded)
        except BaseException:
            await services.in_thread(kept.remove, services.checks.root, id_)
            raise


def _terms(visit: Visit, id_: str) -> UploadTerms:
    folder = kept.folder_of(visit.services.checks.root, id_) / "file"
    return UploadTerms(
        name="file",
        bytes_max=BYTES_MAX,
        expect=partial(_expect_fields, visit),
        place=lambda name: folder / kept.plain_name(name),
    )


def _expect_fields(visit: Visit, fields: Mapping[str, str]) -> None:
    """The token of the session stands in a header or before the file."""
    said = visit.request.headers.get(TOKEN_HEADER) or fields.get(requests.TOKEN, "")
    requests.expect_own(visit.request, {requests.TOKEN: said}, visit.csrf)


def _queued(visit: Visit, id_: str, uploaded: UploadedFile) -> CheckState:
    root = visit.services.checks.root
    jws = uploaded.fields.get(JWS, "").strip()
    if jws:
        kept.jws_of(root, id_).write_text(jws, "utf-8")
    key = public_keys.read(uploaded.fields.get(PUBLIC_KEY, ""))
    if key:
        kept.key_of(root, id_).write_text(key, "ascii")
    kind = uploaded.fields.get("kind", "")
    state = CheckState(
        id=id_,
        name=uploaded.path.name,
        size=uploaded.size,
        phase=CheckPhase.WAITING,
        at=visit.at,
        owner=visit.session.id if visit.session else "",
        kind=kind if kind in kinds.titles() else "",
        has_jws=bool(jws),
        has_key=bool(key),
    )
    visit.services.checks.take(state)
    return state


def _expect_ticket(visit: Visit, ticket: str) -> None:
    """Raises `Missing` for one that is not good, `Unavailable` for who guesses too often."""
    address = credentials.stranger(visit.services, visit.request.scope)
    with visit.services.logins.attempt(f"ticket {ticket[:16]}", address):
        if not tickets.is_good(visit.services.checks.tickets, ticket, visit.at):
            raise Missing(tickets.NO_TICKET)


def _expect_room(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(root).free < FREE_BYTES + BYTES_MAX:
        raise Unavailable(NO_ROOM)


@contextmanager
def _one_more(visit: Visit) -> Iterator[None]:
    """One of the few files that may be on their way at once."""
    checks = visit.services.checks
    if checks.arriving >= AT_ONCE_MAX:
        raise Unavailable(BUSY)
    checks.arriving += 1
    try:
        yield
    finally:
        checks.arriving -= 1


def _own(visit: Visit) -> CheckState:
    """The check, if the visitor is who sent the file: by the session, or by knowing the address of
    what was sent with a ticket. Raises `Missing`."""
    found = kept.find(visit.services.checks.root, visit.path["id"])
    session = visit.session.id if visit.session else ""
    is_over = found is not None and found.ended is not None and visit.at - found.ended >= kept.KEPT
    if found is None or is_over or found.owner not in ("", session):
        raise Missing(GONE)
    return found


def _told(visit: Visit, state: CheckState) -> dict[str, object]:
    since = state.begun or state.at
    return {
        "id": state.id,
        "name": state.name,
        "size": state.size,
        "state": state.phase.value,
        "place": state.place,
        "read": state.read,
        "seconds": max(0.0, ((state.ended or visit.at) - since).total_seconds()),
        "words": phase_words(visit, state),
        "verdict": state.result.verdict.value if state.result else "",
        "address": f"/check/{state.id}",
    }


def _page(visit: Visit, *, trouble: Trouble | None = None, status: int = 200) -> Response:
    ticket = visit.query.get("ticket", "") if trouble is None or status != 200 else ""
    return visit.render(
        "check.html",
        status=_status(trouble) if trouble and status == 200 else status,
        trouble=trouble,
        is_key_wrong=trouble is not None and trouble.code == public_keys.NOT_A_KEY,
        ticket=ticket,
        may_upload=visit.session is not None or bool(ticket),
        kinds=kinds.titles(),
        bytes_max=BYTES_MAX,
        minutes=int(kept.KEPT.total_seconds() // 60),
        texts=script_texts(visit),
    )


def _status(trouble: Trouble) -> int:
    known = STATUS.get(trouble.code.id)
    return known or (503 if isinstance(trouble, Unavailable) else 422)


def _refused(visit: Visit, trouble: Trouble) -> Response:
    status = _status(trouble)
    if _is_for_script(visit):
        return _refused_as_json(visit, trouble, status)
    answer = _page(visit, trouble=trouble, status=status)
    return _patient(answer, trouble)


def _refused_as_json(visit: Visit, trouble: Trouble, status: int) -> Response:
    error = {"code": trouble.code.id, "sentence": visit.text(trouble.code.text), "remedy": ""}
    return _patient(JSONResponse({"error": error}, status), trouble)


def _patient(answer: Response, trouble: Trouble) -> Response:
    if isinstance(trouble, Unavailable):
        answer.headers["Retry-After"] = "30"
    return answer


def _is_for_script(visit: Visit) -> bool:
    return "application/json" in visit.request.headers.get("accept", "")


PAGES = (
    Page(name="check", path="/check", scope=None, show=show, take=take),
    Page(name="check-one", path="/check/{id}", scope=None, show=show_one),
    Page(name="check-state", path="/check/{id}/state", scope=None, show=tell_state),
    Page(name="check-forget", path="/check/{id}/forget", scope=None, submit=forget),
)
