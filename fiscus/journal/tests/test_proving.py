"""What is told beside the text of a proof, and when to ask again."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from fiscus.journal import checkpoint, proving
from fiscus.journal.checkpoint import JournalLog
from fiscus.journal.tests.rows import INSTALLATION, SIGNER, a_chain, a_link, an_entry, written
from fiscus.model.faults import Conflict, Missing
from fiscus.model.tests.clock import MORNING
from fiscus.store.connect import reading, writing
from fiscus.store.log_schema import COSIGNATURE
from fiscus.transparency import checkpoints, cosignatures, notes
from fiscus.transparency.cosignatures import WitnessKeys
from tests.support import outsider

LOG = JournalLog(installation=INSTALLATION)
SECOND = timedelta(seconds=1)


@pytest.fixture
def chain(engine: Engine) -> str:
    """A register's chain with seven entries, which a checkpoint covers but for the last."""
    with writing(engine) as tx:
        a_chain(tx, 0, "installation")
        made = a_chain(tx, 1)
        written(tx, made, 6)
        checkpoint.make(tx, SIGNER, LOG, MORNING)
        written(tx, made, 1)
    return made


def cosign(engine: Engine, name: str, stamp: int) -> None:
    """What a witness of that name has signed of the newest checkpoint, at that time."""
    keys = WitnessKeys(name=name, ed25519=Ed25519PrivateKey.generate(), ml_dsa_44=None)
    with writing(engine) as tx:
        newest = checkpoint.newest(tx)
        assert newest is not None
        head = checkpoints.parse(notes.parse(newest.note.encode()).text)
        (line,) = cosignatures.cosigned(head, keys, stamp)
        row = {"epoch": newest.epoch, "size": newest.size, "witness": name}
        row |= {"line": line.text(), "at": newest.at, "received_at": newest.at}
        tx.execute(COSIGNATURE.insert().values(row))


def test_what_is_told_is_what_the_text_says(engine: Engine, chain: str) -> None:
    public = checkpoint.log_key(LOG, SIGNER).public
    for sequence in range(1, 7):
        with reading(engine) as tx:
            found = proving.of(tx, an_entry(chain, sequence))

        assert found.link == a_link(chain, sequence)
        assert (found.index, found.size, found.origin) == (sequence - 1, 6, LOG.origin)
        assert f"\nindex {found.index}\n" in found.text
        assert found.witnesses == ()
        assert outsider.proved(found.text, found.link, LOG.origin, public) == found.size


def test_witnesses_are_told_with_their_times(engine: Engine, chain: str) -> None:
    cosign(engine, "a.example", 1_800_000_000)
    cosign(engine, "b.example", 2**63 - 1)

    with reading(engine) as tx:
        found = proving.of(tx, an_entry(chain, 1)).witnesses

    assert [(one.name, one.signed_at) for one in found] == [
        ("a.example", datetime(2027, 1, 15, 8, 0, tzinfo=UTC)),
        ("b.example", None),
    ]


def test_what_no_checkpoint_covers_has_no_proof_yet(engine: Engine, chain: str) -> None:
    with reading(engine) as tx, pytest.raises(Conflict, match="LOG-PROOF-01"):
        proving.of(tx, an_entry(chain, 7))


def test_what_is_not_there_is_missing(engine: Engine, chain: str) -> None:
    with reading(engine) as tx:
        with pytest.raises(Missing, match="LOG-ENTRY-01"):
            proving.of(tx, "nothing")
        with pytest.raises(Missing, match="LOG-ENTRY-01"):
            proving.seconds_left(tx, "nothing", MORNING, 60)


@pytest.mark.parametrize(
    ("later", "left"),
    [
        (0 * SECOND, 60),
        (0.5 * SECOND, 60),
        (1 * SECOND, 59),
        (59.5 * SECOND, 1),
        (60 * SECOND, 60),
        (3 * 60 * SECOND, 60),
        (-1 * SECOND, 60),
    ],
)
def test_it_is_never_longer_than_one_round(
    engine: Engine, chain: str, later: timedelta, left: int
) -> None:
    with reading(engine) as tx:
        assert proving.seconds_left(tx, an_entry(chain, 7), MORNING + later, 60) == left
