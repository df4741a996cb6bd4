"""How a company maps the law's keys to its own chart: the accountant's, from the first day on.

A rule names a key and the account that stands for it. A part of a key between slashes may be `*`;
of several rules that fit, the one with the most parts in words counts, and of those the one whose
words stand further left. A key without a rule has no account: nothing is booked somewhere else
instead. `clearing` is the key of the account against which all entries of a closing, or of one
document, stand; afterwards it is at zero.

The account of a rule may end with `{rate}`: `711{rate}` with a tax of 23 % is the account 71123, a
sub-account of 711, which need not be listed. Such numbers are the company's own.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

import msgspec

from fiscus.model.accounts import ChartAccount, ChartRule, ChartTax, StarterChart
from fiscus.model.amounts import plain
from fiscus.model.faults import Code, Fault

BAD_ACCOUNT = Code(
    "BOOKS-MAP-01",
    "an account has a number of at most 20 letters and digits, and a name of one line",
)
BAD_TAX = Code(
    "BOOKS-MAP-02",
    "a tax has a code, a name, a rate from 0 to 100, and a posting key of four digits or none",
)
TWICE = Code("BOOKS-MAP-03", "this is there twice: remove one of them")
BAD_KEY = Code(
    "BOOKS-MAP-04", "a key is words between slashes, such as case/Umsatz/19; a word may be *"
)
UNKNOWN_KEY = Code("BOOKS-MAP-05", "the law of this company has no keys that begin with this word")
UNKNOWN_ACCOUNT = Code(
    "BOOKS-MAP-06", "this account is not in the chart: add it to the accounts, or name another"
)
UNKNOWN_TAX = Code(
    "BOOKS-MAP-07", "this tax is not in the chart: add it to the taxes, or name another"
)
NO_RATE = Code(
    "BOOKS-MAP-08",
    "the account of a rule ends with the word for the rate, and the rule names no tax with a rate",
)
NO_CLEARING = Code(
    "BOOKS-MAP-09",
    "no rule says which account is the clearing account: add one for the key clearing",
)
BAD_TYPE = Code(
    "BOOKS-MAP-10", "a kind of entry or the type it is shown with is not one that exporters know"
)
BAD_EXPIRY = Code(
    "BOOKS-MAP-11", "an export job lives between one minute and seven days after its last action"
)
BAD_SETTING = Code("BOOKS-MAP-12", "a setting of a format has a name, and a text of one line")
BAD_DOUBT = Code("BOOKS-MAP-14", "a doubt is a text of one line with at most 200 characters")
NO_CHART_NAME = Code("BOOKS-MAP-13", "the chart has a name of at most 40 characters")

CLEARING = "clearing"
"""The key of the account against which entries stand."""

RATE = "{rate}"
EXPIRES_IN = 3600
EXPIRES_IN_RANGE = range(60, 7 * 24 * 3600 + 1)
CHART_NAME_MAX = 40

PUBLISHED: Mapping[str, str] = {
    "sale": "refund",
    "sale_return": "card_purchase",
    "payment": "card_purchase",
    "movement": "card_purchase",
    "difference": "card_purchase",
}
"""What our kinds of entries are shown as to programs that know only spending: a program books a
`refund` as money in and a `card_purchase` as a debit of the line's account, each by its sign."""

TYPES = frozenset(
    {
        "card_purchase",
        "card_invoice",
        "out_of_pocket",
        "mileage",
        "per_diem",
        "external_reimbursement",
        "direct_reimbursement",
        "invoice",
        "invoice_payment",
        "chargeback",
        "refund",
        "cashback",
        "atm_withdrawal",
        "wallet_topup",
        "wallet_unload",
        "personal_spend",
        "fee",
    }
)
"""The types of entries of the export API, version 2; version 3 adds none."""

_CODE = re.compile(r"[0-9A-Za-z._-]{1,20}")
_WORD = re.compile(r"\*|[^\s/*{}]{1,60}")
_POSTING_KEY = re.compile(r"([0-9]{4})?")
_LINE = re.compile(r"[^\x00-\x1f]{0,200}")


