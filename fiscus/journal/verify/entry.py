"""One entry by itself: is its body sound, linked, signed, and copied rightly into the columns?

Nothing here looks at another entry but for the link before, so entries may be examined in several
processes.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from fiscus.journal.verify.decoding import part, read_json
from fiscus.journal.verify.keys import Keyring, base64url, is_entry_signed
from fiscus.journal.verify.kinds import EVERY, KINDS, ORGANIZATION, REGISTER
from fiscus.journal.verify.members import HASH, is_epoch, is_hash, is_uuid, micros, unfit_members
from fiscus.journal.verify.report import count_of, text_of
from fiscus.journal.verify.tables import ENTRY

LINK_START = b"fiscus/link/2\n"
UNKNOWN_LINK = bytes(32)

Members = Mapping[str, object]
Values = tuple[object, ...]
"""The columns of the table `entry`, in the page's order. Cheaper to hand over than a class."""
Broken = list[tuple[str, str]]

PROOFS = ("body", "encoding", "digest", "link", "key", "signature")
COPIES = tuple(name for name in ENTRY if name not in PROOFS)
BODY, ENCODING, DIGEST, STORED_LINK, KEY, SIGNATURE = (ENTRY.index(name) for name in PROOFS)
KIND, AT = ENTRY.index("kind"), ENTRY.index("at")
TO_KEEP = frozenset(("id", "chain", "epoch", "sequence", "at"))
NOT_NULL = frozenset(("kind", "organization", "taxpayer", "location"))
NOTHING: Mapping[str, Any] = {}
CACHED_MAX = 100_000


class CheckedEntry(NamedTuple):
    """What an entry says to the entries beside it, and what is wrong with it alone.

    The place is the body's where the signature proves the body, else the columns'; `is_stray`
    says that the columns put a proven entry elsewhere. Unknown texts are empty, unknown numbers 0;
    `previous` and `micros` are None where nothing can be said. `body` is None if it is erased or
    cannot be read.
    """

    chain: str
    epoch: int
    sequence: int
    id: str
    kind: str
    previous: bytes | None
    link: bytes
    micros: int | None
    is_proven: bool
    is_stray: bool
    is_erased: bool
    broken: tuple[tuple[str, str], ...]
    body: Members | None

    @property
    def is_clean(self) -> bool:
        return not self.broken


