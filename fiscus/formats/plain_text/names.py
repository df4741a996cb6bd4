"""Names of accounts as plain-text programs want them: `Income:8400-Erlöse-19`."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from fiscus.model.accounts import ChartAccount
from fiscus.model.plugin_settings import Setting

ROOTS = ("Assets", "Liabilities", "Equity", "Income", "Expenses")
SETTINGS = (
    Setting(
        name="roots",
        help="what kind of account a code is, by how it begins: 8=Income 177=Liabilities; the "
        "longest beginning counts, and others are as the chart's name tells",
        test_value="",
        pattern=rf"(\w+=({'|'.join(ROOTS)})( |$))*",
    ),
)
CHARTS = {
    "SKR03": "0=Assets 06=Liabilities 07=Liabilities 08=Equity 09=Liabilities 1=Assets "
    "16=Liabilities 17=Liabilities 18=Equity 2=Expenses 26=Income 27=Income 3=Expenses "
    "4=Expenses 8=Income",
    "SKR04": "0=Assets 1=Assets 2=Equity 3=Liabilities 4=Income 5=Expenses 6=Expenses "
    "70=Income 71=Income 7=Expenses",
    "SNC": "1=Assets 2=Liabilities 21=Assets 218=Liabilities 3=Assets 4=Assets 5=Equity "
    "6=Expenses 7=Income 8=Equity",
}
"""How codes begin in charts that we know. Without a chart all are assets, until `roots` says."""


class AccountNames:
    """The name of each account; two codes never share one."""

    def __init__(
        self, accounts: Mapping[str, ChartAccount], chart: str, settings: Mapping[str, str]
    ) -> None:
        known = next((roots for name, roots in CHARTS.items() if chart.startswith(name)), "")
        pairs = f"{known} {settings.get('roots', '')}".split()
        self._roots = dict(pair.split("=", 1) for pair in pairs)
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        for code, account in sorted(accounts.items()):
            self._add(code, account.name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def knows(self, code: str) -> bool:
        return code in self._names

    def of(self, code: str) -> str:
        """A code that the chart lacks is named by itself."""
        return self._names.get(code) or self._add(code, "")

    def _add(self, code: str, name: str) -> str:
        starts = (code[:length] for length in range(len(code), 0, -1))
        root = next((self._roots[one] for one in starts if one in self._roots), ROOTS[0])
        whole = f"{root}:{component(f'{code} {name}')}"
        found, number = whole, 1
        while found in self._taken:
            number += 1
            found = f"{whole}-{number}"
        self._taken.add(found)
        self._names[code] = found
        return found


def component(text: str) -> str:
    """Letters, digits and hyphens, with a capital or a digit in front."""
    whole = unicodedata.normalize("NFC", text)
    kept = "".join(one if _is_kept(one) else "-" for one in whole)
    found = re.sub("-+", "-", kept).strip("-") or "X"
    return found if found[0].isdecimal() or found[0].isupper() else f"X-{found}"


def _is_kept(one: str) -> bool:
    return unicodedata.category(one).startswith("L") or (one.isascii() and one.isdigit())
