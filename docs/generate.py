"""Writes the pages of the handbook that the code itself knows: errors, states, regimes, settings.

`make docs` writes them and the list of all codes ever used (`tests/house/codes.lock`);
`python docs/generate.py --check` says which of them are stale and changes nothing.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import fiscus

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tests" / "house" / "codes.lock"

WELL_FORMED = re.compile(r"[A-Z]+(-[A-Z]+)+-[0-9]{2,4}")
RETIRED = " retired"
NOTICE = "<!-- Written by `make docs`; edit the code instead. -->"

# Rates and exemptions are shown as of this day, so that a page changes only when the law does.
AS_OF = date(2026, 5, 4)

ERRORS = {
    "Refused": "Change the request; nothing was written.",
    "Conflict": "Look again, then decide: something else stands in the way.",
    "Missing": "There is no such thing, or you may not see it.",
    "Unavailable": "Send the same request again later; nothing is half done.",
    "Corrupt": "Stop and call a person: what is stored contradicts itself.",
}


@dataclass(frozen=True, kw_only=True)
class Defined:
    """A code where it is defined; `name` is the constant that holds it, if any."""

    id: str
    text: str
    path: str
    name: str = ""


def main(arguments: list[str]) -> int:
    fresh = pages()
    stale = [path for path in written() - set(fresh) if path != LOCK]
    changed = [path for path, text in fresh.items() if _on_disk(path) != text]
    if "--check" in arguments:
        for path in sorted(changed + stale):
            print(f"stale: {path.relative_to(ROOT)} (run `make docs`)")
        return 1 if changed or stale else 0
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fresh[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    for path in stale:
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")
    return 0


def pages() -> dict[Path, str]:
    """Every generated file with its text."""
    docs = ROOT / "docs"
    found = {
        docs / "errors.md": errors_page(),
        docs / "states.md": states_page(),
        docs / "settings.md": settings_page(),
        LOCK: codes_lock(),
    }
    for code, regime in sorted(plugins("regimes").items()):
        found[docs / "regimes" / f"{code}.md"] = regime_page(regime)
    return found


def written() -> set[Path]:
    """Generated pages of regimes that are on disk, also of those that are gone."""
    return set((ROOT / "docs" / "regimes").glob("*.md"))


def _on_disk(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def sources() -> Iterator[Path]:
    """The modules of the product, tests left out."""
    for path in sorted((ROOT / "fiscus").rglob("*.py")):
        if "tests" not in path.parts:
            yield path


def codes() -> list[Defined]:
    """Every place where a code is written: a call whose first arguments are an id and a text."""
    found = []
    for path in sources():
        tree = _tree(path)
        names = dict(_constants(tree))
        for node in ast.walk(tree):
            match node:
                case ast.Call(args=[ast.Constant(str(code)), ast.Constant(str(text)), *_]):
                    if WELL_FORMED.fullmatch(code) or _is_code(node):
                        where = str(path.relative_to(ROOT))
                        name = names.get(id(node), "")
                        found.append(Defined(id=code, text=text, path=where, name=name))
    return found


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _constants(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield id(value), name


def _is_code(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "Code"


def raised_as() -> dict[tuple[str, str], set[str]]:
    """Errors by the constant they carry, as (path, name): `raise Conflict(KEY_REUSED)`."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sources():
        tree = _tree(path)
        homes = dict(_imports(tree))
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=error), args=[ast.Name(id=name), *_]):
                    if error in ERRORS:
                        home = homes.get(name, (str(path.relative_to(ROOT)), name))
                        found.setdefault(home, set()).add(error)
    return found


