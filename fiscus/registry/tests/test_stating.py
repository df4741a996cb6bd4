"""Whatever changes the registry leaves one entry for each row, in the chain where it belongs."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine, select

import fiscus.registry
from fiscus.journal.tests.bodies import Pen
from fiscus.model.faults import Corrupt
from fiscus.registry import (
    chains,
    devices,
    labels,
)
from fiscus.registry.stating import NOT_ATTACHED
from fiscus.registry.tests.builders import (
    an_organization,
)
from fiscus.registry.tests.changes import (
    CASES,
    Case,
    creates_a_taxpayer,
    creates_an_organization,
)
from fiscus.registry.tests.scene import Scene
from fiscus.registry.tests.statements import assert_tables_are_as_stated, statements
from fiscus.store.connect import connect, reading, writing
from fiscus.store.schema import DEVICE, LABEL, TAXPAYER


@pytest.mark.parametrize("case", CASES, ids=lambda case: cast(Case, case)[1].__name__)
def test_a_change_of_the_registry_is_stated_once_for_each_row(engine: Engine, case: Case) -> None:
    _, prepared, expected = case
    with writing(engine) as tx:
        scene = Scene(tx)
        act = prepared(scene)
        before = len(statements(tx))
        act()
        said = statements(tx, before)
        assert_tables_are_as_stated(tx)
        own = chains.installation(tx)

    places = ["I" if one.chain == own else "O" for one in said]
    found = [(one.kind, one.table, place) for one, place in zip(said, places, strict=True)]
    assert found == expected
    if "O" in places and prepared not in (creates_an_organization, creates_a_taxpayer):
        assert {one.chain for one in said if one.chain != own} == {scene.unit}


WRITES = {"insert", "update", "delete"}


def writes(node: ast.AST) -> bool:
    """Whether a table is changed: `TABLE.update()` and the like, or `insert_once`."""
    return any(
        (isinstance(part, ast.Name) and part.id == "insert_once")
        or (
            isinstance(part, ast.Attribute)
            and part.attr in WRITES
            and (
                isinstance(part.value, ast.Name)
                and (part.value.id.isupper() or part.value.id == "table")
            )
        )
        for part in ast.walk(node)
    )


def public_writers() -> Iterator[tuple[str, str]]:
    """Module and name of every public function of the registry that changes rows, itself or by way
    of others beside it."""
    for file in sorted(Path(fiscus.registry.__file__).parent.glob("*.py")):
        nodes = ast.parse(file.read_text()).body
        defined = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
        used = {
            name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            for name, node in defined.items()
        }
        writers = {name for name, node in defined.items() if writes(node)}
        while more := {name for name in defined if used[name] & writers} - writers:
            writers |= more
        yield from ((file.stem, name) for name in sorted(writers) if not name.startswith("_"))


NOT_STATED_HERE: dict[tuple[str, str], str] = {
    ("chains", "open_chain"): "a chain follows from its entries",
    ("sessions", "open_"): "the entry of the register states it",
    ("sessions", "count"): "the entry of the register states it",
    ("sessions", "close"): "the entry of the register states it",
    ("stating", "state"): "this is what states; it writes down the link of the entry",
}


def test_every_function_that_changes_the_registry_is_one_of_the_cases() -> None:
    tried = {(str(one.__module__).rpartition(".")[2], one.__name__) for one, *_ in CASES}

    assert set(public_writers()) == tried | set(NOT_STATED_HERE)


def test_a_label_is_stated_when_it_is_put_changed_and_taken_away(engine: Engine) -> None:
    with writing(engine) as tx:
        scene = Scene(tx)
        record = Pen(tx, scene.shop).write(tx).id
        before = len(statements(tx))
        for label in ({"a": "1"}, {"b": "2"}, {}):
            labels.put(tx, scene.unit, record, label, "ana")
        said = statements(tx, before)
        rest = tx.execute(select(LABEL)).all()

    assert [one.row and one.row["metadata"] for one in said] == ['{"a":"1"}', '{"b":"2"}', None]
    assert {(one.key, one.by, one.chain) for one in said} == {(record, "ana", scene.unit)}
    assert rest == []


def test_a_device_that_was_never_made_goes_and_the_journal_says_so(engine: Engine) -> None:
    with writing(engine) as tx:
        scene = Scene(tx)
        first = scene.a_device()
        devices.failed(tx, first, "no answer")
        before = len(statements(tx))
        scene.a_device()
        said = statements(tx, before)
        there = tx.scalars(select(DEVICE.c.id)).all()

    assert [(one.table, one.row) for one in said if one.key == first] == [
        ("fitting", None),
        ("device", None),
    ]
    assert first not in there


def test_a_secret_is_stated_by_its_hash_alone(engine: Engine) -> None:
    with writing(engine) as tx:
        scene = Scene(tx)
        device = scene.a_device(is_made=True)
        said = [one.row for one in statements(tx) if one.key == device and one.table == "device"]

    assert said[0] is not None
    assert said[0]["secret"] is None
    assert said[1] is not None
    assert str(said[1]["secret"]).startswith("sha256:")
    assert len(str(said[1]["secret"])) == len("sha256:") + 64


def test_a_row_that_was_changed_by_hand_is_not_as_stated(engine: Engine) -> None:
    """The comparison above is one that can fail."""
    with writing(engine) as tx:
        Scene(tx)
        assert_tables_are_as_stated(tx)
        tx.execute(TAXPAYER.update().values(mode="suspended"))
        with pytest.raises(AssertionError):
            assert_tables_are_as_stated(tx)


def test_without_what_states_the_registry_cannot_be_changed(engine: Engine) -> None:
    bare = connect(engine.url.render_as_string(hide_password=False))

    def create() -> None:
        with writing(bare) as tx:
            an_organization(tx)

    with pytest.raises(Corrupt) as caught:
        create()
    bare.dispose()
    assert caught.value.code == NOT_ATTACHED
    with reading(engine) as tx:
        assert chains.installation(tx) == ""
