from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa

from fiscus.journal.tests.small_keys import a_log_key
from fiscus.journal.verify.signed_note import (
    COSIGNATURE,
    MLDSA_COSIGNATURE,
    NoteKey,
    NoteLine,
    cosigned_at,
    is_signed_by_log,
    key_id,
    read_line,
    read_note,
    read_verifier_key,
    subtree_message,
)

TEXT = "log.example/a\n7\n" + "A" * 43 + "=\n"


def test_the_communitys_example_of_a_cosigned_checkpoint_is_read(shared_data: Path) -> None:
    note = read_note((shared_data / "c2sp" / "checkpoint_cosigned.txt").read_text("utf-8"))

    assert (note.origin, note.size) == ("example.com/behind-the-sofa", 20852163)
    assert [line.name for line in note.lines] == [note.origin, "witness.example.com/w1"]
    assert int.from_bytes(note.lines[1].signature[:8], "big") == 1679315147
    assert len(note.lines[1].signature) == 72


def test_a_note_that_is_no_checkpoint_is_refused(shared_data: Path) -> None:
    with pytest.raises(ValueError, match="three lines"):
        read_note((shared_data / "c2sp" / "note.txt").read_text("utf-8"))
    line = (shared_data / "c2sp" / "note.txt").read_text("utf-8").splitlines()[-1]
    assert read_line(line).name == "quasimodo.example/salvatore"


def a_note(*lines: str, text: str = TEXT) -> str:
    return f"{text}\n" + "".join(lines)


GOOD = a_log_key("n").line("log.example/a", TEXT)


def test_the_logs_signature_counts_and_others_are_ignored() -> None:
    key = read_verifier_key(a_log_key("n").verifier_key("log.example/a"))
    other = read_verifier_key(a_log_key("m").verifier_key("log.example/a"))
    stranger = a_log_key("m").line("x.example", TEXT)
    false = (
        "— log.example/a "
        + GOOD.split(" ")[2][:6]
        + a_log_key("m").line("a", TEXT).split(" ")[2][6:]
    )

    assert is_signed_by_log(read_note(a_note(GOOD)), key)
    assert is_signed_by_log(read_note(a_note(stranger, GOOD)), key)
    assert not is_signed_by_log(read_note(a_note(GOOD)), other)
    assert not is_signed_by_log(read_note(a_note(GOOD, false)), key)


@pytest.mark.parametrize(
    "content",
    [
        "",
        TEXT,
        TEXT + GOOD,
        a_note(),
        a_note(GOOD[:-1]),
        a_note(GOOD, "\n"),
        a_note(GOOD.replace("—", "-")),
        a_note("— a+b AAAAAAAA\n"),
        a_note("— a AAAA\n"),
        a_note("— a =\n"),
        a_note(*[GOOD] * 33),
        a_note(GOOD, text=TEXT.replace("7", "07")),
        a_note(GOOD, text=TEXT.replace("7", "٧")),
        a_note(GOOD, text=TEXT.replace("7", "9" * 20)),
        a_note(GOOD, text=TEXT + "extension\n"),
        a_note(GOOD, text=TEXT.replace("=", "")),
        a_note(GOOD, text=TEXT.replace("log", "lo\tg")),
        a_note(GOOD) + "x" * 300_000,
    ],
    ids=lambda content: f"{len(content)} characters",
)
def test_every_other_form_is_refused(content: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_note(content)


def test_up_to_32_signatures_are_read() -> None:
    assert len(read_note(a_note(*[GOOD] * 32)).lines) == 32


def test_a_cosignature_has_a_time_and_is_of_the_note() -> None:
    witness = a_log_key("w", COSIGNATURE)
    key = read_verifier_key(witness.verifier_key("w.example"))
    note = read_note(a_note(GOOD, witness.cosignature("w.example", TEXT, 1679315147)))

    assert cosigned_at(note, key, note.lines[1]) == 1679315147
    late = NoteLine("w.example", key.key_id, bytes(8) + note.lines[1].signature[8:])
    assert cosigned_at(note, key, late) is None
    other = read_note(a_note(GOOD, text=TEXT.replace("7", "8")))
    assert cosigned_at(other, key, note.lines[1]) is None


def test_a_cosignature_with_a_post_quantum_key_is_understood() -> None:
    private = mldsa.MLDSA44PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    identified = key_id("w.example", MLDSA_COSIGNATURE, public)
    key = NoteKey("w.example", identified, MLDSA_COSIGNATURE, public)
    note = read_note(a_note(GOOD))
    signature = private.sign(subtree_message(note, "w.example", 5))

    line = NoteLine("w.example", identified, (5).to_bytes(8, "big") + signature)
    assert cosigned_at(note, key, line) == 5
    assert (
        cosigned_at(note, key, line._replace(signature=(6).to_bytes(8, "big") + signature)) is None
    )
    assert subtree_message(note, "w.example", 5) == (
        b"subtree/v1\n\x00\x09w.example"
        + (5).to_bytes(8, "big")
        + b"\x0dlog.example/a"
        + bytes(8)
        + (7).to_bytes(8, "big")
        + bytes(32)
    )


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", "a+00000000+AQ==", "+00000000+AQ==", "a+zz+!!", "a+00000000+/w=="],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_verifier_key(text)


def test_the_key_id_must_be_that_of_the_key() -> None:
    good = a_log_key("n").verifier_key("log.example/a")

    assert read_verifier_key(good).name == "log.example/a"
    with pytest.raises(ValueError, match="key id"):
        read_verifier_key(good.replace("log.example/a", "log.example/b"))
