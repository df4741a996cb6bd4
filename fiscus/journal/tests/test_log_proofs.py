"""What is proved from checkpoints: the place of an entry, its proof, and that the log only grew."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from fiscus.journal import checkpoint
from fiscus.journal.checkpoint import NO_ENTRY, Checkpoint, LeafPlace
from fiscus.journal.tests.rows import LOG, SIGNER, a_chain, a_link, an_entry, made, write
from fiscus.model.faults import Missing
from fiscus.model.tests.clock import MORNING
from fiscus.model.times import micros_z
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import COSIGNATURE
from fiscus.transparency import checkpoints, cosignatures, merkle, notes, proofs
from fiscus.transparency.cosignatures import WitnessKeys


@pytest.fixture
def chains(engine: Engine) -> tuple[str, str, str]:
    """The installation's chain and those of two registers, in the order of their ids."""
    with writing(engine) as tx:
        return a_chain(tx, 0, "installation"), a_chain(tx, 1), a_chain(tx, 2)


def test_each_entry_has_one_leaf_and_none_before_it_is_covered(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    _, one, two = chains
    for count in (2, 3):
        write(engine, one, count)
        write(engine, two, 1)
        made(engine)
    write(engine, one, 1)

    def place(chain: str, sequence: int) -> LeafPlace | None:
        with reading(engine) as tx:
            return checkpoint.index_of(tx, chain, 1, sequence)

    found = [place(one, sequence) for sequence in range(1, 6)] + [place(two, 1), place(two, 2)]
    assert found == [LeafPlace(1, index) for index in (0, 1, 3, 4, 5, 2, 6)]
    assert place(one, 6) is None
    assert place("nobody", 1) is None
    with reading(engine) as tx:
        assert checkpoint.index_of(tx, one, 2, 1) is None


def proof(engine: Engine, entry: str) -> str | None:
    with reading(engine) as tx:
        return checkpoint.proof_of(tx, entry)


def test_a_proof_shows_offline_that_an_entry_is_in_the_log(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    _, one, two = chains
    write(engine, one, 300)
    write(engine, two, 5)
    made(engine)
    key = checkpoint.log_key(LOG, SIGNER)

    for chain, sequence in ((one, 1), (one, 256), (one, 257), (one, 300), (two, 1), (two, 5)):
        said = proof(engine, an_entry(chain, sequence))
        assert said is not None
        assert said.startswith("c2sp.org/tlog-proof@v1\nindex ")
        parsed = proofs.parse(said.encode())
        assert parsed.proves(bytes.fromhex(a_link(chain, sequence)))
        assert not parsed.proves(bytes.fromhex(a_link(chain, sequence + 1)))
        assert len(notes.verified(parsed.note, [key])) == 1


def test_an_entry_that_is_not_covered_yet_has_no_proof_and_an_unknown_one_is_missing(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    write(engine, chains[1], 1)

    assert proof(engine, an_entry(chains[1], 1)) is None
    with pytest.raises(Missing) as trouble:
        proof(engine, "nobody")
    assert trouble.value.code == NO_ENTRY


def a_witness(name: str) -> WitnessKeys:
    return WitnessKeys(name=name, ed25519=Ed25519PrivateKey.generate(), ml_dsa_44=None)


def cosign(engine: Engine, of: Checkpoint, witness: WitnessKeys, time: int) -> None:
    head = checkpoints.parse(notes.parse(of.note.encode()).text)
    (line,) = cosignatures.cosigned(head, witness, time)
    row = {
        "epoch": of.epoch,
        "size": of.size,
        "witness": witness.name,
        "line": line.text(),
        "at": f"{time:020d}",
        "received_at": micros_z(MORNING),
    }
    with writing(engine) as tx:
        tx.execute(COSIGNATURE.insert().values(row))


def test_a_note_has_what_witnesses_signed_of_it_the_first_ones_first(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    write(engine, chains[1], 1)
    found = made(engine)
    assert found is not None
    late, early = a_witness("a.example"), a_witness("b.example")
    cosign(engine, found, late, 20)
    cosign(engine, found, early, 10)

    with reading(engine) as tx:
        note = checkpoint.note_with_cosignatures(tx, found)

    assert [line.name for line in note.lines] == [LOG.origin, "b.example", "a.example"]
    keys = [*late.public(), *early.public()]
    assert [one.time for one in cosignatures.verified(note, keys)] == [10, 20]


def test_a_note_has_no_more_lines_than_readers_take(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    write(engine, chains[1], 1)
    found = made(engine)
    assert found is not None
    for number in range(notes.LINES_MAX):
        cosign(engine, found, a_witness(f"w{number}.example"), 10 + number)

    with reading(engine) as tx:
        note = checkpoint.note_with_cosignatures(tx, found)

    assert notes.parse(note.whole().encode()) == note
    assert len(note.lines) == notes.LINES_MAX
    assert note.lines[-1].name == f"w{notes.LINES_MAX - 2}.example"


def test_a_proof_leads_to_the_newest_checkpoint_that_a_witness_signed(
    engine: Engine, chains: tuple[str, ...]
) -> None:
    write(engine, chains[1], 2)
    first = made(engine)
    assert first is not None
    cosign(engine, first, a_witness("w.example"), 10)
    write(engine, chains[1], 1)
    made(engine)

    def proved_size(sequence: int) -> int:
        said = proof(engine, an_entry(chains[1], sequence))
        assert said is not None
        parsed = proofs.parse(said.encode())
        assert parsed.proves(bytes.fromhex(a_link(chains[1], sequence)))
        return checkpoints.parse(parsed.note.text).size

    assert proved_size(2) == 2
    assert proved_size(3) == 3


def test_a_witness_is_shown_that_the_log_only_grew(engine: Engine, chains: tuple[str, ...]) -> None:
    found = []
    for count in (1, 2, 300, 7):
        write(engine, chains[1], count)
        found.append(made(engine))

    *olds, new = [one for one in found if one]
    now = checkpoints.parse(notes.parse(new.note.encode()).text)
    assert [one.size for one in olds] == [1, 3, 303]
    for old in olds:
        before = checkpoints.parse(notes.parse(old.note.encode()).text)
        with reading(engine) as tx:
            shown = checkpoint.consistency(tx, old.size, new)
        assert merkle.is_grown(before.size, before.root, now.size, now.root, shown)
