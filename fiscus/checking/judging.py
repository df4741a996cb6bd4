"""Judges one file: finds out what it is, has it checked, and says what was found, in the same words
for every kind."""

from pathlib import Path

from fiscus import formats
from fiscus.checking import kinds
from fiscus.checking.results import CheckFinding, CheckResult, CheckVerdict, verdict_of
from fiscus.journal.verify import Finding, UnreadableFile, verify_package
from fiscus.journal.verify.codes import CODES
from fiscus.journal.verify.report import may_follow, rank
from fiscus.model.faults import Code, Fault, Missing, Severity
from fiscus.model.found import PATHS_MAX

UNKNOWN = Code("CHECK-KIND-01", "no installed format recognizes this file")
UNKNOWN_REMEDY = "say of which kind it is, and check it again: the checker then says what is wrong"
UNREADABLE = Code("CHECK-PACKAGE-01", "the package cannot be read")
UNREADABLE_REMEDY = "ask for the package again, and hand it over as the file that was exported"
ALL_OF_IT = "The whole file."
PARTLY_READ = (
    "What follows, as far as the file could be read: something is wrong with the file as a whole."
)
CAUSES = {"FILE", "TAR", "INDEX"}
"""Codes with these words are of the file as a whole."""

PACKAGE_REMEDY = (
    "Ask whoever gave you the package for it again; do not rely on this one. If the new one is "
    "the same, tell whoever runs the service."
)
"""The advice of most codes is for who has the database."""

NO_SIGNATURE = "VERIFY-PACKAGE-04"
"""The signature lies beside a package, and somebody may have only the package."""


def judge(
    path: Path, *, name: str, kind: str = "", jws: Path | None = None, key: str = ""
) -> CheckResult:
    """`kind`: a code that was said, empty: it is found out. `jws`: the signature of a package;
    `key`: the PEM of a key that seals must verify with."""
    found = (kind,) if kind else kinds.recognized(kinds.clues(path, name))
    if not found:
        return unjudged(UNKNOWN, name, remedy=UNKNOWN_REMEDY)
    first, *others = found
    title = kinds.titles().get(first, "")
    if first == kinds.PACKAGE:
        return _package(path, jws, title)
    try:
        check = formats.find_checker(first)
    except Missing:
        return unjudged(UNKNOWN, first, remedy=UNKNOWN_REMEDY)
    settings = {"public_key_pem": key} if key else {}
    faults = sorted(check(path, settings), key=_order)
    findings = tuple(_of_fault(one) for one in faults)
    scope = formats.scope(first, settings)
    is_of_whole = any(one.severity is Severity.ERROR and _is_of_whole(one) for one in faults)
    return CheckResult(
        verdict=verdict_of(findings, leaves_signatures=scope.leaves_signatures),
        kind=first,
        title=title,
        others=tuple(others),
        findings=findings,
        checked=(PARTLY_READ, *scope.checked) if is_of_whole else scope.checked,
        unchecked=scope.unchecked,
        needed=scope.needed,
    )


def unjudged(code: Code, *places: str, remedy: str = "") -> CheckResult:
    """A check that came to no end, with the reason as its finding."""
    finding = CheckFinding(code=code.id, sentence=code.text, places=places, remedy=remedy)
    return CheckResult(verdict=CheckVerdict.UNJUDGED, findings=(finding,), unchecked=(ALL_OF_IT,))


def _order(fault: Fault) -> tuple[int, bool, str]:
    """The worst first; of these, what is wrong with the file as a whole: what is missing in it may
    be a consequence."""
    return list(Severity).index(fault.severity), not _is_of_whole(fault), fault.code


def _is_of_whole(fault: Fault) -> bool:
    return any(word in CAUSES for word in fault.code.split("-"))


def _of_fault(fault: Fault) -> CheckFinding:
    return CheckFinding(
        code=fault.code,
        sentence=fault.text,
        severity=fault.severity,
        law=fault.law,
        remedy=formats.remedy(fault.code),
        places=fault.paths,
        more=fault.more,
    )


def _package(path: Path, jws: Path | None, title: str) -> CheckResult:
    try:
        report = verify_package(path, jws, workers=1)
    except UnreadableFile as error:
        said = str(error).replace(str(path), path.name)
        return unjudged(UNREADABLE, said, remedy=UNREADABLE_REMEDY)
    findings = _grouped(report.findings, with_jws=jws is not None)
    return CheckResult(
        verdict=CheckVerdict.UNJUDGED if report.is_empty else verdict_of(findings),
        kind=kinds.PACKAGE,
        title=title,
        findings=findings,
        notes=report.notes,
        checked=report.checked,
        unchecked=report.unchecked,
        needed=report.needed,
    )


def _grouped(found: tuple[Finding, ...], *, with_jws: bool) -> tuple[CheckFinding, ...]:
    """One finding for each code, in the order of the report: the cause first."""
    places: dict[str, list[Finding]] = {}
    for one in found:
        places.setdefault(one.code, []).append(one)
    nearest = rank(found[0]) if found else 0
    return tuple(
        CheckFinding(
            code=code,
            sentence=CODES[code].seen,
            severity=_package_severity(code, with_jws),
            means=CODES[code].means,
            remedy=PACKAGE_REMEDY if _is_for_owner(code) else CODES[code].do,
            places=tuple(_place(one) for one in same[:PATHS_MAX]),
            more=max(0, len(same) - PATHS_MAX),
            may_follow=may_follow(code) and rank(same[0]) > nearest,
        )
        for code, same in places.items()
    )


def _is_for_owner(code: str) -> bool:
    return not code.startswith(("VERIFY-PACKAGE-", "VERIFY-ROOT-"))


def _place(finding: Finding) -> str:
    parts = (finding.entry.words() if finding.entry else "", finding.record or "")
    where = ", ".join(part for part in parts if part)
    detail = finding.text.removeprefix(CODES[finding.code].seen).removeprefix(": ")
    return ": ".join(part for part in (where, detail) if part)


def _package_severity(code: str, with_jws: bool) -> Severity:
    is_left_out = code == NO_SIGNATURE and not with_jws
    return Severity.WARNING if is_left_out else Severity.ERROR
