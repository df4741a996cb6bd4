"""What a check says of a file: findings by severity, and what was not looked at."""

from enum import StrEnum

import msgspec

from fiscus.model.faults import Fault, Severity


class CheckVerdict(StrEnum):
    """How a check ended.

    - `GOOD`: nothing was found, or notes alone;
    - `PARTLY`: nothing was found, but the signatures of the file were not verified;
    - `WARNED`: warnings, and no error;
    - `BAD`: errors;
    - `UNJUDGED`: the check did not come to its end, or nobody here knows this kind of file.
    """

    GOOD = "good"
    PARTLY = "partly"
    WARNED = "warned"
    BAD = "bad"
    UNJUDGED = "unjudged"


class CheckFinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was found, with its first places; `more` are known to be there besides.
    `may_follow`: it may be a consequence of what stands before it."""

    code: str
    sentence: str
    severity: Severity = Severity.ERROR
    law: str = ""
    means: str = ""
    remedy: str = ""
    places: tuple[str, ...] = ()
    more: int = 0
    may_follow: bool = False

    def as_fault(self) -> Fault:
        return Fault(
            code=self.code,
            text=self.sentence,
            law=self.law,
            paths=self.places,
            severity=self.severity,
            more=self.more,
        )

    @property
    def count(self) -> int:
        """In how many places it is, at least."""
        return max(1, len(self.places) + self.more)


class CheckResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a check says. `kind` is the code of the format, empty where none was recognized;
    `others` are further kinds that the file may be of. What was `checked` and
    `unchecked`, and what is `needed` to judge that too, is said of every kind."""

    verdict: CheckVerdict
    kind: str = ""
    title: str = ""
    others: tuple[str, ...] = ()
    findings: tuple[CheckFinding, ...] = ()
    notes: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    def of(self, severity: str) -> tuple[CheckFinding, ...]:
        return tuple(one for one in self.findings if one.severity == severity)


def verdict_of(
    findings: tuple[CheckFinding, ...], *, leaves_signatures: bool = False
) -> CheckVerdict:
    found = {one.severity for one in findings}
    if Severity.ERROR in found:
        return CheckVerdict.BAD
    if Severity.WARNING in found:
        return CheckVerdict.WARNED
    return CheckVerdict.PARTLY if leaves_signatures else CheckVerdict.GOOD