class Coverage(StrEnum):
    """Whether each document is booked by itself, or those of a closed day together (but documents
    of a named customer by themselves)."""

    PER_DOCUMENT = "per_document"
    PER_CLOSING = "per_closing"


class BooksContent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a company says of its books.

    - `chart`: its name; `accounts`, `taxes` and `rules` are in it;
    - `coverage`: what one entry covers; `since`: the first day that is booked (None: all days);
    - `types`: how each kind of entry is shown to programs (`PUBLISHED` for those that are missing);
    - `expires_in`: seconds after its last action when an unfinished export job ends;
    - `formats`: settings of file formats, by the format's code.
    """

    chart: str
    accounts: tuple[ChartAccount, ...]
    taxes: tuple[ChartTax, ...]
    rules: tuple[ChartRule, ...]
    coverage: Coverage
    since: date | None = None
    types: Mapping[str, str] = {}
    expires_in: int = EXPIRES_IN
    formats: Mapping[str, Mapping[str, str]] = {}

    @property
    def is_per_closing(self) -> bool:
        return self.coverage is Coverage.PER_CLOSING

    def published(self, sub_type: str) -> str:
        """The type with which entries of this kind are shown; empty for a kind of a caller's."""
        return self.types.get(sub_type) or PUBLISHED.get(sub_type, "")


class ResolvedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for a key. `doubt`: what the accountant must be asked before it is used."""

    account: ChartAccount
    tax: ChartTax | None = None
    doubt: str = ""


def started(chart: StarterChart, *, is_per_closing: bool) -> BooksContent:
    """The content with which a company begins, from a chart that its law suggests."""
    return BooksContent(
        chart=chart.code,
        accounts=chart.accounts,
        taxes=chart.taxes,
        rules=chart.rules,
        coverage=Coverage.PER_CLOSING if is_per_closing else Coverage.PER_DOCUMENT,
    )


def resolve(content: BooksContent, key: str) -> ResolvedAccount | None:
    """The account and the tax for a key; None if no rule fits, or the content is faulty there."""
    rule = matching(content.rules, key)
    if rule is None:
        return None
    tax = next((each for each in content.taxes if each.code == rule.tax), None)
    account = _account(content.accounts, rule.account, tax)
    if account is None or (rule.tax and tax is None):
        return None
    return ResolvedAccount(account=account, tax=tax, doubt=rule.doubt)


def resolver(content: BooksContent) -> Callable[[str], ResolvedAccount | None]:
    """`resolve` for many keys of one content: each key is looked up once."""
    known: dict[str, ResolvedAccount | None] = {}

    def resolved(key: str) -> ResolvedAccount | None:
        if key not in known:
            known[key] = resolve(content, key)
        return known[key]

    return resolved


def matching(rules: Iterable[ChartRule], key: str) -> ChartRule | None:
    """The rule that counts for a key; None if none fits."""
    wanted = key.split("/")
    fitting = [(_rank(rule.key), rule) for rule in rules if _fits(_parts(rule.key), wanted)]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


@lru_cache(maxsize=4096)
def _parts(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.split("/"))


def _fits(parts: tuple[str, ...], wanted: list[str]) -> bool:
    return len(parts) == len(wanted) and all(
        part in ("*", word) for part, word in zip(parts, wanted, strict=True)
    )


def _rank(pattern: str) -> tuple[int, tuple[bool, ...]]:
    words = tuple(part != "*" for part in _parts(pattern))
    return sum(words), words


def _account(
    accounts: Sequence[ChartAccount], code: str, tax: ChartTax | None
) -> ChartAccount | None:
    base = code.removesuffix(RATE)
    found = next((each for each in accounts if each.code == base), None)
    if found is None or base == code:
        return found
    if tax is None:
        return None
    rate = plain(tax.percentage)
    number = base + rate.replace(".", "")
    listed = next((each for each in accounts if each.code == number), None)
    return listed or msgspec.structs.replace(
        found, code=number, name=f"{found.name} {rate} %", identifier=""
    )


def faults(content: BooksContent, keys: Collection[str] = ()) -> tuple[Fault, ...]:
    """All that is wrong with a content, each fault with all its places. `keys`: the words with
    which keys of the company's law begin (empty: they are not judged)."""
    found: dict[Code, list[str]] = {}
    for code, path in _broken(content, keys):
        found.setdefault(code, []).append(path)
    return tuple(
        Fault(code=code.id, text=code.text, paths=tuple(paths))
        for code, paths in sorted(found.items())
    )


