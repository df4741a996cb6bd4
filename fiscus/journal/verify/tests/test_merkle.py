import base64
import json
from pathlib import Path

import pytest

from fiscus.journal.tests.small_log import tree_root as tree_of_hashes
from fiscus.journal.verify.merkle import (
    CompleteSubtrees,
    TiledTree,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)


def tree_root(data: list[bytes]) -> bytes:
    """The root over data, not over hashes."""
    return tree_of_hashes([leaf_hash(one) for one in data])


def decoded(value: str | None) -> bytes:
    return base64.b64decode(value or "")


def vectors(folder: Path, kind: str) -> list[tuple[str, dict[str, object]]]:
    files = sorted((folder / "merkle" / kind).rglob("*.json"))
    assert files
    return [(str(file), json.loads(file.read_text())) for file in files]


def test_every_official_inclusion_vector_is_judged_as_it_should_be(shared_data: Path) -> None:
    for name, case in vectors(shared_data, "inclusion"):
        is_right = verify_inclusion(
            case["leafIdx"],  # type: ignore[arg-type]
            case["treeSize"],  # type: ignore[arg-type]
            decoded(case["leafHash"]),  # type: ignore[arg-type]
            [decoded(node) for node in case["proof"] or []],  # type: ignore[attr-defined]
            decoded(case["root"]),  # type: ignore[arg-type]
        )
        assert is_right is not case["wantErr"], name


def test_every_official_consistency_vector_is_judged_as_it_should_be(shared_data: Path) -> None:
    for name, case in vectors(shared_data, "consistency"):
        is_right = verify_consistency(
            case["size1"],  # type: ignore[arg-type]
            case["size2"],  # type: ignore[arg-type]
            decoded(case["root1"]),  # type: ignore[arg-type]
            decoded(case["root2"]),  # type: ignore[arg-type]
            [decoded(node) for node in case["proof"] or []],  # type: ignore[attr-defined]
        )
        assert is_right is not case["wantErr"], name


def inclusion_proof(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1, by recursion."""
    if len(leaves) == 1:
        return []
    half = half_of(len(leaves))
    if index < half:
        return [*inclusion_proof(index, leaves[:half]), tree_root(leaves[half:])]
    return [*inclusion_proof(index - half, leaves[half:]), tree_root(leaves[:half])]


def consistency_proof(size: int, leaves: list[bytes], *, is_whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2, by recursion."""
    if size == len(leaves):
        return [] if is_whole else [tree_root(leaves)]
    half = half_of(len(leaves))
    if size <= half:
        inner = consistency_proof(size, leaves[:half], is_whole=is_whole)
        return [*inner, tree_root(leaves[half:])]
    inner = consistency_proof(size - half, leaves[half:], is_whole=False)
    return [*inner, tree_root(leaves[:half])]


def half_of(size: int) -> int:
    return int(1 << (size - 1).bit_length() - 1)


@pytest.mark.parametrize("size", range(1, 34))
def test_the_growing_root_and_all_proofs_agree_with_the_recursive_definition(size: int) -> None:
    data = [bytes([number]) * 32 for number in range(size)]
    leaves, tree = [leaf_hash(one) for one in data], tree_root(data)

    assert root(leaves) == tree
    for index in range(size):
        proof = inclusion_proof(index, data)
        assert verify_inclusion(index, size, leaves[index], proof, tree)
        assert not verify_inclusion(index, size, leaf_hash(b"other"), proof, tree)
        old = tree_root(data[: index + 1])
        steps = consistency_proof(index + 1, data)
        assert verify_consistency(index + 1, size, old, tree, steps)
        assert not verify_consistency(index + 1, size, leaf_hash(b"other"), tree, steps)


def test_a_tree_without_leaves_has_the_hash_of_nothing() -> None:
    assert CompleteSubtrees().root() == tree_root([])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_a_tiled_tree_has_the_same_root_and_all_its_tiles(size: int) -> None:
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(size)]
    tree = TiledTree()

    rows = [row for row in map(tree.append, leaves) if row is not None]

    assert tree.root() == root(leaves)
    assert b"".join([*rows, bytes(tree.row)]) == b"".join(leaves)
    upper = list(tree.upper_tiles())
    full = [root(leaves[start : start + 256]) for start in range(0, size - 255, 256)]
    assert [row for _, _, row in upper] == ([b"".join(full)] if full else [])
