import hmac
import os
import threading

import pytest
from sqlalchemy import Engine, delete, select

from fiscus.model.faults import Corrupt
from fiscus.model.tests.clock import MORNING
from fiscus.registry import keys, macs
from fiscus.registry.macs import CREDENTIALS, DIGESTS, MacKeys
from fiscus.registry.roles import Role
from fiscus.registry.tests.builders import MAC, a_vault, an_organization
from fiscus.registry.vault import Vault
from fiscus.store.connect import writing
from fiscus.store.schema import DATA_KEY, SETTING_KEY


def ensured(engine: Engine, vault: Vault | None = None) -> MacKeys:
    with writing(engine) as tx:
        return macs.ensure(tx, vault or a_vault(), os.urandom, MORNING)


def with_a_key(engine: Engine) -> None:
    with writing(engine) as tx:
        wanted = keys.NewKey(organization=an_organization(tx), name="n", role=Role.OWNER)
        keys.create(
            tx, MAC, wanted, id_="s", environment="test", entropy=os.urandom, by="b", at=MORNING
        )


def test_both_keys_are_made_once_and_differ(engine: Engine) -> None:
    first = ensured(engine)

    assert ensured(engine) == first
    assert len({first.digests, first.credentials}) == 2
    assert {len(first.digests), len(first.credentials)} == {32}


def test_the_database_shows_neither(engine: Engine) -> None:
    made = ensured(engine)

    with writing(engine) as tx:
        kept = b"".join(tx.scalars(select(SETTING_KEY.c.secret)))
    assert made.digests not in kept
    assert made.credentials not in kept


def test_processes_that_start_at_once_agree_on_one_pair(engine: Engine) -> None:
    found: list[MacKeys] = []
    threads = [threading.Thread(target=lambda: found.append(ensured(engine))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 6
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("name", [DIGESTS, CREDENTIALS])
def test_a_key_that_is_missing_is_never_made_anew_once_there_is_data(
    engine: Engine, name: str
) -> None:
    ensured(engine)
    with_a_key(engine)
    with writing(engine) as tx:
        tx.execute(delete(SETTING_KEY).where(SETTING_KEY.c.name == name))

    with pytest.raises(Corrupt) as caught:
        ensured(engine)

    assert caught.value.code == macs.LOST
    with writing(engine) as tx:
        names = tx.scalars(select(SETTING_KEY.c.name)).all()
    assert name not in names


def test_keys_whose_data_key_is_missing_are_not_made_anew(engine: Engine) -> None:
    ensured(engine)
    with writing(engine) as tx:
        tx.execute(delete(DATA_KEY))

    with pytest.raises(Corrupt):
        ensured(engine)


def test_parts_are_never_run_together() -> None:
    made = {
        macs.of(MAC, "p", *parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",), (["ab", "c"],))
    }

    assert len(made) == 4


def test_what_is_hashed_is_written_like_this_for_ever() -> None:
    made = hmac.digest(MAC, '["p","ä",1]'.encode(), "sha256").hex()

    assert made == "131b4dd1b53a2cc878b88abf379c542ebfc87c120fe07cc6b92464dbde732f5e"
    assert macs.of(MAC, "p", "ä", 1) == made