def _broken(content: BooksContent, keys: Collection[str]) -> Iterator[tuple[Code, str]]:
    if not 0 < len(content.chart.strip()) <= CHART_NAME_MAX:
        yield NO_CHART_NAME, "chart"
    yield from _broken_chart(content)
    yield from _broken_rules(content, keys)
    for sub_type, type_ in content.types.items():
        if sub_type not in PUBLISHED or type_ not in TYPES:
            yield BAD_TYPE, f"types.{sub_type} {type_}"
    if content.expires_in not in EXPIRES_IN_RANGE:
        yield BAD_EXPIRY, f"expires_in {content.expires_in}"
    for format_, settings in content.formats.items():
        for name, value in settings.items():
            if not (_WORD.fullmatch(name) and _LINE.fullmatch(value)):
                yield BAD_SETTING, f"formats.{format_}.{name}"


def _broken_chart(content: BooksContent) -> Iterator[tuple[Code, str]]:
    codes = {each.code for each in content.accounts}
    for i, account in enumerate(content.accounts):
        if not (_CODE.fullmatch(account.code) and _is_text(account.name, account.identifier)):
            yield BAD_ACCOUNT, f"accounts[{i}] {account.code}"
    for i, tax in enumerate(content.taxes):
        is_named = _CODE.fullmatch(tax.code) and _is_text(tax.name)
        is_rate = tax.percentage.is_finite() and 0 <= tax.percentage <= Decimal(100)
        if not (is_named and is_rate and _POSTING_KEY.fullmatch(tax.posting_key)):
            yield BAD_TAX, f"taxes[{i}] {tax.code}"
        if tax.account and tax.account not in codes:
            yield UNKNOWN_ACCOUNT, f"taxes[{i}].account {tax.account}"
    for name, each in (
        ("accounts", [account.code for account in content.accounts]),
        ("taxes", [tax.code for tax in content.taxes]),
        ("rules", [rule.key for rule in content.rules]),
    ):
        for i in _repeated(each):
            yield TWICE, f"{name}[{i}] {each[i]}"


def _broken_rules(content: BooksContent, keys: Collection[str]) -> Iterator[tuple[Code, str]]:
    codes = {each.code for each in content.accounts}
    taxes = {each.code: each for each in content.taxes}
    for i, rule in enumerate(content.rules):
        parts = _parts(rule.key)
        if not all(_WORD.fullmatch(part) for part in parts):
            yield BAD_KEY, f"rules[{i}].key {rule.key}"
        elif keys and parts[0] not in {*keys, CLEARING}:
            yield UNKNOWN_KEY, f"rules[{i}].key {rule.key}"
        if not _LINE.fullmatch(rule.doubt):
            yield BAD_DOUBT, f"rules[{i}].doubt"
        base = rule.account.removesuffix(RATE)
        if base not in codes:
            yield UNKNOWN_ACCOUNT, f"rules[{i}].account {rule.account}"
        if rule.tax and rule.tax not in taxes:
            yield UNKNOWN_TAX, f"rules[{i}].tax {rule.tax}"
        elif base != rule.account and not rule.tax:
            yield NO_RATE, f"rules[{i}].tax"
    if matching(content.rules, CLEARING) is None:
        yield NO_CLEARING, "rules"


def _is_text(name: str, more: str = "") -> bool:
    return bool(name.strip() and _LINE.fullmatch(name) and _LINE.fullmatch(more))


def _repeated(values: list[str]) -> Iterator[int]:
    """The places of what stood there before already."""
    seen: Counter[str] = Counter()
    for i, value in enumerate(values):
        if seen[value]:
            yield i
        seen[value] += 1
