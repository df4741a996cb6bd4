"""A small shop whose journal has entries of every kind and rows of every table."""

import hashlib
import json
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

from fiscus.journal.tests.small_journal import INSTALLATION, SmallJournal, an_id, six, z
from fiscus.journal.tests.small_keys import SmallLogKey, a_key
from fiscus.journal.tests.small_tables import Row

ORGANIZATION = an_id("organization")
TAXPAYER = an_id("taxpayer")
LOCATION = an_id("location")
REGISTERS = (an_id("till a"), an_id("till b"))
SERIES = an_id("series fs")
ADOPTED = an_id("series adopted")
TRAINING = an_id("series training")
Z_SERIES = an_id("series z")
NAMES = {SERIES: "LOJA", ADOPTED: "VELHA", TRAINING: "TREINO", Z_SERIES: "Z"}
TYPES = {SERIES: "FS", ADOPTED: "FT", TRAINING: "FS", Z_SERIES: "Z"}
TAX_NUMBER = "514200111"
COPIED_MAX = 1_000


def versioned(id: str, **more: Any) -> Row:
    at = six(SmallJournal().now)
    common = {"state": "commissioned", "mode": "test", "content": "{}", "details": "{}"}
    times = {"metadata": "{}", "created_at": at, "updated_at": at}
    return {"id": id, "version": 1, "organization": ORGANIZATION} | common | times | more


def a_place() -> Row:
    return {
        "organization": ORGANIZATION,
        "taxpayer": TAXPAYER,
        "taxpayer_version": 1,
        "location": LOCATION,
        "location_version": 1,
        "register_version": 1,
    }


def founded() -> SmallJournal:
    """An installation with one organization, one taxpayer, one location."""
    journal = SmallJournal()
    journal.found_chain(INSTALLATION, "installation", "")
    journal.found_chain(ORGANIZATION, "organization", "")
    journal.name_key(INSTALLATION, "root", INSTALLATION, journal.keys[INSTALLATION])
    journal.name_key(INSTALLATION, "log", INSTALLATION, journal.log.key)
    journal.name_key(INSTALLATION, "package", INSTALLATION, a_key("package"))
    journal.name_key(INSTALLATION, "organization", ORGANIZATION, journal.keys[ORGANIZATION])
    data_key = {"scope": f"organization {ORGANIZATION}", "wrapped": b"wrapped data key"}
    journal.state(INSTALLATION, "secret@1", ("data_key", data_key))
    journal.append(INSTALLATION, "settings@1", by="tests", settings={"environment": "test"})
    at = six(journal.now)
    organization = {"id": ORGANIZATION, "parent": "", "type": "UNIT", "name": "Café “Ufer”"}
    times = {"metadata": "{}", "created_at": at, "updated_at": at}
    journal.state(ORGANIZATION, "organization@1", ("organization", organization | times))
    taxpayer = versioned(TAXPAYER, regime="pt", secrets=b"sealed", secrets_generation=1)
    journal.state(ORGANIZATION, "taxpayer@1", ("taxpayer", taxpayer | {"sole_number": TAX_NUMBER}))
    location = versioned(LOCATION, taxpayer=TAXPAYER, is_head_office=1)
    journal.state(ORGANIZATION, "location@1", ("location", location))
    return journal


def equip(journal: SmallJournal, registers: tuple[str, ...] = REGISTERS) -> None:
    """Registers with keys, series, a device and an API key."""
    for register in registers:
        journal.found_chain(register, "register", ORGANIZATION)
        row = versioned(register, taxpayer=TAXPAYER, location=LOCATION)
        journal.state(ORGANIZATION, "register@1", ("register", row))
        journal.name_key(ORGANIZATION, "register", register, journal.keys[register])
    for series in (SERIES, TRAINING, Z_SERIES):
        journal.state(ORGANIZATION, "series@1", ("series", a_series(series)))
    subject = versioned(an_id("subject"), name="till", key="key-1", role="till", systems="[]")
    secret = {"generation": 1, "secret_hash": "5ecret", "previous_hash": None}
    journal.state(ORGANIZATION, "subject@1", ("subject", subject | secret))
    device = {"id": an_id("device"), "organization": ORGANIZATION, "kind": "tse", "family": "soft"}
    more = {"info": "{}", "usable_until": "2030-01-01", "generation": 1, "created_at": "2026"}
    first, again = device | more | {"secret": b"pin 1"}, device | more | {"secret": b"pin 2"}
    journal.state(ORGANIZATION, "device@1", ("device", first))
    journal.state(ORGANIZATION, "secret@1", ("device", again))
    fitting = {"device": device["id"], "register": registers[0], "organization": ORGANIZATION}
    client = {"client": "till-a", "state": "fitted", "fitted_at": "2026"}
    journal.state(ORGANIZATION, "fitting@1", ("fitting", fitting | client))


