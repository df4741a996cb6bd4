"""Looks at the books after the storm: is every document booked once, and every entry handed over
once? With SQL of its own, the product's report, and the ledgers of the connectors."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from bench.installation import Installation
from bench.judge import rows, verified
from fiscus.accounting import completeness, job_rows
from fiscus.accounting.states import UNFINISHED, JobAct
from fiscus.app import build
from fiscus.exports import book_files
from fiscus.journal import encode
from fiscus.model.kinds import StatementKind
from fiscus.services import Services
from fiscus.settings import Settings
from fiscus.store.artifacts import described
from fiscus.store.connect import reading
from fiscus.store.schema import ENTRY, EXPORT_JOB

Ledgers = Mapping[str, Sequence[tuple[str, str]]]
"""By company: each entry that its connector posted, and its number there."""

_UNFINISHED = ", ".join(f"'{status}'" for status in UNFINISHED)
WRONG = {
    "documents covered twice": (
        "SELECT entry.id FROM entry JOIN accounted ON accounted.record = entry.id "
        "GROUP BY entry.id HAVING count(*) > 1"
    ),
    "entries of a record double": (
        "SELECT record, part FROM accounting_entry WHERE record IS NOT NULL "
        "GROUP BY record, part HAVING count(*) > 1"
    ),
    "items double": (
        "SELECT job, entry FROM export_job_item GROUP BY job, entry HAVING count(*) > 1"
    ),
    "entries exported in two jobs": (
        "SELECT entry FROM export_job_item WHERE status = 'successful' "
        "GROUP BY entry HAVING count(*) > 1"
    ),
    "entries exported in no job": (
        "SELECT id FROM accounting_entry WHERE status = 'EXPORTED' AND id NOT IN "
        "(SELECT entry FROM export_job_item WHERE status = 'successful')"
    ),
    "entries of a successful item not exported": (
        "SELECT e.id FROM accounting_entry e JOIN export_job_item i ON i.entry = e.id "
        "WHERE i.status = 'successful' AND e.status <> 'EXPORTED'"
    ),
    "entries held by a finished job, or by none": (
        "SELECT e.id FROM accounting_entry e LEFT JOIN export_job j ON j.id = e.job "
        f"AND j.status IN ({_UNFINISHED}) WHERE (e.job IS NOT NULL) <> (j.id IS NOT NULL) "
        "OR (e.job IS NOT NULL) <> (e.status IN ('QUEUED', 'EXPORTING'))"
    ),
    "jobs not finished": f"SELECT id FROM export_job WHERE status IN ({_UNFINISHED})",
    "items without an end": (
        "SELECT job, entry FROM export_job_item WHERE status IN ('pending', 'in_progress')"
    ),
    "jobs without all of their items": (
        "SELECT j.id FROM export_job j LEFT JOIN export_job_item i ON i.job = j.id "
        "GROUP BY j.id, j.items HAVING count(i.entry) <> j.items OR max(i.position) <> j.items - 1"
    ),
    "completed file jobs without a file, or others with one": (
        "SELECT id FROM export_job WHERE (artifact IS NOT NULL) <> "
        "(target <> 'pull' AND status IN ('completed', 'completed_with_errors'))"
    ),
    "tasks left": "SELECT id FROM task WHERE kind = 'books'",
}
"""What there must be none of."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and in `wrong` a line for each thing that is wrong. `pulled` and `filed`
    are the entries that connectors and files carried; `failed` the jobs that were given up."""

    documents: int
    entries: int
    jobs: int
    files: int
    pulled: int
    filed: int
    failed: int
    wrong: tuple[str, ...]

    def sentence(self) -> str:
        return (
            f"{self.documents} documents in {self.entries} entries, {self.pulled} of them pulled "
            f"and {self.filed} in {self.files} files, by {self.jobs} jobs ({self.failed} given "
            f"up); wrong: {len(self.wrong)}"
        )


def judge(installation: Installation, documents: Mapping[str, int], ledgers: Ledgers) -> Verdict:
    """Everything at once, after all has come to rest. `documents`: how many were acknowledged, by
    company."""
    url = installation.database
    wrong = [f"{what}: {found[:3]}" for what, query in WRONG.items() if (found := rows(url, query))]
    wrong += verified(url)
    services = build(
        Settings(data_dir=installation.folder / "data", database_url=url, log_level="error")
    )
    try:
        with reading(services.engine) as tx:
            for company, sold in documents.items():
                wrong += _incomplete(tx, company, sold)
                wrong += _ledger(tx, company, ledgers[company])
            wrong += _files(services, tx)
            wrong += _acts(tx)
    finally:
        services.engine.dispose()
    return Verdict(
        documents=sum(documents.values()),
        entries=_count(url, "accounting_entry"),
        jobs=_count(url, "export_job"),
        files=_count(url, "export_job WHERE artifact IS NOT NULL"),
        pulled=_carried(url, "="),
        filed=_carried(url, "<>"),
        failed=_count(url, "export_job WHERE status = 'failed'"),
        wrong=tuple(wrong),
    )


def _incomplete(tx: Connection, company: str, sold: int) -> list[str]:
    today = datetime.now(UTC).date()
    found = completeness.report(tx, company, today - timedelta(days=2), today + timedelta(days=2))
    wrong = [] if found.is_complete else [f"the books are not complete: {found}"]
    if found.documents != sold:
        wrong.append(f"{sold} documents of {company} acknowledged, {found.documents} to be booked")
    return wrong


def _ledger(tx: Connection, company: str, ledger: Sequence[tuple[str, str]]) -> list[str]:
    """The connector's ledger has what was reported, under the number that was reported."""
    reported = tx.exec_driver_sql(
        "SELECT i.entry, i.external_id FROM export_job_item i JOIN export_job j ON j.id = i.job "
        f"WHERE j.company = '{company}' AND j.target = 'pull' AND i.status = 'successful'"
    )
    differences = Counter(tuple(row) for row in reported)
    differences.subtract(ledger)
    return [f"ledger of {company}: {one} {count}" for one, count in differences.items() if count]


