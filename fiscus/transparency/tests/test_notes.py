"""Signed notes: what is read, what is refused, and whose signatures count."""

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fiscus.model.faults import Refused
from fiscus.transparency import notes
from fiscus.transparency.base64s import encoded
from fiscus.transparency.notes import SignatureLine, SignedNote, VerifierKey
from tests.support.logs import FIXED_KEY

TEXT = "a first line\n\na third one\n"
PRIVATE = FIXED_KEY
KEY = notes.ed25519_key("example.com/log", PRIVATE)
NOTE = notes.signed(TEXT, KEY.name, PRIVATE)


def a_line(name: str = "other.example", signature: bytes = bytes(64)) -> SignatureLine:
    return SignatureLine(name=name, key_id=b"abcd", signature=signature)


def test_a_note_is_read_as_it_was_written() -> None:
    read = notes.parse(NOTE.whole().encode())

    assert read == NOTE
    assert read.text == TEXT
    assert notes.verified(read, [KEY]) == NOTE.lines


def test_an_example_of_the_format_is_read(shared_data: Path) -> None:
    data = (shared_data / "c2sp" / "note.txt").read_bytes()

    read = notes.parse(data)

    assert read.whole().encode() == data
    assert read.text.endswith("ed è subito sera.\n")
    assert [line.name for line in read.lines] == ["quasimodo.example/salvatore"]


def test_a_key_is_read_as_it_was_written() -> None:
    assert notes.parse_key(KEY.text()) == KEY
    assert KEY.text().startswith(f"example.com/log+{KEY.id.hex()}+A")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/log",
        KEY.text().replace("+", " "),
        KEY.text().replace("example.com", "example.org"),
        KEY.text().replace(KEY.id.hex(), KEY.id.hex().upper() + "0"),
        KEY.text()[:-1],
        KEY.text() + "\n",
        VerifierKey(name="a b", kind=1, public=bytes(32)).text(),
        VerifierKey(name="", kind=1, public=bytes(32)).text(),
        VerifierKey(name="a", kind=2, public=bytes(32)).text(),
        VerifierKey(name="a", kind=1, public=bytes(33)).text(),
        VerifierKey(name="a", kind=1, public=b"").text(),
        "a+00000000+",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="NOTE-KEY-01"):
        notes.parse_key(text)


WHOLE = NOTE.whole()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        TEXT,
        TEXT + "\n",
        WHOLE[:-1],
        WHOLE + "\n",
        WHOLE + "one more line\n",
        WHOLE.replace("first", "fi\trst"),
        WHOLE.replace("first", "fi\x00rst"),
        WHOLE.replace("\n", "\r\n"),
        WHOLE.replace("— ", "- "),
        WHOLE.replace("— ", "—"),
        WHOLE.replace("example.com/log", "example.com+log"),
        WHOLE.replace("example.com/log", ""),
        WHOLE.replace("example.com/log", "a\u00a0b"),
        WHOLE.replace("=\n", "\n"),
        f"{TEXT}\n— name {encoded(b'abcd')}\n",
        f"{TEXT}\n— {'n' * 256} {encoded(b'abcde')}\n",
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="NOTE-TEXT-01"):
        notes.parse(text.encode())


def test_a_note_is_utf_8() -> None:
    with pytest.raises(Refused, match="no UTF-8"):
        notes.parse(WHOLE.encode("latin-1", "replace").replace(b"first", b"fi\xe8rst"))


def test_a_note_may_be_so_long_and_no_longer() -> None:
    room = notes.NOTE_BYTES_MAX - len(notes.signed("\n", KEY.name, PRIVATE).whole().encode())
    longest = notes.signed("a" * room + "\n", KEY.name, PRIVATE).whole().encode()

    assert notes.verified(notes.parse(longest), [KEY])
    with pytest.raises(Refused, match="too large"):
        notes.parse(b"a" + longest)


def test_a_note_may_have_so_many_signatures_and_no_more() -> None:
    lines = [a_line(signature=bytes([number])) for number in range(notes.LINES_MAX)]
    full = SignedNote(text=TEXT, lines=tuple(lines))

    assert len(notes.parse(full.whole().encode()).lines) == notes.LINES_MAX
    with pytest.raises(Refused, match="too many"):
        notes.parse(full.plus([a_line("one.more")]).whole().encode())


def test_the_last_empty_line_is_where_the_text_ends() -> None:
    read = notes.parse(f"a\n\n— not.a/signature of this note\n\n{a_line().text()}".encode())

    assert read.text == "a\n\n— not.a/signature of this note\n"


def test_lines_of_unknown_keys_are_ignored() -> None:
    same_name = SignatureLine(name=KEY.name, key_id=b"abcd", signature=bytes(64))
    same_id = SignatureLine(name="other.example", key_id=KEY.id, signature=bytes(64))

    assert notes.verified(NOTE.plus([same_name, same_id]), [KEY]) == NOTE.lines
    assert notes.verified(NOTE, [notes.ed25519_key(KEY.name, Ed25519PrivateKey.generate())]) == ()
    assert notes.verified(NOTE, []) == ()


def test_a_bad_signature_of_a_known_key_spoils_the_note() -> None:
    bad = SignatureLine(name=KEY.name, key_id=KEY.id, signature=bytes(64))

    for spoilt in (
        NOTE.plus([bad]),
        msgspec.structs.replace(NOTE, text=TEXT + "more\n"),
        SignedNote(text=TEXT, lines=(SignatureLine(name=KEY.name, key_id=KEY.id, signature=b"a"),)),
    ):
        with pytest.raises(Refused, match="NOTE-SIGNATURE-01"):
            notes.verified(spoilt, [KEY])


def test_a_key_of_a_type_that_nobody_checks_counts_as_unknown() -> None:
    key = VerifierKey(name=KEY.name, kind=notes.COSIGNATURE_ED25519, public=KEY.public)
    note = NOTE.plus([SignatureLine(name=key.name, key_id=key.id, signature=bytes(72))])

    assert notes.verified(note, [key, KEY]) == NOTE.lines


def test_a_line_is_there_once() -> None:
    assert NOTE.plus(NOTE.lines) == NOTE
    twice = NOTE.whole() + NOTE.lines[0].text()
    assert notes.verified(notes.parse(twice.encode()), [KEY]) == NOTE.lines
