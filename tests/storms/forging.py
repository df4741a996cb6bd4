"""Somebody who has read the format page, can write every table, and has none of our keys.

He makes all that follows from a change anew: links, what relies on them, copies, heads of chains,
leaves, nodes, roots. Signatures he can make with keys of his own only.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fiscus.store.columns import METADATA
from tests.storms.tampering import PLACE, Attacker

Body = dict[str, Any]
Change = Callable[[Body], None]

ZEROS = "0" * 64
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LINK = re.compile(r'"([0-9a-f]{64})"')
LINKED = sorted(
    name
    for name, table in METADATA.tables.items()
    if "link" in table.columns and name not in {"entry", "chain"}
)
"""The tables whose rows name the entry that states them."""
SIGNED = ("root", "organization", "register")
"""What the keys of chains are for."""

TILE_HASHES = 256


class OwnKey:
    """A key of the forger, for entries."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        public, form = self.private.public_key(), PublicFormat.SubjectPublicKeyInfo
        self.der = public.public_bytes(Encoding.DER, form)
        self.pem = public.public_bytes(Encoding.PEM, form).decode()
        self.sha256 = hashlib.sha256(self.der).hexdigest()
        self.id = self.sha256[:32]

    def sign(self, message: bytes) -> str:
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256())))
        low = min(s, ORDER - s)
        return unpadded(r.to_bytes(32, "big") + low.to_bytes(32, "big"))

    def entry(self, body: bytes) -> str:
        header = f'{{"alg":"ES256","kid":"{self.id}","typ":"fiscus-entry+json"}}'.encode()
        return self.sign(f"{unpadded(header)}.{unpadded(body)}".encode())