class EntryCheck:
    """The examination of entries with one keyring; remembers the bytes of ids of chains.

    `is_bare`: rows come from a package, which has no columns beside body, key, link, signature.
    """

    def __init__(self, keyring: Keyring, *, is_bare: bool = False) -> None:
        self.keyring = keyring
        self.is_bare = is_bare
        self.known: dict[str, bytes] = {}

    def chain_bytes(self, chain: str) -> bytes:
        known = self.known.get(chain)
        if known is None:
            if len(self.known) > CACHED_MAX:
                self.known.clear()
            known = self.known[chain] = bytes.fromhex(chain.replace("-", ""))
        return known

    def examine(self, row: Values, before: object = None) -> CheckedEntry:
        """Check one row. `before` is the stored link of the row before, in the same chain."""
        body_column = row[BODY]
        stored = body_column if isinstance(body_column, bytes) else b""
        broken: Broken = []
        if not stored and row[DIGEST] is not None and not self.is_bare:
            return self.erased(row, before)
        if not self.is_bare and (row[ENCODING] != 0 or row[DIGEST] is not None):
            broken.append(
                ("VERIFY-BODY-04", "") if row[ENCODING] != 0 else ("VERIFY-ERASED-02", "")
            )
        body = sound_body(stored, broken)
        if body is None:
            return unknown(row, broken)
        home = self.judge_kind(body, broken)
        digest = self.link(body, hashlib.sha256(stored).digest())
        link = digest.hex()
        if row[STORED_LINK] != link:
            broken.append(("VERIFY-LINK-01", ""))
        is_proven = self.judge_signature(row, stored, body, broken)
        columns: Values = ()
        copies: Values = ()
        if not self.is_bare:
            columns = columns_of(row)
            copies = copies_of(body, is_of_organization=home == ORGANIZATION)
        if columns == copies:
            if not broken:
                return clean(body, digest)
            if is_proven:  # then nobody needs the column to know the link
                row = (*row[:STORED_LINK], link, *row[STORED_LINK + 1 :])
            return placed(row, body, body, broken, is_proven=is_proven, is_stray=False)
        if is_proven:
            row = (*row[:STORED_LINK], link, *row[STORED_LINK + 1 :])
        named = [
            name for name, one, other in zip(COPIES, columns, copies, strict=True) if one != other
        ]
        broken.append(("VERIFY-COPY-01", ", ".join(named)))
        said = body if is_proven else dict(zip(COPIES, columns, strict=True))
        is_elsewhere = not {"chain", "epoch", "sequence"}.isdisjoint(named)
        return placed(
            row, said, body, broken, is_proven=is_proven, is_stray=is_proven and is_elsewhere
        )

    def judge_kind(self, body: Members, broken: Broken) -> str:
        """Whether its kind may stand there, with these members. The class of the chain."""
        kind, chain = str(body["kind"]), str(body["chain"])
        known, home = self.keyring.home_of(chain)
        rule = KINDS.get(kind)
        if rule is None:
            broken.append(("VERIFY-KIND-01", kind))
            return known
        names = body.keys()
        if not rule.required <= names:
            broken.append(("VERIFY-BODY-02", ", ".join(sorted(rule.required - names))))
        if not names <= rule.allowed:
            broken.append(("VERIFY-BODY-03", ", ".join(sorted(names - rule.allowed))))
        if ("numbered" in names) != ("seal" in names):
            broken.append(("VERIFY-BODY-02", "numbered and seal come together"))
        if known and known not in rule.chains:
            broken.append(("VERIFY-KIND-02", f"{kind} in the chain of {known} {chain}"))
        elif known == REGISTER and part(body, "place").get("organization") != home:
            broken.append(("VERIFY-KIND-02", "the place is of another organization"))
        return known

    def link(self, body: Members, digest: bytes) -> bytes:
        return link_of(
            bytes.fromhex(str(body["previous"])),
            self.chain_bytes(str(body["chain"])),
            count_of(body["epoch"]),
            count_of(body["sequence"]),
            digest,
        )

    def judge_signature(self, row: Values, stored: bytes, body: Members, broken: Broken) -> bool:
        """Whether the key of the entry's place signed these bytes; what is wrong otherwise."""
        chain, epoch = str(body["chain"]), count_of(body["epoch"])
        key = self.keyring.find(chain, epoch, count_of(body["sequence"]))
        if key is None:
            broken.append(("VERIFY-KEY-01", f"chain {chain}"))
            return False
        if row[KEY] != key.id:
            broken.append(("VERIFY-SIGNATURE-02", ""))
        if is_entry_signed(key, key.start + base64url(stored), row[SIGNATURE]):
            return True
        broken.append(("VERIFY-SIGNATURE-01", ""))
        return False

    def erased(self, row: Values, before: object) -> CheckedEntry:
        """An entry whose body is gone: its columns must be empty, its link can still be checked."""
        columns = dict(zip(ENTRY, row, strict=True))
        kept = [
            name for name in COPIES if name not in TO_KEEP and columns[name] != empty_value(name)
        ]
        broken: Broken = [("VERIFY-ERASED-02", ", ".join(kept))] if kept else []
        if row[ENCODING] != 0:
            broken.append(("VERIFY-BODY-04", ""))
        chain, epoch, sequence = columns["chain"], columns["epoch"], columns["sequence"]
        is_sound = (
            is_uuid(chain) and is_epoch(epoch) and count_of(sequence) and is_hash(row[DIGEST])
        )
        is_sound = is_sound and is_uuid(columns["id"]) and micros(columns["at"]) is not None
        if not is_sound:
            return unknown(row, [("VERIFY-BODY-01", "erased, and its columns are unreadable")])
        named = "0" * 64 if sequence == 1 else before
        if isinstance(named, str) and is_hash(named):
            link = link_of(
                bytes.fromhex(named),
                self.chain_bytes(str(chain)),
                count_of(epoch),
                count_of(sequence),
                bytes.fromhex(str(row[DIGEST])),
            )
            if link.hex() != row[STORED_LINK]:
                broken.append(("VERIFY-LINK-01", ""))
        entry = placed(row, columns, None, broken, is_proven=False, is_stray=False)
        return entry._replace(is_erased=True, kind="")


