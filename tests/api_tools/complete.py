"""Whether a generated Python client has every operation: `complete.py DOCUMENT CLIENT`."""

import compileall
import json
import sys
from pathlib import Path


def main(document: Path, client: Path) -> int:
    paths = json.loads(document.read_text())["paths"].values()
    described = sum(len(methods) for methods in paths)
    generated = [path for path in (client / "api").rglob("*.py") if path.name != "__init__.py"]
    is_good = compileall.compile_dir(client, quiet=1)
    if len(generated) != described or not is_good:
        print(f"{len(generated)} of {described} operations", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