def _files(services: Services, tx: Connection) -> list[str]:
    """Each file is stated once, is kept, and comes out the same when it is written again."""
    stated = Counter(
        (statement.export.file, statement.export.sha256)
        for statement in _statements(tx, StatementKind.EXPORT)
        if statement.export
    )
    query = select(*job_rows.SHOWN).where(EXPORT_JOB.c.artifact.is_not(None))
    made = [job_rows.job_of(row) for row in tx.execute(query)]
    if stated != Counter((job.id, job.artifact) for job in made):
        return [f"stated files {stated}, made ones {[job.id for job in made]}"]
    wrong = []
    for job in made:
        with services.exports.artifacts.scratch() as folder:
            rendered = book_files.again(services.exports, tx, job, folder)
            again = described(rendered.path).digest
        kept = b"".join(services.exports.artifacts.read(job.artifact))
        if again != job.artifact or len(kept) != job.bytes:
            wrong.append(f"the file of {job.id} comes out as another one")
    return wrong


def _acts(tx: Connection) -> list[str]:
    """Each job was made, begun and ended once, and the journal says so."""
    acts: dict[str, Counter[str]] = {}
    for statement in _statements(tx, StatementKind.JOB):
        if statement.job:
            acts.setdefault(statement.job.job, Counter())[statement.job.act] += 1
    wrong = []
    for id_, status in tx.execute(select(EXPORT_JOB.c.id, EXPORT_JOB.c.status)):
        told = acts.pop(id_, Counter())
        told.pop(JobAct.ITEMS, None)
        begun = told.pop(JobAct.STARTED, 0)
        if begun > 1 or told != Counter({JobAct.CREATED: 1, status: 1}):
            wrong.append(f"job {id_} is {status}, and the journal says {told}, begun {begun} times")
    return wrong + [f"the journal tells of a job that is not there: {id_}" for id_ in acts]


def _statements(tx: Connection, kind: StatementKind) -> list[Any]:
    found = tx.execute(select(*ENTRY.c["kind", "body"]).where(ENTRY.c.kind == kind.value))
    return [encode.statement(row.kind, row.body) for row in found]


def _carried(url: str, is_pull: str) -> int:
    return _count(
        url,
        "export_job_item i JOIN export_job j ON j.id = i.job "
        f"WHERE i.status = 'successful' AND j.target {is_pull} 'pull'",
    )


def _count(url: str, which: str) -> int:
    count: int = rows(url, f"SELECT count(*) FROM {which}")[0][0]
    return count
