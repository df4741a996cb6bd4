"""What becomes of a note that is shown to a witness, or kept in a memory on another disk."""

from enum import StrEnum

import msgspec

from fiscus.transparency.checkpoints import TreeHead


class AlarmReason(StrEnum):
    """ROLLED_BACK: the witness has seen more of our log than we have. FORKED: it has seen another
    history of it, or we cannot prove that ours goes on from what it saw."""

    ROLLED_BACK = "rolled back"
    FORKED = "forked"


class CosignedNote(msgspec.Struct, frozen=True, kw_only=True):
    """The witness has signed: `lines`, each with its end, are to be kept with the note; `time` is
    the witness's, in seconds since 1970, the earliest of them."""

    lines: tuple[str, ...]
    time: int


class WitnessBehind(msgspec.Struct, frozen=True, kw_only=True):
    """The witness remembers another size than the one that the proof started from: send the note
    again with a proof from `size` on."""

    size: int


class WitnessAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """Not to be repeated: a person must look. `ours` is the note that we sent, `answer` what the
    witness said to it, `theirs` the newest note that it has signed, empty if it showed none; `size`
    how much of the log it says that it has seen, 0 if it does not say."""

    reason: AlarmReason
    ours: str
    answer: str
    theirs: str = ""
    size: int = 0

    def evidence(self) -> str:
        """All of it as a text to keep."""
        parts = (
            f"The log is {self.reason}.\n",
            f"Answer of the witness: {self.answer}\n",
            f"Our note:\n\n{self.ours}",
            f"The witness's newest note:\n\n{self.theirs}" if self.theirs else "",
        )
        return "\n".join(part for part in parts if part)


class WitnessSilence(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing that counts was answered; try again later. `reason` is for the operator."""

    reason: str


class NoteKept(msgspec.Struct, frozen=True, kw_only=True):
    """A memory has the note on its disk. It signs nothing."""


class WitnessedHead(msgspec.Struct, frozen=True, kw_only=True):
    """The newest note of our log that a witness shows. `time` is when it signed, in seconds since
    1970; 0 for a memory, which signs nothing."""

    head: TreeHead
    note: str
    time: int


Outcome = CosignedNote | WitnessBehind | WitnessAlarm | WitnessSilence
