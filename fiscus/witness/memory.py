"""What a witness does with a checkpoint: it compares it with its memory, remembers it, signs it.

Comparing and remembering are one step for each log, and on the disk before anybody gets a
signature: otherwise two requests at once, or a crash, could make the witness sign two histories.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum, auto
from pathlib import Path

import msgspec

from fiscus.model.faults import Code, Conflict, Unavailable
from fiscus.model.times import Clock
from fiscus.transparency import checkpoints, cosignatures, merkle, notes
from fiscus.transparency.base64s import decoded, encoded
from fiscus.transparency.cosignatures import WitnessKeys
from fiscus.transparency.notes import SignatureLine, SignedNote, VerifierKey
from fiscus.witness import durable, folder, forks
from fiscus.witness.folder import LogState
from fiscus.witness.forks import EvidenceKind
from fiscus.witness.submissions import Submission

CLOCK_BEHIND = Code(
    "WITNESS-CLOCK-01",
    "this witness's clock is behind the time that it signed last: set it right, then send the same "
    "again",
)
IN_USE = Code(
    "WITNESS-FOLDER-03", "another process serves this witness already; one folder has one server"
)


class Judgement(Enum):
    """What becomes of a checkpoint that a log's key has signed."""

    GROWN = auto()
    AGAIN = auto()
    """The same tree as before: a sign of life."""
    BACKWARDS = auto()
    """It says that the tree was larger before than it is."""
    OTHER_SIZE = auto()
    """The witness remembers another size than the one that the proof starts from."""
    UNPROVED = auto()
    FORKED = auto()
    """The same size as before, with another root."""
    UNKNOWN_LOG = auto()
    UNSIGNED = auto()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a submission: the cosignature `lines` if it is good, and the `size` that the
    witness remembers."""

    judgement: Judgement
    size: int = 0
    lines: tuple[SignatureLine, ...] = ()


def judge(known: LogState, said: Submission) -> Judgement:
    """Whether a tree has only grown since the witness saw it last."""
    head = said.head
    if said.old_size > head.size:
        return Judgement.BACKWARDS
    if said.old_size != known.size:
        return Judgement.OTHER_SIZE
    if head.size == known.size:
        if head.root != decoded(known.root):
            return Judgement.FORKED
        return Judgement.UNPROVED if said.proof else Judgement.AGAIN
    if known.size == 0:
        return Judgement.UNPROVED if said.proof else Judgement.GROWN
    root = decoded(known.root)
    is_grown = merkle.is_grown(known.size, root, head.size, head.root, said.proof)
    return Judgement.GROWN if is_grown else Judgement.UNPROVED


@contextmanager
def serving(place: Path) -> Iterator[None]:
    """Be the one process that serves this folder. Raises `Conflict` if there is another."""
    with ExitStack() as stack:
        try:
            stack.enter_context(durable.locked(place / ".serving.lock", waits=False))
        except BlockingIOError:
            raise Conflict(IN_USE, str(place)) from None
        yield


class WitnessMemory:
    """A witness at work in its folder. It may be asked by several threads at once; one process
    serves a folder (`serving`)."""

    def __init__(self, place: Path, clock: Clock) -> None:
        """Raises `Missing` without a witness, `Corrupt` if what it remembers of a log is lost."""
        self._place = place
        self._clock = clock
        self._keys: WitnessKeys = folder.read_keys(place)
        folder.read_states(place)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lists = threading.Lock()
        self._stamp = (0, 0, 0)
        self._trusted: dict[str, tuple[VerifierKey, ...]] = {}

    def add(self, said: Submission) -> Verdict:
        """Judge a checkpoint; remember and cosign it if it is good.

        Raises `Unavailable` if the clock stands before the last time that was signed, `Refused` if
        a signature of a trusted key is bad, `Corrupt`, `OSError`: nothing is signed then.
        """
        keys, lock = self._log(said.head.origin)
        if not keys:
            return Verdict(judgement=Judgement.UNKNOWN_LOG)
        signed = notes.verified(said.note, keys)
        if not signed:
            return Verdict(judgement=Judgement.UNSIGNED)
        with lock:
            return self._judged(said, signed)

    def _judged(self, said: Submission, signed: tuple[SignatureLine, ...]) -> Verdict:
        known = folder.read_state(self._place, said.head.origin)
        judgement = judge(known, said)
        now = int(self._clock().timestamp())
        self._keep_evidence(known, said, judgement, now)
        if judgement not in (Judgement.GROWN, Judgement.AGAIN):
            return Verdict(judgement=judgement, size=known.size)
        if now < known.time or now <= 0:
            raise Unavailable(CLOCK_BEHIND)
        if judgement is Judgement.AGAIN and known.time == now:
            return Verdict(judgement=judgement, size=known.size, lines=self._own_lines(known))
        lines = cosignatures.cosigned(said.head, self._keys, now)
        state = LogState(
            origin=known.origin,
            size=said.head.size,
            root=encoded(said.head.root),
            time=now,
            note=SignedNote(text=said.note.text, lines=(*signed, *lines)).whole(),
        )
        folder.write_state(self._place, state)
        return Verdict(judgement=judgement, size=state.size, lines=lines)

    def _keep_evidence(
        self, known: LogState, said: Submission, judgement: Judgement, now: int
    ) -> None:
        if forks.is_fork(known, said.head):
            forks.keep(self._place, known, said, EvidenceKind.FORK, now)
        elif judgement is Judgement.UNPROVED and known.size < said.head.size and known.note:
            forks.keep(self._place, known, said, EvidenceKind.UNPROVED, now)

    def _own_lines(self, known: LogState) -> tuple[SignatureLine, ...]:
        """What was answered a moment ago: the same again costs neither a signature nor a write."""
        note = notes.parse(known.note.encode())
        return tuple(one.line for one in cosignatures.verified(note, self._keys.public()))

    def newest(self, address: str) -> str | None:
        """The newest note of the log whose name has this hash (64 hex digits), cosigned; None if
        there is none."""
        for origin in self._all():
            if checkpoints.origin_hash(origin) == address:
                return folder.read_state(self._place, origin).note or None
        return None

    def _log(self, origin: str) -> tuple[tuple[VerifierKey, ...], threading.Lock]:
        keys = self._all().get(origin, ())
        with self._lists:
            return keys, self._locks[origin] if keys else threading.Lock()

    def _all(self) -> dict[str, tuple[VerifierKey, ...]]:
        """The logs that are trusted now: the list is read again when `trust` has changed it."""
        with self._lists:
            stamp = folder.logs_stamp(self._place)
            if stamp != self._stamp:
                self._trusted = folder.trusted(folder.read_logs(self._place))
                self._stamp = stamp
            return self._trusted
