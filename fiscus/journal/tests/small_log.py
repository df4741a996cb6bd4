"""The log of a small journal: leaves, tree, tiles, notes; from `docs/journal-format.md` alone."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fiscus.journal.tests.small_keys import SmallLogKey

Row = dict[str, Any]


def leaf(link: str) -> bytes:
    return hashlib.sha256(b"\x00" + bytes.fromhex(link)).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: split at the largest power of two below the size."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    left, right = tree_root(leaves[:half]), tree_root(leaves[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    """The path of RFC 6962 section 2.1.1, lowest first."""
    if len(leaves) <= 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*inclusion(index, leaves[:half]), tree_root(leaves[half:])]
    return [*inclusion(index - half, leaves[half:]), tree_root(leaves[:half])]


@dataclass
class SmallLog:
    """What is covered, and the rows of its tables."""

    installation: str
    key: SmallLogKey
    leaves: list[bytes] = field(default_factory=list)
    indexes: dict[str, int] = field(default_factory=dict)
    covered: dict[str, int] = field(default_factory=dict)
    runs: list[Row] = field(default_factory=list)
    checkpoints: list[Row] = field(default_factory=list)
    cosignatures: list[Row] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"fiscus/{self.installation}/journal/1"

    def checkpoint(
        self, entries: Iterable[Row], now: datetime, cosigned: Mapping[str, SmallLogKey]
    ) -> Row:
        """Cover the entries that no run covers yet, and sign the tree over all of them."""
        for row in sorted(entries, key=lambda row: (row["chain"], row["sequence"])):
            if row["sequence"] > self.covered.get(row["chain"], 0):
                self.cover(row)
        text = self.text(len(self.leaves))
        at = now.isoformat(timespec="microseconds").replace("+00:00", "Z")
        self.checkpoints.append(
            {
                "epoch": 1,
                "size": len(self.leaves),
                "root": text.split("\n")[2],
                "at": at,
                "note": f"{text}\n{self.key.line(self.origin, text)}",
            }
        )
        for name, witness in cosigned.items():
            line = witness.cosignature(name, text, int(now.timestamp()))
            row = {"epoch": 1, "size": len(self.leaves), "witness": name, "line": line}
            self.cosignatures.append(row | {"at": at, "received_at": at})
        return self.checkpoints[-1]

    def cover(self, row: Row) -> None:
        chain, sequence = row["chain"], row["sequence"]
        last = self.runs[-1] if self.runs else None
        is_old = any(one["size"] == len(self.leaves) for one in self.checkpoints)
        if last is None or last["chain"] != chain or is_old:
            run = {"epoch": 1, "start": len(self.leaves), "chain": chain, "chain_epoch": 1}
            self.runs.append(run | {"first": sequence})
        self.runs[-1]["last"] = self.covered[chain] = sequence
        self.indexes[row["link"]] = len(self.leaves)
        self.leaves.append(leaf(row["link"]))

    def text(self, size: int) -> str:
        root = base64.b64encode(tree_root(self.leaves[:size])).decode()
        return f"{self.origin}\n{size}\n{root}\n"

    def tables(self) -> dict[str, list[Row]]:
        return {
            "leaf_run": [dict(run) for run in self.runs],
            "checkpoint": [dict(row) for row in self.checkpoints],
            "cosignature": [dict(row) for row in self.cosignatures],
            "tile": self.tiles(),
        }

    def tiles(self) -> list[Row]:
        rows: list[Row] = []
        level, nodes = 0, list(self.leaves)
        while nodes:
            for start in range(0, len(nodes), 256):
                hashes = b"".join(nodes[start : start + 256])
                rows.append({"epoch": 1, "level": level, "index": start // 256, "hashes": hashes})
            full = range(0, len(nodes) - 255, 256)
            level, nodes = level + 1, [tree_root(nodes[start : start + 256]) for start in full]
        return rows
