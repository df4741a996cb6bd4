"""`make site` refuses a broken link and an unlisted page, and what it makes needs no network."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-docs" / "bin" / "python"

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="what makes the site is missing: `make site`"),
    pytest.mark.long,  # a process of Sphinx for each of them
]

# What a browser fetches by itself. Links that somebody follows may lead anywhere.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["'](?:https?:)?//[^"']*"""
    r"""|<link\b(?![^>]*\brel=["']canonical)[^>]*\bhref=["'](?:https?:)?//[^"']*"""
    r"""|@import\s+["'(]?[^;]*//[^;]*"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]*"""
)


def made(docs: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """What the target `site` does, on another folder: its own line of the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    [line] = re.findall(r"^\t@\$\(DOCS_PYTHON\) (-m sphinx (?:.*\\\n)*.*)$", makefile, re.M)
    words = line.replace("\\\n", " ").replace(".venv-docs/doctrees", str(site) + "-trees").split()
    assert words[-2:] == ["docs", "site"]
    return subprocess.run(
        [str(PYTHON), *words[:-2], str(docs), str(site)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A small handbook with our own configuration: a list and one page."""
    folder = tmp_path / "repository" / "docs"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "docs" / "conf.py", folder)
    (folder / "index.md").write_text("# Start\n\n```{toctree}\npage\n```\n", "utf-8")
    (folder / "page.md").write_text("# Page\n\n## Part\n\n[there](index.md)\n", "utf-8")
    return folder


def test_a_small_handbook_is_made(docs: Path, tmp_path: Path) -> None:
    (docs.parent / "LICENSE").write_text("text", "utf-8")
    with (docs / "page.md").open("a", encoding="utf-8") as page:
        page.write("\n[a file of the repository](../LICENSE), [a part](page.md#part)\n")

    done = made(docs, tmp_path / "site")

    assert done.returncode == 0, done.stderr
    assert ">LICENSE<" in (tmp_path / "site" / "page.html").read_text("utf-8")


@pytest.mark.parametrize(
    "target", ["nowhere.md", "../nowhere.md", "page.md#nowhere", "#nowhere", "regimes/xx.json"]
)
def test_a_link_that_leads_nowhere_is_refused(docs: Path, tmp_path: Path, target: str) -> None:
    with (docs / "page.md").open("a", encoding="utf-8") as page:
        page.write(f"\n[nowhere]({target})\n")

    done = made(docs, tmp_path / "site")

    assert done.returncode != 0
    assert "page.md" in done.stderr


def test_a_page_that_no_list_names_is_refused(docs: Path, tmp_path: Path) -> None:
    (docs / "alone.md").write_text("# Alone\n", "utf-8")

    done = made(docs, tmp_path / "site")

    assert done.returncode != 0
    assert "alone.md" in done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, as it is read."""
    folder = tmp_path_factory.mktemp("whole") / "site"
    done = made(ROOT / "docs", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    texts = [path for path in site.rglob("*") if path.suffix in {".html", ".css"}]
    found = {match for path in texts for match in FETCHED.findall(path.read_text("utf-8"))}

    assert len(texts) > 40
    assert found == set()


def test_the_search_is_a_script_and_the_pages_fit_a_phone(site: Path) -> None:
    search = (site / "search.html").read_text("utf-8")
    index = (site / "searchindex.js").read_text("utf-8")

    assert '<script src="searchindex.js"' in search, "a page of a folder may load scripts only"
    assert index.startswith("Search.setIndex(")
    assert '"first-receipt"' in index
    assert '<meta name="viewport" content="width=device-width' in search
