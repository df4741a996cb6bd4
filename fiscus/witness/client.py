"""Asks a witness to cosign a note, and what the newest note of our log is that it has signed.

An answer that says that our log has lost records, or has two histories, is an alarm and never a
reason to try again.
"""

import re
from collections.abc import Iterable, Sequence

from fiscus.model.faults import Refused
from fiscus.transparency import checkpoints, cosignatures, notes
from fiscus.transparency.base64s import decimal
from fiscus.transparency.cosignatures import Cosignature
from fiscus.transparency.notes import SignedNote, VerifierKey
from fiscus.witness import submissions, transport
from fiscus.witness.outcomes import (
    AlarmReason,
    CosignedNote,
    Outcome,
    WitnessAlarm,
    WitnessBehind,
    WitnessedHead,
    WitnessSilence,
)
from fiscus.witness.places import RemoteWitness
from fiscus.witness.transport import NoAnswer, WitnessAnswer

_SAID_MAX = 200


def send(witness: RemoteWitness, old_size: int, proof: Sequence[bytes], note: str) -> Outcome:
    """Show a note of our log to a witness, with the proof that it has grown from `old_size` on:
    hashes of 32 bytes, none if the size is the same or `old_size` is 0.

    One caller at a time shows an installation's newest note to one witness: a larger size that the
    witness knows from another process of the same installation would look like a roll-back. Takes
    3 seconds at most, and 3 more when there is an alarm. Raises `Refused` only if the note is no
    checkpoint.
    """
    ours = notes.parse(note.encode())
    size = checkpoints.parse(ours.text).size
    try:
        answer = transport.ask(
            "POST", f"{witness.url}/add-checkpoint", submissions.body(old_size, proof, note)
        )
    except NoAnswer as error:
        return WitnessSilence(reason=str(error))
    match answer.status:
        case 200:
            return _cosigned(witness, ours, answer.body)
        case 409:
            return _conflict(witness, note, old_size=old_size, size=size, answer=answer)
        case 422:
            return _alarm(witness, note, AlarmReason.FORKED, answer)
    return WitnessSilence(reason=_said(answer))


def newest(
    witness: RemoteWitness, log_keys: Iterable[VerifierKey]
) -> WitnessedHead | WitnessSilence | None:
    """The newest note of our log that the witness shows, signed by one of `log_keys`, which all
    have the log's name, and cosigned by the witness. None: it has signed none, as it says."""
    log_keys = tuple(log_keys)
    names = {key.name for key in log_keys}
    assert len(names) == 1, "keys of one log"
    [origin] = names
    try:
        answer = transport.ask("GET", _address(witness, origin))
    except NoAnswer as error:
        return WitnessSilence(reason=str(error))
    if answer.status == 404:
        return None
    if answer.status != 200:
        return WitnessSilence(reason=_said(answer))
    try:
        found = notes.parse(answer.body)
        head = checkpoints.parse(found.text)
        is_ours = head.origin == origin and bool(notes.verified(found, log_keys))
        stamps = _stamps(witness, found)
    except Refused as trouble:
        return WitnessSilence(reason=str(trouble))
    if not is_ours or not stamps:
        return WitnessSilence(reason="what it shows is no note of our log that it has cosigned")
    return WitnessedHead(head=head, note=found.whole(), time=max(one.time for one in stamps))


def _cosigned(witness: RemoteWitness, ours: SignedNote, body: bytes) -> Outcome:
    try:
        said = notes.parse_lines(body.decode("utf-8"))
        stamps = _stamps(witness, SignedNote(text=ours.text, lines=said))
    except (Refused, UnicodeDecodeError) as trouble:
        return WitnessSilence(reason=f"its cosignature is not good: {trouble}")
    if not stamps:
        return WitnessSilence(reason="it answered no cosignature of the keys that we know")
    lines = tuple(one.line.text() for one in stamps)
    return CosignedNote(lines=lines, time=min(one.time for one in stamps))


def _stamps(witness: RemoteWitness, note: SignedNote) -> tuple[Cosignature, ...]:
    """The witness's good cosignatures that say when."""
    return tuple(one for one in cosignatures.verified(note, witness.keys) if one.time > 0)


def _conflict(
    witness: RemoteWitness, note: str, *, old_size: int, size: int, answer: WitnessAnswer
) -> Outcome:
    try:
        known = decimal(answer.body.decode("ascii").removesuffix("\n"), checkpoints.SIZE_MAX)
    except ValueError:
        return WitnessSilence(reason=_said(answer))
    if known > size:
        return _alarm(witness, note, AlarmReason.ROLLED_BACK, answer, size=known)
    if known != old_size:
        return WitnessBehind(size=known)
    # It knows the size that we started from and refuses all the same: older witnesses say so when
    # they have seen another root at this size.
    if known == size:
        return _alarm(witness, note, AlarmReason.FORKED, answer, size=known)
    return WitnessSilence(reason=_said(answer))


def _alarm(
    witness: RemoteWitness, note: str, reason: AlarmReason, answer: WitnessAnswer, *, size: int = 0
) -> WitnessAlarm:
    """With the witness's own newest note, if it shows one that it has cosigned."""
    theirs = ""
    origin = checkpoints.parse(notes.parse(note.encode()).text).origin
    try:
        shown = transport.ask("GET", _address(witness, origin))
        found = notes.parse(shown.body)
        if checkpoints.parse(found.text).origin == origin and _stamps(witness, found):
            theirs = found.whole()
    except (NoAnswer, Refused):
        theirs = ""
    return WitnessAlarm(reason=reason, ours=note, answer=_said(answer), theirs=theirs, size=size)


def _address(witness: RemoteWitness, origin: str) -> str:
    return f"{witness.url}/{checkpoints.origin_hash(origin)}/checkpoint"


def _said(answer: WitnessAnswer) -> str:
    """Its status and the beginning of its words, without what could upset a terminal or a log."""
    words = answer.body[:_SAID_MAX].decode("utf-8", "replace")
    plain = re.sub(r"[^\x20-\x7e]+", " ", words).strip()
    return f"{answer.status} {plain}".strip()