def _imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    """Imported names with the file and the name they have at home."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fiscus"):
            base = Path(*(node.module or "").split("."))
            is_package = (ROOT / base).is_dir()
            home = base / "__init__.py" if is_package else base.with_suffix(".py")
            for alias in node.names:
                yield alias.asname or alias.name, (str(home), alias.name)


def errors_page() -> str:
    raised, law = raised_as(), laws()
    lines = ["# Errors", NOTICE, "", "Every code the product can answer with, by its id."]
    lines += ["An id is never reused and never changes its meaning.", ""]
    lines += ["| Error | What to do |", "|---|---|"]
    lines += [f"| `{error}` | {advice} |" for error, advice in ERRORS.items()]
    for code in sorted(codes(), key=lambda code: code.id):
        errors = raised.get((code.path, code.name), set())
        lines += [
            "",
            f"## {code.id}",
            "",
            f"{code.text[:1].upper()}{code.text[1:].rstrip('.')}.",
            "",
        ]
        if code.id in law:
            lines.append(f"- Law: {law[code.id]}")
        if errors:
            lines.append(f"- Raised as: {', '.join(f'`{error}`' for error in sorted(errors))}")
        lines.append(f"- Defined in: `{code.path}`")
    return "\n".join(lines) + "\n"


def laws() -> dict[str, str]:
    return {
        rule.code.id: rule.law for regime in plugins("regimes").values() for rule in regime.rules
    }


def codes_lock() -> str:
    """All codes ever seen, sorted. One that left the code stays here, retired."""
    now = {code.id for code in codes()}
    before = (_on_disk(LOCK) or "").splitlines()
    retired = {line.removesuffix(RETIRED) for line in before} - now
    lines = sorted(now) + sorted(f"{code}{RETIRED}" for code in retired)
    return "\n".join(lines) + "\n"


def modules() -> Iterator[ModuleType]:
    """Every module of the product, imported. A module that cannot be imported is a real error."""
    for found in walk_packages(fiscus.__path__, "fiscus."):
        if ".tests" not in found.name and not found.name.endswith("__main__"):
            yield import_module(found.name)


def state_tables() -> dict[str, dict[Any, frozenset[Any]]]:
    """Every `…MOVES` table by the module that defines it."""
    found = {}
    for module in modules():
        assert module.__file__ is not None
        for node in _tree(Path(module.__file__)).body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=name)) if name.endswith("MOVES"):
                    found[f"{module.__name__}.{name}"] = getattr(module, name)
    return found


def states_page() -> str:
    lines = ["# States", NOTICE, "", "What may become what. Every other move is refused."]
    for name, moves in sorted(state_tables().items()):
        module = name.rpartition(".")[0]
        lines += ["", f"## `{name}`", "", f"Defined in `{module.replace('.', '/')}.py`.", ""]
        lines += ["| From | To |", "|---|---|"]
        for state, to in moves.items():
            targets = ", ".join(sorted(f"`{word(one)}`" for one in to)) or "final"
            lines.append(f"| `{word(state)}` | {targets} |")
    return "\n".join(lines) + "\n"


def word(state: StrEnum | tuple[StrEnum, ...]) -> str:
    return " ".join(state) if isinstance(state, tuple) else str(state)


def plugins(room: str) -> dict[str, Any]:
    found: dict[str, Any] = import_module(f"fiscus.{room}").installed()
    return found


def regime_page(regime: Any) -> str:
    formats = [one for one in plugins("formats").values() if one.regime == regime.code]
    folder = ROOT / "fiscus" / "regimes" / regime.code
    lines = [f"# {regime.name} (`{regime.code}`)", NOTICE, ""]
    if regime.is_test_only:
        lines += ["For tests only; no live taxpayer can be under it.", ""]
    if (folder / "LAW.md").exists():
        lines += [f"Sources of the law: `fiscus/regimes/{regime.code}/LAW.md`.", ""]
    lines += ["| | |", "|---|---|"]
    lines.append(f"| Country | {regime.country} |")
    lines.append(f"| Time zone | {regime.timezone} |")
    lines.append(f"| Issues | {', '.join(sorted(regime.issues))} |")
    lines.append(f"| Signing key | {regime.seal_key or 'none'} |")
    lines.append(f"| Formats | {', '.join(f'`{one.code}`' for one in formats) or 'none'} |")
    lines += [*_settings_of(regime), *_rules_of(regime), *_taxes_of(regime)]
    return "\n".join(lines) + "\n"


def _settings_of(regime: Any) -> Iterator[str]:
    if not regime.settings:
        return
    yield from ("", "## Settings", "", "| Setting | Meaning | In TEST |", "|---|---|---|")
    for setting in regime.settings:
        test = "must be given" if setting.test_value is None else f"`{setting.test_value}`"
        yield f"| `{variable(regime, setting)}` | {setting.help} | {test} |"


def variable(regime: Any, setting: Any) -> str:
    return f"FISCUS_{regime.code}_{setting.name}".upper()


def _rules_of(regime: Any) -> Iterator[str]:
    if not regime.rules:
        return
    yield from ("", "## Rules", "", "| Code | What is refused | Law |", "|---|---|---|")
    for rule in sorted(regime.rules, key=lambda rule: rule.code.id):
        yield f"| `{rule.code.id}` | {rule.code.text} | {rule.law} |"


def _taxes_of(regime: Any) -> Iterator[str]:
    if rates := regime.vat_rates("", AS_OF):
        yield from ("", f"## VAT rates on {AS_OF}", "", "Where no region is named.", "")
        yield from ("| Code | % | Description |", "|---|---|---|")
        for rate in rates:
            yield f"| `{rate.code}` | {rate.percentage} | {rate.description} |"
    if exemptions := regime.exemptions(AS_OF):
        yield from ("", f"## Exemptions on {AS_OF}", "", "| Code | Description |", "|---|---|")
        for one in exemptions:
            yield f"| `{one.code}` | {one.description} |"


def settings() -> Any:
    """The class of all settings, or None while the house has none."""
    if find_spec("fiscus.settings") is None:
        return None
    return import_module("fiscus.settings").Settings


def settings_page() -> str:
    lines = ["# Settings", NOTICE, "", "Read once, at the start, from the environment."]
    lines += ["In LIVE, the settings of a country have no default: they must be given.", ""]
    lines += ["| Variable | Default | Meaning |", "|---|---|---|"]
    found = settings()
    prefix = found.model_config.get("env_prefix", "") if found else ""
    for name, field in (found.model_fields if found else {}).items():
        default = "must be given" if field.is_required() else _default(field)
        help_text = " ".join((field.description or "").split())
        lines.append(f"| `{(prefix + name).upper()}` | {default} | {help_text} |")
    for regime in plugins("regimes").values():
        for setting in regime.settings:
            note = f"{setting.help} (`{regime.code}` only)"
            test = f"`{setting.test_value}` in TEST" if setting.test_value else "must be given"
            lines.append(f"| `{variable(regime, setting)}` | {test} | {note} |")
    return "\n".join(lines) + "\n"


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    shown = "" if value is None else str(getattr(value, "value", value))
    return f"`{shown}`" if shown else "empty"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
