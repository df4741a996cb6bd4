"""The export archive of a TSE: written byte for byte the same each time, read from any device.

Writing streams. Reading goes over the archive once for an index of a few bytes per log, then
gives the logs in the order of their signature counters, whatever their order in the file.
"""

import tarfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from fiscus.archives import BeyondLimits, next_member, opened_tar
from fiscus.signers.tse.log import certificates, info, messages, names
from fiscus.signers.tse.log.logtime import PREFIXES, TimeFormat, log_time

LOG_BYTES_MAX = 4 * 1024 * 1024
CERTIFICATES_MAX = 100
UNREAD_BYTES_MAX = 32 * 1024 * 1024
STRANGE_MAX = 1000
"""Files of another kind than an export's: nobody reads on after so many."""
ENDING_BYTES_MAX = 1024 * 1024
"""What may stand behind the last file. Tapes were written in blocks of some kilobytes."""
_SMALL_BYTES_MAX = 1024 * 1024
_UNNUMBERED = 2**63
_ENDINGS = ("cer", "crt", "pem", "der")


class ArchiveOddity(NamedTuple):
    """Something in an archive that should not be there: a word for it, and where."""

    what: str
    where: str


class LogFile(NamedTuple):
    """A log file of an archive and its bytes."""

    name: str
    data: bytes


class LogArchive:
    """An opened archive. `certificates` and `info` are as they stand in the file."""

    def __init__(self, source: BinaryIO) -> None:
        self.certificates: dict[str, bytes] = {}
        self.info: bytes | None = None
        self.strange: list[ArchiveOddity] = []
        """Complete only when all logs have been read."""
        self._tar, self._headers = opened_tar(source)
        self._source = source
        self._counters = array("Q")
        self._offsets = array("Q")
        self._index()

    def __len__(self) -> int:
        return len(self._offsets)

    def logs(self) -> Iterator[LogFile]:
        """All files named `.log`, by the signature counter in their names."""
        counters = self._counters
        order: Iterable[int] = range(len(counters))
        if any(counters[i] > counters[i + 1] for i in range(len(counters) - 1)):
            order = sorted(order, key=counters.__getitem__)
        for i in order:
            self._source.seek(self._offsets[i])
            member = tarfile.TarInfo.fromtarfile(self._tar)
            yield LogFile(_plain(member.name), self._bytes(member))

    def _index(self) -> None:
        end = 0
        while (member := next_member(self._tar, self._headers)) is not None:
            if len(self.strange) > STRANGE_MAX:
                raise BeyondLimits(f"more than {STRANGE_MAX} files that are not an export's")
            if self._tar.offset <= end or member.size < 0:
                self.strange.append(ArchiveOddity("broken", member.name))
                return
            end = self._tar.offset
            self._tar.members.clear()  # type: ignore[attr-defined]  # it would keep every header
            self._place(member)
        self._expect_end(self._tar.offset)

    def _place(self, member: tarfile.TarInfo) -> None:
        name = _plain(member.name)
        if member.isdir() and name in ("", "."):
            return
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or "/" in name:
            self.strange.append(ArchiveOddity("not-a-file", member.name))
        elif name.endswith(".log"):
            self._place_log(member, name)
        elif member.size > _SMALL_BYTES_MAX:
            self.strange.append(ArchiveOddity("too-large", name))
        elif name == "info.csv" and self.info is None:
            self.info = self._bytes(member)
        elif (
            is_certificate(name)
            and name not in self.certificates
            and len(self.certificates) < CERTIFICATES_MAX
        ):
            self.certificates[name] = self._bytes(member)
        else:
            self.strange.append(ArchiveOddity("not-ours", name))

    def _place_log(self, member: tarfile.TarInfo, name: str) -> None:
        if member.size > LOG_BYTES_MAX:
            self.strange.append(ArchiveOddity("too-large", name))
            return
        found = names.parse(name)
        self._counters.append(min(found.counter, _UNNUMBERED) if found else _UNNUMBERED)
        self._offsets.append(member.offset)

    def _bytes(self, member: tarfile.TarInfo) -> bytes:
        self._source.seek(member.offset_data)
        data = self._source.read(member.size)
        if any(self._source.read(-member.size % tarfile.BLOCKSIZE)):
            self.strange.append(ArchiveOddity("padding", _plain(member.name)))
        return data

    def _expect_end(self, offset: int) -> None:
        """Python's reader stops at the first odd header in silence: look at what is left."""
        self._source.seek(offset)
        zeros = 0
        while block := self._source.read(1024 * 1024):
            if block.count(0) != len(block):
                self.strange.append(ArchiveOddity("broken", f"byte {offset + zeros}"))
                return
            zeros += len(block)
            if zeros > ENDING_BYTES_MAX:
                raise BeyondLimits("megabytes of nothing behind its end mark")
        if zeros < 2 * tarfile.BLOCKSIZE:
            self.strange.append(ArchiveOddity("cut-off", f"byte {offset + zeros}"))


def is_certificate(name: str) -> bool:
    stem, _, ending = name.rpartition(".")
    return stem.endswith("_X509") and ending.lower() in _ENDINGS


def certificate_name(data: bytes) -> str:
    return f"{certificates.serial(certificates.read(data)).hex()}_X509.cer"


def export(
    about: info.TseDescription, version: int, chain: Sequence[bytes], logs: Iterable[bytes]
) -> Iterator[bytes]:
    """The archive, block by block: info, certificates from the TSE to the root, logs in order.

    The times of files are those of the messages, so the same selection gives the same bytes.
    """
    first = certificates.read(chain[0]).not_valid_before_utc
    yield from file("info.csv", info.write(about, version), first)
    for certificate in chain:
        yield from file(certificate_name(certificate), certificate, first)
    for data in logs:
        log = messages.decode(data).log
        yield from file(names.name_of(log).text(), data, log.proof.time.at())
    yield bytes(2 * tarfile.BLOCKSIZE)


def file(name: str, data: bytes, modified: datetime) -> Iterator[bytes]:
    """One file of an archive: header, content, padding."""
    header = tarfile.TarInfo(name)
    header.size = len(data)
    header.mtime = max(0, int(modified.timestamp()))
    yield header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    yield data
    yield bytes(-len(data) % tarfile.BLOCKSIZE)


def export_name(at: datetime, form: TimeFormat, *, has_logs: bool = True) -> str:
    """What an archive is called."""
    head = "Export" if has_logs else "CertificateExport"
    return f"{head}_{PREFIXES[form]}_{log_time(at, form).text}.tar"


@contextmanager
def opened(path: Path) -> Iterator[LogArchive]:
    """One archive, while it is open. Raises one of `UNREADABLE` if the file is none, `BeyondLimits`
    if it has what no export has."""
    with path.open("rb") as source:
        yield LogArchive(source)


def _plain(name: str) -> str:
    """Some devices name their files `./info.csv`."""
    return name.removeprefix("./").rstrip("/")
