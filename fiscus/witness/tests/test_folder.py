"""A witness's folder: made once, and never gone on with when something of it is lost."""

import stat
from pathlib import Path

import pytest

from fiscus.model.faults import Conflict, Corrupt, Missing, Refused
from fiscus.transparency import cosignatures
from fiscus.transparency.checkpoints import origin_hash
from fiscus.transparency.notes import VerifierKey
from fiscus.witness import folder
from fiscus.witness.folder import LogState
from tests.support.logs import PlainLog

LOG = PlainLog()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "new" / "witness"
    folder.make(made, "witness.example/w1")
    return made


def state_file(place: Path, log: PlainLog) -> Path:
    return place / "states" / f"{origin_hash(log.origin)}.json"


def test_keys_are_read_as_they_were_made(tmp_path: Path) -> None:
    made = folder.make(tmp_path, "witness.example/w1")

    read = folder.read_keys(tmp_path)

    assert read.public() == made.public()
    head = LOG.grown(1).head(1)
    assert len(cosignatures.cosigned(head, read, 1)) == len(read.public()) == 2


def test_a_witness_has_a_name_that_a_key_can_have(tmp_path: Path) -> None:
    for name in ("", "a b", "a+b", "n" * 256):
        with pytest.raises(Refused, match="WITNESS-NAME-01"):
            folder.make(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Conflict, match="WITNESS-FOLDER-02"):
        folder.make(tmp_path, "witness.example/w1")


def test_nothing_in_the_folder_is_for_others(place: Path) -> None:
    folder.trust(place, LOG.key.text())

    for path in (place, *place.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_no_witness_is_told_from_a_broken_one(tmp_path: Path, place: Path) -> None:
    with pytest.raises(Missing, match="WITNESS-FOLDER-01"):
        folder.read_keys(tmp_path)
    with pytest.raises(Missing, match="WITNESS-FOLDER-01"):
        folder.trust(tmp_path, LOG.key.text())

    (place / "witness.json").write_text('{"name": "a", "ed25519": "", "ml_dsa_44": ""}')
    with pytest.raises(Corrupt, match="WITNESS-STATE-01"):
        folder.read_keys(place)


def test_a_witness_of_a_library_without_the_newer_keys_has_one(place: Path) -> None:
    whole = (place / "witness.json").read_text()
    begin, _, _ = whole.partition('"ml_dsa_44":')
    (place / "witness.json").write_text(begin + '"ml_dsa_44":""}')

    assert len(folder.read_keys(place).public()) == 1


def test_a_log_may_have_several_keys_and_lose_one(place: Path) -> None:
    other = PlainLog(origin=LOG.origin)
    for log in (LOG, other, LOG):
        folder.trust(place, log.key.text())
    assert folder.trusted(folder.read_logs(place)) == {LOG.origin: (other.key, LOG.key)}

    folder.distrust(place, LOG.key.text())

    assert folder.trusted(folder.read_logs(place)) == {LOG.origin: (other.key,)}
    folder.distrust(place, other.key.text())
    assert folder.trusted(folder.read_logs(place)) == {}
    assert len(folder.read_logs(place)) == 2


def test_only_a_logs_key_is_trusted(place: Path) -> None:
    for kind in (4, 6):
        public = bytes(32 if kind == 4 else 1312)
        with pytest.raises(Refused, match="WITNESS-KEY-01"):
            folder.trust(place, VerifierKey(name="a", kind=kind, public=public).text())
    with pytest.raises(Refused, match="NOTE-KEY-01"):
        folder.trust(place, "a key")
    with pytest.raises(Missing, match="WITNESS-KEY-02"):
        folder.distrust(place, LOG.key.text())


def test_what_is_remembered_outlives_the_trust(place: Path) -> None:
    folder.trust(place, LOG.key.text())
    state = LogState(origin=LOG.origin, size=7, root="r", time=9, note="n")
    folder.write_state(place, state)

    folder.distrust(place, LOG.key.text())
    folder.trust(place, LOG.key.text())

    assert folder.read_states(place) == (state,)


def test_a_log_whose_state_is_lost_is_never_begun_anew(place: Path) -> None:
    folder.trust(place, LOG.key.text())
    folder.distrust(place, LOG.key.text())
    state_file(place, LOG).unlink()

    with pytest.raises(Corrupt, match="WITNESS-STATE-01"):
        folder.read_states(place)
    for log in (LOG, PlainLog(origin=LOG.origin)):
        with pytest.raises(Corrupt, match="WITNESS-STATE-01"):
            folder.trust(place, log.key.text())
    assert not state_file(place, LOG).exists()


def test_a_lost_list_of_logs_is_noticed(place: Path) -> None:
    (place / "logs.json").unlink()

    with pytest.raises(Corrupt, match="WITNESS-STATE-01"):
        folder.read_logs(place)


def test_a_state_that_a_crash_left_before_its_log_was_listed_is_gone_on_with(place: Path) -> None:
    folder.write_state(place, LogState(origin=LOG.origin))

    folder.trust(place, LOG.key.text())

    assert folder.read_states(place) == (LogState(origin=LOG.origin),)


@pytest.mark.parametrize("content", ["", "{}", '{"origin": "another"}'])
def test_a_state_that_cannot_be_read_is_lost(place: Path, content: str) -> None:
    folder.trust(place, LOG.key.text())
    state_file(place, LOG).write_text(content)

    with pytest.raises(Corrupt, match="WITNESS-STATE-01"):
        folder.read_state(place, LOG.origin)


def test_the_stamp_of_the_list_changes_with_it(place: Path) -> None:
    before = folder.logs_stamp(place)
    assert folder.logs_stamp(place) == before

    folder.trust(place, LOG.key.text())

    assert folder.logs_stamp(place) != before
