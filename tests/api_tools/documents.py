"""Writes every OpenAPI document of the service into a folder: `documents.py FOLDER`."""

import sys
from pathlib import Path

from fiscus import __version__
from fiscus.api import families, openapi


def main(folder: Path) -> None:
    found = tuple(families.installed().values())
    for path, document in openapi.published(found, __version__).items():
        (folder / path.rpartition("/")[2]).write_bytes(document)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
