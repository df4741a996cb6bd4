"""The rows that new entries state or rely on, looked up one by one."""

from collections.abc import Iterator, Mapping
from typing import Any

from fiscus.journal.verify.computed import claim_digest, computed_series
from fiscus.journal.verify.facts import FactRow, Facts, row_digest, stored_row
from fiscus.journal.verify.keys import Keyring
from fiscus.journal.verify.kinds import KINDS, RELIED
from fiscus.journal.verify.notes import blamed
from fiscus.journal.verify.report import Finding, count_of, found, text_of
from fiscus.journal.verify.source import JournalSource, Values
from fiscus.journal.verify.statements import is_readable, key_of, statement_in
from fiscus.journal.verify.tables import SERIES_COMPUTED, TABLES

RELIED_ENTRY = ("chain", "epoch", "sequence", "id", "kind", "at", "link", "body")
INTENT, CLAIM = 9, 10
"""Where they stand in the facts of an entry."""

LOOKED_UP_MAX = 10
NO_BODY = b""


class RowCheck:
    """Look-ups of one round. `ended` are the chains whose newest entry was read."""

    def __init__(self, source: JournalSource, keyring: Keyring, ended: set[str]) -> None:
        self.source = source
        self.keyring = keyring
        self.ended = ended

    def findings(self, facts: Facts) -> Iterator[Finding]:
        yield from self.statements(facts["stated"])
        yield from self.reliances(facts["relied"])
        yield from self.conclusions(facts["entry"])
        yield from self.numbers(facts["numbered"])
        for row in facts["entry"]:
            if row[CLAIM]:
                yield from self.claim(row)
        for chain in {str(row[0]) for row in facts["entry"]}:
            yield from self.register_key(chain)

    def look_up(
        self, table: str, columns: tuple[str, ...], most: int = LOOKED_UP_MAX, **equal: object
    ) -> list[Values]:
        if not is_readable(self.source, table):
            return []
        return [*self.source.rows(table, columns, equal=equal, most=most)]

    def statements(self, facts: list[FactRow]) -> Iterator[Finding]:
        """Rows that the new entries state: the newest statement holds."""
        newest: dict[tuple[str, str], FactRow] = {}
        for row in sorted(facts, key=lambda row: row[6] == "label@1"):
            newest[str(row[4]), str(row[5])] = row
        for (table, key), row in newest.items():
            if row[0] in self.ended and is_readable(self.source, table):
                yield from self.statement(table, key, row)

    def statement(self, table: str, key: str, fact: FactRow) -> Iterator[Finding]:
        stored = self.stored(table, key)
        name, digest, link = f"{table} {key}", fact[9], fact[8]
        if stored is None:
            if digest is not None:
                yield found("VERIFY-ROWS-04", record=name)
        elif digest is None:
            yield found("VERIFY-ROWS-03", record=name)
        elif table != "frozen":  # the first statement about such a row holds, not the newest
            rule = TABLES[table]
            is_linked = "link" not in rule.columns or stored["link"] == link_text(link)
            if row_digest(stored_row(rule, stored)) != digest or not is_linked:
                yield found("VERIFY-ROWS-05", "" if is_linked else "link", record=name)

    def stored(self, table: str, key: str) -> dict[str, object] | None:
        """The row with this key."""
        rule = TABLES[table]
        if len(rule.key) == 1:
            wanted = {rule.key[0]: key}
        else:  # a product may hold the sign that parts the key, a taxpayer's id cannot
            first, _, second = key.partition("/")
            wanted = {rule.key[0]: first, rule.key[1]: second}
        for values in self.source.rows(table, rule.columns, equal=wanted, most=1):
            row = dict(zip(rule.columns, values, strict=True))
            if key_of(rule, row) == key:
                return row
        return None

    def reliances(self, facts: list[FactRow]) -> Iterator[Finding]:
        seen: set[tuple[object, ...]] = set()
        for fact in facts:
            name, link, thing, version = fact[5:]
            if not name:
                continue
            entry = self.relied_entry(str(name), link, str(thing), version)
            if link is None or entry is None:
                code = "VERIFY-RELIES-01" if link is None else "VERIFY-RELIES-02"
                yield blamed(code, fact, name)
                continue
            if name in RELIED and (name, thing, link) not in seen:
                seen.add((name, thing, link))
                yield from self.relied_row(str(name), str(thing), entry)

    def relied_entry(self, name: str, link: object, thing: str, version: object) -> Values | None:
        """The entry that a link names, found by what it must be about."""
        if name == "refers":
            rows = self.look_up("entry", RELIED_ENTRY, id=thing)
        else:
            rows = []
            for kind in sorted(RELIED[name]):
                wanted = {"kind": kind, "thing": thing, "version": version}
                rows += self.look_up("entry", RELIED_ENTRY, 1_000, **wanted)
        return next((row for row in rows if row[6] == link_text(link)), None)

    def relied_row(self, table: str, key: str, entry: Values) -> Iterator[Finding]:
        """The row of the thing: as the entry states it, unless a newer one does."""
        stored = self.stored(table, key)
        if stored is None:
            yield found("VERIFY-ROWS-04", record=f"{table} {key}")
            return
        if stored["link"] != entry[6]:
            newer = self.relied_link(table, key, stored)
            if newer is None:
                yield found("VERIFY-ROWS-05", detail="link", record=f"{table} {key}")
                return
            entry = newer
        said = statement_in(entry[7], table, key)
        rule = TABLES[table]
        row = stored_row(rule, stored)
        if named := [one for one in rule.stated if said.get(one) != row[one]]:
            yield found("VERIFY-ROWS-05", ", ".join(named), record=f"{table} {key}")

    def relied_link(self, table: str, key: str, stored: Mapping[str, object]) -> Values | None:
        """The entry that the row itself names."""
        link = stored["link"]
        raw = bytes.fromhex(link) if isinstance(link, str) and is_hex(link) else None
        version = stored.get("version")
        return self.relied_entry(table, raw, key, version) if raw else None

    def conclusions(self, facts: list[FactRow]) -> Iterator[Finding]:
        for row in facts:
            intent = row[INTENT]
            if intent is None:
                continue
            intents = self.look_up("entry", ("chain", "kind", "digest"), id=intent)
            if not any(one[0] == row[0] and is_intent(one) for one in intents):
                yield blamed("VERIFY-INTENT-02", row, intent)
            others = self.look_up("entry", ("kind",), intent=intent)
            if sum(concludes(str(kind)) for (kind,) in others) > 1:
                yield blamed("VERIFY-INTENT-01", row, intent)

    def numbers(self, facts: list[FactRow]) -> Iterator[Finding]:
        """Numbers of series: one entry each, the one before, and the counter behind them."""
        for row in facts:
            series, number, before = text_of(row[4]), count_of(row[5]), row[6]
            name = f"series {series}, number {number}"
            if len(self.look_up("entry", ("id",), series=series, number=number)) > 1:
                yield blamed("VERIFY-SERIES-02", row, name)
            if before:
                last = self.look_up("entry", ("id",), series=series, number=number - 1)
                if [one for (one,) in last] != [before]:
                    yield blamed("VERIFY-SERIES-03", row, name)
        for series in sorted({str(row[4]) for row in facts}):
            yield from self.counter(series, max(int(str(r[5])) for r in facts if r[4] == series))

    def counter(self, series: str, least: int) -> Iterator[Finding]:
        rows = self.look_up("series", SERIES_COMPUTED, id=series)
        if len(rows) != 1:
            yield found("VERIFY-ROWS-04", record=f"series {series}")
            return
        number: Any = rows[0][0]
        last = self.look_up("entry", ("body", "id"), series=series, number=number)
        expected = computed_series(last[0][0], number, last[0][1]) if len(last) == 1 else ()
        is_last = isinstance(number, int) and least <= number < 2**63 - 1
        following = (
            self.look_up("entry", ("id",), series=series, number=number + 1) if is_last else []
        )
        if not is_last or following or rows[0] != expected:
            yield found("VERIFY-SERIES-04", record=f"series {series}")

    def claim(self, row: FactRow) -> Iterator[Finding]:
        names = TABLES["claim"].columns
        rows = self.look_up("claim", names, entry=row[3])
        if not rows:
            yield blamed("VERIFY-CLAIM-02", row)
        for values in rows:
            claim = dict(zip(names, values, strict=True))
            is_settled = claim["taker"] == row[3] and claim["expires_at"] is None
            is_settled = is_settled and claim["status"] is None and claim["answer"] is None
            if not is_settled or claim_digest(claim) != row[CLAIM]:
                yield found("VERIFY-CLAIM-01", record=claim_name(claim))

    def register_key(self, chain: str) -> Iterator[Finding]:
        """The stored key of a register with news, as the newest `key@1` about it states it."""
        keys = self.keyring.named.get(chain, [])
        if not keys or keys[-1].purpose != "register":
            return
        key = keys[-1]
        where = {"chain": key.in_chain, "epoch": key.in_epoch, "sequence": key.in_sequence}
        bodies = [*self.source.rows("entry", ("body",), equal=where, most=1)]
        stored = self.stored("register_key", chain)
        rule = TABLES["register_key"]
        said = statement_in(bodies[0][0] if bodies else NO_BODY, "register_key", chain)
        if stored is None:
            yield found("VERIFY-ROWS-04", record=f"register_key {chain}")
        elif said and stored_row(rule, stored) != said:
            yield found("VERIFY-ROWS-05", record=f"register_key {chain}")


def claim_name(claim: Mapping[str, Any]) -> str:
    return f"claim {claim['scope']} {claim['key']}"


def link_text(link: object) -> str:
    return link.hex() if isinstance(link, bytes) else ""


def is_hex(text: str) -> bool:
    return len(text) == 64 and all(one in "0123456789abcdef" for one in text)


def is_intent(row: Values) -> bool:
    return row[1] == "intent@1" or row[2] is not None


def concludes(kind: str) -> bool:
    rule = KINDS.get(kind)
    return rule is not None and rule.concludes
