import os
import stat
import subprocess
import sys
import threading
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from fiscus.model.faults import Corrupt, Refused
from fiscus.registry.tests.builders import MASTER, a_vault
from fiscus.registry.vault import INSTALLATION, LOST_KEY, WRONG_MASTER, Vault, master_key
from fiscus.store.connect import reading, writing
from fiscus.store.schema import DATA_KEY, ENTRY

SECRET = b"the password of the tax portal"


def closed(engine: Engine, scope: str = "unit", name: str = "taxpayer", vault: Vault | None = None):
    with writing(engine) as tx:
        return (vault or a_vault()).close(tx, scope, name, SECRET)


def opened(
    engine: Engine,
    secret: bytes,
    vault: Vault,
    scope: str = "unit",
    name: str = "taxpayer",
    generation: int = 1,
):
    with writing(engine) as tx:
        return vault.open(tx, scope, name, secret, generation)


def test_what_was_closed_opens_again_in_another_process(engine: Engine) -> None:
    secret = closed(engine)

    assert SECRET not in secret
    assert opened(engine, secret, a_vault()) == SECRET


def test_the_same_secret_is_never_closed_to_the_same_bytes(engine: Engine) -> None:
    assert closed(engine) != closed(engine)


def test_a_secret_opens_nowhere_else(engine: Engine) -> None:
    secret = closed(engine)
    closed(engine, scope="other")

    for elsewhere in ({"name": "register"}, {"scope": "other"}, {"generation": 2}):
        with pytest.raises(Corrupt) as caught:
            opened(engine, secret, a_vault(), **elsewhere)
        assert caught.value.code == WRONG_MASTER


def test_a_secret_of_a_later_generation_opens_as_that_alone(engine: Engine) -> None:
    with writing(engine) as tx:
        secret = a_vault().close(tx, "unit", "taxpayer", SECRET, 3)

        assert a_vault().open(tx, "unit", "taxpayer", secret, 3) == SECRET
        for generation in (1, 2, 4):
            with pytest.raises(Corrupt):
                a_vault().open(tx, "unit", "taxpayer", secret, generation)


def test_what_was_closed_for_tests_never_opens_for_real(engine: Engine) -> None:
    secret = closed(engine, vault=Vault(MASTER, os.urandom, "test"))

    assert opened(engine, secret, Vault(MASTER, os.urandom, "test")) == SECRET
    with pytest.raises(Corrupt):
        opened(engine, secret, Vault(MASTER, os.urandom, "live"))


def test_a_secret_that_was_carried_to_another_installation_does_not_open(
    engine: Engine, databases: Any
) -> None:
    """With the same master key, and the data key carried along."""
    secret = closed(engine)
    with reading(engine) as tx:
        row = tx.execute(select(DATA_KEY).where(DATA_KEY.c.scope == "unit")).one()
    with databases.migrated() as other:
        closed(other, scope="another")
        with writing(other) as tx:
            tx.execute(DATA_KEY.insert().values(row._asdict()))

        with pytest.raises(Corrupt):
            opened(other, secret, a_vault())
    assert opened(engine, secret, a_vault()) == SECRET


def test_a_data_key_that_is_missing_is_told_and_never_made_anew(engine: Engine) -> None:
    secret = closed(engine)
    with writing(engine) as tx:
        tx.execute(DATA_KEY.delete().where(DATA_KEY.c.scope == "unit"))

    with pytest.raises(Corrupt) as caught:
        opened(engine, secret, a_vault())
    assert caught.value.code == LOST_KEY
    with reading(engine) as tx:
        assert tx.scalars(select(DATA_KEY.c.scope)).all() == [INSTALLATION]


def test_another_master_key_opens_nothing(engine: Engine) -> None:
    secret = closed(engine)

    with pytest.raises(Corrupt):
        opened(engine, secret, Vault(bytes(32), os.urandom))


def test_a_secret_that_was_tampered_with_does_not_open(engine: Engine) -> None:
    secret = bytearray(closed(engine))
    secret[-1] ^= 1

    with pytest.raises(Corrupt):
        opened(engine, bytes(secret), a_vault())


def test_the_database_alone_reveals_no_data_key(engine: Engine) -> None:
    closed(engine)

    with reading(engine) as tx:
        wrapped = tx.scalars(select(DATA_KEY.c.wrapped)).all()
    assert [len(one) for one in wrapped] == [12 + 32 + 16] * 2


def test_a_data_key_of_a_transaction_that_was_rolled_back_is_not_remembered(engine: Engine) -> None:
    vault = a_vault()

    def close_and_fail() -> None:
        with writing(engine) as tx:
            vault.close(tx, "unit", "one", SECRET)
            vault.close(tx, "unit", "two", SECRET)
            1 / 0

    with pytest.raises(ZeroDivisionError):
        close_and_fail()

    secret = closed(engine, vault=vault)

    assert opened(engine, secret, a_vault()) == SECRET


def test_vaults_that_race_for_a_data_key_agree_on_one(engine: Engine) -> None:
    secrets: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: secrets.append(closed(engine, scope="new")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with reading(engine) as tx:
        scopes = tx.scalars(select(DATA_KEY.c.scope)).all()
        stated = select(func.count()).where(ENTRY.c.thing == "new")
        assert sorted(scopes) == [INSTALLATION, "new"]
        assert tx.scalar(stated) == 1
    assert [opened(engine, secret, a_vault(), scope="new") for secret in secrets] == [SECRET] * 6


def test_several_secrets_are_closed_together(engine: Engine) -> None:
    with writing(engine) as tx:
        secret = a_vault().close_all(tx, "unit", "t", {"username": "u", "password": "p"})
        assert a_vault().open_all(tx, "unit", "t", secret) == {"username": "u", "password": "p"}
        assert a_vault().open_all(tx, "unit", "t", None) == {}


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_the_master_key_may_be_given_in_either_base64(tmp_path: Path, encode) -> None:
    given = bytes([251, 255] * 16)

    assert master_key(encode(given).decode(), tmp_path / "master.key", os.urandom) == given
    assert not (tmp_path / "master.key").exists()


@pytest.mark.parametrize(
    "given", ["c2hvcnQ=", "not base64", "é" * 44, b64encode(MASTER).decode()[:-4]]
)
def test_a_master_key_that_is_none_is_refused_and_its_variable_named(
    tmp_path: Path, given: str
) -> None:
    with pytest.raises(Refused, match="FISCUS_MASTER_KEY"):
        master_key(given, tmp_path / "master.key", os.urandom)


def test_a_broken_key_file_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_bytes(b"\xff\xfe\n")

    with pytest.raises(Refused, match=r"master\.key"):
        master_key("", file, os.urandom)
    assert file.read_bytes() == b"\xff\xfe\n"


def test_the_master_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "master.key"

    first = master_key("", file, os.urandom)

    assert len(first) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert master_key("", file, os.urandom) == first
    assert list(file.parent.iterdir()) == [file]


def test_a_draft_that_a_crash_left_behind_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / f".master.key.{os.getpid()}").write_text("half")

    assert len(master_key("", tmp_path / "master.key", os.urandom)) == 32


PROCESS = """
import os, sys
from pathlib import Path
from typing import Any
from fiscus.registry.vault import master_key
sys.stdin.read(1)
print(master_key("", Path(sys.argv[1]), os.urandom).hex())
"""


def test_many_processes_that_start_together_get_one_master_key(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    answers = {process.communicate(b"x")[0] for process in processes}

    assert len(answers) == 1
    assert answers.pop().strip().decode() == master_key("", file, os.urandom).hex()
    assert list(tmp_path.iterdir()) == [file]
