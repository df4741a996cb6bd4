"""What was kept elsewhere (a note, a package, another database): it must be a beginning."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from fiscus.journal.verify.decoding import read_object
from fiscus.journal.verify.packed import (
    CHECKPOINT,
    DAMAGES,
    ENTRIES,
    decoded,
    lines_of,
    text_of_file,
)
from fiscus.journal.verify.report import UnreadableFile, count_of, printable, text_of
from fiscus.journal.verify.signed_note import NOTE_BYTES_MAX, CheckpointNote, read_note
from fiscus.journal.verify.source import JournalSource, expect_journal, first_row
from fiscus.journal.verify.sqlite import opened

SQLITE_START = b"SQLite format 3\x00"

Head = tuple[str, int, int, bytes]
"""Chain, epoch, sequence, link."""


@dataclass(frozen=True, kw_only=True)
class OlderCopy:
    """The notes and the ends of chains that somebody kept."""

    name: str
    notes: tuple[CheckpointNote, ...]
    heads: tuple[Head, ...] = ()


def load_older(path: Path) -> OlderCopy:
    """Look at the file's first bytes and read it as what it is. Raises `UnreadableFile`."""
    try:
        with path.open("rb") as stream:
            start = stream.read(len(SQLITE_START))
        if start == SQLITE_START:
            with opened(path) as source:
                return of_source(source)
        if is_zipfile(path):
            with ZipFile(path) as archive:
                return of_package(path.name, archive)
        with path.open("rb") as stream:
            content = stream.read(NOTE_BYTES_MAX + 1)
        return OlderCopy(name=path.name, notes=(read_note(content.decode("utf-8")),))
    except (OSError, ValueError, BadZipFile) as error:
        sentence = f"{path} is neither a note, a package nor a SQLite database: {error}"
        raise UnreadableFile(printable(sentence)) from error


def of_package(name: str, archive: ZipFile) -> OlderCopy:
    """Its note, and the last entry of each chain."""
    heads: dict[tuple[str, int], Head] = {}
    try:
        has_note = CHECKPOINT in archive.namelist()
        notes = (read_note(text_of_file(archive, CHECKPOINT)),) if has_note else ()
        for _, line in lines_of(archive, ENTRIES):
            body = read_object(decoded((line or {}).get("body")) or b"")
            head = head_of(body, (line or {}).get("link"))
            if head is not None:
                heads[head[:2]] = head
    except DAMAGES as error:
        raise UnreadableFile(printable(f"{name} cannot be read: {error}")) from error
    return OlderCopy(name=name, notes=notes, heads=tuple(heads.values()))


def head_of(body: dict[str, object] | None, link: object) -> Head | None:
    if body is None or not isinstance(link, str):
        return None
    chain, epoch, sequence = text_of(body.get("chain")), body.get("epoch"), body.get("sequence")
    return chain, count_of(epoch), count_of(sequence), link_bytes(link)


def link_bytes(link: str) -> bytes:
    try:
        return bytes.fromhex(link)
    except ValueError:
        return b""


def of_source(source: JournalSource) -> OlderCopy:
    """The newest note of each epoch of its log, and the end of each of its chains."""
    expect_journal(source)
    newest: dict[object, str] = {}
    if "checkpoint" in source.tables():
        rows = source.rows("checkpoint", ("epoch", "note"), order=("epoch", "size"))
        newest = {epoch: note for epoch, note in rows if isinstance(note, str)}
    notes = tuple(read_note(note) for note in newest.values())
    return OlderCopy(name=source.name, notes=notes, heads=tuple(heads_of(source)))


def heads_of(source: JournalSource) -> Iterator[Head]:
    """The last entry of each chain and epoch, found by its row in `chain`."""
    if "chain" not in source.tables():
        return
    for chain, epoch, sequence in source.rows("chain", ("id", "epoch", "sequence")):
        where = {"chain": chain, "epoch": epoch, "sequence": sequence}
        found = first_row(source.rows("entry", ("link",), equal=where, most=1))
        if found is not None and isinstance(found[0], str):
            yield text_of(chain), count_of(epoch), count_of(sequence), link_bytes(found[0])
