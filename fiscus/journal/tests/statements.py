"""An example of every kind of entry in the chains of organizations and of the installation."""

from datetime import date
from typing import Any

import msgspec

from fiscus.journal.statement import (
    StatedBooking,
    StatedExport,
    StatedHead,
    StatedJob,
    StatedKey,
    StatedReport,
    StatedRequest,
    StatedTask,
    StatedVerification,
    Statement,
)
from fiscus.model.kinds import StatementKind
from fiscus.model.records import GENESIS, StatedRow
from fiscus.model.tests.clock import MORNING

INSTALLATION = "0196a1f2-0000-4c3d-9e4f-0123456789ab"
ORGANIZATION = "0196a1f2-1111-4c3d-9e4f-0123456789ab"
THING = "0196a1f2-2222-4c3d-9e4f-0123456789ab"
TILL = "0196a1f2-5555-4c3d-9e4f-0123456789ab"

ROTATED = StatedKey(
    purpose="register",
    of=TILL,
    epoch=1,
    first=8,
    sha256="ab" * 32,
    public_key="MFkwEwYH",
    reason="rotated",
    replaces="cd" * 32,
    signature="c2lnbmF0dXJl",
)


def a_statement(kind: StatementKind, sequence: int = 1, **members: Any) -> Statement:
    statement = Statement(
        id=f"0196a1f2-9999-7c3d-9e4f-{sequence:012d}",
        kind=kind.value,
        chain=ORGANIZATION,
        epoch=1,
        sequence=sequence,
        previous=GENESIS,
        at=MORNING,
        by="operator:rui",
    )
    return msgspec.structs.replace(statement, **members)


def a_row(table: str, **values: str | int | None) -> StatedRow:
    return StatedRow(table=table, key=THING, row={"id": THING, **values})


def _of_tables() -> dict[StatementKind, Statement]:
    kinds = {
        StatementKind.ORGANIZATION: a_row("organization", name="Padaria", parent=""),
        StatementKind.TAXPAYER: a_row("taxpayer", version=3, secrets=f"sha256:{'ef' * 32}"),
        StatementKind.LOCATION: a_row("location", version=2, is_head_office=0),
        StatementKind.REGISTER: a_row("register", version=1, content='{"name":"Balcão"}'),
        StatementKind.SUBJECT: a_row("subject", version=1, previous_hash=None),
        StatementKind.DEVICE: a_row("device", secret=None),
        StatementKind.FITTING: StatedRow(table="fitting", key=THING, row=None),
        StatementKind.SERIES: a_row("series", name="LOJA-2026", is_training=0),
        StatementKind.LABEL: StatedRow(
            table="label", key=THING, row={"entry": THING, "metadata": '{"table":"4"}'}
        ),
        StatementKind.BOOKKEEPING: a_row("bookkeeping", version=1, content='{"chart":"SKR03"}'),
        StatementKind.SUBSCRIPTION: a_row(
            "webhook_subscription", version=1, secrets=f"sha256:{'ab' * 32}", deleted_at=None
        ),
        StatementKind.PERSON: a_row("person", version=1, code="K7", name="Ana", role="till"),
        StatementKind.SIGN_IN: a_row(
            "console_session", version=1, kind="link", secret_hash=f"sha256:{'ab' * 32}"
        ),
    }
    return {
        kind: a_statement(kind, sequence, rows=(row,))
        for sequence, (kind, row) in enumerate(kinds.items(), 1)
    }


STATEMENTS: dict[StatementKind, Statement] = _of_tables() | {
    StatementKind.ADOPTION: a_statement(
        StatementKind.ADOPTION,
        10,
        rows=(a_row("series", name="VELHA"),),
        adoption={"series": THING, "last_number": 123, "last_hash": "aB3+", "last_date": None},
    ),
    StatementKind.REQUEST: a_statement(
        StatementKind.REQUEST,
        11,
        request=StatedRequest(
            file=THING,
            type="EXPORT",
            taxpayer=THING,
            first=date(2026, 5, 1),
            last=date(2026, 5, 31),
            register=TILL,
        ),
    ),
    StatementKind.EXPORT: a_statement(
        StatementKind.EXPORT,
        12,
        export=StatedExport(
            file=THING,
            type="EXPORT",
            first=date(2026, 5, 1),
            last=date(2026, 5, 31),
            heads=(StatedHead(chain=TILL, epoch=1, sequence=7, link="12" * 32),),
            sha256="34" * 32,
            bytes=4711,
        ),
    ),
    StatementKind.RETENTION: a_statement(
        StatementKind.RETENTION,
        13,
        erased=({"chain": TILL, "epoch": 1, "first": 1, "last": 5},),
    ),
    StatementKind.KEY: a_statement(
        StatementKind.KEY, 14, rows=(a_row("register_key", generation=2),), key=ROTATED
    ),
    StatementKind.SECRET: a_statement(
        StatementKind.SECRET,
        15,
        chain=INSTALLATION,
        rows=(StatedRow(table="data_key", key="unit", row={"wrapped": f"sha256:{'56' * 32}"}),),
    ),
    StatementKind.SETTINGS: a_statement(
        StatementKind.SETTINGS, 16, chain=INSTALLATION, settings={"environment": "test"}
    ),
    StatementKind.FINDING: a_statement(
        StatementKind.FINDING, 17, chain=INSTALLATION, finding={"code": "VERIFY-LINK-01"}
    ),
    StatementKind.BOOKED: a_statement(
        StatementKind.BOOKED,
        18,
        booking=StatedBooking(entry=THING, company=THING, act="created", sha256="78" * 32),
    ),
    StatementKind.JOB: a_statement(
        StatementKind.JOB,
        19,
        job=StatedJob(
            job=THING, company=THING, act="items", status="in_progress", items=2, sha256="9a" * 32
        ),
    ),
    StatementKind.TASK: a_statement(
        StatementKind.TASK,
        20,
        chain=INSTALLATION,
        task=StatedTask(task=f"drop:{THING}", kind="drop", act="revived"),
    ),
    StatementKind.REPORT: a_statement(
        StatementKind.REPORT,
        21,
        report=StatedReport(
            report=THING,
            record=THING,
            kind="document",
            channel="at_portugal",
            outcome="refused",
            attempt=2,
            code="-8",
            text="Código de isenção inválido",
            remedy="data",
        ),
    ),
    StatementKind.DECLARATION: a_statement(
        StatementKind.DECLARATION,
        22,
        rows=(a_row("declaration", month="2026-04", type="file", latecomers=0, ended_at=None),),
    ),
    StatementKind.VERIFICATION: a_statement(
        StatementKind.VERIFICATION,
        25,
        chain=INSTALLATION,
        verification=StatedVerification(act="ended", ordered_by="operator:rui", findings=2),
    ),
}