def a_series(series: str, **more: Any) -> Row:
    return {
        "id": series,
        "owner": TAX_NUMBER,
        "taxpayer": TAXPAYER,
        "location": LOCATION,
        "document_type": TYPES[series],
        "name": NAMES[series],
        "folded": NAMES[series].casefold(),
        "is_training": int(series == TRAINING),
        "state": "registered",
        "validation_code": f"CODE{NAMES[series]}",
        "created_at": "2026-05-04T08:00:00.000000Z",
    } | more


def end(journal: SmallJournal, series: str, state: str, last: int) -> None:
    """The series has its last number, and the authority is or was told so."""
    more = {"state": state, "last_told": last, "ordered_at": "2026-05-04T20:00:00.000000Z"}
    journal.state(ORGANIZATION, "series@1", ("series", a_series(series, **more)))


def adopt(journal: SmallJournal, last: int = 41) -> Row:
    """A series that was counted elsewhere up to this number."""
    said = {"series": ADOPTED, "document_type": "FT", "name": "VELHA", "last_number": last}
    journal.adopted[ADOPTED] = said | {"last_hash": "abc", "last_day": "2026-05-01"}
    journal.series[ADOPTED] = [""] * last
    rows = ("series", a_series(ADOPTED))
    return journal.state(ORGANIZATION, "adoption@1", rows, adoption=journal.adopted[ADOPTED])


def dealing(journal: SmallJournal, register: str, **more: Any) -> Row:
    """The members of every entry of a register's chain."""
    things = {"taxpayer": TAXPAYER, "location": LOCATION, "register": register}
    relies = {name: journal.links[f"{name} {thing}"] for name, thing in things.items()}
    return {"place": a_place(), "relies": relies} | more


def begin(journal: SmallJournal, register: str, **more: Any) -> str:
    said = {"family": "unified", "text": '{"type":"RECEIPT"}'}
    entry = journal.append(register, "intent@1", **dealing(journal, register, said=said, **more))
    return str(entry["id"])


def numbered(journal: SmallJournal, series: str, relies: Row) -> Row:
    """The next number of a series and its seal; the entry will have the next id of its chain."""
    ids = journal.series.setdefault(series, [])
    relies["series"] = journal.links[f"series {series}"]
    number = len(ids) + 1
    taken = {"series": series, "name": NAMES[series], "number": number}
    if ids and ids[-1]:
        taken["previous"] = ids[-1]
    seal = {
        "number": f"{TYPES[series]} {NAMES[series]}/{number}",
        "document_type": TYPES[series],
        "day": journal.now.date().isoformat(),
        "entered": journal.now.astimezone().isoformat(),
        "carry": f"hash of {number}",
        "code": f"CODE{NAMES[series]}-{number}",
        "qr": f"A:{TAX_NUMBER}*B:999*{number}",
    }
    return {"numbered": taken, "seal": seal}


def sell(
    journal: SmallJournal,
    register: str,
    series: str = SERIES,
    kind: str = "document@1",
    **more: Any,
) -> Row:
    """An intention and the record that concludes it, with an idempotency key and a label."""
    intent = begin(journal, register)
    members = dealing(journal, register, intent=intent)
    members |= numbered(journal, series, members["relies"])
    draft = {"kind": "receipt", "is_training": series == TRAINING, "text": 'Café "1" \\ 2'}
    record = next_id(journal, register)
    label = {"entry": record, "metadata": '{"table":"4"}'}
    frozen = {"taxpayer": TAXPAYER, "product": "café", "description": "Café"}
    if refers := more.pop("refers", None):
        [row] = [row for row in journal.entries if row["id"] == refers]
        members["refers"] = refers
        members["relies"]["refers"] = row["link"]
    members |= {"draft": draft, "claim": claimed(journal, record)} | more
    entry = journal.state(register, kind, ("label", label), ("frozen", frozen), **members)
    journal.series[series].append(entry["id"])
    return entry


def next_id(journal: SmallJournal, chain: str) -> str:
    head = journal.heads.get(chain)
    return an_id(f"{chain} {head['sequence'] + 1 if head else 1}")


