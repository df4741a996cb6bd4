"""What is wrong with a target as a whole is said before a job is made, all of it at once."""

import msgspec
import pytest
from sqlalchemy import Engine, func, select

from fiscus.accounting import targets
from fiscus.accounting.tests.exporting import DATEV, Exporter
from fiscus.accounting.tests.office import a_chart
from fiscus.model.accounts import ChartAccount
from fiscus.model.faults import Refused
from fiscus.store.accounting_schema import EXPORT_JOB, EXPORT_JOB_ITEM
from fiscus.store.connect import reading

SKR03 = a_chart("SKR03")
COFFEE = ChartAccount(code="8401", name="Erlöse ☕")


def refusal(law: str = "de", target: str = "datev-extf", **settings: str) -> Refused:
    content = msgspec.structs.replace(
        SKR03, accounts=(*SKR03.accounts, COFFEE), formats={"datev-extf": settings}
    )
    with pytest.raises(Refused) as refused:
        targets.expect_writable(law, content, target)
    return refused.value


def test_each_law_has_the_formats_of_books_and_its_own_audit_file() -> None:
    books = {"datev-extf", "beancount", "ledger"}

    assert {form.code for form in targets.writable("de")} == books | {"dsfinvk"}
    assert {form.code for form in targets.writable("pt")} == books | {"saft-pt"}


@pytest.mark.parametrize("target", ["saft-pt", "nothing", "pull"])
def test_a_target_that_is_not_for_the_law_is_refused(target: str) -> None:
    assert refusal(target=target).code == targets.NOT_WRITABLE


def test_all_settings_that_are_missing_or_wrong_are_named_at_once() -> None:
    refused = refusal(client_number="0", colour="red", account_names="1")

    assert refused.code == targets.SETTING_MISSING
    assert {fault.code: fault.paths for fault in refused.faults} == {
        "BOOKS-WRITE-02": ("formats.datev-extf.consultant_number",),
        "BOOKS-WRITE-03": ("formats.datev-extf.client_number", "formats.datev-extf.colour"),
    }


def test_what_is_wrong_with_the_chart_is_named_beside_a_setting_that_is_missing() -> None:
    refused = refusal(client_number="7", account_names="1")

    assert {fault.code: fault.paths for fault in refused.faults} == {
        "BOOKS-WRITE-02": ("formats.datev-extf.consultant_number",),
        "DATEV-TEXT-01": ("account 8401 ☕ U+2615",),
    }


def test_a_chart_alone_that_cannot_be_written_is_refused() -> None:
    assert refusal(**DATEV, account_names="1").code == targets.CHART_WRONG
    content = msgspec.structs.replace(
        SKR03, accounts=(*SKR03.accounts, COFFEE), formats={"datev-extf": DATEV}
    )
    targets.expect_writable("de", content, "datev-extf")


def test_a_job_that_no_file_can_be_made_of_is_not_made(engine: Engine) -> None:
    exporter = Exporter(engine)
    entry = exporter.entry()

    with pytest.raises(Refused) as refused:
        exporter.creates([entry], target="datev-extf")

    assert refused.value.code == targets.SETTING_MISSING
    assert exporter.found(entry).status == "NOT_EXPORTED"
    with reading(engine) as tx:
        for table in (EXPORT_JOB, EXPORT_JOB_ITEM):
            assert tx.scalar(select(func.count()).select_from(table)) == 0


def test_a_retry_is_judged_by_what_the_company_says_now(engine: Engine) -> None:
    exporter = Exporter(engine)
    exporter.sets_up("datev-extf", **DATEV)
    job = exporter.cancels(exporter.creates([exporter.entry()], target="datev-extf"))
    exporter.sets_up("datev-extf", consultant_number="1001")

    with pytest.raises(Refused) as refused:
        exporter.retries(job)

    assert refused.value.faults[0].paths == ("formats.datev-extf.client_number",)