def link_of(previous: bytes, chain: bytes, epoch: int, sequence: int, digest: bytes) -> bytes:
    """The link of an entry over its place and the digest of its body."""
    place = epoch.to_bytes(4, "big") + sequence.to_bytes(8, "big")
    return hashlib.sha256(LINK_START + previous + chain + place + digest).digest()


def empty_value(name: str) -> object:
    if name in NOT_NULL:
        return ""
    return 0 if name == "is_training" else None


def sound_body(stored: bytes, broken: Broken) -> Members | None:
    """The body's members, if it is JSON that means one thing only and has the common shape."""
    try:
        body = read_json(stored)
    except ValueError as error:
        detail = "it is empty" if not stored else ""
        broken.append(("VERIFY-BODY-01", detail or str(error)[:100]))
        return None
    if not isinstance(body, dict):
        broken.append(("VERIFY-BODY-01", ""))
        return None
    unfit = unfit_members(body)
    if not unfit and body.keys() >= EVERY:
        return body
    unfit = sorted({*unfit, *(EVERY - body.keys())})
    broken.append(("VERIFY-BODY-02", ", ".join(unfit)))
    return None


def columns_of(row: Values) -> Values:
    return (*row[:BODY], *row[SIGNATURE + 1 :])


def copies_of(body: Members, *, is_of_organization: bool) -> Values:
    """What the columns must hold, in the order of `COPIES`. The body has the common shape."""
    members: Mapping[str, Any] = body
    place, numbered = members.get("place", NOTHING), members.get("numbered", NOTHING)
    seal, draft = members.get("seal", NOTHING), members.get("draft", NOTHING)
    return (
        body["id"],
        body["chain"],
        body["epoch"],
        body["sequence"],
        body["kind"],
        body["at"],
        place.get("organization", body["chain"] if is_of_organization else ""),
        place.get("taxpayer", ""),
        place.get("location", ""),
        body.get("intent") or None,
        body.get("refers") or None,
        numbered.get("series"),
        numbered.get("number"),
        seal.get("day"),
        seal.get("document_type"),
        1 if draft.get("is_training") is True else 0,
        *((None, None) if place else first_thing(body)),
    )


def first_thing(body: Members) -> tuple[object, object]:
    """The key of the first row that an entry of the registry states, and its version."""
    rows = body.get("rows")
    first = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(first, dict):
        return None, None
    return first.get("key"), part(first, "row").get("version")


def clean(body: Members, link: bytes) -> CheckedEntry:
    """An entry with which nothing is wrong: its members have the forms that they must have."""
    values: Any = body
    return CheckedEntry(
        values["chain"],
        values["epoch"],
        values["sequence"],
        values["id"],
        values["kind"],
        bytes.fromhex(values["previous"]),
        link,
        micros(values["at"]),
        True,  # proven
        False,
        False,
        (),
        body,
    )


def placed(
    row: Values,
    said: Members,
    body: Members | None,
    broken: Broken,
    *,
    is_proven: bool,
    is_stray: bool,
) -> CheckedEntry:
    """Put the entry where it belongs: where the proven body says, else where the columns say."""
    return CheckedEntry(
        chain=text_of(said["chain"]),
        epoch=count_of(said["epoch"]),
        sequence=count_of(said["sequence"]),
        id=text_of(said["id"]),
        kind=text_of(said["kind"]),
        previous=bytes.fromhex(str(body["previous"])) if body else None,
        link=link_bytes(row[STORED_LINK]),
        micros=micros(said["at"]),
        is_proven=is_proven,
        is_stray=is_stray,
        is_erased=False,
        broken=tuple(broken),
        body=body,
    )


def unknown(row: Values, broken: Broken) -> CheckedEntry:
    """An entry with an unreadable body: only the columns, if any, say where it belongs."""
    said = dict(zip(ENTRY, row, strict=True))
    return placed(row, said, None, broken, is_proven=False, is_stray=False)._replace(micros=None)


def link_bytes(stored: object) -> bytes:
    if isinstance(stored, str) and HASH.fullmatch(stored):
        return bytes.fromhex(stored)
    return UNKNOWN_LINK