def claimed(journal: SmallJournal, record: str) -> str:
    """The row of an idempotency key, and what its record says of it."""
    row = {
        "scope": ORGANIZATION,
        "key": f"key of {record}",
        "digest": "d1ge5t",
        "taker": record,
        "created_at": six(journal.now),
        "expires_at": None,
        "entry": record,
        "metadata": '{"name":"é"}',
        "status": None,
        "answer": None,
    }
    journal.tables.setdefault("claim", []).append(row)
    values = [row[name] for name in ("scope", "key", "digest", "entry", "metadata")]
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def close(journal: SmallJournal, register: str) -> Row:
    """A session that is opened and closed, and a sealed closing of the register."""
    session = {
        "id": an_id(f"session {journal.now}"),
        "register": register,
        "organization": ORGANIZATION,
        "state": "closed",
        "currency": "EUR",
        "opening": "50.00",
        "opened_at": six(journal.now),
        "opened_by": "intention",
    }
    said = dealing(journal, register)
    intent = journal.state(register, "intent@1", ("session", session), **said)["id"]
    members = dealing(journal, register, intent=intent, session=session["id"])
    members |= numbered(journal, Z_SERIES, members["relies"])
    number, closed = journal.z.get(register, (0, 0))
    last = journal.heads[register]["sequence"]
    closing: Row = {
        "type": "DAY",
        "is_sealed": True,
        "number": number + 1,
        "first_sequence": closed + 1,
        "last_sequence": last,
        "last_z": number + 1,
        "documents": documents_in(journal, register, closed + 1, last),
        "since": z(journal.now),
        "until": z(journal.now),
        "day": journal.now.date().isoformat(),
        "session": session["id"],
        "fingerprint": f"sha256:{journal.keys[INSTALLATION].sha256}",
    }
    if journal.log.checkpoints:
        newest = journal.log.checkpoints[-1]
        closing |= {"checkpoint_size": newest["size"], "checkpoint_root": newest["root"][:16]}
    row = {
        "id": next_id(journal, register),
        "organization": ORGANIZATION,
        "taxpayer": TAXPAYER,
        "register": register,
        "type": "DAY",
        "is_sealed": 1,
        "number": number + 1,
        "last_z": number + 1,
        "first_sequence": closed + 1,
        "last_sequence": last,
        "since": six(journal.now),
        "until": six(journal.now),
        "day": journal.now.date().isoformat(),
        "session": session["id"],
    }
    more = {"draft": {"kind": "closing"}, "closing": closing}
    entry = journal.state(register, "closing@1", ("closing", row), **members, **more)
    journal.series[Z_SERIES].append(entry["id"])
    journal.z[register] = (number + 1, last)
    return entry


def documents_in(journal: SmallJournal, register: str, first: int, last: int) -> int:
    return sum(
        row["chain"] == register
        and first <= row["sequence"] <= last
        and row["kind"] in ("document@1", "void@1", "abort@1")
        for row in journal.entries
    )


def fall_silent(journal: SmallJournal, register: str) -> Row:
    entry = journal.append(register, "outage@1", **dealing(journal, register, note="no answer"))
    journal.outages[register] = entry["id"]
    return entry


def sign_again(journal: SmallJournal, register: str) -> Row:
    refers = journal.outages.pop(register)
    return journal.append(register, "restored@1", **dealing(journal, register, refers=refers))


def a_journal(
    entries: int = 300, *, checkpoints: int = 3, witness: SmallLogKey | None = None
) -> SmallJournal:
    """At least this many entries, of every kind, with rows in every table. Small ones are written
    once and copied: signing takes eight times as long."""
    if entries > COPIED_MAX:
        return _written(entries, checkpoints, witness)
    return deepcopy(_kept(entries, checkpoints, witness))


def _written(entries: int, checkpoints: int, witness: SmallLogKey | None) -> SmallJournal:
    journal = founded()
    equip(journal)
    adopt(journal)
    first = sell(journal, REGISTERS[0])
    for turn in range(entries):
        if len(journal.entries) >= entries:
            break
        register = REGISTERS[turn % len(REGISTERS)]
        step(journal, register, turn, first)
        if (len(journal.entries) + 6) * checkpoints // entries > len(journal.log.checkpoints):
            journal.checkpoint({"w1": witness} if witness else None)
    label = {"entry": first["id"], "metadata": '{"table":"5"}'}
    journal.state(ORGANIZATION, "label@1", ("label", label))
    keep_books(journal)
    journal.append(INSTALLATION, "finding@1", by="chore", finding={"code": "X"})
    verification = {"act": "ordered"}
    journal.append(INSTALLATION, "verification@1", by="tests", verification=verification)
    if checkpoints:
        journal.now += timedelta(seconds=1)
        journal.checkpoint({"w1": witness} if witness else None)
    return journal


_kept = cache(_written)


def step(journal: SmallJournal, register: str, turn: int, first: Row) -> None:
    """One of the things that happen at a register."""
    match turn % 11:
        case 1:
            sell(journal, register, TRAINING)
        case 3:
            members = dealing(journal, register, intent=begin(journal, register))
            more: Row = {"draft": {"kind": "receipt"}, "faults": [{"code": "PT-LINE-01"}]}
            journal.append(register, "refusal@1", **members, **more)
        case 4:
            sell(journal, register, kind="void@1", refers=first["id"])
        case 5:
            close(journal, register)
        case 6:
            fall_silent(journal, register)
            sign_again(journal, register)
        case 7:
            members = dealing(journal, register, intent=begin(journal, register))
            journal.append(register, "abort@1", **members, draft={"kind": "abort"})
        case 8:
            sell(journal, register, ADOPTED)
        case 9:
            journal.append(register, "exchanged@1", **dealing(journal, register, note="new TSE"))
            export(journal)
        case _:
            sell(journal, register)


