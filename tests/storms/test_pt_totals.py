"""Whatever a Portuguese caller sells and however it rounds: what is accepted makes a clean file.

Drafts are issued by the real service, with a real key and a real database, exported, and judged
three times: by our checker, by the official schema with its asserts, and by a recount from the
draft.
"""

from collections import Counter
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import Engine, select

from fiscus.exports.select import selection
from fiscus.exports.tests.office import DAY, TODAY, Office
from fiscus.formats import find
from fiscus.issuing.answers import OrderDone
from fiscus.model.documents import Draft
from fiscus.model.kinds import EntryKind
from fiscus.registry.tests.builders import a_shop
from fiscus.store.connect import reading, writing
from fiscus.store.schema import SETTING_KEY
from tests.storms import pt_besides, pt_recount
from tests.storms.driver import seed, size, told
from tests.storms.pt_drafts import Sale, draft_of, sales
from tests.storms.pt_recount import JUDGED, NAMESPACE, Issued

BATCH = 12


class Judge:
    """Shops that sell and are exported, one after the other; what was wrong, and how much was
    right."""

    def __init__(self, engine: Engine, folder: Path, schema: Path) -> None:
        self.office = Office(engine, folder)
        self.folder = folder
        self.schema = schema
        self.counts: Counter[str] = Counter()
        with reading(engine) as tx:
            wanted = select(SETTING_KEY.c.public_pem).where(SETTING_KEY.c.name == "seal:pt")
            self.key = {"public_key_pem": tx.execute(wanted).scalar_one()}

    def judge(self, batch: list[Sale]) -> None:
        """One shop's day. Fails with everything that is wrong with it."""
        counter = self.office.counter
        with writing(self.office.engine) as tx:
            counter.shop = a_shop(tx, "pt")
        self.counts["shops"] += 1
        issued: list[tuple[str, Draft]] = []
        found: list[Issued] = []
        wrong: list[str] = []
        for sale in batch:
            draft = draft_of(sale, f"S{self.counts['shops']}", issued, TODAY)
            wrong += [f"{fault}: {draft}" for fault in self._sold(draft, issued, found)]
        assert wrong == []
        path = self._exported()
        assert find("saft-pt").check(path, self.key) == ()
        assert [str(error) for error in official(self.schema).iter_errors(str(path))] == []
        assert list(self._recounted(path, found)) == []

    def _sold(
        self, draft: Draft, issued: list[tuple[str, Draft]], found: list[Issued]
    ) -> list[str]:
        """Issues it, if the law lets it pass; says where law and recount judge differently."""
        (answer,) = self.office.counter.settled(self.office.counter.issue(draft))
        assert isinstance(answer, OrderDone), answer
        body = answer.record.body
        refused = {fault.code for fault in body.faults}
        self.counts.update(refused or {body.seal.document_type if body.seal else "?"})
        if answer.record.kind == EntryKind.DOCUMENT:
            assert body.seal
            assert body.draft
            issued.append((body.id, body.draft))
            is_warned = bool(body.seal.notices)
            self.counts["warned"] += is_warned
            found.append(Issued(body.seal.number, body.draft, body.seal.qr, is_warned))
        self.counts["accepted" if not refused else "refused"] += 1
        expected = pt_recount.faults(draft) | pt_besides.faults(draft)
        judged = refused & (JUDGED | pt_besides.JUDGED)
        return [f"refused {judged}, not {expected}"] * (judged != expected)

    def _exported(self) -> Path:
        counter, path = self.office.counter, self.folder / "saft.xml"
        write = find("saft-pt").write
        assert write is not None
        with reading(self.office.engine) as tx:
            chosen = selection(
                tx,
                counter.shop.taxpayer,
                DAY,
                settings=counter.services.settings,
                at=self.office.clock(),
                progress=lambda: None,
            )
            path.write_bytes(b"".join(write(chosen)))
        return path

    def _recounted(self, path: Path, found: list[Issued]) -> list[str]:
        documents: dict[str, Any] = {
            one.findtext(f"{NAMESPACE}InvoiceNo"): one
            for one in etree.parse(path).iter(f"{NAMESPACE}Invoice")
        }
        wrong = []
        for one in found:
            if one.draft.is_training:
                seen = pt_recount.qr_only(one)
            else:
                document = documents.pop(one.number)
                seen = chain(
                    pt_recount.differences(document, one),
                    pt_besides.differences(document, one.draft),
                )
            wrong += [f"{one.number}: {text}: {one.draft}" for text in seen]
        return wrong + [f"{number}: nobody sold it" for number in documents]


@cache
def official(schema: Path) -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(str(schema))


def run(engine: Engine, folder: Path, shared_data: Path, batches: int, chance: int) -> Judge:
    judge = Judge(engine, folder, shared_data / "pt/xsd/SAFTPT1.04_01.xsd")

    @seeded(chance)
    @settings(
        max_examples=batches,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(sales, min_size=BATCH // 2, max_size=BATCH * 2))
    def every_day_is_clean(batch: list[Sale]) -> None:
        judge.judge(batch)

    every_day_is_clean()
    return judge


def figures(judge: Judge, chance: int) -> str:
    counts = judge.counts
    kinds = {name: counts[name] for name in ("FR", "FS", "FT", "NC", "ND")}
    return (
        f"{counts['accepted']} documents accepted {kinds}, {counts['refused']} refused "
        f"({sum(counts[code] for code in JUDGED)} for their amounts), {counts['warned']} told to "
        f"print ours, {counts['shops']} files: 0 findings; seed {chance}"
    )


def test_whatever_is_accepted_makes_a_clean_file(
    engine: Engine, tmp_path: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = seed()
    judge = run(engine, tmp_path, shared_data, size("DAYS", 3, 5), chance)

    told(capsys, "totals", figures(judge, chance))
    assert judge.counts["accepted"] > 0


@pytest.mark.storm
def test_whatever_is_accepted_makes_a_clean_file_at_length(
    engine: Engine, tmp_path: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = seed()
    judge = run(engine, tmp_path, shared_data, size("SHOPS", 25, 400), chance)

    told(capsys, "totals", figures(judge, chance))
    assert min(judge.counts[kind] for kind in ("FR", "FS", "FT", "NC", "ND")) > 0
    assert judge.counts["PT-TOTAL-04"] > 0
    assert judge.counts["warned"] > 0
