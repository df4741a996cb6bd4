"""How far each chain was verified: a value that can be kept as JSON."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from fiscus.journal.verify.keys import NamedKey, base64_bytes
from fiscus.journal.verify.members import is_epoch, is_hash, is_whole
from fiscus.journal.verify.report import UnreadableFile, count_of

FORMAT = "fiscus-verify-cursor/2"


@dataclass(frozen=True, kw_only=True)
class ChainPlace:
    """The last verified entry of a chain."""

    epoch: int
    sequence: int
    link: str
    micros: int
    id: str

    @property
    def place(self) -> tuple[int, int]:
        return self.epoch, self.sequence


@dataclass(kw_only=True)
class VerifyCursor:
    """The places of all chains, the keys known so far, and whose end is looked at next."""

    chains: dict[str, ChainPlace] = field(default_factory=dict)
    keys: list[NamedKey] = field(default_factory=list)
    next: str = ""

    @classmethod
    def read(cls, value: Mapping[str, object] | None) -> "VerifyCursor":
        """From what `as_dict` gave. Raises `UnreadableFile` for everything else."""
        if value is None:
            return cls()
        chains, keys = value.get("chains"), value.get("keys")
        if value.get("format") != FORMAT or not isinstance(chains, dict):
            raise UnreadableFile("this is no cursor of a verification")
        listed = keys if isinstance(keys, list) else []
        return cls(
            chains={str(chain): read_place(place) for chain, place in chains.items()},
            keys=[read_key(key) for key in listed],
            next=str(value.get("next", "")),
        )

    def as_dict(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "chains": {
                chain: [one.epoch, one.sequence, one.link, one.micros, one.id]
                for chain, one in self.chains.items()
            },
            "keys": [
                [
                    base64.b64encode(part).decode() if isinstance(part, bytes) else part
                    for part in key
                ]
                for key in self.keys
            ],
            "next": self.next,
        }


def read_place(value: object) -> ChainPlace:
    match value:
        case [int(epoch), int(sequence), str(link), int(micros), str(id)] if (
            is_epoch(epoch) and count_of(sequence) and is_hash(link) and is_whole(micros)
        ):
            return ChainPlace(epoch=epoch, sequence=sequence, link=link, micros=micros, id=id)
        case _:
            raise UnreadableFile("this is no cursor of a verification")


def read_key(value: object) -> NamedKey:
    values = list(value) if isinstance(value, list) else []
    public = NamedKey._fields.index("public")
    if len(values) == len(NamedKey._fields):
        values[public] = base64_bytes(values[public])
        key = NamedKey(*values)
        if is_named(key):
            return key
    raise UnreadableFile("this is no cursor of a verification")


def is_named(key: NamedKey) -> bool:
    numbers = (key.epoch, key.first, key.in_epoch, key.in_sequence)
    texts = (key.purpose, key.of, key.sha256, key.reason, key.replaces, key.in_chain, key.in_id)
    return (
        all(count_of(number) for number in numbers)
        and all(isinstance(text, str) for text in texts)
        and isinstance(key.public, bytes)
    )
