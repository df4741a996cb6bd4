"""A company's mapping as a file: the whole content as JSON, or its rules as a table (CSV) that an
accountant fills in.

The table has a first line with the names of its columns: `key`, `account`, and if wanted `name` (of
the account), `tax`, `doubt`; between them semicolons or commas. It replaces all rules. An account
that the chart does not have yet is added to it if the table names it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping

import msgspec

from fiscus.accounting.mapping import RATE, BooksContent
from fiscus.model.accounts import ChartAccount, ChartRule
from fiscus.model.faults import Code, Fault, Refused

BAD_JSON = Code(
    "BOOKS-FILE-01", "the file is not the content of books as JSON; `show` prints it as it must be"
)
BAD_TABLE = Code(
    "BOOKS-FILE-02",
    "the first line of the table must name its columns: key and account, and if wanted name, tax "
    "and doubt",
)
BAD_LINE = Code("BOOKS-FILE-03", "a line of the table has no key, no account, or too many values")
BAD_TEXT = Code("BOOKS-FILE-04", "the file is neither UTF-8 nor Windows-1252 text")
TOO_LARGE = Code("BOOKS-FILE-05", "the file has more than four megabytes")
TABLE_ALONE = Code(
    "BOOKS-FILE-06", "a table changes the rules of books that there are: begin them first"
)

BYTES_MAX = 4 * 1024 * 1024
COLUMNS = ("key", "account", "name", "tax", "doubt")
_NEEDED = frozenset({"key", "account"})
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_MEMBER = re.compile(r"(rules|accounts)\[([0-9]+)\](.*)")


def read(data: bytes, now: BooksContent | None = None) -> BooksContent:
    """The content that a file says; a table needs the content that it changes. Raises `Refused`
    with all lines that cannot be read. Whether the content is in order is not judged here."""
    if len(data) > BYTES_MAX:
        raise Refused(TOO_LARGE)
    text = _text(data)
    if text.lstrip().startswith("{"):
        return _from_json(text)
    if now is None:
        raise Refused(TABLE_ALONE)
    return _from_table(text, now)


def at_lines(fault: Fault, data: bytes, now: BooksContent) -> Fault:
    """What is wrong with the content of a file, at the lines of the file if it is a table."""
    text = _text(data)
    if text.lstrip().startswith("{"):
        return fault
    lines = _lines(text)
    known = {each.code for each in now.accounts}
    added: dict[str, int] = {}
    for number, said in lines:
        code = said["account"].removesuffix(RATE)
        if said["name"] and code not in known:
            added.setdefault(code, number)
    places = {
        "rules": [number for number, _ in lines],
        "accounts": [0] * len(now.accounts) + list(added.values()),
    }

    def at_line(path: str) -> str:
        found = _MEMBER.fullmatch(path)
        number = places[found[1]][int(found[2])] if found else 0
        return f"line {number} {found[3].lstrip('. ')}".rstrip() if found and number else path

    return msgspec.structs.replace(fault, paths=tuple(map(at_line, fault.paths)))


def as_json(content: BooksContent) -> str:
    """The whole content, to be changed and read again."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def as_table(content: BooksContent) -> str:
    """The rules as a table with semicolons."""
    names = {each.code: each.name for each in content.accounts}
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for rule in content.rules:
        name = names.get(rule.account.removesuffix(RATE), "")
        writer.writerow((rule.key, rule.account, name, rule.tax, rule.doubt))
    return out.getvalue()


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(BAD_TEXT)


def _from_json(text: str) -> BooksContent:
    try:
        return msgspec.json.decode(text, type=BooksContent)
    except msgspec.DecodeError as error:
        said = str(error)
        place = _PLACE.search(said)
        path = f"{place[1]} {said[: place.start()]}" if place else said
        raise Refused(BAD_JSON, path) from None


def _from_table(text: str, now: BooksContent) -> BooksContent:
    said = [each for _, each in _lines(text)]
    return msgspec.structs.replace(
        now,
        rules=tuple(_rule(each) for each in said),
        accounts=(*now.accounts, *_new_accounts(now, said)),
    )


def _lines(text: str) -> list[tuple[int, Mapping[str, str]]]:
    """The lines of a table that are not empty, with their numbers."""
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",")
    columns = [name.strip().lower() for name in next(rows, [])]
    if not _NEEDED <= {*columns} <= {*COLUMNS} or len(columns) != len({*columns}):
        raise Refused(BAD_TABLE, *columns)
    lines = [(number, row) for number, row in enumerate(rows, 2) if any(map(str.strip, row))]
    wrong = [f"line {number}" for number, row in lines if not _is_line(columns, row)]
    if wrong:
        raise Refused(BAD_LINE, *wrong)
    return [(number, _members(columns, row)) for number, row in lines]


def _is_line(columns: list[str], row: list[str]) -> bool:
    said = _members(columns, row)
    return len(row) <= len(columns) and bool(said["key"]) and bool(said["account"])


def _members(columns: list[str], row: list[str]) -> Mapping[str, str]:
    said = dict(zip(columns, map(str.strip, row), strict=False))
    return {name: said.get(name, "") for name in COLUMNS}


def _rule(said: Mapping[str, str]) -> ChartRule:
    return ChartRule(key=said["key"], account=said["account"], tax=said["tax"], doubt=said["doubt"])


def _new_accounts(now: BooksContent, said: list[Mapping[str, str]]) -> Iterator[ChartAccount]:
    known = {each.code for each in now.accounts}
    for each in said:
        code = each["account"].removesuffix(RATE)
        if each["name"] and code not in known:
            known.add(code)
            yield ChartAccount(code=code, name=each["name"])