def keep_books(journal: SmallJournal) -> None:
    """How the taxpayer's records become accounting entries, one that no record made, and a job."""
    at = six(journal.now)
    times = {"created_at": at, "updated_at": at}
    row = {"id": TAXPAYER, "version": 1, "organization": ORGANIZATION, "content": "{}"}
    journal.state(ORGANIZATION, "bookkeeping@1", ("bookkeeping", row | times))
    of = {"company": TAXPAYER, "sha256": "0" * 64}
    booking = {"entry": an_id("entered"), "act": "created"} | of
    journal.append(ORGANIZATION, "booked@1", by="tests", booking=booking)
    job = {"job": an_id("job"), "act": "created", "status": "pending", "items": 1} | of
    journal.append(ORGANIZATION, "job@1", by="tests", job=job)
    task = {"task": an_id("task"), "kind": "release", "act": "revived"}
    journal.append(ORGANIZATION, "task@1", by="tests", task=task)
    report = {"report": an_id("report"), "record": an_id("told"), "kind": "document", "attempt": 1}
    report |= {"channel": "at_portugal", "outcome": "accepted", "code": "0", "reference": "R-1"}
    journal.append(ORGANIZATION, "report@1", by="service", report=report)
    subscription = {
        "id": an_id("subscription"),
        "version": 1,
        "organization": ORGANIZATION,
        "endpoint_url": "https://ledger.example/hook",
        "event_types": '["record.sealed"]',
        "status": "ACTIVE",
        "secrets": b"sealed",
    }
    journal.state(ORGANIZATION, "subscription@1", ("webhook_subscription", subscription | times))
    declaration = {
        "id": an_id("declaration"),
        "organization": ORGANIZATION,
        "taxpayer": TAXPAYER,
        "month": "2026-04",
        "type": "file",
        "reference": "",
        "latecomers": 0,
        "declared_at": at,
        "declared_by": "operator:rui",
    }
    journal.state(ORGANIZATION, "declared@1", ("declaration", declaration))
    person = {
        "id": an_id("person"),
        "version": 1,
        "organization": ORGANIZATION,
        "code": "K7",
        "name": "Ana",
        "language": "pt",
        "role": "till",
        "state": "ENABLED",
        "metadata": "{}",
        "created_at": at,
    }
    journal.state(ORGANIZATION, "person@1", ("person", person))
    journal.state(ORGANIZATION, "signin@1", ("console_session", a_link(at)))


def a_link(at: str) -> Row:
    """A link that was made for an auditor."""
    return {
        "id": an_id("console"),
        "version": 1,
        "organization": ORGANIZATION,
        "kind": "link",
        "subject": None,
        "generation": None,
        "role": "auditor",
        "first_day": "2026-04-01",
        "last_day": "2026-04-30",
        "secret_hash": "ab" * 32,
        "created_at": at,
        "opened_at": None,
        "expires_at": at,
        "ended_at": None,
    }


def export(journal: SmallJournal) -> Row:
    said = {"file": an_id("file"), "type": "journal", "first": "2026-05-04", "last": "2026-05-04"}
    asked = {"file": said["file"], "type": "journal", "taxpayer": TAXPAYER}
    journal.append(ORGANIZATION, "request@1", by="tests", request=asked)
    heads = [
        {"chain": chain, "epoch": 1, "sequence": head["sequence"], "link": head["link"]}
        for chain, head in journal.heads.items()
        if journal.classes[chain] == "register"
    ]
    export = said | {"heads": heads, "sha256": "0" * 64, "bytes": 1}
    return journal.append(ORGANIZATION, "export@1", by="tests", export=export)


def erase(journal: SmallJournal, chain: str, first: int, last: int) -> Row:
    """Drop bodies at the end of their time, and say so in the organization's chain."""
    for row in journal.entries:
        if row["chain"] == chain and first <= row["sequence"] <= last:
            row["digest"] = hashlib.sha256(row["body"]).hexdigest()
            empty = dict.fromkeys(("kind", "organization", "taxpayer", "location"), "")
            row.update(empty, body=b"", is_training=0)
            row.update(dict.fromkeys(ERASED_TO_NULL))
    said = {"chain": chain, "epoch": 1, "first": first, "last": last}
    return journal.append(ORGANIZATION, "retention@1", by="chore", erased=[said])


ERASED_TO_NULL = (
    "intent",
    "refers",
    "series",
    "number",
    "day",
    "document_type",
    "thing",
    "version",
)