class OwnLog:
    """A key of the forger, for notes."""

    def __init__(self) -> None:
        self.private = ed25519.Ed25519PrivateKey.generate()
        public = self.private.public_key()
        form = PublicFormat.SubjectPublicKeyInfo
        self.der = public.public_bytes(Encoding.DER, form)
        self.pem = public.public_bytes(Encoding.PEM, form).decode()
        self.raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def note(self, origin: str, size: int, root: bytes) -> str:
        text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        key = hashlib.sha256(origin.encode() + b"\n\x01" + self.raw).digest()[:4]
        signature = base64.b64encode(key + self.private.sign(text.encode())).decode()
        return f"{text}\n— {origin} {signature}\n"


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def encoded(body: Body) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass
class Forgery:
    """All entries as the forger wants them. `entries` are rows with their decoded `said`; what is
    not touched keeps its bytes and its signature. `is_signed`: with keys of his own for all."""

    attacker: Attacker
    is_signed: bool = False
    entries: list[dict[str, Any]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    keys: dict[tuple[str, str], list[tuple[int, OwnKey]]] = field(default_factory=dict)
    log: OwnLog = field(default_factory=OwnLog)
    leaves: list[tuple[str, int]] = field(default_factory=list)
    shown: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.attacker.rows("entry"):
            self.entries.append({**row, "said": json.loads(row["body"]), "was": row["link"]})
        classes = {row["id"]: row["class"] for row in self.attacker.rows("chain")}
        order = ["installation", "organization", "register"]
        self.entries.sort(
            key=lambda row: (row["at"], order.index(classes[row["chain"]]), row["sequence"])
        )
        runs = sorted(self.attacker.rows("leaf_run"), key=lambda run: run["start"])
        self.leaves = [
            (run["chain"], sequence)
            for run in runs
            for sequence in range(run["first"], run["last"] + 1)
        ]

    def entry(self, id_: str) -> dict[str, Any]:
        return next(row for row in self.entries if row["id"] == id_)

    def chain(self, id_: str) -> list[dict[str, Any]]:
        found = [row for row in self.entries if row["chain"] == id_]
        return sorted(found, key=lambda row: row["sequence"])

    def change(self, id_: str, change: Change) -> None:
        """Another body for this entry."""
        row = self.entry(id_)
        change(row["said"])
        row["touched"] = True

    def renumbered(self, chain: str) -> None:
        """Sequences without gap again, after something was put in, moved or taken away."""
        for sequence, row in enumerate(self.chain(chain), start=1):
            row["sequence"] = row["said"]["sequence"] = sequence

    def write(self) -> None:
        """Make everything anew that follows, and store it."""
        heads: dict[str, str] = {}
        for row in self.entries:
            self.linked(row, heads.get(row["chain"], ZEROS))
            heads[row["chain"]] = row["link"]
        columns = [
            name for name in self.entries[0] if name not in (PLACE, "said", "was", "touched")
        ]
        stored = [{name: row[name] for name in columns} for row in self.entries]
        self.attacker.replace("entry", stored)
        self._tables()
        self._log()

    def linked(self, row: dict[str, Any], previous: str) -> None:
        """Body, link, copies and signature of one entry."""
        said = row["said"]
        if said["previous"] != previous or row.get("touched") or self.is_signed:
            said["previous"] = previous
            if self.is_signed:
                self._own(row)
            text = encoded(said).decode()
            text = LINK.sub(lambda found: f'"{self.links.get(found[1], found[1])}"', text)
            row["body"] = text.encode()
            row["said"] = json.loads(text)
        for name in ("id", "kind", "sequence"):
            row[name] = row["said"][name]
        numbered = row["said"].get("numbered") or {}
        row["number"], row["series"] = numbered.get("number"), numbered.get("series")
        row["day"] = (row["said"].get("seal") or {}).get("day")
        row["link"] = link_of(previous, row)
        self.links[row["was"]] = row["link"]
        if self.is_signed:
            key = self.key_of(row)
            row["key"], row["signature"] = key.id, key.entry(row["body"])

    def key_of(self, row: Mapping[str, Any]) -> OwnKey:
        """The newest key of his own for this place."""
        known = [one for (_, of), one in self.keys.items() if of == row["chain"]]
        return next(key for first, key in reversed(known[0]) if first <= row["sequence"])

    def _own(self, row: dict[str, Any]) -> None:
        """Another key, and the other's signature for it, in a `key@1`. And other roots in what
        closings say of the log."""
        closing = row["said"].get("closing") or {}
        if closing.get("checkpoint_size"):
            root = merkle_root(self.leaf_hashes()[: closing["checkpoint_size"]])
            closing["checkpoint_root"] = base64.b64encode(root).decode()[:16]
        said = row["said"].get("key")
        if said is None:
            return
        if said["purpose"] == "log":
            der = self.log.der
            said["sha256"] = hashlib.sha256(der).hexdigest()
            said["public_key"] = base64.b64encode(der).decode()
            self._shown(row, self.log.pem)
            return
        known = self.keys.setdefault((said["purpose"], said["of"]), [])
        before = known[-1][1] if known else None
        own = OwnKey()
        known.append((said["first"], own))
        said["sha256"], said["public_key"] = own.sha256, base64.b64encode(own.der).decode()
        self._shown(row, own.pem)
        if before is not None:
            said["replaces"] = before.sha256
            said["signature"] = before.sign(vouched(said))

    def _shown(self, row: dict[str, Any], pem: str) -> None:
        """The public key in the rows that the entry states, and in the tables."""
        for one in row["said"]["rows"]:
            if one["row"] and "public_pem" in one["row"]:
                shown = {"public_pem": pem}
                if "serial" in one["row"]:
                    shown["serial"] = row["said"]["key"]["sha256"][:32]
                one["row"] |= shown
                self.shown[one["table"], one["key"]] = shown

    def leaf_hashes(self) -> list[bytes]:
        by_place = {(row["chain"], row["sequence"]): row["link"] for row in self.entries}
        there = [by_place[place] for place in self.leaves if place in by_place]
        return [hashlib.sha256(b"\x00" + bytes.fromhex(link)).digest() for link in there]

    def _tables(self) -> None:
        """Heads of chains, and links of rows."""
        for table in LINKED:
            for row in self.attacker.rows(table):
                if row["link"] in self.links:
                    self.attacker.put(table, row, link=self.links[row["link"]])
        for table, key in (("register_key", "register"), ("setting_key", "name")):
            for row in self.attacker.rows(table):
                if shown := self.shown.get((table, row[key])):
                    self.attacker.put(table, row, **shown)
        for row in self.attacker.rows("chain"):
            chain = self.chain(row["id"])
            if not chain:
                continue
            last = chain[-1]
            changed = {name: last[name] for name in ("sequence", "link", "at")}
            covered = min(row["covered"], last["sequence"])
            self.attacker.put("chain", row, entry=last["id"], covered=covered, **changed)

    def _log(self) -> None:
        """Leaves, nodes and notes; the notes with a key of his own if anything differs."""
        hashes = self.leaf_hashes()
        self._runs()
        self.attacker.replace("tile", tiles(hashes))
        for row in self.attacker.rows("checkpoint"):
            size = min(row["size"], len(hashes))
            root = merkle_root(hashes[:size])
            spelled = base64.b64encode(root).decode()
            if (size, spelled) == (row["size"], row["root"]) and not self.is_signed:
                continue
            origin = row["note"].partition("\n")[0]
            note = self.log.note(origin, size, root)
            self.attacker.put("checkpoint", row, size=size, root=spelled, note=note)
        self._once()

    def _runs(self) -> None:
        """No run beyond the end of its chain."""
        last: dict[str, int] = {}
        for row in self.entries:
            last[row["chain"]] = max(last.get(row["chain"], 0), row["sequence"])
        start, wanted = 0, []
        for run in sorted(self.attacker.rows("leaf_run"), key=lambda one: one["start"]):
            end = min(run["last"], last.get(run["chain"], 0))
            if end >= run["first"]:
                wanted.append({**run, "start": start, "last": end})
                start += end - run["first"] + 1
        self.attacker.replace("leaf_run", wanted)

    def _once(self) -> None:
        """Each size once."""
        seen = set()
        for row in self.attacker.rows("checkpoint"):
            if row["size"] in seen:
                self.attacker.remove("checkpoint", row)
            seen.add(row["size"])


def link_of(previous: str, row: Mapping[str, Any]) -> str:
    place = UUID(row["chain"]).bytes + row["epoch"].to_bytes(4, "big")
    place += row["sequence"].to_bytes(8, "big")
    digest = hashlib.sha256(row["body"]).digest()
    return hashlib.sha256(b"fiscus/link/2\n" + bytes.fromhex(previous) + place + digest).hexdigest()


def vouched(said: Mapping[str, Any]) -> bytes:
    """What a replaced key signs of the one that replaces it."""
    names = ("purpose", "of", "epoch", "first", "sha256")
    return ("fiscus/key/2\n" + "".join(f"{said[name]}\n" for name in names)).encode()


def merkle_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << ((len(hashes) - 1).bit_length() - 1)
    left, right = merkle_root(hashes[:half]), merkle_root(hashes[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def tiles(hashes: list[bytes], epoch: int = 1) -> list[dict[str, Any]]:
    """The nodes as they are stored: complete subtrees only."""
    found, level = [], 0
    while hashes:
        for index in range(0, len(hashes), TILE_HASHES):
            some = b"".join(hashes[index : index + TILE_HASHES])
            place = {"epoch": epoch, "level": level, "index": index // TILE_HASHES}
            found.append({**place, "hashes": some})
        whole = len(hashes) // TILE_HASHES
        hashes = [
            merkle_root(hashes[one * TILE_HASHES : (one + 1) * TILE_HASHES]) for one in range(whole)
        ]
        level += 1
    return found
