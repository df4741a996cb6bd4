"""The service verifies its own journal: the newest entries within seconds, all of it once a day.

How far it has come, and what it found, lies in the data folder and not in the database, so that
whoever changes the database cannot say that it was verified. One process of a data folder does it.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, Engine

from fiscus.journal.audit import of_tables
from fiscus.journal.statement import StatedVerification
from fiscus.journal.verify import UnreadableFile, verify_recent
from fiscus.journal.verify.cursor import VerifyCursor
from fiscus.model.faults import Code, Conflict, Trouble, Unavailable
from fiscus.model.kinds import StatementKind
from fiscus.model.times import Clock
from fiscus.registry import stating
from fiscus.registry.wholecheck import COMMAND, WholeCheck, WholeOutcome
from fiscus.store.connect import reading, writing
from fiscus.witness import durable

SECONDS = 2.0
"""How often the newest entries are looked at, where there are few."""

WORK_SHARE = 0.03
"""So much of one processor it takes at most: in a rush it falls behind, and catches up later."""

ENTRIES_MAX = 200
"""So many entries at a time, so that no sale waits long for the interpreter."""

KEPT_MAX = 100
"""So many findings are kept, and stated in the journal: a broken journal has one for each entry."""

AGAIN_SECONDS = 600.0
"""While there are findings, or the whole could not be verified, it is tried again after so long:
what was mended goes from `/health`."""

FILE_SECONDS = 30.0
"""The file is written with everything new, and at least so often: other processes read it."""

NOBODY = Code(
    "SELFCHECK-WANT-01",
    "no process of this data folder verifies the journal: start the service with its worker, or "
    "run `fiscus verify`",
)
AT_IT = Code(
    "SELFCHECK-WANT-02", "the whole journal is being verified already: wait until that has ended"
)
NOT_KEPT = Code("SELFCHECK-WANT-03", "the data folder cannot be written: make room, or mend it")

_CURSOR = "VERIFY-CURSOR"
_log = structlog.get_logger("fiscus.selfcheck")


class KnownFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was found: its code (docs/journal-findings.md), where, and what it is.
    `is_stated`: the journal says it too."""

    code: str
    where: str
    text: str
    is_stated: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """What tells it from others: the text may count what grows, and of a row only the whole
        verification says which entry states it."""
        return self.code, self.where.partition(", stated by ")[0]

    def sentence(self) -> str:
        return f"{self.code} {self.where}: {self.text}"


class SelfCheckState(msgspec.Struct, frozen=True, kw_only=True):
    """What the file in the data folder holds: the verifier's cursor, since when it is kept, when
    all of the journal was verified last and why that failed since (empty: it did not), since when
    it is verified just now (None: it is not) and who ordered that (empty: nobody), and what is
    wrong. `omitted` counts findings that are
    not kept."""

    cursor: msgspec.Raw = msgspec.Raw(b"null")
    begun_at: datetime | None = None
    recent_at: datetime | None = None
    whole_at: datetime | None = None
    whole_seconds: float = 0.0
    whole_failed: str = ""
    whole_begun_at: datetime | None = None
    whole_ordered_by: str = ""
    findings: tuple[KnownFinding, ...] = ()
    omitted: int = 0


