"""Entries of the chains of organizations and of the installation: what became of rows and keys."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from fiscus.model.records import StatedRow


class StatedKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key that counts from a place of a chain on: docs/journal-format.md, section 4.

    `sha256` is hex over the SubjectPublicKeyInfo, `public_key` is that in base64; `replaces` the
    SHA-256 of the key before, whose `signature` (base64url of r‖s) is there if it could still sign.
    """

    purpose: str
    of: str
    epoch: int
    first: int
    sha256: str
    public_key: str
    reason: str
    replaces: str = ""
    signature: str = ""


class StatedHead(msgspec.Struct, frozen=True, kw_only=True):
    """Where a chain ended when a file was made from it."""

    chain: str
    epoch: int
    sequence: int
    link: str


class StatedRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that was asked for: its job, what it is to be about, of which register (empty: all of
    the taxpayer)."""

    file: str
    type: str
    taxpayer: str
    first: date
    last: date
    register: str = ""


class StatedExport(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was made: its job, what it is about, the ends of all the organization's chains
    of registers, and the SHA-256 (hex) and size of its bytes."""

    file: str
    type: str
    first: date
    last: date
    heads: tuple[StatedHead, ...]
    sha256: str
    bytes: int


class StatedBooking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An accounting entry that no record made: a caller entered it, changed what may be changed, or
    took it away. `act` is `created`, `changed` or `deleted`, `sha256` (hex) over its content."""

    entry: str
    company: str
    act: str
    sha256: str


class StatedJob(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened to an export job: `act` is `created`, an event of its life, or `items` when
    results of its items were reported. `status` is the one it has then, `items` how many entries
    the act is about, `sha256` (hex) over what was reported or, for `created`, over what was
    frozen."""

    job: str
    company: str
    act: str
    status: str
    items: int
    sha256: str


class StatedTask(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator did with a task that was given up: `act` is `revived` or `forgotten`."""

    task: str
    kind: str
    act: str


class StatedVerification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A verification of the whole journal that a person ordered: `act` is `ordered`, or `ended`
    with what it told: `findings` counts those, `failed` says why it could not be done (empty: it
    was), `ordered_by` who had ordered it."""

    act: str
    ordered_by: str = ""
    findings: int = 0
    failed: str = ""


class StatedReport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a report to an authority: `report` is its id, `record` the entry that it is
    about, `kind` what is told of it, `channel` who is told. `outcome` is `accepted` or `refused`,
    by the authority's own word, or `ordered` and `retried` by a person's; `attempt` counts what was
    sent. `code` and `text` are the authority's own, `reference` is what it gave us, `remedy` what
    helps against a refusal, `reason` a person's for a deletion."""

    report: str
    record: str
    kind: str
    channel: str
    outcome: str
    attempt: int
    code: str = ""
    text: str = ""
    reference: str = ""
    remedy: str = ""
    reason: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a chain that is no register's. `by` is who did it: an API key's id, or the words
    of a command or chore; `rows` what became of tables; the others by kind."""

    id: str
    kind: str
    chain: str
    epoch: int
    sequence: int
    previous: str
    at: datetime
    by: str
    rows: tuple[StatedRow, ...] = ()
    key: StatedKey | None = None
    adoption: Mapping[str, Any] | None = None
    request: StatedRequest | None = None
    export: StatedExport | None = None
    erased: tuple[Mapping[str, Any], ...] = ()
    settings: Mapping[str, Any] | None = None
    finding: Mapping[str, Any] | None = None
    booking: StatedBooking | None = None
    job: StatedJob | None = None
    task: StatedTask | None = None
    report: StatedReport | None = None
    verification: StatedVerification | None = None
