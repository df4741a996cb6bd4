"""How `make site` turns the pages of this folder into one site, which is read offline too.

Each warning of Sphinx is an error there: a link that leads nowhere, a page that no list names.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).parent
LINK = re.compile(r"\[([^]]+)\]\((\.\./[^)#\s]+)\)")

project = "Fiscus"
author = "The Fiscus contributors"
language = "en"

extensions = ["myst_parser"]
nitpicky = True

# A link may name a heading of another page, as on the pages of the repository.
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Fiscus"
html_copy_source = False
html_use_index = False
html_show_sourcelink = False
html_show_copyright = False
# What a search found is shown by its title alone: a page opened from a folder may not read others.
html_show_search_summary = False


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", name_files_of_the_repository)


def name_files_of_the_repository(_: Sphinx, page: str, source: list[str]) -> None:
    """A link to a file of the repository that is no page here becomes the name of that file.

    One that leads nowhere is left as it is, so that the build fails.
    """
    folder = (DOCS / page).parent

    def named(link: re.Match[str]) -> str:
        file = (folder / link[2]).resolve()
        if file.is_relative_to(DOCS) or not file.exists():
            return link[0]
        return f"`{file.relative_to(DOCS.parent)}`"

    source[0] = LINK.sub(named, source[0])
