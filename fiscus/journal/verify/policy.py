"""Which logs and witnesses count, and how many of them: a policy file (C2SP `tlog-policy`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fiscus.journal.verify.report import UnreadableFile, printable
from fiscus.journal.verify.signed_note import ED25519, NoteKey, read_verifier_key

NONE = "none"
POLICY_BYTES_MAX = 1024 * 1024
GROUPS_MAX = 256


@dataclass(frozen=True, kw_only=True)
class WitnessGroup:
    """A group that has seen a checkpoint if `least` of its members have."""

    least: int
    members: tuple[str, ...]


@dataclass
class WitnessPolicy:
    """The policy as read. `unknown` names witnesses whose type of key is not understood."""

    logs: list[NoteKey] = field(default_factory=list)
    witnesses: dict[str, NoteKey] = field(default_factory=dict)
    groups: dict[str, WitnessGroup] = field(default_factory=dict)
    quorum: str | None = None
    unknown: dict[str, str] = field(default_factory=dict)

    def is_met(self, seen: frozenset[str], name: str | None = None) -> bool:
        """Whether these witnesses are as many as the quorum asks for."""
        wanted = name or self.quorum or NONE
        if wanted == NONE:
            return True
        group = self.groups.get(wanted)
        if group is None:
            return wanted in seen
        return sum(self.is_met(seen, member) for member in group.members) >= group.least


def load_policy(path: Path) -> WitnessPolicy:
    """Raises `UnreadableFile` with one sentence if the file is no policy."""
    try:
        with path.open("rb") as stream:
            content = stream.read(POLICY_BYTES_MAX + 1)
        if len(content) > POLICY_BYTES_MAX:
            raise ValueError("it is too large")
        return read_policy(content.decode("utf-8", "surrogateescape"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(printable(f"{path} is no policy: {error}")) from error


def read_policy(content: str) -> WitnessPolicy:
    """The policy in a text. Raises `ValueError` naming the line."""
    policy = WitnessPolicy()
    members: set[str] = set()
    for number, line in enumerate(content.split("\n"), start=1):
        words = [word for word in line.replace("\t", " ").split(" ") if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            read_words(policy, words, members)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    if policy.quorum is None:
        raise ValueError("it has no quorum")
    return policy


def read_words(policy: WitnessPolicy, words: list[str], members: set[str]) -> None:
    match words:
        case ["log", key, *url] if len(url) < 2:
            policy.logs.append(new_log(policy, read_verifier_key(key)))
        case ["witness", name, key, *url] if len(url) < 2:
            expect_new(policy, name)
            add_witness(policy, name, key)
        case ["group", name, least, *names] if names:
            expect_new(policy, name)
            if len(policy.groups) >= GROUPS_MAX:
                raise ValueError("there are too many groups")
            policy.groups[name] = read_group(policy, least, names, members)
        case ["quorum", name] if policy.quorum is None:
            if name != NONE and name not in known_names(policy):
                raise ValueError(f"{name} is not defined")
            policy.quorum = name
        case _:
            raise ValueError("it is not understood")


def new_log(policy: WitnessPolicy, key: NoteKey) -> NoteKey:
    if key.type != ED25519:
        raise ValueError("the key is not a log's")
    if any(known.public == key.public for known in policy.logs):
        raise ValueError("the log is there twice")
    return key


def add_witness(policy: WitnessPolicy, name: str, text: str) -> None:
    try:
        key = read_verifier_key(text)
    except ValueError as error:
        if "is unknown" not in str(error):
            raise
        policy.unknown[name] = str(error)
        return
    if key.type == ED25519:
        raise ValueError("the key is not a witness's")
    if any(known.public == key.public for known in policy.witnesses.values()):
        raise ValueError("the witness is there twice")
    policy.witnesses[name] = key


def read_group(
    policy: WitnessPolicy, least: str, names: list[str], members: set[str]
) -> WitnessGroup:
    for name in names:
        if name not in known_names(policy):
            raise ValueError(f"{name} is not defined")
        if name in members:
            raise ValueError(f"{name} is a member twice")
        members.add(name)
    counts = {"any": "1", "all": str(len(names))}
    text = counts.get(least, least)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= len(names)):
        raise ValueError(f"{least} of {len(names)} is no number of members")
    return WitnessGroup(least=int(text), members=tuple(names))


def expect_new(policy: WitnessPolicy, name: str) -> None:
    if name == NONE or name in known_names(policy):
        raise ValueError(f"{name} is defined already")


def known_names(policy: WitnessPolicy) -> Mapping[str, object]:
    return {**policy.witnesses, **policy.groups, **policy.unknown}


def witnesses_of(policy: WitnessPolicy) -> Iterator[tuple[str, NoteKey]]:
    yield from policy.witnesses.items()
