"""Writes the pages of the handbook that the code itself knows: errors, states, regimes, settings,
and the contracts of the API as OpenAPI documents.

`make docs` writes them and the list of all codes ever used (`tests/repository/codes.lock`);
`python docs/generate.py --check` says which of them are stale and changes nothing. A contract that
breaks its callers is written with `--breaking` only.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import fiscus
from fiscus.api.changes import breaks

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tests" / "repository" / "codes.lock"
CONTRACTS = ROOT / "docs" / "api"

WELL_FORMED = re.compile(r"[A-Z]+(-[A-Z]+)+-[0-9]{2,4}")
RETIRED = " retired"
NOTICE = "<!-- Written by `make docs`; edit the code instead. -->"

CLASSES_BELOW = "<!-- Below: written by `make docs` from the docstrings; edit the code instead. -->"
"""Ends the part of `words.md` that people write."""

PAGES = {".md", ".json"}

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
    broken = broken_contracts(fresh)
    if broken and "--breaking" not in arguments:
        print("these changes break callers; if they shall, `python docs/generate.py --breaking`:")
        print("\n".join(broken))
        return 1
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
        docs / "words.md": words_page(),
        LOCK: codes_lock(),
    }
    for code, regime in sorted(plugins("regimes").items()):
        found[docs / "regimes" / f"{code}.md"] = regime_page(regime)
        found[docs / "regimes" / f"{code}.json"] = regime_json(regime)
    for family in import_module("fiscus.api.families").installed().values():
        for version in family.versions:
            text = json.dumps(family.document(version), indent=1, ensure_ascii=False)
            found[CONTRACTS / f"{family.code}-{version}.json"] = text + "\n"
    return found


def written() -> set[Path]:
    """Generated pages of laws and contracts that are on disk, also of those that are gone."""
    folders = (ROOT / "docs" / "regimes", CONTRACTS)
    return {
        path
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        if path.suffix in PAGES
    }


def broken_contracts(fresh: Mapping[Path, str]) -> list[str]:
    """What in the code's contracts breaks callers of the published ones."""
    published = [path for path in sorted(written()) if path.parent == CONTRACTS]
    found = [f"{path.stem} is gone" for path in published if path not in fresh]
    for path in published:
        if path in fresh:
            changes = breaks(json.loads(path.read_text()), json.loads(fresh[path]))
            found += [f"{path.stem}: {change}" for change in changes]
    return found


def _on_disk(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def sources() -> Iterator[Path]:
    """The modules of the product, tests left out."""
    for path in sorted((ROOT / "fiscus").rglob("*.py")):
        if "tests" not in path.relative_to(ROOT).parts:
            yield path


@cache
def codes() -> tuple[Defined, ...]:
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
    return tuple(found)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def sources_with(*words: str) -> Iterator[Path]:
    """The modules of the product in which one of these words stands: to parse all takes seconds."""
    for path in sources():
        text = path.read_text(encoding="utf-8")
        if any(word in text for word in words):
            yield path


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
    for path in sources_with(*(f"{error}(" for error in ERRORS)):
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


@dataclass(frozen=True, kw_only=True)
class Named:
    """A class of the product: its name, its file, the first sentence of what it says of itself."""

    name: str
    path: str
    means: str


@cache
def classes() -> tuple[Named, ...]:
    """Every class outside the wire shapes, whose names are those of the published APIs."""
    found = []
    for path in sources_with("class "):
        if "wire" in path.parts:
            continue
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef):
                means = _first_sentence(ast.get_docstring(node) or "")
                place = path.relative_to(ROOT / "fiscus").as_posix()
                found.append(Named(name=node.name, path=place, means=means))
    return tuple(sorted(found, key=lambda one: (one.name.lstrip("_").lower(), one.path)))


def _first_sentence(text: str) -> str:
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=[.:;])\s", paragraph, maxsplit=1)[0].rstrip(".:;").replace("|", "\\|")


def words_page() -> str:
    """The words that people wrote, and below them each class with what it means."""
    head, mark, _ = (
        (ROOT / "docs" / "words.md").read_text(encoding="utf-8").partition(CLASSES_BELOW)
    )
    rows = [f"| `{one.name}` | `{one.path}` | {one.means} |" for one in classes()]
    return (
        "\n".join([f"{head}{mark}", "", "| Class | Where | Means |", "|---|---|---|", *rows]) + "\n"
    )


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
        if not any(name.endswith("MOVES") for name in vars(module)):
            continue
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


def plugins(package: str) -> dict[str, Any]:
    found: dict[str, Any] = import_module(f"fiscus.{package}").installed()
    return found


def regime_page(regime: Any) -> str:
    formats = [one for one in plugins("formats").values() if one.laws and one.is_for(regime.code)]
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
    lines += [*_settings_of(regime), *_rules_of(regime), *_taxes_of(regime), *_books_of(regime)]
    return "\n".join(lines) + "\n"


