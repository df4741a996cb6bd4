"""B-22: two histories of one log, each shown to two witnesses: the second one is always refused."""

import json
from pathlib import Path
from random import Random

import pytest

from bench import kiosk
from tests.storms import german_shop
from tests.storms.driver import each, engines, seed, size, told
from tests.storms.sample_journal import (
    Sample,
    a_small_installation,
    command,
    completed,
    good,
    health,
    kept,
    sell,
    until,
)
from tests.storms.two_histories import (
    WitnessProcess,
    copied,
    log_key,
    policy,
    witnesses,
)

pytestmark = pytest.mark.storm


@engines
def test_the_second_of_two_histories_is_refused_by_every_witness(
    engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    each(engine)
    rounds, chance = size("TWO_HISTORIES", 1, 25), seed()
    random, refused = Random(chance), 0
    with witnesses(tmp_path, 2) as seeing:
        places = " ".join(one.address for one in seeing)
        with a_small_installation(engine, FISCUS_WITNESSES=places) as sample:
            log = log_key(sample.installation)
            for one in seeing:
                one.trust(log)
            file = policy(tmp_path, log, seeing)
            for _ in range(rounds):
                shown(sample, random)
                until(lambda: signed(sample) == 2, f"both have signed {health(sample)}", 40)
                refused += second_history(sample, random, seeing, file, tmp_path)
    told(
        capsys,
        f"B-22 {engine}",
        f"{rounds} times two histories of one log, shown to two witnesses: {refused} of "
        f"{2 * rounds} refused, seed {chance}",
    )
    assert refused == 2 * rounds


def second_history(
    sample: Sample, random: Random, seeing: list[WitnessProcess], file: Path, folder: Path
) -> int:
    """Both copies sell on; the one whose history the witnesses have not seen is refused."""
    sample.installation.stop()
    with copied(sample) as other:
        sample.installation.serve(1)
        sell(sample, random.randint(1, 20))
        shown(sample, random)
        until(lambda: signed(sample) == 2, "both have signed the first history", 40)
        assert "alarm" not in health(sample)
        other.installation.serve(1)
        sell(other, random.randint(1, 20))
        shown(other, random)
        until(lambda: health(other).count("alarm") == 2, f"an alarm {health(other)}", 40)
        found = json.loads(command(sample, "verify", "--policy", str(file), "--json").out)
        assert found["findings"] == []
        origin = log_key(sample.installation).partition("+")[0]
        for number, one in enumerate(seeing):
            note = kept(folder, f"note-{number}", one.note(origin))
            against = ("verify", "--against", str(note), "--json")
            assert json.loads(command(sample, *against).out)["findings"] == []
            codes = {one["code"] for one in json.loads(command(other, *against).out)["findings"]}
            assert any(code.startswith("VERIFY-AGAINST-") for code in codes), codes
        report = json.loads(command(other, "verify", "--policy", str(file), "--json").out)
        assert any("no counted witness has signed" in one for one in report["unchecked"]), report
        return health(other).count("alarm")


def shown(sample: Sample, random: Random) -> None:
    """A closing, whose note the witnesses see at once."""
    [register] = sample.kiosk.registers
    completed(sample, german_shop.a_sale(register, random.randint(1, 50)))
    good(sample.german("/operations", {"register_id": register, "type": "session_close"}))
    good(sample.german("/operations", {"register_id": register, **kiosk.OPENING}))


def signed(sample: Sample) -> int:
    """How many witnesses have signed the newest note."""
    return sample.count(
        "SELECT count(*) FROM cosignature WHERE size = (SELECT max(size) FROM checkpoint)"
    )
