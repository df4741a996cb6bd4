"""Verifies an export of any TSE: every signature, every counter, every name, every certificate.

`check` names the faults; `examine` also tells what was seen. Both read the archive in one stream,
in the order of the signature counters, and keep no message longer than it takes to verify it.
"""

from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509

from fiscus.archives import UNREADABLE, BeyondLimits
from fiscus.model.faults import Code, Fault
from fiscus.model.found import printable
from fiscus.signers.tse.log import algorithms, asn1, certificates, events, findings, info, messages
from fiscus.signers.tse.log.findings import LogFindings
from fiscus.signers.tse.log.logtime import LogTime
from fiscus.signers.tse.log.messages import (
    DecodedMessage,
    Log,
    LogOperation,
    SystemLog,
    TransactionLog,
)
from fiscus.signers.tse.log.names import LogName, name_of, parse
from fiscus.signers.tse.log.tar import (
    STRANGE_MAX,
    UNREAD_BYTES_MAX,
    LogArchive,
    LogFile,
    opened,
)

PROCESS_TYPE_MAX = 100
_NOTES_MAX = 50
_STRANGE = {
    "broken": findings.BROKEN_ARCHIVE,
    "cut-off": findings.CUT_OFF,
    "padding": findings.NOT_PADDED,
    "not-a-file": findings.NOT_A_FILE,
    "not-ours": findings.FOREIGN_FILE,
    "too-large": findings.TOO_LARGE,
}


class LogReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an export holds. `notes` are oddities that prove nothing wrong; `root` is the subject
    of the certificate everything hangs on: whether to trust it is not ours to say."""

    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()
    serial: str = ""
    root: str = ""
    algorithm: str = ""
    versions: tuple[int, ...] = ()
    messages: int = 0
    started: int = 0
    finished: int = 0
    open_transactions: int = 0
    first_counter: int = 0
    last_counter: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


def check(path: Path, *, is_complete: bool = True) -> tuple[Fault, ...]:
    """Every fault of an export. A selection (by client, say) is not complete: gaps are no fault."""
    return examine(path, is_complete=is_complete).faults


def examine(path: Path, *, is_complete: bool = True) -> LogReport:
    """Reads and verifies a whole export."""
    try:
        with opened(path) as archive:
            course = _ArchiveReading(archive, is_complete)
            for file in archive.logs():
                course.take(file)
            return course.report()
    except BeyondLimits as error:
        return _unread(findings.BEYOND_LIMITS, error)
    except UNREADABLE as error:
        return _unread(findings.NO_ARCHIVE, error)


def _unread(code: Code, error: Exception) -> LogReport:
    found = LogFindings()
    found.add(code, str(error))
    return LogReport(faults=found.faults())


class _ArchiveReading:
    """The way through one archive: what has been seen so far, as little of it as possible."""

    def __init__(self, archive: LogArchive, is_complete: bool) -> None:
        self.findings = LogFindings()
        self.gaps = LogFindings()
        self.notes: list[str] = []
        self.is_complete = is_complete
        self.clients: set[str] = set()
        self.begins_with: type[Log] | None = None
        self.ends_with: type[Log] | None = None
        self.archive = archive
        self.by_serial: dict[bytes, tuple[str, x509.Certificate]] = {}
        self.used: dict[bytes, None] = {}
        self.is_unread = False
        self.unread_bytes = 0
        self.algorithms: dict[str, None] = {}
        self.versions: set[int] = set()
        self.count = self.started = self.finished = 0
        self.counter: int | None = None
        self.first_counter = 0
        self.number: int | None = None
        self.first_number: int | None = None
        self.open: set[int] = set()
        self.time: LogTime | None = None
        self.signed_from: datetime | None = None
        self.signed_until: datetime | None = None
        self._read_certificates()

    def take(self, file: LogFile) -> None:
        """One log file, in the order of counters."""
        self.count += 1
        name = parse(file.name)
        if name is None:
            self.findings.add(findings.BAD_NAME, file.name)
        try:
            decoded = messages.decode(file.data)
        except asn1.Asn1Error as error:
            self._unreadable(file, str(error))
            return
        log = decoded.log
        self.versions.add(log.version)
        self.begins_with = self.begins_with or type(log)
        self.ends_with = type(log)
        self._name(file, name, log)
        self._fields(file, log)
        self._signature(file, decoded)
        self._counter(log.proof.counter)
        self._moment(file, log)
        if isinstance(log, TransactionLog) and log.number is not None:
            self._transaction(file, log.operation, log.number)
            if len(self.clients) < 2:
                self.clients.add(log.client_id)

    def _unreadable(self, file: LogFile, why: str) -> None:
        """Raises `BeyondLimits` when it is plain that nobody wrote these as messages."""
        self.findings.add(findings.UNREADABLE, f"{file.name}: {why}")
        self.unread_bytes += len(file.data)
        count = self.findings.places(findings.UNREADABLE)
        if count > STRANGE_MAX or self.unread_bytes > UNREAD_BYTES_MAX:
            raise BeyondLimits(f"{count} log messages that cannot be read")

    def report(self) -> LogReport:
        self._strange()
        self._missing()
        self._info()
        root = self._chain()
        serial = next(iter(self.used), b"")
        return LogReport(
            faults=self.findings.faults(),
            notes=tuple(self.notes),
            serial=serial.hex(),
            root=root,
            algorithm=", ".join(self.algorithms),
            versions=tuple(sorted(self.versions)),
            messages=self.count,
            started=self.started,
            finished=self.finished,
            open_transactions=len(self.open),
            first_counter=self.first_counter,
            last_counter=self.counter or 0,
            first_at=self.signed_from,
            last_at=self.signed_until,
        )

    def _missing(self) -> None:
        """A device that is asked for the messages of one client hands out what happened from its
        first to its last, and leaves out what others did meanwhile."""
        is_cut = {self.begins_with, self.ends_with} == {TransactionLog}
        count = self.gaps.places(findings.COUNTER_GAP)
        if len(self.clients) != 1 or not is_cut or not count:
            self.findings.take(self.gaps)
            return
        (client,) = self.clients
        self.findings.add(findings.SELECTION, f"client {client}: {count} times")

    def _note(self, text: str) -> None:
        if len(self.notes) < _NOTES_MAX:
            self.notes.append(printable(text))

    def _read_certificates(self) -> None:
        for name, data in self.archive.certificates.items():
            try:
                certificate = certificates.read(data)
            except certificates.CertificateError as error:
                self.is_unread = True
                self.findings.add(findings.BAD_CERTIFICATE, f"{name}: {error}")
            else:
                self.by_serial[certificates.serial(certificate)] = (name, certificate)
        if not self.archive.certificates:
            self.findings.add(findings.NO_CERTIFICATE, "*_X509.cer")

    def _name(self, file: LogFile, name: LogName | None, log: Log) -> None:
        if name is None:
            return
        told = name_of(log, name.copy)
        differing = [
            field
            for field in told.__struct_fields__
            if getattr(told, field) != getattr(name, field)
        ]
        if differing:
            self.findings.add(findings.NAME_DIFFERS, f"{file.name}: {', '.join(differing)}")

    def _fields(self, file: LogFile, log: Log) -> None:
        if isinstance(log, SystemLog):
            self._event(file, log)
        if not isinstance(log, TransactionLog):
            return
        if log.internal is not None or log.external:
            self.findings.add(findings.FORBIDDEN_FIELD, f"{file.name}: additional data")
        if log.version == 3 and log.parts and log.operation is not LogOperation.UPDATE:
            self.findings.add(findings.FORBIDDEN_FIELD, f"{file.name}: process data in parts")
        if log.number is None:
            self.findings.add(findings.MISSING_FIELD, f"{file.name}: transaction number")
        if len(log.process_type or "") > PROCESS_TYPE_MAX:
            self.findings.add(findings.MISSING_FIELD, f"{file.name}: process type is too long")
        may_lack_type = log.version == 2 and log.operation is LogOperation.START
        if log.process_type is None and not may_lack_type:
            self.findings.add(findings.MISSING_FIELD, f"{file.name}: process type")

    def _event(self, file: LogFile, log: SystemLog) -> None:
        """An event we cannot read is signed all the same: the device's oddity, not a forgery."""
        if log.data is None:
            self.findings.add(findings.MISSING_FIELD, f"{file.name}: event data")
            return
        try:
            events.decode(log.version, log.event, log.data)
        except asn1.Asn1Error as error:
            self._note(f"{file.name}: {error}")

    def _signature(self, file: LogFile, decoded: DecodedMessage) -> None:
        proof = decoded.log.proof
        held = self.by_serial.get(proof.serial)
        if held is None:
            code = findings.UNCHECKED if self.is_unread else findings.WRONG_SERIAL
            self.findings.add(code, f"{file.name}: {proof.serial.hex()}")
            return
        self.used[proof.serial] = None
        name = messages.algorithm_name(decoded.log)
        self.algorithms[name] = None
        try:
            is_right = algorithms.verifies(
                certificates.key(held[1]), name, decoded.signed, proof.signature
            )
        except algorithms.UnknownAlgorithm:
            self.findings.add(findings.UNKNOWN_ALGORITHM, f"{file.name}: {name}")
            return
        if not is_right:
            self.findings.add(findings.WRONG_SIGNATURE, file.name)
        elif algorithms.is_weak(name):
            self.findings.add(findings.WEAK_ALGORITHM, f"{file.name}: {name}")

    def _counter(self, counter: int) -> None:
        before = self.counter
        if before is None:
            self.first_counter = counter
        elif counter == before:
            self.findings.add(findings.COUNTER_TWICE, str(counter))
        elif counter != before + 1 and self.is_complete:
            self.gaps.add(findings.COUNTER_GAP, f"between {before} and {counter}")
        self.counter = counter

    def _moment(self, file: LogFile, log: Log) -> None:
        """Time only goes back where the message itself says that the clock was set."""
        time, before = log.proof.time, self.time
        if before is not None and time.format is not before.format:
            self.findings.add(findings.TIME_MIXED, file.name)
        is_update = isinstance(log, SystemLog) and log.event == "updateTime"
        if before is not None and time.at() < before.at() and not is_update:
            self.findings.add(findings.TIME_BACKWARDS, file.name)
        self.time = time
        if not isinstance(log, TransactionLog):
            return
        at = time.at()
        self.signed_from = min(at, self.signed_from or at)
        self.signed_until = max(at, self.signed_until or at)

    def _transaction(self, file: LogFile, operation: LogOperation, number: int) -> None:
        if operation is LogOperation.START:
            self.started += 1
            if self.number is not None and number <= self.number:
                self.findings.add(findings.NUMBER_BACKWARDS, file.name)
            elif self.number is not None and number > self.number + 1:
                self._note(f"no transaction {self.number + 1} to {number - 1}: the start failed")
            self.number = max(number, self.number or 0)
            self.first_number = number if self.first_number is None else self.first_number
            self.open.add(number)
            return
        if number not in self.open and self._must_have_started(number):
            self.gaps.add(findings.NOT_OPEN, file.name)
        if operation is LogOperation.FINISH:
            self.finished += 1
            self.open.discard(number)

    def _must_have_started(self, number: int) -> bool:
        """An export may begin in the middle: what was open before it has no start inside."""
        begins_at_birth = self.first_counter <= 2
        is_later = self.first_number is not None and number > self.first_number
        return self.is_complete and (begins_at_birth or is_later)

    def _strange(self) -> None:
        for what, where in self.archive.strange:
            self.findings.add(_STRANGE[what], where)

    def _info(self) -> None:
        if self.archive.info is None:
            self.findings.add(findings.NO_INFO, "info.csv")
            return
        try:
            info.read(self.archive.info)
        except info.InfoError as error:
            self.findings.add(findings.BAD_INFO, f"info.csv: {error}")

    def _chain(self) -> str:
        """Follows each used key to its root; gives the root's subject."""
        if len(self.used) > 1:
            for serial in self.used:
                self.findings.add(findings.SEVERAL_KEYS, serial.hex())
        root = ""
        for serial in self.used or self._leaves():
            name, leaf = self.by_serial[serial]
            root = self._follow(name, leaf) or root
            if name.partition("_")[0].lower() != serial.hex():
                self.findings.add(findings.MISNAMED, f"{name}: {serial.hex()}")
        return root

    def _leaves(self) -> list[bytes]:
        """In an archive without logs: the certificates that issued no other."""
        held = [certificate for _, certificate in self.by_serial.values()]
        issuers = {one.issuer for one in held if not certificates.is_own_issuer(one)}
        return [key for key, (_, one) in self.by_serial.items() if one.subject not in issuers]

    def _follow(self, name: str, leaf: x509.Certificate) -> str:
        held = [certificate for _, certificate in self.by_serial.values()]
        try:
            path = certificates.chain(leaf, held)
        except certificates.CertificateError as error:
            is_unchecked = isinstance(error, certificates.UncheckedChain)
            code = findings.UNCHECKED_CHAIN if is_unchecked else findings.BROKEN_CHAIN
            self.findings.add(code, f"{name}: {error}")
            return ""
        if len(path) == 1:
            self._note(f"{name}: the TSE's certificate is its own root")
        moments = [at for at in (self.signed_from, self.signed_until) if at is not None]
        for certificate in path:
            if not all(certificates.is_valid_at(certificate, at) for at in moments):
                subject = certificate.subject.rfc4514_string()
                self.findings.add(findings.NOT_VALID, subject)
        for serial, (other, certificate) in self.by_serial.items():
            if certificate in path[1:] and other.partition("_")[0].lower() != serial.hex():
                self._note(f"{other}: not named after the hash of its key")
            elif certificate not in path:
                self._note(f"{other}: not part of the chain")
        return path[-1].subject.rfc4514_string()
