"""A record of all answers: `python -m tests.answers record FOLDER`, and later `compare FOLDER`.

`record` plays the journeys and the API's tests and keeps every request with its answer, one file
for each test. `compare` records again (or takes a second folder) and prints what differs, grouped
by kind, so that each difference can be listed with its decision. It ends with 1 if there is any.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.answers.differences import differences, report

ROOT = Path(__file__).parents[2]
PLAYED = ("tests/journeys", "fiscus/api")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.answers", description=__doc__)
    parser.add_argument("act", choices=["record", "compare"])
    parser.add_argument("folder", type=Path, help="the record; for `record` empty or not there yet")
    parser.add_argument("new", type=Path, nargs="?", help="compare with this record, not with now")
    parser.add_argument("--only", nargs="+", default=PLAYED, help="tests to play")
    wanted = parser.parse_args()
    if wanted.act == "record":
        sys.exit(record(wanted.folder.resolve(), wanted.only))
    sys.exit(compare(wanted.folder.resolve(), wanted.new, wanted.only))


def record(folder: Path, tests: list[str]) -> int:
    """Pytest's exit code: what was answered in a failed test is no record to compare with."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.answers.plugin"]
    played = subprocess.run([*command, "--record-answers", str(folder), *tests], cwd=ROOT)
    return played.returncode


def compare(folder: Path, new: Path | None, tests: list[str]) -> int:
    if not folder.is_dir():
        sys.exit(f"{folder}: there is no such record")
    with TemporaryDirectory(prefix="fiscus-answers-") as own:
        if new is None:
            new = Path(own)
            if record(new, tests):
                print("some tests failed: their answers are compared all the same", file=sys.stderr)
        found = list(differences(folder, new.resolve()))
    print(report(found) or "no difference")
    return 1 if found else 0


if __name__ == "__main__":
    main()
