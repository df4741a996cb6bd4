"""Who makes a new key: the kind that was installed for it, else the one that ships."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from fiscus import signers
from fiscus.model.faults import Conflict, Missing
from fiscus.model.tests.clock import MORNING
from fiscus.registry import signers as keys
from fiscus.registry.tests.builders import a_vault
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SETTING_KEY
from tests.plugins import other_keys
from tests.plugins.loaded import loaded

OTHER = ("fiscus.signers", "tests.plugins.other_keys")


def test_the_kind_that_ships_makes_keys_where_no_other_is_installed() -> None:
    assert signers.maker("ecdsa-p256").is_spare
    assert signers.maker("rsa-2048").is_spare
    with pytest.raises(Missing):
        signers.maker("ecdsa-p521")


def test_a_kind_that_was_installed_makes_the_keys_it_can(tmp_path: Path, engine: Engine) -> None:
    with loaded(tmp_path, OTHER), writing(engine) as tx:
        keys.ensure(tx, a_vault(), "one", "ecdsa-p256", MORNING)
        keys.ensure(tx, a_vault(), "two", "rsa-2048", MORNING)
    with reading(engine) as tx:
        rows = tx.execute(select(SETTING_KEY.c.name, SETTING_KEY.c.kind)).all()
    kinds = {row.name: row.kind for row in rows}

    assert kinds["one"] == other_keys.OTHER.code
    assert kinds["two"] != other_keys.OTHER.code


def test_two_that_were_installed_for_the_same_are_one_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = tmp_path / "more_keys.py"
    more.write_text(
        "from dataclasses import replace\n"
        "from tests.plugins.other_keys import OTHER\n"
        "SIGNERS = (replace(OTHER, code='more-keys'),)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    with (
        loaded(tmp_path / "plugins", OTHER, ("fiscus.signers", "more_keys")),
        pytest.raises(Conflict) as caught,
    ):
        signers.maker("ecdsa-p256")

    assert set(caught.value.paths) == {"ecdsa-p256", "other-keys", "more-keys"}
