"""Makes the folder of a new country from `templates/regime`: `make new-regime cc=xx`.

`xx` and `XX` in the template become the country's two letters.
"""

import re
import sys
from pathlib import Path

TEMPLATE = Path(__file__).parent / "regime"
CODE = re.compile(r"[a-z]{2}")
NOT_A_CODE = "say which country, in two small letters: make new-regime cc=xx"


def make(code: str, regimes: Path) -> Path:
    """The new folder below `regimes`. Raises `ValueError`, and `FileExistsError` for one that is
    there already."""
    if not CODE.fullmatch(code):
        raise ValueError(NOT_A_CODE)
    folder = regimes / code
    folder.mkdir()
    for source in sorted((*TEMPLATE.rglob("*.py"), *TEMPLATE.rglob("*.md"))):
        target = folder / source.relative_to(TEMPLATE)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text(encoding="utf-8")
        text = re.sub(r"\bxx\b", code, text)
        target.write_text(re.sub(r"\bXX\b", code.upper(), text), encoding="utf-8")
    return folder


def main() -> int:
    regimes = Path(__file__).parents[1] / "fiscus" / "regimes"
    try:
        folder = make(sys.argv[1] if len(sys.argv) > 1 else "", regimes)
    except (ValueError, FileExistsError) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    print(f"{folder} is there; docs/extend.md says what to write, in order")
    return 0


if __name__ == "__main__":
    sys.exit(main())
