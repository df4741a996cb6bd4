"""What is said of a file, in the same words for every kind."""

import os
from pathlib import Path

from fiscus import formats
from fiscus.checking.judging import judge
from fiscus.checking.results import CheckVerdict
from fiscus.journal.tests.small_package import package_files, write_package
from fiscus.journal.tests.small_shop import a_journal


def test_the_worst_stands_first(tmp_path: Path) -> None:
    file = tmp_path / "bookings.csv"
    file.write_bytes(b'"EXTF";700\r\n"x"\r\n')

    result = judge(file, name="bookings.csv")

    assert [one.severity for one in result.findings] == ["error", "warning", "note"]
    assert (result.kind, result.title) == ("datev-extf", formats.titles()["datev-extf"])
    assert all(one.remedy for one in result.findings)


def test_what_is_wrong_with_the_whole_file_stands_before_what_is_missing_in_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(bytes(10_000))

    codes = [one.code for one in judge(file, name="a.bin", kind="dsfinvk").of("error")]

    assert "DSFINVK-CLOSING-08" in codes
    assert codes[0].startswith("DSFINVK-FILE-")


def test_a_kind_that_is_not_installed_is_not_judged(tmp_path: Path) -> None:
    result = judge(tmp_path, name="a", kind="cuneiform")

    assert (result.verdict, result.findings[0].code) == (CheckVerdict.UNJUDGED, "CHECK-KIND-01")


def test_a_key_is_handed_on(shared_data: Path, tmp_path: Path) -> None:
    file = next(shared_data.rglob("saft_idemo599999999.xml"))
    other = (shared_data / "pt").rglob("*.pem")

    without = judge(file, name="a.xml")

    assert without.verdict is CheckVerdict.PARTLY
    assert "SAFT-HASH-02" not in {one.code for one in without.findings}
    for key in [one for one in other if "PUBLIC" in one.read_text()][:1]:
        judged = judge(file, name="a.xml", key=key.read_text())
        assert judged.verdict in (CheckVerdict.GOOD, CheckVerdict.BAD)


def a_package(folder: Path, *, is_whole: bool = True) -> Path:
    files = package_files(a_journal(20))
    if not is_whole:
        lines = files["entries.jsonl"].splitlines()
        files["entries.jsonl"] = b"\n".join([*lines[:-3], *lines[-2:], b""])
    path = folder / "p.zip"
    write_package(path, files)
    return path


def test_a_package_without_its_signature_is_warned_of(tmp_path: Path) -> None:
    path = a_package(tmp_path)
    Path(f"{path}.jws").unlink(missing_ok=True)

    result = judge(path, name="p.zip")

    assert (result.verdict, result.kind) == (CheckVerdict.WARNED, "journal-package")
    assert [one.code for one in result.findings] == ["VERIFY-PACKAGE-04"]
    assert result.checked
    assert result.unchecked


def test_a_package_with_its_signature_is_good(tmp_path: Path) -> None:
    path = a_package(tmp_path)

    result = judge(path, name="p.zip", jws=Path(f"{path}.jws"))

    assert (result.verdict, result.findings) == (CheckVerdict.GOOD, ())


def test_findings_of_a_package_are_grouped_and_say_what_they_mean(tmp_path: Path) -> None:
    path = a_package(tmp_path, is_whole=False)

    result = judge(path, name="p.zip", jws=Path(f"{path}.jws"))

    assert result.verdict is CheckVerdict.BAD
    assert len({one.code for one in result.findings}) == len(result.findings)
    for one in result.findings:
        assert one.means, one
        assert one.remedy, one
        assert one.places, one


def test_the_cause_stands_first_and_its_consequences_apart(tmp_path: Path) -> None:
    files = package_files(a_journal(80))
    lines = files["entries.jsonl"].splitlines(keepends=True)
    broken = lines[20].replace(b'"body":"', b'"body":"AAAA')

    def first_of(*changed: bytes) -> list[tuple[str, bool]]:
        entries = b"".join([*lines[:20], *changed, *lines[21:]])
        path = write_package(tmp_path / "p.zip", files | {"entries.jsonl": entries})
        found = judge(path, name="p.zip", jws=Path(f"{path}.jws")).findings
        return [(one.code, one.may_follow) for one in found]

    assert first_of(broken)[:2] == [("VERIFY-BODY-01", False), ("VERIFY-SEQUENCE-01", True)]
    assert first_of()[0] == ("VERIFY-SEQUENCE-01", False)


def test_what_is_no_package_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(os.urandom(100))

    result = judge(path, name="p.zip", kind="journal-package")

    assert (result.verdict, result.findings[0].code) == (CheckVerdict.UNJUDGED, "CHECK-PACKAGE-01")
    assert result.findings[0].remedy


def test_every_installed_format_says_what_to_do() -> None:
    said = {
        **{form.code: form.remedies for form in formats.installed().values()},
        **{form.code: form.remedies for form in formats.books().values()},
    }

    assert {code for code in formats.titles() if not said[code]} == set()


def test_the_longest_beginning_of_a_code_decides() -> None:
    assert formats.remedy("SAFT-HASH-03") != formats.remedy("SAFT-HASH-02")
    assert formats.remedy("SAFT-HASH-02")
    assert formats.remedy("NOBODYS-01") == ""
