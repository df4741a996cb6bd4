"""Proofs of trees: good ones pass, and nothing else."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from fiscus.transparency import merkle
from tests.support.logs import leaf, path_of, proof_of, root_of

SIZES = 33
LEAVES = tuple(leaf(number) for number in range(SIZES))


def vectors(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.rglob("*.json"))
    assert len(files) > 50
    return [json.loads(file.read_text("utf-8")) for file in files]


def data_of(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_each_leaf_of_each_tree_is_proved() -> None:
    for size in range(1, SIZES + 1):
        leaves = LEAVES[:size]
        for index in range(size):
            path = path_of(index, leaves)
            args = (merkle.leaf_hash(leaves[index]), index, size)
            assert len(path) == merkle.path_length(index, size)
            assert merkle.is_included(*args, path, root_of(leaves))
            assert not merkle.is_included(*args, path, root_of(LEAVES[: size - 1]))
            assert not merkle.is_included(*args, [*path, leaf(0)], root_of(leaves))
            if path:
                assert not merkle.is_included(*args, path[:-1], root_of(leaves))
                assert not merkle.is_included(*args, [leaf(0), *path[1:]], root_of(leaves))


def test_a_leaf_beyond_the_tree_is_not_in_it() -> None:
    root = root_of(LEAVES[:1])

    assert merkle.is_included(merkle.leaf_hash(LEAVES[0]), 0, 1, [], root)
    assert not merkle.is_included(merkle.leaf_hash(LEAVES[0]), 1, 1, [], root)
    assert not merkle.is_included(merkle.leaf_hash(LEAVES[0]), -1, 1, [], root)
    assert not merkle.is_included(merkle.leaf_hash(LEAVES[0]), 0, 0, [], root)


def test_each_tree_has_grown_from_each_smaller_one() -> None:
    for size in range(1, SIZES + 1):
        root = root_of(LEAVES[:size])
        for old in range(1, size + 1):
            proof = proof_of(old, LEAVES[:size])
            old_root = root_of(LEAVES[:old])
            assert merkle.is_grown(old, old_root, size, root, proof)
            assert not merkle.is_grown(old, old_root, size, root, [*proof, leaf(0)])
            assert not merkle.is_grown(size + 1, old_root, size, root, proof)
            assert not merkle.is_grown(old, leaf(0), size, root, proof)
            assert not merkle.is_grown(old, old_root, size, leaf(0), proof)
            for at in range(len(proof)):
                changed = [*proof[:at], leaf(0), *proof[at + 1 :]]
                assert not merkle.is_grown(old, old_root, size, root, changed)
                assert not merkle.is_grown(old, old_root, size, root, proof[:at])


def test_nothing_is_grown_from_nothing() -> None:
    nothing = root_of(())

    assert not merkle.is_grown(0, nothing, 1, root_of(LEAVES[:1]), [])
    assert not merkle.is_grown(0, nothing, 0, nothing, [])
    assert not merkle.is_grown(-1, nothing, 1, root_of(LEAVES[:1]), [])


def test_vectors_of_inclusion(shared_data: Path) -> None:
    for one in vectors(shared_data / "merkle" / "inclusion"):
        path = [data_of(text) for text in one["proof"] or ()]
        found = merkle.is_included(
            data_of(one["leafHash"]), one["leafIdx"], one["treeSize"], path, data_of(one["root"])
        )
        assert found is not one["wantErr"], one["desc"]


def test_vectors_of_consistency(shared_data: Path) -> None:
    for one in vectors(shared_data / "merkle" / "consistency"):
        proof = [data_of(text) for text in one["proof"] or ()]
        roots = data_of(one["root1"]), data_of(one["root2"])
        found = merkle.is_grown(one["size1"], roots[0], one["size2"], roots[1], proof)
        assert found is not one["wantErr"], one["desc"]


@pytest.mark.parametrize(("size", "length"), [(1, 0), (2, 1), (1024, 10), (1_000_000, 20)])
def test_a_path_is_as_long_as_the_tree_is_high(size: int, length: int) -> None:
    assert merkle.path_length(0, size) == length
    assert max(merkle.path_length(index, size) for index in range(0, size, 997)) == length
