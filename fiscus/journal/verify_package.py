"""An export package: a ZIP of entries with their certificates, and the signature beside it."""

import base64
import binascii
import hashlib
import json
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from fiscus.journal.verify_entry import Values
from fiscus.journal.verify_keys import PACKAGE, Key, base64url, is_digest_signed, read_keys
from fiscus.journal.verify_report import Finding, Report, Unreadable, found
from fiscus.journal.verify_rows import Columns, Journal, Progress, examined

MANIFEST = "manifest.json"
ENTRIES = "entries.jsonl"
CHECKPOINTS = "checkpoints.jsonl"
CHECKPOINT_CERTIFICATE = "certificates/checkpoint.pem"
FILE_BYTES_MAX = 64 * 1024 * 1024
JWS_BYTES_MAX = 4096
CHUNK_BYTES = 3 * 256 * 1024
"""A multiple of three, so that the pieces of BASE64URL join without padding."""

DAMAGES = (
    BadZipFile,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What `zipfile` raises over damaged, missing or foreign content."""


def verify_package(
    path: Path | str,
    jws: Path | str | None = None,
    *,
    checkpoint_certificate: str | None = None,
    witness: Columns | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Report:
    """Check a package and the signature beside it (by default `<name>.zip.jws`).

    The checkpoint certificate in the package proves only that the package fits together; one
    that was received on another way (`checkpoint_certificate`) takes its place if given.
    """
    beside = Path(jws) if jws else Path(f"{path}.jws")
    try:
        with ZipFile(path) as archive:
            journal = Journal(is_partial=True)
            package = Package(archive, journal.findings.add)
            pem = checkpoint_certificate or package.text(CHECKPOINT_CERTIFICATE)
            journal.add(*signature_findings(Path(path), beside, read_keys(pem)))
            for batch in examined(package.rows(), package.certificates(), workers):
                journal.take(batch)
                if progress:
                    progress(journal.entries)
            journal.settle()
            journal.walk(package.checkpoints(), pem, witness)
            journal.add(*manifest_findings(package.manifest, journal))
            return journal.report()
    except (OSError, BadZipFile, struct.error) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error


def signature_findings(path: Path, jws: Path, keys: tuple[Key, ...]) -> Iterator[Finding]:
    """Whether the detached JWS is of these bytes. Nothing else protects the other files."""
    if not jws.is_file():
        yield found("VERIFY-PACKAGE-04", record=jws.name)
        return
    with jws.open("rb") as stream:
        compact = stream.read(JWS_BYTES_MAX).decode("ascii", "replace").strip()
    header, _, signature = compact.partition("..")
    for key in keys:
        if header == key.header(PACKAGE).decode():
            if is_digest_signed(key, signing_input_digest(key, path), signature):
                return
            break
    yield found("VERIFY-PACKAGE-03", record=jws.name)


def signing_input_digest(key: Key, path: Path) -> bytes:
    digest = hashlib.sha256(key.header(PACKAGE) + b".")
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(base64url(chunk))
    return digest.digest()


class Package:
    """The files in the ZIP, each reported once if it is not as it should be."""

    def __init__(self, archive: ZipFile, report: Callable[[Finding], None]) -> None:
        self.archive = archive
        self.report = report
        names = archive.namelist()
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.blame("VERIFY-PACKAGE-01", name, "it is there twice")
        self.manifest = read_members(self.text(MANIFEST) or "")
        if self.manifest is None:
            self.blame("VERIFY-PACKAGE-02", MANIFEST, "not a JSON object")

    def text(self, name: str) -> str | None:
        """A small file as text, None if it cannot be read."""
        try:
            with self.archive.open(name) as stream:
                content = stream.read(FILE_BYTES_MAX + 1)
            if len(content) > FILE_BYTES_MAX:
                raise ValueError("too large")
            return content.decode("utf-8")
        except DAMAGES as error:
            self.blame("VERIFY-PACKAGE-01", name, str(error))
            return None

    def lines(self, name: str) -> Iterator[tuple[str, Columns]]:
        """The JSON objects of a file, a line each, with the place to name; damage ends them."""
        number = 0
        try:
            with self.archive.open(name) as stream:
                while line := stream.readline(FILE_BYTES_MAX):
                    number += 1
                    members = read_members(line.decode("utf-8", "replace"))
                    if members is None:
                        self.blame("VERIFY-PACKAGE-05", f"{name} line {number}")
                    else:
                        yield f"{name} line {number}", members
        except DAMAGES as error:
            self.blame("VERIFY-PACKAGE-01", name, f"after line {number}: {error}")

    def rows(self) -> Iterator[Values]:
        for _, line in self.lines(ENTRIES):
            body = decoded(line.get("body"))
            yield line.get("kind"), line.get("link"), line.get("signature"), body

    def checkpoints(self) -> Iterator[Columns]:
        """All checkpoints; their file may be absent if the manifest knows of none."""
        is_expected = self.manifest is None or self.manifest.get("checkpoint") is not None
        if is_expected or CHECKPOINTS in self.archive.namelist():
            for _, line in self.lines(CHECKPOINTS):
                yield line

    def certificates(self) -> dict[str, str]:
        """The PEM text of each register the manifest names."""
        certificates: dict[str, str] = {}
        for register in manifest_registers(self.manifest):
            pem = self.text(str(register.get("certificate")))
            if pem is not None:
                certificates[str(register.get("id"))] = pem
        return certificates

    def blame(self, code: str, name: str, detail: str = "") -> None:
        self.report(found(code, detail, record=name))


def read_members(content: str) -> Columns | None:
    try:
        members = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None


def decoded(body: object) -> bytes | None:
    try:
        return base64.b64decode(body, validate=True) if isinstance(body, str) else None
    except (binascii.Error, ValueError):
        return None


def manifest_registers(manifest: Columns | None) -> list[Mapping[str, object]]:
    registers = manifest.get("registers") if manifest else None
    if not isinstance(registers, list):
        return []
    return [register for register in registers if isinstance(register, dict)]


def manifest_findings(manifest: Columns | None, journal: Journal) -> Iterator[Finding]:
    """What the manifest promises and the entries do not keep."""
    if manifest is None:
        return
    runs = {chain.register: (chain.first, chain.last) for chain in journal.chains.values()}
    promised = {
        register.get("id"): (register.get("first"), register.get("last"))
        for register in manifest_registers(manifest)
        if register.get("first") is not None
    }
    newest = journal.newest_checkpoint
    comparisons = {
        "format": (manifest.get("format"), "fiscus-journal"),
        "version": (manifest.get("version"), 1),
        "entries": (manifest.get("entries"), journal.entries),
        "registers": (promised, runs),
        "checkpoint": (
            text_or_none(manifest.get("checkpoint")),
            text_or_none(newest.get("number") if newest else None),
        ),
    }
    for name, (promise, content) in comparisons.items():
        if promise != content:
            yield found("VERIFY-PACKAGE-02", name, record=MANIFEST)


def text_or_none(value: object) -> str | None:
    """The number of a checkpoint, which the manifest may write as a number or as text."""
    return None if value is None else str(value)
