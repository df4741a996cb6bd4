"""TEST: the tax office. It keeps each report once, by its id, in a folder of its own.

The password decides what happens: `wrong` is refused, `silent` reports are taken and the answer is
lost.
"""

from collections.abc import Mapping
from pathlib import Path

from fiscus.channels import (
    Accepted,
    Answer,
    ChannelConnection,
    Later,
    ObligationReport,
    Rejected,
    Remedy,
)
from fiscus.model.faults import Fault
from fiscus.model.times import Clock

WRONG = Fault(code="-1", text="die Session-ID ist ungültig")


def simulate(folder: Path, clock: Clock) -> ChannelConnection:
    world = folder / "finanzonline"

    def report(sent: ObligationReport, credentials: Mapping[str, str]) -> Answer:
        if credentials.get("password") == "wrong":
            return Rejected(faults=(WRONG,), remedy=Remedy.ACCESS)
        world.mkdir(parents=True, exist_ok=True)
        (world / sent.id).write_text(f"{sent.kind} {sent.content}", encoding="utf-8")
        if (folder / "silent").exists():
            return Later(reason="no answer")
        return Accepted(reference=f"FON-{sent.id[-6:]}")

    return ChannelConnection(report=report)
