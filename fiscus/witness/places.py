"""Where witnesses are, as an operator writes it in `FISCUS_WITNESSES`."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from fiscus.model.faults import Code, Fault, Refused
from fiscus.transparency import notes
from fiscus.transparency.notes import VerifierKey

BAD_PLACE = Code(
    "WITNESS-PLACE-01",
    "a witness is written as `https://host/prefix` and its keys, a memory as `file:/folder`, each "
    "apart by a blank or a line",
)
NOT_SAFE = Code(
    "WITNESS-PLACE-02",
    "a witness is asked over https, or over http on this machine only: else anybody on the way "
    "could raise a false alarm",
)
NO_KEY = Code(
    "WITNESS-PLACE-03",
    "behind the address of a witness stands its key, as `fiscus witness init` printed it",
)
NOT_ITS_KEY = Code("WITNESS-PLACE-04", "this is no key of a witness: those sign with type 4 or 6")
TWICE = Code("WITNESS-PLACE-05", "this witness or memory is named twice")

_ADDRESS = re.compile(r"https?://[^/?#\s@]+(/[^?#\s]*)?", re.ASCII)
_HERE = {"localhost", "127.0.0.1", "::1"}
_COSIGNING = (notes.COSIGNATURE_ED25519, notes.COSIGNATURE_ML_DSA_44)


class RemoteWitness(msgspec.Struct, frozen=True, kw_only=True):
    """A witness that is asked over HTTP. `url` has no slash at its end; `keys` are those whose
    cosignatures count, all of its own."""

    url: str
    keys: tuple[VerifierKey, ...]


class FileMemory(msgspec.Struct, frozen=True, kw_only=True):
    """A folder on another disk that keeps notes and signs nothing."""

    folder: Path


WitnessPlace = RemoteWitness | FileMemory


def parse(text: str) -> tuple[WitnessPlace, ...]:
    """All witnesses and memories, in the order of the text. Raises `Refused` with all faults, each
    with the word that it is about."""
    faults: list[Fault] = []
    groups: list[list[str]] = []
    for word in text.split():
        if _begins(word):
            groups.append([word])
        elif groups:
            groups[-1].append(word)
        elif not faults:
            faults.append(_fault(BAD_PLACE, word))
    found: list[WitnessPlace] = []
    for first, *rest in groups:
        try:
            place = _memory(first, rest) if first.startswith("file:") else _witness(first, rest)
        except Refused as trouble:
            faults += trouble.faults
            continue
        if any(_names(place) & _names(other) for other in found):
            faults.append(_fault(TWICE, first))
        found.append(place)
    if faults:
        raise Refused(BAD_PLACE, faults=tuple(faults))
    return tuple(found)


def _begins(word: str) -> bool:
    return word.startswith(("https:", "http:", "file:"))


def _names(place: WitnessPlace) -> set[str]:
    if isinstance(place, FileMemory):
        return {str(place.folder)}
    return {place.url, *(key.text() for key in place.keys)}


def _memory(first: str, rest: list[str]) -> FileMemory:
    path = first.removeprefix("file:").removeprefix("//")
    if not path.startswith("/") or path.strip("/") == "" or rest:
        raise Refused(BAD_PLACE, *(rest or [first]))
    return FileMemory(folder=Path(path))


def _witness(first: str, rest: list[str]) -> RemoteWitness:
    url = first.rstrip("/")
    try:
        parts = urlsplit(url)
        is_address = _ADDRESS.fullmatch(url) is not None and bool(parts.hostname)
        is_address = is_address and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise Refused(BAD_PLACE, first)
    if parts.scheme != "https" and parts.hostname not in _HERE:
        raise Refused(NOT_SAFE, first)
    if not rest:
        raise Refused(NO_KEY, first)
    keys = tuple(notes.parse_key(word) for word in rest)
    for key in keys:
        if key.kind not in _COSIGNING:
            raise Refused(NOT_ITS_KEY, key.text()[:80])
    return RemoteWitness(url=url, keys=keys)


def _fault(code: Code, word: str) -> Fault:
    return Fault(code=code.id, text=code.text, paths=(word[:80],))
