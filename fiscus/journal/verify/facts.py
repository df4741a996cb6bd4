"""What entries say that only the whole journal can judge, as rows for the notes.

Made beside the examination, in several processes; so these are plain values only. Every row begins
with the place of its entry: chain, epoch, sequence, id.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fiscus.journal.verify.decoding import part
from fiscus.journal.verify.entry import NOTHING, CheckedEntry, Members
from fiscus.journal.verify.kinds import INSTALLATION, KINDS, RELIED
from fiscus.journal.verify.members import is_any_text, is_hash, is_whole, row_instant
from fiscus.journal.verify.report import count_of, text_of
from fiscus.journal.verify.tables import TABLES, TableDescription

CLOSING_NUMBERS = ("number", "last_z", "first_sequence", "last_sequence")
MASTERS = ("taxpayer", "location", "register")
ISSUER = re.compile(r"A:([^*]+)\*")
WHOLE_MIN = -(2**63)

FACTS = (
    "entry",
    "numbered",
    "relied",
    "stated",
    "closing",
    "headed",
    "told",
    "paper",
    "outage",
    "erased",
    "adopted",
    "reported",
    "last",
)
"""The tables of the notes, in which these rows are kept."""

SERIES_ENDED = ("finishing", "finished", "cancelled")
"""What a series does not come back from: it has its last number."""

USUAL = frozenset(("intent@1", "document@1", "void@1", "abort@1", "refusal@1"))
"""Kinds that say nothing that only they say."""

FactRow = tuple[str | int | bytes | None, ...]
Facts = dict[str, list[FactRow]]
Place = tuple[str, int, int, str]


class FactCollector:
    """Gathers the facts of a batch of entries; `broken` has what is wrong with statements.

    What many entries of a batch rely on is noted for the first of them.
    """

    def __init__(self) -> None:
        self.facts: Facts = {name: [] for name in FACTS}
        self.relied: set[tuple[object, ...]] = set()
        self.masters: tuple[object, ...] = ()

    def add(self, entry: CheckedEntry, home: str) -> list[tuple[str, str]]:
        """Note what the entry says. `home` is the class of its chain, empty if unknown."""
        place: Place = (entry.chain, entry.epoch, entry.sequence, entry.id)
        body = entry.body
        thing, version, intent, claim = None, None, None, None
        broken: list[tuple[str, str]] = []
        if body is not None:
            if "place" in body:
                intent = text_of(body.get("intent")) or None
                claim = bytes.fromhex(str(body["claim"])) if "claim" in body else None
                if "numbered" in body:
                    self.facts["numbered"].append((*place, *numbered_facts(body)))
                self.add_relied(place, entry, body)
            elif body.get("rows"):
                thing, version = thing_of(body)
            if "rows" in body:
                broken = self.add_statements(place, entry, body, home)
            if entry.kind not in USUAL:
                broken += self.add_of_kind(place, entry, body)
        said = (entry.kind, entry.link, entry.micros, thing, version, intent, claim)
        self.facts["entry"].append((*place, *said, 1 if entry.is_erased else 0))
        return broken

    def add_relied(self, place: Place, entry: CheckedEntry, body: Members) -> None:
        members: Mapping[str, Any] = body
        relies, where = members.get("relies", NOTHING), members["place"]
        usual = 3
        masters = (entry.chain, where, *map(relies.get, MASTERS))
        if masters != self.masters:
            self.masters = masters
            for name, link in zip(MASTERS, masters[2:], strict=True):
                version = count_of(where.get(f"{name}_version"))
                thing = entry.chain if name == "register" else text_of(where.get(name))
                self.rely(place, entry, name, link, thing, version)
        if "numbered" in body:
            usual += 1
            series = text_of(members["numbered"].get("series"))
            self.rely(place, entry, "series", relies.get("series"), series, None)
        if entry.kind in ("document@1", "void@1") and body.get("refers"):
            thing = text_of(body["refers"])
            self.rely(place, entry, "refers", relies.get("refers"), thing, None)
        if len(relies) != usual:
            for name, link in relies.items():
                if name not in RELIED and name != "refers":
                    self.rely(place, entry, "", link, text_of(name), None)

    def rely(
        self,
        place: Place,
        entry: CheckedEntry,
        name: str,
        link: object,
        thing: str,
        version: int | None,
    ) -> None:
        key = (entry.chain, name, thing, version, str(link))
        if key in self.relied:
            return
        self.relied.add(key)
        named = bytes.fromhex(str(link)) if is_hash(link) else None
        self.facts["relied"].append((*place, entry.micros, name, named, thing, version))

    def add_statements(
        self, place: Place, entry: CheckedEntry, body: Members, home: str
    ) -> list[tuple[str, str]]:
        rows, broken = body.get("rows"), []
        for said in rows if isinstance(rows, list) else ():
            if detail := self.add_statement(place, entry, said, home):
                broken.append(("VERIFY-ROWS-01", detail))
        return broken

    def add_statement(
        self, place: Place, entry: CheckedEntry, said: Mapping[str, object], home: str
    ) -> str:
        """Note one statement; what is wrong with it, or nothing."""
        table, key, row = said.get("table"), said.get("key"), said.get("row")
        rule = TABLES.get(table) if isinstance(table, str) else None
        kind = KINDS.get(entry.kind)
        is_whole = said.keys() >= {"table", "key", "row"} and isinstance(key, str)
        if rule is None or not is_whole or not isinstance(key, str):
            return f"table {text_of(table)}"
        name = f"{text_of(table)} {text_of(key)}"
        if kind is None or table not in kind.tables:
            return f"{name}: not stated by {entry.kind}"
        if row is not None and (detail := unfit_row(rule, key, row)):
            return f"{name}: {detail}"
        if detail := foreign(rule, str(table), key, row, entry, home):
            return f"{name}: {detail}"
        beside = part(said, "row").get(rule.beside[0]) if rule.beside else None
        whole = dict.fromkeys(rule.later) | {**part(said, "row")}
        digest = None if row is None else row_digest(whole)
        stated = (str(table), key, entry.kind, entry.micros, entry.link, digest)
        self.facts["stated"].append((*place, *stated, text_of(beside) or None))
        if table == "series" and whole.get("state") in SERIES_ENDED:
            self.facts["last"].append((*place, key, count_of(whole.get("last_told"))))
        return ""

    def add_of_kind(
        self, place: Place, entry: CheckedEntry, body: Members
    ) -> list[tuple[str, str]]:
        """What only entries of one kind say; what is wrong with it."""
        match entry.kind:
            case "closing@1":
                self.add_closing(place, part(body, "closing"))
                differing = closing_differs(body)
                return [("VERIFY-CLOSING-04", differing)] if differing else []
            case "key@1":
                differing = key_differs(body)
                return [("VERIFY-KEY-05", differing)] if differing else []
            case "outage@1" | "restored@1":
                refers = text_of(body.get("refers"))
                self.facts["outage"].append((*place, int(entry.kind == "outage@1"), refers))
            case "retention@1":
                self.facts["erased"].extend(erased_facts(place, entry, body))
            case "adoption@1":
                self.facts["adopted"].append((*place, entry.micros, *adoption_facts(body)))
            case "report@1":
                self.facts["reported"].append((*place, *report_facts(body)))
            case "export@1":
                self.facts["headed"].extend(head_facts(place, body))
            case "finding@1":
                words = json.dumps(body.get("finding"), ensure_ascii=False, default=str)
                self.facts["told"].append((*place, text_of(words)))
        return []

    def add_closing(self, place: Place, closing: Mapping[str, object]) -> None:
        if closing.get("is_sealed") is True:
            names = ("number", "first_sequence", "last_sequence", "documents")
            self.facts["closing"].append((*place, *(count_of(closing.get(one)) for one in names)))
        if size := count_of(closing.get("checkpoint_size")):
            root = text_of(closing.get("checkpoint_root"))
            self.facts["paper"].append((*place, size, root))


def thing_of(body: Members) -> tuple[str | None, int | None]:
    rows = body["rows"]
    first = rows[0] if isinstance(rows, list) else None
    key = first.get("key") if isinstance(first, dict) else None
    version = part(first, "row").get("version")
    return text_of(key) or None, count_of(version) or None


def numbered_facts(body: Mapping[str, Any]) -> FactRow:
    numbered, seal = body["numbered"], body.get("seal", NOTHING)
    return (
        text_of(numbered.get("series")),
        count_of(numbered.get("number")),
        text_of(numbered.get("previous")),
        legal_number(numbered, seal) or None,
        text_of(seal.get("code")) or None,
    )


def legal_number(numbered: Members, seal: Members) -> str:
    """Tax number, document type, series without regard to letter case, number; empty if the law
    of the document has no QR code that begins with the tax number."""
    issuer = ISSUER.match(text_of(seal.get("qr")))
    if issuer is None:
        return ""
    name = text_of(numbered.get("name")).casefold()
    return f"{issuer[1]} {text_of(seal.get('document_type'))} {name}/{numbered['number']}"


def adoption_facts(body: Members) -> FactRow:
    said = part(body, "adoption")
    last = said.get("last_number")
    is_number = is_whole(last) and isinstance(last, int) and last >= 0
    texts = ("last_hash", "last_record", "last_day", "last_at")
    return (
        text_of(said.get("series")),
        int(str(last)) if is_number else None,
        *(text_of(said.get(name)) for name in texts),
        " ".join(filter(None, (text_of(said.get("document_type")), text_of(said.get("name"))))),
    )


def report_facts(body: Members) -> FactRow:
    said = part(body, "report")
    names = ("report", "record", "kind", "outcome", "remedy", "reference")
    return tuple(text_of(said.get(name)) for name in names)


def closing_differs(body: Members) -> str:
    """Where the row that a closing states says something else than the closing itself."""
    closing, rows = part(body, "closing"), body.get("rows")
    stated = [
        part(one, "row")
        for one in (rows if isinstance(rows, list) else ())
        if isinstance(one, dict) and one.get("table") == "closing"
    ]
    if len(stated) != 1:
        return "it states not one row of its own"
    [row] = stated
    expected = {
        "type": closing.get("type"),
        "is_sealed": int(closing.get("is_sealed") is True),
        **{name: count_of(closing.get(name)) for name in CLOSING_NUMBERS},
        "since": row_instant(closing.get("since")),
        "until": row_instant(closing.get("until")),
        "day": closing.get("day"),
        "session": closing.get("session") or None,
    }
    return ", ".join(name for name, value in expected.items() if row.get(name) != value)


def key_differs(body: Members) -> str:
    """Where the row of the stored private key is of another key than the one that is named."""
    said, rows = part(body, "key"), body.get("rows")
    for one in rows if isinstance(rows, list) else ():
        row = part(one, "row")
        if not row:
            continue
        lines = text_lines(row.get("public_pem"))
        if "".join(lines[1:-1]) != said.get("public_key"):
            return "public_pem"
        if "serial" in row and row["serial"] != str(said.get("sha256"))[:32]:
            return "serial"
    return ""


def text_lines(value: object) -> list[str]:
    return value.strip().splitlines() if isinstance(value, str) else []


def head_facts(place: Place, body: Members) -> Iterator[FactRow]:
    """The ends of chains that an export has seen."""
    heads = part(body, "export").get("heads")
    for one in heads if isinstance(heads, list) else ():
        said = one if isinstance(one, dict) else {}
        link = said.get("link")
        named = bytes.fromhex(str(link)) if is_hash(link) else b""
        numbers = (count_of(said.get("epoch")), count_of(said.get("sequence")))
        yield (*place, text_of(said.get("chain")), *numbers, named)


def erased_facts(place: Place, entry: CheckedEntry, body: Members) -> Iterator[FactRow]:
    rows = body.get("erased")
    for said in rows if isinstance(rows, list) else ():
        numbers = (count_of(said.get(name)) for name in ("epoch", "first", "last"))
        yield (*place, entry.micros, text_of(said.get("chain")), *numbers)


def unfit_row(rule: TableDescription, key: str, row: object) -> str:
    """Why a statement is none about a row of this table and key, or nothing."""
    if not isinstance(row, dict):
        return "not an object"
    for name, value in row.items():
        if value is not None and not is_any_text(value) and not is_whole(value):
            return f"column {text_of(name)} is no text, whole number or null"
        if name in rule.hidden and value is not None and not is_secret(value):
            return f"column {name} is not the SHA-256 of a secret"
    if row.keys() | rule.later != set(rule.stated):
        return "other columns: " + ", ".join(sorted(row.keys() ^ set(rule.stated)))[:200]
    if "/".join(str(row.get(name)) for name in rule.key) != key:
        return "the key is not that of the row"
    return ""


def is_secret(value: object) -> bool:
    return isinstance(value, str) and value.startswith("sha256:") and is_hash(value[7:])


def foreign(
    rule: TableDescription, table: str, key: str, row: object, entry: CheckedEntry, home: str
) -> str:
    """Why a chain may not state this row, as far as the entry alone shows it."""
    columns = row if isinstance(row, dict) else {}
    body = entry.body or {}
    if not rule.home and rule.beside is None:
        return "" if home in (INSTALLATION, "") else "it stands in the installation's chain"
    if table == "label":
        is_own = key == entry.id or entry.kind == "label@1"
        return "" if is_own else "a label of another entry"
    if table == "closing" and key != entry.id:
        return "a closing of another entry"
    if table == "organization":
        return "" if key == entry.chain else "another organization"
    expected = part(body, "place").get("taxpayer") if table == "frozen" else entry.chain
    if rule.home and columns and columns.get(rule.home) != expected:
        return "it belongs to another chain"
    return ""


def row_digest(row: Mapping[str, object]) -> bytes:
    """The SHA-256 over the columns in one spelling; equal rows have equal digests."""
    spelled = json.dumps(row, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(spelled.encode()).digest()


def column_value(rule: TableDescription, name: str, value: object) -> object:
    """A column of a table as a statement would have it."""
    if value is None:
        return None
    if name in rule.hidden or isinstance(value, bytes | memoryview):
        raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        if isinstance(raw, bytes | memoryview):
            return f"sha256:{hashlib.sha256(raw).hexdigest()}"
    if isinstance(value, str) or is_whole(value):
        return value
    return f"{type(value).__name__} {value!r}"


def stored_row(rule: TableDescription, values: Mapping[str, object]) -> dict[str, object]:
    """The row of a table as a statement would have it."""
    return {name: column_value(rule, name, values[name]) for name in rule.stated}
