"""An export package: a ZIP of entries with proofs of the log, and the signature beside it."""

import hashlib
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from fiscus.journal.verify.decoding import part, read_object
from fiscus.journal.verify.entry import Values
from fiscus.journal.verify.examination import Progress, examined
from fiscus.journal.verify.journal import JournalState
from fiscus.journal.verify.key_ranges import KeyRanges, read_named_key
from fiscus.journal.verify.keys import (
    PACKAGE,
    PACKAGES,
    NamedKey,
    SigningKey,
    base64url,
    is_digest_signed,
    read_signing_key,
)
from fiscus.journal.verify.kinds import INSTALLATION
from fiscus.journal.verify.log_check import judge_heads
from fiscus.journal.verify.outside import NOTHING_GIVEN, OutsideKnowledge
from fiscus.journal.verify.packed import (
    DAMAGES,
    ENTRIES,
    FILES_MAX,
    MANIFEST,
    decoded,
    lines_of,
    text_of_file,
)
from fiscus.journal.verify.proofs import check_proofs
from fiscus.journal.verify.report import Finding, UnreadableFile, VerifyReport, found, printable
from fiscus.journal.verify.tables import ENTRY

JWS_BYTES_MAX = 4096
CHUNK_BYTES = 3 * 256 * 1024
"""A multiple of three, so that the pieces of BASE64URL join without padding."""

Columns = Mapping[str, object]
LINE = {"body", "key", "link", "signature"}
PLACES = {name: place for place, name in enumerate(ENTRY)}


def verify_package(
    path: Path | str,
    jws: Path | str | None = None,
    *,
    outside: OutsideKnowledge = NOTHING_GIVEN,
    progress: Progress | None = None,
    workers: int | None = None,
) -> VerifyReport:
    """Check a package and the signature beside it (by default `<name>.zip.jws`)."""
    beside = Path(jws) if jws else Path(f"{path}.jws")
    try:
        with ZipFile(path) as archive:
            if len(archive.infolist()) > FILES_MAX:
                raise UnreadableFile(f"{path} holds more than {FILES_MAX} files")
            return verify_archive(Path(path), beside, archive, outside, progress, workers)
    except (OSError, BadZipFile, struct.error, ValueError, NotImplementedError) as error:
        raise UnreadableFile(printable(f"{path} cannot be read: {error}")) from error


def verify_archive(
    path: Path,
    jws: Path,
    archive: ZipFile,
    outside: OutsideKnowledge,
    progress: Progress | None,
    workers: int | None,
) -> VerifyReport:
    findings: list[Finding] = []
    package = PackageFiles(archive, findings.append)
    with closing(JournalState(package.keys(), outside, is_partial=True)) as state:
        unsigned = tuple(signature_findings(path, jws, state.ranges))
        for batch in examined(package.rows(), state.ranges.fit, is_bare=True, workers=workers):
            state.take(batch)
            if progress:
                progress(state.entries)
        state.settle()
        state.findings.extend((*findings, *unsigned))
        findings.clear()
        state.findings.extend(manifest_findings(package.manifest, state))
        state.findings.extend(tenant_findings(package.manifest, state))
        check_proofs(archive, state)
        tell_limits(state, is_signed=not unsigned)
        return state.report()


class PackageFiles:
    """The files in the ZIP, each reported once if it is not as it should be."""

    def __init__(self, archive: ZipFile, report: Callable[[Finding], None]) -> None:
        self.archive = archive
        self.report = report
        self.is_reporting = True
        names = archive.namelist()
        seen: set[str] = set()
        for name in names:
            if name in seen:
                self.blame("VERIFY-PACKAGE-01", name, "it is there twice")
            seen.add(name)
        self.manifest = read_object((self.text(MANIFEST) or "").encode())
        if self.manifest is None:
            self.blame("VERIFY-PACKAGE-02", MANIFEST, "not a JSON object")

    def text(self, name: str) -> str | None:
        """A small file as text, None if it cannot be read."""
        try:
            return text_of_file(self.archive, name)
        except DAMAGES as error:
            self.blame("VERIFY-PACKAGE-01", name, str(error))
            return None

    def keys(self) -> list[NamedKey]:
        """What the `key@1` entries at the beginning say; registers' entries come after them."""
        self.is_reporting = False
        keys = []
        for line in self.lines():
            body = read_object(decoded(line.get("body")) or b"") or {}
            if "place" in body:
                break
            key = read_named_key(body) if body.get("kind") == "key@1" else None
            if key is not None:
                keys.append(key)
        self.is_reporting = True
        return keys

    def lines(self) -> Iterator[Columns]:
        """The lines with entries; damage ends them."""
        number = 0
        try:
            for number, members in lines_of(self.archive, ENTRIES):
                if members is None or not members.keys() >= LINE:
                    self.blame("VERIFY-PACKAGE-05", f"{ENTRIES} line {number}")
                else:
                    yield members
        except DAMAGES as error:
            self.blame("VERIFY-PACKAGE-01", ENTRIES, f"after line {number}: {error}")

    def rows(self) -> Iterator[Values]:
        """Rows as the table `entry` has them, with nothing but the body and what proves it."""
        for line in self.lines():
            row: list[object] = [None] * len(ENTRY)
            row[PLACES["body"]] = decoded(line["body"]) or b""
            for name in ("key", "link", "signature"):
                row[PLACES[name]] = line[name] if isinstance(line[name], str) else None
            yield tuple(row)

    def blame(self, code: str, name: str, detail: str = "") -> None:
        if self.is_reporting:
            self.report(found(code, detail, record=name))


