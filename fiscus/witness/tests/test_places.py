"""The setting of witnesses: what is understood, and what each fault says."""

from pathlib import Path

import pytest

from fiscus.model.faults import Refused
from fiscus.transparency.notes import VerifierKey
from fiscus.witness import places
from fiscus.witness.places import FileMemory, RemoteWitness


def a_key(name: str = "w1", kind: int = 4) -> VerifierKey:
    return VerifierKey(name=name, kind=kind, public=bytes(1312 if kind == 6 else 32))


KEY = a_key().text()


def test_no_witnesses_are_none() -> None:
    assert places.parse("") == places.parse(" \n ") == ()


def test_witnesses_and_memories_stand_one_after_the_other() -> None:
    found = places.parse(
        f"https://w.example/a {KEY} {a_key(kind=6).text()}\n"
        f"file:/mnt/stick https://w.example:8443/b/\n  {a_key('w2').text()}\tfile:///srv/notes"
    )

    assert found == (
        RemoteWitness(url="https://w.example/a", keys=(a_key(), a_key(kind=6))),
        FileMemory(folder=Path("/mnt/stick")),
        RemoteWitness(url="https://w.example:8443/b", keys=(a_key("w2"),)),
        FileMemory(folder=Path("/srv/notes")),
    )


@pytest.mark.parametrize(
    "url", ["https://w.example", "http://127.0.0.1:8090/w", "http://localhost", "http://[::1]:1"]
)
def test_an_address_may_be_one_of_these(url: str) -> None:
    assert places.parse(f"{url} {KEY}") == (RemoteWitness(url=url, keys=(a_key(),)),)


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        (KEY, "WITNESS-PLACE-01", KEY),
        (f"w.example {KEY}", "WITNESS-PLACE-01", "w.example"),
        (f"https:w.example {KEY}", "WITNESS-PLACE-01", "https:w.example"),
        (f"https:// {KEY}", "WITNESS-PLACE-01", "https://"),
        (f"https://:8443 {KEY}", "WITNESS-PLACE-01", "https://:8443"),
        (f"https://a@w.example {KEY}", "WITNESS-PLACE-01", "https://a@w.example"),
        (f"https://w.example/?a {KEY}", "WITNESS-PLACE-01", "https://w.example/?a"),
        (f"https://w.example:0 {KEY}", "WITNESS-PLACE-01", "https://w.example:0"),
        (f"https://w.example:99999 {KEY}", "WITNESS-PLACE-01", "https://w.example:99999"),
        (f"http://w.example {KEY}", "WITNESS-PLACE-02", "http://w.example"),
        ("https://w.example", "WITNESS-PLACE-03", "https://w.example"),
        ("https://w.example key", "NOTE-KEY-01", "key"),
        (f"https://w.example {a_key(kind=1).text()}", "WITNESS-PLACE-04", a_key(kind=1).text()),
        ("file:notes", "WITNESS-PLACE-01", "file:notes"),
        ("file:", "WITNESS-PLACE-01", "file:"),
        ("file:/", "WITNESS-PLACE-01", "file:/"),
        (f"file:/notes {KEY}", "WITNESS-PLACE-01", KEY),
        ("file:/notes file:/notes", "WITNESS-PLACE-05", "file:/notes"),
        (
            f"https://a.example {KEY} https://b.example {KEY}",
            "WITNESS-PLACE-05",
            "https://b.example",
        ),
        (
            f"https://a.example {KEY} https://a.example/ {a_key('w2').text()}",
            "WITNESS-PLACE-05",
            "https://a.example/",
        ),
    ],
)
def test_a_fault_names_its_word(text: str, code: str, path: str) -> None:
    with pytest.raises(Refused) as caught:
        places.parse(text)

    assert [(one.code, one.paths[0]) for one in caught.value.faults] == [(code, path)]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Refused) as caught:
        places.parse(f"here https://a.example http://b.example {KEY} file:c")

    assert [one.code for one in caught.value.faults] == [
        "WITNESS-PLACE-01",
        "WITNESS-PLACE-03",
        "WITNESS-PLACE-02",
        "WITNESS-PLACE-01",
    ]