def regime_json(regime: Any) -> str:
    """The same facts for programs: a till can tell what will be refused before it sends it."""
    facts = {
        "code": regime.code,
        "country": regime.country,
        "timezone": regime.timezone,
        "is_test_only": regime.is_test_only,
        "kinds": sorted(regime.issues),
        "signing_key": regime.seal_key,
        "device": regime.device,
        "rules": [
            {
                "code": rule.code.id,
                "refused": rule.code.text,
                "law": rule.law,
                "is_formal": rule.is_formal,
                "needs_whole_document": rule.is_final,
            }
            for rule in sorted(regime.rules, key=lambda rule: rule.code.id)
        ],
        "as_of": AS_OF.isoformat(),
        "vat_rates": [
            {"code": rate.code, "percentage": rate.percentage, "description": rate.description}
            for rate in regime.vat_rates("", AS_OF)
        ],
        "exemptions": [
            {"code": one.code, "description": one.description} for one in regime.exemptions(AS_OF)
        ],
    }
    if books := regime.accounting:
        facts["books"] = {
            "bearings": dict(books.bearings),
            "is_per_closing": books.is_per_closing,
            "keys": dict(books.keys),
            "charts": [chart.code for chart in books.charts],
        }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _settings_of(regime: Any) -> Iterator[str]:
    if not regime.settings:
        return
    yield from ("", "## Settings", "", "| Setting | Meaning | In TEST |", "|---|---|---|")
    for setting in regime.settings:
        needed = "may be given" if setting.is_optional else "must be given"
        test = needed if setting.test_value is None else f"`{setting.test_value}`"
        yield f"| `{variable(regime.code, setting)}` | {setting.help} | {test} |"


def variable(prefix: str, setting: Any) -> str:
    return f"FISCUS_{prefix}_{setting.name}".upper()


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


def _books_of(regime: Any) -> Iterator[str]:
    """What the law tells the books, and the charts that it suggests, for whoever maps them."""
    books = regime.accounting
    if books is None:
        return
    covers = "those of a closed day together" if books.is_per_closing else "each by itself"
    yield from ("", "## Books", "", f"Documents are booked {covers}, or as the company wants it.")
    yield from ("", "| Type of document | Means to the books |", "|---|---|")
    yield from (f"| `{type_}` | {bearing} |" for type_, bearing in books.bearings.items())
    yield from ("", "| A key begins with | What follows, or what it means |", "|---|---|")
    yield from (f"| `{word}` | {text} |" for word, text in books.keys.items())
    for chart in books.charts:
        sources = "; ".join(chart.sources)
        yield from ("", f"### {chart.code}", "", f"{chart.name}. Sources: {sources}.")
        yield from ("", "| Key | Account | Tax | Ask the accountant |", "|---|---|---|---|")
        for rule in chart.rules:
            yield f"| `{rule.key}` | `{rule.account}` | {rule.tax} | {rule.doubt} |"


def settings() -> Any:
    """The class of all settings, or None while there is none."""
    if find_spec("fiscus.settings") is None:
        return None
    return import_module("fiscus.settings").Settings


def settings_page() -> str:
    lines = ["# Settings", NOTICE, "", "Read once, at the start, from the environment."]
    lines += ["In LIVE, the settings of a country have no default: they must be given."]
    lines += [
        "A variable that looks like a misspelt one of these is refused at the start, any other"
    ]
    lines += ["one that begins with `FISCUS_` is named and ignored.", ""]
    lines += ["| Variable | Default | Meaning |", "|---|---|---|"]
    found = settings()
    prefix = found.model_config.get("env_prefix", "") if found else ""
    for name, field in (found.model_fields if found else {}).items():
        default = "must be given" if field.is_required() else _default(field)
        help_text = " ".join((field.description or "").split())
        lines.append(f"| `{(prefix + name).upper()}` | {default} | {help_text} |")
    for kind in import_module("fiscus.signers").devices().values():
        for setting in kind.settings:
            note = f"{setting.help} (`{kind.code}` only)"
            test = f"`{setting.test_value}` in TEST" if setting.test_value else "empty"
            lines.append(f"| `{variable('device', setting)}` | {test} | {note} |")
    for channel in plugins("channels").values():
        for setting in channel.settings:
            test = f"`{setting.test_value}` in TEST" if setting.test_value else "empty"
            name = variable(channel.code, setting)
            lines.append(f"| `{name}` | {test} | {setting.help} |")
    for regime in plugins("regimes").values():
        for setting in regime.settings:
            note = f"{setting.help} (`{regime.code}` only)"
            needed = "may be given" if setting.is_optional else "must be given"
            test = f"`{setting.test_value}` in TEST" if setting.test_value else needed
            lines.append(f"| `{variable(regime.code, setting)}` | {test} | {note} |")
    return "\n".join(lines) + "\n"


def _default(field: Any) -> str:
    value = field.get_default(call_default_factory=True)
    shown = "" if value is None else str(getattr(value, "value", value))
    return f"`{shown}`" if shown else "empty"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
