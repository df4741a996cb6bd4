"""`fiscus demo` as somebody types it."""

from pathlib import Path

import pytest

from fiscus.demo.command import demo


def test_a_demo_that_goes_wrong_ends_with_exit_code_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()

    with pytest.raises(SystemExit) as end:
        demo(out=tmp_path)

    assert end.value.code == 1
    assert "The demo did not go as it should" in capfd.readouterr().err


def test_what_is_not_ours_is_neither_played_over_nor_served(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()

    with pytest.raises(SystemExit) as end:
        demo(out=tmp_path, serve=True)

    assert end.value.code == 1
    assert "choose another --out" in capfd.readouterr().err