def signature_findings(path: Path, jws: Path, ranges: KeyRanges) -> Iterator[Finding]:
    """Whether the detached JWS is of these bytes. Nothing else protects the other files."""
    if not jws.is_file():
        yield found("VERIFY-PACKAGE-04", record=jws.name)
        return
    with jws.open("rb") as stream:
        compact = stream.read(JWS_BYTES_MAX).decode("ascii", "replace").strip()
    header, _, signature = compact.partition("..")
    for named in ranges.of(PACKAGES, ranges.installation):
        key = read_signing_key(named.public, PACKAGE)
        if key is not None and header == key.start[:-1].decode():
            if is_digest_signed(key, signing_input_digest(key, path), signature):
                return
            break
    yield found("VERIFY-PACKAGE-03", record=jws.name)


def signing_input_digest(key: SigningKey, path: Path) -> bytes:
    digest = hashlib.sha256(key.start)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(base64url(chunk))
    return digest.digest()


def manifest_findings(manifest: Columns | None, state: JournalState) -> Iterator[Finding]:
    """What the manifest promises and the entries do not keep."""
    if manifest is None:
        return
    runs = {
        (chain, epoch): (known.first, known.last)
        for (chain, epoch), known in state.chains.items()
        if state.home(chain)[0] != INSTALLATION
    }
    comparisons = {
        "format": (manifest.get("format"), "fiscus-journal"),
        "version": (manifest.get("version"), 2),
        "installation": (manifest.get("installation"), state.ranges.installation),
        "entries": (manifest.get("entries"), state.entries),
        "chains": (promised_runs(manifest, state), runs),
    }
    for name, (promise, content) in comparisons.items():
        if promise != content:
            yield found("VERIFY-PACKAGE-02", name, record=MANIFEST)


def promised_runs(manifest: Columns, state: JournalState) -> dict[tuple[object, object], object]:
    """The runs of the organization and of registers; single entries of the installation have no
    run to promise."""
    chains = manifest.get("chains")
    found_runs: dict[tuple[object, object], object] = {}
    for one in chains if isinstance(chains, list) else ():
        said = part({"one": one}, "one")
        place = (printable(str(said.get("id"))), str(said.get("epoch")))
        if state.home(place[0])[0] != INSTALLATION:
            epoch = int(place[1]) if place[1].isdecimal() and len(place[1]) < 10 else place[1]
            found_runs[place[0], epoch] = (said.get("first"), said.get("last"))
    return found_runs


def tenant_findings(manifest: Columns | None, state: JournalState) -> Iterator[Finding]:
    """All entries are of one organization, whose chain is there from the beginning. Without a
    manifest nobody says which one: that it is missing is told already."""
    if manifest is None:
        return
    organization = str(manifest.get("organization"))
    for chain, epoch in state.chains:
        kind, owner = state.home(chain)
        if kind != INSTALLATION and owner != organization:
            yield found("VERIFY-PACKAGE-06", record=f"chain {chain}, epoch {epoch}")
    for key in state.ranges.all:
        if key.purpose == "organization" and key.of != organization:
            yield found("VERIFY-PACKAGE-06", f"a key of {key.of}", record=f"entry {key.in_id}")
    if (organization, 1) not in state.chains:
        yield found("VERIFY-PACKAGE-06", detail="its own chain is missing", record=organization)


def tell_limits(state: JournalState, *, is_signed: bool) -> None:
    """What a package cannot show. `is_signed`: by the signature beside it; if it is not, that is a
    finding, and nothing else is said of it."""
    checked = [f"{state.entries} entries: body, link, signature"]
    if is_signed:
        checked.append("the package's own signature, over all of its bytes")
    state.scope.checked[:0] = checked
    older = state.outside.older
    if older is not None:
        judge_heads(state, older)
        state.scope.checked.append(
            f"entries that are also in what was kept elsewhere ({older.name})"
        )
    state.scope.miss("the rows of tables: a package has none", "the database")
    state.scope.miss(
        "whether there were other entries before, after or beside those in the package",
        "the database, or the organization's next package",
    )
