import io
import re
import shutil
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from fiscus.formats.dsfinvk.tables import dtd
from fiscus.formats.dsfinvk.tables.index import Supplier, index_xml
from fiscus.formats.dsfinvk.tests.sample import written

QUICK_START = ("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
needs_java = pytest.mark.skipif(not shutil.which("java"), reason="there is no java here")
needs_xmllint = pytest.mark.skipif(not shutil.which("xmllint"), reason="there is no xmllint here")
needs_reader = pytest.mark.skipif(
    not find_spec("dsfinvk"), reason="the structural reader dsfinvk is not installed"
)

BROKEN = {
    "a supplier without place": (b"    <Location>Berlin</Location>\r\n", b""),
    "no medium": (b"Media>", b"Version>"),
    "an unknown element": (b"<UTF8 />", b"<UTF32 />"),
    "the file name after the table's name": (
        b"<URL>lines.csv</URL>\r\n      <Name>Bonpos</Name>",
        b"<Name>Bonpos</Name>\r\n      <URL>lines.csv</URL>",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "index.xml").write_bytes(index_xml(Supplier(name="A & B <GmbH>", city="Berlin")))
    (tmp_path / dtd.FILE).write_text(dtd.dtd(), encoding="utf-8")
    return tmp_path


def test_our_grammar_is_the_official_one(shared_data):
    official = (shared_data / "de" / dtd.FILE).read_text(encoding="utf-8")
    without_spaces = {
        name: re.sub(r"\s", "", model)
        for name, model in re.findall(
            r"<!ELEMENT\s+(\w+)\s+(.*?)>", re.sub(r"(?s)<!--.*?-->", "", official)
        )
    }

    assert dtd.declarations(dtd.dtd()) == dtd.declarations(official) == without_spaces
    assert len(without_spaces) == 49


@pytest.mark.parametrize(
    "text",
    [
        "<!ELEMENT a EMPTY><!ELEMENT a EMPTY>",
        "<!ELEMENT a EMPTY><!ENTITY b 'c'>",
        "no grammar",
    ],
)
def test_what_is_no_plain_grammar_is_not_compared(text):
    assert dtd.declarations(text) is None


@needs_java
def test_java_finds_our_index_valid_against_our_grammar(folder):
    assert validated_by_java(folder).returncode == 0


@needs_java
@pytest.mark.parametrize("name", BROKEN)
def test_java_refuses_a_broken_index(folder, name):
    old, new = BROKEN[name]
    data = (folder / "index.xml").read_bytes()
    assert old in data
    (folder / "index.xml").write_bytes(data.replace(old, new))

    result = validated_by_java(folder)

    assert result.returncode != 0
    assert "SAXParseException" in result.stderr


@needs_xmllint
def test_xmllint_finds_our_index_valid(folder):
    result = subprocess.run(
        ["xmllint", "--noout", "--valid", "index.xml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0
    assert all("not determinist" in line for line in result.stderr.splitlines()[:1])


@needs_reader
def test_a_foreign_reader_finds_nothing(closings, tmp_path):
    with tarfile.open(fileobj=io.BytesIO(written(closings))) as tar:
        tar.extractall(tmp_path, filter="data")

    result = subprocess.run(
        [sys.executable, "-m", "dsfinvk.validate", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stdout) == (0, "")


def validated_by_java(folder: Path) -> "subprocess.CompletedProcess[str]":
    source = Path(__file__).with_name("Validate.java")
    return subprocess.run(
        ["java", *QUICK_START, str(source), str(folder / "index.xml")],
        capture_output=True,
        text=True,
        check=False,
    )
