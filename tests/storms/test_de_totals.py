"""Whatever a German till sells and however it rounds: what is accepted makes a clean file.

Operations are asked for through the Reporting API of the real service, with a software TSE. What
was accepted is closed and exported, and judged three times: by our checker, by somebody else's
reader, and by a recount from what the till asked for.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from fiscus.api.families.reporting.tests.berlin import Kiosk, a_kiosk
from fiscus.api.families.reporting.tests.caller import platform
from tests.storms import de_recount
from tests.storms.de_days import Close, Goods, Json, Move, acts, body_of, legs_of, money
from tests.storms.de_recount import Period, Told
from tests.storms.driver import seed, size, told
from tests.support import auditor
from tests.support.premises import Model, Premises, opened

BATCH = 16


@dataclass(kw_only=True)
class DayOfTill:
    """A till that opens when it has to: what it did since, and what can be referred to."""

    kiosk: Kiosk
    counts: Counter[str]
    sales: list[tuple[str, Json]]
    period: Period | None = None
    closed: list[Period] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def act(self, act: Goods | Move | Close) -> None:
        self.kiosk.premises.clock.move(seconds=40)
        period = self.running()
        match act:
            case Goods():
                self._trades(act, period)
            case Move():
                body = {
                    "type": "session_cash_adjustment",
                    "amount": f"{act.cents / 100:.2f}",
                    "reason": act.reason,
                }
                self._does(body, period)
            case Close():
                self.ends(act)

    def running(self) -> Period:
        if self.period is None:
            self.period = Period(register=self.kiosk.register)
            body = {
                "type": "session_open",
                "currency": "EUR",
                "opening_balance_amount": "3000.00",
            }
            assert self._does(body, self.period)
        return self.period

    def _does(self, body: Json, period: Period) -> bool:
        """Something that is born completed."""
        answer = self.kiosk.operation(body)
        assert answer.status_code < 500, answer.text
        self.counts[f"{body['type']} {answer.status_code}"] += 1
        if answer.status_code == 201:
            period.told.append(Told(bon=auditor.bon_id(answer.json()), body=body))
        return answer.status_code == 201

    def _trades(self, act: Goods, period: Period) -> None:
        body = body_of(act, self.sales)
        begun = self.kiosk.operation(body)
        assert begun.status_code < 500, begun.text
        self.counts[f"{act.kind} {begun.status_code}"] += 1
        is_fine = act.kind == "sale" and not body["total_amount"].startswith("-") and not act.off
        if begun.status_code != 201:
            self.wrong += [f"refused: {begun.text}: {body}"] * is_fine
            return
        self.wrong += [f"taken with a wrong tax: {body}"] * bool(act.off)
        operation = begun.json()
        one = Told(bon=auditor.bon_id(operation), body=body, paid=[])
        period.told.append(one)
        legs = legs_of(act, auditor.amount(body["total_amount"]))
        if not act.is_given_up:
            ended = self.kiosk.complete(operation, *legs)
            assert ended.status_code < 500, ended.text
            self.counts[f"complete {ended.status_code}"] += 1
            if ended.status_code == 200:
                one.paid = legs
                if act.kind == "sale":
                    self.sales.append((operation["id"], body))
                return
            self.wrong += [f"not completed: {ended.text}: {body} {legs}"] * is_fine
        self.kiosk.voids(operation)
        one.is_void = True

    def ends(self, act: Close) -> None:
        period = self.running()
        if act.variance is not None:
            body = {"type": "session_cash_count", "variance": f"{act.variance / 100:.2f}"}
            self._does(body, period)
        if act.way == "session":
            name = "cash_in_amount" if act.pull > 0 else "cash_out_amount"
            body = {"type": "session_close", name: money(abs(act.pull) * auditor.amount("0.01"))}
            if not self._does(body, period):
                assert self._does({"type": "session_close"}, period)
        else:
            assert self.kiosk.closing(act.way).status_code == 201
        path = f"/registers/{self.kiosk.register}/closings"
        period.summary = self.kiosk.caller.get(path)["data"][-1]["summary"]
        self.closed.append(period)
        self.period = None


class Judge:
    """Shops that sell, close and are exported, one after the other."""

    def __init__(self, opens: Callable[[], AbstractContextManager[Premises]], folder: Path) -> None:
        self.opens = opens
        self.folder = folder
        self.counts: Counter[str] = Counter()

    def judge(self, batch: Sequence[Goods | Move | Close]) -> None:
        """One shop with two tills. Fails with everything that is wrong with it."""
        self.counts["shops"] += 1
        with self.opens() as premises:
            caller = platform(premises).opens_merchant()
            sales: list[tuple[str, Json]] = []
            tills = [
                DayOfTill(kiosk=a_kiosk(premises, caller), counts=self.counts, sales=sales)
                for _ in range(2)
            ]
            for act in batch:
                tills[act.till].act(act)
            for till in tills:
                till.ends(Close(till=0, way="daily", variance=None, pull=0))
            premises.clock.move(minutes=1)
            wrong = [text for till in tills for text in self._judged(till)]
            premises.assert_proved()
        assert not wrong, "\n".join(wrong)

    def _judged(self, till: DayOfTill) -> list[str]:
        done = auditor.export(till.kiosk)
        archive = auditor.fetched(till.kiosk.premises, done["download_url"])
        auditor.assert_checked("dsfinvk", archive, self.folder)
        self._read_by_others(archive)
        tables = auditor.tables(archive)
        wrong = list(till.wrong)
        for number, period in enumerate(till.closed, 1):
            self.counts["closings"] += 1
            wrong += de_recount.differences(period, number, tables)
        return wrong

    def _read_by_others(self, archive: bytes) -> None:
        folder = self.folder / f"read-{self.counts['shops']}-{self.counts['closings']}"
        folder.mkdir()
        for name, content in auditor.files(archive).items():
            (folder / name).write_bytes(content)
        read = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "dsfinvk.validate", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (read.returncode, read.stdout.strip()) == (0, ""), read.stdout + read.stderr


def run(model: Model, folder: Path, batches: int, chance: int) -> Judge:
    shops = iter(range(1_000_000))
    judge = Judge(lambda: opened(model, folder / f"shop-{next(shops)}"), folder)

    @seeded(chance)
    @settings(
        max_examples=batches,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # a shop takes seconds: all that is wrong is told at once
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(acts, min_size=BATCH // 2, max_size=BATCH * 2))
    def every_day_is_clean(batch: list[Any]) -> None:
        judge.judge(batch)

    every_day_is_clean()
    return judge


def figures(judge: Judge, chance: int) -> str:
    counts = judge.counts
    taken = {kind: counts[f"{kind} 201"] for kind in ("sale", "return", "exchange")}
    refused = sum(count for name, count in counts.items() if name.endswith((" 422", " 409")))
    return (
        f"{counts['complete 200']} operations of {taken}, {refused} refused, "
        f"{counts['closings']} closings of {counts['shops']} shops: 0 findings; seed {chance}"
    )


def test_whatever_a_german_till_sells_makes_a_clean_file(
    model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = seed()
    judge = run(model, tmp_path, size("DE_DAYS", 2, 5), chance)

    told(capsys, "German totals", figures(judge, chance))
    assert judge.counts["complete 200"] > 0


@pytest.mark.storm
def test_whatever_a_german_till_sells_makes_a_clean_file_at_length(
    model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = seed()
    judge = run(model, tmp_path, size("DE_SHOPS", 10, 200), chance)

    told(capsys, "German totals", figures(judge, chance))
    assert min(judge.counts[f"{kind} 201"] for kind in ("sale", "return", "exchange")) > 0
