"""Export packages of small journals, made from `docs/journal-format.md` alone."""

import base64
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from fiscus.journal.tests.small_journal import INSTALLATION, SmallJournal, encoded, in_order
from fiscus.journal.tests.small_keys import a_key
from fiscus.journal.tests.small_log import inclusion
from fiscus.journal.tests.small_shop import ORGANIZATION, TAXPAYER
from fiscus.journal.tests.small_tables import Row

Files = dict[str, bytes]


def package_files(journal: SmallJournal, first: int = 1) -> Files:
    """The files of an export package, by name; registers' runs begin with this sequence."""
    installation = [row for row in journal.entries if is_given(journal, row)]
    mine = [row for row in journal.entries if row["chain"] == ORGANIZATION]
    registers = [
        row
        for row in in_order(journal.entries)
        if journal.classes[row["chain"]] == "register" and row["sequence"] >= first
    ]
    rows = [*installation, *mine, *registers]
    runs: dict[str, list[int]] = {}
    for row in [*mine, *registers]:
        runs.setdefault(row["chain"], []).append(row["sequence"])
    chains = [
        {"id": chain, "epoch": 1, "first": found[0], "last": found[-1]}
        for chain, found in runs.items()
    ]
    checkpoint = journal.log.checkpoints[-1] if journal.log.checkpoints else None
    manifest = {
        "format": "fiscus-journal",
        "version": 2,
        "installation": INSTALLATION,
        "organization": ORGANIZATION,
        "taxpayer": TAXPAYER,
        "first": "2026-05-04",
        "last": "2026-05-04",
        "written_at": "2026-05-04T09:00:00Z",
        "entries": len(rows),
        "chains": chains,
        "size": checkpoint["size"] if checkpoint else 0,
    }
    files = {
        "manifest.json": encoded(manifest),
        "entries.jsonl": b"".join(encoded(line_of(row)) + b"\n" for row in rows),
        f"certificates/{ORGANIZATION}.pem": journal.keys[ORGANIZATION].certificate().encode(),
        "saft.xml": b"<AuditFile/>" * 20,
    }
    if checkpoint:
        files["checkpoint.txt"] = checkpoint["note"].encode()
        files["proofs.jsonl"] = b"".join(
            encoded(proof) + b"\n" for proof in proofs_of(journal, installation, rows)
        )
    return files


def is_given(journal: SmallJournal, row: Row) -> bool:
    """Whether an entry of the installation's chain is in the package."""
    return bool(row["chain"] == INSTALLATION and row["kind"] == "key@1")


def proofs_of(journal: SmallJournal, single: list[Row], rows: list[Row]) -> list[Row]:
    """Of each single entry, and of the last of each run that the log covers."""
    last: dict[str, Row] = {}
    for row in rows:
        if row not in single and row["link"] in journal.log.indexes:
            last[row["chain"]] = row
    links = [row["link"] for row in [*single, *last.values()]]
    return [proof_of(journal, link) for link in links if link in journal.log.indexes]


def proof_of(journal: SmallJournal, link: str) -> Row:
    index = journal.log.indexes[link]
    path = [base64.b64encode(one).decode() for one in inclusion(index, journal.log.leaves)]
    return {"link": link, "index": index, "path": path}


def line_of(row: Row) -> dict[str, Any]:
    proofs = {name: row[name] for name in ("key", "link", "signature")}
    return {"body": base64.b64encode(row["body"]).decode()} | proofs


def write_package(path: Path, files: Files, *, compression: int = ZIP_DEFLATED) -> Path:
    """A ZIP of these files with its JWS beside it."""
    with ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    signature = a_key("package").jws("fiscus-package+zip", path.read_bytes())
    Path(f"{path}.jws").write_text(signature)
    return path