class SelfCheck:
    """One thread of a process calls `look`, and when it has ended somebody calls `close`; any may
    read `state` and call `stop`."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        data_folder: Path,
        whole_hours: int,
        command: tuple[str, ...] = COMMAND,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._file = data_folder / "verified.json"
        self._lock_file = data_folder / "verified.lock"
        self._wanted_file = data_folder / "verify.wanted"
        self._whole_every = timedelta(hours=whole_hours)
        self._timer = timer
        self._held = ExitStack()
        self._is_ours = False
        self._state: SelfCheckState | None = None
        self._written_at = 0.0
        self._whole = WholeCheck(command)
        self._tried_at: float | None = None

    @property
    def state(self) -> SelfCheckState:
        """As this process knows it, else as the file says."""
        known = self._state
        return known if self._is_ours and known is not None else self._read()

    def look(self) -> float:
        """The newest entries, and all of them if it is time; the seconds until the next time."""
        if not self._may():
            return 10 * SECONDS
        begun = self._timer()
        is_complete = self._look_at_newest()
        if (outcome := self._whole.outcome()) is not None:
            self._take(outcome)
        if self._is_time_for_all():
            self._begin_whole()
        took = self._timer() - begun
        return max(SECONDS if is_complete else 0.0, took / WORK_SHARE)

    def want_whole(self, tx: Connection, by: str) -> None:
        """Have all of the journal verified soon, by the process that does it; the journal says who
        ordered it, and later what came of it. Raises `Unavailable` if no process does it,
        `Conflict` while it is being done, or wanted already."""
        try:
            if not self._is_somebody_at_it():
                raise Unavailable(NOBODY)
        except OSError as error:
            raise Unavailable(NOT_KEPT, str(error)) from None
        if self.is_whole_wanted or self.state.whole_begun_at is not None:
            raise Conflict(AT_IT)
        _state(tx, StatedVerification(act="ordered"), by)
        try:
            durable.write(self._wanted_file, by.encode())
        except OSError as error:
            raise Unavailable(NOT_KEPT, str(error)) from None

    def _is_somebody_at_it(self) -> bool:
        """Whether a process verifies this data folder, be it this one."""
        try:
            with durable.locked(self._lock_file, waits=False):
                return False
        except BlockingIOError:
            return True

    @property
    def is_whole_wanted(self) -> bool:
        """Somebody has asked for it, and it has not begun yet."""
        return self._wanted_file.exists()

    def stop(self) -> None:
        """End a verification of the whole that is going on: it begins anew with the next start."""
        self._whole.stop()

    def close(self) -> None:
        """Let another process go on with it."""
        self._whole.stop()
        if self._is_ours and self._state is not None:
            self._state = msgspec.structs.replace(self._state, whole_begun_at=None)
            self._write()
        self._is_ours = False
        self._held.close()

    def _may(self) -> bool:
        """Whether this process is the one of its data folder that verifies."""
        if not self._is_ours:
            try:
                self._held.enter_context(durable.locked(self._lock_file, waits=False))
            except BlockingIOError:
                return False
            state = self._read()
            if state.begun_at is None:
                state = msgspec.structs.replace(state, begun_at=self._clock())
            # What a process before this one had begun ended with it.
            self._state = msgspec.structs.replace(state, whole_begun_at=None)
            self._is_ours = True
        return True

    def _read(self) -> SelfCheckState:
        try:
            state = msgspec.json.decode(self._file.read_bytes(), type=SelfCheckState)
        except FileNotFoundError:
            return SelfCheckState()
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("begins anew", file=str(self._file), reason=str(error))
            return SelfCheckState()
        return state

    def _cursor(self) -> Mapping[str, object] | None:
        """How far it has come; what another version has kept tells nothing."""
        kept: Mapping[str, object] | None = json.loads(bytes(self.state.cursor))
        try:
            VerifyCursor.read(kept)
        except UnreadableFile as error:
            _log.warning("begins anew", file=str(self._file), reason=str(error))
            return None
        return kept

    def _look_at_newest(self) -> bool:
        """True if nothing newer is left."""
        before = self.state
        try:
            with reading(self._engine) as tx:
                outcome = verify_recent(of_tables(tx), self._cursor(), entries_max=ENTRIES_MAX)
        except UnreadableFile as error:
            self._keep(before, (_unread(str(error)),))
            return True
        after = msgspec.structs.replace(
            before,
            cursor=msgspec.Raw(json.dumps(outcome.cursor).encode()),
            recent_at=self._clock(),
        )
        is_news = bool(outcome.entries) or before.recent_at is None
        self._keep(after, _known(one.as_dict() for one in outcome.findings), is_news=is_news)
        return outcome.is_complete

    def _is_time_for_all(self) -> bool:
        if self._whole.is_going_on:
            return False
        if self.is_whole_wanted:
            return True
        state = self.state
        if state.findings or state.whole_failed:
            return self._tried_at is None or self._timer() - self._tried_at >= AGAIN_SECONDS
        last = state.whole_at or state.begun_at
        return last is None or self._clock() - last >= self._whole_every

    def _begin_whole(self) -> None:
        self._tried_at = self._timer()
        ordered_by = self._wanted_file.read_text() if self.is_whole_wanted else ""
        self._whole.begin()
        self._wanted_file.unlink(missing_ok=True)
        begun = msgspec.structs.replace(
            self.state, whole_begun_at=self._clock(), whole_ordered_by=ordered_by
        )
        self._keep(begun, (), is_news=True)

    def _take(self, outcome: WholeOutcome) -> None:
        """What the whole verification told: what it does not find any more is mended."""
        if outcome.failed:
            self._state_end(0, outcome.failed)
            _log.warning("the whole journal could not be verified", reason=outcome.failed)
            failed = msgspec.structs.replace(
                self.state, whole_failed=outcome.failed, whole_begun_at=None, whole_ordered_by=""
            )
            self._keep(failed, (), is_news=True)
            return
        found = (*_known(outcome.findings[:KEPT_MAX]), *self._cut_off())
        self._state_end(len(outcome.findings) + outcome.omitted, "")
        places = {one.place for one in found}
        now = msgspec.structs.replace(
            self.state,
            whole_at=self._clock(),
            whole_seconds=outcome.seconds,
            whole_failed="",
            whole_begun_at=None,
            whole_ordered_by="",
            findings=tuple(one for one in self.state.findings if one.place in places),
            omitted=outcome.omitted + max(0, len(outcome.findings) - KEPT_MAX),
        )
        self._keep(now, found, is_news=True)

    def _state_end(self, findings: int, failed: str) -> None:
        """What came of a verification that somebody ordered. A journal that is broken may refuse
        it: the log tells all the same."""
        by = self.state.whole_ordered_by
        if not by:
            return
        _log.info("a verification that was ordered has ended", by=by, findings=findings)
        told = StatedVerification(act="ended", ordered_by=by, findings=findings, failed=failed)
        try:
            with writing(self._engine) as tx:
                _state(tx, told, stating.SERVICE)
        except Trouble as trouble:
            _log.warning("end of a verification not stated", trouble=str(trouble))

    def _cut_off(self) -> tuple[KnownFinding, ...]:
        """What only the cursor shows, of all chains: the whole verification does not know it."""
        cursor = self._cursor()
        if cursor is None:
            return ()
        chains = cursor["chains"]
        assert isinstance(chains, dict)
        try:
            with reading(self._engine) as tx:
                outcome = verify_recent(of_tables(tx), cursor, entries_max=0, heads_max=len(chains))
        except UnreadableFile as error:
            return (_unread(str(error)),)
        found = _known(one.as_dict() for one in outcome.findings)
        return tuple(one for one in found if one.code.startswith(_CURSOR))

    def _keep(
        self, state: SelfCheckState, found: tuple[KnownFinding, ...], *, is_news: bool = False
    ) -> None:
        """What is new goes into the log, the journal and the file; what the journal could not take
        before is tried again."""
        known = {one.place for one in state.findings}
        fresh = list({one.place: one for one in found if one.place not in known}.values())
        room = max(0, KEPT_MAX - len(state.findings))
        for one in fresh[:room]:
            _log.error("finding in the journal", code=one.code, where=one.where, text=one.text)
        findings = tuple(self._stated(one) for one in (*state.findings, *fresh[:room]))
        omitted = state.omitted + max(0, len(fresh) - room)
        is_news = is_news or findings != state.findings or omitted != state.omitted
        self._state = msgspec.structs.replace(state, findings=findings, omitted=omitted)
        if is_news or self._timer() - self._written_at >= FILE_SECONDS:
            self._write()

    def _write(self) -> None:
        try:
            durable.write(self._file, msgspec.json.encode(self._state))
            self._written_at = self._timer()
        except OSError as error:
            _log.warning("what was verified is not kept", file=str(self._file), error=str(error))

    def _stated(self, one: KnownFinding) -> KnownFinding:
        """The finding, which the journal says too. A journal that is broken may refuse it: the log
        and `/health` tell all the same."""
        if one.is_stated:
            return one
        said = {"code": one.code, "where": one.where, "text": one.text}
        try:
            with writing(self._engine) as tx:
                stating.stating(tx).state(
                    tx, StatementKind.FINDING, organization="", by=stating.SERVICE, finding=said
                )
        except Unavailable as trouble:
            _log.warning("finding not stated yet", code=one.code, trouble=str(trouble))
            return one
        except Trouble as trouble:
            _log.warning("finding not stated", code=one.code, trouble=str(trouble))
        return msgspec.structs.replace(one, is_stated=True)


def _known(findings: Iterable[Mapping[str, Any]]) -> tuple[KnownFinding, ...]:
    """Findings as the verifier's report says them."""
    found = []
    for finding in findings:
        entry = finding["entry"]
        place = f"chain {entry['chain']}, sequence {entry['sequence']}" if entry else ""
        where = ", ".join(part for part in (place, finding["record"]) if part)
        found.append(KnownFinding(code=finding["code"], where=where, text=finding["text"]))
    return tuple(found)


def _unread(why: str) -> KnownFinding:
    return KnownFinding(code="VERIFY-READ", where="", text=f"the journal cannot be verified: {why}")


def _state(tx: Connection, told: StatedVerification, by: str) -> None:
    stating.stating(tx).state(
        tx, StatementKind.VERIFICATION, organization="", by=by, verification=told
    )
